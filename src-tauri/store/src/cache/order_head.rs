//! Orders as the cloud lists them: one row an order.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::columns::{Column, Json};
use crate::error::{At, StoreError};
use crate::schema::Migration;
use crate::table::{TableRow, column, execute, id_list, select, select_one, table_handles, table_row, upsert};

/// [`OrderHead::source`]: the billing API said so.
pub const FROM_API: &str = "api";

/// [`OrderHead::source`]: only an imported file said so; the API's row takes its place whenever it comes.
pub const FROM_FILE: &str = "file";

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        usable_from: 1,
        sql: "
    CREATE TABLE order_head (
        customer TEXT NOT NULL,
        id TEXT NOT NULL,
        order_type TEXT NOT NULL,
        payment_status TEXT,
        created_at INTEGER NOT NULL,
        paid_at INTEGER,
        currency TEXT NOT NULL,
        product TEXT NOT NULL,
        gross TEXT NOT NULL,
        pretax TEXT NOT NULL,
        tax TEXT NOT NULL,
        related_order TEXT,
        settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
        facts_at INTEGER NOT NULL,
        raw TEXT NOT NULL,
        PRIMARY KEY (customer, id)
    ) STRICT;
    CREATE INDEX order_head_by_time ON order_head (customer, created_at);
    CREATE INDEX order_head_unsettled ON order_head (customer, id) WHERE settled = 0;",
    },
    Migration {
        version: 3,
        // An older desk would write the API's row and leave the mark of a file on it.
        usable_from: 3,
        sql: "ALTER TABLE order_head ADD COLUMN source TEXT NOT NULL DEFAULT 'api' CHECK (source IN ('api', 'file'));",
    },
    // With the time in the index, the few open orders come out in order; without it the planner walks all orders by time.
    Migration {
        version: 7,
        usable_from: 1,
        sql: "
    DROP INDEX order_head_unsettled;
    CREATE INDEX order_head_unsettled ON order_head (customer, created_at, id) WHERE settled = 0;",
    },
];

table_row! {
    /// An order of a customer.
    pub struct OrderHead in "cache.db", "order_head" {
        pub customer: String,
        pub id: String,
        pub order_type: String,
        pub payment_status: Option<String>,
        pub created_at: DateTime<Utc>,
        pub paid_at: Option<DateTime<Utc>>,
        pub currency: String,
        pub product: String,
        /// List price, in `currency`.
        pub gross: Decimal,
        /// Before tax, in `currency`.
        pub pretax: Decimal,
        pub tax: Decimal,
        pub related_order: Option<String>,
        /// The detail is complete and final: later syncs need not ask again.
        pub settled: bool,
        pub facts_at: DateTime<Utc>,
        /// The cloud's own row.
        pub raw: Json,
        /// [`FROM_API`] or [`FROM_FILE`].
        pub source: String,
    }
}

table_handles! {
    /// Reads orders.
    Orders, OrdersWrite
}

impl Orders<'_> {
    pub fn get(&self, customer: &str, id: &str) -> Result<Option<OrderHead>, StoreError> {
        select_one(self.0, "WHERE customer = ?1 AND id = ?2", [customer, id])
    }

    /// Those of a customer with one of these ids, in no order.
    pub fn among<S: AsRef<str>>(&self, customer: &str, ids: &[S]) -> Result<Vec<OrderHead>, StoreError> {
        let tail = "WHERE customer = ?1 AND id IN (SELECT value FROM json_each(?2))";
        select(self.0, tail, rusqlite::params![customer, id_list(ids)])
    }

    /// When those of these orders were paid that are of a type (as the cloud writes it, whatever the case) and are paid; in no order.
    pub fn paid_at<S: AsRef<str>>(
        &self,
        customer: &str,
        ids: &[S],
        order_type: &str,
    ) -> Result<Vec<(String, DateTime<Utc>)>, StoreError> {
        let sql = "SELECT id, paid_at FROM order_head WHERE customer = ?1 AND id IN (SELECT value FROM json_each(?2))
                   AND order_type = ?3 COLLATE NOCASE AND paid_at IS NOT NULL";
        let mut statement = self.0.prepare_cached(sql).at(OrderHead::PLACE)?;
        let rows = statement
            .query_map(rusqlite::params![customer, id_list(ids), order_type], |row| {
                Ok((row.get(0)?, column(row, "paid_at")?))
            })
            .at(OrderHead::PLACE)?;
        rows.collect::<rusqlite::Result<_>>().at(OrderHead::PLACE)
    }

    /// All orders of a customer, oldest first.
    pub fn list(&self, customer: &str) -> Result<Vec<OrderHead>, StoreError> {
        select(self.0, "WHERE customer = ?1 ORDER BY created_at, id", [customer])
    }

    /// Orders of a customer whose detail is still needed, oldest first.
    pub fn unsettled(&self, customer: &str) -> Result<Vec<OrderHead>, StoreError> {
        select(self.0, "WHERE customer = ?1 AND settled = 0 ORDER BY created_at, id", [customer])
    }

    /// Products of the orders of a customer whose detail was never read; of orders that only files tell, where asked for, those
    /// whose product is known.
    pub fn unread_products(&self, customer: &str, of_files_too: bool) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT product FROM order_head AS head WHERE customer = ?1 AND settled = 0
                   AND (source = ?2 OR (?3 AND product <> '')) AND NOT EXISTS
                   (SELECT 1 FROM order_part AS part WHERE part.customer = head.customer AND part.order_id = head.id
                    AND part.instance <> '')";
        let mut statement = self.0.prepare_cached(sql).at(OrderHead::PLACE)?;
        let products = statement
            .query_map(rusqlite::params![customer, FROM_API, of_files_too], |row| row.get(0))
            .at(OrderHead::PLACE)?;
        products.collect::<rusqlite::Result<_>>().at(OrderHead::PLACE)
    }

    /// Orders with a part on this resource, oldest first.
    pub fn of_instance(&self, customer: &str, instance: &str) -> Result<Vec<OrderHead>, StoreError> {
        select(
            self.0,
            "WHERE customer = ?1 AND id IN (SELECT order_id FROM order_part WHERE customer = ?1 AND instance = ?2)
             ORDER BY created_at, id",
            [customer, instance],
        )
    }
}

impl OrdersWrite<'_> {
    /// Adds the order or replaces the one with its id.
    pub fn put(&mut self, row: &OrderHead) -> Result<(), StoreError> {
        upsert(self.0.0, &["customer", "id"], row)
    }

    /// What the order's detail tells of it: how it was paid, what it relates to, and whether more is to come.
    pub fn learn(&mut self, row: &OrderHead) -> Result<(), StoreError> {
        let sql = "UPDATE order_head SET payment_status = ?3, paid_at = ?4, related_order = ?5, settled = ?6
                   WHERE customer = ?1 AND id = ?2";
        let paid_at = row.paid_at.write();
        let params =
            rusqlite::params![row.customer, row.id, row.payment_status, paid_at, row.related_order, row.settled];
        execute(self.0.0, OrderHead::PLACE, sql, params).map(drop)
    }

    /// As [`put`](Self::put), for a page.
    pub fn upsert_page(&mut self, rows: &[OrderHead]) -> Result<(), StoreError> {
        rows.iter().try_for_each(|row| self.put(row))
    }
}
