//! From the wire to the facts (refund-rules section 16), seen through the quotes made of them.

use chrono::TimeDelta;
use desk::views::FactAnswer;
use rust_decimal::Decimal;

use crate::support::cloud::{Account, Order, arrival, instance, payment};
use crate::support::{Told, d};

const START: &str = "2026-06-01T00:00:00Z";
const END: &str = "2027-06-01T00:00:00Z";
const RENEWED: &str = "2027-12-01T00:00:00Z";

fn blockers(told: &Told, resource: &str) -> Vec<String> {
    told.quote(resource).quote.blockers.iter().map(|blocker| blocker.code.to_string()).collect()
}

fn purchase(id: &'static str, resource: &'static str) -> Order {
    Order::new(id, "New", START).part(&[resource], START, END, "1200.00")
}

/// Three servers in one sub-order. List 200.00, payable 110.00, of which a coupon paid 10.00:
///
/// ```text
///          list     cash    coupon
/// i-1     66.67    33.34      3.34    the remainder goes to the first ids, in order
/// i-2     66.67    33.33      3.33
/// i-3     66.66    33.33      3.33
/// total  200.00   100.00     10.00
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_several_instances_is_split_to_the_cent() {
    let ids = ["i-1", "i-2", "i-3"];
    let told = Told::of(Account {
        instances: ids.map(|id| instance(id, START, END)).to_vec(),
        orders: vec![Order::new("11", "New", START).discounted(&ids, START, END, "200.00", "110.00", "10.00")],
        ..Account::default()
    })
    .await;
    for (id, list, cash, coupon) in
        [("i-1", "66.67", "33.34", "3.34"), ("i-2", "66.67", "33.33", "3.33"), ("i-3", "66.66", "33.33", "3.33")]
    {
        let orders = told.quote(id).orders;
        assert_eq!(orders.len(), 1, "{id}");
        assert_eq!((orders[0].list, orders[0].cash, orders[0].coupon), (d(list), d(cash), d(coupon)), "{id}");
        assert_eq!(blockers(&told, id), Vec::<String>::new(), "{id}");
    }
}

/// One order with a sub-order for the server and one for its disks, both of one instance: two lines that can be told apart.
#[tokio::test(flavor = "multi_thread")]
async fn sub_orders_of_one_instance_are_orders_of_their_own() {
    let told = Told::of(Account {
        instances: vec![instance("i-1", START, END)],
        orders: vec![Order::new("11", "New", START).part(&["i-1"], START, END, "1200.00").part(
            &["i-1"],
            START,
            END,
            "365.00",
        )],
        ..Account::default()
    })
    .await;
    let quote = told.quote("i-1").quote;
    let lines: Vec<_> = quote.lines.iter().map(|line| (line.order.as_str(), line.refund)).collect();
    // 173 of 365 days: 1,200.00 - 568.767.. = 631.23; 365.00 - 173.00 = 192.00
    assert_eq!(lines, [("11/110", d("631.23")), ("11/111", d("192.00"))]);
}

/// What the movements of money say of how the order of 1,200.00 was paid.
#[tokio::test(flavor = "multi_thread")]
async fn payments_are_known_only_when_they_add_up() {
    let card = |amount: &str| payment("t1", "11", "CreditCard", amount, START);
    let balance = |amount: &str| payment("t2", "11", "AccountBalance", amount, START);
    // Back come 631.23: by halves 315.62 (rounded up) and the rest, 315.61. The card's 150 days from June 1 are over.
    for (case, transactions, expected) in [
        ("all from the balance", vec![balance("1200.00")], vec![("balance", "631.23")]),
        ("nothing is known", vec![], vec![("unknown", "631.23")]),
        ("a payment is missing", vec![card("600.00")], vec![("unknown", "631.23")]),
        ("more than was asked", vec![card("600.00"), balance("600.01")], vec![("unknown", "631.23")]),
        (
            "of another order",
            vec![payment("t1", "12", "AccountBalance", "1200.00", START)],
            vec![("unknown", "631.23")],
        ),
        ("an income", vec![arrival("t1", "11", "AccountBalance", "1200.00", START)], vec![("unknown", "631.23")]),
    ] {
        let told = Told::of(Account {
            instances: vec![instance("i-1", START, END)],
            orders: vec![purchase("11", "i-1")],
            transactions,
            ..Account::default()
        })
        .await;
        let quote = told.quote("i-1").quote;
        assert_eq!(quote.refund, d("631.23"), "{case}");
        let to: Vec<_> = quote.destinations.iter().map(|part| (part.to.as_str(), part.amount)).collect();
        let expected: Vec<_> = expected.into_iter().map(|(to, amount)| (to, d(amount))).collect();
        assert_eq!(to, expected, "{case}");
        assert_eq!(
            quote.unknowns.iter().any(|path| path == "orders[0].payments"),
            to[0].0 == "unknown",
            "{case}: {:?}",
            quote.unknowns
        );
    }
}

