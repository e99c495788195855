//! The operations that are new beside orders and refunds: relations, partners' orders, temporary keys.

use crate::support::*;
use bss_openapi::wire::*;
use bss_openapi::{Account, Client, Kind, Pace};
use chrono::NaiveDateTime;

fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap()
}

fn role() -> AssumeRoleRequest {
    AssumeRoleRequest {
        role_arn: "acs:ram::1234567890123456:role/RefundDesk".into(),
        role_session_name: "refund-desk".into(),
        duration_seconds: 3600,
        external_id: None,
    }
}

fn relations() -> QueryRelationListRequest {
    let states = NumberedList(vec![RelationState::Related, RelationState::ChangeConfirming]);
    QueryRelationListRequest { status_list: states, ..QueryRelationListRequest::new(7) }
}

fn customer_orders() -> GetCustomerOrdersRequest {
    GetCustomerOrdersRequest::new(1_234_567_890_123_456, local("2026-10-01 00:00:00"), local("2026-11-01 23:59:59"))
}

const KEY: &str = r#"{"RequestId":"R-1","AssumedRoleUser":{"Arn":"acs:ram::1:role/r/s","AssumedRoleId":"33:s"},"Credentials":{"AccessKeyId":"STS.N1","AccessKeySecret":"SECRET-1","SecurityToken":"TOKEN-1","Expiration":"2026-11-20T15:49:01Z","SomethingNew":"SECRET-2"}}"#;

