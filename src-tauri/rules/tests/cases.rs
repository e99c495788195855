//! Every worked case through one function: what its `expect` says, key by key.

use std::path::{Path, PathBuf};

use refund_rules::{Policies, check, parse_case, quote};

fn case_files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "json"));
    files.sort();
    files
}

fn differences(dir: &str) -> (usize, Vec<String>) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(dir);
    let files = case_files(&dir);
    let mut wrong = Vec::new();
    for file in &files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(file).unwrap();
        let case = parse_case(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(case.expect.as_ref().is_some_and(|e| !e.is_empty()), "{name} expects nothing");
        let result = quote(&case, Policies::built_in());
        wrong.extend(check(&case, &result).into_iter().map(|d| format!("{name}: {} expected {} got {}", d.key, d.expected, d.actual)));
    }
    (files.len(), wrong)
}

#[test]
fn shared_cases() {
    let (count, wrong) = differences("cases/shared");
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(count, 14);
}
