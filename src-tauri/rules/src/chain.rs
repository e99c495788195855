//! The order chain at the asked instant: which orders count, what state each is in, which one is the purchase.

use chrono::{DateTime, TimeDelta, Utc};

use crate::case::{Case, Order, OrderStatus, OrderType};
use crate::money::minor_units;
use crate::policy::{Pack, Policies};
use crate::quote::LineState;

/// Hours of a day of service and of a window.
pub(crate) const DAY: TimeDelta = TimeDelta::days(1);

/// A case with the orders that exist at the asked instant.
pub(crate) struct Chain<'a> {
    pub case: &'a Case,
    pub pack: &'a Pack,
    pub policies: &'a Policies,
    /// Paid not after the asked instant, in the document's order.
    pub counted: Vec<Counted<'a>>,
    /// Unpaid orders created not after the asked instant.
    pub unpaid: Vec<&'a Order>,
}

/// An order that counts, with its place in the document.
#[derive(Clone, Copy)]
pub(crate) struct Counted<'a> {
    pub index: usize,
    pub order: &'a Order,
    pub minor_units: u32,
}

impl<'a> Chain<'a> {
    pub(crate) fn of(case: &'a Case, policies: &'a Policies) -> Self {
        let at = case.ask.at;
        let counted = case
            .orders
            .iter()
            .enumerate()
            .filter(|(_, order)| order.status == OrderStatus::Paid && order.paid_at <= at)
            .map(|(index, order)| Counted { index, order, minor_units: minor_units(&order.currency) })
            .collect();
        let unpaid =
            case.orders.iter().filter(|order| order.status == OrderStatus::Unpaid && order.created_at <= at).collect();
        Self { case, pack: policies.pack(case.customer.site), policies, counted, unpaid }
    }

    /// The earliest `new` order.
    pub(crate) fn purchase(&self) -> Option<&'a Order> {
        earliest(self.counted.iter().map(|c| c.order).filter(|order| order.order_type == OrderType::New))
    }

    /// The earliest order of any type.
    pub(crate) fn earliest(&self) -> Option<&'a Order> {
        earliest(self.counted.iter().map(|c| c.order))
    }

    /// Renewals that have not taken effect at `at`, in time order.
    pub(crate) fn pending_renewals(&self, at: DateTime<Utc>) -> Vec<Counted<'a>> {
        let renewal = |order: &Order| matches!(order.order_type, OrderType::Renew | OrderType::CompensatoryRenew);
        let mut pending: Vec<_> = self
            .counted
            .iter()
            .filter(|c| renewal(c.order) && state(c.order, at) == LineState::Pending)
            .copied()
            .collect();
        pending
            .sort_by(|a, b| (a.order.start, a.order.end, &a.order.id).cmp(&(b.order.start, b.order.end, &b.order.id)));
        pending
    }

    /// Currency of the counted orders: the account's if there are none, `None` if there are several.
    pub(crate) fn currency(&self) -> Option<&'a str> {
        let mut currencies = self.counted.iter().map(|c| c.order.currency.as_str());
        let first = currencies.next().unwrap_or(&self.case.customer.currency);
        currencies.all(|currency| currency == first).then_some(first)
    }

    pub(crate) fn all_finished(&self, at: DateTime<Utc>) -> bool {
        !self.counted.is_empty() && self.counted.iter().all(|c| state(c.order, at) == LineState::Finished)
    }

    pub(crate) fn all_pending(&self, at: DateTime<Utc>) -> bool {
        !self.counted.is_empty() && self.counted.iter().all(|c| state(c.order, at) == LineState::Pending)
    }
}

fn earliest<'a>(orders: impl Iterator<Item = &'a Order>) -> Option<&'a Order> {
    orders.min_by(|a, b| (a.paid_at, a.start, &a.id).cmp(&(b.paid_at, b.start, &b.id)))
}

pub(crate) fn state(order: &Order, at: DateTime<Utc>) -> LineState {
    if order.start > at {
        LineState::Pending
    } else if at < order.end {
        LineState::InEffect
    } else {
        LineState::Finished
    }
}

/// Days of an order used at `at`: a begun day counts whole, and the first is begun at once.
pub(crate) fn used_days(order: &Order, at: DateTime<Utc>) -> i64 {
    let elapsed = at - order.start;
    let begun = elapsed.num_days() * 86_400 != elapsed.num_seconds() || elapsed.subsec_nanos() != 0;
    (elapsed.num_days() + i64::from(begun)).max(1)
}

/// Whole days of an order's service period.
pub(crate) fn subscription_days(order: &Order) -> i64 {
    (order.end - order.start).num_days().max(1)
}

/// Last instant of a window of days that begins at `from`; it belongs to the window.
pub(crate) fn window_end(from: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    from + DAY * i32::try_from(days.min(LONGEST_WINDOW)).expect("capped below the largest 32-bit number")
}

/// No window of any page is longer than a few years; the cap keeps dates inside the calendar.
const LONGEST_WINDOW: u32 = 100_000;
