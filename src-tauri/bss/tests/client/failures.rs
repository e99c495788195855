//! Every way to fail ends in one error that says what it was, whether to try again and whether something may have happened.

use crate::sending::{inquiry, refund};
use crate::support::*;
use bss_openapi::wire::*;
use bss_openapi::{Account, BODY_LIMIT, BssError, CONNECT_TIMEOUT, Client, Kind, Pace, READ_TIMEOUT, TOTAL_TIMEOUT};
use std::time::Duration;

async fn fail_reading(act: Act) -> BssError {
    Server::start(vec![act]).await.client().query_account_balance().await.unwrap_err()
}

async fn fail_refunding(act: Act) -> BssError {
    Server::start(vec![act]).await.client().refund_instance(&refund()).await.unwrap_err()
}

fn gateway(status: u16, code: &str, message: &str) -> Act {
    let body = format!(
        r#"{{"Recommend":"https://error-center.aliyun.com/","Message":"{message}","RequestId":"R-9","HostId":"h","Code":"{code}"}}"#
    );
    Act::Answer(answer(status, body))
}

fn refusal(code: &str, data: &str) -> Act {
    ok(format!(r#"{{"RequestId":"R-9","Success":false,"Code":"{code}","Message":"m","Data":{data}}}"#))
}

/// status, API code -> kind; whether a refund may have acted; transient
#[tokio::test]
async fn both_failure_shapes_by_code() {
    use Kind::*;
    let throttled = Throttled { retry_after: None };
    let cases = [
        (400, "InvalidAccessKeyId.Inactive", Credentials, false, false),
        (404, "InvalidAccessKeyId.NotFound", Credentials, false, false),
        (400, "SignatureDoesNotMatch", Credentials, false, false),
        (400, "IncompleteSignature", Credentials, false, false),
        (400, "InvalidSecurityToken.Expired", Credentials, false, false),
        (400, "InvalidTimeStamp.Expired", ClockSkew, false, false),
        (400, "InvalidTimeStamp.Format", Refused, false, false),
        (400, "SignatureNonceUsed", Refused, true, true),
        (400, "Throttling.User", throttled, false, true),
        (400, "Throttling.Api", throttled, false, true),
        (400, "Throttling", throttled, false, true),
        (503, "Throttling", throttled, true, true),
        (400, "NotAuthorized", NotAuthorized, false, false),
        (403, "NoPermission", NotAuthorized, false, false),
        (403, "Forbidden.RAM", NotAuthorized, false, false),
        (404, "InvalidApi.NotFound", NotFound, false, false),
        (404, "EntityNotExist.Role", NotFound, false, false),
        (400, "ResourceNotExists", NotFound, false, false),
        (400, "AuthSiteFail", WrongSite, false, false),
        (400, "MissingParameter", Refused, false, false),
        (400, "ExceedRefundQuotaError", Refused, false, false),
        (400, "CommodityNotSupported", Refused, false, false),
        (500, "InternalError", Server, true, true),
        (500, "UndefinedError", Server, true, true),
        (503, "ServiceUnavailable", Server, true, true),
        (400, "InternalError", Server, true, true),
        (500, "SomethingNew", Server, true, true),
        (400, "SomethingNew", Refused, false, false),
    ];
    for (status, code, kind, may_have_acted, transient) in cases {
        let error = fail_refunding(gateway(status, code, "m")).await;
        assert_eq!(error.kind(), kind, "{code}");
        assert_eq!(error.may_have_acted(), may_have_acted, "{status} {code}");
        assert_eq!(error.is_transient(), transient, "{code}");
        assert_eq!((error.operation(), error.http_status()), ("RefundInstance", Some(status)));
        assert_eq!((error.service_code(), error.request_id()), (Some(code), Some("R-9")));
        assert_eq!(error.message(), "m");
        assert!(error.next().ends_with('.'), "{code}: {}", error.next());

        // Inside HTTP 200 the status cannot tell a server's failure; the code still can.
        if status < 500 {
            let error = fail_refunding(refusal(code, r#"{"HostId":"cn","OrderId":0}"#)).await;
            assert_eq!((error.kind(), error.http_status()), (kind, Some(200)), "{code}");
            assert_eq!(error.may_have_acted(), may_have_acted, "200 {code}");
            assert_eq!((error.service_code(), error.request_id()), (Some(code), Some("R-9")));
        }
        // A reading call never acts.
        assert!(!fail_reading(gateway(status, code, "m")).await.may_have_acted(), "{code}");
    }
}

#[tokio::test]
async fn a_refusal_that_names_a_refund_order_is_not_believed() {
    let error = fail_refunding(refusal("ResourceStatusError", r#"{"HostId":"cn","OrderId":200000000000009}"#)).await;
    assert_eq!((error.kind(), error.may_have_acted()), (Kind::Refused, true));
    let lower = ok(r#"{"success":false,"code":"ResourceStatusError","data":{"orderId":"200000000000009"}}"#);
    assert!(fail_refunding(lower).await.may_have_acted());
}

#[tokio::test]
async fn not_applicable_is_the_wrong_site_or_the_wrong_caller() {
    let site = "You are not authorized to call the API operation. Please check whether the caller site matches the API domain regionId.";
    assert_eq!(fail_reading(gateway(400, "NotApplicable", site)).await.kind(), Kind::WrongSite);
    assert_eq!(
        fail_reading(gateway(400, "NotApplicable", "This API is not applicable for caller.")).await.kind(),
        Kind::WrongSite
    );
    assert_eq!(fail_refunding(gateway(400, "NotApplicable", site)).await.kind(), Kind::WrongSite);
    let caller = fail_refunding(gateway(400, "NotApplicable", "This API is not applicable for caller.")).await;
    assert_eq!((caller.kind(), caller.may_have_acted()), (Kind::Refused, false));
}

/// Answers that are not the API's: kind, and every one of them leaves a refund unknown.
#[tokio::test]
async fn answers_that_do_not_come_from_the_api() {
    let html = "<html>Bad Gateway</html>";
    let cases = [
        (Act::Answer(answer(200, "")), Kind::Malformed, Some(200)),
        (Act::Answer(answer(200, html)), Kind::Malformed, Some(200)),
        (Act::Answer(answer(200, "[1]")), Kind::Malformed, Some(200)),
        (Act::Answer(answer(200, "{}")), Kind::Malformed, Some(200)),
        (Act::Answer(answer(200, r#"{"Success":true,"Data":{"Curr"#)), Kind::Malformed, Some(200)),
        (Act::Answer(answer(200, r#"{"Success":true,"Data":[1]}"#)), Kind::Malformed, Some(200)),
        (Act::Answer(answer(400, html)), Kind::Malformed, Some(400)),
        (Act::Answer(answer(400, "<Error><Code>X</Code></Error>")), Kind::Malformed, Some(400)),
        (Act::Answer(answer(403, "{}")), Kind::Malformed, Some(403)),
        (Act::Answer(answer(407, html)), Kind::Transport, Some(407)),
        (Act::Answer(answer(429, html)), Kind::Throttled { retry_after: None }, Some(429)),
        (Act::Answer(answer(500, "")), Kind::Server, Some(500)),
        (Act::Answer(answer(502, html)), Kind::Server, Some(502)),
        (Act::Answer(answer(504, html)), Kind::Timeout, Some(504)),
        (Act::Answer(answer(302, "")).header("location", "http://127.0.0.1:1/"), Kind::Malformed, Some(302)),
        (Act::CutOff(answer(200, r#"{"Success":true,"Data":{"OrderId":5}}"#)), Kind::Transport, Some(200)),
        (Act::Drop, Kind::Transport, None),
    ];
    for (act, kind, status) in cases {
        let error = fail_refunding(act.clone()).await;
        assert_eq!((error.kind(), error.http_status()), (kind, status), "{act:?}: {error}");
        assert!(error.may_have_acted(), "{act:?}");
        let error = fail_reading(act.clone()).await;
        assert_eq!((error.kind(), error.may_have_acted()), (kind, false), "{act:?}: {error}");
    }
}

#[tokio::test]
async fn a_refund_is_sent_once_whatever_happens() {
    let acts = [
        throttled(),
        gateway(503, "ServiceUnavailable", "m"),
        Act::Drop,
        Act::CutOff(answer(200, "{")),
        gateway(400, "SignatureNonceUsed", "m"),
    ];
    for act in acts {
        let server = Server::start(vec![act.clone(), data(r#"{"OrderId":5}"#)]).await;
        server.client().refund_instance(&refund()).await.unwrap_err();
        assert_eq!(server.received().len(), 1, "{act:?}");
    }
}

#[tokio::test]
async fn a_connection_that_cannot_be_made_acts_on_nothing() {
    // A port that was just free: nobody listens there.
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let client =
        Client::with_pace(account(&format!("http://127.0.0.1:{port}")), World::new(), Pace::Unlimited).unwrap();
    let error = client.refund_instance(&refund()).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_acted(), error.is_transient()), (Kind::Transport, false, true));
    assert!(error.message().contains("refused"), "{error}");

    // A TLS handshake that fails comes before the request, too.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let client = Client::with_pace(self::account(&endpoint), World::new(), Pace::Unlimited).unwrap();
    let error = client.refund_instance(&refund()).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_acted()), (Kind::Transport, false), "{error}");
}

#[tokio::test]
async fn a_handshake_that_stalls_ends_at_the_connect_timeout_and_acts_on_nothing() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    let client = Client::with_pace(account(&endpoint), World::new(), Pace::Unlimited).unwrap();
    let call = tokio::spawn(async move { client.refund_instance(&refund()).await });
    let _open = listener.accept().await.unwrap();
    tokio::time::pause();
    tokio::time::advance(CONNECT_TIMEOUT - Duration::from_millis(500)).await;
    assert!(!call.is_finished());
    let ended = tokio::time::timeout(Duration::from_millis(1000), call).await.expect("the connect timeout has passed");
    let error = ended.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.may_have_acted(), error.is_transient()), (Kind::Timeout, false, true), "{error}");
}

#[tokio::test]
async fn silence_ends_at_the_read_timeout_and_is_unknown() {
    let server = Server::start(vec![Act::Silence]).await;
    let client = server.client();
    let call = tokio::spawn(async move { client.refund_instance(&refund()).await });
    while server.received().is_empty() {
        tokio::task::yield_now().await;
    }
    tokio::time::pause();
    tokio::time::advance(READ_TIMEOUT - Duration::from_millis(200)).await;
    assert!(!call.is_finished());
    // The runtime's clock runs on by itself while everybody waits, so the end is bounded: not some later timeout.
    let ended = tokio::time::timeout(Duration::from_millis(400), call).await.expect("the read timeout has passed");
    let error = ended.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.code()), (Kind::Timeout, "bss_timeout"));
    assert!(error.may_have_acted() && error.is_transient());
}

#[tokio::test]
async fn an_endless_body_is_given_up_on() {
    let padded = |length: usize| {
        let (head, tail) = (r#"{"Success":true,"Data":{"Currency":"CNY"},"Pad":""#, r#""}"#);
        format!("{head}{}{tail}", "x".repeat(length - head.len() - tail.len()))
    };
    assert!(Server::start(vec![ok(padded(BODY_LIMIT))]).await.client().query_account_balance().await.is_ok());
    let error = fail_reading(ok(padded(BODY_LIMIT + 1))).await;
    assert_eq!(error.kind(), Kind::Malformed);
    assert!(error.message().contains("16 MiB"), "{error}");
    assert!(fail_refunding(ok(padded(BODY_LIMIT + 1))).await.may_have_acted());
}

#[tokio::test]
async fn a_body_without_a_length_is_bounded_in_size() {
    let flood = Act::Endless { piece: 1 << 20, pause: Duration::ZERO };
    let error = fail_reading(flood.clone()).await;
    assert_eq!(error.kind(), Kind::Malformed);
    assert!(error.message().contains("16 MiB"), "{error}");
    assert!(fail_refunding(flood).await.may_have_acted());
}

#[tokio::test]
async fn a_body_that_trickles_is_bounded_in_time() {
    // Never silent for as long as the read timeout, so that only the bound of the whole exchange can end it.
    let server = Server::start(vec![Act::Endless { piece: 1, pause: READ_TIMEOUT / 3 }]).await;
    let client = server.client();
    let call = tokio::spawn(async move { client.refund_instance(&refund()).await });
    while server.received().is_empty() {
        tokio::task::yield_now().await;
    }
    tokio::time::pause();
    let ended = tokio::time::timeout(TOTAL_TIMEOUT + READ_TIMEOUT, call).await.expect("the exchange has its bound");
    let error = ended.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.may_have_acted()), (Kind::Timeout, true), "{error}");
}

/// The client takes no compressed answers, so none can swell; one that comes all the same is not guessed at.
#[tokio::test]
async fn a_compressed_body_was_not_asked_for_and_is_not_read() {
    let gzip = [0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 3, 0xab, 0xae, 0x05, 0, 0x43, 0xbf, 0xa6, 0xa3, 2, 0, 0, 0];
    let act = Act::Answer(answer(200, gzip)).header("content-encoding", "gzip");
    let server = Server::start(vec![act]).await;
    let error = server.client().query_account_balance().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Malformed, "{error}");
    assert_eq!(server.received()[0].header("accept-encoding"), None);
}

/// Newer gateways say in an object what was denied: it must not stand in the way of the code.
#[tokio::test]
async fn a_denial_with_its_details_is_a_denial() {
    let body = r#"{"RequestId":"R-9","HostId":"h","Code":"NoPermission","Message":"m","AccessDeniedDetail":{"AuthAction":"bss:DescribeOrderList","NoPermissionType":"ImplicitDeny"}}"#;
    for status in [400, 403] {
        assert_eq!(fail_reading(Act::Answer(answer(status, body))).await.kind(), Kind::NotAuthorized);
    }
}

#[tokio::test]
async fn what_cannot_be_read_names_its_place() {
    let body = r#"{"OrderList":{"Order":[{"OrderId":"1"},{"OrderId":"2","PretaxAmount":"1,5"}]}}"#;
    let server = Server::start(vec![data(body)]).await;
    let error = server.client().get_order_detail(&GetOrderDetailRequest::new("1")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Malformed);
    assert!(error.message().contains("Data.OrderList.Order[1].PretaxAmount"), "{error}");
    assert_eq!(error.request_id(), Some("R-1"));
}

#[tokio::test]
async fn no_error_shows_the_secret() {
    let quoting = format!("calculated with {SECRET} and {TOKEN}");
    let acts = [
        gateway(400, "SignatureDoesNotMatch", &quoting),
        gateway(400, &quoting, "quoted as the code"),
        ok(format!(r#"{{"Success":false,"Code":"X","Message":"m","RequestId":"{quoting}"}}"#)),
        ok(format!(r#"{{"Success":true,"Code":"Success","RequestId":"{quoting}"}}"#)),
        ok(format!(r#"{{"Success":false,"Code":"X","Message":"{quoting}"}}"#)),
        data(&format!(r#"{{"RefundAmount":"{SECRET}","OrderId":"{TOKEN}"}}"#)),
        Act::Answer(answer(500, quoting.clone())),
        Act::Answer(answer(200, quoting.clone())),
        Act::Drop,
    ];
    for act in acts {
        let server = Server::start(vec![act.clone()]).await;
        let account = Account { security_token: Some(TOKEN.into()), ..account(&server.endpoint) };
        let client = Client::with_pace(account, World::new(), Pace::Unlimited).unwrap();
        for error in [
            client.refund_instance(&refund()).await.unwrap_err(),
            client.inquiry_price_refund_instance(&inquiry()).await.unwrap_err(),
        ] {
            let shown = format!("{error} {error:?} {} {}", error.message(), error.next());
            assert!(!shown.contains(SECRET) && !shown.contains(TOKEN), "{act:?}: {shown}");
        }
    }
}

#[tokio::test]
async fn an_error_reads_as_a_sentence() {
    let error = fail_refunding(gateway(400, "ExceedRefundQuotaError", "The quota is used up.")).await;
    assert_eq!(
        error.to_string(),
        "RefundInstance: The quota is used up. (ExceedRefundQuotaError) [HTTP 400] [request id R-9]"
    );
    assert_eq!(error.code(), "bss_refused");
    assert!(error.next().contains("ticket"));
    let long = fail_reading(gateway(400, "X", &"long ".repeat(1000))).await;
    assert_eq!(long.message().chars().count(), 1000);
    let unknown = fail_refunding(Act::Drop).await;
    assert!(unknown.next().contains("same client token"), "{}", unknown.next());
    let skewed =
        fail_reading(gateway(400, "InvalidTimeStamp.Expired", "m").header("date", "Fri, 20 Nov 2026 18:00:00 GMT"))
            .await;
    assert_eq!(skewed.server_date(), Some("2026-11-20T18:00:00Z".parse().unwrap()));
}
