//! The pages: one folder talks to the shell, money is never a number, nothing is fetched from elsewhere.

use crate::{Text, Violation, keeps, names, texts};

/// The one folder that may import the shell.
const BACKEND: &str = "ui/src/backend/";

/// Ways to reach the shell.
const SHELL: [&str; 3] = ["@tauri-apps", "__TAURI", "tauri://"];

/// Pages that place things by fractions of a width; they hold no amount that is computed with.
const GEOMETRY: [&str; 1] = ["ui/src/renewals/Timeline.tsx"];

/// Ways for a text of money to become a binary float.
const FLOATS: [&str; 3] = ["parseFloat(", ".toFixed(", "Math.round("];

fn only_the_backend_sees_the_shell(pages: &[Text]) -> Vec<Violation> {
    lines_with(pages.iter().filter(|page| !page.path.starts_with(BACKEND)), &SHELL, "only ui/src/backend/ may use")
}

fn money_stays_text(pages: &[Text]) -> Vec<Violation> {
    let judged = pages.iter().filter(|page| !GEOMETRY.contains(&page.path.as_str()));
    lines_with(judged, &FLOATS, "amounts are decimal strings; do not use")
}

fn lines_with<'a>(pages: impl Iterator<Item = &'a Text>, banned: &[&str], what: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    for page in pages {
        for (number, line) in page.text.lines().enumerate() {
            for word in banned.iter().filter(|word| line.contains(**word)) {
                found.push(Violation::new(format!("{}:{}", page.path, number + 1), format!("{what} {word}")));
            }
        }
    }
    found
}

/// A lock file names packages and their hashes; where they are fetched from is the machine's own business.
fn the_lock_names_no_registry(lock: &Text) -> Vec<Violation> {
    let fetched = |line: &str| line.contains("\"resolved\"") && line.contains("://");
    let numbered = lock.text.lines().enumerate().filter(|(_, line)| fetched(line));
    numbered.map(|(number, line)| Violation::new(format!("{}:{}", lock.path, number + 1), line.trim())).collect()
}

/// Crates come from the public index, or from a folder of ours.
fn crates_come_from_the_public_index(lock: &Text) -> Vec<Violation> {
    let public = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let numbered = lock.text.lines().enumerate().filter(|(_, line)| line.starts_with("source = ") && *line != public);
    numbered.map(|(number, line)| Violation::new(format!("{}:{}", lock.path, number + 1), line)).collect()
}

#[test]
fn the_pages_keep_to_their_backend() {
    let pages = texts(&["ui/src", "ui/index.html"], &[".ts", ".tsx", ".html", ".css", ".js"]);
    assert!(
        pages.iter().any(|page| page.path.starts_with(BACKEND)),
        "the backend's folder moved; move this rule with it"
    );
    keeps(&only_the_backend_sees_the_shell(&pages));
    keeps(&money_stays_text(&pages));
}

#[test]
fn the_lock_files_name_no_machine() {
    keeps(&the_lock_names_no_registry(&texts(&["ui/package-lock.json"], &[".json"])[0]));
    keeps(&crates_come_from_the_public_index(&texts(&["Cargo.lock"], &[".lock"])[0]));
}

#[test]
fn planted_shell_calls_and_floats_are_found() {
    let import = "import { invoke } from \"@tauri-apps/api/core\";";
    names(&only_the_backend_sees_the_shell(&[Text::planted("ui/src/app/App.tsx", import)]), &["ui/src/app/App.tsx:1"]);
    names(&only_the_backend_sees_the_shell(&[Text::planted("ui/src/backend/tauri.ts", import)]), &[]);
    let raw = "\nwindow.__TAURI_INTERNALS__.invoke(\"x\");";
    names(&only_the_backend_sees_the_shell(&[Text::planted("ui/src/app/App.tsx", raw)]), &["ui/src/app/App.tsx:2"]);
    let float = "const x = parseFloat(amount).toFixed(2);";
    names(&money_stays_text(&[Text::planted("ui/src/a.ts", float)]), &["ui/src/a.ts:1", "ui/src/a.ts:1"]);
    names(&money_stays_text(&[Text::planted("ui/src/a.ts", "format(amount)")]), &[]);
}

#[test]
fn planted_registries_are_found() {
    let lock = |text: &str| Text::planted("lock", text);
    names(
        &the_lock_names_no_registry(&lock("{\n  \"resolved\": \"https://registry.example.invalid/a.tgz\"\n}")),
        &["lock:2"],
    );
    names(&the_lock_names_no_registry(&lock("{ \"integrity\": \"sha512-x\" }")), &[]);
    let public = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    names(&crates_come_from_the_public_index(&lock(public)), &[]);
    names(&crates_come_from_the_public_index(&lock("a\nsource = \"git+https://example.invalid/a\"")), &["lock:2"]);
}
