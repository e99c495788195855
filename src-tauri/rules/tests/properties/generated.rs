//! Generated cases: facts of every kind within the bounds of input.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use refund_rules::case::{
    Action, Ask, Billing, Case, Customer, Discount, Kind, Membership, Method, NoReasonRefund, Order, OrderStatus,
    OrderType, Payment, Promotion, Relation, Resource, ResourceStatus, Site, Usage, Variant,
};
use refund_rules::{Policies, Quote, quote};
use rust_decimal::Decimal;

/// How many cases a property draws. They are the same ones in every run, so that the same tree passes or fails wherever it is tested;
/// a long run sets `REFUND_DESK_DRAWS` and draws that many times as many, others each time. A failing case is printed whole.
pub fn drawn(cases: u32) -> ProptestConfig {
    let times = std::env::var("REFUND_DESK_DRAWS").ok().map(|times| times.parse::<u32>().expect("a number of times"));
    ProptestConfig {
        cases: cases * times.unwrap_or(1),
        rng_seed: if times.is_some() { RngSeed::Random } else { RngSeed::Fixed(0) },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

const PRODUCTS: &[&str] =
    &["ecs", "cfw", "ens", "waf", "sas", "cas", "oss", "rds", "iot", "vod", "domain", "kms", "swas", "unheard_of"];

fn base() -> DateTime<Utc> {
    "2025-09-01T00:00:00Z".parse().expect("an instant")
}

pub fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    // Half on whole days, so that boundaries are met exactly.
    (0_i64..500, prop_oneof![Just(0_i64), 0_i64..86_400])
        .prop_map(|(days, seconds)| base() + TimeDelta::seconds(days * 86_400 + seconds))
}

fn cents() -> impl Strategy<Value = Decimal> {
    prop_oneof![1 => Just(0_i64), 6 => 1_i64..200_000, 1 => Just(999_999_999_999)]
        .prop_map(|cents| Decimal::new(cents, 2))
}

fn discounts() -> impl Strategy<Value = Option<Vec<Discount>>> {
    let day = (1_u32..400, 1_i64..=10_000).prop_map(|(day, f)| Discount {
        from_day: Some(day),
        from_percent: None,
        factor: Decimal::new(f, 4),
    });
    let percent = (1_i64..100, 1_i64..=10_000).prop_map(|(p, f)| Discount {
        from_day: None,
        from_percent: Some(Decimal::from(p)),
        factor: Decimal::new(f, 4),
    });
    let table = prop::collection::vec(prop_oneof![day, percent], 0..4).prop_map(|mut table| {
        table.sort_by_key(|d| (d.from_day, d.from_percent));
        table.dedup_by_key(|d| (d.from_day, d.from_percent));
        table
    });
    prop::option::weighted(0.8, table)
}

fn daily_prices() -> impl Strategy<Value = Option<(Decimal, Decimal)>> {
    let prices = (0_i64..5_000_000, 1_i64..5_000_000)
        .prop_map(|(before, more)| (Decimal::new(before, 6), Decimal::new(before + more, 6)));
    prop::option::of(prices)
}

prop_compose! {
    pub fn orders(index: usize)(
        order_type in select(OrderType::ALL),
        status in prop_oneof![8 => Just(OrderStatus::Paid), 1 => select(OrderStatus::ALL)],
        paid_at in instants(),
        delay in prop_oneof![3 => Just(0_i64), 1 => 0_i64..300 * 86_400],
        period in prop_oneof![1_i64..86_400, 86_400_i64..400 * 86_400],
        list in cents(), cash in cents(), coupon in cents(), tax in cents(),
        split in prop::option::weighted(0.8, (0_u32..=100, select(Method::ALL), select(Method::ALL))),
        invoiced in prop::option::of(any::<bool>()),
        marketplace in any::<bool>(),
        promotion in prop::option::weighted(0.2, prop::option::of(any::<bool>())),
        discounts in discounts(),
        daily in daily_prices(),
        euro in prop::bool::weighted(0.03),
    ) -> Order {
        let start = paid_at + TimeDelta::seconds(delay);
        let payments = split.map(|(percent, one, other)| {
            let first = (cash * Decimal::from(percent) / Decimal::from(100)).trunc_with_scale(2);
            vec![Payment { method: one, amount: first }, Payment { method: other, amount: cash - first }]
        });
        Order {
            id: format!("21000000000000{index}"), order_type, status, currency: if euro { "EUR" } else { "USD" }.to_owned(),
            created_at: paid_at, paid_at, start, end: start + TimeDelta::seconds(period), list, cash, coupon, tax, payments,
            invoiced, marketplace,
            promotion: promotion.map(|refundable| Promotion { name: "p".to_owned(), refundable, gifts: vec!["g".to_owned()], terms: None }),
            daily_before: daily.map(|d| d.0), daily_after: daily.map(|d| d.1), discounts,
        }
    }
}

prop_compose! {
    fn customers()(
        site in select(Site::ALL),
        partner in prop::bool::weighted(0.1),
        membership in prop::collection::vec((instants(), select(&[Relation::Trusteeship, Relation::Management][..])), 0..2),
        taken in prop::collection::vec((select(PRODUCTS), instants()), 0..2),
        quota in prop::option::of(0_u32..2),
    ) -> Customer {
        Customer {
            uid: "5123456789012345".to_owned(), site, currency: "USD".to_owned(), partner,
            membership: membership.into_iter().map(|(joined_at, relation)| Membership { joined_at, left_at: None, relation }).collect(),
            no_reason_refunds: taken.into_iter().map(|(p, at)| NoReasonRefund { product: p.to_owned(), at }).collect(),
            ecs_quota_left: quota,
        }
    }
}

prop_compose! {
    fn resources()(
        product in select(PRODUCTS),
        kind in select(Kind::ALL),
        status in prop_oneof![6 => Just(ResourceStatus::Normal), 1 => select(ResourceStatus::ALL)],
        variant in prop::option::weighted(0.2, select(Variant::ALL)),
        risk in prop::option::of(prop::bool::weighted(0.1)),
        total in 1_i64..1_000_000, used in prop_oneof![Just(0_i64), 0_i64..1_000_000], resets in any::<bool>(),
    ) -> Resource {
        let usage = Usage { total: Decimal::new(total, 3), used: Decimal::new(used.min(total), 3), unit: "GB".to_owned(), resets };
        Resource {
            id: "r-1".to_owned(), product: product.to_owned(), kind, billing: Billing::Subscription, status, variant,
            renew_status: None, chain_complete: true, security_risk: risk, paid_marketplace_image: Some(false),
            transferred: Some(false), usage: (kind == Kind::ResourcePlan).then_some(usage),
        }
    }
}

prop_compose! {
    pub fn cases()(
        customer in customers(),
        resource in resources(),
        orders in (1_usize..5).prop_flat_map(|n| (0..n).map(orders).collect::<Vec<_>>()),
        at in instants(),
        action in prop_oneof![4 => Just(Action::Unsubscribe), 1 => Just(Action::Convert), 1 => Just(Action::Downgrade), 2 => Just(Action::CancelRenewals)],
        daily in 0_i64..5_000_000,
    ) -> Case {
        let pending = |o: &&Order| o.order_type == OrderType::Renew && o.status == OrderStatus::Paid && o.paid_at <= at && o.start > at;
        let expires = orders.iter().filter(pending).map(|o| o.start).min().unwrap_or(at);
        let ask = Ask {
            at, action,
            expires: (action == Action::CancelRenewals).then_some(expires),
            daily_list: (action == Action::Downgrade).then_some(Decimal::new(daily, 6)),
        };
        Case { name: None, source: None, customer, resource, orders, ask, expect: None, left_out: Vec::new() }
    }
}

/// The quote of a generated case. `None`: the chosen Updated Expiration Time is no candidate.
pub fn ask(case: &Case) -> Option<Quote> {
    // A compensatory renewal may start before the first renewal; then the chosen instant is no candidate, which is right.
    match quote(case, Policies::built_in()) {
        Ok(quote) => Some(quote),
        Err(error) => {
            assert_eq!(error.code, "not_a_candidate", "{error}");
            None
        }
    }
}

/// What a quote promises to keep until it is no longer valid.
pub fn promise(quote: &Quote) -> impl PartialEq + std::fmt::Debug + use<> {
    (quote.refund_type, quote.refund, quote.refund_max, quote.eligible, quote.destinations.clone())
}

/// The same case asked at another instant, without the orders that did not exist at its own.
pub fn without_later_orders(case: &Case, at: DateTime<Utc>) -> Case {
    let mut later = case.clone();
    let exists = |o: &Order| match o.status {
        OrderStatus::Paid => o.paid_at <= case.ask.at,
        OrderStatus::Unpaid => o.created_at <= case.ask.at,
        OrderStatus::Cancelled | OrderStatus::Refunded => false,
    };
    for order in later.orders.iter_mut().filter(|order| !exists(order)) {
        order.status = OrderStatus::Cancelled;
    }
    later.ask.at = at;
    later
}
