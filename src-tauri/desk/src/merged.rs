//! Money that arrived together: several refunds within two minutes may be merged into one channel refund (refund-rules section 12),
//! and its movement names one of their refund orders only. What that one has above its own amount belongs to the others. And a
//! refund order of several resources, as one for each of them.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use desk_store::{Json, OrderPart, Read, RefundRow};
use refund_rules::minor_units;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::error::DeskError;
use crate::facts::related_orders;
use crate::views::RefundPart;

/// Refunds this far apart may be merged (refund-rules section 12).
const MERGED_WITHIN: TimeDelta = TimeDelta::minutes(2);

/// Gives each refund order its part of what arrived under another's number. Tied by their resource or their order, and by time;
/// never by an amount alone.
pub(crate) fn share(rows: &mut [RefundRow]) -> Result<(), DeskError> {
    rows.sort_by(|a, b| (a.created_at, &a.refund_order).cmp(&(b.created_at, &b.refund_order)));
    for payer in 0..rows.len() {
        for taker in 0..rows.len() {
            let above = rows[payer].arrived - rows[payer].amount;
            if above <= Decimal::ZERO {
                break;
            }
            let lacks = rows[taker].amount - rows[taker].arrived;
            if payer != taker && lacks > Decimal::ZERO && merged(&rows[payer], &rows[taker]) {
                hand_over(rows, payer, taker, lacks.min(above))?;
            }
        }
    }
    Ok(())
}

/// A refund order as one for each resource that its sub-orders name: several requests may be answered by it. What arrived is
/// theirs in proportion, the last takes the rest. A claim stays with the first.
pub(crate) fn by_resource(read: &Read<'_>, row: RefundRow) -> Result<Vec<RefundRow>, DeskError> {
    let parts = read.order_parts().of_order(&row.customer, &row.refund_order)?;
    let resources: BTreeSet<&str> =
        parts.iter().map(|part| part.instance.as_str()).filter(|instance| !instance.is_empty()).collect();
    let head = read.orders().get(&row.customer, &row.refund_order)?;
    let Some(head) = head.filter(|_| resources.len() > 1 && !row.amount.is_zero()) else { return Ok(vec![row]) };
    let places = minor_units(&row.currency);
    let mut left: Vec<RefundPart> = row.parts.read()?;
    let mut rows = Vec::new();
    for (nth, resource) in resources.iter().enumerate() {
        let own: Vec<OrderPart> = parts.iter().filter(|part| part.instance == *resource).cloned().collect();
        let amount: Decimal = own.iter().map(|part| part.cash + part.coupon).sum();
        let arrived = if nth + 1 == resources.len() {
            left.iter().map(|part| part.amount).sum()
        } else {
            (row.arrived * amount / row.amount).round_dp_with_strategy(places, RoundingStrategy::ToZero)
        };
        let seen = if arrived.is_zero() { Vec::new() } else { take(&mut left, arrived, places) };
        rows.push(RefundRow {
            resource: (*resource).to_owned(),
            related: related_orders(&head, &own),
            amount,
            arrived,
            arrived_at: row.arrived_at.filter(|_| arrived >= amount),
            parts: Json::of(&seen)?,
            request: row.request.clone().filter(|_| row.resource == *resource),
            ..row.clone()
        });
    }
    Ok(rows)
}

fn merged(one: &RefundRow, other: &RefundRow) -> bool {
    let one_resource = !one.resource.is_empty() && one.resource == other.resource;
    let one_order = one.related.iter().any(|order| other.related.contains(order));
    one.currency == other.currency
        && (one.created_at - other.created_at).abs() <= MERGED_WITHIN
        && (one_resource || one_order)
}

fn hand_over(rows: &mut [RefundRow], payer: usize, taker: usize, amount: Decimal) -> Result<(), DeskError> {
    let mut kept: Vec<RefundPart> = rows[payer].parts.read()?;
    let mut given: Vec<RefundPart> = rows[taker].parts.read()?;
    given.extend(take(&mut kept, amount, minor_units(&rows[payer].currency)));
    for (place, parts, by) in [(payer, kept, -amount), (taker, given, amount)] {
        let row = &mut rows[place];
        row.arrived += by;
        row.arrived_at = if row.arrived >= row.amount { parts.iter().map(|part| part.at).max() } else { None };
        row.parts = Json::of(&parts)?;
    }
    Ok(())
}

