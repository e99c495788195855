//! Which changed fact or reading explains a difference, alone or two of them together.

use bss_sandbox::{Reality, Tax, TaxOnRefund};
use chrono::TimeDelta;
use desk::{Aspect, Difference};
use refund_rules::case::Method;
use refund_rules::quote::Param;

use crate::reality::{AFTER_MIDNIGHT, codes, of, paid_with};
use crate::support::cloud::{Account, Order, arrival, instance};
use crate::support::{CHINA, Home, INTERNATIONAL, Told, d, pending};

/// One server for a year at 1,200.00. A contract halves the list price from day 100 of use on; a server younger than 30 days has
/// the coefficient of its product.
///
/// ```text
/// 173 of 365 days   1,200.00 - 1,200.00 x 173 x 0.5 / 365 = 915.62   without the discount     631.23
/// 16 of 365 days    1,200.00 - 1,200.00 x 16 x 1.5 / 365 = 1,121.10  without the coefficient 1,147.40
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_discount_or_a_coefficient_that_was_not_applied_is_recognised() {
    for (case, start, end, predicted, amount, code) in [
        ("no discount", "2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z", "915.62", "631.23", "no_discount"),
        ("no coefficient", "2026-11-05T00:00:00Z", "2027-11-05T00:00:00Z", "1121.10", "1147.40", "no_coefficient"),
    ] {
        let bought = Order::new("11", "New", start).part(&["i-1"], start, end, "1200.00");
        let account =
            Account { instances: vec![instance("i-1", start, end)], orders: vec![bought], ..Account::default() };
        let told = Told::of(account).await;
        let table = told.path().join("discounts.csv");
        let head = "customer,product,from,from_day,from_percent,factor,source";
        std::fs::write(&table, format!("{head}\n{},ecs,,100,,0.5,contract\n", told.uid())).unwrap();
        told.desk().import_discounts(&table).unwrap();
        let request = told.handed_over(&told.ask("i-1"));
        assert_eq!(request.predicted, d(predicted), "{case}");
        {
            let mut account = told.cloud.account();
            account.orders.push(Order::refund("21", "11", &["i-1"], amount, "2026-11-20T10:05:00Z"));
            account.transactions.push(arrival("t1", "21", "AccountBalance", amount, "2026-11-20T11:00:00Z"));
        }
        told.pass(TimeDelta::hours(2));
        told.sync().await;
        let found = told.desk().reconciliation(None).unwrap();
        let amounts = of(&found.requests[0], Aspect::Amount);
        let [difference] = amounts.as_slice() else { panic!("{case}: {found:?}") };
        assert_eq!(codes(difference), [code], "{case}: {difference:?}");
        assert_eq!((difference.predicted.as_str(), difference.actual.as_str()), (predicted, amount), "{case}");
    }
}

/// An invoice that nobody told the desk of sends the money to the balance, as a failed channel does.
#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_may_be_why_it_went_to_the_balance() {
    let home = Home::synced(CHINA).await;
    let resource = paid_with(&home, "alipay");
    let to_balance = Reality { destination: Some(Method::Balance), ..Reality::default() };
    let request = home.unsubscribed(&resource, to_balance).await;
    let row = home.reconciled(&request);
    let places = of(&row, Aspect::Destination);
    let [place] = places.as_slice() else { panic!("{:?}", row.differences) };
    assert_eq!(codes(place), ["invoiced", "failed_channel"], "{place:?}");
    assert!(place.explanations[0].text.contains("invoice"), "{}", place.explanations[0].text);
}

