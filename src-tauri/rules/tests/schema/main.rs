//! The published JSON Schemas: that of cases says what the reader accepts (the same keys, required keys and words), that of
//! quotes what the engine answers.

mod quotes;

use refund_rules::case::{
    Action, Billing, Kind, Method, OrderStatus, OrderType, Relation, RenewStatus, ResourceStatus, Site, Variant,
};
use refund_rules::{CASE_SCHEMA, parse_case};
use serde_json::{Value, json};

fn schema() -> Value {
    serde_json::from_str(CASE_SCHEMA).expect("the schema is JSON")
}

/// A case with every key there is.
fn full() -> Value {
    let mut case: Value =
        serde_json::from_str(include_str!("../../cases/destinations-worked-example.json")).expect("JSON");
    case["resource"]["usage"] = json!({"total": "9", "used": "1", "unit": "GB", "resets": false});
    case["orders"][0]["discounts"] = json!([{"from_day": 1, "from_percent": "1", "factor": "0.9"}]);
    case["ask"]["expires"] = json!("2026-05-20T10:00:00+08:00");
    case["ask"]["daily_list"] = json!("1.5");
    case
}

/// The object schema inside "this or null".
fn object(schema: &Value) -> &Value {
    schema.get("anyOf").map_or(schema, |any| &any[0])
}

/// Walks schema and document together; `leave(path)` is called for each key with whether it is required.
fn walk(schema: &Value, document: &Value, path: &str, visit: &mut dyn FnMut(&str, bool)) {
    let schema = object(schema);
    match document {
        Value::Object(map) if schema.get("properties").is_some() => {
            assert_eq!(schema["additionalProperties"], false, "{path}");
            let properties = schema["properties"].as_object().expect("properties");
            let mut keys: Vec<_> = properties.keys().collect();
            let mut given: Vec<_> = map.keys().collect();
            keys.sort();
            given.sort();
            assert_eq!(keys, given, "keys of {path}");
            for (key, value) in map {
                let here = format!("{path}/{key}");
                visit(&here, schema["required"].as_array().expect("required").contains(&json!(key)));
                walk(&properties[key], value, &here, visit);
            }
        }
        Value::Array(items) if schema.get("items").is_some() && !items.is_empty() => {
            walk(&schema["items"], &items[0], &format!("{path}/0"), visit);
        }
        _ => {}
    }
}

#[test]
fn keys_and_required_keys_are_those_of_the_reader() {
    let full = full();
    parse_case(&full.to_string()).expect("the reader knows every key");
    let mut seen = 0;
    walk(&schema(), &full, "", &mut |path, required| {
        let mut without = full.clone();
        let (parent, key) = path.rsplit_once('/').expect("a path");
        let parent = without.pointer_mut(parent).expect("the parent");
        parent.as_object_mut().expect("an object").remove(key);
        assert_eq!(parse_case(&without.to_string()).is_err(), required, "{path} required");
        seen += 1;
    });
    assert_eq!(seen, 67);
}

#[test]
fn words_are_those_of_the_reader() {
    let schema = schema();
    let same = |name: &str, words: Vec<&str>| assert_eq!(schema["$defs"][name]["enum"], json!(words), "{name}");
    same("site", Site::ALL.iter().map(|w| w.word()).collect());
    same("kind", Kind::ALL.iter().map(|w| w.word()).collect());
    same("billing", Billing::ALL.iter().map(|w| w.word()).collect());
    same("resource_status", ResourceStatus::ALL.iter().map(|w| w.word()).collect());
    same("variant", Variant::ALL.iter().map(|w| w.word()).collect());
    same("renew_status", RenewStatus::ALL.iter().map(|w| w.word()).collect());
    same("order_type", OrderType::ALL.iter().map(|w| w.word()).collect());
    same("order_status", OrderStatus::ALL.iter().map(|w| w.word()).collect());
    same("method", Method::ALL.iter().map(|w| w.word()).collect());
    same("action", Action::ALL.iter().map(|w| w.word()).collect());
    same("relation", Relation::ALL.iter().map(|w| w.word()).collect());
}
