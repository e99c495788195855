//! Sync: cut off anywhere and gone on with, repeated, disturbed; what it says it covers, it covers.

use bss_sandbox::Fault;
use chrono::TimeDelta;
use desk::views::RequestState;
use desk::{Account as Connected, Desk};
use refund_rules::case::Site;
use refund_rules::quote::Channel;

use crate::support::cloud::{Account, Cloud, Order, arrival, instance, payment};
use crate::support::{CHINA, Home, INTERNATIONAL, Seat, Then, Told, Wire, at, cache_of, told_seat};

const SECOND: TimeDelta = TimeDelta::seconds(1);

/// Three servers, a renewal, an upgrade and an earlier refund, two rows a page: every phase has several pages.
fn small_world() -> Account {
    let (start, end) = ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z");
    Account {
        page: 2,
        instances: ["i-1", "i-2", "i-3"]
            .map(|id| instance(id, start, if id == "i-1" { "2027-12-01T00:00:00Z" } else { end }))
            .to_vec(),
        orders: vec![
            Order::new("11", "New", start).part(&["i-1", "i-2"], start, end, "2400.00"),
            Order::new("12", "New", "2026-06-01T01:00:00Z").part(&["i-3"], start, end, "1200.00"),
            Order::new("13", "Renew", "2026-06-02T00:00:00Z").part(&["i-1"], end, "2027-12-01T00:00:00Z", "600.00"),
            Order::new("14", "Upgrade", "2026-10-01T00:00:00Z").part(&["i-3"], "2026-10-01T00:00:00Z", end, "300.00"),
            Order::new("15", "New", "2026-10-02T00:00:00Z").part(&["i-0"], "2026-10-02T00:00:00Z", end, "100.00"),
            Order::refund("21", "15", &["i-0"], "90.00", "2026-10-03T00:00:00Z"),
        ],
        transactions: vec![
            payment("t1", "11", "CreditCard", "2400.00", start),
            payment("t2", "12", "CreditCard", "1000.00", "2026-06-01T01:00:00Z"),
            payment("t3", "12", "AccountBalance", "200.00", "2026-06-01T01:00:00Z"),
            arrival("t4", "21", "CreditCard", "90.00", "2026-10-05T00:00:00Z"),
        ],
        ..Account::default()
    }
}

/// The process ends while call `n` is on the wire, for every n; the next start goes on and has what one clean sync has.
#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_is_killed_anywhere_ends_with_the_same_cache() {
    let cloud = Cloud::start(small_world()).await;
    let wire = Wire::before(&cloud.address).await;
    let clean = told_seat(&wire.address);
    clean.sync().await;
    let (expected, calls) = (cache_of(&clean), wire.calls().len());
    assert!(expected.len() > 15 && calls > 20, "{} rows, {calls} calls", expected.len());
    for n in 0..calls {
        let mut seat = told_seat(&wire.address);
        let (reached, mut waiting) = tokio::sync::mpsc::unbounded_channel();
        let mut seen = 0;
        wire.on_call(move |_| {
            seen += 1;
            if seen <= n {
                return Then::Forward;
            }
            let _ = reached.send(());
            Then::Hang
        });
        tokio::select! {
            done = seat.desk().sync(None, &|_| {}) => panic!("call {n} is never answered, but {done:?}"),
            _ = waiting.recv() => {}
        }
        wire.forward_all();
        seat.reopen();
        let customer = &seat.desk().customers().unwrap()[0];
        assert_eq!(customer.synced_at, None, "call {n}: an unfinished sync is none");
        seat.sync().await;
        assert_eq!(cache_of(&seat), expected, "call {n}");
    }
}

/// An unfinished sync is gone on with, and what happened since its first half is seen all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_goes_on_looks_at_the_first_half_again() {
    let told = Told::of(small_world()).await;
    let request = told.handed_over(&told.ask("i-3"));
    told.pass(SECOND);
    // Cut off while the movements of money are read: resources and orders are done.
    let wire = Wire::before(&told.cloud.address).await;
    reconnect(&told, &wire.address);
    let (reached, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    wire.on_call(move |call| {
        if call.operation != "QueryAccountTransactions" {
            return Then::Forward;
        }
        let _ = reached.send(());
        Then::Hang
    });
    tokio::select! {
        done = told.desk().sync(None, &|_| {}) => panic!("never answered, but {done:?}"),
        _ = waiting.recv() => {}
    }
    wire.forward_all();
    {
        let mut account = told.cloud.account();
        account.instances.retain(|row| row["InstanceID"] != "i-3");
        account.orders.push(Order::refund("31", "12", &["i-3"], "1.00", "2026-11-20T10:00:05Z"));
    }
    told.pass(TimeDelta::seconds(10));
    told.sync().await;
    assert_eq!(told.request(&request.id).state, RequestState::Observed);
    assert!(told.resources().iter().all(|row| row.resource != "i-3"), "released meanwhile");
}

