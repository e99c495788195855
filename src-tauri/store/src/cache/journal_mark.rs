//! What the cache remembers of the journal: up to which entry it is projected, and the newest entry it has seen.
//!
//! The second mark is set by the store itself with every append, so that a journal whose end was cut off is noticed.

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{At, StoreError};
use crate::journal::entry::{Entry, Head};
use crate::journal::verify::JournalBroken;
use crate::schema::Migration;
use crate::table::{execute, table_handles};

const PLACE: &str = "cache.db, table journal_mark";

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    usable_from: 1,
    sql: "
    CREATE TABLE journal_mark (
        mark TEXT PRIMARY KEY CHECK (mark IN ('projected', 'seen')),
        seq INTEGER NOT NULL,
        hash TEXT NOT NULL
    ) STRICT;",
}];

/// The two marks.
#[derive(Clone, Copy)]
pub(crate) enum Mark {
    Projected,
    Seen,
}

impl Mark {
    fn name(self) -> &'static str {
        match self {
            Self::Projected => "projected",
            Self::Seen => "seen",
        }
    }
}

/// An entry that must be in the journal.
pub(crate) struct Marked {
    pub seq: i64,
    pub hash: String,
}

pub(crate) fn remember(cache: &Connection, mark: Mark, seq: i64, hash: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO journal_mark (mark, seq, hash) VALUES (?1, ?2, ?3)
               ON CONFLICT (mark) DO UPDATE SET seq = excluded.seq, hash = excluded.hash";
    execute(cache, PLACE, sql, params![mark.name(), seq, hash]).map(drop)
}

/// Both marks, the earlier entry first.
pub(crate) fn all(cache: &Connection) -> Result<Vec<Marked>, StoreError> {
    let mut statement = cache.prepare_cached("SELECT seq, hash FROM journal_mark ORDER BY seq").at(PLACE)?;
    let rows = statement.query_map([], |row| Ok(Marked { seq: row.get(0)?, hash: row.get(1)? })).at(PLACE)?;
    rows.collect::<rusqlite::Result<_>>().at(PLACE)
}

/// An entry may only be added to a journal that still holds what the cache remembers of it: otherwise the new entry would
/// take the place of a lost one, and the loss would be forgotten.
pub(crate) fn check_remembered(journal: &Connection, cache: &Connection) -> Result<(), StoreError> {
    for mark in all(cache)? {
        let found: Option<String> = journal
            .prepare_cached("SELECT hash FROM entry WHERE seq = ?1")
            .at(crate::journal::entry::PLACE)?
            .query_row([mark.seq], |row| row.get(0))
            .optional()
            .at(crate::journal::entry::PLACE)?;
        if found.as_ref() != Some(&mark.hash) {
            let why = format!("the cache remembers it with hash {}, the journal does not hold that", mark.hash);
            return Err(StoreError::JournalBroken(JournalBroken { seq: mark.seq, why }));
        }
    }
    Ok(())
}

table_handles! {
    /// Reads how far the cache has followed the journal.
    JournalMarks, JournalMarksWrite
}

impl JournalMarks<'_> {
    /// The newest entry whose projection the cache holds; `None`: none yet, replay from 0.
    pub fn get(&self) -> Result<Option<Head>, StoreError> {
        self.0
            .prepare_cached("SELECT seq, hash FROM journal_mark WHERE mark = 'projected'")
            .at(PLACE)?
            .query_row([], |row| Ok(Head { seq: row.get(0)?, hash: row.get(1)? }))
            .optional()
            .at(PLACE)
    }
}

impl JournalMarksWrite<'_> {
    /// The cache now holds the projection of all entries up to this one.
    pub fn set(&mut self, entry: &Entry) -> Result<(), StoreError> {
        remember(self.0.0, Mark::Projected, entry.seq, &entry.hash)
    }
}
