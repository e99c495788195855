//! Which orders a sync has not read yet: in the middle of one, or after one that was cut off, an order may be missing from a chain
//! whose periods leave no gap, such as an upgrade.

use chrono::{DateTime, TimeDelta, Utc};
use desk_store::Cursor;

/// How long before its resource an order may have been made.
pub(crate) const BEFORE_RESOURCE: TimeDelta = TimeDelta::days(1);

/// What the pass over the orders that is under way, or was cut off, has left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Coverage {
    /// Where the pass begins: what is older was read by an earlier one, if by any.
    since: Option<DateTime<Utc>>,
    /// Times of creation that were not read, from and to.
    unread: Vec<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Coverage {
    /// By the orders' cursor.
    pub fn of(cursor: Option<&Cursor>) -> Self {
        let Some(cursor) = cursor.filter(|cursor| !cursor.done) else { return Self::default() };
        let (Some(since), Some(in_window)) = (cursor.range_from, cursor.window_to) else { return Self::default() };
        let unread = match cursor.skip_from.zip(cursor.skip_to) {
            Some((read_from, read_to)) if in_window > read_to => vec![(since, read_from), (read_to, in_window)],
            _ => vec![(since, in_window)],
        };
        Self { since: Some(since), unread }
    }

    /// Whether an order of a resource created then may be missing although newer ones of it were read. A resource none of whose
    /// orders the pass has shown stands as the pass before left it, and its age says so.
    pub fn may_miss(&self, created_at: DateTime<Utc>, mut orders: impl Iterator<Item = DateTime<Utc>>) -> bool {
        let Some(since) = self.since else { return false };
        let first = created_at - BEFORE_RESOURCE;
        let concerned = first >= since || orders.any(|order| order >= since);
        concerned && self.unread.iter().any(|(from, to)| from < to && *to > first.max(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(day)
    }

    /// (range_from, window_to, skip) in days.
    fn cursor(range_from: i64, window_to: i64, skip: Option<(i64, i64)>, done: bool) -> Cursor {
        Cursor {
            customer: "c".to_owned(),
            phase: "orders".to_owned(),
            window_from: None,
            window_to: Some(day(window_to)),
            next_page: 1,
            done,
            pass: 1,
            range_from: Some(day(range_from)),
            range_to: Some(day(400)),
            skip_from: skip.map(|(from, _)| day(from)),
            skip_to: skip.map(|(_, to)| day(to)),
        }
    }

    #[test]
    fn an_order_may_be_missing_where_the_pass_was_not() {
        // cursor | resource created, its orders | may miss
        let first_pass = || cursor(0, 200, None, false);
        let later_pass = || cursor(300, 350, None, false);
        let cases: Vec<(Cursor, i64, &[i64], bool)> = vec![
            (cursor(0, 200, None, true), 50, &[50], false),
            // The first pass has come down to day 200.
            (first_pass(), 50, &[50], true),
            (first_pass(), 250, &[250], false),
            (first_pass(), 201, &[201], false),
            (first_pass(), 200, &[200], true),
            // A later pass from day 300 has come down to day 350: old resources without news stand as they were.
            (later_pass(), 50, &[50, 120], false),
            (later_pass(), 50, &[50, 380], true),
            (later_pass(), 360, &[360], false),
            // A pass that skips days 100 to 300 and is above them, in them, below them.
            (cursor(0, 350, Some((100, 300)), false), 320, &[320], true),
            (cursor(0, 350, Some((100, 300)), false), 360, &[360], false),
            (cursor(0, 90, Some((100, 300)), false), 95, &[95], false),
            (cursor(0, 90, Some((100, 300)), false), 85, &[85], true),
        ];
        for (cursor, created, orders, expected) in cases {
            let told = Coverage::of(Some(&cursor)).may_miss(day(created), orders.iter().map(|order| day(*order)));
            assert_eq!(told, expected, "{cursor:?} {created} {orders:?}");
        }
        assert!(!Coverage::of(None).may_miss(day(1), [day(1)].into_iter()));
    }
}
