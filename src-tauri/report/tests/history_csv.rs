//! The history file as its readers see it: the bytes, the `csv` crate, Python's csv module.

// The test's own functions are not `#[test]`s, where clippy allows it by itself.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::Write;
use std::process::Command;

use chrono::{DateTime, Utc};
use desk_report::{HISTORY_COLUMNS, HistoryRow, RefundPart, ReportError, write_history_csv};
use rust_decimal::Decimal;

type Record = BTreeMap<String, String>;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn money(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A refund order that was asked for here and arrived in two parts.
fn refunded() -> HistoryRow {
    HistoryRow {
        customer: "Example Trading".into(),
        customer_uid: "1234567890123456".into(),
        refund_order: "260000000000001".into(),
        resource: "i-bp1example0000000001".into(),
        product: "ecs".into(),
        related_orders: vec!["210000000000001".into(), "210000000000002".into()],
        order_status: "refunded".into(),
        currency: "CNY".into(),
        amount: money("1234.50"),
        arrived: money("1234.50"),
        unsubscribe_to: vec![
            RefundPart { to: "bank_card".into(), amount: money("1000.00"), at: at("2026-11-20T08:00:00Z") },
            RefundPart { to: "balance".into(), amount: money("234.50"), at: at("2026-11-21T08:00:01.5Z") },
        ],
        refunded_at: at("2026-11-18T01:02:03Z"),
        arrived_at: Some(at("2026-11-21T08:00:01Z")),
        request: Some("0192f000-0000-7000-8000-000000000001".into()),
        predicted: Some(money("1234.60")),
        difference: Some(money("-0.10")),
        reason: Some("no longer needed".into()),
    }
}

/// A refund order made elsewhere, money not seen yet, with every text made as nasty as it can be.
fn nasty() -> HistoryRow {
    HistoryRow {
        customer: "=HYPERLINK(\"https://example.invalid\",\"杭州, 测试\")".into(),
        customer_uid: "0000000000000001".into(),
        refund_order: "260000000000002".into(),
        resource: "-1+1".into(),
        product: "@SUM(A1:A9)".into(),
        related_orders: vec![],
        order_status: "refunding".into(),
        currency: "USD".into(),
        amount: money("0.01"),
        arrived: money("0"),
        unsubscribe_to: vec![],
        refunded_at: at("2026-02-28T23:59:59Z"),
        arrived_at: None,
        request: None,
        predicted: None,
        difference: None,
        reason: Some("\tfirst line\r\nsecond, \"quoted\" line\rthird\nü\u{1F4B0}\"".into()),
    }
}

fn written(rows: &[HistoryRow], sandbox: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let count = write_history_csv(rows.iter(), sandbox, &mut out).unwrap();
    assert_eq!(count as usize, rows.len());
    out
}

fn read_by_csv_crate(bytes: &[u8]) -> Vec<Record> {
    csv::ReaderBuilder::new().flexible(false).from_reader(bytes).deserialize().map(Result::unwrap).collect()
}

/// Reads the same bytes with Python's csv module, strictly, and hands them back as JSON.
fn read_by_python(bytes: &[u8]) -> Vec<Record> {
    const READER: &str = "import csv, json, sys\n\
        with open(sys.argv[1], encoding='utf-8-sig', newline='') as file:\n\
        \x20   print(json.dumps(list(csv.DictReader(file, strict=True))))\n";
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let python = if cfg!(windows) { "python" } else { "python3" };
    let output = Command::new(python)
        .args(["-c", READER])
        .arg(file.path())
        .output()
        .unwrap_or_else(|error| panic!("{python} could not be started ({error}); `cargo xtask test` installs it"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn expect(record: &Record, cells: &[(&str, &str)]) {
    for (column, value) in cells {
        assert_eq!(record.get(*column).map(String::as_str), Some(*value), "column {column}");
    }
    assert_eq!(record.len(), cells.len(), "a column is not checked");
}

#[test]
fn both_readers_see_every_cell() {
    let bytes = written(&[refunded(), nasty()], true);
    for records in [read_by_csv_crate(&bytes), read_by_python(&bytes)] {
        assert_eq!(records.len(), 2);
        expect(
            &records[0],
            &[
                ("home", "SANDBOX"),
                ("customer", "Example Trading"),
                ("customer_uid", "1234567890123456"),
                ("refund_order", "260000000000001"),
                ("resource", "i-bp1example0000000001"),
                ("product", "ecs"),
                ("related_orders", "210000000000001; 210000000000002"),
                ("order_status", "refunded"),
                ("currency", "CNY"),
                ("amount", "1234.50"),
                ("arrived", "1234.50"),
                ("unsubscribe_to", "bank_card 1000.00 2026-11-20T08:00:00Z; balance 234.50 2026-11-21T08:00:01Z"),
                ("refunded_at", "2026-11-18T01:02:03Z"),
                ("arrived_at", "2026-11-21T08:00:01Z"),
                ("request", "0192f000-0000-7000-8000-000000000001"),
                ("predicted", "1234.60"),
                ("difference", "-0.10"),
                ("reason", "no longer needed"),
            ],
        );
        expect(
            &records[1],
            &[
                ("home", "SANDBOX"),
                ("customer", "'=HYPERLINK(\"https://example.invalid\",\"杭州, 测试\")"),
                ("customer_uid", "0000000000000001"),
                ("refund_order", "260000000000002"),
                ("resource", "'-1+1"),
                ("product", "'@SUM(A1:A9)"),
                ("related_orders", ""),
                ("order_status", "refunding"),
                ("currency", "USD"),
                ("amount", "0.01"),
                ("arrived", "0"),
                ("unsubscribe_to", ""),
                ("refunded_at", "2026-02-28T23:59:59Z"),
                ("arrived_at", ""),
                ("request", ""),
                ("predicted", ""),
                ("difference", ""),
                ("reason", "'\tfirst line\r\nsecond, \"quoted\" line\rthird\nü\u{1F4B0}\""),
            ],
        );
    }
}

#[test]
fn the_bytes_are_rfc_4180_with_a_byte_order_mark() {
    let mut row = refunded();
    row.unsubscribe_to.clear();
    row.related_orders.truncate(1);
    let expected = format!(
        "\u{FEFF}{}\r\n{}\r\n",
        HISTORY_COLUMNS.map(|name| format!("\"{name}\"")).join(","),
        "\"LIVE\",\"Example Trading\",\"1234567890123456\",\"260000000000001\",\"i-bp1example0000000001\",\"ecs\",\
         \"210000000000001\",\"refunded\",\"CNY\",1234.50,1234.50,\"\",2026-11-18T01:02:03Z,2026-11-21T08:00:01Z,\
         \"0192f000-0000-7000-8000-000000000001\",1234.60,-0.10,\"no longer needed\"",
    );
    assert_eq!(String::from_utf8(written(&[row], false)).unwrap(), expected);
}

#[test]
fn an_empty_history_is_a_header_alone() {
    let bytes = written(&[], true);
    assert!(read_by_csv_crate(&bytes).is_empty());
    assert!(read_by_python(&bytes).is_empty());
    assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 1);
}

/// Takes `room` bytes, then fails as a full disk does.
struct FullDisk {
    room: usize,
}

impl Write for FullDisk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.room == 0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.room);
        self.room -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.room == 0 { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

#[test]
fn a_full_disk_is_told_with_its_row() {
    let rows = [refunded(), nasty(), refunded()];
    let header = written(&[], true).len();
    let first = written(&rows[..1], true).len();
    let all = written(&rows, true).len();
    // Columns: bytes that fit, the row named, the place told. The last one fails only when the file is flushed.
    let cases = [
        (0, 0, "the header"),
        (header - 1, 0, "the header"),
        (header, 1, "row 1"),
        (first, 2, "row 2"),
        (all, 3, "row 3"),
    ];
    for (room, expected, place) in cases {
        let error = write_history_csv(rows.iter(), true, FullDisk { room }).unwrap_err();
        assert_eq!(error.code(), "report.write_failed");
        assert_eq!(error.place(), place, "{room} bytes");
        assert!(error.next().contains("free space"), "{error}");
        assert!(matches!(error, ReportError::Write { row, .. } if row == expected), "{room} bytes: {error}");
    }
}
