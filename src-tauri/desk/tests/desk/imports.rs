//! Files in every shape: what is recognised, what each row becomes, and that nothing is ever kept twice or by half.

use chrono::FixedOffset;
use desk::{DeskError, ImportAsk, ImportCounts, ImportFile, ImportKind, ImportReport, RefusedRow};
use desk_store::{ImportMark, Store, StoreError, Unlock};
use refund_rules::case::Site;

use crate::support::{Seat, at, cache_of, d, fixture_path};

const HEADER: &str = "Order ID,Product Code,Instance ID,Order Type,Order Status,Created At,List Price,Payable Amount\n";

fn row(order: &str, instance: &str, list: &str) -> String {
    format!("{order},ecs,{instance},New,Paid,2026-06-01 08:00:00,{list},{list}\n")
}

fn counts(rows: u32, new: u32, ignored: u32, refused: u32) -> ImportCounts {
    ImportCounts { rows, new, ignored, refused, ..ImportCounts::default() }
}

fn codes(report: &ImportReport) -> Vec<(u32, &str, &str)> {
    report.refused.iter().map(|RefusedRow { line, field, code, .. }| (*line, field.as_str(), code.as_str())).collect()
}

/// What is recognised of a fixture.
struct Shape {
    file: &'static str,
    site: Site,
    kind: &'static str,
    encoding: &'static str,
    delimiter: &'static str,
    counts: ImportCounts,
    refused: &'static [(u32, &'static str, &'static str)],
}

#[test]
fn every_shape_of_file_is_recognised_and_its_rows_are_told() {
    let (china, abroad) = (Site::China, Site::International);
    for shape in [
        Shape {
            file: "orders-en.csv",
            site: abroad,
            kind: "orders",
            encoding: "utf-8",
            delimiter: ",",
            counts: counts(7, 7, 0, 0),
            refused: &[],
        },
        Shape {
            file: "orders-zh-gb18030.csv",
            site: china,
            kind: "orders",
            encoding: "gb18030",
            delimiter: ",",
            counts: counts(3, 3, 0, 0),
            refused: &[],
        },
        Shape {
            file: "orders-zh-bom-semicolon.csv",
            site: china,
            kind: "orders",
            encoding: "utf-8 with byte order mark",
            delimiter: ";",
            counts: counts(3, 3, 0, 0),
            refused: &[],
        },
        Shape {
            file: "orders-tab-quoted-newline.csv",
            site: abroad,
            kind: "orders",
            encoding: "utf-8",
            delimiter: "\t",
            counts: counts(2, 1, 0, 1),
            // The row before it takes two lines.
            refused: &[(4, "created_at", "bad_time")],
        },
        Shape {
            file: "bill-old.csv",
            site: abroad,
            kind: "bill",
            encoding: "utf-8",
            delimiter: ",",
            counts: counts(6, 3, 1, 2),
            refused: &[(6, "owner", "other_account"), (7, "end", "bad_period")],
        },
        Shape {
            file: "bill-v2-zh.csv",
            site: china,
            kind: "bill_v2",
            encoding: "utf-8 with byte order mark",
            delimiter: ",",
            counts: counts(4, 3, 1, 0),
            refused: &[],
        },
        Shape {
            file: "bill-v2-en.csv",
            site: abroad,
            kind: "bill_v2",
            encoding: "utf-8",
            delimiter: ",",
            counts: counts(2, 2, 0, 0),
            refused: &[],
        },
    ] {
        let seat = Seat::imported(shape.site);
        let ask = ImportAsk { dry_run: true, ..ImportAsk::new(seat.uid()) };
        let seen = seat.desk().import(&fixture_path(shape.file), &ask).expect(shape.file);
        assert_eq!(
            (seen.kind.as_str(), seen.encoding.as_str(), seen.delimiter.as_str(), seen.zone.as_str()),
            (shape.kind, shape.encoding, shape.delimiter, "+08:00"),
            "{}",
            shape.file
        );
        assert_eq!(codes(&seen), shape.refused, "{}", shape.file);
        assert_eq!((seen.counts, &seen.missing), (shape.counts, &vec![]), "{}", shape.file);
        assert_eq!((seat.journal_length(), cache_of(&seat).len()), (1, 0), "a preview keeps nothing: {}", shape.file);
        let taken = seat.take(shape.file);
        assert_eq!(taken, ImportReport { dry_run: false, ..seen }, "the preview said what is done: {}", shape.file);
        assert_eq!(seat.journal_length(), 2, "{}", shape.file);
    }
}

