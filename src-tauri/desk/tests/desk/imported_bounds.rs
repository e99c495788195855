//! Files that ask too much: no amount, no number of parts and no kept chunk keeps a home from being opened again.

use std::fmt::Write as _;
use std::time::Instant;

use desk::ImportReport;
use desk::views::Problem;
use desk_store::{Access, ImportedFile, Json, Store, StoreError, Unlock};
use refund_rules::case::Site;

use crate::support::cloud::{Account, Order, instance};
use crate::support::{Cloud, Seat, cache_of, d, told_seat};

const HEADER: &str = "Order ID,Sub Order ID,Product Code,Instance ID,Order Type,Order Status,Created At,List Price,Payable Amount,Deducted by Coupon,Deducted by Cash Coupons,Tax\n";
const START: &str = "2026-06-01T00:00:00Z";
const END: &str = "2027-06-01T00:00:00Z";
const FURTHEST: &str = "79228162514264337593543950335";

/// A line of the order `11`: list price, payable, coupon, voucher, tax.
fn row(line: usize, instances: &str, amounts: [&str; 5]) -> String {
    let [list, payable, coupon, voucher, tax] = amounts;
    format!("11,s{line},ecs,{instances},New,Paid,2026-06-01T00:00:00Z,{list},{payable},{coupon},{voucher},{tax}\n")
}

fn plain(line: usize, instances: &str, amount: &str) -> String {
    row(line, instances, [amount, amount, "", "", ""])
}

/// A bill that tells these lines of the order `11`.
fn bill(lines: std::ops::Range<usize>) -> String {
    let mut text =
        "BillingCycle,RecordID,LineItemID,Item,ProductCode,InstanceID,PaymentTime,PretaxGrossAmount,PretaxAmount\n"
            .to_owned();
    for line in lines {
        writeln!(text, "2026-06,11,s{line},SubscriptionOrder,ecs,i-1,2026-06-01T00:00:00Z,1.00,1.00").expect("text");
    }
    text
}

fn ids(from: usize, to: usize) -> String {
    (from..to).map(|i| format!("i-{i}")).collect::<Vec<_>>().join(" ")
}

fn codes(report: &ImportReport) -> Vec<&str> {
    report.refused.iter().map(|row| row.code.as_str()).collect()
}

fn with_header(rows: &str) -> String {
    HEADER.to_owned() + rows
}

#[test]
fn what_is_out_of_bounds_is_refused_before_the_journal() {
    let most = "9999999999.00";
    let many = |count: usize, amount: &str| -> String { (0..count).map(|line| plain(line, "i-1", amount)).collect() };
    let parts = |lines: usize| -> String { (0..lines).map(|line| plain(line, &ids(0, 1000), "1000.00")).collect() };
    for (case, rows, code) in [
        ("list price", row(1, "i-1", [FURTHEST, "100.00", "", "", ""]), "bad_amount"),
        ("payable", row(1, "i-1", ["100.00", FURTHEST, "", "", ""]), "bad_amount"),
        ("coupon", row(1, "i-1", ["100.00", "100.00", FURTHEST, "", ""]), "bad_amount"),
        ("voucher", row(1, "i-1", ["100.00", "100.00", "", FURTHEST, ""]), "bad_amount"),
        ("coupon and voucher", row(1, "i-1", [most, most, most, most, ""]), "bad_amount"),
        ("coupon and voucher of the furthest", row(1, "i-1", ["1.00", "1.00", FURTHEST, FURTHEST, ""]), "bad_amount"),
        ("tax", row(1, "i-1", ["100.00", "100.00", "", "", FURTHEST]), "bad_amount"),
        ("negative", plain(1, "i-1", &format!("-{FURTHEST}")), "bad_amount"),
        ("instances of a line", plain(1, &ids(0, 1001), "1000.00"), "bad_instance"),
        ("lines that add up", many(2, most), "order_out_of_bounds"),
        ("parts of an order", parts(11), "order_out_of_bounds"),
    ] {
        let mut seat = Seat::imported(Site::International);
        let taken = seat.take_text(&with_header(&rows));
        assert!(
            codes(&taken).iter().all(|found| *found == code) && !taken.refused.is_empty(),
            "{case}: {:?}",
            taken.refused
        );
        assert_eq!(taken.counts.refused, taken.counts.rows, "{case}");
        assert_eq!((seat.journal_length(), cache_of(&seat).len()), (1, 0), "{case}");
        seat.reopen();
    }
    for (case, rows) in [("the most", plain(1, "i-1", most)), ("ten lines of a thousand", parts(10))] {
        let mut seat = Seat::imported(Site::International);
        let taken = seat.take_text(&with_header(&rows));
        assert_eq!((codes(&taken), taken.counts.new), (vec![], taken.counts.rows), "{case}");
        seat.lose_cache();
        assert!(!cache_of(&seat).is_empty(), "{case}");
    }
}

