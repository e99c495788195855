//! What imported orders mean: beside the API's, for customers of whom only files tell, and with service periods entered by hand.

use desk::views::{FactAnswer, QuoteView, RequestState};
use desk::{DeskError, ImportAsk, ImportFile};
use desk_store::{Access, FROM_API, FROM_FILE, Store, Unlock};
use refund_rules::case::Site;
use refund_rules::quote::Channel;

use crate::support::cloud::{Account, Order, instance, payment};
use crate::support::{Cloud, Seat, Told, at, cache_of, d, fixture_path, imported_customer, told_seat};

const START: &str = "2026-06-01T00:00:00Z";
const END: &str = "2027-06-01T00:00:00Z";
const RENEWED: &str = "2027-12-01T00:00:00Z";

/// An order export in UTC: id, type, resource, list price and what was asked.
fn export(rows: &[(&str, &str, &str, &str)]) -> String {
    let mut text =
        "Order ID,Product Code,Instance ID,Order Type,Order Status,Created At,List Price,Payable Amount\n".to_owned();
    for (order, kind, resource, amount) in rows {
        text += &format!("{order},ecs,{resource},{kind},Paid,2026-06-01T00:00:00Z,{amount},{amount}\n");
    }
    text
}

/// A bill: record, related record, item, resource, amount and service period.
fn bill(rows: &[(&str, &str, &str, &str, &str, &str, &str)]) -> String {
    let mut text =
        "BillingCycle,RecordID,RelatedRecordID,Item,ProductCode,InstanceID,PaymentTime,PretaxGrossAmount,PretaxAmount,UsageStartTime,UsageEndTime\n"
            .to_owned();
    for (record, related, item, resource, amount, start, end) in rows {
        text += &format!(
            "2026-06,{record},{related},{item},ecs,{resource},2026-06-01T00:00:00Z,{amount},{amount},{start},{end}\n"
        );
    }
    text
}

fn period(order: &str, start: &str, end: &str) -> Vec<FactAnswer> {
    [("start", start), ("end", end)]
        .map(|(key, value)| FactAnswer {
            path: format!("orders[{order}].{key}"),
            value: value.to_owned(),
            source: "the console".to_owned(),
        })
        .to_vec()
}

fn enter(seat: &Seat, answers: &[FactAnswer]) -> Result<QuoteView, DeskError> {
    seat.desk().enter_facts(seat.uid(), "i-1", answers)
}

fn blockers(view: &QuoteView) -> Vec<&str> {
    view.quote.blockers.iter().map(|blocker| blocker.code.as_str()).collect()
}

fn source_of(seat: &Seat, order: &str) -> String {
    let store = Store::open(seat.path(), &Unlock::Nothing, Access::ReadOnly).expect("a reader");
    store.read(|r| r.orders().get(seat.uid(), order)).expect("a read").expect("the order").source
}

/// 173 of 365 days of 1,200.00 are used: 631.23 come back. A renewal of 600.00 that has not begun comes back whole.
#[test]
fn orders_count_when_their_service_period_is_entered() {
    let mut seat = Seat::imported(Site::International);
    let taken = seat.take_text(&export(&[("11", "New", "i-1", "1200.00"), ("12", "Renew", "i-1", "600.00")]));
    assert_eq!(taken.without_period, ["11", "12"]);
    let refused = seat.desk().quote(seat.uid(), "i-1", None).expect_err("no period");
    assert_eq!((refused.code(), refused.details()), ("period_unknown", &["11".to_owned(), "12".to_owned()][..]));
    let listed = &seat.resources()[0];
    assert_eq!(listed.problem.as_ref().map(|p| p.code.as_str()), Some("period_unknown"));
    assert_eq!(listed.facts_at, seat.clock.time() - chrono::TimeDelta::hours(1), "as old as the file");

    // One of two: the chain is not whole, no amount is certain.
    let view = enter(&seat, &period("11", START, END)).expect("entered");
    assert_eq!(blockers(&view), ["chain_incomplete"]);
    assert!(!view.quote.eligible && view.orders.len() == 1);
    let view = enter(&seat, &period("12", END, RENEWED)).expect("entered");
    assert_eq!((blockers(&view), view.quote.refund, view.quote.eligible), (vec![], d("1231.23"), true));
    assert_eq!(view.row.expires_at, Some(at(RENEWED)));

    seat.lose_cache();
    let again = seat.desk().quote(seat.uid(), "i-1", None).expect("a quote");
    assert_eq!(again.quote, view.quote);
    // A correction is the newest word.
    let view = enter(&seat, &period("12", END, "2027-09-01T00:00:00Z")).expect("corrected");
    assert_eq!(view.row.expires_at, Some(at("2027-09-01T00:00:00Z")));
}

