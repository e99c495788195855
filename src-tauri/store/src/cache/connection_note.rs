//! What calls told of a connection itself: the difference of the clocks, a list that the key may not read.

use chrono::{DateTime, Utc};

use crate::columns::Json;
use crate::error::StoreError;
use crate::schema::Migration;
use crate::table::{TableRow, execute, select, table_handles, table_row, upsert};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 2,
    usable_from: 1,
    sql: "
    CREATE TABLE connection_note (
        customer TEXT NOT NULL,
        topic TEXT NOT NULL,
        at INTEGER NOT NULL,
        note TEXT NOT NULL,
        PRIMARY KEY (customer, topic)
    ) STRICT;",
}];

table_row! {
    /// The newest note of a topic.
    pub struct ConnectionNote in "cache.db", "connection_note" {
        pub customer: String,
        pub topic: String,
        /// When it was seen, by this machine's clock.
        pub at: DateTime<Utc>,
        pub note: Json,
    }
}

table_handles! {
    /// Reads notes.
    ConnectionNotes, ConnectionNotesWrite
}

impl ConnectionNotes<'_> {
    /// A customer's notes, by topic.
    pub fn of_customer(&self, customer: &str) -> Result<Vec<ConnectionNote>, StoreError> {
        select(self.0, "WHERE customer = ?1 ORDER BY topic", [customer])
    }
}

impl ConnectionNotesWrite<'_> {
    /// Keeps the note in place of the one before.
    pub fn put(&mut self, row: &ConnectionNote) -> Result<(), StoreError> {
        upsert(self.0.0, &["customer", "topic"], row)
    }

    /// Forgets the note of a topic.
    pub fn delete(&mut self, customer: &str, topic: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM connection_note WHERE customer = ?1 AND topic = ?2";
        execute(self.0.0, ConnectionNote::PLACE, sql, [customer, topic]).map(drop)
    }
}
