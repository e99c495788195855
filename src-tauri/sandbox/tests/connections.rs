//! Relations, partners' orders, roles and restricted keys, as a client of the API meets them.

mod common;

use bss_openapi::wire::*;
use bss_openapi::{Account, Client, Kind, Pace, TemporaryKey};
use bss_sandbox::Refusal;
use chrono::{NaiveDateTime, TimeDelta};
use common::*;
use refund_rules::case::Action;

fn role_of(uid: &str) -> AssumeRoleRequest {
    AssumeRoleRequest {
        role_arn: format!("acs:ram::{uid}:role/{}", bss_sandbox::ROLE),
        role_session_name: "desk".into(),
        duration_seconds: 900,
        external_id: None,
    }
}

fn with_key(running: &Running, key: &TemporaryKey, token: Option<&str>) -> Client {
    let account = Account {
        endpoint: running.info(0).endpoint,
        key_id: key.key_id.clone(),
        key_secret: key.key_secret.0.as_str().into(),
        security_token: token.map(Into::into),
    };
    Client::with_pace(account, running.clock.clone(), Pace::Unlimited).expect("a client")
}

async fn code_of(client: &Client) -> String {
    client.query_account_balance().await.map_or_else(|error| code(&error), |_| "fine".to_owned())
}

#[tokio::test]
async fn a_role_opens_its_account_until_it_ends_and_only_with_its_token() {
    let running = Running::start().await;
    let target = running.info(3);
    let key = running.client(0).assume_role(&role_of(&target.uid)).await.expect("a key");
    assert_eq!(key.expires_at, running.clock.time() + TimeDelta::seconds(900));
    let token = key.security_token.0.as_str();

    // It is the target's account that opens, not the caller's.
    let seen = instances(&with_key(&running, &key, Some(token))).await;
    assert!(!seen.is_empty() && seen.iter().all(|row| row.owner_id == target.uid.parse().ok()));

    assert_eq!(code_of(&with_key(&running, &key, None)).await, "MissingSecurityToken");
    assert_eq!(code_of(&with_key(&running, &key, Some("another"))).await, "InvalidSecurityToken.Malformed");
    let other = TemporaryKey { key_secret: SecretText("wrong".into()), ..key.clone() };
    assert_eq!(code_of(&with_key(&running, &other, Some(token))).await, "SignatureDoesNotMatch");
    let lasting = running.client_with(0, |account| Account { security_token: Some("x".into()), ..account });
    assert_eq!(code_of(&lasting).await, "InvalidSecurityToken.Malformed");

    running.clock.pass(TimeDelta::seconds(899));
    assert_eq!(code_of(&with_key(&running, &key, Some(token))).await, "fine");
    // The business clock has nothing to do with it.
    running.sandbox.control().advance(TimeDelta::days(2)).expect("the clock moves");
    assert_eq!(code_of(&with_key(&running, &key, Some(token))).await, "fine");
    running.clock.pass(TimeDelta::seconds(1));
    assert_eq!(code_of(&with_key(&running, &key, Some(token))).await, "InvalidSecurityToken.Expired");
}

#[tokio::test]
async fn what_is_wrong_with_a_role_is_said() {
    let running = Running::start().await;
    let good = role_of(&running.info(1).uid);
    let cases = [
        ("EntityNotExist.Role", AssumeRoleRequest { role_arn: "acs:ram::1:role/RefundDesk".into(), ..good.clone() }),
        (
            "EntityNotExist.Role",
            AssumeRoleRequest { role_arn: good.role_arn.replace("RefundDesk", "X"), ..good.clone() },
        ),
        ("InvalidParameter.RoleArn", AssumeRoleRequest { role_arn: "RefundDesk".into(), ..good.clone() }),
        ("InvalidParameter.DurationSeconds", AssumeRoleRequest { duration_seconds: 899, ..good.clone() }),
        ("InvalidParameter.DurationSeconds", AssumeRoleRequest { duration_seconds: 43_201, ..good.clone() }),
        ("InvalidParameter.RoleSessionName", AssumeRoleRequest { role_session_name: "a b".into(), ..good.clone() }),
    ];
    for (expected, request) in cases {
        let error = running.client(0).assume_role(&request).await.expect_err(expected);
        assert_eq!(code(&error), expected, "{request:?}");
    }
    let (one, two) = (running.client(0).assume_role(&good).await, running.client(0).assume_role(&good).await);
    assert_ne!(one.expect("a key").key_id, two.expect("a key").key_id);
}

