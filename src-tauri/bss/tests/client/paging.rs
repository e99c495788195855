//! Pages come one at a time with their numbers, whatever shape the counts have and however rows shift.

use crate::support::*;
use bss_openapi::wire::*;
use bss_openapi::{Kind, Page};

fn orders(page_size: u32) -> QueryOrdersRequest {
    let mut request =
        QueryOrdersRequest::new("2026-10-01T00:00:00Z".parse().unwrap(), "2026-11-01T00:00:00Z".parse().unwrap());
    request.page_size = page_size;
    request
}

fn page(counts: &str, ids: &[&str]) -> Act {
    let rows: Vec<String> = ids.iter().map(|id| format!(r#"{{"OrderId":"{id}"}}"#)).collect();
    data(&format!(r#"{{{counts}"OrderList":{{"Order":[{}]}}}}"#, rows.join(",")))
}

fn ids(page: &Page<OrderRow>) -> Vec<&str> {
    page.rows.iter().map(|row| row.order_id.as_str()).collect()
}

/// Reads everything; gives (number, ids, last) of each page, whether the total moved, and the page numbers asked for.
async fn read(script: Vec<Act>, request: QueryOrdersRequest) -> (Vec<(u32, String, bool)>, bool, Vec<String>) {
    let server = Server::start(script).await;
    let client = server.client();
    let mut pager = client.pages(request);
    let mut pages = Vec::new();
    while let Some(page) = pager.next_page().await.unwrap() {
        pages.push((page.number, ids(&page).join(" "), page.last));
    }
    let asked = |received: &Received| {
        let query = bss_openapi::sign::query::decode(received.raw_query());
        query.into_iter().find(|(name, _)| name == "PageNum").unwrap().1
    };
    (pages, pager.shifted(), server.received().iter().map(asked).collect())
}

fn expected(pages: &[(u32, &str, bool)]) -> Vec<(u32, String, bool)> {
    pages.iter().map(|(number, ids, last)| (*number, (*ids).to_owned(), *last)).collect()
}

#[tokio::test]
async fn pages_end_where_the_total_says() {
    let script = vec![
        page(r#""PageNum":1,"PageSize":2,"TotalCount":3,"#, &["5", "4"]),
        page(r#""PageNum":2,"PageSize":2,"TotalCount":3,"#, &["3"]),
    ];
    let (pages, shifted, asked) = read(script, orders(2)).await;
    assert_eq!(pages, expected(&[(1, "5 4", false), (2, "3", true)]));
    assert_eq!((shifted, asked), (false, vec!["1".to_owned(), "2".to_owned()]));
}

#[tokio::test]
async fn counts_may_be_text_or_missing() {
    let script = vec![
        page(r#""PageNum":"1","PageSize":"2","TotalCount":"3","#, &["5", "4"]),
        page(r#""PageNum":"2","PageSize":"2","TotalCount":"3","#, &["3"]),
    ];
    let (pages, ..) = read(script, orders(2)).await;
    assert_eq!(pages, expected(&[(1, "5 4", false), (2, "3", true)]));

    // No counts: an empty page ends it.
    let script = vec![page("", &["5", "4"]), page("", &["3"]), page("", &[])];
    let (pages, ..) = read(script, orders(2)).await;
    assert_eq!(pages, expected(&[(1, "5 4", false), (2, "3", false), (3, "", true)]));

    // A total of zero beside rows is no total.
    let script = vec![page(r#""TotalCount":0,"#, &["5"]), page(r#""TotalCount":0,"#, &[])];
    let (pages, ..) = read(script, orders(2)).await;
    assert_eq!(pages, expected(&[(1, "5", false), (2, "", true)]));
}

#[tokio::test]
async fn an_empty_window_is_one_empty_last_page() {
    for body in [
        "null",
        "{}",
        r#"{"OrderList":null,"TotalCount":0}"#,
        r#"{"PageNum":1,"TotalCount":0,"OrderList":{"Order":null}}"#,
    ] {
        let (pages, ..) = read(vec![data(body)], orders(20)).await;
        assert_eq!(pages, expected(&[(1, "", true)]), "{body}");
    }
}

/// A new order arrives between the pages: the last row of page 1 comes again as the first of page 2. Both are given, the store
/// keeps them by id, and the moved total is told.
#[tokio::test]
async fn rows_that_shift_are_given_and_told() {
    let script = vec![
        page(r#""PageNum":1,"PageSize":2,"TotalCount":3,"#, &["5", "4"]),
        page(r#""PageNum":2,"PageSize":2,"TotalCount":4,"#, &["4", "3"]),
    ];
    let (pages, shifted, _) = read(script, orders(2)).await;
    assert_eq!(pages, expected(&[(1, "5 4", false), (2, "4 3", true)]));
    assert!(shifted);
    // One vanished instead: a row may have been skipped.
    let script = vec![
        page(r#""PageNum":1,"PageSize":2,"TotalCount":4,"#, &["5", "4"]),
        page(r#""PageNum":2,"PageSize":2,"TotalCount":3,"#, &["2"]),
    ];
    let (pages, shifted, _) = read(script, orders(2)).await;
    assert_eq!(pages, expected(&[(1, "5 4", false), (2, "2", true)]));
    assert!(shifted);
}

#[tokio::test]
async fn pages_smaller_than_admitted_lose_nothing() {
    // Asked for 5 and told 5, but served 2 a page. Of 7 rows the second page holds exactly what the counts leave for it (7 - 5):
    // only the first, short page tells that they cannot be trusted.
    for total in 5..=8 {
        let all: Vec<String> = (1..=total).rev().map(|id| id.to_string()).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let counts = |number: usize| format!(r#""PageNum":{number},"PageSize":5,"TotalCount":{total},"#);
        let mut script: Vec<Act> =
            all.chunks(2).enumerate().map(|(index, ids)| page(&counts(index + 1), ids)).collect();
        script.push(page(&counts(script.len() + 1), &[]));
        let (pages, shifted, _) = read(script, orders(5)).await;
        let read: Vec<&str> = pages.iter().flat_map(|(_, ids, _)| ids.split_whitespace()).collect();
        assert_eq!((read, shifted), (all, false), "{total} rows");
    }
    // Told the smaller size: the size of the reply counts, not the one asked for, and no further call is made.
    let counts = |number: u32| format!(r#""PageNum":{number},"PageSize":2,"TotalCount":5,"#);
    let script = vec![page(&counts(1), &["5", "4"]), page(&counts(2), &["3", "2"]), page(&counts(3), &["1"])];
    let (pages, _, asked) = read(script, orders(50)).await;
    assert_eq!(pages, expected(&[(1, "5 4", false), (2, "3 2", false), (3, "1", true)]));
    assert_eq!(asked, ["1", "2", "3"]);
}

#[tokio::test]
async fn a_reading_resumes_at_its_page_and_repeats_a_failed_one() {
    let script = vec![
        page(r#""PageNum":3,"PageSize":2,"TotalCount":8,"#, &["4", "3"]),
        Act::Drop,
        page(r#""PageNum":4,"PageSize":2,"TotalCount":8,"#, &["2", "1"]),
    ];
    let server = Server::start(script).await;
    let client = server.client();
    let mut pager = client.pages(QueryOrdersRequest { page_num: 3, ..orders(2) });
    assert_eq!(pager.next_page().await.unwrap().unwrap().number, 3);
    assert_eq!(pager.next_page().await.unwrap_err().kind(), Kind::Transport);
    let page = pager.next_page().await.unwrap().unwrap();
    assert_eq!((page.number, page.total, page.last), (4, Some(8), true));
    assert_eq!(pager.next_page().await.unwrap(), None);
    assert_eq!(server.received().len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reading_may_move_between_threads() {
    let server = Server::start(vec![page(r#""TotalCount":1,"#, &["5"])]).await;
    let client = server.client();
    let reading = tokio::spawn(async move {
        let mut pager = client.pages(orders(20));
        let mut rows = Vec::new();
        while let Some(page) = pager.next_page().await.unwrap() {
            rows.extend(page.rows);
        }
        rows
    });
    assert_eq!(reading.await.unwrap().len(), 1);
}

#[tokio::test]
async fn another_page_than_the_one_asked_for_is_refused() {
    let server = Server::start(vec![page(r#""PageNum":1,"PageSize":2,"TotalCount":8,"#, &["5", "4"])]).await;
    let request = QueryOrdersRequest { page_num: 4, ..orders(2) };
    let error = server.client().query_orders(&request).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Malformed);
    assert!(error.message().contains("page 4 was asked for, page 1 came"), "{error}");
}

#[tokio::test]
async fn every_paged_operation_reads_its_own_wrapper() {
    let bodies = [
        r#"{"PageNum":1,"PageSize":300,"TotalCount":1,"InstanceList":[{"InstanceID":"i-1"}]}"#,
        r#"{"PageNum":"1","PageSize":"300","TotalCount":"1","Instances":{"Instance":[{"InstanceId":"p-1","TotalAmount":"40.000"}]}}"#,
        r#"{"PageNum":1,"PageSize":20,"TotalCount":1,"AccountTransactionsList":{"AccountTransactionsList":[{"RecordID":"7","Amount":"5.00"}]}}"#,
    ];
    let server = Server::start(bodies.iter().map(|body| data(body)).collect()).await;
    let client = server.client();
    let instances = client.query_available_instances(&QueryAvailableInstancesRequest::default()).await.unwrap();
    assert_eq!((instances.rows[0].instance_id.as_str(), instances.last), ("i-1", true));
    let plans =
        client.query_resource_package_instances(&QueryResourcePackageInstancesRequest::default()).await.unwrap();
    assert_eq!((plans.rows[0].instance_id.as_str(), plans.total, plans.last), ("p-1", Some(1), true));
    let window = ("2026-10-01T00:00:00Z".parse().unwrap(), "2026-11-01T00:00:00Z".parse().unwrap());
    let request = QueryAccountTransactionsRequest::new(window.0, window.1);
    let transactions = client.query_account_transactions(&request).await.unwrap();
    assert_eq!((transactions.rows[0].record_id.as_deref(), transactions.last), (Some("7"), true));
}
