//! The house of the design, enforced: which crate may see which, what must be absent where, and what the window is allowed.
//! Every rule is a function over what it judges, so that beside the test that the project keeps it stands a test that a planted
//! violation is found.

// A test's own functions are not `#[test]`s, where clippy allows it by itself.
#![allow(clippy::unwrap_used)]

mod commands;
mod crates;
mod files;
mod licences;
mod pages;
mod remote;
mod rust_text;
mod sources;
mod threats;
mod window;

use std::fs;
use std::path::{Path, PathBuf};

/// A rule that is broken: where and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// A file with a line, or a crate.
    pub place: String,
    /// What is wrong and what to do instead.
    pub what: String,
}

impl Violation {
    pub fn new(place: impl Into<String>, what: impl Into<String>) -> Violation {
        Violation { place: place.into(), what: what.into() }
    }
}

/// Fails with every violation, one a line.
pub fn keeps(violations: &[Violation]) {
    let told: Vec<String> = violations.iter().map(|found| format!("  {}: {}", found.place, found.what)).collect();
    assert!(told.is_empty(), "{} violation(s) of the design:\n{}", told.len(), told.join("\n"));
}

/// Fails unless exactly these places are named, in this order: for planted violations.
pub fn names(violations: &[Violation], places: &[&str]) {
    let named: Vec<&str> = violations.iter().map(|found| found.place.as_str()).collect();
    assert_eq!(named, places, "{violations:#?}");
}

/// The folder of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A text file of the project, by its path from the root.
pub struct Text {
    pub path: String,
    pub text: String,
}

impl Text {
    pub fn planted(path: &str, text: &str) -> Text {
        Text { path: path.to_owned(), text: text.to_owned() }
    }
}

/// Every text file under these folders (or the files themselves) whose name ends so, sorted by path. A folder that is not there
/// is an error, or a rule would pass by looking at nothing.
pub fn texts(places: &[&str], endings: &[&str]) -> Vec<Text> {
    let mut paths = Vec::new();
    for place in places {
        let path = root().join(place);
        assert!(path.exists(), "{place} is not there; the rule that reads it must follow where it went");
        collect(&path, endings, &mut paths);
    }
    paths.sort();
    let read = |path: PathBuf| Text {
        text: fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        path: path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/"),
    };
    let texts: Vec<Text> = paths.into_iter().map(read).collect();
    assert!(!texts.is_empty(), "no file in {places:?} ends in {endings:?}");
    texts
}

fn collect(path: &Path, endings: &[&str], paths: &mut Vec<PathBuf>) {
    if !path.is_dir() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if endings.iter().any(|ending| name.ends_with(ending)) {
            paths.push(path.to_owned());
        }
        return;
    }
    for entry in fs::read_dir(path).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if name != "node_modules" && name != "target" && !name.to_string_lossy().starts_with("dist") {
            collect(&entry.path(), endings, paths);
        }
    }
}