/// Asked on Friday, made on Monday: two business days after that are Wednesday, one day after what was told.
#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_was_made_later_comes_later() {
    let (start, end) = ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z");
    for (case, came, expected) in [
        ("as counted from then", "2026-11-25T02:00:00Z", &["made_later", "later_within_the_limit"][..]),
        ("later than that too", "2026-11-26T02:00:00Z", &["later_within_the_limit"]),
    ] {
        let bought = Order::new("11", "New", start).part(&["i-1"], start, end, "1200.00");
        let account =
            Account { instances: vec![instance("i-1", start, end)], orders: vec![bought], ..Account::default() };
        let told = Told::of(account).await;
        told.handed_over(&told.ask("i-1"));
        {
            let mut account = told.cloud.account();
            account.orders.push(Order::refund("21", "11", &["i-1"], "621.37", "2026-11-23T02:00:00Z"));
            account.transactions.push(arrival("t1", "21", "AccountBalance", "621.37", came));
        }
        told.pass(TimeDelta::days(8));
        told.sync().await;
        let found = told.desk().reconciliation(None).unwrap();
        let days = of(&found.requests[0], Aspect::Day);
        let [day] = days.as_slice() else { panic!("{case}: {found:?}") };
        assert_eq!((day.predicted.as_str(), codes(day).as_slice()), ("2026-11-24", expected), "{case}");
    }
}

/// A coupon of 200.00 counted as paid, and the refund was made a day later: neither alone gives the amount.
///
/// ```text
/// predicted          1,000.00 - 1,200.00 x 173 / 365 = 431.23
/// both              1,200.00 - 1,200.00 x 174 / 365 = 627.95
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn two_changed_readings_together_are_recognised() {
    let (start, end) = ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z");
    let bought = Order::new("11", "New", start).discounted(&["i-1"], start, end, "1200.00", "1200.00", "200.00");
    let account = Account { instances: vec![instance("i-1", start, end)], orders: vec![bought], ..Account::default() };
    let told = Told::of(account).await;
    let request = told.handed_over(&told.ask("i-1"));
    assert_eq!(request.predicted, d("431.23"));
    {
        let mut account = told.cloud.account();
        account.orders.push(Order::refund("21", "11", &["i-1"], "627.95", "2026-11-21T00:05:00Z"));
        account.transactions.push(arrival("t1", "21", "AccountBalance", "627.95", "2026-11-21T09:00:00Z"));
    }
    told.pass(TimeDelta::days(1));
    told.sync().await;
    let found = told.desk().reconciliation(None).unwrap();
    let amounts = of(&found.requests[0], Aspect::Amount);
    let [difference] = amounts.as_slice() else { panic!("{found:?}") };
    assert_eq!(codes(difference), ["two_together"], "{difference:?}");
    let why = &difference.explanations[0];
    let list = |name: &str| match why.params.get(name) {
        Some(Param::List(list)) => list.clone(),
        other => panic!("{name} is {other:?}"),
    };
    assert_eq!(list("codes"), ["acted_later", "coupon_returned"]);
    assert_eq!(list("rules"), ["time.consumed", "wire.amounts"]);
    assert!(why.text.contains("coupons counted as paid") && !difference.text.starts_with("UNEXPLAINED"), "{why:?}");
}

/// Two knobs of the cloud at once: a begun date counts whole, and the tax comes back besides.
#[tokio::test(flavor = "multi_thread")]
async fn two_knobs_at_once_are_explained_together() {
    let home = Home::with(INTERNATIONAL).await;
    let tax = Some(Tax { percent: 6, on_refund: TaxOnRefund::Returned });
    let both = Reality { days: bss_sandbox::DayCount::Calendar, tax, ..Reality::default() };
    home.turn(Reality { tax, ..Reality::default() });
    home.pass(AFTER_MIDNIGHT);
    home.sync().await;
    let resource = home.renewed();
    let request = home.unsubscribed(&resource, both).await;
    let row = home.reconciled(&request);
    let renewals = pending(&home.books(), &resource);
    let of_purchase = |difference: &&&Difference| !difference.orders.iter().any(|order| renewals.contains(order));
    let amounts = of(&row, Aspect::Amount);
    let purchase = amounts.iter().find(of_purchase).unwrap();
    assert!(codes(purchase).contains(&"two_together"), "{purchase:?}");
    let together = |why: &desk::Explanation| match why.params.get("codes") {
        Some(Param::List(codes)) => codes == &["calendar_days", "tax_returned"],
        _ => false,
    };
    assert!(purchase.explanations.iter().any(together), "{purchase:?}");
    for renewal in amounts.iter().filter(|difference| !of_purchase(difference)) {
        assert_eq!(codes(renewal), ["tax_returned"], "one reading is enough for what has not begun");
    }
}
