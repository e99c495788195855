//! The quote book: filters, sorting, paging, counts and sums.

use desk_store::{
    ConnectionRow, Json, QuoteFilter, QuoteSort, QuoteSummary, RequestRow, ResourceRow, Secret, Store, StoreError,
};
use tempfile::{TempDir, tempdir};

use crate::{amount, instant, sandbox};

pub fn quote(customer: &str, resource: &str) -> QuoteSummary {
    QuoteSummary {
        customer: customer.to_owned(),
        resource: resource.to_owned(),
        product: "ecs".to_owned(),
        kind: "instance".to_owned(),
        region: "cn-hangzhou".to_owned(),
        status: "running".to_owned(),
        ordered_at: Some(instant("2026-11-01T00:00:00Z")),
        expires_at: Some(instant("2026-12-01T00:00:00Z")),
        refund_type: Some("partial".to_owned()),
        refund: Some(amount("1.00")),
        refund_max: Some(amount("1.00")),
        exact: true,
        currency: Some("USD".to_owned()),
        eligible: true,
        batchable: true,
        blockers: Vec::new(),
        valid_until: Some(instant("2026-11-20T16:00:00Z")),
        pending_renewals: 0,
        made_at: instant("2026-11-20T08:00:00Z"),
        problem: None,
    }
}

fn with(customer: &str, resource: &str, change: impl FnOnce(&mut QuoteSummary)) -> QuoteSummary {
    let mut row = quote(customer, resource);
    change(&mut row);
    row
}

