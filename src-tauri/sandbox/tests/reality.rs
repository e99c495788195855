//! The cloud as it is not on its pages: each knob makes the difference it promises, and the ledger names it.

mod common;

use std::path::PathBuf;

use bss_openapi::wire::{NumberAmount, OrderType, TransactionType};
use bss_sandbox::{
    Config, ConsoleRefund, DayCount, Knob, Merge, Reality, RefundEntry, ResourceEntry, Rounding, ScriptError,
};
use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};
use common::knock::Door;
use common::{ANCHOR, Running, at, config, detail, inquiry, orders, refund_request, transactions_of};
use refund_rules::case::{Action, Method, ResourceStatus};
use rust_decimal::{Decimal, RoundingStrategy};

fn reality(toml: &str) -> Reality {
    Reality::from_toml(toml).expect("knobs")
}

async fn started_with(toml: &str) -> Running {
    Running::start_with(Config { reality: reality(toml), ..config() }).await
}

/// The ecs of the first customer whose renewals have not taken effect: one purchase at list price, then pending renewals.
fn renewed(running: &Running) -> ResourceEntry {
    running.find(0, |books, resource| {
        let own = || books.orders.iter().filter(|order| order.parts[0].instances.contains(&resource.id));
        let pending = own().filter(|order| order.order_type == "Renew" && order.parts[0].start > at(ANCHOR)).count();
        resource.product == "ecs"
            && resource.status == ResourceStatus::Normal
            && pending == own().count() - 1
            && pending > 1
    })
}

/// A database that the first customer bought yesterday: a single order, all of it comes back.
fn single(running: &Running) -> ResourceEntry {
    running.find(0, |books, resource| {
        let mut own = books.orders.iter().filter(|order| order.parts[0].instances.contains(&resource.id));
        resource.product == "rds" && own.all(|order| at(ANCHOR) - order.created_at < TimeDelta::days(5))
    })
}

fn unsubscribe(running: &Running, resource: &ResourceEntry) -> ConsoleRefund {
    running.sandbox.control().console_unsubscribe(&running.info(0).uid, &resource.id).expect("unsubscribed")
}

fn shown(running: &Running, resource: &ResourceEntry) -> Decimal {
    let control = running.sandbox.control();
    control.console_amount(&running.info(0).uid, &resource.id, Action::Unsubscribe, None).expect("an amount").amount
}

fn refunds(running: &Running, resource: &ResourceEntry) -> Vec<RefundEntry> {
    running.books(0).refund_orders.into_iter().filter(|refund| refund.instance == resource.id).collect()
}

fn date(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&FixedOffset::east_opt(8 * 3600).expect("an offset")).date_naive()
}

/// What a purchase at list price gives by hand: `cash - list x used / days`.
fn by_hand(running: &Running, resource: &ResourceEntry, used: i64, days: i64, strategy: RoundingStrategy) -> Decimal {
    let books = running.books(0);
    let purchase = books.orders.iter().find(|order| order.parts[0].instances.contains(&resource.id)).expect("bought");
    assert_eq!((purchase.order_type.as_str(), purchase.list), ("New", purchase.cash));
    let consumed = purchase.list * Decimal::from(used) / Decimal::from(days);
    (purchase.cash - consumed).round_dp_with_strategy(2, strategy)
}

const HALF_UP: RoundingStrategy = RoundingStrategy::MidpointAwayFromZero;

