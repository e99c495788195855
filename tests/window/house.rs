//! The house around the pages: every page in both languages and themes, the palette, a first start with a home of real customers,
//! an import, locking, and the keyboard alone.

use std::path::Path;

use fantoccini::key::Key;
use serde_json::json;

use crate::accessibility::look as both;
use crate::harness::drive;
use crate::page::Page;
use crate::{accessibility, programs};

const PAGES: [&str; 7] = ["today", "resources", "renewals", "requests", "history", "reports", "settings"];
const PARTS: [&str; 8] = ["connections", "import", "discounts", "facts", "rules", "sandbox", "look", "about"];

/// Five seconds each: how long a page may take to be set in a build that is not optimised.
const SLOW_BUILD_TRIES: usize = 20;

const PASSPHRASE: &str = "harbour lights at six";

/// Waits until the sandbox's customers are all synced.
async fn filled(page: &Page) {
    page.shown("sandbox-banner").await;
    page.until_true("the first sync to end", async |page| {
        let rail = page.texts("customer-").await;
        rail.len() > 1 && rail[1..].iter().all(|text| text.contains("synced") && !text.contains("never"))
    })
    .await;
    page.shown("today-closing").await;
    // News of windows that close is told in a corner, over what the pictures are of.
    while page.count("news").await > 0 {
        let dismiss = "document.querySelector('[data-testid=news] .button.quiet')?.click();";
        page.script(dismiss, vec![]).await;
    }
}

/// Goes through every page and part of the settings, takes pictures of each, and lets axe look at it.
async fn tour(page: &mut Page, name: &str, found: &mut Vec<String>) {
    for one in PAGES {
        page.click(&format!("nav-{one}")).await;
        page.until_true("the page to be read", async |page| page.script(IDLE, vec![]).await == json!(true)).await;
        if one == "settings" {
            for part in PARTS {
                page.click(&format!("settings-{part}")).await;
                page.until_true("the part to be read", async |page| page.script(IDLE, vec![]).await == json!(true))
                    .await;
                both(page, &format!("{name}-settings-{part}"), found).await;
            }
        } else {
            both(page, &format!("{name}-{one}"), found).await;
        }
    }
}

/// At twice the size every page still shows what it has, without anything to be scrolled sideways.
async fn twice_the_size(page: &mut Page, found: &mut Vec<String>) {
    const ZOOM_STEPS: usize = 5;
    for _ in 0..ZOOM_STEPS {
        page.press(&(Key::Control + "=")).await;
    }
    page.until_true("the page to be twice its size", async |page| {
        let width = page.script("return window.innerWidth;", vec![]).await;
        width.as_u64().is_some_and(|width| width <= 700)
    })
    .await;
    for (place, one) in PAGES.iter().enumerate() {
        // The driver's pointer does not know of the zoom; the keyboard needs no place.
        page.press(&(Key::Control + (place + 1).to_string().as_str())).await;
        let current = format!("return document.querySelector('[data-testid=nav-{one}]').getAttribute('aria-current');");
        page.until_true("the page to be shown", async |page| page.script(&current, vec![]).await == "page").await;
        page.until_true("the page to be read", async |page| page.script(IDLE, vec![]).await == json!(true)).await;
        look(page, &format!("twice-{one}"), found).await;
        page.script("document.querySelector('main').scrollIntoView();", vec![]).await;
        page.picture(&format!("twice-{one}-below")).await;
        let sideways = page.script("return document.documentElement.scrollWidth - window.innerWidth;", vec![]).await;
        assert!(
            sideways.as_i64().is_some_and(|pixels| pixels <= 0),
            "{one} is {sideways} px too wide at twice its size"
        );
    }
    page.press(&(Key::Control + "0")).await;
    page.until_true("the page to have its usual size", async |page| {
        page.script("return window.innerWidth;", vec![]).await.as_u64().is_some_and(|width| width > 1200)
    })
    .await;
}

