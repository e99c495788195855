//! The AccessKey secret stands nowhere in clear: not in a file of a home, not in an export, not in what `rdesk` prints, not in what a
//! crash leaves. One whole journey in a sandbox home and one in a real home, with everything they leave looked through.
//!
//! A real home refuses customers of a sandbox (`mixed_home`), and its journey needs a sandbox to talk to. So the customer's row is
//! written past the desk, by the store, and the desk's rule stays as it is.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::{Account, Ambient as _, Credentials, Desk, HomeKind, Secret, System, Unlock, Way};
use desk_store::{Access, ConnectionRow, Store};
use serde_json::Value;
use tempfile::TempDir;

/// As long as the cloud's are, with letters that other notations write differently.
const SECRET: &str = "lookFor+Me/Everywhere=0123456789";
const PASSPHRASE: &str = "a passphrase to look for";
const KEY_ID: &str = "testid";

/// The account that answers every call with a failure that quotes what it verified.
const QUOTED: &str = "9000000000000009";

/// Notations in which a careless program could write it.
fn notations() -> Vec<(&'static str, Vec<u8>)> {
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    let percent = SECRET.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let json = SECRET.replace('/', "\\/");
    // Base 64 in its three alignments, without the letters that depend on what stands beside it.
    let base64 = [0, 1, 2].map(|before| {
        let text = STANDARD.encode(["x".repeat(before), SECRET.to_owned(), "yyy".to_owned()].concat());
        text[(before * 8).div_ceil(6)..(before + SECRET.len()) * 8 / 6].to_owned()
    });
    let wide: Vec<u8> = SECRET.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut all = vec![
        ("as it is", SECRET.as_bytes().to_vec()),
        ("hexadecimal", hex.clone().into_bytes()),
        ("upper hexadecimal", hex.to_uppercase().into_bytes()),
        ("percent", percent.into_bytes()),
        ("JSON", json.into_bytes()),
        ("UTF-16", wide),
        ("reversed", SECRET.bytes().rev().collect()),
    ];
    all.extend(base64.map(|text| ("Base64", text.into_bytes())));
    all
}

/// How the secret stands in these bytes, if it does.
fn found_in(bytes: &[u8]) -> Option<&'static str> {
    let holds = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    notations().into_iter().find(|(_, word)| holds(word)).map(|(name, _)| name)
}

/// Looks through everything under a folder; returns the names of the files.
fn look_through(folder: &Path) -> Vec<String> {
    let mut seen = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            seen.extend(look_through(&path));
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        assert_eq!(found_in(&bytes), None, "{} holds the secret", path.display());
        assert!(!String::from_utf8_lossy(&bytes).contains(PASSPHRASE), "{} holds the passphrase", path.display());
        seen.push(path.file_name().unwrap().to_string_lossy().into_owned());
    }
    seen.sort();
    seen
}

#[test]
fn the_search_finds_what_it_looks_for() {
    for (name, word) in notations() {
        let hidden = [b"\0\xffbefore".as_slice(), &word, b"after\0"].concat();
        assert_eq!(found_in(&hidden), Some(name), "{name}");
    }
    assert_eq!(found_in(&SECRET.as_bytes()[..31]), None);
}

/// A home in a folder of its own, whose every run is looked through.
struct Place {
    folder: TempDir,
    kind: HomeKind,
}

impl Place {
    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn unlock(&self) -> Unlock {
        match self.kind {
            HomeKind::Sandbox => Unlock::Nothing,
            HomeKind::Real => Unlock::Passphrase(Secret::from(PASSPHRASE)),
        }
    }

    /// Runs a command as text and then as JSON; the answer of the second, whatever it was.
    fn both(&self, args: &[&str]) -> Value {
        self.run(args, false);
        self.answer(args)
    }

