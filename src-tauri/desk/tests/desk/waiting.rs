//! Confirmed and not carried out: how long it waits, what it is worth now, and that nothing goes by itself.

use chrono::TimeDelta;
use desk::views::RequestState;
use desk::{Floor, RunProgress};
use refund_rules::quote::Channel;
use rust_decimal::Decimal;

use crate::support::{CHINA, Home, INTERNATIONAL, decision, entries, kinds};

const CENT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

fn go_on(_: &RunProgress) -> bool {
    true
}

fn ids(waiting: &[desk::Waiting]) -> Vec<&str> {
    waiting.iter().map(|waiting| waiting.request.as_str()).collect()
}

/// Three confirmed in one night without a network: one by the API within its floor, one by the API without, one by the console.
#[tokio::test(flavor = "multi_thread")]
async fn what_waited_over_night_is_shown_with_old_and_new_numbers() {
    let mut home = Home::synced(INTERNATIONAL).await;
    let eligible: Vec<_> =
        home.resources().into_iter().filter(|row| row.batchable && row.exact && row.product != "sas").collect();
    let review = home.reviewed(&home.ask(&home.renewed().id));
    let now = home.clock.time();
    let floor = Floor { at_least: review.request.predicted - Decimal::from(100), until: now + TimeDelta::days(3) };
    let within = home.desk().confirm_with_floor(&review.request.id, &decision(&review, Channel::Api), &floor).unwrap();
    assert_eq!((within.waits_until, within.floor.as_ref()), (Some(floor.until), Some(&floor)));
    let other = eligible.iter().find(|row| row.resource != within.resource && row.kind.word() == "instance").unwrap();
    // Requests of one instant stand in no order.
    home.pass(TimeDelta::seconds(1));
    let without = home.confirmed(&home.ask(&other.resource), Channel::Api);
    assert_eq!((without.waits_until, without.floor.as_ref()), (home.quote(&other.resource).quote.valid_until, None));
    let plan = home.confirmed(&home.ask(&home.plan().resource), Channel::Console);
    let ready = home.desk().ready(None).unwrap();
    assert_eq!(ids(&ready.ready), [within.id.as_str(), &without.id]);
    assert_eq!((ids(&ready.by_hand), ready.to_review.len()), (vec![plan.id.as_str()], 0));

    // A day and a bit later the process starts again, and syncs.
    home.close();
    home.pass(TimeDelta::hours(26));
    home.open();
    assert_eq!(home.request(&without.id).state, RequestState::Expired, "told at the start, without a network");
    home.sync().await;
    assert!(home.wire.of("RefundInstance").is_empty(), "nothing is sent by itself");
    let expired = home.request(&without.id);
    assert_eq!((expired.state, expired.moves.len(), expired.waits_until), (RequestState::Expired, 0, None));
    assert_eq!(expired.problem.unwrap().code, "quote_expired");
    assert_eq!(*kinds(&entries(home.path(), &without.id)).last().unwrap(), "request_expired");
    let ready = home.desk().ready(Some(home.uid())).unwrap();
    assert_eq!(ids(&ready.ready), [within.id.as_str()]);
    assert!(ids(&ready.to_review).contains(&without.id.as_str()));
    for waiting in ready.ready.iter().chain(&ready.to_review).filter(|waiting| waiting.channel == Some(Channel::Api)) {
        assert_eq!(waiting.now, Some(home.quote(&waiting.resource).quote.refund), "{}", waiting.resource);
        assert!(waiting.now < Some(waiting.confirmed), "a day took something of {}", waiting.resource);
    }

    // One call sends what was shown. Its price is asked first, and the floor holds.
    let shown: Vec<String> = ready.ready.iter().map(|waiting| waiting.request.clone()).collect();
    let run = home.desk().send_ready(&shown, &go_on).await.unwrap();
    assert_eq!((run.results.len(), run.results[0].state), (1, RequestState::Accepted));
    let calls = home.wire.of("RefundInstance");
    assert_eq!((calls.len(), calls[0].query["InstanceId"].as_str()), (1, within.resource.as_str()));
    assert_eq!(home.request(&within.id).actual, ready.ready[0].now);

    // A new decision on the expired one: it needs no attention any more.
    home.desk().review(&home.ask(&other.resource)).unwrap();
    assert!(!ids(&home.desk().ready(None).unwrap().to_review).contains(&without.id.as_str()));
}

