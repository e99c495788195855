//! One run: a seed's world, its steps, the quiet time after them, and the judgement at the end.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bss_sandbox::{FaultRule, Reality};
use chrono::{DateTime, TimeDelta, Utc};
use desk::views::Review;
use desk::{Desk, DeskError};

use crate::draw::Draw;
use crate::faults::{self, Calls};
use crate::office::{Attempt, Office, told};
use crate::reality;
use crate::surroundings::Death;
use crate::trace::{Counts, Trace};

/// Steps of a run: at least so many, and up to so many more.
const STEPS: (u64, u64) = (10, 16);

/// What a run left.
pub struct Outcome {
    pub seed: u64,
    pub trace: Vec<String>,
    /// Of the trace: the same for every run of the seed.
    pub hash: String,
    pub counts: Counts,
    /// Which promise was broken.
    pub failure: Option<String>,
}

/// A run under way. `Err` of its methods is a broken promise, told in a sentence.
pub struct Run {
    pub office: Office,
    pub draw: Draw,
    pub trace: Trace,
    pub counts: Counts,
    /// The newest review of each request, as the manager has it on the screen.
    pub reviews: BTreeMap<String, Review>,
    /// Acts of the ledger, by place, that a person did for a request at console or by ticket.
    pub clicks: BTreeMap<usize, String>,
    /// When each customer's last complete sync began.
    pub synced: BTreeMap<String, DateTime<Utc>>,
    /// Faults and deaths happen.
    pub rough: bool,
}

/// Runs a seed.
pub fn run(seed: u64) -> Outcome {
    let mut run = None;
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|why| format!("no runtime: {why}"))?;
        runtime.block_on(async {
            let run = run.insert(Run::begin(seed).await?);
            run.work().await?;
            run.settle_down().await?;
            run.judge().await
        })
    }));
    let failure = match ended {
        Ok(judged) => judged.err(),
        Err(panic) => Some(format!("the simulation panicked: {}", told(panic.as_ref()))),
    };
    let (mut trace, mut counts) = run.map_or_else(Default::default, |run: Run| (run.trace, run.counts));
    counts.add("runs", 1);
    if let Some(failure) = &failure {
        trace.say(format!("FAILED: {failure}"));
    }
    Outcome { seed, hash: trace.hash(), trace: trace.lines, counts, failure }
}

impl Run {
    async fn begin(seed: u64) -> Result<Self, String> {
        let mut draw = Draw::new(seed, 0);
        // Clocks of desk and cloud differ by up to ten minutes, which is inside what the desk bears.
        let skew = if draw.chance(30) { draw.below(1_200) as i64 - 600 } else { 0 };
        // Mostly a customer of one of the sites, sometimes both.
        let connected = draw.weighted(&[(4, (0, 0)), (4, (1, 1)), (2, (0, 1))]);
        let office =
            Office::open(seed, Draw::new(seed, 1), TimeDelta::seconds(skew), connected.0..=connected.1).await?;
        let mut trace = Trace::default();
        let customers: Vec<&str> = office.accounts.iter().map(|account| account.uid.as_str()).collect();
        trace.say(format!("seed {seed}: {}; the cloud's clock is {skew} s ahead", customers.join(", ")));
        Ok(Self {
            office,
            draw,
            trace,
            counts: Counts::default(),
            reviews: BTreeMap::new(),
            clicks: BTreeMap::new(),
            synced: BTreeMap::new(),
            rough: true,
        }
        .in_its_world())
    }

    /// Turns the cloud's knobs, and its limits on.
    fn in_its_world(mut self) -> Self {
        self.turn_reality();
        if self.draw.chance(15) {
            self.office.control.throttle(true);
            self.counts.add("world.limits_on_calls", 1);
        }
        self
    }

    /// The cloud does otherwise than its pages say, or as they say, from now on.
    pub fn turn_reality(&mut self) {
        let reality = if self.draw.chance(55) { reality::draw(&mut self.draw) } else { Reality::default() };
        // The knobs that are drawn are within their bounds.
        if self.office.control.set_reality(reality).is_ok() && reality != Reality::default() {
            self.trace.say(format!("the cloud is like this now: {reality:?}"));
            self.counts.add("world.reality_turned", 1);
        }
    }

    async fn work(&mut self) -> Result<(), String> {
        self.sync(None).await?;
        for _ in 0..STEPS.0 + self.draw.below(STEPS.1) {
            self.step().await?;
            self.counts.add("steps", 1);
        }
        Ok(())
    }

    /// Lets the desk do something in rough or quiet weather, and tells it. `None`: refused, or it died.
    pub async fn attempt<T>(
        &mut self,
        what: &str,
        calls: Calls,
        work: impl AsyncFnOnce(&Desk) -> Result<T, DeskError>,
    ) -> Result<Option<T>, String> {
        Ok(match self.attempt_told(what, calls, work).await? {
            Attempt::Done(done) => Some(done),
            Attempt::Refused(_) | Attempt::Died => None,
        })
    }

