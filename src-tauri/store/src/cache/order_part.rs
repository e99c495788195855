//! Sub-orders per resource, from the orders' details.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::columns::Json;
use crate::error::{At, StoreError};
use crate::schema::Migration;
use crate::table::{TableRow, column, execute, id_list, select, table_handles, table_row, upsert};
use rusqlite::params;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    usable_from: 1,
    sql: "
    CREATE TABLE order_part (
        customer TEXT NOT NULL,
        order_id TEXT NOT NULL,
        sub_order TEXT NOT NULL,
        instance TEXT NOT NULL,
        part_type TEXT NOT NULL,
        start_at INTEGER,
        end_at INTEGER,
        list TEXT NOT NULL,
        cash TEXT NOT NULL,
        coupon TEXT NOT NULL,
        tax TEXT NOT NULL,
        raw TEXT NOT NULL,
        PRIMARY KEY (customer, order_id, sub_order, instance)
    ) STRICT;
    CREATE INDEX order_part_of_instance ON order_part (customer, instance);",
}];

table_row! {
    /// What one sub-order means for one resource. Amounts in the order's currency.
    pub struct OrderPart in "cache.db", "order_part" {
        pub customer: String,
        pub order_id: String,
        pub sub_order: String,
        pub instance: String,
        pub part_type: String,
        /// Start of the service period bought.
        pub start_at: Option<DateTime<Utc>>,
        /// Its end.
        pub end_at: Option<DateTime<Utc>>,
        pub list: Decimal,
        pub cash: Decimal,
        pub coupon: Decimal,
        pub tax: Decimal,
        /// The cloud's own row.
        pub raw: Json,
    }
}

table_handles! {
    /// Reads sub-orders.
    OrderParts, OrderPartsWrite
}

impl OrderParts<'_> {
    /// Parts of an order, by sub-order.
    pub fn of_order(&self, customer: &str, order_id: &str) -> Result<Vec<OrderPart>, StoreError> {
        select(self.0, "WHERE customer = ?1 AND order_id = ?2 ORDER BY sub_order, instance", [customer, order_id])
    }

    /// Parts on a resource, by start of their service period.
    pub fn of_instance(&self, customer: &str, instance: &str) -> Result<Vec<OrderPart>, StoreError> {
        select(
            self.0,
            "WHERE customer = ?1 AND instance = ?2 ORDER BY start_at, order_id, sub_order",
            [customer, instance],
        )
    }

    /// Parts on any of these resources, in no order.
    pub fn of_instances<S: AsRef<str>>(&self, customer: &str, instances: &[S]) -> Result<Vec<OrderPart>, StoreError> {
        let tail = "WHERE customer = ?1 AND instance IN (SELECT value FROM json_each(?2))";
        select(self.0, tail, params![customer, id_list(instances)])
    }

    /// Order and cash of every part of these orders, in the orders' currencies and in no order.
    pub fn cash_of<S: AsRef<str>>(&self, customer: &str, orders: &[S]) -> Result<Vec<(String, Decimal)>, StoreError> {
        let sql = "SELECT order_id, cash FROM order_part
                   WHERE customer = ?1 AND order_id IN (SELECT value FROM json_each(?2))";
        let mut statement = self.0.prepare_cached(sql).at(OrderPart::PLACE)?;
        let rows = statement
            .query_map(params![customer, id_list(orders)], |row| Ok((column(row, "order_id")?, column(row, "cash")?)))
            .at(OrderPart::PLACE)?;
        rows.collect::<rusqlite::Result<_>>().at(OrderPart::PLACE)
    }

    /// All parts of a customer, by resource and start: for pricing a customer in one pass.
    pub fn of_customer(&self, customer: &str) -> Result<Vec<OrderPart>, StoreError> {
        select(self.0, "WHERE customer = ?1 ORDER BY instance, start_at, order_id, sub_order", [customer])
    }
}

impl OrderPartsWrite<'_> {
    /// Replaces all parts of an order. The parts must name this customer and order.
    pub fn replace_for_order(&mut self, customer: &str, order_id: &str, parts: &[OrderPart]) -> Result<(), StoreError> {
        if let Some(stray) = parts.iter().find(|part| part.customer != customer || part.order_id != order_id) {
            return Err(StoreError::ValueRefused {
                place: OrderPart::PLACE.to_owned(),
                why: format!("sub-order {} belongs to order {}, not {order_id}", stray.sub_order, stray.order_id),
            });
        }
        let sql = "DELETE FROM order_part WHERE customer = ?1 AND order_id = ?2";
        execute(self.0.0, OrderPart::PLACE, sql, [customer, order_id])?;
        parts.iter().try_for_each(|part| upsert(self.0.0, &["customer", "order_id", "sub_order", "instance"], part))
    }
}
