//! Makes a sandbox home with so many resources that the window's list can be measured over it: a sandbox is synced once, then its
//! resources, orders and quotes are laid down again and again under other ids. What it shows is real; that there is so much of it is
//! not.
//!
//! `large_home DIR RESOURCES`

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a tool for measuring: what goes wrong ends it")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bss_sandbox::WallClock;
use chrono::{DateTime, Utc};
use desk::{Access, Account, Ambient, Desk, System, Unlock};
use desk_store::{OrderHead, OrderPart, QuoteSummary, ResourceRow, Store};

/// The seed of a first start.
const SEED: u64 = 7;

/// Rows of one write.
const PORTION: usize = 2_000;

struct Wall;

impl WallClock for Wall {
    fn now(&self) -> DateTime<Utc> {
        System.wall()
    }
}

/// One resource with everything that its quote is made of.
struct Laid {
    resource: ResourceRow,
    quote: QuoteSummary,
    orders: Vec<(OrderHead, Vec<OrderPart>)>,
}

#[tokio::main]
async fn main() {
    let mut words = std::env::args().skip(1);
    let dir = PathBuf::from(words.next().expect("a folder"));
    let wanted: usize = words.next().expect("a number of resources").parse().expect("a number");
    std::fs::create_dir_all(&dir).unwrap();
    sync(&dir).await;
    let store = Store::open(&dir, &Unlock::Nothing, Access::ReadWrite).unwrap();
    let patterns = read(&store);
    let mut made = patterns.len();
    for turn in 1_u32.. {
        let mut left = patterns.iter().take(wanted.saturating_sub(made));
        let mut portion: Vec<Laid> = Vec::new();
        for pattern in left.by_ref() {
            portion.push(again(pattern, turn));
            made += 1;
        }
        if portion.is_empty() {
            break;
        }
        for rows in portion.chunks(PORTION) {
            write(&store, rows);
        }
    }
    println!("{made} resources in {}", dir.display());
}

async fn sync(dir: &Path) {
    let desk = Desk::open_sandbox(dir, Arc::new(System)).unwrap();
    let sandbox = bss_sandbox::open_in(dir, SEED, Arc::new(Wall), 0).await.unwrap();
    for account in sandbox.accounts() {
        let account = Account {
            uid: account.uid,
            name: account.name,
            site: account.site,
            currency: account.currency,
            partner: false,
            endpoint: account.endpoint,
            key_id: account.key_id,
            key_secret: account.key_secret.into(),
        };
        desk.connect(&account).unwrap();
    }
    desk.set_cloud_clock(sandbox.now()).unwrap();
    for report in desk.sync(None, &|_| {}).await.unwrap() {
        assert_eq!(report.problem, None);
    }
    sandbox.stop().await;
}

fn read(store: &Store) -> Vec<Laid> {
    store
        .read(|r| {
            let mut laid = Vec::new();
            for connection in r.connections().list()? {
                for resource in r.resources().list(&connection.id)? {
                    let Some(quote) = r.quotes().get(&connection.id, &resource.id)? else { continue };
                    let mut orders = Vec::new();
                    for head in r.orders().of_instance(&connection.id, &resource.id)? {
                        let mut parts = r.order_parts().of_order(&connection.id, &head.id)?;
                        parts.retain(|part| part.instance == resource.id);
                        orders.push((head, parts));
                    }
                    laid.push(Laid { resource, quote, orders });
                }
            }
            Ok::<_, desk_store::StoreError>(laid)
        })
        .unwrap()
}

/// The same resource under another id.
fn again(pattern: &Laid, turn: u32) -> Laid {
    let renamed = |id: &str| format!("{id}{turn:04x}");
    let id = renamed(&pattern.resource.id);
    let orders = pattern.orders.iter().map(|(head, parts)| {
        let order = format!("{}{turn:04}", head.id);
        let parts =
            parts.iter().map(|part| OrderPart { order_id: order.clone(), instance: id.clone(), ..part.clone() });
        (OrderHead { id: order.clone(), ..head.clone() }, parts.collect())
    });
    Laid {
        resource: ResourceRow { id: id.clone(), ..pattern.resource.clone() },
        quote: QuoteSummary { resource: id.clone(), ..pattern.quote.clone() },
        orders: orders.collect(),
    }
}

fn write(store: &Store, rows: &[Laid]) {
    let resources: Vec<ResourceRow> = rows.iter().map(|laid| laid.resource.clone()).collect();
    let quotes: Vec<QuoteSummary> = rows.iter().map(|laid| laid.quote.clone()).collect();
    let orders: Vec<(OrderHead, Vec<OrderPart>)> = rows.iter().flat_map(|laid| laid.orders.clone()).collect();
    store
        .write(move |tx| {
            tx.resources().upsert_page(&resources, 1)?;
            for (head, parts) in &orders {
                tx.orders().put(head)?;
                tx.order_parts().replace_for_order(&head.customer, &head.id, parts)?;
            }
            quotes.iter().try_for_each(|quote| tx.quotes().put(quote))
        })
        .unwrap();
}
