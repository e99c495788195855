//! Sums, packs, marks, pages and stopping, on few rows; foreign programs read the files back in `tests/reports`.

// The test's own functions are not `#[test]`s, where clippy allows it by itself.
#![allow(clippy::unwrap_used)]

use std::io::Cursor;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use desk_report::{
    Content, CurrencyTotal, HistoryRow, Language, Logo, MARK, Pages, Part, PlaceTotal, RefundPart, ReportError, Sheets,
    Template, Watch, Words, document_mark, totals, try_logo, write_history_csv_watched, write_history_xlsx, write_pack,
};
use rust_decimal::Decimal;
use serde_json::json;

fn at() -> DateTime<Utc> {
    "2026-11-20T08:00:00Z".parse().unwrap()
}

fn money(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn row(currency: &str, amount: &str, parts: &[(&str, &str)]) -> HistoryRow {
    let part = |(to, amount): &(&str, &str)| RefundPart { to: (*to).into(), amount: money(amount), at: at() };
    HistoryRow {
        customer: "Example".into(),
        customer_uid: "1234567890123456".into(),
        refund_order: "26".into(),
        resource: "i-1".into(),
        product: "ecs".into(),
        related_orders: vec![],
        order_status: "refunded".into(),
        currency: currency.into(),
        amount: money(amount),
        arrived: parts.iter().map(|(_, amount)| money(amount)).sum(),
        unsubscribe_to: parts.iter().map(part).collect(),
        refunded_at: at(),
        arrived_at: None,
        request: None,
        predicted: None,
        difference: None,
        reason: None,
    }
}

/// CNY: 100.00 + 50.50 = 150.50 refunded; to the card 60 + 20.25, to the balance 40; 30.25 awaited. 60 + 20.25 + 40 + 30.25 = 150.50.
/// USD: 9.99 refunded, nothing seen: all of it awaited.
#[test]
fn totals_add_up_by_currency_and_by_destination() {
    let rows = [
        row("CNY", "100.00", &[("bank_card", "60"), ("balance", "40")]),
        row("CNY", "50.50", &[("bank_card", "20.25")]),
        row("USD", "9.99", &[]),
    ];
    let (currencies, places) = totals(&rows);
    let currency = |currency: &str, refunds, refunded, arrived, awaited| CurrencyTotal {
        currency: currency.into(),
        refunds,
        refunded: money(refunded),
        arrived: money(arrived),
        awaited: money(awaited),
    };
    assert_eq!(currencies, [currency("CNY", 2, "150.50", "120.25", "30.25"), currency("USD", 1, "9.99", "0", "9.99")]);
    let place = |currency: &str, to: &str, amount| PlaceTotal {
        currency: currency.into(),
        to: to.into(),
        amount: money(amount),
    };
    assert_eq!(
        places,
        [
            place("CNY", "awaited", "30.25"),
            place("CNY", "balance", "40"),
            place("CNY", "bank_card", "80.25"),
            place("USD", "awaited", "9.99"),
        ]
    );
}

#[test]
fn a_report_that_is_no_longer_wanted_ends() {
    let rows: Vec<HistoryRow> = (0..2_000).map(|_| row("CNY", "1.00", &[])).collect();
    let total = u32::try_from(rows.len()).unwrap();
    let furthest = AtomicU32::new(0);
    let progress = |done, _| _ = furthest.fetch_max(done, Ordering::Relaxed);
    let stop = || furthest.load(Ordering::Relaxed) >= 512;
    let watch = Watch::new(&progress, &stop);
    let csv = write_history_csv_watched(rows.iter(), total, true, Vec::new(), watch);
    assert!(matches!(csv, Err(ReportError::Cancelled)));
    let words = Words::of(&[Language::English]);
    let folder = tempfile::tempdir().unwrap();
    let sheets =
        Sheets { words: &words, sandbox: true, made_at: at(), folder: folder.path(), mark: None, annex: false };
    let workbook = write_history_xlsx(rows.iter().map(|row| (row, None)), total, &sheets, Vec::new(), watch);
    assert!(matches!(workbook, Err(ReportError::Cancelled)));
    assert!(furthest.load(Ordering::Relaxed) < total, "it did not go on to the end");
    // Rows are written, and the file is being put together: that ends, too.
    let whole = workbook_until(&rows, &sheets, Watch::nobody()).unwrap();
    let all_written = || furthest.load(Ordering::Relaxed) >= total;
    let watch = Watch::new(&progress, &all_written);
    let closing = workbook_until(&rows, &sheets, watch);
    assert!(matches!(closing, Err(ReportError::Cancelled)), "{:?} of {whole} bytes", closing.ok());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "rows that waited are gone");
    let too_many = write_history_xlsx(std::iter::empty(), 1_048_575, &sheets, Vec::new(), Watch::nobody());
    assert_eq!(too_many.unwrap_err().code(), "report.too_many_rows");
}

/// Bytes of a workbook.
fn workbook_until(rows: &[HistoryRow], sheets: &Sheets<'_>, watch: Watch<'_>) -> Result<usize, ReportError> {
    let mut out = Vec::new();
    let total = u32::try_from(rows.len()).unwrap();
    write_history_xlsx(rows.iter().map(|row| (row, None)), total, sheets, &mut out, watch).map(|_| out.len())
}

#[test]
fn a_pack_is_the_same_each_time_and_carries_its_mark() {
    let digest = "0123456789abcdef".repeat(4);
    let manifest = json!({"document": format!("{MARK}{digest}")});
    let parts =
        [Part { name: "a/b.json".into(), bytes: b"{}".to_vec() }, Part { name: "c".into(), bytes: vec![7; 999] }];
    let packed = || {
        let mut out = Cursor::new(Vec::new());
        write_pack(&manifest, &parts, &mut out, Watch::nobody()).unwrap();
        out.into_inner()
    };
    assert_eq!(packed(), packed());
    assert_eq!(document_mark(&packed()), Some(digest.clone()));
    let words = Words::of(&[Language::Chinese]);
    let folder = tempfile::tempdir().unwrap();
    let sheets = Sheets {
        words: &words,
        sandbox: false,
        made_at: at(),
        folder: folder.path(),
        mark: Some(&digest),
        annex: false,
    };
    let mut workbook = Vec::new();
    write_history_xlsx(std::iter::empty(), 0, &sheets, &mut workbook, Watch::nobody()).unwrap();
    assert_eq!(document_mark(&workbook), Some(digest));
    for foreign in [&b"PK\x03\x04 broken"[..], b"", b"%PDF-1.7", format!("{MARK}short").as_bytes()] {
        assert_eq!(document_mark(foreign), None);
    }
}

#[test]
fn a_page_is_drawn_and_a_logo_is_tried() {
    let content = Content {
        template: Template::LogoAlone,
        view: json!({}),
        attached: None,
        logo: Some(Logo { format: "svg".into(), bytes: br#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9" fill="red"/></svg>"#.to_vec() }),
    };
    let logo = content.logo.clone().unwrap();
    let pages = Pages::set(content, at(), Watch::nobody()).unwrap();
    assert_eq!(pages.count(), 1);
    let png = pages.picture(0, 72).unwrap().unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert!(pages.picture(1, 72).is_none());
    assert!(pages.pdf(Watch::nobody()).unwrap().starts_with(b"%PDF-1.7"));
    try_logo(&logo).unwrap();
    let broken = Logo { format: "png".into(), bytes: b"\x89PNG\r\n\x1a\nbroken".to_vec() };
    assert_eq!(try_logo(&broken).unwrap_err().code(), "report.not_set");
}
