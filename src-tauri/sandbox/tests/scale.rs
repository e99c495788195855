//! Many orders: as many as asked for, sound, the same for the same seed, and found as if each were looked at.

mod common;

use std::collections::BTreeSet;

use bss_openapi::wire::{
    OrderType, PaymentStatus, QueryAccountTransactionsRequest, QueryAvailableInstancesRequest, QueryOrdersRequest,
    SubscriptionType, TransactionType,
};
use bss_sandbox::world::{OrderKind, World, money};
use bss_sandbox::{AccountLedger, Config, MAX_ORDERS};
use chrono::{DateTime, TimeDelta, Utc};
use common::{ANCHOR, Running, all, at, config, detail, refund_request};
use refund_rules::case::{Action, Kind};
use rust_decimal::Decimal;

fn world(seed: u64, customers: u32, orders: u32) -> World {
    World::generate_with_orders(seed, customers, Some(orders), at(ANCHOR)).expect("a world")
}

fn bytes(world: &World) -> Vec<u8> {
    serde_json::to_vec(world).expect("a world serializes")
}

fn rows(world: &World) -> Vec<usize> {
    world.accounts.iter().map(|account| account.orders.len() + account.refund_orders.len()).collect()
}

#[test]
fn there_are_exactly_as_many_orders_as_asked_for() {
    // (customers, orders, rows of each)
    let cases: [(u32, u32, &[usize]); 4] =
        [(1, 100, &[100]), (3, 1_001, &[334, 334, 333]), (2, 2_001, &[1001, 1000]), (4, 331, &[83, 83, 83, 82])];
    for (customers, orders, expected) in cases {
        for seed in [1, 7] {
            assert_eq!(rows(&world(seed, customers, orders)), expected, "seed {seed}, {customers}, {orders}");
        }
    }
}

#[test]
fn numbers_of_orders_out_of_range_are_refused() {
    for (customers, orders) in [(4, 0), (4, 40), (1_000, 20_000), (1, MAX_ORDERS + 1)] {
        let error = World::generate_with_orders(1, customers, Some(orders), at(ANCHOR)).expect_err("out of range");
        assert_eq!(error.code(), "bad_orders", "{error}");
    }
}

#[test]
fn one_seed_gives_one_world_and_the_situations_stay() {
    assert_eq!(bytes(&world(7, 2, 700)), bytes(&world(7, 2, 700)));
    assert_ne!(bytes(&world(7, 2, 700)), bytes(&world(8, 2, 700)));
    let few = World::generate(7, 2, at(ANCHOR)).expect("a world");
    for (few, many) in few.accounts.iter().zip(world(7, 2, 700).accounts) {
        assert_eq!(
            few.resources[..few.resources.len()],
            many.resources[..few.resources.len()],
            "the scenes come first"
        );
        assert_eq!((&few.uid, &few.name), (&many.uid, &many.name));
    }
}

#[test]
fn many_orders_are_sound() {
    let world = world(7, 2, 3_000);
    for account in &world.accounts {
        let count = |kind| account.orders.iter().filter(|order| order.kind == kind).count();
        for kind in [OrderKind::New, OrderKind::Renew, OrderKind::Upgrade, OrderKind::ResizeDisk] {
            assert!(count(kind) > 20, "{kind:?}: {}", count(kind));
        }
        assert!(account.refund_orders.len() > 30, "{}", account.refund_orders.len());
        let types: BTreeSet<_> = account.refund_orders.iter().map(|refund| refund.refund_type.word()).collect();
        assert!(types.contains("full_unused") && types.contains("partial"), "{types:?}");
        assert!(account.resources.iter().filter(|resource| resource.kind == Kind::ResourcePlan).count() > 50);

        let ids: BTreeSet<_> = account.orders.iter().map(|order| &order.id).collect();
        assert_eq!(ids.len(), account.orders.len());
        assert!(ids.iter().all(|id| id.len() == 15));
        for order in &account.orders {
            assert!(order.created_at <= order.paid_at && order.paid_at <= world.anchor, "{}", order.id);
            assert!(order.created_at >= account.opened_at, "{}", order.id);
            let paid: Decimal = order.payments.iter().map(|paid| paid.amount).sum();
            assert!(!order.paid || paid == order.cash(), "{}", order.id);
            assert!(order.parts.iter().all(|part| part.start < part.end && part.list >= Decimal::ZERO), "{}", order.id);
        }
        for resource in &account.resources {
            let mut covered = resource.created_at;
            let mut spans: Vec<_> = account
                .chain(&resource.id)
                .filter(|(order, _)| order.paid)
                .map(|(_, part)| (part.start, part.end))
                .collect();
            spans.sort();
            for (start, end) in spans {
                assert!(start <= covered, "{} has a gap before {start}", resource.id);
                covered = covered.max(end);
            }
        }
        for refund in &account.refund_orders {
            let original = account.order(&refund.related_order_id).expect("the original order");
            assert!(refund.amount > Decimal::ZERO && refund.amount <= original.cash(), "{}", refund.order_id);
            assert!(refund.created_at > original.paid_at, "{}", refund.order_id);
        }
        for transaction in money::transactions(account) {
            assert!(transaction.balance >= Decimal::ZERO, "{} at {}", transaction.number, transaction.at);
        }
    }
}

