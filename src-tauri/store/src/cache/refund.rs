//! The refund history: one row a refund order, made here or elsewhere.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::params_from_iter;
use rusqlite::types::ToSqlOutput;
use rust_decimal::Decimal;

use crate::cache::quote::CurrencySum;
use crate::columns::{Column, Json};
use crate::error::{At, StoreError};
use crate::schema::Migration;
use crate::table::{TableRow, column, like_anywhere, select, select_one, table_handles, table_row, upsert};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        usable_from: 1,
        sql: "
    CREATE TABLE refund (
        customer TEXT NOT NULL,
        refund_order TEXT NOT NULL,
        resource TEXT NOT NULL,
        product TEXT NOT NULL,
        related TEXT NOT NULL,
        currency TEXT NOT NULL,
        amount TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        arrived TEXT NOT NULL,
        arrived_at INTEGER,
        parts TEXT NOT NULL,
        request TEXT,
        predicted TEXT,
        reason TEXT,
        PRIMARY KEY (customer, refund_order)
    ) STRICT;
    CREATE INDEX refund_by_time ON refund (created_at);",
    },
    Migration {
        version: 8,
        usable_from: 1,
        sql: "ALTER TABLE refund ADD COLUMN also_answers TEXT NOT NULL DEFAULT '[]'",
    },
];

table_row! {
    /// A refund order. Amounts in `currency`.
    pub struct RefundRow in "cache.db", "refund" {
        pub customer: String,
        pub refund_order: String,
        /// The first resource of the refund order.
        pub resource: String,
        pub product: String,
        /// The orders whose money comes back.
        pub related: Vec<String>,
        pub currency: String,
        pub amount: Decimal,
        pub created_at: DateTime<Utc>,
        /// Money seen so far.
        pub arrived: Decimal,
        /// When the last of it arrived.
        pub arrived_at: Option<DateTime<Utc>>,
        /// Where the money went, as far as seen.
        pub parts: Json,
        /// The request it came from; `None`: made elsewhere.
        pub request: Option<String>,
        /// Further requests that the same refund order answers.
        pub also_answers: Vec<String>,
        pub predicted: Option<Decimal>,
        pub reason: Option<String>,
    }
}

/// Which refunds to list; everything left empty is "all".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefundFilter {
    pub customer: Option<String>,
    /// Any part of a refund order, resource, product or related order; letters A to Z whatever their case.
    pub text: String,
    pub created_from: Option<DateTime<Utc>>,
    /// Up to before this instant.
    pub created_until: Option<DateTime<Utc>>,
}

/// One page of the history, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundPage {
    /// Number of refunds that the filter lets through, on all pages.
    pub total: u32,
    pub rows: Vec<RefundRow>,
    /// Amounts of all of them, per currency, by currency.
    pub totals: Vec<CurrencySum>,
}

table_handles! {
    /// Reads the refund history.
    Refunds, RefundsWrite
}

impl Refunds<'_> {
    pub fn get(&self, customer: &str, refund_order: &str) -> Result<Option<RefundRow>, StoreError> {
        select_one(self.0, "WHERE customer = ?1 AND refund_order = ?2", [customer, refund_order])
    }

    /// All refunds of a customer, newest first.
    pub fn list(&self, customer: &str) -> Result<Vec<RefundRow>, StoreError> {
        select(self.0, "WHERE customer = ?1 ORDER BY created_at DESC, refund_order DESC", [customer])
    }

    /// Refunds of a customer of which not all money was seen, oldest first.
    pub fn awaited(&self, customer: &str) -> Result<Vec<RefundRow>, StoreError> {
        select(self.0, "WHERE customer = ?1 AND arrived_at IS NULL ORDER BY created_at, refund_order", [customer])
    }

    /// One page with count and totals of the whole filter.
    pub fn page(&self, filter: &RefundFilter, offset: u32, limit: u32) -> Result<RefundPage, StoreError> {
        let (clause, mut values) = filter_clause(filter);
        let (total, totals) = self.totals(&clause, &values)?;
        values.push(i64::from(limit).into());
        values.push(i64::from(offset).into());
        let tail = format!("{clause} ORDER BY created_at DESC, customer, refund_order DESC LIMIT ? OFFSET ?");
        let rows = select(self.0, &tail, params_from_iter(values))?;
        Ok(RefundPage { total, rows, totals })
    }

    fn totals(&self, clause: &str, values: &[ToSqlOutput<'_>]) -> Result<(u32, Vec<CurrencySum>), StoreError> {
        let sql = format!("SELECT currency, amount FROM refund {clause}");
        let mut statement = self.0.prepare_cached(&sql).at(RefundRow::PLACE)?;
        let mut rows = statement.query(params_from_iter(values)).at(RefundRow::PLACE)?;
        let mut total = 0;
        let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
        while let Some(row) = rows.next().at(RefundRow::PLACE)? {
            total += 1;
            let amount: Decimal = column(row, "amount").at(RefundRow::PLACE)?;
            *sums.entry(column(row, "currency").at(RefundRow::PLACE)?).or_default() += amount;
        }
        Ok((total, sums.into_iter().map(|(currency, amount)| CurrencySum { currency, amount }).collect()))
    }
}

fn filter_clause(filter: &RefundFilter) -> (String, Vec<ToSqlOutput<'_>>) {
    let mut conditions = vec!["1"];
    let mut values: Vec<ToSqlOutput<'_>> = Vec::new();
    if let Some(customer) = &filter.customer {
        conditions.push("customer = ?");
        values.push(customer.write());
    }
    if let Some(from) = &filter.created_from {
        conditions.push("created_at >= ?");
        values.push(from.write());
    }
    if let Some(until) = &filter.created_until {
        conditions.push("created_at < ?");
        values.push(until.write());
    }
    if !filter.text.is_empty() {
        let pattern = like_anywhere(&filter.text);
        conditions.push(
            r"(refund_order LIKE ? ESCAPE '\' OR resource LIKE ? ESCAPE '\' OR product LIKE ? ESCAPE '\'
              OR EXISTS (SELECT 1 FROM json_each(related) WHERE value LIKE ? ESCAPE '\'))",
        );
        values.extend([pattern.clone().into(), pattern.clone().into(), pattern.clone().into(), pattern.into()]);
    }
    (format!("WHERE {}", conditions.join(" AND ")), values)
}

impl RefundsWrite<'_> {
    /// Adds the refund or replaces the one with its order id.
    pub fn put(&mut self, row: &RefundRow) -> Result<(), StoreError> {
        upsert(self.0.0, &["customer", "refund_order"], row)
    }
}
