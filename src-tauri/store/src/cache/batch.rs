//! Batches that were confirmed: a projection of the journal. How far the items have come stands with the requests.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::columns::Json;
use crate::error::StoreError;
use crate::schema::Migration;
use crate::table::{select, select_one, table_handles, table_row, upsert};

/// An older desk would pass over the journal's batches and never make up for it, so it may not use the file.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 4,
    usable_from: 4,
    sql: "
    CREATE TABLE batch (
        id TEXT PRIMARY KEY,
        customer TEXT NOT NULL,
        action TEXT NOT NULL,
        channel TEXT NOT NULL,
        currency TEXT NOT NULL,
        total TEXT NOT NULL,
        total_max TEXT NOT NULL,
        reason TEXT NOT NULL,
        authorisation TEXT,
        items TEXT NOT NULL,
        confirmed_at INTEGER NOT NULL,
        entry_seq INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX batch_of_customer ON batch (customer, confirmed_at);",
}];

table_row! {
    /// A batch. Amounts in `currency`.
    pub struct BatchRow in "cache.db", "batch" {
        pub id: String,
        pub customer: String,
        /// `unsubscribe` or `cancel_renewals`.
        pub action: String,
        pub channel: String,
        pub currency: String,
        /// Lower end of the items' sum: what was typed out.
        pub total: Decimal,
        /// Its upper end.
        pub total_max: Decimal,
        pub reason: String,
        pub authorisation: Option<String>,
        /// The items with the hashes of their quotes, in the order in which they go.
        pub items: Json,
        pub confirmed_at: DateTime<Utc>,
        /// The journal entry it stands in.
        pub entry_seq: i64,
    }
}

table_handles! {
    /// Reads batches.
    Batches, BatchesWrite
}

impl Batches<'_> {
    pub fn get(&self, id: &str) -> Result<Option<BatchRow>, StoreError> {
        select_one(self.0, "WHERE id = ?1", [id])
    }

    /// All batches, newest first.
    pub fn list(&self) -> Result<Vec<BatchRow>, StoreError> {
        select(self.0, "ORDER BY confirmed_at DESC, id DESC", [])
    }

    /// All batches of a customer, newest first.
    pub fn of_customer(&self, customer: &str) -> Result<Vec<BatchRow>, StoreError> {
        select(self.0, "WHERE customer = ?1 ORDER BY confirmed_at DESC, id DESC", [customer])
    }
}

impl BatchesWrite<'_> {
    /// Adds the batch or replaces the one with its id.
    pub fn put(&mut self, row: &BatchRow) -> Result<(), StoreError> {
        upsert(self.0.0, &["id"], row)
    }
}
