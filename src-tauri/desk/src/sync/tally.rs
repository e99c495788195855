//! What a sync has counted, and how long its phase may still take.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use chrono::{DateTime, TimeDelta, Utc};

/// Counts of one sync; several calls under way add to them.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub calls: AtomicU32,
    pub resources: AtomicU32,
    pub orders: AtomicU32,
    pub details: AtomicU32,
    pub refunds: AtomicU32,
    pub transactions: AtomicU32,
    pace: Mutex<Option<Pace>>,
}

/// When the phase that is told was first told of, and how far it had come.
#[derive(Debug)]
struct Pace {
    phase: String,
    since: DateTime<Utc>,
    done: u32,
}

impl Tally {
    /// Adds rows to a count; gives the new one.
    pub fn add(count: &AtomicU32, rows: usize) -> u32 {
        let rows = self::count(rows);
        count.fetch_add(rows, Relaxed).saturating_add(rows)
    }

    /// Seconds until `total` at the speed so far; `None` before there is one.
    pub fn seconds_left(&self, phase: &str, done: u32, total: Option<u32>, now: DateTime<Utc>) -> Option<u32> {
        let mut pace = self.pace.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if pace.as_ref().is_none_or(|pace| pace.phase != phase) {
            *pace = Some(Pace { phase: phase.to_owned(), since: now, done });
        }
        let (Some(pace), Some(left)) = (pace.as_ref(), total?.checked_sub(done)) else { return None };
        let so_far = done.checked_sub(pace.done).filter(|rows| *rows > 0)?;
        seconds_at_the_same_speed(now - pace.since, so_far, left)
    }
}

/// A number of rows as the screen counts them.
pub(crate) fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

fn seconds_at_the_same_speed(elapsed: TimeDelta, rows: u32, left: u32) -> Option<u32> {
    let millis = i128::from(elapsed.num_milliseconds().max(0)) * i128::from(left) / i128::from(rows);
    u32::try_from((millis + 999) / 1000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_told_from_the_speed_so_far() {
        let at = |seconds: i64| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let tally = Tally::default();
        // 100 at first sight; then 300 rows in 60 s, 600 left: 120 s.
        assert_eq!(tally.seconds_left("details", 100, Some(1000), at(0)), None);
        assert_eq!(tally.seconds_left("details", 400, Some(1000), at(60)), Some(120));
        assert_eq!(tally.seconds_left("details", 1000, Some(1000), at(180)), Some(0));
        assert_eq!(tally.seconds_left("details", 500, None, at(180)), None);
        // Another phase begins anew; a total that was passed tells nothing.
        assert_eq!(tally.seconds_left("orders", 20, Some(40), at(200)), None);
        assert_eq!(tally.seconds_left("orders", 60, Some(40), at(210)), None);
        // A clock that was set back gives no negative time.
        assert_eq!(tally.seconds_left("orders", 30, Some(40), at(100)), Some(0));
    }
}
