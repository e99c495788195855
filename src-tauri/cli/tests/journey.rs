//! `rdesk` as a process: what it prints, what it writes, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use tempfile::TempDir;

/// What a run left.
#[derive(Debug)]
struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|why| panic!("no JSON document ({why}): {self:?}"))
    }

    /// The answer of a run that must succeed.
    fn ok(&self) -> Value {
        assert_eq!((self.status, self.err.as_str()), (0, ""), "{self:?}");
        self.json()
    }

    /// Code and place of a run that must be refused.
    fn refused(&self) -> (String, Option<String>) {
        assert_eq!((self.status, self.err.as_str()), (1, ""), "{self:?}");
        let error = &self.json()["error"];
        for said in ["message", "next"] {
            assert!(!error[said].as_str().unwrap().is_empty(), "{said} in {error}");
        }
        (text(&error["code"]), error["place"].as_str().map(str::to_owned))
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

fn rdesk(args: &[&str]) -> Ran {
    let done = Command::new(env!("CARGO_BIN_EXE_rdesk")).args(args).stdin(Stdio::null()).output().unwrap();
    Ran {
        status: done.status.code().unwrap(),
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
    }
}

/// `rdesk --home HOME --json ARGS`
fn in_home(home: &Path, args: &[&str]) -> Ran {
    let mut all = vec!["--home", home.to_str().unwrap(), "--json"];
    all.extend(args);
    rdesk(&all)
}

/// The home, the exported file and the answer of one `rdesk demo`.
struct Demo {
    home: TempDir,
    out: TempDir,
    answer: Value,
}

fn demo() -> &'static Demo {
    static DEMO: OnceLock<Demo> = OnceLock::new();
    DEMO.get_or_init(|| {
        let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let answer = in_home(home.path(), &["demo", "--out", out.path().to_str().unwrap()]).ok();
        Demo { home, out, answer }
    })
}

/// A copy of the demo's home, for tests that change it.
fn demo_home() -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(demo().home.path()).unwrap() {
        let file = file.unwrap();
        if file.file_type().unwrap().is_file() {
            std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
        }
    }
    copy
}

