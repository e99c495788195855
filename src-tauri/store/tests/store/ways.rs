//! Ways into a real home: made, lost, made again, taken away.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use desk_store::{Access, HomeKind, KeyStore as _, Secret, Store, StoreError, Unlock};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::fake_keyring::{FakeKeyring, Mood};
use crate::homes::{PASSPHRASE, real};
use crate::{counting_entropy, instant};

fn passphrase(text: &str) -> Unlock {
    Unlock::Passphrase(Secret::new(text))
}

fn recovery(code: &str) -> Unlock {
    Unlock::RecoveryCode(Secret::new(code))
}

/// A home whose key is in the keyring only, with a setting in its journal; and its recovery code.
fn keyring_home(keyring: &Arc<FakeKeyring>) -> (TempDir, String) {
    let dir = tempdir().unwrap();
    let (store, code) = Store::create(
        dir.path(),
        HomeKind::Real,
        &Arc::clone(keyring).unlock(),
        &mut counting_entropy(),
        instant("2026-11-20T08:00:00Z"),
    )
    .unwrap();
    store.write(|tx| tx.settings().set("kept", "yes")).unwrap();
    (dir, code.unwrap().printed().to_string())
}

/// Opens the home and reads what was kept in it.
fn opened(dir: &Path, unlock: &Unlock) -> Result<Option<String>, &'static str> {
    Store::open(dir, unlock, Access::ReadWrite)
        .and_then(|store| store.read(|r| r.settings().get("kept")))
        .map_err(|error| error.code())
}

fn file(dir: &Path, name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(dir.join(name)).unwrap()).unwrap()
}

fn device(dir: &Path) -> String {
    file(dir, "home.json")["device"].as_str().unwrap().to_owned()
}

fn kept() -> Result<Option<String>, &'static str> {
    Ok(Some("yes".to_owned()))
}

#[test]
fn a_home_in_the_keyring_asks_nothing_and_holds_nothing_that_opens_it() {
    let keyring = FakeKeyring::new();
    let (dir, code) = keyring_home(&keyring);
    let facts = Store::facts_of(dir.path()).unwrap();
    assert_eq!((facts.locked, facts.passphrase, facts.keyring), (true, false, true));
    assert_eq!(opened(dir.path(), &Arc::clone(&keyring).unlock()), kept());
    assert_eq!(opened(dir.path(), &recovery(&code)), kept());
    assert_eq!(opened(dir.path(), &Unlock::Nothing), Err("keyring_needed"));
    assert_eq!(opened(dir.path(), &passphrase(PASSPHRASE)), Err("no_passphrase"));
    // An older desk says of the file that it is newer, not that it is damaged.
    assert_eq!(file(dir.path(), "home.json")["format"], 2);
    let entries = keyring.entries();
    assert_eq!(entries.keys().collect::<Vec<_>>(), [&facts.device]);
    for found in fs::read_dir(dir.path()).unwrap() {
        let path = found.unwrap().path();
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        assert!(!text.contains(entries[&facts.device].expose()) && !text.contains(&code), "{path:?}");
    }
}