/// The card within its 150 days, the rest from the balance; two servers of one order share the payments.
///
/// ```text
/// order 11, 2026-10-01 .. 2027-10-01   two servers, 730.00 each: 1,460.00 = 1,095.00 by card + 365.00 from the balance
/// each    730.00: card 547.50, balance 182.50
///         51 of 365 days used: 730.00 - 102.00 = 628.00; of it 547.50 / 730.00 by card = 471.00, the rest 157.00
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn two_payments_are_shared_by_the_parts_of_their_order() {
    let (start, end) = ("2026-10-01T00:00:00Z", "2027-10-01T00:00:00Z");
    let told = Told::of(Account {
        instances: ["i-1", "i-2"].map(|id| instance(id, start, end)).to_vec(),
        orders: vec![Order::new("11", "New", start).part(&["i-1", "i-2"], start, end, "1460.00")],
        transactions: vec![
            payment("t1", "11", "CreditCard", "1095.00", start),
            payment("t2", "11", "AccountBalance", "365.00", start),
        ],
        ..Account::default()
    })
    .await;
    for id in ["i-1", "i-2"] {
        let quote = told.quote(id).quote;
        assert_eq!(quote.refund, d("628.00"), "{id}");
        let mut to: Vec<(&str, Decimal)> =
            quote.destinations.iter().map(|part| (part.to.as_str(), part.amount)).collect();
        to.sort();
        assert_eq!(to, [("balance", d("157.00")), ("bank_card", d("471.00"))], "{id}");
    }
}

