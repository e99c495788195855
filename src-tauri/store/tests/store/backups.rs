//! Copies of a home: written whole or not at all, restored only as they were written, never over anything.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use desk_store::{Access, Backup, HomeKind, Secret, Store, StoreError, Unlock};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::homes::{PASSPHRASE, real};
use crate::writes::{cursor, entry, state};
use crate::{instant, sandbox};

const MADE: &str = "2026-11-21T09:30:00Z";

/// A file of the home that is not the store's own.
const BESIDE: &str = "sandbox.jsonl";

fn back_up(store: &Store, to: &Path) -> Result<Backup, StoreError> {
    store.back_up(to, instant(MADE), &[BESIDE, "exports.none"])
}

fn restore(from: &Path, to: &Path) -> Result<(Store, Backup), StoreError> {
    Store::restore(from, to, &Unlock::Nothing, &[BESIDE])
}

/// Three entries with their cursor, and one more entry that the cache has not seen.
fn filled(dir: &Path) -> Store {
    let store = sandbox(dir);
    for number in 1..=3 {
        store.write(move |tx| project(tx, number)).unwrap();
    }
    store.write(|tx| tx.journal().append(entry(4))).unwrap();
    fs::write(dir.join(BESIDE), "{\"a\":1}\n").unwrap();
    store
}

fn project(tx: &mut desk_store::Write<'_>, number: u8) -> Result<(), StoreError> {
    let appended = tx.journal().append(entry(number))?;
    tx.projected().set(&appended)?;
    tx.cursors().put(&cursor(u32::try_from(appended.seq).unwrap()))
}

