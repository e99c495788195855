//! Checking the journal from its first entry to its last.

use rusqlite::Connection;
use serde_json::Value;

use crate::cache::journal_mark::{self, Marked};
use crate::canonical::canonical_json;
use crate::database::JOURNAL_FILE;
use crate::error::{At, StoreError};
use crate::journal::entry::{COLUMNS, GENESIS, Head, PLACE, StoredEntry};

/// A journal whose chain holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub entries: i64,
    /// `None` when the journal is empty.
    pub head: Option<Head>,
}

/// The first place where the chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the journal is broken at entry {seq}: {why}")]
pub struct JournalBroken {
    pub seq: i64,
    pub why: String,
}

pub(crate) fn verify(journal: &Connection, cache: &Connection) -> Result<Verified, StoreError> {
    check_pages(journal, JOURNAL_FILE)?;
    let mut marks = journal_mark::all(cache)?;
    let mut head: Option<Head> = None;
    let mut statement = journal.prepare_cached(&format!("SELECT {COLUMNS} FROM entry ORDER BY seq")).at(PLACE)?;
    let mut rows = statement.query([]).at(PLACE)?;
    while let Some(row) = rows.next().at(PLACE)? {
        let expected = head.as_ref().map_or(1, |head| head.seq + 1);
        let entry =
            StoredEntry::from_row(row).map_err(|why| broken(expected, format!("a column cannot be read ({why})")))?;
        check_entry(&entry, expected, head.as_ref())?;
        check_marks(&mut marks, &entry)?;
        head = Some(Head { seq: entry.seq, hash: entry.hash });
    }
    if let Some(lost) = marks.first() {
        let last = head.as_ref().map_or(0, |head| head.seq);
        let why =
            format!("the cache remembers entry {} with hash {}, but the journal ends at {last}", lost.seq, lost.hash);
        return Err(broken(lost.seq, why));
    }
    Ok(Verified { entries: head.as_ref().map_or(0, |head| head.seq), head })
}

/// Every page of the file carries its own seal; a changed byte breaks it also where no entry lies (an index, a free page).
pub(crate) fn check_pages(database: &Connection, file: &str) -> Result<(), StoreError> {
    let mut statement = database.prepare("PRAGMA cipher_integrity_check").at(file)?;
    let mut faults = statement.query([]).at(file)?;
    match faults.next().at(file)? {
        None => Ok(()),
        Some(fault) => {
            let why: String = fault.get(0).at(file)?;
            Err(StoreError::DatabaseDamaged { place: file.to_owned(), why })
        }
    }
}

fn check_entry(entry: &StoredEntry, expected: i64, before: Option<&Head>) -> Result<(), StoreError> {
    if entry.seq != expected {
        return Err(broken(expected, format!("it is missing; the next one is {}", entry.seq)));
    }
    if entry.prev != before.map_or(GENESIS, |head| &head.hash) {
        return Err(broken(entry.seq, "it does not follow the entry before it (prev differs)".to_owned()));
    }
    let body: Value =
        serde_json::from_str(&entry.body).map_err(|why| broken(entry.seq, format!("its body is not JSON ({why})")))?;
    if canonical_json(&body).as_deref() != Ok(&entry.body) {
        return Err(broken(entry.seq, "its body is not canonical JSON".to_owned()));
    }
    if entry.computed_hash(&body).as_ref() != Ok(&entry.hash) {
        return Err(broken(entry.seq, "its content does not have its hash".to_owned()));
    }
    Ok(())
}

/// Strikes off the marks that this entry satisfies.
fn check_marks(marks: &mut Vec<Marked>, entry: &StoredEntry) -> Result<(), StoreError> {
    if marks.iter().any(|mark| mark.seq == entry.seq && mark.hash != entry.hash) {
        return Err(broken(entry.seq, "the cache remembers another hash for it".to_owned()));
    }
    marks.retain(|mark| mark.seq != entry.seq);
    Ok(())
}

fn broken(seq: i64, why: String) -> StoreError {
    StoreError::JournalBroken(JournalBroken { seq, why })
}
