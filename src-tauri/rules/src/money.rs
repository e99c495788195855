//! Minor units and the even split.

use arrayvec::ArrayString;
use compact_str::{CompactString, ToCompactString};
use rust_decimal::Decimal;

/// Decimals of a currency's minor unit: none for JPY, two for all others (refund rules, section 2).
pub fn minor_units(currency: &str) -> u32 {
    if currency == "JPY" { 0 } else { 2 }
}

/// Most digits of an amount before its point (refund rules, section 2).
pub const WHOLE_DIGITS_MAX: u32 = 10;

/// The first amount that is too large to be one.
const BEYOND: Decimal = Decimal::from_parts(1_410_065_408, 2, 0, false, 0);

/// True for an amount, of either sign, with at most [`WHOLE_DIGITS_MAX`] digits before its point. Sums of many such amounts are far
/// from what a `Decimal` cannot hold; an amount from outside is checked by this before anything is computed with it.
pub fn within_bounds(amount: Decimal) -> bool {
    amount.abs() < BEYOND
}

/// Splits an amount of at most `minor_units` decimals into equal parts in whole minor units; what cannot be divided goes to
/// the first parts, one unit each (refund rules, section 16). No part at all gives an empty list.
///
/// Never panics. A part that cannot be written with the currency's decimals (it has more than 26 digits before a point with two
/// behind; see [`within_bounds`]) becomes the `Decimal` furthest from zero.
pub fn split_evenly(total: Decimal, parts: u32, minor_units: u32) -> Vec<Decimal> {
    if parts == 0 {
        return Vec::new();
    }
    let places = minor_units.min(Decimal::MAX_SCALE);
    let units = match total.scale().checked_sub(places) {
        Some(fewer) => total.mantissa() / power_of_ten(fewer),
        None => total.mantissa().saturating_mul(power_of_ten(places - total.scale())),
    };
    let (share, over) = (units / i128::from(parts), units % i128::from(parts));
    let amount = |units: i128| {
        let furthest = if units < 0 { Decimal::MIN } else { Decimal::MAX };
        Decimal::try_from_i128_with_scale(units, places).unwrap_or(furthest)
    };
    // Less than `parts`, so the index is compared with what is left over without loss.
    (0..parts).map(|i| amount(if i128::from(i) < over.abs() { share + over.signum() } else { share })).collect()
}

/// The sum of a chain's amounts. They are of one currency as a rule, and then whole minor units are added.
pub(crate) fn sum(mut amounts: impl Iterator<Item = Decimal> + Clone) -> Decimal {
    let all = amounts.clone();
    let Some(first) = amounts.next() else { return Decimal::ZERO };
    let scale = first.scale();
    let mut units = first.mantissa();
    for amount in amounts {
        if amount.scale() != scale {
            return all.sum();
        }
        units += amount.mantissa();
    }
    Decimal::from_i128_with_scale(units, scale)
}

/// The same value written with exactly the currency's decimals, as in "210.00".
pub(crate) fn at_minor_unit(mut amount: Decimal, minor_units: u32) -> Decimal {
    if amount.scale() != minor_units {
        amount.rescale(minor_units);
    }
    amount
}

/// Of at most 38, which is all that 128 bits hold. Read from a table: multiplying it out each time is felt.
pub(crate) fn power_of_ten(exponent: u32) -> i128 {
    const POWERS: [i128; 39] = {
        let mut powers = [1; 39];
        let mut i = 1;
        while i < powers.len() {
            powers[i] = powers[i - 1] * 10;
            i += 1;
        }
        powers
    };
    POWERS[exponent as usize]
}

/// An amount of so many minor units, written with the currency's decimals.
pub(crate) fn units_text(units: i128, minor_units: u32) -> CompactString {
    match u64::try_from(units) {
        Ok(units) => digits_text(units, minor_units),
        Err(_) => decimal_text(Decimal::from_i128_with_scale(units, minor_units)),
    }
}

/// What `Decimal::to_string` writes. A quote writes hundreds of amounts, and the general formatting takes several times as
/// long for them.
pub(crate) fn decimal_text(amount: Decimal) -> CompactString {
    let places = amount.scale();
    let short = u64::try_from(amount.mantissa()).ok().filter(|_| amount.is_sign_positive() && places < 20);
    match short {
        Some(digits) => digits_text(digits, places),
        None => amount.to_compact_string(),
    }
}

