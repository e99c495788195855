//! Which way a home is opened by, and a new one's first way.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use desk::keys::{self, AskPassphrase, KeyringWay};
use desk::{Access, Desk, DeskError, HomeKind, KeyStore, KeyStoreError, RecoveryCode, Secret, System, Unlock};
use tempfile::{TempDir, tempdir};

const PASSPHRASE: &str = "correct horse battery";

/// A keyring in memory. While `closed` is set, that is all it answers.
#[derive(Debug, Default)]
struct FakeKeyring {
    closed: Mutex<Option<KeyStoreError>>,
    entries: Mutex<HashMap<String, Secret>>,
}

impl FakeKeyring {
    fn answering(&self) -> Result<(), KeyStoreError> {
        self.closed.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

impl KeyStore for FakeKeyring {
    fn put(&self, device: &str, secret: &Secret) -> Result<(), KeyStoreError> {
        self.answering()?;
        self.entries.lock().unwrap().insert(device.to_owned(), secret.clone());
        Ok(())
    }
    fn get(&self, device: &str) -> Result<Option<Secret>, KeyStoreError> {
        self.answering()?;
        Ok(self.entries.lock().unwrap().get(device).cloned())
    }
    fn remove(&self, device: &str) -> Result<(), KeyStoreError> {
        self.answering()?;
        self.entries.lock().unwrap().remove(device);
        Ok(())
    }
}

/// What is typed when asked, and how often somebody was asked.
#[derive(Default)]
struct Typist {
    types: Option<&'static str>,
    asked: u32,
}

impl AskPassphrase for Typist {
    fn ask(&mut self) -> Result<Option<Secret>, DeskError> {
        self.asked += 1;
        Ok(self.types.map(Secret::from))
    }
    fn ask_new(&mut self) -> Result<Option<Secret>, DeskError> {
        self.ask()
    }
}

fn typing(types: Option<&'static str>) -> Typist {
    Typist { types, asked: 0 }
}

fn locked() -> Option<KeyStoreError> {
    Some(KeyStoreError::Locked("dismissed".to_owned()))
}

fn none() -> Option<KeyStoreError> {
    Some(KeyStoreError::Unavailable("no bus".to_owned()))
}

/// A real home with these ways in.
fn home(fake: &Arc<FakeKeyring>, passphrase: bool, in_keyring: bool) -> TempDir {
    let dir = tempdir().unwrap();
    let keyring: Arc<dyn KeyStore> = fake.clone();
    let unlock = Unlock::Passphrase(Secret::from(PASSPHRASE));
    Desk::create(dir.path(), HomeKind::Real, unlock.clone(), Arc::new(System)).unwrap();
    if in_keyring {
        keys::add_keyring(dir.path(), &unlock, &keyring, &System).unwrap();
    }
    if !passphrase {
        keys::remove_passphrase(dir.path(), &keyring).unwrap();
    }
    dir
}

/// The word of a way.
fn word(unlock: &Unlock) -> &'static str {
    match unlock {
        Unlock::Nothing => "nothing",
        Unlock::Passphrase(_) => "passphrase",
        Unlock::Keyring(_) => "keyring",
        Unlock::RecoveryCode(_) => "recovery code",
    }
}

fn opens(dir: &Path, unlock: Unlock) -> bool {
    Desk::open(dir, unlock, Access::ReadWrite, Arc::new(System)).is_ok()
}

#[test]
fn the_keyring_comes_before_the_passphrase() {
    type Case = (
        &'static str,
        bool,
        bool,
        Option<KeyStoreError>,
        Option<&'static str>,
        Result<&'static str, &'static str>,
        u32,
    );
    // Columns: passphrase, in the keyring, how the keyring answers, what is typed when asked, the way or the error, how often asked.
    let cases: [Case; 10] = [
        ("both work", true, true, None, Some(PASSPHRASE), Ok("keyring"), 0),
        ("locked, typed", true, true, locked(), Some(PASSPHRASE), Ok("passphrase"), 1),
        ("locked, nobody types", true, true, locked(), None, Err("keyring_locked"), 1),
        ("none, nobody types", true, true, none(), None, Err("keyring_unavailable"), 1),
        ("only the keyring", false, true, None, None, Ok("keyring"), 0),
        ("only the keyring, locked", false, true, locked(), Some(PASSPHRASE), Err("keyring_locked"), 0),
        ("only the keyring, none", false, true, none(), Some(PASSPHRASE), Err("keyring_unavailable"), 0),
        // A keyring that the home does not use is not even asked: a locked one would open a dialog.
        ("only the passphrase", true, false, locked(), Some(PASSPHRASE), Ok("passphrase"), 1),
        ("only the passphrase, nobody types", true, false, None, None, Err("passphrase_needed"), 1),
        ("only the passphrase, not asked the keyring", true, false, none(), None, Err("passphrase_needed"), 1),
    ];
    for (name, passphrase, in_keyring, closed, typed, expected, asked) in cases {
        let fake = Arc::new(FakeKeyring::default());
        let dir = home(&fake, passphrase, in_keyring);
        *fake.closed.lock().unwrap() = closed;
        let keyring: Arc<dyn KeyStore> = fake;
        let mut typist = typing(typed);
        let found = keys::unlock(dir.path(), &keyring, &mut typist);
        assert_eq!(found.as_ref().map(word).map_err(DeskError::code), expected, "{name}");
        assert_eq!(typist.asked, asked, "{name}");
        if let Ok(unlock) = found {
            assert!(opens(dir.path(), unlock), "{name}");
        }
    }
}

#[test]
fn a_sandbox_home_asks_nobody() {
    let dir = tempdir().unwrap();
    drop(Desk::open_sandbox(dir.path(), Arc::new(System)).unwrap());
    let keyring: Arc<dyn KeyStore> = Arc::new(FakeKeyring { closed: Mutex::new(locked()), ..FakeKeyring::default() });
    let mut typist = typing(None);
    assert_eq!(word(&keys::unlock(dir.path(), &keyring, &mut typist).unwrap()), "nothing");
    assert_eq!(typist.asked, 0);
    let ways = keys::ways_in(dir.path(), &keyring).unwrap();
    assert_eq!(
        (ways.sandbox, ways.passphrase, ways.keyring, ways.recovery_code),
        (true, false, KeyringWay::None, false)
    );
}

#[test]
fn a_new_home_is_kept_in_the_keyring_when_there_is_one() {
    type Case = (
        &'static str,
        Option<&'static str>,
        Option<KeyStoreError>,
        Option<&'static str>,
        Result<(bool, bool), &'static str>,
    );
    // Columns: given unasked, how the keyring answers, typed when asked, passphrase and keyring as ways in.
    let cases: [Case; 7] = [
        ("a keyring", None, None, Some(PASSPHRASE), Ok((false, true))),
        ("no keyring", None, none(), Some(PASSPHRASE), Ok((true, false))),
        ("a locked one", None, locked(), Some(PASSPHRASE), Ok((true, false))),
        ("no keyring, nobody types", None, none(), None, Err("passphrase_needed")),
        ("no keyring, typed too short", None, none(), Some("short"), Err("passphrase_too_short")),
        ("a passphrase given", Some(PASSPHRASE), None, None, Ok((true, false))),
        ("too short a one", Some("short"), None, None, Err("passphrase_too_short")),
    ];
    for (name, chosen, closed, typed, expected) in cases {
        let parent = tempdir().unwrap();
        let dir = parent.path().join("home");
        let fake = Arc::new(FakeKeyring { closed: Mutex::new(closed), ..FakeKeyring::default() });
        let keyring: Arc<dyn KeyStore> = fake.clone();
        let made = keys::create_real(&dir, &keyring, chosen.map(Secret::from), &mut typing(typed), Arc::new(System));
        let made = made.map(|(_, code)| code).map_err(|error| error.code().to_owned());
        *fake.closed.lock().unwrap() = None;
        let Ok((passphrase, in_keyring)) = expected else {
            assert_eq!(made.err().as_deref(), expected.err(), "{name}");
            assert!(!dir.exists(), "{name}: nothing is made");
            continue;
        };
        let code: RecoveryCode = made.expect(name).expect("every real home has a code");
        let ways = keys::ways_in(&dir, &keyring).unwrap();
        let expected_way = if in_keyring { KeyringWay::Opens } else { KeyringWay::None };
        assert_eq!((ways.passphrase, ways.keyring, ways.recovery_code), (passphrase, expected_way, true), "{name}");
        assert_eq!(fake.entries.lock().unwrap().len(), usize::from(in_keyring), "{name}");
        assert!(opens(&dir, Unlock::RecoveryCode(Secret::from(code.printed().as_str()))), "{name}");
    }
}

#[test]
fn what_the_keyring_says_now_is_told() {
    let fake = Arc::new(FakeKeyring::default());
    let dir = home(&fake, true, true);
    let keyring: Arc<dyn KeyStore> = fake.clone();
    let told = || match keys::ways_in(dir.path(), &keyring).unwrap().keyring {
        KeyringWay::None => "none".to_owned(),
        KeyringWay::Opens => "opens".to_owned(),
        KeyringWay::Fails { problem } => problem.code,
    };
    assert_eq!(told(), "opens");
    *fake.closed.lock().unwrap() = locked();
    assert_eq!(told(), "keyring_locked");
    *fake.closed.lock().unwrap() = None;
    fake.entries.lock().unwrap().clear();
    assert_eq!(told(), "keyring_entry_missing");
    keys::remove_keyring(dir.path(), &Secret::from(PASSPHRASE), &keyring).unwrap();
    assert_eq!(told(), "none");
}
