//! Minor units and the even split.

use rust_decimal::Decimal;

/// Decimals of a currency's minor unit: none for JPY, two for all others (refund rules, section 2).
pub fn minor_units(currency: &str) -> u32 {
    if currency == "JPY" { 0 } else { 2 }
}

/// Splits an amount of at most `minor_units` decimals into equal parts in whole minor units; what cannot be divided goes to
/// the first parts, one unit each (refund rules, section 16). No part at all gives an empty list.
pub fn split_evenly(total: Decimal, parts: u32, minor_units: u32) -> Vec<Decimal> {
    if parts == 0 {
        return Vec::new();
    }
    let unit = Decimal::new(1, minor_units);
    let units = (total / unit).trunc();
    let share = (units / Decimal::from(parts)).trunc();
    let over = units - share * Decimal::from(parts);
    let step = if over.is_sign_negative() { -Decimal::ONE } else { Decimal::ONE };
    (0..parts)
        .map(|i| {
            let extra = if Decimal::from(i) < over.abs() { step } else { Decimal::ZERO };
            at_minor_unit((share + extra) * unit, minor_units)
        })
        .collect()
}

/// The same value written with exactly the currency's decimals, as in "210.00".
pub(crate) fn at_minor_unit(mut amount: Decimal, minor_units: u32) -> Decimal {
    amount.rescale(minor_units);
    amount
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn only_the_yen_has_no_minor_unit() {
        assert_eq!([minor_units("JPY"), minor_units("USD"), minor_units("CNY"), minor_units("KRW")], [0, 2, 2, 2]);
    }
}
