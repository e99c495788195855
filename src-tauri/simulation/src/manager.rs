//! What the manager does besides moving requests: syncing, reviewing, correcting facts, waiting, acting past the desk.

use bss_sandbox::Door;
use chrono::TimeDelta;
use desk::views::{Ask, FactAnswer, RequestState, RequestView, ResourceQuery, ResourceSort, ResourceTab, SyncReport};
use refund_rules::case::{Action, ResourceStatus};
use refund_rules::quote::Channel;

use crate::faults::Calls;
use crate::run::Run;
use crate::surroundings::Death;

#[derive(Debug, Clone, Copy)]
enum Step {
    Sync,
    Review,
    Move,
    AtOnce,
    Click,
    Elsewhere,
    Wait,
    Restart,
    LoseCache,
    CorrectFacts,
    SwitchApi,
    TurnReality,
    SkewClock,
}

const STEPS: [(u32, Step); 13] = [
    (12, Step::Sync),
    (16, Step::Review),
    (40, Step::Move),
    (6, Step::AtOnce),
    (9, Step::Click),
    (3, Step::Elsewhere),
    (16, Step::Wait),
    (4, Step::Restart),
    (1, Step::LoseCache),
    (3, Step::CorrectFacts),
    (1, Step::SwitchApi),
    (2, Step::TurnReality),
    (2, Step::SkewClock),
];

/// How often, in per cent, the manager goes on with a request at once.
pub const GOES_ON: u64 = 60;

/// Seconds that pass at least, and how many more at most: a moment, hours, days, weeks, months.
const WAITS: [(u32, (u64, u64)); 5] = [
    (3, (1, 120)),
    (4, (600, 100_000)),
    (5, (86_400, 700_000)),
    (3, (1_000_000, 2_500_000)),
    (1, (2_600_000, 5_200_000)),
];

/// How far the clock by which the cloud dates its answers goes wrong, in seconds: hardly, noticeably, too far to confirm by.
const SKEWS: [(u32, i64); 5] = [(3, 0), (2, 20), (2, -240), (1, 1_500), (1, -7_200)];

impl Run {
    pub async fn step(&mut self) -> Result<(), String> {
        // Something always takes a little while.
        self.office.around.pass(TimeDelta::milliseconds(self.draw.below(20_000) as i64));
        let step = self.draw.weighted(&STEPS);
        match step {
            Step::Sync => {
                let customer = self.some_customer();
                let all = self.draw.chance(30);
                self.sync(if all { None } else { Some(customer) }).await
            }
            Step::Review => self.review_something().await,
            Step::Move => self.move_something().await,
            Step::AtOnce => self.at_once().await,
            Step::Click => self.click_something().await,
            Step::Elsewhere => self.act_elsewhere(),
            Step::Wait => {
                self.wait();
                Ok(())
            }
            Step::Restart => {
                // Opening looks at the world twice, or more often when a call was under way.
                let at_look = 1 + u32::try_from(self.draw.below(4)).unwrap_or(0);
                let death = self.draw.chance(50).then_some(Death { at_look, cache_of_look: None });
                self.trace.say("restart");
                let died = self.office.restart(death)?;
                self.trace.add(if died { " -> died while opening" } else { "" });
                self.counts.add(if died { "death.while_opening" } else { "death.between" }, 1);
                self.listed()
            }
            Step::LoseCache => {
                self.trace.say("the cache is thrown away");
                self.counts.add("death.cache_lost", 1);
                self.office.lose_cache()?;
                self.listed()
            }
            Step::CorrectFacts => self.correct_facts().await,
            Step::TurnReality => {
                self.turn_reality();
                Ok(())
            }
            Step::SkewClock => {
                let seconds = self.draw.weighted(&SKEWS);
                self.trace.say(format!("the cloud's own clock is {seconds} s ahead"));
                self.office.control.skew_clock(TimeDelta::seconds(seconds));
                self.counts.add("world.clock_skewed", u64::from(seconds != 0));
                Ok(())
            }
            Step::SwitchApi => {
                let (customer, on) = (self.some_customer(), self.draw.chance(70));
                let what = format!("the API is switched {}", if on { "on" } else { "off" });
                self.attempt(&what, Calls::None, async |desk| desk.switch_api(&customer, on)).await.map(drop)
            }
        }
    }

    pub fn some_customer(&mut self) -> String {
        let ids: Vec<String> = self.office.accounts.iter().map(|account| account.uid.clone()).collect();
        self.draw.pick(&ids).cloned().unwrap_or_default()
    }

    /// A sync of one customer, or of all.
    pub async fn sync(&mut self, customer: Option<String>) -> Result<(), String> {
        self.counts.add("act.sync", 1);
        let what = format!("sync {}", customer.as_deref().unwrap_or("all"));
        let reports =
            self.attempt(&what, Calls::Reading, async |desk| desk.sync(customer.as_deref(), &|_| {}).await).await?;
        self.note_syncs(&reports.unwrap_or_default())
    }

