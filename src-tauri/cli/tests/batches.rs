//! Plans, batches, waiting requests and reconciling on the terminal: `rdesk` as a process in a sandbox home.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use rust_decimal::Decimal;
use serde_json::Value;
use tempfile::TempDir;

/// What a run printed, and how it ended.
struct Ran {
    status: i32,
    out: String,
    err: String,
}

fn rdesk(home: &Path, args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdesk"));
    let done = command.arg("--home").arg(home).args(args).stdin(Stdio::null()).output().unwrap();
    Ran {
        status: done.status.code().unwrap(),
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
    }
}

/// The JSON answer of a run that must succeed.
fn ok(home: &Path, args: &[&str]) -> Value {
    let ran = rdesk(home, &[args, &["--json"]].concat());
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{args:?}: {}", ran.out);
    serde_json::from_str(&ran.out).unwrap()
}

/// Code, place and details of a run that must be refused; the same as text.
fn refused(home: &Path, args: &[&str]) -> (String, String, Vec<String>) {
    let ran = rdesk(home, &[args, &["--json"]].concat());
    assert_eq!((ran.status, ran.err.as_str()), (1, ""), "{args:?}: {}", ran.out);
    let error = serde_json::from_str::<Value>(&ran.out).unwrap()["error"].take();
    let code = error["code"].as_str().unwrap();
    assert!(!error["message"].as_str().unwrap().is_empty() && !error["next"].as_str().unwrap().is_empty(), "{error}");
    let as_text = rdesk(home, args);
    assert_eq!((as_text.status, as_text.out.as_str()), (1, ""), "{args:?}");
    assert!(as_text.err.contains(code), "{}", as_text.err);
    let details = error["details"].as_array().unwrap().iter().map(text).collect();
    (code.to_owned(), error["place"].as_str().unwrap_or_default().to_owned(), details)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

fn d(value: &Value) -> Decimal {
    text(value).parse().unwrap()
}

/// A copy of a synced sandbox home.
fn home() -> TempDir {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let made = tempfile::tempdir().unwrap();
        ok(made.path(), &["demo"]);
        made
    });
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(made.path()).unwrap().map(Result::unwrap) {
        if file.file_type().unwrap().is_file() {
            std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
        }
    }
    copy
}

/// The first planned batch of instances with at least so many items.
fn batch_of(plan: &Value, least: usize) -> Value {
    let fits = |batch: &&Value| batch["kind"] == "instance" && list(&batch["items"]).len() >= least;
    list(&plan["batches"]).iter().find(fits).expect("the scene has such a batch").clone()
}

fn resources(batch: &Value) -> Vec<String> {
    list(&batch["items"]).iter().map(|item| text(&item["resource"])).collect()
}

#[test]
fn a_plan_is_told_as_json_and_as_text() {
    let home = home();
    let plan = ok(home.path(), &["plan", "--all"]);
    let batches = list(&plan["batches"]);
    assert!(batches.len() >= 4, "four customers");
    for (nth, batch) in (1..).zip(batches) {
        assert_eq!(batch["number"], nth);
        let items = list(&batch["items"]);
        assert!((1..=50).contains(&items.len()));
        assert_eq!(d(&batch["refund"]), items.iter().map(|item| d(&item["refund"])).sum::<Decimal>());
        assert_eq!(text(&batch["search"]), resources(batch).join(","));
    }
    for total in list(&plan["totals"]) {
        let of = batches.iter().filter(|batch| batch["currency"] == total["currency"]);
        assert_eq!(d(&total["refund"]), of.map(|batch| d(&batch["refund"])).sum::<Decimal>());
    }
    let left: Vec<String> = list(&plan["left_out"]).iter().map(|left| text(&left["code"])).collect();
    assert!(left.contains(&"blocked".to_owned()), "{left:?}");
    assert!(list(&plan["singly"]).iter().any(|single| single["code"] == "by_ticket"), "{}", plan["singly"]);
    let told = rdesk(home.path(), &["plan", "--all"]);
    for part in ["SANDBOX", "Batch 1:", "channel refunds", "Left out:", "[blocked]", "search: "] {
        assert!(told.out.contains(part), "{part} in {}", told.out);
    }

    // From a file and by name: the same batch.
    let batch = batch_of(&plan, 2);
    let ids = home.path().join("ids.txt");
    std::fs::write(&ids, format!("# from the plan\n{}\n", text(&batch["search"]))).unwrap();
    let by_name: Vec<String> = resources(&batch);
    let named: Vec<&str> = std::iter::once("plan").chain(by_name.iter().map(String::as_str)).collect();
    for again in [ok(home.path(), &["plan", "--file", ids.to_str().unwrap()]), ok(home.path(), &named)] {
        assert_eq!(resources(&again["batches"][0]), by_name);
        assert_eq!((&again["batches"][0]["refund"], &again["selected"]), (&batch["refund"], &by_name.len().into()));
    }
    let twice = ok(home.path(), &["plan", &by_name[0], &by_name[0]]);
    assert_eq!((&twice["selected"], &twice["left_out"][0]["code"]), (&1.into(), &"duplicate".into()));
    let renewals = ok(home.path(), &["plan", "--all", "--renewals"]);
    assert!(list(&renewals["batches"]).iter().all(|batch| batch["action"] == "cancel_renewals"));
    assert!(!list(&renewals["batches"]).is_empty());
}

