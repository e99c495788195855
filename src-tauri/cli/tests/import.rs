//! `rdesk import` as a process: a home of files alone, from adding the customer to a certain amount.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

const UID: &str = "5000000000000001";

/// Status and document of `rdesk --home HOME --json ARGS` in a home with a passphrase.
fn rdesk(home: &Path, args: &[&str]) -> (i32, Value) {
    let passphrase = home.with_extension("passphrase");
    std::fs::write(&passphrase, "correct horse battery\n").unwrap();
    let file = std::fs::File::open(passphrase).unwrap();
    let done = Command::new(env!("CARGO_BIN_EXE_rdesk"))
        .args(["--home", home.to_str().unwrap(), "--json", "--passphrase-fd", "0"])
        .args(args)
        .stdin(Stdio::from(file))
        .output()
        .unwrap();
    let out = String::from_utf8(done.stdout).unwrap();
    let document = serde_json::from_str(&out).unwrap_or_else(|why| panic!("no JSON ({why}): {out}"));
    (done.status.code().unwrap(), document)
}

fn fixture(name: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../desk/tests/fixtures/import").join(name);
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_home_of_files_alone_comes_to_a_certain_amount() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let run = |args: &[&str]| rdesk(&home, args);

    let (status, refused) = run(&["customer", "add", "--imported", "--uid", UID, "--site", "international"]);
    assert_eq!((status, &refused["error"]["place"]), (1, &"--currency".into()));
    assert!(!home.exists(), "a refused customer makes no home");
    let add = ["customer", "add", "--imported", "--uid", UID, "--site", "international", "--currency", "usd"];
    assert_eq!(run(&add).1["customer"], UID);

    let (file, bill) = (fixture("orders-en.csv"), fixture("bill-old.csv"));
    let (status, seen) = run(&["import", &file, "--customer", UID, "--dry-run", "--zone", "Z"]);
    assert_eq!(
        (status, &seen["counts"]["new"], &seen["zone"], &seen["dry_run"]),
        (0, &7.into(), &"+00:00".into(), &true.into())
    );
    let (_, taken) = run(&["import", &file, "--customer", UID]);
    assert_eq!((&taken["counts"]["new"], &taken["kind"]), (&7.into(), &"orders".into()));
    assert_eq!(run(&["import", &file, "--customer", UID]).1["counts"]["same"], 7);
    assert_eq!(run(&["import", &bill, "--customer", UID, "--kind", "bill"]).1["kind"], "bill");
    let (status, refused) = run(&["import", &file, "--customer", UID, "--map", "order=Nothing"]);
    assert_eq!((status, &refused["error"]["code"]), (1, &"import_unknown_header".into()));

    let (status, refused) = run(&["sync", "--customer", UID]);
    assert_eq!((status, &refused["error"]["code"]), (1, &"imported_only".into()));

    // The bill told the purchase's period; the renewal's is entered.
    let (_, view) = run(&["resources", "i-t4n0001"]);
    assert_eq!(view["quote"]["blockers"][0]["code"], "chain_incomplete");
    let order = "orders[210000000000012]";
    let (start, end) =
        (format!("{order}.start=2027-06-01T08:00:00+08:00"), format!("{order}.end=2027-12-01T08:00:00+08:00"));
    let (status, view) = run(&["facts", "i-t4n0001", "--fact", &start, "--fact", &end, "--source", "the console"]);
    assert_eq!((status, view["orders"].as_array().unwrap().len()), (0, 2), "{view}");
    assert!(!view["quote"]["blockers"].to_string().contains("chain_incomplete"), "{view}");
    assert_eq!(run(&["journal", "verify"]).1["whole"], true);
}

/// The text answer names everything that a person needs to mend the mapping.
#[test]
fn the_preview_is_told_in_words() {
    let home = tempfile::tempdir().unwrap();
    let text = |args: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_rdesk"))
            .args(["--home", home.path().to_str().unwrap()])
            .args(args)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    // A sandbox home takes invented customers without a passphrase.
    text(&["demo"]);
    text(&["customer", "add", "--imported", "--uid", UID, "--site", "international", "--currency", "USD"]);
    let told = text(&["import", &fixture("orders-faults.csv"), "--customer", UID, "--dry-run"]);
    for part in [
        "SANDBOX",
        "orders-faults.csv: orders (utf-8, `,`)",
        "read as UTC+08:00",
        "26 rows: 2 would be new, 0 changed, 0 the same, 0 known from the API, 0 no orders, 24 refused",
        "payable            <- Payable Amount",
        "columns that nothing is read from: Note",
        "line 4 order: the row names no order [missing_order]",
        "and 4 more refused lines",
        "nothing was kept",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}