/// A home, its backup, and a place to restore to.
fn backed_up() -> (TempDir, Backup) {
    let dir = tempdir().unwrap();
    let store = filled(&dir.path().join("home"));
    let backup = back_up(&store, &dir.path().join("backup")).unwrap();
    (dir, backup)
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_backup_is_encrypted_private_and_no_home() {
    let (dir, backup) = backed_up();
    let copy = dir.path().join("backup");
    assert_eq!(names(&copy), ["backup.json", "cache.db", "home.json", "journal.db", BESIDE]);
    assert_eq!((backup.made_at, backup.kind, backup.entries), (instant(MADE), HomeKind::Sandbox, 4));
    for file in ["journal.db", "cache.db"] {
        let bytes = fs::read(copy.join(file)).unwrap();
        let holds = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
        assert!(bytes.len() > 4096 && !holds(b"SQLite format 3") && !holds(b"CREATE TABLE"), "{file}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&copy), 0o700);
        for name in names(&copy) {
            assert_eq!(mode(&copy.join(&name)), 0o600, "{name}");
        }
    }
    // Two desks on one journal would each believe to be the only one.
    for access in [Access::ReadWrite, Access::ReadOnly] {
        let error = Store::open(&copy, &Unlock::Nothing, access).unwrap_err();
        assert_eq!(error.code(), "home_is_backup", "{access:?}");
        assert!(error.next().contains("home restore"), "{}", error.next());
    }
    assert_eq!(Store::discard_cache(&copy).unwrap_err().code(), "home_is_backup");
    assert_eq!(names(&copy).len(), 5, "nothing was made by looking");
}

#[test]
fn a_restored_home_is_the_one_that_was_backed_up() {
    let (dir, backup) = backed_up();
    let again = dir.path().join("deep/again");
    let (store, told) = restore(&dir.path().join("backup"), &again).unwrap();
    assert_eq!(told, backup);
    assert_eq!(state(&store), (4, 3), "what the cache had not seen, it has not seen");
    let head = store.read(|r| r.journal().verify()).unwrap().head;
    assert_eq!(head.map(|head| head.hash), backup.head);
    assert_eq!(fs::read_to_string(again.join(BESIDE)).unwrap(), "{\"a\":1}\n");
    assert!(!again.join("backup.json").exists());
    store.write(|tx| project(tx, 5)).unwrap();
    drop(store);
    let store = Store::open(&again, &Unlock::Nothing, Access::ReadWrite).unwrap();
    assert_eq!(state(&store), (5, 5));
    // A restored home is backed up as any other.
    assert_eq!(back_up(&store, &dir.path().join("second")).unwrap().entries, 5);
}

/// While one thread writes, each backup holds whole writes, and a cache that is never ahead of its journal.
#[test]
fn a_backup_is_of_one_moment() {
    let dir = tempdir().unwrap();
    let store = sandbox(&dir.path().join("home"));
    let (writer, finished) = (store.clone(), Arc::new(AtomicBool::new(false)));
    let seen = Arc::clone(&finished);
    let writing = thread::spawn(move || {
        for number in (0..=250).cycle() {
            if seen.load(Ordering::SeqCst) {
                break;
            }
            writer.write(move |tx| project_any(tx, number)).unwrap();
        }
    });
    let mut last = -1;
    for number in 0..4 {
        let copy = dir.path().join(format!("backup-{number}"));
        let backup = back_up(&store, &copy).unwrap();
        let (restored, _) = restore(&copy, &dir.path().join(format!("again-{number}"))).unwrap();
        let (entries, page) = state(&restored);
        assert_eq!(entries, backup.entries);
        assert!(entries > last && i64::from(page) <= entries, "{page} of {entries}, {last} before");
        last = entries;
    }
    finished.store(true, Ordering::SeqCst);
    writing.join().unwrap();
}

/// Ids are the journal's own here: the same number may come again.
fn project_any(tx: &mut desk_store::Write<'_>, number: u8) -> Result<(), StoreError> {
    let next = tx.journal().head()?.map_or(1, |head| head.seq + 1);
    let millis = 1_763_625_600_000 + u64::try_from(next).unwrap();
    let id = uuid::Builder::from_unix_timestamp_millis(millis, &[number; 10]).into_uuid();
    let appended = tx.journal().append(desk_store::NewEntry { id, ..entry(number) })?;
    tx.projected().set(&appended)?;
    tx.cursors().put(&cursor(u32::try_from(appended.seq).unwrap()))
}

/// What was done to a backup, and the code and place that restoring it then gives. Nothing is left where it was to go.
#[test]
fn each_change_of_a_backup_is_found() {
    type Damage = fn(&Path);
    let cases: [(&str, Damage, &str, &str); 12] = [
        ("nothing there", |dir| fs::remove_dir_all(dir).unwrap(), "backup_missing", ""),
        ("a home, no backup", |dir| fs::remove_file(dir.join("backup.json")).unwrap(), "backup_missing", ""),
        ("no journal", |dir| fs::remove_file(dir.join("journal.db")).unwrap(), "backup_damaged", "journal.db"),
        ("journal spoilt", |dir| spoil(&dir.join("journal.db")), "backup_damaged", "journal.db"),
        ("cache spoilt", |dir| spoil(&dir.join("cache.db")), "backup_damaged", "cache.db"),
        ("home.json spoilt", |dir| spoil(&dir.join("home.json")), "backup_damaged", "home.json"),
        ("journal cut", |dir| cut(&dir.join("journal.db")), "backup_damaged", "journal.db"),
        ("list not JSON", |dir| fs::write(dir.join("backup.json"), "{").unwrap(), "backup_damaged", "backup.json"),
        ("list of a later desk", |dir| edit(dir, |list| list["format"] = json!(2)), "backup_newer", "backup.json"),
        (
            "list names another folder",
            |dir| edit(dir, |list| list["files"][0]["name"] = json!("../outside")),
            "backup_damaged",
            "backup.json",
        ),
        (
            "list lacks the journal",
            |dir| edit(dir, |list| list["files"].as_array_mut().unwrap().retain(|file| file["name"] != "journal.db")),
            "backup_damaged",
            "backup.json",
        ),
        (
            "another journal, and the list says so",
            |dir| edit(dir, |list| list["entries"] = json!(3)),
            "backup_damaged",
            "journal.db",
        ),
    ];
    for (name, damage, code, place) in cases {
        let (dir, _) = backed_up();
        let (copy, again) = (dir.path().join("backup"), dir.path().join("again"));
        damage(&copy);
        let error = restore(&copy, &again).map(drop).expect_err(name);
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(error.place().is_some_and(|found| found.ends_with(place)), "{name}: {:?}", error.place());
        assert!(!error.next().is_empty());
        assert!(!again.exists(), "{name}: {:?}", names(&again));
        assert!(!dir.path().join("outside").exists(), "{name}");
    }
}

fn spoil(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn cut(path: &Path) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() - 4096]).unwrap();
}

