//! What a reviewer's sequences of events must leave: no living resource lost, nothing certain that is not known.

use chrono::TimeDelta;
use refund_rules::case::Site;

use crate::support::cloud::{Account, Cloud, Order, instance};
use crate::support::{Then, Wire, cache_of, told_seat};

const START: &str = "2026-06-01T00:00:00Z";
const END: &str = "2027-06-01T00:00:00Z";

fn text(text: String) -> &'static str {
    text.leak()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_between_two_pages_loses_no_living_resource() {
    let ids = ["i-1", "i-2", "i-3", "i-4", "i-5"];
    let account = Account {
        page: 2,
        instances: ids.map(|id| instance(id, START, END)).to_vec(),
        orders: ids
            .iter()
            .enumerate()
            .map(|(n, id)| Order::new(text(format!("1{n}")), "New", START).part(&[id], START, END, "1200.00"))
            .collect(),
        ..Account::default()
    };
    let cloud = Cloud::start(account).await;
    let wire = Wire::before(&cloud.address).await;
    let seat = told_seat(&wire.address);
    seat.sync().await;
    seat.pass(TimeDelta::hours(1));
    let inner = cloud.clone();
    let mut pages = 0;
    wire.on_call(move |call| {
        if call.operation == "QueryAvailableInstances" {
            pages += 1;
            if pages == 2 {
                inner.account().instances.retain(|row| row["InstanceID"] != "i-1");
            }
        }
        Then::Forward
    });
    seat.sync().await;
    let mut left: Vec<String> = seat.resources().into_iter().map(|row| row.resource).collect();
    left.sort();
    // The released one was still there when its page was read.
    assert_eq!(left, ids);
    seat.pass(TimeDelta::hours(1));
    seat.sync().await;
    let left: Vec<String> = seat.resources().into_iter().map(|row| row.resource).collect();
    assert_eq!(left.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_names_its_instance_later_leaves_nothing_certain_until_then() {
    let account = Account {
        instances: vec![instance("i-1", START, END)],
        orders: vec![
            Order::new("10", "New", START).part(&["i-1"], START, END, "1200.00"),
            Order::new("20", "Upgrade", "2026-11-20T09:00:00Z").part(&[], "2026-11-20T09:00:00Z", END, "300.00"),
        ],
        ..Account::default()
    };
    let cloud = Cloud::start(account).await;
    let seat = told_seat(&cloud.address);
    seat.sync().await;
    let row = seat.resources().into_iter().find(|row| row.resource == "i-1").unwrap();
    assert_eq!(row.blockers, ["chain_incomplete"]);
    {
        let mut account = cloud.account();
        account.orders[1] =
            Order::new("20", "Upgrade", "2026-11-20T09:00:00Z").part(&["i-1"], "2026-11-20T09:00:00Z", END, "300.00");
    }
    seat.pass(TimeDelta::minutes(1));
    seat.sync().await;
    let quote = seat.desk().quote(seat.uid(), "i-1", None).unwrap();
    let row = seat.resources().into_iter().find(|row| row.resource == "i-1").unwrap();
    assert_eq!((quote.orders.len(), row.blockers.len()), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_syncs_of_one_customer_take_turns() {
    let ids: Vec<&'static str> = (0..6).map(|n| text(format!("i-{n}"))).collect();
    let account = Account {
        page: 2,
        instances: ids.iter().map(|id| instance(id, START, END)).collect(),
        orders: ids
            .iter()
            .enumerate()
            .map(|(n, id)| Order::new(text(format!("1{n}")), "New", START).part(&[id], START, END, "1200.00"))
            .collect(),
        ..Account::default()
    };
    let cloud = Cloud::start(account).await;
    let wire = Wire::before(&cloud.address).await;
    let seat = told_seat(&wire.address);
    seat.sync().await;
    seat.pass(TimeDelta::hours(1));
    let (reached, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    wire.on_call(move |call| {
        if call.operation == "QueryAvailableInstances" && call.query.get("PageNum").is_some_and(|page| page == "3") {
            let _ = reached.send(());
            return Then::Hold;
        }
        Then::Forward
    });
    let first = seat.desk().sync(None, &|_| {});
    let second = async {
        // The first one hangs at its last page of instances.
        waiting.recv().await;
        let second = seat.desk().sync(Some(seat.uid()), &|_| {});
        tokio::pin!(second);
        let early = tokio::time::timeout(std::time::Duration::from_millis(300), &mut second).await;
        assert!(early.is_err(), "it waits for its turn");
        let calls = wire.of("QueryAvailableInstances").len();
        wire.let_go();
        (calls, second.await)
    };
    let (first, (calls, second)) = tokio::join!(first, second);
    // Three of the sync before, three of the first one; the second had called nothing yet.
    assert_eq!(calls, 6);
    assert!(first.unwrap()[0].problem.is_none() && second.unwrap()[0].problem.is_none());
    assert_eq!(seat.resources().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_money_that_cannot_be_read_stops_nothing() {
    let account = Account {
        instances: vec![instance("i-1", START, END)],
        orders: vec![Order::new("10", "New", START).part(&["i-1"], START, END, "1200.00")],
        ..Account::default()
    };
    let cloud = Cloud::start(account).await;
    let seat = told_seat(&cloud.address);
    seat.sync().await;
    cloud
        .account()
        .transactions
        .push(serde_json::json!({"TransactionNumber": "t9", "TransactionTime": "2026-11-20T10:00:05Z"}));
    // A row that lacks its number.
    cloud.account().transactions[0].as_object_mut().unwrap().remove("TransactionNumber");
    seat.pass(TimeDelta::minutes(1));
    let report = seat.sync().await;
    assert_eq!(report.problem, None);
    let warnings = seat.desk().connection_health(seat.uid()).unwrap().warnings;
    assert_eq!(warnings.iter().map(|warning| warning.code.as_str()).collect::<Vec<_>>(), ["row_unreadable"]);
    cloud.account().instances.push(instance("i-2", "2026-11-20T12:00:00Z", END));
    seat.pass(TimeDelta::days(2));
    seat.sync().await;
    assert_eq!(seat.resources().len(), 2, "the lists are read on");
    // Mended in the cloud, the warning goes.
    cloud.account().transactions.clear();
    seat.sync().await;
    assert!(seat.desk().connection_health(seat.uid()).unwrap().warnings.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_a_customer_while_it_syncs_stops_only_its_own() {
    let account = || Account {
        instances: vec![instance("i-1", START, END)],
        orders: vec![Order::new("10", "New", START).part(&["i-1"], START, END, "1200.00")],
        ..Account::default()
    };
    let clouds = [Cloud::start(account()).await, Cloud::start(account()).await];
    let slow = Wire::before(&clouds[1].address).await;
    let seat = told_seat(&clouds[0].address);
    let other = desk::Account {
        uid: "5000000000000002".to_owned(),
        name: "Other".to_owned(),
        site: Site::International,
        currency: "USD".to_owned(),
        partner: false,
        endpoint: slow.address.clone(),
        key_id: "testid".to_owned(),
        key_secret: "testsecret".into(),
    };
    seat.desk().connect(&other).unwrap();
    slow.on_call(|call| if call.operation == "QueryOrders" { Then::Hold } else { Then::Forward });
    let progress = |step: desk::views::SyncProgress| {
        if step.phase == "transactions" && step.customer == seat.uid() {
            // It is told of again and again; the first time it is removed.
            let _ = seat.desk().disconnect(seat.uid());
            slow.let_go();
        }
    };
    let all = seat.desk().sync(None, &progress).await;
    let all = all.expect("reports of both");
    let told: Vec<_> =
        all.iter().map(|r| (r.customer == seat.uid(), r.problem.as_ref().map(|p| p.code.as_str()))).collect();
    assert!(told.contains(&(true, Some("unknown_customer"))) && told.contains(&(false, None)), "{told:?}");
    assert!(cache_of(&seat).is_empty(), "nothing of a removed customer is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_was_cut_off_twice_is_no_younger_than_its_orders() {
    let account = Account {
        instances: vec![instance("i-1", START, END)],
        orders: vec![Order::new("10", "New", START).part(&["i-1"], START, END, "1200.00")],
        ..Account::default()
    };
    let cloud = Cloud::start(account).await;
    let wire = Wire::before(&cloud.address).await;
    let seat = told_seat(&wire.address);
    // The first sync is cut off in its last phase.
    let (reached, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    wire.on_call(move |call| {
        if call.operation == "QueryRelationList" {
            let _ = reached.send(());
            Then::Hang
        } else {
            Then::Forward
        }
    });
    tokio::select! { _ = seat.desk().sync(None, &|_| {}) => panic!(), _ = waiting.recv() => {} }
    wire.forward_all();
    // Three days later it goes on; an upgrade was made meanwhile; it is stopped again before the orders of the second pass.
    cloud.account().orders.push(Order::new("20", "Upgrade", "2026-11-21T09:00:00Z").part(
        &["i-1"],
        "2026-11-21T09:00:00Z",
        END,
        "300.00",
    ));
    seat.pass(TimeDelta::days(3));
    let (reached, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    wire.on_call(move |call| {
        if call.operation == "QueryResourcePackageInstances" {
            let _ = reached.send(());
            Then::Hang
        } else {
            Then::Forward
        }
    });
    tokio::select! { _ = seat.desk().sync(None, &|_| {}) => panic!(), _ = waiting.recv() => {} }
    wire.forward_all();
    let row = seat.resources().remove(0);
    let first = seat.desk().now() - TimeDelta::days(3);
    assert!(row.facts_at <= first, "the orders are of {first}, told is {}", row.facts_at);
    let before = row.refund;
    seat.sync().await;
    let row = seat.resources().remove(0);
    assert!(row.refund > before && row.facts_at == seat.desk().now());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_with_a_part_unread_is_not_certain() {
    let account = Account {
        instances: vec![instance("i-1", "2026-11-01T00:00:00Z", "2027-11-01T00:00:00Z")],
        orders: vec![Order::new("10", "New", "2026-11-01T00:00:00Z").part(
            &["i-1"],
            "2026-11-01T00:00:00Z",
            "2027-11-01T00:00:00Z",
            "1200.00",
        )],
        ..Account::default()
    };
    let cloud = Cloud::start(account).await;
    let wire = Wire::before(&cloud.address).await;
    let seat = told_seat(&wire.address);
    seat.sync().await;
    seat.pass(TimeDelta::days(150));
    {
        let mut account = cloud.account();
        account.orders.push(Order::new("20", "Upgrade", "2026-11-25T00:00:00Z").part(
            &["i-1"],
            "2026-11-25T00:00:00Z",
            "2027-11-01T00:00:00Z",
            "300.00",
        ));
        account.orders.push(Order::new("30", "Renew", "2027-04-10T00:00:00Z").part(
            &["i-1"],
            "2027-11-01T00:00:00Z",
            "2028-11-01T00:00:00Z",
            "1500.00",
        ));
        account.instances[0] = instance("i-1", "2026-11-01T00:00:00Z", "2028-11-01T00:00:00Z");
    }
    let (reached, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    let mut lists = 0;
    wire.on_call(move |call| {
        if call.operation == "QueryOrders" {
            lists += 1;
            if lists == 2 {
                let _ = reached.send(());
                return Then::Hang;
            }
        }
        Then::Forward
    });
    tokio::select! { _ = seat.desk().sync(None, &|_| {}) => panic!(), _ = waiting.recv() => {} }
    wire.forward_all();
    let row = seat.resources().remove(0);
    assert_eq!(row.blockers, ["chain_incomplete"]);
    seat.sync().await;
    let row = seat.resources().remove(0);
    assert!(row.blockers.is_empty() && row.refund.is_some());
}
