//! Lists of thousands: every page, near and far, is the one that sorting all rows plainly gives, before and after the book changes.

use desk_store::{Access, QuoteFilter, QuoteSort, QuoteSummary, RefundFilter, Store, StoreError, Unlock};
use tempfile::tempdir;

use crate::quotes::{connection, quote};
use crate::tables::refund;
use crate::{amount, instant, past_the_store, sandbox};

const SORTS: [QuoteSort; 11] = [
    QuoteSort::Refund,
    QuoteSort::Expires,
    QuoteSort::Product,
    QuoteSort::Resource,
    QuoteSort::Customer,
    QuoteSort::OrderTime,
    QuoteSort::Region,
    QuoteSort::Status,
    QuoteSort::RefundType,
    QuoteSort::HoldsUntil,
    QuoteSort::Renewals,
];

/// More rows than pages are read near the beginning.
const ROWS: u32 = 2_300;

/// Names sort the other way round than ids; the last one has no connection.
const CUSTOMERS: [(&str, &str); 3] = [("c1", "Zhao"), ("c2", "Bai"), ("c3", "")];

/// A row of few different values, so that most are equal in what they are sorted by.
fn row(number: u32) -> QuoteSummary {
    // A step through all remainders that follows no column's own rhythm.
    let draw = number.wrapping_mul(2_654_435_761) >> 16;
    let day = |of: u32| Some(instant(&format!("2026-11-{:02}T00:00:00Z", 1 + of % 28)));
    let pick = |all: &[&str], of: u32| all[of as usize % all.len()].to_owned();
    let quoted = !draw.is_multiple_of(11);
    QuoteSummary {
        product: pick(&["ecs", "rds", "slb"], draw),
        kind: pick(&["instance", "instance", "instance", "resource_plan"], draw / 3),
        region: pick(&["cn-hangzhou", "ap-southeast-1"], draw / 5),
        status: pick(&["running", "stopped"], draw / 7),
        ordered_at: day(draw / 2).filter(|_| quoted),
        expires_at: day(draw / 13).filter(|_| quoted),
        refund_type: quoted.then(|| pick(&["five_day", "partial", "nonrefundable"], draw / 17)),
        refund: quoted.then(|| amount(&format!("{}.{:02}", draw % 90, draw % 7))),
        currency: quoted.then(|| pick(&["USD", "CNY"], draw / 19)),
        eligible: quoted && !draw.is_multiple_of(4),
        valid_until: day(draw / 23).filter(|_| quoted),
        pending_renewals: draw % 3,
        ..quote(CUSTOMERS[number as usize % 3].0, &format!("i-{number:05}"))
    }
}

/// The rows of a filter in its order, by hand.
fn plainly(all: &[QuoteSummary], filter: &QuoteFilter) -> Vec<(String, String)> {
    let mut rows: Vec<&QuoteSummary> = all.iter().filter(|row| passes(row, filter)).collect();
    rows.sort_by(|a, b| {
        let (left, right) = (sort_value(a, filter.sort), sort_value(b, filter.sort));
        // What has no value is last in both directions.
        let unknown = left.is_none().cmp(&right.is_none());
        let known = (left, &a.customer, &a.resource).cmp(&(right, &b.customer, &b.resource));
        unknown.then(if filter.descending { known.reverse() } else { known })
    });
    rows.into_iter().map(|row| (row.customer.clone(), row.resource.clone())).collect()
}

fn passes(row: &QuoteSummary, filter: &QuoteFilter) -> bool {
    let is = |wanted: &Option<String>, have: Option<&str>| wanted.as_deref().is_none_or(|wanted| have == Some(wanted));
    is(&filter.customer, Some(&row.customer))
        && is(&filter.kind, Some(&row.kind))
        && is(&filter.product, Some(&row.product))
        && is(&filter.refund_type, row.refund_type.as_deref())
        && [&row.resource, &row.product, &row.region].iter().any(|text| text.contains(&filter.text))
        && filter.ordered_from.is_none_or(|from| row.ordered_at.is_some_and(|at| at >= from))
}

/// Texts, and numbers padded to the same width, so that both sort as text.
fn sort_value(row: &QuoteSummary, sort: QuoteSort) -> Option<String> {
    let at = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| format!("{:020}", at.timestamp_millis()));
    match sort {
        QuoteSort::Refund => row.refund.map(|refund| format!("{:020}", refund * amount("100"))),
        QuoteSort::Expires => at(row.expires_at),
        QuoteSort::Product => Some(row.product.clone()),
        QuoteSort::Resource => Some(row.resource.clone()),
        QuoteSort::Customer => {
            let named = CUSTOMERS.iter().find(|(id, name)| *id == row.customer && !name.is_empty());
            named.map(|(_, name)| (*name).to_owned())
        }
        QuoteSort::OrderTime => at(row.ordered_at),
        QuoteSort::Region => Some(row.region.clone()),
        QuoteSort::Status => Some(row.status.clone()),
        QuoteSort::RefundType => row.refund_type.clone(),
        QuoteSort::HoldsUntil => at(row.valid_until),
        QuoteSort::Renewals => Some(format!("{:020}", row.pending_renewals)),
    }
}

