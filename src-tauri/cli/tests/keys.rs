//! Ways into a real home, as processes see them: what each loss says, and how the recovery code gets everybody in again.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use desk::keys::{self, AskPassphrase};
use desk::{Desk, DeskError, HomeKind, KeyStore, KeyStoreError, Secret, System, Unlock};
use serde_json::Value;
use tempfile::TempDir;

const PASSPHRASE: &str = "the first passphrase";
const ANOTHER: &str = "quite another passphrase";

/// What a run left.
#[derive(Debug)]
struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Ran {
    /// The answer, or the error's code and place.
    fn told(&self) -> Result<Value, (String, String)> {
        let document: Value = serde_json::from_str(&self.out).unwrap_or_else(|why| panic!("{why}: {self:?}"));
        assert_eq!(self.err, "", "{self:?}");
        if self.status == 0 {
            return Ok(document);
        }
        let error = &document["error"];
        assert!(!error["next"].as_str().unwrap().is_empty() && !error["message"].as_str().unwrap().is_empty());
        Err((error["code"].as_str().unwrap().to_owned(), error["place"].as_str().unwrap_or_default().to_owned()))
    }

    fn code(&self) -> Result<(), String> {
        self.told().map(drop).map_err(|(code, _)| code)
    }
}

/// A home, and files whose contents are handed over as file descriptors.
struct Place {
    folder: TempDir,
    code: String,
}

impl Place {
    /// A home with a passphrase.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let unlock = Unlock::Passphrase(Secret::from(PASSPHRASE));
        let made = Desk::create(&folder.path().join("home"), HomeKind::Real, unlock, Arc::new(System));
        let code = made.unwrap().1.unwrap().printed().to_string();
        Self { folder, code }
    }

    /// A home whose key is in a keyring that is not here any more.
    fn in_a_keyring() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keyring: Arc<dyn KeyStore> = Arc::new(Elsewhere::default());
        let home = folder.path().join("home");
        let made = keys::create_real(&home, &keyring, None, &mut Nobody, Arc::new(System)).unwrap();
        let code = made.1.unwrap().printed().to_string();
        Self { folder, code }
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// `rdesk --home HOME --json ARGS`, without any session bus; descriptors 3, 4 and on have these contents.
    fn rdesk(&self, args: &[&str], fds: &[&str], stdin: &str) -> Ran {
        let mut script = "exec \"$0\" \"$@\"".to_owned();
        for (place, content) in fds.iter().enumerate() {
            let file = self.folder.path().join(format!("fd{place}"));
            fs::write(&file, format!("{content}\nnot this line\n")).unwrap();
            script += &format!(" {}<'{}'", place + 3, file.display());
        }
        let mut child = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_rdesk"), "--json", "--home"])
            .arg(self.home())
            .args(args)
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A process that needs no input may have ended without reading it.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let done = child.wait_with_output().unwrap();
        Ran {
            status: done.status.code().unwrap(),
            out: String::from_utf8(done.stdout).unwrap(),
            err: String::from_utf8(done.stderr).unwrap(),
        }
    }

    /// Opens the home with this passphrase and walks its journal.
    fn opens(&self, passphrase: &str) -> Result<(), String> {
        self.rdesk(&["--passphrase-fd", "3", "journal", "verify"], &[passphrase], "").code()
    }

    fn recover(&self, code: &str) -> Ran {
        self.rdesk(&["key", "recover", "--new-passphrase-fd", "3"], &[ANOTHER], &format!("{code}\n"))
    }
}

/// A keyring of another machine.
#[derive(Debug, Default)]
struct Elsewhere(std::sync::Mutex<Option<Secret>>);

impl KeyStore for Elsewhere {
    fn put(&self, _: &str, secret: &Secret) -> Result<(), KeyStoreError> {
        *self.0.lock().unwrap() = Some(secret.clone());
        Ok(())
    }
    fn get(&self, _: &str) -> Result<Option<Secret>, KeyStoreError> {
        Ok(self.0.lock().unwrap().clone())
    }
    fn remove(&self, _: &str) -> Result<(), KeyStoreError> {
        *self.0.lock().unwrap() = None;
        Ok(())
    }
}