/// A desk that stays open: the next sync ends the wait, and tells that the request moved.
#[tokio::test(flavor = "multi_thread")]
async fn a_sync_ends_a_wait_that_is_over() {
    let home = Home::synced(CHINA).await;
    let request = home.confirmed_by_api(&home.renewed());
    let until = request.waits_until.unwrap();
    home.pass(until - home.clock.time() - TimeDelta::seconds(1));
    assert_eq!(home.sync().await.moved, Vec::<String>::new(), "a second before");
    assert_eq!(home.request(&request.id).state, RequestState::Confirmed);
    home.pass(TimeDelta::seconds(1));
    assert_eq!(home.sync().await.moved, [request.id.as_str()]);
    assert_eq!(home.request(&request.id).state, RequestState::Expired);
    assert_eq!(home.desk().send(&request.id).await.unwrap_err().code(), "illegal_move");
    assert_ne!(home.desk().review(&home.ask(&request.resource)).unwrap().request.id, request.id, "a new decision");
}

/// What a floor lets through, and what goes back to review with both numbers.
#[tokio::test(flavor = "multi_thread")]
async fn a_floor_is_checked_at_sending() {
    for (case, less, later, code) in [
        ("inside", Decimal::from(500), TimeDelta::hours(30), None),
        ("the amount fell below it", Decimal::ZERO, TimeDelta::hours(30), Some(("below_floor", "floor"))),
        ("its time is over", Decimal::from(500), TimeDelta::hours(48), Some(("floor_ended", "floor"))),
    ] {
        let home = Home::synced(CHINA).await;
        let review = home.reviewed(&home.ask(&home.renewed().id));
        let floor =
            Floor { at_least: review.request.predicted - less, until: home.clock.time() + TimeDelta::hours(48) };
        let request =
            home.desk().confirm_with_floor(&review.request.id, &decision(&review, Channel::Api), &floor).unwrap();
        let body = entries(home.path(), &request.id).pop().unwrap().body;
        assert_eq!(body["floor"]["at_least"], floor.at_least.to_string(), "{case}: the floor is journaled");
        home.pass(later);
        let sent = home.desk().send(&request.id).await;
        let after = home.request(&request.id);
        match code {
            None => {
                assert_eq!(sent.unwrap().state, RequestState::Accepted, "{case}");
                assert!(after.actual < Some(request.predicted) && after.actual >= Some(floor.at_least), "{case}");
            }
            Some((code, place)) => {
                let error = sent.unwrap_err();
                assert_eq!((error.code(), error.place()), (code, Some(place)), "{case}");
                assert_eq!((after.state, after.floor), (RequestState::ReturnedToReview, None), "{case}");
                let now = home.quote(&request.resource).quote.refund;
                assert_eq!((after.actual, after.predicted), (Some(now), request.predicted), "{case}: both numbers");
                assert!(home.wire.of("RefundInstance").is_empty(), "{case}");
            }
        }
    }
}

/// The cloud gives less than the cache says: the floor is compared with the cloud's word too.
#[tokio::test(flavor = "multi_thread")]
async fn a_floor_is_compared_with_the_clouds_own_price() {
    let home = Home::synced(INTERNATIONAL).await;
    let resource = home.renewed();
    let review = home.reviewed(&home.ask(&resource.id));
    let floor = Floor { at_least: review.request.predicted - CENT, until: home.clock.time() + TimeDelta::days(9) };
    let request = home.desk().confirm_with_floor(&review.request.id, &decision(&review, Channel::Api), &floor).unwrap();
    let stack = home.desk().renewals(None).unwrap().into_iter().find(|stack| stack.resource == resource.id).unwrap();
    home.control().console_cancel_renewals(home.uid(), &resource.id, stack.current_end).unwrap();
    assert_eq!(home.desk().send(&request.id).await.unwrap_err().code(), "price_changed");
    assert!(home.wire.of("RefundInstance").is_empty());
    assert_eq!(home.request(&request.id).state, RequestState::ReturnedToReview);
}