fn rows_of(file: &Path) -> Vec<Vec<String>> {
    let bytes = std::fs::read(file).unwrap();
    let plain = bytes.strip_prefix(b"\xEF\xBB\xBF").expect("a byte order mark");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(plain);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// A history row of the JSON answer as the file's cells, `home` and `customer_uid` besides.
fn cells(row: &Value) -> Vec<String> {
    let cell = |key: &str| match &row[key] {
        Value::Null => String::new(),
        value => text(value),
    };
    let related: Vec<String> = list(&row["related_orders"]).iter().map(text).collect();
    let to: Vec<String> = list(&row["unsubscribe_to"])
        .iter()
        .map(|part| format!("{} {} {}", text(&part["to"]), text(&part["amount"]), text(&part["at"])))
        .collect();
    vec![
        "SANDBOX".to_owned(),
        cell("customer_name"),
        cell("customer"),
        cell("refund_order"),
        cell("resource"),
        cell("product"),
        related.join("; "),
        cell("order_status"),
        cell("currency"),
        cell("amount"),
        cell("arrived"),
        to.join("; "),
        cell("refunded_at"),
        cell("arrived_at"),
        cell("request"),
        cell("predicted"),
        cell("difference"),
        cell("reason"),
    ]
}

#[test]
fn the_demo_goes_from_sync_to_an_exported_history() {
    let demo = demo();
    assert_eq!(demo.answer["customers"], 4);
    let requests = list(&demo.answer["requests"]);
    let channels: Vec<String> = requests.iter().map(|request| text(&request["channel"])).collect();
    assert_eq!(channels, ["api", "console", "console"]);
    for request in requests {
        assert_eq!(
            (&request["state"], &request["arrived"]),
            (&Value::from("refunded"), &request["predicted"]),
            "{request}"
        );
    }
    // The exported file, read by another hand, says what the list says.
    let listed = in_home(demo.home.path(), &["history", "list", "--limit", "500"]).ok();
    let file = rows_of(&demo.out.path().join("refund-history.csv"));
    let expected: Vec<Vec<String>> = list(&listed["rows"]).iter().map(cells).collect();
    assert_eq!(file[0][0], "home");
    assert_eq!(file[1..], expected);
    assert_eq!(demo.answer["exported"]["rows"], expected.len());
    assert_eq!((&demo.answer["history"], &listed["total"]), (&listed["total"], &Value::from(expected.len())));
    let ours: Vec<_> = expected.iter().filter(|row| !row[14].is_empty()).collect();
    assert!(ours.len() >= 3 && ours.len() < expected.len(), "ours, and what was done elsewhere");

    let verified = in_home(demo.home.path(), &["journal", "verify"]).ok();
    assert_eq!(
        (&verified["entries"], &verified["head"]),
        (&demo.answer["journal_entries"], &demo.answer["journal_head"])
    );
}

#[test]
fn the_demo_as_text_says_that_it_is_a_sandbox() {
    let home = tempfile::tempdir().unwrap();
    let ran = rdesk(&["demo", "--home", home.path().to_str().unwrap(), "--seed", "11"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    assert!(ran.out.to_lowercase().lines().next().unwrap().contains("sandbox"), "{}", ran.out);
    assert!(ran.out.contains("the chain is whole"));
}

#[test]
fn home_and_json_may_stand_before_and_after_the_command() {
    let home = demo().home.path().to_str().unwrap();
    for command in [
        vec!["customer", "list"],
        vec!["resources"],
        vec!["renewals", "list"],
        vec!["requests"],
        vec!["requests", "list"],
        vec!["history", "list"],
        vec!["journal", "verify"],
        vec!["journal", "list"],
    ] {
        let mut before = vec!["--home", home, "--json"];
        before.extend(&command);
        let mut after = command.clone();
        after.extend(["--json", "--home", home]);
        let (before, after) = (rdesk(&before), rdesk(&after));
        assert_eq!(before.ok(), after.ok(), "{command:?}");
        let as_text = rdesk(&[command.as_slice(), &["--home", home]].concat());
        assert_eq!(as_text.status, 0, "{command:?}");
        assert!(serde_json::from_str::<Value>(&as_text.out).is_err(), "{command:?}: text without --json");
    }
}

#[test]
fn refusals_have_a_code_a_place_and_what_to_do_next() {
    let home = demo_home();
    let none = tempfile::tempdir().unwrap();
    let empty = none.path().join("nothing here");
    type Case<'a> = (&'a str, &'a Path, &'a [&'a str], &'a str, Option<&'a str>);
    let table: [Case<'_>; 13] = [
        ("no home", &empty, &["resources"], "home_missing", Some(empty.to_str().unwrap())),
        ("no home to write to", &empty, &["sync"], "home_missing", Some(empty.to_str().unwrap())),
        ("sync", home.path(), &["sync", "--customer", "99"], "unknown_customer", Some("customer")),
        ("remove", home.path(), &["customer", "remove", "99"], "unknown_customer", Some("customer")),
        ("renewals", home.path(), &["renewals", "list", "--customer", "99"], "unknown_customer", Some("customer")),
        ("a resource", home.path(), &["resources", "i-nowhere"], "unknown_resource", Some("resource")),
        ("unsubscribe", home.path(), &["unsubscribe", "i-nowhere"], "unknown_resource", Some("resource")),
        ("a request", home.path(), &["requests", "show", "r"], "unknown_request", Some("request")),
        ("send", home.path(), &["requests", "send", "r"], "unknown_request", Some("request")),
        ("a refund type", home.path(), &["resources", "--type", "all"], "unknown_refund_type", Some("--type")),
        (
            "an address without a site",
            home.path(),
            &["customer", "add", "--endpoint", "https://example.com", "--key-id", "k", "--key-secret", "s"],
            "site_needed",
            Some("--site"),
        ),
        (
            "neither",
            home.path(),
            &["customer", "add", "--key-id", "k", "--key-secret", "s"],
            "site_needed",
            Some("--site"),
        ),
        (
            "a folder that cannot be",
            home.path(),
            &["history", "export", "--out", "/dev/null/x.csv"],
            "export_failed",
            Some("/dev/null/x.csv"),
        ),
    ];
    for (case, home, args, code, place) in table {
        assert_eq!(in_home(home, args).refused(), (code.to_owned(), place.map(str::to_owned)), "{case}");
        // As text: nothing on standard output, the same code on standard error.
        let as_text = rdesk(&[args, &["--home", home.to_str().unwrap()]].concat());
        assert_eq!((as_text.status, as_text.out.as_str()), (1, ""), "{case}");
        assert!(as_text.err.contains(code) && as_text.err.contains("next:"), "{case}: {}", as_text.err);
    }
    assert!(!empty.exists(), "a refused command makes no home");
    let usage = rdesk(&["resource"]);
    assert_eq!((usage.status, usage.out.as_str()), (2, ""), "words that are no command");
}

#[test]
fn a_home_that_is_open_elsewhere_can_be_read_and_not_changed() {
    let home = demo_home();
    let window =
        desk::Desk::open(home.path(), desk::Unlock::Nothing, desk::Access::ReadWrite, Arc::new(desk::System)).unwrap();
    let lists: [&[&str]; 5] =
        [&["resources"], &["customer", "list"], &["requests"], &["history", "list"], &["journal", "verify"]];
    for args in lists {
        in_home(home.path(), args).ok();
    }
    let changes: [&[&str]; 4] =
        [&["sync"], &["unsubscribe", "i-1"], &["requests", "withdraw", "r"], &["customer", "remove", "99"]];
    for args in changes {
        assert_eq!(in_home(home.path(), args).refused().0, "home_in_use", "{args:?}");
    }
    drop(window);
    in_home(home.path(), &["sync"]).ok();
}

/// `rdesk sandbox serve` as a process of its own, ended when the test is.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn start(args: &[&str]) -> Self {
        let mut all = vec!["sandbox", "serve", "--port", "0"];
        all.extend(args);
        let mut child = Command::new(env!("CARGO_BIN_EXE_rdesk")).args(&all).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.strip_prefix("ready ").unwrap_or_else(|| panic!("no ready line: {line:?}")).trim().to_owned();
        Self { child, address }
    }

    /// Sets the business clock forward at the control door.
    fn advance(&self, seconds: i64) {
        let host = self.address.strip_prefix("http://").unwrap();
        let body = format!("{{\"advance_seconds\":{seconds}}}");
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "POST /_sandbox/clock HTTP/1.1\r\nhost: {host}\r\nx-sandbox-control: 1\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn from_an_empty_folder_to_a_refund_at_a_served_sandbox() {
    let serving = Serving::start(&[
        "--key-id",
        "K",
        "--key-secret",
        "S",
        "--seed",
        "7",
        "--customers",
        "1",
        "--clock",
        "2026-11-20T10:00:00Z",
    ]);
    let folder = tempfile::tempdir().unwrap();
    let home = &folder.path().join("home");
    let add = |secret: &str| {
        in_home(home, &["customer", "add", "--endpoint", &serving.address, "--key-id", "K", "--key-secret", secret])
    };
    assert_eq!(add("wrong").refused().0, "bss_credentials");
    assert!(!home.exists(), "nothing is kept of a connection that does not work");
    let customer = text(&add("S").ok()["customer"]);

    let synced = in_home(home, &["sync"]).ok();
    assert_eq!((&synced[0]["customer"], &synced[0]["problem"]), (&Value::from(customer.as_str()), &Value::Null));
    let listed = in_home(home, &["resources", "--tab", "regular", "--type", "partial"]).ok();
    let row = list(&listed["rows"])
        .iter()
        .find(|row| row["exact"] == true && row["product"] == "ecs")
        .expect("an exact quote");
    let (resource, amount) = (text(&row["resource"]), text(&row["refund"]));
    let told = in_home(home, &["resources", &resource]).ok();
    assert_eq!(told["quote"]["refund"], amount.as_str());
    assert!(!list(&told["told"]["lines"]).is_empty());

    // Only a review: nothing is confirmed.
    let review = in_home(home, &["unsubscribe", &resource]).ok();
    assert_eq!(
        (&review["request"]["state"], &review["type_amount"]),
        (&Value::from("reviewed"), &Value::from(amount.as_str()))
    );
    let request = text(&review["request"]["id"]);
    let states = || {
        list(&in_home(home, &["requests"]).ok()).iter().map(|r| (text(&r["id"]), text(&r["state"]))).collect::<Vec<_>>()
    };
    assert_eq!(states(), [(request.clone(), "reviewed".to_owned())]);

    // Whatever is missing of the decision stops it.
    let whole = [
        "unsubscribe",
        &resource,
        "--channel",
        "api",
        "--none-apply",
        "--reason",
        "the project ends",
        "--rules-read",
        "--data-backed-up",
        "--confirm-amount",
        &amount,
    ];
    let without = |left_out: &[&str]| whole.iter().copied().filter(|word| !left_out.contains(word)).collect::<Vec<_>>();
    for (case, args, code, place) in [
        ("questions open", without(&["--none-apply"]), "unknowns_open", None),
        ("rules not read", without(&["--rules-read"]), "box_missing", Some("amount_read")),
        ("data not backed up", without(&["--data-backed-up"]), "box_missing", Some("data_backed_up")),
        ("no reason", without(&["--reason", "the project ends"]), "reason_missing", Some("reason")),
        ("another amount", [&without(&[&amount])[..], &["0.01"]].concat(), "amount_differs", Some("amount_typed")),
        (
            "by ticket",
            [&without(&["--channel", "api"])[..], &["--channel", "ticket"]].concat(),
            "channel_not_offered",
            Some("channel"),
        ),
    ] {
        let (found, at) = in_home(home, &args).refused();
        assert_eq!(found, code, "{case}");
        assert!(place.is_none() || at.as_deref() == place, "{case}: {at:?}");
        assert_eq!(states(), [(request.clone(), "reviewed".to_owned())], "{case}");
    }
    let sent = in_home(home, &whole).ok();
    assert_eq!(
        (&sent["id"], &sent["state"], &sent["predicted"]),
        (&Value::from(request.as_str()), &Value::from("accepted"), &Value::from(amount.as_str()))
    );
    assert_eq!(in_home(home, &whole).refused().0, "request_open", "a second press");

    serving.advance(12 * 24 * 3600);
    let synced = in_home(home, &["sync"]).ok();
    assert_eq!(synced[0]["moved"], Value::from(vec![request.clone()]));
    let shown = in_home(home, &["requests", "show", &request]).ok();
    assert_eq!((&shown["state"], &shown["arrived"]), (&Value::from("refunded"), &Value::from(amount.as_str())));

    let exported = in_home(home, &["history", "export"]).ok();
    let file = PathBuf::from(text(&exported["path"]));
    assert!(file.starts_with(home.join("exports")), "{}", file.display());
    let history = in_home(home, &["history", "list"]).ok();
    let expected: Vec<Vec<String>> = list(&history["rows"]).iter().map(cells).collect();
    assert_eq!(rows_of(&file)[1..], expected);
    assert!(expected.iter().any(|row| row[14] == request && row[4] == resource));
    in_home(home, &["journal", "verify"]).ok();

    // The sandbox is gone: told as such, and nothing is lost.
    drop(serving);
    let failed = in_home(home, &["sync"]);
    assert_eq!(failed.refused(), ("bss_transport".to_owned(), Some("QueryAvailableInstances".to_owned())));
    assert_eq!(failed.json()["error"]["details"][0], format!("{customer}: bss_transport"));
    assert_eq!(in_home(home, &["requests", "show", &request]).ok()["state"], "refunded");
}

/// One character of one row is another one: the chain does not hold, wherever it is.
#[test]
fn one_changed_byte_breaks_the_journal() {
    for (column, seq) in
        [("body", 6), ("at", 6), ("kind", 6), ("customer", 6), ("hash", 6), ("prev", 6), ("id", 6), ("body", 1)]
    {
        let home = demo_home();
        in_home(home.path(), &["journal", "verify"]).ok();
        let facts: Value =
            serde_json::from_str(&std::fs::read_to_string(home.path().join("home.json")).unwrap()).unwrap();
        let journal = rusqlite::Connection::open(home.path().join("journal.db")).unwrap();
        journal.execute_batch(&format!("PRAGMA key = \"x'{}'\"", text(&facts["key"]["clear"]))).unwrap();
        let before: String =
            journal.query_row(&format!("SELECT {column} FROM entry WHERE seq = {seq}"), [], |row| row.get(0)).unwrap();
        // The last letter or digit becomes its neighbour: the JSON stays JSON, the time a time.
        let place = before.rfind(|c: char| c.is_ascii_alphanumeric()).unwrap();
        let mut bytes = before.clone().into_bytes();
        bytes[place] ^= 1;
        let after = String::from_utf8(bytes).unwrap();
        let refused =
            journal.execute(&format!("UPDATE entry SET {column} = ?1 WHERE seq = ?2"), (&after, seq)).unwrap_err();
        assert!(refused.to_string().contains("append"), "the journal refuses by itself: {refused}");
        journal.execute_batch("DROP TRIGGER entry_refuses_update").unwrap();
        assert_eq!(
            journal.execute(&format!("UPDATE entry SET {column} = ?1 WHERE seq = ?2"), (&after, seq)).unwrap(),
            1
        );
        drop(journal);
        let ran = in_home(home.path(), &["journal", "verify"]);
        let (code, place) = ran.refused();
        assert_eq!(code, "journal_broken", "{column} of entry {seq}");
        assert!(
            place.is_some() && ran.json()["error"]["message"].as_str().unwrap().contains(&seq.to_string()),
            "{}",
            ran.out
        );
    }
}

/// The newest entries are cut off: the cache remembers that there were more.
#[test]
fn a_journal_that_was_cut_off_is_broken() {
    let home = demo_home();
    let facts: Value = serde_json::from_str(&std::fs::read_to_string(home.path().join("home.json")).unwrap()).unwrap();
    let journal = rusqlite::Connection::open(home.path().join("journal.db")).unwrap();
    journal.execute_batch(&format!("PRAGMA key = \"x'{}'\"", text(&facts["key"]["clear"]))).unwrap();
    journal
        .execute_batch("DROP TRIGGER entry_refuses_delete; DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)")
        .unwrap();
    drop(journal);
    assert_eq!(in_home(home.path(), &["journal", "verify"]).refused().0, "journal_broken");
}