#[test]
fn a_service_period_is_entered_whole_or_not_at_all() {
    let seat = Seat::imported(Site::International);
    seat.take_text(&export(&[("11", "New", "i-1", "1200.00"), ("21", "New", "i-2", "10.00")]));
    let before = seat.journal_length();
    let other = FactAnswer { path: "resource.security_risk".to_owned(), ..period("11", "false", END)[0].clone() };
    for (case, answers) in [
        ("half of it", period("11", START, END)[..1].to_vec()),
        ("turned round", period("11", END, START)),
        ("no offset", period("11", "2026-06-01 00:00:00", END)),
        ("an order of another resource", period("21", START, END)),
        ("an unknown order", period("99", START, END)),
        ("with another fact", [period("11", START, END), vec![other]].concat()),
        (
            "without a source",
            period("11", START, END).into_iter().map(|a| FactAnswer { source: " ".to_owned(), ..a }).collect(),
        ),
    ] {
        assert_eq!(enter(&seat, &answers).expect_err(case).code(), "bad_answer", "{case}");
    }
    assert_eq!(seat.journal_length(), before);
}

/// A bill tells periods: its resources have amounts at once. The order export tells which kind of order it was.
#[test]
fn export_and_bill_tell_the_order_together() {
    let purchase = ("11", "", "SubscriptionOrder", "i-1", "1200.00", START, END);
    let exported = export(&[("11", "New", "i-1", "1200.00")]);
    for (case, files, expected) in [
        ("the bill alone does not say that it was a purchase", vec![bill(&[purchase])], vec!["chain_incomplete"]),
        ("bill, then export", vec![bill(&[purchase]), exported.clone()], vec![]),
        ("export, then bill", vec![exported.clone(), bill(&[purchase])], vec![]),
        (
            "a renewal alone is no whole chain",
            vec![export(&[("11", "Renew", "i-1", "1200.00")]), bill(&[purchase])],
            vec!["chain_incomplete"],
        ),
        ("they differ", vec![export(&[("11", "New", "i-1", "1000.00")]), bill(&[purchase])], vec!["chain_incomplete"]),
        (
            "a refund that names no order",
            vec![exported.clone(), bill(&[purchase, ("31", "", "Refund", "i-1", "-10.00", "", "")])],
            vec!["chain_incomplete"],
        ),
    ] {
        let seat = Seat::imported(Site::International);
        for file in &files {
            seat.take_text(file);
        }
        let view = seat.quote("i-1");
        assert_eq!(blockers(&view), expected, "{case}");
        assert_eq!(view.orders.len(), 1, "{case}");
        if expected.is_empty() {
            assert_eq!(view.quote.refund, d("631.23"), "{case}");
        }
    }
}

/// One order of two servers: its period is entered once, and both have an amount.
#[test]
fn a_period_holds_for_all_resources_of_its_order() {
    let seat = Seat::imported(Site::International);
    seat.take_text(&export(&[("11", "New", "i-1;i-2", "2400.00")]));
    assert!(seat.resources().iter().all(|row| row.problem.is_some()));
    enter(&seat, &period("11", START, END)).expect("entered");
    let refunds: Vec<_> = seat.resources().into_iter().map(|row| (row.resource, row.refund)).collect();
    assert_eq!(refunds, [("i-1".to_owned(), Some(d("631.23"))), ("i-2".to_owned(), Some(d("631.23")))]);
}

