//! Opening the two files.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::error::{At, StoreError};
use crate::home::private_file;
use crate::key::Key;
use crate::schema::{self, Migration};
use crate::{cache, journal};

pub(crate) const JOURNAL_FILE: &str = "journal.db";
pub(crate) const CACHE_FILE: &str = "cache.db";

/// How long a connection waits for another's lock. Only checkpoints and a second, reading desk can hold one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Pages of the cache that its writer keeps decrypted, in KiB (SQLite's own is 2,000). Rows of a sync land all over the tables and their
/// indexes, and a page that was dropped is decrypted and checked again.
const WRITER_PAGES_KIB: i64 = 48 * 1024;

/// The same for each reader.
const READER_PAGES_KIB: i64 = 16 * 1024;

/// Pages of the write-ahead log after which its pages go into the cache's file (SQLite's own is 1,000). A sync writes the same pages
/// again and again, and each checkpoint waits for the disk.
const CHECKPOINT_PAGES: i64 = 8_192;
const SQLITE_CHECKPOINT_PAGES: i64 = 1_000;

/// More prepared statements than any one table module has.
const STATEMENTS_KEPT: usize = 128;

/// One of the two files.
#[derive(Clone, Copy)]
struct Database {
    file: &'static str,
    /// SQLite's own word for how hard a commit is pressed onto the disk.
    synchronous: &'static str,
    checkpoint_pages: i64,
    migrations: fn() -> Vec<&'static Migration>,
}

const JOURNAL: Database = Database {
    file: JOURNAL_FILE,
    synchronous: "FULL",
    checkpoint_pages: SQLITE_CHECKPOINT_PAGES,
    migrations: journal::migrations,
};
const CACHE: Database = Database {
    file: CACHE_FILE,
    synchronous: "NORMAL",
    checkpoint_pages: CHECKPOINT_PAGES,
    migrations: cache::migrations,
};

/// A connection to each file.
pub(crate) struct Connections {
    pub journal: Connection,
    pub cache: Connection,
}

impl Connections {
    /// For the writer of a new home: makes both files.
    pub fn create(dir: &Path, key: &Key) -> Result<Self, StoreError> {
        Ok(Self { journal: JOURNAL.create(dir, key)?, cache: CACHE.create(dir, key)? })
    }

    /// For the writer: brings both files up to date. A thrown-away cache is made anew, empty.
    pub fn for_writing(dir: &Path, key: &Key) -> Result<Self, StoreError> {
        JOURNAL.refuse_emptied(dir)?;
        let journal = JOURNAL.open_for_writing(dir, key)?;
        let cache =
            if dir.join(CACHE_FILE).exists() { CACHE.open_for_writing(dir, key)? } else { CACHE.create(dir, key)? };
        Ok(Self { journal, cache })
    }

    /// For a reader: cannot change anything.
    pub fn for_reading(dir: &Path, key: &Key) -> Result<Self, StoreError> {
        JOURNAL.refuse_emptied(dir)?;
        Ok(Self { journal: JOURNAL.open_for_reading(dir, key)?, cache: CACHE.open_for_reading(dir, key)? })
    }
}

impl Database {
    fn create(self, dir: &Path, key: &Key) -> Result<Connection, StoreError> {
        let path = dir.join(self.file);
        private_file(OpenOptions::new().write(true).create_new(true), &path)?;
        self.open_for_writing(dir, key)
    }

    /// SQLite takes a file of no bytes for a new database; for a journal it is a lost one.
    fn refuse_emptied(self, dir: &Path) -> Result<(), StoreError> {
        match std::fs::metadata(dir.join(self.file)) {
            Ok(found) if found.len() == 0 => {
                Err(StoreError::DatabaseDamaged { place: self.file.to_owned(), why: "the file is empty".to_owned() })
            }
            // A missing file is told by opening it.
            _ => Ok(()),
        }
    }

