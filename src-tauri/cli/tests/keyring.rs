//! A home whose key is in a real keyring: gnome-keyring on a session bus of its own, as a desktop has it.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use desk::keys::{self, AskPassphrase};
use desk::{DeskError, KeyStore, Secret, System, SystemKeyring};
use serde_json::Value;

/// Set in the process that runs inside the session.
const INSIDE: &str = "RDESK_KEYRING_TEST_INSIDE";

/// Starts the daemon with an unlocked keyring (its passphrase is an empty line), then this test again.
const SESSION: &str =
    r#"echo | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec "$0" --exact "$1" --nocapture"#;

/// Runs the named test again inside a session of its own: a fresh home folder, a bus, a keyring.
fn in_a_session(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let ran = Command::new("dbus-run-session")
        .args(["--", "bash", "-c", SESSION])
        .arg(std::env::current_exe().unwrap())
        .arg(test)
        .env("HOME", folder.path())
        .env("XDG_RUNTIME_DIR", folder.path())
        .env_remove("XDG_DATA_HOME")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        // Nobody is there to answer a prompt.
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env(INSIDE, "1")
        .stdin(Stdio::null())
        .output();
    let ran = ran.expect("dbus-run-session and gnome-keyring: `cargo xtask test` installs them");
    let out = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(
        ran.status.success() && out.contains("1 passed"),
        "{out}\n{}\n(gnome-keyring missing? `cargo xtask test` installs it)",
        String::from_utf8_lossy(&ran.stderr)
    );
}

/// Nobody is there to ask.
struct Nobody;

impl AskPassphrase for Nobody {
    fn ask(&mut self) -> Result<Option<Secret>, DeskError> {
        Ok(None)
    }
    fn ask_new(&mut self) -> Result<Option<Secret>, DeskError> {
        Ok(None)
    }
}

/// `rdesk --home HOME --json ARGS` inside the session; the answer, or the error's code.
fn rdesk(home: &Path, args: &[&str]) -> Result<Value, String> {
    let done = Command::new(env!("CARGO_BIN_EXE_rdesk"))
        .args(["--json", "--home", home.to_str().unwrap()])
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|why| panic!("{why}: {done:?}"));
    if done.status.success() { Ok(document) } else { Err(document["error"]["code"].as_str().unwrap().to_owned()) }
}

/// Locks every collection, as a desktop does when its owner leaves.
fn lock_the_keyring() {
    let sent = Command::new("dbus-send")
        .args(["--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"])
        .args(["org.freedesktop.Secret.Service.Lock", "array:objpath:/org/freedesktop/secrets/collection/login"])
        .output()
        .unwrap();
    assert!(sent.status.success(), "{sent:?}");
}

#[test]
fn a_home_opens_by_the_real_keyring() {
    if std::env::var_os(INSIDE).is_none() {
        return in_a_session("a_home_opens_by_the_real_keyring");
    }
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let keyring: Arc<dyn KeyStore> = Arc::new(SystemKeyring);
    let (desk, code) = keys::create_real(&home, &keyring, None, &mut Nobody, Arc::new(System)).unwrap();
    let code = code.unwrap();
    let device = desk.status().unwrap().device;
    drop(desk);

    // Another process asks nothing.
    assert_eq!(rdesk(&home, &["journal", "verify"]).unwrap()["whole"], true);
    let ways = rdesk(&home, &["key", "show"]).unwrap();
    assert_eq!((&ways["keyring"]["state"], &ways["passphrase"]), (&Value::from("opens"), &Value::from(false)));

    // Its entry stands in no file of the home, and in the keyring under the home's name.
    let entry = keyring.get(&device).unwrap().expect("an entry");
    assert_eq!(entry.expose().len(), 64);
    assert!(!std::fs::read_to_string(home.join("home.json")).unwrap().contains(entry.expose()));

    // Lost: told as such; the code makes it anew.
    keyring.remove(&device).unwrap();
    keyring.remove(&device).expect("removing what is not there is no error");
    assert_eq!(keyring.get(&device).unwrap(), None);
    assert_eq!(rdesk(&home, &["journal", "verify"]), Err("keyring_entry_missing".to_owned()));
    let typed = desk::Unlock::RecoveryCode(Secret::new(code.printed().as_str()));
    keys::add_keyring(&home, &typed, &keyring, &System).unwrap();
    assert_eq!(rdesk(&home, &["journal", "verify"]).unwrap()["whole"], true);

    // Locked: told as such; another home is not made in it, and nobody is here to choose a passphrase.
    lock_the_keyring();
    assert_eq!(rdesk(&home, &["journal", "verify"]), Err("keyring_locked".to_owned()));
    let other = folder.path().join("other");
    let refused = keys::create_real(&other, &keyring, None, &mut Nobody, Arc::new(System)).map(drop).unwrap_err();
    assert_eq!(refused.code(), "passphrase_needed");
    assert!(refused.message().contains("the system keyring is locked"), "{refused}");
    assert!(!other.exists());
}