/// Shortly after midnight in UTC+8 a date has begun, but no day of 24 hours since the purchase in the daytime.
#[tokio::test(flavor = "multi_thread")]
async fn days_may_be_counted_by_the_calendar() {
    let now = at("2026-11-20T16:10:00Z");
    let (pages, real) = (Running::start().await, started_with(r#"days = "calendar""#).await);
    for running in [&pages, &real] {
        running.sandbox.control().set_clock(now).expect("the clock");
    }
    let resource = renewed(&pages);
    let period = pages.books(0).orders.into_iter().find(|order| order.parts[0].instances.contains(&resource.id));
    let period = period.expect("bought").parts.swap_remove(0);
    let whole = |time: TimeDelta| (time.num_seconds() + 86_399) / 86_400;
    let elapsed = (whole(now - period.start), (period.end - period.start).num_days());
    let calendar =
        ((date(now) - date(period.start)).num_days() + 1, (date(period.end) - date(period.start)).num_days());
    assert_ne!(elapsed, calendar, "this instant proves too little");

    unsubscribe(&pages, &resource);
    let expected = refunds(&pages, &resource)[0].clone();
    assert_eq!(expected.amount, by_hand(&pages, &resource, elapsed.0, elapsed.1, HALF_UP));
    assert_eq!(expected.deviations, []);

    let announced = shown(&real, &resource);
    let done = unsubscribe(&real, &resource);
    assert_eq!(announced, done.amount);
    let given = refunds(&real, &resource);
    assert_eq!(given[0].amount, by_hand(&real, &resource, calendar.0, calendar.1, HALF_UP));
    let deviation = &given[0].deviations[0];
    assert_eq!((given[0].deviations.len(), deviation.knob), (1, Knob::Days));
    assert_eq!((&deviation.expected, &deviation.actual), (&expected.amount.to_string(), &given[0].amount.to_string()));
    // Renewals that have not taken effect come back whole either way.
    assert!(given[1..].iter().all(|refund| refund.deviations.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_may_be_rounded_down() {
    let (pages, real) = (Running::start().await, started_with(r#"rounding = "down""#).await);
    let resource = renewed(&pages);
    let mut lower = 0;
    // Day by day: half of the amounts have something to cut off.
    for day in 0..12 {
        let now = at(ANCHOR) + TimeDelta::days(day);
        for running in [&pages, &real] {
            running.sandbox.control().set_clock(now).expect("the clock");
        }
        let (expected, actual) = (shown(&pages, &resource), shown(&real, &resource));
        let cut = expected - actual;
        assert!(cut.is_zero() || cut == Decimal::new(1, 2), "{expected} and {actual}");
        lower += usize::from(!cut.is_zero());
    }
    assert!((2..=10).contains(&lower), "{lower} of twelve");

    let books = real.books(0);
    let bought = books.orders.iter().find(|order| order.parts[0].instances.contains(&resource.id)).expect("bought");
    let (start, end) = (bought.parts[0].start, bought.parts[0].end);
    let used = ((real.sandbox.now() - start).num_seconds() + 86_399) / 86_400;
    unsubscribe(&real, &resource);
    let given = refunds(&real, &resource)[0].clone();
    let by_hand = |strategy| by_hand(&real, &resource, used, (end - start).num_days(), strategy);
    assert_eq!(given.amount, by_hand(RoundingStrategy::ToZero));
    let noted = given.deviations.iter().map(|deviation| (deviation.knob, deviation.expected.clone()));
    let expected = (given.amount != by_hand(HALF_UP)).then(|| (Knob::Rounding, by_hand(HALF_UP).to_string()));
    assert_eq!(noted.collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn tax_may_come_back_or_be_kept() {
    let pages = Running::start().await;
    let resource = single(&pages);
    let expected = shown(&pages, &resource);
    let share = (expected * Decimal::new(6, 2)).round_dp_with_strategy(2, HALF_UP);
    for (word, amount) in [("returned", expected + share), ("withheld", expected - share)] {
        let real = started_with(&format!("[tax]\npercent = 6\non_refund = \"{word}\"")).await;
        assert_eq!(shown(&real, &resource), amount, "{word}");
        let client = real.client(0);
        for row in orders(&client).await.iter().filter(|row| row.order_type == Some(OrderType::New)) {
            let order = real.books(0).orders.into_iter().find(|order| order.order_id == row.order_id).expect("known");
            let tax = (order.cash * Decimal::new(6, 2)).round_dp_with_strategy(2, HALF_UP);
            // Each part of an order is taxed by itself.
            let cents = Decimal::new(order.parts.len() as i64, 2);
            assert!((row.tax.expect("a tax") - tax).abs() < cents, "{}", row.order_id);
            assert_eq!(row.after_tax_amount, Some(row.pretax_amount.unwrap_or_default() + row.tax.unwrap_or_default()));
        }
        unsubscribe(&real, &resource);
        let given = refunds(&real, &resource).swap_remove(0);
        assert_eq!((given.amount, given.deviations[0].knob), (amount, Knob::Tax), "{word}");
        assert_eq!(given.destinations.iter().map(|part| part.amount).sum::<Decimal>(), amount, "{word}");
    }
    let rows = orders(&pages.client(0)).await;
    assert!(rows.iter().all(|row| row.tax == Some(Decimal::ZERO)), "the pages name no tax");
}

#[tokio::test(flavor = "multi_thread")]
async fn money_may_arrive_late_and_elsewhere() {
    let pages = Running::start().await;
    let resource = single(&pages);
    unsubscribe(&pages, &resource);
    let expected = refunds(&pages, &resource).swap_remove(0);

    let real = started_with("late_days = 5\ndestination = \"bank_card\"").await;
    unsubscribe(&real, &resource);
    let given = refunds(&real, &resource).swap_remove(0);
    assert_eq!((given.amount, given.arrives_at), (expected.amount, expected.arrives_at + TimeDelta::days(5)));
    assert_eq!(given.destinations.len(), 1);
    assert_eq!((given.destinations[0].to.as_str(), given.destinations[0].amount), ("bank_card", given.amount));
    let knobs: Vec<_> = given.deviations.iter().map(|deviation| deviation.knob).collect();
    assert_eq!(knobs, [Knob::LateDays, Knob::Destination]);
    assert_eq!(given.deviations[0].expected, bss_openapi::wire::write_time(&expected.arrives_at));

    let (client, control) = (real.client(0), real.sandbox.control());
    control.set_clock(given.arrives_at - TimeDelta::seconds(1)).expect("the clock");
    assert!(transactions_of(&client, &given.order_id).await.is_empty());
    control.advance(TimeDelta::seconds(1)).expect("the clock");
    let rows = transactions_of(&client, &given.order_id).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].transaction_channel.as_ref().map(|channel| channel.to_string()).as_deref(), Some("CreditCard"));
}

/// Three quarters were paid by Alipay, the rest from the balance; Alipay takes nothing back.
#[tokio::test(flavor = "multi_thread")]
async fn a_channel_may_fail_and_its_money_falls_to_the_balance() {
    let pages = Running::start().await;
    let resource = pages.find(0, |books, resource| {
        let own = books.orders.iter().filter(|order| order.parts[0].instances.contains(&resource.id));
        resource.product == "ecs"
            && own.clone().count() == 1
            && own.clone().any(|order| order.cash < order.list && order.parts[0].instances.len() == 1)
    });
    unsubscribe(&pages, &resource);
    let expected = refunds(&pages, &resource).swap_remove(0);
    let words: Vec<_> = expected.destinations.iter().map(|part| part.to.as_str()).collect();
    assert_eq!(words, ["alipay", "balance"], "this scene proves too little");

    let real = started_with("[failed_channel]\nmethod = \"alipay\"\nafter_days = 3").await;
    unsubscribe(&real, &resource);
    let given = refunds(&real, &resource).swap_remove(0);
    assert_eq!((given.amount, given.arrives_at), (expected.amount, expected.arrives_at + TimeDelta::days(3)));
    assert!(given.destinations.iter().all(|part| part.to == "balance"));
    let deviation = &given.deviations[0];
    assert_eq!((given.deviations.len(), deviation.knob), (1, Knob::FailedChannel));
    assert!(deviation.expected.starts_with("alipay ") && deviation.actual.starts_with("balance "), "{deviation:?}");

    let (client, control) = (real.client(0), real.sandbox.control());
    // (instant, amount that has arrived)
    let parts: Vec<_> = expected.destinations.iter().map(|part| part.amount).collect();
    let second = TimeDelta::seconds(1);
    let cases = [
        (expected.arrives_at - second, Decimal::ZERO),
        (expected.arrives_at, parts[1]),
        (given.arrives_at - second, parts[1]),
        (given.arrives_at, parts[0] + parts[1]),
    ];
    let before = real.books(0).balance;
    for (now, arrived) in cases {
        control.set_clock(now).expect("the clock");
        let rows = transactions_of(&client, &given.order_id).await;
        assert_eq!(rows.iter().filter_map(|row| row.amount).sum::<Decimal>(), arrived, "at {now}");
        assert_eq!(real.books(0).balance - before, arrived, "at {now}: all of it is in the balance");
        assert_eq!(refunds(&real, &resource)[0].arrived, arrived == given.amount, "at {now}");
    }
    // Another channel does not fail.
    let other = started_with("[failed_channel]\nmethod = \"bank_card\"").await;
    unsubscribe(&other, &resource);
    assert_eq!(refunds(&other, &resource)[0].destinations, expected.destinations);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_orders_may_share_a_refund_order() {
    let pages = Running::start().await;
    let resource = renewed(&pages);
    unsubscribe(&pages, &resource);
    let expected = refunds(&pages, &resource);

    let real = started_with(r#"merge = "refund_order""#).await;
    let client = real.client(0);
    let id = client.refund_instance(&refund_request(&resource, "r")).await.expect("accepted").data.order_id;
    let given = refunds(&real, &resource);
    assert_eq!(given.len(), 1);
    let given = &given[0];
    assert_eq!(id.map(|id| id.to_string()), Some(given.order_id.clone()));
    assert_eq!(given.amount, expected.iter().map(|refund| refund.amount).sum::<Decimal>());
    let parts: Vec<_> = given.merged.iter().map(|part| (part.related_order_id.clone(), part.amount)).collect();
    let by_pages: Vec<_> = expected.iter().map(|refund| (refund.related_order_id.clone(), refund.amount)).collect();
    assert_eq!(parts, by_pages);
    assert_eq!(given.deviations.iter().map(|deviation| deviation.knob).collect::<Vec<_>>(), [Knob::Merge]);

    let listed: Vec<_> = orders(&client).await.into_iter().filter(|row| row.order_id == given.order_id).collect();
    assert_eq!((listed.len(), listed[0].pretax_amount), (1, Some(given.amount)));
    let rows = detail(&client, &given.order_id).await;
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.related_order_id.clone().unwrap_or_default(), row.pretax_amount.unwrap_or_default()))
        .collect();
    assert_eq!(told, by_pages, "a sub-order for each original order");
    let mut sub_orders: Vec<_> = rows.iter().map(|row| row.sub_order_id.clone()).collect();
    sub_orders.dedup();
    assert_eq!(sub_orders.len(), rows.len());

    // All renewals that share it have fallen: the resource runs until the chosen time.
    let other = started_with(r#"merge = "refund_order""#).await;
    let control = other.sandbox.control();
    let first = other
        .books(0)
        .orders
        .iter()
        .find(|order| order.order_id == expected[1].related_order_id)
        .expect("a renewal")
        .parts[0]
        .start;
    control.console_cancel_renewals(&other.info(0).uid, &resource.id, first).expect("cancelled");
    assert_eq!(other.find(0, |_, one| one.id == resource.id).ends_at, first);
    assert_eq!(refunds(&other, &resource).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_refund_orders_may_share_their_money() {
    let real = started_with(r#"merge = "transaction""#).await;
    let (client, resource) = (real.client(0), renewed(&real));
    let done = unsubscribe(&real, &resource);
    let given = refunds(&real, &resource);
    assert!(given.len() > 2 && given[0].paid_with.is_none());
    assert!(given[1..].iter().all(|refund| refund.paid_with.as_ref() == Some(&given[0].order_id)));
    for refund in &given {
        assert_eq!(refund.destinations.iter().map(|part| part.amount).sum::<Decimal>(), refund.amount);
        assert_eq!(refund.deviations.last().map(|deviation| deviation.knob), Some(Knob::Merge));
    }
    real.sandbox.control().advance(TimeDelta::days(30)).expect("the clock");
    for (nth, refund) in given.iter().enumerate() {
        let rows = transactions_of(&client, &refund.order_id).await;
        assert!(rows.iter().all(|row| row.transaction_type == Some(TransactionType::Refund)));
        let arrived: Decimal = rows.iter().filter_map(|row| row.amount).sum();
        assert_eq!(arrived, if nth == 0 { done.amount } else { Decimal::ZERO }, "{}", refund.order_id);
    }
    // Nothing to share where only one order gives something back.
    let alone = single(&real);
    unsubscribe(&real, &alone);
    let given = refunds(&real, &alone);
    assert_eq!((given.len(), given[0].deviations.len(), given[0].paid_with.is_none()), (1, 0, true));
}

/// Servers bought in one order and given back within two minutes of each other: one transfer for both, one more for the third.
#[tokio::test(flavor = "multi_thread")]
async fn refunds_of_one_order_shortly_after_each_other_share_their_money() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("shared-{}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let kept = Config { state: Some(path), reality: reality(r#"merge = "transaction""#), ..config() };
    let real = Running::start_with(kept.clone()).await;
    let order = real.books(0).orders.into_iter().find(|order| order.parts[0].instances.len() == 3).expect("the scene");
    let (control, uid) = (real.sandbox.control(), real.info(0).uid);
    let mut made = Vec::new();
    for (id, seconds) in order.parts[0].instances.iter().zip([120, 1, 0]) {
        made.push(control.console_unsubscribe(&uid, id).expect("unsubscribed"));
        control.advance(TimeDelta::seconds(seconds)).expect("the clock");
    }
    let number = |nth: usize| made[nth].refund_order_ids[0].clone();
    let entries = real.books(0).refund_orders;
    let entry = |nth: usize| entries.iter().find(|refund| refund.order_id == number(nth)).expect("made");
    assert_eq!(
        [0, 1, 2].map(|nth| entry(nth).paid_with.clone()),
        [None, Some(number(0)), None],
        "the third came two minutes and a second after the first"
    );
    assert_eq!(entry(1).deviations.last().map(|deviation| deviation.knob), Some(Knob::Merge));
    control.advance(TimeDelta::days(10)).expect("the clock");
    let client = real.client(0);
    let arrived = async |nth: usize| {
        transactions_of(&client, &number(nth)).await.iter().filter_map(|row| row.amount).sum::<Decimal>()
    };
    let expected = [made[0].amount + made[1].amount, Decimal::ZERO, made[2].amount];
    assert_eq!([arrived(0).await, arrived(1).await, arrived(2).await], expected);
    let books = real.books(0);
    drop(control);
    real.sandbox.stop().await;
    let again = Running::start_with(kept).await;
    assert_eq!(again.books(0), books);
}

const ALL: &str = r#"
    days = "calendar"
    rounding = "down"
    late_days = 2
    merge = "transaction"
    [tax]
    percent = 13
    on_refund = "withheld"
    [failed_channel]
    after_days = 1
"#;

/// The ledger tells the way from what the pages say to what is, knob by knob, and the money adds up.
#[tokio::test(flavor = "multi_thread")]
async fn every_difference_is_explained() {
    let (pages, real) = (Running::start().await, started_with(ALL).await);
    let now = at("2026-11-20T16:10:00Z");
    for running in [&pages, &real] {
        running.sandbox.control().set_clock(now).expect("the clock");
    }
    let mut explained = 0;
    for resource in real.books(0).resources {
        let control = real.sandbox.control();
        let uid = real.info(0).uid;
        let Ok(shown) = control.console_amount(&uid, &resource.id, Action::Unsubscribe, None) else { continue };
        let done = control.console_unsubscribe(&uid, &resource.id).expect("as shown");
        assert_eq!(shown.amount, done.amount, "{}", resource.id);
        pages.sandbox.control().console_unsubscribe(&uid, &resource.id).expect("by the pages");
        let expected = refunds(&pages, &resource);
        for refund in refunds(&real, &resource) {
            let is_amount = |knob| matches!(knob, Knob::Days | Knob::Rounding | Knob::Tax | Knob::AmountChanged);
            let steps: Vec<_> = refund.deviations.iter().filter(|deviation| is_amount(deviation.knob)).collect();
            for pair in steps.windows(2) {
                assert_eq!(pair[0].actual, pair[1].expected, "{}", refund.order_id);
            }
            let by_pages = expected.iter().find(|one| one.related_order_id == refund.related_order_id);
            let begin = steps.first().map_or(refund.amount.to_string(), |first| first.expected.clone());
            assert_eq!(Some(begin), by_pages.map(|one| one.amount.to_string()), "{}", refund.order_id);
            let end = steps.last().map_or(refund.amount.to_string(), |last| last.actual.clone());
            assert_eq!(end, refund.amount.to_string(), "{}", refund.order_id);
            let parts: Decimal = refund.destinations.iter().map(|part| part.amount).sum();
            assert_eq!(parts, refund.amount, "{}", refund.order_id);
            explained += steps.len();
        }
    }
    assert!(explained > 10, "{explained}");
    let books = real.books(0);
    let refunded = |id: &str| books.refund_orders.iter().any(|refund| refund.order_id == id);
    let moved: Decimal = books
        .transactions
        .iter()
        .filter(|entry| refunded(&entry.transaction.record_id))
        .map(|entry| entry.transaction.amount)
        .sum();
    assert_eq!(moved, books.refund_orders.iter().map(|refund| refund.amount).sum::<Decimal>());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inquiry_shows_what_the_refund_gives() {
    let real = started_with(ALL).await;
    let client = real.client(0);
    let mut refunded = 0;
    for resource in real.books(0).resources {
        let Ok(asked) = client.inquiry_price_refund_instance(&inquiry(&resource, "")).await else { continue };
        client.refund_instance(&refund_request(&resource, &resource.id)).await.expect("as inquired");
        let given: Decimal = refunds(&real, &resource).iter().map(|refund| refund.amount).sum();
        assert_eq!(asked.data.refund_amount, Some(NumberAmount(given)), "{}", resource.id);
        refunded += 1;
    }
    assert!(refunded > 5, "{refunded}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refunded_stays_when_knobs_are_turned_and_after_a_restart() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("reality-{}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let kept = |reality| Config { state: Some(path.clone()), reality, ..config() };
    let running = Running::start_with(kept(reality(ALL))).await;
    unsubscribe(&running, &renewed(&running));
    let before = running.books(0).refund_orders;
    running.sandbox.control().set_reality(Reality::default()).expect("turned");
    assert_eq!(running.books(0).refund_orders, before);
    let ledger = running.sandbox.control().ledger();
    running.sandbox.stop().await;
    let again = Running::start_with(kept(Reality::default())).await;
    assert_eq!(again.sandbox.control().ledger(), ledger);
}

#[test]
fn what_a_reality_does_not_know_is_refused_by_its_place() {
    let whole =
        Reality { days: DayCount::Calendar, rounding: Rounding::Down, merge: Merge::RefundOrder, ..Default::default() };
    let text = r#"{"days": "calendar", "rounding": "down", "merge": "refund_order"}"#;
    assert_eq!(Reality::from_json(text), Ok(whole));
    assert_eq!(reality("destination = \"wechat\"").destination, Some(Method::Wechat));
    let cases = [
        (r#"{"day": "calendar"}"#, "day"),
        (r#"{"days": "lunar"}"#, "days"),
        (r#"{"late_days": -1}"#, "late_days"),
        (r#"{"destination": "gold"}"#, "destination"),
        (r#"{"tax": {"percent": 6}}"#, "tax"),
        (r#"{"tax": {"percent": 0, "on_refund": "returned"}}"#, "tax.percent"),
        (r#"{"tax": {"percent": 6, "on_refund": "returned", "of": 1}}"#, "tax.of"),
        (r#"{"failed_channel": {"method": "balance"}}"#, "failed_channel.method"),
    ];
    for (text, expected) in cases {
        let Err(ScriptError::Content { place, .. }) = Reality::from_json(text) else { panic!("{text} was read") };
        assert_eq!(place, expected, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_door_turns_the_knobs() {
    let running = Running::start().await;
    let door = Door(&running);
    let (_, plain) = door.ask("GET", "reality", "").await;
    assert_eq!(Reality::from_json(&plain.to_string()), Ok(Reality::default()));
    let (status, told) = door.ask("POST", "reality", r#"{"late_days": 4}"#).await;
    assert_eq!((status, &told["late_days"]), (200, &4.into()));
    assert_eq!(running.sandbox.control().ledger().reality, Reality { late_days: 4, ..Reality::default() });
    let (status, wrong) = door.ask("POST", "reality", r#"{"late": 4}"#).await;
    assert_eq!((status, &wrong["error"]["code"]), (400, &"bad_input".into()));
    assert_eq!(running.sandbox.control().reality().late_days, 4, "nothing was turned");
}
