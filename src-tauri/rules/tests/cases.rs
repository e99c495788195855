//! Every worked case through one function: what its `expect` says, key by key.

use std::path::{Path, PathBuf};

use refund_rules::{BadInput, Policies, Quote, check_expected, parse_case, quote};
use serde_json::{Map, Value};

fn case_files(dir: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(dir);
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
        .expect("a folder of cases")
        .map(|entry| entry.expect("a readable entry").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "json"));
    files.sort();
    files
}

fn answer(text: &str) -> Result<Quote, BadInput> {
    parse_case(text).and_then(|case| quote(&case, Policies::built_in()))
}

fn differences(files: &[PathBuf]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files {
        let name = file.file_name().expect("a file has a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(file).expect("a readable case");
        let document: Value = serde_json::from_str(&text).expect("JSON");
        let expect: &Map<String, Value> = document["expect"].as_object().expect("every case expects something");
        assert!(!expect.is_empty(), "{name} expects nothing");
        let found = check_expected(expect, &answer(&text));
        wrong.extend(found.iter().map(|d| format!("{name}: {} expected {} got {}", d.key, d.expected, d.actual)));
    }
    wrong
}

#[test]
fn shared_cases() {
    let files = case_files("cases/shared");
    assert_eq!(files.len(), 14);
    assert_eq!(differences(&files), Vec::<String>::new());
}

#[test]
fn worked_cases() {
    let wrong = differences(&case_files("cases"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
