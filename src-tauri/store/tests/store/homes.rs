//! Making, opening, locking and losing homes.

use std::fs;
use std::path::Path;

use desk_store::{Access, HomeKind, Secret, Store, StoreError, Unlock};
use tempfile::tempdir;

use crate::fake_keyring::FakeKeyring;
use crate::{counting_entropy, instant, past_the_store, sandbox};

pub const PASSPHRASE: &str = "穏やかな horse battery";

pub fn real(dir: &Path) -> String {
    let unlock = Unlock::Passphrase(Secret::new(PASSPHRASE));
    let (_, code) =
        Store::create(dir, HomeKind::Real, &unlock, &mut counting_entropy(), instant("2026-11-20T08:00:00Z")).unwrap();
    code.unwrap().printed().to_string()
}

fn open(dir: &Path, unlock: Unlock) -> Result<Store, StoreError> {
    Store::open(dir, &unlock, Access::ReadWrite)
}

fn set(store: &Store, key: &'static str, value: &'static str) {
    store.write(move |tx| tx.settings().set(key, value)).unwrap();
}

fn setting(store: &Store, key: &'static str) -> Option<String> {
    store.read(|r| r.settings().get(key)).unwrap()
}

#[test]
fn a_sandbox_home_opens_again_and_asks_nothing() {
    let dir = tempdir().unwrap();
    let home = dir.path().join("deep/home");
    assert!(!Store::exists(&home));
    let store = sandbox(&home);
    assert!(Store::exists(&home));
    set(&store, "language", "zh");
    let device = store.device().to_owned();
    assert_eq!(uuid::Uuid::parse_str(&device).unwrap().get_version_num(), 4);
    drop(store);

    let facts = Store::facts_of(&home).unwrap();
    assert_eq!((facts.kind, facts.locked, facts.device.as_str()), (HomeKind::Sandbox, false, device.as_str()));
    let again = open(&home, Unlock::Nothing).unwrap();
    assert_eq!((again.kind(), again.access(), again.device()), (HomeKind::Sandbox, Access::ReadWrite, device.as_str()));
    assert_eq!(setting(&again, "language").as_deref(), Some("zh"));
}

