//! A cloud that does not do what its pages say: predicted and actual stand side by side, and each difference is explained by the
//! rules asked again, or flagged.

use bss_sandbox::{FailedChannel, Merge, Reality, ResourceEntry, Rounding, Tax, TaxOnRefund};
use chrono::TimeDelta;
use desk::views::{RequestState, RequestView};
use desk::{Aspect, Difference, Reconciled};
use refund_rules::Policies;
use refund_rules::case::{Method, ResourceStatus, Site};
use refund_rules::quote::Param;
use rust_decimal::Decimal;

use crate::support::cloud::{Account, Order, arrival, instance, payment};
use crate::support::{CHINA, Home, INTERNATIONAL, Told, d, pending};

/// Shortly after midnight in UTC+8 a date has begun, but no day of 24 hours since a purchase in the daytime.
pub const AFTER_MIDNIGHT: TimeDelta = TimeDelta::minutes(6 * 60 + 10);

impl Home {
    pub fn turn(&self, reality: Reality) {
        self.control().set_reality(reality).unwrap();
    }

    /// An unsubscription at the console, whose cloud behaves like this after it showed what the desk predicted.
    pub async fn unsubscribed(&self, resource: &ResourceEntry, reality: Reality) -> RequestView {
        let request = self.handed_over(&self.ask(&resource.id));
        self.turn(reality);
        self.control().console_unsubscribe(self.uid(), &resource.id).unwrap();
        self.desk().report(&request.id, None).unwrap();
        self.pass(TimeDelta::days(20));
        self.sync().await;
        request
    }

    pub fn reconciled(&self, request: &RequestView) -> Reconciled {
        let found = self.desk().reconciliation(Some(self.uid())).unwrap();
        found.requests.into_iter().find(|row| row.request == request.id).unwrap()
    }
}

/// The codes of the explanations; each names a rule that stands in the packs of both sites, or that of a source of one.
pub fn codes(difference: &Difference) -> Vec<&str> {
    for why in &difference.explanations {
        let rule = why.rule.as_deref().unwrap_or_else(|| panic!("{} names no rule", why.code));
        let stands = |site| Policies::built_in().rule(site, rule).is_some();
        let everywhere = stands(Site::China) && stands(Site::International);
        assert!(everywhere || (rule.starts_with("source.") && Site::ALL.iter().any(|site| stands(*site))), "{rule}");
    }
    difference.explanations.iter().map(|why| why.code.as_str()).collect()
}

pub fn of(row: &Reconciled, aspect: Aspect) -> Vec<&Difference> {
    row.differences.iter().filter(|difference| difference.of == aspect).collect()
}

fn number(difference: &Difference, code: &str, param: &str) -> i32 {
    let why = difference.explanations.iter().find(|why| why.code == code).unwrap();
    match why.params.get(param) {
        Some(Param::Number(number)) => *number,
        other => panic!("{param} is {other:?}"),
    }
}

