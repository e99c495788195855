//! The last sync of each customer.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::columns::Json;
use crate::error::StoreError;
use crate::schema::Migration;
use crate::table::{select, select_one, table_handles, table_row, upsert};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    usable_from: 1,
    sql: "
    CREATE TABLE sync_run (
        customer TEXT PRIMARY KEY,
        started_at INTEGER NOT NULL,
        finished_at INTEGER,
        completed_at INTEGER,
        calls INTEGER NOT NULL,
        error TEXT
    ) STRICT;",
}];

table_row! {
    /// The last sync of a customer.
    pub struct SyncRun in "cache.db", "sync_run" {
        pub customer: String,
        pub started_at: DateTime<Utc>,
        /// When it ended, well or not.
        pub finished_at: Option<DateTime<Utc>>,
        /// When the newest sync that succeeded ended; kept while later ones fail.
        pub completed_at: Option<DateTime<Utc>>,
        /// Calls made.
        pub calls: u32,
        /// Why the last one failed.
        pub error: Option<Json>,
    }
}

table_handles! {
    /// Reads syncs.
    SyncRuns, SyncRunsWrite
}

impl SyncRuns<'_> {
    pub fn get(&self, customer: &str) -> Result<Option<SyncRun>, StoreError> {
        select_one(self.0, "WHERE customer = ?1", [customer])
    }

    /// The last sync of every customer that had one.
    pub fn by_customer(&self) -> Result<HashMap<String, SyncRun>, StoreError> {
        let rows: Vec<SyncRun> = select(self.0, "", [])?;
        Ok(rows.into_iter().map(|row| (row.customer.clone(), row)).collect())
    }
}

impl SyncRunsWrite<'_> {
    /// Keeps the sync in place of the one before.
    pub fn put(&mut self, row: &SyncRun) -> Result<(), StoreError> {
        upsert(self.0.0, &["customer"], row)
    }
}
