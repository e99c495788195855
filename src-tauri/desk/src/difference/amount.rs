//! Why an amount differs: the rules are asked again with one fact or one reading changed, and a change that gives the actual
//! amount to the minor unit explains it.

use chrono::TimeDelta;
use desk_store::RefundRow;
use refund_rules::quote::{Line, LineState, Param, Params, Quote};
use refund_rules::{Case, minor_units};
use rust_decimal::Decimal;

use super::readings::{Afterwards, Reading};
use super::{Aspect, Difference, Explanation, Look, consumed_step, lines_of, money};
use crate::tell;
use crate::views::RequestState;

const A_DAY: TimeDelta = TimeDelta::hours(24);

/// Refund orders beside the lines that they are for.
pub(super) struct Group<'a> {
    pub(super) refunds: Vec<&'a RefundRow>,
    pub(super) lines: Vec<&'a Line>,
}

impl Group<'_> {
    fn actual(&self) -> Decimal {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// The amount that a quote gives for these lines; a range promises anything inside it.
    pub(super) fn within(&self, quote: &Quote) -> Decimal {
        let own = || quote.lines.iter().filter(|line| self.holds(&line.order));
        let low: Decimal = own().map(|line| line.refund).sum();
        let high: Decimal = own().map(|line| line.refund_max).sum();
        self.actual().clamp(low, high.max(low))
    }

    pub(super) fn holds(&self, order: &str) -> bool {
        self.lines.iter().any(|line| line.order == order)
    }

    fn used(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().copied().filter(|line| line.state == LineState::InEffect)
    }
}

