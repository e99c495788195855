//! What the manager does with a request: the moves that the desk offers, now and then one that it does not, and now and then two
//! things at the same moment.

use bss_sandbox::Door;
use chrono::TimeDelta;
use desk::Ending;
use desk::views::{Ask, Decision, RequestState, RequestView};
use refund_rules::case::Action;
use refund_rules::quote::Channel;
use rust_decimal::Decimal;

use crate::faults::Calls;
use crate::manager::{GOES_ON, short};
use crate::office::Attempt;
use crate::run::Run;

/// How gladly the manager makes each move.
const MOVES: [(u32, &str); 9] = [
    (16, "confirm"),
    (16, "send"),
    (12, "hand_over"),
    (6, "report"),
    (4, "ask_again"),
    (4, "review_again"),
    (1, "withdraw"),
    (4, "choose_refund"),
    (4, "close"),
];

/// Chances, in per cent, of a typing mistake, of a wrong amount at the console, of a wrong or no refund order id.
const MISTYPED: u64 = 4;
const CONSOLE_DIFFERS: u64 = 12;
const NOT_OFFERED: u64 = 8;
const NOT_SEEN: u64 = 15;

/// Chance, in per cent, that somebody unsubscribed the resource between the decision and the hand-over.
const DONE_BEFORE: u64 = 15;

impl Run {
    pub async fn move_something(&mut self) -> Result<(), String> {
        let requests = self.requests()?;
        // What only waits for its money is asked about now and then.
        let patient = self.draw.chance(85);
        let moves = |r: &RequestView| r.moves.iter().any(|m| m != "ask_again" || !patient);
        let open: Vec<&RequestView> = requests.iter().filter(|r| moves(r)).collect();
        let decided: Vec<&RequestView> =
            open.iter().copied().filter(|r| r.state != RequestState::ReturnedToReview && r.channel.is_some()).collect();
        let among = if self.draw.chance(70) && !decided.is_empty() { decided } else { open };
        let Some(request) = self.draw.pick(&among).copied().cloned() else { return self.review_something().await };
        let offered = !self.draw.chance(NOT_OFFERED);
        let liked: Vec<(u32, &str)> =
            MOVES.into_iter().filter(|(_, m)| !offered || request.moves.iter().any(|o| o == m)).collect();
        let chosen = if liked.is_empty() { request.moves[0].clone() } else { self.draw.weighted(&liked).to_owned() };
        self.carry_out(&request, &chosen).await
    }

    /// One move of a request.
    pub async fn carry_out(&mut self, request: &RequestView, chosen: &str) -> Result<(), String> {
        let offered = request.moves.iter().any(|m| m == chosen);
        self.counts.add(format!("act.{chosen}"), 1);
        let id = request.id.clone();
        let what = format!("{chosen} {}", short(&id));
        let ended = match chosen {
            "confirm" => return self.confirm(request).await,
            "review_again" => return self.review(&ask_of(request)).await,
            "send" => self.attempt_told(&what, Calls::Acting, async |desk| desk.send(&id).await).await?,
            "ask_again" => self.attempt_told(&what, Calls::Reading, async |desk| desk.ask_again(&id).await).await?,
            "hand_over" => {
                let shown = self.console_shows(request);
                self.attempt_told(&format!("{what} at {shown}"), Calls::None, async |desk| desk.hand_over(&id, &shown))
                    .await?
            }
            "choose_refund" => {
                let order = self.refund_to_choose(request);
                let what = format!("{what} {order}");
                self.attempt_told(&what, Calls::None, async |desk| desk.choose_refund(&id, &order)).await?
            }
            "close" => {
                let (ending, note) = self.how_it_ended(request);
                let what = format!("{what} as {}", ending.word());
                self.attempt_told(&what, Calls::None, async |desk| desk.close_request(&id, ending, note)).await?
            }
            "report" => {
                let order = self.order_to_report(request);
                let what = format!("{what} as {}", order.as_deref().unwrap_or("nothing"));
                self.attempt_told(&what, Calls::None, async |desk| desk.report(&id, order.as_deref())).await?
            }
            _ => return self.withdraw(request).await,
        };
        if let Attempt::Done(view) = &ended {
            self.trace.add(&format!("; {:?}", view.state));
            let goes_on = matches!(chosen, "hand_over") || view.state == RequestState::Unknown;
            if self.rough && goes_on && self.draw.chance(GOES_ON) {
                return self.go_on(&view.id).await;
            }
        }
        match &ended {
            Attempt::Refused(why) if offered && why.code() == "illegal_move" => {
                Err(format!("`{chosen}` was offered for {id} and is illegal: {why}"))
            }
            _ => Ok(()),
        }
    }

