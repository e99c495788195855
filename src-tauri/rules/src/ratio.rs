//! Exact fractions. Every formula is carried out in them and rounded once, at the end.
//!
//! Factors are multiplied without cancelling, which is fast, and cancelled only when 256 bits would not do: within the bounds
//! of input (`bounds.rs`) the cancelled fraction always fits. What fits 64 bits, as nearly all does, is computed in 128.

use std::cmp::Ordering;

use compact_str::CompactString;
use ethnum::I256;
use rust_decimal::Decimal;

use crate::money::{decimal_text, power_of_ten};

/// The quotient of two whole numbers rounded half away from zero, and whether there was a rest. The divisor is above zero.
macro_rules! divided {
    ($num:expr, $den:expr) => {{
        let (num, den) = ($num, $den);
        let quotient = num / den;
        let rest = num - quotient * den;
        let away = rest != 0 && rest.abs() >= den - rest.abs();
        (if away { quotient + num.signum() } else { quotient }, rest != 0)
    }};
}

/// A fraction of two integers; the denominator is above zero.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ratio {
    Short { num: i64, den: i64 },
    Long(Long),
}

/// A fraction that 64 bits may not hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Long {
    num: I256,
    den: I256,
}

impl Ratio {
    pub(crate) const ZERO: Self = Self::whole(0);
    pub(crate) const ONE: Self = Self::whole(1);

    pub(crate) const fn whole(number: i64) -> Self {
        Self::Short { num: number, den: 1 }
    }

    pub(crate) fn times(self, other: Self) -> Self {
        if let (Self::Short { num: a, den: b }, Self::Short { num: c, den: d }) = (self, other) {
            return Self::of(i128::from(a) * i128::from(c), i128::from(b) * i128::from(d));
        }
        exact(self, other, |a, b| Some(Long { num: a.num.checked_mul(b.num)?, den: a.den.checked_mul(b.den)? }))
    }

    /// `other` is above zero.
    pub(crate) fn over(self, other: Self) -> Self {
        assert!(other.is_positive(), "division only by what is above zero");
        self.times(match other {
            Self::Short { num, den } => Self::Short { num: den, den: num },
            Self::Long(Long { num, den }) => Self::Long(Long { num: den, den: num }),
        })
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        if let (Self::Short { num: a, den: b }, Self::Short { num: c, den: d }) = (self, other) {
            let [a, b, c, d] = [a, b, c, d].map(i128::from);
            // Two products below 2 to the 126th each, so their difference fits.
            return if b == d { Self::of(a - c, b) } else { Self::of(a * d - c * b, b * d) };
        }
        exact(self, other, |a, b| {
            if a.den == b.den {
                return Some(Long { num: a.num.checked_sub(b.num)?, den: a.den });
            }
            let num = a.num.checked_mul(b.den)?.checked_sub(b.num.checked_mul(a.den)?)?;
            Some(Long { num, den: a.den.checked_mul(b.den)? })
        })
    }

    /// True for the number one as it is written by [`ONE`](Self::ONE).
    pub(crate) fn is_plain_one(self) -> bool {
        matches!(self, Self::Short { num: 1, den: 1 })
    }

    pub(crate) fn or_zero(self) -> Self {
        if self.is_positive() { self } else { Self::ZERO }
    }

    pub(crate) fn at_most(self, other: Self) -> Self {
        if self.minus(other).is_positive() { other } else { self }
    }

    pub(crate) fn is_zero(self) -> bool {
        match self {
            Self::Short { num, .. } => num == 0,
            Self::Long(long) => long.num == I256::ZERO,
        }
    }

    fn is_positive(self) -> bool {
        match self {
            Self::Short { num, .. } => num > 0,
            Self::Long(long) => long.num > I256::ZERO,
        }
    }

    fn of(num: i128, den: i128) -> Self {
        match (i64::try_from(num), i64::try_from(den)) {
            (Ok(num), Ok(den)) => Self::Short { num, den },
            _ => Self::Long(Long { num: num.into(), den: den.into() }),
        }
    }

