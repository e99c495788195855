//! The store through its public face; where a test must look behind it, with a SQLCipher connection of its own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

mod backups;
mod batches;
mod fake_keyring;
mod full_disks;
mod homes;
mod imports;
mod journal;
mod kills;
mod long_lists;
mod plans;
mod quotes;
mod tables;
mod ways;
mod writes;

use std::path::Path;

use chrono::{DateTime, Utc};
use desk_store::{HomeKind, Store, Unlock};
use rust_decimal::Decimal;

pub fn instant(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

pub fn amount(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

/// Different bytes at every call, the same in every run.
pub fn counting_entropy() -> impl FnMut(&mut [u8]) {
    let mut next = 0_u8;
    move |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(5).wrapping_add(17);
            *byte = next;
        }
    }
}

pub fn sandbox(dir: &Path) -> Store {
    let (store, code) = Store::create(
        dir,
        HomeKind::Sandbox,
        &Unlock::Nothing,
        &mut counting_entropy(),
        instant("2026-11-20T08:00:00Z"),
    )
    .unwrap();
    assert!(code.is_none());
    store
}

/// A connection past the store, with the key that a sandbox home keeps in clear.
pub fn past_the_store(dir: &Path, file: &str) -> rusqlite::Connection {
    let home: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(dir.join("home.json")).unwrap()).unwrap();
    let key = home["key"]["clear"].as_str().unwrap();
    let conn = rusqlite::Connection::open(dir.join(file)).unwrap();
    conn.execute_batch(&format!("PRAGMA key = \"x'{key}'\"")).unwrap();
    conn
}
