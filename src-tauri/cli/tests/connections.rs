//! `rdesk customer test`, `policy` and `add` with another's key, as processes before a sandbox.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use bss_sandbox::{AccountInfo, Config, Sandbox, WallClock};
use chrono::{DateTime, Utc};
use desk::Ambient;
use serde_json::Value;

const SECRET: &str = "a-secret-that-is-never-shown";

struct Wall;

impl WallClock for Wall {
    fn now(&self) -> DateTime<Utc> {
        desk::System.wall()
    }
}

async fn sandbox() -> Sandbox {
    let now = desk::System.wall();
    bss_sandbox::start(Config::new(7, now, "testid", SECRET), Arc::new(Wall), 0).await.unwrap()
}

struct Ran {
    status: i32,
    out: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!out.contains(SECRET) && !err.contains(SECRET), "{out}{err}");
        Self { status: output.status.code().unwrap(), out: format!("{out}{err}") }
    }

    fn ok(&self) -> Value {
        assert_eq!(self.status, 0, "{}", self.out);
        serde_json::from_str(&self.out).unwrap_or_else(|why| panic!("{why}: {}", self.out))
    }

    fn refused(&self) -> String {
        assert_eq!(self.status, 1, "{}", self.out);
        let answer: Value = serde_json::from_str(&self.out).unwrap();
        answer["error"]["code"].as_str().unwrap().to_owned()
    }
}

/// Runs with the secret in the environment, or not.
fn rdesk(home: &Path, secret: Option<&str>, args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdesk"));
    command.arg("--home").arg(home).args(args).stdin(Stdio::null());
    command.env_remove("RDESK_KEY_ID").env_remove("RDESK_KEY_SECRET");
    if let Some(secret) = secret {
        command.env("RDESK_KEY_SECRET", secret);
    }
    Ran::of(&command.output().unwrap())
}

fn states(test: &Value) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    test["features"].as_array().unwrap().iter().map(|f| (word(&f["operation"]), word(&f["state"]))).collect()
}

fn role(info: &AccountInfo) -> String {
    format!("acs:ram::{}:role/{}", info.uid, bss_sandbox::ROLE)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_tested_before_it_is_added() {
    let sandbox = sandbox().await;
    let info = sandbox.accounts()[1].clone();
    let folder = tempfile::tempdir().unwrap();
    let home = &folder.path().join("home");
    let try_out = ["customer", "test", "--endpoint", &info.endpoint, "--key-id", &info.key_id];
    let json: Vec<&str> = [&["--json"], &try_out[..]].concat();

    let test = rdesk(home, Some(SECRET), &json).ok();
    assert_eq!(states(&test).len(), 8);
    assert!(states(&test).iter().all(|(_, state)| state == "allowed"), "{test}");
    assert_eq!((&test["uid"], &test["site"]), (&Value::from(info.uid.as_str()), &Value::from("international")));
    assert_eq!(test["clock"], "fine");
    assert!(!home.exists(), "testing keeps nothing");

    sandbox.control().restrict(&info.key_id, Some(&["QueryAccountBalance", "QueryAvailableInstances", "QueryOrders"]));
    let told = rdesk(home, Some(SECRET), &try_out);
    assert_eq!(told.status, 0, "{}", told.out);
    for line in [
        "denied       GetOrderDetail: grant bss:DescribeOrderDetail.",
        "allowed      QueryOrders\n",
        "\"Version\": \"1\"",
    ] {
        assert!(told.out.contains(line), "{line} in {}", told.out);
    }

    // A wrong key, and none.
    assert_eq!(rdesk(home, Some("wrong"), &json).refused(), "bss_credentials");
    assert_eq!(rdesk(home, None, &json).refused(), "key_needed");
}

/// The secret by a file descriptor; what the kept customer's connection may, later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_is_added_and_tested_with_the_managers_one_key() {
    let sandbox = sandbox().await;
    let (manager, info) = (sandbox.accounts()[0].clone(), sandbox.accounts()[3].clone());
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
    // A shell opens the descriptor, as a person would.
    let script = "exec \"$0\" \"$@\" 3< \"$SECRET_FILE\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_rdesk"), "--json", "--home"]).arg(&home);
    command.args(["customer", "add", "--endpoint", &manager.endpoint, "--key-id", &manager.key_id]);
    command.args(["--key-secret-fd", "3", "--role-arn", &role(&info)]).env("SECRET_FILE", &secret);
    let added = Ran::of(&command.stdin(Stdio::null()).output().unwrap()).ok();
    assert_eq!((&added["customer"], &added["missing"]), (&Value::from(info.uid.as_str()), &serde_json::json!([])));

    let synced = rdesk(&home, None, &["--json", "sync"]).ok();
    assert_eq!(synced[0]["problem"], Value::Null);
    assert!(synced[0]["resources"].as_u64().unwrap() > 0);
    let test = rdesk(&home, None, &["--json", "customer", "test", &info.uid]).ok();
    assert_eq!(states(&test)[0], ("AssumeRole".to_owned(), "allowed".to_owned()));
    assert_eq!(states(&test).len(), 9);

    // A role of another account than the one meant.
    let other =
        ["--json", "customer", "add", "--endpoint", &manager.endpoint, "--key-id", &manager.key_id, "--uid", "7"];
    let other: Vec<&str> = [&other[..], &["--role-arn"]].concat();
    let arn = role(&info);
    assert_eq!(rdesk(&home, Some(SECRET), &[&other[..], &[&arn]].concat()).refused(), "uid_differs");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partners_key_needs_to_know_whose_orders() {
    let sandbox = sandbox().await;
    let (partner, info) = (sandbox.accounts()[1].clone(), sandbox.accounts()[3].clone());
    let folder = tempfile::tempdir().unwrap();
    let home = &folder.path().join("home");
    let add =
        ["--json", "customer", "add", "--endpoint", &partner.endpoint, "--key-id", &partner.key_id, "--partner-key"];
    assert_eq!(rdesk(home, Some(SECRET), &add).refused(), "uid_needed");
    let added = rdesk(home, Some(SECRET), &[&add[..], &["--uid", &info.uid]].concat()).ok();
    assert_eq!(added["customer"], info.uid.as_str());
    let synced = rdesk(home, None, &["--json", "sync"]).ok();
    assert_eq!((&synced[0]["problem"], &synced[0]["resources"]), (&Value::Null, &Value::from(0)));
    assert!(synced[0]["orders"].as_u64().unwrap() > 0);
}

#[test]
fn the_policy_is_printed_without_a_home() {
    let folder = tempfile::tempdir().unwrap();
    let home = &folder.path().join("home");
    for args in [&["customer", "policy"][..], &["--json", "customer", "policy"]] {
        let policy = rdesk(home, None, args).ok();
        assert_eq!(policy["Statement"][0]["Effect"], "Allow");
        assert!(policy["Statement"][0]["Action"].as_array().unwrap().contains(&Value::from("bss:DescribeOrderList")));
    }
    let own = rdesk(home, None, &["customer", "policy", "--role-arn", "acs:ram::1:role/RefundDesk"]).ok();
    assert_eq!(own["Statement"][0]["Action"][0], "sts:AssumeRole");
    assert_eq!(own["Statement"][0]["Resource"], "acs:ram::1:role/RefundDesk");
    assert!(!home.exists());
}
