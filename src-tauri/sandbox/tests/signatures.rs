//! Both signatures at the gate, over HTTP: the vectors of the official SDK as they would arrive, and what clients do differently
//! on the wire (billing API on the wire, section 4.4).

mod common;

use std::sync::Arc;

use bss_openapi::sign::{query, rpc};
use bss_openapi::wire::VERSION;
use bss_sandbox::Config;
use chrono::TimeDelta;
use common::raw::{V3, send};
use common::{ANCHOR, Running, TestClock, at, config};
use serde_json::Value;

const VECTORS: &str = include_str!("../../bss/tests/sign-vectors.json");

fn vectors(kind: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(VECTORS).expect("JSON");
    file[kind].as_array().expect("vectors").clone()
}

fn text<'a>(vector: &'a Value, key: &str) -> &'a str {
    vector[key].as_str().unwrap_or_else(|| panic!("{} has no {key}", vector["name"]))
}

fn pairs(object: &Value) -> Vec<(String, String)> {
    let pair = |(name, value): (&String, &Value)| (name.clone(), value.as_str().expect("a text").to_owned());
    object.as_object().expect("an object").iter().map(pair).collect()
}

/// A sandbox at the instant of the vectors. Two of them share a nonce, so each vector has a sandbox of its own.
async fn at_the_vectors_time(secret: &str) -> Running {
    let clock = Arc::new(TestClock::default());
    clock.pass(at("2026-11-01T02:03:04Z") - at(ANCHOR));
    Running::start_on(Config { key_secret: secret.to_owned(), ..config() }, clock).await
}

/// Whether a code is one of those by which the gate refuses a signature.
fn is_of_the_signature(code: &str) -> bool {
    ["SignatureDoesNotMatch", "IncompleteSignature", "InvalidSignatureMethod"].contains(&code)
}

