//! The list as the window shows it: at once, from what is kept; what has run out is made again in portions.

use chrono::TimeDelta;
use desk::ListedKey;
use desk::views::{Money, ResourceQuery, ResourceSort, ResourceTab};
use refund_rules::quote::RefundType;
use rust_decimal::Decimal;

use crate::support::{CHINA, Home, INTERNATIONAL, everything};

fn partial() -> ResourceQuery {
    ResourceQuery { refund_type: Some(RefundType::Partial), sort: ResourceSort::Resource, ..everything() }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_and_numbers_are_those_of_the_whole_page() {
    let home = Home::synced(INTERNATIONAL).await;
    let desk = home.desk();
    for query in [everything(), partial(), ResourceQuery { tab: ResourceTab::Plans, ..everything() }] {
        let page = desk.resources(&query).unwrap();
        assert_eq!(desk.listed(&query).unwrap(), page.rows);
        let tally = desk.list_tally(&query).unwrap();
        assert_eq!((tally.total, &tally.segments, &tally.products), (page.total, &page.segments, &page.products));
        let sum: Decimal = page.rows.iter().filter(|row| row.blockers.is_empty()).filter_map(|row| row.refund).sum();
        let told: Vec<Money> =
            (!sum.is_zero()).then(|| Money { amount: sum, currency: "USD".to_owned() }).into_iter().collect();
        assert_eq!(tally.refundable, told);
        let keys = desk.list_keys(&query).unwrap();
        let of_rows: Vec<ListedKey> = page
            .rows
            .iter()
            .map(|row| ListedKey { customer: row.customer.clone(), resource: row.resource.clone() })
            .collect();
        assert_eq!(desk.listed_keys(&of_rows).unwrap(), page.rows);
        assert_eq!(desk.selection_sum(&of_rows).unwrap(), tally.refundable, "a selection of all gives what all give");
        assert_eq!((keys.total, &keys.keys), (page.total, &of_rows));
        let part = desk.list_keys(&ResourceQuery { offset: 1, limit: 2, ..query.clone() }).unwrap();
        assert_eq!(
            (part.total, part.keys.as_slice()),
            (page.total, &of_rows[1..3]),
            "a range begins and ends where it says"
        );
        assert_eq!(desk.list_keys(&ResourceQuery { limit: 0, ..query }).unwrap().keys, of_rows);
    }
}

/// Looking does not make quotes again; somebody else does, in portions, and nothing of it is lost.
#[tokio::test(flavor = "multi_thread")]
async fn what_ran_out_is_listed_at_once_and_made_again_in_portions() {
    let home = Home::synced(CHINA).await;
    let desk = home.desk();
    let before = desk.listed(&everything()).unwrap();
    assert_eq!(desk.list_tally(&everything()).unwrap().renewing, 0);
    home.pass(TimeDelta::days(2));
    let tally = desk.list_tally(&everything()).unwrap();
    let ran_out = before.iter().filter(|row| row.valid_until.is_some_and(|until| until <= desk.now())).count();
    assert!(ran_out > 2, "two days change the quotes of some");
    assert_eq!(tally.renewing as usize, ran_out);
    assert_eq!(desk.listed(&everything()).unwrap(), before, "looking changes nothing");
    assert_eq!(desk.renew_quotes(2).unwrap() as usize, ran_out - 2);
    assert_eq!(desk.renew_quotes(u32::MAX).unwrap(), 0);
    let renewed = desk.listed(&everything()).unwrap();
    assert_ne!(renewed, before);
    assert_eq!(renewed, desk.resources(&everything()).unwrap().rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_day_is_judged_without_being_kept() {
    let home = Home::synced(INTERNATIONAL).await;
    let desk = home.desk();
    let then = desk.now() + TimeDelta::days(40);
    let rows = desk.listed(&partial()).unwrap();
    let keys = desk.list_keys(&partial()).unwrap().keys;
    let judged = desk.what_if(&keys, then).unwrap();
    assert_eq!(judged.len(), rows.len());
    for row in &judged {
        let quote = desk.quote(&row.customer, &row.resource, Some(then)).unwrap().quote;
        assert_eq!(
            (row.refund, row.refund_type, row.eligible),
            (Some(quote.refund), Some(quote.refund_type), quote.eligible)
        );
    }
    let totals = desk.what_if_totals(&partial(), then, &|_, _| true).unwrap();
    let sum = |amounts: Vec<Decimal>| amounts.into_iter().sum::<Decimal>();
    let now = sum(rows.iter().filter(|row| row.blockers.is_empty()).filter_map(|row| row.refund).collect());
    let later = sum(judged.iter().filter(|row| row.eligible).filter_map(|row| row.refund).collect());
    assert_ne!(now, later);
    assert_eq!((totals.now[0].amount, totals.then[0].amount), (now, later));
    assert_eq!((totals.judged as usize, totals.not_judged), (rows.len(), 0));
    assert!(totals.less > 0 && totals.more + totals.less <= totals.judged);
    assert_eq!(desk.listed(&partial()).unwrap(), rows, "nothing of it is kept");

    let stopped = desk.what_if_totals(&everything(), then, &|done, _| done > 0).unwrap();
    assert_eq!((stopped.judged, stopped.then), (0, vec![]));
    let past = desk.what_if(&keys, desk.now() - TimeDelta::days(1)).unwrap_err();
    assert_eq!(past.code(), "in_the_past");
}

/// The curve begins with what the quote says now, and the questions are those of a review.
#[tokio::test(flavor = "multi_thread")]
async fn the_inspector_reads_curve_and_questions_without_a_request() {
    let home = Home::synced(INTERNATIONAL).await;
    let desk = home.desk();
    let resource = home.renewed().id;
    let quote = home.quote(&resource).quote;
    let until = desk.now() + TimeDelta::days(60);
    let curve = desk.curve(home.uid(), &resource, until).unwrap();
    assert_eq!((curve.points[0].refund, curve.until), (quote.refund, until));
    assert!(curve.points.len() > 10, "it falls day by day");
    let asked: Vec<String> = desk.questions(home.uid(), &resource).unwrap().into_iter().map(|q| q.path).collect();
    assert_eq!(asked, quote.unknowns);
    assert!(desk.requests(None).unwrap().is_empty(), "looking begins nothing");
    assert_eq!(desk.curve(home.uid(), &resource, desk.now() - TimeDelta::days(1)).unwrap_err().code(), "bad_input");
}
