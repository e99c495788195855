//! From a JSON document to a [`Case`]: strict about how money and instants are written, and exact about where a mistake is.

use chrono::{DateTime, Datelike, Utc};
use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Value;

use crate::case::Case;
use crate::error::BadInput;

/// Longest text taken for an amount; every legal one is far shorter.
const LONGEST_AMOUNT: usize = 32;

/// Reads one case.
///
/// # Errors
/// `bad_input` with the path of the first mistake: not JSON, an unknown or missing key, money that is not a plain decimal
/// string, an instant without an offset, a word that is none.
pub fn parse_case(json: &str) -> Result<Case, BadInput> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let mut case: Case = serde_path_to_error::deserialize(&mut reader).map_err(|e| {
        let path = e.path().to_string();
        BadInput::at(if path == "." { "" } else { &path }, e.inner().to_string())
    })?;
    reader.end().map_err(|e| BadInput::at("", e.to_string()))?;
    let document: Value = serde_json::from_str(json).map_err(|e| BadInput::at("", e.to_string()))?;
    if let Some(path) = misplaced(&document, "") {
        return Err(BadInput::at(path, "write an object as {\"key\": value}, and a word as a string"));
    }
    case.left_out = left_out(&document);
    Ok(case)
}

/// Keys that hold an object; the document itself and the items of lists have no key.
const OBJECTS: [&str; 6] = ["", "customer", "resource", "usage", "ask", "promotion"];
const LISTS: [&str; 6] = ["membership", "no_reason_refunds", "orders", "payments", "discounts", "gifts"];

/// Path of the first list in an object's place, or object in a word's, below a value with this key. The deserializer alone
/// would take the one for the fields in their order and the other for a word.
fn misplaced(value: &Value, key: &str) -> Option<String> {
    match value {
        Value::Object(fields) if OBJECTS.contains(&key) => fields
            .iter()
            .filter(|(name, _)| *name != "expect")
            .find_map(|(name, field)| misplaced(field, name).map(|below| joined(name, &below))),
        Value::Array(items) if LISTS.contains(&key) => items
            .iter()
            .enumerate()
            .find_map(|(i, item)| misplaced(item, "").map(|below| joined(&format!("[{i}]"), &below))),
        Value::Object(_) | Value::Array(_) => Some(String::new()),
        _ => None,
    }
}

fn joined(head: &str, below: &str) -> String {
    if below.is_empty() || below.starts_with('[') { format!("{head}{below}") } else { format!("{head}.{below}") }
}

/// Facts that are unknown when null and were not written at all.
fn left_out(document: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    if document["resource"].get("renew_status").is_none() {
        paths.push("resource.renew_status".to_owned());
    }
    let orders = document["orders"].as_array().map_or(&[][..], Vec::as_slice);
    for (i, order) in orders.iter().enumerate() {
        if order.get("discounts").is_none() {
            paths.push(format!("orders[{i}].discounts"));
        }
    }
    paths
}

/// Money and other exact numbers: digits, optionally a point and digits, in a JSON string.
pub(crate) fn money<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let text = Value::deserialize(deserializer)?;
    let Value::String(text) = text else {
        return Err(D::Error::custom(
            "write the amount as a decimal string such as \"12.50\", not as a JSON number or other value",
        ));
    };
    plain_decimal(&text).map_err(D::Error::custom)
}

pub(crate) fn money_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) => plain_decimal(&text).map(Some).map_err(D::Error::custom),
        _ => Err(D::Error::custom("write the amount as a decimal string such as \"12.50\", or null")),
    }
}

/// A percent threshold: a whole number may be a JSON number, like a threshold in days; one with decimals is a string.
pub(crate) fn percent_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) => plain_decimal(&text).map(Some).map_err(D::Error::custom),
        Value::Number(whole) if whole.is_u64() => Ok(whole.as_u64().map(Decimal::from)),
        _ => Err(D::Error::custom(
            "write the percentage as a whole number, as a decimal string such as \"12.5\", or null",
        )),
    }
}

/// No sign, no exponent, no blanks, no digit grouping: an amount is read as it is shown.
fn plain_decimal(text: &str) -> Result<Decimal, String> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if text.len() > LONGEST_AMOUNT || !digits(whole) || !fraction.is_none_or(digits) {
        let shown: String = text.chars().take(LONGEST_AMOUNT).collect();
        return Err(format!("\"{shown}\" is not a plain decimal: digits, and at most one point between digits"));
    }
    Decimal::from_str_exact(text).map_err(|_| format!("\"{text}\" has more digits than an amount can have"))
}

/// RFC 3339 with an offset, and a year that a calendar of our time can hold.
pub(crate) fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    rfc3339(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

pub(crate) fn instant_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    Option::<String>::deserialize(deserializer)?.map(|text| rfc3339(&text).map_err(D::Error::custom)).transpose()
}

pub(crate) fn rfc3339(text: &str) -> Result<DateTime<Utc>, String> {
    let wrong = || {
        let shown: String = text.chars().take(40).collect();
        format!("\"{shown}\" is not an instant with an offset, such as 2026-05-20T10:00:00+08:00")
    };
    let instant = DateTime::parse_from_rfc3339(text).map_err(|_| wrong())?.with_timezone(&Utc);
    if in_our_time(instant) {
        Ok(instant)
    } else {
        Err(format!("{}: the year must lie between {FIRST_YEAR} and {LAST_YEAR}", wrong()))
    }
}

/// Alibaba Cloud opened in 2009; nothing before the epoch can be a fact of it.
const FIRST_YEAR: i32 = 1970;
/// Last year that RFC 3339 can write, less one so that calendar arithmetic stays inside.
const LAST_YEAR: i32 = 9998;

pub(crate) fn in_our_time(instant: DateTime<Utc>) -> bool {
    (FIRST_YEAR..=LAST_YEAR).contains(&instant.naive_utc().year())
}