#[tokio::test]
async fn a_restricted_key_is_denied_what_it_was_not_given() {
    let running = Running::start().await;
    let control = running.sandbox.control();
    let target = running.info(1);
    let key = running.client(0).assume_role(&role_of(&target.uid)).await.expect("a key");
    control.restrict(&target.key_id, Some(&["QueryAccountBalance"]));

    let by_role = with_key(&running, &key, Some(&key.security_token.0));
    for client in [running.client(1), by_role] {
        assert_eq!(code_of(&client).await, "fine");
        let denied = client.query_available_instances(&QueryAvailableInstancesRequest::default()).await;
        let denied = denied.expect_err("denied");
        assert_eq!((denied.kind(), denied.http_status()), (Kind::NotAuthorized, Some(400)));
        let denied = client.assume_role(&role_of(&target.uid)).await.expect_err("denied");
        assert_eq!((code(&denied).as_str(), denied.http_status()), ("NoPermission", Some(403)));
    }
    // Nobody else is restricted, and the restriction can be lifted.
    assert!(!instances(&running.client(0)).await.is_empty());
    control.restrict(&target.key_id, None);
    assert!(!instances(&running.client(1)).await.is_empty());
}

/// The same over HTTP, beside the API.
#[tokio::test]
async fn the_control_door_restricts_keys_too() {
    let running = Running::start().await;
    let info = running.info(1);
    let restrict = async |body: String| {
        let request = reqwest::Client::new().post(format!("{}/_sandbox/keys/restrict", info.endpoint));
        let request = request.header("x-sandbox-control", "1").body(body);
        request.send().await.expect("an answer").status().as_u16()
    };
    let key_id = &info.key_id;
    assert_eq!(restrict(format!(r#"{{"key_id":"{key_id}","actions":["QueryOrders"]}}"#)).await, 200);
    assert_eq!(code_of(&running.client(1)).await, "NotAuthorized");
    assert_eq!(restrict(format!(r#"{{"key_id":"{key_id}","actions":null}}"#)).await, 200);
    assert_eq!(code_of(&running.client(1)).await, "fine");
    assert_eq!(restrict(format!(r#"{{"key":"{key_id}"}}"#)).await, 400);
}

#[tokio::test]
async fn relations_are_the_callers_own() {
    let running = Running::start().await;
    let list = async |place: usize, request: QueryRelationListRequest| {
        running.client(place).query_relation_list(&request).await.map(|page| page.rows)
    };
    let own = |place: usize| QueryRelationListRequest::new(running.info(place).uid.parse().expect("digits"));

    let trustee = list(3, own(3)).await.expect("rows");
    assert_eq!(trustee.len(), 1);
    assert_eq!(trustee[0].account_type, Some(RelationSide::Master));
    assert_eq!(trustee[0].relation_type, Some(RelationType::Trusteeship));
    assert_eq!((trustee[0].state.clone(), trustee[0].end_time), (Some(RelationState::Related), None));

    // Both sides of the relation that ended name each other.
    let (manager, managed) = (list(0, own(0)).await.expect("rows"), list(2, own(2)).await.expect("rows"));
    assert_eq!(manager[0].account_id, running.info(2).uid.parse().ok());
    assert_eq!(managed[0].account_id, running.info(0).uid.parse().ok());
    assert_eq!(
        (manager[0].account_type.clone(), managed[0].account_type.clone()),
        (Some(RelationSide::Member), Some(RelationSide::Master))
    );
    assert_eq!(managed[0].state, Some(RelationState::Canceled));
    assert!(managed[0].end_time > managed[0].start_time);

    assert_eq!(list(1, own(1)).await.expect("rows"), []);
    let in_force = NumberedList(vec![RelationState::Related]);
    assert_eq!(list(2, QueryRelationListRequest { status_list: in_force, ..own(2) }).await.expect("rows"), []);
    assert_eq!(list(0, own(1)).await.expect_err("another's").kind(), Kind::NotAuthorized);
}

#[tokio::test]
async fn a_partner_sees_the_orders_of_its_customers_only() {
    let running = Running::start().await;
    let day = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect("a time");
    let (from, to) = (day("2020-01-01 00:00:00"), day("2040-01-01 00:00:00"));
    let asked =
        |place: usize| GetCustomerOrdersRequest::new(running.info(place).uid.parse().expect("digits"), from, to);

    let rows = all(&running.client(1), GetCustomerOrdersRequest { page_size: 7, ..asked(3) }).await;
    let books = running.books(3);
    let created = books.orders.iter().map(|order| order.order_id.clone());
    let mut expected: Vec<String> =
        created.chain(books.refund_orders.iter().map(|refund| refund.order_id.clone())).collect();
    let mut seen: Vec<String> = rows.iter().map(|row| row.order_id.to_string()).collect();
    expected.sort();
    seen.sort();
    assert!(seen.len() > 7);
    assert_eq!(seen, expected);

    let order = books.orders.iter().find(|order| order.paid).expect("a paid order");
    let row = rows.iter().find(|row| row.order_id.to_string() == order.order_id).expect("its row");
    assert_eq!(row.order_status, Some(customer_order_status::PAID));
    let local = (order.created_at + TimeDelta::hours(8)).naive_utc();
    assert_eq!(row.time_to_order, Some(LocalTime(local)));

    // Its window is of the time that it asks for, by the second.
    let exact = GetCustomerOrdersRequest { start_date: LocalTime(local), end_date: LocalTime(local), ..asked(3) };
    let ids: Vec<String> = all(&running.client(1), exact).await.iter().map(|row| row.order_id.to_string()).collect();
    assert!(ids.contains(&order.order_id), "{ids:?}");

    // Another site's customer is not the partner's, and a customer is no partner.
    assert!(all(&running.client(1), asked(2)).await.is_empty());
    let error = running.client(3).get_customer_orders(&asked(3)).await.expect_err("no partner");
    assert_eq!((error.kind(), code(&error).as_str()), (Kind::Refused, "ERROR_3210"));
}

/// What the relation does to the amounts, the sandbox knows as the rules say it.
#[tokio::test]
async fn what_was_paid_before_the_trusteeship_gives_nothing() {
    let running = Running::start().await;
    let request = QueryRelationListRequest::new(running.info(3).uid.parse().expect("digits"));
    let page = running.client(3).query_relation_list(&request).await.expect("a page");
    let joined = page.rows[0].start_time.expect("a start");
    let before = |books: &bss_sandbox::AccountLedger, resource: &bss_sandbox::ResourceEntry| {
        let of = books.orders.iter().filter(|order| order.parts[0].instances.contains(&resource.id));
        let paid: Vec<_> = of.filter_map(|order| order.paid_at).collect();
        !paid.is_empty() && paid.iter().all(|paid| *paid < joined)
    };
    let resource = running.find(3, before);
    // The same scene of the other international customer, which belongs to nobody.
    let twin = running.find(1, |_, other| other.product == resource.product && other.kind == resource.kind);
    let is_zero = |place: usize, id: &str| {
        let control = running.sandbox.control();
        let shown = control.console_amount(&running.info(place).uid, id, Action::Unsubscribe, None);
        matches!(shown, Err(Refusal::Blocked(blockers)) if blockers.iter().any(|blocker| blocker == "refund_is_zero"))
    };
    assert!(is_zero(3, &resource.id));
    assert!(!is_zero(1, &twin.id));
}