/// Words twice as long, as another language may need them, push nothing out of the window.
async fn twice_as_long(page: &mut Page) {
    for one in PAGES {
        page.click(&format!("nav-{one}")).await;
        page.until_true("the page to be read", async |page| page.script(IDLE, vec![]).await == json!(true)).await;
        page.script(DOUBLE, vec![]).await;
        page.picture(&format!("long-{one}")).await;
        let outside = page.script(OUTSIDE, vec![]).await;
        assert_eq!(outside, json!([]), "{one} has controls that are pushed out of the window");
    }
}

/// Doubles every word of the window itself; amounts and ids stay as they are.
const DOUBLE: &str = "window.__doubled ??= new WeakSet();
    for (const part of document.querySelectorAll('h1, h2, h3, .button, .segment, .nav, .settings-part, label, .label, \
    .mark, .muted, th, [role=columnheader]')) {
        for (const node of part.childNodes) {
            if (window.__doubled.has(node)) continue;
            window.__doubled.add(node);
            if (node.nodeType === Node.TEXT_NODE && /\\p{L}{2}/u.test(node.data) && !node.data.includes('·')) node.data = `${node.data} ${node.data}`;
        }
    }";

/// Buttons and fields that are cut off at the side of the window.
const OUTSIDE: &str = "return [...document.querySelectorAll('button, input, select')]
    .filter((part) => part.getClientRects().length > 0 && part.closest('.ledger, .rail-list, .hidden-visually') === null)
    .filter((part) => { const box = part.getBoundingClientRect(); return box.right > window.innerWidth + 1 || box.left < -1; })
    .map((part) => part.dataset.testid ?? part.textContent);";

/// Nothing on the page is still being read.
const IDLE: &str = "return document.querySelector('.loading-lines') === null;";

async fn look(page: &mut Page, name: &str, found: &mut Vec<String>) {
    page.picture(name).await;
    found.extend(accessibility::findings(page, name).await);
}

#[test]
fn real_window_every_page_in_both_languages_and_themes() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--home", home.path().to_str().unwrap()];
    drive("house", &programs::desk(), &arguments, async |page| {
        filled(page).await;
        accessibility::prepare(page).await;
        let mut found = Vec::new();
        tour(page, "en", &mut found).await;
        page.click("settings-look").await;
        page.click("theme-dark").await;
        page.click("language-zh").await;
        page.until_true("the pages to speak Chinese", async |page| page.text("nav-resources").await == "资源").await;
        tour(page, "zh", &mut found).await;
        twice_the_size(page, &mut found).await;
        twice_as_long(page).await;
        page.click("nav-today").await;
        page.press(&(Key::Control + "k")).await;
        page.shown("palette").await;
        look(page, "palette", &mut found).await;
        page.press("历史").await;
        page.picture("palette-filtered").await;
        page.press(&(key(Key::Down) + &key(Key::Enter))).await;
        page.until_true("the palette's command to be done", async |page| {
            page.script(
                "return document.querySelector('[data-testid=nav-history]').getAttribute('aria-current');",
                vec![],
            )
            .await
                == "page"
        })
        .await;
        accessibility::nothing_found(page, &found).await;
    });
}

