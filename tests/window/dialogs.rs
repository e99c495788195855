//! What axe-core finds in dialogs, in every step of each, in light and dark; and in the palette and the menus.

use fantoccini::key::Key;
use serde_json::json;

use crate::harness::drive;
use crate::page::Page;
use crate::{accessibility, programs, world};

/// The pages of the house in one theme; its own choice is not touched.
const THEME: &str = "document.documentElement.dataset.theme = arguments[0];";

/// What is open over the page. The rest is hidden from readers meanwhile and gets its turn without it; a popover is no landmark.
const POPOVER: &str = ".popover";

async fn look(page: &mut Page, name: &str, found: &mut Vec<String>) {
    look_at(page, "html", name, found).await;
}

/// A picture and axe's findings in both themes.
async fn look_at(page: &mut Page, part: &str, name: &str, found: &mut Vec<String>) {
    for theme in ["dark", "light"] {
        page.script(THEME, vec![json!(theme)]).await;
        let name = format!("{name}-{theme}");
        page.picture(&name).await;
        found.extend(accessibility::findings_in(page, part, &name).await);
    }
}

async fn nothing_found(page: &Page, found: &[String]) {
    assert_eq!(page.policy_violations().await, 0, "the page broke its own content policy");
    assert!(found.is_empty(), "axe found {} things:\n{}", found.len(), found.join("\n"));
}

#[test]
fn real_window_axe_in_each_step_of_one_unsubscription() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--home", home.path().to_str().unwrap()];
    drive("dialogs-single", &programs::desk(), &arguments, async |page| {
        world::first_start(page, 4).await;
        accessibility::prepare(page).await;
        let mut found = Vec::new();
        page.click("segment-partial").await;
        page.until_true("partial refunds", async |page| {
            let rows = page.texts("resource-row-").await;
            !rows.is_empty() && rows.iter().all(|row| row.contains("Partial"))
        })
        .await;
        let row = page.names("resource-row-").await.first().unwrap().clone();
        page.click(&row).await;
        page.shown("unsubscribe-open").await;
        page.click("unsubscribe-open").await;
        page.shown("wizard-next").await;
        look(page, "review", &mut found).await;
        page.click("wizard-next").await;
        page.until_true("the next stage", async |page| {
            page.count("settle-none-apply").await + page.count("reason").await > 0
        })
        .await;
        look(page, "settle", &mut found).await;
        if page.count("settle-none-apply").await > 0 {
            page.click("settle-none-apply").await;
        }
        page.shown("reason").await;
        look(page, "decide", &mut found).await;
        page.click("channel-console").await;
        for name in ["box-amount", "box-backup"] {
            page.click(name).await;
        }
        page.fill("reason", "not needed any more").await;
        page.click("wizard-next").await;
        let amount = page.attribute("type-amount", "data-expected").await;
        page.fill("type-amount", &amount).await;
        look(page, "second-dialog", &mut found).await;
        page.click("confirm-final").await;
        page.state("confirmed").await;
        page.shown("sandbox-console-amount").await;
        look(page, "at-the-console", &mut found).await;
        let shown = page.amount("sandbox-console-amount").await;
        page.fill("console-amount", &(shown + rust_decimal::Decimal::ONE).to_string()).await;
        page.click("wizard-hand-over").await;
        page.state("returned_to_review").await;
        look(page, "returned", &mut found).await;
        page.click("wizard-close").await;
        page.gone("wizard").await;
        nothing_found(page, &found).await;
    });
}

