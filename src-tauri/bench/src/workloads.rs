//! The cases that are timed, and the same facts as the yardstick needs them.

use refund_rules::{Case, Policies, parse_case, quote};
use serde_json::{Value, json};

/// A case and what the yardstick is told about it.
pub struct Workload {
    pub name: &'static str,
    pub case: Case,
    /// How many changes the quote tells for the time ahead.
    pub changes_ahead: usize,
    pub facts: Value,
}

/// Every workload, each asked about a running ECS instance of the international site.
pub fn all() -> Vec<Workload> {
    vec![
        workload("one order of a month", "2026-01-11T02:00:00Z", 10, 230, &[month("new", 0)]),
        workload("one order of a year", "2026-05-20T02:00:00Z", 139, 3334, &[year("new")]),
        workload("three orders of a month", "2026-01-11T02:00:00Z", 10, 230, &months(3)),
        workload("six orders of a month", "2026-01-11T02:00:00Z", 10, 230, &months(6)),
        workload("six orders, up to a year", "2026-05-20T02:00:00Z", 139, 3334, &year_and_renewals()),
    ]
}

/// The case of one order of a year, as one line of JSON, asked on a day of its own.
pub fn line(number: usize) -> String {
    let day = number % 364;
    let mut document = document("2026-01-01T06:00:00Z", &[year("new")]);
    let asked = date_of(day);
    document["ask"]["at"] = json!(format!("{asked}T06:00:00Z"));
    document["resource"]["id"] = json!(format!("i-{number:05}"));
    document.to_string()
}

/// The date so many days after 1 January 2026.
fn date_of(day: usize) -> String {
    const MONTHS: [usize; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut left = day;
    for (month, days) in MONTHS.iter().enumerate() {
        if left < *days {
            return format!("2026-{:02}-{:02}", month + 1, left + 1);
        }
        left -= days;
    }
    unreachable!("the day is one of 2026")
}

fn workload(name: &'static str, asked: &str, used_days: u32, hours: u32, orders: &[Value]) -> Workload {
    let case = parse_case(&document(asked, orders).to_string()).expect("the cases are written to the format");
    let quoted = quote(&case, Policies::built_in()).expect("the cases are inside their bounds");
    assert!(quoted.eligible && quoted.lines.len() == orders.len(), "a workload gives a refund for each of its orders");
    let facts = json!({
        "action": "unsubscribe", "product": "ecs", "kind": "instance", "status": "normal", "variant": "none",
        "used_days": used_days, "hours_since_payment": hours, "quota_used": 0, "all_pending": false,
    });
    let changes_ahead = quoted.next_changes.len();
    Workload { name, case, changes_ahead, facts }
}

fn document(asked: &str, orders: &[Value]) -> Value {
    json!({
        "customer": { "uid": "5123456789012345", "site": "international", "currency": "USD" },
        "resource": {
            "id": "i-1", "product": "ecs", "kind": "instance", "billing": "subscription", "status": "normal",
            "renew_status": "manual",
        },
        "orders": orders,
        "ask": { "at": asked, "action": "unsubscribe" },
    })
}

/// A year, with a discount table and two payments, as in the case format's own example.
fn year(order_type: &str) -> Value {
    json!({
        "id": "210000000000001", "type": order_type, "status": "paid", "currency": "USD",
        "created_at": "2026-01-01T04:00:00Z", "paid_at": "2026-01-01T04:00:00Z",
        "start": "2026-01-01T04:00:00Z", "end": "2027-01-01T16:00:00Z", "list": "1200.00", "cash": "1020.00",
        "payments": [{ "method": "bank_card", "amount": "1000.00" }, { "method": "balance", "amount": "20.00" }],
        "discounts": [{ "from_day": 180, "factor": "0.9" }, { "from_day": 365, "factor": "0.85" }],
    })
}

/// The first month, or one of the renewals after it, all paid on the first day.
fn month(order_type: &str, number: usize) -> Value {
    json!({
        "id": format!("22000000000000{number}"), "type": order_type, "status": "paid", "currency": "USD",
        "created_at": "2026-01-01T04:00:00Z", "paid_at": "2026-01-01T04:00:00Z",
        "start": format!("2026-{:02}-01T04:00:00Z", number + 1), "end": format!("2026-{:02}-01T04:00:00Z", number + 2),
        "list": "100.00", "cash": "95.00", "payments": [{ "method": "bank_card", "amount": "95.00" }], "discounts": [],
    })
}

fn months(orders: usize) -> Vec<Value> {
    (0..orders).map(|number| month(if number == 0 { "new" } else { "renew" }, number)).collect()
}

/// A year, an upgrade within it, and four renewals of a month that follow.
fn year_and_renewals() -> Vec<Value> {
    let upgrade = json!({
        "id": "230000000000001", "type": "upgrade", "status": "paid", "currency": "USD",
        "created_at": "2026-03-01T09:00:00Z", "paid_at": "2026-03-01T09:00:00Z",
        "start": "2026-03-01T09:00:00Z", "end": "2027-01-01T16:00:00Z", "list": "1500.00", "cash": "400.00",
        "daily_before": "3.287671", "daily_after": "4.931507",
        "payments": [{ "method": "paypal", "amount": "400.00" }], "discounts": [],
    });
    let renewal = |number: usize| {
        let mut order = month("renew", number);
        order["start"] = json!(format!("2027-{:02}-01T16:00:00Z", number + 1));
        order["end"] = json!(format!("2027-{:02}-01T16:00:00Z", number + 2));
        order["paid_at"] = json!("2026-05-01T09:00:00Z");
        order["created_at"] = json!("2026-05-01T09:00:00Z");
        order
    };
    [year("new"), upgrade].into_iter().chain((0..4).map(renewal)).collect()
}
