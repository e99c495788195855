//! The curve of the refund: worked examples, and against the quote at instants on, between and beside its points.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use refund_rules::case::Case;
use refund_rules::quote::RefundType;
use refund_rules::quote::What;
use refund_rules::{Curve, Point, Policies, curve, parse_case, quote};
use rust_decimal::Decimal;

use crate::generated::{cases, drawn, without_later_orders};

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn draw(case: &Case, until: DateTime<Utc>) -> Curve {
    curve(case, Policies::built_in(), until).expect("a curve")
}

fn worked(text: &str, until: &str) -> Curve {
    draw(&parse_case(text).expect("a case"), instant(until))
}

/// Breakpoint, whether only after it, refund.
fn told(curve: &Curve) -> Vec<(String, bool, String)> {
    curve.points.iter().map(|p| (p.at.to_rfc3339(), p.after, p.refund.to_string())).collect()
}

fn row(at: &str, after: bool, refund: &str) -> (String, bool, String) {
    (at.replace('Z', "+00:00"), after, refund.to_owned())
}

const WORKED_EXAMPLE: &str = include_str!("../../cases/destinations-worked-example.json");

// 1,200.00 over 365 days is 3.28767.. a day; cash 1,020.00.
//   day 139: 1,020 - 456.98630 = 563.01    day 140: 1,020 - 460.27397 = 559.73
// The card (1,000 of the 1,020) is open until 150 days after payment, 2026-05-31T04:00:00Z, that instant included.
#[test]
fn a_begun_day_ends_with_its_last_instant() {
    let drawn = worked(WORKED_EXAMPLE, "2026-05-22T04:00:00Z");
    assert_eq!(
        told(&drawn),
        [
            row("2026-05-20T02:00:00Z", false, "563.01"),
            row("2026-05-20T04:00:00Z", true, "559.73"),
            row("2026-05-21T04:00:00Z", true, "556.44"),
            // Just after the last instant would be beyond the curve.
        ]
    );
    let best = drawn.best.expect("something comes back");
    assert_eq!((best.at, best.after), (instant("2026-05-20T02:00:00Z"), false));
    assert_eq!((best.refund, best.by_waiting), (Decimal::new(56301, 2), Decimal::ZERO));
    assert_eq!(drawn.until, instant("2026-05-22T04:00:00Z"));
}

#[test]
fn a_window_of_the_card_moves_the_money_to_the_balance() {
    let drawn = worked(WORKED_EXAMPLE, "2026-06-01T00:00:00Z");
    let places = |point: &Point| point.destinations.iter().map(|d| d.to.clone()).collect::<Vec<_>>();
    let [.., before, after] = drawn.points.as_slice() else { panic!("two points at least") };
    assert_eq!(places(before), ["balance", "bank_card"]);
    assert_eq!((after.at, after.after), (instant("2026-05-31T04:00:00Z"), true));
    assert_eq!(places(after), ["balance"]);
}

/// An ECS instance of 365.00 a year, paid in full: 1.00 a day, 1.50 a day before day 30 (section 4).
///   day 28: 365 - 42.00 = 323.00     day 29: 365 - 43.50 = 321.50     day 30: 365 - 30.00 = 335.00
fn early_ecs() -> Case {
    let mut case = parse_case(WORKED_EXAMPLE).expect("a case");
    case.customer.membership.clear();
    case.resource.product = "ecs".to_owned();
    let order = &mut case.orders[0];
    order.start = instant("2026-01-01T00:00:00Z");
    order.paid_at = order.start;
    order.created_at = order.start;
    order.end = instant("2027-01-01T00:00:00Z");
    (order.list, order.cash) = (Decimal::from(365), Decimal::from(365));
    (order.payments, order.discounts) = (None, Some(Vec::new()));
    case.ask.at = instant("2026-01-28T12:00:00Z");
    case
}

#[test]
fn the_end_of_a_coefficient_is_the_best_instant() {
    let drawn = draw(&early_ecs(), instant("2026-02-02T00:00:00Z"));
    assert_eq!(
        told(&drawn),
        [
            row("2026-01-28T12:00:00Z", false, "323.00"),
            row("2026-01-29T00:00:00Z", true, "321.50"),
            row("2026-01-30T00:00:00Z", true, "335.00"),
            row("2026-01-31T00:00:00Z", true, "334.00"),
            row("2026-02-01T00:00:00Z", true, "333.00"),
        ]
    );
    let best = drawn.best.expect("something comes back");
    assert_eq!((best.at, best.after), (instant("2026-01-30T00:00:00Z"), true));
    assert_eq!((best.refund, best.by_waiting), (Decimal::from(335), Decimal::from(12)));
}

