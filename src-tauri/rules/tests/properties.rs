//! What must hold for every case, tried on generated ones.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::sample::select;
use refund_rules::case::{
    Action, Ask, Billing, Case, Customer, Discount, Kind, Membership, Method, NoReasonRefund, Order, OrderStatus,
    OrderType, Payment, Promotion, Relation, Resource, ResourceStatus, Site, Usage, Variant,
};
use refund_rules::{Policies, Quote, parse_case, quote, split_evenly};
use rust_decimal::Decimal;

const PRODUCTS: &[&str] =
    &["ecs", "cfw", "ens", "waf", "sas", "cas", "oss", "rds", "iot", "vod", "domain", "kms", "swas", "unheard_of"];

fn base() -> DateTime<Utc> {
    "2025-09-01T00:00:00Z".parse().expect("an instant")
}

fn instants() -> impl Strategy<Value = DateTime<Utc>> {
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
    fn orders(index: usize)(
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
    fn cases()(
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

fn ask(case: &Case) -> Option<Quote> {
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
fn promise(quote: &Quote) -> impl PartialEq + std::fmt::Debug + use<> {
    (quote.refund_type, quote.refund, quote.refund_max, quote.eligible, quote.destinations.clone())
}

fn without_later_orders(case: &Case, at: DateTime<Utc>) -> Case {
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn amounts_stay_between_nothing_and_what_was_paid(case in cases()) {
        let Some(quote) = ask(&case) else { return Ok(()) };
        for line in &quote.lines {
            prop_assert!(Decimal::ZERO <= line.refund && line.refund <= line.refund_max && line.refund_max <= line.cash, "{line:?}");
            prop_assert_eq!(line.refund.scale(), 2);
        }
        let cash: Decimal = quote.lines.iter().map(|line| line.cash).sum();
        prop_assert!(Decimal::ZERO <= quote.refund && quote.refund <= quote.refund_max && quote.refund_max <= cash);
        let sum: Decimal = quote.lines.iter().map(|line| line.refund).sum();
        let told: Decimal = quote.destinations.iter().map(|to| to.amount).sum();
        prop_assert_eq!(told, quote.refund);
        prop_assert_eq!(quote.refund, if quote.eligible { sum } else { Decimal::ZERO });
        prop_assert_eq!(quote.eligible, quote.blockers.is_empty());
        prop_assert!(quote.destinations.iter().all(|to| to.amount > Decimal::ZERO));
        prop_assert!(quote.destinations.is_sorted_by(|a, b| a.to < b.to));
    }

    #[test]
    fn the_order_of_orders_does_not_matter(case in cases(), turn in 1_usize..4) {
        let mut turned = case.clone();
        let by = turn % turned.orders.len();
        turned.orders.rotate_left(by);
        let (Some(one), Some(other)) = (ask(&case), ask(&turned)) else { return Ok(()) };
        prop_assert_eq!(promise(&one), promise(&other));
        prop_assert_eq!(one.next_changes, other.next_changes);
        prop_assert_eq!((one.would_be, one.would_be_max, one.channel_refunds), (other.would_be, other.would_be_max, other.channel_refunds));
    }

    #[test]
    fn nothing_changes_before_the_quote_ends(case in cases(), part in 1_i64..1_000) {
        let Some(now) = ask(&case) else { return Ok(()) };
        prop_assert_eq!(now.valid_until, now.next_changes.first().map(|change| change.at));
        let until = now.valid_until.unwrap_or(case.ask.at + TimeDelta::days(900));
        let later = case.ask.at + (until - case.ask.at) * i32::try_from(part).unwrap() / 1_000;
        if later <= case.ask.at || later >= until {
            return Ok(());
        }
        let later = without_later_orders(&case, later);
        let Some(then) = ask(&later) else { prop_assert!(!now.eligible); return Ok(()) };
        prop_assert_eq!(promise(&now), promise(&then), "at {}", later.ask.at);
    }

    #[test]
    fn every_change_is_seen_from_both_sides(case in cases(), pick in any::<prop::sample::Index>()) {
        let Some(now) = ask(&case) else { return Ok(()) };
        prop_assert!(now.next_changes.is_sorted_by_key(|change| change.at));
        prop_assert!(now.next_changes.iter().all(|change| change.at >= case.ask.at && change.before != change.after));
        let amounts: Vec<_> = now.next_changes.iter().filter(|change| change.what == "amount").collect();
        if amounts.is_empty() {
            return Ok(());
        }
        let change = pick.get(&amounts);
        let at = |at| ask(&without_later_orders(&case, at)).map_or(Decimal::new(0, 2), |quote| quote.refund).to_string();
        let before = if change.at == case.ask.at { change.at } else { change.at - TimeDelta::nanoseconds(1) };
        prop_assert_eq!(at(before), change.before.clone());
        prop_assert_eq!(at(change.at + TimeDelta::nanoseconds(1)), change.after.clone());
    }

    #[test]
    fn orders_that_do_not_exist_change_nothing(case in cases(), extra in orders(9), later in 1_i64..90_000_000) {
        let Some(now) = ask(&case) else { return Ok(()) };
        let mut with = case.clone();
        with.orders.push(Order { status: OrderStatus::Paid, paid_at: case.ask.at + TimeDelta::nanoseconds(later), ..extra.clone() });
        let then = ask(&with);
        prop_assert_eq!(then.as_ref(), Some(&now));
        for status in [OrderStatus::Cancelled, OrderStatus::Refunded] {
            let mut with = case.clone();
            with.orders.push(Order { status, ..extra.clone() });
            let then = ask(&with);
        prop_assert_eq!(then.as_ref(), Some(&now));
        }
    }

    #[test]
    fn the_same_facts_give_the_same_bytes_also_from_their_own_document(case in cases()) {
        let document = serde_json::to_string(&case).unwrap();
        let read = parse_case(&document).unwrap();
        prop_assert_eq!(&read, &case);
        let bytes = |case: &Case| serde_json::to_string(&quote(case, Policies::built_in()).map(Quote::seal)).unwrap();
        prop_assert_eq!(bytes(&read), bytes(&case));
    }

    #[test]
    fn an_even_split_is_even_and_complete(cents in 0_i64..1_000_000, parts in 1_u32..60) {
        let split = split_evenly(Decimal::new(cents, 2), parts, 2);
        prop_assert_eq!(split.iter().sum::<Decimal>(), Decimal::new(cents, 2));
        prop_assert!(split.is_sorted_by(|a, b| a >= b));
        prop_assert!(split[0] - split[split.len() - 1] <= Decimal::new(1, 2));
    }

    #[test]
    fn any_text_is_answered(text in "\\PC*") {
        let _ = parse_case(&text);
    }

    #[test]
    fn any_change_of_one_character_is_answered(at in any::<prop::sample::Index>(), to in any::<char>()) {
        let text = include_str!("../cases/destinations-worked-example.json");
        let mut changed: Vec<char> = text.chars().collect();
        let at = at.index(changed.len());
        changed[at] = to;
        if let Ok(case) = parse_case(&changed.into_iter().collect::<String>()) {
            let _ = quote(&case, Policies::built_in());
        }
    }
}

/// The calendar's ends: orders of eight thousand years are cut off in time, and the answer says how far it looked.
#[test]
fn the_longest_order_is_answered_quickly() {
    let mut case = parse_case(include_str!("../cases/destinations-worked-example.json")).unwrap();
    case.customer.membership.clear();
    case.orders[0].end = "9998-12-31T23:59:59Z".parse().unwrap();
    case.orders[0].list = Decimal::new(999_999_999_999, 2);
    case.orders[0].cash = Decimal::new(999_999_999_999, 2);
    case.orders[0].payments = None;
    let quote = ask(&case).unwrap();
    assert!(quote.next_changes.len() > 100_000);
    assert_eq!(quote.valid_until, Some("2026-05-20T04:00:00Z".parse().unwrap()));
}
