//! Renewals in the real window: a stack's Updated Expiration Time picked on its timeline, and several stacks cancelled as one batch
//! at the console, whose sum is first typed wrong.

use rust_decimal::Decimal;

use crate::harness::drive;
use crate::page::Page;
use crate::{programs, world};

#[test]
fn real_window_renewals_by_timeline_and_many_at_the_console() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--home", home.path().to_str().unwrap()];
    drive("renewals", &programs::desk(), &arguments, async |page| {
        world::first_start(page, 4).await;
        page.click("nav-renewals").await;
        page.until_true("the stacks to be listed", async |page| page.names("renewal-row-").await.len() > 3).await;
        on_the_timeline(page).await;
        // A batch is of one customer: the last one's.
        let customer = page.names("customer-").await.last().unwrap().clone();
        page.click(&customer).await;
        let batch = many(page).await;
        at_the_console(page).await;
        money_is_seen(page, batch).await;
        assert_eq!(page.policy_violations().await, 0, "the page broke its own content policy");
    });
}

/// The handles on the timeline and the list beside it are one choice: a later time gives less back.
async fn on_the_timeline(page: &mut Page) {
    let rows = page.names("renewal-row-").await;
    let longest = page.texts("renewal-row-").await.iter().position(|text| text.contains("3 pending")).unwrap();
    page.click(&rows[longest]).await;
    page.until_true("its handles", async |page| page.names("handle-").await.len() == 3).await;
    let handles = page.names("handle-").await;
    page.click(&handles[0]).await;
    let all = page.amount("renewal-refund").await;
    page.picture("all-fall").await;
    page.click(handles.last().unwrap()).await;
    page.until_true("less to come back", async |page| page.amount("renewal-refund").await < all).await;
    let later = handles.last().unwrap().replace("handle-", "candidate-");
    assert_eq!(page.attribute(&later, "data-selected").await, "true", "the list shows the same choice");
    page.picture("some-fall").await;
}

/// Two stacks selected, planned and decided as one. Returns how many.
async fn many(page: &mut Page) -> usize {
    page.until_true("one customer's stacks", async |page| (2..8).contains(&page.names("renewal-select-").await.len()))
        .await;
    let taken = world::select_renewals(page, 2).await;
    world::becomes(page, "selection-count", "data-count", &taken.to_string()).await;
    page.picture("selected").await;
    page.click("plan-open").await;
    world::becomes(page, "plan-batch-1", "data-items", &taken.to_string()).await;
    page.picture("plan").await;
    decide(page).await;
    taken
}

async fn decide(page: &mut Page) {
    world::review_batch(page).await;
    world::batch_to_decision(page).await;
    assert_eq!(page.count("box-backup").await, 0, "nothing is released: no word on a backup is asked for");
    world::confirm_batch(page, "renewed by mistake").await;
}

/// The sum that the console shows is typed wrong: all go back to review. Then it is done again, and typed right.
async fn at_the_console(page: &mut Page) {
    let shown = page.amount("sandbox-console-total").await;
    page.fill("console-total", &(shown + Decimal::ONE).to_string()).await;
    page.click("batch-hand-over").await;
    page.shown("error-toast").await;
    assert_eq!(page.attribute("error-toast", "data-code").await, "console_amount_differs");
    page.picture("total-typed-wrong").await;
    page.click("plan-again").await;
    page.until_true("the plan again", async |page| page.count("plan-batch-1").await == 1).await;
    decide(page).await;
    let shown = page.amount("sandbox-console-total").await;
    page.fill("console-total", &shown.to_string()).await;
    page.click("batch-hand-over").await;
    page.shown("batch-report").await;
    page.picture("handed-over").await;
    page.click("sandbox-console-act").await;
    page.shown("sandbox-console-done").await;
    page.click("batch-report").await;
    page.until_true("all to be reported", async |page| {
        world::item_states(page).await.iter().all(|state| state == "reported")
    })
    .await;
    page.picture("reported").await;
    page.click("wizard-close").await;
    page.gone("batch-wizard").await;
}

/// A sync finds the refund orders of all of them.
async fn money_is_seen(page: &mut Page, batch: usize) {
    page.click("nav-requests").await;
    page.click("sync-now").await;
    page.click("group-following").await;
    page.until_true("all to be seen", async |page| {
        let states = page.texts("request-state-").await;
        states.iter().filter(|state| *state == "Seen by sync").count() == batch
    })
    .await;
    page.picture("seen").await;
    page.click("tab-batches").await;
    let row = page.names("batch-row-").await.first().unwrap().clone();
    page.click(&row).await;
    page.picture("batches").await;
}
