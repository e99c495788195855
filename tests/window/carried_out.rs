//! What axe-core finds in what follows a decision: sending, a run and its receipts, the console's hand-over, and the end of each, in
//! light and dark.

use fantoccini::key::Key;
use serde_json::json;

use crate::accessibility::{look, nothing_found};
use crate::harness::drive;
use crate::page::Page;
use crate::{accessibility, programs, queue, world};

/// More calls than a run makes.
const ALL_CALLS: u32 = 500;

#[test]
fn real_window_axe_in_each_stage_after_one_decision() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--home", home.path().to_str().unwrap()];
    drive("after-one", &programs::desk(), &arguments, async |page| {
        world::first_start(page, 4).await;
        accessibility::prepare(page).await;
        let mut found = Vec::new();
        world::partial(page).await;
        queue::confirmed(page, "channel-api", 0).await;
        look(page, "to-send", &mut found).await;
        // Each answer takes two seconds: there is time to see a call under way.
        page.invoke("sandbox_fault", json!({ "kind": "slow", "times": ALL_CALLS })).await;
        page.click("wizard-send").await;
        page.until_true("the call to be under way", async |page| !page.is_enabled("wizard-send").await).await;
        look(page, "sending", &mut found).await;
        page.invoke("sandbox_clear_faults", json!({})).await;
        page.state("accepted").await;
        look(page, "accepted", &mut found).await;
        page.click("wizard-sync").await;
        page.state("observed").await;
        look(page, "observed", &mut found).await;
        close(page, "wizard").await;
        at_the_console(page, &mut found).await;
        page.click("nav-requests").await;
        let rows = page.names("request-row-").await;
        for (row, name) in rows.iter().zip(["request-reported", "request-observed"]) {
            page.click(row).await;
            page.shown("wrong-one").await;
            look(page, name, &mut found).await;
        }
        page.click("wrong-one").await;
        page.shown("wrong-one-text").await;
        look(page, "wrong-one", &mut found).await;
        page.press(&String::from(char::from(Key::Escape))).await;
        page.gone("wrong-one-dialog").await;
        page.click("nav-history").await;
        page.until_true("the refunds", async |page| !page.names("history-row-").await.is_empty()).await;
        let row = page.names("history-row-").await.first().unwrap().clone();
        page.click(&row).await;
        page.click("export-csv").await;
        page.shown("export-result").await;
        look(page, "exported", &mut found).await;
        nothing_found(page, &found).await;
    });
}

/// Handed over, done and reported.
async fn at_the_console(page: &mut Page, found: &mut Vec<String>) {
    queue::confirmed(page, "channel-console", 1).await;
    let shown = page.amount("sandbox-console-amount").await;
    page.fill("console-amount", &shown.to_string()).await;
    page.click("wizard-hand-over").await;
    page.state("handed_over").await;
    look(page, "handed-over", found).await;
    page.click("sandbox-console-act").await;
    page.shown("sandbox-console-done").await;
    look(page, "done-at-the-console", found).await;
    page.click("wizard-report").await;
    page.state("reported").await;
    look(page, "reported", found).await;
    close(page, "wizard").await;
}

#[test]
fn real_window_axe_in_each_stage_after_many_and_after_renewals() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--home", home.path().to_str().unwrap()];
    drive("after-many", &programs::desk(), &arguments, async |page| {
        world::first_start(page, 4).await;
        accessibility::prepare(page).await;
        let mut found = Vec::new();
        world::select_of_one_customer(page, 4).await;
        page.click("plan-open").await;
        world::review_batch(page).await;
        world::batch_to_decision(page).await;
        world::decide_batch(page).await;
        run_in_two_parts(page, &mut found).await;
        close(page, "batch-wizard").await;
        page.click("nav-renewals").await;
        page.until_true("one customer's stacks", async |page| page.names("renewal-select-").await.len() > 1).await;
        world::select_renewals(page, 2).await;
        page.click("plan-open").await;
        world::review_batch(page).await;
        world::batch_to_decision(page).await;
        world::confirm_batch(page, "renewed by mistake").await;
        renewals_at_the_console(page, &mut found).await;
        close(page, "batch-wizard").await;
        page.click("nav-requests").await;
        page.click("tab-batches").await;
        let row = page.names("batch-row-").await.last().unwrap().clone();
        page.click(&row).await;
        look(page, "batch-panel", &mut found).await;
        nothing_found(page, &found).await;
    });
}

/// Stopped in the middle and carried on, with one whose price changed.
async fn run_in_two_parts(page: &mut Page, found: &mut Vec<String>) {
    page.invoke("sandbox_fault", json!({ "kind": "slow", "times": ALL_CALLS })).await;
    page.click("batch-run").await;
    page.shown("run-progress").await;
    look(page, "running", found).await;
    assert_eq!(page.count("run-progress").await, 1, "it was looked at while it ran");
    page.click("run-stop").await;
    page.until_true("the run to stop", async |page| page.count("run-told").await > 0).await;
    assert_ne!(page.attribute("run-told", "data-left").await, "0", "something still waits");
    look(page, "stopped", found).await;
    page.invoke("sandbox_clear_faults", json!({})).await;
    page.invoke("sandbox_fault", json!({ "kind": "amount_changed", "times": 1 })).await;
    page.click("batch-run").await;
    page.until_true("the run to end", async |page| {
        page.count("run-told").await > 0 && page.attribute("run-told", "data-left").await == "0"
    })
    .await;
    assert!(!page.names("batch-problem-").await.is_empty(), "the changed price is told");
    look(page, "receipts", found).await;
}

async fn renewals_at_the_console(page: &mut Page, found: &mut Vec<String>) {
    let shown = page.amount("sandbox-console-total").await;
    page.fill("console-total", &shown.to_string()).await;
    page.click("batch-hand-over").await;
    page.shown("batch-report").await;
    look(page, "renewals-handed-over", found).await;
    page.click("sandbox-console-act").await;
    page.shown("sandbox-console-done").await;
    look(page, "renewals-done-at-the-console", found).await;
    page.click("batch-report").await;
    page.until_true("all to be reported", async |page| {
        world::item_states(page).await.iter().all(|state| state == "reported")
    })
    .await;
    look(page, "renewals-reported", found).await;
}

async fn close(page: &Page, wizard: &str) {
    page.click("wizard-close").await;
    page.gone(wizard).await;
}
