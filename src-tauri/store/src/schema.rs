//! Bringing a database up to date, and refusing one that is too new.
//!
//! `user_version` is the newest migration that was applied. The one row of `schema` says from which schema number on an *older* desk
//! may still use the file: a desk that knows at least `usable_from` opens a newer file without touching its structure.

use rusqlite::{Connection, OptionalExtension};

use crate::error::{At, StoreError};

/// One step of a table's structure. Lives in the module of its table.
pub(crate) struct Migration {
    /// Schema number that this step belongs to. Steps are applied by number, within one number in the order of collection.
    pub version: u32,
    /// The oldest schema number whose desks can use the file after this step. Equal to `version` when they cannot.
    pub usable_from: u32,
    pub sql: &'static str,
}

const SCHEMA_TABLE: &str = "
    CREATE TABLE IF NOT EXISTS schema (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        usable_from INTEGER NOT NULL
    ) STRICT";

/// The newest schema number of `migrations`.
pub(crate) fn newest(migrations: &[&Migration]) -> u32 {
    migrations.iter().map(|step| step.version).max().unwrap_or(0)
}

/// Applies what is missing, in one transaction.
pub(crate) fn bring_up_to_date(
    conn: &mut Connection,
    file: &'static str,
    migrations: &[&Migration],
) -> Result<(), StoreError> {
    let found = found_version(conn, file)?;
    let known = newest(migrations);
    if found > known {
        return refuse_unusable(conn, file, found, known);
    }
    let mut missing: Vec<&&Migration> = migrations.iter().filter(|step| step.version > found).collect();
    if missing.is_empty() {
        return Ok(());
    }
    missing.sort_by_key(|step| step.version);
    let transaction = conn.transaction().at(file)?;
    transaction.execute_batch(SCHEMA_TABLE).at(file)?;
    for step in &missing {
        transaction.execute_batch(step.sql).at(file)?;
    }
    let usable_from = missing.iter().map(|step| step.usable_from).max().unwrap_or(known);
    transaction
        .execute(
            "INSERT INTO schema (id, usable_from) VALUES (1, ?1)
             ON CONFLICT (id) DO UPDATE SET usable_from = max(usable_from, excluded.usable_from)",
            [usable_from],
        )
        .at(file)?;
    transaction.pragma_update(None, "user_version", known).at(file)?;
    transaction.commit().at(file)
}

/// Checks a database that must not be changed.
pub(crate) fn check_usable(conn: &Connection, file: &'static str, migrations: &[&Migration]) -> Result<(), StoreError> {
    let found = found_version(conn, file)?;
    let known = newest(migrations);
    if found < known {
        return Err(StoreError::DatabaseOlder { file, found, known });
    }
    if found > known {
        return refuse_unusable(conn, file, found, known);
    }
    Ok(())
}

fn found_version(conn: &Connection, file: &str) -> Result<u32, StoreError> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0)).at(file)
}

