//! One cell of a CSV file (RFC 4180), for readers that are programs and for readers that are spreadsheets.
//!
//! Text is always quoted and numbers never are: a spreadsheet that is told to take quoted fields as text then keeps a 16-digit
//! account id whole and still adds up the money. The `csv` crate chooses quoting per file, not per cell, hence these few lines;
//! the tests read the result back with that crate and with Python.

use chrono::{DateTime, SecondsFormat, Utc};
use rust_decimal::Decimal;

/// Characters that make a spreadsheet take the cell for a formula when they come first: the ASCII ones and the line ends, and
/// the full-width forms, which East Asian set-ups fold to ASCII (OWASP, CSV Injection).
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Text from people or from the cloud. A leading character that would start a formula gets an apostrophe before it; this
/// changes the value, so a reader that wants the original drops one leading apostrophe before such a character.
pub fn text(value: &str) -> String {
    let guard = if value.starts_with(FORMULA_STARTS) { "'" } else { "" };
    format!("\"{guard}{}\"", value.replace('"', "\"\""))
}

/// A plain decimal with the scale it has (`-0.10` stays so): a number, therefore neither quoted nor guarded.
pub fn money(value: Decimal) -> String {
    value.to_string()
}

/// An instant as `2026-11-20T08:00:00Z`: UTC, whole seconds, as the billing API writes it.
pub fn instant(value: DateTime<Utc>) -> String {
    value.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_and_formulas_are_defused() {
        // Columns: value, cell.
        let cases = [
            ("", r#""""#),
            ("ecs", r#""ecs""#),
            ("1234567890123456", r#""1234567890123456""#),
            ("a,b;c", r#""a,b;c""#),
            (r#"the "big" one"#, r#""the ""big"" one""#),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("=1+1", r#""'=1+1""#),
            ("+86 10", r#""'+86 10""#),
            ("-5", r#""'-5""#),
            ("@SUM(A1)", r#""'@SUM(A1)""#),
            ("\tx", "\"'\tx\""),
            ("\rx", "\"'\rx\""),
            ("\n=x", "\"'\n=x\""),
            ("＝1", "\"'＝1\""),
            // Only a leading character starts a formula; an apostrophe of the text's own stays as it is.
            ("a=1", r#""a=1""#),
            ("'quoted'", r#""'quoted'""#),
            ("杭州·测试", r#""杭州·测试""#),
        ];
        for (value, cell) in cases {
            assert_eq!(text(value), cell, "{value:?}");
        }
    }

    #[test]
    fn money_is_a_plain_decimal() {
        let cases =
            ["0", "0.00", "-0.10", "1234.10", "79228162514264337593543950335", "0.0000000000000000000000000001"];
        for case in cases {
            assert_eq!(money(case.parse().unwrap()), case);
        }
    }
}
