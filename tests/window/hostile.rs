//! Names, notes and files that somebody wrote to do harm: tags and scripts, marks that turn the writing direction, control characters,
//! names without end, formulas. The real window shows them as text; nothing of them is run, and nothing else moves.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use fantoccini::key::Key;
use serde_json::json;

use crate::accessibility::{look, nothing_found};
use crate::harness::drive;
use crate::page::Page;
use crate::{accessibility, programs, world};

/// What a script of theirs would set.
const HARM: &str = "window.__harmed=1";

fn names() -> Vec<String> {
    vec![
        format!("<img src=x onerror=\"{HARM}\"><script>{HARM}</script>"),
        "Harbour \u{202e}dtL gnidarT\u{2069} \u{2066}12".to_owned(),
        "Nul\u{0}Bell\u{7}Escape\u{1b}[31mCsi\u{9b}Line\u{2028}Tail".to_owned(),
        "Wmn".repeat(67),
        "👩‍👩‍👧‍👦🏢 株式会社 🏳️‍🌈".to_owned(),
        "=HYPERLINK(\"http://example.invalid\",\"Refund\")".to_owned(),
        "שלום בע״מ (2026) شركة".to_owned(),
        "{count, plural, one {#}} ${1+1} </bdi></span>".to_owned(),
    ]
}

/// A file whose headers and cells are as bad as its customer's name. One order is good, the others are refused.
fn file(folder: &Path) -> PathBuf {
    let tag = format!("<b onmouseover='{HARM}'>Header</b>\u{202e}redaeh");
    let mut text = format!(
        "Order ID,Product Name,Asset/Resource Instance ID,Order Type,Order Status,Created At,Paid/Activated At,List Price,\
         Tax-inclusive Payable Amount,Region,Service Start Time,Service End Time,{tag}\n"
    );
    let times = "2026-06-01 08:00:00,2026-06-01 08:00:05";
    let period = "2026-06-01 08:00:05,2027-06-02 00:00:00";
    let mut order = |number: u32, product: &str, kind: &str, created: &str, amount: &str, region: &str| {
        let (created, paid) = created.split_once(',').unwrap_or((created, created));
        writeln!(
            text,
            "{number},{product},i-bad{number},{kind},Paid,{created},{paid},{amount},{amount},{region},{period},x"
        )
        .unwrap();
    };
    order(21_000_001, "Elastic Compute Service", "New", times, "1200.00", "<i>cn</i>\u{202e}uoh");
    order(21_000_002, &format!("<svg onload={HARM}>"), "New", times, "100.00", "שלום 7");
    order(21_000_003, "Elastic Compute Service", "=cmd|'/C calc'!A0", times, "100.00", "a");
    order(21_000_004, "Elastic Compute Service", "New", "<script>tomorrow</script>", "100.00", "a");
    order(21_000_005, "Elastic Compute Service", "New", times, "\u{202e}00.1", "a");
    order(21_000_006, "Elastic Compute Service", &"W".repeat(250), times, "100.00", "a");
    let path = folder.join("<b>orders\u{202e}vsc.csv");
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn real_window_hostile_names_and_files_are_text() {
    let folder = tempfile::tempdir().unwrap();
    drive("hostile", &programs::desk(), &[], async |page| {
        page.shown("first-start").await;
        page.invoke("create_home", json!({ "passphrase": "harbour lights at six" })).await;
        page.shown("nav-settings").await;
        let path = file(folder.path());
        for (number, name) in names().iter().enumerate() {
            let customer = bring(page, number, name, &path).await;
            page.invoke("set_note", json!({ "customer": customer, "text": format!("{name}\nsecond line\u{202e}") }))
                .await;
        }
        page.until_true("all of them to be listed", async |page| {
            page.names("customer-").await.len() == 1 + names().len()
        })
        .await;
        accessibility::prepare(page).await;
        let mut found = Vec::new();
        for customer in page.names("customer-").await {
            page.click(&customer).await;
            through_the_pages(page, &customer, &mut found).await;
        }
        a_file_is_looked_at(page, &path, &mut found).await;
        page.press(&(Key::Control + "k")).await;
        page.shown("palette").await;
        page.press("wmn").await;
        page.until_true("the longest name", async |page| page.names("command-").await.len() == 1).await;
        harmless(page, "palette").await;
        look(page, "palette", &mut found).await;
        nothing_found(page, &found).await;
    });
}

/// A customer of files by this name, with the file taken. Answers its id.
async fn bring(page: &Page, number: usize, name: &str, path: &Path) -> String {
    let uid = format!("50000000000000{number:02}");
    let ask = json!({
        "name": name, "uid": uid, "site": "international", "currency": "USD", "partner": false, "way": "files",
        "key_id": "", "key_secret": "", "role_arn": "", "external_id": "",
    });
    page.invoke("add_connection", json!({ "ask": ask })).await;
    let ask = json!({ "customer": uid, "path": path, "mapping": [], "zone": "+08:00", "kind": null });
    let taken = page.invoke("import_file", json!({ "ask": ask })).await;
    assert_eq!((&taken["counts"]["new"], &taken["counts"]["refused"]), (&json!(2), &json!(4)), "{taken}");
    uid
}

/// Each page and the parts of the settings that show the customer.
async fn through_the_pages(page: &mut Page, customer: &str, found: &mut Vec<String>) {
    for one in ["today", "resources", "reports", "settings"] {
        page.click(&format!("nav-{one}")).await;
        if one == "resources" {
            page.until_true("its resources", async |page| !page.names("resource-row-").await.is_empty()).await;
            let row = page.names("resource-row-").await.first().unwrap().clone();
            page.click(&row).await;
            page.shown("inspector").await;
        }
        page.until_true("the page to be read", async |page| page.count("loading").await == 0).await;
        harmless(page, &format!("{one} of {customer}")).await;
        page.picture(&format!("{customer}-{one}")).await;
    }
    for part in ["connections", "discounts", "facts"] {
        page.click(&format!("settings-{part}")).await;
        harmless(page, &format!("{part} of {customer}")).await;
    }
    if customer.ends_with("00") {
        look(page, "connections", found).await;
    }
}

/// The preview of the file with its headers, and each refused line.
async fn a_file_is_looked_at(page: &mut Page, path: &Path, found: &mut Vec<String>) {
    for language in ["en", "zh"] {
        page.click("settings-look").await;
        page.click(&format!("language-{language}")).await;
        page.click("settings-import").await;
        page.fill("import-path", path.to_str().unwrap()).await;
        page.click("import-preview").await;
        page.shown("import-refused").await;
        page.click("import-mapping").await;
        harmless(page, "the preview").await;
        look(page, &format!("preview-{language}"), found).await;
        assert_eq!(page.script(REFUSED, vec![]).await, json!(4), "each refused line is told");
    }
    let english = page.script(ENGLISH_REASONS, vec![]).await;
    assert_eq!(english, json!([]), "the reasons are told in Chinese");
}

const REFUSED: &str = "return document.querySelectorAll('.refused-lines li').length;";

/// Reasons without a word of Chinese.
const ENGLISH_REASONS: &str = "return [...document.querySelectorAll('.refused-lines li bdi')]
    .map((reason) => reason.textContent).filter((text) => !/\\p{Script=Han}/u.test(text));";

/// Nothing of theirs ran or became a part of the page, nothing turns the direction, nothing is pushed out of the window.
async fn harmless(page: &Page, place: &str) {
    let found = page.script(HARMED, vec![]).await;
    assert_eq!(found, json!([]), "{place}");
    assert_eq!(page.policy_violations().await, 0, "{place}");
}

const HARMED: &str = "const found = [];
    if (window.__harmed) found.push('a script of theirs was run');
    for (const part of document.querySelectorAll('[onerror], [onload], [onmouseover], img[src=x], script:not([src]), svg[onload]')) found.push(part.outerHTML);
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const { data, parentElement } = texts.currentNode;
        if (/[\\u202a-\\u202e\\u2066\\u2067]|(?![\\n\\t])\\p{Cc}/u.test(data)) found.push('it turns or cannot be seen: ' + data);
        const within = data.includes('\\u2068') || parentElement.closest('bdi, option, title') !== null;
        if (/[\\u0590-\\u08ff]/.test(data) && !within) found.push('it is not kept apart: ' + data);
    }
    for (const part of document.querySelectorAll('button, input, select')) {
        if (part.getClientRects().length === 0 || part.closest('.ledger, .rail-list, .hidden-visually') !== null) continue;
        const box = part.getBoundingClientRect();
        if (box.right > window.innerWidth + 1 || box.left < -1) found.push('it is pushed out: ' + (part.dataset.testid ?? part.textContent));
    }
    for (const part of document.querySelectorAll('.page-side, .page-main, .rail, .rail-list, .settings-body, .settings-content, .reports-body, .palette, .palette-list, .wizard, .toasts')) {
        if (part.scrollWidth > part.clientWidth + 1) found.push('it has to be scrolled sideways: ' + part.className);
    }
    if (document.documentElement.scrollWidth > window.innerWidth) found.push('the page is too wide');
    return found;";