    /// Numerator and denominator, where 128 bits hold them.
    fn halves(self) -> Option<(i128, i128)> {
        match self {
            Self::Short { num, den } => Some((num.into(), den.into())),
            Self::Long(long) => Some((i128::try_from(long.num).ok()?, i128::try_from(long.den).ok()?)),
        }
    }

    fn long(self) -> Long {
        match self {
            Self::Short { num, den } => Long { num: num.into(), den: den.into() },
            Self::Long(long) => long,
        }
    }

    /// Rounded half away from zero to `places` decimals, and whether that changed the value.
    ///
    /// Values beyond [`LARGEST_SHOWN`] are shown as that: only a use far above what was bought can be so large, and no
    /// amount that returns depends on it.
    pub(crate) fn round(self, places: u32) -> (Decimal, bool) {
        if let Self::Short { num, den } = self {
            let scaled = i128::from(num) * power_of_ten(places);
            return match i64::try_from(scaled) {
                // Nothing to cap, and a division that the processor itself knows.
                Ok(num) if num.abs() <= LARGEST_SHOWN => {
                    let (units, rounded) = divided!(num, den);
                    (Decimal::new(units, places), rounded)
                }
                _ => {
                    let (units, rounded) = divided!(scaled, i128::from(den));
                    let limit = i128::from(LARGEST_SHOWN) * power_of_ten(places);
                    (Decimal::from_i128_with_scale(units.clamp(-limit, limit), places), rounded)
                }
            };
        }
        let scaled = self.times(Self::whole(10_i64.pow(places))).long();
        let (quotient, rest) = (scaled.num / scaled.den, scaled.num % scaled.den);
        let away = rest != I256::ZERO && rest.abs() >= scaled.den - rest.abs();
        let units = if away { quotient + quotient_sign(scaled.num) } else { quotient };
        let limit = I256::from(LARGEST_SHOWN) * I256::from(10_i64.pow(places));
        let units = units.clamp(-limit, limit);
        (Decimal::from_i128_with_scale(units.as_i128(), places), rest != I256::ZERO)
    }

    /// The exact value as a decimal where it has one of at most `places` decimals, else rounded to `places`.
    pub(crate) fn text(self, places: u32) -> CompactString {
        let rounded = self.round(places).0;
        match i64::try_from(rounded.mantissa()) {
            // Its zeros at the end are taken off in a register.
            Ok(units) => {
                let (units, places) = without_zeros(units, rounded.scale());
                decimal_text(Decimal::new(units, places))
            }
            Err(_) => decimal_text(rounded.normalize()),
        }
    }
}

impl Long {
    fn cancelled(self) -> Self {
        let divisor = greatest_common_divisor(self.num.abs(), self.den);
        Self { num: self.num / divisor, den: self.den / divisor }
    }
}

/// An amount that falls evenly to nothing: after `n` days it is `from - by * n`, not below zero, rounded half up to a minor unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Falling {
    /// Twice `from` and `by` in minor units over one denominator, so that half a unit is `den`.
    from: i128,
    by: i128,
    den: i128,
}

impl Falling {
    /// `None` where a number is too long for 128 bits.
    pub(crate) fn of(from: Ratio, by: Ratio, minor_units: u32) -> Option<Self> {
        let units = 2 * power_of_ten(minor_units);
        let ((from_num, from_den), (by_num, by_den)) = (from.halves()?, by.halves()?);
        let scaled = |num: i128, other_den: i128| num.checked_mul(units)?.checked_mul(other_den);
        let (from, by) = (scaled(from_num, by_den)?, scaled(by_num, from_den)?);
        let den = from_den.checked_mul(by_den)?;
        let rounds = from.checked_add(den).is_some() && den.checked_mul(2).is_some();
        rounds.then_some(Self { from, by, den })
    }

    /// The way down from `days` on.
    pub(crate) fn from(&self, days: i64) -> Option<Descent> {
        let unit = 2 * self.den;
        let twice = self.from.checked_sub(self.by.checked_mul(i128::from(days))?)?.checked_add(self.den)?;
        let (step, step_rest) = (self.by.div_euclid(unit), self.by.rem_euclid(unit));
        Some(Descent { units: twice.div_euclid(unit), rest: twice.rem_euclid(unit), step, step_rest, unit })
    }
}

