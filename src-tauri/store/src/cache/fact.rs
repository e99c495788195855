//! Facts that the manager entered: a projection of the journal.

use chrono::{DateTime, Utc};

use crate::columns::Json;
use crate::error::StoreError;
use crate::schema::Migration;
use crate::table::{TableRow, execute, id_list, select, table_handles, table_row, upsert};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    usable_from: 1,
    sql: "
    CREATE TABLE fact (
        customer TEXT NOT NULL,
        scope TEXT NOT NULL,
        path TEXT NOT NULL,
        value TEXT NOT NULL,
        entered_at INTEGER NOT NULL,
        source TEXT NOT NULL,
        entry_seq INTEGER NOT NULL,
        PRIMARY KEY (customer, scope, path)
    ) STRICT;",
}];

table_row! {
    /// The newest answer to one question about a customer, an order or a resource.
    pub struct FactRow in "cache.db", "fact" {
        pub customer: String,
        /// `order:ID`, `resource:ID`, `customer` or `discounts:PRODUCT`.
        pub scope: String,
        /// The field within the scope.
        pub path: String,
        pub value: Json,
        pub entered_at: DateTime<Utc>,
        /// Where the manager has it from.
        pub source: String,
        /// The journal entry it stands in.
        pub entry_seq: i64,
    }
}

table_handles! {
    /// Reads entered facts.
    Facts, FactsWrite
}

impl Facts<'_> {
    /// Facts of one scope, by path.
    pub fn of_scope(&self, customer: &str, scope: &str) -> Result<Vec<FactRow>, StoreError> {
        select(self.0, "WHERE customer = ?1 AND scope = ?2 ORDER BY path", [customer, scope])
    }

    /// Facts of any of these scopes, by scope and path.
    pub fn of_scopes<S: AsRef<str>>(&self, customer: &str, scopes: &[S]) -> Result<Vec<FactRow>, StoreError> {
        let tail = "WHERE customer = ?1 AND scope IN (SELECT value FROM json_each(?2)) ORDER BY scope, path";
        select(self.0, tail, rusqlite::params![customer, id_list(scopes)])
    }

    /// All facts of a customer, by scope and path.
    pub fn of_customer(&self, customer: &str) -> Result<Vec<FactRow>, StoreError> {
        select(self.0, "WHERE customer = ?1 ORDER BY scope, path", [customer])
    }
}

impl FactsWrite<'_> {
    /// Keeps the answer in place of an earlier one.
    pub fn put(&mut self, row: &FactRow) -> Result<(), StoreError> {
        upsert(self.0.0, &["customer", "scope", "path"], row)
    }

    /// Takes an answer back.
    pub fn delete(&mut self, customer: &str, scope: &str, path: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM fact WHERE customer = ?1 AND scope = ?2 AND path = ?3";
        execute(self.0.0, FactRow::PLACE, sql, [customer, scope, path]).map(drop)
    }
}