fn filters() -> Vec<QuoteFilter> {
    let some = |text: &str| Some(text.to_owned());
    let all = QuoteFilter::default;
    vec![
        all(),
        QuoteFilter { kind: some("instance"), ..all() },
        QuoteFilter { kind: some("instance"), customer: some("c2"), ..all() },
        QuoteFilter { refund_type: some("partial"), kind: some("instance"), ..all() },
        QuoteFilter { product: some("rds"), ..all() },
        QuoteFilter { text: "1".to_owned(), kind: some("instance"), ..all() },
        QuoteFilter { ordered_from: Some(instant("2026-11-05T00:00:00Z")), ..all() },
    ]
}

/// Near, at the edge of what is read by itself, far, across the end, and behind it.
const PLACES: [u32; 8] = [0, 5, 995, 1_000, 1_001, 1_690, ROWS - 3, ROWS];

/// Every filter in every order, at every place.
fn check_all(store: &Store, all: &[QuoteSummary], what: &str) {
    for filter in filters() {
        for (sort, descending) in SORTS.iter().flat_map(|&sort| [(sort, false), (sort, true)]) {
            check_pages(store, all, &QuoteFilter { sort, descending, ..filter.clone() }, &PLACES, what);
        }
        check_numbers(store, all, &filter, what);
    }
}

/// The same two lists before and after a change: what was kept of them until then must be gone.
fn check(store: &Store, all: &[QuoteSummary], what: &str) {
    let everything = QuoteFilter::default();
    let by_status = QuoteFilter { sort: QuoteSort::Status, descending: true, ..QuoteFilter::default() };
    for filter in [everything, by_status] {
        check_pages(store, all, &filter, &[1_100], what);
        check_numbers(store, all, &filter, what);
    }
    let sums = store.read(|r| r.quotes().refundable()).unwrap();
    let customers: Vec<&str> =
        CUSTOMERS.iter().map(|(id, _)| *id).filter(|id| all.iter().any(|row| row.customer == *id)).collect();
    assert_eq!(sums.keys().map(String::as_str).collect::<Vec<_>>(), customers, "{what}");
}

fn check_pages(store: &Store, all: &[QuoteSummary], filter: &QuoteFilter, places: &[u32], what: &str) {
    const LENGTH: u32 = 7;
    let expected = plainly(all, filter);
    for &offset in places {
        let page = QuoteFilter { offset, limit: LENGTH, ..filter.clone() };
        let found = store.read(|r| r.quotes().rows(&page)).unwrap();
        let found: Vec<_> = found.into_iter().map(|row| (row.quote.customer, row.quote.resource)).collect();
        let here: Vec<_> = expected.iter().skip(offset as usize).take(LENGTH as usize).cloned().collect();
        assert_eq!(found, here, "{what}: {page:?}");
    }
}

fn check_numbers(store: &Store, all: &[QuoteSummary], filter: &QuoteFilter, what: &str) {
    let tally = store.read(|r| r.quotes().tally(filter)).unwrap();
    let rows: Vec<&QuoteSummary> = all.iter().filter(|row| passes(row, filter)).collect();
    let sum = |currency: &str| {
        let of = rows.iter().filter(|row| row.eligible && row.currency.as_deref() == Some(currency));
        of.filter_map(|row| row.refund).sum::<rust_decimal::Decimal>()
    };
    let told: Vec<_> = tally.refundable.iter().map(|sum| (sum.currency.as_str(), sum.amount)).collect();
    assert_eq!((tally.total as usize, told), (rows.len(), vec![("CNY", sum("CNY")), ("USD", sum("USD"))]), "{what}");
}

#[test]
fn pages_of_a_long_list_are_those_of_a_plain_sort_before_and_after_every_change() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    let mut all: Vec<QuoteSummary> = (0..ROWS).map(row).collect();
    let rows = all.clone();
    store
        .write(move |tx| {
            for (id, name) in CUSTOMERS.iter().filter(|(_, name)| !name.is_empty()) {
                tx.connections().put(&connection(id, name))?;
            }
            rows.iter().try_for_each(|row| tx.quotes().put(row))
        })
        .unwrap();
    let beside = Store::open(dir.path(), &Unlock::Nothing, Access::ReadOnly).unwrap();
    check_all(&store, &all, "as made");
    check(&store, &all, "as made");
    check(&beside, &all, "read beside it");

    // One changes its amount, one goes.
    all[1_200].refund = Some(amount("99.99"));
    let (changed, gone) = (all[1_200].clone(), all.remove(700));
    store
        .write(move |tx| {
            tx.quotes().put(&changed)?;
            tx.quotes().delete(&gone.customer, &gone.resource)
        })
        .unwrap();
    check(&store, &all, "changed");
    check(&beside, &all, "changed by another desk");

    // What is taken back changes nothing, and is not kept by whoever looked at it meanwhile.
    let refused: Result<(), StoreError> = store.write(|tx| {
        tx.quotes().clear("c1")?;
        let far = QuoteFilter { offset: 1_000, limit: 7, ..QuoteFilter::default() };
        assert_eq!(tx.quotes().rows(&far)?.len(), 7);
        Err(StoreError::WriterEnded)
    });
    assert_eq!(refused.unwrap_err().code(), StoreError::WriterEnded.code());
    check(&store, &all, "taken back");

    store.write(|tx| tx.quotes().clear("c1")).unwrap();
    all.retain(|row| row.customer != "c1");
    check(&store, &all, "a customer's quotes forgotten");
    check(&beside, &all, "forgotten by another desk");
}