/// One test for all ways into a real home, because each derivation costs what it is meant to cost.
#[test]
fn a_real_home_opens_by_passphrase_or_recovery_code_only() {
    let dir = tempdir().unwrap();
    let printed = real(dir.path());
    assert_eq!(printed.len(), 8 * 4 + 7);
    assert!(Store::facts_of(dir.path()).unwrap().locked);
    let text = fs::read_to_string(dir.path().join("home.json")).unwrap();
    assert!(!text.contains("clear") && !text.contains(&printed));

    let code = |unlock| open(dir.path(), unlock).map(drop).map_err(|error| error.code());
    let recovery = |text: String| Unlock::RecoveryCode(Secret::new(text));
    assert_eq!(code(Unlock::Nothing), Err("passphrase_needed"));
    assert_eq!(code(Unlock::Passphrase(Secret::new(format!("{PASSPHRASE} ")))), Err("wrong_passphrase"));
    assert_eq!(code(Unlock::Passphrase(Secret::new(PASSPHRASE))), Ok(()));
    assert_eq!(code(recovery(printed.clone())), Ok(()));
    assert_eq!(code(recovery(printed.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l"))), Ok(()));
    assert_eq!(code(recovery(printed[..38].to_owned())), Err("recovery_code_mistyped"));
    assert_eq!(code(recovery(format!("{printed}0"))), Err("recovery_code_mistyped"));
    // Every single wrong letter is told as such.
    for place in printed.char_indices().filter(|(_, letter)| *letter != '-').map(|(place, _)| place) {
        let mut typed = printed.clone();
        typed.replace_range(place..=place, if &printed[place..=place] == "7" { "8" } else { "7" });
        assert_eq!(code(recovery(typed)), Err("recovery_code_mistyped"), "letter {place}");
    }
    // The code of another home is a good code, but not this home's.
    let other = tempdir().unwrap();
    let mut later = counting_entropy();
    later(&mut [0; 7]);
    let unlock = Unlock::Passphrase(Secret::new(PASSPHRASE));
    let (_, other_code) =
        Store::create(other.path(), HomeKind::Real, &unlock, &mut later, instant("2026-11-20T08:00:00Z")).unwrap();
    assert_eq!(code(recovery(other_code.unwrap().printed().to_string())), Err("wrong_recovery_code"));

    // A forgotten passphrase is replaced with the code's help, and the code stays good.
    Store::set_passphrase(dir.path(), &recovery(printed.clone()), &Secret::new("another long one"), &mut later)
        .unwrap();
    assert_eq!(code(Unlock::Passphrase(Secret::new(PASSPHRASE))), Err("wrong_passphrase"));
    assert_eq!(code(Unlock::Passphrase(Secret::new("another long one"))), Ok(()));
    assert_eq!(code(recovery(printed)), Ok(()));
}

#[test]
fn what_a_home_is_made_with_is_checked() {
    let cases = [
        (HomeKind::Sandbox, Unlock::Passphrase(Secret::new(PASSPHRASE)), "sandbox_takes_no_passphrase"),
        (HomeKind::Real, Unlock::Nothing, "passphrase_needed"),
        (HomeKind::Real, Unlock::RecoveryCode(Secret::new("0000")), "passphrase_needed"),
        (HomeKind::Sandbox, FakeKeyring::new().unlock(), "sandbox_takes_no_passphrase"),
        (HomeKind::Real, FakeKeyring::new().unlock(), ""),
        (HomeKind::Real, Unlock::Passphrase(Secret::new("七 letters")), ""),
        (HomeKind::Real, Unlock::Passphrase(Secret::new("七lettrs")), "passphrase_too_short"),
    ];
    for (kind, unlock, expect) in cases {
        let dir = tempdir().unwrap();
        let made = Store::create(dir.path(), kind, &unlock, &mut counting_entropy(), instant("2026-11-20T08:00:00Z"));
        assert_eq!(made.err().map_or("", |error| error.code()), expect, "{kind:?} {unlock:?}");
        assert_eq!(Store::exists(dir.path()), expect.is_empty());
    }
}

#[test]
fn a_home_is_never_made_over_another() {
    let create = |dir: &Path| {
        Store::create(
            dir,
            HomeKind::Sandbox,
            &Unlock::Nothing,
            &mut counting_entropy(),
            instant("2026-11-20T08:00:00Z"),
        )
        .map(drop)
        .map_err(|error| error.code())
    };
    let dir = tempdir().unwrap();
    drop(sandbox(dir.path()));
    assert_eq!(create(dir.path()), Err("home_exists"));
    fs::remove_file(dir.path().join("home.json")).unwrap();
    assert_eq!(create(dir.path()), Err("home_file_missing"));
    let file = dir.path().join("a file");
    fs::write(&file, "").unwrap();
    assert_eq!(create(&file), Err("file_failed"));
}

/// What was done to a closed sandbox home, and the code and place that opening it then gives.
#[test]
fn each_damage_has_its_own_error() {
    type Damage = fn(&Path);
    let cases: [(&str, Damage, &str, &str); 13] = [
        ("no home.json", |dir| fs::remove_file(dir.join("home.json")).unwrap(), "home_file_missing", ""),
        ("nothing at all", |dir| fs::remove_dir_all(dir).unwrap(), "home_missing", ""),
        ("home.json cut", |dir| cut(&dir.join("home.json"), 40), "home_damaged", "home.json"),
        (
            "home.json not text",
            |dir| fs::write(dir.join("home.json"), [0xff, 0xfe]).unwrap(),
            "home_damaged",
            "home.json",
        ),
        (
            "home.json edited",
            |dir| edit(&dir.join("home.json"), "\"sandbox\"", "\"real\""),
            "home_damaged",
            "home.json",
        ),
        (
            "home.json of a later desk",
            |dir| edit(&dir.join("home.json"), "\"format\": 1", "\"format\": 3"),
            "home_newer",
            "home.json",
        ),
        ("no journal", |dir| fs::remove_file(dir.join("journal.db")).unwrap(), "database_missing", "journal.db"),
        ("journal emptied", |dir| fs::write(dir.join("journal.db"), "").unwrap(), "database_damaged", "journal.db"),
        ("journal's first page spoilt", |dir| spoil(&dir.join("journal.db"), 100), "database_damaged", "journal.db"),
        (
            "journal's second page spoilt",
            |dir| spoil(&dir.join("journal.db"), 4096 + 100),
            "database_damaged",
            "journal.db",
        ),
        ("another home's journal", |dir| plain_database(&dir.join("journal.db")), "database_damaged", "journal.db"),
        ("cache's first page spoilt", |dir| spoil(&dir.join("cache.db"), 100), "database_damaged", "cache.db"),
        ("cache's second page spoilt", |dir| spoil(&dir.join("cache.db"), 4096 + 100), "database_damaged", "cache.db"),
    ];
    for (name, damage, code, place) in cases {
        let dir = tempdir().unwrap();
        let home = dir.path().join("home");
        let store = sandbox(&home);
        set(&store, "kept", "yes");
        drop(store);
        damage(&home);
        for access in [Access::ReadWrite, Access::ReadOnly] {
            let error = Store::open(&home, &Unlock::Nothing, access)
                .and_then(|store| store.read(|r| r.resources().list("any")))
                .expect_err(name);
            assert_eq!(error.code(), code, "{name}, {access:?}: {error}");
            assert!(error.place().is_some_and(|found| found.contains(place)), "{name}: {:?}", error.place());
            assert!(!error.next().is_empty());
        }
    }
}

fn cut(path: &Path, length: usize) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..length]).unwrap();
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn spoil(path: &Path, offset: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[offset] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn plain_database(path: &Path) {
    fs::remove_file(path).unwrap();
    rusqlite::Connection::open(path).unwrap().execute_batch("CREATE TABLE entry (seq INTEGER)").unwrap();
}

#[test]
fn a_discarded_cache_comes_back_empty_and_the_journal_stays() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    set(&store, "kept", "yes");
    assert_eq!(Store::discard_cache(dir.path()).unwrap_err().code(), "home_in_use");
    drop(store);
    spoil(&dir.path().join("cache.db"), 100);
    assert_eq!(open(dir.path(), Unlock::Nothing).unwrap_err().code(), "database_damaged");
    Store::discard_cache(dir.path()).unwrap();
    assert_eq!(Store::open(dir.path(), &Unlock::Nothing, Access::ReadOnly).unwrap_err().code(), "database_missing");
    let again = open(dir.path(), Unlock::Nothing).unwrap();
    assert_eq!(setting(&again, "kept").as_deref(), Some("yes"));
    assert!(again.read(|r| r.projected().get()).unwrap().is_none());
}

#[test]
fn one_desk_writes_and_others_may_read() {
    let dir = tempdir().unwrap();
    let writer = sandbox(dir.path());
    let second = open(dir.path(), Unlock::Nothing).unwrap_err();
    assert_eq!(second.code(), "home_in_use");
    assert!(second.place().unwrap().ends_with("desk.lock"));

    let reader = Store::open(dir.path(), &Unlock::Nothing, Access::ReadOnly).unwrap();
    set(&writer, "seen", "at once");
    assert_eq!(setting(&reader, "seen").as_deref(), Some("at once"));
    let refused: StoreError = reader.write(|tx| tx.settings().set("a", "b")).unwrap_err();
    assert_eq!(refused.code(), "read_only");

    let clone = writer.clone();
    drop(writer);
    assert_eq!(open(dir.path(), Unlock::Nothing).unwrap_err().code(), "home_in_use", "a clone still holds it");
    drop(clone);
    drop(open(dir.path(), Unlock::Nothing).unwrap());
    // Alone, a reader works too: nothing is left behind that only a writer could clean up.
    let alone = Store::open(dir.path(), &Unlock::Nothing, Access::ReadOnly).unwrap();
    assert_eq!(setting(&alone, "seen").as_deref(), Some("at once"));
}

#[test]
fn files_are_encrypted_and_private() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    set(&store, "word-to-look-for", "another-word-to-look-for");
    let mut seen = 0;
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let holds = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
        assert!(!holds(b"SQLite format 3"), "{path:?}");
        assert!(!holds(b"word-to-look-for"), "{path:?}");
        assert!(!holds(b"CREATE TABLE"), "{path:?}");
        if path.extension().is_some_and(|ending| ending == "db" || ending == "db-wal") {
            seen += usize::from(!bytes.is_empty());
        }
        #[cfg(unix)]
        assert_eq!(mode(&path), 0o600, "{path:?}");
    }
    assert!(seen >= 3, "both databases and the journal's log hold something");
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// What the folder was before, what it becomes when a home is made in it.
#[cfg(unix)]
#[test]
fn the_folder_is_private_unless_others_use_it_too() {
    use std::os::unix::fs::PermissionsExt as _;
    for (name, exists, used, expect) in
        [("new", false, false, 0o700), ("empty", true, false, 0o700), ("in use", true, true, 0o755)]
    {
        let parent = tempdir().unwrap();
        let home = parent.path().join("home");
        if exists {
            fs::create_dir(&home).unwrap();
            fs::set_permissions(&home, fs::Permissions::from_mode(0o755)).unwrap();
        }
        if used {
            fs::write(home.join("a letter"), "").unwrap();
        }
        real(&home);
        assert_eq!(mode(&home), expect, "{name}");
        for file in ["home.json", "recovery.json", "journal.db", "cache.db", "desk.lock"] {
            assert_eq!(mode(&home.join(file)), 0o600, "{name}: {file}");
        }
    }
}