/// The manager unsubscribes at the console; the next bill shows the refund order.
#[test]
fn a_refund_order_of_a_file_moves_its_request() {
    let mut seat = Seat::imported(Site::International);
    seat.take_text(&export(&[("11", "New", "i-1", "1200.00")]));
    enter(&seat, &period("11", START, END)).expect("entered");
    let review = seat.desk().review(&seat.ask("i-1")).expect("a review");
    assert_eq!(review.channels, [Channel::Console], "there is no way to the API");
    let request = seat.handed_over(&seat.ask("i-1"));
    seat.pass(chrono::TimeDelta::hours(1));
    let text = bill(&[("31", "11", "Refund", "i-1", "-631.23", "", "")]);
    let taken = seat.take_text(&text.replace("2026-06-01T00:00:00Z", "2026-11-20T10:30:00Z"));
    assert_eq!(taken.moved, std::slice::from_ref(&request.id));
    assert_eq!(seat.request(&request.id).state, RequestState::Observed);
    let refund = seat.refund("31");
    assert_eq!((refund.request, refund.predicted), (Some(request.id.clone()), Some(d("631.23"))));
    let length = seat.journal_length();
    seat.lose_cache();
    assert_eq!(seat.request(&request.id).state, RequestState::Observed);
    assert_eq!(seat.journal_length(), length, "the refund is not observed twice");
}

#[test]
fn a_refund_of_a_file_stands_in_the_history_and_its_order_counts_no_more() {
    let seat = Seat::imported(Site::International);
    seat.take_text(&export(&[("11", "New", "i-1", "1200.00"), ("12", "Renew", "i-1", "600.00")]));
    seat.take_text(&bill(&[
        ("11", "", "SubscriptionOrder", "i-1", "1200.00", START, END),
        ("12", "", "SubscriptionOrder", "i-1", "600.00", END, RENEWED),
        ("31", "12", "Refund", "i-1", "-600.00", "", ""),
    ]));
    let view = seat.quote("i-1");
    assert_eq!((blockers(&view), view.quote.refund), (vec![], d("631.23")));
    let refund = seat.refund("31");
    assert_eq!(
        (refund.amount, refund.resource.as_str(), refund.related_orders.as_slice()),
        (d("600.00"), "i-1", &["12".to_owned()][..])
    );
}