impl Look<'_> {
    pub(super) fn amounts(&self) -> Vec<Difference> {
        let groups = self.groups();
        let differs = |group: &&Group<'_>| group.within(self.quote()) != group.actual();
        groups.iter().filter(differs).map(|group| self.amount_of(group)).collect()
    }

    fn amount_of(&self, group: &Group<'_>) -> Difference {
        let (predicted, actual) = (group.within(self.quote()), group.actual());
        let why = self.why(group, predicted, actual);
        let sides = (predicted.to_string(), actual.to_string());
        self.difference(Aspect::Amount, &group.refunds, &group.lines, sides, why)
    }

    /// One group for each refund order, where each names the lines it is for; else all of them against all lines.
    fn groups(&self) -> Vec<Group<'_>> {
        let quote = self.quote();
        let mut groups: Vec<Group<'_>> = Vec::new();
        for refund in self.refunds {
            let lines = lines_of(quote, refund);
            // Two refund orders for one line are one group.
            match groups.iter_mut().find(|group| lines.iter().any(|line| group.holds(&line.order))) {
                Some(group) => group.refunds.push(refund),
                None => groups.push(Group { refunds: vec![refund], lines }),
            }
        }
        let answered = |line: &&Line| groups.iter().any(|group| group.holds(&line.order));
        let all_answered = quote.lines.iter().filter(|line| !line.refund_max.is_zero()).all(|line| answered(&line));
        if all_answered || self.record.state != RequestState::Refunded {
            groups.retain(|group| !group.lines.is_empty());
            return groups;
        }
        vec![Group { refunds: self.refunds.iter().collect(), lines: quote.lines.iter().collect() }]
    }

    /// Every change of one fact or reading that gives the actual amount; where none does, every two of them together.
    fn why(&self, group: &Group<'_>, predicted: Decimal, actual: Decimal) -> Vec<Explanation> {
        let Some(facts) = self.facts else { return Vec::new() };
        let about = || {
            let orders = group.lines.iter().map(|line| line.order.clone()).collect();
            tell::params([
                ("orders", Param::List(orders)),
                ("predicted", money(predicted)),
                ("actual", money(actual)),
                ("difference", money(actual - predicted)),
            ])
        };
        let places = minor_units(group.refunds.first().map_or("", |refund| refund.currency.as_str()));
        let mut found = Vec::new();
        for reading in Reading::ALL {
            let Some(quote) = self.ask_again(|case| reading.change(case, group)) else { continue };
            if group.within(&quote) == actual {
                let mut params = about();
                params.extend(days_of(group, self.quote(), &quote));
                found.push(self.explanation(reading.code(), Some(reading.rule()), params));
            }
        }
        found.extend(self.one_day(group, actual, &about));
        for after in Afterwards::ALL {
            if let Some(tax) = after.gives(facts, self.quote(), self, group, places, actual) {
                let mut params = about();
                params.extend(tax.map(|tax| ("tax", money(tax))).map(|tax| tell::params([tax])).unwrap_or_default());
                found.push(self.explanation(after.code(), Some(after.rule()), params));
            }
        }
        if found.is_empty() {
            found = self.two_together(facts, group, places, actual, &about);
        }
        found
    }

    /// Two readings that were both otherwise, where neither alone gives the amount.
    fn two_together(
        &self,
        facts: &Case,
        group: &Group<'_>,
        places: u32,
        actual: Decimal,
        about: &dyn Fn() -> Params,
    ) -> Vec<Explanation> {
        let mut found = Vec::new();
        let mut tell = |one: (&str, &str), other: (&str, &str)| {
            let say = |code: &str| tell::say(self.language, "changed_reading", code, &Params::new());
            let mut params = about();
            params.insert("readings", Param::List(vec![say(one.0), say(other.0)]));
            params.insert("codes", Param::List(vec![one.0.to_owned(), other.0.to_owned()]));
            params.insert("rules", Param::List(vec![one.1.to_owned(), other.1.to_owned()]));
            found.push(self.explanation("two_together", Some(one.1), params));
        };
        for (nth, one) in Reading::ALL.into_iter().enumerate() {
            let mut changed = facts.clone();
            one.change(&mut changed, group);
            // What one changed reading makes of these orders: the second one starts from it.
            let look = Look { facts: Some(&changed), ..*self };
            let Some(first) = look.ask_again(|_| ()) else { continue };
            if group.within(&first) == group.within(self.quote()) {
                continue;
            }
            for other in &Reading::ALL[nth + 1..] {
                let both = look.ask_again(|case| other.change(case, group));
                if both.is_some_and(|quote| group.within(&quote) == actual && differ(group, &quote, &first)) {
                    tell((one.code(), one.rule()), (other.code(), other.rule()));
                }
            }
            for after in Afterwards::ALL {
                if after.gives(&changed, &first, &look, group, places, actual).is_some() {
                    tell((one.code(), one.rule()), (after.code(), after.rule()));
                }
            }
        }
        found
    }

    /// One begun day more or less of one order, the others as they were.
    fn one_day(&self, group: &Group<'_>, actual: Decimal, about: &dyn Fn() -> Params) -> Vec<Explanation> {
        let mut found = Vec::new();
        for (code, by) in [("day_more", A_DAY), ("day_less", -A_DAY)] {
            let Some(quote) = self.ask_again(|case| case.ask.at += by) else { continue };
            for line in group.used() {
                let Some(other) = quote.lines.iter().find(|other| other.order == line.order) else { continue };
                let rest: Decimal = group.lines.iter().filter(|l| l.order != line.order).map(|l| l.refund).sum();
                let exact = other.refund == other.refund_max && other.refund != line.refund;
                if exact && rest + other.refund == actual {
                    let mut params = about();
                    params.insert("order", line.order.as_str().into());
                    params.extend(days_between(line, other));
                    found.push(self.explanation(code, Some("time.consumed"), params));
                }
            }
        }
        found
    }
}

/// Of a line before and after a change: the days counted, and what a day is made of.
fn days_between(line: &Line, other: &Line) -> Params {
    let mut params = Params::new();
    let (Some(before), Some(after)) = (consumed_step(line), consumed_step(other)) else { return params };
    for name in ["list", "sub_days", "discount", "coefficient"] {
        if let Some(value) = after.params.get(name) {
            params.insert(name, value.clone());
        }
    }
    for (name, step, of) in [
        ("days_predicted", before, "used_days"),
        ("days_counted", after, "used_days"),
        ("sub_days_predicted", before, "sub_days"),
    ] {
        if let Some(value) = step.params.get(of) {
            params.insert(name, value.clone());
        }
    }
    params
}

/// The same for the first line of a group that a change touched.
fn days_of(group: &Group<'_>, before: &Quote, after: &Quote) -> Params {
    let touched = before.lines.iter().filter(|line| group.holds(&line.order)).find_map(|line| {
        let other = after.lines.iter().find(|other| other.order == line.order && other.refund != line.refund)?;
        Some(days_between(line, other))
    });
    touched.unwrap_or_default()
}

/// True when two quotes say something else of a group's lines.
fn differ(group: &Group<'_>, one: &Quote, other: &Quote) -> bool {
    let sums = |quote: &Quote| {
        let own = quote.lines.iter().filter(|line| group.holds(&line.order));
        own.map(|line| (line.refund, line.refund_max)).collect::<Vec<_>>()
    };
    sums(one) != sums(other)
}
