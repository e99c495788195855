//! Nothing is followed for ever: from every state a request comes to its end by itself or by a move that is offered, whatever
//! the cloud never says again.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use desk::views::{RequestState, RequestView};
use desk::{Ending, state_name};
use refund_rules::quote::Channel;
use rust_decimal::Decimal;

use crate::support::cloud::{Account, Order, Reply, arrival, instance};
use crate::support::{CHINA, Home, Told, d, entries, kinds, pending};

const START: &str = "2026-06-01T00:00:00Z";
const END: &str = "2027-06-01T00:00:00Z";
/// A minute after the anchor, when the requests were handed over.
const AFTER: &str = "2026-11-20T10:01:00Z";

/// What the server gives back: 1,200.00 - 1,200.00 x 173 / 365.
const WHOLE: &str = "631.23";

/// Longer than 30 business days, wherever the holidays lie.
const LONG: TimeDelta = TimeDelta::weeks(10);

/// One server, bought once.
async fn one_server() -> Told {
    let told = Told::of(Account {
        instances: vec![instance("i-1", START, END)],
        orders: vec![Order::new("11", "New", START).part(&["i-1"], START, END, "1200.00")],
        ..Account::default()
    })
    .await;
    assert_eq!(told.quote("i-1").quote.refund, d(WHOLE));
    told
}

fn has_ended(state: RequestState) -> bool {
    use RequestState::*;
    matches!(state, Refunded | Rejected | Withdrawn | Expired | Closed)
}

async fn by_api(told: &Told, answer: i64) -> RequestView {
    told.desk().switch_api(told.uid(), true).unwrap();
    (told.cloud.account().inquiry, told.cloud.account().refund) = (Reply::Amount(WHOLE), Reply::RefundOrder(answer));
    let request = told.confirmed(&told.ask("i-1"), Channel::Api);
    told.desk().send(&request.id).await.unwrap()
}

fn reported(told: &Told) -> RequestView {
    let request = told.handed_over(&told.ask("i-1"));
    told.desk().report(&request.id, None).unwrap()
}

/// Reported, and the cloud lists a refund order of which so much comes.
async fn seen(told: &Told, came: &str) -> RequestView {
    let request = reported(told);
    {
        let mut account = told.cloud.account();
        account.orders.push(Order::refund("21", "11", &["i-1"], WHOLE, AFTER));
        if came != "0" {
            account.transactions.push(arrival("t1", "21", "AccountBalance", came, AFTER));
        }
    }
    told.pass(TimeDelta::minutes(2));
    told.sync().await;
    told.request(&request.id)
}

/// Brings a request of a new home into a state.
async fn brought_into(state: RequestState) -> (Told, RequestView) {
    let told = one_server().await;
    let request = match state {
        RequestState::Reviewed => told.reviewed(&told.ask("i-1")).request,
        RequestState::ReturnedToReview => {
            let request = told.confirmed(&told.ask("i-1"), Channel::Console);
            told.desk().hand_over(&request.id, "1.00").unwrap_err();
            told.request(&request.id)
        }
        RequestState::Confirmed => told.confirmed(&told.ask("i-1"), Channel::Console),
        RequestState::Accepted => by_api(&told, 21).await,
        RequestState::Unknown => by_api(&told, 0).await,
        RequestState::HandedOver => told.handed_over(&told.ask("i-1")),
        RequestState::Reported => reported(&told),
        RequestState::Observed => seen(&told, "0").await,
        RequestState::PartRefunded => seen(&told, "600.00").await,
        RequestState::Overdue => {
            let request = reported(&told);
            told.pass(LONG);
            told.sync().await;
            told.request(&request.id)
        }
        other => panic!("nobody waits in {other:?}"),
    };
    assert_eq!(request.state, state);
    (told, request)
}

/// States in which a request waits. `Sending` is none: it lasts as long as its call, and a process that dies in it comes back as
/// `Unknown`.
const WAITING: [RequestState; 10] = {
    use RequestState::*;
    [Reviewed, ReturnedToReview, Confirmed, Accepted, Unknown, HandedOver, Reported, Observed, PartRefunded, Overdue]
};

