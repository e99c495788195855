//! The journal: append-only, hash-chained, without names or addresses.

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Params, Row, params};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::cache::journal_mark::{self, Mark};
use crate::canonical::{NotCanonical, canonical_json};
use crate::error::{At, StoreError};
use crate::journal::verify::{self, Verified};
use crate::schema::Migration;

pub(crate) const PLACE: &str = "journal.db, table entry";

/// `prev` of the first entry: there is none.
pub(crate) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Guards refuse what would change the past. `INSERT OR REPLACE` deletes without asking the DELETE guard unless
/// `recursive_triggers` is on; the INSERT guard refuses it in any case.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    usable_from: 1,
    sql: "
    CREATE TABLE entry (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        device TEXT NOT NULL,
        at TEXT NOT NULL,
        kind TEXT NOT NULL,
        customer TEXT,
        subject TEXT,
        body TEXT NOT NULL,
        prev TEXT NOT NULL,
        hash TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE INDEX entry_of_subject ON entry (subject, seq) WHERE subject IS NOT NULL;
    CREATE INDEX entry_of_customer ON entry (customer, seq) WHERE customer IS NOT NULL;
    CREATE TRIGGER entry_refuses_update BEFORE UPDATE ON entry
    BEGIN SELECT raise(ABORT, 'the journal is append-only: UPDATE refused'); END;
    CREATE TRIGGER entry_refuses_delete BEFORE DELETE ON entry
    BEGIN SELECT raise(ABORT, 'the journal is append-only: DELETE refused'); END;
    CREATE TRIGGER entry_appends_only BEFORE INSERT ON entry
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry)
      OR EXISTS (SELECT 1 FROM entry WHERE id = NEW.id OR hash = NEW.hash)
    BEGIN SELECT raise(ABORT, 'the journal is append-only: only the next entry may be added'); END;",
}];

/// What the desk wants to remember. The store adds sequence, device and hashes.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEntry {
    /// A UUIDv7.
    pub id: Uuid,
    /// Kept to the millisecond; finer parts are cut off.
    pub at: DateTime<Utc>,
    pub kind: String,
    pub customer: Option<String>,
    /// The request or resource it is about.
    pub subject: Option<String>,
    /// Amounts as decimal strings; numbers other than integers within 2^53 are refused. No names or addresses.
    pub body: Value,
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// 1, 2, 3, ... without gaps.
    pub seq: i64,
    pub id: Uuid,
    /// The home that wrote it.
    pub device: String,
    pub at: DateTime<Utc>,
    pub kind: String,
    pub customer: Option<String>,
    pub subject: Option<String>,
    pub body: Value,
    /// Hash of the entry before; 64 zeros for the first.
    pub prev: String,
    /// Lower hex SHA-256 over the canonical JSON of all other fields, the body as an object.
    pub hash: String,
}

/// The newest entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Also the number of entries.
    pub seq: i64,
    pub hash: String,
}

/// Reads the journal.
#[derive(Clone, Copy)]
pub struct Journal<'a> {
    pub(crate) journal: &'a rusqlite::Connection,
    pub(crate) cache: &'a rusqlite::Connection,
}

impl Journal<'_> {
    /// `None` while the journal is empty.
    pub fn head(&self) -> Result<Option<Head>, StoreError> {
        self.journal
            .prepare_cached("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1")
            .at(PLACE)?
            .query_row([], |row| Ok(Head { seq: row.get(0)?, hash: row.get(1)? }))
            .optional()
            .at(PLACE)
    }

    /// The first `limit` entries after `seq`, oldest first.
    pub fn after(&self, seq: i64, limit: u32) -> Result<Vec<Entry>, StoreError> {
        self.select("WHERE seq > ?1 ORDER BY seq LIMIT ?2", params![seq, limit])
    }

    /// All entries about a request or resource, oldest first.
    pub fn of_subject(&self, subject: &str) -> Result<Vec<Entry>, StoreError> {
        self.select("WHERE subject = ?1 ORDER BY seq", [subject])
    }

    /// All entries of a customer, oldest first.
    pub fn of_customer(&self, customer: &str) -> Result<Vec<Entry>, StoreError> {
        self.select("WHERE customer = ?1 ORDER BY seq", [customer])
    }

    /// Walks the whole chain; the cache's remembered marks must lie on it, so that a cut-off end is seen.
    /// The first fault comes back as [`StoreError::JournalBroken`].
    pub fn verify(&self) -> Result<Verified, StoreError> {
        verify::verify(self.journal, self.cache)
    }

    fn select(&self, tail: &str, params: impl Params) -> Result<Vec<Entry>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM entry {tail}");
        let mut statement = self.journal.prepare_cached(&sql).at(PLACE)?;
        let rows = statement.query_map(params, |row| StoredEntry::from_row(row)?.into_entry()).at(PLACE)?;
        rows.collect::<rusqlite::Result<_>>().at(PLACE)
    }
}

