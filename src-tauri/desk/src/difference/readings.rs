//! What may have been otherwise than the quote took it: changes of the facts before the rules are asked again, and what may have been
//! done with the amounts afterwards.

use refund_rules::Case;
use refund_rules::case::{Order, OrderStatus};
use refund_rules::quote::Quote;
use rust_decimal::{Decimal, RoundingStrategy};

use super::Look;
use super::amount::Group;
use crate::day;

/// A product that no rule names: what is particular to the resource's own falls away.
const NO_PRODUCT_OF_ITS_OWN: &str = "unlisted";

/// How much finer than the minor unit an amount is looked at to see what rounding did.
const FINER: Decimal = Decimal::ONE_HUNDRED;

/// One fact or reading that may have been otherwise, as a change of the facts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reading {
    ActedLater,
    CalendarDays,
    NoDiscount,
    NoCoefficient,
    CouponReturned,
}

impl Reading {
    pub(super) const ALL: [Self; 5] =
        [Self::ActedLater, Self::CalendarDays, Self::NoDiscount, Self::NoCoefficient, Self::CouponReturned];

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::ActedLater => "acted_later",
            Self::CalendarDays => "calendar_days",
            Self::NoDiscount => "no_discount",
            Self::NoCoefficient => "no_coefficient",
            Self::CouponReturned => "coupon_returned",
        }
    }

    pub(super) const fn rule(self) -> &'static str {
        match self {
            Self::ActedLater | Self::CalendarDays => "time.consumed",
            Self::NoDiscount => "time.discount",
            Self::NoCoefficient => "coefficient.none",
            Self::CouponReturned => "wire.amounts",
        }
    }

    pub(super) fn change(self, case: &mut Case, group: &Group<'_>) {
        match self {
            Self::ActedLater => {
                let made_at = group.refunds.iter().map(|refund| refund.created_at).min();
                case.ask.at = made_at.unwrap_or(case.ask.at);
            }
            Self::CalendarDays => from_midnight(case, group),
            Self::NoDiscount => own(case, group).for_each(|order| order.discounts = Some(Vec::new())),
            Self::NoCoefficient => case.resource.product = NO_PRODUCT_OF_ITS_OWN.to_owned(),
            Self::CouponReturned => own(case, group).for_each(|order| {
                order.cash += std::mem::take(&mut order.coupon);
                order.payments = None;
            }),
        }
    }
}

/// What may have been done with the amounts that the rules gave.
#[derive(Debug, Clone, Copy)]
pub(super) enum Afterwards {
    RoundedDown,
    TaxReturned,
    TaxWithheld,
}

impl Afterwards {
    pub(super) const ALL: [Self; 3] = [Self::RoundedDown, Self::TaxReturned, Self::TaxWithheld];

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::RoundedDown => "rounded_down",
            Self::TaxReturned => "tax_returned",
            Self::TaxWithheld => "tax_withheld",
        }
    }

    pub(super) const fn rule(self) -> &'static str {
        match self {
            Self::RoundedDown => "money.rounding",
            Self::TaxReturned | Self::TaxWithheld => "money.before_tax",
        }
    }

    /// Whether it makes the actual amount of a quote of these facts; with the tax, where that is what it does.
    pub(super) fn gives(
        self,
        facts: &Case,
        quote: &Quote,
        look: &Look<'_>,
        group: &Group<'_>,
        places: u32,
        actual: Decimal,
    ) -> Option<Option<Decimal>> {
        if let Self::RoundedDown = self {
            let cut = look.ask_again(finer).map(|quote| cut_off(&quote, group, places));
            return (cut == Some(actual)).then_some(None);
        }
        let (code, tax) = tax(facts, group, quote, actual - group.within(quote), places)?;
        (code == self.code()).then_some(Some(tax))
    }
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