#[test]
fn after_the_service_period_nothing_comes_back() {
    let mut case = early_ecs();
    case.ask.at = instant("2026-12-31T12:00:00Z");
    let drawn = draw(&case, instant("2030-01-01T00:00:00Z"));
    // 365 of 365 days are used: nothing comes back on the last day either.
    assert_eq!(told(&drawn), [row("2026-12-31T12:00:00Z", false, "0.00"), row("2027-01-01T00:00:00Z", false, "0.00")]);
    assert_eq!(drawn.points[0].blockers, ["refund_is_zero"]);
    assert_eq!(drawn.points[1].blockers, ["expired", "refund_is_zero"]);
    assert_eq!(drawn.points[1].refund_type, RefundType::Nonrefundable);
    assert_eq!((drawn.best, drawn.until), (None, instant("2030-01-01T00:00:00Z")));
}

#[test]
fn a_curve_of_one_instant_is_its_quote() {
    let case = early_ecs();
    let drawn = draw(&case, case.ask.at);
    assert_eq!(told(&drawn), [row("2026-01-28T12:00:00Z", false, "323.00")]);
}

#[test]
fn an_end_before_the_asked_instant_is_bad_input() {
    let case = early_ecs();
    let refused = curve(&case, Policies::built_in(), case.ask.at - TimeDelta::nanoseconds(1)).unwrap_err();
    assert_eq!((refused.code.as_str(), refused.path.as_str()), ("bad_input", "until"));
    let mut empty = case;
    empty.orders.clear();
    assert_eq!(curve(&empty, Policies::built_in(), empty.ask.at).unwrap_err().path, "orders");
}

/// What a quote says at an instant in a point's words. An ask that can no longer be made gives nothing.
fn quoted(case: &Case, at: DateTime<Utc>) -> Point {
    let nothing = Decimal::new(0, 2);
    match quote(&without_later_orders(case, at), Policies::built_in()) {
        Ok(quote) => {
            let mut blockers: Vec<String> = quote.blockers.into_iter().map(|b| b.code.into()).collect();
            blockers.sort_unstable();
            Point {
                at,
                after: false,
                refund: quote.refund,
                refund_max: quote.refund_max,
                refund_type: quote.refund_type,
                eligible: quote.eligible,
                destinations: quote.destinations,
                blockers,
            }
        }
        Err(error) => Point {
            at,
            after: false,
            refund: nothing,
            refund_max: nothing,
            refund_type: RefundType::Nonrefundable,
            eligible: false,
            destinations: Vec::new(),
            blockers: vec![error.code],
        },
    }
}

fn at(point: &Point, instant: DateTime<Utc>) -> Point {
    Point { at: instant, after: false, ..point.clone() }
}

/// A certificate that ran for a second: its window of seven days closes when it has long ended.
#[test]
fn a_window_that_closes_after_the_end_is_seen() {
    let case = r#"{"customer": {"uid": "5123456789012345", "site": "china", "currency": "CNY"},
        "resource": {"id": "c-1", "product": "cas", "kind": "instance", "billing": "subscription", "status": "normal", "variant": "unused"},
        "orders": [{"id": "1", "type": "new", "status": "paid", "currency": "CNY", "created_at": "2025-09-15T00:00:00Z",
            "paid_at": "2025-09-15T00:00:00Z", "start": "2025-09-15T00:00:00Z", "end": "2025-09-15T00:00:01Z", "list": "10", "cash": "10"}],
        "ask": {"at": "2025-09-22T00:00:00Z", "action": "unsubscribe"}}"#;
    let case = refund_rules::parse_case(case).expect("a case");
    let until = case.ask.at + TimeDelta::days(40);
    let drawn = curve(&case, Policies::built_in(), until).expect("a curve");
    for instant in [case.ask.at, case.ask.at + ONE, case.ask.at + TimeDelta::days(1), until] {
        let point = drawn.points.iter().rfind(|point| begins(point) <= instant).expect("a point");
        assert_eq!(at(point, instant), quoted(&case, instant));
    }
    assert!(drawn.points.len() > 1, "the window closed on the way");
}

