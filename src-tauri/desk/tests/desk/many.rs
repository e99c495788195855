//! Several customers at once: one that fails does not stop the others; a stop is prompt and keeps what came.

use std::sync::Mutex;
use std::time::Duration;

use chrono::TimeDelta;
use desk::views::SyncProgress;
use desk::{Account as Connected, CancellationToken};
use refund_rules::case::Site;

use crate::support::cloud::{Account, Cloud, Order, instance, payment};
use crate::support::{Seat, Then, Wire, cache_of, told_seat};

const START: &str = "2026-06-01T00:00:00Z";
const END: &str = "2027-06-01T00:00:00Z";

/// So many servers, one order each.
fn servers(count: usize) -> Account {
    // The told cloud's rows are made of texts that stand in the tests.
    let text = |text: String| -> &'static str { text.leak() };
    let ids: Vec<&'static str> = (0..count).map(|n| text(format!("i-{n:03}"))).collect();
    Account {
        instances: ids.iter().map(|id| instance(id, START, END)).collect(),
        orders: ids
            .iter()
            .enumerate()
            .map(|(n, id)| Order::new(text((1000 + n).to_string()), "New", START).part(&[id], START, END, "1200.00"))
            .collect(),
        transactions: (0..count)
            .map(|n| payment(text(format!("t{n}")), text((1000 + n).to_string()), "CreditCard", "1200.00", START))
            .collect(),
        ..Account::default()
    }
}

fn connect(seat: &Seat, uid: &str, endpoint: &str) {
    let account = Connected {
        uid: uid.to_owned(),
        name: format!("Customer {uid}"),
        site: Site::International,
        currency: "USD".to_owned(),
        partner: false,
        endpoint: endpoint.to_owned(),
        key_id: "testid".to_owned(),
        key_secret: "testsecret".into(),
    };
    seat.desk().connect(&account).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_synced_at_once_and_one_that_fails_does_not_stop_the_others() {
    let clouds = [Cloud::start(servers(3)).await, Cloud::start(servers(3)).await, Cloud::start(servers(3)).await];
    let slow = Wire::before(&clouds[1].address).await;
    // The first customer's first call waits for the others' last: one after the other they would never end.
    let seat = told_seat(&slow.address);
    connect(&seat, "5000000000000002", &clouds[0].address);
    connect(&seat, "5000000000000003", "http://127.0.0.1:9");
    connect(&seat, "5000000000000004", &clouds[2].address);
    slow.on_call(|_| Then::Hold);
    let ended = Mutex::new(0);
    let progress = |step: SyncProgress| {
        if step.phase == "transactions" && step.customer != seat.uid() {
            let mut ended = ended.lock().unwrap();
            *ended += 1;
            if *ended == 2 {
                slow.let_go();
            }
        }
    };
    let reports = seat.desk().sync(None, &progress).await.unwrap();
    let mut told: Vec<_> =
        reports.iter().map(|r| (r.customer.as_str(), r.orders, r.problem.as_ref().map(|p| p.code.as_str()))).collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("5000000000000001", 3, None),
            ("5000000000000002", 3, None),
            ("5000000000000003", 0, Some("bss_transport")),
            ("5000000000000004", 3, None),
        ]
    );
}

/// Stopped at any detail: within a second, what came is kept, and the next sync asks for the rest only.
#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_sync_stops_at_once_and_keeps_what_came() {
    let cloud = Cloud::start(servers(60)).await;
    let clean = told_seat(&cloud.address);
    clean.sync().await;
    clean.pass(TimeDelta::seconds(1));
    clean.sync().await;
    let wire = Wire::before(&cloud.address).await;
    let seat = told_seat(&wire.address);
    let (mut details, cancel) = (0, CancellationToken::new());
    let stop = cancel.clone();
    wire.on_call(move |call| {
        details += usize::from(call.operation == "GetOrderDetail");
        if details < 30 {
            return Then::Forward;
        }
        // From here on the line hangs, which no stop must wait for.
        stop.cancel();
        Then::Hang
    });
    // A call that hangs is given up on after 30 seconds; a stop does not wait for that.
    let stopped = tokio::time::timeout(Duration::from_secs(20), seat.desk().sync_until(None, &|_| {}, &cancel)).await;
    let problem = stopped.expect("it stops").unwrap().remove(0).problem.expect("it was stopped");
    assert_eq!(problem.code, "sync_cancelled");
    assert_eq!(seat.desk().customers().unwrap()[0].synced_at, None, "a stopped sync covers nothing");
    wire.forward_all();
    let before = wire.of("GetOrderDetail").len();
    seat.pass(TimeDelta::seconds(1));
    seat.sync().await;
    let again = wire.of("GetOrderDetail").len() - before;
    assert!((30..=45).contains(&again), "{again} details were asked for after 60 of which about 29 had come");
    assert_eq!(cache_of(&seat), cache_of(&clean));
}

/// The estimate counts down with the details.
#[tokio::test(flavor = "multi_thread")]
async fn progress_has_counts_and_a_total() {
    let cloud = Cloud::start(servers(40)).await;
    let seat = told_seat(&cloud.address);
    let steps = Mutex::new(Vec::new());
    seat.desk().sync(None, &|step| steps.lock().unwrap().push(step)).await.unwrap();
    let steps = steps.into_inner().unwrap();
    let details: Vec<_> = steps.iter().filter(|step| step.phase == "details").collect();
    assert!(details.iter().all(|step| step.total == Some(40)));
    assert!(details.is_sorted_by_key(|step| step.done) && details.last().unwrap().done == 40);
    for phase in ["instances", "orders", "transactions"] {
        assert!(steps.iter().any(|step| step.phase == phase), "{phase} is told");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_share_of_the_rates_is_kept_and_bounded() {
    let cloud = Cloud::start(servers(2)).await;
    let mut seat = told_seat(&cloud.address);
    assert_eq!(seat.desk().rate_share().unwrap(), None);
    for refused in [0, 101, u32::MAX] {
        assert_eq!(seat.desk().set_rate_share(refused).unwrap_err().code(), "bad_share");
    }
    for percent in [1, 100, 80] {
        seat.desk().set_rate_share(percent).unwrap();
        assert_eq!(seat.desk().rate_share().unwrap(), Some(percent));
    }
    seat.reopen();
    assert_eq!(seat.desk().rate_share().unwrap(), Some(80));
    // A few calls stay within the burst that any share allows.
    seat.sync().await;
}
