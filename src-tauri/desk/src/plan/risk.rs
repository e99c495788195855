//! Money at risk: what the next change for the worse takes of a quote, and when. A change for the better (an amount may rise when
//! a coefficient ends) takes nothing and is passed over.

use std::cmp::{Ordering, Reverse};

use chrono::{DateTime, Utc};
use refund_rules::quote::{Change, Quote, What};
use rust_decimal::Decimal;

/// What is lost next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Risk {
    pub takes: Decimal,
    /// `None`: nothing is lost by a rule any more.
    pub at: Option<DateTime<Utc>>,
}

pub(super) fn of(quote: &Quote) -> Risk {
    let mut amount = quote.refund;
    for change in &quote.next_changes {
        let after = match change.what {
            What::Amount => change.after.parse().unwrap_or(amount),
            // Nothing comes back once the resource is no longer eligible.
            What::Eligibility if ends_eligible(change) => Decimal::ZERO,
            _ => continue,
        };
        if after < amount {
            return Risk { takes: amount - after, at: Some(change.at) };
        }
        amount = after;
    }
    Risk::default()
}

fn ends_eligible(change: &Change) -> bool {
    change.before == "eligible"
}

/// What is lost first stands first: by the day on which the next change takes something, on one day by the amount that it takes,
/// then by the whole amount. Most amounts fall once a day, each at the hour at which its order began: that hour is no urgency.
pub(super) fn order(a: (&Quote, Risk), b: (&Quote, Risk)) -> Ordering {
    let key = |(quote, risk): (&Quote, Risk)| (day(quote.at, risk.at), Reverse(risk.takes), Reverse(quote.refund));
    key(a).cmp(&key(b)).then_with(|| a.0.resource.cmp(&b.0.resource))
}

/// Whole days of 24 hours from `now` until `at`; never is later than any.
pub(super) fn day(now: DateTime<Utc>, at: Option<DateTime<Utc>>) -> i64 {
    at.map_or(i64::MAX, |at| (at - now).num_days())
}
