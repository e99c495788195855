//! The documented limits of calls: so many of one operation in one time, for each account (billing API on the wire, section 3).
//! Off unless switched on. Counted by the machine's clock in windows that begin with their first call.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

/// Calls of an operation, and the time in milliseconds that they count in. Operations whose row is not published have the rate
/// of their neighbours, ten a second.
const LIMITS: &[(&str, u32, i64)] =
    &[("QueryResourcePackageInstances", 100, 60_000), ("QueryAccountTransactions", 600, 60_000)];
const OTHERS: (u32, i64) = (10, 1_000);

/// Counts of the windows that are open.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    is_on: bool,
    windows: HashMap<(usize, &'static str), Window>,
}

#[derive(Debug)]
struct Window {
    begun: DateTime<Utc>,
    calls: u32,
}

impl Throttle {
    /// Switched on or off, nothing counted yet.
    pub fn switched(on: bool) -> Self {
        Self { is_on: on, ..Self::default() }
    }

    /// Counts a call of the account at this place; how long until the next may come when it is one too many. Such a call does
    /// not count.
    pub fn refuse(&mut self, account: usize, operation: &'static str, now: DateTime<Utc>) -> Option<TimeDelta> {
        if !self.is_on {
            return None;
        }
        let named = LIMITS.iter().find(|(name, ..)| *name == operation).map(|(_, calls, time)| (*calls, *time));
        let (most, time) = named.unwrap_or(OTHERS);
        let time = TimeDelta::milliseconds(time);
        let window = self.windows.entry((account, operation)).or_insert(Window { begun: now, calls: 0 });
        // A clock that was set back begins anew, too.
        if now >= window.begun + time || now < window.begun {
            *window = Window { begun: now, calls: 0 };
        }
        if window.calls >= most {
            return Some(window.begun + time - now);
        }
        window.calls += 1;
        None
    }
}