/// Takes `amount` from parts that hold at least as much: from each place in proportion, since refunds of one order were paid alike.
fn take(parts: &mut Vec<RefundPart>, amount: Decimal, places: u32) -> Vec<RefundPart> {
    let whole: Decimal = parts.iter().map(|part| part.amount).sum();
    let mut shares: Vec<Decimal> = parts
        .iter()
        .map(|part| (part.amount * amount / whole).round_dp_with_strategy(places, RoundingStrategy::ToZero))
        .collect();
    let mut left = amount - shares.iter().sum::<Decimal>();
    for (part, share) in parts.iter().zip(&mut shares).rev() {
        let more = left.min(part.amount - *share);
        *share += more;
        left -= more;
    }
    let mut taken = Vec::new();
    for (part, share) in parts.iter_mut().zip(shares).filter(|(_, share)| !share.is_zero()) {
        part.amount -= share;
        taken.push(RefundPart { amount: share, ..part.clone() });
    }
    parts.retain(|part| !part.amount.is_zero());
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    fn row(id: &str, resource: &str, related: &str, second: u32, amount: &str, parts: &[(&str, &str)]) -> RefundRow {
        let at = format!("2026-11-20T10:{:02}:{:02}Z", second / 60, second % 60).parse().expect("an instant");
        let parts: Vec<RefundPart> =
            parts.iter().map(|(to, amount)| RefundPart { to: (*to).to_owned(), amount: d(amount), at }).collect();
        RefundRow {
            customer: "1".to_owned(),
            refund_order: id.to_owned(),
            resource: resource.to_owned(),
            product: "ecs".to_owned(),
            related: vec![related.to_owned()],
            currency: "USD".to_owned(),
            amount: d(amount),
            created_at: at,
            arrived: parts.iter().map(|part| part.amount).sum(),
            arrived_at: None,
            parts: Json::of(&parts).expect("JSON"),
            request: None,
            also_answers: Vec::new(),
            predicted: None,
            reason: None,
        }
    }

    /// 90.00 and 30.00 came as 120.00 under the first number: 100.00 to the card and 20.00 to the balance. A quarter of each
    /// place is the second one's.
    #[test]
    fn what_came_under_one_number_is_shared() {
        let pays = |related| row("21", "i-1", related, 0, "90.00", &[("bank_card", "100.00"), ("balance", "20.00")]);
        for (case, other, shared) in [
            ("another order of the resource", row("22", "i-1", "12", 0, "30.00", &[]), true),
            ("another resource of the order", row("22", "i-2", "11", 119, "30.00", &[]), true),
            ("three minutes later", row("22", "i-2", "11", 180, "30.00", &[]), false),
            ("an equal amount alone", row("22", "i-2", "12", 0, "30.00", &[]), false),
            ("its money is there", row("22", "i-1", "12", 0, "30.00", &[("balance", "30.00")]), false),
        ] {
            let before = other.arrived;
            let mut rows = [pays("11"), other];
            share(&mut rows).expect("shared");
            let arrived = (rows[0].arrived, rows[1].arrived);
            assert_eq!(arrived, if shared { (d("90.00"), d("30.00")) } else { (d("120.00"), before) }, "{case}");
            if shared {
                let given: Vec<RefundPart> = rows[1].parts.read().expect("parts");
                let given: Vec<_> = given.iter().map(|part| (part.to.as_str(), part.amount)).collect();
                assert_eq!(given, [("bank_card", d("25.00")), ("balance", d("5.00"))], "{case}");
                assert!(rows.iter().all(|row| row.arrived_at.is_some()), "{case}");
            }
        }
    }

    /// 10.00 of 10.01 + 0.02 + 0.02: 9.96, 0.01 and 0.01 are whole minor units, and the cent pieces left over come from the last
    /// places that have any.
    #[test]
    fn no_minor_unit_is_lost() {
        let mut rows = [
            row("21", "i-1", "11", 0, "0.05", &[("paypal", "10.01"), ("bank_card", "0.02"), ("balance", "0.02")]),
            row("22", "i-1", "12", 0, "10.00", &[]),
        ];
        share(&mut rows).expect("shared");
        for (row, whole) in rows.iter().zip(["0.05", "10.00"]) {
            let parts: Vec<RefundPart> = row.parts.read().expect("parts");
            assert_eq!(parts.iter().map(|part| part.amount).sum::<Decimal>(), d(whole));
            assert!(parts.iter().all(|part| part.amount > Decimal::ZERO));
        }
    }
}
