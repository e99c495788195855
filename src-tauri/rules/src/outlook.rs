//! What changes next (section 15): the rules' own boundaries after the asked instant, with the values on both sides.
//!
//! Nothing changes between two boundaries, so each is judged once, just after it; the value before it is the one after the
//! last. Orders paid after the asked instant do not exist here either.

use chrono::{DateTime, Datelike, FixedOffset, TimeDelta, TimeZone, Utc};
use rust_decimal::Decimal;

use crate::blockers;
use crate::case::{Action, Kind, Order};
use crate::chain::{Chain, DAY, state, window_end};
use crate::daily::Days;
use crate::destinations::{self, by_destination};
use crate::judge::Answer;
use crate::money::{amount_text, minor_units};
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
pub(crate) fn ahead<'a>(chain: &Chain<'a>, now: &Answer<'a>) -> Ahead {
    let at = chain.case.ask.at;
    let (marks, complete) = marks(chain, at);
    let mut walk = Walk::from(chain, now);
    walk.changes.reserve(marks.len());
    for mark in &marks {
        walk.to(mark);
    }
    let looked_until = if complete { None } else { marks.last().map(|mark| mark.at) };
    let valid_until = walk.changes.first().map(|change| change.at).or(looked_until);
    Ahead { changes: walk.changes, valid_until }
}

/// An instant at which a rule can change the answer.
#[derive(Clone, Copy)]
struct Mark {
    at: DateTime<Utc>,
    /// More than a begun day: the answer is judged anew.
    turn: bool,
}

/// The way from mark to mark: judged at turns, counted on between them.
struct Walk<'w, 'a> {
    chain: &'w Chain<'a>,
    minor_units: u32,
    /// What holds since the last mark; `parts` is left empty.
    before: Sight,
    since: DateTime<Utc>,
    days: Option<Days<'w, 'a>>,
    changes: Vec<Change>,
    /// The amount last written, which the next change begins with.
    amount_told: Option<(Decimal, String)>,
}

impl<'w, 'a> Walk<'w, 'a> {
    fn from(chain: &'w Chain<'a>, now: &Answer<'a>) -> Self {
        let minor_units = minor_units(chain.currency().unwrap_or(&chain.case.customer.currency));
        let days = Days::from(chain, now);
        Self {
            chain,
            minor_units,
            before: Sight::unrouted(now),
            since: now.at,
            days,
            changes: Vec::new(),
            amount_told: None,
        }
    }

    fn to(&mut self, mark: &Mark) {
        if mark.turn || self.counted_on(mark.at).is_none() {
            self.judged(mark.at);
        }
        self.since = mark.at + JUST_AFTER;
    }

    /// Passes the end of a begun day. `None` where it has to be judged after all.
    fn counted_on(&mut self, boundary: DateTime<Utc>) -> Option<()> {
        let days = self.days.as_mut()?;
        if !days.pass(boundary)? {
            return Some(());
        }
        let after = days.totals();
        if after.nothing != self.before.blockers.contains(&blockers::REFUND_IS_ZERO) {
            return None;
        }
        if self.before.blockers.is_empty() {
            let before = (self.before.refund, self.before.refund_max);
            self.tell_amounts(boundary, before, (after.refund, after.refund_max));
            (self.before.refund, self.before.refund_max) = (after.refund, after.refund_max);
        }
        Some(())
    }

    /// Judges anew just after the boundary.
    fn judged(&mut self, boundary: DateTime<Utc>) {
        let instant = boundary + JUST_AFTER;
        let answer = Answer::unrouted(self.chain, instant, &mut Notes::not_taken()).ok();
        let after = answer.as_ref().map_or_else(Sight::not_a_candidate, Sight::unrouted);
        self.days = answer.as_ref().and_then(|answer| Days::from(self.chain, answer));
        let before = std::mem::replace(&mut self.before, after);
        self.tell(boundary, &before);
    }

    /// Tells what is now another than before.
    fn tell(&mut self, at: DateTime<Utc>, before: &Sight) {
        let told = self.changes.len();
        let after = &self.before;
        if before.blockers.is_empty() != after.blockers.is_empty() {
            self.changes.push(change(at, "eligibility", before.eligibility(), after.eligibility()));
        }
        if before.refund_type != after.refund_type {
            let word = |sight: &Sight| sight.refund_type.word().to_owned();
            self.changes.push(change(at, "type", word(before), word(after)));
        }
        let amounts = (after.refund, after.refund_max);
        self.tell_amounts(at, (before.refund, before.refund_max), amounts);
        self.tell_destinations(at);
        if self.changes.len() > told && self.chain.pack.dates().any(|date| date == at) {
            let rules = |instant| in_force(self.chain, instant, at);
            self.changes.push(change(at, "policy", rules(at - JUST_AFTER), rules(at)));
        }
    }

    fn tell_amounts(&mut self, at: DateTime<Utc>, before: (Decimal, Decimal), after: (Decimal, Decimal)) {
        let money = |amount| amount_text(amount, self.minor_units);
        if before.0 != after.0 {
            let last = self.amount_told.take().filter(|(amount, _)| *amount == before.0);
            let (before, told) = (last.map_or_else(|| money(before.0), |(_, text)| text), money(after.0));
            self.amount_told = Some((after.0, told.clone()));
            self.changes.push(change(at, "amount", before, told));
        }
        if before.1 != after.1 && (before.0, after.0) != (before.1, after.1) {
            self.changes.push(change(at, "amount_max", money(before.1), money(after.1)));
        }
    }

