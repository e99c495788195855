//! The refund history: one row a refund order, made here or elsewhere.

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use rust_decimal::Decimal;

use crate::cache::lists::refunds::RefundList;
use crate::cache::lists::{Follows, Lists};
use crate::cache::quote::CurrencySum;
use crate::columns::Json;
use crate::error::StoreError;
use crate::journal::connection::Connections;
use crate::schema::Migration;
use crate::table::{select, select_one, table_row, upsert};

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
    /// Any part of a refund order, resource, product, related order or the customer's name; letters A to Z whatever their case.
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

/// Reads the refund history. Names to search in come from the connections.
#[derive(Clone, Copy)]
pub struct Refunds<'a> {
    pub(crate) cache: &'a Connection,
    pub(crate) journal: &'a Connection,
    /// None inside a write: what it has done so far may yet be taken back.
    pub(crate) lists: Option<&'a Lists>,
}

impl Refunds<'_> {
    pub fn get(&self, customer: &str, refund_order: &str) -> Result<Option<RefundRow>, StoreError> {
        select_one(self.cache, "WHERE customer = ?1 AND refund_order = ?2", [customer, refund_order])
    }

    /// All refunds of a customer, newest first.
    pub fn list(&self, customer: &str) -> Result<Vec<RefundRow>, StoreError> {
        select(self.cache, "WHERE customer = ?1 ORDER BY created_at DESC, refund_order DESC", [customer])
    }

    /// Refunds of a customer of which not all money was seen, oldest first.
    pub fn awaited(&self, customer: &str) -> Result<Vec<RefundRow>, StoreError> {
        select(self.cache, "WHERE customer = ?1 AND arrived_at IS NULL ORDER BY created_at, refund_order", [customer])
    }

    /// One page with count and totals of the whole filter.
    pub fn page(&self, filter: &RefundFilter, offset: u32, limit: u32) -> Result<RefundPage, StoreError> {
        let names: Vec<_> = Connections(self.journal).list()?.into_iter().map(|row| (row.id, row.name)).collect();
        let (ids, total, totals) = match self.lists {
            Some(lists) => lists.refunds(self.cache)?.page(filter, &names, offset, limit),
            None => RefundList::read(self.cache)?.page(filter, &names, offset, limit),
        };
        let rows = ids.into_iter().map(|id| select_one(self.cache, "WHERE rowid = ?1", [id]));
        Ok(RefundPage { total, rows: rows.filter_map(Result::transpose).collect::<Result<_, _>>()?, totals })
    }

    /// Every refund that the filter lets through, newest first.
    pub fn all(&self, filter: &RefundFilter) -> Result<Vec<RefundRow>, StoreError> {
        Ok(self.page(filter, 0, u32::MAX)?.rows)
    }
}

/// The refund history inside a write.
pub struct RefundsWrite<'a>(pub(crate) Refunds<'a>);

impl<'a> std::ops::Deref for RefundsWrite<'a> {
    type Target = Refunds<'a>;
    fn deref(&self) -> &Refunds<'a> {
        &self.0
    }
}

impl RefundsWrite<'_> {
    /// Adds the refund or replaces the one with its order id.
    pub fn put(&mut self, row: &RefundRow) -> Result<(), StoreError> {
        upsert(self.0.cache, &["customer", "refund_order"], row)
    }
}