/// The machine walked on the real desk: in each state the cloud says nothing new any more, and the resource is still there or is
/// gone. After enough time and one sync the request has ended, or one of its moves ends it.
#[tokio::test(flavor = "multi_thread")]
async fn from_every_state_there_is_a_way_to_a_final_one() {
    for gone in [false, true] {
        let mut walked = BTreeSet::new();
        for state in WAITING {
            let case = format!("{} {}", state_name(state), if gone { "of what is gone" } else { "of what is there" });
            let (mut told, request) = brought_into(state).await;
            walked.insert(state_name(state));
            if gone {
                told.cloud.account().instances.clear();
            }
            told.pass(LONG);
            told.sync().await;
            let waiting = told.request(&request.id);
            if !has_ended(waiting.state) {
                let before = told.journal_length();
                let ended = end(&told, &waiting, &case);
                assert!(has_ended(ended.state), "{case}: {:?}", ended.state);
                assert_eq!(told.journal_length(), before + 1, "{case}: one entry");
                assert!(ended.moves.is_empty(), "{case}: {:?}", ended.moves);
                told.lose_cache();
                assert_eq!(told.request(&request.id).state, ended.state, "{case}: the journal has it");
                told.sync().await;
                assert_eq!(told.request(&request.id).state, ended.state, "{case}: a sync says nothing new");
            }
        }
        assert_eq!(walked.len(), WAITING.len());
    }
}

/// Ends a request by a move that it offers.
fn end(told: &Told, request: &RequestView, case: &str) -> RequestView {
    let offers = |chosen: &str| request.moves.iter().any(|offered| offered == chosen);
    if offers("withdraw") {
        return told.desk().withdraw(&request.id).unwrap();
    }
    assert!(offers("close"), "{case}: {:?} offers only {:?}", request.state, request.moves);
    let ending = *request.endings.last().unwrap();
    told.desk().close_request(&request.id, ending, "the ticket says so").unwrap()
}

/// No state is missing in the walk: those that wait, those that are final, and the one that lasts as long as a call.
#[test]
fn every_state_waits_or_is_final() {
    use RequestState::*;
    let all = [
        Reviewed,
        Confirmed,
        Sending,
        Accepted,
        HandedOver,
        Reported,
        Observed,
        PartRefunded,
        Refunded,
        Unknown,
        Rejected,
        ReturnedToReview,
        Expired,
        Overdue,
        Withdrawn,
        Closed,
    ];
    for state in all {
        // A state that is added must be placed here.
        match state {
            Sending => {}
            Refunded | Rejected | Expired | Withdrawn | Closed => assert!(has_ended(state)),
            Reviewed | Confirmed | Accepted | HandedOver | Reported | Observed | PartRefunded | Unknown
            | ReturnedToReview | Overdue => assert!(WAITING.contains(&state), "{state:?}"),
        }
    }
}

