//! What changes next (section 15): the rules' own boundaries after the asked instant, with the values on both sides.
//!
//! Nothing changes between two boundaries, so each is judged once, just after it; the value before it is the one after the
//! last. Orders paid after the asked instant do not exist here either.

use chrono::{DateTime, Datelike, FixedOffset, TimeDelta, TimeZone, Utc};
use rust_decimal::Decimal;

use crate::case::{Action, Kind, Order};
use crate::chain::{Chain, DAY, state, window_end};
use crate::destinations::by_destination;
use crate::judge::Answer;
use crate::money::{at_minor_unit, minor_units};
use crate::notes::Notes;
use crate::path::china_year;
use crate::quote::{Change, LineState, RefundType};

/// Most orders judged on the way ahead of one quote: about 300 years of one order's days. Beyond it the list of changes is
/// cut and the quote is valid no longer than was looked.
const MOST_JUDGED: usize = 110_000;

/// A quote's future.
pub(crate) struct Ahead {
    pub changes: Vec<Change>,
    pub valid_until: Option<DateTime<Utc>>,
}

/// Every change by a rule from the asked instant on.
pub(crate) fn ahead(chain: &Chain<'_>, now: &Answer<'_>) -> Ahead {
    let at = chain.case.ask.at;
    let (boundaries, complete) = boundaries(chain, at);
    let mut before = Sight::of(now);
    let mut changes = Vec::new();
    for boundary in &boundaries {
        let after = Sight::at(chain, *boundary + JUST_AFTER);
        before.changes_to(&after, *boundary, chain, &mut changes);
        before = after;
    }
    let looked_until = if complete { None } else { boundaries.last().copied() };
    let valid_until = changes.first().map(|change| change.at).or(looked_until);
    Ahead { changes, valid_until }
}

/// The smallest step that instants can be told apart by.
pub(crate) const JUST_AFTER: TimeDelta = TimeDelta::nanoseconds(1);

/// What of an answer can change.
pub(crate) struct Sight {
    pub refund_type: RefundType,
    pub refund: Decimal,
    pub refund_max: Decimal,
    /// Codes of the blockers; none is eligible.
    pub blockers: Vec<&'static str>,
    pub parts: Vec<crate::destinations::Part>,
}

impl Sight {
    pub(crate) fn of(answer: &Answer<'_>) -> Self {
        Self {
            refund_type: answer.refund_type,
            refund: answer.refund,
            refund_max: answer.refund_max,
            blockers: answer.blockers.iter().map(|blocker| blocker.code).collect(),
            parts: answer.parts.clone(),
        }
    }

    pub(crate) fn at(chain: &Chain<'_>, at: DateTime<Utc>) -> Self {
        Answer::at(chain, at, &mut Notes::not_taken()).map_or_else(
            // What is asked can no longer be asked then: the chosen expiration time has passed.
            |_| Self {
                refund_type: RefundType::Nonrefundable,
                refund: Decimal::ZERO,
                refund_max: Decimal::ZERO,
                blockers: vec!["not_a_candidate"],
                parts: Vec::new(),
            },
            |answer| Self::of(&answer),
        )
    }

    fn changes_to(&self, after: &Self, at: DateTime<Utc>, chain: &Chain<'_>, changes: &mut Vec<Change>) {
        let first = changes.len();
        let mut tell = |what: &str, before: String, after: String| {
            changes.push(Change { at, what: what.to_owned(), before, after });
        };
        let minor = minor_units(chain.currency().unwrap_or(&chain.case.customer.currency));
        let money = |amount: Decimal| at_minor_unit(amount, minor).to_string();
        if self.blockers.is_empty() != after.blockers.is_empty() {
            tell("eligibility", self.eligibility(), after.eligibility());
        }
        if self.refund_type != after.refund_type {
            tell("type", self.refund_type.word().to_owned(), after.refund_type.word().to_owned());
        }
        if self.refund != after.refund {
            tell("amount", money(self.refund), money(after.refund));
        }
        if self.refund_max != after.refund_max && (self.refund, after.refund) != (self.refund_max, after.refund_max) {
            tell("amount_max", money(self.refund_max), money(after.refund_max));
        }
        if self.rerouted(after) {
            tell("destination", self.destinations(minor), after.destinations(minor));
        }
        let policy_date = || chain.pack.dates().any(|date| date == at);
        if changes.len() > first && policy_date() {
            let rules = |before: bool| in_force(chain, if before { at - JUST_AFTER } else { at }, at);
            changes.push(Change { at, what: "policy".to_owned(), before: rules(true), after: rules(false) });
        }
    }

    /// "eligible", or the codes that block it.
    fn eligibility(&self) -> String {
        if self.blockers.is_empty() { "eligible".to_owned() } else { self.blockers.join(",") }
    }

