//! Why an amount differs: the rules are asked again with one fact or one reading changed, and a change that gives the actual
//! amount to the minor unit explains it.

use chrono::TimeDelta;
use desk_store::RefundRow;
use refund_rules::case::{Order, OrderStatus};
use refund_rules::quote::{Line, LineState, Param, Params, Quote};
use refund_rules::{Case, minor_units};
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Aspect, Difference, Explanation, Look, consumed_step, lines_of, money};
use crate::day;
use crate::tell;
use crate::views::RequestState;

/// A product that no rule names: what is particular to the resource's own falls away.
const NO_PRODUCT_OF_ITS_OWN: &str = "unlisted";

/// How much finer than the minor unit an amount is looked at to see what rounding did.
const FINER: Decimal = Decimal::ONE_HUNDRED;

const A_DAY: TimeDelta = TimeDelta::hours(24);

/// Refund orders beside the lines that they are for.
struct Group<'a> {
    refunds: Vec<&'a RefundRow>,
    lines: Vec<&'a Line>,
}

impl Group<'_> {
    fn actual(&self) -> Decimal {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// The amount that a quote gives for these lines; a range promises anything inside it.
    fn within(&self, quote: &Quote) -> Decimal {
        let own = || quote.lines.iter().filter(|line| self.holds(&line.order));
        let low: Decimal = own().map(|line| line.refund).sum();
        let high: Decimal = own().map(|line| line.refund_max).sum();
        self.actual().clamp(low, high.max(low))
    }

    fn holds(&self, order: &str) -> bool {
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

    fn why(&self, group: &Group<'_>, predicted: Decimal, actual: Decimal) -> Vec<Explanation> {
        let Some(facts) = self.facts else { return Vec::new() };
        let mut found = Vec::new();
        let about = || {
            let orders = group.lines.iter().map(|line| line.order.clone()).collect();
            tell::params([
                ("orders", Param::List(orders)),
                ("predicted", money(predicted)),
                ("actual", money(actual)),
                ("difference", money(actual - predicted)),
            ])
        };
        let mut gives = |code: &str, rule: &str, quote: Option<Quote>| {
            let Some(quote) = quote.filter(|quote| group.within(quote) == actual) else { return };
            let mut params = about();
            params.extend(days_of(group, self.quote(), &quote));
            found.push(self.explanation(code, Some(rule), params));
        };
        let made_at = group.refunds.iter().map(|refund| refund.created_at).min();
        gives("acted_later", "time.consumed", self.ask_again(|case| case.ask.at = made_at.unwrap_or(case.ask.at)));
        gives("calendar_days", "time.consumed", self.ask_again(|case| from_midnight(case, group)));
        gives(
            "no_discount",
            "time.discount",
            self.ask_again(|case| {
                own(case, group).for_each(|order| order.discounts = Some(Vec::new()));
            }),
        );
        let coefficient = self.ask_again(|case| case.resource.product = NO_PRODUCT_OF_ITS_OWN.to_owned());
        gives("no_coefficient", "coefficient.none", coefficient);
        gives(
            "coupon_returned",
            "wire.amounts",
            self.ask_again(|case| {
                own(case, group).for_each(|order| {
                    order.cash += std::mem::take(&mut order.coupon);
                    order.payments = None;
                });
            }),
        );
        found.extend(self.one_day(group, actual, &about));
        let places = minor_units(group.refunds.first().map_or("", |refund| refund.currency.as_str()));
        let cut = self.ask_again(finer).map(|quote| cut_off(&quote, group, places));
        if cut == Some(actual) {
            found.push(self.explanation("rounded_down", Some("money.rounding"), about()));
        }
        found.extend(tax(facts, group, self.quote(), actual - predicted, places).map(|(code, tax)| {
            let mut params = about();
            params.insert("tax", money(tax));
            self.explanation(code, Some("money.before_tax"), params)
        }));
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

fn own<'c>(case: &'c mut Case, group: &'c Group<'_>) -> impl Iterator<Item = &'c mut Order> {
    case.orders.iter_mut().filter(|order| order.status == OrderStatus::Paid && group.holds(&order.id))
}

/// Every date that was touched counts: an order in effect counts from the midnight before its start.
fn from_midnight(case: &mut Case, group: &Group<'_>) {
    let at = case.ask.at;
    own(case, group).filter(|order| order.start <= at).for_each(|order| order.start = day::start_of(order.start));
}

/// Every amount so many times as large: the rules round to the minor unit, so what they round away is still there.
fn finer(case: &mut Case) {
    for order in &mut case.orders {
        for amount in [&mut order.list, &mut order.cash, &mut order.coupon, &mut order.tax] {
            *amount *= FINER;
        }
        for payment in order.payments.iter_mut().flatten() {
            payment.amount *= FINER;
        }
    }
}

fn cut_off(quote: &Quote, group: &Group<'_>, places: u32) -> Decimal {
    let own = quote.lines.iter().filter(|line| group.holds(&line.order));
    own.map(|line| (line.refund / FINER).round_dp_with_strategy(places, RoundingStrategy::ToZero)).sum()
}

/// Whether the difference is the orders' tax, as far as their cash comes back: given back besides, or kept of it. The tax of an
/// order is rounded, and its share again, so a minor unit of each order may be off.
fn tax(
    facts: &Case,
    group: &Group<'_>,
    quote: &Quote,
    difference: Decimal,
    places: u32,
) -> Option<(&'static str, Decimal)> {
    let mut tax = Decimal::ZERO;
    let mut slack = Decimal::ZERO;
    for line in quote.lines.iter().filter(|line| group.holds(&line.order) && !line.cash.is_zero()) {
        let order = facts.orders.iter().find(|order| order.id == line.order)?;
        if !order.tax.is_zero() {
            tax += (order.tax * line.refund / line.cash)
                .round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
            slack += Decimal::new(1, places);
        }
    }
    let is_tax = !tax.is_zero() && (difference.abs() - tax).abs() <= slack;
    is_tax.then(|| (if difference.is_sign_negative() { "tax_withheld" } else { "tax_returned" }, tax))
}