/// A bill may be split over files: the lines of all of them are the order's.
#[test]
fn lines_of_several_files_are_bounded_together() {
    let seat = Seat::imported(Site::International);
    assert_eq!(seat.take_text(&bill(0..1500)).counts.new, 1500);
    let (length, cache) = (seat.journal_length(), cache_of(&seat));
    let taken = seat.take_text(&bill(1000..2001));
    assert_eq!((taken.counts.refused, codes(&taken)[0]), (1001, "order_out_of_bounds"));
    assert_eq!((seat.journal_length(), cache_of(&seat)), (length, cache));
    assert_eq!(seat.take_text(&bill(1000..2000)).counts.new, 500);
}

/// Each line compared with each other one would take minutes.
#[test]
fn many_lines_of_one_order_are_read_once() {
    let seat = Seat::imported(Site::International);
    let begun = Instant::now();
    let taken = seat.take_text(&bill(0..190_000));
    assert_eq!((taken.counts.refused, taken.counts.new), (190_000, 0));
    assert_eq!((taken.refused[0].line, taken.refused[0].code.as_str()), (2, "order_incomplete"));
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

/// A thousand servers of one line: what was read of it is kept once, not a thousand times.
#[test]
fn a_line_is_kept_once_however_many_parts_it_has() {
    let seat = Seat::imported(Site::International);
    seat.take_text(&with_header(&plain(1, &ids(0, 1000), "1000.00")));
    let store = Store::open(seat.path(), &Unlock::Nothing, Access::ReadOnly).expect("a reader");
    let parts = store.read(|r| r.order_parts().of_order(seat.uid(), "11")).expect("parts");
    assert_eq!((parts.len(), parts[0].list), (1000, d("1.00")));
    assert!(parts.iter().all(|part| part.raw.as_str().len() < 300), "{:?}", parts[0].raw);
}

/// What was kept by a desk that bounded nothing, or was damaged since.
#[test]
fn a_chunk_that_cannot_be_projected_is_told_and_the_home_opens() {
    for (case, wrong) in [
        ("an amount", Some(("\"list\":\"100\"", format!("\"list\":\"{FURTHEST}\"")))),
        ("no line", Some(("\"list\"", "\"lost\"".to_owned()))),
        ("no chunk at all", None),
    ] {
        let mut seat = Seat::imported(Site::International);
        seat.take_text(&with_header(&plain(1, "i-1", "100.00")));
        let uid = seat.uid().to_owned();
        seat.close();
        let store = Store::open(seat.path(), &Unlock::Nothing, Access::ReadWrite).expect("the store");
        let (good, rows) = store
            .read(|r| {
                let good = r.imported_files().list()?.remove(0);
                let rows = r.imported_files().chunk(good.entry_seq, 0)?;
                Ok::<_, StoreError>((good, rows))
            })
            .expect("the file");
        // Before the good one, which all the same is projected.
        let bad = ImportedFile { entry_seq: 1, sha256: "00".repeat(32), ..good };
        let chunks: Vec<Json> = wrong
            .map(|(right, wrong)| {
                assert!(rows.as_str().contains(right), "{case}: {}", rows.as_str());
                Json::parse(rows.as_str().replace("\"11\"", "\"12\"").replace(right, &wrong)).expect("a document")
            })
            .into_iter()
            .collect();
        store.write(move |tx| tx.imported_files().put(&bad, &chunks)).expect("put");
        drop(store);
        Store::discard_cache(seat.path()).expect("the cache goes");

        for opened in 0..2 {
            seat.reopen();
            let customer = seat.desk().customers().expect("customers").remove(0);
            let problem: Problem = customer.sync_error.expect("it is told");
            assert_eq!((customer.id.as_str(), customer.resources), (uid.as_str(), 1), "{case} {opened}");
            assert!(["import_damaged", "order_out_of_bounds"].contains(&problem.code.as_str()), "{case}: {problem:?}");
            assert!(!problem.next.is_empty());
        }
        seat.desk().disconnect(&uid).expect("removed");
        let again = crate::support::imported_customer(Site::International);
        seat.desk().add_imported(&again).expect("added again");
        assert_eq!(seat.desk().customers().expect("customers")[0].sync_error, None, "{case}");
    }
}

/// The same amounts on the wire are told with their place, and end neither the sync nor the process.
#[tokio::test(flavor = "multi_thread")]
async fn an_imported_amounts_bounds_hold_on_the_wire_too() {
    for (list, payable, coupon) in
        [(FURTHEST, "1.00", "0"), ("1.00", FURTHEST, "0"), ("1.00", "1.00", FURTHEST), ("10000000000", "1.00", "0")]
    {
        let account = Account {
            instances: vec![instance("i-1", START, END)],
            orders: vec![Order::new("11", "New", START).discounted(&["i-1"], START, END, list, payable, coupon)],
            ..Account::default()
        };
        let cloud = Cloud::start(account).await;
        let seat = told_seat(&cloud.address);
        seat.sync().await;
        let warnings = seat.desk().connection_health(seat.uid()).expect("known").warnings;
        let told: Vec<_> = warnings.iter().map(|w| (w.code.as_str(), w.place.as_deref().unwrap_or_default())).collect();
        assert!(
            matches!(told[..], [("row_unreadable", place)] if place.starts_with("order 11 ")),
            "{list} {payable} {coupon}: {told:?}"
        );
        assert!(seat.resources().iter().all(|row| !row.exact), "an order that was not read makes nothing certain");
    }
}