    /// The same, with the refusal.
    pub async fn attempt_told<T>(
        &mut self,
        what: &str,
        calls: Calls,
        work: impl AsyncFnOnce(&Desk) -> Result<T, DeskError>,
    ) -> Result<Attempt<T>, String> {
        let now = self.office.around.time().format("%m-%d %H:%M:%S");
        self.trace.say(format!("{now} {what}"));
        let death = self.weather(calls);
        let ordered = self.office.faults_left();
        let (attempt, looks) = self.office.attempt(death, work).await?;
        let left = self.office.faults_left();
        self.count_faults(&ordered, &left);
        if !self.rough || self.draw.chance(70) {
            self.office.control.clear_faults();
        }
        match &attempt {
            Attempt::Done(_) => self.trace.add(" -> done"),
            Attempt::Refused(why) => {
                self.trace.add(&format!(" -> refused: {}", why.code()));
                self.counts.add(format!("refused.{}", why.code()), 1);
                if !EXPECTED.contains(&why.code()) {
                    return Err(format!("an unexpected refusal: {why}"));
                }
            }
            Attempt::Died => {
                let death = death.ok_or("died without being told to")?;
                let cut = death.cache_of_look.map_or(String::new(), |at| format!(", the cache as of look {at}"));
                self.trace.add(&format!(" -> died at look {}{cut}", death.at_look));
                self.counts.add("death.inside", 1);
                self.counts.add("death.cache_behind", u64::from(!cut.is_empty()));
            }
        }
        self.trace.add(&format!(" ({looks} looks)"));
        Ok(attempt)
    }

    /// Orders faults and plans a death for the next attempt.
    fn weather(&mut self, calls: Calls) -> Option<Death> {
        if !self.rough {
            return None;
        }
        for rule in faults::draw(&mut self.draw, calls) {
            let operation = rule.operation.as_deref().unwrap_or("any call");
            let (name, times) = (faults::name_of(rule.fault), rule.times.unwrap_or(1));
            self.trace.add(&format!(" [{name} x{times} at {operation}]"));
            self.office.control.order_rule(rule).expect("the table names operations and bounds of the sandbox");
        }
        self.death(calls)
    }

    /// Perhaps a death, anywhere in the attempt: an act looks at the world about 20 times, a first sync some hundred.
    pub fn death(&mut self, calls: Calls) -> Option<Death> {
        let (percent, looks) = match calls {
            Calls::None => (8, 8),
            Calls::Acting => (25, 22),
            Calls::Reading => (14, if self.draw.chance(30) { 250 } else { 60 }),
        };
        if !self.draw.chance(percent) {
            return None;
        }
        let at_look = 1 + u32::try_from(self.draw.below(looks)).unwrap_or(0);
        let behind = self.draw.chance(50);
        let cache_of_look = behind.then(|| 1 + u32::try_from(self.draw.below(u64::from(at_look))).unwrap_or(0));
        Some(Death { at_look, cache_of_look })
    }

    fn count_faults(&mut self, before: &[FaultRule], after: &[FaultRule]) {
        let times = |rules: &[FaultRule], name: &str| -> u64 {
            let named = rules.iter().filter(|rule| faults::name_of(rule.fault) == name);
            named.map(|rule| u64::from(rule.times.unwrap_or(0))).sum()
        };
        for name in faults::names() {
            let struck = times(before, name).saturating_sub(times(after, name));
            self.counts.add(format!("fault.{name}"), struck);
        }
    }
}

/// Refusals that are a normal end of an attempt. Anything else is a broken promise.
const EXPECTED: [&str; 39] = [
    "amount_differs",
    "bad_amount",
    "bss_not_found",
    "bss_refused",
    "bss_server",
    "bss_throttled",
    "bss_timeout",
    "bss_transport",
    "channel_not_offered",
    "console_amount_differs",
    "facts_changed",
    "illegal_move",
    "may_have_acted",
    "not_a_candidate",
    "not_by_api",
    "not_eligible",
    "orders_unknown",
    "price_changed",
    "quote_changed",
    "quote_expired",
    "request_open",
    "resend_refused",
    "unknown_request",
    "unknown_resource",
    "unknowns_open",
    "bad_refund_order",
    "bss_malformed",
    "clock_skewed",
    "ending_not_seen",
    "may_still_come",
    "refund_of_other",
    "refund_older",
    "refund_taken",
    "unknown_refund",
    "bss_clock_skew",
    "bad_answer",
    "box_missing",
    "reason_missing",
    "currency_differs",
];
