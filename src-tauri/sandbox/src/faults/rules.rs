//! The rules in force, with what they counted, and what a call meets.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::{Fault, FaultRule};

/// A rule and its counts.
#[derive(Debug)]
struct Counting {
    rule: FaultRule,
    /// Number of the rule since the start; its own stream of chance.
    stream: u64,
    /// Calls that it fitted.
    calls: u64,
    /// Calls that had its fault.
    came: u32,
}

/// Rules in the order in which they were ordered.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Counting>,
    seed: u64,
    ordered: u64,
}

/// What a call meets: it may be late, and it may go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Met {
    pub late_ms: u64,
    pub fault: Option<Fault>,
}

impl Faults {
    /// No rules yet; chances are drawn from `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Adds a rule behind those ordered before.
    pub fn order(&mut self, rule: FaultRule) {
        self.rules.push(Counting { rule, stream: self.ordered, calls: 0, came: 0 });
        self.ordered += 1;
    }

    /// Forgets all rules.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// The rules that may still come.
    pub fn rules(&self) -> Vec<FaultRule> {
        self.rules.iter().map(|counting| counting.rule.clone()).collect()
    }

    /// What a call of this operation meets; `account` are the names of the calling account. Of the rules that are due the first
    /// one comes, and the first of those that are only late.
    pub fn meet(&mut self, operation: &str, account: [&str; 2]) -> Met {
        let mut met = Met::default();
        let mut is_late = false;
        for counting in &mut self.rules {
            if !counting.fits(operation, account) {
                continue;
            }
            let Some(chance) = counting.due(self.seed) else { continue };
            let fault = counting.rule.fault;
            if fault.is_late() {
                if is_late {
                    continue;
                }
                is_late = true;
                met.late_ms = late_ms(fault, chance);
            } else {
                if met.fault.is_some() {
                    continue;
                }
                met.fault = Some(fault);
            }
            counting.came += 1;
        }
        self.rules.retain(|counting| counting.rule.times.is_none_or(|times| counting.came < times));
        met
    }
}

impl Counting {
    fn fits(&self, operation: &str, account: [&str; 2]) -> bool {
        self.rule.operation.as_ref().is_none_or(|name| name == operation)
            && self.rule.account.as_ref().is_none_or(|name| account.contains(&name.as_str()))
    }

    /// Counts a call; a number of chance when it is due.
    fn due(&mut self, seed: u64) -> Option<u64> {
        let nth = self.calls;
        self.calls += 1;
        if nth < u64::from(self.rule.after) {
            return None;
        }
        // Each call has its own place in the rule's own stream: what other rules draw does not move it.
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        rng.set_stream(self.stream);
        rng.set_word_pos(u128::from(nth) * 4);
        let of_hundred = rng.next_u64() % 100;
        (of_hundred < u64::from(self.rule.percent)).then(|| rng.next_u64())
    }
}

fn late_ms(fault: Fault, chance: u64) -> u64 {
    match fault {
        Fault::Latency { ms } => ms,
        Fault::LatencyBetween { from_ms, to_ms } => from_ms + chance % (to_ms - from_ms + 1),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn late(seed: u64, rules: &[FaultRule]) -> Vec<u64> {
        let mut faults = Faults::new(seed);
        rules.iter().for_each(|rule| faults.order(rule.clone()));
        (0..200).map(|_| faults.meet("QueryOrders", ["1", "a"]).late_ms).collect()
    }

    #[test]
    fn a_late_answer_takes_a_time_between_its_bounds() {
        let rule = FaultRule::always(Fault::LatencyBetween { from_ms: 20, to_ms: 24 });
        let drawn = late(1, std::slice::from_ref(&rule));
        for ms in 20..=24 {
            assert!(drawn.contains(&ms), "{ms} never came: {drawn:?}");
        }
        assert!(drawn.iter().all(|ms| (20..=24).contains(ms)), "{drawn:?}");
        assert_eq!(late(1, std::slice::from_ref(&rule)), drawn);
        assert_ne!(late(2, std::slice::from_ref(&rule)), drawn);
        // A second rule has a stream of its own and does not move the first one's.
        let other = FaultRule { percent: 50, ..FaultRule::always(Fault::ServerError) };
        assert_eq!(late(1, &[rule.clone(), other]), drawn);
        let whole = FaultRule::always(Fault::LatencyBetween { from_ms: 7, to_ms: 7 });
        assert_eq!(late(1, &[whole]), vec![7; 200]);
    }

    #[test]
    fn two_rules_of_one_kind_take_turns_and_count_every_call() {
        let mut faults = Faults::new(1);
        let order = |fault, after, times| FaultRule { after, times, ..FaultRule::always(fault) };
        faults.order(order(Fault::ServerError, 0, Some(1)));
        faults.order(order(Fault::Unavailable, 1, Some(1)));
        faults.order(order(Fault::DropAfter, 1, Some(1)));
        let met: Vec<_> = (0..4).map(|_| faults.meet("QueryOrders", ["1", "a"]).fault).collect();
        assert_eq!(met, [Some(Fault::ServerError), Some(Fault::Unavailable), Some(Fault::DropAfter), None]);
        assert_eq!(faults.rules(), []);
    }
}
