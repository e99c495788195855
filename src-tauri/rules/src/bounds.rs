//! Bounds of input: within them every formula is exact, beyond them a case is refused at the place of the mistake.

use std::collections::BTreeSet;
use std::fmt;

use rust_decimal::Decimal;

use crate::case::{Action, Case, Discount, Kind, Order, OrderType, Usage};
use crate::error::BadInput;
use crate::money::{minor_units, power_of_ten};
use crate::read::in_our_time;

/// Digits before the point of any amount.
const AMOUNT_DIGITS: u32 = 10;
/// Decimals of a discount factor.
const FACTOR_PLACES: u32 = 4;
/// Decimals of a daily price.
const DAILY_PLACES: u32 = 6;
/// Digits before and after the point of a quota, whatever its unit.
const QUOTA_DIGITS: u32 = 15;
const QUOTA_PLACES: u32 = 6;

type Checked = Result<(), BadInput>;

/// Orders of a chain that are compared one with the other; of a longer one the ids are kept sorted.
const FEW_ORDERS: usize = 16;

/// Whether an order's id was there before.
struct Distinct<'a>(Option<BTreeSet<&'a str>>);

impl<'a> Distinct<'a> {
    fn among(orders: usize) -> Self {
        Self((orders > FEW_ORDERS).then(BTreeSet::new))
    }

    fn insert(&mut self, before: &[Order], order: &'a Order) -> bool {
        match &mut self.0 {
            Some(ids) => ids.insert(&order.id),
            None => before.iter().all(|other| other.id != order.id),
        }
    }
}

/// Refuses a case that is outside the bounds or contradicts itself.
///
/// # Errors
/// `bad_input` at the first mistake in the document's order.
pub(crate) fn check(case: &Case) -> Checked {
    currency("customer.currency", &case.customer.currency)?;
    usage(case)?;
    if case.orders.is_empty() {
        return Err(BadInput::at("orders", "a case needs at least one order"));
    }
    let mut ids = Distinct::among(case.orders.len());
    for (i, one) in case.orders.iter().enumerate() {
        if !ids.insert(&case.orders[..i], one) {
            return Err(BadInput::at(format!("orders[{i}].id"), format!("two orders have the id {}", one.id)));
        }
        order(format_args!("orders[{i}]"), one)?;
    }
    ask(case)
}

fn usage(case: &Case) -> Checked {
    match (case.resource.kind, &case.resource.usage) {
        (Kind::ResourcePlan, None) => Err(BadInput::at("resource.usage", "a resource plan needs its usage")),
        (Kind::Instance, Some(_)) => {
            Err(BadInput::at("resource.usage", "only resource plans have a usage; leave it out or null"))
        }
        (Kind::Instance, None) => Ok(()),
        (Kind::ResourcePlan, Some(usage)) => quota(usage),
    }
}

fn quota(usage: &Usage) -> Checked {
    digits("resource.usage.total", usage.total, QUOTA_DIGITS, QUOTA_PLACES)?;
    digits("resource.usage.used", usage.used, QUOTA_DIGITS, QUOTA_PLACES)?;
    if usage.total.is_zero() {
        return Err(BadInput::at("resource.usage.total", "the total quota must be above zero"));
    }
    Ok(())
}

/// Places are written out only where something is wrong.
fn order(path: fmt::Arguments<'_>, order: &Order) -> Checked {
    let at = |field: &str| format!("{path}.{field}");
    currency(format_args!("{path}.currency"), &order.currency)?;
    for (field, instant) in
        [("created_at", order.created_at), ("paid_at", order.paid_at), ("start", order.start), ("end", order.end)]
    {
        if !in_our_time(instant) {
            return Err(BadInput::at(at(field), "the year is outside the calendar"));
        }
    }
    if order.end <= order.start {
        return Err(BadInput::at(at("end"), "the service period must end after it starts"));
    }
    let places = minor_units(&order.currency);
    for (field, amount) in [("list", order.list), ("cash", order.cash), ("coupon", order.coupon), ("tax", order.tax)] {
        digits(format_args!("{path}.{field}"), amount, AMOUNT_DIGITS, places)?;
    }
    payments(path, order, places)?;
    upgrade(path, order)?;
    discounts(path, order.discounts.as_deref().unwrap_or_default())
}

fn payments(path: fmt::Arguments<'_>, order: &Order, places: u32) -> Checked {
    let payments = order.payments.as_deref().unwrap_or_default();
    for (i, payment) in payments.iter().enumerate() {
        digits(format_args!("{path}.payments[{i}].amount"), payment.amount, AMOUNT_DIGITS, places)?;
    }
    let Some((first, others)) = payments.split_first() else { return Ok(()) };
    let sum = others.iter().fold(first.amount, |sum, payment| sum + payment.amount);
    if sum != order.cash {
        let message = format!("the payments sum to {sum}, but the order's cash is {}", order.cash);
        return Err(BadInput::at(format!("{path}.payments"), message));
    }
    Ok(())
}

