//! A disk that is full and one that cannot be written, as they are: a small file system of its own, mounted by a process that keeps it
//! to itself. Where the system lets nobody do that, it is said; the same errors are tried without a disk in the store's own tests.

#![cfg(target_os = "linux")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use desk_store::{Access, HomeKind, NewEntry, Store, StoreError, Unlock};
use serde_json::json;
use tempfile::tempdir;

use crate::writes::{cursor, entry, state};
use crate::{counting_entropy, instant, sandbox};

/// Set in the process that has the file system: where it is mounted.
const MOUNTED: &str = "DESK_STORE_MOUNTED";

/// Room for a home of a few hundred entries.
const SIZE: &str = "2m";

/// Runs a test again in a process of its own, in a mount namespace of its own, with a small file system at a folder. `None` when the
/// system lets nobody make one.
fn mounted(test: &str, dir: &Path) -> Option<Output> {
    let mount = format!("mount -t tmpfs -o size={SIZE},mode=700 tmpfs \"${MOUNTED}\"");
    let unshared = |script: &str, words: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]).args(words);
        command.env(MOUNTED, dir).output()
    };
    if !unshared(&mount, &[]).is_ok_and(|tried| tried.status.success()) {
        // Past the test's own output, which is shown only when it fails.
        let _ = writeln!(std::io::stderr(), "NOT CHECKED: {test}: this system lets nobody mount a file system");
        return None;
    }
    let program = std::env::current_exe().unwrap();
    let words = [program.to_str().unwrap(), "--exact", test, "--nocapture"];
    Some(unshared(&format!("{mount} && exec \"$@\""), &words).unwrap())
}

/// The folder of the small file system, in the process that has it. Elsewhere that process is made, and must end well.
fn in_small_disk(test: &str) -> Option<PathBuf> {
    if let Some(dir) = std::env::var_os(MOUNTED) {
        return Some(PathBuf::from(dir));
    }
    let dir = tempdir().unwrap();
    let output = mounted(test, dir.path())?;
    let told = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&told));
    None
}

/// A write with a body that takes room, in both files.
fn fill(store: &Store, number: u32) -> Result<(), StoreError> {
    store.write(move |tx| {
        let millis = 1_763_625_600_000 + u64::from(number);
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &[1; 10]).into_uuid();
        let body = json!({ "text": "x".repeat(20_000) });
        let appended = tx.journal().append(NewEntry { id, body, ..entry(1) })?;
        tx.projected().set(&appended)?;
        tx.cursors().put(&cursor(u32::try_from(appended.seq).unwrap()))
    })
}

fn ballast(dir: &Path) -> PathBuf {
    dir.join("ballast")
}

/// Takes all room that is left but so many bytes.
fn take_all_but(dir: &Path, left: usize) {
    let path = ballast(dir);
    let mut file = fs::File::create(&path).unwrap();
    let portion = vec![0_u8; 4096];
    while file.write_all(&portion).is_ok() {}
    let taken = file.metadata().unwrap().len();
    file.set_len(taken.saturating_sub(left as u64)).unwrap();
}

#[test]
fn a_full_disk_loses_nothing_and_says_so() {
    let Some(disk) = in_small_disk("full_disks::a_full_disk_loses_nothing_and_says_so") else { return };
    let home = disk.join("home");
    let store = sandbox(&home);
    take_all_but(&disk, 400_000);
    let mut written = 0;
    let error = loop {
        match fill(&store, written) {
            Ok(()) => written += 1,
            Err(error) => break error,
        }
        assert!(written < 1000, "the disk is never full");
    };
    assert!(written > 0, "nothing was written at all");
    assert_eq!(error.code(), "disk_full", "{error}");
    assert!(error.place().is_some_and(|place| place.ends_with(".db")), "{:?}", error.place());
    assert!(error.next().starts_with("Free some space"), "{}", error.next());
    // What was told as written is there, nothing else is, and it can be read.
    let check = |store: &Store, written: u32| {
        assert_eq!(state(store), (i64::from(written), written));
        assert_eq!(store.read(|r| r.journal().verify()).unwrap().entries, i64::from(written));
    };
    check(&store, written);
    assert_eq!(fill(&store, written).unwrap_err().code(), "disk_full", "and again");
    // A backup that does not fit is not there.
    let refused = store.back_up(&disk.join("backup"), instant("2026-11-21T09:30:00Z"), &[]).unwrap_err();
    assert_eq!((refused.code(), disk.join("backup").exists()), ("disk_full", false));
    // A process that ends now, and the next one, find the same.
    drop(store);
    let store = Store::open(&home, &Unlock::Nothing, Access::ReadOnly).unwrap();
    check(&store, written);
    drop(store);
    // With room again it goes on.
    fs::remove_file(ballast(&disk)).unwrap();
    let store = Store::open(&home, &Unlock::Nothing, Access::ReadWrite).unwrap();
    check(&store, written);
    fill(&store, written).unwrap();
    check(&store, written + 1);
}

