//! A case's `expect` against what the engine answers.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::case::Case;
use crate::error::BadInput;
use crate::quote::Quote;
use crate::read::rfc3339;

/// One expected key that came out otherwise.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Difference {
    /// Key of `expect`; "error.code" and so on inside `error`.
    pub key: String,
    pub expected: Value,
    /// Null where the answer has no such key.
    pub actual: Value,
}

/// Compares `expect` key by key, only for the keys given; nothing expected gives no difference.
///
/// Besides the keys of a quote: `blocker_codes`, the sorted codes of `blockers`, and `error`, an object compared key by key
/// with the error's `code`, `message`, `path` and `candidates`. With bad input every other expected key differs; without,
/// `error` does. Instants are equal when they name the same moment; `sha256` is computed when expected.
pub fn check(case: &Case, result: &Result<Quote, BadInput>) -> Vec<Difference> {
    case.expect.as_ref().map(|expect| check_expected(expect, result)).unwrap_or_default()
}

/// The same for an `expect` whose case could not be read: it can still expect the error.
pub fn check_expected(expect: &Map<String, Value>, result: &Result<Quote, BadInput>) -> Vec<Difference> {
    let answer = answer(result, expect.contains_key("sha256"));
    let mut differences = Vec::new();
    for (key, expected) in expect {
        match (key.as_str(), expected, answer.get("error")) {
            ("error", Value::Object(inner), Some(Value::Object(error))) => {
                compare("error.", inner, error, &mut differences)
            }
            _ => compare_one(key.clone(), expected, answer.get(key), &mut differences),
        }
    }
    differences
}

fn answer(result: &Result<Quote, BadInput>, with_hash: bool) -> Map<String, Value> {
    let document = match result {
        Ok(quote) if with_hash => serde_json::to_value(quote.clone().seal()),
        Ok(quote) => serde_json::to_value(quote),
        Err(error) => serde_json::to_value(error).map(|error| serde_json::json!({ "error": error })),
    };
    let Ok(Value::Object(mut answer)) = document else {
        unreachable!("quotes and errors are objects of texts, numbers, flags and lists of them");
    };
    if let Ok(quote) = result {
        let mut codes: Vec<_> = quote.blockers.iter().map(|blocker| blocker.code.as_str()).collect();
        codes.sort_unstable();
        answer.insert("blocker_codes".to_owned(), codes.into());
    }
    answer
}

fn compare(prefix: &str, expect: &Map<String, Value>, answer: &Map<String, Value>, differences: &mut Vec<Difference>) {
    for (key, expected) in expect {
        compare_one(format!("{prefix}{key}"), expected, answer.get(key), differences);
    }
}

fn compare_one(key: String, expected: &Value, actual: Option<&Value>, differences: &mut Vec<Difference>) {
    if !actual.is_some_and(|actual| same(expected, actual)) {
        differences.push(Difference {
            key,
            expected: expected.clone(),
            actual: actual.cloned().unwrap_or(Value::Null),
        });
    }
}

fn same(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::String(one), Value::String(other)) => one == other || same_instant(one, other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len() && one.iter().all(|(key, value)| other.get(key).is_some_and(|o| same(value, o)))
        }
        _ => expected == actual,
    }
}

fn same_instant(one: &str, other: &str) -> bool {
    let read = |text: &str| -> Option<DateTime<Utc>> { rfc3339(text).ok() };
    read(one).is_some() && read(one) == read(other)
}