    /// The JSON answer.
    fn answer(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.run(args, true)).unwrap_or_else(|why| panic!("{args:?}: {why}"))
    }

    /// A run with the passphrase on descriptor 3 and the secret on descriptor 4, backtraces and all.
    fn run(&self, args: &[&str], json: bool) -> String {
        let done = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<\"$THREE\" 4<\"$FOUR\"", env!("CARGO_BIN_EXE_rdesk"), "--home"])
            .arg(self.home())
            .args(if json { &["--json"][..] } else { &[] })
            .args(if self.kind == HomeKind::Real { &["--passphrase-fd", "3"][..] } else { &[] })
            .args(args)
            .env("THREE", self.handed("passphrase", PASSPHRASE))
            .env("FOUR", self.handed("secret", SECRET))
            .env("RUST_BACKTRACE", "full")
            .env("RUST_LOG", "trace")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let (out, err) = (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap());
        for (stream, text) in [("out", &out), ("err", &err)] {
            assert_eq!(found_in(text.as_bytes()), None, "{args:?} prints the secret on std{stream}: {text}");
            assert!(!text.contains(PASSPHRASE), "{args:?} prints the passphrase on std{stream}");
        }
        assert!(!err.contains("panicked"), "{args:?}: {err}");
        out
    }

    /// A file outside of what is looked through, to be read as a descriptor.
    fn handed(&self, name: &str, text: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(self.folder.path().file_name().unwrap()).with_extension("given");
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(name);
        fs::write(&file, text).unwrap();
        file
    }

    /// Writes a customer's row past the desk, looks through the files while it lies in the log that is not yet in the database,
    /// and reads it back.
    fn plant(&self, row: ConnectionRow) {
        let id = row.id.clone();
        let store = Store::open(&self.home(), &self.unlock(), Access::ReadWrite).unwrap();
        store.write(move |tx| tx.connections().put(&row)).unwrap();
        let seen = look_through(&self.home());
        assert!(seen.contains(&"journal.db-wal".to_owned()) && seen.contains(&"journal.db-shm".to_owned()), "{seen:?}");
        let kept = store.read(|r| r.connections().get(&id)).unwrap().unwrap();
        assert_eq!(kept.key_secret.expose(), SECRET, "it is there, for those who have the key");
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let given = std::env::temp_dir().join(self.folder.path().file_name().unwrap()).with_extension("given");
        let _ = fs::remove_dir_all(given);
    }
}

fn row(id: &str, currency: &str, endpoint: &str, sandbox: bool) -> ConnectionRow {
    ConnectionRow {
        id: id.to_owned(),
        uid: id.to_owned(),
        name: format!("Customer {id}"),
        site: if currency == "CNY" { "china" } else { "international" }.to_owned(),
        currency: currency.to_owned(),
        partner: false,
        endpoint: endpoint.to_owned(),
        key_id: KEY_ID.to_owned(),
        key_secret: Secret::from(SECRET),
        sandbox,
        added_at: "2026-11-20T08:00:00Z".parse().unwrap(),
        removed_at: None,
        way: "key".to_owned(),
        role_arn: None,
        external_id: None,
    }
}

/// `rdesk sandbox serve`, whose own output and state file are looked through too.
struct Serving {
    child: Child,
    address: String,
    folder: TempDir,
}

