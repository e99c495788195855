//! The sandbox's own ledger, read from the home after the window is closed: the truth that the desk's pages and files are
//! compared with. It is not reached through the desk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use bss_sandbox::{Ledger, RefundEntry, WallClock};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

/// Customers of a fresh sandbox home.
pub const CUSTOMERS: usize = 4;

/// The seed of a first start; a home that exists keeps its own.
const SEED: u64 = 7;

struct Wall;

impl WallClock for Wall {
    // A test is a host: it hands the clock in.
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Read from a copy: the window's own process may hold the file a moment longer than its window is seen. Every act is in the
/// file before it is answered.
fn ledger(home: &Path) -> Ledger {
    let copy = tempfile::tempdir().unwrap();
    std::fs::copy(home.join(bss_sandbox::STATE_FILE), copy.path().join(bss_sandbox::STATE_FILE)).unwrap();
    let home = copy.path();
    let read = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let sandbox = bss_sandbox::open_in(home, SEED, Arc::new(Wall), 0).await.unwrap();
            let ledger = sandbox.control().ledger();
            sandbox.stop().await;
            ledger
        })
    };
    // A thread of its own: it is also read while a window is driven, which has a runtime already.
    std::thread::scope(|scope| scope.spawn(read).join()).unwrap()
}

fn refunds(ledger: &Ledger) -> impl Iterator<Item = (&str, &RefundEntry)> {
    ledger.accounts.iter().flat_map(|account| account.refund_orders.iter().map(|refund| (account.uid.as_str(), refund)))
}

/// The listed refund orders and the exported file are exactly the ledger's, amount by amount.
pub fn agrees_with_history(home: &Path, listed: &[String], exported: &Path, rows: usize, sha256: &str) {
    let ledger = ledger(home);
    let known: BTreeMap<&str, (&str, &RefundEntry)> =
        refunds(&ledger).map(|(uid, refund)| (refund.order_id.as_str(), (uid, refund))).collect();
    let mut sorted: Vec<&str> = listed.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    assert_eq!(sorted, known.keys().copied().collect::<Vec<_>>(), "the history page lists the ledger's refund orders");

    let bytes = std::fs::read(exported).unwrap();
    assert_eq!(hex::encode(Sha256::digest(&bytes)), sha256, "the hash on the page is the file's");
    let records: Vec<BTreeMap<String, String>> =
        csv::Reader::from_reader(bytes.as_slice()).deserialize().map(Result::unwrap).collect();
    assert_eq!(records.len(), rows);
    assert_eq!(records.len(), known.len());
    for record in &records {
        let (uid, refund) = known[record["refund_order"].as_str()];
        let amount = |column: &str| record[column].parse::<Decimal>().unwrap();
        assert_eq!(record["home"], "SANDBOX");
        assert_eq!(record["customer_uid"], uid);
        assert_eq!(record["resource"], refund.instance);
        assert_eq!(record["related_orders"], refund.related_order_id);
        assert_eq!(record["currency"], refund.currency);
        assert_eq!(amount("amount"), refund.amount);
        assert!(refund.arrived, "the clock went far enough: {}", refund.order_id);
        assert_eq!(amount("arrived"), refund.amount);
        assert_eq!(record["order_status"], "refunded");
        let parts = record["unsubscribe_to"].split("; ").count();
        assert_eq!(parts, refund.destinations.len(), "every destination is told: {}", record["unsubscribe_to"]);
    }
}

/// The resource is released, and what came back for it is what was confirmed.
pub fn was_unsubscribed(home: &Path, resource: &str, amount: Decimal) {
    let ledger = ledger(home);
    let entry =
        ledger.accounts.iter().flat_map(|account| &account.resources).find(|entry| entry.id == resource).unwrap();
    assert!(entry.released_at.is_some(), "{resource} is released");
    let paid: Decimal =
        refunds(&ledger).filter(|(_, refund)| refund.instance == resource).map(|(_, refund)| refund.amount).sum();
    assert_eq!(paid, amount, "what came back for {resource}");
}

/// The resource stays until the chosen instant, and what fell came back.
pub fn renewals_were_cancelled(home: &Path, resource: &str, expires: DateTime<Utc>, amount: Decimal) {
    let ledger = ledger(home);
    let entry =
        ledger.accounts.iter().flat_map(|account| &account.resources).find(|entry| entry.id == resource).unwrap();
    assert_eq!((entry.released_at, entry.ends_at), (None, expires), "{resource} stays until the chosen instant");
    let paid: Decimal =
        refunds(&ledger).filter(|(_, refund)| refund.instance == resource).map(|(_, refund)| refund.amount).sum();
    assert_eq!(paid, amount, "what came back for {resource}");
}

/// Every refund order: the resource, the order that it gives back, and its own id.
pub fn refund_orders(home: &Path) -> BTreeSet<(String, String, String)> {
    let ledger = ledger(home);
    let told =
        |refund: &RefundEntry| (refund.instance.clone(), refund.related_order_id.clone(), refund.order_id.clone());
    refunds(&ledger).map(|(_, refund)| told(refund)).collect()
}
