//! The main job, clicked from a fresh sandbox home to the exported history: one resource by API, one at the console, one
//! pending renewal. What the window shows and exports is compared with the sandbox's own ledger.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::harness::drive;
use crate::page::Page;
use crate::{ledger, programs, world};

/// Sum of the clock's steps after which the sandbox's money has arrived: two business days, whatever weekends and holidays.
const THREE_DAYS_TIMES: u32 = 5;

/// What the journey saw, to be compared with the ledger after the window is closed.
struct Seen {
    /// Resource and amount of each unsubscription, in the order they were made.
    unsubscribed: Vec<(String, Decimal)>,
    /// Resource, chosen Updated Expiration Time and amount of the cancelled renewals.
    renewal: (String, DateTime<Utc>, Decimal),
    /// Refund orders that the history page listed.
    history: Vec<String>,
    exported: PathBuf,
    exported_rows: usize,
    exported_sha256: String,
}

#[test]
fn real_window_main_job_from_first_start_to_exported_history() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--home", home.path().to_str().unwrap()];
    let seen = drive("journey", &programs::desk(), &arguments, async |page| {
        first_start(page).await;
        let unsubscribed = vec![by_api(page).await, at_the_console(page).await];
        let renewal = cancel_renewals(page).await;
        money_arrives(page).await;
        let (history, exported, exported_rows, exported_sha256) = history(page).await;
        assert_eq!(page.policy_violations().await, 0, "the page broke its own content policy");
        Seen { unsubscribed, renewal, history, exported, exported_rows, exported_sha256 }
    });
    ledger::agrees_with_history(home.path(), &seen.history, &seen.exported, seen.exported_rows, &seen.exported_sha256);
    for (resource, amount) in &seen.unsubscribed {
        ledger::was_unsubscribed(home.path(), resource, *amount);
    }
    let (resource, expires, amount) = &seen.renewal;
    ledger::renewals_were_cancelled(home.path(), resource, *expires, *amount);
}

/// The first start makes a sandbox home and fills it.
async fn first_start(page: &mut Page) {
    page.shown("sandbox-banner").await;
    page.until_true("the first sync of every customer to end", async |page| {
        let rail = page.texts("customer-").await;
        // The first entry is all of them together.
        rail.len() == 1 + ledger::CUSTOMERS
            && rail[1..].iter().all(|text| text.contains("synced") && !text.contains("never"))
    })
    .await;
    // The window opens with today's page.
    page.shown("today-closing").await;
    page.picture("today").await;
    page.click("nav-resources").await;
    page.until_true("the list to be read", async |page| !page.names("resource-row-").await.is_empty()).await;
    page.picture("first-start").await;
}

/// Filters to one resource, reads its quote and steps, unsubscribes it by the API. Returns the resource and the amount.
async fn by_api(page: &mut Page) -> (String, Decimal) {
    page.click("tab-regular").await;
    page.click("segment-partial").await;
    let resource = first_offering(page, "channel-api").await;

    page.fill("filter-text", &resource).await;
    page.until_true("the filter to leave one row", async |page| {
        page.names("resource-row-").await == [format!("resource-row-{resource}")]
    })
    .await;
    page.click(&format!("resource-row-{resource}")).await;
    let amount = page.amount("quote-refund").await;
    let toggle = page.names("step-toggle-").await.first().unwrap().clone();
    page.click(&toggle).await;
    let steps = page.text(&toggle.replace("step-toggle-", "quote-steps-")).await;
    assert!(steps.contains("money.refund"), "the steps are told, and cite their rules: {steps}");
    page.picture("quote-with-steps").await;

    page.click("unsubscribe-open").await;
    page.picture("review").await;
    world::to_decision(page).await;
    page.click("channel-api").await;
    decide(page, "the project is closed", amount).await;
    page.click("wizard-send").await;
    page.state("accepted").await;
    page.picture("accepted").await;
    page.click("wizard-close").await;
    page.gone("wizard").await;
    page.fill("filter-text", "").await;
    (resource, amount)
}

/// A resource plan at the console: the desk compares the console's amount before the last click, and stops on a difference.
async fn at_the_console(page: &mut Page) -> (String, Decimal) {
    page.click("tab-plans").await;
    page.until_true("the plans to be listed", async |page| {
        page.attribute("tab-plans", "aria-selected").await == "true"
    })
    .await;
    let resource = first_offering(page, "channel-console").await;
    page.click(&format!("resource-row-{resource}")).await;
    let amount = page.amount("quote-refund").await;

    page.click("unsubscribe-open").await;
    world::to_decision(page).await;
    page.click("channel-console").await;
    decide(page, "the plan is not needed any more", amount).await;

    // A cent less than the console shows: nothing is handed over.
    let shown = page.amount("sandbox-console-amount").await;
    assert_eq!(shown, amount, "the console shows what the desk predicted");
    page.fill("console-amount", &(shown - Decimal::new(1, 2)).to_string()).await;
    page.click("wizard-hand-over").await;
    page.state("returned_to_review").await;
    page.picture("console-amount-differs").await;
    page.click("wizard-review-again").await;
    world::to_decision(page).await;
    page.click("channel-console").await;
    decide(page, "the plan is not needed any more", amount).await;

    page.fill("console-amount", &shown.to_string()).await;
    page.click("wizard-hand-over").await;
    page.state("handed_over").await;
    page.picture("handed-over").await;
    page.click("sandbox-console-act").await;
    page.shown("sandbox-console-done").await;
    assert!(!page.value("refund-order-input").await.is_empty(), "the console's refund order is taken over");
    page.click("wizard-report").await;
    page.state("reported").await;
    page.picture("reported").await;
    page.click("wizard-close").await;
    page.gone("wizard").await;
    (resource, amount)
}

