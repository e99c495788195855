//! Financial relations of the customers' accounts with others.

use chrono::{DateTime, Utc};

use crate::columns::Json;
use crate::error::StoreError;
use crate::schema::Migration;
use crate::table::{TableRow, execute, select, table_handles, table_row, upsert};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 2,
    usable_from: 1,
    sql: "
    CREATE TABLE relation (
        customer TEXT NOT NULL,
        id TEXT NOT NULL,
        other TEXT NOT NULL,
        other_side TEXT NOT NULL,
        relation TEXT NOT NULL,
        state TEXT NOT NULL,
        started_at INTEGER,
        ended_at INTEGER,
        facts_at INTEGER NOT NULL,
        raw TEXT NOT NULL,
        PRIMARY KEY (customer, id)
    ) STRICT;",
}];

table_row! {
    /// A relation, in the cloud's own words.
    pub struct RelationRow in "cache.db", "relation" {
        pub customer: String,
        pub id: String,
        /// The other account.
        pub other: String,
        /// `MASTER`: the customer is the other one's member.
        pub other_side: String,
        pub relation: String,
        pub state: String,
        /// When it came into force.
        pub started_at: Option<DateTime<Utc>>,
        pub ended_at: Option<DateTime<Utc>>,
        pub facts_at: DateTime<Utc>,
        pub raw: Json,
    }
}

table_handles! {
    /// Reads relations.
    Relations, RelationsWrite
}

impl Relations<'_> {
    /// A customer's relations, oldest first.
    pub fn of_customer(&self, customer: &str) -> Result<Vec<RelationRow>, StoreError> {
        select(self.0, "WHERE customer = ?1 ORDER BY started_at, id", [customer])
    }
}

impl RelationsWrite<'_> {
    /// Keeps what the cloud lists now in place of what it listed before.
    pub fn replace(&mut self, customer: &str, rows: &[RelationRow]) -> Result<(), StoreError> {
        execute(self.0.0, RelationRow::PLACE, "DELETE FROM relation WHERE customer = ?1", [customer])?;
        rows.iter().try_for_each(|row| upsert(self.0.0, &["customer", "id"], row))
    }
}
