//! Canonical JSON and the hash that seals a quote.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::quote::Quote;

/// The same value always as the same text: keys sorted by their bytes, no blanks, no trailing line end.
pub fn canonical_json(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        Value::Object(map) => {
            // serde_json may keep keys as inserted, depending on the features that other crates turn on.
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| key.as_str());
            text.push('{');
            for (i, (key, item)) in entries.into_iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write(item, text);
            }
            text.push('}');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => text.push_str(&value.to_string()),
    }
}

impl Quote {
    /// The quote with its hash: SHA-256 over its canonical JSON without `sha256`, in lower-case hex.
    pub fn seal(mut self) -> Self {
        self.sha256 = None;
        let document = serde_json::to_value(&self).expect("a quote holds only texts, numbers, flags and lists of them");
        self.sha256 = Some(hex::encode(Sha256::digest(canonical_json(&document).as_bytes())));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_at_every_depth_and_texts_escaped() {
        let value: Value = serde_json::from_str(r#"{"b": [1, {"z": null, "a": "é\"\n"}], "a": {"": true}}"#).unwrap();
        assert_eq!(canonical_json(&value), r#"{"a":{"":true},"b":[1,{"a":"é\"\n","z":null}]}"#);
    }
}