/// What a closing needs: an act, a look at the cloud an hour after it, nothing under way, and a reason.
#[tokio::test(flavor = "multi_thread")]
async fn a_closing_is_refused_while_money_may_come() {
    let told = one_server().await;
    let request = told.confirmed(&told.ask("i-1"), Channel::Console);
    let refused = |ending, note: &str| {
        let before = told.journal_length();
        let error = told.desk().close_request(&request.id, ending, note).unwrap_err();
        assert_eq!(told.journal_length(), before, "a refusal writes nothing");
        (error.code().to_owned(), error.place().map(str::to_owned))
    };
    let code = |code: &str, place: &str| (code.to_owned(), Some(place.to_owned()));
    assert_eq!(refused(Ending::NotComing, "n"), code("illegal_move", "request"), "nothing was done");
    told.desk().hand_over(&request.id, WHOLE).unwrap();
    told.desk().report(&request.id, None).unwrap();
    assert_eq!(refused(Ending::NotComing, "n"), code("may_still_come", "request"), "nobody asked");
    told.cloud.account().orders.push(Order::refund("21", "11", &["i-1"], WHOLE, AFTER));
    told.cloud.account().instances.clear();
    told.pass(TimeDelta::hours(2));
    told.sync().await;
    assert_eq!(told.request(&request.id).state, RequestState::Observed);
    assert_eq!(refused(Ending::SettledOtherwise, "n"), code("may_still_come", "request"), "it is on its way");
    told.pass(LONG);
    told.sync().await;
    let overdue = told.request(&request.id);
    assert_eq!((overdue.state, overdue.endings.as_slice()), (RequestState::Overdue, &Ending::ALL[1..]));
    assert_eq!(
        refused(Ending::UnsubscribedElsewhere, ""),
        code("ending_not_seen", "ending"),
        "its own refund order was seen"
    );
    assert_eq!(refused(Ending::NotComing, "  "), code("reason_missing", "note"));
    assert_eq!(refused(Ending::NotComing, &"n".repeat(501)), code("bad_note", "note"));
    let closed = told.desk().close_request(&request.id, Ending::NotComing, "given up").unwrap();
    let kept = closed.closed.unwrap();
    assert_eq!((kept.expected, kept.arrived, kept.difference), (d(WHOLE), Decimal::ZERO, d("-631.23")));
    assert!(closed.trail.last().unwrap().text.contains("-631.23"), "{:?}", closed.trail.last());
    assert_eq!(refused(Ending::NotComing, "n"), code("illegal_move", "request"), "once");
}

/// The manager's word is less than the cloud's: money that comes after all opens the request again and brings it to its end.
#[tokio::test(flavor = "multi_thread")]
async fn money_that_comes_after_all_counts() {
    let told = one_server().await;
    let request = seen(&told, "600.00").await;
    told.pass(LONG);
    told.sync().await;
    told.desk().close_request(&request.id, Ending::NotComing, "given up").unwrap();
    told.cloud.account().transactions.push(arrival("t2", "21", "AccountBalance", "31.23", "2027-01-29T10:00:00Z"));
    told.sync().await;
    let after = told.request(&request.id);
    assert_eq!((after.state, after.arrived), (RequestState::Refunded, d(WHOLE)));
    assert_eq!(after.closed, None);
}

/// A cancellation was confirmed; elsewhere the whole resource was unsubscribed, and the renewals fell with it. The desk, whose
/// facts are older, hands over; the id that is reported is one of several.
async fn cancelled_elsewhere() -> (Home, RequestView, Vec<bss_sandbox::RefundEntry>) {
    let home = Home::synced(CHINA).await;
    let resource = home.renewed();
    let stack = home.desk().renewals(None).unwrap().into_iter().find(|stack| stack.resource == resource.id).unwrap();
    let ask = home.ask_renewals(&resource.id, stack.candidates[0].expires);
    let request = home.confirmed(&ask, Channel::Console);
    assert!(request.predicted > Decimal::ZERO);
    home.pass(TimeDelta::hours(3));
    home.control().console_unsubscribe(home.uid(), &resource.id).unwrap();
    home.pass(TimeDelta::hours(2));
    home.desk().hand_over(&request.id, &request.predicted.to_string()).unwrap();
    let made = home.refunds_made(&resource.id);
    let falling = pending(&home.books(), &resource);
    let renewal = made.iter().find(|refund| falling.contains(&refund.related_order_id)).unwrap();
    home.desk().report(&request.id, Some(&renewal.order_id)).unwrap();
    home.pass(TimeDelta::days(12));
    home.sync().await;
    let request = home.request(&request.id);
    assert_eq!(request.state, RequestState::PartRefunded);
    (home, request, made)
}