/// resource | customer | product | refund | type        | expires | ordered | region
/// i-1      | c1       | ecs     | 9.00   | partial     | Dec 1   | Nov 1   | cn-hangzhou
/// i-2      | c1       | rds     | 10.00  | five_day    | Dec 3   | Nov 3   | cn-hangzhou
/// i_3      | c1       | ecs     | -      | (no quote)  | -       | -       | cn-hangzhou
/// i-4      | c2       | ecs     | 10.00  | partial     | Dec 2   | Nov 2   | ap-southeast-1
/// plan-5   | c2       | oss     | 0.00   | partial     | Dec 1   | Nov 1   | cn-hangzhou, a plan, not eligible
fn book() -> (TempDir, Store) {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    let rows = [
        with("c1", "i-1", |row| row.refund = Some(amount("9.00"))),
        with("c1", "i-2", |row| {
            row.product = "rds".to_owned();
            row.refund = Some(amount("10.00"));
            row.refund_type = Some("five_day".to_owned());
            row.expires_at = Some(instant("2026-12-03T00:00:00Z"));
            row.ordered_at = Some(instant("2026-11-03T00:00:00Z"));
            row.valid_until = Some(instant("2026-11-20T15:00:00Z"));
        }),
        with("c1", "i_3", |row| {
            (row.refund, row.refund_max, row.refund_type, row.currency) = (None, None, None, None);
            (row.expires_at, row.ordered_at, row.valid_until) = (None, None, None);
            (row.eligible, row.batchable, row.exact) = (false, false, false);
            row.problem = Some(Json::parse(r#"{"code":"no_orders"}"#).unwrap());
        }),
        with("c2", "i-4", |row| {
            row.refund = Some(amount("10.00"));
            row.expires_at = Some(instant("2026-12-02T00:00:00Z"));
            row.ordered_at = Some(instant("2026-11-02T00:00:00Z"));
            row.region = "ap-southeast-1".to_owned();
            row.currency = Some("CNY".to_owned());
        }),
        with("c2", "plan-5", |row| {
            row.product = "oss".to_owned();
            row.kind = "resource_plan".to_owned();
            row.refund = Some(amount("0.00"));
            row.eligible = false;
            row.blockers = vec!["refund_is_zero".to_owned()];
        }),
    ];
    store
        .write(move |tx| {
            // Names sort the other way round than ids.
            for (id, name) in [("c1", "Zhao"), ("c2", "Bai")] {
                tx.connections().put(&connection(id, name))?;
            }
            rows.iter().try_for_each(|row| tx.quotes().put(row))
        })
        .unwrap();
    (dir, store)
}

pub fn connection(id: &str, name: &str) -> ConnectionRow {
    ConnectionRow {
        id: id.to_owned(),
        uid: id.to_owned(),
        name: name.to_owned(),
        site: "china".to_owned(),
        currency: "CNY".to_owned(),
        partner: false,
        endpoint: String::new(),
        key_id: String::new(),
        key_secret: Secret::new(""),
        sandbox: true,
        added_at: instant("2026-11-20T08:00:00Z"),
        removed_at: None,
        way: "key".to_owned(),
        role_arn: None,
        external_id: None,
    }
}

fn all() -> QuoteFilter {
    QuoteFilter { limit: 100, ..QuoteFilter::default() }
}

#[track_caller]
fn check(store: &Store, filter: QuoteFilter, resources: &[&str], total: u32) {
    let page = store.read(|r| r.quotes().page(&filter)).unwrap();
    let found: Vec<&str> = page.rows.iter().map(|row| row.quote.resource.as_str()).collect();
    assert_eq!((found.as_slice(), page.total), (resources, total), "{filter:?}");
}

#[test]
fn sorting_breaks_ties_by_id_and_keeps_the_unknown_last() {
    let (_dir, store) = book();
    let cases: [(QuoteSort, bool, [&str; 5]); 17] = [
        (QuoteSort::Refund, false, ["plan-5", "i-1", "i-2", "i-4", "i_3"]),
        (QuoteSort::Refund, true, ["i-4", "i-2", "i-1", "plan-5", "i_3"]),
        (QuoteSort::Expires, false, ["i-1", "plan-5", "i-4", "i-2", "i_3"]),
        (QuoteSort::Expires, true, ["i-2", "i-4", "plan-5", "i-1", "i_3"]),
        (QuoteSort::Product, false, ["i-1", "i_3", "i-4", "plan-5", "i-2"]),
        (QuoteSort::Product, true, ["i-2", "plan-5", "i-4", "i_3", "i-1"]),
        (QuoteSort::Resource, false, ["i-1", "i-2", "i-4", "i_3", "plan-5"]),
        (QuoteSort::Resource, true, ["plan-5", "i_3", "i-4", "i-2", "i-1"]),
        (QuoteSort::OrderTime, false, ["i-1", "plan-5", "i-4", "i-2", "i_3"]),
        (QuoteSort::OrderTime, true, ["i-2", "i-4", "plan-5", "i-1", "i_3"]),
        (QuoteSort::Customer, false, ["i-4", "plan-5", "i-1", "i-2", "i_3"]),
        (QuoteSort::Customer, true, ["i_3", "i-2", "i-1", "plan-5", "i-4"]),
        (QuoteSort::Region, false, ["i-4", "i-1", "i-2", "i_3", "plan-5"]),
        (QuoteSort::Status, false, ["i-1", "i-2", "i_3", "i-4", "plan-5"]),
        (QuoteSort::RefundType, false, ["i-2", "i-1", "i-4", "plan-5", "i_3"]),
        (QuoteSort::HoldsUntil, false, ["i-2", "i-1", "i-4", "plan-5", "i_3"]),
        (QuoteSort::Renewals, true, ["plan-5", "i-4", "i_3", "i-2", "i-1"]),
    ];
    for (sort, descending, resources) in cases {
        check(&store, QuoteFilter { sort, descending, ..all() }, &resources, 5);
        // The same rows come page by page.
        for offset in 0..5_u32 {
            let one = &resources[offset as usize..=offset as usize];
            check(&store, QuoteFilter { sort, descending, offset, limit: 1, ..all() }, one, 5);
        }
    }
    check(&store, QuoteFilter { offset: 5, ..all() }, &[], 5);
    check(&store, QuoteFilter { limit: 0, ..all() }, &[], 5);
}

#[test]
fn filters_combine_and_segments_ignore_their_own() {
    let (_dir, store) = book();
    let some = |text: &str| Some(text.to_owned());
    let by_resource = || QuoteFilter { sort: QuoteSort::Resource, ..all() };
    let text = |text: &str| QuoteFilter { text: text.to_owned(), ..by_resource() };
    check(&store, QuoteFilter { customer: some("c2"), ..by_resource() }, &["i-4", "plan-5"], 2);
    check(&store, QuoteFilter { kind: some("resource_plan"), ..by_resource() }, &["plan-5"], 1);
    check(&store, QuoteFilter { product: some("ecs"), ..by_resource() }, &["i-1", "i-4", "i_3"], 3);
    check(&store, QuoteFilter { refund_type: some("partial"), ..by_resource() }, &["i-1", "i-4", "plan-5"], 3);
    check(
        &store,
        QuoteFilter { ordered_from: Some(instant("2026-11-02T00:00:00Z")), ..by_resource() },
        &["i-2", "i-4"],
        2,
    );
    check(
        &store,
        QuoteFilter { ordered_until: Some(instant("2026-11-02T00:00:00Z")), ..by_resource() },
        &["i-1", "plan-5"],
        2,
    );
    check(&store, text("RDS"), &["i-2"], 1);
    check(&store, text("southeast"), &["i-4"], 1);
    check(&store, text("_"), &["i_3"], 1);
    check(&store, text("%"), &[], 0);
    check(&store, text("'"), &[], 0);
    check(
        &store,
        QuoteFilter { customer: some("c1"), product: some("ecs"), refund_type: some("partial"), ..text("i-") },
        &["i-1"],
        1,
    );

    let page = |filter: QuoteFilter| store.read(|r| r.quotes().page(&filter)).unwrap();
    let segments = |filter: QuoteFilter| {
        page(filter).segments.into_iter().map(|segment| (segment.refund_type, segment.count)).collect::<Vec<_>>()
    };
    let counted =
        |five_day: u32, partial: u32| vec![("five_day".to_owned(), five_day), ("partial".to_owned(), partial)];
    assert_eq!(segments(all()), counted(1, 3));
    assert_eq!(segments(QuoteFilter { refund_type: some("five_day"), limit: 1, ..all() }), counted(1, 3));
    assert_eq!(segments(QuoteFilter { customer: some("c1"), ..all() }), counted(1, 1));
    assert_eq!(segments(text("zzz")), []);
    assert_eq!(page(all()).products, ["ecs", "oss", "rds"]);
    assert_eq!(
        page(QuoteFilter { kind: some("instance"), product: some("ecs"), ..text("i-1") }).products,
        ["ecs", "rds"]
    );
}

#[test]
fn a_page_has_a_limit() {
    let (_dir, store) = book();
    store.write(|tx| (0..600).try_for_each(|number| tx.quotes().put(&quote("c3", &format!("i-{number:04}"))))).unwrap();
    let page = store.read(|r| r.quotes().page(&QuoteFilter { limit: u32::MAX, ..all() })).unwrap();
    assert_eq!((page.rows.len(), page.total), (500, 605));
}

#[test]
fn a_listed_quote_has_its_neighbours() {
    let (_dir, store) = book();
    let (resource, open, done) = (resource(), request("r1", "confirmed"), request("r2", "withdrawn"));
    store
        .write(move |tx| {
            tx.resources().upsert_page(&[resource], 1)?;
            tx.requests().put(&open)?;
            tx.requests().put(&done)
        })
        .unwrap();
    let listed = store.read(|r| r.quotes().listed("c1", "i-1")).unwrap().unwrap();
    assert_eq!(listed.quote, with("c1", "i-1", |row| row.refund = Some(amount("9.00"))));
    assert_eq!(listed.customer_name, "Zhao");
    assert_eq!(listed.renew_status.as_deref(), Some("AutoRenewal"));
    assert_eq!(listed.facts_at, Some(instant("2026-11-20T07:00:00Z")));
    assert_eq!(listed.request.as_deref(), Some("r1"));
    let lonely = store.read(|r| r.quotes().listed("c2", "i-4")).unwrap().unwrap();
    assert_eq!((lonely.renew_status, lonely.facts_at, lonely.request), (None, None, None));
    let page = store.read(|r| r.quotes().page(&QuoteFilter { text: "i-1".to_owned(), ..all() })).unwrap();
    assert_eq!(page.rows, [listed]);
}

#[test]
fn quotes_are_kept_replaced_and_forgotten() {
    let (_dir, store) = book();
    let kept = store.read(|r| r.quotes().get("c1", "i_3")).unwrap().unwrap();
    assert!(kept.problem.is_some());
    store.write(|tx| tx.quotes().put(&quote("c1", "i_3"))).unwrap();
    let replaced = store.read(|r| r.quotes().get("c1", "i_3")).unwrap().unwrap();
    assert_eq!(replaced, quote("c1", "i_3"));
    store.write(|tx| tx.quotes().delete("c1", "i_3")).unwrap();
    assert_eq!(store.read(|r| r.quotes().get("c1", "i_3")).unwrap(), None);
    store.write(|tx| tx.quotes().clear("c1")).unwrap();
    assert_eq!(store.read(|r| r.quotes().of_customer("c1")).unwrap(), []);
    assert_eq!(store.read(|r| r.quotes().of_customer("c2")).unwrap().len(), 2);
}

#[test]
fn stale_quotes_are_those_whose_validity_has_ended() {
    let (_dir, store) = book();
    let stale = |now: &str| {
        let rows = store.read(|r| r.quotes().stale(instant(now))).unwrap();
        rows.into_iter().map(|row| row.resource).collect::<Vec<_>>()
    };
    assert_eq!(stale("2026-11-20T14:59:59Z"), [""; 0]);
    assert_eq!(stale("2026-11-20T15:00:00Z"), ["i-2"]);
    assert_eq!(stale("2026-11-20T16:00:00Z"), ["i-2", "i-1", "i-4", "plan-5"]);
}

/// Columns: filter, its keys in order and up to so many, its total, its sums.
#[test]
fn keys_and_tallies_are_those_of_the_whole_filter() {
    let (_dir, store) = book();
    let check = |filter: QuoteFilter, limit: u32, keys: &[&str], total: u32, sums: &[&str]| {
        let (found, tally) = store
            .read(|r| Ok::<_, StoreError>((r.quotes().keys(&filter, limit)?, r.quotes().tally(&filter)?)))
            .unwrap();
        let found: Vec<String> =
            found.into_iter().map(|(customer, resource)| format!("{customer}/{resource}")).collect();
        assert_eq!(found, keys, "{filter:?}");
        let told: Vec<String> = tally.refundable.iter().map(|sum| format!("{} {}", sum.currency, sum.amount)).collect();
        assert_eq!((tally.total, told), (total, sums.iter().map(|&sum| sum.to_owned()).collect()), "{filter:?}");
    };
    let by_resource = || QuoteFilter { sort: QuoteSort::Resource, limit: 1, ..all() };
    let some = |text: &str| Some(text.to_owned());
    // The plan is not eligible, i_3 has no quote.
    check(by_resource(), 9, &["c1/i-1", "c1/i-2", "c2/i-4", "c1/i_3", "c2/plan-5"], 5, &["CNY 10.00", "USD 19.00"]);
    check(by_resource(), 2, &["c1/i-1", "c1/i-2"], 5, &["CNY 10.00", "USD 19.00"]);
    let partial = QuoteFilter { refund_type: some("partial"), ..by_resource() };
    check(partial, 9, &["c1/i-1", "c2/i-4", "c2/plan-5"], 3, &["CNY 10.00", "USD 9.00"]);
    check(QuoteFilter { text: "zzz".to_owned(), ..by_resource() }, 9, &[], 0, &[]);
}

#[test]
fn stale_quotes_are_counted_and_come_in_portions() {
    let (_dir, store) = book();
    let look = |now: &str, limit: u32| {
        let now = instant(now);
        let (count, first) = store
            .read(|r| Ok::<_, StoreError>((r.quotes().stale_count(now)?, r.quotes().stale_first(now, limit)?)))
            .unwrap();
        (count, first.into_iter().map(|row| row.resource).collect::<Vec<_>>())
    };
    assert_eq!(look("2026-11-20T14:59:59Z", 9), (0, vec![]));
    assert_eq!(look("2026-11-20T16:00:00Z", 2), (4, vec!["i-2".to_owned(), "i-1".to_owned()]));
}

/// 0.1 + 0.2 and a sum beyond 2^53 cents, which a binary float would lose.
#[test]
fn refundable_sums_are_exact_and_of_eligible_quotes_only() {
    let (_dir, store) = book();
    store
        .write(|tx| {
            for (resource, refund) in
                [("i-6", "0.1"), ("i-7", "0.2"), ("i-8", "90071992547409.93"), ("i-9", "0.000001")]
            {
                tx.quotes().put(&with("c2", resource, |row| row.refund = Some(amount(refund))))?;
            }
            Ok::<_, desk_store::StoreError>(())
        })
        .unwrap();
    let sums = store.read(|r| r.quotes().refundable()).unwrap();
    let shown: Vec<(&str, &str, String)> = sums
        .iter()
        .flat_map(|(customer, sums)| {
            sums.iter().map(move |sum| (customer.as_str(), sum.currency.as_str(), sum.amount.to_string()))
        })
        .collect();
    // c1: 9.00 + 10.00. c2: 10.00 in CNY; in USD 0.1 + 0.2 + 90071992547409.93 + 0.000001, without the plan that is not eligible.
    let expect = [("c1", "USD", "19.00"), ("c2", "CNY", "10.00"), ("c2", "USD", "90071992547410.230001")];
    assert_eq!(shown, expect.map(|(customer, currency, sum)| (customer, currency, sum.to_owned())));
}

fn resource() -> ResourceRow {
    ResourceRow {
        customer: "c1".to_owned(),
        id: "i-1".to_owned(),
        product: "ecs".to_owned(),
        product_type: String::new(),
        kind: "instance".to_owned(),
        region: "cn-hangzhou".to_owned(),
        billing: "Subscription".to_owned(),
        status: "Normal".to_owned(),
        renew_status: Some("AutoRenewal".to_owned()),
        created_at: instant("2026-11-01T00:00:00Z"),
        end_at: None,
        usage: None,
        raw: Json::parse("{}").unwrap(),
        facts_at: instant("2026-11-20T07:00:00Z"),
        gone_at: None,
    }
}

fn request(id: &str, state: &str) -> RequestRow {
    RequestRow {
        id: id.to_owned(),
        customer: "c1".to_owned(),
        resource: "i-1".to_owned(),
        action: "unsubscribe".to_owned(),
        expires: None,
        state: state.to_owned(),
        channel: None,
        currency: "USD".to_owned(),
        predicted: amount("9.00"),
        predicted_max: amount("9.00"),
        actual: None,
        arrived: amount("0"),
        reason: None,
        refund_order: None,
        token: None,
        quote_sha256: None,
        quote: None,
        arrives_by: None,
        problem: None,
        params: None,
        created_at: instant("2026-11-20T08:00:00Z"),
        updated_at: instant("2026-11-20T08:00:00Z"),
        entry_seq: 1,
    }
}