fn upgrade(path: fmt::Arguments<'_>, order: &Order) -> Checked {
    for (field, price) in [("daily_before", order.daily_before), ("daily_after", order.daily_after)] {
        if let Some(price) = price {
            digits(format_args!("{path}.{field}"), price, AMOUNT_DIGITS, DAILY_PLACES)?;
        }
    }
    if order.order_type != OrderType::Upgrade {
        return Ok(());
    }
    match (order.daily_before, order.daily_after) {
        (Some(before), Some(after)) if after <= before => Err(BadInput::at(
            format!("{path}.daily_after"),
            "after an upgrade the daily price must be above the one before",
        )),
        (Some(_), None) => {
            Err(BadInput::at(format!("{path}.daily_after"), "an upgrade carries both daily prices or none"))
        }
        (None, Some(_)) => {
            Err(BadInput::at(format!("{path}.daily_before"), "an upgrade carries both daily prices or none"))
        }
        _ => Ok(()),
    }
}

fn discounts(path: fmt::Arguments<'_>, table: &[Discount]) -> Checked {
    if table.is_empty() {
        return Ok(());
    }
    let mut thresholds = BTreeSet::new();
    for (i, entry) in table.iter().enumerate() {
        let at = || format!("{path}.discounts[{i}]");
        if entry.from_day.is_some() == entry.from_percent.is_some() {
            return Err(BadInput::at(at(), "an entry has either from_day or from_percent"));
        }
        if entry.factor <= Decimal::ZERO || entry.factor > Decimal::ONE {
            return Err(BadInput::at(format!("{}.factor", at()), "a factor lies above 0 and is 1 at most"));
        }
        digits(format_args!("{path}.discounts[{i}].factor"), entry.factor, 1, FACTOR_PLACES)?;
        digits(
            format_args!("{path}.discounts[{i}].from_percent"),
            entry.from_percent.unwrap_or_default(),
            AMOUNT_DIGITS,
            QUOTA_PLACES,
        )?;
        if !thresholds.insert((entry.from_day, entry.from_percent)) {
            return Err(BadInput::at(at(), "two entries of the table have the same threshold"));
        }
    }
    Ok(())
}

fn ask(case: &Case) -> Checked {
    let ask = &case.ask;
    if !in_our_time(ask.at) {
        return Err(BadInput::at("ask.at", "the year is outside the calendar"));
    }
    match (ask.action == Action::CancelRenewals, ask.expires) {
        (true, None) => {
            return Err(BadInput::at("ask.expires", "cancelling renewals needs the Updated Expiration Time"));
        }
        (false, Some(_)) => {
            return Err(BadInput::at("ask.expires", "only cancel_renewals takes an Updated Expiration Time"));
        }
        _ => {}
    }
    match (ask.action == Action::Downgrade, ask.daily_list) {
        (true, None) => {
            Err(BadInput::at("ask.daily_list", "a downgrade needs the daily list price of the new configuration"))
        }
        (false, Some(_)) => Err(BadInput::at("ask.daily_list", "only a downgrade takes a daily list price")),
        (_, price) => digits("ask.daily_list", price.unwrap_or_default(), AMOUNT_DIGITS, DAILY_PLACES),
    }
}

fn currency(path: impl fmt::Display, code: &str) -> Checked {
    if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) {
        return Ok(());
    }
    Err(BadInput::at(path.to_string(), "a currency is a code of three capital letters, such as USD"))
}

/// Not negative, and no more digits than allowed. Zeros at the end say nothing and are not counted.
#[inline]
fn digits(path: impl fmt::Display, amount: Decimal, before: u32, after: u32) -> Checked {
    let plain = !amount.is_sign_negative() && amount.scale() <= after;
    if plain && amount.mantissa() < power_of_ten(before + amount.scale()) {
        return Ok(());
    }
    digits_without_zeros(path.to_string(), amount.normalize(), before, after)
}

#[cold]
fn digits_without_zeros(path: String, amount: Decimal, before: u32, after: u32) -> Checked {
    if amount.is_sign_negative() && !amount.is_zero() {
        return Err(BadInput::at(path, format!("{amount} is negative")));
    }
    if amount.scale() > after {
        return Err(BadInput::at(path, format!("{amount} has more than {after} digits after the point")));
    }
    if amount.trunc().mantissa() >= power_of_ten(before) {
        return Err(BadInput::at(path, format!("{amount} has more than {before} digits before the point")));
    }
    Ok(())
}
