//! What was taken from files. It stands in the journal's home because neither journal entries nor the cloud could give it back;
//! the cache's orders are projected from it. Rows are kept as they were understood, without the columns that nobody reads: names of
//! persons, nicknames and addresses never come in. Removing the customer removes them.

use chrono::{DateTime, Utc};
use rusqlite::params;

use crate::columns::Json;
use crate::error::{At, StoreError};
use crate::schema::Migration;
use crate::table::{TableRow, execute, select, table_handles, table_row, upsert};

pub(crate) const MIGRATIONS: &[Migration] = &[TABLES, NAME];

const TABLES: Migration = Migration {
    version: 4,
    usable_from: 4,
    sql: "
    CREATE TABLE imported_file (
        entry_seq INTEGER PRIMARY KEY,
        customer TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        reading TEXT NOT NULL,
        kind TEXT NOT NULL,
        dated INTEGER NOT NULL,
        chunks INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX imported_file_of_customer ON imported_file (customer, entry_seq);
    CREATE TABLE imported_chunk (
        entry_seq INTEGER NOT NULL REFERENCES imported_file (entry_seq) ON DELETE CASCADE,
        chunk INTEGER NOT NULL,
        rows TEXT NOT NULL,
        PRIMARY KEY (entry_seq, chunk)
    ) STRICT, WITHOUT ROWID;",
};

/// Files of before kept their name in the journal's entry.
const NAME: Migration = Migration {
    version: 5,
    usable_from: 5,
    sql: "ALTER TABLE imported_file ADD COLUMN name TEXT NOT NULL DEFAULT '';",
};

table_row! {
    /// A file that was taken.
    pub struct ImportedFile in "journal.db", "imported_file" {
        /// The `file_imported` entry of the journal.
        pub entry_seq: i64,
        pub customer: String,
        /// Name of the file without its folder. It may name the customer, so it stands here and not in the entry.
        pub name: String,
        /// Of the file's bytes, lower hex.
        pub sha256: String,
        /// How it was read (kind, zone, mapping), in one text: the same bytes read otherwise are another file.
        pub reading: String,
        /// `orders`, `bill` or `bill_v2`.
        pub kind: String,
        /// The date of the file: how old its facts are.
        pub dated: DateTime<Utc>,
        /// Number of chunks of rows.
        pub chunks: u32,
    }
}

table_handles! {
    /// Reads what was taken from files.
    ImportedFiles, ImportedFilesWrite
}

impl ImportedFiles<'_> {
    /// All files, in the order they were taken.
    pub fn list(&self) -> Result<Vec<ImportedFile>, StoreError> {
        select(self.0, "ORDER BY entry_seq", [])
    }

    /// Files of a customer, in the order they were taken.
    pub fn of_customer(&self, customer: &str) -> Result<Vec<ImportedFile>, StoreError> {
        select(self.0, "WHERE customer = ?1 ORDER BY entry_seq", [customer])
    }

    /// The rows of one chunk.
    pub fn chunk(&self, entry_seq: i64, chunk: u32) -> Result<Json, StoreError> {
        let text: String = self
            .0
            .prepare_cached("SELECT rows FROM imported_chunk WHERE entry_seq = ?1 AND chunk = ?2")
            .at(ImportedFile::PLACE)?
            .query_row(params![entry_seq, chunk], |row| row.get(0))
            .at(ImportedFile::PLACE)?;
        Json::parse(text)
    }
}

impl ImportedFilesWrite<'_> {
    /// Keeps a file with all its chunks.
    pub fn put(&mut self, row: &ImportedFile, chunks: &[Json]) -> Result<(), StoreError> {
        upsert(self.0.0, &["entry_seq"], row)?;
        for (chunk, rows) in (0_u32..).zip(chunks) {
            let sql = "INSERT INTO imported_chunk (entry_seq, chunk, rows) VALUES (?1, ?2, ?3)";
            execute(self.0.0, ImportedFile::PLACE, sql, params![row.entry_seq, chunk, rows.as_str()])?;
        }
        Ok(())
    }

    /// Forgets the files of a customer.
    pub fn forget(&mut self, customer: &str) -> Result<(), StoreError> {
        execute(self.0.0, ImportedFile::PLACE, "DELETE FROM imported_file WHERE customer = ?1", [customer]).map(drop)
    }
}
