//! The amounts alone, for sums over many resources: the same judgement as a quote's, without its explanation, its
//! destinations and its future.

use rust_decimal::Decimal;

use crate::bounds;
use crate::case::Case;
use crate::chain::Chain;
use crate::error::BadInput;
use crate::judge::Answer;
use crate::money::{at_minor_unit, minor_units};
use crate::notes::Notes;
use crate::policy::Policies;
use crate::quote::RefundType;

/// What comes back, as the quote of the same case says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amounts {
    pub refund_type: RefundType,
    /// For certain, in the orders' currency; nothing when something blocks it.
    pub refund: Decimal,
    /// At most.
    pub refund_max: Decimal,
}

/// The amounts of [`quote`](crate::quote()) without the rest of it.
///
/// # Errors
/// Those of the quote.
pub fn amounts(case: &Case, policies: &Policies) -> Result<Amounts, BadInput> {
    bounds::check(case)?;
    let chain = Chain::of(case, policies);
    let answer = Answer::unrouted(&chain, case.ask.at, &mut Notes::not_taken())?;
    let minor = minor_units(chain.currency().unwrap_or(&case.customer.currency));
    let money = |amount| at_minor_unit(amount, minor);
    Ok(Amounts { refund_type: answer.refund_type, refund: money(answer.refund), refund_max: money(answer.refund_max) })
}