/// More is released than was decided: no floor allows that, however much comes back.
#[tokio::test(flavor = "multi_thread")]
async fn a_floor_is_for_the_orders_that_were_confirmed() {
    let home = Home::synced(CHINA).await;
    let resource = home.renewed();
    let review = home.reviewed(&home.ask(&resource.id));
    let floor = Floor { at_least: CENT, until: home.clock.time() + TimeDelta::days(9) };
    let request = home.desk().confirm_with_floor(&review.request.id, &decision(&review, Channel::Api), &floor).unwrap();
    let stack = home.desk().renewals(None).unwrap().into_iter().find(|stack| stack.resource == resource.id).unwrap();
    home.control().console_cancel_renewals(home.uid(), &resource.id, stack.candidates[0].expires).unwrap();
    home.pass(TimeDelta::seconds(2));
    home.sync().await;
    assert_eq!(home.desk().ready(None).unwrap().to_review.len(), 1);
    assert_eq!(home.desk().send(&request.id).await.unwrap_err().code(), "facts_changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_floor_that_cannot_hold_is_refused() {
    let home = Home::synced(CHINA).await;
    let review = home.reviewed(&home.ask(&home.renewed().id));
    let (refund, now) = (review.request.predicted, home.clock.time());
    let before = home.journal_length();
    for (case, at_least, until) in [
        ("nothing", Decimal::ZERO, now + TimeDelta::days(1)),
        ("below nothing", -CENT, now + TimeDelta::days(1)),
        ("more than comes back", refund + CENT, now + TimeDelta::days(1)),
        ("over already", refund, now),
    ] {
        let floor = Floor { at_least, until };
        let error =
            home.desk().confirm_with_floor(&review.request.id, &decision(&review, Channel::Api), &floor).unwrap_err();
        assert_eq!((error.code(), error.place()), ("bad_floor", Some("floor")), "{case}");
    }
    assert_eq!(home.journal_length(), before);
}

/// Only what was shown goes, only what was never sent, and nothing when a name is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_ready_is_sent() {
    let home = Home::synced(INTERNATIONAL).await;
    let desk = home.desk();
    let request = home.confirmed_by_api(&home.renewed());
    let by_console = home.confirmed(&home.ask(&home.plan().resource), Channel::Console);
    assert_eq!(desk.send_ready(&[], &go_on).await.unwrap_err().code(), "nothing_ready");
    let with_a_stranger = [request.id.clone(), "no-such-request".to_owned()];
    assert_eq!(desk.send_ready(&with_a_stranger, &go_on).await.unwrap_err().code(), "unknown_request");
    assert!(home.wire.of("RefundInstance").is_empty());

    home.fault("RefundInstance", bss_sandbox::Fault::DropBefore);
    let run = desk.send_ready(&[by_console.id.clone(), request.id.clone()], &go_on).await.unwrap();
    let results: Vec<_> =
        run.results.iter().map(|r| (r.state, r.problem.as_ref().map(|problem| problem.code.as_str()))).collect();
    assert_eq!(results[0], (RequestState::Confirmed, Some("not_by_api")));
    assert_eq!(results[1].0, RequestState::Unknown);
    home.pass(TimeDelta::seconds(1));
    home.sync().await;
    // The manager may send it again, but singly and looking at it.
    assert!(home.request(&request.id).moves.contains(&"send".to_owned()));
    let run = desk.send_ready(std::slice::from_ref(&request.id), &go_on).await.unwrap();
    assert_eq!(run.results[0].problem.as_ref().unwrap().code, "illegal_move");
    assert_eq!(home.wire.of("RefundInstance").len(), 1);
}
