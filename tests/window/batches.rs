//! Many at once in the real window: 73 selected, planned into batches, one of fifty decided as one and sent one by one.

use serde_json::json;

use crate::harness::drive;
use crate::page::Page;
use crate::{programs, world};

/// Enough orders of one customer for a list of which 73 can be selected.
const ORDERS: u32 = 1_500;

const SELECTED: usize = 73;

#[test]
fn real_window_batch_of_fifty_of_seventy_three_selected() {
    let home = tempfile::tempdir().unwrap();
    world::begin(home.path(), 1, ORDERS);
    let arguments = ["--home", home.path().to_str().unwrap()];
    drive("batch", &programs::desk(), &arguments, async |page| {
        world::first_start(page, 1).await;
        world::partial(page).await;
        select(page).await;
        let total = plan_and_review(page).await;
        decided(page, &total).await;
        sent(page).await;
        assert_eq!(page.policy_violations().await, 0, "the page broke its own content policy");
    });
}

/// The first row by its box, the seventy-third with shift held down.
async fn select(page: &mut Page) {
    let first = page.names("resource-select-").await.first().unwrap().clone();
    page.click(&first).await;
    world::becomes(page, "selection-count", "data-count", "1").await;
    page.script("document.querySelector('.ledger-body').scrollTop = arguments[0] * 32 - 200;", vec![json!(SELECTED)])
        .await;
    let place = (SELECTED + 1).to_string();
    let find = "const row = document.querySelector(`.ledger-row[aria-rowindex='${arguments[0]}'] input`); \
        return row ? row.dataset.testid : null;";
    page.until_true("the seventy-third row", async |page| !page.script(find, vec![json!(place)]).await.is_null()).await;
    let last = page.script(find, vec![json!(place)]).await.as_str().unwrap().to_owned();
    page.shift_click(&last).await;
    world::becomes(page, "selection-count", "data-count", &SELECTED.to_string()).await;
    page.picture("selected").await;
}

/// The plan divides it; the first batch is reviewed and its questions are answered once for all. Returns the sum to type.
async fn plan_and_review(page: &mut Page) -> String {
    page.click("plan-open").await;
    world::becomes(page, "plan-summary", "data-selected", &SELECTED.to_string()).await;
    assert_eq!(page.attribute("plan-batch-1", "data-items").await, "50", "a batch holds fifty");
    let planned: usize = page.attribute("plan-batch-2", "data-items").await.parse().unwrap();
    let left = page.names("plan-left-").await.len() + page.names("plan-single-").await.len();
    assert_eq!(50 + planned + left, SELECTED, "every selected one is told");
    page.picture("plan").await;
    world::review_batch(page).await;
    page.picture("review").await;
    page.click("wizard-next").await;
    world::becomes(page, "batch-stage", "data-stage", "settle").await;
    page.picture("settle").await;
    page.click("batch-settle").await;
    world::becomes(page, "batch-stage", "data-stage", "decide").await;
    page.click("channel-api").await;
    page.picture("decide").await;
    // What must be typed stands in the dialog's label, in the dialog only.
    for name in ["box-amount", "box-backup"] {
        page.click(name).await;
    }
    page.fill("reason", "the project is closed").await;
    page.fill("authorisation", "Ms Lin, 24 November, mail 4711").await;
    page.click("wizard-next").await;
    page.attribute("type-amount", "data-expected").await
}

/// Enter does nothing; a wrong sum cannot be confirmed; the right one can.
async fn decided(page: &mut Page, total: &str) {
    page.fill("type-amount", "1.00").await;
    assert!(!page.is_enabled("confirm-final").await, "a wrong sum cannot be confirmed");
    page.fill("type-amount", total).await;
    page.keys("\u{e007}").await;
    assert_eq!(page.count("confirm-final").await, 1, "Enter alone confirms nothing");
    page.picture("typed").await;
    page.click("confirm-final").await;
    world::becomes(page, "batch-stage", "data-stage", "act").await;
}

/// Sent one by one, told one by one; what went through has a refund order.
async fn sent(page: &mut Page) {
    page.click("batch-run").await;
    page.until_true("some to be done", async |page| {
        page.count("run-told").await > 0
            || page.attribute("run-progress", "data-done").await.parse::<u32>().unwrap() > 3
    })
    .await;
    page.picture("running").await;
    page.until_true("the run to end", async |page| page.count("run-told").await > 0).await;
    assert_eq!(page.attribute("run-told", "data-done").await, "50");
    assert_eq!(page.attribute("run-told", "data-failed").await, "0");
    assert_eq!(world::item_states(page).await, vec!["accepted"; 50]);
    page.picture("receipts").await;
    page.click("plan-again").await;
    // Those that were sent are left out now, each with its reason.
    page.until_true("the plan of what is left", async |page| page.names("plan-left-").await.len() >= 50).await;
    page.picture("planned-again").await;
    page.click("wizard-close").await;
    page.gone("batch-wizard").await;
    page.click("nav-requests").await;
    page.picture("requests").await;
}
