//! Tables of `cache.db`: what can be thrown away and rebuilt from the journal and the cloud.

pub mod batch;
pub mod connection_note;
pub mod cursor;
pub mod fact;
pub mod import_mark;
pub mod imported_line;
pub(crate) mod journal_mark;
pub(crate) mod lists;
pub mod order_head;
pub mod order_part;
pub mod quote;
pub mod refund;
pub mod relation;
pub mod request;
pub mod resource;
pub mod sync_run;
pub mod transaction;

use rusqlite::Connection;

use crate::error::StoreError;
use crate::schema::Migration;
use crate::table::execute;

pub use journal_mark::{JournalMarks, JournalMarksWrite};

/// All migrations of `cache.db`, in the order they depend on each other.
pub(crate) fn migrations() -> Vec<&'static Migration> {
    [
        resource::MIGRATIONS,
        order_head::MIGRATIONS,
        order_part::MIGRATIONS,
        transaction::MIGRATIONS,
        refund::MIGRATIONS,
        fact::MIGRATIONS,
        request::MIGRATIONS,
        batch::MIGRATIONS,
        quote::MIGRATIONS,
        lists::MIGRATIONS,
        sync_run::MIGRATIONS,
        cursor::MIGRATIONS,
        imported_line::MIGRATIONS,
        import_mark::MIGRATIONS,
        journal_mark::MIGRATIONS,
        relation::MIGRATIONS,
        connection_note::MIGRATIONS,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Every table with rows of a customer. A test compares this list with the database.
const CUSTOMER_TABLES: [&str; 15] = [
    "resource",
    "order_head",
    "order_part",
    "txn",
    "refund",
    "fact",
    "request",
    "batch",
    "quote",
    "sync_run",
    "cursor",
    "relation",
    "connection_note",
    "imported_line",
    "import_mark",
];

pub(crate) fn purge_customer(cache: &Connection, customer: &str) -> Result<(), StoreError> {
    for table in CUSTOMER_TABLES {
        execute(cache, "cache.db", &format!("DELETE FROM {table} WHERE customer = ?1"), [customer])?;
    }
    Ok(())
}
