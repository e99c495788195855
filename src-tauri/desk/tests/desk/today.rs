//! What wants attention today, where an order is, and the lists that the settings show.

use chrono::TimeDelta;
use desk::views::RequestState;
use desk::{ClosingWindow, WindowKind};
use rust_decimal::Decimal;

use crate::support::cloud::{Account, Order, instance};
use crate::support::{ANCHOR, CHINA, Home, INTERNATIONAL, Seat, Told, at};

fn windows(seat: &Seat) -> Vec<ClosingWindow> {
    seat.desk().today().unwrap().closing
}

/// An ecs bought on 1 June 2026, 00:00 UTC, for a year. In the first 29 days a day's use counts one and a half times:
///
/// ```text
/// 26 Jun, 02:00   day 26   1200 - 1200 × 26 × 1.5 / 365
/// 30 Jun, 00:00   day 29   1200 - 1200 × 29 × 1.5 / 365 = 1056.99
/// just after      day 30   1200 - 1200 × 30 / 365       = 1101.37
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_day_thirty_is_told_within_seven_days() {
    let (start, end) = ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z");
    let account = || Account {
        instances: vec![instance("i-1", start, end)],
        orders: vec![Order::new("11", "New", start).part(&["i-1"], start, end, "1200.00")],
        ..Account::default()
    };
    let early = Told::at(at("2026-06-22T02:00:00Z") - at(ANCHOR), account()).await;
    assert_eq!(windows(&early), [], "more than seven days ahead");
    let told = Told::at(at("2026-06-26T02:00:00Z") - at(ANCHOR), account()).await;
    let found = windows(&told);
    let [window] = found.as_slice() else { panic!("one window: {found:?}") };
    assert_eq!((window.kind, window.at), (WindowKind::Rises, at("2026-06-30T00:00:00Z")));
    assert_eq!((window.before.to_string(), window.after.to_string()), ("1056.99".into(), "1101.37".into()));
    assert_eq!((window.at_stake, window.currency.as_deref()), (window.after - window.before, Some("USD")));
    // It is over once its instant has passed.
    told.pass(TimeDelta::days(4));
    assert_eq!(windows(&told), []);
}

/// Each window agrees with the quotes on both sides of it, and the largest stake comes first.
#[tokio::test(flavor = "multi_thread")]
async fn windows_agree_with_the_quotes_on_both_sides() {
    for place in [CHINA, INTERNATIONAL] {
        let home = Home::synced(place).await;
        let (now, found) = (home.desk().today().unwrap().at, windows(&home));
        assert!(!found.is_empty(), "the sandbox has windows that close, at place {place}");
        assert!(found.is_sorted_by(|left, right| left.at_stake >= right.at_stake));
        for window in &found {
            assert!(window.at >= now && window.at <= now + TimeDelta::days(7) + TimeDelta::hours(1));
            assert!(window.at_stake > Decimal::ZERO);
            let quote = |instant| home.desk().quote(home.uid(), &window.resource, Some(instant)).unwrap().quote;
            let (last, next) = (quote(window.at), quote(window.at + TimeDelta::seconds(1)));
            assert_eq!(last.refund, window.before, "{window:?}");
            match window.kind {
                WindowKind::Ends => assert!(last.eligible && !next.eligible, "{window:?}"),
                WindowKind::Full => assert_ne!(last.refund_type, next.refund_type, "{window:?}"),
                WindowKind::Rises => assert!(next.refund > last.refund, "{window:?}"),
                WindowKind::Source => assert_ne!(last.destinations, next.destinations, "{window:?}"),
            }
        }
    }
}

/// What a sync or an answer changes is looked for again, and what nothing changed is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_under_way_takes_its_windows_off_the_list() {
    let home = Home::synced(CHINA).await;
    let before = windows(&home);
    let window = before.iter().find(|window| window.kind == WindowKind::Full).expect("a five-day window");
    assert_eq!(windows(&home), before, "looked for once, the same again");
    let request = home.handed_over(&home.ask(&window.resource));
    home.control().console_unsubscribe(home.uid(), &window.resource).unwrap();
    home.sync().await;
    assert!(windows(&home).iter().all(|other| other.resource != window.resource));
    assert_ne!(home.request(&request.id).state, RequestState::HandedOver);
}

/// A customer is stale when it was never synced, when its sync failed, and a day after the last one.
#[tokio::test(flavor = "multi_thread")]
async fn customers_with_old_facts_are_named() {
    let stale = |home: &Home| home.desk().today().unwrap().stale.len();
    let home = Home::with(INTERNATIONAL).await;
    assert_eq!(stale(&home), 1, "never synced");
    home.sync().await;
    assert_eq!(stale(&home), 0);
    home.pass(TimeDelta::days(1));
    assert_eq!(stale(&home), 0, "a day old is not older than a day");
    home.pass(TimeDelta::minutes(1));
    assert_eq!(stale(&home), 1);
}

