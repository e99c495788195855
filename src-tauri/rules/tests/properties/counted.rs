//! Amounts found without the rest of a quote, and days counted on instead of judged, are those of the quote.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use refund_rules::case::Case;
use refund_rules::quote::What;
use refund_rules::{Amounts, Policies, Quote, amounts, parse_case, quote, verdict};
use rust_decimal::Decimal;

use crate::generated::{cases, drawn};
use crate::{ask, without_later_orders};

/// The amounts alone, and the same of the quote; errors too are the same.
fn check(case: &Case) -> Result<(), TestCaseError> {
    let told = quote(case, Policies::built_in()).map(|quote| Amounts {
        refund_type: quote.refund_type,
        refund: quote.refund,
        refund_max: quote.refund_max,
    });
    prop_assert_eq!(amounts(case, Policies::built_in()), told);
    Ok(())
}

/// A verdict is the quote without the list of what changes; errors too are the same.
fn check_verdict(case: &Case) -> Result<(), TestCaseError> {
    let told = quote(case, Policies::built_in()).map(|quote| Quote { next_changes: Vec::new(), ..quote });
    prop_assert_eq!(verdict(case, Policies::built_in()).map(|verdict| Quote::clone(&verdict)), told);
    Ok(())
}

#[test]
fn amounts_and_verdict_are_the_quotes_for_every_worked_case() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut checked = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|kind| kind != "json") {
            continue;
        }
        let Ok(case) = parse_case(&std::fs::read_to_string(&path).unwrap()) else { continue };
        for outcome in [check(&case), check_verdict(&case)] {
            outcome.unwrap_or_else(|difference| panic!("{}: {difference}", path.display()));
        }
        checked += 1;
    }
    assert!(checked > 100, "only {checked} cases were found");
}

/// What may hold at an instant, by the changes that a quote tells: at the instant of a change what was before it (a begun day has its
/// last instant) or what comes after (an order has not its end). The curve says which, and is held to both sides.
fn told_at(quote: &refund_rules::Quote, at: DateTime<Utc>) -> Vec<Decimal> {
    let amounts = quote.next_changes.iter().filter(|change| change.what == What::Amount);
    let told = |text: &str| Decimal::from_str_exact(text).expect("an amount");
    let before = amounts.clone().rfind(|change| change.at < at);
    let before = before.map_or(quote.refund, |change| told(&change.after));
    let then = amounts.filter(|change| change.at == at).map(|change| told(&change.after));
    std::iter::once(before).chain(then).collect()
}

/// The last order ends on the hour at which is asked for: nothing comes back from that very instant on.
#[test]
fn an_order_that_ends_as_it_is_asked_about_gives_nothing() {
    let case = r#"{"customer": {"uid": "5123456789012345", "site": "china", "currency": "USD"},
        "resource": {"id": "r-1", "product": "oss", "kind": "instance", "billing": "subscription", "status": "normal"},
        "orders": [
            {"id": "1", "type": "new", "status": "paid", "currency": "USD", "created_at": "2025-09-01T00:00:00Z",
             "paid_at": "2025-09-01T00:00:00Z", "start": "2025-09-01T00:00:00Z", "end": "2026-05-13T14:00:01Z", "list": "0", "cash": "0"},
            {"id": "2", "type": "new", "status": "paid", "currency": "USD", "created_at": "2025-09-01T08:11:17Z",
             "paid_at": "2025-09-01T08:11:17Z", "start": "2026-05-12T22:34:13Z", "end": "2026-05-13T14:00:00Z", "list": "0", "cash": "0.01"}],
        "ask": {"at": "2025-09-02T00:00:00Z", "action": "unsubscribe"}}"#;
    let case = parse_case(case).expect("a case");
    let end: DateTime<Utc> = "2026-05-13T14:00:00Z".parse().expect("an instant");
    let now = ask(&case).expect("a quote");
    assert_eq!(told_at(&now, end - TimeDelta::seconds(1)), [Decimal::new(1, 2)]);
    assert_eq!(told_at(&now, end), [Decimal::new(1, 2), Decimal::ZERO]);
    assert_eq!(told_at(&now, end + TimeDelta::nanoseconds(1)), [Decimal::ZERO]);
    let then = amounts(&without_later_orders(&case, end), Policies::built_in()).expect("amounts");
    assert_eq!(then.refund, Decimal::ZERO);
}

proptest! {
    #![proptest_config(drawn(300))]

    #[test]
    fn amounts_and_verdict_are_the_quotes(case in cases()) {
        check(&case)?;
        check_verdict(&case)?;
    }

    #[test]
    fn every_day_ahead_gives_what_judging_that_day_gives(case in cases(), hours in 1_i64..24) {
        let Some(now) = ask(&case) else { return Ok(()) };
        let mut at = case.ask.at + TimeDelta::hours(hours);
        let end = case.orders.iter().map(|order| order.end).max().unwrap_or(at);
        while at < end {
            match amounts(&without_later_orders(&case, at), Policies::built_in()) {
                Ok(then) => {
                    let told = told_at(&now, at);
                    prop_assert!(told.contains(&then.refund), "at {}: told {:?}, judged {}", at, told, then.refund);
                }
                Err(error) => prop_assert_eq!(error.code, "not_a_candidate"),
            }
            at += TimeDelta::days(1);
        }
    }
}
