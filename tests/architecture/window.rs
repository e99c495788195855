//! What the window is allowed: its policy for content, and its one capability.

use serde_json::{Value, json};

use crate::{Text, Violation, keeps, names, texts};

/// The one window.
const WINDOW: &str = "main";

/// Everything the pages may ask of the shell besides the desk's own commands: to hear its events.
const PERMISSIONS: [&str; 2] = ["core:event:allow-listen", "core:event:allow-unlisten"];

/// Where the pages may reach: the shell's own channel.
const CHANNEL: [&str; 2] = ["ipc:", "http://ipc.localhost"];

/// Configuration keys that would loosen what this test reads; `true` is what each must not be.
const LOOSENED: [&str; 3] =
    ["/app/withGlobalTauri", "/app/security/dangerousDisableAssetCspModification", "/app/security/devCsp"];

fn the_policy_is_strict(configuration: &Value) -> Vec<Violation> {
    let at = "tauri.conf.json";
    let mut found = Vec::new();
    let policy = configuration.pointer("/app/security/csp").and_then(Value::as_str).unwrap_or_default();
    let directives: Vec<Vec<&str>> = policy
        .split(';')
        .map(|directive| directive.split_whitespace().collect())
        .filter(|words: &Vec<_>| !words.is_empty())
        .collect();
    if !directives.contains(&vec!["default-src", "'none'"]) {
        found.push(Violation::new(at, "the policy must begin with default-src 'none'"));
    }
    for directive in &directives {
        for source in &directive[1..] {
            let known = ["'none'", "'self'"].contains(source)
                || directive[0] == "connect-src" && CHANNEL.contains(source)
                || directive[0] == "img-src" && *source == "data:";
            if !known {
                found.push(Violation::new(at, format!("{} allows {source}", directive[0])));
            }
        }
    }
    for key in LOOSENED {
        match configuration.pointer(key) {
            None | Some(Value::Bool(false) | Value::Null) => {}
            Some(_) => found.push(Violation::new(at, format!("{key} loosens the policy"))),
        }
    }
    found
}

fn there_is_one_window(configuration: &Value) -> Vec<Violation> {
    let windows = configuration.pointer("/app/windows").and_then(Value::as_array).cloned().unwrap_or_default();
    let labels: Vec<&str> = windows.iter().map(|window| window["label"].as_str().unwrap_or("main")).collect();
    if labels == [WINDOW] {
        return Vec::new();
    }
    vec![Violation::new("tauri.conf.json", format!("the one window is `{WINDOW}`, found {labels:?}"))]
}

fn capabilities_are_minimal(capabilities: &[Text]) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in capabilities {
        let capability: Value = serde_json::from_str(&file.text).unwrap_or(Value::Null);
        if capability["windows"] != json!([WINDOW]) {
            found.push(Violation::new(&file.path, format!("names other windows than `{WINDOW}`")));
        }
        for key in ["webviews", "remote"] {
            if !capability[key].is_null() {
                found.push(Violation::new(&file.path, format!("`{key}` widens it beyond the window's own pages")));
            }
        }
        for permission in capability["permissions"].as_array().into_iter().flatten() {
            if !permission.as_str().is_some_and(|name| PERMISSIONS.contains(&name)) {
                found.push(Violation::new(&file.path, format!("permission {permission} is not on the list")));
            }
        }
    }
    found
}

pub fn project_configuration() -> Value {
    serde_json::from_str(&texts(&["tauri.conf.json"], &[".json"])[0].text).unwrap()
}

#[test]
fn the_window_is_allowed_little() {
    keeps(&the_policy_is_strict(&project_configuration()));
    keeps(&there_is_one_window(&project_configuration()));
    let capabilities = texts(&["capabilities"], &[".json", ".toml", ".json5"]);
    assert_eq!(capabilities.len(), 1, "one window has one capability");
    keeps(&capabilities_are_minimal(&capabilities));
}

#[test]
fn a_planted_loose_policy_is_found() {
    let strict = "default-src 'none'; script-src 'self'; connect-src ipc: http://ipc.localhost; img-src 'self' data:";
    let at = "tauri.conf.json";
    // Columns: policy, how many violations.
    let cases = [
        (strict.to_owned(), 0),
        (format!("{strict}; style-src 'self' 'unsafe-inline'"), 1),
        (strict.replace("script-src 'self'", "script-src 'self' 'unsafe-eval' https:"), 2),
        (strict.replace("default-src 'none'", "default-src *"), 2),
        (strict.replace("connect-src", "connect-src https://example.invalid"), 1),
        (strict.replace("script-src 'self'", "script-src data:"), 1),
        (String::new(), 1),
    ];
    for (policy, violations) in cases {
        let configuration = json!({ "app": { "security": { "csp": policy } } });
        names(&the_policy_is_strict(&configuration), &vec![at; violations]);
    }
    let mut loosened = json!({ "app": { "withGlobalTauri": true, "security": { "csp": strict } } });
    names(&the_policy_is_strict(&loosened), &[at]);
    loosened["app"]["withGlobalTauri"] = false.into();
    loosened["app"]["security"]["dangerousDisableAssetCspModification"] = json!(["style-src"]);
    names(&the_policy_is_strict(&loosened), &[at]);
    names(&the_policy_is_strict(&json!({})), &[at]);
}

#[test]
fn planted_windows_and_capabilities_are_found() {
    let windows = |windows: Value| there_is_one_window(&json!({ "app": { "windows": windows } }));
    names(&windows(json!([{ "label": "main" }])), &[]);
    names(&windows(json!([{ "label": "main" }, { "label": "second" }])), &["tauri.conf.json"]);
    names(&windows(json!([])), &["tauri.conf.json"]);

    let listen = PERMISSIONS[0];
    let cases = [
        (json!({ "windows": ["main"], "permissions": [listen] }), 0),
        (json!({ "windows": ["*"], "permissions": [listen] }), 1),
        (json!({ "windows": ["main", "second"], "permissions": [] }), 1),
        (json!({ "permissions": [] }), 1),
        (json!({ "windows": ["main"], "permissions": ["core:default"] }), 1),
        (
            json!({ "windows": ["main"], "permissions": [listen, "fs:allow-read", { "identifier": "shell:allow-open" }] }),
            2,
        ),
        (json!({ "windows": ["main"], "webviews": ["*"], "permissions": [] }), 1),
        (json!({ "windows": ["main"], "remote": { "urls": ["https://example.invalid"] }, "permissions": [] }), 1),
    ];
    for (capability, violations) in cases {
        let file = Text::planted("capabilities/p.json", &capability.to_string());
        names(&capabilities_are_minimal(&[file]), &vec!["capabilities/p.json"; violations]);
    }
    names(&capabilities_are_minimal(&[Text::planted("capabilities/p.json", "not json")]), &["capabilities/p.json"]);
}
