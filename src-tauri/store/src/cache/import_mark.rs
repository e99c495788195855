//! How far the cache has followed each imported file: written in the same transaction as a chunk's rows, so that a killed process
//! goes on where it was, and a cache that was thrown away begins again.

use crate::error::StoreError;
use crate::schema::Migration;
use crate::table::{select_one, table_handles, table_row, upsert};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 3,
    usable_from: 3,
    sql: "
    CREATE TABLE import_mark (
        entry_seq INTEGER PRIMARY KEY,
        customer TEXT NOT NULL,
        chunks_done INTEGER NOT NULL
    ) STRICT;",
}];

table_row! {
    /// How many chunks of an imported file stand in the cache.
    pub struct ImportMark in "cache.db", "import_mark" {
        /// The journal entry of the file.
        pub entry_seq: i64,
        pub customer: String,
        pub chunks_done: u32,
    }
}

table_handles! {
    /// Reads the marks.
    ImportMarks, ImportMarksWrite
}

impl ImportMarks<'_> {
    /// The mark of a file; `None`: none of it is in the cache.
    pub fn get(&self, entry_seq: i64) -> Result<Option<ImportMark>, StoreError> {
        select_one(self.0, "WHERE entry_seq = ?1", [entry_seq])
    }
}

impl ImportMarksWrite<'_> {
    /// Moves the file's mark.
    pub fn put(&mut self, row: &ImportMark) -> Result<(), StoreError> {
        upsert(self.0.0, &["entry_seq"], row)
    }
}
