//! Fills a home: customers with their resources, orders, movements of money and refunds, laid as a sync would have kept them, and then
//! quoted by the desk from these facts. The same to the byte from the same number of orders, but for the key.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use desk::views::Ask;
use desk::{Access, Desk, Unlock};
use desk_store::{Cursor, HomeKind, OrderPart, QuoteSummary, ResourceRow, Store, SyncRun};
use refund_rules::case::Action;

use crate::account::{self, Account};
use crate::chain::{self, Laid};
use crate::clock::Clock;
use crate::draw::Draw;

/// The seed of every home.
const SEED: u64 = 11;

/// Rows of one write.
const PORTION: usize = 2_000;

/// Of so many resources one is reviewed, so that there are requests.
const RESOURCES_A_REQUEST: usize = 1_250;

/// Written last: a home that has it is whole.
const WHOLE: &str = "filled";

/// What is laid, and how: a home of another number is filled anew.
const EDITION: &str = "1";

/// Whether the folder holds a whole home of this edition.
pub fn is_filled(dir: &Path) -> bool {
    std::fs::read_to_string(dir.join(WHOLE)).is_ok_and(|edition| edition == EDITION)
}

/// Fills an empty folder.
pub fn fill(dir: &Path, orders: usize) {
    let _ = std::fs::remove_dir_all(dir);
    std::fs::create_dir_all(dir).expect("the folder of the measurements may be written to");
    let begun = Instant::now();
    let clock = Clock::at_rest();
    let now = clock.base();
    let mut draw = Draw::from_seed(SEED);
    let accounts = account::all(orders, now, &mut draw);
    {
        let mut entropy = Draw::from_seed(SEED + 1);
        let mut random = |bytes: &mut [u8]| bytes.fill_with(|| entropy.below(256) as u8);
        let (store, _) = Store::create(dir, HomeKind::Sandbox, &Unlock::Nothing, &mut random, now).expect("a new home");
        for account in &accounts {
            keep(&store, account, chain::lay(account, now, &mut draw), now);
        }
    }
    eprintln!("    {orders} orders laid after {:.0} s", begun.elapsed().as_secs_f64());
    let desk = Desk::open(dir, Unlock::Nothing, Access::ReadWrite, Arc::new(clock)).expect("the home that was laid");
    let left = quote_all(&desk, u32::MAX);
    if left > 0 {
        eprintln!("    {left} quotes end at the very instant at which the clock stands");
    }
    review(&desk, dir);
    drop(desk);
    std::fs::write(dir.join(WHOLE), EDITION).expect("the folder of the measurements may be written to");
    eprintln!("    quoted after {:.0} s", begun.elapsed().as_secs_f64());
}

/// Makes what has run out again, in portions, until no more is left, or as much as before. Gives what is left.
pub fn quote_all(desk: &Desk, portion: u32) -> u32 {
    let mut before = u32::MAX;
    loop {
        let left = desk.renew_quotes(portion).expect("quotes made again");
        if left == 0 || left >= before {
            return left;
        }
        before = left;
    }
}

