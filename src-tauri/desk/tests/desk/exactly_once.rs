//! One decision, one refund. The wire loses answers and requests, the process dies, buttons are pressed twice.

use std::sync::{Arc, Mutex};

use bss_sandbox::{Fault, ResourceEntry};
use chrono::TimeDelta;
use desk::views::RequestState;
use desk_store::{NewEntry, Store};
use refund_rules::case::Action;
use refund_rules::quote::Channel;
use serde_json::json;

use crate::support::{CHINA, Home, INTERNATIONAL, Then, at, decision, entries, kinds};

const SECOND: TimeDelta = TimeDelta::seconds(1);

/// Every refund order of the resource and the sum that came back, as the cloud has it.
fn one_refund_only(home: &Home, resource: &ResourceEntry, predicted: rust_decimal::Decimal, case: &str) {
    let made = home.refunds_made(&resource.id);
    assert_eq!(
        made.iter().map(|refund| refund.amount).sum::<rust_decimal::Decimal>(),
        predicted,
        "{case}: the refund came once"
    );
    let mut related: Vec<_> = made.iter().map(|refund| refund.related_order_id.clone()).collect();
    related.sort();
    related.dedup();
    assert_eq!(related.len(), made.len(), "{case}: no order was refunded twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn token_and_parameters_are_journaled_before_the_call() {
    let home = Home::synced(INTERNATIONAL).await;
    let resource = home.renewed();
    let request = home.confirmed_by_api(&resource);
    // What the journal holds at the moment when the call is on the wire and nobody has answered it.
    let held = Arc::new(Mutex::new(Vec::new()));
    let (dir, id, seen) = (home.path().to_owned(), request.id.clone(), Arc::clone(&held));
    home.wire.on_call(move |call| {
        if call.operation == "RefundInstance" {
            *seen.lock().unwrap() = entries(&dir, &id);
        }
        Then::Forward
    });
    let sent = home.desk().send(&request.id).await.unwrap();
    assert_eq!(sent.state, RequestState::Accepted);

    let held = held.lock().unwrap();
    assert_eq!(*kinds(&held).last().unwrap(), "request_sending");
    let frozen = &held.last().unwrap().body;
    let calls = home.wire.of("RefundInstance");
    assert_eq!(calls.len(), 1);
    let query = &calls[0].query;
    for (parameter, journaled) in [
        ("ClientToken", "client_token"),
        ("ProductCode", "product_code"),
        ("ProductType", "product_type"),
        ("InstanceId", "instance_id"),
        ("ImmediatelyRelease", "immediately_release"),
    ] {
        assert_eq!(Some(query[parameter].as_str()), frozen[journaled].as_str(), "{parameter}");
    }
    assert_eq!(query["InstanceId"], resource.id);
    // The inquiry repeats its first answer for a repeated token, so it has another one.
    let inquiries = home.wire.of("InquiryPriceRefundInstance");
    assert_eq!(inquiries.len(), 1);
    assert_ne!(inquiries[0].query["ClientToken"], query["ClientToken"]);
    one_refund_only(&home, &resource, request.predicted, "sent");
}

/// What becomes of the first call, and what the sandbox does with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_after_the_effect_is_found_by_asking() {
    for (case, fault) in [("the connection breaks", Fault::DropAfter), ("500 is answered", Fault::ServerErrorAfter)] {
        let home = Home::synced(INTERNATIONAL).await;
        let resource = home.renewed();
        let request = home.confirmed_by_api(&resource);
        home.fault("RefundInstance", fault);
        let sent = home.desk().send(&request.id).await.unwrap();
        assert_eq!(sent.state, RequestState::Unknown, "{case}");
        assert_eq!(sent.moves, ["ask_again"], "{case}: nothing else before the cloud was asked");
        assert!(sent.problem.is_some(), "{case}");

        home.pass(SECOND);
        let asked = home.desk().ask_again(&request.id).await.unwrap();
        assert_eq!(asked.state, RequestState::Observed, "{case}");
        assert_eq!(asked.actual, Some(request.predicted), "{case}");
        assert_eq!(home.desk().send(&request.id).await.unwrap_err().code(), "illegal_move", "{case}");
        assert_eq!(home.wire.of("RefundInstance").len(), 1, "{case}");
        one_refund_only(&home, &resource, request.predicted, case);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_never_arrived_is_sent_again_with_the_same_token_after_asking() {
    for (case, fault) in [("the connection breaks", Fault::DropBefore), ("500 is answered", Fault::ServerError)] {
        let home = Home::synced(CHINA).await;
        let resource = home.renewed();
        let request = home.confirmed_by_api(&resource);
        home.fault("RefundInstance", fault);
        assert_eq!(home.desk().send(&request.id).await.unwrap().state, RequestState::Unknown, "{case}");

        // Not before the cloud was asked; and a sync of the same second may have begun before the call.
        assert_eq!(home.desk().send(&request.id).await.unwrap_err().code(), "resend_refused", "{case}");
        home.sync().await;
        assert_eq!(
            home.desk().send(&request.id).await.unwrap_err().code(),
            "resend_refused",
            "{case}: the sync began in the same second"
        );
        assert_eq!(home.wire.of("RefundInstance").len(), 1, "{case}");

        home.pass(SECOND);
        let asked = home.desk().ask_again(&request.id).await.unwrap();
        assert_eq!(
            (asked.state, asked.moves),
            (RequestState::Unknown, vec!["ask_again".to_owned(), "send".to_owned()]),
            "{case}"
        );
        let sent = home.desk().send(&request.id).await.unwrap();
        assert_eq!(sent.state, RequestState::Accepted, "{case}");

        let calls = home.wire.of("RefundInstance");
        assert_eq!(calls.len(), 2, "{case}");
        assert_eq!(calls[0].query, calls[1].query, "{case}: the same token, the same parameters");
        assert_eq!(home.wire.of("InquiryPriceRefundInstance").len(), 1, "{case}: a frozen call is not priced again");
        one_refund_only(&home, &resource, request.predicted, case);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_token_is_sent_again_for_a_day_only() {
    for (case, later, expected) in [
        ("a day", TimeDelta::hours(24), Ok(RequestState::Accepted)),
        ("a second more", TimeDelta::hours(24) + SECOND, Err("resend_refused")),
    ] {
        let home = Home::synced(CHINA).await;
        let resource = home.renewed();
        let request = home.confirmed_by_api(&resource);
        home.fault("RefundInstance", Fault::DropBefore);
        home.desk().send(&request.id).await.unwrap();
        home.pass(later);
        let moves = home.desk().ask_again(&request.id).await.unwrap().moves;
        assert_eq!(moves.contains(&"send".to_owned()), expected.is_ok(), "{case}: only what can be done is offered");
        let sent = home.desk().send(&request.id).await;
        assert_eq!(sent.as_ref().map(|view| view.state).map_err(|error| error.code()), expected, "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_the_first_call_is_an_answer_and_of_a_second_one_is_not() {
    let home = Home::synced(INTERNATIONAL).await;
    let resource = home.renewed();
    let refused = home.confirmed_by_api(&resource);
    // Someone at the console is faster, between the inquiry and the call.
    let (control, uid, id) = (home.control(), home.uid().to_owned(), resource.id.clone());
    home.wire.on_call(move |call| {
        if call.operation == "RefundInstance" {
            control.console_unsubscribe(&uid, &id).unwrap();
        }
        Then::Forward
    });
    let first = home.desk().send(&refused.id).await.unwrap();
    assert_eq!(first.state, RequestState::Rejected);
    assert!(first.moves.is_empty(), "a rejected request needs a new decision");
    assert!(first.problem.as_ref().unwrap().message.contains("ExistRefundingOrderError"), "{:?}", first.problem);
    home.wire.forward_all();

    let other = home.redis();
    let request = home.confirmed_by_api(&other);
    home.fault("RefundInstance", Fault::DropBefore);
    assert_eq!(home.desk().send(&request.id).await.unwrap().state, RequestState::Unknown);
    home.pass(SECOND);
    home.desk().ask_again(&request.id).await.unwrap();
    home.control().console_unsubscribe(home.uid(), &other.id).unwrap();
    // Refused because it is gone: for all that the desk knows, by its own first call.
    let again = home.desk().send(&request.id).await.unwrap();
    assert_eq!(again.state, RequestState::Unknown);
    home.pass(SECOND);
    assert_eq!(home.desk().ask_again(&request.id).await.unwrap().state, RequestState::Observed);
    one_refund_only(&home, &other, request.predicted, "refused on a resend");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_while_sending_knows_nothing_at_its_next_start() {
    for (case, arrives) in [("the call went out", true), ("the call never left", false)] {
        let mut home = Home::synced(CHINA).await;
        let resource = home.renewed();
        let request = home.confirmed_by_api(&resource);
        let (reached, mut waiting) = tokio::sync::mpsc::unbounded_channel();
        let (control, uid, id) = (home.control(), home.uid().to_owned(), resource.id.clone());
        home.wire.on_call(move |call| {
            if call.operation != "RefundInstance" {
                return Then::Forward;
            }
            if arrives {
                control.console_unsubscribe(&uid, &id).unwrap();
            }
            reached.send(()).unwrap();
            Then::Hang
        });
        tokio::select! {
            answer = home.desk().send(&request.id) => panic!("{case}: nobody answers, but {answer:?}"),
            _ = waiting.recv() => {}
        }
        assert_eq!(home.request(&request.id).state, RequestState::Sending, "{case}");
        home.wire.forward_all();
        home.pass(SECOND);
        home.reopen();
        let found = home.request(&request.id);
        assert_eq!(found.state, RequestState::Unknown, "{case}");
        assert_eq!(found.problem.unwrap().code, "interrupted", "{case}");
        assert_eq!(home.desk().send(&request.id).await.unwrap_err().code(), "resend_refused", "{case}");

        home.pass(SECOND);
        let asked = home.desk().ask_again(&request.id).await.unwrap();
        if arrives {
            assert_eq!(asked.state, RequestState::Observed, "{case}");
        } else {
            assert_eq!(asked.state, RequestState::Unknown, "{case}");
            assert_eq!(home.desk().send(&request.id).await.unwrap().state, RequestState::Accepted, "{case}");
            let calls = home.wire.of("RefundInstance");
            assert_eq!(calls[0].query, calls[1].query, "{case}");
        }
        one_refund_only(&home, &resource, request.predicted, case);
    }
}

/// The power goes between the journal's commit and the cache's: the entry is there, the cache knows nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_ahead_of_the_cache_is_believed() {
    let mut home = Home::synced(CHINA).await;
    let resource = home.renewed();
    let request = home.confirmed_by_api(&resource);
    home.close();
    let store = Store::open(home.path(), &desk::Unlock::Nothing, desk::Access::ReadWrite).unwrap();
    let entry = NewEntry {
        id: "019a9f00-0000-7000-8000-000000000001".parse().unwrap(),
        at: at("2026-11-20T10:00:01Z"),
        kind: "request_sending".to_owned(),
        customer: Some(home.uid().to_owned()),
        subject: Some(request.id.clone()),
        body: json!({
            "client_token": "11111111-2222-3333-4444-555555555555", "product_code": resource.product, "product_type": "",
            "instance_id": resource.id, "immediately_release": "1", "inquired": request.predicted,
        }),
    };
    store.write(move |tx| tx.journal().append(entry).map(|_| ())).unwrap();
    drop(store);
    home.pass(SECOND);
    home.open();
    assert_eq!(home.request(&request.id).state, RequestState::Unknown);
    home.pass(SECOND);
    home.desk().ask_again(&request.id).await.unwrap();
    home.desk().send(&request.id).await.unwrap();
    assert_eq!(home.wire.of("RefundInstance")[0].query["ClientToken"], "11111111-2222-3333-4444-555555555555");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_presses_send_once() {
    let home = Home::synced(INTERNATIONAL).await;
    let resource = home.renewed();
    let request = home.confirmed_by_api(&resource);
    home.fault("RefundInstance", Fault::Latency { ms: 150 });
    let (a, b) = tokio::join!(home.desk().send(&request.id), home.desk().send(&request.id));
    let (sent, refused): (Vec<_>, Vec<_>) = [a, b].into_iter().partition(Result::is_ok);
    assert_eq!((sent.len(), refused.len()), (1, 1));
    assert_eq!(refused[0].as_ref().unwrap_err().code(), "illegal_move");
    assert_eq!(home.wire.of("RefundInstance").len(), 1);
    one_refund_only(&home, &resource, request.predicted, "two presses");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_has_one_open_request() {
    let home = Home::synced(CHINA).await;
    let resource = home.renewed();
    let ask = home.ask(&resource.id);
    let first = home.desk().review(&ask).unwrap().request;
    let again = home.desk().review(&ask).unwrap().request;
    assert_eq!(first.id, again.id, "reviewing again is the same request");

    let confirmed = home.confirmed(&ask, Channel::Console);
    let renewals = desk::views::Ask { action: Action::CancelRenewals, expires: Some(resource.ends_at), ..ask.clone() };
    for (case, ask) in [("the same", &ask), ("another ask", &renewals)] {
        let error = home.desk().review(ask).unwrap_err();
        assert_eq!((error.code(), error.place()), ("request_open", Some("resource")), "{case}");
        assert!(error.message().contains(&confirmed.id), "{case}");
    }
    home.desk().withdraw(&confirmed.id).unwrap();
    assert_ne!(home.desk().review(&ask).unwrap().request.id, confirmed.id);
}

/// Two windows' threads review at the same moment.
#[tokio::test(flavor = "multi_thread")]
async fn reviews_at_the_same_moment_make_one_request() {
    let home = Home::synced(CHINA).await;
    let ask = home.ask(&home.renewed().id);
    for round in 0..5 {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    home.desk()
                        .review(&ask)
                        .map(|_| ())
                        .or_else(|error| if error.code() == "request_open" { Ok(()) } else { Err(error) })
                        .unwrap()
                });
            }
        });
        let open: Vec<_> =
            home.desk().requests(None).unwrap().into_iter().filter(|r| r.state == RequestState::Reviewed).collect();
        assert_eq!(open.len(), 1, "round {round}");
        home.desk().withdraw(&open[0].id).unwrap();
    }
}

/// Only a confirmed unsubscription of an instance by the API ever calls `RefundInstance`.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_ever_calls_refund_instance() {
    let home = Home::synced(INTERNATIONAL).await;
    let desk = home.desk();
    let plan = home.plan();
    let renewed = home.renewed();

    let review = home.reviewed(&home.ask(&plan.resource));
    assert_eq!(desk.send(&review.request.id).await.unwrap_err().code(), "illegal_move", "a plan, unconfirmed");
    let error = desk.confirm(&review.request.id, &decision(&review, Channel::Api)).unwrap_err();
    assert_eq!((error.code(), error.place()), ("channel_not_offered", Some("channel")), "a plan by the API");
    let by_console = desk.confirm(&review.request.id, &decision(&review, Channel::Console)).unwrap();
    assert_eq!(desk.send(&by_console.id).await.unwrap_err().code(), "not_by_api", "a plan, confirmed for the console");

    let stack = desk.renewals(None).unwrap().into_iter().find(|stack| stack.resource == renewed.id).unwrap();
    let ask = desk::views::Ask {
        action: Action::CancelRenewals,
        expires: Some(stack.candidates[0].expires),
        ..home.ask(&renewed.id)
    };
    let review = home.reviewed(&ask);
    let error = desk.confirm(&review.request.id, &decision(&review, Channel::Api)).unwrap_err();
    assert_eq!(error.code(), "channel_not_offered", "renewals by the API");
    let by_console = desk.confirm(&review.request.id, &decision(&review, Channel::Console)).unwrap();
    assert_eq!(
        desk.send(&by_console.id).await.unwrap_err().code(),
        "not_by_api",
        "renewals, confirmed for the console"
    );
    desk.withdraw(&by_console.id).unwrap();

    let review = home.reviewed(&home.ask(&renewed.id));
    assert_eq!(desk.send(&review.request.id).await.unwrap_err().code(), "illegal_move", "an instance, unconfirmed");
    let by_console = desk.confirm(&review.request.id, &decision(&review, Channel::Console)).unwrap();
    assert_eq!(
        desk.send(&by_console.id).await.unwrap_err().code(),
        "not_by_api",
        "an instance, confirmed for the console"
    );
    desk.withdraw(&by_console.id).unwrap();
    assert_eq!(desk.send(&by_console.id).await.unwrap_err().code(), "illegal_move", "withdrawn");
    assert_eq!(desk.send("no-such-request").await.unwrap_err().code(), "unknown_request");

    assert!(home.wire.of("RefundInstance").is_empty());
    assert!(home.wire.of("InquiryPriceRefundInstance").is_empty(), "nor is a price asked in its name");
}

/// The API was switched off for the customer after the decision: the decision does not outlive it.
#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_was_switched_off_sends_nothing() {
    let home = Home::synced(INTERNATIONAL).await;
    let request = home.confirmed_by_api(&home.renewed());
    home.desk().switch_api(home.uid(), false).unwrap();
    let error = home.desk().send(&request.id).await.unwrap_err();
    assert_eq!((error.code(), error.place()), ("channel_not_offered", Some("channel")));
    assert!(home.wire.of("RefundInstance").is_empty());
    home.desk().switch_api(home.uid(), true).unwrap();
    assert_eq!(home.desk().send(&request.id).await.unwrap().state, RequestState::Accepted);
}