    /// The next move of a request, right after the one before.
    pub async fn go_on(&mut self, request: &str) -> Result<(), String> {
        let Some(request) = self.requests()?.into_iter().find(|listed| listed.id == request) else { return Ok(()) };
        let next = match request.state {
            RequestState::Reviewed => "confirm",
            RequestState::Confirmed if request.channel == Some(Channel::Api) => "send",
            RequestState::Confirmed => {
                if self.draw.chance(DONE_BEFORE) {
                    self.done_before(&request);
                }
                "hand_over"
            }
            RequestState::HandedOver => {
                self.click(&request);
                "report"
            }
            RequestState::Unknown if request.moves.iter().any(|m| m == "send") => "send",
            // An impatient manager: all are refused while nobody has looked.
            RequestState::Unknown if self.draw.chance(15) => "close",
            RequestState::Unknown if self.draw.chance(15) => "send",
            RequestState::Unknown if self.draw.chance(15) => "withdraw",
            RequestState::Unknown => {
                let seconds = self.draw.weighted(&[(8, 5), (1, 7_000), (1, 90_000)]);
                self.office.around.pass(TimeDelta::seconds(seconds));
                "ask_again"
            }
            _ => return Ok(()),
        };
        // Boxed: a move may be followed by the next one, and so on.
        Box::pin(self.carry_out(&request, next)).await
    }

    /// The resource goes as a whole before the desk is told of anything: by the customer, or by the manager, who clicked first.
    fn done_before(&mut self, request: &RequestView) {
        self.trace.say(format!("before the hand-over: unsubscribe {}", request.resource));
        if self.act(Door::Console, &request.customer, &request.resource, Action::Unsubscribe, None) {
            self.counts.add("act.done_before", 1);
        }
        self.office.around.pass(TimeDelta::minutes(1 + self.draw.below(400) as i64));
    }

    async fn confirm(&mut self, request: &RequestView) -> Result<(), String> {
        let Some(review) = self.reviews.get(&request.id).cloned() else {
            return self.review(&ask_of(request)).await;
        };
        let mistyped = self.draw.chance(MISTYPED);
        let by_api = review.channels.contains(&Channel::Api) && self.draw.chance(80);
        let channel = if by_api { Channel::Api } else { review.channels.first().copied().unwrap_or(Channel::Console) };
        let decision = Decision {
            channel,
            amount_read: true,
            data_backed_up: true,
            reason: "the project ends".to_owned(),
            amount_typed: if mistyped { format!("1{}", review.type_amount) } else { review.type_amount.clone() },
            quote_sha256: review.quote.quote.sha256.clone().unwrap_or_default(),
            authorisation: None,
        };
        let id = request.id.clone();
        let what = format!("confirm {} by {channel}{}", short(&id), if mistyped { ", mistyped" } else { "" });
        match self.attempt_told(&what, Calls::None, async |desk| desk.confirm(&id, &decision)).await? {
            Attempt::Done(_) if mistyped => Err(format!("{id} was confirmed with another amount")),
            Attempt::Refused(_) => {
                // The manager looks at it again.
                self.reviews.remove(&id);
                Ok(())
            }
            Attempt::Done(_) if self.rough && self.draw.chance(GOES_ON) => self.go_on(&id).await,
            _ => Ok(()),
        }
    }

    /// Withdrawing says that nothing was done: a request that acted may not be let go once the desk has looked.
    async fn withdraw(&mut self, request: &RequestView) -> Result<(), String> {
        let id = request.id.clone();
        let ended = self
            .attempt_told(&format!("withdraw {}", short(&id)), Calls::None, async |desk| desk.withdraw(&id))
            .await?;
        match ended {
            Attempt::Done(_) => self.nothing_was_done(request),
            Attempt::Refused(why) if request.moves.iter().any(|m| m == "withdraw") && why.code() == "illegal_move" => {
                Err(format!("`withdraw` was offered for {id} and is illegal"))
            }
            _ => Ok(()),
        }
    }

    fn nothing_was_done(&self, request: &RequestView) -> Result<(), String> {
        let looked = matches!(request.state, RequestState::Unknown | RequestState::Reported | RequestState::Overdue);
        let synced = self.synced.get(&request.customer);
        for (act, owner) in self.acts()? {
            let seen = synced.is_some_and(|synced| *synced > act.at);
            if looked && owner.as_deref() == Some(request.id.as_str()) && seen {
                return Err(format!("{} acted at {} and could be withdrawn", request.id, act.at));
            }
        }
        Ok(())
    }

