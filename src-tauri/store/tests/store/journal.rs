//! The journal's chain: what is written, what is refused, and that every change is found.

use std::path::Path;

use desk_store::{Access, NewEntry, Store, StoreError, Unlock};
use rusqlite::types::Value as SqlValue;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::tempdir;

use crate::{instant, past_the_store, sandbox};

const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

fn entry(number: u8, customer: Option<&str>, subject: Option<&str>, body: Value) -> NewEntry {
    NewEntry {
        id: uuid::Builder::from_unix_timestamp_millis(1_763_625_600_000, &[number; 10]).into_uuid(),
        at: instant("2026-11-20T08:00:00.1239Z"),
        kind: "request.confirmed".to_owned(),
        customer: customer.map(str::to_owned),
        subject: subject.map(str::to_owned),
        body,
    }
}

fn append(store: &Store, new: NewEntry) -> Result<desk_store::Entry, StoreError> {
    store.write(move |tx| tx.journal().append(new))
}

/// Three entries, with and without customer and subject.
fn three(dir: &Path) -> Store {
    let store = sandbox(dir);
    append(&store, entry(1, None, None, json!({}))).unwrap();
    append(&store, entry(2, Some("c1"), Some("i-1"), json!({"refund": "12.30", "b": [1, null]}))).unwrap();
    append(&store, entry(3, Some("c1"), Some("i-2"), json!({"退款": true}))).unwrap();
    store
}