/// A certificate bought as a plan still counts days: what is left of 0.58 is nothing after the fourth, at 0.19 a day.
#[test]
fn a_certificate_bought_as_a_plan_falls_by_days() {
    let case = r#"{"customer": {"uid": "5123456789012345", "site": "china", "currency": "USD"},
        "resource": {"id": "c-1", "product": "cas", "kind": "resource_plan", "billing": "subscription", "status": "normal",
            "usage": {"total": "0.001", "used": "0", "unit": "GB", "resets": false}},
        "orders": [{"id": "1", "type": "new", "status": "paid", "currency": "USD", "created_at": "2025-12-28T00:00:00Z",
            "paid_at": "2025-12-28T00:00:00Z", "start": "2026-02-27T00:00:00Z", "end": "2026-11-01T00:00:00Z", "list": "47.24",
            "cash": "0.58", "discounts": []}],
        "ask": {"at": "2025-12-28T00:00:00Z", "action": "unsubscribe"}}"#;
    let drawn = worked(case, "2026-03-10T00:00:00Z");
    let [.., before, last] = drawn.points.as_slice() else { panic!("two points at least") };
    assert_eq!(before.blockers, ["product_unsupported"]);
    assert_eq!((last.at, last.after), (instant("2026-03-02T00:00:00Z"), true));
    assert_eq!(last.blockers, ["product_unsupported", "refund_is_zero"]);
}

const ONE: TimeDelta = TimeDelta::nanoseconds(1);

/// The first instant of a point.
fn begins(point: &Point) -> DateTime<Utc> {
    if point.after { point.at + ONE } else { point.at }
}

proptest! {
    #![proptest_config(drawn(300))]

    /// On both sides of every point, and at random instants between two, the quote says what the curve says.
    #[test]
    fn the_curve_is_the_quote_at_every_instant(case in cases(), days in 0_i64..600, parts in prop::collection::vec(0_i64..=1_000, 3)) {
        let until = case.ask.at + TimeDelta::days(days);
        let Ok(drawn) = curve(&case, Policies::built_in(), until) else { return Ok(()) };
        prop_assert_eq!((drawn.at, drawn.until, begins(&drawn.points[0])), (case.ask.at, until, case.ask.at));
        prop_assert!(drawn.points.is_sorted_by(|a, b| begins(a) < begins(b)));
        let ends = drawn.points.iter().skip(1).map(|next| begins(next) - ONE).chain([until]);
        for (point, end) in drawn.points.iter().zip(ends) {
            let begin = begins(point);
            prop_assert!(begin <= end);
            prop_assert_eq!(at(point, begin), quoted(&case, begin));
            prop_assert_eq!(at(point, end), quoted(&case, end));
            for part in &parts {
                let between = begin + (end - begin) / 1_000 * i32::try_from(*part).expect("a thousand at most");
                prop_assert_eq!(at(point, between), quoted(&case, between));
            }
        }
    }

    /// The quote's own list of changes names the same instants.
    #[test]
    fn the_quotes_changes_are_points_of_the_curve(case in cases()) {
        let Ok(now) = quote(&case, Policies::built_in()) else { return Ok(()) };
        let end = case.orders.iter().map(|order| order.end).max().expect("an order").max(case.ask.at);
        let drawn = draw(&case, end + TimeDelta::days(1));
        let places: Vec<_> = drawn.points.iter().skip(1).map(|point| point.at).collect();
        for change in &now.next_changes {
            prop_assert!(places.contains(&change.at), "{change:?}");
        }
        for pair in drawn.points.windows(2) {
            let told = now.next_changes.iter().any(|change| change.at == pair[1].at && change.what != What::Policy);
            let promise = |p: &Point| (p.refund, p.refund_max, p.refund_type, p.eligible, p.destinations.iter().map(|d| d.to.clone()).collect::<Vec<_>>());
            prop_assert!(told || promise(&pair[0]) == promise(&pair[1]), "{pair:?}");
        }
    }

    /// No instant gives more than the best one, and none before it as much.
    #[test]
    fn nothing_beats_the_best_instant(case in cases(), days in 0_i64..600, part in 0_i64..=1_000) {
        let until = case.ask.at + TimeDelta::days(days);
        let Ok(drawn) = curve(&case, Policies::built_in(), until) else { return Ok(()) };
        let some = case.ask.at + TimeDelta::seconds(days * 86_400 * part / 1_000);
        let refund = quoted(&case, some).refund;
        let Some(best) = drawn.best else { prop_assert_eq!(refund, Decimal::new(0, 2)); return Ok(()) };
        let first = if best.after { best.at + ONE } else { best.at };
        prop_assert_eq!(quoted(&case, first).refund, best.refund);
        prop_assert_eq!(quoted(&case, case.ask.at).refund + best.by_waiting, best.refund);
        prop_assert!(refund < best.refund || (refund == best.refund && some >= first));
    }
}
