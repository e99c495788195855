//! The pages' packages come under licences that we know. The crates' are looked at by cargo-deny (`deny.toml`); a lock file names
//! those of the packages itself, so this needs no tool and no network.

use serde_json::{Value, json};

use crate::{Violation, keeps, names, texts};

/// What may be shipped: permissive licences, which ask for their text to go along, and the one of typefaces.
const SHIPPED: [&str; 8] =
    ["MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "Apache-2.0 OR MIT", "OFL-1.1"];

/// Besides, in tools that build and test the pages and are not shipped.
const TOOLS: [&str; 4] = [
    "MIT-0",
    // As permissive as MIT, in newer words.
    "BlueOak-1.0.0",
    // Given to the public: data about browsers.
    "CC0-1.0",
    // Binds changes of its own files (the tests' accessibility checker, the builder's style sheets); we change none.
    "MPL-2.0",
];

fn licences_are_known(lock: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    let packages = lock["packages"].as_object().into_iter().flatten();
    // The nameless one is the pages themselves.
    for (path, package) in packages.filter(|(path, _)| !path.is_empty()) {
        let is_tool = package["dev"] == true;
        let known = |name: &str| SHIPPED.contains(&name) || is_tool && TOOLS.contains(&name);
        match package["license"].as_str() {
            Some(licence) if known(licence) => {}
            Some(licence) => {
                let kind = if is_tool { "a tool" } else { "shipped" };
                found.push(Violation::new(path, format!("{kind} under {licence}, which is not on the list")));
            }
            None => found.push(Violation::new(path, "names no licence")),
        }
    }
    found
}

#[test]
fn every_package_of_the_pages_has_a_known_licence() {
    let lock: Value = serde_json::from_str(&texts(&["ui/package-lock.json"], &[".json"])[0].text).unwrap();
    assert!(lock["packages"].as_object().unwrap().len() > 50, "the lock file has another form than this rule reads");
    keeps(&licences_are_known(&lock));
}

#[test]
fn a_planted_licence_is_found() {
    // Columns: package, how often it is refused.
    let cases = [
        (json!({ "license": "MIT" }), 0),
        (json!({ "license": "MPL-2.0", "dev": true }), 0),
        (json!({ "license": "MPL-2.0" }), 1),
        (json!({ "license": "GPL-3.0-only", "dev": true }), 1),
        (json!({ "license": "SEE LICENSE IN LICENSE" }), 1),
        (json!({ "version": "1.0.0" }), 1),
    ];
    for (package, times) in cases {
        let lock = json!({ "packages": { "": { "name": "ours" }, "node_modules/p": package } });
        names(&licences_are_known(&lock), &vec!["node_modules/p"; times]);
    }
}
