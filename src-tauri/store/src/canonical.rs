//! Canonical JSON: one text for one value, so that a hash over it means the value.
//!
//! It is RFC 8785 restricted to what needs no binary float: objects (keys sorted by UTF-16 units), arrays, strings, booleans, null
//! and integers within ±(2^53 − 1). Other numbers are refused; amounts are strings.

use serde_json::{Number, Value};

/// Largest integer that every JSON reader takes in exactly (RFC 8785 section 3.2.2.3, via IEEE 754).
const INTEGER_MAX: u64 = (1 << 53) - 1;

/// A number that has no canonical form here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the number {number} is not an integer within 2^53; write amounts as decimal strings")]
pub struct NotCanonical {
    pub number: String,
}

/// The canonical text of `value`.
pub fn canonical_json(value: &Value) -> Result<String, NotCanonical> {
    let mut out = String::new();
    write_value(value, &mut out)?;
    Ok(out)
}

fn write_value(value: &Value, out: &mut String) -> Result<(), NotCanonical> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&integer(number)?),
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_value(item, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            // Sorted here: the map's own order depends on how serde_json was built.
            let mut keys: Vec<&String> = members.keys().collect();
            keys.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (index, key) in keys.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                write_value(&members[key], out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn integer(number: &Number) -> Result<String, NotCanonical> {
    let magnitude = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
    match magnitude {
        Some(magnitude) if magnitude <= INTEGER_MAX => Ok(number.to_string()),
        _ => Err(NotCanonical { number: number.to_string() }),
    }
}

/// serde_json escapes exactly what RFC 8785 section 3.2.2.2 asks for, in the same form.
fn write_text(text: &str, out: &mut String) {
    out.push_str(&Value::String(text.to_owned()).to_string());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(value: Value, expect: Result<&str, &str>) {
        let found = canonical_json(&value);
        match expect {
            Ok(text) => assert_eq!(found.as_deref(), Ok(text)),
            Err(number) => assert_eq!(found, Err(NotCanonical { number: number.to_owned() })),
        }
    }

    #[test]
    fn one_text_for_one_value() {
        check(json!(null), Ok("null"));
        check(json!({"b": 1, "a": [true, false, null], "": {}}), Ok(r#"{"":{},"a":[true,false,null],"b":1}"#));
        check(json!({"z": {"d": 1, "c": 2}}), Ok(r#"{"z":{"c":2,"d":1}}"#));
        check(json!("a\"\\/\n\u{1}\u{7f}é退"), Ok("\"a\\\"\\\\/\\n\\u0001\u{7f}é退\""));
        // RFC 8785 section 3.2.3: U+1F600 is the surrogate pair D83D DE00 and sorts before U+FB33, though its code point is higher.
        check(json!({"\u{fb33}": 1, "\u{1f600}": 2}), Ok("{\"\u{1f600}\":2,\"\u{fb33}\":1}"));
        check(json!(9007199254740991_u64), Ok("9007199254740991"));
        check(json!(-9007199254740991_i64), Ok("-9007199254740991"));
    }

    #[test]
    fn numbers_that_readers_differ_on_are_refused() {
        check(json!(9007199254740992_u64), Err("9007199254740992"));
        check(json!(-9007199254740992_i64), Err("-9007199254740992"));
        check(json!({"refund": 1.5}), Err("1.5"));
        check(json!([1.0]), Err("1.0"));
    }
}