#[tokio::test]
async fn each_operation_travels_to_its_api() {
    let server = Server::start(vec![data("{}"), ok(r#"{"Success":true,"Code":"200","Data":[]}"#), ok(KEY)]).await;
    let client = server.client();
    client.query_relation_list(&relations()).await.unwrap();
    client.get_customer_orders(&customer_orders()).await.unwrap();
    client.assume_role(&role()).await.unwrap();

    let expected = [
        (
            "POST",
            "2017-12-14",
            "QueryRelationList",
            "/?PageNum=1&PageSize=20&StatusList.1=RELATED&StatusList.2=CHANGE_CONFIRMING&UserId=7",
        ),
        (
            "GET",
            "2022-12-16",
            "GetCustomerOrders",
            "/?CustomerUid=1234567890123456&EndDate=2026-11-01%2023%3A59%3A59&PageNo=1&PageSize=100&StartDate=2026-10-01%2000%3A00%3A00&TimeType=2",
        ),
        (
            "POST",
            "2015-04-01",
            "AssumeRole",
            "/?DurationSeconds=3600&RoleArn=acs%3Aram%3A%3A1234567890123456%3Arole%2FRefundDesk&RoleSessionName=refund-desk",
        ),
    ];
    for (received, (method, version, action, target)) in server.received().iter().zip(expected) {
        assert_eq!((received.method.as_str(), received.target.as_str()), (method, target));
        assert_eq!(received.header("x-acs-version"), Some(version));
        assert_eq!(received.header("x-acs-action"), Some(action));
        assert_eq!(received.header("content-length"), (method == "POST").then_some("0"), "{action}");
        assert_eq!(received.verify(SECRET), Ok(()), "{action}");
    }
    assert_eq!(server.received().len(), 3);
}

#[test]
fn numbered_lists() {
    let request = relations();
    assert_eq!(QueryRelationListRequest::from_params(&request.to_params()).unwrap(), request);
    let params = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    // By number, not by place; the unknown kept, the empty dropped, what only looks like an item ignored.
    let read = params(&[
        ("UserId", "7"),
        ("StatusList.10", "NEW"),
        ("StatusList.2", "related"),
        ("StatusList.3", ""),
        ("StatusList", "INITIAL"),
        ("StatusListX.1", "INITIAL"),
    ]);
    let read = QueryRelationListRequest::from_params(&read).unwrap();
    assert_eq!(read.status_list.0, [RelationState::Related, RelationState::Other("NEW".into())]);
    assert!(QueryRelationListRequest::from_params(&params(&[("UserId", "7")])).unwrap().status_list.0.is_empty());
    assert_eq!(QueryRelationListRequest::from_params(&[]).unwrap_err(), ParameterError::Missing("UserId"));
}

#[tokio::test]
async fn relations_and_their_states() {
    let body = r#"{"PageNum":1,"PageSize":20,"TotalCount":2,"FinancialRelationInfoList":[
        {"RelationId":51463,"AccountId":1234567890123456,"AccountName":"a","AccountNickName":"","AccountType":"MASTER","RelationType":"FinancialTrusteeship","State":"RELATED","SetupTime":"2021-03-01T15:12Z","StartTime":"2021-03-02T15:12Z","EndTime":""},
        {"RelationId":"51464","AccountType":"member","RelationType":"FinancialManagement","State":"CONNECTION_CANCELED","StartTime":"2021-03-02T15:12Z","EndTime":"2021-04-02T15:12Z"}]}"#;
    let page = Server::start(vec![data(body)]).await.client().query_relation_list(&relations()).await.unwrap();
    assert_eq!((page.rows.len(), page.total, page.last), (2, Some(2), true));
    let first = &page.rows[0];
    assert_eq!(first.start_time, Some("2021-03-02T15:12:00Z".parse().unwrap()));
    assert_eq!((first.end_time, first.account_type.clone()), (None, Some(RelationSide::Master)));
    assert_eq!(first.relation_type, Some(RelationType::Trusteeship));
    let second = &page.rows[1];
    assert_eq!((second.relation_id, second.account_type.clone()), (Some(51464), Some(RelationSide::Member)));
    assert_eq!(second.end_time, Some("2021-04-02T15:12:00Z".parse().unwrap()));

    let in_force = [
        ("RELATED", true),
        ("change_confirming", true),
        ("INITIAL", false),
        ("CONFIRMING", false),
        ("REJECTED", false),
        ("CONNECTION_CANCELED", false),
        ("CONNECTION_MASTER_CANCEL", false),
        ("SOMETHING_NEW", false),
    ];
    for (word, expected) in in_force {
        assert_eq!(RelationState::from_word(word).in_force(), expected, "{word}");
    }
}

#[tokio::test]
async fn a_partners_orders() {
    let body = r#"{"RequestId":"R-1","Message":"ok","Code":"200","Msg":"ok","Success":true,"Data":[{"OrderId":236414227150922,"CustomerAccount":"test_123","CustomerNo":123456,"ProductDetail":"oss","ProductType":"snapshot","OrderType":"BUY","OriginalCost":3.92,"PretaxCost":3.10,"OrderStatus":3,"TimeToOrder":"2024-08-13 13:02:02","PaymentTime":"","PaymentMethod":"3:32","OrderSource":"0"}],"PageSize":100,"PageNo":1,"Total":1}"#;
    let page = Server::start(vec![ok(body)]).await.client().get_customer_orders(&customer_orders()).await.unwrap();
    assert_eq!((page.rows.len(), page.total, page.last), (1, Some(1), true));
    assert_eq!(page.meta.request_id.as_deref(), Some("R-1"));
    let row = &page.rows[0];
    assert_eq!(row.order_id, 236_414_227_150_922);
    assert_eq!(row.order_type, Some(CustomerOrderType::Buy));
    // Both decimals are kept: the digits never went through a float.
    assert_eq!(row.pretax_cost.unwrap().0.to_string(), "3.10");
    assert_eq!(row.order_status, Some(customer_order_status::PAID));
    assert_eq!(row.time_to_order, Some(LocalTime(local("2024-08-13 13:02:02"))));
    assert_eq!(row.payment_time, None);

    let refused =
        Server::start(vec![ok(r#"{"Success":false,"Code":"ERROR_3210","Message":"not a partner","Data":[]}"#)]).await;
    let error = refused.client().get_customer_orders(&customer_orders()).await.unwrap_err();
    assert_eq!((error.kind(), error.service_code()), (Kind::Refused, Some("ERROR_3210")));
}

#[tokio::test]
async fn a_temporary_key_is_whole_or_an_error() {
    let key = Server::start(vec![ok(KEY)]).await.client().assume_role(&role()).await.unwrap();
    assert_eq!(
        (key.key_id.as_str(), key.key_secret.0.as_str(), key.security_token.0.as_str()),
        ("STS.N1", "SECRET-1", "TOKEN-1")
    );
    assert_eq!(key.expires_at, "2026-11-20T15:49:01Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap());
    assert_eq!(key.meta.request_id.as_deref(), Some("R-1"));

    for member in ["AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration"] {
        let server = Server::start(vec![ok(KEY.replace(member, "Another"))]).await;
        let error = server.client().assume_role(&role()).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_acted()), (Kind::Malformed, false), "{member}");
        assert!(error.message().contains(member), "{error}");
    }
    for body in ["{}", r#"{"Credentials":null}"#] {
        let error = Server::start(vec![ok(body)]).await.client().assume_role(&role()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Malformed, "{body}");
    }
    let denied = r#"{"RequestId":"R-9","HostId":"h","Code":"NoPermission","Message":"m"}"#;
    let error = Server::start(vec![Act::Answer(answer(403, denied))]).await.client().assume_role(&role()).await;
    assert_eq!(error.unwrap_err().kind(), Kind::NotAuthorized);
}

#[tokio::test]
async fn nothing_of_a_temporary_key_is_shown() {
    let data: AssumeRoleData = serde_json::from_str(KEY).unwrap();
    let key = Server::start(vec![ok(KEY)]).await.client().assume_role(&role()).await.unwrap();
    for shown in [format!("{data:?}"), format!("{data:#?}"), format!("{key:?}"), format!("{:?}", data.credentials)] {
        assert!(shown.contains("STS.N1"), "{shown}");
        assert!(!shown.contains("SECRET") && !shown.contains("TOKEN"), "{shown}");
    }
    // What cannot be read is named by its place, never by its value.
    for broken in [KEY.replace("\"SECRET-1\"", "{\"x\":\"SECRET-1\"}"), KEY.replace("\"TOKEN-1\"", "[\"TOKEN-1\"]")] {
        let error = Server::start(vec![ok(broken)]).await.client().assume_role(&role()).await.unwrap_err();
        let shown = format!("{error} {error:?} {}", error.next());
        assert!(!shown.contains("SECRET-1") && !shown.contains("TOKEN-1"), "{shown}");
    }
}

/// A company's own gateway in front of the billing API has no known neighbours; asking a guessed host would leak a signature.
#[tokio::test]
async fn another_api_is_not_guessed() {
    for endpoint in ["https://billing.example.com", "https://business-proxy.example.com"] {
        let client = Client::with_pace(account(endpoint), World::new(), Pace::Unlimited).unwrap();
        let error = client.assume_role(&role()).await.unwrap_err();
        assert_eq!((error.kind(), error.operation(), error.may_have_acted()), (Kind::Setup, "endpoint", false));
    }
}

#[tokio::test]
async fn a_temporary_key_signs_the_calls_that_follow() {
    let server = Server::start(vec![ok(KEY), data("{}")]).await;
    let key = server.client().assume_role(&role()).await.unwrap();
    let account = Account {
        key_id: key.key_id,
        key_secret: key.key_secret.0.into(),
        security_token: Some(key.security_token.0.into()),
        ..account(&server.endpoint)
    };
    Client::with_pace(account, World::new(), Pace::Unlimited).unwrap().query_relation_list(&relations()).await.unwrap();
    let received = &server.received()[1];
    assert_eq!(received.header("x-acs-security-token"), Some("TOKEN-1"));
    assert_eq!(received.verify("SECRET-1"), Ok(()));
}
