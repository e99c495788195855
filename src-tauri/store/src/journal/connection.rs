//! Connections: who a customer is and how to reach their account. The one place with names and credentials.

use chrono::{DateTime, Utc};
use rusqlite::params;

use crate::columns::Column;
use crate::error::StoreError;
use crate::key::Secret;
use crate::schema::Migration;
use crate::table::{TableRow, execute, select, select_one, table_handles, table_row, upsert};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        usable_from: 1,
        sql: "
    CREATE TABLE connection (
        id TEXT PRIMARY KEY,
        uid TEXT NOT NULL,
        name TEXT NOT NULL,
        site TEXT NOT NULL,
        currency TEXT NOT NULL,
        partner INTEGER NOT NULL CHECK (partner IN (0, 1)),
        endpoint TEXT NOT NULL,
        key_id TEXT NOT NULL,
        key_secret TEXT NOT NULL,
        sandbox INTEGER NOT NULL CHECK (sandbox IN (0, 1)),
        added_at INTEGER NOT NULL,
        removed_at INTEGER
    ) STRICT;",
    },
    // An older desk would call a role's customer with the manager's own key, and read another account.
    Migration {
        version: 2,
        usable_from: 2,
        sql: "
    ALTER TABLE connection ADD COLUMN way TEXT NOT NULL DEFAULT 'key' CHECK (way IN ('key', 'role', 'partner'));
    ALTER TABLE connection ADD COLUMN role_arn TEXT;
    ALTER TABLE connection ADD COLUMN external_id TEXT;",
    },
];

table_row! {
    /// A customer and the way to their account.
    pub struct ConnectionRow in "journal.db", "connection" {
        /// The customer's id in this home.
        pub id: String,
        /// Account id at the cloud, 16 digits.
        pub uid: String,
        pub name: String,
        /// `china` or `international`, pinned when the connection was tested.
        pub site: String,
        pub currency: String,
        /// The customer buys through a partner.
        pub partner: bool,
        pub endpoint: String,
        pub key_id: String,
        /// Never shown by `Debug`.
        pub key_secret: Secret,
        pub sandbox: bool,
        pub added_at: DateTime<Utc>,
        /// Set: the customer was removed; name and credentials are blank.
        pub removed_at: Option<DateTime<Utc>>,
        /// Whose key it is: `key` the customer's, `role` the manager's, who assumes `role_arn` with it, `partner` the partner's.
        pub way: String,
        pub role_arn: Option<String>,
        /// What the role's owner demands of who assumes it.
        pub external_id: Option<String>,
    }
}

impl ConnectionRow {
    /// Without a key there is no way to the account: what is known of the customer came from files.
    pub fn is_imported_only(&self) -> bool {
        self.key_id.is_empty()
    }

    /// The cloud lists the customer's resources, and each order with its instances and periods. A partner's key shows neither.
    pub fn lists_resources(&self) -> bool {
        !self.is_imported_only() && self.way != "partner"
    }
}

table_handles! {
    /// Reads connections.
    Connections, ConnectionsWrite
}

impl Connections<'_> {
    /// All connections that are not removed, by name.
    pub fn list(&self) -> Result<Vec<ConnectionRow>, StoreError> {
        select(self.0, "WHERE removed_at IS NULL ORDER BY name, id", [])
    }

    /// A connection, removed or not.
    pub fn get(&self, id: &str) -> Result<Option<ConnectionRow>, StoreError> {
        select_one(self.0, "WHERE id = ?1", [id])
    }

    /// The connection to an account that is not removed.
    pub fn by_uid(&self, uid: &str) -> Result<Option<ConnectionRow>, StoreError> {
        select_one(self.0, "WHERE uid = ?1 AND removed_at IS NULL", [uid])
    }
}

impl ConnectionsWrite<'_> {
    /// Adds the connection or replaces the one with its id.
    pub fn put(&mut self, row: &ConnectionRow) -> Result<(), StoreError> {
        upsert(self.0.0, &["id"], row)
    }

    /// Marks the connection removed and blanks its name and credentials. False when there is none (or it was removed before).
    pub fn remove(&mut self, id: &str, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let touched = execute(
            self.0.0,
            ConnectionRow::PLACE,
            "UPDATE connection SET name = '', key_id = '', key_secret = '', role_arn = NULL, external_id = NULL, removed_at = ?2
             WHERE id = ?1 AND removed_at IS NULL",
            params![id, at.write()],
        )?;
        Ok(touched > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::bring_up_to_date;

    #[test]
    fn connections_of_an_older_home_have_their_own_key() {
        let mut journal = rusqlite::Connection::open_in_memory().unwrap();
        bring_up_to_date(&mut journal, "journal.db", &[&MIGRATIONS[0]]).unwrap();
        let kept = "INSERT INTO connection VALUES ('c1', '1', 'A', 'china', 'CNY', 0, 'e', 'k', 's', 1, 0, NULL)";
        journal.execute(kept, []).unwrap();
        bring_up_to_date(&mut journal, "journal.db", &[&MIGRATIONS[0], &MIGRATIONS[1]]).unwrap();
        let row = Connections(&journal).get("c1").unwrap().unwrap();
        assert_eq!((row.way.as_str(), row.role_arn, row.external_id), ("key", None, None));
        // Whose key it is must be a word that the desk knows.
        journal.execute("UPDATE connection SET way = 'somehow'", []).unwrap_err();
    }
}