async fn v3_answer(vector: &Value, secret: &str, change: impl Fn(String) -> String) -> (u16, String) {
    let running = at_the_vectors_time(secret).await;
    let body = text(vector, "body").to_owned();
    let query = text(vector, "canonical_query");
    let mut head = vec![change(format!("{} /?{query} HTTP/1.1", text(vector, "method")))];
    let headers = pairs(&vector["signed_headers_map"]);
    head.extend(headers.iter().map(|(name, value)| change(format!("{name}: {value}"))));
    head.push(format!("Authorization: {}", text(vector, "authorization")));
    head.push(format!("Content-Length: {}", body.len()));
    let (status, document) = send(&running, &head, body.as_bytes()).await;
    (status, document["Code"].as_str().expect("a code").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn v3_vectors_open_the_gate() {
    // (vector, status, code); operations that the sandbox does not answer are refused before their signature is looked at.
    let cases = [
        ("v3-query-orders-minimal", 200, "Success"),
        ("v3-query-orders-python-sdk-headers", 200, "Success"),
        ("v3-refund-instance-empty-and-unicode", 200, "ResourceNotExists"),
        ("v3-get-method", 404, "InvalidApi.NotFound"),
        ("v3-form-body", 404, "InvalidApi.NotFound"),
    ];
    let all = vectors("v3");
    assert_eq!(all.len(), cases.len() + 1);
    for (name, status, code) in cases {
        let vector = all.iter().find(|vector| vector["name"] == name).expect("the vector");
        assert_eq!(v3_answer(vector, "testsecret", |line| line).await, (status, code.to_owned()), "{name}");
        if status == 404 {
            continue;
        }
        let mismatch = (400, "SignatureDoesNotMatch".to_owned());
        assert_eq!(v3_answer(vector, "testsecreT", |line| line).await, mismatch, "{name}");
        let other_query = |line: String| line.replace(" HTTP/1.1", "&PageNum=2 HTTP/1.1");
        assert_eq!(v3_answer(vector, "testsecret", other_query).await, mismatch, "{name}");
        let other_host = |line: String| if line.starts_with("host:") { "host: 127.0.0.1".to_owned() } else { line };
        assert_eq!(v3_answer(vector, "testsecret", other_host).await, mismatch, "{name}");
    }
    // Whether the token is known is another question than whether the signature holds.
    let with_token = all.iter().find(|vector| vector["name"] == "v3-sts-token").expect("the vector");
    let (_, code) = v3_answer(with_token, "testsecret", |line| line).await;
    assert!(!is_of_the_signature(&code), "{code}");
    let other_token = |line: String| if line.starts_with("x-acs-security-token") { line + "x" } else { line };
    assert_eq!(v3_answer(with_token, "testsecret", other_token).await.1, "SignatureDoesNotMatch");
}

async fn rpc_answer(vector: &Value, secret: &str, more: &str) -> (u16, String) {
    let running = at_the_vectors_time(secret).await;
    let (canonical, signature) = (text(vector, "canonical_query"), text(vector, "signature_urlencoded"));
    let head = [
        format!("{} /?{canonical}{more}&Signature={signature} HTTP/1.1", text(vector, "method")),
        "host: business.aliyuncs.com".to_owned(),
        "Content-Length: 0".to_owned(),
    ];
    let (status, document) = send(&running, &head, b"").await;
    (status, document["Code"].as_str().expect("a code").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn rpc_vectors_open_the_gate() {
    let cases = [
        ("rpc-query-orders", 200, "Success"),
        ("rpc-refund-instance-unicode", 200, "ResourceNotExists"),
        ("rpc-get-sts", 404, "InvalidApi.NotFound"),
    ];
    let all = vectors("rpc_hmac_sha1");
    assert_eq!(all.len(), cases.len());
    for (vector, (name, status, code)) in all.iter().zip(cases) {
        assert_eq!(vector["name"], name);
        assert_eq!(rpc_answer(vector, "testsecret", "").await, (status, code.to_owned()), "{name}");
        if status != 404 {
            let mismatch = (400, "SignatureDoesNotMatch".to_owned());
            assert_eq!(rpc_answer(vector, "testsecreT", "").await, mismatch, "{name}");
            assert_eq!(rpc_answer(vector, "testsecret", "&PageNum=2").await, mismatch, "{name}");
        }
    }
}

/// Parameters of a call signed the older way, before the signature.
fn rpc_params(action: &str, nonce: &str) -> Vec<(String, String)> {
    [
        ("Action", action),
        ("Version", VERSION),
        ("Format", "JSON"),
        ("RegionId", "cn-hangzhou"),
        ("Timestamp", ANCHOR),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureType", ""),
        ("SignatureVersion", "1.0"),
        ("SignatureNonce", nonce),
        ("AccessKeyId", "testid"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

fn signed(mut params: Vec<(String, String)>) -> Vec<(String, String)> {
    let signature = rpc::signature(&rpc::string_to_sign("POST", &params), "testsecret");
    params.push(("Signature".to_owned(), signature));
    params
}

async fn post(running: &Running, query: &str, headers: &[String], body: &str) -> (u16, Value) {
    let mut head = vec![format!("POST /?{query} HTTP/1.1"), "host: 127.0.0.1".to_owned()];
    head.push(format!("Content-Length: {}", body.len()));
    head.extend_from_slice(headers);
    send(running, &head, body.as_bytes()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_signature_needs_all_its_parts() {
    let running = Running::start().await;
    let dated = |minutes: i64| (at(ANCHOR) + TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let with = |name: &str, value: &str| {
        let mut params = rpc_params("QueryAccountBalance", "n");
        params.retain(|(key, _)| key != name);
        params.push((name.to_owned(), value.to_owned()));
        params
    };
    let cases = [
        (with("AccessKeyId", ""), 400, "MissingParameter"),
        (with("Timestamp", ""), 400, "MissingParameter"),
        (with("SignatureNonce", ""), 400, "MissingParameter"),
        (with("AccessKeyId", "nobody"), 404, "InvalidAccessKeyId.NotFound"),
        (with("SignatureMethod", "HMAC-SHA256"), 400, "InvalidSignatureMethod"),
        (with("Timestamp", "yesterday"), 400, "InvalidTimeStamp.Format"),
        (with("Timestamp", &dated(-16)), 400, "InvalidTimeStamp.Expired"),
        (with("Timestamp", &dated(16)), 400, "InvalidTimeStamp.Expired"),
        (with("Version", "2014-05-26"), 404, "InvalidApi.NotFound"),
        // None of those used the nonce up.
        (with("Timestamp", &dated(14)), 200, "200"),
        (with("Timestamp", &dated(0)), 400, "SignatureNonceUsed"),
    ];
    for (params, status, code) in cases {
        let query = query::canonical(&signed(params));
        let (got, document) = post(&running, &query, &[], "").await;
        assert_eq!((got, document["Code"].as_str()), (status, Some(code)), "{query}");
    }
    let unsigned = query::canonical(&rpc_params("QueryAccountBalance", "m"));
    assert_eq!(post(&running, &unsigned, &[], "").await.1["Code"], "IncompleteSignature");
}

/// With the older signature the operation is the one that was signed, whatever an unsigned header names besides.
#[tokio::test(flavor = "multi_thread")]
async fn the_signed_operation_is_the_one_that_runs() {
    let running = Running::start().await;
    for (nonce, header) in [("1", "x-acs-action: RefundInstance"), ("2", "x-acs-version: 2014-05-26")] {
        let query = query::canonical(&signed(rpc_params("QueryAccountBalance", nonce)));
        let (status, document) = post(&running, &query, &[header.to_owned()], "").await;
        assert_eq!((status, document["Code"].as_str()), (200, Some("200")), "{header}");
        assert!(document["Data"]["AvailableAmount"].is_string(), "{document}");
    }
    // A V3 request names it in its signed header; one in the query beside it is only a parameter.
    let params = vec![("Action".to_owned(), "RefundInstance".to_owned())];
    let call = V3 { params, ..V3::new(&running, "QueryAccountBalance", "3") };
    assert!(call.send(&running).await.1["Data"]["AvailableAmount"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_body_joins_the_parameters_of_the_older_signature() {
    let running = Running::start().await;
    let mut params = rpc_params("InquiryPriceRefundInstance", "form");
    let business = [("InstanceId", "i-a b*"), ("ProductCode", "ecs"), ("ProductType", "")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    params.extend(business.clone());
    let all = signed(params);
    let (in_body, in_query): (Vec<_>, Vec<_>) = all.into_iter().partition(|pair| business.contains(pair));
    let form = ["content-type: application/x-www-form-urlencoded".to_owned()];
    let body = query::canonical(&in_body);
    let (status, document) = post(&running, &query::canonical(&in_query), &form, &body).await;
    assert_eq!((status, document["Code"].as_str()), (200, Some("ResourceNotExists")));
    assert!(document["Message"].as_str().expect("a message").contains("i-a b*"));
    let (_, other) = post(&running, &query::canonical(&in_query), &form, &body.replace("ecs", "rds")).await;
    assert_eq!(other["Code"], "SignatureDoesNotMatch");
}

/// Values with every awkward character.
const ODD: [&str; 13] = [
    "a b",
    "a*b",
    "a~b",
    "a'b()!",
    "a+b",
    "100%",
    "%20",
    "云服务器",
    "a&b=c",
    "a/b?c#d",
    "a;b,c:@",
    "\"<>[]{}|\\^`",
    "-_.~",
];

/// How some clients write a value in a query: which bytes they leave as they are, a blank, and the case of their digits.
fn written(value: &str, plain: &str, blank: &str, upper: bool) -> String {
    let one = |byte: u8| match byte {
        b' ' => blank.to_owned(),
        _ if byte.is_ascii_alphanumeric() || plain.as_bytes().contains(&byte) => char::from(byte).to_string(),
        _ if upper => format!("%{byte:02X}"),
        _ => format!("%{byte:02x}"),
    };
    value.bytes().map(one).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_characters_are_signed_alike_however_they_are_written() {
    let running = Running::start().await;
    // (client, what it leaves as it is, blank, upper case)
    let clients = [
        ("python", "-_.~", "+", true),
        ("node", "-_.~*()!'", "%20", true),
        ("canonical", "-_.~", "%20", true),
        ("old", "-_.", "+", false),
    ];
    let mut nonce = 0;
    for value in ODD {
        for (client, plain, blank, upper) in clients {
            nonce += 2;
            let id = ("InstanceId".to_owned(), value.to_owned());
            let wire = format!("&InstanceId={}", written(value, plain, blank, upper));
            let others =
                [("ProductCode", "ecs"), ("ProductType", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
            let params = [&others[..], std::slice::from_ref(&id)].concat();
            let number = nonce.to_string();
            let call = V3 {
                params: params.clone(),
                wire_query: Some(format!("ProductCode=ecs&ProductType={wire}")),
                ..V3::new(&running, "InquiryPriceRefundInstance", &number)
            };
            let v3 = call.send(&running).await;

            let mut all = rpc_params("InquiryPriceRefundInstance", &(nonce + 1).to_string());
            all.extend(params);
            let mut all = signed(all);
            all.retain(|pair| *pair != id);
            let older = post(&running, &(query::canonical(&all) + &wire), &[], "").await;

            for (status, document) in [v3, older] {
                let told = document["Message"].as_str().expect("a message");
                assert_eq!(
                    (status, document["Code"].as_str()),
                    (200, Some("ResourceNotExists")),
                    "{client} {value}: {told}"
                );
                assert!(told.ends_with(value), "{client} {value}: {told}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_may_come_in_chunks() {
    let running = Running::start().await;
    let form = "InstanceId=i-a+b%2A&ProductCode=ecs&ProductType=";
    for (nonce, chunked) in [("1", false), ("2", true)] {
        let call = V3 { form: Some(form), chunked, ..V3::new(&running, "InquiryPriceRefundInstance", nonce) };
        let (status, document) = call.send(&running).await;
        assert_eq!((status, document["Code"].as_str()), (200, Some("ResourceNotExists")), "chunked {chunked}");
        assert!(document["Message"].as_str().expect("a message").ends_with("i-a b*"), "{document}");
    }
    // The hash is that of the whole body, without what the chunks add.
    let empty = V3 { form: Some(""), chunked: true, ..V3::new(&running, "QueryAccountBalance", "3") };
    assert_eq!(empty.send(&running).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_is_signed_as_it_was_sent() {
    let running = Running::start().await;
    let address = running.sandbox.address();
    let port = address.trim_start_matches("http://127.0.0.1:");
    let hosts = [
        format!("127.0.0.1:{port}"),
        address.clone(),
        "127.0.0.1".to_owned(),
        format!("localhost:{port}"),
        "business.ap-southeast-1.aliyuncs.com".to_owned(),
    ];
    for (nonce, host) in hosts.into_iter().enumerate() {
        let nonce = nonce.to_string();
        let call = V3 { host: host.clone(), ..V3::new(&running, "QueryAccountBalance", &nonce) };
        assert_eq!(call.send(&running).await.0, 200, "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_a_client_signs_besides_are_checked_too() {
    let running = Running::start().await;
    let more = vec![
        ("accept", "application/json"),
        ("user-agent", "AlibabaCloud (Linux; x86_64) Python/3.11.7 Core/0.4.3 TeaDSL/2"),
        ("x-acs-credentials-provider", "static_ak"),
        ("x-acs-retry-attempts", "2"),
    ];
    let call = V3 { more, ..V3::new(&running, "QueryAccountBalance", "1") };
    assert_eq!(call.send(&running).await.0, 200);
    let upper = V3 { more: vec![("User-Agent", "  blanks around  ")], ..V3::new(&running, "QueryAccountBalance", "2") };
    assert_eq!(upper.send(&running).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn booleans_come_in_any_case() {
    let running = Running::start().await;
    let mut nonce = 0;
    for (word, status) in
        [("true", 200), ("True", 200), ("TRUE", 200), ("false", 200), ("False", 200), ("yes", 400), ("1", 400)]
    {
        nonce += 1;
        let nonce = nonce.to_string();
        let params = vec![("IncludePartner".to_owned(), word.to_owned())];
        let call = V3 { params, ..V3::new(&running, "QueryResourcePackageInstances", &nonce) };
        let (got, document) = call.send(&running).await;
        assert_eq!(got, status, "{word}: {document}");
    }
}

/// Lists are flat and begin with 1; signed they are sorted by the bytes of their names, so 10 stands before 2.
#[tokio::test(flavor = "multi_thread")]
async fn lists_are_flat_and_begin_with_one() {
    let running = Running::start().await;
    let mut params: Vec<(String, String)> =
        (1..=12).map(|nth| (format!("StatusList.{nth}"), format!("WORD{nth}"))).collect();
    params.extend((1..=2).map(|nth| (format!("Parameter.{nth}.Code"), format!("code {nth}"))));
    params.extend((1..=2).map(|nth| (format!("Parameter.{nth}.Value"), String::new())));
    let canonical = query::canonical(&params);
    let place = |name: &str| canonical.find(name).expect("it is there");
    assert!(place("StatusList.10=") < place("StatusList.2="));
    let in_order: Vec<_> = params.iter().map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))).collect();
    let turned: Vec<_> = in_order.iter().rev().cloned().collect();
    for (nonce, wire) in [("1", in_order), ("2", turned)] {
        let call = V3 {
            params: params.clone(),
            wire_query: Some(wire.join("&")),
            ..V3::new(&running, "QueryAccountBalance", nonce)
        };
        assert_eq!(call.send(&running).await.0, 200, "{wire:?}");
    }
    let missing = params[1..].to_vec();
    let call = V3 {
        params: params.clone(),
        wire_query: Some(query::canonical(&missing)),
        ..V3::new(&running, "QueryAccountBalance", "3")
    };
    assert_eq!(call.send(&running).await.1["Code"], "SignatureDoesNotMatch");
}

/// Many requests later a replay is still known, and one nonce may be used by several keys.
#[tokio::test(flavor = "multi_thread")]
async fn replays_are_known_among_many_requests() {
    use common::knock::{Call, http};
    let running = Running::start().await;
    let http = http();
    let code = async |key_id: &'static str, nonce: &str| {
        let date = running.clock.time().format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let call = Call { key_id, date, ..Call::new("QueryAccountBalance", nonce) };
        let (_, body) = common::knock::told(call.request_by(&http, &running).send().await.expect("an answer")).await;
        body["Code"].as_str().expect("a code").to_owned()
    };
    for nth in 0..150 {
        assert_eq!(code("testid", &nth.to_string()).await, "200");
        running.clock.pass(TimeDelta::seconds(10));
    }
    // 25 minutes have passed: all are known, for this key.
    for nth in [0, 1, 75, 149] {
        assert_eq!(code("testid", &nth.to_string()).await, "SignatureNonceUsed", "{nth}");
        assert_eq!(code("testid-2", &nth.to_string()).await, "200", "{nth}");
    }
    // Half of the time later the first half is forgotten, the rest is not; what came again is kept anew.
    running.clock.pass(TimeDelta::minutes(10));
    assert_eq!(code("testid", "0").await, "200");
    assert_eq!(code("testid", "149").await, "SignatureNonceUsed");
    running.clock.pass(TimeDelta::minutes(29));
    assert_eq!(code("testid", "0").await, "SignatureNonceUsed");
    assert_eq!(code("testid", "149").await, "200");
}