/// A report is looked at, written, and known again; a fault that was ordered is met, and the second desk on a home only reads.
#[test]
fn real_window_reports_faults_and_a_second_desk() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--home", home.path().to_str().unwrap()];
    drive("reports", &programs::desk(), &arguments, async |page| {
        filled(page).await;
        accessibility::prepare(page).await;
        let mut found = Vec::new();
        let customer = page.names("customer-").await[1].clone();
        page.click(&customer).await;
        page.click("note-change").await;
        page.fill("note-text", "Calls on Mondays").await;
        page.click("note-keep").await;
        assert_eq!(page.text("note").await, "Calls on Mondays");

        page.click("nav-reports").await;
        page.click("report-statement").await;
        previewed(page).await;
        both(page, "preview", &mut found).await;
        page.click("report-write").await;
        for _ in 0..SLOW_BUILD_TRIES {
            if page.count("report-written").await > 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        }
        let written = page.attribute("report-written", "data-path").await;
        page.fill("verify-path", &written).await;
        page.click("verify").await;
        page.shown("verified").await;

        // What was written is opened by the system's own programs; nothing else is.
        page.click("report-open").await;
        page.was_opened(Path::new(&written)).await;
        page.click("report-folder").await;
        page.was_opened(Path::new(&written).parent().unwrap()).await;
        let foreign = page.refused("open_report", json!({ "path": home.path().join("home.json") })).await;
        assert_eq!(foreign["code"], "not_written_here", "{foreign}");
        both(page, "written-and-verified", &mut found).await;

        page.click("report-quotes").await;
        previewed(page).await;
        page.click("report-next-page").await;
        page.until_true("the second page", async |page| page.attribute("report-page", "alt").await.contains("2 of"))
            .await;
        both(page, "preview-second-page", &mut found).await;

        // A report under way is cancelled: at once, and another choice begins anew.
        page.click("report-evidence").await;
        page.click("report-write").await;
        page.click("report-cancel").await;
        page.shown("report-cancelled").await;
        assert_eq!(page.count("error-toast").await, 0, "what was cancelled is no failure");
        both(page, "cancelled", &mut found).await;
        page.click("report-renewals").await;
        page.gone("report-cancelled").await;

        // The connection breaks for a while: the sync says so and what to do, and the quotes stay.
        page.click("nav-settings").await;
        page.click("settings-sandbox").await;
        page.fill("fault-times", "200").await;
        page.click("fault-order").await;
        page.shown("faults-waiting").await;
        page.click("sync-now").await;
        page.shown("error-toast").await;
        both(page, "offline", &mut found).await;
        page.click("fault-clear").await;

        // A window of its own needs a runtime of its own.
        let beside = std::thread::scope(|scope| scope.spawn(|| second_desk(home.path())).join());
        beside.unwrap_or_else(|failure| std::panic::resume_unwind(failure));
        accessibility::nothing_found(page, &found).await;
    });
}

/// Lets the pages of the chosen report be set, which takes a while where nothing of it is optimised.
async fn previewed(page: &Page) {
    page.click("report-preview").await;
    for _ in 0..SLOW_BUILD_TRIES {
        if page.count("report-page").await > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    }
    page.shown("report-page").await;
}

/// Another desk on a home that is open: it shows everything, says so, and changes nothing.
fn second_desk(home: &Path) {
    let arguments = ["--home", home.to_str().unwrap()];
    drive("second-desk", &programs::desk(), &arguments, async |page| {
        page.shown("read-only-banner").await;
        page.click("nav-resources").await;
        page.until_true("the list to be read", async |page| !page.names("resource-row-").await.is_empty()).await;
        assert_eq!(page.count("sync-now").await, 0);
        accessibility::prepare(page).await;
        let mut found = Vec::new();
        let row = page.names("resource-row-").await.first().unwrap().clone();
        page.click(&row).await;
        page.shown("quote-refund").await;
        for one in PAGES {
            page.click(&format!("nav-{one}")).await;
            page.until_true("the page to be read", async |page| page.script(IDLE, vec![]).await == json!(true)).await;
            both(page, &format!("read-only-{one}"), &mut found).await;
        }
        accessibility::nothing_found(page, &found).await;
    });
}

