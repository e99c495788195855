//! Exact fractions. Every formula is carried out in them and rounded once, at the end.
//!
//! Factors are multiplied without cancelling, which is fast, and cancelled only when 256 bits would not do: within the bounds
//! of input (`bounds.rs`) the cancelled fraction always fits.

use std::cmp::Ordering;

use ethnum::I256;
use rust_decimal::Decimal;

/// A fraction of two integers; the denominator is above zero.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ratio {
    num: I256,
    den: I256,
}

impl Ratio {
    pub(crate) const ZERO: Self = Self { num: I256::ZERO, den: I256::ONE };
    pub(crate) const ONE: Self = Self { num: I256::ONE, den: I256::ONE };

    pub(crate) fn whole(number: i64) -> Self {
        Self { num: I256::from(number), den: I256::ONE }
    }

    pub(crate) fn times(self, other: Self) -> Self {
        exact(self, other, |a, b| Some(Self { num: a.num.checked_mul(b.num)?, den: a.den.checked_mul(b.den)? }))
    }

    /// `other` is above zero.
    pub(crate) fn over(self, other: Self) -> Self {
        assert!(other.num > I256::ZERO, "division only by what is above zero");
        self.times(Self { num: other.den, den: other.num })
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        exact(self, other, |a, b| {
            if a.den == b.den {
                return Some(Self { num: a.num.checked_sub(b.num)?, den: a.den });
            }
            let num = a.num.checked_mul(b.den)?.checked_sub(b.num.checked_mul(a.den)?)?;
            Some(Self { num, den: a.den.checked_mul(b.den)? })
        })
    }

    pub(crate) fn or_zero(self) -> Self {
        if self.num < I256::ZERO { Self::ZERO } else { self }
    }

    pub(crate) fn at_most(self, other: Self) -> Self {
        if self.minus(other).num > I256::ZERO { other } else { self }
    }

    pub(crate) fn is_zero(self) -> bool {
        self.num == I256::ZERO
    }

    /// Rounded half away from zero to `places` decimals, and whether that changed the value.
    ///
    /// Values beyond [`LARGEST_SHOWN`] are shown as that: only a use far above what was bought can be so large, and no
    /// amount that returns depends on it.
    pub(crate) fn round(self, places: u32) -> (Decimal, bool) {
        let scaled = self.times(Self { num: I256::from(10_i64.pow(places)), den: I256::ONE });
        let (quotient, rest) = (scaled.num / scaled.den, scaled.num % scaled.den);
        let away = rest != I256::ZERO && rest.abs() >= scaled.den - rest.abs();
        let units = if away { quotient + quotient_sign(scaled.num) } else { quotient };
        let limit = I256::from(LARGEST_SHOWN) * I256::from(10_i64.pow(places));
        let units = units.clamp(-limit, limit);
        (Decimal::from_i128_with_scale(units.as_i128(), places), rest != I256::ZERO)
    }

    /// The exact value as a decimal where it has one of at most `places` decimals, else rounded to `places`.
    pub(crate) fn text(self, places: u32) -> String {
        self.round(places).0.normalize().to_string()
    }

    fn cancelled(self) -> Self {
        let divisor = greatest_common_divisor(self.num.abs(), self.den);
        Self { num: self.num / divisor, den: self.den / divisor }
    }
}

impl From<Decimal> for Ratio {
    fn from(decimal: Decimal) -> Self {
        let decimal = decimal.normalize();
        Self { num: I256::from(decimal.mantissa()), den: I256::from(10_i128.pow(decimal.scale())) }
    }
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ratio {}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        self.minus(*other).num.cmp(&I256::ZERO)
    }
}

/// Largest whole number that an amount in a quote can show.
const LARGEST_SHOWN: i64 = 1_000_000_000_000_000_000;

fn exact(a: Ratio, b: Ratio, operation: impl Fn(Ratio, Ratio) -> Option<Ratio>) -> Ratio {
    operation(a, b)
        .or_else(|| operation(a.cancelled(), b.cancelled()))
        .expect("the bounds of input keep every formula within 256 bits")
}

fn quotient_sign(number: I256) -> I256 {
    if number < I256::ZERO { -I256::ONE } else { I256::ONE }
}

fn greatest_common_divisor(mut a: I256, mut b: I256) -> I256 {
    while b != I256::ZERO {
        (a, b) = (b, a % b);
    }
    if a == I256::ZERO { I256::ONE } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(num: i64, den: i64) -> Ratio {
        Ratio::whole(num).over(Ratio::whole(den))
    }

    #[test]
    fn rounds_half_away_from_zero_and_says_whether_it_did() {
        for (value, places, expected, rounded) in [
            (ratio(1, 8), 2, "0.13", true),
            (ratio(-1, 8), 2, "-0.13", true),
            (ratio(124, 1000), 2, "0.12", true),
            (ratio(5, 2), 0, "3", true),
            (ratio(-5, 2), 0, "-3", true),
            (ratio(1, 3), 2, "0.33", true),
            (ratio(2, 3), 2, "0.67", true),
            (ratio(21, 4), 2, "5.25", false),
            (ratio(0, 7), 2, "0.00", false),
        ] {
            let (amount, changed) = value.round(places);
            assert_eq!((amount.to_string().as_str(), changed), (expected, rounded), "{value:?}");
        }
    }

    #[test]
    fn the_longest_product_within_the_bounds_is_exact() {
        let list = Ratio::from(Decimal::from_str_exact("9999999999.99").unwrap());
        let after = Ratio::from(Decimal::from_str_exact("9999999999.999999").unwrap());
        let before = Ratio::from(Decimal::from_str_exact("0.000001").unwrap());
        let share = after.minus(before).over(after);
        let used = Ratio::whole(2_999_999).over(Ratio::whole(2_999_993));
        let factor = Ratio::from(Decimal::from_str_exact("0.9997").unwrap());
        let consumed = list.times(share).times(used).times(factor).times(factor);
        // Undone factor by factor, the same product is the list price again, to the last digit.
        assert_eq!(consumed.over(factor).over(factor).over(used).over(share), list);
        let kept = list.minus(consumed).times(after.minus(before).over(after.minus(Ratio::whole(1))));
        assert!(kept > Ratio::ZERO && kept < list);
    }

    #[test]
    fn what_is_shown_is_capped_and_never_overflows() {
        let huge = Ratio::whole(i64::MAX).times(Ratio::whole(i64::MAX)).times(Ratio::whole(i64::MAX));
        assert_eq!(huge.round(2).0.to_string(), "1000000000000000000.00");
    }
}
