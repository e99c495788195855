//! A sync that is killed at random instants, again and again: then one clean sync, and the cache is the sandbox's ledger row for
//! row.
//!
//! `REFUND_DESK_KILLS` and `REFUND_DESK_KILL_ORDERS` set how often and over how many orders; a long run sets more.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

use std::collections::{BTreeMap, HashSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bss_sandbox::{AccountLedger, Ledger};
use chrono::{DateTime, TimeDelta, Utc};
use desk_store::{Access, Store, Unlock};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use refund_rules::case::ResourceStatus;
use rust_decimal::Decimal;

/// Kills in an ordinary run.
const KILLS: u32 = 20;

/// Orders of the customer in an ordinary run.
const ORDERS: u32 = 400;

/// A sync is killed within this part of what a whole one takes, so that it dies several times on its way.
const PART_OF_A_SYNC: u32 = 6;

fn setting(name: &str, usual: u32) -> u32 {
    std::env::var(name).ok().map_or(usual, |text| text.parse().unwrap())
}

fn rdesk() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdesk"));
    command.stdin(Stdio::null());
    command
}

/// A sandbox process with one customer.
struct Serving {
    process: Child,
    address: String,
}

impl Serving {
    fn start(orders: u32) -> Self {
        let mut command = rdesk();
        command.args(["sandbox", "serve", "--seed", "5", "--customers", "1", "--clock", "2026-06-25T02:00:00Z"]);
        command.args(["--key-id", "testid", "--key-secret", "testsecret", "--orders", &orders.to_string()]);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let address = ready.trim().strip_prefix("ready ").unwrap().to_owned();
        Self { process, address }
    }

