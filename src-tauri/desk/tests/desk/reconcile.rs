//! Which refund orders belong to which request, and when a request's money is all there.

use chrono::TimeDelta;
use desk::views::{RequestState, RequestView};
use refund_rules::quote::Channel;
use rust_decimal::Decimal;

use crate::support::cloud::{Account, Order, arrival, instance};
use crate::support::{CHINA, Home, INTERNATIONAL, Seat, Told, d, pending};

/// The refund orders that a request says it is answered by.
fn orders_of(request: &RequestView) -> Vec<String> {
    request.refund_order.as_deref().map(|ids| ids.split(", ").map(str::to_owned).collect()).unwrap_or_default()
}

/// Purchase and two renewals come back as three refund orders, whichever way the desk learns of them.
#[tokio::test(flavor = "multi_thread")]
async fn every_refund_order_of_an_unsubscription_is_found() {
    for (case, reports) in [
        ("the first id is reported", Some(true)),
        ("done is reported without an id", Some(false)),
        ("nothing is reported", None),
    ] {
        let home = Home::synced(INTERNATIONAL).await;
        let resource = home.renewed();
        let request = home.handed_over(&home.ask(&resource.id));
        let done = home.control().console_unsubscribe(home.uid(), &resource.id).unwrap();
        assert_eq!(done.refund_order_ids.len(), 3, "{case}: a purchase and two renewals");
        if let Some(with_id) = reports {
            let id = with_id.then(|| done.refund_order_ids[0].as_str());
            assert_eq!(home.desk().report(&request.id, id).unwrap().state, RequestState::Reported, "{case}");
        }
        home.pass(TimeDelta::seconds(1));
        let moved = home.sync().await.moved;
        assert_eq!(moved, std::slice::from_ref(&request.id), "{case}");
        let seen = home.request(&request.id);
        assert_eq!(
            (seen.state, seen.actual, seen.arrived),
            (RequestState::Observed, Some(request.predicted), Decimal::ZERO),
            "{case}"
        );
        assert_eq!(orders_of(&seen), done.refund_order_ids, "{case}");
        // Each refund order stands beside what its own order's line promised.
        for made in home.refunds_made(&resource.id) {
            let row = home.refund(&made.order_id);
            assert_eq!(
                (row.amount, row.predicted, row.difference),
                (made.amount, Some(made.amount), Some(Decimal::ZERO)),
                "{case}"
            );
            assert_eq!(
                (row.request.as_deref(), row.order_status.as_str()),
                (Some(request.id.as_str()), "refunding"),
                "{case}"
            );
            assert_eq!(row.reason.as_deref(), Some("the project ends"), "{case}");
        }
        home.pass(TimeDelta::days(12));
        home.sync().await;
        let settled = home.request(&request.id);
        assert_eq!((settled.state, settled.arrived), (RequestState::Refunded, request.predicted), "{case}");
        assert!(settled.moves.is_empty(), "{case}");
        for made in home.refunds_made(&resource.id) {
            let row = home.refund(&made.order_id);
            assert_eq!((row.order_status.as_str(), row.arrived), ("refunded", made.amount), "{case}");
            assert_eq!(row.arrived_at, Some(made.arrives_at), "{case}");
            assert_eq!(row.unsubscribe_to.iter().map(|part| part.amount).sum::<Decimal>(), made.amount, "{case}");
        }
        let entries = home.journal_length();
        assert_eq!(home.sync().await.moved, Vec::<String>::new(), "{case}: nothing moves twice");
        assert_eq!(home.journal_length(), entries, "{case}");
    }
}

