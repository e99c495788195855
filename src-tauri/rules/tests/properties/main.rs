//! What must hold for every case, tried on generated ones.

mod counted;
mod curve;
mod generated;
mod mutated;
mod sameness;

use chrono::TimeDelta;
use proptest::prelude::*;
use refund_rules::case::{Case, Order, OrderStatus};
use refund_rules::quote::What;
use refund_rules::{Policies, Quote, parse_case, quote, split_evenly};
use rust_decimal::Decimal;

use generated::{ask, cases, drawn, orders, promise, without_later_orders};

proptest! {
    #![proptest_config(drawn(400))]

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
        let amounts: Vec<_> = now.next_changes.iter().filter(|change| change.what == What::Amount).collect();
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
        let text = include_str!("../../cases/destinations-worked-example.json");
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
    let mut case = parse_case(include_str!("../../cases/destinations-worked-example.json")).unwrap();
    case.customer.membership.clear();
    case.orders[0].end = "9998-12-31T23:59:59Z".parse().unwrap();
    case.orders[0].list = Decimal::new(999_999_999_999, 2);
    case.orders[0].cash = Decimal::new(999_999_999_999, 2);
    case.orders[0].payments = None;
    let quote = ask(&case).unwrap();
    assert!(quote.next_changes.len() > 100_000);
    assert_eq!(quote.valid_until, Some("2026-05-20T04:00:00Z".parse().unwrap()));
}
