//! Payments of an order's parts, from the account transactions with the order's number (refund-rules section 16).

use std::collections::BTreeMap;

use desk_store::{OrderHead, OrderPart};
use refund_rules::case::{Method, Payment};
use refund_rules::minor_units;
use rust_decimal::{Decimal, RoundingStrategy};

use super::rows::Rows;

/// Payments of one part. `None` (unknown) unless the money spent on the order is exactly its cash: then nobody knows which
/// payment is missing.
pub(super) fn of_part(rows: &Rows, head: &OrderHead, part: &OrderPart) -> Option<Vec<Payment>> {
    let paid = rows.paid_for(&head.id)?;
    let cash = rows.cash_of(&head.id);
    let total: Decimal = paid.values().sum();
    if cash.is_zero() || total != cash {
        return None;
    }
    Some(share(paid, part.cash, cash, minor_units(&head.currency)))
}

/// Splits an order's payments over a part in proportion to its cash; the last method takes the rest.
fn share(paid: &BTreeMap<Method, Decimal>, part_cash: Decimal, cash: Decimal, places: u32) -> Vec<Payment> {
    let mut left = part_cash;
    let mut payments = Vec::new();
    let last = paid.len().saturating_sub(1);
    for (i, (&method, &amount)) in paid.iter().enumerate() {
        let exact = amount * part_cash / cash;
        let mine = if i == last {
            left
        } else {
            exact.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero).min(left)
        };
        left -= mine;
        if !mine.is_zero() {
            payments.push(Payment { method, amount: mine });
        }
    }
    payments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    #[test]
    fn a_part_takes_its_share_and_the_last_method_the_rest() {
        // 1,000.00 by card and 20.00 from the balance paid 1,020.00 for three parts; one of 340.00:
        //   card    1,000.00 x 340.00 / 1,020.00 = 333.33
        //   balance 340.00 - 333.33              =   6.67
        let paid = BTreeMap::from([(Method::BankCard, d("1000.00")), (Method::Balance, d("20.00"))]);
        let shared = share(&paid, d("340.00"), d("1020.00"), 2);
        assert_eq!(
            shared,
            [
                Payment { method: Method::BankCard, amount: d("333.33") },
                Payment { method: Method::Balance, amount: d("6.67") },
            ]
        );
        assert_eq!(shared.iter().map(|p| p.amount).sum::<Decimal>(), d("340.00"));
    }
}
