//! The ladder by which refund orders find their request: recorded id, instance, related order and time, the manager. An amount
//! alone never matches.

use chrono::TimeDelta;
use desk::Reconciled;
use desk::views::{RequestState, RequestView};
use rust_decimal::Decimal;

use crate::support::cloud::{Account, Order, arrival, instance};
use crate::support::{ANCHOR, Told, at, d};

const START: &str = "2026-06-01T00:00:00Z";
const END: &str = "2027-06-01T00:00:00Z";
/// A minute after the requests were handed over, at the anchor.
const AFTER: &str = "2026-11-20T10:01:00Z";
/// An hour before.
const BEFORE: &str = "2026-11-20T09:00:00Z";

/// What each server gives back: 1,200.00 - 1,200.00 x 173 / 365 = 631.23. Of the order of two, 2,400.00, each has a half.
const EACH: &str = "631.23";

/// Four servers: i-1 of order 11, i-2 of order 12, i-3 and i-4 together of order 13.
async fn four(earlier: Vec<Order>) -> Told {
    let server = |id| instance(id, START, END);
    let bought = |id, instances: &[&'static str], list| Order::new(id, "New", START).part(instances, START, END, list);
    let told = Told::of(Account {
        instances: vec![server("i-1"), server("i-2"), server("i-3"), server("i-4")],
        orders: [
            bought("11", &["i-1"], "1200.00"),
            bought("12", &["i-2"], "1200.00"),
            bought("13", &["i-3", "i-4"], "2400.00"),
        ]
        .into_iter()
        .chain(earlier)
        .collect(),
        ..Account::default()
    })
    .await;
    for id in ["i-1", "i-2", "i-3", "i-4"] {
        assert_eq!(told.quote(id).quote.refund, d(EACH), "{id}");
    }
    told
}

fn orders_of(request: &RequestView) -> Vec<&str> {
    request.refund_order.as_deref().map(|ids| ids.split(", ").collect()).unwrap_or_default()
}

fn refund(id: &'static str, related: &'static str, instances: &[&'static str], created: &str) -> Order {
    Order::refund(id, related, instances, EACH, created)
}

/// Case, id reported for a server, refund orders, and which server's request each of them answers.
type Rung =
    (&'static str, Option<(&'static str, &'static str)>, Vec<Order>, &'static [(&'static str, Option<&'static str>)]);

#[tokio::test(flavor = "multi_thread")]
async fn each_rung_wins_over_the_next() {
    let ladder: Vec<Rung> = vec![
        (
            "the recorded id, where the refund order names nothing",
            Some(("i-1", "21")),
            vec![refund("21", "", &[], AFTER)],
            &[("21", Some("i-1"))],
        ),
        ("the same without a record", None, vec![refund("21", "", &[], AFTER)], &[("21", None)]),
        (
            "the recorded id wins over the order of two",
            Some(("i-4", "21")),
            vec![refund("21", "13", &[], AFTER)],
            &[("21", Some("i-4"))],
        ),
        (
            "a recorded id of another's instance is not believed",
            Some(("i-1", "21")),
            vec![refund("21", "12", &["i-2"], AFTER)],
            &[("21", Some("i-2"))],
        ),
        (
            "the instance wins over the related order",
            None,
            vec![refund("21", "11", &["i-2"], AFTER)],
            &[("21", Some("i-2"))],
        ),
        (
            "the instance tells which of one order",
            None,
            vec![refund("21", "13", &["i-3"], AFTER), refund("22", "13", &["i-4"], AFTER)],
            &[("21", Some("i-3")), ("22", Some("i-4"))],
        ),
        ("the related order alone", None, vec![refund("21", "11", &[], AFTER)], &[("21", Some("i-1"))]),
        (
            "the order of two without an instance: two requests compete, the manager chooses",
            None,
            vec![refund("21", "13", &[], AFTER)],
            &[("21", None)],
        ),
        ("before the act", None, vec![refund("21", "", &["i-1"], BEFORE)], &[("21", None)]),
        (
            "an equal amount alone",
            None,
            vec![refund("21", "", &[], AFTER), refund("22", "99", &[], AFTER), refund("23", "99", &["i-9"], AFTER)],
            &[("21", None), ("22", None), ("23", None)],
        ),
        (
            "several refund orders of one request",
            Some(("i-1", "22")),
            vec![refund("21", "11", &["i-1"], AFTER), refund("22", "11", &["i-1"], AFTER)],
            &[("21", Some("i-1")), ("22", Some("i-1"))],
        ),
    ];
    for (case, reported, refunds, expected) in ladder {
        let (earlier, refunds): (Vec<Order>, Vec<Order>) =
            refunds.into_iter().partition(|refund| refund.created < at(ANCHOR));
        let told = four(earlier).await;
        let requests = ["i-1", "i-2", "i-3", "i-4"].map(|id| (id, told.handed_over(&told.ask(id)).id));
        if let Some((server, id)) = reported {
            let (_, request) = requests.iter().find(|(id, _)| *id == server).unwrap();
            told.desk().report(request, Some(id)).unwrap();
        }
        told.cloud.account().orders.extend(refunds);
        told.pass(TimeDelta::hours(1));
        told.sync().await;
        for (refund_order, server) in expected {
            let owner = told.refund(refund_order).request;
            let owner = owner.as_ref().map(|owner| requests.iter().find(|(_, id)| id == owner).unwrap().0);
            assert_eq!(owner, *server, "{case}: {refund_order}");
        }
        for (server, request) in &requests {
            let owned: Vec<&str> =
                expected.iter().filter(|(_, owner)| *owner == Some(*server)).map(|(refund, _)| *refund).collect();
            let view = told.request(request);
            let seen = view.state == RequestState::Observed;
            assert_eq!(seen, !owned.is_empty(), "{case}: {server} is {:?}", view.state);
            if seen {
                assert_eq!(orders_of(&view), owned, "{case}: {server}");
            }
        }
        let entries = told.journal_length();
        assert!(told.sync().await.moved.is_empty(), "{case}: nothing moves twice");
        assert_eq!(told.journal_length(), entries, "{case}");
    }
}

/// Two requests compete for the refund orders of one order that name no instance: what the manager says stands, and what nobody
/// said stays open.
#[tokio::test(flavor = "multi_thread")]
async fn where_two_compete_the_manager_chooses() {
    let told = four(Vec::new()).await;
    let (third, fourth) = (told.handed_over(&told.ask("i-3")), told.handed_over(&told.ask("i-4")));
    told.cloud.account().orders.extend([refund("21", "13", &[], AFTER), refund("22", "13", &[], AFTER)]);
    told.pass(TimeDelta::hours(1));
    assert_eq!(told.sync().await.moved, Vec::<String>::new());
    let chosen = told.desk().choose_refund(&fourth.id, "21").unwrap();
    assert_eq!((chosen.state, orders_of(&chosen)), (RequestState::Observed, vec!["21"]));
    assert_eq!(told.refund("21").request, Some(fourth.id));
    assert_eq!(told.desk().choose_refund(&third.id, "21").unwrap_err().code(), "refund_taken");
    let chosen = told.desk().choose_refund(&third.id, "22").unwrap();
    assert_eq!((chosen.state, orders_of(&chosen)), (RequestState::Observed, vec!["22"]));
}

/// Two requests of one order within two minutes: the cloud merges them into one transfer under the first one's number.
///
/// ```text
/// refund order 21, of 13, i-3   631.23   1,262.46 came under its number
/// refund order 22, of 13, i-4   631.23   half of it is this one's
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn one_transfer_answers_two_requests() {
    for (case, second_at, merged) in
        [("within two minutes", "2026-11-20T10:02:30Z", true), ("later than that", "2026-11-20T10:03:30Z", false)]
    {
        let told = four(Vec::new()).await;
        let requests = ["i-3", "i-4"].map(|id| told.handed_over(&told.ask(id)));
        {
            let mut account = told.cloud.account();
            account.orders.extend([refund("21", "13", &["i-3"], AFTER), refund("22", "13", &["i-4"], second_at)]);
            account.transactions.push(arrival("t1", "21", "AccountBalance", "1262.46", "2026-11-20T10:10:00Z"));
        }
        told.pass(TimeDelta::hours(1));
        told.sync().await;
        let [first, second] = requests.map(|request| told.request(&request.id));
        if merged {
            for request in [&first, &second] {
                assert_eq!((request.state, request.arrived), (RequestState::Refunded, d(EACH)), "{case}");
            }
            assert_eq!(told.refund("22").unsubscribe_to[0].amount, d(EACH), "{case}");
        } else {
            assert_eq!((second.state, second.arrived), (RequestState::Observed, Decimal::ZERO), "{case}");
        }
    }
}

/// A batch at the console may come back as one refund order with a sub-order for each resource: it answers a request of each, and
/// the one that nobody here decided on stays unanswered.
///
/// ```text
/// refund order 21, of 13   i-3   631.23   i-4   631.23   1,262.46 came
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn one_refund_order_answers_two_requests() {
    for (case, ours) in [("both are ours", &["i-3", "i-4"][..]), ("only the second is", &["i-4"])] {
        let told = four(Vec::new()).await;
        let requests: Vec<RequestView> = ours.iter().map(|id| told.handed_over(&told.ask(id))).collect();
        told.cloud.account().orders.push(Order::refund("21", "13", &["i-3", "i-4"], "1262.46", AFTER));
        told.pass(TimeDelta::hours(1));
        told.sync().await;
        for request in &requests {
            let view = told.request(&request.id);
            assert_eq!(
                (view.state, view.actual, orders_of(&view)),
                (RequestState::Observed, Some(d(EACH)), vec!["21"]),
                "{case}"
            );
        }
        told.cloud.account().transactions.push(arrival(
            "t1",
            "21",
            "AccountBalance",
            "1262.46",
            "2026-11-20T11:10:00Z",
        ));
        told.pass(TimeDelta::hours(1));
        told.sync().await;
        for request in &requests {
            let view = told.request(&request.id);
            assert_eq!((view.state, view.arrived), (RequestState::Refunded, d(EACH)), "{case}");
        }
        let row = told.refund("21");
        assert_eq!((row.amount, row.arrived), (d("1262.46"), d("1262.46")), "{case}: the history keeps it whole");
        let answered: Vec<&String> = row.request.iter().chain(&row.also_answers).collect();
        assert_eq!(answered, requests.iter().map(|request| &request.id).collect::<Vec<_>>(), "{case}: all are named");
        let found = told.desk().reconciliation(None).unwrap();
        // How the order was paid is not known here, so only the place is told.
        let reasons = |row: &Reconciled| -> Vec<String> {
            row.differences.iter().flat_map(|found| &found.explanations).map(|why| why.code.clone()).collect()
        };
        assert!(found.requests.iter().all(|row| reasons(row) == ["payments_unknown"]), "{case}: {:?}", found.requests);
        assert!(found.elsewhere.is_empty(), "{case}");
        if ours.len() == 2 {
            assert_eq!((row.predicted, row.difference), (Some(d("1262.46")), Some(Decimal::ZERO)), "{case}");
        }
        let entries = told.journal_length();
        assert!(told.sync().await.moved.is_empty() && told.journal_length() == entries, "{case}");
        if let [_, _] = requests.as_slice() {
            let refused = told.desk().choose_refund(&requests[1].id, "21").unwrap_err();
            assert_eq!(refused.code(), "refund_taken", "{case}: the row is the first one's");
        }
    }
}
