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

/// Only partial refunds, read.
pub async fn partial(page: &Page) {
    page.click("segment-partial").await;
    page.until_true("partial refunds", async |page| {
        let rows = page.texts("resource-row-").await;
        !rows.is_empty() && rows.iter().all(|row| row.contains("Partial"))
    })
    .await;
}

/// Chooses the last customer, and selects so many of its partial refunds, or all when there are fewer.
pub async fn select_of_one_customer(page: &Page, most: usize) {
    let customer = page.names("customer-").await.last().unwrap().clone();
    page.click(&customer).await;
    page.click("segment-partial").await;
    page.until_true("one customer's partial refunds", async |page| {
        let rows = page.texts("resource-row-").await;
        rows.len() >= 2 && rows.iter().all(|row| row.contains("Partial"))
    })
    .await;
    for name in page.names("resource-select-").await.into_iter().take(most) {
        page.click(&name).await;
    }
}

/// Selects so many stacks of renewals, of those that can be; answers how many.
pub async fn select_renewals(page: &Page, most: usize) -> usize {
    let mut taken = 0;
    for name in page.names("renewal-select-").await {
        if taken < most && page.is_enabled(&name).await {
            page.click(&name).await;
            taken += 1;
        }
    }
    taken
}

/// Leaves the review of one resource; true: something is to be settled before the decision.
pub async fn asks(page: &Page) -> bool {
    page.click("wizard-next").await;
    page.until_true("the facts or the decision to be asked for", async |page| {
        page.count("settle-none-apply").await + page.count("reason").await > 0
    })
    .await;
    page.count("settle-none-apply").await > 0
}

/// From the review of one resource, over what it asks, to its decision.
pub async fn to_decision(page: &Page) {
    if asks(page).await {
        page.click("settle-none-apply").await;
    }
    page.shown("reason").await;
}

/// Reviews the first batch of the plan.
pub async fn review_batch(page: &Page) {
    page.click("plan-review-1").await;
    becomes(page, "batch-stage", "data-stage", "review").await;
}

/// Leaves the review of a batch; true: something is to be settled before the decision.
pub async fn batch_asks(page: &Page) -> bool {
    page.click("wizard-next").await;
    page.until_true("the next stage", async |page| page.attribute("batch-stage", "data-stage").await != "review").await;
    page.attribute("batch-stage", "data-stage").await == "settle"
}

/// From the review of a batch, with the usual answers to all that it asks, to its decision.
pub async fn batch_to_decision(page: &Page) {
    if batch_asks(page).await {
        page.click("batch-settle").await;
    }
    becomes(page, "batch-stage", "data-stage", "decide").await;
}

/// Ticks every box that there is, gives the reason, and types the amount that the last dialog asks for.
pub async fn type_decision(page: &Page, reason: &str) {
    for name in page.names("box-").await {
        page.click(&name).await;
    }
    page.fill("reason", reason).await;
    page.click("wizard-next").await;
    let amount = page.attribute("type-amount", "data-expected").await;
    page.fill("type-amount", &amount).await;
}

/// Decides about one resource by a channel.
pub async fn decide(page: &Page, channel: &str) {
    page.click(channel).await;
    type_decision(page, "not needed any more").await;
    page.click("confirm-final").await;
    page.state("confirmed").await;
}

/// Decides about a batch of unsubscriptions that go by the API.
pub async fn decide_batch(page: &Page) {
    page.click("channel-api").await;
    confirm_batch(page, "the project is closed").await;
}

/// Confirms a batch whose channel is chosen.
pub async fn confirm_batch(page: &Page, reason: &str) {
    type_decision(page, reason).await;
    page.click("confirm-final").await;
    becomes(page, "batch-stage", "data-stage", "act").await;
}

/// The states of a batch's items, in the page's order.
pub async fn item_states(page: &Page) -> Vec<String> {
    let script = "return [...document.querySelectorAll('[data-testid^=batch-item-]')].map(row => row.dataset.state);";
    serde_json::from_value(page.script(script, vec![]).await).unwrap()
}

/// Waits until a part has this value in one of its attributes.
pub async fn becomes(page: &Page, name: &str, attribute: &str, value: &str) {
    page.until_true(&format!("{name} to have {attribute} {value}"), async |page| {
        page.attribute(name, attribute).await == value
    })
    .await;
}