    pub fn note_syncs(&mut self, reports: &[SyncReport]) -> Result<(), String> {
        for report in reports {
            if let Some(problem) = &report.problem {
                self.trace.add(&format!("; {} failed: {}", short(&report.customer), problem.code));
                self.counts.add(format!("sync_failed.{}", problem.code), 1);
                if !problem.code.starts_with("bss_") {
                    return Err(format!("a sync failed otherwise than by the cloud: {problem:?}"));
                }
            } else {
                self.trace.add(&format!("; {} {} calls", short(&report.customer), report.calls));
                self.synced.insert(report.customer.clone(), report.started_at);
            }
            for moved in &report.moved {
                let state = self.office.desk()?.request(moved).map_err(|why| why.to_string())?.state;
                self.trace.add(&format!("; {} is {state:?}", short(moved)));
            }
        }
        Ok(())
    }

    fn wait(&mut self) {
        let (least, more) = self.draw.weighted(&WAITS);
        let seconds = least + self.draw.below(more);
        self.office.around.pass(TimeDelta::seconds(seconds as i64));
        self.trace.say(format!("wait {} h {} s", seconds / 3600, seconds % 3600));
        self.counts.add("days", seconds / 86_400);
    }

    pub async fn review_something(&mut self) -> Result<(), String> {
        let Some(ask) = (if self.draw.chance(22) { self.renewal_to_cancel()? } else { self.resource_to_return()? })
        else {
            return Ok(());
        };
        self.review(&ask).await
    }

    /// Reviews and mostly answers what is asked.
    pub async fn review(&mut self, ask: &Ask) -> Result<(), String> {
        self.counts.add(format!("act.review_{}", ask.action.word()), 1);
        let what = format!("review {} {}", ask.action.word(), ask.resource);
        let Some(review) = self.attempt(&what, Calls::None, async |desk| desk.review(ask)).await? else {
            return Ok(());
        };
        let request = review.request.id.clone();
        self.trace.add(&format!("; request {}", short(&request)));
        let questions = review.questions.clone();
        self.reviews.insert(request.clone(), review);
        let answers: Vec<FactAnswer> = questions
            .iter()
            .filter(|question| question.required)
            .filter_map(|question| {
                let usual = question.usual.clone()?;
                let unusual = if usual == "true" { "false" } else { "true" }.to_owned();
                let value = if self.draw.chance(6) { unusual } else { usual };
                Some(FactAnswer { path: question.path.clone(), value, source: "seen at the console".to_owned() })
            })
            .collect();
        if !answers.is_empty() && !self.draw.chance(5) {
            let what = format!("answer {} questions of {}", answers.len(), short(&request));
            let answered = self.attempt(&what, Calls::None, async |desk| desk.settle(&request, &answers)).await?;
            let Some(review) = answered else { return Ok(()) };
            self.reviews.insert(request.clone(), review);
        }
        if self.rough && self.draw.chance(GOES_ON) { self.go_on(&request).await } else { Ok(()) }
    }

    fn resource_to_return(&mut self) -> Result<Option<Ask>, String> {
        let rows = self.office.desk()?.resources(&everything()).map_err(|why| why.to_string())?.rows;
        let any = self.draw.chance(12);
        let rows: Vec<_> = rows.iter().filter(|row| any || row.blockers.is_empty()).collect();
        Ok(self.draw.pick(&rows).map(|row| Ask {
            customer: row.customer.clone(),
            resource: row.resource.clone(),
            action: Action::Unsubscribe,
            expires: None,
        }))
    }

    fn renewal_to_cancel(&mut self) -> Result<Option<Ask>, String> {
        let stacks = self.office.desk()?.renewals(None).map_err(|why| why.to_string())?;
        let stacks: Vec<_> = stacks.into_iter().filter(|stack| !stack.candidates.is_empty()).collect();
        let Some(stack) = self.draw.pick(&stacks).cloned() else { return Ok(None) };
        Ok(self.draw.pick(&stack.candidates).map(|candidate| Ask {
            customer: stack.customer,
            resource: stack.resource,
            action: Action::CancelRenewals,
            expires: Some(candidate.expires),
        }))
    }

