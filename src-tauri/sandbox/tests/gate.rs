//! What the gateway lets in: signatures, dates, nonces, operations, and the control door's own lock.

mod common;

use bss_openapi::sign::{query, rpc};
use bss_openapi::wire::VERSION;
use chrono::TimeDelta;
use common::knock::{Call, Door, http, status_and_code, told};
use common::{ANCHOR, Running, at, config};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_right_is_refused_with_its_documented_code() {
    let running = Running::start().await;
    let call = || Call::new("QueryAccountBalance", "fresh");
    let date = |minutes: i64| (at(ANCHOR) + TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let cases = [
        (Call { action: "QueryNothing", ..call() }, 404, "InvalidApi.NotFound"),
        (Call { version: "2014-05-26", ..call() }, 404, "InvalidApi.NotFound"),
        (Call { key_id: "nobody", ..call() }, 404, "InvalidAccessKeyId.NotFound"),
        (Call { key_id: "testid-02", ..call() }, 404, "InvalidAccessKeyId.NotFound"),
        (Call { key_id: "testid-1", ..call() }, 404, "InvalidAccessKeyId.NotFound"),
        (Call { key_id: "testid-0", ..call() }, 404, "InvalidAccessKeyId.NotFound"),
        (Call { key_id: "testid-5", ..call() }, 404, "InvalidAccessKeyId.NotFound"),
        (Call { secret: "wrong", ..call() }, 400, "SignatureDoesNotMatch"),
        (Call { wire_query: Some("PageNum=2"), ..call() }, 400, "SignatureDoesNotMatch"),
        (Call { date: "20 November 2026".to_owned(), ..call() }, 400, "InvalidTimeStamp.Format"),
        (Call { date: date(16), ..call() }, 400, "InvalidTimeStamp.Expired"),
        (Call { date: date(-16), ..call() }, 400, "InvalidTimeStamp.Expired"),
        (Call { nonce: String::new(), ..call() }, 400, "IncompleteSignature"),
        // None of those used the nonce up.
        (Call { date: date(14), ..call() }, 200, "200"),
        (call(), 400, "SignatureNonceUsed"),
        (Call { nonce: "another".to_owned(), date: date(-14), ..call() }, 200, "200"),
        // Another key may use the same nonce.
        (Call { key_id: "testid-2", ..call() }, 200, "200"),
    ];
    for (call, status, code) in cases {
        let shown = format!("{} {} {} {}", call.action, call.key_id, call.date, call.nonce);
        assert_eq!(status_and_code(&running, call).await, (status, code.to_owned()), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_s_error_body_has_its_members_and_no_success() {
    let running = Running::start().await;
    let call = Call { action: "QueryNothing", ..Call::new("QueryNothing", "n") };
    let (_, body) = told(call.request(&running).send().await.expect("an answer")).await;
    let members: Vec<_> = body.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(members, ["Code", "HostId", "Message", "Recommend", "RequestId"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsigned_request_is_refused() {
    let running = Running::start().await;
    let url = format!("{}/?Action=QueryOrders&Version={VERSION}", running.sandbox.address());
    let (status, body) = told(http().get(url).send().await.expect("an answer")).await;
    assert_eq!((status, body["Code"].as_str()), (400, Some("IncompleteSignature")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_query_is_read_form_style_whatever_the_client_escapes() {
    let running = Running::start().await;
    let odd = ("ProductCode".to_owned(), "a b*c(d)'~!".to_owned());
    for (nonce, wire) in [("1", "ProductCode=a+b%2Ac(d)'~!"), ("2", "ProductCode=a%20b*c%28d%29%27~%21")] {
        let call = Call { params: vec![odd.clone()], wire_query: Some(wire), ..Call::new("QueryOrders", nonce) };
        assert_eq!(status_and_code(&running, call).await, (200, "Success".to_owned()), "{wire}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn get_works_as_post_does() {
    let running = Running::start().await;
    let call = Call { method: "GET", ..Call::new("QueryAccountBalance", "get") };
    assert_eq!(status_and_code(&running, call).await, (200, "200".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_without_a_window_are_those_of_the_last_business_hour() {
    let running = Running::start().await;
    let resource = running.find(0, |_, r| r.product == "nat_plan");
    let control = running.sandbox.control();
    control.set_clock(at("2026-12-24T00:00:00Z")).expect("the clock");
    let done = control.console_unsubscribe(&running.info(0).uid, &resource.id).expect("unsubscribed");
    control.advance(TimeDelta::minutes(60)).expect("the clock");
    let listed = async |nonce| {
        let (_, body) = told(Call::new("QueryOrders", nonce).request(&running).send().await.expect("an answer")).await;
        let rows = body["Data"]["OrderList"]["Order"].as_array().expect("rows").clone();
        rows.iter().map(|row| row["OrderId"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed("1").await, done.refund_order_ids);
    control.advance(TimeDelta::seconds(1)).expect("the clock");
    assert_eq!(listed("2").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_query_signature_is_understood() {
    let running = Running::start().await;
    let signed = |nonce: &str, secret: &str| {
        let mut params: Vec<(String, String)> = [
            ("Action", "QueryAccountBalance"),
            ("Version", VERSION),
            ("Format", "JSON"),
            ("Timestamp", ANCHOR),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureVersion", "1.0"),
            ("SignatureType", ""),
            ("SignatureNonce", nonce),
            ("AccessKeyId", "testid"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let signature = rpc::signature(&rpc::string_to_sign("POST", &params), secret);
        params.push(("Signature".to_owned(), signature));
        format!("{}/?{}", running.sandbox.address(), query::canonical(&params))
    };
    for (nonce, secret, status, code) in [
        ("1", "testsecret", 200, "200"),
        ("1", "testsecret", 400, "SignatureNonceUsed"),
        ("2", "wrong", 400, "SignatureDoesNotMatch"),
    ] {
        let (got, body) = told(http().post(signed(nonce, secret)).send().await.expect("an answer")).await;
        assert_eq!((got, body["Code"].as_str()), (status, Some(code)), "nonce {nonce}, {secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_business_clock_does_not_touch_signatures() {
    let running = Running::start().await;
    running.sandbox.control().set_clock(at("2031-05-05T00:00:00Z")).expect("the clock");
    let call = Call::new("QueryAccountBalance", "n");
    assert_eq!(status_and_code(&running, call).await, (200, "200".to_owned()));
    // A nonce is kept as long as its request could be fresh, then forgotten.
    running.clock.pass(TimeDelta::minutes(31));
    let date = (at(ANCHOR) + TimeDelta::minutes(31)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let call = Call { date, ..Call::new("QueryAccountBalance", "n") };
    assert_eq!(status_and_code(&running, call).await, (200, "200".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_door_stays_shut_to_web_pages() {
    let running = Running::start().await;
    let url = format!("{}/_sandbox/clock", running.sandbox.address());
    let cases: [&[(&str, &str)]; 5] = [
        &[],
        &[("x-sandbox-control", "0")],
        &[("x-sandbox-control", "1"), ("host", "sandbox.example:80")],
        &[("x-sandbox-control", "1"), ("origin", "https://example.com")],
        &[("x-sandbox-control", "1"), ("host", "127.0.0.1.example.com")],
    ];
    for headers in cases {
        let mut request = http().get(&url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (status, body) = told(request.send().await.expect("an answer")).await;
        assert_eq!(status, 403, "{headers:?}");
        assert!(body["error"]["code"].is_string() && body["error"]["message"].is_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_door_does_what_the_handle_does() {
    let running = Running::start().await;
    let door = Door(&running);
    assert_eq!(door.ask("GET", "clock", "").await, (200, serde_json::json!({ "now": ANCHOR })));
    let (_, moved) = door.ask("POST", "clock", r#"{"at":"2026-12-01T08:00:00+08:00"}"#).await;
    assert_eq!(moved["now"], "2026-12-01T00:00:00Z");
    let (_, moved) = door.ask("POST", "clock", r#"{"advance_seconds":60}"#).await;
    assert_eq!(moved["now"], "2026-12-01T00:01:00Z");
    assert_eq!(running.sandbox.now(), at("2026-12-01T00:01:00Z"));

    let (_, accounts) = door.ask("GET", "accounts", "").await;
    assert_eq!(accounts["accounts"][1]["key_id"], "testid-2");
    assert_eq!(accounts["accounts"][1]["endpoint"], running.sandbox.address());

    let uid = running.info(0).uid;
    let resource = running.find(0, |_, r| r.product == "nat_plan");
    let ask = format!(r#"{{"uid":"{uid}","resource":"{}","action":"unsubscribe"}}"#, resource.id);
    let (status, shown) = door.ask("POST", "console/amount", &ask).await;
    assert_eq!((status, &shown["currency"]), (200, &Value::from("CNY")));
    let ask = format!(r#"{{"uid":"{uid}","resource":"{}"}}"#, resource.id);
    let (status, done) = door.ask("POST", "console/unsubscribe", &ask).await;
    assert_eq!((status, &done["amount"]), (200, &shown["amount"]));
    let (_, ledger) = door.ask("GET", "ledger", "").await;
    assert_eq!(ledger, serde_json::to_value(running.sandbox.control().ledger()).expect("a ledger"));
    let refunds = ledger["accounts"][0]["refund_orders"].as_array().expect("refunds");
    assert!(refunds.iter().any(|refund| refund["order_id"] == done["refund_order_ids"][0]));

    let (status, gone) = door.ask("POST", "console/unsubscribe", &ask).await;
    assert_eq!((status, &gone["error"]["code"]), (409, &Value::from("released")));
    let ecs = running.find(0, |_, r| r.product == "ecs");
    let ask = format!(r#"{{"uid":"{uid}","resource":"{}","expires":"2026-12-05T00:00:00Z"}}"#, ecs.id);
    let (status, wrong) = door.ask("POST", "console/cancel-renewals", &ask).await;
    assert_eq!((status, &wrong["error"]["code"]), (400, &Value::from("not_a_candidate")));
    let candidates = wrong["error"]["candidates"].as_array().expect("candidates");
    let ask = format!(r#"{{"uid":"{uid}","resource":"{}","expires":{}}}"#, ecs.id, candidates[0]);
    let (status, done) = door.ask("POST", "console/cancel-renewals", &ask).await;
    assert_eq!(status, 200, "{done}");
    assert_eq!(done["refund_order_ids"].as_array().map(Vec::len), Some(candidates.len()));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_knocks_are_told_what_is_wrong_and_change_nothing() {
    let running = Running::start_with(config()).await;
    let before = running.sandbox.control().ledger();
    let door = Door(&running);
    let cases = [
        ("POST", "clock", "", 400, "bad_input"),
        ("POST", "clock", "{}", 400, "bad_input"),
        ("POST", "clock", r#"{"at":"2026-12-01T00:00:00Z","advance_seconds":1}"#, 400, "bad_input"),
        ("POST", "clock", r#"{"at":"tomorrow"}"#, 400, "bad_input"),
        ("POST", "clock", r#"{"advance_seconds":9223372036854775807}"#, 400, "bad_input"),
        ("POST", "clock", r#"{"advance_seconds":9000000000000}"#, 400, "bad_clock"),
        ("POST", "clock", r#"{"at":"2101-01-01T00:00:00Z"}"#, 400, "bad_clock"),
        ("POST", "clock", r#"{"at":"1999-12-31T23:59:59Z"}"#, 400, "bad_clock"),
        ("DELETE", "clock", "", 404, "no_such_door"),
        ("GET", "nothing", "", 404, "no_such_door"),
        ("POST", "console/amount", r#"{"uid":"1","resource":"x","action":"unsubscribe"}"#, 404, "unknown_account"),
        ("POST", "console/amount", r#"{"uid":"1","resource":"x","action":"sell"}"#, 400, "bad_input"),
        ("POST", "console/unsubscribe", r#"{"uid":"1"}"#, 400, "bad_input"),
        ("POST", "console/unsubscribe", r#"{"uid":"1","resource":"x","force":true}"#, 400, "bad_input"),
        ("POST", "faults", r#"{"fault":"earthquake"}"#, 400, "bad_input"),
        ("POST", "faults", r#"{"fault":"drop_after","operation":"Refund"}"#, 400, "bad_input"),
        ("POST", "faults", r#"{"fault":"drop_after","times":0}"#, 400, "bad_input"),
    ];
    for (method, path, body, status, code) in cases {
        let (got, answer) = door.ask(method, path, body).await;
        assert_eq!((got, answer["error"]["code"].as_str()), (status, Some(code)), "{method} {path} {body}");
    }
    let uid = running.info(0).uid;
    let ask = format!(r#"{{"uid":"{uid}","resource":"i-nothere"}}"#);
    assert_eq!(door.ask("POST", "console/unsubscribe", &ask).await.0, 404);
    assert_eq!(running.sandbox.control().ledger(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_ordered_over_http_too() {
    let running = Running::start().await;
    let door = Door(&running);
    let (status, _) =
        door.ask("POST", "faults", r#"{"operation":"QueryAccountBalance","fault":"server_error","times":2}"#).await;
    assert_eq!(status, 200);
    for (nonce, status, code) in [("1", 500, "InternalError"), ("2", 500, "InternalError"), ("3", 200, "200")] {
        let call = Call::new("QueryAccountBalance", nonce);
        assert_eq!(status_and_code(&running, call).await, (status, code.to_owned()));
    }
    door.ask("POST", "faults", r#"{"fault":"throttled","retry_after_ms":700}"#).await;
    let response = Call::new("QueryAccountBalance", "4").request(&running).send().await.expect("an answer");
    assert_eq!(response.headers()["x-acs-retry-after"], "700");
    assert_eq!(told(response).await.1["Code"], "Throttling.User");
    door.ask("POST", "faults", r#"{"fault":"drop_before","times":5}"#).await;
    Call::new("QueryAccountBalance", "5").request(&running).send().await.expect_err("dropped");
    door.ask("DELETE", "faults", "").await;
    assert_eq!(status_and_code(&running, Call::new("QueryAccountBalance", "6")).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_not_shown() {
    let running = Running::start().await;
    assert!(!format!("{:?}{:?}", config(), running.sandbox.accounts()).contains("testsecret"));
}