    /// What the console shows for a request, or something else.
    fn console_shows(&mut self, request: &RequestView) -> String {
        if self.draw.chance(CONSOLE_DIFFERS) {
            return (request.predicted_max + Decimal::ONE).to_string();
        }
        let shown =
            self.office.control.console_amount(&request.customer, &request.resource, request.action, request.expires);
        shown.map_or(request.predicted, |shown| shown.amount).to_string()
    }

    /// The refund order that the manager types in: the right one, none, that of something else, or nonsense.
    fn order_to_report(&mut self, request: &RequestView) -> Option<String> {
        let ledger = self.office.control.ledger();
        let account = ledger.account(&request.customer)?;
        let own = account.refund_orders.iter().rev().find(|refund| refund.instance == request.resource);
        let others: Vec<&String> =
            account.refund_orders.iter().filter(|r| r.instance != request.resource).map(|r| &r.order_id).collect();
        match self.draw.below(10) {
            0..6 => own.map(|refund| refund.order_id.clone()),
            6..8 => None,
            8 => self.draw.pick(&others).map(|id| (*id).clone()),
            _ => Some("999999999999999".to_owned()),
        }
    }

    /// The refund order that the manager says is the request's: mostly one that is offered.
    fn refund_to_choose(&mut self, request: &RequestView) -> String {
        let offered = self.draw.pick(&request.refunds_to_choose).map(|refund| refund.refund_order.clone());
        match offered {
            Some(offered) if !self.rough || !self.draw.chance(NOT_OFFERED) => offered,
            _ => self.order_to_report(request).unwrap_or_default(),
        }
    }

    /// How the manager says that a request ended: mostly what is offered, now and then something else or without a word.
    fn how_it_ended(&mut self, request: &RequestView) -> (Ending, &'static str) {
        let offered = self.draw.pick(&request.endings).copied();
        match offered {
            Some(offered) if !self.draw.chance(NOT_SEEN) => (offered, "the ticket says so"),
            _ => (self.draw.weighted(&Ending::ALL.map(|ending| (1, ending))), ""),
        }
    }

    /// Two things at the same moment: a second press, or a sync while a call is under way.
    pub async fn at_once(&mut self) -> Result<(), String> {
        let requests = self.requests()?;
        let sendable: Vec<&RequestView> = requests.iter().filter(|r| r.moves.iter().any(|m| m == "send")).collect();
        let Some(request) = self.draw.pick(&sendable).copied().cloned() else {
            if self.draw.chance(70) {
                return self.review_something().await;
            }
            let customer = self.some_customer();
            self.counts.add("act.two_syncs", 1);
            let work = async |desk: &desk::Desk| {
                let (one, two) = (desk.sync(Some(&customer), &|_| {}), desk.sync(Some(&customer), &|_| {}));
                let (one, two) = tokio::join!(one, two);
                Ok([one?, two?].concat())
            };
            let reports = self.attempt(&format!("two syncs of {customer} at once"), Calls::Reading, work).await?;
            return self.note_syncs(&reports.unwrap_or_default());
        };
        let (id, customer) = (request.id.clone(), request.customer.clone());
        if self.draw.chance(50) {
            self.counts.add("act.two_sends", 1);
            let work = async |desk: &desk::Desk| {
                let (one, two) = tokio::join!(desk.send(&id), desk.send(&id));
                Ok((one.map(|v| v.state), two.map(|v| v.state)))
            };
            let ended = self.attempt(&format!("send {} twice at once", short(&id)), Calls::Acting, work).await?;
            let told = |end: &Result<RequestState, desk::DeskError>| match end {
                Ok(state) => format!("{state:?}"),
                Err(why) => why.code().to_owned(),
            };
            if let Some((one, two)) = ended {
                self.trace.add(&format!("; {} and {}", told(&one), told(&two)));
            }
            return Ok(());
        }
        self.counts.add("act.send_during_sync", 1);
        let work = async |desk: &desk::Desk| {
            let (reports, sent) = tokio::join!(desk.sync(Some(&customer), &|_| {}), desk.send(&id));
            Ok((reports?, sent.map_or_else(|why| why.code().to_owned(), |view| format!("{:?}", view.state))))
        };
        let ended = self.attempt(&format!("send {} during a sync", short(&id)), Calls::Acting, work).await?;
        let Some((reports, sent)) = ended else { return Ok(()) };
        self.trace.add(&format!("; {sent}"));
        self.note_syncs(&reports)
    }
}

pub fn ask_of(request: &RequestView) -> Ask {
    Ask {
        customer: request.customer.clone(),
        resource: request.resource.clone(),
        action: request.action,
        expires: request.expires,
    }
}