    async fn correct_facts(&mut self) -> Result<(), String> {
        let rows = self.office.desk()?.resources(&everything()).map_err(|why| why.to_string())?.rows;
        let Some(row) = self.draw.pick(&rows).cloned() else { return Ok(()) };
        let path = *self
            .draw
            .pick(&[
                "resource.security_risk",
                "resource.transferred",
                "resource.paid_marketplace_image",
                "orders[0].invoiced",
            ])
            .unwrap_or(&"resource.transferred");
        let value = self.draw.chance(25).to_string();
        let what = format!("enter {path} = {value} of {}", row.resource);
        let answers = [FactAnswer { path: path.to_owned(), value, source: "looked up again".to_owned() }];
        self.counts.add("act.enter_facts", 1);
        self.attempt(&what, Calls::None, async |desk| desk.enter_facts(&row.customer, &row.resource, &answers))
            .await
            .map(drop)
    }

    /// A person does at the console (or support on a ticket) what was handed over.
    async fn click_something(&mut self) -> Result<(), String> {
        let requests = self.requests()?;
        let waiting: Vec<&RequestView> = requests
            .iter()
            .filter(|r| matches!(r.state, RequestState::HandedOver | RequestState::Reported))
            .filter(|r| !self.clicks.values().any(|id| *id == r.id))
            .collect();
        let Some(request) = self.draw.pick(&waiting).copied().cloned() else { return self.review_something().await };
        self.click(&request);
        Ok(())
    }

    pub fn click(&mut self, request: &RequestView) {
        let by_ticket = request.channel == Some(Channel::Ticket);
        let door = if by_ticket { Door::Support } else { Door::Console };
        self.trace.say(format!("at the {door:?}: {} {}", request.action.word(), request.resource));
        let place = self.office.control.ledger().acts.len();
        if self.act(door, &request.customer, &request.resource, request.action, request.expires) {
            self.counts.add(format!("act.click_{}", request.action.word()), 1);
            self.clicks.insert(place, request.id.clone());
        }
    }

    /// Another desk, or the customer, acts without us.
    fn act_elsewhere(&mut self) -> Result<(), String> {
        let customer = self.some_customer();
        let ledger = self.office.control.ledger();
        let Some(account) = ledger.account(&customer) else { return Ok(()) };
        let live: Vec<_> = account.resources.iter().filter(|r| r.status == ResourceStatus::Normal).collect();
        let asked: Vec<String> =
            self.requests()?.into_iter().filter(|r| !r.moves.is_empty()).map(|r| r.resource).collect();
        // Often the very thing that is about to be done here.
        let concerned: Vec<_> = live.iter().filter(|r| asked.contains(&r.id)).copied().collect();
        let among = if self.draw.chance(60) && !concerned.is_empty() { concerned } else { live };
        let Some(resource) = self.draw.pick(&among).map(|r| r.id.clone()) else { return Ok(()) };
        let stacks = self.office.desk()?.renewals(Some(&customer)).map_err(|why| why.to_string())?;
        let expires =
            stacks.iter().find(|s| s.resource == resource).and_then(|s| s.candidates.first()).map(|c| c.expires);
        let (action, expires) = match expires {
            Some(expires) if self.draw.chance(60) => (Action::CancelRenewals, Some(expires)),
            _ => (Action::Unsubscribe, None),
        };
        self.trace.say(format!("elsewhere: {} {resource}", action.word()));
        if self.act(Door::Console, &customer, &resource, action, expires) {
            self.counts.add("act.elsewhere", 1);
        }
        Ok(())
    }

    pub fn act(
        &mut self,
        door: Door,
        uid: &str,
        resource: &str,
        action: Action,
        expires: Option<chrono::DateTime<chrono::Utc>>,
    ) -> bool {
        let control = &self.office.control;
        let done = match (door, action, expires) {
            (Door::Support, Action::Unsubscribe, _) => control.support_unsubscribe(uid, resource),
            (_, Action::Unsubscribe, _) => control.console_unsubscribe(uid, resource),
            (_, _, Some(expires)) => control.console_cancel_renewals(uid, resource, expires),
            _ => return false,
        };
        match done {
            Ok(receipt) => {
                self.trace.add(&format!(" -> {} for {}", receipt.refund_order_ids.join(", "), receipt.amount));
                true
            }
            Err(why) => {
                self.trace.add(&format!(" -> {}", why.code()));
                false
            }
        }
    }

    /// All requests as a host lists them.
    pub fn requests(&self) -> Result<Vec<RequestView>, String> {
        self.office.desk()?.requests(None).map_err(|why| format!("the requests cannot be listed: {why}"))
    }
}

/// The end of an id, for reading.
pub fn short(id: &str) -> &str {
    id.get(id.len().saturating_sub(6)..).unwrap_or(id)
}

pub fn everything() -> ResourceQuery {
    ResourceQuery {
        customer: None,
        tab: ResourceTab::All,
        refund_type: None,
        product: None,
        text: String::new(),
        ordered_from: None,
        ordered_to: None,
        sort: ResourceSort::Resource,
        descending: false,
        offset: 0,
        limit: 500,
    }
}