fn verify(store: &Store) -> Result<i64, (i64, String)> {
    match store.read(|r| r.journal().verify()) {
        Ok(verified) => {
            assert_eq!(verified.head.map_or(0, |head| head.seq), verified.entries);
            Ok(verified.entries)
        }
        Err(StoreError::JournalBroken(broken)) => Err((broken.seq, broken.why)),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn entries_are_chained_by_hashes_that_anyone_can_compute() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    assert_eq!(verify(&store), Ok(0));
    assert!(store.read(|r| r.journal().head()).unwrap().is_none());

    let first = append(&store, entry(1, None, None, json!({"b": "1.50", "a": 2}))).unwrap();
    // Written out by hand: sorted keys, no blanks, null for what is absent, milliseconds cut off.
    let hashed = format!(
        concat!(
            r#"{{"at":"2026-11-20T08:00:00.123Z","body":{{"a":2,"b":"1.50"}},"customer":null,"device":"{}","#,
            r#""id":"019aa047-0400-7101-8101-010101010101","kind":"request.confirmed","prev":"{}","seq":1,"subject":null}}"#
        ),
        store.device(),
        GENESIS
    );
    assert_eq!(first.id.to_string(), "019aa047-0400-7101-8101-010101010101");
    assert_eq!(first.hash, hex::encode(Sha256::digest(hashed)));
    assert_eq!((first.seq, first.prev.as_str(), first.device.as_str()), (1, GENESIS, store.device()));
    assert_eq!(first.at, instant("2026-11-20T08:00:00.123Z"));

    let second = append(&store, entry(2, Some("c1"), Some("r1"), json!({}))).unwrap();
    assert_eq!((second.seq, &second.prev), (2, &first.hash));
    let head = store.read(|r| r.journal().head()).unwrap().unwrap();
    assert_eq!((head.seq, &head.hash), (2, &second.hash));
    assert_eq!(verify(&store), Ok(2));
}

#[test]
fn entries_are_read_by_sequence_subject_and_customer() {
    let dir = tempdir().unwrap();
    let store = three(dir.path());
    append(&store, entry(4, Some("c2"), Some("i-1"), json!({}))).unwrap();
    let seqs = |found: Vec<desk_store::Entry>| found.iter().map(|entry| entry.seq).collect::<Vec<_>>();
    store
        .read(|r| {
            let journal = r.journal();
            assert_eq!(seqs(journal.after(0, 100)?), [1, 2, 3, 4]);
            assert_eq!(seqs(journal.after(1, 2)?), [2, 3]);
            assert_eq!(seqs(journal.after(4, 2)?), [0; 0]);
            assert_eq!(seqs(journal.of_subject("i-1")?), [2, 4]);
            assert_eq!(seqs(journal.of_subject("")?), [0; 0]);
            assert_eq!(seqs(journal.of_customer("c1")?), [2, 3]);
            assert_eq!(journal.after(1, 1)?[0].body, json!({"refund": "12.30", "b": [1, null]}));
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[test]
fn amounts_as_numbers_are_refused() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    let refused = append(&store, entry(1, None, None, json!({"refund": 12.3}))).unwrap_err();
    assert_eq!(refused.code(), "entry_refused");
    assert!(refused.to_string().contains("12.3"), "{refused}");
    assert_eq!(verify(&store), Ok(0));
}

#[test]
fn the_guards_refuse_what_would_change_the_past() {
    let dir = tempdir().unwrap();
    let store = three(dir.path());
    let twice = append(&store, entry(3, None, None, json!({}))).unwrap_err();
    assert!(twice.to_string().contains("append-only"), "{twice}");
    drop(store);
    // A program of its own, with SQLite's defaults: recursive_triggers is off.
    let conn = past_the_store(dir.path(), "journal.db");
    let columns = "device, at, kind, customer, subject, body, prev";
    let cases = [
        "UPDATE entry SET kind = 'x' WHERE seq = 2".to_owned(),
        "UPDATE OR REPLACE entry SET seq = 1 WHERE seq = 2".to_owned(),
        "DELETE FROM entry WHERE seq = 3".to_owned(),
        "DELETE FROM entry".to_owned(),
        format!(
            "INSERT OR REPLACE INTO entry (seq, id, {columns}, hash) SELECT seq, id, {columns}, hash FROM entry WHERE seq = 2"
        ),
        format!(
            "INSERT OR REPLACE INTO entry (seq, id, {columns}, hash) SELECT 4, id, {columns}, 'new' FROM entry WHERE seq = 2"
        ),
        format!(
            "INSERT OR REPLACE INTO entry (seq, id, {columns}, hash) SELECT 4, 'new', {columns}, hash FROM entry WHERE seq = 2"
        ),
        format!(
            "INSERT INTO entry (seq, id, {columns}, hash) SELECT 5, 'new', {columns}, 'new' FROM entry WHERE seq = 2"
        ),
        format!(
            "INSERT INTO entry (seq, id, {columns}, hash) SELECT 0, 'new', {columns}, 'new' FROM entry WHERE seq = 2"
        ),
        format!("INSERT INTO entry (id, {columns}, hash) SELECT id, {columns}, hash FROM entry WHERE seq = 2"),
        "INSERT INTO entry SELECT * FROM entry WHERE seq = 2 ON CONFLICT DO UPDATE SET kind = 'x'".to_owned(),
    ];
    for sql in cases {
        let refused = conn.execute(&sql, []).unwrap_err().to_string();
        assert!(refused.contains("the journal is append-only"), "{sql}: {refused}");
    }
    drop(conn);
    let store = Store::open(dir.path(), &Unlock::Nothing, Access::ReadOnly).unwrap();
    assert_eq!(verify(&store), Ok(3));
}

/// Changes one byte of one column of one row, for each of them, and puts it back.
#[test]
fn one_changed_byte_in_any_column_of_any_row_is_found() {
    let dir = tempdir().unwrap();
    drop(three(dir.path()));
    let conn = past_the_store(dir.path(), "journal.db");
    conn.execute_batch("DROP TRIGGER entry_refuses_update").unwrap();
    let columns = ["id", "device", "at", "kind", "customer", "subject", "body", "prev", "hash"];
    let mut changes = 0;
    for seq in 1..=3_i64 {
        for column in columns {
            let before: SqlValue =
                conn.query_row(&format!("SELECT {column} FROM entry WHERE seq = ?1"), [seq], |row| row.get(0)).unwrap();
            let update = format!("UPDATE entry SET {column} = ?1 WHERE seq = ?2");
            for after in changed_by_a_byte(&before) {
                conn.execute(&update, (&after, seq)).unwrap();
                let store = Store::open(dir.path(), &Unlock::Nothing, Access::ReadOnly).unwrap();
                let found = verify(&store).expect_err(&format!("{column} of {seq}: {before:?} -> {after:?}"));
                assert_eq!(found.0, seq, "{column}: {after:?}: {}", found.1);
                changes += 1;
            }
            conn.execute(&update, (&before, seq)).unwrap();
        }
    }
    assert!(changes > 500, "{changes}");
    let store = Store::open(dir.path(), &Unlock::Nothing, Access::ReadOnly).unwrap();
    assert_eq!(verify(&store), Ok(3));
}

/// Every byte in turn, changed within ASCII so that it stays text, and a byte more; for NULL, a text.
fn changed_by_a_byte(value: &SqlValue) -> Vec<SqlValue> {
    let SqlValue::Text(text) = value else {
        return vec![SqlValue::Text(String::new()), SqlValue::Text("c".to_owned())];
    };
    let mut changed = vec![SqlValue::Text(format!("{text} ")), SqlValue::Null];
    // `id`, `device` and the like are NOT NULL.
    if !text.is_empty() && !text.starts_with('c') && !text.starts_with("i-") {
        changed.pop();
    }
    for place in (0..text.len()).filter(|place| text.as_bytes()[*place].is_ascii()) {
        let mut bytes = text.clone().into_bytes();
        bytes[place] ^= 1;
        changed.push(SqlValue::Text(String::from_utf8(bytes).unwrap()));
    }
    changed
}

#[test]
fn renumbered_removed_and_cut_off_entries_are_found() {
    /// SQL behind the store's back, the entry where the chain then breaks, and whether the end still stands.
    const CASES: [(&str, i64, bool); 8] = [
        ("UPDATE entry SET seq = 9 WHERE seq = 3", 3, false),
        ("UPDATE entry SET seq = 0 WHERE seq = 1", 1, true),
        ("UPDATE entry SET seq = -1 WHERE seq = 1", 1, true),
        ("DELETE FROM entry WHERE seq = 1", 1, true),
        ("DELETE FROM entry WHERE seq = 2", 2, true),
        ("DELETE FROM entry WHERE seq = 3", 3, false),
        ("DELETE FROM entry WHERE seq > 1", 3, false),
        ("DELETE FROM entry", 3, false),
    ];
    for (sql, broken_at, end_stands) in CASES {
        let dir = tempdir().unwrap();
        drop(three(dir.path()));
        let conn = past_the_store(dir.path(), "journal.db");
        conn.execute_batch("DROP TRIGGER entry_refuses_update; DROP TRIGGER entry_refuses_delete").unwrap();
        assert!(conn.execute(sql, []).unwrap() > 0);
        drop(conn);
        let store = Store::open(dir.path(), &Unlock::Nothing, Access::ReadWrite).unwrap();
        let found = verify(&store).expect_err(sql);
        assert_eq!(found.0, broken_at, "{sql}: {}", found.1);
        // Where the end is lost, a new entry would take its place and hide the loss.
        let appended = append(&store, entry(4, None, None, json!({}))).map(drop).map_err(|error| error.code());
        assert_eq!(appended, if end_stands { Ok(()) } else { Err("journal_broken") }, "{sql}");
        assert_eq!(verify(&store).expect_err(sql).0, broken_at, "{sql}: still found");
    }
}

/// Someone who has the key can write a new chain that is right in itself; the cache still remembers the old one.
#[test]
fn a_rewritten_chain_is_found_by_the_cache() {
    let dir = tempdir().unwrap();
    let other = tempdir().unwrap();
    drop(three(dir.path()));
    let rewritten = sandbox(other.path());
    for number in 1..=3 {
        append(&rewritten, entry(number, None, None, json!({"rewritten": true}))).unwrap();
    }
    assert_eq!(verify(&rewritten), Ok(3));
    drop(rewritten);
    // The same entropy gave both homes the same key.
    std::fs::copy(other.path().join("journal.db"), dir.path().join("journal.db")).unwrap();
    let store = Store::open(dir.path(), &Unlock::Nothing, Access::ReadOnly).unwrap();
    assert_eq!(verify(&store), Err((3, "the cache remembers another hash for it".to_owned())));
}

#[test]
fn a_cache_that_fell_behind_is_no_fault() {
    let dir = tempdir().unwrap();
    let store = three(dir.path());
    store
        .write(|tx| {
            let second = tx.journal().after(1, 1)?.remove(0);
            tx.projected().set(&second)
        })
        .unwrap();
    drop(store);
    // As after a power cut: the journal's last commit lasted, the cache's did not.
    let conn = past_the_store(dir.path(), "cache.db");
    conn.execute(
        "UPDATE journal_mark SET seq = 2, hash = (SELECT hash FROM journal_mark WHERE mark = 'projected')",
        [],
    )
    .unwrap();
    drop(conn);
    let store = Store::open(dir.path(), &Unlock::Nothing, Access::ReadWrite).unwrap();
    assert_eq!(verify(&store), Ok(3));
    assert_eq!(store.read(|r| r.projected().get()).unwrap().unwrap().seq, 2);
    append(&store, entry(4, None, None, json!({}))).unwrap();
    assert_eq!(verify(&store), Ok(4));
}