/// Keeps what was laid for one customer as a sync keeps it: orders from the newest to the oldest, whatever resource they are of.
fn keep(store: &Store, account: &Account, mut laid: Laid, now: DateTime<Utc>) {
    laid.orders.sort_by(|(left, _), (right, _)| (right.created_at, &right.id).cmp(&(left.created_at, &left.id)));
    laid.movements.sort_by(|left, right| (left.at, &left.number).cmp(&(right.at, &right.number)));
    laid.resources.sort_by(|left, right| left.id.cmp(&right.id));
    let (connection, id) = (account.connection.clone(), account.connection.id.clone());
    write(store, move |tx| {
        tx.connections().put(&connection)?;
        tx.cursors().put(&orders_cursor(&id, now))?;
        tx.sync_runs().put(&SyncRun {
            customer: id.clone(),
            started_at: now - TimeDelta::minutes(5),
            finished_at: Some(now),
            completed_at: Some(now),
            calls: 1_000,
            error: None,
        })
    });
    for rows in laid.resources.chunks(PORTION) {
        let rows = rows.to_vec();
        write(store, move |tx| {
            tx.resources().upsert_page(&rows, 1)?;
            // Each has a quote that ran out long ago; the desk makes them all.
            rows.iter().try_for_each(|row| tx.quotes().put(&run_out(row)))
        });
    }
    for rows in laid.orders.chunks(PORTION) {
        let rows = rows.to_vec();
        write(store, move |tx| {
            for (head, part) in &rows {
                tx.orders().put(head)?;
                tx.order_parts().replace_for_order(
                    &head.customer,
                    &head.id,
                    std::slice::from_ref::<OrderPart>(part),
                )?;
            }
            Ok(())
        });
    }
    for rows in laid.movements.chunks(PORTION) {
        let rows = rows.to_vec();
        write(store, move |tx| tx.transactions().upsert_page(&rows));
    }
    for rows in laid.refunds.chunks(PORTION) {
        let rows = rows.to_vec();
        write(store, move |tx| rows.iter().try_for_each(|row| tx.refunds().put(row)));
    }
}

fn write(
    store: &Store,
    work: impl FnOnce(&mut desk_store::Write<'_>) -> Result<(), desk_store::StoreError> + Send + 'static,
) {
    store.write(work).expect("what is laid can be kept");
}

fn orders_cursor(customer: &str, now: DateTime<Utc>) -> Cursor {
    Cursor {
        customer: customer.to_owned(),
        phase: "orders".to_owned(),
        window_from: None,
        window_to: None,
        next_page: 1,
        done: true,
        pass: 1,
        range_from: Some(now - TimeDelta::days(3 * 365)),
        range_to: Some(now),
        skip_from: None,
        skip_to: None,
    }
}

fn run_out(resource: &ResourceRow) -> QuoteSummary {
    QuoteSummary {
        customer: resource.customer.clone(),
        resource: resource.id.clone(),
        product: resource.product.clone(),
        kind: resource.kind.clone(),
        region: resource.region.clone(),
        status: resource.status.clone(),
        ordered_at: None,
        expires_at: resource.end_at,
        refund_type: None,
        refund: None,
        refund_max: None,
        exact: false,
        currency: None,
        eligible: false,
        batchable: false,
        blockers: Vec::new(),
        valid_until: Some(DateTime::UNIX_EPOCH),
        pending_renewals: 0,
        made_at: DateTime::UNIX_EPOCH,
        problem: None,
    }
}

/// Lets all quotes of a home run out. The home is not open.
pub fn let_run_out(dir: &Path) {
    let store = Store::open(dir, &Unlock::Nothing, Access::ReadWrite).expect("a filled home");
    let customers = store.read(|r| r.connections().list()).expect("its customers");
    for customer in customers {
        let mut quotes = store.read(|r| r.quotes().of_customer(&customer.id)).expect("a customer's quotes");
        for quote in &mut quotes {
            quote.valid_until = Some(DateTime::UNIX_EPOCH);
        }
        write(&store, move |tx| quotes.iter().try_for_each(|quote| tx.quotes().put(quote)));
    }
}

/// Reviews some of what can be given back: requests in a list.
fn review(desk: &Desk, dir: &Path) {
    let store = Store::open(dir, &Unlock::Nothing, Access::ReadOnly).expect("the home beside its desk");
    let mut eligible = Vec::new();
    for customer in store.read(|r| r.connections().list()).expect("its customers") {
        let quotes = store.read(|r| r.quotes().of_customer(&customer.id)).expect("a customer's quotes");
        eligible.extend(quotes.into_iter().filter(|quote| quote.eligible).step_by(RESOURCES_A_REQUEST));
    }
    for quote in eligible {
        let ask =
            Ask { customer: quote.customer, resource: quote.resource, action: Action::Unsubscribe, expires: None };
        desk.review(&ask).expect("a request of an eligible resource");
    }
}