#[test]
fn real_window_axe_in_each_step_of_many_and_of_renewals() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--home", home.path().to_str().unwrap()];
    drive("dialogs-many", &programs::desk(), &arguments, async |page| {
        world::first_start(page, 4).await;
        accessibility::prepare(page).await;
        let mut found = Vec::new();
        let customer = page.names("customer-").await.last().unwrap().clone();
        page.click(&customer).await;
        page.click("segment-partial").await;
        page.until_true("one customer's partial refunds", async |page| {
            let rows = page.texts("resource-row-").await;
            rows.len() >= 2 && rows.iter().all(|row| row.contains("Partial"))
        })
        .await;
        for name in page.names("resource-select-").await.into_iter().take(3) {
            page.click(&name).await;
        }
        page.click("plan-open").await;
        batch(page, "batch", &mut found).await;
        page.click("nav-renewals").await;
        page.until_true("one customer's stacks", async |page| page.names("renewal-select-").await.len() > 1).await;
        let mut taken = 0;
        for name in page.names("renewal-select-").await {
            if taken < 2 && page.is_enabled(&name).await {
                page.click(&name).await;
                taken += 1;
            }
        }
        look(page, "renewals-selected", &mut found).await;
        page.click("plan-open").await;
        batch(page, "renewals", &mut found).await;
        nothing_found(page, &found).await;
    });
}

/// The wizard of a batch in every stage, and left as it was confirmed.
async fn batch(page: &mut Page, name: &str, found: &mut Vec<String>) {
    page.shown("plan-batch-1").await;
    look(page, &format!("{name}-plan"), found).await;
    page.click("plan-review-1").await;
    world::becomes(page, "batch-stage", "data-stage", "review").await;
    look(page, &format!("{name}-review"), found).await;
    page.click("wizard-next").await;
    page.until_true("the next stage", async |page| page.attribute("batch-stage", "data-stage").await != "review").await;
    if page.attribute("batch-stage", "data-stage").await == "settle" {
        look(page, &format!("{name}-settle"), found).await;
        page.click("batch-settle").await;
        world::becomes(page, "batch-stage", "data-stage", "decide").await;
    }
    look(page, &format!("{name}-decide"), found).await;
    for one in page.names("box-").await {
        page.click(&one).await;
    }
    page.fill("reason", "the project is closed").await;
    page.click("wizard-next").await;
    let total = page.attribute("type-amount", "data-expected").await;
    page.fill("type-amount", &total).await;
    look(page, &format!("{name}-second-dialog"), found).await;
    page.click("confirm-final").await;
    world::becomes(page, "batch-stage", "data-stage", "act").await;
    look(page, &format!("{name}-act"), found).await;
    page.click("wizard-close").await;
    page.gone("batch-wizard").await;
}

#[test]
fn real_window_axe_in_the_palette_and_menus() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--home", home.path().to_str().unwrap()];
    drive("dialogs-beside", &programs::desk(), &arguments, async |page| {
        world::first_start(page, 4).await;
        accessibility::prepare(page).await;
        let mut found = Vec::new();
        page.click("columns-open").await;
        page.shown("column-refund").await;
        look(page, "columns", &mut found).await;
        page.press(&String::from(char::from(Key::Escape))).await;
        page.gone("column-refund").await;
        page.click("filter-product").await;
        page.until_true("products", async |page| !page.names("product-").await.is_empty()).await;
        look_at(page, POPOVER, "products", &mut found).await;
        page.press(&String::from(char::from(Key::Escape))).await;
        page.fill("filter-text", "i-").await;
        page.click("filter-save").await;
        page.shown("filter-name").await;
        look_at(page, POPOVER, "save-filter", &mut found).await;
        page.fill("filter-name", "Mine").await;
        page.click("filter-save-yes").await;
        page.click("saved-open").await;
        page.shown("saved-Mine").await;
        look(page, "saved", &mut found).await;
        page.press(&String::from(char::from(Key::Escape))).await;
        page.gone("saved-Mine").await;
        page.press(&(Key::Control + "k")).await;
        page.shown("palette").await;
        look(page, "palette", &mut found).await;
        page.press(&String::from(char::from(Key::Escape))).await;
        page.gone("palette").await;
        nothing_found(page, &found).await;
    });
}