#[test]
fn a_newer_database_is_refused_with_a_sentence() {
    for file in ["journal.db", "cache.db"] {
        let dir = tempdir().unwrap();
        drop(sandbox(dir.path()));
        let conn = past_the_store(dir.path(), file);
        let known: u32 = conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        conn.execute_batch("PRAGMA user_version = 900; UPDATE schema SET usable_from = 1").unwrap();
        drop(open(dir.path(), Unlock::Nothing).expect("newer, but usable by older desks"));
        conn.execute_batch("UPDATE schema SET usable_from = 900").unwrap();
        drop(conn);
        for access in [Access::ReadWrite, Access::ReadOnly] {
            let error = Store::open(dir.path(), &Unlock::Nothing, access).unwrap_err();
            assert_eq!((error.code(), error.place().as_deref()), ("database_newer", Some(file)));
            assert_eq!(
                error.to_string(),
                format!("{file} was written by a newer desk (schema 900; this desk knows {known})")
            );
        }
    }
}

#[test]
fn debug_never_prints_keys() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    let home: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(dir.path().join("home.json")).unwrap()).unwrap();
    let key = home["key"]["clear"].as_str().unwrap();
    assert_eq!(key.len(), 64);
    let shown = format!("{store:?} {:?} {:?}", store.facts(), Unlock::Passphrase(Secret::new(PASSPHRASE)));
    assert!(!shown.contains(key) && !shown.contains(PASSPHRASE), "{shown}");
    assert!(shown.contains("Secret(hidden)"));
}