    /// Whether any payment's part now goes elsewhere.
    fn rerouted(&self, after: &Self) -> bool {
        self.parts.iter().any(|part| {
            let same = |other: &&crate::destinations::Part| (other.order, other.payment) == (part.order, part.payment);
            after.parts.iter().find(same).is_some_and(|other| other.to != part.to)
        })
    }

    /// "balance=11.04,bank_card=551.97"
    fn destinations(&self, minor: u32) -> String {
        let to = by_destination(&self.parts, minor);
        to.iter().map(|d| format!("{}={}", d.to, d.amount)).collect::<Vec<_>>().join(",")
    }
}

/// Ids of the rules that begin or end at `boundary` and are in force at `instant`.
fn in_force(chain: &Chain<'_>, instant: DateTime<Utc>, boundary: DateTime<Utc>) -> String {
    let dated = |rule: &&crate::policy::Rule| rule.from == Some(boundary) || rule.until == Some(boundary);
    let rules = chain.pack.rules.values().filter(dated).filter(|rule| rule.in_force(instant));
    rules.map(|rule| rule.id.as_str()).collect::<Vec<_>>().join(",")
}

/// Instants from `at` to the end of the chain at which a rule can change the answer, and whether that is all of them.
pub(crate) fn boundaries(chain: &Chain<'_>, at: DateTime<Utc>) -> (Vec<DateTime<Utc>>, bool) {
    let Some(end) = chain.counted.iter().map(|c| c.order.end).max() else { return (Vec::new(), true) };
    let most_days = MOST_JUDGED / chain.counted.len();
    let mut found: Vec<DateTime<Utc>> = Vec::new();
    let mut looked_until = end;
    for counted in &chain.counted {
        let order = counted.order;
        found.extend([order.start, order.end]);
        found.extend(windows(chain, order));
        if by_days(chain) && state(order, at) != LineState::Finished {
            let days = day_boundaries(order, at, most_days);
            if days.len() == most_days {
                looked_until = looked_until.min(days.last().copied().unwrap_or(end));
            }
            found.extend(days);
        }
    }
    found.extend(chain.case.customer.membership.iter().map(|m| m.joined_at));
    found.extend(chain.case.customer.no_reason_refunds.iter().map(|taken| taken.at));
    found.extend(chain.pack.dates());
    found.extend(new_years(at, end));
    found.retain(|boundary| at <= *boundary && *boundary <= looked_until);
    found.sort_unstable();
    found.dedup();
    let complete = looked_until == end && found.len() <= most_days;
    found.truncate(most_days);
    (found, complete)
}

/// Whether any order's amount moves with the days used.
fn by_days(chain: &Chain<'_>) -> bool {
    match chain.case.ask.action {
        Action::CancelRenewals => false,
        Action::Downgrade | Action::Convert => true,
        Action::Unsubscribe => {
            let resource = &chain.case.resource;
            resource.kind == Kind::Instance
                || resource.usage.as_ref().is_some_and(|usage| usage.resets)
                || chain.pack.products.iter().any(|row| row.set.plan_by_days && row.rule.covers(&resource.product))
        }
    }
}

/// Ends of the order's begun days from `at` on, `most` at most.
fn day_boundaries(order: &Order, at: DateTime<Utc>, most: usize) -> Vec<DateTime<Utc>> {
    let begun = (at - order.start).num_days().max(0);
    let first = order.start + TimeDelta::days(begun);
    std::iter::successors(Some(first), |day| Some(*day + DAY)).take_while(|day| *day < order.end).take(most).collect()
}

/// Ends of every window that begins when the order was paid.
fn windows(chain: &Chain<'_>, order: &Order) -> Vec<DateTime<Utc>> {
    let (pack, product) = (chain.pack, &chain.case.resource.product);
    let no_reason = pack.no_reason.iter().filter(|r| r.rule.covers(product)).map(|r| Some(r.set.days));
    let plans = pack.plan_windows.iter().map(|r| r.set.days);
    let certificates = pack.products.iter().filter(|r| r.rule.covers(product)).map(|r| r.set.certificate_days);
    let sources = pack.destinations.iter().map(|r| r.set.days);
    let days = no_reason.chain(plans).chain(certificates).chain(sources).flatten();
    days.map(|days| window_end(order.paid_at, days)).collect()
}

/// First instants of the calendar years (UTC+8) on the way.
fn new_years(at: DateTime<Utc>, end: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let offset = FixedOffset::east_opt(8 * 3600).expect("eight hours are a valid offset");
    (china_year(at) + 1..=end.year() + 1)
        .filter_map(|year| offset.with_ymd_and_hms(year, 1, 1, 0, 0, 0).single())
        .map(|instant| instant.with_timezone(&Utc))
        .collect()
}