/// Each line of the fixture has one fault; 2 and 24 have none. Line 27 is blank.
#[test]
fn a_refused_line_is_told_with_its_place_and_stops_no_other() {
    let seat = Seat::imported(Site::International);
    let taken = seat.take("orders-faults.csv");
    assert_eq!(
        codes(&taken),
        [
            (3, "", "duplicate_line"),
            (4, "order", "missing_order"),
            (5, "order", "bad_order"),
            (6, "list", "bad_amount"),
            (7, "created_at", "bad_time"),
            (8, "created_at", "missing_time"),
            (9, "status", "unknown_status"),
            (10, "list", "missing_amount"),
            (11, "list", "negative_amount"),
            (12, "payable", "amounts_differ"),
            (13, "currency", "unknown_currency"),
            (14, "list", "currency_differs"),
            (15, "instance", "bad_instance"),
            (16, "order_type", "formula"),
            (17, "account", "other_account"),
            (18, "list", "bad_amount"),
            (19, "", "column_count"),
            (20, "", "order_incomplete"),
            (21, "payable", "bad_amount"),
            (22, "", "order_incomplete"),
            (23, "", "line_differs"),
            (25, "payable", "missing_amount"),
            (26, "discounted", "amounts_differ"),
            (28, "status", "unknown_status"),
        ]
    );
    assert!(taken.refused.iter().all(|refused| !refused.text.is_empty()));
    assert_eq!(taken.counts, counts(26, 2, 0, 24));
    let kept: Vec<String> = cache_of(&seat).into_iter().filter(|row| row.starts_with("OrderHead")).collect();
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(!kept.iter().any(|row| row.contains("cmd")), "what nobody reads does not come in");
}

#[test]
fn the_same_file_twice_changes_nothing() {
    let seat = Seat::imported(Site::International);
    for file in ["orders-en.csv", "bill-old.csv"] {
        let first = seat.take(file);
        let (length, cache) = (seat.journal_length(), cache_of(&seat));
        let second = seat.take(file);
        assert_eq!((second.counts.new, second.counts.changed), (0, 0));
        assert_eq!(second.counts.same, first.counts.new);
        assert_eq!((seat.journal_length(), cache_of(&seat)), (length, cache));
    }
    // Nor after a later file said otherwise: what is older is not news.
    let (old, new) = ([HEADER, &row("11", "i-1", "10.00")].concat(), [HEADER, &row("11", "i-1", "20.00")].concat());
    seat.take_text(&old);
    assert_eq!(seat.take_text(&new).counts.changed, 1);
    let cache = cache_of(&seat);
    assert_eq!(seat.take_text(&old).counts.same, 1);
    assert_eq!(cache_of(&seat), cache);
}

#[test]
fn a_later_file_changes_the_rows_that_differ() {
    let seat = Seat::imported(Site::International);
    seat.take_text(&[HEADER, &row("11", "i-1", "10.00"), &row("12", "i-2", "20.00")].concat());
    let before = cache_of(&seat);
    let later = [HEADER, &row("11", "i-1", "10.00"), &row("12", "i-2", "25.00"), &row("13", "i-3", "30.00")].concat();
    let taken = seat.take_text(&later);
    assert_eq!((taken.counts.new, taken.counts.changed, taken.counts.same), (1, 1, 1));
    let after = cache_of(&seat);
    let gone: Vec<&String> = before.iter().filter(|row| !after.contains(row)).collect();
    assert!(!gone.is_empty() && gone.iter().all(|row| row.contains("\"12\"") || row.contains("i-2")), "{gone:?}");
    // The order named another resource: the part moves, it is not doubled.
    seat.take_text(&[HEADER, &row("12", "i-9", "25.00")].concat());
    let parts: Vec<String> = cache_of(&seat).into_iter().filter(|row| row.starts_with("OrderPart")).collect();
    assert_eq!(parts.iter().filter(|row| row.contains("order_id: \"12\"")).count(), 1, "{parts:?}");
    let listed: Vec<String> = seat.resources().into_iter().map(|row| row.resource).collect();
    assert_eq!(listed, ["i-1", "i-3", "i-9"]);
}

