//! Faults: which calls have them, what they do to the answer, and whether the call took effect.

mod common;

use bss_openapi::Kind;
use bss_openapi::wire::{NumberAmount, QueryOrdersRequest, RefundInstanceRequest};
use bss_sandbox::{Config, Fault, FaultRule, FaultScript, Knob, ResourceEntry, ScriptError};
use chrono::TimeDelta;
use common::knock::{Call, Door, http, status_and_code, told};
use common::raw::{V3, exchange};
use common::{ANCHOR, Running, at, code, config, inquiry, instances, refund_request};
use refund_rules::case::ResourceStatus;
use rust_decimal::Decimal;

fn place_and_why(read: Result<FaultScript, ScriptError>) -> (String, String) {
    match read {
        Err(ScriptError::Content { place, why }) => (place, why),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_script_is_the_same_in_json_and_in_toml() {
    let json = r#"{"seed": 5, "throttle": true, "clock_skew_seconds": -90, "rules": [
        {"fault": "latency_between", "from_ms": 5, "to_ms": 30},
        {"fault": "drop_after", "operation": "RefundInstance", "account": "testid-2", "after": 3, "times": 2, "percent": 40},
        {"fault": "html"}]}"#;
    let toml = r#"
        seed = 5
        throttle = true
        clock_skew_seconds = -90
        [[rules]]
        fault = "latency_between"
        from_ms = 5
        to_ms = 30
        [[rules]]
        fault = "drop_after"
        operation = "RefundInstance"
        account = "testid-2"
        after = 3
        times = 2
        percent = 40
        [[rules]]
        fault = "html"
    "#;
    let script = FaultScript::from_json(json).expect("a script");
    assert_eq!(FaultScript::from_toml(toml).expect("a script"), script);
    assert_eq!((script.seed, script.throttle, script.clock_skew_seconds), (Some(5), true, -90));
    let second = FaultRule {
        operation: Some("RefundInstance".to_owned()),
        account: Some("testid-2".to_owned()),
        after: 3,
        times: Some(2),
        percent: 40,
        ..FaultRule::always(Fault::DropAfter)
    };
    assert_eq!(
        script.rules,
        [
            FaultRule::always(Fault::LatencyBetween { from_ms: 5, to_ms: 30 }),
            second,
            FaultRule::always(Fault::Html { status: 502 })
        ]
    );
    assert_eq!(FaultScript::from_json("{}").expect("nothing goes wrong"), FaultScript::default());
}

