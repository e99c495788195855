//! Arrows between the crates: from what cargo itself says of them.

use std::process::Command;

use serde_json::Value;

use crate::{Violation, keeps, names, root};

/// What a crate of ours may depend on among ours.
struct Arrows {
    from: &'static str,
    to: &'static [&'static str],
    /// Besides, in its tests.
    tests_to: &'static [&'static str],
}

/// Arrows go down only: window and terminal see the desk (and start the sandbox), the desk sees its four sources, the sandbox
/// speaks the wire and judges by the rules, the rest see nothing of ours.
const ARROWS: [Arrows; 11] = [
    // The words of the rules (actions, channels, quotes) are part of what the desk says to its hosts.
    Arrows { from: "refund-desk", to: &["desk", "bss-sandbox", "refund-rules"], tests_to: &[] },
    // Besides, `rdesk quote` judges a case file without a desk.
    // Its test of secrets writes a sandbox's customer into a real home, which the desk refuses.
    Arrows { from: "rdesk", to: &["desk", "bss-sandbox", "refund-rules"], tests_to: &["desk-store"] },
    Arrows {
        from: "desk",
        to: &["desk-store", "bss-openapi", "desk-report", "refund-rules"],
        tests_to: &["bss-sandbox"],
    },
    Arrows { from: "bss-sandbox", to: &["bss-openapi", "refund-rules"], tests_to: &[] },
    Arrows { from: "bss-openapi", to: &[], tests_to: &[] },
    Arrows { from: "desk-store", to: &[], tests_to: &[] },
    Arrows { from: "desk-report", to: &[], tests_to: &[] },
    Arrows { from: "refund-rules", to: &[], tests_to: &[] },
    // A test tool over the whole house; nothing of ours depends on it.
    Arrows { from: "desk-simulation", to: &["desk", "desk-store", "bss-sandbox", "refund-rules"], tests_to: &[] },
    // Another: what others' bytes may do at each door.
    Arrows { from: "desk-hostile", to: &["desk", "bss-openapi", "refund-rules"], tests_to: &[] },
    Arrows { from: "xtask", to: &[], tests_to: &[] },
];

/// What the rules may be made of: arithmetic, dates, text formats, hashes. Nothing that reads a file, a clock or chance.
const RULES_MAY_USE: [&str; 14] = [
    // Texts being put together.
    "arrayvec",
    "chrono",
    // Short texts kept in place.
    "compact_str",
    // Whole numbers of 256 bits.
    "ethnum",
    "hex",
    "itoa",
    "rust_decimal",
    "serde",
    "serde_json",
    "serde_path_to_error",
    "sha2",
    "specta",
    "thiserror",
    "toml",
];

/// The one crate that may see the window's shell.
const WINDOW: &str = "refund-desk";

/// A dependency as `cargo metadata` tells it.
struct Dependency<'a> {
    from: &'a str,
    to: &'a str,
    in_tests_only: bool,
    optional: bool,
}

fn dependencies(metadata: &Value) -> Vec<Dependency<'_>> {
    let mut all = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        for dependency in package["dependencies"].as_array().unwrap() {
            all.push(Dependency {
                from: package["name"].as_str().unwrap(),
                to: dependency["name"].as_str().unwrap(),
                in_tests_only: dependency["kind"] == "dev",
                optional: dependency["optional"] == true,
            });
        }
    }
    all
}

fn arrows_go_down(metadata: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    let ours: Vec<&str> =
        metadata["packages"].as_array().unwrap().iter().map(|package| package["name"].as_str().unwrap()).collect();
    for name in &ours {
        if !ARROWS.iter().any(|arrows| arrows.from == *name) {
            found.push(Violation::new(*name, "a crate without a place in the house: add its arrows to this test"));
        }
    }
    for dependency in dependencies(metadata).iter().filter(|dependency| ours.contains(&dependency.to)) {
        let Some(arrows) = ARROWS.iter().find(|arrows| arrows.from == dependency.from) else { continue };
        let allowed =
            arrows.to.contains(&dependency.to) || dependency.in_tests_only && arrows.tests_to.contains(&dependency.to);
        if !allowed {
            found.push(Violation::new(dependency.from, format!("may not depend on {}", dependency.to)));
        }
    }
    found
}