/// Stored-value cards are the one way of payment that a bill tells. Half of the money from nowhere is not known.
#[test]
fn a_bill_tells_payments_by_card_of_stored_value() {
    for (card, expected) in [("1200.00", "stored_value_card"), ("600.00", "unknown"), ("", "unknown")] {
        let seat = Seat::imported(Site::International);
        seat.take_text(&export(&[("11", "New", "i-1", "1200.00")]));
        let text = bill(&[("11", "", "SubscriptionOrder", "i-1", "1200.00", START, END)]);
        let text = text
            .replace("UsageEndTime\n", "UsageEndTime,DeductedByPrepaidCard\n")
            .replace(&format!("{END}\n"), &format!("{END},{card}\n"));
        seat.take_text(&text);
        let destinations = seat.quote("i-1").quote.destinations;
        let known = destinations.iter().all(|part| part.to != "unknown");
        assert_eq!(known, expected != "unknown", "{card}: {destinations:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_api_gave_is_not_touched_by_a_file() {
    let account = Account {
        instances: vec![instance("i-1", START, END)],
        orders: vec![Order::new("11", "New", START).part(&["i-1"], START, END, "1200.00")],
        transactions: vec![payment("t1", "11", "AccountBalance", "1200.00", START)],
        ..Account::default()
    };
    let told = Told::of(account).await;
    let (length, cache) = (told.journal_length(), cache_of(&told));
    let taken = told.take_text(&export(&[("11", "New", "i-1", "9.00")]));
    assert_eq!((taken.counts.by_api, taken.counts.new, taken.counts.changed), (1, 0, 0));
    assert_eq!((told.journal_length(), cache_of(&told)), (length, cache));
    // An order that the API does not list is kept beside; a resource that it does not list is gone, whatever a file says.
    let taken = told.take_text(&export(&[("11", "New", "i-1", "9.00"), ("5", "New", "i-0", "9.00")]));
    assert_eq!((taken.counts.by_api, taken.counts.new), (1, 1));
    assert_eq!((source_of(&told, "11").as_str(), source_of(&told, "5").as_str()), (FROM_API, FROM_FILE));
    assert_eq!(told.resources().len(), 1);
    let before = told.quote("i-1").quote;
    told.sync().await;
    assert_eq!(told.quote("i-1").quote, before);
    assert_eq!(told.cloud.calls("GetOrderDetail").len(), 1, "nobody asks the API for what only a file tells");
}

/// The file said 9.00, from a stored-value card; the API knows better.
#[tokio::test(flavor = "multi_thread")]
async fn the_apis_row_takes_the_place_of_a_files() {
    let account = Account {
        instances: vec![instance("i-1", START, END)],
        orders: vec![Order::new("11", "New", START).part(&["i-1"], START, END, "1200.00")],
        transactions: vec![payment("t1", "11", "AccountBalance", "1200.00", START)],
        ..Account::default()
    };
    let text = bill(&[("11", "", "SubscriptionOrder", "i-1", "9.00", START, END)]);
    let text = text
        .replace("UsageEndTime\n", "UsageEndTime,DeductedByPrepaidCard\n")
        .replace(&format!("{END}\n"), &format!("{END},9.00\n"));
    let cloud = Cloud::start(account).await;
    let mut seat = told_seat(&cloud.address);
    seat.take_text(&text);
    assert_eq!(source_of(&seat, "11"), FROM_FILE);
    for case in ["file, then sync", "cache lost, file again, then sync"] {
        seat.sync().await;
        assert_eq!(source_of(&seat, "11"), FROM_API, "{case}");
        let quote = seat.quote("i-1").quote;
        assert_eq!(
            (quote.refund, quote.destinations[0].to.as_str(), quote.lines.len()),
            (d("631.23"), "balance", 1),
            "{case}"
        );
        let rows = cache_of(&seat);
        assert!(!rows.iter().any(|row| row.contains("file:")), "{case}: {rows:?}");
        seat.lose_cache();
        assert_eq!(source_of(&seat, "11"), FROM_FILE, "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_of_files_has_no_way_to_the_cloud_until_it_is_connected() {
    let account = Account {
        instances: vec![instance("i-1", START, END)],
        orders: vec![Order::new("11", "New", START).part(&["i-1"], START, END, "1200.00")],
        ..Account::default()
    };
    let cloud = Cloud::start(account).await;
    let seat = Seat::imported(Site::International);
    seat.take_text(&export(&[("11", "New", "i-1", "9.00"), ("12", "New", "i-2", "9.00")]));
    let refused = seat.desk().sync(Some(seat.uid()), &|_| {}).await.expect_err("no connection");
    assert_eq!(refused.code(), "imported_only");
    assert!(!refused.next().is_empty());
    assert_eq!(seat.desk().sync(None, &|_| {}).await.expect("the others").len(), 0);
    assert_eq!(seat.desk().endpoints().expect("addresses"), Vec::<String>::new());
    assert_eq!(seat.desk().customers().expect("customers")[0].resources, 2);

    let connected = desk::Account {
        uid: seat.uid().to_owned(),
        name: "Connected".to_owned(),
        site: Site::International,
        currency: "USD".to_owned(),
        partner: false,
        endpoint: cloud.address.clone(),
        key_id: "testid".to_owned(),
        key_secret: "testsecret".into(),
    };
    seat.desk().connect(&connected).expect("connected");
    seat.sync().await;
    assert_eq!(seat.quote("i-1").quote.refund, d("631.23"));
    let live: Vec<String> = seat.resources().into_iter().map(|row| row.resource).collect();
    assert_eq!(live, ["i-1"], "what the cloud does not list is gone");
    let refused = seat.desk().add_imported(&imported_customer(Site::International)).expect_err("it has a connection");
    assert_eq!(refused.code(), "already_connected");
}

#[test]
fn who_a_customer_of_files_is_is_checked() {
    let seat = Seat::imported(Site::International);
    let good = imported_customer(Site::International);
    seat.desk().add_imported(&desk::ImportedCustomer { name: "Renamed".to_owned(), ..good.clone() }).expect("renamed");
    assert_eq!(seat.desk().customers().expect("customers")[0].name, "Renamed");
    assert_eq!(seat.journal_length(), 1, "a name is no entry");
    for (case, customer, code) in [
        ("letters", desk::ImportedCustomer { uid: "x".to_owned(), ..good.clone() }, "bad_account"),
        ("no name", desk::ImportedCustomer { name: " ".to_owned(), ..good.clone() }, "bad_account"),
        ("yuan abroad", desk::ImportedCustomer { currency: "CNY".to_owned(), ..good.clone() }, "bad_account"),
        ("another site", imported_customer(Site::China), "account_differs"),
    ] {
        assert_eq!(seat.desk().add_imported(&customer).expect_err(case).code(), code, "{case}");
    }
}

#[test]
fn removing_the_customer_removes_what_was_imported() {
    let mut seat = Seat::imported(Site::International);
    seat.take("orders-en.csv");
    seat.desk().disconnect(seat.uid()).expect("removed");
    let files = |seat: &Seat| {
        let store = Store::open(seat.path(), &Unlock::Nothing, Access::ReadOnly).expect("a reader");
        store.read(|r| r.imported_files().list()).expect("files").len()
    };
    assert_eq!((files(&seat), cache_of(&seat).len()), (0, 0));
    seat.desk().add_imported(&imported_customer(Site::International)).expect("added again");
    seat.lose_cache();
    assert_eq!(cache_of(&seat).len(), 0);
    assert_eq!(seat.take("orders-en.csv").counts.new, 7);
    seat.desk().verify_journal().expect("a whole journal");
}

/// What is listed of the fixture: servers and databases, no plan, no order that names no resource.
#[test]
fn resources_come_from_instance_ids() {
    let seat = Seat::imported(Site::International);
    let taken = seat.take("orders-en.csv");
    assert_eq!(taken.unknown_products, ["Quite New Product"]);
    let listed: Vec<(String, String)> = seat.resources().into_iter().map(|row| (row.resource, row.product)).collect();
    let expected = [("i-t4n0001", "ecs"), ("qn-0001", ""), ("rm-t4n0002", "rds"), ("rm-t4n0003", "rds")];
    assert_eq!(listed, expected.map(|(id, product)| (id.to_owned(), product.to_owned())));
    // Periods do not make an amount certain of a product that nobody knows.
    let answers = period("210000000000017", START, END);
    let view = seat.desk().enter_facts(seat.uid(), "qn-0001", &answers).expect("entered");
    assert_eq!(blockers(&view), ["chain_incomplete"]);
    // Dated in the future, a file is as old as now.
    let file = ImportFile {
        dated: at("2030-01-01T00:00:00Z"),
        ..seat.file(&std::fs::read(fixture_path("bill-v2-en.csv")).expect("a fixture"))
    };
    let taken = seat.desk().import_file(&file, &ImportAsk::new(seat.uid())).expect("taken");
    assert_eq!(taken.dated, seat.clock.time());
}