#[test]
fn what_was_imported_survives_the_cache() {
    let mut seat = Seat::imported(Site::International);
    for file in ["orders-en.csv", "bill-old.csv", "bill-v2-en.csv"] {
        seat.take(file);
    }
    let (length, cache) = (seat.journal_length(), cache_of(&seat));
    assert!(cache.len() > 20);
    seat.lose_cache();
    assert_eq!(cache_of(&seat), cache);
    seat.reopen();
    assert_eq!((seat.journal_length(), cache_of(&seat)), (length, cache));
    assert_eq!(seat.take("orders-en.csv").counts.new, 0);
}

/// 1,200 orders are three chunks. The cache has lost all of them and believes in two: the third alone is made again.
#[test]
fn a_cut_off_import_goes_on_where_it_was() {
    let mut seat = Seat::imported(Site::International);
    let rows: String = (0..1200).map(|i| row(&format!("21{i:06}"), &format!("i-{i}"), "10.00")).collect();
    assert_eq!(seat.take_text(&[HEADER, &rows].concat()).counts, counts(1200, 1200, 0, 0));
    let customer = seat.uid().to_owned();
    seat.close();
    let store = Store::open(seat.path(), &Unlock::Nothing, desk_store::Access::ReadWrite).expect("the store");
    let orders = |store: &Store| store.read(|r| r.orders().list("5000000000000001")).expect("orders").len();
    assert_eq!(orders(&store), 1200);
    store
        .write(move |tx| {
            tx.purge_customer(&customer)?;
            tx.import_marks().put(&ImportMark { entry_seq: 2, customer, chunks_done: 2 })
        })
        .map_err(|error: StoreError| error.to_string())
        .expect("cut off");
    drop(store);
    seat.open();
    seat.close();
    let store = Store::open(seat.path(), &Unlock::Nothing, desk_store::Access::ReadOnly).expect("the store");
    assert_eq!(orders(&store), 200);
}

#[test]
fn ten_thousand_rows_are_taken() {
    let seat = Seat::imported(Site::International);
    let rows: String = (0..10_000).map(|i| row(&format!("21{i:09}"), &format!("i-{i:05}"), "1,200.00")).collect();
    // The thousands separator stands in quotes.
    let text = [HEADER, &rows.replace("1,200.00", "\"1,200.00\"")].concat();
    assert_eq!(seat.take_text(&text).counts, counts(10_000, 10_000, 0, 0));
    assert_eq!(seat.take_text(&text).counts.same, 10_000);
    assert_eq!(seat.desk().customers().expect("customers")[0].resources, 10_000);
}

#[test]
fn the_manager_mends_the_mapping_and_the_zone() {
    let seat = Seat::imported(Site::International);
    let text = "No.,Order ID,Code,Res,Order Type,Order Status,Created At,List Price,Payable Amount\n\
                1,11,ecs,i-1,New,Paid,2026-06-01 08:00:00,10.00,10.00\n";
    let file = seat.file(text.as_bytes());
    let import = |mapping: &[(&str, &str)], dry_run: bool| {
        let mapping = mapping.iter().map(|(field, header)| ((*field).to_owned(), (*header).to_owned())).collect();
        let zone = FixedOffset::east_opt(0).expect("an offset");
        seat.desk().import_file(&file, &ImportAsk { mapping, dry_run, zone, ..ImportAsk::new(seat.uid()) })
    };
    let seen = import(&[], true).expect("a preview");
    assert_eq!(
        (seen.missing, seen.unmapped),
        (vec!["product|product_name".to_owned()], ["No.", "Code", "Res"].map(str::to_owned).to_vec())
    );
    let refused = import(&[], false).expect_err("refused");
    assert_eq!((refused.code(), refused.place()), ("import_unmapped", Some("orders.csv")));
    assert_eq!(refused.details(), ["No.", "Code", "Res"]);
    let mended = [("product", "Code"), ("instance", "Res")];
    assert_eq!(import(&mended, true).expect("a preview").counts.new, 1);
    assert_eq!((seat.journal_length(), cache_of(&seat).len()), (1, 0));
    let taken = import(&mended, false).expect("taken");
    assert_eq!((taken.counts.new, taken.zone.as_str()), (1, "+00:00"));
    let store = Store::open(seat.path(), &Unlock::Nothing, desk_store::Access::ReadOnly).expect("the store");
    let head = store.read(|r| r.orders().get(seat.uid(), "11")).expect("a read").expect("the order");
    assert_eq!((head.created_at, head.gross), (at("2026-06-01T08:00:00Z"), d("10.00")));
    // Read otherwise, the same bytes are another file.
    let other = import(&[("product", "Code"), ("instance", "No.")], false).expect("taken");
    assert_eq!(other.counts.changed + other.counts.new, 2);
    assert_eq!(import(&[("colour", "Code")], true).expect_err("refused").code(), "import_unknown_field");
}

