//! A policy pack that somebody else wrote: refused with its rule, or it quotes like any other.

use std::sync::OnceLock;

use refund_rules::case::Case;
use refund_rules::{Policies, parse_case, quote};
use rust_decimal::Decimal;

/// Cases of both sites that pass through many of the rules.
const CASES: [&str; 3] = [
    include_str!("../../rules/cases/destinations-worked-example.json"),
    include_str!("../../rules/cases/found-certificate-in-use-without-counted-order.json"),
    include_str!("../../rules/cases/found-certificate-as-a-plan.json"),
];

fn cases() -> &'static [Case] {
    static READ: OnceLock<Vec<Case>> = OnceLock::new();
    READ.get_or_init(|| CASES.iter().map(|text| parse_case(text).expect("a worked case")).collect())
}

pub(crate) fn open(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (site, policies) = match Policies::built_in().with_pack("pack.toml", text) {
        Ok(loaded) => loaded,
        Err(refused) => {
            assert!(!refused.code.is_empty() && !refused.message.is_empty());
            return;
        }
    };
    _ = Policies::built_in().difference(&policies, site);
    for case in cases() {
        let Ok(quote) = quote(case, &policies) else { continue };
        let paid = case.orders.iter().map(|order| order.cash).sum::<Decimal>();
        assert!(Decimal::ZERO <= quote.refund && quote.refund <= quote.refund_max, "{}", quote.refund);
        assert!(quote.refund_max <= paid, "{} of {paid}", quote.refund_max);
    }
}