#[test]
fn a_batch_goes_from_its_plan_to_the_money() {
    let home = home();
    let home = home.path();
    let plan = ok(home, &["plan", "--all"]);
    let batch = batch_of(&plan, 3);
    let number = batch["number"].to_string();
    let planned = ok(home, &["batch", "confirm", "--all", "--batch", &number]);
    assert_eq!((resources(&planned), &planned["total"]), (resources(&batch), &batch["refund"]));

    // Those of which the console says the same: nothing special applies to them.
    let usual: Vec<String> = resources(&batch)
        .into_iter()
        .filter(|id| rdesk(home, &["sandbox", "console-amount", id]).status == 0)
        .take(3)
        .collect();
    assert_eq!(usual.len(), 3);
    let select: Vec<&str> = ["batch", "confirm"].into_iter().chain(usual.iter().map(String::as_str)).collect();
    let review = ok(home, &select);
    assert!(rdesk(home, &select).out.contains("To confirm, type the total"));
    let decision = [
        "--channel",
        "api",
        "--none-apply",
        "--reason",
        "the project ends",
        "--rules-read",
        "--data-backed-up",
        "--authorisation",
        "T-4711",
        "--confirm-amount",
    ];
    let total = text(&review["type_total"]);
    let whole = [&select[..], &decision[..], &[&total]].concat();
    let without = |left_out: &[&str]| whole.iter().copied().filter(|word| !left_out.contains(word)).collect::<Vec<_>>();
    for (case, args, code, place) in [
        ("rules not read", without(&["--rules-read"]), "box_missing", "amount_read"),
        ("data not backed up", without(&["--data-backed-up"]), "box_missing", "data_backed_up"),
        ("no reason", without(&["--reason", "the project ends"]), "reason_missing", "reason"),
        ("another total", [&without(&[&total])[..], &["0.01"]].concat(), "amount_differs", "total_typed"),
    ] {
        let (found, at, _) = refused(home, &args);
        assert_eq!((found.as_str(), at.as_str()), (code, place), "{case}");
    }
    let confirmed = ok(home, &whole);
    let id = text(&confirmed["id"]);
    let items = resources(&confirmed).len();
    assert_eq!((&confirmed["waiting"], &confirmed["authorisation"]), (&items.into(), &"T-4711".into()));
    assert_eq!(list(&ok(home, &["requests", "ready"])["ready"]).len(), items);

    // One, then the rest; the progress goes to standard error.
    let first = ok(home, &["batch", "run", &id, "--at-most", "1"]);
    assert_eq!((list(&first["results"]).len(), list(&first["left"]).len()), (1, items - 1));
    assert_eq!(first["results"][0]["state"], "accepted");
    let rest = rdesk(home, &["batch", "run", &id]);
    assert_eq!(rest.status, 0, "{}", rest.err);
    assert!(rest.err.contains(&format!("1 of {}", items - 1)) && rest.out.contains("accepted"), "{}", rest.out);
    assert_eq!(refused(home, &["batch", "run", &id]).0, "nothing_waiting");
    assert_eq!(refused(home, &["batch", "withdraw", &id]).0, "nothing_waiting");

    ok(home, &["sandbox", "clock", "--advance", "288"]);
    ok(home, &["sync"]);
    let shown = ok(home, &["batch", "show", &id]);
    assert!(list(&shown["items"]).iter().all(|item| item["state"] == "refunded"), "{shown}");
    let actual: Decimal = list(&shown["items"]).iter().map(|item| d(&item["actual"])).sum();
    assert_eq!(d(&shown["arrived"]), actual);
    let found = ok(home, &["reconcile"]);
    let ours: Vec<&Value> =
        list(&found["requests"]).iter().filter(|row| resources(&shown).contains(&text(&row["resource"]))).collect();
    assert_eq!(ours.len(), items);
    assert!(ours.iter().all(|row| d(&row["difference"]).is_zero()), "{ours:?}");
    assert!(!list(&found["elsewhere"]).is_empty(), "the refund before the desk was there");
    assert_eq!(list(&found["moved"]).len(), 0, "the sync has moved them");
    assert!(rdesk(home, &["reconcile"]).out.contains("made elsewhere"));
    assert_eq!(ok(home, &["batch", "list"])[0]["id"], id.as_str());
    ok(home, &["journal", "verify"]);
}