struct Nobody;

impl AskPassphrase for Nobody {
    fn ask(&mut self) -> Result<Option<Secret>, DeskError> {
        Ok(None)
    }
    fn ask_new(&mut self) -> Result<Option<Secret>, DeskError> {
        Ok(None)
    }
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn each_loss_says_what_it_is_and_the_recovery_code_opens_it() {
    type Loss = fn(&Path);
    type Case = (&'static str, bool, Loss, Option<&'static str>, &'static str, &'static str);
    let nothing: Loss = |_| {};
    // Columns: what was lost, a home in the keyring, the loss, the passphrase given, the error's code, its place.
    let cases: [Case; 7] = [
        ("the passphrase", false, nothing, Some("not the passphrase"), "wrong_passphrase", ""),
        ("nobody gives one", false, nothing, None, "passphrase_needed", ""),
        ("the keyring", true, nothing, None, "keyring_unavailable", "system keyring"),
        ("the keyring, a passphrase tried", true, nothing, Some(PASSPHRASE), "keyring_unavailable", "system keyring"),
        (
            "home.json, one bit",
            false,
            |home| flip(&home.join("home.json"), 60),
            Some(PASSPHRASE),
            "home_damaged",
            "home.json",
        ),
        (
            "home.json, cut",
            true,
            |home| fs::write(home.join("home.json"), "{").unwrap(),
            None,
            "home_damaged",
            "home.json",
        ),
        (
            "home.json, all of it",
            false,
            |home| fs::remove_file(home.join("home.json")).unwrap(),
            Some(PASSPHRASE),
            "home_file_missing",
            "home",
        ),
    ];
    for (name, in_keyring, loss, given, code, at) in cases {
        let place = if in_keyring { Place::in_a_keyring() } else { Place::new() };
        loss(&place.home());
        let open: &[&str] = if given.is_some() { &["--passphrase-fd", "3"] } else { &[] };
        let fds: Vec<&str> = given.into_iter().collect();
        let ran = place.rdesk(&[open, &["journal", "verify"]].concat(), &fds, "");
        let (found, found_at) = ran.told().unwrap_err();
        assert_eq!(found, code, "{name}");
        assert!(found_at.contains(at), "{name}: {found_at}");
        assert!(ran.out.contains("rdesk key recover"), "{name}: the way out is named: {}", ran.out);
        assert_eq!(
            place.opens(ANOTHER).err().as_deref(),
            Some(if code == "passphrase_needed" { "wrong_passphrase" } else { code }),
            "{name}"
        );

        let done = place.recover(&place.code).told().unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(
            (&done["ways"]["passphrase"], &done["ways"]["recovery_code"]),
            (&true.into(), &true.into()),
            "{name}"
        );
        assert_eq!(place.opens(ANOTHER), Ok(()), "{name}");
        assert_eq!(place.recover(&place.code).code(), Ok(()), "{name}: the code stays good");
    }
}

#[test]
fn a_wrong_code_and_a_mistyped_one_change_nothing() {
    let place = Place::new();
    let before = fs::read(place.home().join("home.json")).unwrap();
    let other = Place::new().code;
    let first = &place.code[..1];
    let mistyped = format!("{}{}", if first == "7" { "8" } else { "7" }, &place.code[1..]);
    for (name, code, expected) in [
        ("another home's", other.as_str(), "wrong_recovery_code"),
        ("one letter wrong", &mistyped, "recovery_code_mistyped"),
        ("cut", &place.code[..20], "recovery_code_mistyped"),
        ("none", "", "recovery_code_mistyped"),
    ] {
        assert_eq!(place.recover(code).code(), Err(expected.to_owned()), "{name}");
        assert_eq!(fs::read(place.home().join("home.json")).unwrap(), before, "{name}");
    }
    assert_eq!(place.opens(PASSPHRASE), Ok(()));
    // As people type it, through a descriptor of its own.
    let typed = place.code.to_lowercase().replace('-', " ");
    let recovered =
        place.rdesk(&["key", "recover", "--recovery-fd", "3", "--new-passphrase-fd", "4"], &[&typed, ANOTHER], "");
    assert_eq!(recovered.code(), Ok(()));
    assert_eq!((place.opens(PASSPHRASE), place.opens(ANOTHER)), (Err("wrong_passphrase".to_owned()), Ok(())));
}

/// The damaged file is named, and for the cache what is said to do helps; for the journal nothing but a backup does, whatever key.
#[test]
fn damaged_databases_are_told_by_name() {
    let place = Place::new();
    assert_eq!(place.opens(PASSPHRASE), Ok(()));
    let read = |place: &Place, args: &[&str]| {
        place.rdesk(&[&["--passphrase-fd", "3"], args].concat(), &[PASSPHRASE], "").told()
    };
    let everything: &[&[&str]] = &[&["journal", "verify"], &["requests"], &["history", "list"], &["customer", "list"]];
    for (file, pages) in [("journal.db", 4), ("cache.db", 8)] {
        let whole = fs::read(place.home().join(file)).unwrap();
        assert!(whole.len() >= pages * 4096, "{file} has {} bytes", whole.len());
        // The first page: every command says it.
        flip(&place.home().join(file), 200);
        for args in everything {
            let (code, at) = read(&place, args).unwrap_err();
            assert_eq!((code.as_str(), at.starts_with(file)), ("database_damaged", true), "{file}, {args:?}: {at}");
        }
        // Any later page: whoever reads it says it, nobody says anything else, and never that the passphrase is wrong.
        for page in 1..pages {
            fs::write(place.home().join(file), &whole).unwrap();
            flip(&place.home().join(file), page * 4096 + 200);
            for args in &everything[..2] {
                if let Err((code, at)) = read(&place, args) {
                    assert_eq!(
                        (code.as_str(), at.starts_with(file)),
                        ("database_damaged", true),
                        "{file}, page {page}: {at}"
                    );
                }
            }
        }
        fs::write(place.home().join(file), &whole).unwrap();
    }
    flip(&place.home().join("cache.db"), 200);
    for file in ["cache.db", "cache.db-wal", "cache.db-shm"] {
        let _ = fs::rename(place.home().join(file), place.folder.path().join(file));
    }
    read(&place, &["sync"]).expect("what the error says to do: move it out and sync");
    read(&place, &["customer", "list"]).unwrap();
}

#[test]
fn ways_in_are_shown_added_and_taken_away() {
    let place = Place::new();
    let ways = place.rdesk(&["key", "show"], &[], "").told().unwrap();
    assert_eq!(
        (&ways["sandbox"], &ways["passphrase"], &ways["keyring"]["state"]),
        (&false.into(), &true.into(), &"none".into())
    );

    let change = |args: &[&str], fds: &[&str]| place.rdesk(args, fds, "").told().map(drop);
    let err = |code: &str, at: &str| Err((code.to_owned(), at.to_owned()));
    let passphrase = ["--passphrase-fd", "3", "key", "passphrase", "--new-passphrase-fd", "4"];
    assert_eq!(change(&passphrase, &["not the passphrase", ANOTHER]), err("wrong_passphrase", ""));
    assert_eq!(change(&passphrase, &[PASSPHRASE, "short"]), err("passphrase_too_short", ""));
    assert_eq!(
        change(&["--passphrase-fd", "3", "key", "passphrase"], &[PASSPHRASE]),
        err("new_passphrase_needed", "--new-passphrase-fd")
    );
    assert_eq!(change(&["key", "passphrase", "--new-passphrase-fd", "3"], &[ANOTHER]), err("passphrase_needed", ""));
    assert_eq!(change(&["key", "passphrase", "--remove"], &[]), err("last_way_in", ""));
    assert_eq!(
        change(&["--passphrase-fd", "3", "key", "keyring", "add"], &[PASSPHRASE]),
        err("keyring_unavailable", "system keyring")
    );
    // There is nothing to take away, and saying so twice is no failure.
    assert_eq!(change(&["--passphrase-fd", "3", "key", "keyring", "remove"], &[PASSPHRASE]), Ok(()));
    assert_eq!(place.opens(PASSPHRASE), Ok(()), "refusals change nothing");
    assert_eq!(change(&passphrase, &[PASSPHRASE, ANOTHER]), Ok(()));
    assert_eq!((place.opens(PASSPHRASE), place.opens(ANOTHER)), (Err("wrong_passphrase".to_owned()), Ok(())));

    // A home in a keyring that is gone: said so; the keyring is taken away once there is a passphrase.
    let place = Place::in_a_keyring();
    let ways = place.rdesk(&["key", "show"], &[], "").told().unwrap();
    assert_eq!(
        (&ways["passphrase"], &ways["keyring"]["problem"]["code"]),
        (&false.into(), &"keyring_unavailable".into())
    );
    let remove = ["--passphrase-fd", "3", "key", "keyring", "remove"];
    assert_eq!(place.rdesk(&remove, &[ANOTHER], "").code(), Err("last_way_in".to_owned()));
    assert_eq!(place.recover(&place.code).code(), Ok(()));
    let removed = place.rdesk(&remove, &[ANOTHER], "").told().unwrap();
    assert_eq!((&removed["ways"]["keyring"]["state"], &removed["entry_removed"]), (&"none".into(), &false.into()));
    assert_eq!(place.opens(ANOTHER), Ok(()));
}

/// What a person types, each after its prompt, on a terminal of its own; returns what the terminal showed.
#[cfg(target_os = "linux")]
fn on_a_terminal(home: &Path, args: &str, typed: &[(&str, &str)]) -> (bool, String) {
    let command = format!("'{}' --home '{}' {args}", env!("CARGO_BIN_EXE_rdesk"), home.display());
    let mut child = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut shown = Vec::new();
    for (prompt, answer) in typed {
        let from = shown.len();
        while !String::from_utf8_lossy(&shown[from..]).contains(prompt) {
            let mut byte = [0];
            assert_eq!(stdout.read(&mut byte).unwrap(), 1, "no prompt {prompt:?}: {}", String::from_utf8_lossy(&shown));
            shown.push(byte[0]);
        }
        // The prompt stands there before the terminal stops showing what is typed; nobody types within that time.
        std::thread::sleep(Duration::from_millis(800));
        stdin.write_all(format!("{answer}\n").as_bytes()).unwrap();
    }
    stdout.read_to_end(&mut shown).unwrap();
    (child.wait().unwrap().success(), String::from_utf8_lossy(&shown).into_owned())
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_it_asks_and_shows_nothing_of_what_is_typed() {
    let place = Place::new();
    let home = place.home();
    let (ok, shown) = on_a_terminal(&home, "journal verify", &[("Passphrase of this home: ", PASSPHRASE)]);
    assert!(ok && shown.contains("the chain is whole") && !shown.contains(PASSPHRASE), "{shown}");
    let (ok, shown) = on_a_terminal(&home, "journal verify", &[("Passphrase of this home: ", "not this one")]);
    assert!(!ok && shown.contains("wrong_passphrase") && !shown.contains("not this one"), "{shown}");

    let recover = |again| {
        let typed = [
            ("Recovery code of this home: ", place.code.as_str()),
            ("New passphrase", ANOTHER),
            ("The same again: ", again),
        ];
        let (ok, shown) = on_a_terminal(&home, "key recover", &typed);
        assert!(!shown.contains(&place.code) && !shown.contains(ANOTHER), "{shown}");
        (ok, shown.contains("passphrases_differ"))
    };
    assert_eq!(recover("not quite the same"), (false, true));
    assert_eq!(place.opens(PASSPHRASE), Ok(()), "nothing was changed");
    assert_eq!(recover(ANOTHER), (true, false));
    assert_eq!(place.opens(ANOTHER), Ok(()));
}