#[test]
fn what_a_script_does_not_know_is_refused_by_its_place() {
    // (document, place, a word of the reason)
    let cases = [
        (r#"{"rule": []}"#, "rule", "unknown field"),
        (r#"{"throttle": "yes"}"#, "throttle", "invalid type"),
        (r#"{"clock_skew_seconds": 99999999}"#, "clock_skew_seconds", "out of range"),
        (r#"{"rules": [{"fault": "html"}, {"fault": "latency"}]}"#, "rules[1].ms", "needs it"),
        (r#"{"rules": [{"fault": "html", "minutes": 3}]}"#, "rules[0].minutes", "unknown field"),
        (r#"{"rules": [{"fault": "drop_before", "ms": 3}]}"#, "rules[0].ms", "takes no such key"),
        (r#"{"rules": [{"fault": "earthquake"}]}"#, "rules[0].fault", "the faults are drop_before"),
        (r#"{"rules": [{"operation": "QueryOrders"}]}"#, "rules[0]", "missing field `fault`"),
        (r#"{"rules": [{"fault": "html", "operation": "Refund"}]}"#, "rules[0].operation", "the operations are"),
        (r#"{"rules": [{"fault": "html", "times": 0}]}"#, "rules[0].times", "at least 1"),
        (r#"{"rules": [{"fault": "html", "after": -1}]}"#, "rules[0].after", "invalid value"),
        (r#"{"rules": [{"fault": "html", "percent": 0}]}"#, "rules[0].percent", "1 to 100"),
        (r#"{"rules": [{"fault": "html", "percent": 101}]}"#, "rules[0].percent", "1 to 100"),
        (r#"{"rules": [{"fault": "html", "status": 99}]}"#, "rules[0].status", "200 to 599"),
        (r#"{"rules": [{"fault": "latency_between", "from_ms": 9, "to_ms": 8}]}"#, "rules[0].from_ms", "above to_ms"),
        (r#"{"rules": [{"fault": "latency", "ms": 600001}]}"#, "rules[0].ms", "0 to 600000"),
        (r#"{"rules": [{"fault": "page_shifted", "rows": 0}]}"#, "rules[0].rows", "1 to 300"),
        (r#"{"rules": [{"fault": "amount_changed", "amount_percent": 201}]}"#, "rules[0].amount_percent", "1 to 200"),
        ("{} {}", "the document", "trailing"),
        ("[", "the document", "line 1"),
    ];
    for (document, place, reason) in cases {
        let (told_place, why) = place_and_why(FaultScript::from_json(document));
        assert_eq!(told_place, place, "{document}: {why}");
        assert!(why.contains(reason), "{document}: {why}");
    }
    let (place, why) = place_and_why(FaultScript::from_toml("[[rules]]\nfault = \"html\"\nminutes = 3"));
    assert_eq!(place, "rules[0].minutes", "{why}");
}

#[test]
fn a_script_file_is_json_or_toml_by_its_name() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("scripts-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.join(name), text).expect("a file");
        FaultScript::load(&folder.join(name))
    };
    assert!(write("a.json", r#"{"throttle": true}"#).expect("a script").throttle);
    assert!(write("a.toml", "throttle = true").expect("a script").throttle);
    assert!(matches!(write("a.yaml", "throttle: true"), Err(ScriptError::Format { .. })));
    assert!(matches!(FaultScript::load(&folder.join("none.json")), Err(ScriptError::File { .. })));
    let told = write("b.json", r#"{"rules": [{}]}"#).expect_err("a wrong script").to_string();
    assert!(told.contains("b.json") && told.contains("rules[0]"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_not_there_is_refused_before_the_start() {
    let rule = FaultRule { account: Some("nobody".to_owned()), ..FaultRule::always(Fault::ServerError) };
    let faults = FaultScript { rules: vec![FaultRule::always(Fault::Truncated), rule.clone()], ..Default::default() };
    let clock = std::sync::Arc::new(common::TestClock::default());
    let Err(error) = bss_sandbox::start(Config { faults, ..config() }, clock, 0).await else { panic!("it started") };
    assert_eq!(error.code(), "bad_faults");
    assert!(error.to_string().contains("rules[1]") && error.to_string().contains("nobody"), "{error}");
    let running = Running::start().await;
    assert_eq!(running.sandbox.control().order_rule(rule).expect_err("refused").code(), "bad_input");
}

/// Which of some balance calls in turn fail.
async fn failing(running: &Running, calls: u32, key_id: &'static str) -> Vec<u32> {
    let http = http();
    let mut failed = Vec::new();
    for nth in 0..calls {
        let call = Call { key_id, ..Call::new("QueryAccountBalance", &format!("{key_id}-{nth}")) };
        let answer = call.request_by(&http, running).send().await.expect("an answer");
        if answer.status() != 200 {
            failed.push(nth);
        }
    }
    failed
}

async fn started_with(script: &str) -> Running {
    let faults = FaultScript::from_json(script).expect("a script");
    Running::start_with(Config { faults, ..config() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_choose_their_calls() {
    let running = Running::start().await;
    let uid = running.info(1).uid;
    let by_uid = format!(r#"{{"fault": "server_error", "account": "{uid}"}}"#);
    // (rule, failing calls of the first customer, of the second)
    let cases: [(&str, &[u32], &[u32]); 7] = [
        (r#"{"fault": "server_error"}"#, &[0, 1, 2, 3, 4, 5], &[0, 1, 2, 3, 4, 5]),
        (r#"{"fault": "server_error", "times": 2}"#, &[0, 1], &[]),
        (r#"{"fault": "server_error", "after": 2, "times": 3}"#, &[2, 3, 4], &[]),
        (r#"{"fault": "server_error", "after": 4}"#, &[4, 5], &[0, 1, 2, 3, 4, 5]),
        (r#"{"fault": "server_error", "account": "testid-2", "after": 1, "times": 1}"#, &[], &[1]),
        (&by_uid, &[], &[0, 1, 2, 3, 4, 5]),
        (r#"{"fault": "server_error", "operation": "QueryOrders"}"#, &[], &[]),
    ];
    for (rule, first, second) in cases {
        let running = started_with(&format!(r#"{{"rules": [{rule}]}}"#)).await;
        assert_eq!(failing(&running, 6, "testid").await, first, "{rule}");
        assert_eq!(failing(&running, 6, "testid-2").await, second, "{rule}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chances_are_drawn_from_the_seed() {
    let script = |seed: u32| format!(r#"{{"seed": {seed}, "rules": [{{"fault": "server_error", "percent": 30}}]}}"#);
    let first = failing(&started_with(&script(1)).await, 60, "testid").await;
    assert!((8..=30).contains(&first.len()), "about eighteen of sixty: {first:?}");
    assert_eq!(failing(&started_with(&script(1)).await, 60, "testid").await, first);
    assert_ne!(failing(&started_with(&script(2)).await, 60, "testid").await, first);
    // What another rule draws does not move it.
    let two = r#"{"seed": 1, "rules": [{"fault": "server_error", "percent": 30},
        {"fault": "latency_between", "from_ms": 0, "to_ms": 1, "percent": 50}]}"#;
    assert_eq!(failing(&started_with(two).await, 60, "testid").await, first);
}

fn ecs(running: &Running) -> ResourceEntry {
    running.find(0, |books, resource| {
        let renewed = |order: &bss_sandbox::OrderEntry| {
            order.order_type == "Renew" && order.parts[0].instances.contains(&resource.id)
        };
        resource.product == "ecs"
            && resource.status == ResourceStatus::Normal
            && books.orders.iter().filter(|order| renewed(order)).count() >= 2
            && books.orders.iter().all(|order| order.paid || !order.parts[0].instances.contains(&resource.id))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_answer_says_or_hides_whether_the_effect_took_place() {
    // (fault, kind of the error, whether the refund took place)
    let cases = [
        (Fault::DropBefore, Kind::Transport, false),
        (Fault::DropAfter, Kind::Transport, true),
        (Fault::ServerError, Kind::Server, false),
        (Fault::ServerErrorAfter, Kind::Server, true),
        (Fault::Unavailable, Kind::Server, false),
        (Fault::UnavailableAfter, Kind::Server, true),
        (Fault::Throttled { retry_after_ms: 0 }, Kind::Throttled { retry_after: None }, false),
        (Fault::Truncated, Kind::Transport, true),
        (Fault::Html { status: 200 }, Kind::Malformed, false),
        (Fault::HtmlAfter { status: 200 }, Kind::Malformed, true),
        (Fault::Html { status: 502 }, Kind::Server, false),
        (Fault::HtmlAfter { status: 504 }, Kind::Timeout, true),
    ];
    for (fault, kind, acted) in cases {
        let running = Running::start().await;
        let (client, resource) = (running.client(0), ecs(&running));
        let rule =
            FaultRule { operation: Some("RefundInstance".to_owned()), times: Some(1), ..FaultRule::always(fault) };
        running.sandbox.control().order_rule(rule).expect("ordered");
        let request = refund_request(&resource, "once");
        let error = client.refund_instance(&request).await.expect_err("a fault");
        assert_eq!(error.kind(), kind, "{fault:?}: {error}");
        if acted {
            assert!(error.may_have_acted(), "{fault:?}: the client may not take it for a refusal");
        }
        let made = || running.books(0).refund_orders.into_iter().filter(|refund| refund.instance == resource.id);
        assert_eq!(made().count() > 0, acted, "{fault:?}");
        // The same request again does it once, or tells what was done.
        let id = client.refund_instance(&request).await.expect("the fault is over").data.order_id;
        assert_eq!(made().next().map(|refund| refund.order_id), id.map(|id| id.to_string()), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_bodies_look_as_they_do_on_the_wire() {
    let running = Running::start().await;
    let order = |fault: Fault| {
        let rule = FaultRule { times: Some(1), ..FaultRule::always(fault) };
        running.sandbox.control().order_rule(rule).expect("ordered");
    };
    order(Fault::Html { status: 502 });
    let answer = Call::new("QueryAccountBalance", "1").request(&running).send().await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (502, &"text/html;charset=utf-8".parse().expect("a value"))
    );
    assert!(answer.text().await.expect("a page").starts_with("<html>"));

    order(Fault::Truncated);
    let mut answer = Call::new("QueryAccountBalance", "2").request(&running).send().await.expect("a head");
    let length: usize = answer.headers()["content-length"].to_str().expect("text").parse().expect("a number");
    let mut body = Vec::new();
    let broken = loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => body.extend(chunk),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(broken && body.len() == length / 2, "{} of {length}", body.len());
    assert!(body.starts_with(b"{\""), "the first half is the cloud's own");

    order(Fault::Unavailable);
    assert_eq!(
        status_and_code(&running, Call::new("QueryAccountBalance", "3")).await,
        (503, "ServiceUnavailable".to_owned())
    );
}

/// A drop is a reset of the connection, not a polite end; a truncated answer just ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_connection_is_reset() {
    use std::io::ErrorKind;
    let running = Running::start().await;
    // (fault, whether the connection is reset)
    let cases = [(Fault::DropBefore, true), (Fault::DropAfter, true), (Fault::Truncated, false)];
    for (nth, (fault, reset)) in cases.into_iter().enumerate() {
        let rule = FaultRule { times: Some(1), ..FaultRule::always(fault) };
        running.sandbox.control().order_rule(rule).expect("ordered");
        let nonce = nth.to_string();
        let (head, body) = V3::new(&running, "QueryAccountBalance", &nonce).bytes();
        match exchange(&running, &head, &body).await {
            Ok(answer) => assert!(!reset && answer.starts_with("HTTP/1.1 200"), "{fault:?}: {answer}"),
            Err(error) => assert_eq!((error.kind(), reset), (ErrorKind::ConnectionReset, true), "{fault:?}"),
        }
    }
}

/// A call may be late and wrong at once; of two that are late or two that are wrong, the first comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_call_may_also_go_wrong() {
    let running = started_with(
        r#"{"rules": [{"fault": "latency", "ms": 1, "times": 1}, {"fault": "unavailable", "times": 1},
            {"fault": "server_error", "times": 1}]}"#,
    )
    .await;
    let status = async |nonce: &str| status_and_code(&running, Call::new("QueryAccountBalance", nonce)).await.0;
    assert_eq!([status("1").await, status("2").await, status("3").await], [503, 500, 200]);
    assert_eq!(running.sandbox.control().fault_rules(), []);
}

/// Numbers of the orders on a page of seven.
async fn page(running: &Running, number: u32) -> (Vec<String>, Option<u32>) {
    let window = QueryOrdersRequest::new(at("2020-01-01T00:00:00Z"), at(ANCHOR));
    let request = QueryOrdersRequest { page_num: number, page_size: 7, ..window };
    let page = running.client(0).query_orders(&request).await.expect("a page");
    (page.rows.into_iter().map(|row| row.order_id).collect(), page.total)
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_come_again_and_rows_move_between_them() {
    let running = Running::start().await;
    let (first, total) = page(&running, 1).await;
    let (second, _) = page(&running, 2).await;
    let (third, _) = page(&running, 3).await;
    let total = total.expect("a count");
    let whole = [first.clone(), second.clone(), third].concat();
    // (fault, second page, count told)
    let cases = [
        (Fault::PageRepeated, &whole[0..7], total),
        (Fault::PageShifted { rows: 2 }, &whole[5..12], total + 2),
        (Fault::PageShifted { rows: -3 }, &whole[10..17], total - 3),
        (Fault::PageShifted { rows: 200 }, &whole[0..7], total + 200),
    ];
    for (fault, rows, count) in cases {
        let rule = FaultRule { operation: Some("QueryOrders".to_owned()), ..FaultRule::always(fault) };
        running.sandbox.control().order_rule(rule).expect("ordered");
        assert_eq!(page(&running, 1).await, (first.clone(), Some(total)), "{fault:?}: the first page is as ever");
        assert_eq!(page(&running, 2).await, (rows.to_vec(), Some(count)), "{fault:?}");
        running.sandbox.control().clear_faults();
    }
    assert_eq!(page(&running, 2).await, (second, Some(total)));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_lists_are_paged_wrongly_too() {
    let running = Running::start().await;
    let ids = async |operation: &'static str, nonce: &str| {
        let params = [("PageNum", "2"), ("PageSize", "2")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let call = Call { params: params.into(), ..Call::new(operation, nonce) };
        let (_, body) = told(call.request(&running).send().await.expect("an answer")).await;
        let data = &body["Data"];
        let rows = match operation {
            "QueryAvailableInstances" => data["InstanceList"].clone(),
            "QueryResourcePackageInstances" => data["Instances"]["Instance"].clone(),
            _ => data["AccountTransactionsList"]["AccountTransactionsList"].clone(),
        };
        assert_eq!(data["PageNum"].to_string().trim_matches('"'), "2", "{operation}");
        rows.as_array().expect("rows").clone()
    };
    for operation in ["QueryAvailableInstances", "QueryResourcePackageInstances", "QueryAccountTransactions"] {
        let straight = ids(operation, &format!("{operation}-1")).await;
        let rule = FaultRule { times: Some(1), ..FaultRule::always(Fault::PageShifted { rows: 1 }) };
        running.sandbox.control().order_rule(rule).expect("ordered");
        let shifted = ids(operation, &format!("{operation}-2")).await;
        assert!(!straight.is_empty(), "{operation}: this sandbox proves too little");
        assert_eq!(shifted.last(), straight.get(shifted.len().min(2) - 2).or(straight.first()), "{operation}");
        assert_ne!(shifted, straight, "{operation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amount_may_change_between_inquiry_and_refund() {
    let running = Running::start().await;
    let (client, resource) = (running.client(0), ecs(&running));
    let asked = async |token: &str| {
        let answer = client.inquiry_price_refund_instance(&inquiry(&resource, token)).await.expect("an inquiry");
        answer.data.refund_amount.map(|NumberAmount(amount)| amount).expect("an amount")
    };
    let order = |operation: &str, percent: u32| {
        let rule = FaultRule {
            operation: Some(operation.to_owned()),
            times: Some(1),
            ..FaultRule::always(Fault::AmountChanged { amount_percent: percent })
        };
        running.sandbox.control().order_rule(rule).expect("ordered");
    };
    let amount = asked("a").await;
    order("InquiryPriceRefundInstance", 50);
    let half = asked("b").await;
    assert!((half * Decimal::TWO - amount).abs() < Decimal::new(10, 2), "{half} is about half of {amount}");
    assert_eq!(
        (asked("b").await, asked("c").await),
        (half, amount),
        "the token keeps its answer, the others are right"
    );

    order("RefundInstance", 90);
    client.refund_instance(&refund_request(&resource, "r")).await.expect("accepted");
    let made: Vec<_> =
        running.books(0).refund_orders.into_iter().filter(|refund| refund.instance == resource.id).collect();
    let given: Decimal = made.iter().map(|refund| refund.amount).sum();
    assert!(given < amount && given > amount * Decimal::new(89, 2), "{given} of {amount}");
    for refund in made {
        let deviation = refund.deviations.iter().find(|deviation| deviation.knob == Knob::AmountChanged);
        assert_eq!(deviation.map(|deviation| deviation.actual.clone()), Some(refund.amount.to_string()));
        assert_eq!(refund.destinations.iter().map(|part| part.amount).sum::<Decimal>(), refund.amount);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_gives_back_more_than_was_paid() {
    let running = Running::start().await;
    let resource = ecs(&running);
    let rule = FaultRule::always(Fault::AmountChanged { amount_percent: 200 });
    running.sandbox.control().order_rule(rule).expect("ordered");
    running.client(0).refund_instance(&refund_request(&resource, "r")).await.expect("accepted");
    let books = running.books(0);
    for refund in books.refund_orders.iter().filter(|refund| refund.instance == resource.id) {
        let order = books.orders.iter().find(|order| order.order_id == refund.related_order_id).expect("the original");
        assert!(refund.amount <= order.cash, "{} of {}", refund.amount, order.cash);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_may_have_been_faster() {
    let running = Running::start().await;
    let (client, resource) = (running.client(0), ecs(&running));
    let rule = FaultRule {
        operation: Some("RefundInstance".to_owned()),
        times: Some(1),
        ..FaultRule::always(Fault::ReleasedMeanwhile)
    };
    running.sandbox.control().order_rule(rule).expect("ordered");
    client.inquiry_price_refund_instance(&inquiry(&resource, "i")).await.expect("still there");
    let error = client.refund_instance(&refund_request(&resource, "r")).await.expect_err("gone");
    assert_eq!(code(&error), "ExistRefundingOrderError");
    let made: Vec<_> =
        running.books(0).refund_orders.into_iter().filter(|refund| refund.instance == resource.id).collect();
    assert!(!made.is_empty() && made.iter().all(|refund| refund.door == bss_sandbox::Door::Console));
    assert!(instances(&client).await.iter().all(|row| row.instance_id != resource.id));
    // Of an instance that is not there nothing is released, and the call is answered as ever.
    let rule = FaultRule { times: Some(1), ..FaultRule::always(Fault::ReleasedMeanwhile) };
    running.sandbox.control().order_rule(rule).expect("ordered");
    let nowhere = RefundInstanceRequest { instance_id: "i-nothere".to_owned(), ..refund_request(&resource, "n") };
    assert_eq!(code(&client.refund_instance(&nowhere).await.expect_err("unknown")), "ResourceNotExists");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_above_the_documented_limits_are_throttled_when_that_is_on() {
    // (operation, calls in a window, its seconds)
    let cases = [
        ("QueryOrders", 10, 1),
        ("GetOrderDetail", 10, 1),
        ("QueryAvailableInstances", 10, 1),
        ("RefundInstance", 10, 1),
        ("QueryResourcePackageInstances", 100, 60),
        ("QueryAccountTransactions", 600, 60),
    ];
    let running = started_with(r#"{"throttle": true}"#).await;
    let mut nonces = 0..;
    let http = http();
    let mut send = async |operation: &'static str, key_id: &'static str| {
        let nonce = nonces.next().map(|nonce: u32| nonce.to_string()).expect("a nonce");
        let date = running.clock.time().format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let answer = Call { key_id, date, ..Call::new(operation, &nonce) }
            .request_by(&http, &running)
            .send()
            .await
            .expect("an answer");
        let wait = answer.headers().get("x-acs-retry-after").map(|wait| wait.to_str().expect("text").to_owned());
        let (_, body) = told(answer).await;
        (body["Code"] == "Throttling.User", wait)
    };
    for (operation, calls, seconds) in cases {
        for nth in 0..calls {
            assert_eq!(send(operation, "testid").await, (false, None), "{operation} {nth}");
        }
        running.clock.pass(TimeDelta::milliseconds(400));
        let wait = (seconds * 1000 - 400).to_string();
        assert_eq!(send(operation, "testid").await, (true, Some(wait)), "{operation}: one too many");
        assert!(!send(operation, "testid-2").await.0, "{operation}: another account has its own");
        running.clock.pass(TimeDelta::milliseconds(seconds * 1000 - 401));
        assert!(send(operation, "testid").await.0, "{operation}: a moment before");
        running.clock.pass(TimeDelta::milliseconds(1));
        assert!(!send(operation, "testid").await.0, "{operation}: a new window");
    }
    running.sandbox.control().throttle(false);
    for _ in 0..30 {
        assert!(!send("QueryOrders", "testid").await.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skewed_clock_dates_answers_and_refuses_what_is_not_fresh() {
    let running = Running::start().await;
    let control = running.sandbox.control();
    // (cloud ahead by minutes, age of the request's date in minutes, status)
    let cases = [(0, 0, 200), (14, 0, 200), (16, 0, 400), (-16, 0, 400), (16, -2, 200), (-16, 2, 200)];
    for (nth, (ahead, dated, status)) in cases.into_iter().enumerate() {
        control.skew_clock(TimeDelta::minutes(ahead));
        let date = (at(ANCHOR) + TimeDelta::minutes(dated)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
        // Dates of requests go with the cloud where the client has learnt of the skew.
        let date = if status == 200 && ahead.abs() > 15 {
            (at(ANCHOR) + TimeDelta::minutes(ahead + dated)).format("%Y-%m-%dT%H:%M:%SZ").to_string()
        } else {
            date
        };
        let call = Call { date, ..Call::new("QueryAccountBalance", &format!("skew-{nth}")) };
        let answer = call.request(&running).send().await.expect("an answer");
        let shown = (at(ANCHOR) + TimeDelta::minutes(ahead)).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        assert_eq!(answer.headers()["date"], shown.as_str());
        assert_eq!(answer.status().as_u16(), status, "ahead {ahead}, dated {dated}");
        assert_eq!(running.sandbox.now(), at(ANCHOR), "the business clock stays");
    }
    let client = running.client(0);
    control.skew_clock(TimeDelta::minutes(20));
    assert_eq!(client.query_account_balance().await.expect_err("not fresh").kind(), Kind::ClockSkew);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_door_orders_all_of_it() {
    let running = Running::start().await;
    let door = Door(&running);
    let script = r#"{"throttle": true, "clock_skew_seconds": 60, "rules": [{"fault": "unavailable", "after": 1}]}"#;
    assert_eq!(door.ask("POST", "faults/script", script).await.0, 200);
    let (_, listed) = door.ask("GET", "faults", "").await;
    assert_eq!((&listed["rules"][0]["fault"], &listed["rules"][0]["after"]), (&"unavailable".into(), &1.into()));
    let answer = Call::new("QueryAccountBalance", "1").request(&running).send().await.expect("an answer");
    assert_eq!(answer.headers()["date"], "Fri, 20 Nov 2026 10:01:00 GMT");
    assert_eq!(status_and_code(&running, Call::new("QueryAccountBalance", "2")).await.0, 503);
    assert_eq!(door.ask("POST", "clock-skew", r#"{"seconds": 0}"#).await.0, 200);
    assert_eq!(door.ask("POST", "throttle", r#"{"on": false}"#).await.0, 200);
    assert_eq!(door.ask("DELETE", "faults", "").await.0, 200);
    for nonce in 3..20 {
        assert_eq!(status_and_code(&running, Call::new("QueryAccountBalance", &nonce.to_string())).await.0, 200);
    }
    // (path, body, a part of the message)
    let wrong = [
        ("faults", r#"{"fault": "latency"}"#, "ms"),
        ("faults", r#"{"fault": "unavailable", "account": "nobody"}"#, "nobody"),
        ("faults/script", r#"{"rules": [{"fault": "html", "why": 1}]}"#, "rules[0].why"),
        ("faults/script", r#"{"rules": [{"fault": "html", "account": "nobody"}]}"#, "rules[0]"),
        ("clock-skew", r#"{"seconds": 99999999999}"#, "out of range"),
        ("throttle", "{}", "on"),
    ];
    for (path, body, part) in wrong {
        let (status, answer) = door.ask("POST", path, body).await;
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(status == 400 && message.contains(part), "{path} {body}: {answer}");
    }
    assert_eq!(door.ask("GET", "faults", "").await.1["rules"], serde_json::json!([]), "nothing was ordered");
}
