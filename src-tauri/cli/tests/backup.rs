//! `rdesk home backup` and `rdesk home restore`, as processes see them.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use desk::{Desk, HomeKind, Secret, System, Unlock};
use serde_json::Value;
use tempfile::TempDir;

const PASSPHRASE: &str = "the passphrase of this home";

struct Place(TempDir);

impl Place {
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs `rdesk --json --home HOME ...` with a secret on its standard input; gives the answer, or the error's code.
    fn run(&self, home: &str, words: &[&str], secret: &str) -> Result<Value, String> {
        let typed = self.path("typed");
        fs::write(&typed, format!("{secret}\n")).unwrap();
        let ran = Command::new(env!("CARGO_BIN_EXE_rdesk"))
            .args(["--json", "--home"])
            .arg(self.path(home))
            .args(words)
            .stdin(Stdio::from(fs::File::open(&typed).unwrap()))
            // No keyring of whoever runs the tests.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
            .output()
            .unwrap();
        let told = String::from_utf8(ran.stdout).unwrap();
        let document: Value = serde_json::from_str(&told).unwrap_or_else(|why| panic!("{why}: {told}"));
        if ran.status.success() {
            return Ok(document);
        }
        assert!(!document["error"]["next"].as_str().unwrap().is_empty(), "{document}");
        Err(document["error"]["code"].as_str().unwrap().to_owned())
    }

    fn word(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }
}

fn spoil(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_home_is_backed_up_and_restored_on_the_terminal() {
    let place = Place(tempfile::tempdir().unwrap());
    place.run("home", &["demo", "--out", &place.word("exports")], "").unwrap();
    let copy = place.word("backup");
    let backup = place.run("home", &["home", "backup", &copy], "").unwrap();
    let names: Vec<&str> =
        backup["files"].as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap()).collect();
    // With what the sandbox did: its customers would know nothing of the refunds in the journal.
    assert_eq!(names, ["cache.db", "journal.db", "home.json", "sandbox.jsonl"]);
    assert_eq!(place.run("home", &["home", "backup", &copy], "").unwrap_err(), "folder_not_empty");
    assert_eq!(place.run("backup", &["journal", "verify"], "").unwrap_err(), "home_is_backup");

    let restored = place.run("again", &["home", "restore", &copy], "").unwrap();
    assert_eq!(restored["backup"], backup);
    let verified = place.run("again", &["journal", "verify"], "").unwrap();
    // What was there, and that it was restored.
    assert_eq!(verified["entries"].as_i64(), backup["entries"].as_i64().map(|entries| entries + 1));
    let history = |home: &str| place.run(home, &["history", "list"], "").unwrap();
    assert_eq!(history("again"), history("home"));
    place.run("again", &["sync"], "").unwrap();
    assert_eq!(history("again"), history("home"), "its own sandbox knows the same refunds");

    assert_eq!(place.run("again", &["home", "restore", &copy], "").unwrap_err(), "folder_not_empty");
    spoil(&place.path("backup/journal.db"));
    assert_eq!(place.run("third", &["home", "restore", &copy], "").unwrap_err(), "backup_damaged");
    assert!(!place.path("third").exists());
    assert_eq!(place.run("third", &["home", "restore", &place.word("exports")], "").unwrap_err(), "backup_missing");
}

#[test]
fn a_real_home_is_restored_by_passphrase_or_code() {
    let place = Place(tempfile::tempdir().unwrap());
    let unlock = Unlock::Passphrase(Secret::from(PASSPHRASE));
    let made = Desk::create(&place.path("home"), HomeKind::Real, unlock, Arc::new(System)).unwrap();
    let code = made.1.unwrap().printed().to_string();
    drop(made.0);
    let copy = place.word("backup");
    let by_passphrase =
        |home: &str, words: &[&str], typed: &str| place.run(home, &[words, &["--passphrase-fd", "0"]].concat(), typed);
    by_passphrase("home", &["home", "backup", &copy], PASSPHRASE).unwrap();
    let wrong = by_passphrase("again", &["home", "restore", &copy], "another passphrase");
    assert_eq!((wrong.unwrap_err().as_str(), place.path("again").exists()), ("wrong_passphrase", false));
    by_passphrase("again", &["home", "restore", &copy], PASSPHRASE).unwrap();
    // On another machine, where nobody remembers the passphrase.
    place.run("elsewhere", &["home", "restore", &copy, "--recovery-fd", "0"], &code).unwrap();
    by_passphrase("elsewhere", &["journal", "verify"], PASSPHRASE).unwrap();
}