/// Words of a decision are the manager's, and may be pasted from anywhere.
#[test]
fn real_window_hostile_words_of_a_decision_are_text() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--home", home.path().to_str().unwrap()];
    drive("hostile-words", &programs::desk(), &arguments, async |page| {
        world::first_start(page, 4).await;
        world::select_of_one_customer(page, 2).await;
        page.click("plan-open").await;
        world::review_batch(page).await;
        world::batch_to_decision(page).await;
        page.click("channel-api").await;
        page.fill("authorisation", &format!("<img src=x onerror={HARM}> שלום 2026")).await;
        world::confirm_batch(page, &format!("<script>{HARM}</script>\u{202e}desrever {}", "W".repeat(150))).await;
        harmless(page, "the confirmed batch").await;
        page.click("wizard-close").await;
        page.gone("batch-wizard").await;
        page.click("nav-requests").await;
        page.until_true("the requests", async |page| page.names("request-row-").await.len() == 2).await;
        let row = page.names("request-row-").await.first().unwrap().clone();
        page.click(&row).await;
        page.shown("move-withdraw").await;
        harmless(page, "the request").await;
        page.picture("request").await;
        page.click("tab-batches").await;
        page.until_true("the batch", async |page| page.names("batch-row-").await.len() == 1).await;
        let row = page.names("batch-row-").await.first().unwrap().clone();
        page.click(&row).await;
        page.shown("batch-withdraw").await;
        harmless(page, "the batch").await;
        page.picture("batch").await;
    });
}