/// Appends to the journal.
pub struct JournalWrite<'a> {
    pub(crate) read: Journal<'a>,
    pub(crate) device: &'a str,
}

impl<'a> std::ops::Deref for JournalWrite<'a> {
    type Target = Journal<'a>;
    fn deref(&self) -> &Journal<'a> {
        &self.read
    }
}

impl JournalWrite<'_> {
    /// Adds the next entry. The cache remembers it as seen in the same write.
    pub fn append(&mut self, new: NewEntry) -> Result<Entry, StoreError> {
        if new.id.get_version_num() != 7 {
            return Err(StoreError::EntryRefused { why: format!("its id {} is not a UUIDv7", new.id) });
        }
        journal_mark::check_remembered(self.read.journal, self.read.cache)?;
        let head = self.read.head()?;
        let mut stored = StoredEntry {
            seq: head.as_ref().map_or(1, |head| head.seq + 1),
            id: new.id.to_string(),
            device: self.device.to_owned(),
            at: instant_text(new.at),
            kind: new.kind,
            customer: new.customer,
            subject: new.subject,
            body: canonical_json(&new.body)?,
            prev: head.map_or_else(|| GENESIS.to_owned(), |head| head.hash),
            hash: String::new(),
        };
        stored.hash = stored.computed_hash(&new.body)?;
        stored.insert(self.read.journal).at(PLACE)?;
        journal_mark::remember(self.read.cache, Mark::Seen, stored.seq, &stored.hash)?;
        stored.into_entry().at(PLACE)
    }
}

/// RFC 3339 in UTC with three decimals: fixed width, so it sorts as text.
fn instant_text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub(crate) const COLUMNS: &str = "seq, id, device, at, kind, customer, subject, body, prev, hash";

/// An entry exactly as its columns hold it; hashes are taken over these texts.
pub(crate) struct StoredEntry {
    pub seq: i64,
    pub id: String,
    pub device: String,
    pub at: String,
    pub kind: String,
    pub customer: Option<String>,
    pub subject: Option<String>,
    pub body: String,
    pub prev: String,
    pub hash: String,
}

impl StoredEntry {
    pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            id: row.get(1)?,
            device: row.get(2)?,
            at: row.get(3)?,
            kind: row.get(4)?,
            customer: row.get(5)?,
            subject: row.get(6)?,
            body: row.get(7)?,
            prev: row.get(8)?,
            hash: row.get(9)?,
        })
    }

    /// The hash that these columns must have; `body` is the parsed body.
    pub fn computed_hash(&self, body: &Value) -> Result<String, NotCanonical> {
        let hashed = json!({
            "seq": self.seq,
            "id": self.id,
            "device": self.device,
            "at": self.at,
            "kind": self.kind,
            "customer": self.customer,
            "subject": self.subject,
            "body": body,
            "prev": self.prev,
        });
        Ok(hex::encode(Sha256::digest(canonical_json(&hashed)?)))
    }

    fn insert(&self, conn: &rusqlite::Connection) -> rusqlite::Result<usize> {
        conn.prepare_cached(&format!("INSERT INTO entry ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"))?
            .execute(params![
                self.seq,
                self.id,
                self.device,
                self.at,
                self.kind,
                self.customer,
                self.subject,
                self.body,
                self.prev,
                self.hash
            ])
    }

    pub fn into_entry(self) -> rusqlite::Result<Entry> {
        Ok(Entry {
            seq: self.seq,
            id: Uuid::parse_str(&self.id).map_err(|why| unreadable(1, why))?,
            device: self.device,
            at: DateTime::parse_from_rfc3339(&self.at).map_err(|why| unreadable(3, why))?.to_utc(),
            kind: self.kind,
            customer: self.customer,
            subject: self.subject,
            body: serde_json::from_str(&self.body).map_err(|why| unreadable(7, why))?,
            prev: self.prev,
            hash: self.hash,
        })
    }
}

fn unreadable(column: usize, why: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(why))
}
