//! Amounts found without the rest of a quote, and days counted on instead of judged, are those of the quote.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use refund_rules::case::Case;
use refund_rules::quote::What;
use refund_rules::{Amounts, Policies, Quote, amounts, parse_case, quote, verdict};
use rust_decimal::Decimal;

use crate::generated::cases;
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

/// What holds just after an instant, by the changes that a quote tells.
fn told_at(quote: &refund_rules::Quote, at: DateTime<Utc>) -> Decimal {
    let mut past = quote.next_changes.iter().filter(|change| change.what == What::Amount && change.at < at);
    past.next_back().map_or(quote.refund, |change| Decimal::from_str_exact(&change.after).expect("an amount"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

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
                Ok(then) => prop_assert_eq!(told_at(&now, at), then.refund, "at {}", at),
                Err(error) => prop_assert_eq!(error.code, "not_a_candidate"),
            }
            at += TimeDelta::days(1);
        }
    }
}