/// However little room there is, a home comes to be or does not, and with more room it can be made in the same folder.
#[test]
fn a_home_is_made_whole_or_not_at_all() {
    let Some(disk) = in_small_disk("full_disks::a_home_is_made_whole_or_not_at_all") else { return };
    let create = |dir: &Path| {
        let now = instant("2026-11-20T08:00:00Z");
        Store::create(dir, HomeKind::Sandbox, &Unlock::Nothing, &mut counting_entropy(), now).map(drop)
    };
    let (mut made, mut refused) = (0, 0);
    for room in (0..60).map(|step| step * 16_384) {
        let home = disk.join(format!("home-{room}"));
        take_all_but(&disk, room);
        match create(&home) {
            Ok(()) => made += 1,
            Err(error) => {
                refused += 1;
                assert_eq!(error.code(), "disk_full", "{room} bytes: {error:?}");
                assert!(!Store::exists(&home), "{room} bytes");
            }
        }
        fs::remove_file(ballast(&disk)).unwrap();
        if !Store::exists(&home) {
            create(&home).unwrap_or_else(|error| panic!("after {room} bytes: {error}"));
        }
        drop(Store::open(&home, &Unlock::Nothing, Access::ReadWrite).unwrap());
        fs::remove_dir_all(&home).unwrap();
    }
    assert!(made > 0 && refused > 0, "{made} made, {refused} refused");
}

#[test]
fn a_home_that_cannot_be_written_is_read_or_told() {
    let Some(disk) = in_small_disk("full_disks::a_home_that_cannot_be_written_is_read_or_told") else { return };
    let home = disk.join("home");
    let store = sandbox(&home);
    fill(&store, 1).unwrap();
    // A copy of the open home: its write stands in the log only.
    let copy = disk.join("copy");
    fs::create_dir(&copy).unwrap();
    for name in ["home.json", "journal.db", "journal.db-wal", "cache.db", "cache.db-wal"] {
        fs::copy(home.join(name), copy.join(name)).unwrap();
    }
    drop(store);
    let remounted = Command::new("mount").args(["-o", "remount,ro"]).arg(&disk).status().unwrap();
    assert!(remounted.success() && fs::write(disk.join("x"), "").is_err(), "the disk can still be written");

    let error = Store::open(&home, &Unlock::Nothing, Access::ReadWrite).unwrap_err();
    assert_eq!(error.code(), "file_failed", "{error}");
    assert!(error.place().is_some_and(|place| place.ends_with("desk.lock")), "{:?}", error.place());
    assert!(error.next().contains("you may write to it"), "{}", error.next());
    let read = Store::open(&home, &Unlock::Nothing, Access::ReadOnly).unwrap();
    assert_eq!(state(&read), (1, 1));
    assert_eq!(read.write(|tx| tx.settings().set("a", "b")).unwrap_err().code(), "read_only");

    // Reading it without its log would show what was before; it is told instead.
    let error = Store::open(&copy, &Unlock::Nothing, Access::ReadOnly).unwrap_err();
    assert_eq!((error.code(), error.place().as_deref()), ("database_shut", Some("journal.db")), "{error}");
    assert!(error.next().contains("you may write"), "{}", error.next());
}
