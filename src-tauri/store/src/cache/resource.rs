//! Resources (instances and resource plans) as the cloud lists them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::params;

use crate::columns::{Column, Json};
use crate::error::{At, StoreError};
use crate::schema::Migration;
use crate::table::{TableRow, column, execute, id_list, select, select_one, table_handles, table_row, upsert_with};

pub(crate) const MIGRATIONS: &[Migration] = &[MADE, COUNTED];

/// What is listed is counted for each customer without reading the rows.
const COUNTED: Migration = Migration {
    version: 11,
    usable_from: 1,
    sql: "CREATE INDEX resource_listed ON resource (customer) WHERE gone_at IS NULL;",
};

const MADE: Migration = Migration {
    version: 1,
    usable_from: 1,
    sql: "
    CREATE TABLE resource (
        customer TEXT NOT NULL,
        id TEXT NOT NULL,
        product TEXT NOT NULL,
        product_type TEXT NOT NULL,
        kind TEXT NOT NULL,
        region TEXT NOT NULL,
        billing TEXT NOT NULL,
        status TEXT NOT NULL,
        renew_status TEXT,
        created_at INTEGER NOT NULL,
        end_at INTEGER,
        usage TEXT,
        raw TEXT NOT NULL,
        facts_at INTEGER NOT NULL,
        gone_at INTEGER,
        pass INTEGER NOT NULL,
        PRIMARY KEY (customer, id)
    ) STRICT;",
};

table_row! {
    /// A resource of a customer.
    pub struct ResourceRow in "cache.db", "resource" {
        pub customer: String,
        pub id: String,
        pub product: String,
        /// The cloud's product type; empty for many products.
        pub product_type: String,
        /// `instance` or `resource_plan`.
        pub kind: String,
        pub region: String,
        /// Billing method as the cloud names it.
        pub billing: String,
        pub status: String,
        pub renew_status: Option<String>,
        pub created_at: DateTime<Utc>,
        pub end_at: Option<DateTime<Utc>>,
        /// Remaining and total of a plan.
        pub usage: Option<Json>,
        /// The cloud's own row.
        pub raw: Json,
        /// When this row came from the cloud.
        pub facts_at: DateTime<Utc>,
        /// Set: a full pass no longer listed it.
        pub gone_at: Option<DateTime<Utc>>,
    }
}

/// What a page of rows changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upserted {
    /// Ids that were not there (or were gone).
    pub new: Vec<String>,
    /// Ids whose row from the cloud differs from the one before.
    pub changed: Vec<String>,
}

table_handles! {
    /// Reads resources.
    Resources, ResourcesWrite
}

impl Resources<'_> {
    pub fn get(&self, customer: &str, id: &str) -> Result<Option<ResourceRow>, StoreError> {
        select_one(self.0, "WHERE customer = ?1 AND id = ?2", [customer, id])
    }

    /// Those of a customer with one of these ids, in no order.
    pub fn among<S: AsRef<str>>(&self, customer: &str, ids: &[S]) -> Result<Vec<ResourceRow>, StoreError> {
        let tail = "WHERE customer = ?1 AND id IN (SELECT value FROM json_each(?2))";
        select(self.0, tail, params![customer, id_list(ids)])
    }

    /// All resources of a customer that the cloud still lists, by id.
    pub fn list(&self, customer: &str) -> Result<Vec<ResourceRow>, StoreError> {
        select(self.0, "WHERE customer = ?1 AND gone_at IS NULL ORDER BY id", [customer])
    }

    /// All resources of a customer, gone ones too, by id.
    pub fn list_with_gone(&self, customer: &str) -> Result<Vec<ResourceRow>, StoreError> {
        select(self.0, "WHERE customer = ?1 ORDER BY id", [customer])
    }

    /// Number of resources that the cloud still lists, per customer.
    pub fn count_by_customer(&self) -> Result<HashMap<String, u32>, StoreError> {
        let sql = "SELECT customer, count(*) AS found FROM resource WHERE gone_at IS NULL GROUP BY customer";
        let mut statement = self.0.prepare_cached(sql).at(ResourceRow::PLACE)?;
        let rows = statement
            .query_map([], |row| Ok((column(row, "customer")?, column(row, "found")?)))
            .at(ResourceRow::PLACE)?;
        rows.collect::<rusqlite::Result<_>>().at(ResourceRow::PLACE)
    }

    /// How many of a list (`kind`) the pass has not seen.
    pub fn unseen(&self, customer: &str, kind: &str, pass: i64) -> Result<u32, StoreError> {
        let sql = "SELECT count(*) FROM resource WHERE customer = ?1 AND kind = ?2 AND pass < ?3 AND gone_at IS NULL";
        let mut statement = self.0.prepare_cached(sql).at(ResourceRow::PLACE)?;
        statement.query_row(params![customer, kind, pass], |row| row.get(0)).at(ResourceRow::PLACE)
    }
}

impl ResourcesWrite<'_> {
    /// Keeps one page of the cloud's list. `pass` names the full pass over the list that the page belongs to.
    pub fn upsert_page(&mut self, rows: &[ResourceRow], pass: i64) -> Result<Upserted, StoreError> {
        let mut upserted = Upserted::default();
        for row in rows {
            match self.get(&row.customer, &row.id)? {
                None => upserted.new.push(row.id.clone()),
                Some(before) if before.gone_at.is_some() && row.gone_at.is_none() => upserted.new.push(row.id.clone()),
                Some(before) if before.raw != row.raw => upserted.changed.push(row.id.clone()),
                Some(_) => {}
            }
            upsert_with(self.0.0, &["customer", "id"], row, &[("pass", &pass)])?;
        }
        Ok(upserted)
    }

    /// Rows that the pass has seen although they could not be read: they stay as they were, and are not gone.
    pub fn seen(&mut self, customer: &str, ids: &[String], pass: i64) -> Result<(), StoreError> {
        let sql = "UPDATE resource SET pass = ?3 WHERE customer = ?1 AND id = ?2";
        ids.iter().try_for_each(|id| execute(self.0.0, ResourceRow::PLACE, sql, params![customer, id, pass]).map(drop))
    }

    /// After a complete pass over one list (`kind`): marks what it did not show. Returns the ids, in order.
    pub fn mark_gone(
        &mut self,
        customer: &str,
        kind: &str,
        pass: i64,
        at: DateTime<Utc>,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "UPDATE resource SET gone_at = ?4
                   WHERE customer = ?1 AND kind = ?2 AND pass < ?3 AND gone_at IS NULL RETURNING id";
        let mut statement = self.0.0.prepare_cached(sql).at(ResourceRow::PLACE)?;
        let rows =
            statement.query_map(params![customer, kind, pass, at.write()], |row| row.get(0)).at(ResourceRow::PLACE)?;
        let mut ids: Vec<String> = rows.collect::<rusqlite::Result<_>>().at(ResourceRow::PLACE)?;
        ids.sort_unstable();
        Ok(ids)
    }
}