    /// Only where a payment's place changes are the amounts divided over the places, on both sides.
    fn tell_destinations(&mut self, at: DateTime<Utc>) {
        if !destinations::places_change(self.chain, self.since, at + JUST_AFTER) {
            return;
        }
        let (before, after) = (Sight::at(self.chain, self.since), Sight::at(self.chain, at + JUST_AFTER));
        if before.rerouted(&after) {
            let (before, after) = (before.destinations(self.minor_units), after.destinations(self.minor_units));
            self.changes.push(change(at, "destination", before, after));
        }
    }
}

fn change(at: DateTime<Utc>, what: &str, before: String, after: String) -> Change {
    Change { at, what: what.to_owned(), before, after }
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
        Self { parts: answer.parts.clone(), ..Self::unrouted(answer) }
    }

    fn unrouted(answer: &Answer<'_>) -> Self {
        Self {
            refund_type: answer.refund_type,
            refund: answer.refund,
            refund_max: answer.refund_max,
            blockers: answer.blockers.iter().map(|blocker| blocker.code).collect(),
            parts: Vec::new(),
        }
    }

    pub(crate) fn at(chain: &Chain<'_>, at: DateTime<Utc>) -> Self {
        Answer::at(chain, at, &mut Notes::not_taken())
            .map_or_else(|_| Self::not_a_candidate(), |answer| Self::of(&answer))
    }

    /// What is asked can no longer be asked then: the chosen expiration time has passed.
    fn not_a_candidate() -> Self {
        Self {
            refund_type: RefundType::Nonrefundable,
            refund: Decimal::ZERO,
            refund_max: Decimal::ZERO,
            blockers: vec!["not_a_candidate"],
            parts: Vec::new(),
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
    let (marks, complete) = marks(chain, at);
    (marks.into_iter().map(|mark| mark.at).collect(), complete)
}

fn marks(chain: &Chain<'_>, at: DateTime<Utc>) -> (Vec<Mark>, bool) {
    let Some(end) = chain.counted.iter().map(|c| c.order.end).max() else { return (Vec::new(), true) };
    let most_days = MOST_JUDGED / chain.counted.len();
    let case = chain.case;
    let mut found = Marks { from: at, marks: Vec::new() };
    let mut looked_until = end;
    for counted in &chain.counted {
        let order = counted.order;
        found.extend(true, [order.start, order.end]);
        windows(chain, order, &mut found);
    }
    found.extend(true, case.customer.membership.iter().map(|m| m.joined_at));
    found.extend(true, case.customer.no_reason_refunds.iter().map(|taken| taken.at));
    found.extend(true, chain.pack.dates());
    // A year begins for chances already taken.
    found.extend(!case.customer.no_reason_refunds.is_empty(), new_years(at, end));
    if by_days(chain) {
        for order in chain.counted.iter().map(|c| c.order).filter(|order| state(order, at) != LineState::Finished) {
            let days = found.extend(false, day_boundaries(order, at, most_days));
            if days > 0 && days == most_days {
                looked_until = looked_until.min(found.marks.last().map_or(end, |mark| mark.at));
            }
        }
    }
    let mut marks = found.marks;
    marks.retain(|mark| mark.at <= looked_until);
    // Runs of days are in order already, which this sort makes use of.
    marks.sort_by_key(|mark| mark.at);
    marks.dedup_by(|later, kept| {
        let same = later.at == kept.at;
        kept.turn |= same && later.turn;
        same
    });
    let complete = looked_until == end && marks.len() <= most_days;
    marks.truncate(most_days);
    (marks, complete)
}

struct Marks {
    from: DateTime<Utc>,
    marks: Vec<Mark>,
}

impl Marks {
    /// Adds what is not past, and tells how many there were.
    fn extend(&mut self, turn: bool, instants: impl IntoIterator<Item = DateTime<Utc>>) -> usize {
        let mut count = 0;
        for at in instants {
            count += 1;
            if at >= self.from {
                self.marks.push(Mark { at, turn });
            }
        }
        count
    }
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
fn day_boundaries(order: &Order, at: DateTime<Utc>, most: usize) -> impl Iterator<Item = DateTime<Utc>> {
    let begun = (at - order.start).num_days().max(0);
    let first = order.start + TimeDelta::days(begun);
    let end = order.end;
    std::iter::successors(Some(first), |day| Some(*day + DAY)).take_while(move |day| *day < end).take(most)
}

/// Ends of every window that begins when the order was paid; turns are those that can matter for this resource and order.
fn windows(chain: &Chain<'_>, order: &Order, found: &mut Marks) {
    let (pack, resource) = (chain.pack, &chain.case.resource);
    let unsubscribe = chain.case.ask.action == Action::Unsubscribe;
    let end = |days: u32| window_end(order.paid_at, days);
    let no_reason = pack.no_reason.iter().filter(|r| r.rule.covers(&resource.product)).map(|r| end(r.set.days));
    found.extend(unsubscribe && resource.kind == Kind::Instance, no_reason);
    let plans = pack.plan_windows.iter().filter_map(|r| r.set.days).map(end);
    found.extend(unsubscribe && resource.kind == Kind::ResourcePlan, plans);
    let certificates = pack.products.iter().filter(|r| r.rule.covers(&resource.product));
    found.extend(unsubscribe, certificates.filter_map(|r| r.set.certificate_days).map(end));
    for row in &pack.destinations {
        let pays = |method| order.payments.iter().flatten().any(|payment| payment.method == method);
        found.extend(row.set.method.is_none_or(pays), row.set.days.map(end));
    }
}

/// First instants of the calendar years (UTC+8) on the way.
fn new_years(at: DateTime<Utc>, end: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
    let offset = FixedOffset::east_opt(8 * 3600).expect("eight hours are a valid offset");
    (china_year(at) + 1..=end.year() + 1)
        .filter_map(move |year| offset.with_ymd_and_hms(year, 1, 1, 0, 0, 0).single())
        .map(|instant| instant.with_timezone(&Utc))
}
