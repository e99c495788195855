//! Nothing from elsewhere: the window shows its own pages, and the pages load nothing by an address of the network.

use serde_json::{Value, json};

use crate::crates::metadata;
use crate::rust_text::words_outside_tests;
use crate::window::project_configuration;
use crate::{Text, Violation, keeps, names, texts};

/// Ways for a page to ask the network. The content policy refuses them too; here they are refused before they are built.
const ASKS: [&str; 8] = [
    " fetch(",
    "(fetch(",
    "window.fetch",
    "XMLHttpRequest",
    "new WebSocket",
    "new EventSource",
    "sendBeacon",
    "importScripts",
];

/// Addresses that are names and load nothing: those of XML.
const NAMES: &str = "http://www.w3.org/";

/// Pages over invented data, which are not shipped (`ui/src/bundle.test.ts` looks).
const INVENTED: &str = "ui/src/backend/mock/";

/// Ways to make a window or a view besides the one that is configured.
const MAKERS: [&str; 5] = ["WebviewWindowBuilder", "WindowBuilder", "WebviewBuilder", "WebviewUrl", "open_devtools"];

/// What would let whoever sits at the desk open the web view's own tools in a release build.
const TOOLS: &str = "devtools";

fn pages_name_no_address(pages: &[Text]) -> Vec<Violation> {
    let mut found = Vec::new();
    let shipped = |page: &&Text| !page.path.starts_with(INVENTED) && !page.path.contains(".test.");
    for page in pages.iter().filter(shipped) {
        for (number, line) in page.text.lines().enumerate() {
            let named = line.replace(NAMES, "");
            let address = ["http://", "https://", "ws://", "wss://", "\"//", "'//", "(//"]
                .into_iter()
                .find(|beginning| named.contains(beginning));
            for word in address.into_iter().chain(ASKS.into_iter().filter(|word| line.contains(word))) {
                let what = format!("`{}`: pages load nothing from the network and ask only the desk", word.trim());
                found.push(Violation::new(format!("{}:{}", page.path, number + 1), what));
            }
        }
    }
    found
}

/// The window's address is a file of the pages, which are a folder; only the development server is an address, of this machine.
fn the_window_shows_its_own_pages(configuration: &Value) -> Vec<Violation> {
    let at = "tauri.conf.json";
    let mut found = Vec::new();
    let text = |pointer: &str| configuration.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    if text("/build/frontendDist") != "ui/dist" {
        found.push(Violation::new(at, "the pages are the folder ui/dist"));
    }
    let server = text("/build/devUrl");
    if !server.is_empty() && !server.starts_with("http://localhost:") {
        found.push(Violation::new(at, "the development server is on this machine"));
    }
    for window in configuration.pointer("/app/windows").and_then(Value::as_array).into_iter().flatten() {
        for key in ["url", "userAgent", "proxyUrl", "additionalBrowserArgs", TOOLS] {
            if !window[key].is_null() {
                found.push(Violation::new(at, format!("a window must not set `{key}`")));
            }
        }
    }
    found
}

fn no_code_makes_a_window(sources: &[Text]) -> Vec<Violation> {
    let mut found = Vec::new();
    for source in sources {
        for word in words_outside_tests(&source.text).iter().filter(|word| MAKERS.contains(&word.text.as_str())) {
            let what = format!("`{}`: the one window is the configured one", word.text);
            found.push(Violation::new(format!("{}:{}", source.path, word.line), what));
        }
    }
    found
}

/// Neither a dependency nor a feature of ours may switch the tools on.
fn the_tools_stay_off(metadata: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let asked = package["dependencies"].as_array().into_iter().flatten().flat_map(|dependency| {
            dependency["features"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned)
        });
        let given = package["features"].as_object().into_iter().flat_map(|features| {
            features.values().flat_map(|list| list.as_array().into_iter().flatten()).filter_map(Value::as_str)
        });
        for feature in asked.chain(given.map(str::to_owned)).filter(|feature| feature.contains(TOOLS)) {
            found.push(Violation::new(name, format!("feature `{feature}` opens the web view's tools in a release")));
        }
    }
    found
}

#[test]
fn nothing_comes_from_elsewhere() {
    keeps(&pages_name_no_address(&texts(&["ui/src", "ui/index.html"], &[".ts", ".tsx", ".html", ".css", ".js"])));
    keeps(&the_window_shows_its_own_pages(&project_configuration()));
    keeps(&no_code_makes_a_window(&texts(&["src-tauri/app/src"], &[".rs"])));
    keeps(&the_tools_stay_off(&metadata()));
}

#[test]
fn planted_addresses_are_found() {
    // Columns: what a page says, how often it is refused.
    let cases = [
        ("<script src=\"https://example.invalid/a.js\"></script>", 1),
        ("<img src=\"//example.invalid/a.png\">", 1),
        ("@import url(http://example.invalid/a.css);", 1),
        ("const a = await fetch(\"https://example.invalid\");", 2),
        ("new WebSocket('wss://example.invalid')", 2),
        ("navigator.sendBeacon(a, b)", 1),
        ("void read.refetch()", 0),
        ("<svg xmlns=\"http://www.w3.org/2000/svg\">", 0),
        ("import a from \"./a\"; // a comment", 0),
    ];
    for (text, times) in cases {
        names(&pages_name_no_address(&[Text::planted("ui/src/a.tsx", text)]), &vec!["ui/src/a.tsx:1"; times]);
    }
    let invented = Text::planted("ui/src/backend/mock/a.ts", "http://127.0.0.1:8080");
    names(&pages_name_no_address(&[invented]), &[]);
}

#[test]
fn planted_windows_from_elsewhere_are_found() {
    let at = "tauri.conf.json";
    let window = |window: Value| {
        the_window_shows_its_own_pages(
            &json!({ "build": { "frontendDist": "ui/dist" }, "app": { "windows": [window] } }),
        )
    };
    names(&window(json!({ "label": "main" })), &[]);
    names(&window(json!({ "url": "https://example.invalid" })), &[at]);
    names(&window(json!({ "devtools": true, "additionalBrowserArgs": "--x" })), &[at, at]);
    let pages = |build: Value| the_window_shows_its_own_pages(&json!({ "build": build }));
    names(&pages(json!({ "frontendDist": "https://example.invalid" })), &[at]);
    names(&pages(json!({ "frontendDist": "ui/dist", "devUrl": "http://localhost:1420" })), &[]);
    names(&pages(json!({ "frontendDist": "ui/dist", "devUrl": "http://example.invalid" })), &[at]);

    let code = |text: &str| no_code_makes_a_window(&[Text::planted("p", text)]);
    names(&code("\ntauri::WebviewWindowBuilder::new(app)"), &["p:2"]);
    names(&code("window.open_devtools();"), &["p:1"]);
    names(&code("app.get_webview_window(\"main\") // WindowBuilder"), &[]);
}

#[test]
fn planted_tools_are_found() {
    let package = |features: Value, asked: Value| {
        the_tools_stay_off(&json!({ "packages": [{
            "name": "p", "features": features, "dependencies": [{ "name": "tauri", "features": asked }],
        }] }))
    };
    names(&package(json!({ "custom-protocol": ["tauri/custom-protocol"] }), json!([])), &[]);
    names(&package(json!({ "custom-protocol": ["tauri/devtools"] }), json!([])), &["p"]);
    names(&package(json!({}), json!(["devtools"])), &["p"]);
}