#[test]
fn what_is_no_file_of_orders_is_refused_as_a_whole() {
    let seat = Seat::imported(Site::International);
    let take = |bytes: &[u8]| seat.desk().import_file(&seat.file(bytes), &ImportAsk::new(seat.uid()));
    let code =
        |result: Result<ImportReport, DeskError>| result.map(|r| r.counts.new).expect_err("refused").code().to_owned();
    for (bytes, expected) in [
        (&b""[..], "import_unreadable"),
        (b"one column\n1\n", "import_unreadable"),
        (b"PK\x03\x04zip", "import_unreadable"),
        (b"a,b\n\x00,1\n", "import_unreadable"),
        (b"a,b\n\xff\xff,1\n", "import_unreadable"),
        ("名称,数量\n苹果,3\n".as_bytes(), "import_unknown"),
        ([",".repeat(400).as_bytes(), b"\n1\n"].concat().as_slice(), "import_too_large"),
    ] {
        assert_eq!(code(take(bytes)), expected, "{bytes:?}");
    }
    let ask = ImportAsk { kind: Some(ImportKind::Bill), ..ImportAsk::new(seat.uid()) };
    let refused = seat.desk().import(&fixture_path("unknown.csv"), &ask).expect_err("refused");
    assert_eq!(refused.code(), "import_unmapped");
    let ask = ImportAsk { dry_run: true, ..ImportAsk::new(seat.uid()) };
    let seen = seat.desk().import(&fixture_path("unknown.csv"), &ask).expect("a preview");
    assert_eq!((seen.kind.as_str(), seen.unmapped.len(), seen.counts.rows), ("unknown", 2, 1));
    assert_eq!(code(seat.desk().import(&fixture_path("none.csv"), &ask)), "import_unreadable");
    assert_eq!(code(seat.desk().import(&fixture_path("unknown.csv"), &ImportAsk::new("9"))), "unknown_customer");
    assert_eq!((seat.journal_length(), cache_of(&seat).len()), (1, 0));
}

/// Everything that stands of the file in the journal: hash, kind and counts. Its name and its headers may name the customer; they are
/// forgotten with it.
#[test]
fn the_journal_tells_the_file_and_no_names() {
    let seat = Seat::imported(Site::International);
    let text = std::fs::read_to_string(fixture_path("orders-en.csv")).expect("a fixture");
    let text = text.replacen("Order ID", "Lantern order", 1);
    let file = ImportFile { name: "Lantern GmbH orders.csv".to_owned(), ..seat.file(text.as_bytes()) };
    let ask =
        ImportAsk { mapping: vec![("order".to_owned(), "Lantern order".to_owned())], ..ImportAsk::new(seat.uid()) };
    let ask = ImportAsk { kind: Some(ImportKind::Orders), ..ask };
    let taken = seat.desk().import_file(&file, &ask).expect("taken");
    assert_eq!(taken.file, "Lantern GmbH orders.csv");
    let store = Store::open(seat.path(), &Unlock::Nothing, desk_store::Access::ReadOnly).expect("the store");
    let entry = store.read(|r| r.journal().of_customer(seat.uid())).expect("entries").pop().expect("an entry");
    assert_eq!(entry.kind, "file_imported");
    let counts = serde_json::json!(taken.counts);
    assert_eq!(entry.body, serde_json::json!({"sha256": taken.sha256, "kind": "orders", "counts": counts}));
    assert_eq!(taken.counts.new, 7);
    let rows = store.read(|r| r.imported_files().chunk(entry.seq, 0)).expect("rows");
    for text in [entry.body.to_string(), rows.as_str().to_owned()] {
        assert!(!text.to_lowercase().contains("lantern"), "{text}");
    }
    let files = |store: &Store| store.read(|r| r.imported_files().list()).expect("files");
    assert_eq!(files(&store)[0].name, "Lantern GmbH orders.csv");
    seat.desk().verify_journal().expect("a whole journal");
    seat.desk().disconnect(seat.uid()).expect("removed");
    assert_eq!(files(&store).len(), 0);
}