/// Picks the last possible Updated Expiration Time of the first stack that has one, and cancels what falls, at the console.
async fn cancel_renewals(page: &mut Page) -> (String, DateTime<Utc>, Decimal) {
    page.click("nav-renewals").await;
    page.until_true("the stacks to be listed", async |page| !page.names("renewal-row-").await.is_empty()).await;
    let mut candidates = Vec::new();
    let mut row = String::new();
    for name in page.names("renewal-row-").await {
        page.click(&name).await;
        candidates = page.names("candidate-").await;
        if !candidates.is_empty() {
            row = name;
            break;
        }
    }
    let candidate = candidates.last().expect("a stack with a possible Updated Expiration Time").clone();
    page.click(&candidate).await;
    let amount = page.amount("renewal-refund").await;
    page.picture("renewal-picked").await;

    page.click("unsubscribe-open").await;
    world::to_decision(page).await;
    assert_eq!(page.count("box-backup").await, 0, "the resource stays: no word on a backup is asked for");
    decide(page, "renewed by mistake", amount).await;
    let shown = page.amount("sandbox-console-amount").await;
    page.fill("console-amount", &shown.to_string()).await;
    page.click("wizard-hand-over").await;
    page.state("handed_over").await;
    page.click("sandbox-console-act").await;
    page.shown("sandbox-console-done").await;
    // The refund order is left for the next sync to find.
    page.click("wizard-report-later").await;
    page.state("reported").await;
    page.click("wizard-close").await;
    page.gone("wizard").await;
    let resource = row.trim_start_matches("renewal-row-").to_owned();
    (resource, candidate.trim_start_matches("candidate-").parse().unwrap(), amount)
}

/// The sandbox's clock goes on, a sync sees the money, every request ends as refunded.
async fn money_arrives(page: &mut Page) {
    page.click("nav-requests").await;
    sync(page).await;
    page.picture("requests-observed").await;
    for _ in 0..THREE_DAYS_TIMES {
        page.click("clock-plus-3d").await;
    }
    sync(page).await;
    let made = page.names("request-state-").await;
    assert!(made.len() >= 3, "the requests that were only looked at are listed too: {made:?}");
    page.until_true("three requests to be refunded", async |page| {
        let mut refunded = 0;
        for name in &made {
            refunded += usize::from(page.text(name).await == "Refunded");
        }
        refunded == 3
    })
    .await;
    page.picture("requests-refunded").await;
}

/// The history with its filter, and its export.
async fn history(page: &mut Page) -> (Vec<String>, PathBuf, usize, String) {
    page.click("nav-history").await;
    page.until_true("the refunds to be listed", async |page| !page.names("history-row-").await.is_empty()).await;
    let rows = page.names("history-row-").await;
    page.picture("history").await;
    page.fill("history-filter-text", "no refund has this text").await;
    page.until_true("the filter to leave nothing", async |page| page.names("history-row-").await.is_empty()).await;
    page.fill("history-filter-text", "").await;
    page.until_true("all refunds to be back", async |page| page.names("history-row-").await == rows).await;
    page.click("export-csv").await;
    let attribute = async |name: &str| page.attribute("export-result", name).await;
    let (path, count, sha256) =
        (attribute("data-path").await, attribute("data-rows").await, attribute("data-sha256").await);
    page.picture("exported").await;
    let orders = rows.iter().map(|row| row.trim_start_matches("history-row-").to_owned()).collect();
    (orders, PathBuf::from(path), count.parse().unwrap(), sha256)
}

async fn sync(page: &Page) {
    page.click("sync-now").await;
    page.until_true("the sync to end", async |page| page.is_enabled("sync-now").await).await;
    page.shown("sync-result").await;
    assert_eq!(page.count("error-toast").await, 0, "the sync met a problem");
}

/// The first resource of the list whose unsubscription offers the channel.
async fn first_offering(page: &Page, channel: &str) -> String {
    page.until_true("resources to be listed", async |page| !page.names("resource-row-").await.is_empty()).await;
    for row in page.names("resource-row-").await {
        page.click(&row).await;
        if !page.is_enabled("unsubscribe-open").await {
            continue;
        }
        page.click("unsubscribe-open").await;
        world::to_decision(page).await;
        let offered = page.count(channel).await == 1;
        page.click("wizard-close").await;
        page.gone("wizard").await;
        if offered {
            return row.trim_start_matches("resource-row-").to_owned();
        }
    }
    panic!("no resource of the list offers {channel}");
}

/// Both boxes, the reason, and the second dialog, where only the exact amount opens the last button.
async fn decide(page: &mut Page, reason: &str, amount: Decimal) {
    assert!(!page.is_enabled("wizard-next").await, "nothing is ticked yet");
    page.click("box-amount").await;
    if page.count("box-backup").await == 1 {
        assert!(!page.is_enabled("wizard-next").await, "one box is not enough");
        page.click("box-backup").await;
    }
    // After a second review the words typed before are still there; the ticks are not.
    if page.value("reason").await.is_empty() {
        assert!(!page.is_enabled("wizard-next").await, "a reason is needed");
    }
    page.fill("reason", reason).await;
    page.click("wizard-next").await;
    page.fill("type-amount", &(amount + Decimal::ONE).to_string()).await;
    assert!(!page.is_enabled("confirm-final").await, "the amount typed is another one");
    page.fill("type-amount", &amount.to_string()).await;
    page.picture("second-dialog").await;
    page.click("confirm-final").await;
    page.gone("type-amount").await;
}
