//! A mixed selection in the real window: the plan refuses a part and says why; of what goes, the first item's price has changed,
//! which stops none of the others; and the inspector beside it.

use serde_json::json;

use crate::harness::drive;
use crate::page::Page;
use crate::{programs, world};

#[test]
fn real_window_mixed_selection_is_refused_in_part_and_a_changed_price_stops_no_other() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--home", home.path().to_str().unwrap()];
    drive("mixed", &programs::desk(), &arguments, async |page| {
        world::first_start(page, 4).await;
        let customer = page.names("customer-").await[1].clone();
        page.click(&customer).await;
        page.until_true("one customer's list", async |page| page.names("resource-row-").await.len() < 40).await;
        inspect(page).await;
        let first = page.names("resource-select-").await.first().unwrap().clone();
        page.click(&first).await;
        page.click("select-all").await;
        page.until_true("all to be selected", async |page| {
            page.attribute("selection-count", "data-count").await.parse::<u32>().unwrap() > 10
        })
        .await;
        page.click("plan-open").await;
        page.shown("plan-batch-1").await;
        assert!(!page.names("plan-left-").await.is_empty(), "what cannot go is told");
        assert!(!page.names("plan-single-").await.is_empty(), "what goes by itself is told");
        let left = page.names("plan-left-").await.first().unwrap().clone();
        assert!(["blocked", "chance_taken", "not_quoted"].contains(&page.attribute(&left, "data-code").await.as_str()));
        page.picture("plan").await;
        run_with_a_changed_price(page).await;
        assert_eq!(page.policy_violations().await, 0, "the page broke its own content policy");
    });
}

/// What stands in the way and what to do about it; the curve and its table; another day for the whole page; a fact settled in place.
async fn inspect(page: &mut Page) {
    page.click("segment-nonrefundable").await;
    page.until_true("refused ones", async |page| {
        let rows = page.texts("resource-row-").await;
        !rows.is_empty() && rows.iter().all(|row| row.contains("Nonrefundable"))
    })
    .await;
    let refused = page.names("resource-row-").await.first().unwrap().clone();
    page.click(&refused).await;
    page.until_true("a blocker", async |page| !page.names("blocker-").await.is_empty()).await;
    page.picture("blocked").await;
    world::partial(page).await;
    let row = page.names("resource-row-").await.first().unwrap().clone();
    page.click(&row).await;
    page.shown("curve-best").await;
    let now = page.amount("quote-refund").await;
    page.picture("quote").await;
    page.script("document.querySelector('[data-testid=curve]').scrollIntoView();", vec![]).await;
    page.click("curve-table").await;
    page.picture("curve").await;
    page.fill("what-if-date", "2026-08-20").await;
    page.shown("what-if-note").await;
    page.until_true("another amount", async |page| page.amount("quote-refund").await != now).await;
    page.shown("what-if-totals").await;
    page.picture("what-if").await;
    page.click("what-if-clear").await;
    page.gone("what-if-note").await;
    page.click("settle-here").await;
    page.until_true("questions", async |page| !page.names("fact-").await.is_empty()).await;
    let required: Vec<String> = page.names("fact-").await.into_iter().filter(|name| name.ends_with("-false")).collect();
    for name in &required {
        page.click(name).await;
    }
    let promised: Vec<String> =
        page.names("fact-").await.into_iter().filter(|name| name.ends_with("refundable-true")).collect();
    for name in &promised {
        page.click(name).await;
    }
    page.picture("settle-in-place").await;
    page.click("settle-apply").await;
    page.gone("settle-apply").await;
    page.click("segment-all").await;
}

async fn run_with_a_changed_price(page: &mut Page) {
    world::review_batch(page).await;
    world::batch_to_decision(page).await;
    world::decide_batch(page).await;
    page.invoke("sandbox_fault", json!({ "kind": "amount_changed", "times": 1 })).await;
    page.click("batch-run").await;
    page.until_true("the run to end", async |page| page.count("run-told").await > 0).await;
    page.picture("one-changed").await;
    // The answers were the usual ones, and not true of all: the cloud refuses those, each with its own word.
    let codes = "return [...document.querySelectorAll('[data-testid^=batch-problem-]')].map(row => row.dataset.code);";
    let codes = texts(page.script(codes, vec![]).await);
    assert_eq!(codes.iter().filter(|code| *code == "price_changed").count(), 1, "{codes:?}");
    assert_eq!(page.attribute("run-told", "data-failed").await, codes.len().to_string());
    let states = world::item_states(page).await;
    let count = |state: &str| states.iter().filter(|one| *one == state).count();
    assert_eq!(count("returned_to_review"), 1, "{states:?}");
    assert_eq!(count("accepted") + codes.len(), states.len(), "what failed stopped none of the others: {states:?}");
    page.click("wizard-close").await;
    page.gone("batch-wizard").await;
    page.click("nav-requests").await;
    page.click("group-attention").await;
    let row = page.names("request-row-").await.first().unwrap().clone();
    page.click(&row).await;
    page.picture("needs-you").await;
}

fn texts(all: serde_json::Value) -> Vec<String> {
    all.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}