/// A falling amount day after day, by subtraction alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Descent {
    /// May be below zero; then nothing is left.
    units: i128,
    /// What is above `units`, in parts of `unit`.
    rest: i128,
    step: i128,
    step_rest: i128,
    unit: i128,
}

impl Descent {
    /// In minor units.
    pub(crate) fn amount(&self) -> i128 {
        self.units.max(0)
    }

    pub(crate) fn next_day(&mut self) {
        self.units -= self.step;
        self.rest -= self.step_rest;
        if self.rest < 0 {
            self.rest += self.unit;
            self.units -= 1;
        }
    }
}

impl From<Decimal> for Ratio {
    fn from(decimal: Decimal) -> Self {
        let Ok(num) = i64::try_from(decimal.mantissa()) else {
            let decimal = decimal.normalize();
            return Self::of(decimal.mantissa(), power_of_ten(decimal.scale()));
        };
        // Amounts end in zeros as a rule; without them what follows stays short.
        let (num, places) = without_zeros(num, decimal.scale());
        Self::of(i128::from(num), power_of_ten(places))
    }
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            // Written the same, as equal ones mostly are.
            (Self::Short { num: a, den: b }, Self::Short { num: c, den: d }) if b == d => a == c,
            _ => self.cmp(other) == Ordering::Equal,
        }
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
        match self.minus(*other) {
            Self::Short { num, .. } => num.cmp(&0),
            Self::Long(long) => long.num.cmp(&I256::ZERO),
        }
    }
}

/// The same decimal number without zeros at its end.
fn without_zeros(mut units: i64, mut places: u32) -> (i64, u32) {
    while places > 0 && units % 10 == 0 {
        (units, places) = (units / 10, places - 1);
    }
    (units, places)
}

/// Largest whole number that an amount in a quote can show.
const LARGEST_SHOWN: i64 = 1_000_000_000_000_000_000;

fn exact(a: Ratio, b: Ratio, operation: impl Fn(Long, Long) -> Option<Long>) -> Ratio {
    let (a, b) = (a.long(), b.long());
    let result = operation(a, b)
        .or_else(|| operation(a.cancelled(), b.cancelled()))
        .expect("the bounds of input keep every formula within 256 bits");
    Ratio::Long(result)
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
    fn a_falling_amount_is_the_rounded_difference_at_every_day() {
        let dollars = |cents: i64| ratio(cents, 100);
        for (from, by, places) in [
            (dollars(102_000), ratio(1200, 365), 2),
            (dollars(100), ratio(1, 8), 2),
            (dollars(0), ratio(0, 1), 2),
            (ratio(300_000, 1), ratio(123_457, 61), 0),
            (ratio(1, 3), ratio(1, 997), 2),
            (dollars(999_999_999_999), ratio(9_999_999_999_999, 3_650_017), 2),
        ] {
            let falling = Falling::of(from, by, places).unwrap();
            let mut descent = falling.from(0).unwrap();
            for days in 0..1_000 {
                let expected = from.minus(by.times(Ratio::whole(days))).or_zero().round(places).0.mantissa();
                let at_once = falling.from(days).unwrap().amount();
                assert_eq!((descent.amount(), at_once), (expected, expected), "{from:?} {by:?} {days}");
                descent.next_day();
            }
        }
        let long = Ratio::whole(i64::MAX).times(Ratio::whole(i64::MAX)).times(Ratio::whole(i64::MAX));
        assert!(Falling::of(long, Ratio::ONE, 2).is_none());
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
        // Of sixty-four bits and without decimals: the cap lies within them.
        assert_eq!(Ratio::whole(i64::MAX).round(0).0.to_string(), "1000000000000000000");
        assert_eq!(Ratio::whole(i64::MIN + 1).round(0).0.to_string(), "-1000000000000000000");
        assert_eq!(Ratio::whole(999_999_999_999_999_999).round(0).0.to_string(), "999999999999999999");
    }
}