/// What was lost, what is given, what the error says; and in each case the recovery code opens the home and makes new ways in.
#[test]
fn every_loss_has_its_own_error_and_the_recovery_code_opens_all_of_them() {
    type Loss = fn(&FakeKeyring, &Path);
    let forgotten: Loss = |_, _| {};
    let cases: [(&str, Loss, &str, &str); 9] = [
        ("entry lost", |k, dir| k.remove(&device(dir)).unwrap(), "keyring_entry_missing", "system keyring, entry "),
        (
            "entry is no key",
            |k, dir| k.replace(&device(dir), "no key"),
            "keyring_entry_wrong",
            "system keyring, entry ",
        ),
        (
            "entry of another",
            |k, dir| k.replace(&device(dir), &"0".repeat(64)),
            "keyring_entry_wrong",
            "system keyring, entry ",
        ),
        ("locked", |k, _| k.becomes(Mood::Locked), "keyring_locked", "system keyring"),
        ("no keyring", |k, _| k.becomes(Mood::Gone), "keyring_unavailable", "system keyring"),
        ("home.json spoilt", |_, dir| spoil(&dir.join("home.json"), 60), "home_damaged", "home.json"),
        ("home.json emptied", |_, dir| fs::write(dir.join("home.json"), "").unwrap(), "home_damaged", "home.json"),
        ("home.json gone", |_, dir| fs::remove_file(dir.join("home.json")).unwrap(), "home_file_missing", ""),
        ("the passphrase forgotten", forgotten, "wrong_passphrase", ""),
    ];
    let other = other_code();
    for (name, loss, code, place) in cases {
        let keyring = FakeKeyring::new();
        let (dir, printed) = keyring_home(&keyring);
        let dir = dir.path();
        let by_keyring = Arc::clone(&keyring).unlock();
        let given = if code == "wrong_passphrase" {
            Store::set_passphrase(dir, &by_keyring, &Secret::new(PASSPHRASE), &mut counting_entropy()).unwrap();
            passphrase("not what it was")
        } else {
            by_keyring.clone()
        };
        let before = device(dir);
        loss(&keyring, dir);

        let error = Store::open(dir, &given, Access::ReadWrite).map(drop).expect_err(name);
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(error.place().unwrap_or_default().contains(place), "{name}: {:?}", error.place());
        assert!(error.next().contains("rdesk key recover"), "{name}: {}", error.next());
        assert_eq!(Store::opens(dir, &given).unwrap_err().code(), code, "{name}");

        // A wrong code and a mistyped one are told apart here too.
        let mistyped = printed.replacen(&printed[..1], if printed.starts_with('7') { "8" } else { "7" }, 1);
        assert_eq!(opened(dir, &recovery(&mistyped)), Err("recovery_code_mistyped"), "{name}");
        assert_eq!(opened(dir, &recovery(&other)), Err("wrong_recovery_code"), "{name}");
        assert_eq!(opened(dir, &recovery(&printed)), kept(), "{name}: by the code");

        let mut entropy = counting_entropy();
        entropy(&mut [0; 100]);
        Store::set_passphrase(dir, &recovery(&printed), &Secret::new("a new way in"), &mut entropy).unwrap();
        assert_eq!(opened(dir, &passphrase("a new way in")), kept(), "{name}: by the new passphrase");
        keyring.becomes(Mood::Works);
        Store::add_keyring(dir, &recovery(&printed), keyring.as_ref(), &mut entropy).unwrap();
        assert_eq!(opened(dir, &by_keyring), kept(), "{name}: by the new entry");
        assert_eq!(opened(dir, &recovery(&printed)), kept(), "{name}: the code stays good");
        assert_eq!(Store::facts_of(dir).unwrap().device, before, "{name}: it is the same home");
    }
}

/// The code of another home.
fn other_code() -> String {
    let dir = tempdir().unwrap();
    let mut entropy = counting_entropy();
    entropy(&mut [0; 7]);
    let unlock = FakeKeyring::new().unlock();
    let made = Store::create(dir.path(), HomeKind::Real, &unlock, &mut entropy, instant("2026-11-20T08:00:00Z"));
    made.unwrap().1.unwrap().printed().to_string()
}