#[test]
fn real_window_first_start_makes_a_home_imports_and_locks() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src-tauri/desk/tests/fixtures/import/orders-faults.csv");
    // Without a folder: the driver's own empty folder for data is the system's.
    drive("first-start", &programs::desk(), &[], async |page| {
        page.shown("first-start").await;
        accessibility::prepare(page).await;
        let mut found = Vec::new();
        both(page, "first-start", &mut found).await;
        page.click("start-import").await;
        page.fill("passphrase-new", PASSPHRASE).await;
        page.fill("passphrase-again", "harbour").await;
        both(page, "new-home", &mut found).await;
        page.fill("passphrase-again", PASSPHRASE).await;
        page.click("home-make").await;
        page.shown("recovery-code").await;
        assert_eq!(page.text("recovery-code").await.matches('-').count(), 7);
        assert!(!page.is_enabled("recovery-go-on").await, "the code was not written down yet");
        both(page, "recovery-code", &mut found).await;
        page.click("recovery-kept").await;
        page.click("recovery-go-on").await;

        page.click("settings-connections").await;
        page.click("way-files").await;
        page.fill("connection-name", "Filed Ltd").await;
        page.click("site-international").await;
        page.fill("connection-currency", "USD").await;
        page.fill("connection-uid", "5000000000000001").await;
        both(page, "connections", &mut found).await;
        page.click("connection-add").await;
        page.shown("customer-5000000000000001").await;
        page.click("customer-5000000000000001").await;

        page.click("settings-import").await;
        page.fill("import-path", file.to_str().unwrap()).await;
        page.click("import-preview").await;
        page.shown("import-seen").await;
        page.shown("import-refused").await;
        both(page, "import-preview", &mut found).await;
        page.click("import-take").await;
        page.shown("import-taken").await;
        page.picture("import-taken").await;
        page.click("nav-resources").await;
        page.until_true("the imported resources to be listed", async |page| {
            !page.names("resource-row-").await.is_empty()
        })
        .await;
        both(page, "imported-resources", &mut found).await;

        page.click("nav-settings").await;
        page.click("settings-security").await;
        page.until_true("the ways in to be told", async |page| page.count("passphrase-change").await == 1).await;
        both(page, "security", &mut found).await;
        page.click("lock-now").await;
        page.shown("locked").await;
        assert!(!page.script("return document.body.innerText;", vec![]).await.as_str().unwrap().contains("Filed Ltd"));
        both(page, "locked", &mut found).await;
        page.fill("unlock-passphrase", "not it").await;
        page.click("unlock").await;
        page.until_true("the refusal", async |page| {
            page.attribute("error-toast", "data-code").await == "wrong_passphrase"
        })
        .await;
        both(page, "wrong-passphrase", &mut found).await;
        page.fill("unlock-passphrase", PASSPHRASE).await;
        page.click("unlock").await;
        page.shown("customer-5000000000000001").await;
        accessibility::nothing_found(page, &found).await;
    });
}

#[test]
fn real_window_by_the_keyboard_alone_from_a_filter_to_the_review() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--home", home.path().to_str().unwrap()];
    drive("keyboard", &programs::desk(), &arguments, async |page| {
        filled(page).await;
        page.press(&(Key::Control + "2")).await;
        page.until_true("the list to be read", async |page| !page.names("resource-row-").await.is_empty()).await;
        focus(page, "segment-partial").await;
        page.press(" ").await;
        page.until_true("the segment to be chosen", async |page| {
            page.attribute("segment-partial", "aria-pressed").await == "true"
        })
        .await;
        tab_to(page, "[role=grid], .table-body, [role=listbox]").await;
        page.press(&(key(Key::Down) + &key(Key::Down))).await;
        page.shown("quote-refund").await;
        page.picture("chosen").await;
        focus(page, "unsubscribe-open").await;
        page.picture("focus-seen").await;
        page.press(&key(Key::Enter)).await;
        page.shown("wizard").await;
        page.picture("wizard").await;
        page.press(&key(Key::Escape)).await;
        page.gone("wizard").await;
        assert_eq!(page.policy_violations().await, 0, "the page broke its own content policy");
    });
}

fn key(key: Key) -> String {
    char::from(key).to_string()
}

/// Presses Tab until the named part has the focus: it can be reached, and the way there is not endless.
async fn focus(page: &Page, name: &str) {
    tab_to(page, &format!("[data-testid='{name}']")).await;
    let outline = page.script("return getComputedStyle(document.activeElement).outlineStyle;", vec![]).await;
    assert_ne!(outline, "none", "{name} shows that it has the focus");
}

async fn tab_to(page: &Page, selector: &str) {
    const MOST: usize = 120;
    for _ in 0..MOST {
        page.press(&key(Key::Tab)).await;
        let there =
            page.script("return document.activeElement.closest(arguments[0]) !== null;", vec![json!(selector)]).await;
        if there == json!(true) {
            return;
        }
    }
    panic!("{selector} is not reached by {MOST} tabs");
}
