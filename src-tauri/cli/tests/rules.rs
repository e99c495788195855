//! `rdesk curve` and `rdesk policies` as processes: documents, exit statuses, and a home that stays as it is.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules");

struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|why| panic!("no JSON document ({why}): {} {}", self.out, self.err))
    }
}

fn rdesk(args: &[&str], stdin: &[u8]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdesk"));
    let mut child =
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    let done = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { status: done.status.code().unwrap(), out: text(done.stdout), err: text(done.stderr) }
}

fn path(of: &str) -> String {
    Path::new(RULES).join(of).to_str().unwrap().to_owned()
}

/// The built-in international pack, written to a folder with one text in place of another.
fn changed_pack(dir: &Path, old: &str, new: &str) -> PathBuf {
    let text = std::fs::read_to_string(path("policies/international.toml")).unwrap();
    assert_eq!(text.matches(old).count(), 1, "{old}");
    let file = dir.join("changed.toml");
    std::fs::write(&file, text.replacen(old, new, 1)).unwrap();
    file
}

#[test]
fn a_curve_is_drawn_from_a_file_and_from_standard_input() {
    let example = path("cases/destinations-worked-example.json");
    let from_file = rdesk(&["curve", &example, "--until", "2026-05-31", "--json"], b"");
    let from_stdin = rdesk(&["--json", "curve", "-", "--until", "2026-05-31"], &std::fs::read(&example).unwrap());
    assert_eq!((from_file.status, from_stdin.status), (0, 0));
    assert_eq!(from_file.out, from_stdin.out);
    let curve = from_file.json();
    // 2026-05-20 10:00 UTC+8, then the ends of begun days at noon from May 20 to 31.
    assert_eq!(curve["points"].as_array().unwrap().len(), 13);
    assert_eq!(curve["points"][1]["at"], "2026-05-20T04:00:00Z");
    assert_eq!(curve["best"]["refund"], "563.01");
    assert_eq!(curve["until"], "2026-05-31T15:59:59.999999999Z");
}

#[test]
fn a_curve_of_bad_input_ends_with_status_2() {
    for (args, stdin, place) in [
        (["curve", "-", "--until", "2030-01-01", "--json"], &b"nonsense"[..], Value::Null),
        (["curve", "-", "--until", "2030-01-01", "--json"], b"\xff", Value::Null),
        (["curve", "none.json", "--until", "2030-01-01", "--json"], b"", "none.json".into()),
        (["curve", &path("cases/bad-negative.json"), "--until", "2030-01-01", "--json"], b"", "orders[0].tax".into()),
        (
            ["curve", &path("cases/destinations-worked-example.json"), "--until", "2020-01-01", "--json"],
            b"",
            "until".into(),
        ),
    ] {
        let ran = rdesk(&args, stdin);
        let error = &ran.json()["error"];
        assert_eq!((ran.status, &error["code"], &error["place"]), (2, &"bad_input".into(), &place), "{args:?}");
    }
    assert_eq!(rdesk(&["curve", "-", "--until", "tomorrow"], b"").status, 2);
}

#[test]
fn policies_are_listed_and_shown() {
    let listed = rdesk(&["policies", "list", "--site", "international", "--at", "2025-10-29", "--json"], b"").json();
    let ids = |listed: &Value| -> Vec<String> {
        let rules = listed[0]["rules"].as_array().unwrap();
        rules.iter().map(|rule| rule["id"].as_str().unwrap().to_owned()).collect()
    };
    assert!(!ids(&listed).contains(&"coefficient.ecs".to_owned()));
    let listed = rdesk(&["policies", "list", "--site", "international", "--at", "2025-10-30", "--json"], b"").json();
    assert!(ids(&listed).contains(&"coefficient.ecs".to_owned()));
    let shown = rdesk(&["policies", "show", "coefficient.ecs", "--json"], b"").json();
    assert_eq!((&shown[0]["params"]["below_day"], &shown[0]["clock"]), (&30.into(), &"asked".into()));
    let unknown = rdesk(&["policies", "show", "no.such", "--json"], b"");
    assert_eq!((unknown.status, &unknown.json()["error"]["code"]), (1, &"unknown_rule".into()));
}

/// Every fixture of a refused pack gives the code and the message that stand in it.
#[test]
fn refused_packs_name_file_and_rule() {
    let mut seen = 0;
    for entry in std::fs::read_dir(path("fixtures/refused")).unwrap() {
        let file = entry.unwrap().path();
        let text = std::fs::read_to_string(&file).unwrap();
        let expected = |key: &str| text.lines().find_map(|l| l.strip_prefix(&format!("# {key}: "))).unwrap().to_owned();
        let ran = rdesk(&["policies", "diff", file.to_str().unwrap(), "--json"], b"");
        let error = &ran.json()["error"];
        assert_eq!(ran.status, 1, "{}", file.display());
        assert_eq!(error["code"], expected("code").as_str(), "{}", file.display());
        assert_eq!(error["message"], expected("message").as_str(), "{}", file.display());
        assert_eq!(error["place"], file.to_str().unwrap());
        seen += 1;
    }
    assert_eq!(seen, 21);
}

#[test]
fn a_pack_is_compared_and_tried_on_a_home_that_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let pack = changed_pack(
        dir.path(),
        "coefficient = \"1.5\"\nbelow_day = 30\nwhat_ifs = true",
        "coefficient = \"2.5\"\nbelow_day = 30\nwhat_ifs = true",
    );
    let pack = pack.to_str().unwrap();
    let alone = rdesk(&["policies", "diff", pack, "--json"], b"").json();
    assert_eq!(alone["effect"], Value::Null);
    assert_eq!(alone["diff"]["changed"][0]["id"], "coefficient.ecs");
    assert_eq!(alone["diff"]["changed"][0]["keys"], serde_json::json!(["params.coefficient"]));

    let home = dir.path().join("home");
    let home = home.to_str().unwrap();
    let exports = dir.path().join("exports");
    assert_eq!(rdesk(&["--home", home, "demo", "--out", exports.to_str().unwrap(), "--json"], b"").status, 0);
    let list = || rdesk(&["--home", home, "resources", "--limit", "500", "--json"], b"").json();
    let journal = || rdesk(&["--home", home, "journal", "verify", "--json"], b"").json();
    let (resources, entries) = (list(), journal());
    let tried = rdesk(&["--home", home, "policies", "diff", pack, "--json"], b"").json();
    let changed = tried["effect"]["changed"].as_array().unwrap();
    assert!(!changed.is_empty(), "the demo has servers in their first 30 days");
    for quote in changed {
        assert_eq!(quote["product"], "ecs", "{quote}");
    }
    assert_eq!((list(), journal()), (resources, entries));
    let text = rdesk(&["--home", home, "policies", "diff", pack], b"").out;
    assert!(text.starts_with("SANDBOX home"), "{text}");
}