fn spoil(path: &Path, offset: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[offset] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_home_has_both_ways_and_loses_neither_as_the_last() {
    let keyring = FakeKeyring::new();
    let by_keyring = Arc::clone(&keyring).unlock();
    let dir = tempdir().unwrap();
    let code = real(dir.path());
    let dir = dir.path();
    let entropy = &mut counting_entropy();
    entropy(&mut [0; 3]);
    let told = |done: Result<(), StoreError>| done.map_err(|error| error.code());
    let ways = || Store::facts_of(dir).map(|facts| (facts.passphrase, facts.keyring)).unwrap();

    // With the passphrase alone.
    assert_eq!(told(Store::opens(dir, &by_keyring)), Err("not_in_keyring"));
    assert_eq!(told(Store::remove_passphrase(dir, &by_keyring)), Err("last_way_in"));
    assert_eq!(
        told(Store::add_keyring(dir, &passphrase("not the one"), keyring.as_ref(), entropy)),
        Err("wrong_passphrase")
    );
    assert!(keyring.entries().is_empty(), "nothing is put into the keyring for somebody who cannot open the home");
    for (mood, expected) in
        [(Mood::Gone, "keyring_unavailable"), (Mood::Locked, "keyring_locked"), (Mood::Forgets, "keyring_unavailable")]
    {
        keyring.becomes(mood);
        assert_eq!(told(Store::add_keyring(dir, &passphrase(PASSPHRASE), keyring.as_ref(), entropy)), Err(expected));
        assert_eq!(ways(), (true, false), "{mood:?}: the home does not depend on it");
    }
    keyring.becomes(Mood::Works);
    assert_eq!(file(dir, "home.json")["format"], 1);
    assert_eq!(told(Store::add_keyring(dir, &passphrase(PASSPHRASE), keyring.as_ref(), entropy)), Ok(()));

    // With both.
    assert_eq!(ways(), (true, true));
    for unlock in [&by_keyring, &passphrase(PASSPHRASE), &recovery(&code)] {
        assert_eq!(told(Store::opens(dir, unlock)), Ok(()), "{unlock:?}");
    }
    let entry = keyring.entries();
    assert_eq!(told(Store::add_keyring(dir, &passphrase(PASSPHRASE), keyring.as_ref(), entropy)), Ok(()));
    assert_eq!(keyring.entries(), entry, "an entry that opens the home stays");
    let removed = |given: &str| Store::remove_keyring(dir, &Secret::new(given), keyring.as_ref());
    assert_eq!(removed("not the one").unwrap_err().code(), "wrong_passphrase");
    assert_eq!((ways(), keyring.entries()), ((true, true), entry.clone()), "a refusal changes nothing");
    keyring.becomes(Mood::Locked);
    assert_eq!(
        told(Store::remove_passphrase(dir, &by_keyring)),
        Err("keyring_locked"),
        "the way that remains must work"
    );
    assert_eq!(told(Store::remove_passphrase(dir, &passphrase(PASSPHRASE))), Err("keyring_needed"));
    assert_eq!(ways(), (true, true));

    // The keyring goes, first out of reach of its entry, then with it.
    assert!(!removed(PASSPHRASE).unwrap(), "the entry could not be reached");
    assert_eq!(ways(), (true, false));
    keyring.becomes(Mood::Works);
    assert!(removed(PASSPHRASE).unwrap());
    assert!(keyring.entries().is_empty());
    assert_eq!(file(dir, "home.json")["format"], 1, "an older desk reads it again");

    // Back again, and the passphrase goes.
    Store::add_keyring(dir, &recovery(&code), keyring.as_ref(), entropy).unwrap();
    Store::remove_passphrase(dir, &by_keyring).unwrap();
    assert_eq!(ways(), (false, true));
    assert_eq!(removed(PASSPHRASE).unwrap_err().code(), "last_way_in");
    assert_eq!(told(Store::opens(dir, &passphrase(PASSPHRASE))), Err("no_passphrase"));
    assert_eq!(told(Store::opens(dir, &by_keyring)), Ok(()));
    assert_eq!(told(Store::opens(dir, &recovery(&code))), Ok(()));
}

/// Ways in are changed by one desk at a time, and only where there is a real home.
#[test]
fn ways_are_changed_only_in_a_closed_real_home() {
    let keyring = FakeKeyring::new();
    let by_keyring = Arc::clone(&keyring).unlock();
    let (dir, _) = keyring_home(&keyring);
    let change = |dir: &Path| {
        [
            Store::set_passphrase(dir, &by_keyring, &Secret::new(PASSPHRASE), &mut counting_entropy()),
            Store::add_keyring(dir, &by_keyring, keyring.as_ref(), &mut counting_entropy()),
        ]
        .map(|done| done.map_err(|error| error.code()))
    };
    let open = Store::open(dir.path(), &by_keyring, Access::ReadWrite).unwrap();
    assert_eq!(change(dir.path()), [Err("home_in_use"); 2]);
    drop(open);
    assert_eq!(change(dir.path()), [Ok(()); 2]);
    let none = tempdir().unwrap();
    assert_eq!(change(none.path()), [Err("home_missing"); 2]);
    assert_eq!(fs::read_dir(none.path()).unwrap().count(), 0, "no lock file is left where there is no home");
    let sandbox = tempdir().unwrap();
    drop(crate::sandbox(sandbox.path()));
    assert_eq!(change(sandbox.path()), [Err("sandbox_takes_no_passphrase"); 2]);
    assert!(!sandbox.path().join("recovery.json").exists(), "a sandbox home has no code");
}

#[test]
fn a_home_that_does_not_come_to_be_leaves_no_entry() {
    let keyring = FakeKeyring::new();
    let create = |dir: &Path| {
        let unlock = Arc::clone(&keyring).unlock();
        Store::create(dir, HomeKind::Real, &unlock, &mut counting_entropy(), instant("2026-11-20T08:00:00Z"))
            .map(drop)
            .map_err(|error| error.code())
    };
    let parent = tempdir().unwrap();
    let in_the_way = parent.path().join("a file");
    fs::write(&in_the_way, "").unwrap();
    assert_eq!(create(&in_the_way), Err("file_failed"));
    assert!(keyring.entries().is_empty());
    for (mood, code) in [(Mood::Gone, "keyring_unavailable"), (Mood::Locked, "keyring_locked")] {
        keyring.becomes(mood);
        let dir = parent.path().join("home");
        assert_eq!(create(&dir), Err(code));
        assert!(!dir.exists(), "{mood:?}: nothing is made");
    }
}

/// A home of a desk that kept no copy for the code gets it when it is next opened for writing; a copy that is spoilt is made anew.
#[test]
fn the_copy_for_the_code_is_there_after_each_opening() {
    let dir = tempdir().unwrap();
    let code = real(dir.path());
    let copy = dir.path().join("recovery.json");
    let first = fs::read(&copy).unwrap();
    assert_eq!(file(dir.path(), "recovery.json")["key"]["wrapped"]["passphrase"], Value::Null);
    for damage in [|copy: &Path| fs::remove_file(copy).unwrap(), |copy: &Path| spoil(copy, 60)] {
        damage(&copy);
        drop(Store::open(dir.path(), &passphrase(PASSPHRASE), Access::ReadOnly).unwrap());
        assert_ne!(fs::read(&copy).ok().as_ref(), Some(&first), "a reader changes nothing");
        drop(Store::open(dir.path(), &passphrase(PASSPHRASE), Access::ReadWrite).unwrap());
        assert_eq!(fs::read(&copy).unwrap(), first);
    }
    // Both spoilt: the first of the two is what is told.
    spoil(&dir.path().join("home.json"), 60);
    spoil(&copy, 60);
    let error = Store::open(dir.path(), &recovery(&code), Access::ReadWrite).unwrap_err();
    assert_eq!(error.code(), "home_damaged");
    assert!(error.place().unwrap().ends_with("home.json"));
}

#[test]
fn debug_shows_no_entry() {
    let keyring = FakeKeyring::new();
    let (dir, code) = keyring_home(&keyring);
    let entry = keyring.entries().into_values().next().unwrap();
    let store = Store::open(dir.path(), &Arc::clone(&keyring).unlock(), Access::ReadOnly).unwrap();
    let shown = format!("{store:?} {:?} {:?}", Arc::clone(&keyring).unlock(), recovery(&code));
    assert!(!shown.contains(entry.expose()) && !shown.contains(&code), "{shown}");
    assert!(shown.contains("hidden"));
}
