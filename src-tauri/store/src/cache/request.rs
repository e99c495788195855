//! Requests (what the manager decided) and how far they have come: a projection of the journal.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::columns::Json;
use crate::error::StoreError;
use crate::schema::Migration;
use crate::table::{select, select_one, table_handles, table_row, upsert};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    usable_from: 1,
    sql: "
    CREATE TABLE request (
        id TEXT PRIMARY KEY,
        customer TEXT NOT NULL,
        resource TEXT NOT NULL,
        action TEXT NOT NULL,
        expires INTEGER,
        state TEXT NOT NULL,
        channel TEXT,
        currency TEXT NOT NULL,
        predicted TEXT NOT NULL,
        predicted_max TEXT NOT NULL,
        actual TEXT,
        arrived TEXT NOT NULL,
        reason TEXT,
        refund_order TEXT,
        token TEXT,
        quote_sha256 TEXT,
        quote TEXT,
        arrives_by TEXT,
        problem TEXT,
        params TEXT,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        entry_seq INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX request_of_resource ON request (customer, resource);
    CREATE INDEX request_of_refund_order ON request (customer, refund_order) WHERE refund_order IS NOT NULL;",
}];

/// States from which nothing more happens; a request in any other state is open.
pub const FINAL_STATES: [&str; 5] = ["refunded", "rejected", "expired", "withdrawn", "closed"];

/// SQL for "is open"; a test holds it against [`FINAL_STATES`].
pub(crate) const OPEN: &str = "state NOT IN ('refunded', 'rejected', 'expired', 'withdrawn', 'closed')";

table_row! {
    /// A request. Amounts in `currency`.
    pub struct RequestRow in "cache.db", "request" {
        pub id: String,
        pub customer: String,
        pub resource: String,
        pub action: String,
        /// The Updated Expiration Time, for `cancel_renewals`.
        pub expires: Option<DateTime<Utc>>,
        /// State in snake_case.
        pub state: String,
        pub channel: Option<String>,
        pub currency: String,
        /// Lower end of what the quote says.
        pub predicted: Decimal,
        /// Its upper end; equal when the quote is exact.
        pub predicted_max: Decimal,
        /// What the cloud asked or paid, as far as known.
        pub actual: Option<Decimal>,
        /// Money seen so far.
        pub arrived: Decimal,
        pub reason: Option<String>,
        pub refund_order: Option<String>,
        /// The token frozen before the first call.
        pub token: Option<String>,
        pub quote_sha256: Option<String>,
        pub quote: Option<Json>,
        /// A day as `YYYY-MM-DD`.
        pub arrives_by: Option<String>,
        pub problem: Option<Json>,
        /// The business parameters frozen with the token.
        pub params: Option<Json>,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        /// The newest journal entry it stands in.
        pub entry_seq: i64,
    }
}

table_handles! {
    /// Reads requests.
    Requests, RequestsWrite
}

impl Requests<'_> {
    pub fn get(&self, id: &str) -> Result<Option<RequestRow>, StoreError> {
        select_one(self.0, "WHERE id = ?1", [id])
    }

    /// All requests, newest first.
    pub fn list(&self) -> Result<Vec<RequestRow>, StoreError> {
        select(self.0, "ORDER BY created_at DESC, id DESC", [])
    }

    /// All open requests, newest first.
    pub fn list_open(&self) -> Result<Vec<RequestRow>, StoreError> {
        select(self.0, &format!("WHERE {OPEN} ORDER BY created_at DESC, id DESC"), [])
    }

    /// All requests of a customer, newest first.
    pub fn of_customer(&self, customer: &str) -> Result<Vec<RequestRow>, StoreError> {
        select(self.0, "WHERE customer = ?1 ORDER BY created_at DESC, id DESC", [customer])
    }

    /// All requests on a resource, newest first.
    pub fn of_resource(&self, customer: &str, resource: &str) -> Result<Vec<RequestRow>, StoreError> {
        select(self.0, "WHERE customer = ?1 AND resource = ?2 ORDER BY created_at DESC, id DESC", [customer, resource])
    }

    /// The newest open request on a resource.
    pub fn open_of_resource(&self, customer: &str, resource: &str) -> Result<Option<RequestRow>, StoreError> {
        let tail =
            format!("WHERE customer = ?1 AND resource = ?2 AND {OPEN} ORDER BY created_at DESC, id DESC LIMIT 1");
        select_one(self.0, &tail, [customer, resource])
    }

    /// The newest request with this refund order.
    pub fn by_refund_order(&self, customer: &str, refund_order: &str) -> Result<Option<RequestRow>, StoreError> {
        let tail = "WHERE customer = ?1 AND refund_order = ?2 ORDER BY created_at DESC, id DESC LIMIT 1";
        select_one(self.0, tail, [customer, refund_order])
    }
}

impl RequestsWrite<'_> {
    /// Adds the request or replaces the one with its id.
    pub fn put(&mut self, row: &RequestRow) -> Result<(), StoreError> {
        upsert(self.0.0, &["id"], row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sql_names_the_final_states() {
        let listed: Vec<String> = FINAL_STATES.iter().map(|state| format!("'{state}'")).collect();
        assert_eq!(OPEN, format!("state NOT IN ({})", listed.join(", ")));
    }
}