/// Thirty business days and more without money.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_overdue_is_named() {
    let (start, end) = ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z");
    let account = Account {
        instances: vec![instance("i-1", start, end)],
        orders: vec![Order::new("11", "New", start).part(&["i-1"], start, end, "1200.00")],
        ..Account::default()
    };
    let told = Told::of(account).await;
    let request = told.handed_over(&told.ask("i-1"));
    told.desk().report(&request.id, None).unwrap();
    assert!(told.desk().today().unwrap().overdue.is_empty());
    told.pass(TimeDelta::days(60));
    told.sync().await;
    let today = told.desk().today().unwrap();
    assert_eq!(today.overdue.iter().map(|late| &late.id).collect::<Vec<_>>(), [&request.id]);
    assert!(today.unknown.is_empty());
}

/// An order leads to its resource, a refund order to the history, anything else nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_leads_to_its_resource() {
    let home = Home::synced(INTERNATIONAL).await;
    let resource = home.redis();
    let order = home.quote(&resource.id).orders[0].order.clone();
    let found = home.desk().locate(&order).unwrap();
    assert_eq!((found.customer.as_str(), found.refund), (home.uid(), false));
    assert_eq!(found.resource, Some(resource.id.clone()));
    home.control().console_unsubscribe(home.uid(), &resource.id).unwrap();
    home.sync().await;
    let refund = home.history().into_iter().find(|row| row.resource == resource.id).unwrap();
    assert!(home.desk().locate(&refund.refund_order).unwrap().refund);
    // As long as the cloud still lists it as released, so does the page that the order leads to.
    let listed = home.resources().iter().any(|row| row.resource == resource.id);
    assert_eq!(home.desk().locate(&order).unwrap().resource.is_some(), listed);
    assert_eq!(home.desk().locate("1").unwrap_err().code(), "unknown_order");
}

/// Answers are listed with their source, the newest of a field alone.
#[tokio::test(flavor = "multi_thread")]
async fn entered_answers_are_listed_newest_first() {
    let home = Home::synced(INTERNATIONAL).await;
    assert_eq!(home.desk().entered(home.uid()).unwrap(), []);
    let resource = home.redis().id;
    let answer = |path: &str, value: &str, source: &str| desk::views::FactAnswer {
        path: path.to_owned(),
        value: value.to_owned(),
        source: source.to_owned(),
    };
    let enter = |answers: &[_]| home.desk().enter_facts(home.uid(), &resource, answers).map(drop);
    enter(&[answer("resource.security_risk", "true", "a guess")]).unwrap();
    enter(&[answer("customer.ecs_quota_left", "3", "the console")]).unwrap();
    enter(&[answer("resource.security_risk", "false", "the console")]).unwrap();
    let entered = home.desk().entered(home.uid()).unwrap();
    let told: Vec<_> = entered
        .iter()
        .map(|one| {
            (one.about.as_str(), one.subject.as_str(), one.path.as_str(), one.value.as_str(), one.source.as_str())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("resource", resource.as_str(), "security_risk", "false", "the console"),
            ("customer", "", "ecs_quota_left", "3", "the console"),
        ]
    );
    assert!(entered[0].entry > entered[1].entry);
}

/// The list of connections tells whose key it is and never the secret.
#[tokio::test(flavor = "multi_thread")]
async fn connections_are_listed_without_their_secrets() {
    let home = Home::with(INTERNATIONAL).await;
    let listed = home.desk().connections().unwrap();
    let [row] = listed.as_slice() else { panic!("one connection") };
    assert_eq!((row.customer.as_str(), row.way.as_str(), row.imported), (home.uid(), "key", false));
    assert!(row.api, "on in a sandbox home");
    assert!(!serde_json::to_string(&listed).unwrap().contains("testsecret"));
    home.desk().switch_api(home.uid(), false).unwrap();
    assert!(!home.desk().connections().unwrap()[0].api);
    let filed = Seat::imported(refund_rules::Site::China);
    assert!(filed.desk().connections().unwrap()[0].imported);
}

/// A note is kept, can be put back, and goes with the customer; the journal knows nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_note_on_a_customer_is_kept_outside_the_journal() {
    let home = Home::with(INTERNATIONAL).await;
    let entries = home.journal_length();
    let note = || home.desk().customers().unwrap()[0].note.clone();
    assert_eq!(home.desk().set_note(home.uid(), " calls on Mondays ").unwrap(), None);
    assert_eq!(note().as_deref(), Some("calls on Mondays"));
    assert_eq!(home.desk().set_note(home.uid(), "").unwrap().as_deref(), Some("calls on Mondays"));
    assert_eq!(note(), None);
    assert_eq!(home.desk().set_note(home.uid(), &"x".repeat(4_001)).unwrap_err().code(), "note_too_long");
    assert_eq!(home.journal_length(), entries);
    home.desk().set_note(home.uid(), "calls on Mondays").unwrap();
    home.desk().disconnect(home.uid()).unwrap();
    home.desk().connect(&home.account).unwrap();
    assert_eq!(note(), None, "it went with the customer");
}
