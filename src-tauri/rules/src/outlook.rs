//! What changes next (section 15): the rules' own boundaries after the asked instant, with the values on both sides.
//!
//! Nothing changes between two boundaries, so each is judged once, just after it; the value before it is the one after the
//! last. Orders paid after the asked instant do not exist here either.

use chrono::{DateTime, TimeDelta, Utc};
use compact_str::CompactString;
use rust_decimal::Decimal;

use crate::blockers;
use crate::chain::Chain;
use crate::daily::{self, Days};
use crate::destinations::{self, by_destination};
use crate::judge::Answer;
use crate::marks::Marks;
use crate::money::{at_minor_unit, minor_units, units_text};
use crate::notes::Notes;
use crate::quote::{Change, RefundType, What};

/// A quote's future: the way from mark to mark, judged at turns, counted on between them.
pub(crate) struct Outlook<'w, 'a> {
    chain: &'w Chain<'a>,
    marks: Marks,
    minor_units: u32,
    /// What holds since the last mark.
    before: Glance,
    since: DateTime<Utc>,
    days: Option<Days<'w, 'a>>,
    changes: Vec<Change>,
    /// The amount last written, which the next change begins with.
    amount_told: Option<(i128, CompactString)>,
}

/// Until when nothing changes. Mostly the day begun last decides, and that is seen without preparing for a longer way.
pub(crate) fn valid_until(chain: &Chain<'_>, now: &Answer<'_>) -> Option<DateTime<Utc>> {
    daily::first_fall(chain, now).or_else(|| Outlook::of(chain, now).valid_until())
}

impl<'w, 'a> Outlook<'w, 'a> {
    pub(crate) fn of(chain: &'w Chain<'a>, now: &Answer<'a>) -> Self {
        let minor_units = minor_units(chain.currency().unwrap_or(&chain.case.customer.currency));
        Self {
            chain,
            minor_units,
            marks: Marks::ahead(chain, now.at),
            before: Glance::of(now, minor_units),
            since: now.at,
            days: Days::from(chain, now),
            changes: Vec::new(),
            amount_told: None,
        }
    }

    /// Until when nothing changes: the first change, or as far as was looked. The way goes no further than that.
    pub(crate) fn valid_until(&mut self) -> Option<DateTime<Utc>> {
        while self.changes.is_empty() && self.pass_mark() {}
        self.changes.first().map(|change| change.at).or(self.marks.looked_until())
    }

    /// Every change by a rule from the asked instant on.
    pub(crate) fn changes(mut self) -> Vec<Change> {
        self.changes.reserve(self.marks.at_most_left());
        while self.pass_mark() {}
        self.changes
    }

    /// Goes past the next mark; false after the last.
    fn pass_mark(&mut self) -> bool {
        let Some(mark) = self.marks.next() else { return false };
        if mark.turn || self.counted_on(mark.at).is_none() {
            self.judged(mark.at);
        }
        self.since = mark.at + JUST_AFTER;
        true
    }

    /// Passes the end of a begun day. `None` where it has to be judged after all.
    fn counted_on(&mut self, boundary: DateTime<Utc>) -> Option<()> {
        let days = self.days.as_mut()?;
        if !days.pass(boundary)? {
            return Some(());
        }
        let after = days.totals();
        let nothing = after.1 == 0;
        if nothing != self.before.blockers.contains(&blockers::REFUND_IS_ZERO) {
            return None;
        }
        if self.before.blockers.is_empty() {
            self.tell_amounts(boundary, self.before.units, after);
            self.before.units = after;
        }
        Some(())
    }

    /// Judges anew just after the boundary.
    fn judged(&mut self, boundary: DateTime<Utc>) {
        let instant = boundary + JUST_AFTER;
        let answer = Answer::unrouted(self.chain, instant, &mut Notes::not_taken()).ok();
        let after = answer.as_ref().map_or_else(Glance::not_a_candidate, |answer| Glance::of(answer, self.minor_units));
        self.days = answer.as_ref().and_then(|answer| Days::from(self.chain, answer));
        let before = std::mem::replace(&mut self.before, after);
        self.tell(boundary, &before);
    }

