//! Two processes of the desk on one home: one acts, the other reads and says so; nothing is sent twice.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use desk::views::{Ask, Decision, FactAnswer, ResourceQuery, ResourceSort, ResourceTab};
use desk::{Access, Desk, Unlock};
use refund_rules::case::{Action, Kind};
use refund_rules::quote::Channel;
use serde_json::Value;

/// How often two processes race for a request that the cloud takes.
const ROUNDS: usize = 20;

/// Requests to race for: the cloud refuses some resources for what it does not tell.
const REQUESTS: usize = 32;

/// Each has some resources that can be sent back by the API.
const CUSTOMERS: usize = 10;

/// `rdesk sandbox serve`, ended with the test.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn start() -> Self {
        let customers = CUSTOMERS.to_string();
        let args = ["sandbox", "serve", "--port", "0", "--key-id", "K", "--key-secret", "S", "--seed", "7"];
        let mut child = Command::new(env!("CARGO_BIN_EXE_rdesk"))
            .args(args)
            .args(["--customers", &customers])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("ready ").unwrap().trim().to_owned();
        Self { child, address }
    }

    fn door(&self, path: &str) -> Value {
        let host = self.address.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!(
            "GET /_sandbox/{path} HTTP/1.1\r\nhost: {host}\r\nx-sandbox-control: 1\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn open(home: &Path) -> Desk {
    Desk::open(home, Unlock::Nothing, Access::ReadWrite, Arc::new(desk::System)).unwrap()
}

fn rdesk(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdesk"));
    command.arg("--home").arg(home).args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A synced home at the served sandbox.
async fn synced(home: &Path, serving: &Serving) {
    for place in 1..=CUSTOMERS {
        let key_id = if place == 1 { "K".to_owned() } else { format!("K-{place}") };
        let add = ["customer", "add", "--endpoint", &serving.address, "--key-id", &key_id, "--key-secret", "S"];
        assert!(rdesk(home, &add).output().unwrap().status.success());
    }
    let desk = Desk::open_sandbox(home, Arc::new(desk::System)).unwrap();
    for report in desk.sync(None, &|_| {}).await.unwrap() {
        assert_eq!(report.problem, None);
    }
}

/// Confirms unsubscriptions by the API, one a resource: their requests with customer and resource.
fn confirmed(desk: &Desk) -> Vec<(String, String, String)> {
    let query = ResourceQuery {
        customer: None,
        tab: ResourceTab::Regular,
        refund_type: None,
        product: None,
        text: String::new(),
        ordered_from: None,
        ordered_to: None,
        sort: ResourceSort::Resource,
        descending: false,
        offset: 0,
        limit: 500,
    };
    let rows = desk.resources(&query).unwrap().rows;
    let mut requests = Vec::new();
    for row in rows.iter().filter(|row| row.kind == Kind::Instance && row.blockers.is_empty()) {
        let ask = Ask {
            customer: row.customer.clone(),
            resource: row.resource.clone(),
            action: Action::Unsubscribe,
            expires: None,
        };
        let Ok(review) = desk.review(&ask) else { continue };
        let answers: Vec<FactAnswer> = review
            .questions
            .iter()
            .filter(|question| question.required)
            .map(|q| FactAnswer { path: q.path.clone(), value: q.usual.clone().unwrap(), source: "asked".to_owned() })
            .collect();
        let Ok(review) = desk.settle(&review.request.id, &answers) else { continue };
        let decision = Decision {
            channel: Channel::Api,
            amount_read: true,
            data_backed_up: true,
            reason: "the project ends".to_owned(),
            amount_typed: review.type_amount.clone(),
            quote_sha256: review.quote.quote.sha256.clone().unwrap(),
            authorisation: None,
        };
        if desk.confirm(&review.request.id, &decision).is_ok() {
            requests.push((review.request.id, row.customer.clone(), row.resource.clone()));
        }
        if requests.len() == REQUESTS {
            break;
        }
    }
    requests
}

/// What a process answered: its state, or the code of its refusal with what to do next.
fn answer(output: &Output) -> Result<String, (String, String)> {
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    match document.get("error") {
        None => Ok(text(&document["state"])),
        Some(error) => Err((text(&error["code"]), text(&error["next"]))),
    }
}

#[tokio::test]
async fn two_processes_that_send_one_request_at_once_send_it_once() {
    let serving = Serving::start();
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    synced(&home, &serving).await;
    let requests = {
        let desk = open(&home);
        confirmed(&desk)
    };
    let mut raced = Vec::new();
    for request in &requests {
        let send = || rdesk(&home, &["--json", "requests", "send", &request.0]).spawn().unwrap();
        let racing = [send(), send()];
        let answers = racing.map(|child| answer(&child.wait_with_output().unwrap()));
        let sent: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
        let refused: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
        assert!(refused.iter().all(|(_, next)| !next.is_empty()), "{answers:?}");
        if refused.iter().any(|(code, _)| code == "bss_refused") {
            assert!(sent.is_empty(), "{answers:?}");
            continue;
        }
        assert_eq!(sent, ["accepted"], "{answers:?}");
        // Too late for the lock, or too late for the request.
        assert!(refused.iter().all(|(code, _)| code == "home_in_use" || code == "illegal_move"), "{answers:?}");
        raced.push(request);
        if raced.len() == ROUNDS {
            break;
        }
    }
    assert_eq!(raced.len(), ROUNDS, "enough requests to race for");
    let ledger = serving.door("ledger");
    let acts = ledger["acts"].as_array().unwrap();
    for (request, customer, resource) in raced {
        let refunds = acts.iter().filter(|act| {
            act["act"] == "refunded" && act["uid"] == customer.as_str() && act["resource"] == resource.as_str()
        });
        assert_eq!(refunds.count(), 1, "{resource} of {customer}");
        let trail = open(&home).request(request).unwrap().trail;
        assert_eq!(trail.iter().filter(|entry| entry.kind == "request_sending").count(), 1, "{request}");
    }
}

#[tokio::test]
async fn the_second_process_reads_and_says_so_and_changes_nothing() {
    let serving = Serving::start();
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    synced(&home, &serving).await;
    let first = open(&home);
    let entries = first.status().unwrap().journal_entries;
    let run = |args: &[&str]| rdesk(&home, args).output().unwrap();
    let says_so = |output: &Output| String::from_utf8_lossy(&output.stdout).contains("read only: another desk");

    let reading: [&[&str]; 7] = [
        &["resources"],
        &["customer", "list"],
        &["renewals", "list"],
        &["requests"],
        &["history", "list"],
        &["journal", "verify"],
        &["journal", "list"],
    ];
    for args in reading {
        let output = run(args);
        assert!(output.status.success() && says_so(&output), "{args:?}: {output:?}");
    }
    let changing: [&[&str]; 9] = [
        &["sync"],
        &["unsubscribe", "i-1"],
        &["renewals", "cancel", "i-1", "--expires", "2026-12-01T00:00:00+08:00"],
        &["requests", "send", "r"],
        &["requests", "ask", "r"],
        &["requests", "withdraw", "r"],
        &["facts", "i-1", "--fact", "resource.transferred=false", "--source", "seen"],
        &["language", "zh"],
        &["customer", "remove", "1"],
    ];
    for args in changing {
        let output = run(&[&["--json"], args].concat());
        let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{args:?}: {output:?}"));
        assert_eq!(document["error"]["code"], "home_in_use", "{args:?}");
        assert!(!document["error"]["next"].as_str().unwrap().is_empty(), "{args:?}");
    }
    assert_eq!(first.status().unwrap().journal_entries, entries, "nothing was written beside the first desk");

    drop(first);
    assert!(!says_so(&run(&["requests"])), "alone again");
    assert!(run(&["language", "en"]).status.success());
}
