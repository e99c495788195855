//! What really came, saved as a case: `rdesk` as a process in a sandbox home.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use bss_sandbox::{Config, Reality, WallClock};
use chrono::{DateTime, TimeDelta, Utc};
use desk::Ambient;
use serde_json::Value;

/// Exit status and standard output of a run; what went to standard error too.
fn rdesk(args: &[&str]) -> (i32, String, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_rdesk"))
        .args(args)
        .env("RDESK_KEY_SECRET", "testsecret")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
}

fn ok(home: &Path, args: &[&str]) -> Value {
    let (status, out, err) = rdesk(&[&["--home", home.to_str().unwrap(), "--json"], args].concat());
    assert_eq!((status, err.as_str()), (0, ""), "{args:?}: {out}");
    serde_json::from_str(&out).unwrap()
}

fn refused(home: &Path, args: &[&str]) -> String {
    let (status, out, _) = rdesk(&[&["--home", home.to_str().unwrap(), "--json"], args].concat());
    assert_eq!(status, 1, "{args:?}: {out}");
    serde_json::from_str::<Value>(&out).unwrap()["error"]["code"].as_str().unwrap().to_owned()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Unsubscribes a server by the API; what the cloud says of one may differ, then the next is taken.
fn sent(home: &Path) -> String {
    let page = ok(home, &["resources", "--limit", "500"]);
    for row in page["rows"].as_array().unwrap() {
        let certain = row["exact"] == true && row["blockers"] == Value::Array(Vec::new()) && row["request"].is_null();
        if !certain || row["kind"] != "instance" || row["product"] != "ecs" {
            continue;
        }
        let resource = text(&row["resource"]);
        let review = ok(home, &["unsubscribe", &resource, "--none-apply"]);
        let amount = text(&review["type_amount"]);
        let api = review["channels"].as_array().unwrap().iter().any(|channel| channel == "api");
        if !api {
            continue;
        }
        let decision = [
            "unsubscribe",
            &resource,
            "--channel",
            "api",
            "--reason",
            "the project ends",
            "--rules-read",
            "--data-backed-up",
            "--confirm-amount",
            &amount,
        ];
        let request = ok(home, &decision);
        if request["state"] == "accepted" {
            return text(&request["id"]);
        }
    }
    panic!("the scene has a server of which console and rules say the same");
}

struct Wall;

impl WallClock for Wall {
    fn now(&self) -> DateTime<Utc> {
        desk::System.wall()
    }
}

/// A cloud that pays four days later than its pages say: the case names the day, and the check fails.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reality_that_differs_fails_the_check() {
    let late = Reality { late_days: 4, ..Reality::default() };
    let config = Config { reality: late, ..Config::new(7, desk::System.wall(), "testid", "testsecret") };
    let sandbox = bss_sandbox::start(config, Arc::new(Wall), 0).await.unwrap();
    let info = sandbox.accounts()[1].clone();
    let folder = tempfile::tempdir().unwrap();
    let home = &folder.path().join("home");
    let add = ["customer", "add", "--endpoint", &info.endpoint, "--key-id", &info.key_id, "--name", "Secretive Ltd"];
    ok(home, &add);
    ok(home, &["sync"]);
    let request = sent(home);
    sandbox.control().advance(TimeDelta::hours(288)).unwrap();
    ok(home, &["sync"]);

    let found = ok(home, &["reconcile"]);
    let row = &found["requests"][0];
    assert_eq!((&row["request"], &row["state"]), (&request.as_str().into(), &"refunded".into()), "{row}");
    let difference = &row["differences"][0];
    assert_eq!(
        (&difference["of"], &difference["explanations"][0]["code"]),
        (&"day".into(), &"later_within_the_limit".into())
    );
    assert!(
        text(&row["arrived_on"]) > text(&row["predicted_on"]) && text(&row["arrived_on"]) < text(&row["predicted_by"])
    );
    let (_, told, _) = rdesk(&["--home", home.to_str().unwrap(), "reconcile"]);
    for part in ["later_within_the_limit: It came", "[arrival.processing]", difference["text"].as_str().unwrap()] {
        assert!(told.contains(part), "{part} in {told}");
    }

    let file = folder.path().join("reality.json");
    let file = file.to_str().unwrap();
    let saved = ok(home, &["reconcile", "save", &request, "--out", file]);
    assert_eq!(saved["differs"], serde_json::json!(["processed_by"]));
    assert!(!std::fs::read_to_string(file).unwrap().contains("Secretive"), "no customer's name");
    let (status, out, err) = rdesk(&["quote", "--check", file]);
    assert_eq!(status, 1, "{out}{err}");
    assert!(format!("{out}{err}").contains("processed_by"), "{out}{err}");
}

#[test]
fn a_reality_is_saved_and_checked() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    ok(home, &["demo"]);
    let request = sent(home);
    let file = home.join("reality.json");
    let file = file.to_str().unwrap();
    assert_eq!(refused(home, &["reconcile", "save", &request, "--out", file]), "not_refunded");
    assert_eq!(refused(home, &["reconcile", "save", "r-none", "--out", file]), "unknown_request");
    assert!(!Path::new(file).exists(), "a refusal writes nothing");

    ok(home, &["sandbox", "clock", "--advance", "288"]);
    ok(home, &["sync"]);
    let before = ok(home, &["journal", "list", "--limit", "1000"]);
    let saved = ok(home, &["reconcile", "save", &request, "--out", file]);
    assert_eq!((&saved["request"], &saved["differs"]), (&request.as_str().into(), &Value::Array(Vec::new())));
    assert_eq!(ok(home, &["journal", "list", "--limit", "1000"]), before, "saving decides nothing");

    let case: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let reconciled = ok(home, &["reconcile"]);
    let rows = reconciled["requests"].as_array().unwrap();
    let row = rows.iter().find(|row| row["request"] == request.as_str()).unwrap();
    assert_eq!((&case["expect"]["refund"], &case["resource"]["id"]), (&row["actual"], &row["resource"]));
    let source = text(&case["source"]);
    for part in [request.as_str(), "rebuilt from the desk's cache", row["refund_orders"][0].as_str().unwrap()] {
        assert!(source.contains(part), "{part} in {source}");
    }
    let customers = ok(home, &["customer", "list"]);
    for customer in customers.as_array().unwrap() {
        let name = text(&customer["name"]);
        assert!(!std::fs::read_to_string(file).unwrap().contains(&name), "no customer's name: {name}");
    }
    let (status, out, err) = rdesk(&["quote", "--check", file]);
    assert_eq!(status, 0, "{out}{err}");

    // Had another amount come, the check names it.
    let mut other = case.clone();
    other["expect"]["refund"] = "0.01".into();
    std::fs::write(file, other.to_string()).unwrap();
    let (status, out, err) = rdesk(&["quote", "--check", file]);
    assert_eq!(status, 1);
    assert!(format!("{out}{err}").contains("refund"), "{out}{err}");
}