#[test]
fn renewals_are_cancelled_singly_and_as_a_batch() {
    let home = home();
    let home = home.path();
    let plan = ok(home, &["plan", "--all", "--renewals"]);
    let batch = list(&plan["batches"]).iter().find(|batch| list(&batch["items"]).len() >= 2).expect("a batch").clone();
    let ids = resources(&batch);
    let cancel: Vec<&str> = ["renewals", "cancel"].into_iter().chain(ids.iter().map(String::as_str)).collect();
    let review = ok(home, &cancel);
    assert_eq!((&review["action"], &review["total"]), (&"cancel_renewals".into(), &batch["refund"]));
    assert_eq!(list(&review["channels"]), &[Value::from("console")]);
    let decision =
        ["--none-apply", "--reason", "renewed by mistake", "--rules-read", "--confirm-amount", &text(&review["total"])];
    let by_api = [&cancel[..], &decision[..], &["--channel", "api"]].concat();
    assert_eq!(refused(home, &by_api).0, "channel_not_offered");
    let confirmed = ok(home, &[&cancel[..], &decision[..]].concat());
    let id = text(&confirmed["id"]);
    assert_eq!(refused(home, &["batch", "run", &id]).0, "not_by_api");
    assert_eq!(refused(home, &["batch", "run", &id, "--console-amount", "x"]).0, "bad_amount");
    let handed = ok(home, &["batch", "run", &id, "--console-amount", &text(&confirmed["waiting_total"])]);
    assert!(list(&handed["results"]).iter().all(|result| result["state"] == "handed_over"));
    let reported = ok(home, &["batch", "report", &id]);
    assert!(list(&reported["items"]).iter().all(|item| item["state"] == "reported"));

    // One alone is a request; the first possible Updated Expiration Time is taken when none is named.
    let stacks = ok(home, &["renewals", "list"]);
    let free = list(&stacks).iter().find(|stack| stack["request"].is_null() && !list(&stack["candidates"]).is_empty());
    let stack = free.expect("another stack");
    let one = ok(home, &["renewals", "cancel", &text(&stack["resource"])]);
    assert_eq!(one["request"]["expires"], stack["candidates"][0]["expires"]);
    let never = ok(home, &["plan", &format!("{}=2040-01-01T00:00:00Z", text(&stack["resource"])), "--renewals"]);
    assert_eq!(never["left_out"][0]["details"][0], "not_a_candidate");
}

