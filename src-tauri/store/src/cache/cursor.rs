//! Where a sync stands, phase by phase: written in the same transaction as the page's rows, so a killed process resumes here.

use chrono::{DateTime, Utc};

use crate::error::StoreError;
use crate::schema::Migration;
use crate::table::{TableRow, execute, select, select_one, table_handles, table_row, upsert};

pub(crate) const MIGRATIONS: &[Migration] = &[MADE, BACKWARDS];

/// Windows are read from the newest back to the oldest: the end of a pass is no longer the end of its last window.
const BACKWARDS: Migration = Migration {
    version: 6,
    usable_from: 6,
    sql: "
    ALTER TABLE cursor ADD COLUMN range_from INTEGER;
    ALTER TABLE cursor ADD COLUMN range_to INTEGER;
    ALTER TABLE cursor ADD COLUMN skip_from INTEGER;
    ALTER TABLE cursor ADD COLUMN skip_to INTEGER;
    UPDATE cursor SET range_from = window_from, range_to = window_to;",
};

const MADE: Migration = Migration {
    version: 1,
    usable_from: 1,
    sql: "
    CREATE TABLE cursor (
        customer TEXT NOT NULL,
        phase TEXT NOT NULL,
        window_from INTEGER,
        window_to INTEGER,
        next_page INTEGER NOT NULL,
        done INTEGER NOT NULL CHECK (done IN (0, 1)),
        pass INTEGER NOT NULL,
        PRIMARY KEY (customer, phase)
    ) STRICT;",
};

table_row! {
    /// How far a phase of a customer's sync has come.
    pub struct Cursor in "cache.db", "cursor" {
        pub customer: String,
        pub phase: String,
        /// The time window being read, where the phase has one.
        pub window_from: Option<DateTime<Utc>>,
        pub window_to: Option<DateTime<Utc>>,
        /// The page to ask for next.
        pub next_page: u32,
        pub done: bool,
        /// Names the full pass over the list.
        pub pass: i64,
        /// All that this pass reads, window after window from its end back to its beginning.
        pub range_from: Option<DateTime<Utc>>,
        pub range_to: Option<DateTime<Utc>>,
        /// The part of the range that a pass before it, which was cut off, has read: it is left out.
        pub skip_from: Option<DateTime<Utc>>,
        pub skip_to: Option<DateTime<Utc>>,
    }
}

table_handles! {
    /// Reads cursors.
    Cursors, CursorsWrite
}

impl Cursors<'_> {
    pub fn get(&self, customer: &str, phase: &str) -> Result<Option<Cursor>, StoreError> {
        select_one(self.0, "WHERE customer = ?1 AND phase = ?2", [customer, phase])
    }

    /// A phase's cursors of all customers.
    pub fn of_phase(&self, phase: &str) -> Result<Vec<Cursor>, StoreError> {
        select(self.0, "WHERE phase = ?1", [phase])
    }

    /// All cursors of a customer, by phase.
    pub fn of_customer(&self, customer: &str) -> Result<Vec<Cursor>, StoreError> {
        select(self.0, "WHERE customer = ?1 ORDER BY phase", [customer])
    }
}

impl CursorsWrite<'_> {
    /// Moves the phase's cursor.
    pub fn put(&mut self, row: &Cursor) -> Result<(), StoreError> {
        upsert(self.0.0, &["customer", "phase"], row)
    }

    /// Forgets all cursors of a customer: the next sync starts from the beginning.
    pub fn clear(&mut self, customer: &str) -> Result<(), StoreError> {
        execute(self.0.0, Cursor::PLACE, "DELETE FROM cursor WHERE customer = ?1", [customer]).map(drop)
    }
}
