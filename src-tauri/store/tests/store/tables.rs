//! Every table: what goes in comes out, keys replace, lists are in the order they promise.

use chrono::{DateTime, Utc};
use desk_store::{
    ConnectionNote, ConnectionRow, Cursor, FROM_API, FactRow, Json, OrderHead, OrderPart, RefundFilter, RefundRow,
    RelationRow, RequestRow, ResourceRow, Secret, Store, StoreError, SyncRun, TransactionRow,
};
use tempfile::{TempDir, tempdir};

use crate::quotes::quote;
use crate::{amount, instant, past_the_store, sandbox};

pub fn home() -> (TempDir, Store) {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    (dir, store)
}

pub fn day(day: u32) -> DateTime<Utc> {
    instant(&format!("2026-11-{day:02}T00:00:00Z"))
}

pub fn json(text: &str) -> Json {
    Json::parse(text).unwrap()
}

fn connection(id: &str, name: &str) -> ConnectionRow {
    ConnectionRow {
        id: id.to_owned(),
        uid: format!("51234567890123{id}"),
        name: name.to_owned(),
        site: "international".to_owned(),
        currency: "USD".to_owned(),
        partner: true,
        endpoint: "http://127.0.0.1:1".to_owned(),
        key_id: "key id".to_owned(),
        key_secret: Secret::new("key secret"),
        sandbox: true,
        added_at: day(1),
        removed_at: None,
        way: "role".to_owned(),
        role_arn: Some("acs:ram::1:role/r".to_owned()),
        external_id: Some("external".to_owned()),
    }
}

fn note(customer: &str, topic: &str, seen: u32) -> ConnectionNote {
    ConnectionNote { customer: customer.to_owned(), topic: topic.to_owned(), at: day(seen), note: json("{}") }
}

fn relation(customer: &str, id: &str, started: u32) -> RelationRow {
    RelationRow {
        customer: customer.to_owned(),
        id: id.to_owned(),
        other: "5990000000009999".to_owned(),
        other_side: "MASTER".to_owned(),
        relation: "FinancialTrusteeship".to_owned(),
        state: "RELATED".to_owned(),
        started_at: Some(day(started)),
        ended_at: None,
        facts_at: day(20),
        raw: json("{}"),
    }
}

fn resource(customer: &str, id: &str, raw: &str) -> ResourceRow {
    ResourceRow {
        customer: customer.to_owned(),
        id: id.to_owned(),
        product: "ecs".to_owned(),
        product_type: String::new(),
        kind: if id.starts_with("plan") { "resource_plan" } else { "instance" }.to_owned(),
        region: "cn-hangzhou".to_owned(),
        billing: "Subscription".to_owned(),
        status: "Normal".to_owned(),
        renew_status: None,
        created_at: day(1),
        end_at: Some(day(30)),
        usage: None,
        raw: json(raw),
        facts_at: day(20),
        gone_at: None,
    }
}

