//! The schema of quotes: every quote of every worked case is valid, and nothing less is.

use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use refund_rules::quote::{Channel, Confirmation, LineState, Method, RefundType};
use refund_rules::vocabulary::{BLOCKERS, CHANGES, CONDITIONS, CONSEQUENCES, STEPS};
use refund_rules::{Policies, QUOTE_SCHEMA, Site, answer_document};
use serde_json::{Value, json};

struct Validator {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Validator {
    fn new() -> Self {
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        compiler.enable_format_assertions();
        compiler.add_resource("quote.schema.json", schema()).expect("a resource");
        let index = compiler.compile("quote.schema.json", &mut schemas).expect("a schema");
        Self { schemas, index }
    }

    fn refuses(&self, quote: &Value) -> Option<String> {
        self.schemas.validate(quote, self.index).err().map(|why| format!("{why:#}"))
    }
}

fn schema() -> Value {
    serde_json::from_str(QUOTE_SCHEMA).expect("the schema is JSON")
}

/// The quotes of all worked cases, sealed and not, with their names.
fn quotes() -> Vec<(String, Value)> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut quotes = Vec::new();
    for folder in [cases.clone(), cases.join("shared")] {
        for entry in std::fs::read_dir(folder).expect("a folder of cases") {
            let path = entry.expect("a readable entry").path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let bytes = std::fs::read(&path).expect("a readable case");
            let Ok(quote) = answer_document(&bytes, Policies::built_in()).result else { continue };
            let name = path.display().to_string();
            quotes.push((name.clone(), serde_json::to_value(&quote).expect("JSON")));
            quotes.push((name, serde_json::to_value(quote.seal()).expect("JSON")));
        }
    }
    quotes
}

#[test]
fn every_quote_of_every_case_is_valid() {
    let validator = Validator::new();
    let quotes = quotes();
    assert!(quotes.len() > 200, "{} quotes", quotes.len());
    for (name, quote) in &quotes {
        assert_eq!(validator.refuses(quote), None, "{name}");
    }
}

/// Each key of the schema stands in some quote, and a quote without a required one, or with one more, is refused.
#[test]
fn no_key_is_too_many_or_too_few() {
    let validator = Validator::new();
    let quotes = quotes();
    let (schema, mut seen) = (schema(), 0);
    let objects = [
        ("", ""),
        ("/properties/policy", "/policy"),
        ("/$defs/line", "/lines/0"),
        ("/$defs/step", "/lines/0/steps/0"),
        ("/$defs/destination", "/destinations/0"),
        ("/$defs/blocker", "/blockers/0"),
        ("/$defs/why_not", "/why_not/0"),
        ("/$defs/consequence", "/consequences/0"),
        ("/$defs/change", "/next_changes/0"),
    ];
    for (place, pointer) in objects {
        let object = schema.pointer(place).expect(place);
        for key in object["properties"].as_object().expect("properties").keys() {
            let holds = |quote: &&(String, Value)| quote.1.pointer(pointer).is_some_and(|o| o.get(key).is_some());
            let (_, quote) = quotes.iter().find(holds).unwrap_or_else(|| panic!("no quote has {pointer}/{key}"));
            let mut without = quote.clone();
            without.pointer_mut(pointer).and_then(Value::as_object_mut).expect("an object").remove(key);
            let required = object["required"].as_array().expect("required").contains(&json!(key));
            assert_eq!(validator.refuses(&without).is_some(), required, "{pointer}/{key}");
            seen += 1;
        }
        let (_, quote) = quotes.iter().find(|quote| quote.1.pointer(pointer).is_some()).expect("such a quote");
        let mut more = quote.clone();
        more.pointer_mut(pointer).and_then(Value::as_object_mut).expect("an object").insert("more".into(), json!(1));
        assert!(validator.refuses(&more).is_some(), "{pointer} takes an unknown key");
    }
    assert_eq!(seen, 58);
}

#[test]
fn values_of_another_kind_are_refused() {
    let validator = Validator::new();
    let quotes = quotes();
    let wrong = [
        ("/refund", json!(563.01)),
        ("/refund", json!("563.1")),
        ("/refund", json!("-1.00")),
        ("/refund", Value::Null),
        ("/would_be", json!("1,000.00")),
        ("/currency", json!("usd")),
        ("/at", json!("2026-05-20")),
        ("/at", json!("2026-05-20T10:00:00+08:00")),
        ("/valid_until", json!("tomorrow")),
        ("/refund_type", json!("full")),
        ("/channel", json!("fax")),
        ("/channel_refunds", json!("2")),
        ("/processed_by", json!("2026-02-30")),
        ("/lines/0/state", json!("running")),
        ("/lines/0/steps/0/id", json!("consumed.magic")),
        ("/lines/0/steps/0/params", json!({ "list": null })),
        ("/destinations/0/to", json!("cheque")),
        ("/blockers/0/code", json!("bad_luck")),
        ("/why_not/0/condition", json!("moon")),
        ("/consequences/0/id", json!("rain")),
        ("/next_changes/0/what", json!("mind")),
        ("/policy/id", json!("moon")),
        ("/sha256", json!("ABC")),
    ];
    for (pointer, value) in wrong {
        let (_, quote) = quotes.iter().find(|quote| quote.1.pointer(pointer).is_some()).expect(pointer);
        let mut changed = quote.clone();
        *changed.pointer_mut(pointer).expect("found above") = value.clone();
        assert!(validator.refuses(&changed).is_some(), "{pointer} takes {value}");
    }
}

#[test]
fn words_are_those_of_the_engine() {
    let schema = schema();
    let same = |pointer: &str, words: Vec<&str>| {
        assert_eq!(schema.pointer(pointer).expect(pointer)["enum"], json!(words), "{pointer}");
    };
    let ids = |messages: &[(&'static str, &[&str])]| messages.iter().map(|(id, _)| *id).collect::<Vec<_>>();
    same("/$defs/refund_type", RefundType::ALL.iter().map(|w| w.word()).collect());
    same("/properties/channel", Channel::ALL.iter().map(|w| w.word()).collect());
    same("/properties/confirmations/items", Confirmation::ALL.iter().map(|w| w.word()).collect());
    same("/properties/policy/properties/id", Site::ALL.iter().map(|w| w.word()).collect());
    same("/$defs/line/properties/state", LineState::ALL.iter().map(|w| w.word()).collect());
    same("/$defs/destination/properties/to", Method::ALL.iter().map(|w| w.word()).chain(["unknown"]).collect());
    same("/$defs/step/properties/id", ids(STEPS));
    same("/$defs/blocker/properties/code", ids(BLOCKERS));
    same("/$defs/why_not/properties/condition", ids(CONDITIONS));
    same("/$defs/consequence/properties/id", ids(CONSEQUENCES));
    same("/$defs/change/properties/what", CHANGES.to_vec());
}