fn only_the_window_sees_tauri(metadata: &Value) -> Vec<Violation> {
    let shell = |name: &str| name.starts_with("tauri") || ["wry", "tao", "muda", "fantoccini"].contains(&name);
    dependencies(metadata)
        .iter()
        .filter(|dependency| dependency.from != WINDOW && shell(dependency.to))
        .map(|dependency| Violation::new(dependency.from, format!("only {WINDOW} may depend on {}", dependency.to)))
        .collect()
}

fn types_for_the_pages_stay_behind_a_feature(metadata: &Value) -> Vec<Violation> {
    dependencies(metadata)
        .iter()
        .filter(|dependency| dependency.from != WINDOW && dependency.to.starts_with("specta") && !dependency.optional)
        .map(|dependency| Violation::new(dependency.from, format!("{} must be optional here", dependency.to)))
        .collect()
}

fn rules_are_made_of_little(metadata: &Value) -> Vec<Violation> {
    dependencies(metadata)
        .iter()
        .filter(|dependency| dependency.from == "refund-rules" && !dependency.in_tests_only)
        .filter(|dependency| !RULES_MAY_USE.contains(&dependency.to))
        .map(|dependency| {
            Violation::new(dependency.from, format!("{} is not on the list of pure crates", dependency.to))
        })
        .collect()
}

/// What cargo says of the workspace.
pub fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_project_keeps_its_arrows() {
    let metadata = metadata();
    // As many as the table has: a crate that left the workspace leaves the table.
    assert_eq!(metadata["packages"].as_array().unwrap().len(), ARROWS.len());
    keeps(&arrows_go_down(&metadata));
    keeps(&only_the_window_sees_tauri(&metadata));
    keeps(&types_for_the_pages_stay_behind_a_feature(&metadata));
    keeps(&rules_are_made_of_little(&metadata));
}

/// One planted crate with one planted dependency, beside the crates that the dependency may point to.
fn planted(from: &str, to: &str, kind: Value, optional: bool) -> Value {
    let dependency = serde_json::json!({ "name": to, "kind": kind, "optional": optional });
    let mut packages = vec![serde_json::json!({ "name": from, "dependencies": [dependency] })];
    packages.extend(
        ARROWS
            .iter()
            .filter(|arrows| arrows.from != from)
            .map(|arrows| serde_json::json!({ "name": arrows.from, "dependencies": [] })),
    );
    serde_json::json!({ "packages": packages })
}

#[test]
fn a_planted_arrow_is_found() {
    let normal = || Value::Null;
    // Columns: from, to, kind, places found.
    let cases: [(&str, &str, Value, &[&str]); 11] = [
        ("desk", "desk-store", normal(), &[]),
        ("desk", "bss-sandbox", "dev".into(), &[]),
        ("desk", "bss-sandbox", normal(), &["desk"]),
        ("desk", "bss-sandbox", "build".into(), &["desk"]),
        ("desk-store", "refund-rules", normal(), &["desk-store"]),
        ("desk-report", "desk", "dev".into(), &["desk-report"]),
        ("bss-openapi", "refund-rules", normal(), &["bss-openapi"]),
        ("refund-desk", "desk-store", normal(), &["refund-desk"]),
        ("rdesk", "bss-openapi", normal(), &["rdesk"]),
        ("refund-rules", "serde", normal(), &[]),
        ("newcomer", "serde", normal(), &["newcomer"]),
    ];
    for (from, to, kind, places) in cases {
        names(&arrows_go_down(&planted(from, to, kind, false)), places);
    }
}

#[test]
fn a_planted_dependency_is_found() {
    let normal = || Value::Null;
    names(&only_the_window_sees_tauri(&planted("desk", "tauri", normal(), false)), &["desk"]);
    names(&only_the_window_sees_tauri(&planted("rdesk", "tauri-plugin-log", "dev".into(), false)), &["rdesk"]);
    names(&only_the_window_sees_tauri(&planted("refund-desk", "tauri", normal(), false)), &[]);
    names(&types_for_the_pages_stay_behind_a_feature(&planted("desk", "specta", normal(), false)), &["desk"]);
    names(&types_for_the_pages_stay_behind_a_feature(&planted("desk", "specta", normal(), true)), &[]);
    names(&rules_are_made_of_little(&planted("refund-rules", "reqwest", normal(), false)), &["refund-rules"]);
    names(&rules_are_made_of_little(&planted("refund-rules", "rand", "build".into(), false)), &["refund-rules"]);
    names(&rules_are_made_of_little(&planted("refund-rules", "rand", "dev".into(), false)), &[]);
    names(&rules_are_made_of_little(&planted("refund-rules", "sha2", normal(), false)), &[]);
}