fn order(id: &str, created: u32, settled: bool) -> OrderHead {
    OrderHead {
        customer: "c1".to_owned(),
        id: id.to_owned(),
        order_type: "New".to_owned(),
        payment_status: Some("Paid".to_owned()),
        created_at: day(created),
        paid_at: None,
        currency: "USD".to_owned(),
        product: "ecs".to_owned(),
        gross: amount("100.000000"),
        pretax: amount("90"),
        tax: amount("-0.10"),
        related_order: None,
        settled,
        facts_at: day(20),
        raw: json(r#"{ "PretaxAmount": 90.10 }"#),
        source: FROM_API.to_owned(),
    }
}

fn part(order_id: &str, sub_order: &str, instance: &str, start: Option<u32>) -> OrderPart {
    OrderPart {
        customer: "c1".to_owned(),
        order_id: order_id.to_owned(),
        sub_order: sub_order.to_owned(),
        instance: instance.to_owned(),
        part_type: "New".to_owned(),
        start_at: start.map(day),
        end_at: None,
        list: amount("10"),
        cash: amount("9.99"),
        coupon: amount("0.01"),
        tax: amount("0"),
        raw: json("{}"),
    }
}

fn transaction(number: &str, record: &str, at: u32) -> TransactionRow {
    TransactionRow {
        customer: "c1".to_owned(),
        number: number.to_owned(),
        record_id: record.to_owned(),
        txn_type: "Refund".to_owned(),
        flow: "Income".to_owned(),
        channel: "AccountBalance".to_owned(),
        fund_type: "Cash".to_owned(),
        amount: amount("12.30"),
        at: day(at),
        raw: json("{}"),
    }
}

pub fn refund(customer: &str, refund_order: &str, created: u32, currency: &str, sum: &str) -> RefundRow {
    RefundRow {
        customer: customer.to_owned(),
        refund_order: refund_order.to_owned(),
        resource: "i-1".to_owned(),
        product: "ecs".to_owned(),
        related: vec!["2001".to_owned(), "o_%2".to_owned()],
        currency: currency.to_owned(),
        amount: amount(sum),
        created_at: day(created),
        arrived: amount("0"),
        arrived_at: None,
        parts: json("[]"),
        request: None,
        also_answers: Vec::new(),
        predicted: None,
        reason: None,
    }
}

fn request(id: &str, state: &str, created: u32) -> RequestRow {
    RequestRow {
        id: id.to_owned(),
        customer: "c1".to_owned(),
        resource: "i-1".to_owned(),
        action: "unsubscribe".to_owned(),
        expires: None,
        state: state.to_owned(),
        channel: Some("api".to_owned()),
        currency: "USD".to_owned(),
        predicted: amount("12.30"),
        predicted_max: amount("12.30"),
        actual: None,
        arrived: amount("0.00"),
        reason: Some("no longer needed".to_owned()),
        refund_order: None,
        token: Some("token".to_owned()),
        quote_sha256: Some("ab".repeat(32)),
        quote: Some(json("{}")),
        arrives_by: Some("2026-11-27".to_owned()),
        problem: None,
        params: Some(json(r#"{"InstanceId":"i-1"}"#)),
        created_at: day(created),
        updated_at: day(created),
        entry_seq: 1,
    }
}

#[test]
fn connections_hide_their_secret_and_lose_it_when_removed() {
    let (_dir, store) = home();
    let (b, a) = (connection("c1", "B"), connection("c2", "A"));
    assert!(!format!("{a:?}").contains("key secret"));
    let rows = [b.clone(), a.clone()];
    store.write(move |tx| rows.iter().try_for_each(|row| tx.connections().put(row))).unwrap();
    assert_eq!(store.read(|r| r.connections().list()).unwrap(), [a.clone(), b.clone()]);
    assert_eq!(store.read(|r| r.connections().by_uid(&b.uid)).unwrap(), Some(b.clone()));

    assert!(store.write(|tx| tx.connections().remove("c1", day(9))).unwrap());
    assert!(!store.write(|tx| tx.connections().remove("c1", day(10))).unwrap());
    assert_eq!(store.read(|r| r.connections().list()).unwrap(), [a]);
    assert_eq!(store.read(|r| r.connections().by_uid(&b.uid)).unwrap(), None);
    let removed = store.read(|r| r.connections().get("c1")).unwrap().unwrap();
    let blank = ConnectionRow {
        name: String::new(),
        key_id: String::new(),
        key_secret: Secret::new(""),
        removed_at: Some(day(9)),
        role_arn: None,
        external_id: None,
        ..b
    };
    assert_eq!(removed, blank);
}

#[test]
fn relations_are_what_the_cloud_listed_last() {
    let (_dir, store) = home();
    store
        .write(|tx| {
            tx.relations().replace("c1", &[relation("c1", "1", 3), relation("c1", "2", 2)])?;
            tx.relations().replace("c2", &[relation("c2", "1", 1)])
        })
        .unwrap();
    let list = |customer: &'static str| store.read(|r| r.relations().of_customer(customer)).unwrap();
    assert_eq!(list("c1"), [relation("c1", "2", 2), relation("c1", "1", 3)]);
    store.write(|tx| tx.relations().replace("c1", &[relation("c1", "3", 1)])).unwrap();
    assert_eq!(list("c1"), [relation("c1", "3", 1)]);
    assert_eq!(list("c2"), [relation("c2", "1", 1)]);
}

#[test]
fn a_note_is_the_newest_of_its_topic() {
    let (_dir, store) = home();
    store
        .write(|tx| {
            tx.connection_notes().put(&note("c1", "b", 1))?;
            tx.connection_notes().put(&note("c1", "a", 1))?;
            tx.connection_notes().put(&note("c2", "a", 1))?;
            tx.connection_notes().put(&note("c1", "b", 2))
        })
        .unwrap();
    let list = |customer: &'static str| store.read(|r| r.connection_notes().of_customer(customer)).unwrap();
    assert_eq!(list("c1"), [note("c1", "a", 1), note("c1", "b", 2)]);
    store.write(|tx| tx.connection_notes().delete("c1", "a")).unwrap();
    assert_eq!((list("c1"), list("c2")), (vec![note("c1", "b", 2)], vec![note("c2", "a", 1)]));
}

#[test]
fn settings_are_kept_replaced_and_deleted() {
    let (_dir, store) = home();
    store.write(|tx| tx.settings().set("b", "1").and_then(|()| tx.settings().set("a", "2"))).unwrap();
    store.write(|tx| tx.settings().set("b", "3")).unwrap();
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(store.read(|r| r.settings().list()).unwrap(), [pair("a", "2"), pair("b", "3")]);
    store.write(|tx| tx.settings().delete("b")).unwrap();
    assert_eq!(store.read(|r| r.settings().get("b")).unwrap(), None);
}

#[test]
fn a_pass_over_resources_tells_new_changed_and_gone_ones() {
    let (_dir, store) = home();
    let pass = |rows: Vec<ResourceRow>, pass: i64| {
        let upserted = store.write(move |tx| tx.resources().upsert_page(&rows, pass)).unwrap();
        let gone = store.write(move |tx| tx.resources().mark_gone("c1", "instance", pass, day(21))).unwrap();
        (upserted.new, upserted.changed, gone)
    };
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let elsewhere = resource("c2", "i-9", "{}");
    store.write(move |tx| tx.resources().upsert_page(&[elsewhere], 1)).unwrap();

    let first = vec![resource("c1", "i-1", "{}"), resource("c1", "i-2", "{}"), resource("c1", "plan-1", "{}")];
    assert_eq!(pass(first, 1), (ids(&["i-1", "i-2", "plan-1"]), ids(&[]), ids(&[])));
    let second = vec![resource("c1", "i-1", "{}"), resource("c1", "i-3", "{}")];
    assert_eq!(pass(second, 2), (ids(&["i-3"]), ids(&[]), ids(&["i-2"])));
    let third = vec![resource("c1", "i-1", r#"{"Status":"x"}"#), resource("c1", "i-2", "{}")];
    assert_eq!(pass(third, 3), (ids(&["i-2"]), ids(&["i-1"]), ids(&["i-3"])));

    let listed = |rows: Vec<ResourceRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(listed(store.read(|r| r.resources().list("c1")).unwrap()), ["i-1", "i-2", "plan-1"]);
    assert_eq!(listed(store.read(|r| r.resources().list_with_gone("c1")).unwrap()), ["i-1", "i-2", "i-3", "plan-1"]);
    let gone = store.read(|r| r.resources().get("c1", "i-3")).unwrap().unwrap();
    assert_eq!(gone, ResourceRow { gone_at: Some(day(21)), ..resource("c1", "i-3", "{}") });
    let counts = store.read(|r| r.resources().count_by_customer()).unwrap();
    assert_eq!((counts["c1"], counts["c2"], counts.len()), (3, 1, 2));
}

#[test]
fn orders_and_their_parts() {
    let (_dir, store) = home();
    store
        .write(|tx| tx.orders().upsert_page(&[order("3", 3, true), order("1", 1, false), order("2", 2, true)]))
        .unwrap();
    store.write(|tx| tx.orders().put(&order("3", 3, false))).unwrap();
    let ids = |rows: Vec<OrderHead>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(store.read(|r| r.orders().list("c1")).unwrap()), ["1", "2", "3"]);
    assert_eq!(ids(store.read(|r| r.orders().unsettled("c1")).unwrap()), ["1", "3"]);
    // Amounts keep their scale, and the cloud's row its own text.
    assert_eq!(store.read(|r| r.orders().get("c1", "2")).unwrap(), Some(order("2", 2, true)));
    assert_eq!(store.read(|r| r.orders().get("c1", "2")).unwrap().unwrap().gross.to_string(), "100.000000");

    let parts = [part("1", "1-1", "i-1", Some(5)), part("1", "1-2", "i-2", Some(5)), part("1", "1-1", "i-3", None)];
    store.write(move |tx| tx.order_parts().replace_for_order("c1", "1", &parts)).unwrap();
    store.write(|tx| tx.order_parts().replace_for_order("c1", "2", &[part("2", "2-1", "i-1", Some(2))])).unwrap();
    assert_eq!(
        store.read(|r| r.order_parts().of_instance("c1", "i-1")).unwrap(),
        [part("2", "2-1", "i-1", Some(2)), part("1", "1-1", "i-1", Some(5))]
    );
    assert_eq!(ids(store.read(|r| r.orders().of_instance("c1", "i-1")).unwrap()), ["1", "2"]);
    assert_eq!(store.read(|r| r.order_parts().of_order("c1", "1")).unwrap().len(), 3);

    store.write(|tx| tx.order_parts().replace_for_order("c1", "1", &[part("1", "1-9", "i-2", None)])).unwrap();
    assert_eq!(store.read(|r| r.order_parts().of_order("c1", "1")).unwrap(), [part("1", "1-9", "i-2", None)]);
    assert_eq!(ids(store.read(|r| r.orders().of_instance("c1", "i-1")).unwrap()), ["2"]);
    assert_eq!(store.read(|r| r.order_parts().of_customer("c1")).unwrap().len(), 2);

    let stray =
        store.write(|tx| tx.order_parts().replace_for_order("c1", "1", &[part("2", "2-1", "i-1", None)])).unwrap_err();
    assert_eq!(stray.code(), "value_refused");
    assert_eq!(store.read(|r| r.order_parts().of_order("c1", "1")).unwrap().len(), 1, "nothing was deleted");
}

#[test]
fn transactions_by_record_and_time() {
    let (_dir, store) = home();
    let rows = [transaction("t2", "r1", 2), transaction("t1", "r1", 1), transaction("t3", "r2", 3)];
    store.write(move |tx| tx.transactions().upsert_page(&rows)).unwrap();
    store.write(|tx| tx.transactions().upsert_page(&[transaction("t3", "r2", 3)])).unwrap();
    let numbers = |rows: Vec<TransactionRow>| rows.into_iter().map(|row| row.number).collect::<Vec<_>>();
    assert_eq!(numbers(store.read(|r| r.transactions().of_record("c1", "r1")).unwrap()), ["t1", "t2"]);
    assert_eq!(numbers(store.read(|r| r.transactions().between("c1", day(2), day(3))).unwrap()), ["t2"]);
    assert_eq!(numbers(store.read(|r| r.transactions().between("c1", day(1), day(4))).unwrap()), ["t1", "t2", "t3"]);
    assert_eq!(store.read(|r| r.transactions().get("c1", "t2")).unwrap(), Some(transaction("t2", "r1", 2)));
}

#[test]
fn the_history_filters_counts_and_sums_exactly() {
    let (_dir, store) = home();
    let rows = [
        refund("c1", "9001", 1, "USD", "0.10"),
        refund("c1", "9002", 2, "USD", "0.20"),
        refund("c2", "9003", 3, "CNY", "1000000000000000.01"),
        refund("c1", "9004", 3, "USD", "0.000001"),
    ];
    store.write(move |tx| rows.iter().try_for_each(|row| tx.refunds().put(row))).unwrap();
    let check = |filter: RefundFilter, offset: u32, limit: u32, orders: &[&str], total: u32, sums: &[(&str, &str)]| {
        let page = store.read(|r| r.refunds().page(&filter, offset, limit)).unwrap();
        let found: Vec<&str> = page.rows.iter().map(|row| row.refund_order.as_str()).collect();
        let totals: Vec<(&str, String)> =
            page.totals.iter().map(|sum| (sum.currency.as_str(), sum.amount.to_string())).collect();
        let sums: Vec<(&str, String)> = sums.iter().map(|(currency, sum)| (*currency, (*sum).to_owned())).collect();
        assert_eq!((found.as_slice(), page.total, totals), (orders, total, sums), "{filter:?}");
    };
    let all = RefundFilter::default;
    let text = |text: &str| RefundFilter { text: text.to_owned(), ..all() };
    let everything = [("CNY", "1000000000000000.01"), ("USD", "0.300001")];
    check(all(), 0, 10, &["9004", "9003", "9002", "9001"], 4, &everything);
    check(all(), 1, 2, &["9003", "9002"], 4, &everything);
    check(all(), 9, 2, &[], 4, &everything);
    check(
        RefundFilter { customer: Some("c1".to_owned()), ..all() },
        0,
        10,
        &["9004", "9002", "9001"],
        3,
        &everything[1..],
    );
    check(
        RefundFilter { created_from: Some(day(2)), created_until: Some(day(3)), ..all() },
        0,
        10,
        &["9002"],
        1,
        &[("USD", "0.20")],
    );
    check(text("003"), 0, 10, &["9003"], 1, &everything[..1]);
    check(text("I-1"), 0, 10, &["9004", "9003", "9002", "9001"], 4, &everything);
    check(text("o_%2"), 0, 1, &["9004"], 4, &everything);
    check(text("o%2"), 0, 10, &[], 0, &[]);
    check(text("2001\",\"o"), 0, 10, &[], 0, &[]);
    check(RefundFilter { customer: Some("c1".to_owned()), ..text("9003") }, 0, 10, &[], 0, &[]);

    let arrived =
        RefundRow { arrived: amount("0.10"), arrived_at: Some(day(9)), ..refund("c1", "9001", 1, "USD", "0.10") };
    let put = arrived.clone();
    store.write(move |tx| tx.refunds().put(&put)).unwrap();
    assert_eq!(store.read(|r| r.refunds().get("c1", "9001")).unwrap(), Some(arrived));
    let orders = |rows: Vec<RefundRow>| rows.into_iter().map(|row| row.refund_order).collect::<Vec<_>>();
    assert_eq!(orders(store.read(|r| r.refunds().awaited("c1")).unwrap()), ["9002", "9004"]);
    assert_eq!(orders(store.read(|r| r.refunds().list("c1")).unwrap()), ["9004", "9002", "9001"]);
}

#[test]
fn the_newest_answer_to_a_question_stands() {
    let (_dir, store) = home();
    let fact = |scope: &str, path: &str, value: &str, entry_seq: i64| FactRow {
        customer: "c1".to_owned(),
        scope: scope.to_owned(),
        path: path.to_owned(),
        value: json(value),
        entered_at: day(1),
        source: "invoice".to_owned(),
        entry_seq,
    };
    let rows = [
        fact("order:1", "invoiced", "true", 1),
        fact("customer", "membership", "[]", 2),
        fact("order:1", "invoiced", "false", 3),
    ];
    store.write(move |tx| rows.iter().try_for_each(|row| tx.facts().put(row))).unwrap();
    assert_eq!(store.read(|r| r.facts().of_scope("c1", "order:1")).unwrap(), [fact("order:1", "invoiced", "false", 3)]);
    assert_eq!(store.read(|r| r.facts().of_customer("c1")).unwrap().len(), 2);
    store.write(|tx| tx.facts().delete("c1", "order:1", "invoiced")).unwrap();
    assert_eq!(store.read(|r| r.facts().of_customer("c1")).unwrap(), [fact("customer", "membership", "[]", 2)]);
}

#[test]
fn requests_are_open_until_a_final_state() {
    let (_dir, store) = home();
    let states = [
        "reviewed",
        "confirmed",
        "sending",
        "accepted",
        "handed_over",
        "reported",
        "observed",
        "part_refunded",
        "unknown",
        "returned_to_review",
        "overdue",
        "refunded",
        "rejected",
        "expired",
        "withdrawn",
        "closed",
    ];
    store
        .write(move |tx| {
            for (created, state) in (1..).zip(states) {
                tx.requests().put(&request(state, state, created))?;
            }
            tx.requests()
                .put(&RequestRow { refund_order: Some("9001".to_owned()), ..request("refunded", "refunded", 12) })
        })
        .unwrap();
    let ids = |rows: Vec<RequestRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    let newest_first = |states: &[&str]| states.iter().rev().map(|state| (*state).to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(store.read(|r| r.requests().list_open()).unwrap()), newest_first(&states[..11]));
    assert_eq!(ids(store.read(|r| r.requests().list()).unwrap()), newest_first(&states));
    assert_eq!(ids(store.read(|r| r.requests().of_customer("c1")).unwrap()), newest_first(&states));
    assert_eq!(ids(store.read(|r| r.requests().of_resource("c1", "i-1")).unwrap()), newest_first(&states));
    assert_eq!(ids(store.read(|r| r.requests().of_resource("c1", "i-2")).unwrap()), [""; 0]);
    assert_eq!(store.read(|r| r.requests().open_of_resource("c1", "i-1")).unwrap().unwrap().id, "overdue");
    assert_eq!(store.read(|r| r.requests().by_refund_order("c1", "9001")).unwrap().unwrap().id, "refunded");
    assert_eq!(store.read(|r| r.requests().get("reviewed")).unwrap(), Some(request("reviewed", "reviewed", 1)));
}

#[test]
fn syncs_and_cursors_are_kept_per_customer() {
    let (_dir, store) = home();
    let run = SyncRun {
        customer: "c1".to_owned(),
        started_at: day(1),
        finished_at: Some(day(2)),
        completed_at: None,
        calls: 12,
        error: Some(json(r#"{"code":"offline"}"#)),
    };
    let cursor = |phase: &str, next_page: u32, done: bool| Cursor {
        customer: "c1".to_owned(),
        phase: phase.to_owned(),
        window_from: None,
        window_to: Some(day(3)),
        next_page,
        done,
        pass: 2,
        range_from: None,
        range_to: None,
        skip_from: None,
        skip_to: None,
    };
    let put = run.clone();
    let cursors = [cursor("orders", 1, false), cursor("instances", 4, true), cursor("orders", 2, false)];
    store
        .write(move |tx| {
            tx.sync_runs().put(&put).and_then(|()| cursors.iter().try_for_each(|row| tx.cursors().put(row)))
        })
        .unwrap();
    assert_eq!(store.read(|r| r.sync_runs().by_customer()).unwrap()["c1"], run);
    assert_eq!(
        store.read(|r| r.cursors().of_customer("c1")).unwrap(),
        [cursor("instances", 4, true), cursor("orders", 2, false)]
    );
    store.write(|tx| tx.cursors().clear("c1")).unwrap();
    assert_eq!(store.read(|r| r.cursors().of_customer("c1")).unwrap(), []);
}

#[test]
fn removing_a_customer_empties_every_table_with_customers() {
    let (dir, store) = home();
    store
        .write(|tx| {
            for customer in ["c1", "c2"] {
                let of = |row: &mut String| customer.clone_into(row);
                tx.resources().upsert_page(&[resource(customer, "i-1", "{}")], 1)?;
                let (mut order, mut part, mut transaction) =
                    (order("1", 1, true), part("1", "1", "i-1", None), transaction("t", "r", 1));
                of(&mut order.customer);
                of(&mut part.customer);
                of(&mut transaction.customer);
                tx.orders().put(&order)?;
                tx.order_parts().replace_for_order(customer, "1", &[part])?;
                tx.transactions().upsert_page(&[transaction])?;
                tx.refunds().put(&refund(customer, "9001", 1, "USD", "1"))?;
                let mut request = request(customer, "reviewed", 1);
                of(&mut request.customer);
                tx.requests().put(&request)?;
                tx.batches().put(&crate::batches::batch(customer, &format!("b-{customer}"), 1))?;
                let quote = quote(customer, "i-1");
                tx.quotes().put(&quote)?;
                tx.relations().replace(customer, &[relation(customer, "1", 1)])?;
                tx.connection_notes().put(&note(customer, "relations", 1))?;
                crate::imports::mark(tx, customer)?;
                let customer = customer.to_owned();
                tx.facts().put(&FactRow {
                    customer: customer.clone(),
                    scope: "customer".to_owned(),
                    path: "p".to_owned(),
                    value: json("1"),
                    entered_at: day(1),
                    source: String::new(),
                    entry_seq: 1,
                })?;
                tx.sync_runs().put(&SyncRun {
                    customer: customer.clone(),
                    started_at: day(1),
                    finished_at: None,
                    completed_at: None,
                    calls: 0,
                    error: None,
                })?;
                tx.cursors().put(&Cursor {
                    customer,
                    phase: "p".to_owned(),
                    window_from: None,
                    window_to: None,
                    next_page: 1,
                    done: false,
                    pass: 1,
                    range_from: None,
                    range_to: None,
                    skip_from: None,
                    skip_to: None,
                })?;
            }
            tx.purge_customer("c1")
        })
        .unwrap();
    let conn = past_the_store(dir.path(), "cache.db");
    let tables: Vec<String> = conn
        .prepare("SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c ON c.name = 'customer' WHERE m.type = 'table'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(tables.len(), 15, "{tables:?}");
    for table in tables {
        let left: Vec<String> = conn
            .prepare(&format!("SELECT customer FROM {table}"))
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(left, ["c2"], "{table}");
    }
}

#[test]
fn an_unreadable_value_is_told_with_its_table() {
    let (dir, store) = home();
    store.write(|tx| tx.orders().put(&order("1", 1, true))).unwrap();
    let conn = past_the_store(dir.path(), "cache.db");
    conn.execute("UPDATE order_head SET gross = '1,5'", []).unwrap();
    let error: StoreError = store.read(|r| r.orders().list("c1")).unwrap_err();
    assert_eq!((error.code(), error.place().as_deref()), ("value_unreadable", Some("cache.db, table order_head")));
}
