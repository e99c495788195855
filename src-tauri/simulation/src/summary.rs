//! Many seeds: what happened how often, and whether everything interesting did.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::faults;
use crate::judge;
use crate::reality;
use crate::run::{Outcome, run};
use crate::trace::Counts;

/// Runs of this many seeds must reach everything that [`missing`](Summary::missing) asks for.
pub const COVERING_SEEDS: u64 = 200;

/// What seeds left.
#[derive(Default)]
pub struct Summary {
    pub counts: Counts,
    /// In the order of their seeds.
    pub failed: Vec<Outcome>,
}

/// Things besides faults and journal entries that must have happened.
const REACHED: [&str; 33] = [
    "death.inside",
    "death.between",
    "death.while_opening",
    "death.cache_behind",
    "death.cache_lost",
    "act.sync",
    "act.two_syncs",
    "act.two_sends",
    "act.send_during_sync",
    "act.send",
    "act.ask_again",
    "act.hand_over",
    "act.report",
    "act.click_unsubscribe",
    "act.click_cancel_renewals",
    "act.elsewhere",
    "act.enter_facts",
    "refused.console_amount_differs",
    "refused.may_have_acted",
    "refused.resend_refused",
    "refused.amount_differs",
    "refused.may_still_come",
    "refused.ending_not_seen",
    "refused.clock_skewed",
    "refused.price_changed",
    "act.choose_refund",
    "act.done_before",
    "act.close",
    "world.limits_on_calls",
    "world.reality_turned",
    "world.clock_skewed",
    "world.token_sent_again",
    "final.Refunded",
];

/// Runs seeds from `from` up to, not including, `to`, on as many threads. `each` sees every outcome as it comes.
pub fn run_seeds(from: u64, to: u64, threads: usize, each: impl Fn(&Outcome) + Sync) -> Summary {
    let next = AtomicU64::new(from);
    let summary = Mutex::new(Summary::default());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= to {
                        return;
                    }
                    let outcome = run(seed);
                    each(&outcome);
                    let mut summary = summary.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    summary.counts.merge(&outcome.counts);
                    if outcome.failure.is_some() {
                        summary.failed.push(outcome);
                    }
                }
            });
        }
    });
    let mut summary = summary.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    summary.failed.sort_by_key(|outcome| outcome.seed);
    summary
}

impl Summary {
    /// What never happened and should have.
    pub fn missing(&self) -> Vec<String> {
        let faults = faults::names().map(|name| format!("fault.{name}"));
        let knobs = reality::KNOBS.iter().map(|(name, _)| format!("reality.{name}"));
        let entries = judge::entry_kinds().map(|kind| format!("entry.{kind}"));
        let others = REACHED.iter().map(|name| (*name).to_owned());
        faults.chain(knobs).chain(entries).chain(others).filter(|name| self.counts.of(name) == 0).collect()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (head, prefix) in [
            ("acts", "act"),
            ("faults that struck", "fault"),
            ("differences that the cloud's reality made", "reality"),
            ("the world besides", "world"),
            ("deaths of the process", "death"),
            ("refusals", "refused"),
            ("syncs that failed", "sync_failed"),
            ("journal entries", "entry"),
            ("requests by final state", "final"),
        ] {
            writeln!(f, "{head}")?;
            for (name, times) in self.counts.below(prefix) {
                writeln!(f, "  {name:<28} {times:>9}")?;
            }
        }
        let (runs, steps, days) = (self.counts.of("runs"), self.counts.of("steps"), self.counts.of("days"));
        write!(f, "{runs} runs, {steps} steps, {days} days, {} failed", self.failed.len())
    }
}