/// Handed to the console and carried out weeks later: what gave something then and gives nothing any more is not waited for.
///
/// ```text
/// purchase of a year to 10 December, renewed   used 346 of 365 days: 1,200.00 - 1,137.53 + 1,200.00 = 1,262.47
/// on 26 December                               17 days of the renewal: 1,200.00 - 1,200.00 x 17 x 1.5 / 365 = 1,116.16
/// with a coupon of 200.00, to 1 February       used 293 of 365 days: 1,000.00 - 963.29 + 1,200.00 = 1,236.71
/// on 26 December                               329 days used of it are worth more than was paid: 1,200.00
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_was_carried_out_later_is_whole_by_what_it_gave_then() {
    let (to_december, to_february) =
        (("2025-12-10T00:00:00Z", "2026-12-10T00:00:00Z"), ("2026-02-01T00:00:00Z", "2027-02-01T00:00:00Z"));
    for (case, (start, end), coupon, predicted, amount, made, state, code) in [
        (
            "ended by then",
            to_december,
            "0",
            "1262.47",
            "1116.16",
            "2026-12-26T10:05:00Z",
            RequestState::Refunded,
            "acted_later",
        ),
        (
            "ended, a day more was counted",
            to_december,
            "0",
            "1262.47",
            "1111.23",
            "2026-12-26T10:05:00Z",
            RequestState::Refunded,
            "",
        ),
        (
            "used up by then",
            to_february,
            "200.00",
            "1236.71",
            "1200.00",
            "2026-12-26T10:05:00Z",
            RequestState::Refunded,
            "acted_later",
        ),
        (
            "more to come",
            to_december,
            "0",
            "1262.47",
            "1200.00",
            "2026-12-02T10:05:00Z",
            RequestState::PartRefunded,
            "",
        ),
    ] {
        let bought = Order::new("11", "New", start).discounted(&["i-1"], start, end, "1200.00", "1200.00", coupon);
        let until = if end == to_december.1 { "2027-12-10T00:00:00Z" } else { "2028-02-01T00:00:00Z" };
        let renewed = Order::new("12", "Renew", "2026-11-01T00:00:00Z").part(&["i-1"], end, until, "1200.00");
        let account = Account {
            instances: vec![instance("i-1", start, until)],
            orders: vec![bought, renewed],
            ..Account::default()
        };
        let told = Told::of(account).await;
        let request = told.handed_over(&told.ask("i-1"));
        assert_eq!(request.predicted, d(predicted), "{case}");
        {
            let mut account = told.cloud.account();
            account.orders.push(Order::refund("22", "12", &["i-1"], amount, made));
            account.transactions.push(arrival("t1", "22", "AccountBalance", amount, "2026-12-27T11:00:00Z"));
        }
        told.pass(TimeDelta::days(38));
        told.sync().await;
        let seen = told.request(&request.id);
        assert_eq!((seen.state, seen.arrived), (state, d(amount)), "{case}");
        let found = told.desk().reconciliation(None).unwrap();
        let merged = found.requests[0].differences.iter().any(|difference| difference.of == desk::Aspect::Merging);
        assert!(!merged, "{case}: {:?}", found.requests[0].differences);
        let explained = found.requests[0].differences.iter().flat_map(|difference| &difference.explanations);
        assert_eq!(
            explained.clone().any(|one| one.code == code),
            !code.is_empty(),
            "{case}: {:?}",
            found.requests[0].differences
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_elsewhere_stays_so() {
    let home = Home::synced(CHINA).await;
    let (decided, untouched) = (home.renewed(), home.redis());
    // Confirmed and never handed over: what happens at the console is somebody else's doing.
    let request = home.confirmed(&home.ask(&decided.id), Channel::Console);
    for resource in [&decided, &untouched] {
        home.control().console_unsubscribe(home.uid(), &resource.id).unwrap();
    }
    home.pass(TimeDelta::days(12));
    home.sync().await;
    for resource in [&decided, &untouched] {
        for made in home.refunds_made(&resource.id) {
            let row = home.refund(&made.order_id);
            assert_eq!((row.request, row.predicted, row.difference), (None, None, None));
            assert_eq!(row.order_status, "refunded");
        }
    }
    // Its quote ran out while it waited.
    let request = home.request(&request.id);
    assert_eq!((request.state, request.arrived), (RequestState::Expired, Decimal::ZERO));
    let earlier = home.books().refund_orders[0].order_id.clone();
    assert_eq!(home.refund(&earlier).request, None, "the refund before the desk was there");
}

/// Another desk of the same customer, with a journal of its own: what it does is made elsewhere for this one, and moves no request
/// that it cannot belong to.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_desk_did_stays_its_own() {
    let home = Home::synced(CHINA).await;
    let (mine, theirs) = (home.renewed(), home.redis());
    let request = home.handed_over(&home.ask(&mine.id));
    let other = Seat::new(home.clock.clone(), &home.account);
    other.sync().await;
    let their_request = other.handed_over(&other.ask(&theirs.id));
    home.control().console_unsubscribe(home.uid(), &theirs.id).unwrap();
    other.desk().report(&their_request.id, None).unwrap();
    for (time, their_state) in
        [(TimeDelta::minutes(1), RequestState::Observed), (TimeDelta::days(12), RequestState::Refunded)]
    {
        home.pass(time);
        assert!(home.sync().await.moved.is_empty());
        other.sync().await;
        assert_eq!(home.request(&request.id).state, RequestState::HandedOver);
        assert_eq!(other.request(&their_request.id).state, their_state);
        let (here, there) = (home.desk().reconciliation(None).unwrap(), other.desk().reconciliation(None).unwrap());
        for made in home.refunds_made(&theirs.id) {
            let row = home.refund(&made.order_id);
            assert_eq!((row.request, row.predicted, row.difference), (None, None, None));
            assert!(here.elsewhere.iter().any(|row| row.refund_order == made.order_id));
            assert!(there.elsewhere.iter().all(|row| row.refund_order != made.order_id));
            assert_eq!(other.refund(&made.order_id).request, Some(their_request.id.clone()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_renewals_that_fall_belong_to_their_request() {
    let home = Home::synced(INTERNATIONAL).await;
    let resource = home.renewed();
    let renewals = pending(&home.books(), &resource);
    let stack = home.desk().renewals(None).unwrap().into_iter().find(|stack| stack.resource == resource.id).unwrap();
    let last = stack.candidates.last().unwrap();
    assert_eq!(last.falls, renewals[renewals.len() - 1..], "the latest Updated Expiration Time lets one renewal fall");
    let request = home.handed_over(&home.ask_renewals(&resource.id, last.expires));
    let mine = home.control().console_cancel_renewals(home.uid(), &resource.id, last.expires).unwrap();
    home.desk().report(&request.id, None).unwrap();
    // A minute later somebody else lets the others fall too.
    home.pass(TimeDelta::minutes(1));
    let others = home.control().console_cancel_renewals(home.uid(), &resource.id, stack.current_end).unwrap();
    home.pass(TimeDelta::days(12));
    home.sync().await;
    let settled = home.request(&request.id);
    assert_eq!((settled.state, settled.arrived), (RequestState::Refunded, mine.amount));
    assert_eq!(orders_of(&settled), mine.refund_order_ids);
    for id in &others.refund_order_ids {
        assert_eq!(home.refund(id).request, None);
    }
}

/// The manager copied the id of another refund: it is not taken for this one.
#[tokio::test(flavor = "multi_thread")]
async fn a_refund_order_of_another_resource_is_not_believed() {
    let home = Home::synced(INTERNATIONAL).await;
    let (mine, other) = (home.renewed(), home.redis());
    let request = home.handed_over(&home.ask(&mine.id));
    let elsewhere = home.control().console_unsubscribe(home.uid(), &other.id).unwrap();
    home.desk().report(&request.id, Some(&elsewhere.refund_order_ids[0])).unwrap();
    home.pass(TimeDelta::days(12));
    home.sync().await;
    assert_eq!(home.request(&request.id).state, RequestState::Reported, "nothing of this resource was refunded");
    assert_eq!(home.refund(&elsewhere.refund_order_ids[0]).request, None);

    let done = home.control().console_unsubscribe(home.uid(), &mine.id).unwrap();
    home.pass(TimeDelta::days(12));
    home.sync().await;
    let settled = home.request(&request.id);
    assert_eq!((settled.state, orders_of(&settled)), (RequestState::Refunded, done.refund_order_ids));
}

/// A renewal that somebody cancelled minutes before the hand-over is older than the act and no part of its quote.
#[tokio::test(flavor = "multi_thread")]
async fn two_acts_within_the_tolerance_of_clocks_are_kept_apart() {
    for (case, first_is_ours) in
        [("the renewals fell by a request of ours", true), ("somebody else let the renewals fall", false)]
    {
        let home = Home::synced(INTERNATIONAL).await;
        let resource = home.renewed();
        let stack =
            home.desk().renewals(None).unwrap().into_iter().find(|stack| stack.resource == resource.id).unwrap();
        let first = first_is_ours.then(|| home.handed_over(&home.ask_renewals(&resource.id, stack.current_end)));
        let fallen = home.control().console_cancel_renewals(home.uid(), &resource.id, stack.current_end).unwrap();
        if let Some(first) = &first {
            home.desk().report(&first.id, None).unwrap();
        }
        home.pass(TimeDelta::minutes(5));
        home.sync().await;
        if let Some(first) = &first {
            // Still open while its money is on the way; the desk offers no second request until then.
            assert_eq!(home.desk().review(&home.ask(&resource.id)).unwrap_err().code(), "request_open");
            home.pass(TimeDelta::days(12));
            home.sync().await;
            assert_eq!(home.request(&first.id).state, RequestState::Refunded);
        }
        let second = home.handed_over(&home.ask(&resource.id));
        let rest = home.control().console_unsubscribe(home.uid(), &resource.id).unwrap();
        home.pass(TimeDelta::days(12));
        home.sync().await;
        let settled = home.request(&second.id);
        assert_eq!(
            (settled.state, orders_of(&settled), settled.arrived),
            (RequestState::Refunded, rest.refund_order_ids, rest.amount),
            "{case}"
        );
        for id in &fallen.refund_order_ids {
            assert_eq!(home.refund(id).request, first.as_ref().map(|first| first.id.clone()), "{case}");
        }
    }
}

/// One server bought for a year and renewed for half of another:
///
/// ```text
/// purchase  2026-06-01 .. 2027-06-01   1,200.00   173 of 365 days used: 1,200.00 x 173 / 365 = 568.77; back 631.23
/// renewal   2027-06-01 .. 2027-12-01     600.00   pending; back 600.00
/// total                                                                                         back 1,231.23
/// ```
async fn year_and_a_half() -> Told {
    let told = Told::of(Account {
        instances: vec![instance("i-1", "2026-06-01T00:00:00Z", "2027-12-01T00:00:00Z")],
        orders: vec![
            Order::new("11", "New", "2026-06-01T00:00:00Z").part(
                &["i-1"],
                "2026-06-01T00:00:00Z",
                "2027-06-01T00:00:00Z",
                "1200.00",
            ),
            Order::new("12", "Renew", "2026-10-01T00:00:00Z").part(
                &["i-1"],
                "2027-06-01T00:00:00Z",
                "2027-12-01T00:00:00Z",
                "600.00",
            ),
        ],
        ..Account::default()
    })
    .await;
    let quote = told.quote("i-1").quote;
    assert_eq!((quote.refund, quote.exact), (d("1231.23"), true));
    told
}

/// The cloud lists the renewal's refund at once and the purchase's later; a card is paid on another day than the balance.
///
/// ```text
/// refund order 21, of 12    600.00   arrived                                  600.00
/// refund order 22, of 11    631.23   500.00 to the card, 131.23 to the balance
///                         1,231.23
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_refunded_when_all_of_its_orders_are() {
    let told = year_and_a_half().await;
    let request = told.handed_over(&told.ask("i-1"));
    told.desk().report(&request.id, None).unwrap();
    let check = async |case: &str, state: RequestState, orders: &[&str], actual: &str, arrived: &str| {
        told.pass(TimeDelta::hours(1));
        told.sync().await;
        let now = told.request(&request.id);
        assert_eq!((now.state, now.actual, now.arrived), (state, Some(d(actual)), d(arrived)), "{case}");
        assert_eq!(orders_of(&now), orders, "{case}");
    };

    told.cloud.account().orders.push(Order::refund("21", "12", &["i-1"], "600.00", "2026-11-20T10:05:00Z"));
    check("one is listed", RequestState::Observed, &["21"], "600.00", "0").await;
    told.cloud.account().transactions.push(arrival("t1", "21", "AccountBalance", "600.00", "2026-11-20T11:30:00Z"));
    check(
        "its money is there, the purchase's refund is not listed",
        RequestState::PartRefunded,
        &["21"],
        "600.00",
        "600.00",
    )
    .await;
    {
        let mut account = told.cloud.account();
        account.instances.clear();
        account.orders.push(Order::refund("22", "11", &["i-1"], "631.23", "2026-11-20T12:30:00Z"));
    }
    check("the other one is listed", RequestState::PartRefunded, &["21", "22"], "1231.23", "600.00").await;
    told.cloud.account().transactions.push(arrival("t2", "22", "CreditCard", "500.00", "2026-11-20T13:30:00Z"));
    check("a part of its money", RequestState::PartRefunded, &["21", "22"], "1231.23", "1100.00").await;
    assert_eq!(told.refund("22").order_status, "part_refunded");
    told.cloud.account().transactions.push(arrival("t3", "22", "AccountBalance", "131.23", "2026-11-20T14:30:00Z"));
    check("all of it", RequestState::Refunded, &["21", "22"], "1231.23", "1231.23").await;
    let row = told.refund("22");
    assert_eq!((row.predicted, row.difference), (Some(d("631.23")), Some(d("0"))));
    let to: Vec<_> = row.unsubscribe_to.iter().map(|part| (part.to.as_str(), part.amount)).collect();
    assert_eq!(to, [("bank_card", d("500.00")), ("balance", d("131.23"))]);
}

/// The cloud gives less than the quote said: all lines came back, so the request ends, with the difference beside it.
///
/// ```text
/// refund order 22, of 11    631.23 promised   600.00 came   - 31.23
/// refund order 21, of 12    600.00 promised   600.00 came     0.00
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_difference_ends_the_request_and_is_shown() {
    let told = year_and_a_half().await;
    let request = told.handed_over(&told.ask("i-1"));
    {
        let mut account = told.cloud.account();
        account.orders.push(Order::refund("21", "12", &["i-1"], "600.00", "2026-11-20T10:05:00Z"));
        account.orders.push(Order::refund("22", "11", &["i-1"], "600.00", "2026-11-20T10:05:00Z"));
        account.transactions.push(arrival("t1", "21", "AccountBalance", "600.00", "2026-11-20T10:06:00Z"));
        account.transactions.push(arrival("t2", "22", "AccountBalance", "600.00", "2026-11-20T10:06:00Z"));
    }
    told.pass(TimeDelta::hours(1));
    told.sync().await;
    let settled = told.request(&request.id);
    assert_eq!(
        (settled.state, settled.predicted, settled.actual),
        (RequestState::Refunded, d("1231.23"), Some(d("1200.00")))
    );
    for (order, predicted, difference) in [("21", "600.00", "0"), ("22", "631.23", "-31.23")] {
        let row = told.refund(order);
        assert_eq!((row.predicted, row.difference), (Some(d(predicted)), Some(d(difference))), "{order}");
    }
}

/// A merged refund: one refund order for the whole resource, more than any one line.
#[tokio::test(flavor = "multi_thread")]
async fn one_refund_order_may_answer_several_orders() {
    let told = year_and_a_half().await;
    let request = told.handed_over(&told.ask("i-1"));
    {
        let mut account = told.cloud.account();
        account.orders.push(Order::refund("21", "11", &["i-1"], "1231.23", "2026-11-20T10:05:00Z"));
        account.transactions.push(arrival("t1", "21", "AccountBalance", "1231.23", "2026-11-20T10:06:00Z"));
    }
    told.pass(TimeDelta::hours(1));
    told.sync().await;
    assert_eq!(told.request(&request.id).state, RequestState::Refunded);
}

/// Rows that name no instance: the order they relate to tells the resource.
#[tokio::test(flavor = "multi_thread")]
async fn a_refund_without_an_instance_is_found_by_its_order() {
    let told = year_and_a_half().await;
    let request = told.handed_over(&told.ask("i-1"));
    {
        let mut account = told.cloud.account();
        account.orders.push(Order::refund("21", "12", &[], "600.00", "2026-11-20T10:05:00Z"));
        account.orders.push(Order::refund("22", "11", &[], "631.23", "2026-11-20T10:05:00Z"));
    }
    told.pass(TimeDelta::hours(1));
    told.sync().await;
    let seen = told.request(&request.id);
    assert_eq!(
        (seen.state, seen.actual, orders_of(&seen)),
        (RequestState::Observed, Some(d("1231.23")), vec!["21".to_owned(), "22".to_owned()])
    );
    assert_eq!(told.refund("21").resource, "i-1");
}
