//! Amounts: decimal text, or a JSON number read from its own digits.

use super::record::Scalar;
use rust_decimal::Decimal;

/// An amount that cannot be read exactly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an amount that can be read exactly")]
pub struct AmountError(pub String);

/// Reads an amount such as `10000.00`, `-12.5`, `10,000.00` or, from a JSON number, `1e2`. Digits are kept as written
/// (`1234.10` keeps both decimals). Commas count only as thousands separators: `1,5` is refused, not read as 15.
pub fn read_amount(text: &str) -> Result<Decimal, AmountError> {
    let refused = || AmountError(text.to_owned());
    let plain = without_separators(text.trim()).ok_or_else(refused)?;
    // A sign or a digit must lead and nothing else may occur: the decimal parser would also take `_` between digits.
    if !plain.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) {
        return Err(refused());
    }
    let read =
        if plain.contains(['e', 'E']) { Decimal::from_scientific(&plain) } else { Decimal::from_str_exact(&plain) };
    read.map_err(|_| refused())
}

/// Drops commas that stand between groups of three digits in the whole part; `None` when they stand anywhere else.
fn without_separators(text: &str) -> Option<String> {
    if !text.contains(',') {
        return Some(text.to_owned());
    }
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let mut groups = whole.trim_start_matches(['-', '+']).split(',');
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let well_formed = groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && digits(first))
        && groups.all(|group| group.len() == 3 && digits(group))
        && fraction.is_none_or(digits);
    well_formed.then(|| text.replace(',', ""))
}

/// An amount that the API writes as a JSON number (`RefundAmount`). Read from and written as the number's own digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NumberAmount(pub Decimal);

impl Scalar for NumberAmount {
    const BARE: bool = true;
    fn parse(text: &str) -> Result<Self, String> {
        read_amount(text).map(Self).map_err(|error| error.to_string())
    }
    fn text(&self) -> String {
        self.0.to_string()
    }
}
