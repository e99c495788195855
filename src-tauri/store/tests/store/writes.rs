//! What a write promises: all or nothing in both files, one after another, and snapshots for readers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use desk_store::{Cursor, NewEntry, Store, StoreError};
use serde_json::json;
use tempfile::tempdir;
use uuid::Uuid;

use crate::{instant, sandbox};

pub fn entry(number: u8) -> NewEntry {
    NewEntry {
        id: uuid::Builder::from_unix_timestamp_millis(1_763_625_600_000, &[number; 10]).into_uuid(),
        at: instant("2026-11-20T08:00:00Z"),
        kind: "tested".to_owned(),
        customer: None,
        subject: None,
        body: json!({"number": number}),
    }
}

pub fn cursor(next_page: u32) -> Cursor {
    Cursor {
        customer: "c1".to_owned(),
        phase: "orders".to_owned(),
        window_from: Some(instant("2026-11-01T00:00:00Z")),
        window_to: None,
        next_page,
        done: false,
        pass: 7,
        range_from: None,
        range_to: None,
        skip_from: None,
        skip_to: None,
    }
}

/// (entries in the journal, next page in the cache)
pub fn state(store: &Store) -> (i64, u32) {
    store
        .read(|r| {
            let entries = r.journal().head()?.map_or(0, |head| head.seq);
            Ok::<_, StoreError>((entries, r.cursors().get("c1", "orders")?.map_or(0, |cursor| cursor.next_page)))
        })
        .unwrap()
}

#[derive(Debug)]
enum OwnError {
    Store(#[expect(dead_code, reason = "shown by Debug when a test fails")] StoreError),
    Changed,
}

impl From<StoreError> for OwnError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[test]
fn an_error_rolls_back_both_files() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    store.write(|tx| tx.journal().append(entry(1)).and_then(|_| tx.cursors().put(&cursor(1)))).unwrap();
    assert_eq!(state(&store), (1, 1));

    let failed = store.write(|tx| {
        tx.journal().append(entry(2))?;
        tx.cursors().put(&cursor(2))?;
        // The write sees its own work.
        assert_eq!(tx.journal().head()?.unwrap().seq, 2);
        Err::<(), _>(OwnError::Changed)
    });
    assert!(matches!(failed, Err(OwnError::Changed)));
    assert_eq!(state(&store), (1, 1));
    store.write(|tx| tx.journal().append(entry(2))).unwrap();
    assert_eq!(state(&store), (2, 1));
}

#[test]
fn a_panic_rolls_back_both_files_and_the_writer_lives_on() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    let panicking = store.clone();
    let outcome = thread::spawn(move || {
        panicking.write(|tx| {
            tx.journal().append(entry(1))?;
            tx.cursors().put(&cursor(1))?;
            if tx.journal().head()?.is_some() {
                panic!("meant to");
            }
            Ok::<_, StoreError>(())
        })
    })
    .join();
    assert_eq!(*outcome.unwrap_err().downcast::<&str>().unwrap(), "meant to");
    assert_eq!(state(&store), (0, 0));
    store.write(|tx| tx.journal().append(entry(1))).unwrap();
    assert_eq!(state(&store), (1, 0));
}

#[test]
fn a_write_inside_a_write_is_refused_instead_of_waiting_for_ever() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    let inner = store.clone();
    let outcome = store.write(move |_| inner.write(|tx| tx.settings().set("a", "b")));
    assert_eq!(outcome.unwrap_err().code(), "nested_write");
}

#[test]
fn the_last_clone_may_go_on_the_writer_thread() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    let inside = store.clone();
    let started = Arc::new(Barrier::new(2));
    let wait = Arc::clone(&started);
    let caller = thread::spawn(move || {
        let held = store.clone();
        drop(store);
        held.write(move |tx| {
            wait.wait();
            drop(inside);
            tx.settings().set("a", "b")
        })
    });
    started.wait();
    caller.join().unwrap().unwrap();
    // Freed: it can be opened for writing again.
    let again = Store::open(dir.path(), &desk_store::Unlock::Nothing, desk_store::Access::ReadWrite).unwrap();
    assert_eq!(again.read(|r| r.settings().get("a")).unwrap().as_deref(), Some("b"));
}

/// Each write adds one entry and moves the cursor to its number, so in every snapshot the cursor is at most the journal's head,
/// and never behind by more than the write that is being committed.
#[test]
fn readers_see_snapshots_in_which_the_cache_is_never_ahead() {
    const WRITES: u8 = 60;
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    let finished = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..6)
        .map(|_| {
            let (store, finished) = (store.clone(), Arc::clone(&finished));
            thread::spawn(move || {
                let mut seen = 0;
                while !finished.load(Ordering::SeqCst) {
                    let (entries, page) = state(&store);
                    assert!(i64::from(page) <= entries, "cache {page} ahead of journal {entries}");
                    seen += 1;
                }
                seen
            })
        })
        .collect();
    let writers: Vec<_> = (0..2_u8)
        .map(|writer| {
            let store = store.clone();
            thread::spawn(move || {
                for number in 0..WRITES / 2 {
                    store
                        .write(move |tx| {
                            let appended = tx.journal().append(entry(writer * (WRITES / 2) + number))?;
                            tx.projected().set(&appended)?;
                            tx.cursors().put(&cursor(u32::try_from(appended.seq).unwrap()))
                        })
                        .unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    finished.store(true, Ordering::SeqCst);
    for reader in readers {
        assert!(reader.join().unwrap() > 0);
    }
    assert_eq!(state(&store), (i64::from(WRITES), u32::from(WRITES)));
    let verified = store.read(|r| r.journal().verify()).unwrap();
    assert_eq!(verified.entries, i64::from(WRITES));
    assert_eq!(store.read(|r| r.projected().get()).unwrap(), verified.head);
}

#[test]
fn one_snapshot_for_a_whole_read() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    let writer = store.clone();
    store
        .read(|r| {
            assert!(r.journal().head()?.is_none());
            writer.write(|tx| tx.journal().append(entry(1)))?;
            assert!(r.journal().head()?.is_none(), "the snapshot stands still");
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert_eq!(state(&store).0, 1);
}

#[test]
fn ids_are_time_ordered_uuids() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    let refused =
        |id: Uuid| store.write(move |tx| tx.journal().append(NewEntry { id, ..entry(1) })).unwrap_err().code();
    assert_eq!(refused(Uuid::nil()), "entry_refused");
    assert_eq!(refused(Uuid::parse_str("936da01f-9abd-4d9d-80c7-02af85c822a8").unwrap()), "entry_refused");
}