    fn open_for_writing(self, dir: &Path, key: &Key) -> Result<Connection, StoreError> {
        let mut conn = self.open(dir, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        conn.pragma_update(None, "journal_mode", "WAL").at(self.file)?;
        conn.pragma_update(None, "synchronous", self.synchronous).at(self.file)?;
        // INSERT OR REPLACE then asks the guards of the journal too.
        conn.pragma_update(None, "recursive_triggers", true).at(self.file)?;
        // Removed customers' names and keys are overwritten, not only unlinked.
        conn.pragma_update(None, "secure_delete", true).at(self.file)?;
        conn.pragma_update(None, "cache_size", -WRITER_PAGES_KIB).at(self.file)?;
        conn.pragma_update(None, "wal_autocheckpoint", self.checkpoint_pages).at(self.file)?;
        schema::bring_up_to_date(&mut conn, self.file, &(self.migrations)())?;
        Ok(conn)
    }

    fn open_for_reading(self, dir: &Path, key: &Key) -> Result<Connection, StoreError> {
        let conn = self.open(dir, key, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        conn.pragma_update(None, "cache_size", -READER_PAGES_KIB).at(self.file)?;
        schema::check_usable(&conn, self.file, &(self.migrations)())?;
        Ok(conn)
    }

    fn open(self, dir: &Path, key: &Key, access: OpenFlags) -> Result<Connection, StoreError> {
        let path = dir.join(self.file);
        if !path.exists() {
            return Err(StoreError::DatabaseMissing { dir: dir.to_owned(), file: self.file });
        }
        // Each connection stays on one thread at a time, so SQLite's own mutex is not needed.
        let access = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = match nobody_writes(&path) {
            Some(address) => Connection::open_with_flags(address, access | OpenFlags::SQLITE_OPEN_URI),
            None => Connection::open_with_flags(&path, access),
        };
        let conn = conn.at(self.file)?;
        // Damage comes back as an error; SQLCipher would also write it to the terminal.
        conn.execute_batch("PRAGMA cipher_log_level = NONE").at(self.file)?;
        conn.execute_batch(&key.pragma()).at(self.file)?;
        conn.busy_timeout(BUSY_TIMEOUT).at(self.file)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        conn.pragma_update(None, "foreign_keys", true).at(self.file)?;
        // Sorting must not spill plain text to a temporary file.
        conn.pragma_update(None, "temp_store", "MEMORY").at(self.file)?;
        // The first read shows whether the key fits.
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).at(self.file)?;
        Ok(conn)
    }
}

/// On a disk that is mounted to be read only, SQLite cannot make the files that readers of a log share, and need not: nobody writes.
/// Gives the address that says so. With a log that was not taken over yet (a copy of an open home) it would leave out what
/// stands there, so that is left to fail.
fn nobody_writes(path: &Path) -> Option<String> {
    let refused = OpenOptions::new().write(true).open(path).err()?;
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let has_log = std::fs::metadata(log).is_ok_and(|log| log.len() > 0);
    if refused.kind() != std::io::ErrorKind::ReadOnlyFilesystem || has_log {
        return None;
    }
    // What has a meaning in an address is written as its number.
    let escaped = path.to_str()?.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    Some(format!("file:{escaped}?immutable=1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::newest;

    #[track_caller]
    fn check(conn: &Connection, file: &str, pragmas: &[(&str, &str)]) {
        for (pragma, expect) in pragmas {
            let found: rusqlite::types::Value = conn.pragma_query_value(None, pragma, |row| row.get(0)).unwrap();
            let found = match found {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                other => format!("{other:?}"),
            };
            assert_eq!(found, *expect, "{file}: {pragma}");
        }
    }

    /// Every table, index and trigger in its own words.
    fn structure(conn: &Connection) -> Vec<(String, String)> {
        let mut statement =
            conn.prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).unwrap();
        rows.map(|row| row.map(|(name, sql)| (name, sql.split_whitespace().collect::<Vec<_>>().join(" "))))
            .collect::<Result<_, _>>()
            .unwrap()
    }

    /// A file of each schema number that there ever was becomes what a new file is.
    #[test]
    fn every_older_file_becomes_what_a_new_one_is() {
        for (file, all) in [("journal.db", crate::journal::migrations()), ("cache.db", crate::cache::migrations())] {
            let mut new = Connection::open_in_memory().unwrap();
            schema::bring_up_to_date(&mut new, file, &all).unwrap();
            for known in 1..newest(&all) {
                let then: Vec<&Migration> = all.iter().copied().filter(|step| step.version <= known).collect();
                let mut old = Connection::open_in_memory().unwrap();
                schema::bring_up_to_date(&mut old, file, &then).unwrap();
                assert_eq!(schema::check_usable(&old, file, &all).unwrap_err().code(), "database_older");
                schema::bring_up_to_date(&mut old, file, &all).unwrap();
                assert_eq!(structure(&old), structure(&new), "{file} of schema {known}");
                schema::check_usable(&old, file, &all).unwrap();
            }
        }
    }

    /// SQLite's numbers: synchronous 1 is NORMAL, 2 is FULL; temp_store 2 is MEMORY.
    #[test]
    fn connections_are_set_up_as_promised() {
        const ALL: [(&str, &str); 4] =
            [("journal_mode", "wal"), ("foreign_keys", "1"), ("temp_store", "2"), ("busy_timeout", "5000")];
        const WRITER: [(&str, &str); 2] = [("recursive_triggers", "1"), ("secure_delete", "1")];
        let dir = tempfile::tempdir().unwrap();
        let key = Key::random(&mut |bytes: &mut [u8]| bytes.fill(7));
        let created = Connections::create(dir.path(), &key).unwrap();
        let opened = Connections::for_writing(dir.path(), &key).unwrap();
        for writer in [&created, &opened] {
            let [journal, cache] =
                [crate::journal::migrations(), crate::cache::migrations()].map(|all| newest(&all).to_string());
            for (conn, file, synchronous, version) in
                [(&writer.journal, "journal.db", "2", journal), (&writer.cache, "cache.db", "1", cache)]
            {
                check(conn, file, &ALL);
                check(conn, file, &WRITER);
                let pages = if file == CACHE_FILE { "8192" } else { "1000" };
                check(conn, file, &[("synchronous", synchronous), ("user_version", &version)]);
                check(conn, file, &[("wal_autocheckpoint", pages)]);
                assert!(
                    conn.pragma_query_value(None, "cipher_version", |row| row.get::<_, String>(0))
                        .unwrap()
                        .starts_with('4')
                );
            }
        }
        let reader = Connections::for_reading(dir.path(), &key).unwrap();
        for (conn, file) in [(&reader.journal, "journal.db"), (&reader.cache, "cache.db")] {
            check(conn, file, &ALL);
            let refused = conn.execute_batch("CREATE TABLE x (y INTEGER)").unwrap_err();
            assert_eq!(refused.sqlite_error_code(), Some(rusqlite::ErrorCode::ReadOnly), "{file}");
        }
        let other = Key::random(&mut |bytes: &mut [u8]| bytes.fill(8));
        let refused = Connections::for_reading(dir.path(), &other).map(drop).unwrap_err();
        assert_eq!((refused.code(), refused.place().as_deref()), ("database_damaged", Some("journal.db")));
    }
}