fn refuse_unusable(conn: &Connection, file: &'static str, found: u32, known: u32) -> Result<(), StoreError> {
    let usable_from: Option<u32> =
        conn.query_row("SELECT usable_from FROM schema WHERE id = 1", [], |row| row.get(0)).optional().at(file)?;
    match usable_from {
        Some(usable_from) if usable_from <= known => Ok(()),
        _ => Err(StoreError::DatabaseNewer { file, found, known }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Migration = Migration { version: 1, usable_from: 1, sql: "CREATE TABLE a (x INTEGER) STRICT" };
    const COLUMN: Migration = Migration { version: 2, usable_from: 1, sql: "ALTER TABLE a ADD COLUMN y INTEGER" };
    const BREAKING: Migration = Migration { version: 3, usable_from: 3, sql: "ALTER TABLE a RENAME COLUMN x TO z" };

    /// Written by a desk that knows `wrote`, opened by one that knows `opens`.
    #[track_caller]
    fn check(wrote: &[&Migration], opens: &[&Migration], for_writing: Result<u32, &str>, read_only: Result<(), &str>) {
        let mut conn = Connection::open_in_memory().unwrap();
        bring_up_to_date(&mut conn, "cache.db", wrote).unwrap();
        assert_eq!(check_usable(&conn, "cache.db", opens).map_err(|e| e.code()), read_only);
        let written =
            bring_up_to_date(&mut conn, "cache.db", opens).map(|()| found_version(&conn, "cache.db").unwrap());
        assert_eq!(written.map_err(|e| e.code()), for_writing);
    }

    #[test]
    fn older_files_are_migrated_and_newer_ones_judged_by_their_own_word() {
        check(&[&FIRST], &[&FIRST], Ok(1), Ok(()));
        check(&[&FIRST], &[&FIRST, &COLUMN], Ok(2), Err("database_older"));
        check(&[&FIRST], &[&FIRST, &COLUMN, &BREAKING], Ok(3), Err("database_older"));
        check(&[&FIRST, &COLUMN], &[&FIRST], Ok(2), Ok(()));
        check(&[&FIRST, &COLUMN, &BREAKING], &[&FIRST, &COLUMN], Err("database_newer"), Err("database_newer"));
        check(&[&FIRST, &COLUMN, &BREAKING], &[&FIRST], Err("database_newer"), Err("database_newer"));
    }

    /// Set in the process that migrates and is killed: its file.
    const KILLED: &str = "DESK_STORE_MIGRATION_KILLED";

    /// Rows that the long migration writes: enough to be killed in the middle of.
    const ROWS: u32 = 200_000;

    const LONG: Migration = Migration {
        version: 2,
        usable_from: 2,
        sql: "CREATE TABLE b (x INTEGER PRIMARY KEY, y TEXT NOT NULL) STRICT;
              INSERT INTO b SELECT value, hex(zeroblob(100)) FROM (
                  WITH RECURSIVE counted (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM counted WHERE value < 200000)
                  SELECT value FROM counted);
              ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 7",
    };

    fn at_file(path: &std::path::Path) -> Connection {
        let conn = Connection::open(path).unwrap();
        conn.pragma_update(None, "journal_mode", "WAL").unwrap();
        // Little is kept in memory, so that a migration stands in the file long before it is committed.
        conn.pragma_update(None, "cache_size", 50).unwrap();
        conn
    }

    /// A process is killed at one instant after another of a migration; each time the file is as it was, or migrated whole, and
    /// the next process brings it up to date.
    #[test]
    fn a_killed_migration_is_done_again_from_its_beginning() {
        if let Some(path) = std::env::var_os(KILLED) {
            let mut conn = at_file(path.as_ref());
            bring_up_to_date(&mut conn, "cache.db", &[&FIRST, &LONG]).unwrap();
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let (mut before, mut in_the_middle) = (0, 0);
        for round in 0..8_u64 {
            let path = dir.path().join(format!("{round}.db"));
            bring_up_to_date(&mut at_file(&path), "cache.db", &[&FIRST]).unwrap();
            at_file(&path).execute("INSERT INTO a VALUES (1)", []).unwrap();
            let mut child = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "schema::tests::a_killed_migration_is_done_again_from_its_beginning"])
                .env(KILLED, &path)
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap();
            // So much of it stands in the log: a little more each round.
            let log = path.with_extension("db-wal");
            let written = || std::fs::metadata(&log).map_or(0, |found| found.len());
            while written() < round * 2_000_000 && child.try_wait().unwrap().is_none() {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            child.kill().unwrap();
            child.wait().unwrap();
            in_the_middle += u32::from(written() > 0);
            let mut conn = at_file(&path);
            if found_version(&conn, "cache.db").unwrap() == 1 {
                before += 1;
                assert!(conn.prepare("SELECT * FROM b").is_err(), "round {round}");
            }
            bring_up_to_date(&mut conn, "cache.db", &[&FIRST, &LONG]).unwrap();
            let rows = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap();
            assert_eq!((rows("SELECT count(*) FROM b"), rows("SELECT y FROM a")), (ROWS, 7), "round {round}");
        }
        assert!(
            before > 4 && in_the_middle > 4,
            "{before} before, {in_the_middle} in the middle: no kill came in time"
        );
    }

    #[test]
    fn a_failed_migration_leaves_nothing_behind() {
        let mut conn = Connection::open_in_memory().unwrap();
        let broken = Migration {
            version: 2,
            usable_from: 2,
            sql: "CREATE TABLE b (x INTEGER) STRICT; CREATE TABLE a (x INTEGER) STRICT",
        };
        bring_up_to_date(&mut conn, "cache.db", &[&FIRST]).unwrap();
        bring_up_to_date(&mut conn, "cache.db", &[&FIRST, &broken]).unwrap_err();
        assert_eq!(found_version(&conn, "cache.db").unwrap(), 1);
        assert!(conn.prepare("SELECT * FROM b").is_err());
    }
}
