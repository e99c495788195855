//! What axe-core finds in dialogs, in every step of each, in light and dark; and in the palette and the menus.

use fantoccini::key::Key;

use crate::accessibility::{look, look_at, nothing_found};
use crate::harness::drive;
use crate::page::Page;
use crate::{accessibility, programs, world};

/// What is open over the page. The rest is hidden from readers meanwhile and gets its turn without it; a popover is no landmark.
const POPOVER: &str = ".popover";

#[test]
fn real_window_axe_in_each_step_of_one_unsubscription() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--home", home.path().to_str().unwrap()];
    drive("dialogs-single", &programs::desk(), &arguments, async |page| {
        world::first_start(page, 4).await;
        accessibility::prepare(page).await;
        let mut found = Vec::new();
        world::partial(page).await;
        let row = page.names("resource-row-").await.first().unwrap().clone();
        page.click(&row).await;
        page.shown("unsubscribe-open").await;
        page.click("unsubscribe-open").await;
        page.shown("wizard-next").await;
        look(page, "review", &mut found).await;
        let asks = world::asks(page).await;
        look(page, "settle", &mut found).await;
        if asks {
            page.click("settle-none-apply").await;
        }
        page.shown("reason").await;
        look(page, "decide", &mut found).await;
        page.click("channel-console").await;
        world::type_decision(page, "not needed any more").await;
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
        world::select_of_one_customer(page, 3).await;
        page.click("plan-open").await;
        batch(page, "batch", &mut found).await;
        page.click("nav-renewals").await;
        page.until_true("one customer's stacks", async |page| page.names("renewal-select-").await.len() > 1).await;
        world::select_renewals(page, 2).await;
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
    world::review_batch(page).await;
    look(page, &format!("{name}-review"), found).await;
    if world::batch_asks(page).await {
        look(page, &format!("{name}-settle"), found).await;
        page.click("batch-settle").await;
    }
    world::becomes(page, "batch-stage", "data-stage", "decide").await;
    look(page, &format!("{name}-decide"), found).await;
    world::type_decision(page, "the project is closed").await;
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
