//! Overdue by business days: 30 after the quote, counted with the official calendar where it is known (refund-rules section 13).

use chrono::{NaiveDate, TimeDelta};
use desk::views::RequestState;

use crate::support::cloud::{Account, Order, arrival, instance};
use crate::support::{ANCHOR, Told, at};

const START: &str = "2026-06-01T00:00:00Z";
const END: &str = "2027-06-01T00:00:00Z";

async fn one_server(now: &str) -> Told {
    Told::at(
        at(now) - at(ANCHOR),
        Account {
            instances: vec![instance("i-1", START, END)],
            orders: vec![Order::new("11", "New", START).part(&["i-1"], START, END, "1200.00")],
            ..Account::default()
        },
    )
    .await
}

/// Passes time until this instant.
fn until(told: &Told, now: &str) {
    told.pass(at(now) - told.clock.time());
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Thirty business days from Monday, 2026-09-21, over the National Day week:
///
/// ```text
/// 22..24 Sep                3    (25 Sep is Mid-Autumn)
/// 28..30 Sep                6    (1, 2, 5, 6, 7 Oct are National Day)
/// 8, 9 Oct, Sat 10 Oct      9    (the Saturday is a make-up working day)
/// 12..16, 19..23, 26..30 Oct  24
/// 2..6 Nov                 29
/// 9 Nov                    30
/// ```
///
/// From Friday, 2026-11-20, the count runs into 2027, whose calendar is not known: weekends only, so that New Year's Day, a Friday,
/// counts: 23 Nov to 1 Jan are six weeks of five days.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_day_is_counted_by_the_calendar() {
    for (case, asked, last, known) in [
        ("over the National Day week", "2026-09-21T02:00:00Z", "2026-11-09", true),
        ("into a year without calendar", ANCHOR, "2027-01-01", false),
    ] {
        let told = one_server(asked).await;
        let quote = told.quote("i-1").quote;
        assert_eq!(quote.arrives_by, Some(day(last)), "{case}");
        let marked = quote.readings.iter().any(|reading| reading == "calendar.weekends_only");
        assert_eq!(marked, !known, "{case}: {:?}", quote.readings);
        let request = told.handed_over(&told.ask("i-1"));
        told.desk().report(&request.id, None).unwrap();
        // To the last second of that day in UTC+8.
        until(&told, &format!("{last}T15:59:59Z"));
        told.sync().await;
        assert_eq!(told.request(&request.id).state, RequestState::Reported, "{case}");
        told.pass(TimeDelta::seconds(1));
        assert_eq!(told.sync().await.moved, std::slice::from_ref(&request.id), "{case}");
        let late = told.request(&request.id);
        assert_eq!(late.state, RequestState::Overdue, "{case}");
        let ticket = late.instructions.last().unwrap();
        assert!(ticket.contains("has not arrived in full") && ticket.contains(last), "{case}: {ticket}");
    }
}

/// A refund order that was seen is no money: on the day after the last one a ticket is due, once, and what comes then settles it.
#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_was_seen_falls_overdue_too() {
    let told = one_server("2026-09-21T02:00:00Z").await;
    let request = told.handed_over(&told.ask("i-1"));
    told.cloud.account().orders.push(Order::refund("21", "11", &["i-1"], "828.49", "2026-09-21T02:05:00Z"));
    until(&told, "2026-09-22T02:00:00Z");
    told.sync().await;
    assert_eq!(told.request(&request.id).state, RequestState::Observed);
    until(&told, "2026-11-09T15:59:59Z");
    told.sync().await;
    assert_eq!(told.request(&request.id).state, RequestState::Observed);
    told.pass(TimeDelta::seconds(1));
    assert_eq!(told.sync().await.moved, std::slice::from_ref(&request.id));
    let late = told.request(&request.id);
    assert_eq!(late.state, RequestState::Overdue);
    assert!(late.instructions.last().unwrap().contains("21"), "the ticket names the refund order");
    let entries = told.journal_length();
    assert!(told.sync().await.moved.is_empty(), "it falls overdue once");
    assert_eq!(told.journal_length(), entries);

    let pay = |number, amount, at| {
        told.cloud.account().transactions.push(arrival(number, "21", "AccountBalance", amount, at))
    };
    pay("t1", "800.00", "2026-11-09T16:30:00Z");
    told.pass(TimeDelta::hours(1));
    told.sync().await;
    let part = told.request(&request.id);
    assert_eq!(
        (part.state, part.arrived),
        (RequestState::Overdue, "800.00".parse().unwrap()),
        "the rest is still late"
    );
    pay("t2", "28.49", "2026-11-09T17:30:00Z");
    told.pass(TimeDelta::hours(1));
    told.sync().await;
    assert_eq!(told.request(&request.id).state, RequestState::Refunded);
}

/// The cloud made the refund a week after the act: its business days begin then.
#[tokio::test(flavor = "multi_thread")]
async fn the_days_count_from_the_refund() {
    let told = one_server("2026-09-21T02:00:00Z").await;
    let request = told.handed_over(&told.ask("i-1"));
    told.desk().report(&request.id, None).unwrap();
    // Monday, 28 September: three business days later than the quote.
    told.cloud.account().orders.push(Order::refund("21", "11", &["i-1"], "828.49", "2026-09-28T02:05:00Z"));
    for (now, state) in [
        ("2026-11-10T02:00:00Z", RequestState::Observed),
        ("2026-11-13T15:59:59Z", RequestState::Observed),
        ("2026-11-13T16:00:00Z", RequestState::Overdue),
    ] {
        until(&told, now);
        told.sync().await;
        assert_eq!(told.request(&request.id).state, state, "{now}");
    }
}
