//! What leaves the client, and what a good answer becomes.

use crate::support::*;
use bss_openapi::wire::*;
use bss_openapi::{Account, CHINA_ENDPOINT, Client, INTERNATIONAL_ENDPOINT, Kind, Pace};
use chrono::{TimeDelta, Utc};

fn at(text: &str) -> chrono::DateTime<Utc> {
    text.parse().unwrap()
}

pub fn refund() -> RefundInstanceRequest {
    RefundInstanceRequest {
        instance_id: "i-bp1 *~'()测试/+&=%".into(),
        product_code: "ecs".into(),
        product_type: String::new(),
        client_token: "793F021C-B589-1225-82A9-99232AEBE494".into(),
        immediately_release: ImmediatelyRelease::AtOnce,
    }
}

pub fn inquiry() -> InquiryPriceRefundInstanceRequest {
    InquiryPriceRefundInstanceRequest {
        instance_id: "i-1".into(),
        product_code: "ecs".into(),
        product_type: String::new(),
        client_token: "t".into(),
    }
}

#[tokio::test]
async fn a_refund_travels_exactly_as_given() {
    let server = Server::start(vec![data(r#"{"HostId":"cn","OrderId":200000000000009}"#)]).await;
    let reply = server.client().refund_instance(&refund()).await.unwrap();
    assert_eq!(reply.data.order_id, Some(200_000_000_000_009));
    assert_eq!(reply.meta.request_id.as_deref(), Some("R-1"));

    let received = &server.received()[0];
    assert_eq!(received.method, "POST");
    assert_eq!(
        received.target,
        "/?ClientToken=793F021C-B589-1225-82A9-99232AEBE494&ImmediatelyRelease=1\
         &InstanceId=i-bp1%20%2A~%27%28%29%E6%B5%8B%E8%AF%95%2F%2B%26%3D%25&ProductCode=ecs&ProductType="
    );
    let expected = [
        ("host", server.endpoint.trim_start_matches("http://")),
        ("x-acs-action", "RefundInstance"),
        ("x-acs-version", "2017-12-14"),
        ("x-acs-date", "2026-11-20T14:49:01Z"),
        ("x-acs-signature-nonce", "00000000000000000000000000000001"),
        ("x-acs-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("content-length", "0"),
        ("accept", "application/json"),
    ];
    for (name, value) in expected {
        assert_eq!(received.header(name), Some(value), "{name}");
    }
    assert_eq!(received.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("host")).count(), 1);
    assert_eq!(received.verify(SECRET), Ok(()));
    assert!(received.verify("another").is_err());
    // Without the empty parameter, or with another token, the signature must not hold.
    for (from, to) in [("&ProductType=", ""), ("793F021C", "793F021D")] {
        let changed = Received { target: received.target.replace(from, to), ..received.clone() };
        assert_ne!(changed.target, received.target);
        assert!(changed.verify(SECRET).is_err(), "{to}");
    }
}

#[tokio::test]
async fn a_second_sending_keeps_the_parameters_and_renews_the_nonce() {
    let server = Server::start(vec![data(r#"{"OrderId":1}"#)]).await;
    let client = server.client();
    for _ in 0..2 {
        client.refund_instance(&refund()).await.unwrap();
    }
    let received = server.received();
    assert_eq!(received[0].target, received[1].target);
    assert_ne!(received[0].header("x-acs-signature-nonce"), received[1].header("x-acs-signature-nonce"));
    assert!(received.iter().all(|request| request.verify(SECRET).is_ok()));
}

#[tokio::test]
async fn readings_share_a_connection_and_refunds_open_their_own() {
    let server = Server::start_keeping_connections(vec![data(r#"{"OrderId":1}"#)]).await;
    let client = server.client();
    for expected in [1, 1, 1] {
        client.query_account_balance().await.unwrap();
        assert_eq!(server.connections(), expected);
    }
    for expected in [2, 3] {
        client.refund_instance(&refund()).await.unwrap();
        assert_eq!(server.connections(), expected);
    }
}

#[tokio::test]
async fn a_session_token_is_sent_and_signed() {
    let server = Server::start(vec![data(r#"{"AvailableAmount":"10,000.00","Currency":"CNY"}"#)]).await;
    let account = Account { security_token: Some(TOKEN.into()), ..account(&server.endpoint) };
    let client = Client::with_pace(account, World::new(), Pace::Unlimited).unwrap();
    let balance = client.query_account_balance().await.unwrap().data;
    assert_eq!(balance.available_amount, Some("10000.00".parse().unwrap()));

    let received = &server.received()[0];
    assert_eq!(received.target, "/");
    assert_eq!(received.header("x-acs-security-token"), Some(TOKEN));
    assert_eq!(received.header("x-acs-accesskey-id"), Some(KEY_ID));
    let authorization = received.header("authorization").unwrap();
    assert!(authorization.contains("x-acs-accesskey-id;x-acs-action;"), "{authorization}");
    assert!(authorization.contains(";x-acs-security-token;"), "{authorization}");
    assert_eq!(received.verify(SECRET), Ok(()));
}

#[tokio::test]
async fn an_inquiry_reads_the_numbers_own_digits() {
    for (number, amount) in [("1234.10", "1234.10"), ("1e2", "100"), ("0.1", "0.1"), ("0", "0"), ("\"5.50\"", "5.50")] {
        let server = Server::start(vec![data(&format!(r#"{{"Currency":"CNY","RefundAmount":{number}}}"#))]).await;
        let reply = server.client().inquiry_price_refund_instance(&inquiry()).await.unwrap();
        assert_eq!(reply.data.refund_amount.unwrap().0.to_string(), amount, "{number}");
    }
}

#[tokio::test]
async fn an_inquiry_without_an_amount_is_not_zero() {
    for body in [r#"{"Currency":"CNY"}"#, r#"{"Currency":"CNY","RefundAmount":null}"#, r#"{"RefundAmount":""}"#, "null"]
    {
        let server = Server::start(vec![data(body)]).await;
        let error = server.client().inquiry_price_refund_instance(&inquiry()).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_acted()), (Kind::Malformed, false), "{body}");
        assert_eq!(error.request_id(), Some("R-1"));
    }
}

#[tokio::test]
async fn only_a_refund_order_id_means_accepted() {
    for body in [r#"{"OrderId":0}"#, r#"{"OrderId":-1}"#, r#"{"HostId":"cn"}"#, r#"{"OrderId":null}"#, "null"] {
        let server = Server::start(vec![data(body)]).await;
        let error = server.client().refund_instance(&refund()).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_acted()), (Kind::Malformed, true), "{body}");
    }
    let as_text = Server::start(vec![data(r#"{"OrderId":"200000000000009"}"#)]).await;
    assert_eq!(as_text.client().refund_instance(&refund()).await.unwrap().data.order_id, Some(200_000_000_000_009));
}

#[tokio::test]
async fn a_reply_tells_the_servers_clock() {
    let date = |text: &str| data(r#"{"Currency":"CNY"}"#).header("date", text);
    let cases = [
        ("Fri, 20 Nov 2026 14:49:01 GMT", Some(TimeDelta::zero())),
        ("Fri, 20 Nov 2026 15:09:01 GMT", Some(TimeDelta::minutes(20))),
        ("Fri, 20 Nov 2026 14:48:00 GMT", Some(TimeDelta::seconds(-61))),
        ("yesterday", None),
    ];
    for (text, skew) in cases {
        let server = Server::start(vec![date(text)]).await;
        let meta = server.client().query_account_balance().await.unwrap().meta;
        assert_eq!(meta.received_at, at("2026-11-20T14:49:01Z"));
        assert_eq!(meta.clock_skew(), skew, "{text}");
    }
}

#[tokio::test]
async fn success_is_read_from_the_verdict_then_from_the_data() {
    let good = [
        r#"{"Success":true,"Code":"200","Message":"success","Data":{"Currency":"CNY"}}"#,
        r#"{"success":"True","code":"Success","data":{"currency":"CNY"}}"#,
        r#"{"Code":"200","Data":{"Currency":"CNY"}}"#,
        r#"{"Data":{"Currency":"CNY"}}"#,
    ];
    for body in good {
        let server = Server::start(vec![ok(body)]).await;
        let data = server.client().query_account_balance().await.unwrap_or_else(|error| panic!("{body}: {error}")).data;
        assert_eq!(data.currency.as_deref(), Some("CNY"), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_calls_share_a_client() {
    let server = Server::start(vec![data(r#"{"OrderList":{"Order":[{"OrderId":"1"}]}}"#)]).await;
    let client = server.client();
    let calls: Vec<_> = (0..20)
        .map(|id| {
            let client = client.clone();
            tokio::spawn(async move { client.get_order_detail(&GetOrderDetailRequest::new(id.to_string())).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().data.order_list.order[0].order_id, "1");
    }
    let mut nonces: Vec<_> =
        server.received().iter().map(|request| request.header("x-acs-signature-nonce").unwrap().to_owned()).collect();
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 20);
}

#[test]
fn settings_are_checked_before_anything_is_sent() {
    let make = |account: Account| Client::new(account, World::new());
    let good = [
        CHINA_ENDPOINT,
        INTERNATIONAL_ENDPOINT,
        "business.aliyuncs.com",
        "https://business.aliyuncs.com/",
        "http://127.0.0.1:1234",
        "http://localhost:1234",
        "http://[::1]:1234",
    ];
    for endpoint in good {
        assert!(make(account(endpoint)).is_ok(), "{endpoint}");
    }
    let bad = [
        "http://business.aliyuncs.com",
        "http://10.0.0.1:80",
        "http://127.0.0.1.example.com",
        "ftp://business.aliyuncs.com",
        "https://business.aliyuncs.com/path",
        "https://business.aliyuncs.com?x=1",
        "https://user:word@business.aliyuncs.com",
        "https://",
        "",
    ];
    for endpoint in bad {
        let error = make(account(endpoint)).unwrap_err();
        assert_eq!(
            (error.kind(), error.code(), error.operation()),
            (Kind::Setup, "bss_setup", "endpoint"),
            "{endpoint}"
        );
        assert!(!error.may_have_acted() && !error.is_transient());
    }
    let base = account(CHINA_ENDPOINT);
    for (setting, account) in [
        ("key_id", Account { key_id: " ".into(), ..base.clone() }),
        ("key_id", Account { key_id: "a\nb".into(), ..base.clone() }),
        ("key_secret", Account { key_secret: "".into(), ..base.clone() }),
        ("security_token", Account { security_token: Some("a\r\nb: c".into()), ..base.clone() }),
    ] {
        assert_eq!(make(account).unwrap_err().operation(), setting);
    }
}

#[test]
fn debug_shows_neither_secret_nor_token() {
    let account = Account { security_token: Some(TOKEN.into()), ..account("http://127.0.0.1:1") };
    let client = Client::new(account.clone(), World::new()).unwrap();
    for shown in [format!("{account:?}"), format!("{account:#?}"), format!("{client:?}")] {
        assert!(shown.contains(KEY_ID) && !shown.contains(SECRET) && !shown.contains(TOKEN), "{shown}");
    }
}

/// Runs itself again with a proxy in the environment, because a running process must not change its own.
#[test]
fn a_proxy_does_not_stand_before_loopback() {
    const CHILD: &str = "BSS_PROXY_TEST_CHILD";
    if std::env::var_os(CHILD).is_none() {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "sending::a_proxy_does_not_stand_before_loopback"]).env(CHILD, "1");
        for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            // Nothing listens on port 1: whoever asks this proxy fails.
            child.env(name, "http://127.0.0.1:1");
        }
        let child = child.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
        let output = String::from_utf8_lossy(&child.stdout).into_owned();
        assert!(child.status.success() && output.contains("1 passed"), "{output}");
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let server = Server::start(vec![data(r#"{"Currency":"CNY"}"#)]).await;
        let heeds_the_proxy = reqwest::Client::new().post(&server.endpoint).send().await;
        assert!(heeds_the_proxy.is_err(), "the proxy of the environment is not in force, so this test proves nothing");
        assert!(server.client().query_account_balance().await.is_ok());
    });
}