/// A number whose last `places` digits, fewer than twenty, stand behind the point.
fn digits_text(digits: u64, places: u32) -> CompactString {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(digits);
    let places = places as usize;
    if places == 0 {
        return digits.into();
    }
    // Twenty digits of the largest number, the point, and a zero before it.
    let mut text = ArrayString::<22>::new();
    let (before, after) = digits.split_at(digits.len().saturating_sub(places));
    text.push_str(if before.is_empty() { "0" } else { before });
    text.push('.');
    text.push_str(&ZEROS[after.len()..places]);
    text.push_str(after);
    text.as_str().into()
}

/// As many as can stand between the point and the first digit.
const ZEROS: &str = "0000000000000000000";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_written_as_its_library_writes_it() {
        for units in [0, 1, 9, 10, 99, 100, 101, 12_345, 999_999_999_999, i64::MAX, -1, -12_345] {
            for places in [0, 1, 2, 6, 18, 19, 28] {
                let amount = Decimal::new(units, places);
                assert_eq!(decimal_text(amount), amount.to_string());
            }
        }
        assert_eq!(decimal_text(Decimal::MAX), Decimal::MAX.to_string());
        assert_eq!(decimal_text(-Decimal::ZERO), (-Decimal::ZERO).to_string());
        assert_eq!(decimal_text(Decimal::from(u64::MAX)), u64::MAX.to_string());
        assert_eq!(units_text(700, 2), "7.00");
    }

    fn parts(total: &str, count: u32, minor: u32) -> Vec<String> {
        split_evenly(Decimal::from_str_exact(total).unwrap(), count, minor).iter().map(Decimal::to_string).collect()
    }

    #[test]
    fn the_remainder_goes_to_the_first_one_unit_each() {
        assert_eq!(parts("100.00", 3, 2), ["33.34", "33.33", "33.33"]);
        assert_eq!(parts("0.05", 3, 2), ["0.02", "0.02", "0.01"]);
        assert_eq!(parts("1000", 3, 0), ["334", "333", "333"]);
        assert_eq!(parts("10", 1, 2), ["10.00"]);
        assert_eq!(parts("-0.05", 3, 2), ["-0.02", "-0.02", "-0.01"]);
        assert!(parts("5", 0, 2).is_empty());
    }

    #[test]
    fn no_amount_at_all_stops_the_split() {
        let furthest = "79228162514264337593543950335";
        assert_eq!(parts(furthest, 1, 0), [furthest]);
        assert_eq!(parts(furthest, 1, 2), [furthest]);
        assert_eq!(parts(&format!("-{furthest}"), 1, 2), [format!("-{furthest}")]);
        assert_eq!(parts("7.9228162514264337593543950335", 3, 2), ["2.64", "2.64", "2.64"]);
        assert_eq!(parts("9999999999.99", 2, 2), ["5000000000.00", "4999999999.99"]);
        for total in [Decimal::MAX, Decimal::MIN, Decimal::ZERO, Decimal::new(1, 28), Decimal::new(-5, 2)] {
            for (count, minor) in [(1, 0), (1, 2), (7, 6), (1000, 28), (3, 29), (2, u32::MAX)] {
                assert_eq!(split_evenly(total, count, minor).len(), count as usize, "{total} {count} {minor}");
            }
        }
    }

    #[test]
    fn a_sum_is_the_same_however_its_amounts_are_written() {
        for amounts in
            [vec![], vec!["1.05"], vec!["1.05", "2.95", "0.00"], vec!["300", "0.07", "2.9"], vec!["-1.00", "0.25"]]
        {
            let amounts: Vec<Decimal> =
                amounts.into_iter().map(|text| Decimal::from_str_exact(text).unwrap()).collect();
            assert_eq!(sum(amounts.iter().copied()), amounts.iter().sum::<Decimal>(), "{amounts:?}");
        }
    }

    #[test]
    fn ten_digits_before_the_point_are_the_most() {
        for (amount, fits) in [
            ("0", true),
            ("9999999999", true),
            ("9999999999.999999", true),
            ("-9999999999.99", true),
            ("10000000000", false),
            ("-10000000000", false),
            ("79228162514264337593543950335", false),
        ] {
            assert_eq!(within_bounds(Decimal::from_str_exact(amount).unwrap()), fits, "{amount}");
        }
        assert_eq!(BEYOND, Decimal::from(10_u64.pow(WHOLE_DIGITS_MAX)));
    }

    #[test]
    fn only_the_yen_has_no_minor_unit() {
        assert_eq!([minor_units("JPY"), minor_units("USD"), minor_units("CNY"), minor_units("KRW")], [0, 2, 2, 2]);
    }
}
