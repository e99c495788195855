//! The quote book: one row per live resource, for the action `unsubscribe`. The lists of the window are read from here.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::cache::lists::quotes::QuoteList;
use crate::cache::lists::{Follows, Lists};
use crate::cache::request::OPEN;
use crate::columns::{Column, Json};
use crate::error::{At, StoreError};
use crate::journal::connection::Connections;
use crate::schema::Migration;
use crate::table::{TableRow, column, execute, id_list, select, select_one, table_row, upsert_with};

/// `refund_sort` only sorts; amounts shown and summed are the decimal texts. The whole document of a quote is not kept: it is
/// made from the facts when somebody looks at it, the same to the byte.
pub(crate) const MIGRATIONS: &[Migration] = &[MADE, WITHOUT_DOCUMENTS, LISTED, SORTED, WITHOUT_ORDERS];

/// Everything that a list is filtered, sorted and counted by stands in one index: a walk through it reads a third of the table, and
/// none of the long texts. The two orders that a list begins with most have an index of their own.
const LISTED: Migration = Migration {
    version: 9,
    usable_from: 8,
    sql: "
    DROP INDEX quote_by_refund;
    DROP INDEX quote_by_expiry;
    CREATE INDEX quote_by_refund ON quote (kind, refund_sort, customer, resource);
    CREATE INDEX quote_by_expiry ON quote (kind, expires_at, customer, resource);
    CREATE INDEX quote_listed ON quote (kind, customer, resource, product, region, status, refund_type, ordered_at, expires_at,
        valid_until, pending_renewals, refund_sort, eligible, currency, refund);",
};

const WITHOUT_DOCUMENTS: Migration = Migration { version: 5, usable_from: 5, sql: "DROP TABLE quote_doc;" };

const MADE: Migration = Migration {
    version: 1,
    usable_from: 1,
    sql: "
    CREATE TABLE quote (
        id INTEGER PRIMARY KEY,
        customer TEXT NOT NULL,
        resource TEXT NOT NULL,
        product TEXT NOT NULL,
        kind TEXT NOT NULL,
        region TEXT NOT NULL,
        status TEXT NOT NULL,
        ordered_at INTEGER,
        expires_at INTEGER,
        refund_type TEXT,
        refund TEXT,
        refund_max TEXT,
        exact INTEGER NOT NULL CHECK (exact IN (0, 1)),
        currency TEXT,
        eligible INTEGER NOT NULL CHECK (eligible IN (0, 1)),
        batchable INTEGER NOT NULL CHECK (batchable IN (0, 1)),
        blockers TEXT NOT NULL,
        valid_until INTEGER,
        pending_renewals INTEGER NOT NULL,
        made_at INTEGER NOT NULL,
        problem TEXT,
        refund_sort INTEGER,
        UNIQUE (customer, resource)
    ) STRICT;
    CREATE TABLE quote_doc (
        quote INTEGER PRIMARY KEY REFERENCES quote (id) ON DELETE CASCADE,
        doc TEXT NOT NULL
    ) STRICT;
    CREATE INDEX quote_by_refund ON quote (refund_sort, customer, resource);
    CREATE INDEX quote_by_expiry ON quote (expires_at, customer, resource);
    CREATE INDEX quote_by_validity ON quote (valid_until) WHERE valid_until IS NOT NULL;
    CREATE INDEX quote_refundable ON quote (customer, currency, refund) WHERE eligible = 1;",
};

/// Orders, counts and sums are made in memory, see `cache/lists`: with twelve indexes to keep, most of the time of a quote was theirs.
const WITHOUT_ORDERS: Migration = Migration {
    version: 11,
    // An older desk names the indexes in its statements.
    usable_from: 11,
    sql: "
    DROP INDEX quote_by_refund;
    DROP INDEX quote_by_expiry;
    DROP INDEX quote_listed;
    DROP INDEX quote_refundable;
    DROP INDEX quote_by_product;
    DROP INDEX quote_by_resource;
    DROP INDEX quote_by_order_time;
    DROP INDEX quote_by_region;
    DROP INDEX quote_by_status;
    DROP INDEX quote_by_refund_type;
    DROP INDEX quote_by_holding;
    DROP INDEX quote_by_renewals;",
};

