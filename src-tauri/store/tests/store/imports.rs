//! What was taken from files: it stays in the journal's home, and in the cache until that is thrown away.

use chrono::{DateTime, Utc};
use desk_store::{
    Access, FILE_NUMBER, ImportMark, ImportedFile, ImportedLine, Json, Store, StoreError, TransactionRow, Unlock, Write,
};
use tempfile::tempdir;

use crate::{amount, instant, past_the_store, sandbox};

fn day(day: u32) -> DateTime<Utc> {
    instant(&format!("2026-11-{day:02}T00:00:00Z"))
}

fn file(customer: &str, entry_seq: i64) -> ImportedFile {
    ImportedFile {
        entry_seq,
        customer: customer.to_owned(),
        name: "orders.csv".to_owned(),
        sha256: "ab".repeat(32),
        reading: "orders +08:00".to_owned(),
        kind: "orders".to_owned(),
        dated: day(3),
        chunks: 2,
    }
}

fn line(customer: &str, line: &str, doc: &str) -> ImportedLine {
    ImportedLine {
        customer: customer.to_owned(),
        order_id: "11".to_owned(),
        kind: "orders".to_owned(),
        line: line.to_owned(),
        doc: Json::parse(doc).unwrap(),
        dated: day(3),
        entry_seq: 1,
    }
}

/// A row of each cache table that files have.
pub fn mark(tx: &mut Write<'_>, customer: &str) -> Result<(), StoreError> {
    tx.imported_lines().put(&line(customer, "", "{}"))?;
    let entry_seq = if customer == "c1" { 1 } else { 2 };
    tx.import_marks().put(&ImportMark { entry_seq, customer: customer.to_owned(), chunks_done: 1 })
}

#[test]
fn a_file_outlives_the_cache_and_goes_with_its_customer() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    let chunks = [Json::parse("[1]").unwrap(), Json::parse("[2]").unwrap()];
    let kept = chunks.clone();
    store
        .write(move |tx| {
            tx.imported_files().put(&file("c1", 1), &kept)?;
            tx.imported_files().put(&file("c2", 2), &kept)?;
            mark(tx, "c1")
        })
        .unwrap();
    drop(store);
    Store::discard_cache(dir.path()).unwrap();
    let store = Store::open(dir.path(), &Unlock::Nothing, Access::ReadWrite).unwrap();
    let read = store
        .read(|r| {
            let files = r.imported_files().list()?;
            let rows = (0..2).map(|chunk| r.imported_files().chunk(1, chunk)).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, StoreError>((files, rows, r.import_marks().get(1)?, r.imported_lines().of_order("c1", "11")?))
        })
        .unwrap();
    assert_eq!(read, (vec![file("c1", 1), file("c2", 2)], chunks.to_vec(), None, vec![]));

    store.write(|tx| tx.imported_files().forget("c1")).unwrap();
    let left = store.read(|r| Ok::<_, StoreError>((r.imported_files().list()?, r.imported_files().of_customer("c1")?)));
    assert_eq!(left.unwrap(), (vec![file("c2", 2)], vec![]));
    let rows: Vec<i64> = past_the_store(dir.path(), "journal.db")
        .prepare("SELECT entry_seq FROM imported_chunk")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(rows, [2, 2]);
}

