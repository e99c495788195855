//! `rdesk sandbox serve` as a process: its one ready line, the same customers for the same seed, and files it refuses.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A sandbox process, ended when the test is.
struct Serving {
    process: Child,
    address: String,
    output: BufReader<std::process::ChildStdout>,
}

impl Serving {
    fn start(args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rdesk"));
        command.args(["sandbox", "serve", "--port", "0"]).args(args).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut ready = String::new();
        output.read_line(&mut ready).unwrap();
        let address = ready.trim().strip_prefix("ready http://").unwrap_or_else(|| panic!("{ready:?}")).to_owned();
        Self { process, address, output }
    }

    /// The body of an answer of the control door.
    fn control(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} /_sandbox/{path} HTTP/1.1\r\nhost: {}\r\nx-sandbox-control: 1\r\nconnection: close\r\n\
             content-length: {length}\r\n\r\n{body}",
            self.address
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    /// The accounts of the ledger, as text.
    fn accounts(&self) -> String {
        let ledger = self.control("GET", "ledger", "");
        let begin = ledger.find("\"accounts\":").unwrap();
        let end = ledger.find(",\"acts\":").unwrap();
        ledger[begin..end].to_owned()
    }

    /// Ends it; gives what it printed after the ready line.
    fn end(mut self) -> String {
        self.process.kill().unwrap();
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        rest
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Fails only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn one_seed_gives_the_same_ledger_in_two_processes() {
    let args = |seed| ["--seed", seed, "--customers", "2", "--orders", "300", "--clock", "2026-06-25T02:00:00Z"];
    let (one, same, other) = (Serving::start(&args("9")), Serving::start(&args("9")), Serving::start(&args("10")));
    let accounts = one.accounts();
    assert_eq!(accounts, same.accounts());
    assert_ne!(accounts, other.accounts());
    let accounts: Value = serde_json::from_str(&format!("{{{accounts}}}")).unwrap();
    let rows = |account: &Value| {
        account["orders"].as_array().unwrap().len() + account["refund_orders"].as_array().unwrap().len()
    };
    assert_eq!(accounts["accounts"].as_array().unwrap().iter().map(rows).collect::<Vec<_>>(), [150, 150]);
    assert_eq!(one.end(), "", "one ready line is all that is printed");
}

#[test]
fn faults_and_reality_come_from_files() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let faults = file("faults.toml", "throttle = true\n[[rules]]\nfault = \"html\"\nafter = 2\n");
    let reality = file("reality.json", r#"{"rounding": "down", "late_days": 3}"#);
    let serving = Serving::start(&["--faults", &faults, "--reality", &reality]);
    let rules: Value = serde_json::from_str(&serving.control("GET", "faults", "")).unwrap();
    assert_eq!((&rules["rules"][0]["fault"], &rules["rules"][0]["after"]), (&"html".into(), &2.into()));
    let knobs: Value = serde_json::from_str(&serving.control("GET", "reality", "")).unwrap();
    assert_eq!((&knobs["rounding"], &knobs["late_days"]), (&"down".into(), &3.into()));
    assert_eq!(knobs["days"], "elapsed", "what is not named is as on the pages");

    let wrong = file("wrong.toml", "[[rules]]\nfault = \"html\"\nwhy = 1\n");
    let knob = file("wrong.json", r#"{"rounding": "up"}"#);
    let yaml = file("faults.yaml", "throttle: true");
    // (arguments, code, what the message names)
    let cases: [(&[&str], &str, &str); 6] = [
        (&["--faults", &wrong], "bad_faults", "rules[0].why"),
        (&["--reality", &knob], "bad_reality", "rounding"),
        (&["--faults", &yaml], "bad_faults", ".json or .toml"),
        (&["--faults", "nowhere.json"], "bad_faults", "nowhere.json"),
        (&["--orders", "10"], "bad_orders", "fewer customers"),
        (&["--orders", "500001"], "bad_orders", "500000"),
    ];
    for (args, code, named) in cases {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rdesk"));
        let done = command.args(["--json", "sandbox", "serve", "--port", "0"]).args(args).output().unwrap();
        let answer: Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!((done.status.code(), &answer["error"]["code"]), (Some(1), &code.into()), "{args:?}: {answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(named), "{args:?}: {answer}");
    }
}