impl Serving {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_rdesk"))
            .args(["sandbox", "serve", "--seed", "7", "--customers", "1", "--key-id", KEY_ID, "--key-secret", SECRET])
            .arg("--state")
            .arg(folder.path().join("state.jsonl"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { child, address: line.trim().strip_prefix("ready ").unwrap().to_owned(), folder }
    }

    fn end(mut self) {
        #[cfg(target_os = "linux")]
        assert_eq!(largest_core_file(self.child.id()), ["0", "0"]);
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let mut told = Vec::new();
        self.child.stdout.take().unwrap().read_to_end(&mut told).unwrap();
        self.child.stderr.take().unwrap().read_to_end(&mut told).unwrap();
        assert_eq!(found_in(&told), None, "{}", String::from_utf8_lossy(&told));
        assert_eq!(look_through(self.folder.path()), ["state.jsonl"]);
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Soft and hard limit of a process's core file.
#[cfg(target_os = "linux")]
fn largest_core_file(process: u32) -> [String; 2] {
    let limits = fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    let mut words = line.split_whitespace().map(str::to_owned);
    [words.next().unwrap(), words.next().unwrap()]
}

/// A gateway that refuses every signature and quotes, in every member, what it verified and with what.
fn quoting_gateway() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().for_each(|stream| drop(stream.and_then(quote))));
    address
}

fn quote(mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut reader = BufReader::new(stream.try_clone()?);
    while !request.ends_with(b"\r\n\r\n") && reader.read_until(b'\n', &mut request)? > 0 {}
    let request = String::from_utf8_lossy(&request).replace("\r\n", " | ").replace(['"', '\\'], "'");
    let body = format!(
        r#"{{"Code":"SignatureDoesNotMatch","RequestId":"R-{SECRET}","Message":"server string to sign is: {request}, signed with {SECRET}","Recommend":"{SECRET}"}}"#
    );
    write!(
        stream,
        "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nx-quoted: {SECRET}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

/// Connect, sync, look, unsubscribe, export; then a failing call that quotes the secret, kept as the customer's last failure.
fn journey(kind: HomeKind) {
    let serving = Serving::start();
    let place = Place { folder: tempfile::tempdir().unwrap(), kind };
    let customer = connect(&place, &serving);

    let synced = place.both(&["sync", "--customer", &customer]);
    assert_eq!((&synced[0]["customer"], &synced[0]["problem"]), (&customer.as_str().into(), &Value::Null));
    place.both(&["customer", "api", &customer, "on"]);
    unsubscribe(&place);
    place.both(&["sync", "--customer", &customer]);
    let history = place.both(&["history", "list"]);
    assert!(!list(&history["rows"]).is_empty());
    place.both(&["history", "export"]);
    place.both(&["history", "export", "--out", place.folder.path().join("exported.csv").to_str().unwrap()]);

    // The failing calls: while connecting, and while syncing a customer.
    let gateway = quoting_gateway();
    let refused = place.both(&["customer", "add", "--endpoint", &gateway, "--key-id", KEY_ID, "--key-secret-fd", "4"]);
    let refusal = |document: &Value| {
        let message = document["message"].as_str().unwrap_or_else(|| panic!("{document}")).to_owned();
        assert!(message.contains("string to sign") && message.contains("(hidden)"), "it is quoted: {message}");
    };
    // A real home may not be given this customer at all; that it says so does not matter here.
    if kind == HomeKind::Sandbox {
        refusal(&refused["error"]);
    }
    place.plant(row(QUOTED, "USD", &gateway, kind == HomeKind::Sandbox));
    refusal(&place.both(&["sync", "--customer", QUOTED])["error"]);
    let customers = place.both(&["customer", "list"]);
    let failed = list(&customers).iter().find(|row| row["id"] == QUOTED).unwrap();
    refusal(&failed["sync_error"]);

    for args in [
        &["resources"][..],
        &["renewals", "list"],
        &["requests"],
        &["journal", "list", "--limit", "1000"],
        &["journal", "verify"],
        &["key", "show"],
        &["customer", "remove", QUOTED],
        &["customer", "list"],
    ] {
        place.both(args);
    }
    serving.end();
    // The clouds are gone: other failures.
    place.both(&["sync"]);

    let seen = look_through(place.folder.path());
    for file in ["cache.db", "exported.csv", "home.json", "journal.db"] {
        assert!(seen.iter().any(|name| name == file), "{file} in {seen:?}");
    }
    assert!(seen.iter().filter(|name| name.ends_with(".csv")).count() >= 2, "{seen:?}");
    assert_eq!(seen.contains(&"recovery.json".to_owned()), kind == HomeKind::Real);
}

/// Makes the home with the serving sandbox's customer in it; returns the customer's id.
fn connect(place: &Place, serving: &Serving) -> String {
    let add = ["customer", "add", "--endpoint", &serving.address, "--key-id", KEY_ID, "--key-secret-fd", "4"];
    if place.kind == HomeKind::Sandbox {
        // The first makes the home, the second brings the customer up to date.
        return place.both(&add)["customer"].as_str().unwrap().to_owned();
    }
    // What a real home says to a sandbox's customer; then the row is written past that.
    drop(Desk::create(&place.home(), place.kind, place.unlock(), Arc::new(System)).unwrap());
    assert_eq!(place.both(&add)["error"]["code"], "mixed_home");
    let key = Credentials::new(&serving.address, KEY_ID, &SECRET.into(), Way::Key);
    let found = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(desk::test_connection(Arc::new(System), &key, System.wall()))
        .unwrap();
    let uid = found.uid.unwrap();
    place.plant(row(&uid, &found.currency.unwrap(), &serving.address, false));
    uid
}

/// Unsubscribes the first resource whose amount is exact, by the API.
fn unsubscribe(place: &Place) {
    let listed = place.both(&["resources", "--tab", "regular", "--limit", "500"]);
    let worth = |row: &&Value| {
        row["exact"] == true && row["refund"].as_str().is_some_and(|r| r.parse() != Ok(0_u8) && r != "0.00")
    };
    let row = list(&listed["rows"]).iter().find(worth).expect("a resource with an exact amount");
    let (resource, amount) = (row["resource"].as_str().unwrap(), row["refund"].as_str().unwrap());
    let sent = place.answer(&[
        "unsubscribe",
        resource,
        "--channel",
        "api",
        "--none-apply",
        "--reason",
        "the project ends",
        "--rules-read",
        "--data-backed-up",
        "--confirm-amount",
        amount,
    ]);
    assert_eq!(sent["state"], "accepted", "{sent}");
    place.both(&["requests", "show", sent["id"].as_str().unwrap()]);
}

#[test]
fn nothing_of_a_sandbox_home_holds_the_secret() {
    journey(HomeKind::Sandbox);
}

#[test]
fn nothing_of_a_real_home_holds_the_secret() {
    journey(HomeKind::Real);
}

/// Everything of the desk that holds the secret, in the words of a failed `unwrap`.
#[test]
fn a_crash_shows_no_secret() {
    const CHILD: &str = "RDESK_CRASH_TEST_CHILD";
    let account = Account {
        uid: "1".to_owned(),
        name: "Shown".to_owned(),
        site: refund_rules::case::Site::China,
        currency: "CNY".to_owned(),
        partner: false,
        endpoint: "http://127.0.0.1:1".to_owned(),
        key_id: KEY_ID.to_owned(),
        key_secret: Secret::from(SECRET),
    };
    let config = bss_sandbox::Config::new(7, bss_sandbox::FIRST_CLOCK, KEY_ID, SECRET);
    let info = bss_sandbox::AccountInfo {
        uid: "1".to_owned(),
        name: "Shown".to_owned(),
        site: refund_rules::case::Site::China,
        currency: "CNY".to_owned(),
        key_id: KEY_ID.to_owned(),
        key_secret: SECRET.to_owned(),
        endpoint: "http://127.0.0.1:1".to_owned(),
    };
    let unlock = [Unlock::Passphrase(Secret::from(SECRET)), Unlock::RecoveryCode(Secret::from(SECRET))];
    let everything = (account, row("1", "CNY", "http://127.0.0.1:1", true), Secret::from(SECRET), unlock, config, info);
    if std::env::var_os(CHILD).is_some() {
        // As a failed `unwrap` tells it.
        panic!("called `Result::unwrap()` on an `Err` value: {everything:?}");
    }
    let crashed = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_crash_shows_no_secret", "--nocapture"])
        .env(CHILD, "1")
        .env("RUST_BACKTRACE", "full")
        .output()
        .unwrap();
    let told = [crashed.stdout, crashed.stderr].concat();
    let text = String::from_utf8_lossy(&told);
    assert!(!crashed.status.success() && text.contains("panicked") && text.matches("Shown").count() >= 1, "{text}");
    assert_eq!(found_in(&told), None, "{text}");
}
