//! How parameters are shown: amounts grouped, instants in UTC+8, words in the language.

use chrono::{DateTime, FixedOffset, Timelike};
use refund_rules::quote::Param;

use super::messages::Messages;

/// Parameters that are amounts or daily prices.
const AMOUNTS: &[&str] = &[
    "after",
    "amount",
    "before",
    "before_ratio",
    "cash",
    "consumed",
    "daily",
    "daily_added",
    "daily_after",
    "daily_before",
    "daily_new",
    "least",
    "left",
    "list",
    "most",
    "refund",
    "refund_max",
];

/// Parameters whose texts are values of a closed set, which is the key's kind in the table of words.
const WORDS: &[&str] = &["channel", "method", "refund_type", "state", "status", "variant"];

pub(super) fn shown(messages: &Messages, name: &str, value: &Param) -> String {
    match value {
        Param::Number(number) => number.to_string(),
        Param::Flag(flag) => flag.to_string(),
        Param::List(items) if items.is_empty() => messages.plain_word("nothing"),
        Param::List(items) if name == "blockers" => {
            let names: Vec<_> = items.iter().map(|code| messages.get("blocker_name", code)).collect();
            names.join(messages.between())
        }
        Param::List(items) => items.join(messages.between()),
        Param::Text(text) if text == "-" => messages.plain_word("nothing"),
        Param::Text(text) if AMOUNTS.contains(&name) => grouped(text),
        Param::Text(text) if WORDS.contains(&name) => messages.word(name, text),
        Param::Text(text) => instant(text).unwrap_or_else(|| text.to_string()),
    }
}

/// "1200.00" as "1,200.00"; what is no plain decimal stays as it is.
pub(crate) fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    if whole.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return text.to_owned();
    }
    let mut shown = sign.to_owned();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    if let Some(fraction) = fraction {
        shown.push('.');
        shown.push_str(fraction);
    }
    shown
}

/// An RFC 3339 instant as the rules read it, in UTC+8.
fn instant(text: &str) -> Option<String> {
    let offset = FixedOffset::east_opt(8 * 3600)?;
    let instant = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&offset);
    let format = if instant.second() == 0 { "%Y-%m-%d %H:%M UTC+8" } else { "%Y-%m-%d %H:%M:%S UTC+8" };
    Some(instant.format(format).to_string())
}
