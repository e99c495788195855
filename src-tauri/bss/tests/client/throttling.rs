//! Throttled reading calls back off and come again, within bounds; the pace is kept with the injected clock.

use crate::support::*;
use bss_openapi::wire::GetOrderDetailRequest;
use bss_openapi::{Client, Kind, MAX_ATTEMPTS, Pace};
use std::time::Duration;

const DETAIL: &str = r#"{"OrderList":{"Order":[]}}"#;

fn in_range(duration: Duration, from_ms: u64, to_ms: u64) -> bool {
    (Duration::from_millis(from_ms)..=Duration::from_millis(to_ms)).contains(&duration)
}

#[tokio::test]
async fn a_throttled_reading_comes_again_later_and_later() {
    let server = Server::start(vec![throttled(), throttled(), throttled(), data(DETAIL)]).await;
    let world = World::new();
    server.client_in(&world).get_order_detail(&GetOrderDetailRequest::new("1")).await.unwrap();
    let slept = world.slept();
    // Half of 500, 1000, 2000 ms and up to as much again.
    assert_eq!(slept.len(), 3);
    for (wait, (from, to)) in slept.iter().zip([(250, 500), (500, 1000), (1000, 2000)]) {
        assert!(in_range(*wait, from, to), "{slept:?}");
    }
    let received = server.received();
    assert_eq!(received.len(), 4);
    assert!(received.iter().all(|request| request.verify(SECRET).is_ok()));
    let dates: std::collections::BTreeSet<_> =
        received.iter().map(|request| request.header("x-acs-date").unwrap().to_owned()).collect();
    assert!(dates.len() > 1, "each attempt is signed anew: {dates:?}");
}

#[tokio::test]
async fn throttling_inside_http_200_comes_again_too() {
    let act = ok(r#"{"Success":false,"Code":"Throttling.Api","Message":"m"}"#);
    let server = Server::start(vec![act, data(DETAIL)]).await;
    assert!(server.client().get_order_detail(&GetOrderDetailRequest::new("1")).await.is_ok());
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn the_servers_own_wait_is_honoured() {
    // Whatever the code: the header marks throttling.
    let other = Act::Answer(answer(503, r#"{"Code":"ServiceUnavailable","Message":"m"}"#));
    for act in [throttled(), other] {
        let server = Server::start(vec![act.header("x-acs-retry-after", "3000"), data(DETAIL)]).await;
        let world = World::new();
        server.client_in(&world).get_order_detail(&GetOrderDetailRequest::new("1")).await.unwrap();
        assert_eq!(world.slept().len(), 1);
        assert!(in_range(world.slept()[0], 3000, 3250), "{:?}", world.slept());
    }
}

#[tokio::test]
async fn patience_ends() {
    let server = Server::start(vec![throttled()]).await;
    let world = World::new();
    let error = server.client_in(&world).get_order_detail(&GetOrderDetailRequest::new("1")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Throttled { retry_after: None });
    assert_eq!(error.service_code(), Some("Throttling.User"));
    assert_eq!(server.received().len(), MAX_ATTEMPTS as usize);
    assert!(world.slept().iter().sum::<Duration>() <= Duration::from_secs(8), "{:?}", world.slept());

    // A wait longer than a call should take is handed to the caller.
    let server = Server::start(vec![throttled().header("x-acs-retry-after", "60001")]).await;
    let error = server.client().get_order_detail(&GetOrderDetailRequest::new("1")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Throttled { retry_after: Some(Duration::from_millis(60_001)) });
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn other_failures_are_the_callers_to_repeat() {
    for act in [Act::Drop, Act::Answer(answer(500, "")), Act::Answer(answer(200, ""))] {
        let server = Server::start(vec![act.clone(), data(DETAIL)]).await;
        server.client().get_order_detail(&GetOrderDetailRequest::new("1")).await.unwrap_err();
        assert_eq!(server.received().len(), 1, "{act:?}");
    }
}

#[tokio::test]
async fn calls_keep_to_half_of_the_documented_rate() {
    let server = Server::start(vec![data(DETAIL)]).await;
    let world = World::new();
    let client = Client::new(account(&server.endpoint), world.clone()).unwrap();
    for _ in 0..8 {
        client.get_order_detail(&GetOrderDetailRequest::new("1")).await.unwrap();
    }
    // Five at once, then one every 200 ms; only waiting moves this world's clock.
    assert_eq!(world.slept(), vec![Duration::from_millis(200); 3]);

    let unpaced = World::new();
    let client = Client::with_pace(account(&server.endpoint), unpaced.clone(), Pace::Unlimited).unwrap();
    for _ in 0..8 {
        client.get_order_detail(&GetOrderDetailRequest::new("1")).await.unwrap();
    }
    assert!(unpaced.slept().is_empty());
}