fn edit(dir: &Path, change: impl FnOnce(&mut Value)) {
    let path = dir.join("backup.json");
    let mut list: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut list);
    fs::write(path, list.to_string()).unwrap();
}

#[test]
fn nothing_is_written_over() {
    let (dir, _) = backed_up();
    let path = |name: &str| dir.path().join(name);
    fs::create_dir(path("empty")).unwrap();
    fs::create_dir(path("used")).unwrap();
    fs::write(path("used/a letter"), "kept").unwrap();
    fs::write(path("file"), "kept").unwrap();
    let store = Store::open(&path("home"), &Unlock::Nothing, Access::ReadWrite).unwrap();
    for (to, code) in [
        ("home", "folder_not_empty"),
        ("backup", "folder_not_empty"),
        ("used", "folder_not_empty"),
        ("file", "file_failed"),
    ] {
        let before = fs::metadata(path(to)).unwrap().is_dir().then(|| names(&path(to)));
        assert_eq!(back_up(&store, &path(to)).unwrap_err().code(), code, "back up to {to}");
        assert_eq!(restore(&path("backup"), &path(to)).map(drop).unwrap_err().code(), code, "restore to {to}");
        if let Some(before) = before {
            assert_eq!(names(&path(to)), before, "{to}");
        }
    }
    assert_eq!(fs::read_to_string(path("used/a letter")).unwrap(), "kept");
    back_up(&store, &path("empty")).unwrap();
    drop(store);
    drop(restore(&path("empty"), &path("new")).unwrap());
}

/// One test for the ways in, because each derivation costs what it is meant to cost.
#[test]
fn a_backup_of_a_real_home_opens_as_the_home_does() {
    let dir = tempdir().unwrap();
    let home = dir.path().join("home");
    let code = real(&home);
    let passphrase = |text: &str| Unlock::Passphrase(Secret::new(text));
    let store = Store::open(&home, &passphrase(PASSPHRASE), Access::ReadOnly).unwrap();
    let copy = dir.path().join("backup");
    // A desk that only reads makes one too.
    back_up(&store, &copy).unwrap();
    assert_eq!(names(&copy), ["backup.json", "cache.db", "home.json", "journal.db", "recovery.json"]);
    let again = dir.path().join("again");
    let wrong = Store::restore(&copy, &again, &passphrase("another one"), &[]).map(drop).unwrap_err();
    assert_eq!((wrong.code(), again.exists()), ("wrong_passphrase", false));
    let (restored, _) = Store::restore(&copy, &again, &Unlock::RecoveryCode(Secret::new(code)), &[]).unwrap();
    drop(restored);
    drop(Store::open(&again, &passphrase(PASSPHRASE), Access::ReadWrite).unwrap());
    // The ways into a backup are those of its day; changing them would be a change of the backup.
    let changed = Store::set_passphrase(
        &copy,
        &passphrase(PASSPHRASE),
        &Secret::new("a new passphrase"),
        &mut crate::counting_entropy(),
    );
    assert_eq!(changed.unwrap_err().code(), "home_is_backup");
}