#[test]
fn a_line_is_replaced_by_its_key_and_forgotten_by_its_order() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    let bill = ImportedLine { kind: "bill".to_owned(), ..line("c1", "a", "1") };
    let kept = bill.clone();
    store
        .write(move |tx| {
            for row in [line("c1", "a", "1"), line("c1", "b", "2"), line("c1", "a", "3"), kept] {
                tx.imported_lines().put(&row)?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    let lines = || store.read(|r| r.imported_lines().of_order("c1", "11")).unwrap();
    assert_eq!(lines(), [bill.clone(), line("c1", "a", "3"), line("c1", "b", "2")]);
    store.write(|tx| tx.imported_lines().forget("c1", "11", "orders")).unwrap();
    assert_eq!(lines(), [bill]);
}

#[test]
fn only_what_files_told_of_a_movement_is_forgotten() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    let movement = |number: &str, record: &str| TransactionRow {
        customer: "c1".to_owned(),
        number: number.to_owned(),
        record_id: record.to_owned(),
        txn_type: "Payment".to_owned(),
        flow: "Expense".to_owned(),
        channel: "StoredValueCard".to_owned(),
        fund_type: String::new(),
        amount: amount("1.00"),
        at: day(1),
        raw: Json::parse("{}").unwrap(),
    };
    let rows = [
        movement("1", "11"),
        movement(&format!("{FILE_NUMBER}11:0"), "11"),
        movement(&format!("{FILE_NUMBER}12:0"), "12"),
    ];
    let kept = rows.clone();
    store.write(move |tx| tx.transactions().upsert_page(&kept)).unwrap();
    store.write(|tx| tx.transactions().forget_from_files("c1", "11")).unwrap();
    let left = store.read(|r| r.transactions().between("c1", day(1), day(2))).unwrap();
    assert_eq!(left, [rows[0].clone(), rows[2].clone()]);
}

/// A home of schema 1 holds orders of the API only.
#[test]
fn orders_of_an_older_home_are_the_apis() {
    let dir = tempdir().unwrap();
    drop(sandbox(dir.path()));
    let conn = past_the_store(dir.path(), "cache.db");
    conn.execute_batch(
        "ALTER TABLE order_head DROP COLUMN source; ALTER TABLE refund DROP COLUMN also_answers; DROP TABLE imported_line; DROP TABLE import_mark;
         DROP TABLE relation; DROP TABLE connection_note; DROP TABLE batch;
         DROP TRIGGER quote_added; DROP TRIGGER quote_changed; DROP TRIGGER quote_removed; DROP TABLE quote_change;
         DROP TRIGGER refund_added; DROP TRIGGER refund_changed; DROP TRIGGER refund_removed; DROP TABLE refund_change;
         DROP INDEX resource_listed;
         CREATE INDEX quote_by_refund ON quote (refund_sort); CREATE INDEX quote_by_expiry ON quote (expires_at);
         CREATE INDEX quote_refundable ON quote (customer);
         CREATE TABLE quote_doc (quote INTEGER PRIMARY KEY, doc TEXT NOT NULL) STRICT;
         ALTER TABLE cursor DROP COLUMN range_from; ALTER TABLE cursor DROP COLUMN range_to;
         ALTER TABLE cursor DROP COLUMN skip_from; ALTER TABLE cursor DROP COLUMN skip_to;
         INSERT INTO order_head VALUES ('c1', '11', 'New', 'Paid', 0, 0, 'USD', 'ecs', '1', '1', '0', NULL, 1, 0, '{}');
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(conn);
    let store = Store::open(dir.path(), &Unlock::Nothing, Access::ReadWrite).unwrap();
    let head = store.read(|r| r.orders().get("c1", "11")).unwrap().unwrap();
    assert_eq!(head.source, desk_store::FROM_API);
    let refused = store.write(move |tx| tx.orders().put(&desk_store::OrderHead { source: "x".to_owned(), ..head }));
    assert_eq!(refused.unwrap_err().code(), "database_failed");
}

/// A home of journal schema 4 kept the names of files in the entries only.
#[test]
fn files_of_an_older_home_have_no_name() {
    let dir = tempdir().unwrap();
    drop(sandbox(dir.path()));
    let conn = past_the_store(dir.path(), "journal.db");
    conn.execute_batch(
        "ALTER TABLE imported_file DROP COLUMN name;
         INSERT INTO imported_file VALUES (1, 'c1', 'ab', 'orders +08:00', 'orders', 0, 0);
         PRAGMA user_version = 4;",
    )
    .unwrap();
    drop(conn);
    let store = Store::open(dir.path(), &Unlock::Nothing, Access::ReadWrite).unwrap();
    let files = store.read(|r| r.imported_files().list()).unwrap();
    assert_eq!((files.len(), files[0].sha256.as_str(), files[0].name.as_str()), (1, "ab", ""));
}