pub fn reconnect(seat: &Seat, endpoint: &str) {
    let account = Connected {
        uid: seat.uid().to_owned(),
        name: "Told".to_owned(),
        site: Site::International,
        currency: "USD".to_owned(),
        partner: false,
        endpoint: endpoint.to_owned(),
        key_id: "testid".to_owned(),
        key_secret: "testsecret".into(),
    };
    seat.desk().connect(&account).unwrap();
}

/// Asked after the effect, the cloud's clock some minutes ahead of the machine's: the refund order is dated in our future.
#[tokio::test(flavor = "multi_thread")]
async fn a_cloud_whose_clock_is_ahead_hides_nothing() {
    for minutes in [1, 14] {
        let home = Home::synced(INTERNATIONAL).await;
        let resource = home.renewed();
        let request = home.confirmed_by_api(&resource);
        home.control().advance(TimeDelta::minutes(minutes)).unwrap();
        home.fault("RefundInstance", Fault::DropAfter);
        assert_eq!(home.desk().send(&request.id).await.unwrap().state, RequestState::Unknown);
        home.pass(SECOND);
        let asked = home.desk().ask_again(&request.id).await.unwrap();
        assert_eq!(asked.state, RequestState::Observed, "{minutes} minutes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_sync_with_nothing_new_changes_nothing() {
    for place in [CHINA, INTERNATIONAL] {
        let home = Home::synced(place).await;
        let (cache, entries, details) = (cache_of(&home), home.journal_length(), home.wire.of("GetOrderDetail").len());
        let report = home.sync().await;
        assert_eq!(report.moved, Vec::<String>::new());
        assert_eq!(cache_of(&home), cache);
        assert_eq!(home.journal_length(), entries);
        // Only what is not settled is read again: the one unpaid order.
        assert_eq!(home.wire.of("GetOrderDetail").len() - details, 1);
    }
}

/// The cloud's own books and the desk's, side by side.
#[tokio::test(flavor = "multi_thread")]
async fn a_sync_brings_what_the_cloud_holds() {
    for place in [CHINA, INTERNATIONAL] {
        let home = Home::synced(place).await;
        let books = home.books();
        let mut live: Vec<String> =
            books.resources.iter().filter(|r| r.released_at.is_none()).map(|r| r.id.clone()).collect();
        live.sort();
        let rows = home.resources();
        assert_eq!(rows.iter().map(|row| row.resource.clone()).collect::<Vec<_>>(), live);
        for row in &rows {
            let mut own: Vec<_> = books
                .orders
                .iter()
                .flat_map(|order| &order.parts)
                .filter(|part| part.instances.contains(&row.resource))
                .map(|part| (part.start, part.end))
                .collect();
            own.sort();
            let mut kept: Vec<_> =
                home.quote(&row.resource).orders.iter().map(|order| (order.start, order.end)).collect();
            kept.sort();
            assert_eq!(kept, own, "{}", row.resource);
        }
        let history = home.history();
        assert_eq!(history.len(), books.refund_orders.len());
        for refund in &books.refund_orders {
            let row = home.refund(&refund.order_id);
            assert_eq!((row.amount, row.resource.as_str()), (refund.amount, refund.instance.as_str()));
            assert_eq!(row.arrived == row.amount, refund.arrived);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_paid_later_counts_from_then() {
    let (start, end) = ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z");
    let told = Told::of(Account {
        instances: vec![instance("i-1", start, end)],
        orders: vec![
            Order::new("11", "New", start).part(&["i-1"], start, end, "1200.00"),
            Order::new("12", "Renew", "2026-11-01T00:00:00Z")
                .part(&["i-1"], end, "2027-12-01T00:00:00Z", "600.00")
                .unpaid(),
        ],
        ..Account::default()
    })
    .await;
    let blockers = |told: &Told| told.quote("i-1").quote.blockers.iter().map(|b| b.code.clone()).collect::<Vec<_>>();
    assert_eq!(blockers(&told), ["unpaid_order"]);
    {
        let mut account = told.cloud.account();
        account.orders[1].status = Some("Paid");
        account.instances = vec![instance("i-1", start, "2027-12-01T00:00:00Z")];
    }
    told.pass(TimeDelta::days(2));
    told.sync().await;
    assert_eq!(blockers(&told), Vec::<String>::new());
    let row = told.resources().remove(0);
    assert_eq!((row.pending_renewals, row.blockers), (1, Vec::new()));
    // Settled now: nothing is read again.
    let details = told.cloud.calls("GetOrderDetail").len();
    told.sync().await;
    assert_eq!(told.cloud.calls("GetOrderDetail").len(), details);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_that_is_gone_leaves_the_list_and_may_come_back() {
    let told = Told::of(small_world()).await;
    let ids = |told: &Told| told.resources().into_iter().map(|row| row.resource).collect::<Vec<_>>();
    assert_eq!(ids(&told), ["i-1", "i-2", "i-3"]);
    let taken = told.cloud.account().instances.remove(1);
    told.sync().await;
    assert_eq!(ids(&told), ["i-1", "i-3"]);
    assert_eq!(told.desk().review(&told.ask("i-2")).unwrap_err().code(), "not_eligible");
    told.cloud.account().instances.push(taken);
    told.sync().await;
    assert_eq!(ids(&told), ["i-1", "i-2", "i-3"]);
    assert_eq!(told.desk().review(&told.ask("i-2")).unwrap().request.state, RequestState::Reviewed);
}

/// One passing failure in every operation does not fail a sync; a lasting one does, and says which.
#[tokio::test(flavor = "multi_thread")]
async fn passing_failures_are_tried_again_and_lasting_ones_told() {
    let reading = [
        "QueryAvailableInstances",
        "QueryResourcePackageInstances",
        "QueryOrders",
        "GetOrderDetail",
        "QueryAccountTransactions",
    ];
    for (case, fault) in [("the connection breaks", Fault::DropBefore), ("500 is answered", Fault::ServerError)] {
        let home = Home::with(INTERNATIONAL).await;
        for operation in reading {
            home.fault(operation, fault);
        }
        home.sync().await;
        let undisturbed = Home::synced(INTERNATIONAL).await;
        assert_eq!(home.resources(), undisturbed.resources().into_iter().collect::<Vec<_>>(), "{case}");
        assert_eq!(
            home.wire.calls().len(),
            undisturbed.wire.calls().len() + reading.len(),
            "{case}: one more call for each"
        );
    }
    let home = Home::synced(CHINA).await;
    let synced_at = home.desk().customers().unwrap()[0].synced_at;
    home.pass(TimeDelta::hours(1));
    home.faults("QueryOrders", 20, Fault::DropBefore);
    let before = home.wire.of("QueryOrders").len();
    let report = home.desk().sync(None, &|_| {}).await.unwrap().remove(0);
    let problem = report.problem.unwrap();
    assert_eq!(problem.place.as_deref(), Some("QueryOrders"));
    assert!(!problem.next.is_empty());
    assert_eq!(home.wire.of("QueryOrders").len() - before, 4, "not for ever");
    let customer = home.desk().customers().unwrap().remove(0);
    assert_eq!(
        (customer.synced_at, customer.sync_error),
        (synced_at, Some(problem)),
        "the facts are as old as they were"
    );
    home.control().clear_faults();
    home.sync().await;
    let customer = home.desk().customers().unwrap().remove(0);
    assert_eq!((customer.synced_at, customer.sync_error), (Some(home.desk().now()), None));
}

/// A refused key is told after one call; the other customers are synced all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_fails_does_not_stop_the_others() {
    let home = Home::with(INTERNATIONAL).await;
    let other = home.sandbox.accounts()[CHINA].clone();
    home.desk()
        .connect(&Connected {
            uid: other.uid.clone(),
            name: "A wrong key".to_owned(),
            site: other.site,
            currency: other.currency,
            partner: false,
            endpoint: home.wire.address.clone(),
            key_id: other.key_id,
            key_secret: "not the secret".into(),
        })
        .unwrap();
    let reports = home.desk().sync(None, &|_| {}).await.unwrap();
    for report in &reports {
        let failed = report.customer == other.uid;
        assert_eq!(report.problem.is_some(), failed, "{}", report.customer);
        if failed {
            assert_eq!((report.calls, report.resources), (1, 0));
            assert_eq!(report.problem.as_ref().unwrap().code, "bss_credentials");
        }
    }
    assert!(!home.resources().is_empty());
}

/// A page of the list shows what the cache holds while a sync is under way and after it was cut off.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_whose_detail_was_not_read_makes_nothing_certain() {
    let (start, end) = ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z");
    let told = Told::of(Account {
        instances: vec![instance("i-1", start, end)],
        orders: vec![Order::new("11", "New", start).part(&["i-1"], start, end, "1200.00")],
        ..Account::default()
    })
    .await;
    assert!(told.quote("i-1").quote.eligible);
    // An upgrade is listed; the sync ends before its detail is read.
    told.cloud.account().orders.push(Order::new("12", "Upgrade", "2026-11-20T10:00:30Z").part(
        &["i-1"],
        "2026-11-20T10:00:30Z",
        end,
        "300.00",
    ));
    told.pass(TimeDelta::minutes(1));
    let wire = Wire::before(&told.cloud.address).await;
    reconnect(&told, &wire.address);
    let (reached, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    wire.on_call(move |call| {
        if call.operation != "GetOrderDetail" {
            return Then::Forward;
        }
        let _ = reached.send(());
        Then::Hang
    });
    tokio::select! {
        done = told.desk().sync(None, &|_| {}) => panic!("never answered, but {done:?}"),
        _ = waiting.recv() => {}
    }
    let quote = told.quote("i-1").quote;
    assert_eq!(quote.blockers.iter().map(|b| b.code.as_str()).collect::<Vec<_>>(), ["chain_incomplete"]);
    assert_eq!(told.desk().review(&told.ask("i-1")).unwrap_err().code(), "not_eligible");
    wire.forward_all();
    told.sync().await;
    let quote = told.quote("i-1").quote;
    assert!(quote.eligible && quote.lines.len() == 2);
}

/// An open request is followed by every sync, also one that another thread runs while the call is on the wire.
#[tokio::test(flavor = "multi_thread")]
async fn a_sync_beside_a_call_may_see_its_refund_first() {
    let home = Home::synced(INTERNATIONAL).await;
    let resource = home.renewed();
    let request = home.confirmed(&home.ask(&resource.id), Channel::Api);
    let desk: &Desk = home.desk();
    let (reached, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    let (control, uid, id) = (home.control(), home.uid().to_owned(), resource.id.clone());
    home.wire.on_call(move |call| {
        if call.operation == "RefundInstance" {
            // The effect first, the answer much later.
            control.console_unsubscribe(&uid, &id).unwrap();
            reached.send(()).unwrap();
        }
        Then::Forward
    });
    home.fault("RefundInstance", Fault::Latency { ms: 2500 });
    let look = async {
        waiting.recv().await.unwrap();
        desk.sync(None, &|_| {}).await.unwrap().remove(0)
    };
    let (sent, report) = tokio::join!(desk.send(&request.id), look);
    assert_eq!(report.moved, std::slice::from_ref(&request.id));
    assert_eq!(sent.unwrap().state, RequestState::Observed, "further than the late answer");
    assert_eq!(home.request(&request.id).updated_at, at("2026-11-20T10:00:00Z"));
}

/// A button is pressed twice, or two windows sync at once: the cache is what one sync makes.
#[tokio::test(flavor = "multi_thread")]
async fn two_syncs_at_once_make_the_cache_of_one() {
    let cloud = Cloud::start(small_world()).await;
    let (clean, twice) = (told_seat(&cloud.address), told_seat(&cloud.address));
    clean.sync().await;
    let (a, b) = tokio::join!(twice.desk().sync(None, &|_| {}), twice.desk().sync(None, &|_| {}));
    for reports in [a.unwrap(), b.unwrap()] {
        assert_eq!(reports[0].problem, None);
    }
    assert_eq!(cache_of(&twice), cache_of(&clean));
}
