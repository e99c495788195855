//! Each reading call through the client that the desk uses.

mod common;

use bss_openapi::wire::{
    GetOrderDetailRequest, InstanceStatus, OrderSubType, OrderType, PaymentStatus, PlanStatus,
    QueryAvailableInstancesRequest, QueryOrdersRequest, QueryResourcePackageInstancesRequest, SubscriptionType,
    TransactionFlow, TransactionType,
};
use bss_openapi::{Kind, Paged};
use chrono::TimeDelta;
use common::{ANCHOR, Running, all, at, code, detail, instances, orders, plans, transactions_of};
use refund_rules::case::Kind as ResourceKind;
use rust_decimal::Decimal;

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_all_listed_newest_first_and_paging_loses_none() {
    let running = Running::start().await;
    for place in 0..4 {
        let (client, books) = (running.client(place), running.books(place));
        let listed = orders(&client).await;
        let mut ids: Vec<_> = listed.iter().map(|row| row.order_id.clone()).collect();
        let times: Vec<_> = listed.iter().map(|row| row.create_time).collect();
        assert!(times.is_sorted_by(|a, b| a >= b));
        let mut known: Vec<_> = books.orders.iter().map(|order| order.order_id.clone()).collect();
        known.extend(books.refund_orders.iter().map(|refund| refund.order_id.clone()));
        ids.sort();
        known.sort();
        assert_eq!(ids, known);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_a_part_and_the_total_is_of_all() {
    let running = Running::start().await;
    let client = running.client(0);
    let window = QueryOrdersRequest::new(at("2020-01-01T00:00:00Z"), at(ANCHOR));
    let count = running.books(0).orders.len() + running.books(0).refund_orders.len();
    let page = |number| QueryOrdersRequest { page_num: number, page_size: 7, ..window.clone() };
    let first = client.query_orders(&page(1)).await.expect("a page");
    assert_eq!((first.rows.len(), first.total), (7, Some(count as u32)));
    let beyond = client.query_orders(&page(1000)).await.expect("an empty page");
    assert!(beyond.rows.is_empty() && beyond.last);
    for bad in
        [QueryOrdersRequest { page_size: 0, ..window.clone() }, QueryOrdersRequest { page_size: 301, ..window.clone() }]
    {
        assert_eq!(code(&client.query_orders(&bad).await.expect_err("a bad page")), "InvalidParameter");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_holds_what_was_created_in_it_bounds_included() {
    let running = Running::start().await;
    let client = running.client(1);
    let created = running.books(1).orders[3].created_at;
    let second = TimeDelta::seconds(1);
    // (start, end, whether the order is inside)
    let cases = [
        (created, created, true),
        (created - second, created, true),
        (created, created + second, true),
        (created + second, created + TimeDelta::days(1), false),
        (created - TimeDelta::days(1), created - second, false),
    ];
    for (start, end, inside) in cases {
        let rows = all(&client, QueryOrdersRequest::new(start, end)).await;
        let found = rows.iter().any(|row| row.create_time == Some(created));
        assert_eq!(found, inside, "{start} to {end}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_keep_what_fits() {
    let running = Running::start().await;
    let client = running.client(0);
    let window = QueryOrdersRequest::new(at("2020-01-01T00:00:00Z"), at(ANCHOR));
    let renewals = all(&client, QueryOrdersRequest { order_type: Some(OrderType::Renew), ..window.clone() }).await;
    assert!(renewals.len() >= 4 && renewals.iter().all(|row| row.order_type == Some(OrderType::Renew)));
    let unpaid =
        all(&client, QueryOrdersRequest { payment_status: Some(PaymentStatus::Unpaid), ..window.clone() }).await;
    assert_eq!(unpaid.len(), 1);
    assert_eq!(unpaid[0].payment_time, None);
    let refunds = all(&client, QueryOrdersRequest { order_type: Some(OrderType::Refund), ..window.clone() }).await;
    assert!(refunds.iter().all(|row| row.payment_status.is_none() && row.related_order_id.is_some()));
    assert_eq!(refunds.len(), running.books(0).refund_orders.len());
    let metered =
        all(&client, QueryOrdersRequest { subscription_type: Some(SubscriptionType::PayAsYouGo), ..window.clone() })
            .await;
    assert_eq!(metered.len(), 1);
    let swas = all(&client, QueryOrdersRequest { product_code: Some("swas".to_owned()), ..window }).await;
    assert!(!swas.is_empty() && swas.iter().all(|row| row.product_code.as_deref() == Some("swas")));
}

#[tokio::test(flavor = "multi_thread")]
async fn details_add_up_to_the_listed_order_and_name_the_instances() {
    let running = Running::start().await;
    for place in 0..2 {
        let (client, books) = (running.client(place), running.books(place));
        for row in orders(&client).await {
            let parts = detail(&client, &row.order_id).await;
            let sum = |of: fn(&bss_openapi::wire::OrderDetailRow) -> Option<Decimal>| {
                parts.iter().filter_map(of).sum::<Decimal>()
            };
            assert_eq!(Some(sum(|part| part.pretax_gross_amount)), row.pretax_gross_amount, "{}", row.order_id);
            assert_eq!(Some(sum(|part| part.pretax_amount)), row.pretax_amount, "{}", row.order_id);
            let is_refund = row.order_type == Some(OrderType::Refund);
            for part in &parts {
                let sub_type = if is_refund { OrderSubType::RefundSubOrder } else { OrderSubType::ProductSubOrder };
                assert_eq!(part.order_sub_type, Some(sub_type));
                let ids = part.instances().expect("a list of ids");
                assert_eq!(part.quantity, Some(Decimal::from(ids.len())));
                assert!(ids.iter().all(|id| books.resources.iter().any(|resource| resource.id == *id)), "{ids:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coupon_is_told_in_the_extended_information() {
    let running = Running::start().await;
    let client = running.client(0);
    let order =
        running.books(0).orders.into_iter().find(|order| !order.coupon.is_zero()).expect("an order with a coupon");
    let parts = detail(&client, &order.order_id).await;
    assert_eq!(parts[0].extend_amount("DeductedByCoupons"), Ok(Some(order.coupon)));
    assert_eq!(parts[0].pretax_amount, Some(order.cash + order.coupon));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_not_there_has_no_rows_and_another_account_sees_none() {
    let running = Running::start().await;
    let order = running.books(0).orders[0].order_id.clone();
    assert!(detail(&running.client(0), "999999999999999").await.is_empty());
    assert!(!detail(&running.client(0), &order).await.is_empty());
    assert!(detail(&running.client(1), &order).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_must_be_the_caller() {
    let running = Running::start().await;
    let order = running.books(0).orders[0].order_id.clone();
    let ask = |uid: String| GetOrderDetailRequest { owner_id: uid.parse().ok(), ..GetOrderDetailRequest::new(&order) };
    running.client(0).get_order_detail(&ask(running.info(0).uid)).await.expect("the caller itself");
    let error = running.client(0).get_order_detail(&ask(running.info(1).uid)).await.expect_err("another owner");
    assert_eq!(code(&error), "InvalidOwner");
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_are_what_is_there_and_hide_what_the_wire_does_not_tell() {
    let running = Running::start().await;
    for place in 0..4 {
        let (client, books) = (running.client(place), running.books(place));
        let listed = instances(&client).await;
        let is_listed = |resource: &&bss_sandbox::ResourceEntry| {
            resource.kind == ResourceKind::Instance && resource.status.word() != "released"
        };
        assert_eq!(listed.len(), books.resources.iter().filter(is_listed).count());
        for row in &listed {
            let truth = books.resources.iter().find(|resource| resource.id == row.instance_id).expect("known");
            assert_eq!(row.end_time, Some(truth.ends_at));
            let status =
                if truth.status.word() == "expired" { InstanceStatus::Expired } else { InstanceStatus::Normal };
            assert_eq!(row.status, Some(status), "{} is {}", truth.id, truth.status);
            assert_eq!(row.owner_id.map(|id| id.to_string()), Some(books.uid.clone()));
        }
        assert!(listed.iter().any(|row| row.subscription_type == Some(SubscriptionType::PayAsYouGo)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_are_filtered_and_a_region_needs_a_product() {
    let running = Running::start().await;
    let client = running.client(0);
    let ecs = running.find(0, |_, resource| resource.product == "ecs");
    let base = QueryAvailableInstancesRequest::default();
    let region = QueryAvailableInstancesRequest { region: Some(ecs.region.clone()), ..base.clone() };
    assert_eq!(code(&client.query_available_instances(&region).await.expect_err("no product")), "MissingParameter");
    let both = QueryAvailableInstancesRequest { product_code: Some("ecs".to_owned()), ..region };
    let rows = all(&client, both).await;
    assert!(rows.iter().any(|row| row.instance_id == ecs.id));
    assert!(
        rows.iter().all(|row| row.region == Some(ecs.region.clone()) && row.product_code.as_deref() == Some("ecs"))
    );
    let named = QueryAvailableInstancesRequest { instance_ids: vec![ecs.id.clone(), "i-nothere".to_owned()], ..base };
    let rows = all(&client, named).await;
    assert_eq!(rows.iter().map(|row| &row.instance_id).collect::<Vec<_>>(), [&ecs.id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_tell_their_quota_and_stand_in_their_own_list() {
    let running = Running::start().await;
    for place in 0..2 {
        let (client, books) = (running.client(place), running.books(place));
        let rows = plans(&client).await;
        let known = books.resources.iter().filter(|resource| resource.kind == ResourceKind::ResourcePlan).count();
        assert_eq!(rows.len(), known);
        assert!(rows.iter().any(|row| row.total_amount == row.remaining_amount));
        assert!(rows.iter().any(|row| row.total_amount > row.remaining_amount));
        for row in &rows {
            assert_eq!(row.status, Some(PlanStatus::Available));
            assert_eq!(row.deduct_type.as_deref(), Some("Absolute"));
            let order = books
                .orders
                .iter()
                .find(|order| order.parts[0].instances.contains(&row.instance_id))
                .expect("its order");
            let parts = detail(&client, &order.order_id).await;
            assert_eq!(parts[0].commodity_code, row.commodity_code, "the plan list and the order name one commodity");
        }
    }
    let request = QueryResourcePackageInstancesRequest { product_code: Some("oss".to_owned()), ..Default::default() };
    assert_eq!(request.page_size(), 300);
    let rows = all(&running.client(0), request).await;
    assert!(!rows.is_empty() && rows.iter().all(|row| row.commodity_code.as_deref() == Some("ossbag")));
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_carry_the_order_and_sum_to_its_cash() {
    let running = Running::start().await;
    let (client, books) = (running.client(1), running.books(1));
    for order in books.orders.iter().filter(|order| order.paid && !order.cash.is_zero()) {
        let rows = transactions_of(&client, &order.order_id).await;
        let sum: Decimal = rows.iter().filter_map(|row| row.amount).sum();
        assert_eq!(sum, order.cash, "{}", order.order_id);
        for row in rows {
            assert_eq!(row.transaction_flow, Some(TransactionFlow::Expense));
            assert_ne!(row.transaction_type, Some(TransactionType::Refund));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_balance_is_that_of_the_ledger() {
    let running = Running::start().await;
    for place in 0..4 {
        let reply = running.client(place).query_account_balance().await.expect("a balance");
        let books = running.books(place);
        assert_eq!(reply.data.available_amount, Some(books.balance));
        assert_eq!(reply.data.currency, Some(books.currency));
        assert_eq!(reply.meta.server_date, Some(at(ANCHOR)), "the date is the wall clock's");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_open_their_own_account_and_no_other() {
    let running = Running::start().await;
    let infos = running.sandbox.accounts();
    assert_eq!(
        infos.iter().map(|info| info.key_id.as_str()).collect::<Vec<_>>(),
        ["testid", "testid-2", "testid-3", "testid-4"]
    );
    let wrong_secret = running.client_with(0, |account| bss_openapi::Account { key_secret: "wrong".into(), ..account });
    let error = wrong_secret.query_account_balance().await.expect_err("a wrong secret");
    assert_eq!(
        (error.kind(), code(&error).as_str(), error.http_status()),
        (Kind::Credentials, "SignatureDoesNotMatch", Some(400))
    );
    let wrong_key = running.client_with(0, |account| bss_openapi::Account { key_id: "testid-5".to_owned(), ..account });
    let error = wrong_key.query_account_balance().await.expect_err("an unknown key");
    assert_eq!(
        (error.kind(), code(&error).as_str(), error.http_status()),
        (Kind::Credentials, "InvalidAccessKeyId.NotFound", Some(404))
    );
}
