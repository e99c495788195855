//! Sandbox homes that are larger than a first start's, and the ways that every journey of the work pages begins.

use std::path::Path;
use std::sync::Arc;

use bss_sandbox::{Config, FIRST_CLOCK, STATE_FILE, WallClock};
use chrono::{DateTime, Utc};

use crate::page::Page;

/// The seed of a first start.
const SEED: u64 = 7;

struct Wall;

impl WallClock for Wall {
    // A test is a host: it hands the clock in.
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Begins a home's sandbox with so many customers and orders; the window's first start goes on with it.
pub fn begin(home: &Path, customers: u32, orders: u32) {
    let config = Config {
        customers,
        orders: Some(orders),
        state: Some(home.join(STATE_FILE)),
        clock: Some(FIRST_CLOCK),
        ..Config::new(SEED, FIRST_CLOCK, "sandbox", "sandbox-secret")
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async { bss_sandbox::start(config, Arc::new(Wall), 0).await.unwrap().stop().await });
}

/// Waits for the first sync, and shows the resources.
pub async fn first_start(page: &Page, customers: usize) {
    page.shown("sandbox-banner").await;
    page.until_true("the first sync of every customer to end", async |page| {
        let rail = page.texts("customer-").await;
        // The first entry is all of them together.
        rail.len() == 1 + customers && rail[1..].iter().all(|text| text.contains("synced") && !text.contains("never"))
    })
    .await;
    page.click("nav-resources").await;
    page.until_true("the list to be read", async |page| !page.names("resource-row-").await.is_empty()).await;
}

/// Waits until a part has this value in one of its attributes.
pub async fn becomes(page: &Page, name: &str, attribute: &str, value: &str) {
    page.until_true(&format!("{name} to have {attribute} {value}"), async |page| {
        page.attribute(name, attribute).await == value
    })
    .await;
}
