//! Settings of the screen and of this desk, which must survive the cache: key and text.

use rusqlite::{OptionalExtension, params};

use crate::error::{At, StoreError};
use crate::schema::Migration;
use crate::table::{execute, table_handles};

const PLACE: &str = "journal.db, table setting";

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    usable_from: 1,
    sql: "CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;",
}];

table_handles! {
    /// Reads settings.
    Settings, SettingsWrite
}

impl Settings<'_> {
    pub fn get(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.0
            .prepare_cached("SELECT value FROM setting WHERE key = ?1")
            .at(PLACE)?
            .query_row([key], |row| row.get(0))
            .optional()
            .at(PLACE)
    }

    /// All settings by key.
    pub fn list(&self) -> Result<Vec<(String, String)>, StoreError> {
        let mut statement = self.0.prepare_cached("SELECT key, value FROM setting ORDER BY key").at(PLACE)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).at(PLACE)?;
        rows.collect::<rusqlite::Result<_>>().at(PLACE)
    }
}

impl SettingsWrite<'_> {
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        execute(self.0.0, PLACE, sql, params![key, value]).map(drop)
    }

    pub fn delete(&mut self, key: &str) -> Result<(), StoreError> {
        execute(self.0.0, PLACE, "DELETE FROM setting WHERE key = ?1", [key]).map(drop)
    }
}