async fn large() -> Running {
    Running::start_with(Config { customers: 2, orders: Some(1_200), ..config() }).await
}

/// One row of the list, as the ledger knows it.
struct Known {
    id: String,
    order_type: String,
    paid: Option<bool>,
    product: String,
    created_at: DateTime<Utc>,
}

/// Everything that was ever ordered or refunded, newest first.
fn known(books: &AccountLedger) -> Vec<Known> {
    let product = |instance: &str| {
        let resource = books.resources.iter().find(|resource| resource.id == *instance);
        resource.map(|resource| resource.product.clone()).unwrap_or_default()
    };
    let orders = books.orders.iter().map(|order| Known {
        id: order.order_id.clone(),
        order_type: order.order_type.clone(),
        paid: Some(order.paid),
        product: product(&order.parts[0].instances[0]),
        created_at: order.created_at,
    });
    let refunds = books.refund_orders.iter().map(|refund| Known {
        id: refund.order_id.clone(),
        order_type: "Refund".to_owned(),
        paid: None,
        product: refund.product.clone(),
        created_at: refund.created_at,
    });
    let mut all: Vec<_> = orders.chain(refunds).collect();
    all.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    all
}

/// Each filter gives what looking at every row gives, in the same order, whatever the size of the page.
#[tokio::test(flavor = "multi_thread")]
async fn lists_agree_with_looking_at_every_row() {
    let running = large().await;
    let window = QueryOrdersRequest::new(at("2020-01-01T00:00:00Z"), at(ANCHOR));
    let some_days = (at("2026-02-01T00:00:00Z"), at("2026-03-15T00:00:00Z"));
    type Fits = fn(&Known) -> bool;
    let text = |word: &str| Some(word.to_owned());
    let cases: Vec<(QueryOrdersRequest, Fits)> = vec![
        (window.clone(), |_| true),
        (QueryOrdersRequest { order_type: Some(OrderType::Renew), ..window.clone() }, |row| row.order_type == "Renew"),
        (QueryOrdersRequest { order_type: Some(OrderType::Refund), ..window.clone() }, |row| {
            row.order_type == "Refund"
        }),
        (QueryOrdersRequest { payment_status: Some(PaymentStatus::Unpaid), ..window.clone() }, |row| {
            row.paid == Some(false)
        }),
        (QueryOrdersRequest { product_code: text("redisa"), ..window.clone() }, |row| row.product == "redisa"),
        (QueryOrdersRequest { product_code: text("nothing"), ..window.clone() }, |_| false),
        (
            QueryOrdersRequest {
                order_type: Some(OrderType::New),
                product_code: text("ecs"),
                subscription_type: Some(SubscriptionType::Subscription),
                ..QueryOrdersRequest::new(some_days.0, some_days.1)
            },
            |row| row.order_type == "New" && row.product == "ecs",
        ),
    ];
    for place in 0..2 {
        let (client, books) = (running.client(place), running.books(place));
        for (request, fits) in &cases {
            let within = |row: &&Known| {
                fits(row) && row.created_at >= request.create_time_start && row.created_at <= request.create_time_end
            };
            let expected: Vec<_> = known(&books).iter().filter(within).map(|row| row.id.clone()).collect();
            for page_size in [20, 300] {
                let listed = all(&client, QueryOrdersRequest { page_size, ..request.clone() }).await;
                let listed: Vec<_> = listed.into_iter().map(|row| row.order_id).collect();
                assert_eq!(listed, expected, "{request:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_is_found_by_its_number() {
    let running = large().await;
    let (client, books) = (running.client(0), running.books(0));
    for order in &books.orders {
        let rows = detail(&client, &order.order_id).await;
        let ids: Vec<_> = rows.iter().map(|row| row.sub_order_id.clone().unwrap_or_default()).collect();
        assert_eq!(ids, order.parts.iter().map(|part| part.sub_order_id.clone()).collect::<Vec<_>>());
    }
    for refund in &books.refund_orders {
        let rows = detail(&client, &refund.order_id).await;
        assert_eq!(rows[0].related_order_id.as_ref(), Some(&refund.related_order_id));
    }
    for other in ["210000000000000", "0", "x"] {
        assert!(detail(&client, other).await.is_empty(), "{other}");
    }
    assert!(detail(&client, "999999999999999").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_agree_with_looking_at_every_one() {
    let running = large().await;
    let (client, books) = (running.client(1), running.books(1));
    let there = || {
        let instance =
            books.resources.iter().filter(|one| one.kind == Kind::Instance && one.status.word() != "released");
        let mut there: Vec<_> = instance.collect();
        there.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        there
    };
    let (from, to) = (at("2026-11-25T00:00:00Z"), at("2027-01-31T00:00:00Z"));
    let base = QueryAvailableInstancesRequest::default();
    let text = |word: &str| Some(word.to_owned());
    type Fits = fn(&bss_sandbox::ResourceEntry, DateTime<Utc>, DateTime<Utc>) -> bool;
    let cases: [(QueryAvailableInstancesRequest, Fits); 4] = [
        (base.clone(), |_, _, _| true),
        (QueryAvailableInstancesRequest { product_code: text("dds"), ..base.clone() }, |one, _, _| {
            one.product == "dds"
        }),
        (
            QueryAvailableInstancesRequest { end_time_start: Some(from), end_time_end: Some(to), ..base.clone() },
            |one, from, to| one.ends_at >= from && one.ends_at <= to,
        ),
        (
            QueryAvailableInstancesRequest { create_time_start: Some(at("2026-06-01T00:00:00Z")), ..base },
            |one, _, _| one.created_at >= at("2026-06-01T00:00:00Z"),
        ),
    ];
    for (request, fits) in cases {
        let expected: Vec<_> =
            there().into_iter().filter(|one| fits(one, from, to)).map(|one| one.id.clone()).collect();
        assert!(!expected.is_empty(), "{request:?}: this sandbox proves too little");
        for page_size in [7, 300] {
            let listed = all(&client, QueryAvailableInstancesRequest { page_size, ..request.clone() }).await;
            assert_eq!(listed.into_iter().map(|row| row.instance_id).collect::<Vec<_>>(), expected, "{request:?}");
        }
    }
}

/// Refunds made with the clock set to and fro: each movement stands at its time, and every balance follows from the one before.
#[tokio::test(flavor = "multi_thread")]
async fn money_is_in_its_place_after_refunds_at_any_time() {
    let running = large().await;
    let control = running.sandbox.control();
    let uid = running.info(0).uid;
    let before = running.books(0).refund_orders.len();
    let ids: Vec<_> = running.books(0).resources.into_iter().map(|resource| resource.id).collect();
    for (nth, id) in ids.iter().enumerate().step_by(7) {
        let days = [0, 3, -40, 11, -2][nth % 5];
        control.set_clock(at(ANCHOR) + TimeDelta::days(days)).expect("the clock");
        let _ = control.console_unsubscribe(&uid, id);
    }
    control.set_clock(at(ANCHOR) + TimeDelta::days(90)).expect("the clock");
    let books = running.books(0);
    assert!(books.refund_orders.len() > before + 10, "{}", books.refund_orders.len() - before);
    let entries: Vec<_> = books.transactions.iter().map(|entry| &entry.transaction).collect();
    assert!(entries.is_sorted_by_key(|entry| (entry.at, entry.number.clone())));
    let mut balance = Decimal::ZERO;
    for entry in &entries {
        let sign = if entry.flow == "Income" { Decimal::ONE } else { Decimal::NEGATIVE_ONE };
        balance += if entry.fund_type == "Cash" { sign * entry.amount } else { Decimal::ZERO };
        assert_eq!(entry.balance, balance, "{}", entry.number);
    }
    assert_eq!(books.balance, balance);
    let destinations = books.refund_orders.iter().map(|refund| refund.destinations.len()).sum::<usize>();
    assert_eq!(entries.iter().filter(|entry| entry.transaction_type == "Refund").count(), destinations);

    let window = QueryAccountTransactionsRequest::new(at("2020-01-01T00:00:00Z"), at("2040-01-01T00:00:00Z"));
    let client = running.client(0);
    let listed = all(&client, window.clone()).await;
    let numbers: Vec<_> = listed.into_iter().map(|row| row.transaction_number.unwrap_or_default()).collect();
    assert_eq!(numbers, entries.iter().rev().map(|entry| entry.number.clone()).collect::<Vec<_>>());
    // A top-up has no number of an order, and an empty one asks for nothing.
    for entry in entries.iter().step_by(9).filter(|entry| !entry.record_id.is_empty()) {
        let request = QueryAccountTransactionsRequest { record_id: Some(entry.record_id.clone()), ..window.clone() };
        let found = all(&client, request).await;
        let found: Vec<_> = found.into_iter().map(|row| row.transaction_number.unwrap_or_default()).collect();
        let of_record = entries.iter().rev().filter(|other| other.record_id == entry.record_id);
        assert_eq!(found, of_record.map(|other| other.number.clone()).collect::<Vec<_>>(), "{}", entry.record_id);
    }
    let refunds = QueryAccountTransactionsRequest { transaction_type: Some(TransactionType::Refund), ..window };
    assert_eq!(all(&client, refunds).await.len(), destinations);
}

/// Readers share the sandbox with what acts: each sees the resource before or after, never in between.
#[tokio::test(flavor = "multi_thread")]
async fn who_reads_while_others_act_sees_whole_acts() {
    let running = large().await;
    let control = running.sandbox.control();
    let uid = running.info(0).uid;
    let chosen: Vec<_> = running
        .books(0)
        .resources
        .into_iter()
        .filter(|one| {
            one.kind == Kind::Instance && control.console_amount(&uid, &one.id, Action::Unsubscribe, None).is_ok()
        })
        .take(6)
        .collect();
    assert_eq!(chosen.len(), 6);
    let client = running.client(0);
    let mut acting = Vec::new();
    for resource in chosen.clone() {
        let client = client.clone();
        acting.push(tokio::spawn(async move {
            client.refund_instance(&refund_request(&resource, &resource.id)).await.map(|reply| reply.data.order_id)
        }));
    }
    let mut reading = Vec::new();
    for _ in 0..10 {
        let (client, chosen) = (client.clone(), chosen.clone());
        reading.push(tokio::spawn(async move {
            let instances = common::instances(&client).await;
            let listed = common::orders(&client).await;
            for resource in chosen {
                // Read later, so what is gone from the first list has its refund order in the second.
                let is_gone = instances.iter().all(|row| row.instance_id != resource.id);
                let refunds = listed.iter().filter(|row| row.order_type == Some(OrderType::Refund));
                let mut has_refund = false;
                for refund in refunds.take(if is_gone { 40 } else { 0 }) {
                    let rows = detail(&client, &refund.order_id).await;
                    has_refund |= rows[0].instances() == Ok(vec![resource.id.clone()]);
                    if has_refund {
                        break;
                    }
                }
                assert!(has_refund == is_gone, "{}", resource.id);
            }
        }));
    }
    for act in acting {
        // Some products are refused by the API; nobody is refused for another reason than its own.
        if let Err(error) = act.await.expect("no panic") {
            assert_eq!(common::code(&error), "CommodityNotSupported");
        }
    }
    for read in reading {
        read.await.expect("no half act was seen");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_file_keeps_to_its_number_of_orders() {
    let path =
        std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("scale-{}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let kept = |orders| Config { state: Some(path.clone()), orders, ..config() };
    let running = Running::start_with(kept(Some(400))).await;
    running.sandbox.control().advance(TimeDelta::days(1)).expect("the clock");
    let before = running.sandbox.control().ledger();
    running.sandbox.stop().await;
    for orders in [None, Some(401)] {
        let clock = std::sync::Arc::new(common::TestClock::default());
        let Err(error) = bss_sandbox::start(kept(orders), clock, 0).await else { panic!("it started") };
        assert_eq!(error.code(), "state_mismatch");
    }
    let again = Running::start_with(kept(Some(400))).await;
    assert_eq!(again.sandbox.control().ledger(), before);
}

/// Two sandboxes of one seed, the same calls and acts by clocks that stand: the same answers to the byte, the ledger too.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_calls_have_the_same_answers_to_the_byte() {
    use common::knock::{Call, http};
    let bodies = async || {
        let running = Running::start_with(Config { orders: Some(600), ..config() }).await;
        let resource = running.find(0, |_, r| r.product == "nat_plan");
        running.sandbox.control().console_unsubscribe(&running.info(0).uid, &resource.id).expect("unsubscribed");
        let order = running.books(0).orders[9].order_id.clone();
        let http = http();
        let mut bodies = Vec::new();
        let calls: [(&str, Vec<(&str, &str)>); 7] = [
            ("QueryOrders", vec![("CreateTimeStart", "2020-01-01T00:00:00Z"), ("PageSize", "300")]),
            ("QueryOrders", vec![]),
            ("GetOrderDetail", vec![("OrderId", &order)]),
            ("QueryAvailableInstances", vec![("PageSize", "300")]),
            ("QueryResourcePackageInstances", vec![]),
            ("QueryAccountTransactions", vec![("CreateTimeStart", "2020-01-01T00:00:00Z"), ("PageSize", "300")]),
            ("QueryAccountBalance", vec![]),
        ];
        for (nth, (action, params)) in calls.into_iter().enumerate() {
            let params = params.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let call = Call { params, ..Call::new(action, &nth.to_string()) };
            let answer = call.request_by(&http, &running).send().await.expect("an answer");
            assert_eq!(answer.status(), 200, "{action}");
            bodies.push(answer.text().await.expect("a body"));
        }
        bodies.push(serde_json::to_string(&running.sandbox.control().ledger()).expect("a ledger"));
        bodies
    };
    assert_eq!(bodies().await, bodies().await);
}