/// A list of one kind is walked in the order of any column.
const SORTED: Migration = Migration {
    version: 10,
    usable_from: 8,
    sql: "
    CREATE INDEX quote_by_product ON quote (kind, product, customer, resource);
    CREATE INDEX quote_by_resource ON quote (kind, resource, customer);
    CREATE INDEX quote_by_order_time ON quote (kind, ordered_at, customer, resource);
    CREATE INDEX quote_by_region ON quote (kind, region, customer, resource);
    CREATE INDEX quote_by_status ON quote (kind, status, customer, resource);
    CREATE INDEX quote_by_refund_type ON quote (kind, refund_type, customer, resource);
    CREATE INDEX quote_by_holding ON quote (kind, valid_until, customer, resource);
    CREATE INDEX quote_by_renewals ON quote (kind, pending_renewals, customer, resource);",
};

/// Amounts are sorted as millionths of the currency's unit: the finest amount that bills show has six decimals.
const SORT_SCALE: u32 = 1_000_000;

/// A page holds at most this many rows (`ResourceQuery` promises the same to hosts).
pub const PAGE_MAX: u32 = 500;

table_row! {
    /// A quote in short. Amounts in `currency`.
    pub struct QuoteSummary in "cache.db", "quote" {
        pub customer: String,
        pub resource: String,
        pub product: String,
        /// `instance` or `resource_plan`.
        pub kind: String,
        pub region: String,
        pub status: String,
        /// Earliest order.
        pub ordered_at: Option<DateTime<Utc>>,
        pub expires_at: Option<DateTime<Utc>>,
        /// `None`: could not be quoted; `problem` says why.
        pub refund_type: Option<String>,
        /// What is certain to come back.
        pub refund: Option<Decimal>,
        /// The most that can come back.
        pub refund_max: Option<Decimal>,
        pub exact: bool,
        pub currency: Option<String>,
        pub eligible: bool,
        pub batchable: bool,
        pub blockers: Vec<String>,
        /// The quote must be made again from this instant.
        pub valid_until: Option<DateTime<Utc>>,
        pub pending_renewals: u32,
        pub made_at: DateTime<Utc>,
        pub problem: Option<Json>,
    }
}

/// Columns a list can be sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum QuoteSort {
    #[default]
    Refund,
    Expires,
    Product,
    Resource,
    /// By the customer's name.
    Customer,
    OrderTime,
    Region,
    Status,
    RefundType,
    /// By the end of the quote's validity.
    HoldsUntil,
    Renewals,
}

/// Which quotes to list; everything left empty is "all".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuoteFilter {
    pub customer: Option<String>,
    /// `instance` or `resource_plan`.
    pub kind: Option<String>,
    pub refund_type: Option<String>,
    pub product: Option<String>,
    /// Any part of an instance id, a product code, a region or the customer's name; letters A to Z whatever their case.
    pub text: String,
    pub ordered_from: Option<DateTime<Utc>>,
    /// Up to before this instant.
    pub ordered_until: Option<DateTime<Utc>>,
    pub sort: QuoteSort,
    pub descending: bool,
    pub offset: u32,
    /// At most [`PAGE_MAX`]; more is cut.
    pub limit: u32,
}

/// A quote as a list shows it, with what stands in other tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedQuote {
    pub quote: QuoteSummary,
    /// Empty when there is no connection of this customer.
    pub customer_name: String,
    pub renew_status: Option<String>,
    /// When the resource's row came from the cloud; `None` when the resource is not kept.
    pub facts_at: Option<DateTime<Utc>>,
    /// Id of the newest open request on the resource.
    pub request: Option<String>,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotePage {
    /// Number of quotes that the filter lets through, on all pages.
    pub total: u32,
    pub rows: Vec<ListedQuote>,
    /// Per refund type, whatever refund type the filter asks for; without those that could not be quoted.
    pub segments: Vec<SegmentCount>,
    /// Product codes within the filter's customer and kind.
    pub products: Vec<String>,
}

/// What a filter lets through, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteTally {
    pub total: u32,
    /// As in [`QuotePage`].
    pub segments: Vec<SegmentCount>,
    pub products: Vec<String>,
    /// What is certain to come back of the eligible ones, per currency.
    pub refundable: Vec<CurrencySum>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentCount {
    pub refund_type: String,
    pub count: u32,
}

