//! A floor under a whole batch: "send while at least X comes back in all, until T". Items go one by one and each has its own result,
//! so every item gets its share of the floor and holds or goes back to review by that: what is sent never gives less than its
//! part of X.

use refund_rules::minor_units;
use rust_decimal::{Decimal, RoundingStrategy};

use super::super::event::Floor;
use super::super::record::Record;
use crate::error::DeskError;
use crate::tell::amount;

/// The floor of each item, in order; together they are the whole one. Errors: `bad_floor`, with the items that cannot have a part.
pub(super) fn shares(records: &[Record], floor: &Floor) -> Result<Vec<Floor>, DeskError> {
    let refunds: Vec<Decimal> = records.iter().map(|record| record.quote().refund).collect();
    let total: Decimal = refunds.iter().sum();
    if floor.at_least <= Decimal::ZERO || floor.at_least > total {
        let why = format!("at least {} is not a floor of {}", amount(floor.at_least), amount(total));
        return Err(bad_floor(why, "give an amount above 0 and at most what comes back now in all"));
    }
    let places = minor_units(records.first().map_or("", |record| record.reviewed.currency.as_str()));
    let parts = divided(floor.at_least, &refunds, total, places);
    let without = || records.iter().zip(&parts).filter(|(_, part)| part.is_zero());
    if without().next().is_some() {
        let details = without().map(|(record, _)| record.reviewed.resource.clone()).collect();
        let why = format!("{} is too little to give every item a part", amount(floor.at_least));
        return Err(
            bad_floor(why, "confirm the items named by themselves, or leave the floor out").with_details(details)
        );
    }
    Ok(parts.into_iter().map(|at_least| Floor { at_least, until: floor.until }).collect())
}

/// `whole` in proportion to the refunds, in minor units, none above its refund; what rounding leaves goes to the first with room.
fn divided(whole: Decimal, refunds: &[Decimal], total: Decimal, places: u32) -> Vec<Decimal> {
    let share = |refund: &Decimal| (whole * refund / total).round_dp_with_strategy(places, RoundingStrategy::ToZero);
    let mut parts: Vec<Decimal> = refunds.iter().map(share).collect();
    let mut left = whole - parts.iter().sum::<Decimal>();
    for (part, refund) in parts.iter_mut().zip(refunds) {
        let more = left.min(*refund - *part);
        *part += more;
        left -= more;
    }
    parts
}

fn bad_floor(why: String, next: &str) -> DeskError {
    DeskError::new("bad_floor", why, next).at("floor")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    /// ```text
    /// 100.00 of 120.00 + 60.00 + 0.03   66.65 + 33.32 + 0.01 = 99.98, the 0.02 left go to the first
    /// ```
    #[test]
    fn no_minor_unit_of_a_floor_is_lost_and_no_item_must_give_more_than_it_does() {
        for (whole, refunds, expected) in [
            ("100.00", &["120.00", "60.00", "0.03"][..], &["66.67", "33.32", "0.01"][..]),
            ("180.03", &["120.00", "60.00", "0.03"], &["120.00", "60.00", "0.03"]),
            ("0.02", &["5.00", "5.00"], &["0.01", "0.01"]),
            ("0.01", &["5.00", "5.00"], &["0.01", "0"]),
            ("10.00", &["3.33", "3.33", "3.34"], &["3.33", "3.33", "3.34"]),
        ] {
            let refunds: Vec<Decimal> = refunds.iter().map(|text| d(text)).collect();
            let total: Decimal = refunds.iter().sum();
            let parts = divided(d(whole), &refunds, total, 2);
            assert_eq!(parts, expected.iter().map(|text| d(text)).collect::<Vec<_>>(), "{whole}");
            assert_eq!(parts.iter().sum::<Decimal>(), d(whole));
            assert!(parts.iter().zip(&refunds).all(|(part, refund)| part <= refund), "{whole}");
        }
    }
}