    fn ledger(&self) -> Ledger {
        let host = self.address.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "GET /_sandbox/ledger HTTP/1.1\r\nhost: {host}\r\nx-sandbox-control: 1\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// A new home with the customer, not synced yet.
    fn home(&self, dir: &Path) {
        let added = rdesk()
            .args(["--home", dir.to_str().unwrap(), "--json", "customer", "add", "--endpoint", &self.address])
            .args(["--key-id", "testid", "--key-secret", "testsecret"])
            .output()
            .unwrap();
        assert!(added.status.success(), "{added:?}");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Fails only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn sync(dir: &Path) -> Command {
    let mut command = rdesk();
    command.args(["--home", dir.to_str().unwrap(), "--json", "sync"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn sync_to_its_end(dir: &Path) {
    let done = sync(dir).output().unwrap();
    assert!(
        done.status.success(),
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
}

/// Whether the sync was still running when it was killed.
fn killed_after(dir: &Path, time: Duration) -> bool {
    let mut process = sync(dir).spawn().unwrap();
    std::thread::sleep(time);
    process.kill().unwrap();
    !process.wait().unwrap().success()
}

#[test]
fn a_sync_killed_at_random_instants_loses_and_doubles_nothing() {
    let (kills, orders) = (setting("REFUND_DESK_KILLS", KILLS), setting("REFUND_DESK_KILL_ORDERS", ORDERS));
    let serving = Serving::start(orders);
    let ledger = serving.ledger();
    let expected = told_by(&ledger.accounts[0], ledger.now);
    let whole = {
        let dir = tempfile::tempdir().unwrap();
        serving.home(dir.path());
        let began = Instant::now();
        sync_to_its_end(dir.path());
        let whole = began.elapsed();
        assert_same(&kept_in(dir.path(), &ledger.accounts[0].uid), &expected, "never killed");
        whole
    };
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let (mut killed, mut homes) = (0, 0);
    while killed < kills {
        let dir = tempfile::tempdir().unwrap();
        serving.home(dir.path());
        homes += 1;
        // Until one sync comes to its end before its death.
        while killed < kills {
            let most = u64::try_from((whole / PART_OF_A_SYNC).as_micros()).unwrap();
            // Every fourth may live longer: the last steps lie far behind.
            let most = if random.next_u32().is_multiple_of(4) { most * 8 } else { most };
            if !killed_after(dir.path(), Duration::from_micros(random.next_u64() % most)) {
                break;
            }
            killed += 1;
        }
        sync_to_its_end(dir.path());
        assert_same(&kept_in(dir.path(), &ledger.accounts[0].uid), &expected, &format!("home {homes}, {killed} kills"));
    }
    println!("{killed} kills over {homes} homes of {orders} orders; a whole sync took {whole:?}");
}

fn assert_same(kept: &[String], expected: &[String], place: &str) {
    let first = kept.iter().zip(expected).find(|(kept, expected)| kept != expected);
    assert!(
        kept == expected,
        "{place}: {} rows kept, {} expected; first difference {first:?}",
        kept.len(),
        expected.len()
    );
}

/// What the ledger says should be kept, one text a row.
///
/// A sync reads back to a day before the oldest resource that is left, and a year at least: what belongs to resources that ended
/// before that is out of its reach, and top-ups of the balance.
fn told_by(account: &AccountLedger, now: DateTime<Utc>) -> Vec<String> {
    let mut rows = Vec::new();
    let live = || account.resources.iter().filter(|resource| resource.status != ResourceStatus::Released);
    let oldest = live().map(|resource| resource.created_at - TimeDelta::days(1)).min().unwrap();
    let reach = oldest.min(now - TimeDelta::days(365));
    for resource in live() {
        rows.push(format!("resource {} {}", resource.id, resource.created_at));
    }
    for order in account.orders.iter().filter(|order| order.created_at >= reach) {
        rows.push(format!("order {} {} {} {}", order.order_id, order.order_type, order.created_at, plain(order.list)));
        let mut parts: BTreeMap<(&str, &str), (String, String)> = BTreeMap::new();
        for part in &order.parts {
            for instance in &part.instances {
                parts.insert((&part.sub_order_id, instance), (part.start.to_string(), part.end.to_string()));
            }
            let [list, cash, coupon] = [part.list, part.cash, part.coupon].map(plain);
            rows.push(format!("sub-order {} {list} {cash} {coupon}", part.sub_order_id));
        }
        rows.extend(parts.into_iter().map(|(key, period)| format!("part {} {key:?} {period:?}", order.order_id)));
    }
    for refund in account.refund_orders.iter().filter(|refund| refund.created_at >= reach) {
        let (id, amount) = (&refund.order_id, plain(refund.amount));
        rows.push(format!("refund order {id} {} {amount}", refund.created_at));
        rows.push(format!("refund part {id} {} {amount}", refund.instance));
    }
    for entry in account.transactions.iter().filter(|entry| entry.arrived && entry.transaction.at >= reach) {
        let moved = &entry.transaction;
        rows.push(format!("money {} {} {} {}", moved.number, moved.at, moved.record_id, plain(moved.amount)));
    }
    rows.sort();
    rows
}

/// What the cache holds, in the same words. Amounts of a sub-order's parts are summed: the ledger knows the sub-order's.
fn kept_in(dir: &Path, customer: &str) -> Vec<String> {
    let store = Store::open(dir, &Unlock::Nothing, Access::ReadOnly).unwrap();
    let (resources, orders, parts, money) = store
        .read(|r| {
            let ages = (DateTime::UNIX_EPOCH, DateTime::from_timestamp(4_000_000_000, 0).unwrap());
            Ok::<_, desk_store::StoreError>((
                r.resources().list(customer)?,
                r.orders().list(customer)?,
                r.order_parts().of_customer(customer)?,
                r.transactions().between(customer, ages.0, ages.1)?,
            ))
        })
        .unwrap();
    let mut rows: Vec<String> = resources.iter().map(|row| format!("resource {} {}", row.id, row.created_at)).collect();
    let refunds: HashSet<&str> =
        orders.iter().filter(|head| head.order_type == "Refund").map(|head| head.id.as_str()).collect();
    for head in &orders {
        assert!(head.settled || head.payment_status.as_deref() == Some("Unpaid"), "{} has no detail", head.id);
        if refunds.contains(head.id.as_str()) {
            rows.push(format!("refund order {} {} {}", head.id, head.created_at, plain(head.pretax.abs())));
        } else {
            let (id, kind, at) = (&head.id, &head.order_type, head.created_at);
            rows.push(format!("order {id} {kind} {at} {}", plain(head.gross)));
        }
    }
    let mut sums: BTreeMap<&str, [Decimal; 3]> = BTreeMap::new();
    for part in &parts {
        if refunds.contains(part.order_id.as_str()) {
            rows.push(format!("refund part {} {} {}", part.order_id, part.instance, plain(part.cash + part.coupon)));
            continue;
        }
        let key = (part.sub_order.as_str(), part.instance.as_str());
        let period = (part.start_at.unwrap().to_string(), part.end_at.unwrap().to_string());
        rows.push(format!("part {} {key:?} {period:?}", part.order_id));
        let sum = sums.entry(&part.sub_order).or_default();
        for (sum, amount) in sum.iter_mut().zip([part.list, part.cash, part.coupon]) {
            *sum += amount;
        }
    }
    for (sub_order, sum) in sums {
        let [list, cash, coupon] = sum.map(plain);
        rows.push(format!("sub-order {sub_order} {list} {cash} {coupon}"));
    }
    rows.extend(
        money.iter().map(|row| format!("money {} {} {} {}", row.number, row.at, row.record_id, plain(row.amount))),
    );
    rows.sort();
    rows
}

fn plain(amount: Decimal) -> String {
    amount.normalize().to_string()
}
