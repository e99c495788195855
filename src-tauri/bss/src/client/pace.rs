//! How fast calls may follow each other: a token bucket per operation, at a share of the documented rates, because the budget
//! belongs to the customer's whole account.
//!
//! Kept as the instant at which the bucket would be full again (the "generic cell rate algorithm"): integers only, and a waiting
//! call holds no lock.

use chrono::{DateTime, TimeDelta, Utc};
use std::{collections::HashMap, sync::Mutex, time::Duration};

/// How much of the documented rates to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Per cent of the documented rate, at least 1; a burst takes at most one second's worth.
    Share(u32),
    /// No pacing: for the sandbox.
    Unlimited,
}

impl Default for Pace {
    fn default() -> Self {
        Self::Share(50)
    }
}

/// The documented number of calls and the period it counts in (the API's quota page, per account and operation). Operations
/// whose row was not published are taken at the rate of their neighbours, 10 a second.
fn documented_rate(action: &str) -> (u32, Duration) {
    match action {
        "QueryResourcePackageInstances" => (100, Duration::from_secs(60)),
        "QueryAccountTransactions" => (600, Duration::from_secs(60)),
        _ => (10, Duration::from_secs(1)),
    }
}

/// The buckets of an account.
pub(crate) struct Gates {
    pace: Pace,
    gates: Mutex<HashMap<&'static str, Gate>>,
}

impl Gates {
    pub(crate) fn new(pace: Pace) -> Self {
        Self { pace, gates: Mutex::default() }
    }

    /// Takes a token, possibly a future one, and says how long to wait for it.
    pub(crate) fn reserve(&self, action: &'static str, now: DateTime<Utc>) -> Duration {
        let Pace::Share(percent) = self.pace else { return Duration::ZERO };
        let interval = interval(action, percent);
        // A panic elsewhere cannot leave a gate half written: it is replaced in one assignment.
        let mut gates = self.gates.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let gate = gates.entry(action).or_insert(Gate { full_at: now, seen: now });
        gate.reserve(now, interval, burst_tolerance(interval))
    }
}

struct Gate {
    full_at: DateTime<Utc>,
    seen: DateTime<Utc>,
}

impl Gate {
    fn reserve(&mut self, now: DateTime<Utc>, interval: TimeDelta, tolerance: TimeDelta) -> Duration {
        if now < self.seen {
            // The clock was set back: move the debt along, or the wait would be as long as the jump.
            self.full_at -= self.seen - now;
        }
        self.seen = now;
        let wait = self.full_at - tolerance - now;
        self.full_at = self.full_at.max(now) + interval;
        wait.to_std().unwrap_or(Duration::ZERO)
    }
}

/// The time between two calls at this share of the operation's rate.
fn interval(action: &str, percent: u32) -> TimeDelta {
    let (calls, period) = documented_rate(action);
    let nanos = period.as_nanos() * 100 / u128::from(calls) / u128::from(percent.max(1));
    TimeDelta::nanoseconds(i64::try_from(nanos).expect("a period of minutes fits 64 bits of nanoseconds"))
}

/// How far ahead of the even pace a burst may run: one second's worth of calls, the first of which needs no lead. With at most
/// half the rate, a burst and the calls after it still stay within the documented number in any one period.
fn burst_tolerance(interval: TimeDelta) -> TimeDelta {
    let calls = TimeDelta::seconds(1).num_nanoseconds().unwrap_or(0) / interval.num_nanoseconds().unwrap_or(1).max(1);
    interval * i32::try_from(calls.max(1) - 1).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_790_000_000_000 + milliseconds).unwrap()
    }

    /// Calls at given instants (ms), each with the wait expected (ms).
    fn check(pace: Pace, action: &'static str, calls: &[(i64, u64)]) {
        let gates = Gates::new(pace);
        for (index, (now, wait)) in calls.iter().enumerate() {
            let waited = gates.reserve(action, at(*now));
            assert_eq!(waited, Duration::from_millis(*wait), "{pace:?} {action} call {index} at {now} ms");
        }
    }

    #[test]
    fn calls_wait_for_their_token() {
        // Half of 10 a second: five at once, then one every 200 ms.
        check(
            Pace::Share(50),
            "QueryOrders",
            &[(0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 200), (0, 400), (500, 100)],
        );
        // Half of 100 a minute: one every 1200 ms, no burst.
        check(
            Pace::Share(50),
            "QueryResourcePackageInstances",
            &[(0, 0), (0, 1200), (0, 2400), (6000, 0), (6000, 1200)],
        );
        // Half of 600 a minute is half of 10 a second.
        check(Pace::Share(50), "QueryAccountTransactions", &[(0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 200)]);
        // A tenth of 10 a second.
        check(Pace::Share(10), "GetOrderDetail", &[(0, 0), (0, 1000), (3000, 0)]);
        check(Pace::Unlimited, "QueryOrders", &[(0, 0); 40]);
        // An idle hour saves up no more than the burst.
        check(
            Pace::Share(50),
            "QueryOrders",
            &[(0, 0), (3_600_000, 0), (3_600_000, 0), (3_600_000, 0), (3_600_000, 0), (3_600_000, 0), (3_600_000, 200)],
        );
    }

    #[test]
    fn a_clock_that_jumps_neither_blocks_nor_opens_the_gate() {
        let hour = 3_600_000;
        check(Pace::Share(10), "QueryOrders", &[(0, 0), (0, 1000), (-hour, 2000), (-hour, 3000)]);
        check(Pace::Share(10), "QueryOrders", &[(0, 0), (hour, 0), (hour, 1000)]);
    }

    #[test]
    fn each_operation_has_its_own_bucket() {
        let gates = Gates::new(Pace::Share(10));
        assert_eq!(gates.reserve("QueryOrders", at(0)), Duration::ZERO);
        assert_eq!(gates.reserve("GetOrderDetail", at(0)), Duration::ZERO);
        assert_eq!(gates.reserve("QueryOrders", at(0)), Duration::from_secs(1));
    }
}
