//! A case file: what `rdesk quote` does with one input: read it, quote it, compare what it expects. Whatever the bytes are, there is
//! an answer, and a quote keeps its own promises.

use refund_rules::{Policies, answer_document};
use rust_decimal::Decimal;

pub(crate) fn open(bytes: &[u8]) {
    let answered = answer_document(bytes, Policies::built_in());
    answered.differences();
    match &answered.result {
        Ok(quote) => {
            assert!(Decimal::ZERO <= quote.refund && quote.refund <= quote.refund_max);
            assert_eq!(quote.eligible, quote.blockers.is_empty());
            assert_eq!(quote.destinations.iter().map(|to| to.amount).sum::<Decimal>(), quote.refund);
        }
        Err(error) => assert!(matches!(error.code.as_str(), "bad_input" | "not_a_candidate")),
    }
}
