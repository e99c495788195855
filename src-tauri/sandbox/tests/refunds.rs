//! Refunds through the API and at the console: what they change, what they refuse, and where the money goes.

mod common;

use bss_openapi::Kind;
use bss_openapi::wire::{
    ImmediatelyRelease, NumberAmount, OrderType, RefundInstanceRequest, TransactionFlow, TransactionType,
};
use bss_sandbox::{AccountLedger, Arrival, Config, Fault, FaultOrder, Ledger, ResourceEntry};
use chrono::TimeDelta;
use common::{
    ANCHOR, Running, at, code, config, detail, inquiry, instances, orders, plans, refund_request, transactions_of,
};
use refund_rules::case::{Action, Billing, Kind as ResourceKind, ResourceStatus};
use rust_decimal::Decimal;

/// An ecs with renewals that have not taken effect.
fn has_pending_renewals(books: &AccountLedger, resource: &ResourceEntry) -> bool {
    pending(books, resource).len() >= 2 && resource.status == ResourceStatus::Normal
}

/// Ids of the paid renewals (not compensations) that start after the anchor.
fn pending(books: &AccountLedger, resource: &ResourceEntry) -> Vec<String> {
    let of = books.orders.iter().filter(|order| order.paid && order.order_type == "Renew");
    of.filter(|order| order.parts[0].instances.contains(&resource.id) && order.parts[0].start > at(ANCHOR))
        .map(|order| order.order_id.clone())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_by_api_changes_everything_that_shows_it() {
    let running = Running::start().await;
    for place in 0..4 {
        let client = running.client(place);
        let resource = running.find(place, has_pending_renewals);
        let before = running.books(place);
        let asked = client.inquiry_price_refund_instance(&inquiry(&resource, "ask-1")).await.expect("an inquiry").data;
        let NumberAmount(amount) = asked.refund_amount.expect("an amount");
        assert!(amount > Decimal::ZERO);
        assert_eq!(asked.currency, Some(before.currency.clone()));

        let accepted = client.refund_instance(&refund_request(&resource, "do-1")).await.expect("accepted").data;
        let after = running.books(place);
        let made: Vec<_> = after.refund_orders.iter().filter(|refund| refund.instance == resource.id).collect();
        assert_eq!(accepted.order_id.map(|id| id.to_string()), Some(made[0].order_id.clone()));
        assert_eq!(made.iter().map(|refund| refund.amount).sum::<Decimal>(), amount);
        // The purchase and each pending renewal have a refund order of their own.
        assert_eq!(made.len(), 1 + pending(&before, &resource).len());

        assert!(instances(&client).await.iter().all(|row| row.instance_id != resource.id));
        let listed = orders(&client).await;
        for refund in &made {
            let row = listed.iter().find(|row| row.order_id == refund.order_id).expect("listed");
            assert_eq!(row.order_type, Some(OrderType::Refund));
            assert_eq!((row.payment_status.clone(), row.pretax_amount), (None, Some(refund.amount)));
            assert_eq!(row.related_order_id, Some(refund.related_order_id.clone()));
            assert_eq!(row.create_time, Some(refund.created_at));
            assert!(listed.iter().any(|row| row.order_id == refund.related_order_id), "the original stays listed");
            let parts = detail(&client, &refund.order_id).await;
            assert_eq!(parts[0].instances(), Ok(vec![resource.id.clone()]));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_money_arrives_with_the_business_clock_and_is_split_by_destination() {
    let running = Running::start().await;
    let client = running.client(1);
    // Three quarters by card within 150 days or else to the balance: the discounted scene pays in two ways.
    let resource = running.find(1, |books, resource| {
        let own = |order: &&bss_sandbox::OrderEntry| order.parts[0].instances.contains(&resource.id);
        resource.product == "ecs"
            && books
                .orders
                .iter()
                .filter(own)
                .any(|order| order.cash < order.list && order.parts[0].instances.len() == 1)
    });
    client.refund_instance(&refund_request(&resource, "t")).await.expect("accepted");
    let refund = running.books(1).refund_orders.last().expect("a refund").clone();
    assert_eq!(refund.destinations.iter().map(|part| part.amount).sum::<Decimal>(), refund.amount);
    // Friday evening in UTC+8 and two business days: Tuesday at the same time.
    assert_eq!(refund.arrives_at, at("2026-11-24T10:00:00Z"));
    let control = running.sandbox.control();
    control.set_clock(at("2026-11-24T09:59:59Z")).expect("the clock");
    assert!(transactions_of(&client, &refund.order_id).await.is_empty());
    let before = running.books(1).balance;
    control.advance(TimeDelta::seconds(1)).expect("the clock");
    let rows = transactions_of(&client, &refund.order_id).await;
    assert_eq!(rows.iter().filter_map(|row| row.amount).sum::<Decimal>(), refund.amount);
    for row in &rows {
        assert_eq!(row.transaction_type, Some(TransactionType::Refund));
        assert_eq!(row.transaction_flow, Some(TransactionFlow::Income));
    }
    let to_balance: Decimal =
        refund.destinations.iter().filter(|part| part.to == "balance").map(|part| part.amount).sum();
    assert_eq!(running.books(1).balance - before, to_balance);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_arrival_can_be_configured() {
    let running = Running::start_with(Config { arrival: Arrival::After(TimeDelta::minutes(2)), ..config() }).await;
    let resource = running.find(0, has_pending_renewals);
    let control = running.sandbox.control();
    let done = control.console_unsubscribe(&running.info(0).uid, &resource.id).expect("unsubscribed");
    let client = running.client(0);
    control.advance(TimeDelta::seconds(119)).expect("the clock");
    assert!(transactions_of(&client, &done.refund_order_ids[0]).await.is_empty());
    control.advance(TimeDelta::seconds(1)).expect("the clock");
    assert!(!transactions_of(&client, &done.refund_order_ids[0]).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_gives_its_first_result_again() {
    let running = Running::start().await;
    let client = running.client(0);
    let resource = running.find(0, has_pending_renewals);
    let ask = |token: &str| inquiry(&resource, token);
    let amount = async |token: &str| {
        client.inquiry_price_refund_instance(&ask(token)).await.expect("an inquiry").data.refund_amount
    };
    let first = amount("a").await;
    running.sandbox.control().advance(TimeDelta::days(3)).expect("the clock");
    assert_eq!(amount("a").await, first, "the first answer is repeated");
    assert_ne!(amount("b").await, first, "three days were used since");
    assert_ne!(amount("").await, first, "no token, no memory");

    let request = refund_request(&resource, "act");
    let done = client.refund_instance(&request).await.expect("accepted").data.order_id;
    assert_eq!(client.refund_instance(&request).await.expect("the same again").data.order_id, done);
    let refunds = running.books(0).refund_orders.iter().filter(|refund| refund.instance == resource.id).count();
    let again = client.refund_instance(&refund_request(&resource, "other")).await.expect_err("gone");
    assert_eq!(code(&again), "ExistRefundingOrderError");
    assert_eq!(running.books(0).refund_orders.iter().filter(|refund| refund.instance == resource.id).count(), refunds);
    let changed = RefundInstanceRequest { instance_id: "i-other".to_owned(), ..request };
    assert_eq!(code(&client.refund_instance(&changed).await.expect_err("other parameters")), "InvalidParameter");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_its_account_s_own_and_is_not_used_up_by_a_refusal() {
    let running = Running::start().await;
    let (first, second) = (running.find(0, has_pending_renewals), running.find(2, has_pending_renewals));
    let amount = async |place: usize, resource: &ResourceEntry| {
        let answer = running.client(place).inquiry_price_refund_instance(&inquiry(resource, "same")).await;
        answer.expect("an inquiry").data.refund_amount
    };
    let (one, other) = (amount(0, &first).await, amount(2, &second).await);
    running.sandbox.control().advance(TimeDelta::days(2)).expect("the clock");
    assert_eq!((amount(0, &first).await, amount(2, &second).await), (one, other), "each repeats its own");

    let nowhere = RefundInstanceRequest { instance_id: "i-nothere".to_owned(), ..refund_request(&first, "act") };
    assert_eq!(code(&running.client(0).refund_instance(&nowhere).await.expect_err("unknown")), "ResourceNotExists");
    let refund = async |place: usize, resource: &ResourceEntry| {
        let answer = running.client(place).refund_instance(&refund_request(resource, "act")).await;
        answer.expect("accepted").data.order_id
    };
    let (one, other) = (refund(0, &first).await, refund(2, &second).await);
    assert_ne!(one, other);
    assert_eq!((refund(0, &first).await, refund(2, &second).await), (one, other));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_refund_a_resource_once() {
    let running = Running::start().await;
    let client = running.client(0);
    let resource = running.find(0, has_pending_renewals);
    let send = |token: String| {
        let (client, request) = (client.clone(), refund_request(&resource, &token));
        tokio::spawn(async move { client.refund_instance(&request).await.map(|reply| reply.data.order_id) })
    };
    // Half of them with one token, the others each with its own.
    let calls: Vec<_> = (0..20).map(|n| send(if n % 2 == 0 { "one".to_owned() } else { format!("own-{n}") })).collect();
    let mut accepted = Vec::new();
    let mut refused = 0;
    for call in calls {
        match call.await.expect("no panic") {
            Ok(order) => accepted.push(order),
            Err(error) => {
                assert_eq!(code(&error), "ExistRefundingOrderError");
                refused += 1;
            }
        }
    }
    accepted.dedup();
    assert_eq!((accepted.len(), refused > 0), (1, true));
    check_sums(&running.sandbox.control().ledger());
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_their_documented_codes_and_change_nothing() {
    let running = Running::start().await;
    type Fits = fn(&AccountLedger, &ResourceEntry) -> bool;
    // (account, resource, code, HTTP status)
    let cases: &[(usize, Fits, &str, u16)] = &[
        (0, |_, r| r.status == ResourceStatus::Changing, "ResourceStatusError", 400),
        (1, |_, r| r.status == ResourceStatus::Overdue, "ResourceStatusError", 400),
        (0, |_, r| r.status == ResourceStatus::Expired, "ExistRefundingOrderError", 400),
        (0, |_, r| r.status == ResourceStatus::Released, "ExistRefundingOrderError", 400),
        (0, |_, r| r.billing == Billing::PayAsYouGo, "CommodityNotSupported", 200),
        (0, |_, r| r.kind == ResourceKind::ResourcePlan, "CommodityNotSupported", 200),
        (0, |_, r| r.product_type == "short_video_sdk", "CommodityNotSupported", 200),
        (0, |_, r| r.paid_marketplace_image, "BindMirrorInstanceError", 400),
        (1, |_, r| r.product == "rds", "CommodityNotSupported", 200),
        (
            0,
            |b, r| b.orders.iter().any(|o| !o.paid && o.parts[0].instances.contains(&r.id)),
            "ExistUnPaidOrderError",
            400,
        ),
    ];
    for (place, fits, expected, status) in cases {
        let resource = running.find(*place, fits);
        let client = running.client(*place);
        let before = running.books(*place);
        let inquired = client.inquiry_price_refund_instance(&inquiry(&resource, "i")).await.expect_err("refused");
        assert_eq!((code(&inquired).as_str(), inquired.http_status()), (*expected, Some(*status)), "{}", resource.id);
        let error = client.refund_instance(&refund_request(&resource, "r")).await.expect_err("refused");
        assert_eq!((code(&error).as_str(), error.http_status()), (*expected, Some(*status)), "{}", resource.id);
        assert!(!error.may_have_acted(), "{expected}");
        assert_eq!(running.books(*place), before);
    }
    let ecs = running.find(0, has_pending_renewals);
    let client = running.client(0);
    let unknown = [
        RefundInstanceRequest { instance_id: "i-nothere".to_owned(), ..refund_request(&ecs, "u1") },
        RefundInstanceRequest { product_code: "rds".to_owned(), ..refund_request(&ecs, "u2") },
        RefundInstanceRequest { product_type: "vm".to_owned(), ..refund_request(&ecs, "u3") },
        RefundInstanceRequest { instance_id: running.find(1, has_pending_renewals).id, ..refund_request(&ecs, "u4") },
    ];
    for request in unknown {
        let error = client.refund_instance(&request).await.expect_err("unknown");
        assert_eq!((code(&error).as_str(), error.http_status()), ("ResourceNotExists", Some(200)), "{request:?}");
        assert_eq!(error.kind(), Kind::NotFound);
    }
    let bad_release = RefundInstanceRequest {
        immediately_release: ImmediatelyRelease::Other("2".to_owned()),
        ..refund_request(&ecs, "u5")
    };
    assert_eq!(code(&client.refund_instance(&bad_release).await.expect_err("a bad word")), "InvalidParameter");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_shows_what_it_then_gives_for_every_resource() {
    let running = Running::start().await;
    let control = running.sandbox.control();
    let mut refunded = 0;
    for place in 0..4 {
        let uid = running.info(place).uid;
        for resource in running.books(place).resources {
            let shown = control.console_amount(&uid, &resource.id, Action::Unsubscribe, None);
            let done = control.console_unsubscribe(&uid, &resource.id);
            match (shown, done) {
                (Ok(shown), Ok(done)) => {
                    assert_eq!(shown.amount, done.amount, "{}", resource.id);
                    refunded += 1;
                }
                (Err(shown), Err(done)) => assert_eq!(shown.code(), done.code(), "{}", resource.id),
                (shown, done) => panic!("{}: shown {shown:?}, done {done:?}", resource.id),
            }
        }
    }
    assert!(refunded > 40, "{refunded}");
    check_sums(&control.ledger());
}

/// No order gives back more than was paid for it, and every refund's parts add up to it.
fn check_sums(ledger: &Ledger) {
    for account in &ledger.accounts {
        for order in &account.orders {
            let back: Decimal = account
                .refund_orders
                .iter()
                .filter(|refund| refund.related_order_id == order.order_id)
                .map(|refund| refund.amount)
                .sum();
            assert!(back <= order.cash, "order {}: {back} of {}", order.order_id, order.cash);
        }
        for refund in &account.refund_orders {
            let parts: Decimal = refund.destinations.iter().map(|part| part.amount).sum();
            assert_eq!(parts, refund.amount, "refund order {}", refund.order_id);
            assert!(refund.destinations.iter().all(|part| part.amount > Decimal::ZERO && part.to != "unknown"));
        }
        let mut pairs: Vec<_> =
            account.refund_orders.iter().map(|refund| (&refund.related_order_id, &refund.instance)).collect();
        let all = pairs.len();
        pairs.sort();
        pairs.dedup();
        assert_eq!(pairs.len(), all, "no share of an order is given back twice");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn renewals_fall_from_the_chosen_time_and_the_resource_runs_on() {
    let running = Running::start().await;
    let control = running.sandbox.control();
    let uid = running.info(0).uid;
    let resource = running.find(0, |books, resource| pending(books, resource).len() == 3);
    let books = running.books(0);
    let falling = pending(&books, &resource);
    let period = |id: &String| {
        let order = books.orders.iter().find(|order| order.order_id == *id).expect("listed");
        (order.parts[0].start, order.parts[0].end, order.cash)
    };
    let mut periods: Vec<_> = falling.iter().map(period).collect();
    periods.sort();
    // Not a candidate: the instant before; the answer names the candidates, which are the starts of what may fall.
    let (middle, _, _) = periods[1];
    let wrong =
        control.console_amount(&uid, &resource.id, Action::CancelRenewals, Some(middle - TimeDelta::seconds(1)));
    let Err(bss_sandbox::Refusal::NotACandidate { candidates, .. }) = wrong else { panic!("{wrong:?}") };
    assert_eq!(candidates, periods.iter().map(|period| period.0).collect::<Vec<_>>());

    let shown = control.console_amount(&uid, &resource.id, Action::CancelRenewals, Some(middle)).expect("an amount");
    assert_eq!(shown.amount, periods[1].2 + periods[2].2, "whole cash of the two that fall");
    let done = control.console_cancel_renewals(&uid, &resource.id, middle).expect("cancelled");
    assert_eq!((done.refund_order_ids.len(), done.amount), (2, shown.amount));
    let after = running.find(0, |_, other| other.id == resource.id);
    assert_eq!((after.ends_at, after.released_at), (middle, None));
    let row =
        instances(&running.client(0)).await.into_iter().find(|row| row.instance_id == resource.id).expect("listed");
    assert_eq!(row.end_time, Some(middle));
    // The last one falls too, then none is left.
    let (first, _, cash) = periods[0];
    assert_eq!(control.console_cancel_renewals(&uid, &resource.id, first).expect("cancelled").amount, cash);
    let none = control.console_cancel_renewals(&uid, &resource.id, first).expect_err("none is left");
    assert_eq!(none.code(), "no_pending_renewal");
    check_sums(&control.ledger());
}

#[tokio::test(flavor = "multi_thread")]
async fn ticket_only_products_are_returned_by_support() {
    let running = Running::start().await;
    let control = running.sandbox.control();
    let uid = running.info(1).uid;
    let rds = running.find(1, |_, resource| resource.product == "rds" && resource.status == ResourceStatus::Normal);
    assert_eq!(control.console_unsubscribe(&uid, &rds.id).expect_err("ticket only").code(), "ticket_only");
    let done = control.support_unsubscribe(&uid, &rds.id).expect("by support");
    assert!(done.amount > Decimal::ZERO);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chance_without_a_reason_is_used_once_a_year_and_product() {
    let running = Running::start().await;
    let control = running.sandbox.control();
    let uid = running.info(0).uid;
    let fresh = running.find(0, |_, r| r.product == "ecs" && at(ANCHOR) - r.created_at < TimeDelta::days(5));
    let shown = control.console_amount(&uid, &fresh.id, Action::Unsubscribe, None).expect("an amount");
    assert_eq!(shown.refund_type.word(), "full_no_reason");
    let order = running
        .books(0)
        .orders
        .into_iter()
        .find(|order| order.parts[0].instances.contains(&fresh.id))
        .expect("its order");
    assert_eq!(shown.amount, order.cash);
    control.console_unsubscribe(&uid, &fresh.id).expect("unsubscribed");
    let rds = running.find(0, |_, r| r.product == "rds" && at(ANCHOR) - r.created_at < TimeDelta::days(5));
    let other = control.console_amount(&uid, &rds.id, Action::Unsubscribe, None).expect("an amount");
    assert_eq!(other.refund_type.word(), "full_no_reason", "another product group has its own chance");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_returned_at_the_console_and_leaves_its_list() {
    let running = Running::start().await;
    let control = running.sandbox.control();
    let unused = running.find(1, |_, r| r.product == "nat_plan");
    let uid = running.info(1).uid;
    let shown = control.console_amount(&uid, &unused.id, Action::Unsubscribe, None).expect("an amount");
    assert_eq!(shown.refund_type.word(), "full_unused");
    control.console_unsubscribe(&uid, &unused.id).expect("unsubscribed");
    assert!(plans(&running.client(1)).await.iter().all(|row| row.instance_id != unused.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn ordered_faults_come_once_and_tell_whether_the_effect_took_place() {
    let running = Running::start().await;
    let client = running.client(0);
    let control = running.sandbox.control();
    let resource = running.find(0, has_pending_renewals);
    let request = refund_request(&resource, "fault");
    let order = |fault| {
        let order = FaultOrder { operation: Some("RefundInstance".to_owned()), times: 1, fault };
        order.check().expect("a fault that can come");
        control.order_fault(order);
    };
    let made = || running.books(0).refund_orders.iter().filter(|refund| refund.instance == resource.id).count();
    // (fault, kind of the error, whether the refund took place)
    order(Fault::Throttled { retry_after_ms: 1500 });
    let error = client.refund_instance(&request).await.expect_err("throttled");
    assert_eq!(error.kind(), Kind::Throttled { retry_after: Some(std::time::Duration::from_millis(1500)) });
    order(Fault::DropBefore);
    assert_eq!(client.refund_instance(&request).await.expect_err("dropped").kind(), Kind::Transport);
    order(Fault::ServerError);
    assert_eq!(client.refund_instance(&request).await.expect_err("a server error").kind(), Kind::Server);
    assert_eq!(made(), 0);
    client.query_account_balance().await.expect("other operations go on");
    order(Fault::DropAfter);
    let error = client.refund_instance(&request).await.expect_err("dropped");
    assert!(error.may_have_acted());
    assert!(made() > 0, "the effect took place");
    let count = made();
    let id = client.refund_instance(&request).await.expect("the first result").data.order_id;
    assert_eq!(made(), count);
    order(Fault::Latency { ms: 80 });
    let began = std::time::Instant::now();
    assert_eq!(client.refund_instance(&request).await.expect("late, but there").data.order_id, id);
    assert!(began.elapsed() >= std::time::Duration::from_millis(80));
    order(Fault::ServerErrorAfter);
    assert!(client.refund_instance(&request).await.expect_err("a server error").may_have_acted());
    assert_eq!(client.refund_instance(&request).await.expect("the first result").data.order_id, id);
}
