//! Account transactions: money in and out of a customer's account, cards and coupons.

use chrono::{DateTime, Utc};
use rusqlite::params;
use rust_decimal::Decimal;

use crate::columns::{Column, Json};
use crate::error::{At, StoreError};
use crate::schema::Migration;
use crate::table::{TableRow, column, execute, id_list, select, select_one, table_handles, table_row, upsert};

pub(crate) const MIGRATIONS: &[Migration] = &[MADE, IN_ORDER];

/// With the time in the index, the movements of a record come out in order. Without it the planner walks all movements of the
/// customer by time, to save itself a sort of three rows.
const IN_ORDER: Migration = Migration {
    version: 7,
    usable_from: 1,
    sql: "
    DROP INDEX txn_of_record;
    CREATE INDEX txn_of_record ON txn (customer, record_id, at, number);",
};

const MADE: Migration = Migration {
    version: 1,
    usable_from: 1,
    // TRANSACTION is a word of SQL.
    sql: "
    CREATE TABLE txn (
        customer TEXT NOT NULL,
        number TEXT NOT NULL,
        record_id TEXT NOT NULL,
        txn_type TEXT NOT NULL,
        flow TEXT NOT NULL,
        channel TEXT NOT NULL,
        fund_type TEXT NOT NULL,
        amount TEXT NOT NULL,
        at INTEGER NOT NULL,
        raw TEXT NOT NULL,
        PRIMARY KEY (customer, number)
    ) STRICT;
    CREATE INDEX txn_of_record ON txn (customer, record_id);
    CREATE INDEX txn_by_time ON txn (customer, at);",
};

table_row! {
    /// One movement of money.
    pub struct TransactionRow in "cache.db", "txn" {
        pub customer: String,
        /// The cloud's transaction number.
        pub number: String,
        /// What it is for: for refunds the refund order.
        pub record_id: String,
        pub txn_type: String,
        /// `Income` or `Expense`, as the cloud writes it.
        pub flow: String,
        pub channel: String,
        pub fund_type: String,
        /// In the account's currency, as the cloud writes it.
        pub amount: Decimal,
        pub at: DateTime<Utc>,
        /// The cloud's own row.
        pub raw: Json,
    }
}

/// What of a movement tells how an order was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    pub record_id: String,
    pub flow: String,
    pub channel: String,
    pub amount: Decimal,
}

table_handles! {
    /// Reads account transactions.
    Transactions, TransactionsWrite
}

impl Transactions<'_> {
    pub fn get(&self, customer: &str, number: &str) -> Result<Option<TransactionRow>, StoreError> {
        select_one(self.0, "WHERE customer = ?1 AND number = ?2", [customer, number])
    }

    /// All movements for a record (an order), oldest first.
    pub fn of_record(&self, customer: &str, record_id: &str) -> Result<Vec<TransactionRow>, StoreError> {
        select(self.0, "WHERE customer = ?1 AND record_id = ?2 ORDER BY at, number", [customer, record_id])
    }

    /// Movements for any of these records in short, in no order.
    pub fn of_records<S: AsRef<str>>(&self, customer: &str, records: &[S]) -> Result<Vec<Movement>, StoreError> {
        let sql = "SELECT record_id, flow, channel, amount FROM txn
                   WHERE customer = ?1 AND record_id IN (SELECT value FROM json_each(?2))";
        let mut statement = self.0.prepare_cached(sql).at(TransactionRow::PLACE)?;
        let movement = |row: &rusqlite::Row<'_>| {
            Ok(Movement {
                record_id: column(row, "record_id")?,
                flow: column(row, "flow")?,
                channel: column(row, "channel")?,
                amount: column(row, "amount")?,
            })
        };
        let rows = statement.query_map(params![customer, id_list(records)], movement).at(TransactionRow::PLACE)?;
        rows.collect::<rusqlite::Result<_>>().at(TransactionRow::PLACE)
    }

    /// Movements of a customer from `from` until before `until`, oldest first.
    pub fn between(
        &self,
        customer: &str,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<TransactionRow>, StoreError> {
        select(
            self.0,
            "WHERE customer = ?1 AND at >= ?2 AND at < ?3 ORDER BY at, number",
            params![customer, from.write(), until.write()],
        )
    }
}

/// Begins the number of a movement that only a file tells of; the cloud's own numbers are digits.
pub const FILE_NUMBER: &str = "file:";

impl TransactionsWrite<'_> {
    /// Forgets what files told of a record's movements.
    pub fn forget_from_files(&mut self, customer: &str, record_id: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM txn WHERE customer = ?1 AND record_id = ?2 AND substr(number, 1, 5) = 'file:'";
        execute(self.0.0, TransactionRow::PLACE, sql, [customer, record_id]).map(drop)
    }

    /// Adds the movements or replaces those with the same numbers.
    pub fn upsert_page(&mut self, rows: &[TransactionRow]) -> Result<(), StoreError> {
        rows.iter().try_for_each(|row| upsert(self.0.0, &["customer", "number"], row))
    }
}