/// What came back already: the renewal of i-1, and i-2 of an order that i-3 shares.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_refunded_does_not_count_again() {
    for (case, named) in [("the refund names its instance", true), ("the refund names none", false)] {
        let instances: &[&'static str] = if named { &["i-1"] } else { &[] };
        let told = Told::of(Account {
            // Its renewal came back, so the cloud says that it ends with the purchase.
            instances: vec![instance("i-1", START, END)],
            orders: vec![
                purchase("11", "i-1"),
                Order::new("12", "Renew", "2026-10-01T00:00:00Z").part(&["i-1"], END, RENEWED, "600.00"),
                Order::refund("21", "12", instances, "600.00", "2026-11-01T00:00:00Z"),
            ],
            ..Account::default()
        })
        .await;
        let view = told.quote("i-1");
        let orders: Vec<_> = view.orders.iter().map(|order| (order.order.as_str(), order.status.as_str())).collect();
        assert_eq!(orders, [("11", "paid"), ("12", "refunded")], "{case}");
        assert_eq!((view.quote.refund, blockers(&told, "i-1")), (d("631.23"), vec![]), "{case}");
        assert_eq!(told.desk().renewals(None).unwrap(), [], "{case}");
    }
    let told = Told::of(Account {
        instances: vec![instance("i-3", START, END)],
        orders: vec![
            Order::new("11", "New", START).part(&["i-2", "i-3"], START, END, "2400.00"),
            Order::refund("21", "11", &["i-2"], "900.00", "2026-11-01T00:00:00Z"),
        ],
        ..Account::default()
    })
    .await;
    let view = told.quote("i-3");
    assert_eq!(
        (view.orders[0].status.as_str(), view.quote.refund),
        ("paid", d("631.23")),
        "its sibling's refund is not its own"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_with_a_hole_is_not_complete() {
    let renewal = || Order::new("12", "Renew", "2026-10-01T00:00:00Z").part(&["i-1"], END, RENEWED, "600.00");
    for (case, ends, orders, expected) in [
        ("whole", RENEWED, vec![purchase("11", "i-1"), renewal()], vec![]),
        ("no purchase", RENEWED, vec![renewal()], vec!["chain_incomplete"]),
        ("no renewal", RENEWED, vec![purchase("11", "i-1")], vec!["chain_incomplete"]),
        (
            "an unpaid renewal covers nothing",
            RENEWED,
            vec![purchase("11", "i-1"), renewal().unpaid()],
            vec!["unpaid_order", "chain_incomplete"],
        ),
        (
            "a hole of a day",
            RENEWED,
            vec![
                purchase("11", "i-1"),
                Order::new("12", "Renew", "2026-10-01T00:00:00Z").part(
                    &["i-1"],
                    "2027-06-02T00:00:00Z",
                    RENEWED,
                    "600.00",
                ),
            ],
            vec!["chain_incomplete"],
        ),
    ] {
        let told =
            Told::of(Account { instances: vec![instance("i-1", START, ends)], orders, ..Account::default() }).await;
        let mut found = blockers(&told, "i-1");
        found.sort();
        let mut expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        expected.sort();
        assert_eq!(found, expected, "{case}");
        let row = told.resources().remove(0);
        assert_eq!(
            row.refund.unwrap_or_default().is_zero(),
            !found.is_empty(),
            "{case}: no amount is shown as certain"
        );
    }
}

/// A resource older than every order that the cloud lists.
#[tokio::test(flavor = "multi_thread")]
async fn a_resource_without_orders_is_listed_with_its_problem() {
    let told = Told::of(Account { instances: vec![instance("i-1", START, END)], ..Account::default() }).await;
    let row = told.resources().remove(0);
    assert_eq!((row.refund, row.problem.unwrap().code), (None, "orders_unknown".to_owned()));
    for error in
        [told.desk().quote(told.uid(), "i-1", None).unwrap_err(), told.desk().review(&told.ask("i-1")).unwrap_err()]
    {
        assert_eq!((error.code(), error.place()), ("orders_unknown", Some("orders")));
    }
    assert_eq!(told.desk().renewals(None).unwrap(), []);
}

/// A week for nothing after an outage: it covers the chain, gives nothing, and is offered as a renewal that can fall.
#[tokio::test(flavor = "multi_thread")]
async fn a_compensation_covers_and_gives_nothing() {
    let told = Told::of(Account {
        instances: vec![instance("i-1", START, "2027-06-08T00:00:00Z")],
        orders: vec![
            purchase("11", "i-1"),
            Order::new("12", "CompensatoryRenew", "2026-10-01T00:00:00Z").discounted(
                &["i-1"],
                END,
                "2027-06-08T00:00:00Z",
                "0.00",
                "0.00",
                "0",
            ),
        ],
        ..Account::default()
    })
    .await;
    let view = told.quote("i-1");
    assert_eq!((view.quote.refund, blockers(&told, "i-1")), (d("631.23"), vec![]));
    let stack = told.desk().renewals(None).unwrap().remove(0);
    assert!(stack.pending[0].compensatory);
    assert_eq!(stack.pending[0].cash, Decimal::ZERO);
}

/// Entered facts stand in the journal: they outlive the cache, and go with the customer.
#[tokio::test(flavor = "multi_thread")]
async fn entered_facts_outlive_the_cache_and_go_with_the_customer() {
    let mut told = Told::of(Account {
        instances: vec![instance("i-1", START, END)],
        orders: vec![purchase("11", "i-1")],
        ..Account::default()
    })
    .await;
    let review = told.reviewed(&told.ask("i-1"));
    let before = told.quote("i-1").quote;
    assert!(!before.unknowns.contains(&"resource.security_risk".to_owned()));
    told.lose_cache();
    assert!(told.resources().is_empty());
    told.sync().await;
    let after = told.quote("i-1").quote;
    assert_eq!((after.unknowns, after.refund), (before.unknowns, before.refund));
    let answer =
        FactAnswer { path: "resource.security_risk".to_owned(), value: "true".to_owned(), source: "me".to_owned() };
    assert_eq!(
        told.desk().settle(&review.request.id, &[answer]).unwrap_err().code(),
        "not_eligible",
        "the newest answer holds"
    );

    let customer = told.uid().to_owned();
    told.desk().disconnect(&customer).unwrap();
    assert!(told.desk().customers().unwrap().is_empty() && told.resources().is_empty() && told.history().is_empty());
    assert!(told.desk().requests(None).unwrap().is_empty());
    assert_eq!(told.desk().sync(Some(&customer), &|_| {}).await.unwrap_err().code(), "unknown_customer");
    for case in ["at once", "after the cache was lost"] {
        crate::sync::reconnect(&told, &told.cloud.address);
        told.sync().await;
        assert!(told.quote("i-1").quote.unknowns.contains(&"resource.security_risk".to_owned()), "{case}: asked anew");
        told.desk().disconnect(&customer).unwrap();
        told.lose_cache();
        told.pass(TimeDelta::seconds(1));
    }
    let verified = told.desk().verify_journal().unwrap();
    assert_eq!(verified.entries, i64::from(told.journal_length()), "the journal keeps everything");
}