#[test]
fn what_is_confirmed_for_later_is_sent_on_one_call() {
    let home = home();
    let home = home.path();
    let plan = ok(home, &["plan", "--all"]);
    let resource = resources(&batch_of(&plan, 1))[0].clone();
    let review = ok(home, &["unsubscribe", &resource, "--none-apply"]);
    let amount = text(&review["type_amount"]);
    let decision = [
        "unsubscribe",
        &resource,
        "--channel",
        "api",
        "--reason",
        "the project ends",
        "--rules-read",
        "--data-backed-up",
        "--later",
        "--confirm-amount",
        &amount,
    ];
    let high = [&decision[..], &["--floor", "99999999", "--floor-until", "2099-01-01T00:00:00Z"]].concat();
    assert_eq!(refused(home, &high).0, "bad_floor");
    let confirmed = ok(home, &[&decision[..], &["--floor", "0.01", "--floor-until", "2099-01-01T00:00:00Z"]].concat());
    assert_eq!((&confirmed["state"], &confirmed["floor"]["at_least"]), (&"confirmed".into(), &"0.01".into()));
    let request = text(&confirmed["id"]);

    ok(home, &["sandbox", "clock", "--advance", "30"]);
    let ready = ok(home, &["requests", "ready"]);
    let [one] = list(&ready["ready"]).as_slice() else { panic!("one is ready: {ready}") };
    assert_eq!((&one["request"], d(&one["confirmed"])), (&Value::from(request.as_str()), amount.parse().unwrap()));
    assert!(d(&one["now"]) < d(&one["confirmed"]), "a day took something");
    assert!(rdesk(home, &["requests", "ready"]).out.contains("Ready to send: 1"));
    let (code, place, details) = refused(home, &["requests", "send", "--ready", "2"]);
    assert_eq!((code.as_str(), place.as_str(), details), ("ready_changed", "--ready", vec![request.clone()]));
    assert_eq!(refused(home, &["requests", "wrong-one", &request]).0, "nothing_to_undo");
    let run = ok(home, &["requests", "send", "--ready", "1"]);
    assert_eq!(
        (&run["results"][0]["request"], &run["results"][0]["state"]),
        (&request.as_str().into(), &"accepted".into())
    );
    assert_eq!(list(&ok(home, &["requests", "ready"])["ready"]).len(), 0);
    let ticket = ok(home, &["requests", "wrong-one", &request]);
    assert!(text(&ticket["text"]).contains(&resource), "{ticket}");
    assert!(rdesk(home, &["requests", "wrong-one", &request]).out.contains("URGENT"));
}

#[test]
fn refusals_have_a_code_and_a_place() {
    let home = home();
    let home = home.path();
    let nowhere = home.join("nowhere");
    let table: [(&str, &[&str], &str, &str); 15] = [
        ("nothing selected", &["plan"], "nothing_selected", "RESOURCE"),
        ("no such resource", &["plan", "i-nowhere"], "unknown_resource", "resource"),
        ("no such customer", &["plan", "--all", "--customer", "99"], "unknown_customer", "customer"),
        ("no such file", &["plan", "--file", nowhere.to_str().unwrap()], "ids_unreadable", nowhere.to_str().unwrap()),
        ("no instant", &["plan", "i-1=soon", "--renewals"], "bad_instant", "RESOURCE"),
        ("everything as one", &["batch", "confirm", "--all"], "not_one_batch", "--all"),
        ("no such batch of the plan", &["batch", "confirm", "--all", "--batch", "999"], "unknown_batch", "--batch"),
        ("no such batch", &["batch", "show", "b"], "unknown_batch", "batch"),
        ("nothing to run", &["batch", "run", "b"], "unknown_batch", "batch"),
        ("no such request", &["requests", "wrong-one", "r"], "unknown_request", "request"),
        ("a refund for nobody", &["requests", "choose-refund", "r", "9"], "unknown_request", "request"),
        ("closing nobody", &["requests", "close", "r", "--ending", "not_coming"], "unknown_request", "request"),
        ("a receipt for nobody", &["requests", "report", "r", "--receipt", "T-1"], "unknown_request", "request"),
        ("none is ready", &["requests", "send", "--ready", "3"], "ready_changed", "--ready"),
        ("reconciling nobody", &["reconcile", "--customer", "99"], "unknown_customer", "customer"),
    ];
    for (case, args, code, place) in table {
        let (found, at, _) = refused(home, args);
        assert_eq!((found.as_str(), at.as_str()), (code, place), "{case}");
    }
    for usage in [
        &["requests", "send"][..],
        &["requests", "send", "r", "--ready", "1"],
        &["plan", "i-1", "--all"],
        &["unsubscribe", "i-1", "--floor", "1"],
        &["renewals", "cancel"],
    ] {
        assert_eq!(rdesk(home, usage).status, 2, "{usage:?}");
    }
}