#[tokio::test(flavor = "multi_thread")]
async fn renewals_that_fell_elsewhere_are_offered_as_answers() {
    let (home, request, made) = cancelled_elsewhere().await;
    assert!(request.moves.contains(&"choose_refund".to_owned()), "{:?}", request.moves);
    let whole: Decimal = request.refunds_to_choose.iter().map(|refund| refund.amount).sum();
    assert_eq!(whole + request.arrived, request.predicted, "the renewals, and not what the rest of the resource gave");
    assert!(request.refunds_to_choose.iter().all(|refund| !refund.orders.is_empty()));
    let offered: Vec<&str> = request.refunds_to_choose.iter().map(|refund| refund.refund_order.as_str()).collect();
    let own = request.refund_order.clone().unwrap();
    let rest =
        made.iter().find(|r| !r.amount.is_zero() && r.order_id != own && !offered.contains(&r.order_id.as_str()));
    let refused = home.desk().choose_refund(&request.id, &rest.unwrap().order_id).unwrap_err();
    assert_eq!(refused.code(), "refund_of_other", "the purchase was not to fall");
    let mut last = request.clone();
    for refund in &request.refunds_to_choose {
        last = home.desk().choose_refund(&request.id, &refund.refund_order).unwrap();
    }
    assert_eq!((last.state, last.arrived), (RequestState::Refunded, request.predicted));
    assert!(last.moves.is_empty());
}

/// The id of what the purchase gave back is no answer to a cancellation of renewals, though it is of the same resource.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_is_not_answered_by_the_purchase() {
    let home = Home::synced(CHINA).await;
    let resource = home.renewed();
    let stack = home.desk().renewals(None).unwrap().into_iter().find(|stack| stack.resource == resource.id).unwrap();
    let request = home.handed_over(&home.ask_renewals(&resource.id, stack.candidates[0].expires));
    home.control().console_unsubscribe(home.uid(), &resource.id).unwrap();
    let falling = pending(&home.books(), &resource);
    let made = home.refunds_made(&resource.id);
    let purchase = made.iter().find(|refund| !falling.contains(&refund.related_order_id)).unwrap();
    home.desk().report(&request.id, Some(&purchase.order_id)).unwrap();
    home.pass(TimeDelta::days(12));
    home.sync().await;
    let after = home.request(&request.id);
    assert_eq!((after.state, after.arrived), (RequestState::Refunded, request.predicted), "by the renewals");
    assert_eq!(home.refund(&purchase.order_id).request, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_unsubscribed_elsewhere_can_be_closed() {
    let (mut home, request, made) = cancelled_elsewhere().await;
    assert_eq!(request.endings, Ending::ALL);
    let closed = home.desk().close_request(&request.id, Ending::UnsubscribedElsewhere, "").unwrap();
    assert_eq!((closed.state, closed.moves.len()), (RequestState::Closed, 0));
    let kept = closed.closed.clone().unwrap();
    assert_eq!((kept.expected, kept.arrived), (request.predicted, request.arrived));
    assert_eq!(kept.difference, request.arrived - request.predicted);
    assert_eq!(kept.elsewhere.len(), made.len() - 1, "every refund order of the resource but its own");
    let text = &closed.trail.last().unwrap().text;
    assert!(text.contains("unsubscribed elsewhere") && text.contains(&kept.elsewhere[0]), "{text}");
    assert_eq!(*kinds(&entries(home.path(), &request.id)).last().unwrap(), "request_closed");
    home.lose_cache();
    home.sync().await;
    assert_eq!(home.request(&request.id).closed, Some(kept), "the same after a replay and a sync");
}

/// A call whose answer was lost, and the resource is gone without a refund order: somebody else released it before.
#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_one_of_what_is_gone_can_be_closed() {
    let told = one_server().await;
    let request = by_api(&told, 0).await;
    assert_eq!(request.state, RequestState::Unknown);
    told.cloud.account().instances.clear();
    told.pass(TimeDelta::minutes(10));
    told.sync().await;
    assert!(told.request(&request.id).endings.is_empty(), "its refund order may still be listed");
    told.pass(TimeDelta::hours(2));
    told.sync().await;
    let lost = told.request(&request.id);
    assert_eq!(lost.endings, [Ending::UnsubscribedElsewhere, Ending::SettledOtherwise]);
    let closed = told.desk().close_request(&request.id, Ending::UnsubscribedElsewhere, "").unwrap();
    assert_eq!(closed.state, RequestState::Closed);
    assert_eq!(told.desk().send(&request.id).await.unwrap_err().code(), "illegal_move", "never sent again");
}
