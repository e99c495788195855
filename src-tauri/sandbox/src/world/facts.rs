//! From the world to the rules' facts. The sandbox knows everything, so nothing is unknown here.

use chrono::{DateTime, Utc};
use refund_rules::case::{self, Action, Ask, Case, Customer, Kind, NoReasonRefund, OrderStatus, Payment, Usage};
use refund_rules::quote::RefundType;
use rust_decimal::Decimal;

use super::{Account, Order, Part, Resource};

/// The facts of one resource and what is asked of it.
pub fn case(account: &Account, resource: &Resource, ask: Ask) -> Case {
    let at = ask.at;
    Case {
        name: None,
        source: None,
        customer: customer(account, at),
        resource: facts_of(account, resource, at),
        orders: account
            .chain(&resource.id)
            .filter(|(order, _)| order.created_at <= at)
            .map(|(order, part)| share(account, order, part, resource, at))
            .collect(),
        ask,
        expect: None,
        left_out: Vec::new(),
    }
}

fn customer(account: &Account, at: DateTime<Utc>) -> Customer {
    let used = unsubscriptions(account, at).filter(|(product, kind, ..)| *product == "ecs" && *kind == Kind::Instance);
    Customer {
        uid: account.uid.clone(),
        site: account.site,
        currency: account.currency.clone(),
        partner: false,
        membership: super::relations::memberships(account),
        ecs_quota_left: Some(account.ecs_quota.saturating_sub(u32::try_from(used.count()).unwrap_or(u32::MAX))),
        no_reason_refunds: unsubscriptions(account, at)
            .filter(|(_, _, refund_type, _)| *refund_type == RefundType::FullNoReason)
            .map(|(product, _, _, at)| NoReasonRefund { product: product.to_owned(), at })
            .collect(),
    }
}

/// Whole resources given back by `at`: product, kind, refund type and when.
fn unsubscriptions(
    account: &Account,
    at: DateTime<Utc>,
) -> impl Iterator<Item = (&str, Kind, RefundType, DateTime<Utc>)> {
    account.released().filter_map(move |nth| {
        let resource = &account.resources[nth];
        let released = resource.released_at.filter(|released| *released <= at)?;
        let refund = account.refunds_of(nth).find(|refund| refund.created_at == released)?;
        Some((resource.product.as_str(), resource.kind, refund.refund_type, released))
    })
}

fn facts_of(account: &Account, resource: &Resource, at: DateTime<Utc>) -> case::Resource {
    case::Resource {
        id: resource.id.clone(),
        product: resource.product.clone(),
        kind: resource.kind,
        billing: resource.billing,
        status: account.status(resource, at),
        variant: resource.variant,
        renew_status: Some(resource.renew_status),
        chain_complete: true,
        security_risk: Some(resource.security_risk),
        paid_marketplace_image: Some(resource.paid_marketplace_image),
        transferred: Some(resource.transferred),
        usage: resource.quota.as_ref().map(|quota| Usage {
            total: quota.total,
            used: quota.used,
            unit: quota.unit.clone(),
            resets: quota.resets,
        }),
    }
}

/// The resource's share of an order: the amounts of its part, split evenly among the part's instances.
fn share(account: &Account, order: &Order, part: &Part, resource: &Resource, at: DateTime<Utc>) -> case::Order {
    let place =
        part.instances.iter().position(|id| *id == resource.id).expect("the chain gives parts with the resource");
    let of = |amount: Decimal| split(amount, part.instances.len(), place, &account.currency);
    let cash = of(part.cash);
    let status = if !order.paid {
        OrderStatus::Unpaid
    } else if account.is_refunded(&order.id, &resource.id, at) {
        OrderStatus::Refunded
    } else {
        OrderStatus::Paid
    };
    case::Order {
        id: order.id.clone(),
        order_type: order.kind.fact(),
        status,
        currency: account.currency.clone(),
        created_at: order.created_at,
        paid_at: order.paid_at,
        start: part.start,
        end: part.end,
        list: of(part.list),
        cash,
        coupon: of(part.coupon),
        tax: of(part.tax),
        payments: Some(payments(order, cash)),
        invoiced: Some(false),
        marketplace: false,
        promotion: part.promotion.clone(),
        daily_before: None,
        daily_after: None,
        discounts: Some(part.discounts.clone()),
    }
}

/// The amount of one of `count` instances: even, to the minor unit, the remainder to the first ones.
fn split(amount: Decimal, count: usize, place: usize, currency: &str) -> Decimal {
    let count = u32::try_from(count).expect("a part has few instances");
    refund_rules::split_evenly(amount, count, refund_rules::minor_units(currency))[place]
}

/// A share's payments: the order's methods in proportion, the last takes the rest.
fn payments(order: &Order, cash: Decimal) -> Vec<Payment> {
    let whole = order.cash();
    if whole.is_zero() {
        return Vec::new();
    }
    let mut left = cash;
    let last = order.payments.len().saturating_sub(1);
    let one = |(nth, paid): (usize, &super::Paid)| {
        let amount = if nth == last { left } else { (cash * paid.amount / whole).round_dp(2).min(left) };
        left -= amount;
        Payment { method: paid.method, amount }
    };
    order.payments.iter().enumerate().map(one).collect()
}

/// An ask to give the whole resource back.
pub fn unsubscribe(at: DateTime<Utc>) -> Ask {
    Ask { at, action: Action::Unsubscribe, expires: None, daily_list: None }
}

/// An ask to let pending renewals fall from `expires` on.
pub fn cancel_renewals(at: DateTime<Utc>, expires: DateTime<Utc>) -> Ask {
    Ask { at, action: Action::CancelRenewals, expires: Some(expires), daily_list: None }
}