/// A running resource of which a part was paid with this method.
pub fn paid_with(home: &Home, method: &str) -> ResourceEntry {
    let rows = home.resources();
    let goes_there = |resource: &ResourceEntry| {
        let listed =
            rows.iter().any(|row| row.resource == resource.id && row.blockers.is_empty() && row.request.is_none());
        listed
            && resource.status == ResourceStatus::Normal
            && home.quote(&resource.id).quote.destinations.iter().any(|to| to.to == method)
    };
    home.find(|_, resource| goes_there(resource))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_as_predicted_has_no_difference() {
    for place in [CHINA, INTERNATIONAL] {
        let home = Home::synced(place).await;
        let resource = home.renewed();
        let request = home.unsubscribed(&resource, Reality::default()).await;
        let row = home.reconciled(&request);
        assert_eq!(
            (row.state, row.differences.as_slice(), row.facts.as_ref()),
            (RequestState::Refunded, &[][..], None)
        );
        assert_eq!((row.actual, row.arrived), (Some(row.predicted), row.predicted));
        assert_eq!(row.arrived_on, row.predicted_on);
        assert!(row.predicted_by > row.predicted_on);
    }
}

/// One date more than days of 24 hours: the difference is one day of the purchase, and the rules say so when asked again.
#[tokio::test(flavor = "multi_thread")]
async fn calendar_days_are_recognised() {
    let home = Home::synced(INTERNATIONAL).await;
    home.pass(AFTER_MIDNIGHT);
    home.sync().await;
    let resource = home.renewed();
    let calendar = Reality { days: bss_sandbox::DayCount::Calendar, ..Reality::default() };
    let request = home.unsubscribed(&resource, calendar).await;
    let row = home.reconciled(&request);
    let [amount] = row.differences.as_slice() else { panic!("{:?}", row.differences) };
    assert_eq!(amount.of, Aspect::Amount);
    assert!(codes(amount).contains(&"calendar_days"), "{amount:?}");
    assert_eq!(number(amount, "calendar_days", "days_counted"), number(amount, "calendar_days", "days_predicted") + 1);
    assert!(amount.explanations.iter().all(|why| why.rule.as_deref() == Some("time.consumed")), "{amount:?}");
    let difference = d(&amount.actual) - d(&amount.predicted);
    assert_eq!(row.difference, Some(difference));
    // The purchase consumed list x discount x coefficient x days / sub_days, by each way of counting.
    let why = amount.explanations.iter().find(|why| why.code == "calendar_days").unwrap();
    let param = |name| match why.params.get(name) {
        Some(Param::Text(text)) => d(text),
        other => panic!("{name} is {other:?}"),
    };
    let days = |name| Decimal::from(number(amount, "calendar_days", name));
    let counted = days("days_counted") / days("sub_days") - days("days_predicted") / days("sub_days_predicted");
    let consumed = param("list") * param("discount") * param("coefficient") * counted;
    assert!(consumed > Decimal::ONE && (difference + consumed).abs() <= d("0.01"), "{difference} is not {consumed}");
    let books = home.books();
    let purchase = books.orders.iter().find(|order| amount.orders == [order.order_id.clone()]).unwrap();
    assert_eq!(purchase.list, param("list"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rounding_down_is_recognised() {
    // Day by day until an amount has something to cut off.
    for day in 0..12 {
        let home = Home::synced(INTERNATIONAL).await;
        home.pass(TimeDelta::days(day));
        home.sync().await;
        let resource = home.renewed();
        let request = home.unsubscribed(&resource, Reality { rounding: Rounding::Down, ..Reality::default() }).await;
        let row = home.reconciled(&request);
        let amounts = of(&row, Aspect::Amount);
        let [amount] = amounts.as_slice() else { continue };
        assert_eq!(d(&amount.actual) - d(&amount.predicted), d("-0.01"));
        assert!(codes(amount).contains(&"rounded_down"), "{amount:?}");
        return;
    }
    panic!("no day of twelve had anything to cut off");
}

/// Orders have a tax of 6 per cent: it comes back besides, or as much is kept.
#[tokio::test(flavor = "multi_thread")]
async fn tax_is_recognised_both_ways() {
    for (on_refund, code, sign) in
        [(TaxOnRefund::Returned, "tax_returned", false), (TaxOnRefund::Withheld, "tax_withheld", true)]
    {
        let home = Home::with(INTERNATIONAL).await;
        let taxed = Reality { tax: Some(Tax { percent: 6, on_refund }), ..Reality::default() };
        home.turn(taxed);
        home.sync().await;
        let resource = home.renewed();
        let request = home.unsubscribed(&resource, taxed).await;
        let row = home.reconciled(&request);
        let amounts = of(&row, Aspect::Amount);
        assert_eq!(amounts.len(), row.refund_orders.len(), "{code}: every order has its tax");
        for amount in amounts {
            assert!(codes(amount).contains(&code), "{code}: {amount:?}");
            let difference = d(&amount.actual) - d(&amount.predicted);
            assert_eq!(difference.is_sign_negative(), sign, "{code}");
            let six_per_cent = d(&amount.predicted) * d("0.06");
            assert!((difference.abs() - six_per_cent).abs() <= d("0.01"), "{code}: {difference}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_comes_late_is_told_by_business_days() {
    let home = Home::synced(INTERNATIONAL).await;
    let resource = home.renewed();
    let request = home.unsubscribed(&resource, Reality { late_days: 7, ..Reality::default() }).await;
    let row = home.reconciled(&request);
    let [day] = row.differences.as_slice() else { panic!("{:?}", row.differences) };
    // Friday the 20th, processed on Tuesday the 24th, a week late.
    assert_eq!((day.of, day.predicted.as_str(), day.actual.as_str()), (Aspect::Day, "2026-11-24", "2026-12-01"));
    assert_eq!(codes(day), ["later_within_the_limit"]);
    assert_eq!(number(day, "later_within_the_limit", "told_days"), 2);
    assert_eq!(number(day, "later_within_the_limit", "business_days"), 7);
}

/// Asked on Wednesday, 2026-12-30, the two business days run into a year whose calendar is not known.
#[tokio::test(flavor = "multi_thread")]
async fn a_year_without_calendar_may_be_why() {
    let home = Home::synced(INTERNATIONAL).await;
    home.pass(TimeDelta::days(40));
    home.sync().await;
    let resource = home.renewed();
    let request = home.unsubscribed(&resource, Reality { late_days: 3, ..Reality::default() }).await;
    let row = home.reconciled(&request);
    let [day] = row.differences.as_slice() else { panic!("{:?}", row.differences) };
    assert_eq!((day.predicted.as_str(), day.actual.as_str()), ("2027-01-01", "2027-01-04"));
    assert_eq!(codes(day), ["later_within_the_limit", "calendar_unknown"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_channel_is_recognised_and_another_place_is_flagged() {
    for (case, reality, explained) in [
        (
            "the channel fails",
            Reality { failed_channel: Some(FailedChannel { method: None, after_days: 1 }), ..Reality::default() },
            true,
        ),
        ("all goes to the balance", Reality { destination: Some(Method::Balance), ..Reality::default() }, true),
        ("all goes to a bank", Reality { destination: Some(Method::BankTransfer), ..Reality::default() }, false),
    ] {
        let home = Home::synced(CHINA).await;
        let resource = paid_with(&home, "alipay");
        let request = home.unsubscribed(&resource, reality).await;
        let row = home.reconciled(&request);
        assert_eq!(row.state, RequestState::Refunded, "{case}");
        let places = of(&row, Aspect::Destination);
        let [place] = places.as_slice() else { panic!("{case}: {:?}", row.differences) };
        assert!(place.predicted.contains("alipay"), "{case}: {place:?}");
        if explained {
            assert!(codes(place).contains(&"failed_channel"), "{case}: {place:?}");
            assert!(
                place.explanations.iter().all(|why| why.rule.as_deref() == Some("source.alipay")),
                "{case}: {place:?}"
            );
        } else {
            assert_eq!(codes(place), Vec::<&str>::new(), "{case}");
            assert!(place.text.starts_with("UNEXPLAINED"), "{case}: {}", place.text);
        }
        assert_eq!(row.difference, Some(Decimal::ZERO), "{case}: the amount is as predicted");
    }
}

/// One refund order for a purchase and its renewals; or their money under the first one's number.
#[tokio::test(flavor = "multi_thread")]
async fn merged_refunds_answer_all_of_their_orders() {
    for (merge, refund_orders) in [(Merge::RefundOrder, 1), (Merge::Transaction, 3)] {
        let home = Home::synced(INTERNATIONAL).await;
        let resource = home.renewed();
        let renewals = pending(&home.books(), &resource);
        let request = home.unsubscribed(&resource, Reality { merge, ..Reality::default() }).await;
        let row = home.reconciled(&request);
        assert_eq!((row.state, row.arrived), (RequestState::Refunded, row.predicted), "{merge:?}");
        assert_eq!((row.refund_orders.len(), row.difference), (refund_orders, Some(Decimal::ZERO)), "{merge:?}");
        for id in &row.refund_orders {
            let refund = home.refund(id);
            assert_eq!(
                (refund.order_status.as_str(), refund.difference),
                ("refunded", Some(Decimal::ZERO)),
                "{merge:?}"
            );
            assert_eq!(refund.arrived, refund.amount, "{merge:?}");
        }
        if merge == Merge::RefundOrder {
            let [merging] = row.differences.as_slice() else { panic!("{:?}", row.differences) };
            assert_eq!((merging.of, codes(merging)), (Aspect::Merging, vec!["merged"]));
            assert_eq!(home.refund(&row.refund_orders[0]).related_orders.len(), 1 + renewals.len());
        } else {
            assert_eq!(row.differences, []);
        }
    }
}

/// The renewals fall by one refund order, and none of them counts any more: the quote of what is left says so.
#[tokio::test(flavor = "multi_thread")]
async fn every_order_of_a_merged_refund_is_gone_from_the_chain() {
    let home = Home::synced(INTERNATIONAL).await;
    let resource = home.renewed();
    let stack = home.desk().renewals(None).unwrap().into_iter().find(|stack| stack.resource == resource.id).unwrap();
    assert!(stack.pending.len() >= 2);
    home.turn(Reality { merge: Merge::RefundOrder, ..Reality::default() });
    let before = home.control().ledger().account(home.uid()).unwrap().refund_orders.len();
    home.control().console_cancel_renewals(home.uid(), &resource.id, stack.current_end).unwrap();
    assert_eq!(home.books().refund_orders.len(), before + 1, "one refund order for all");
    home.pass(TimeDelta::days(1));
    home.sync().await;
    let left = home.desk().renewals(None).unwrap();
    assert!(left.iter().all(|stack| stack.resource != resource.id || stack.pending.is_empty()), "nothing is pending");
    let quote = home.quote(&resource.id).quote;
    assert_eq!(quote.lines.len(), 1, "the purchase alone: {:?}", quote.lines);
}

/// One server for a year, 1,200.00 at list price, 173 of 365 days used; with the coupon 200.00 of it were paid by one:
///
/// ```text
/// without   1,200.00 - 1,200.00 x 173 / 365 = 631.23   174 days: 627.95   172 days: 634.52
/// with      1,000.00 -             568.77   = 431.23   the coupon counted as paid: 631.23
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn each_difference_has_its_reason_or_none() {
    let (start, end) = ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z");
    for (case, coupon, made_at, amount, expected) in [
        ("as predicted", "0", "2026-11-20T10:05:00Z", "631.23", None),
        ("one day more", "0", "2026-11-20T10:05:00Z", "627.95", Some(&["day_more"][..])),
        ("one day less", "0", "2026-11-20T10:05:00Z", "634.52", Some(&["day_less"])),
        ("made the next day", "0", "2026-11-21T00:05:00Z", "627.95", Some(&["acted_later", "day_more"])),
        ("the coupon too", "200.00", "2026-11-20T10:05:00Z", "631.23", Some(&["coupon_returned"])),
        ("one minor unit that rounding does not give", "0", "2026-11-20T10:05:00Z", "631.22", Some(&[])),
        ("all of it", "0", "2026-11-20T10:05:00Z", "1200.00", Some(&[])),
    ] {
        let bought = Order::new("11", "New", start).discounted(&["i-1"], start, end, "1200.00", "1200.00", coupon);
        let account =
            Account { instances: vec![instance("i-1", start, end)], orders: vec![bought], ..Account::default() };
        let told = Told::of(account).await;
        let request = told.handed_over(&told.ask("i-1"));
        {
            let mut account = told.cloud.account();
            account.orders.push(Order::refund("21", "11", &["i-1"], amount, made_at));
            account.transactions.push(arrival("t1", "21", "AccountBalance", amount, "2026-11-21T09:00:00Z"));
        }
        told.pass(TimeDelta::days(1));
        told.sync().await;
        let found = told.desk().reconciliation(None).unwrap();
        let row = found.requests.iter().find(|row| row.request == request.id).unwrap();
        assert_eq!((row.state, row.facts.as_ref()), (RequestState::Refunded, None), "{case}");
        let amounts = of(row, Aspect::Amount);
        let reasons = amounts.first().map(|difference| codes(difference));
        assert_eq!(reasons.as_deref(), expected, "{case}: {amounts:?}");
        assert_eq!(told.refund("21").request, Some(request.id.clone()), "{case}");
        let Some(difference) = amounts.first() else { continue };
        told.desk().set_language(desk::tell::Language::Chinese).unwrap();
        let again = told.desk().reconciliation(None).unwrap();
        let chinese = of(&again.requests[0], Aspect::Amount);
        let texts = |difference: &Difference| -> Vec<String> {
            let own = std::iter::once(difference.text.clone());
            own.chain(difference.explanations.iter().map(|why| why.text.clone())).collect()
        };
        for (english, chinese) in texts(difference).iter().zip(texts(chinese[0])) {
            assert!(english.is_ascii() && !chinese.is_ascii(), "{case}: {english} {chinese}");
            assert!(!english.contains('{') && !chinese.contains('{'), "{case}: {english} {chinese}");
        }
    }
}

/// Paid with a card 149 days before, whose window is 150 days: the money went out after it closed.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_closed_is_recognised() {
    let (start, end) = ("2026-06-24T00:00:00Z", "2027-06-24T00:00:00Z");
    for (case, arrived_at, expected) in [
        ("inside the window", "2026-11-20T20:00:00Z", &["failed_channel"][..]),
        ("after it", "2026-11-23T09:00:00Z", &["window_closed", "failed_channel"]),
    ] {
        let told = Told::of(Account {
            instances: vec![instance("i-1", start, end)],
            orders: vec![Order::new("11", "New", start).part(&["i-1"], start, end, "1200.00")],
            transactions: vec![payment("p1", "11", "CreditCard", "1200.00", start)],
            ..Account::default()
        })
        .await;
        let request = told.handed_over(&told.ask("i-1"));
        let amount = request.predicted.to_string();
        {
            let mut account = told.cloud.account();
            account.orders.push(Order::refund("21", "11", &["i-1"], &amount, "2026-11-20T10:05:00Z"));
            account.transactions.push(arrival("t1", "21", "AccountBalance", &amount, arrived_at));
        }
        told.pass(TimeDelta::days(4));
        told.sync().await;
        let found = told.desk().reconciliation(None).unwrap();
        let [place] = found.requests[0].differences.as_slice() else { panic!("{case}: {found:?}") };
        assert_eq!(
            (place.predicted.as_str(), codes(place).as_slice()),
            (format!("bank_card {amount}").as_str(), expected),
            "{case}"
        );
        assert!(place.explanations.iter().all(|why| why.rule.as_deref() == Some("source.bank_card")), "{case}");
    }
}

/// A part of every amount is missing, which no single fact gives.
#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_explains_is_flagged() {
    let home = Home::synced(INTERNATIONAL).await;
    let resource = home.renewed();
    let request = home.handed_over(&home.ask(&resource.id));
    home.desk().report(&request.id, None).unwrap();
    // Two knobs that both touch the amount, by more than either.
    let tax = Some(Tax { percent: 37, on_refund: TaxOnRefund::Withheld });
    let both = Reality { tax, rounding: Rounding::Down, ..Reality::default() };
    home.turn(both);
    home.control().console_unsubscribe(home.uid(), &resource.id).unwrap();
    // The orders of the desk were read before there was a tax.
    home.pass(TimeDelta::days(20));
    home.sync().await;
    let row = home.reconciled(&request);
    let amounts = of(&row, Aspect::Amount);
    assert!(!amounts.is_empty());
    for amount in amounts {
        assert_eq!(codes(amount), Vec::<&str>::new(), "{amount:?}");
        assert!(amount.text.starts_with("UNEXPLAINED: the amount of refund orders"), "{}", amount.text);
    }
}

/// Keys of `expect` that the rules answer otherwise, read from the saved file as anyone would.
fn check(path: &std::path::Path) -> Vec<String> {
    let case = refund_rules::parse_case(&std::fs::read_to_string(path).unwrap()).unwrap();
    let differences = refund_rules::check(&case, &refund_rules::quote(&case, Policies::built_in()));
    differences.into_iter().map(|difference| difference.key).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reality_is_saved_as_a_case() {
    let tax = Some(Tax { percent: 6, on_refund: TaxOnRefund::Returned });
    for (case, reality, differs) in [
        ("as predicted", Reality::default(), &[][..]),
        ("another amount", Reality { tax, ..Reality::default() }, &["destinations", "refund"]),
        ("another day", Reality { late_days: 4, ..Reality::default() }, &["processed_by"]),
        ("beyond the last day too", Reality { late_days: 60, ..Reality::default() }, &["arrives_by", "processed_by"]),
        ("another place", Reality { destination: Some(Method::Credit), ..Reality::default() }, &["destinations"]),
        ("merged", Reality { merge: Merge::RefundOrder, ..Reality::default() }, &[]),
    ] {
        let home = Home::synced(INTERNATIONAL).await;
        let resource = home.renewed();
        let before = home.quote(&resource.id).quote;
        let request = home.unsubscribed(&resource, reality).await;
        home.pass(TimeDelta::days(60));
        home.sync().await;
        let file = home.path().join("reality.json");
        let saved = home.desk().save_reality(&request.id, &file).unwrap();
        assert_eq!(
            (saved.differs.as_slice(), check(&file).as_slice()),
            (differs.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>().as_slice(), saved.differs.as_slice()),
            "{case}"
        );
        let text = std::fs::read_to_string(&file).unwrap();
        let saved_case = refund_rules::parse_case(&text).unwrap();
        assert_eq!(saved_case.ask.at, home.refunds_made(&resource.id)[0].created_at, "{case}");
        assert_eq!(saved_case.orders.len(), before.lines.len(), "{case}: every order of then");
        let row = home.reconciled(&request);
        assert_eq!(saved_case.expect.unwrap()["refund"], serde_json::json!(row.actual), "{case}");
        let name = home.resources().first().unwrap().customer_name.clone();
        assert!(!text.contains(&name), "{case}: no customer's name");
    }
}

/// What the cache cannot give back is not made up.
#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_refused_where_its_facts_are_lost() {
    let mut home = Home::synced(INTERNATIONAL).await;
    let resource = home.renewed();
    let file = home.path().join("reality.json");
    let open = home.handed_over(&home.ask(&home.redis().id));
    let refused = |home: &Home, id: &str| home.desk().save_reality(id, &file).unwrap_err();
    assert_eq!(refused(&home, &open.id).code(), "not_refunded");
    assert_eq!(refused(&home, "r-none").code(), "unknown_request");

    let request = home.unsubscribed(&resource, Reality::default()).await;
    home.lose_cache();
    home.sync().await;
    let lost = refused(&home, &request.id);
    assert_eq!(lost.code(), "facts_gone", "{lost}");
    assert!(!file.exists(), "a refusal writes nothing");
    let row = home.reconciled(&request);
    assert_eq!((row.state, row.differences.as_slice(), row.facts), (RequestState::Refunded, &[][..], None));
}

/// A discount table entered after the act gives another quote: a case of it would tell what nobody decided on.
#[tokio::test(flavor = "multi_thread")]
async fn facts_that_changed_are_not_passed_off_as_those_of_then() {
    let (start, end) = ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z");
    let told = Told::of(Account {
        instances: vec![instance("i-1", start, end)],
        orders: vec![Order::new("11", "New", start).part(&["i-1"], start, end, "1200.00")],
        ..Account::default()
    })
    .await;
    let request = told.handed_over(&told.ask("i-1"));
    {
        let mut account = told.cloud.account();
        account.orders.push(Order::refund("21", "11", &["i-1"], "627.95", "2026-11-20T10:05:00Z"));
        account.transactions.push(arrival("t1", "21", "AccountBalance", "627.95", "2026-11-20T10:06:00Z"));
    }
    told.pass(TimeDelta::hours(1));
    told.sync().await;
    let row = || told.desk().reconciliation(None).unwrap().requests.remove(0);
    assert_eq!(codes(&row().differences[0]), ["day_more"]);
    let table = told.path().join("discounts.csv");
    let lines =
        format!("customer,product,from,from_day,from_percent,factor,source\n{},ecs,,100,,0.5,contract\n", told.uid());
    std::fs::write(&table, lines).unwrap();
    assert_eq!(told.desk().import_discounts(&table).unwrap().entered, 1);

    let file = told.path().join("reality.json");
    let refused = told.desk().save_reality(&request.id, &file).unwrap_err();
    assert_eq!((refused.code(), refused.place()), ("facts_changed", Some("request")));
    assert_eq!(refused.details(), ["refund", "lines", "destinations"]);
    assert!(!file.exists());
    let flagged = row();
    assert_eq!(flagged.facts.unwrap().code, "facts_changed");
    assert_eq!(codes(&flagged.differences[0]), Vec::<&str>::new(), "nothing is explained by other facts");
}
