//! Amounts as people write them: `¥1,200.00`, `CNY 1200`, `(35.00)`. What can be read in two ways is refused.

use refund_rules::{WHOLE_DIGITS_MAX, within_bounds};
use rust_decimal::Decimal;

use super::refusal::Reason;

/// Most characters of an amount: more than any sum of money has.
const LENGTH_MAX: usize = 40;

/// Most decimals of an amount: unit prices have six.
const DECIMALS_MAX: u32 = 6;

/// An amount and the currencies that its sign may mean; none when it carries no sign.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Amount {
    pub value: Decimal,
    pub currencies: &'static [&'static str],
}

/// Signs and codes before or after an amount, with what they may mean.
const SIGNS: [(&str, &[&str]); 13] = [
    ("US$", &["USD"]),
    ("CNY", &["CNY"]),
    ("RMB", &["CNY"]),
    ("USD", &["USD"]),
    ("JPY", &["JPY"]),
    ("¥", &["CNY", "JPY"]),
    ("￥", &["CNY", "JPY"]),
    ("$", &["USD"]),
    ("人民币", &["CNY"]),
    ("美元", &["USD"]),
    ("日元", &["JPY"]),
    ("円", &["JPY"]),
    ("元", &["CNY"]),
];

/// Reads an amount; `Ok(None)` when the cell is empty or a dash. `Err` says why it cannot be read.
pub(super) fn amount(cell: &str) -> Result<Option<Amount>, Reason> {
    let text = cell.trim();
    if matches!(text, "" | "-" | "--" | "—") {
        return Ok(None);
    }
    let cell = || shown(text);
    if text.chars().count() > LENGTH_MAX {
        return Err(Reason::AmountTooLong { cell: cell() });
    }
    let mut rest = text;
    let mut negative = false;
    if let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (rest, negative) = (inner.trim(), true);
    }
    let (unsigned, minus) = without_minus(rest);
    let (bare, currencies) = without_sign(unsigned);
    // The minus may stand on either side of the sign: `-¥5`, `¥-5`, `5.00-`.
    let (bare, inner_minus) = without_minus(bare);
    if u8::from(negative) + u8::from(minus) + u8::from(inner_minus) > 1 {
        return Err(Reason::NegativeTwice { cell: cell() });
    }
    let digits = without_thousands(bare).ok_or_else(|| Reason::Ambiguous { cell: cell() })?;
    let value = match Decimal::from_str_exact(&digits) {
        Ok(value) if negative || minus || inner_minus => -value,
        Ok(value) => value,
        Err(_) => return Err(Reason::ManyDigits { cell: cell() }),
    };
    let value = value.normalize();
    if !within_bounds(value) {
        return Err(Reason::ManyWholeDigits { cell: cell(), most: WHOLE_DIGITS_MAX.to_string() });
    }
    if value.scale() > DECIMALS_MAX {
        return Err(Reason::ManyDecimals { cell: cell(), most: DECIMALS_MAX.to_string() });
    }
    Ok(Some(Amount { value, currencies }))
}

fn without_minus(text: &str) -> (&str, bool) {
    for minus in ['-', '−'] {
        if let Some(rest) = text.strip_prefix(minus).or_else(|| text.strip_suffix(minus)) {
            return (rest.trim(), true);
        }
    }
    (text, false)
}

fn without_sign(text: &str) -> (&str, &'static [&'static str]) {
    for (sign, currencies) in SIGNS {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            return (rest.trim(), currencies);
        }
    }
    (text, &[])
}

/// Digits with at most one point, and commas only where they group thousands.
fn without_thousands(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let grouped = !rest.is_empty();
    let well_grouped = first.len() <= 3 && !first.starts_with('0') && rest.iter().all(|g| g.len() == 3 && digits(g));
    if !digits(first) || (grouped && !well_grouped) || fraction.is_some_and(|f| !digits(f)) {
        return None;
    }
    Some(text.replace(',', ""))
}

/// A cell as a refusal shows it: not longer than a line.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(60).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if text.chars().count() > 60 { format!("{short}…") } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_in_one_way_or_not_at_all() {
        for (cell, value, currencies) in [
            ("1200", "1200", &[][..]),
            ("1200.50", "1200.5", &[]),
            ("0.00", "0", &[]),
            ("1,200.00", "1200", &[]),
            ("1,234,567.89", "1234567.89", &[]),
            ("¥1,200.00", "1200", &["CNY", "JPY"]),
            ("￥ 88", "88", &["CNY", "JPY"]),
            ("CNY 1200.00", "1200", &["CNY"]),
            ("1200.00 CNY", "1200", &["CNY"]),
            ("1200.00元", "1200", &["CNY"]),
            ("$5", "5", &["USD"]),
            ("US$ 5.10", "5.1", &["USD"]),
            ("-35.00", "-35", &[]),
            ("35.00-", "-35", &[]),
            ("−35", "-35", &[]),
            ("-¥35", "-35", &["CNY", "JPY"]),
            ("¥-35", "-35", &["CNY", "JPY"]),
            ("(35.00)", "-35", &[]),
            ("(¥35.00)", "-35", &["CNY", "JPY"]),
            ("9,999,999,999.999999", "9999999999.999999", &[]),
            ("1.00000000", "1", &[]),
        ] {
            let read = amount(cell).expect(cell).expect(cell);
            assert_eq!((read.value.to_string().as_str(), read.currencies), (value, currencies), "{cell}");
        }
        for cell in ["", " ", "-", "--", "—"] {
            assert_eq!(amount(cell), Ok(None), "{cell}");
        }
        for cell in [
            "1.200,00",
            "1,20",
            "12,00",
            "1,2000",
            "0,200",
            "1,,200",
            ",200",
            "1.2.3",
            "1e3",
            "=1+1",
            "12 00",
            "abc",
            "(-5)",
            "-(5)",
            "--5",
            "5%",
            "１２",
            "0x10",
            "+5",
            ".5",
            "5.",
            "1200 CNY USD",
            "10000000000",
            "-10000000000",
            "(12,345,678,901.00)",
            "0.1234567",
            "79228162514264337593543950335",
            "79228162514264337593543950336",
            "1'200",
        ] {
            assert!(amount(cell).is_err(), "{cell}");
        }
    }
}
