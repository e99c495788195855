//! Every state in which a kill or a lost current can leave the two files, replayed from copies of them.
//!
//! A commit is a run of frames at the end of a file's log, the last of which says so. Whatever a stopped process had written of
//! it, the log on the disk is some beginning of the whole log. So each beginning of the journal's log is put beside each beginning of
//! the cache's, and the home is opened.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use desk_store::{Access, Store, StoreError, Unlock, Write};
use tempfile::tempdir;

use crate::sandbox;
use crate::writes::{cursor, entry, state};

/// Writes after the home was made.
const WRITES: u8 = 3;

/// The head of a log, and that of each of its frames (SQLite's file format, section 4.1).
const LOG_HEAD: usize = 32;
const FRAME_HEAD: usize = 24;
const PAGE: usize = 4096;

fn project(tx: &mut Write<'_>, number: u8) -> Result<(), StoreError> {
    let appended = tx.journal().append(entry(number))?;
    tx.projected().set(&appended)?;
    tx.cursors().put(&cursor(u32::try_from(appended.seq).unwrap()))
}

/// As the desk does at its start: what the journal has and the cache does not is done again.
fn replay(tx: &mut Write<'_>) -> Result<i64, StoreError> {
    let from = tx.projected().get()?.map_or(0, |mark| mark.seq);
    let entries = tx.journal().after(from, 100)?;
    for entry in &entries {
        tx.projected().set(entry)?;
        tx.cursors().put(&cursor(u32::try_from(entry.seq).unwrap()))?;
    }
    Ok(i64::try_from(entries.len()).unwrap())
}

/// The lengths at which a log is cut: nothing of it, and after each frame; at each commit besides inside the frame that follows.
fn cuts(log: &[u8]) -> Vec<usize> {
    assert!(log.len() > LOG_HEAD && (log.len() - LOG_HEAD).is_multiple_of(FRAME_HEAD + PAGE), "{}", log.len());
    let mut cuts = vec![0, LOG_HEAD / 2];
    for begin in (LOG_HEAD..log.len()).step_by(FRAME_HEAD + PAGE) {
        cuts.push(begin);
        let commits = log[begin + 4..begin + 8] != [0; 4];
        if commits {
            cuts.push(begin + FRAME_HEAD + PAGE / 2);
        }
    }
    cuts.push(log.len());
    cuts
}

/// How many commits a beginning of a log holds.
fn commits(log: &[u8]) -> usize {
    let frames = log.get(LOG_HEAD..).unwrap_or_default().chunks_exact(FRAME_HEAD + PAGE);
    frames.filter(|frame| frame[4..8] != [0; 4]).count()
}

/// The files of a home whose writes stand in the logs, as they are while it is open. SQLite reads a log by itself: what it keeps in
/// shared memory is made anew.
fn files_of_an_open_home() -> BTreeMap<&'static str, Vec<u8>> {
    let dir = tempdir().unwrap();
    drop(sandbox(dir.path()));
    let store = Store::open(dir.path(), &Unlock::Nothing, Access::ReadWrite).unwrap();
    for number in 1..=WRITES {
        store.write(move |tx| project(tx, number)).unwrap();
    }
    let names = ["home.json", "journal.db", "journal.db-wal", "cache.db", "cache.db-wal"];
    let files = names.map(|name| (name, fs::read(dir.path().join(name)).unwrap()));
    drop(store);
    BTreeMap::from(files)
}

fn lay_out(dir: &Path, files: &BTreeMap<&str, Vec<u8>>, journal: usize, cache: usize) {
    for (name, bytes) in files {
        let kept = match *name {
            "journal.db-wal" => &bytes[..journal],
            "cache.db-wal" => &bytes[..cache],
            _ => bytes,
        };
        fs::write(dir.join(name), kept).unwrap();
    }
}

#[test]
fn every_state_that_a_kill_can_leave_opens_to_whole_writes() {
    let files = files_of_an_open_home();
    let (journal, cache) = (&files["journal.db-wal"], &files["cache.db-wal"]);
    assert_eq!((commits(journal), commits(cache)), (usize::from(WRITES), usize::from(WRITES)));
    let mut seen = BTreeMap::new();
    for journal_cut in cuts(journal) {
        let entries = commits(&journal[..journal_cut]);
        // A journal is committed before its cache: no kill leaves the cache ahead.
        for cache_cut in cuts(cache).into_iter().filter(|cut| commits(&cache[..*cut]) <= entries) {
            let dir = tempdir().unwrap();
            lay_out(dir.path(), &files, journal_cut, cache_cut);
            let told = format!("journal cut at {journal_cut}, cache at {cache_cut}");
            let (entries, page) =
                (i64::try_from(entries).unwrap(), u32::try_from(commits(&cache[..cache_cut])).unwrap());
            let store = Store::open(dir.path(), &Unlock::Nothing, Access::ReadWrite).expect(&told);
            assert_eq!(state(&store), (entries, page), "{told}");
            assert_eq!(store.read(|r| r.journal().verify()).expect(&told).entries, entries, "{told}");
            assert_eq!(store.write(replay).expect(&told), entries - i64::from(page), "{told}");
            assert_eq!(state(&store), (entries, u32::try_from(entries).unwrap()), "{told}");
            // And the next write goes on from there.
            store.write(|tx| project(tx, 9)).expect(&told);
            assert_eq!(state(&store).0, entries + 1, "{told}");
            *seen.entry((entries, page)).or_insert(0) += 1;
        }
    }
    // Every pair of whole writes was seen: no entry to all of them, and a cache as far as it or behind.
    let pairs = (0..=i64::from(WRITES))
        .flat_map(|entries| (0..=u32::try_from(entries).unwrap()).map(move |page| (entries, page)));
    assert_eq!(seen.keys().copied().collect::<Vec<_>>(), pairs.collect::<Vec<_>>());
}

/// What no kill leaves, but an older journal put beside a newer cache does: it is told, and nothing is written over it.
#[test]
fn a_cache_that_knows_more_than_its_journal_is_told() {
    let files = files_of_an_open_home();
    let journal = &files["journal.db-wal"];
    for journal_cut in cuts(journal).into_iter().filter(|cut| commits(&journal[..*cut]) < usize::from(WRITES)) {
        let dir = tempdir().unwrap();
        lay_out(dir.path(), &files, journal_cut, files["cache.db-wal"].len());
        let store = Store::open(dir.path(), &Unlock::Nothing, Access::ReadOnly).unwrap();
        let error = store.read(|r| r.journal().verify()).unwrap_err();
        assert_eq!(error.code(), "journal_broken", "cut at {journal_cut}: {error}");
    }
}