/// An exact sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrencySum {
    pub currency: String,
    pub amount: Decimal,
}

/// Reads the quote book. Names for sorting and showing come from the connections.
#[derive(Clone, Copy)]
pub struct Quotes<'a> {
    pub(crate) cache: &'a Connection,
    pub(crate) journal: &'a Connection,
    /// None inside a write: what it has done so far may yet be taken back.
    pub(crate) lists: Option<&'a Lists>,
}

impl Quotes<'_> {
    pub fn get(&self, customer: &str, resource: &str) -> Result<Option<QuoteSummary>, StoreError> {
        select_one(self.cache, "WHERE customer = ?1 AND resource = ?2", [customer, resource])
    }

    /// A quote as a list shows it.
    pub fn listed(&self, customer: &str, resource: &str) -> Result<Option<ListedQuote>, StoreError> {
        let names = self.names()?;
        self.get(customer, resource)?.map(|quote| self.with_neighbours(quote, &names)).transpose()
    }

    /// Those of a customer for these resources, in no order.
    pub fn among<S: AsRef<str>>(&self, customer: &str, resources: &[S]) -> Result<Vec<QuoteSummary>, StoreError> {
        let tail = "WHERE customer = ?1 AND resource IN (SELECT value FROM json_each(?2))";
        select(self.cache, tail, params![customer, id_list(resources)])
    }

    /// All quotes of a customer in short, by resource.
    pub fn of_customer(&self, customer: &str) -> Result<Vec<QuoteSummary>, StoreError> {
        select(self.cache, "WHERE customer = ?1 ORDER BY resource", [customer])
    }

    /// Quotes that must be made again at `now`, the longest overdue first.
    pub fn stale(&self, now: DateTime<Utc>) -> Result<Vec<QuoteSummary>, StoreError> {
        select(self.cache, "WHERE valid_until <= ?1 ORDER BY valid_until, customer, resource", params![now.write()])
    }

    /// Sums of what is certain to come back for eligible quotes, per customer and currency.
    pub fn refundable(&self) -> Result<BTreeMap<String, Vec<CurrencySum>>, StoreError> {
        self.listing(QuoteList::refundable)
    }

    /// One page with the counts of the whole filter.
    pub fn page(&self, filter: &QuoteFilter) -> Result<QuotePage, StoreError> {
        let rows = self.rows(filter)?;
        let QuoteTally { total, segments, products, .. } = self.tally(filter)?;
        Ok(QuotePage { total, rows, segments, products })
    }

    /// The rows of one page, without the counts that are the same on every page.
    pub fn rows(&self, filter: &QuoteFilter) -> Result<Vec<ListedQuote>, StoreError> {
        let names = self.names()?;
        let ids = self.listing(|list| list.page(filter, &names, filter.limit.min(PAGE_MAX)))?;
        let mut rows = Vec::new();
        for id in ids {
            let quote: Option<QuoteSummary> = select_one(self.cache, "WHERE id = ?1", [id])?;
            if let Some(quote) = quote {
                rows.push(self.with_neighbours(quote, &names)?);
            }
        }
        Ok(rows)
    }

    /// Customer and resource of the first `limit` rows of a filter, in its order; here more than a page.
    pub fn keys(&self, filter: &QuoteFilter, limit: u32) -> Result<Vec<(String, String)>, StoreError> {
        let names = self.names()?;
        self.listing(|list| list.keys(filter, &names, limit))
    }

    /// What the filter lets through: counts per refund type, products, and sums of what is certain to come back.
    pub fn tally(&self, filter: &QuoteFilter) -> Result<QuoteTally, StoreError> {
        let names = self.names()?;
        self.listing(|list| list.tally(filter, &names))
    }

    /// Asks the list of this snapshot.
    fn listing<T>(&self, ask: impl FnOnce(&QuoteList) -> T) -> Result<T, StoreError> {
        match self.lists {
            Some(lists) => Ok(ask(&*lists.quotes(self.cache)?)),
            None => Ok(ask(&QuoteList::read(self.cache)?)),
        }
    }

    /// How many quotes must be made again at `now`.
    pub fn stale_count(&self, now: DateTime<Utc>) -> Result<u32, StoreError> {
        let sql = "SELECT count(*) FROM quote WHERE valid_until <= ?1";
        let mut statement = self.cache.prepare_cached(sql).at(QuoteSummary::PLACE)?;
        statement.query_row(params![now.write()], |row| row.get(0)).at(QuoteSummary::PLACE)
    }

    /// The `limit` quotes that are overdue the longest at `now`.
    pub fn stale_first(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<QuoteSummary>, StoreError> {
        let tail = "WHERE valid_until <= ?1 ORDER BY valid_until, customer, resource LIMIT ?2";
        select(self.cache, tail, params![now.write(), limit])
    }

    /// Ids and names of connected customers, by name.
    fn names(&self) -> Result<Vec<(String, String)>, StoreError> {
        Ok(Connections(self.journal).list()?.into_iter().map(|row| (row.id, row.name)).collect())
    }

    fn with_neighbours(&self, quote: QuoteSummary, names: &[(String, String)]) -> Result<ListedQuote, StoreError> {
        let customer_name =
            names.iter().find(|(id, _)| *id == quote.customer).map(|(_, name)| name.clone()).unwrap_or_default();
        let resource = self
            .cache
            .prepare_cached("SELECT renew_status, facts_at FROM resource WHERE customer = ?1 AND id = ?2")
            .at(QuoteSummary::PLACE)?
            .query_row([&quote.customer, &quote.resource], |row| {
                Ok((column(row, "renew_status")?, column(row, "facts_at")?))
            })
            .optional()
            .at(QuoteSummary::PLACE)?;
        let (renew_status, facts_at) =
            resource.map_or((None, None), |(renew, at): (_, DateTime<Utc>)| (renew, Some(at)));
        let sql = format!(
            "SELECT id FROM request WHERE customer = ?1 AND resource = ?2 AND {OPEN} ORDER BY created_at DESC, id DESC LIMIT 1"
        );
        let request = self
            .cache
            .prepare_cached(&sql)
            .at(QuoteSummary::PLACE)?
            .query_row([&quote.customer, &quote.resource], |row| row.get(0))
            .optional()
            .at(QuoteSummary::PLACE)?;
        Ok(ListedQuote { quote, customer_name, renew_status, facts_at, request })
    }
}

