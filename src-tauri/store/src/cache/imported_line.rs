//! What files say of orders, line by line: kept beside what the API says, so that the two are never mixed up and a file's word can
//! be compared with the next one's. A projection of `journal.db`, table `imported_file`.

use chrono::{DateTime, Utc};

use crate::columns::Json;
use crate::error::StoreError;
use crate::schema::Migration;
use crate::table::{TableRow, execute, select, table_handles, table_row, upsert};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 3,
    usable_from: 3,
    sql: "
    CREATE TABLE imported_line (
        customer TEXT NOT NULL,
        order_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        line TEXT NOT NULL,
        doc TEXT NOT NULL,
        dated INTEGER NOT NULL,
        entry_seq INTEGER NOT NULL,
        PRIMARY KEY (customer, order_id, kind, line)
    ) STRICT, WITHOUT ROWID;",
}];

table_row! {
    /// The newest word of one kind of file on one line of an order.
    pub struct ImportedLine in "cache.db", "imported_line" {
        pub customer: String,
        pub order_id: String,
        /// Kind of file: `orders`, `bill` or `bill_v2`.
        pub kind: String,
        /// Tells the lines of one order apart.
        pub line: String,
        /// The line as it was understood.
        pub doc: Json,
        /// The date of the file.
        pub dated: DateTime<Utc>,
        /// The journal entry of the file.
        pub entry_seq: i64,
    }
}

table_handles! {
    /// Reads imported lines.
    ImportedLines, ImportedLinesWrite
}

impl ImportedLines<'_> {
    /// What files say of an order, by kind and line.
    pub fn of_order(&self, customer: &str, order_id: &str) -> Result<Vec<ImportedLine>, StoreError> {
        select(self.0, "WHERE customer = ?1 AND order_id = ?2 ORDER BY kind, line", [customer, order_id])
    }
}

impl ImportedLinesWrite<'_> {
    /// Adds the line or replaces the one with its key.
    pub fn put(&mut self, row: &ImportedLine) -> Result<(), StoreError> {
        upsert(self.0.0, &["customer", "order_id", "kind", "line"], row)
    }

    /// Forgets what one kind of file said of an order: a later list of it takes its place as a whole.
    pub fn forget(&mut self, customer: &str, order_id: &str, kind: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM imported_line WHERE customer = ?1 AND order_id = ?2 AND kind = ?3";
        execute(self.0.0, ImportedLine::PLACE, sql, [customer, order_id, kind]).map(drop)
    }
}