#[test]
fn another_name_of_a_customer_is_another_order() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    store
        .write(|tx| {
            tx.connections().put(&connection("c1", "Ada"))?;
            tx.connections().put(&connection("c2", "Bob"))?;
            (0..ROWS).filter(|number| number % 3 < 2).try_for_each(|number| tx.quotes().put(&row(number)))
        })
        .unwrap();
    let far = QuoteFilter { sort: QuoteSort::Customer, offset: 1_100, limit: 1, ..QuoteFilter::default() };
    let whose = || store.read(|r| r.quotes().rows(&far)).unwrap()[0].quote.customer.clone();
    assert_eq!(whose(), "c2");
    store.write(|tx| tx.connections().put(&connection("c1", "Zoe"))).unwrap();
    assert_eq!(whose(), "c1");
}

/// How many quotes hold a product.
fn of_product(store: &Store, product: &str) -> u32 {
    let filter = QuoteFilter { product: Some(product.to_owned()), ..QuoteFilter::default() };
    store.read(|r| r.quotes().tally(&filter)).unwrap().total
}

#[test]
fn who_is_too_far_behind_reads_the_whole_list_again() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    store.write(|tx| (0..40).try_for_each(|number| tx.quotes().put(&quote("c1", &format!("i-{number}"))))).unwrap();
    assert_eq!((of_product(&store, "ecs"), of_product(&store, "rds")), (40, 0));
    for number in 0..2 {
        let changed = QuoteSummary { product: "rds".to_owned(), ..quote("c1", &format!("i-{number}")) };
        store.write(move |tx| tx.quotes().put(&changed)).unwrap();
    }
    // The note of the first change is gone, as after many more changes.
    let behind = past_the_store(dir.path(), "cache.db");
    let gone =
        behind.execute("DELETE FROM quote_change WHERE turn < (SELECT max(turn) FROM quote_change)", []).unwrap();
    assert_eq!(gone, 41);
    assert_eq!((of_product(&store, "ecs"), of_product(&store, "rds")), (38, 2));
}

#[test]
fn notes_of_changes_do_not_pile_up() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    store.write(|tx| (0..700).try_for_each(|number| tx.quotes().put(&row(number)))).unwrap();
    assert_eq!(of_product(&store, "slb") + of_product(&store, "rds") + of_product(&store, "ecs"), 700);
    let behind = past_the_store(dir.path(), "cache.db");
    for _ in 0..100 {
        behind.execute("UPDATE quote SET product = 'oss'", []).unwrap();
    }
    let notes: u32 = behind.query_row("SELECT count(*) FROM quote_change", [], |row| row.get(0)).unwrap();
    assert_eq!((notes, of_product(&store, "oss")), (65_536, 700));
}

#[test]
fn lists_are_searched_by_the_names_of_customers_too() {
    let dir = tempdir().unwrap();
    let store = sandbox(dir.path());
    store
        .write(|tx| {
            tx.connections().put(&connection("c1", "青岚科技有限公司"))?;
            tx.connections().put(&connection("c2", "Harbor Trading"))?;
            for customer in ["c1", "c2", "c3"] {
                tx.quotes().put(&quote(customer, "i-1"))?;
                tx.refunds().put(&refund(customer, "9001", 1, "USD", "0.10"))?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    let check = |text: &str, expected: &[&str]| {
        let text = text.to_owned();
        let quotes = QuoteFilter { text: text.clone(), limit: 9, ..QuoteFilter::default() };
        let refunds = RefundFilter { text: text.clone(), ..RefundFilter::default() };
        let (quotes, refunds) = store
            .read(|r| Ok::<_, StoreError>((r.quotes().page(&quotes)?, r.refunds().page(&refunds, 0, 9)?)))
            .unwrap();
        let quoted: Vec<&str> = quotes.rows.iter().map(|row| row.quote.customer.as_str()).collect();
        let refunded: Vec<&str> = refunds.rows.iter().map(|row| row.customer.as_str()).collect();
        assert_eq!((quoted.as_slice(), refunded.as_slice()), (expected, expected), "{text}");
        assert_eq!((quotes.total as usize, refunds.total as usize), (expected.len(), expected.len()), "{text}");
    };
    check("青岚", &["c1"]);
    check("科技", &["c1"]);
    check("技科", &[]);
    check("hARBOR t", &["c2"]);
    check("r", &["c2"]);
    check("i-1", &["c1", "c2", "c3"]);
    store.write(|tx| tx.connections().put(&connection("c2", "青禾"))).unwrap();
    check("harbor", &[]);
    check("青", &["c1", "c2"]);
}