/// The quote book inside a write.
pub struct QuotesWrite<'a>(pub(crate) Quotes<'a>);

impl<'a> std::ops::Deref for QuotesWrite<'a> {
    type Target = Quotes<'a>;
    fn deref(&self) -> &Quotes<'a> {
        &self.0
    }
}

impl QuotesWrite<'_> {
    /// Keeps the quote in place of the resource's earlier one.
    pub fn put(&mut self, row: &QuoteSummary) -> Result<(), StoreError> {
        let sort_key = row.refund.map(sort_key);
        upsert_with(self.0.cache, &["customer", "resource"], row, &[("refund_sort", &sort_key)])
    }

    /// Forgets the quote of a resource that is no longer there.
    pub fn delete(&mut self, customer: &str, resource: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM quote WHERE customer = ?1 AND resource = ?2";
        execute(self.0.cache, QuoteSummary::PLACE, sql, [customer, resource]).map(drop)
    }

    /// Forgets all quotes of a customer, before the book is made again.
    pub fn clear(&mut self, customer: &str) -> Result<(), StoreError> {
        execute(self.0.cache, QuoteSummary::PLACE, "DELETE FROM quote WHERE customer = ?1", [customer]).map(drop)
    }
}

/// Amounts that are too large to tell apart as integers sort together at the end.
fn sort_key(refund: Decimal) -> i64 {
    let limit = if refund.is_sign_negative() { i64::MIN } else { i64::MAX };
    refund.checked_mul(Decimal::from(SORT_SCALE)).and_then(|scaled| scaled.trunc().to_i64()).unwrap_or(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sort_keys_keep_the_order_of_amounts() {
        let cases = [
            ("-9223372036855", i64::MIN),
            ("-0.01", -10_000),
            ("0", 0),
            ("0.000001", 1),
            ("12.30", 12_300_000),
            ("9223372036854", 9_223_372_036_854_000_000),
            ("9223372036855", i64::MAX),
            ("79228162514264337593543950335", i64::MAX),
        ];
        for (amount, key) in cases {
            let amount = Decimal::from_str_exact(amount).unwrap();
            assert_eq!(sort_key(amount), key, "{amount}");
        }
    }
}