    /// Tells what is now another than before.
    fn tell(&mut self, at: DateTime<Utc>, before: &Glance) {
        let told = self.changes.len();
        let after = &self.before;
        if before.blockers.is_empty() != after.blockers.is_empty() {
            self.changes.push(change(at, What::Eligibility, before.eligibility(), after.eligibility()));
        }
        if before.refund_type != after.refund_type {
            let word = |glance: &Glance| CompactString::const_new(glance.refund_type.word());
            self.changes.push(change(at, What::Type, word(before), word(after)));
        }
        self.tell_amounts(at, before.units, after.units);
        self.tell_destinations(at);
        if self.changes.len() > told && self.chain.pack.dates().contains(&at) {
            let rules = |instant| in_force(self.chain, instant, at);
            self.changes.push(change(at, What::Policy, rules(at - JUST_AFTER), rules(at)));
        }
    }

    /// Both sides in minor units: at least, at most.
    fn tell_amounts(&mut self, at: DateTime<Utc>, before: (i128, i128), after: (i128, i128)) {
        let money = |units| units_text(units, self.minor_units);
        if before.0 != after.0 {
            let last = self.amount_told.take().filter(|(amount, _)| *amount == before.0);
            let (before, told) = (last.map_or_else(|| money(before.0), |(_, text)| text), money(after.0));
            self.amount_told = Some((after.0, told.clone()));
            self.changes.push(change(at, What::Amount, before, told));
        }
        if before.1 != after.1 && (before.0, after.0) != (before.1, after.1) {
            self.changes.push(change(at, What::AmountMax, money(before.1), money(after.1)));
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
            self.changes.push(change(at, What::Destination, before, after));
        }
    }
}

fn change(at: DateTime<Utc>, what: What, before: CompactString, after: CompactString) -> Change {
    Change { at, what, before, after }
}

/// The smallest step that instants can be told apart by.
pub(crate) const JUST_AFTER: TimeDelta = TimeDelta::nanoseconds(1);

/// What of an answer can change, but for where the money goes.
struct Glance {
    refund_type: RefundType,
    /// In minor units: at least, at most.
    units: (i128, i128),
    /// Codes of the blockers; none is eligible.
    blockers: Vec<&'static str>,
}

impl Glance {
    fn of(answer: &Answer<'_>, minor_units: u32) -> Self {
        let units = |amount| at_minor_unit(amount, minor_units).mantissa();
        Self {
            refund_type: answer.refund_type,
            units: (units(answer.refund), units(answer.refund_max)),
            blockers: answer.blockers.iter().map(|blocker| blocker.code).collect(),
        }
    }

    /// What is asked can no longer be asked then: the chosen expiration time has passed.
    fn not_a_candidate() -> Self {
        Self { refund_type: RefundType::Nonrefundable, units: (0, 0), blockers: vec![NOT_A_CANDIDATE] }
    }

    /// "eligible", or the codes that block it.
    fn eligibility(&self) -> CompactString {
        if self.blockers.is_empty() { CompactString::const_new("eligible") } else { self.blockers.join(",").into() }
    }
}

const NOT_A_CANDIDATE: &str = "not_a_candidate";

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
        Answer::at(chain, at, &mut Notes::not_taken())
            .map_or_else(|_| Self::not_a_candidate(), |answer| Self::of(&answer))
    }

    /// What is asked can no longer be asked then: the chosen expiration time has passed.
    fn not_a_candidate() -> Self {
        Self {
            refund_type: RefundType::Nonrefundable,
            refund: Decimal::ZERO,
            refund_max: Decimal::ZERO,
            blockers: vec![NOT_A_CANDIDATE],
            parts: Vec::new(),
        }
    }

    /// Whether any payment's part now goes elsewhere.
    fn rerouted(&self, after: &Self) -> bool {
        self.parts.iter().any(|part| {
            let same = |other: &&crate::destinations::Part| (other.order, other.payment) == (part.order, part.payment);
            after.parts.iter().find(same).is_some_and(|other| other.to != part.to)
        })
    }

    /// "balance=11.04,bank_card=551.97"
    fn destinations(&self, minor: u32) -> CompactString {
        let to = by_destination(&self.parts, minor);
        to.iter().map(|d| format!("{}={}", d.to, d.amount)).collect::<Vec<_>>().join(",").into()
    }
}

/// Ids of the rules that begin or end at `boundary` and are in force at `instant`.
fn in_force(chain: &Chain<'_>, instant: DateTime<Utc>, boundary: DateTime<Utc>) -> CompactString {
    let dated = |rule: &&crate::policy::Rule| rule.from == Some(boundary) || rule.until == Some(boundary);
    let rules = chain.pack.rules.values().filter(dated).filter(|rule| rule.in_force(instant));
    rules.map(|rule| rule.id.as_str()).collect::<Vec<_>>().join(",").into()
}
