//! A home of real customers is backed up, and the backup is opened on a computer where there is none yet.

use std::path::Path;
use std::sync::Arc;

use desk::{Access, Desk, Secret, System, Unlock};
use serde_json::json;

use crate::accessibility::{look, nothing_found};
use crate::harness::drive;
use crate::page::Page;
use crate::{accessibility, programs};

const PASSPHRASE: &str = "harbour lights at six";

const CUSTOMER: &str = "5000000000000001";

#[test]
fn real_window_a_backup_is_opened_where_there_is_no_home() {
    let elsewhere = tempfile::tempdir().unwrap();
    let backup = elsewhere.path().join("refund-desk-backup");
    drive("backed-up", &programs::desk(), &[], async |page| {
        page.shown("first-start").await;
        page.invoke("create_home", json!({ "passphrase": PASSPHRASE })).await;
        page.shown("nav-settings").await;
        let ask = json!({
            "name": "Filed Ltd", "uid": CUSTOMER, "site": "international", "currency": "USD", "partner": false,
            "way": "files", "key_id": "", "key_secret": "", "role_arn": "", "external_id": "",
        });
        page.invoke("add_connection", json!({ "ask": ask })).await;
        page.click("nav-settings").await;
        page.click("settings-security").await;
        page.shown("back-up").await;
        accessibility::prepare(page).await;
        let mut found = Vec::new();
        page.script("document.querySelector('[data-testid=back-up]').scrollIntoView({ block: 'center' });", vec![])
            .await;
        look(page, "security", &mut found).await;
        back_up(page, &backup).await;
        nothing_found(page, &found).await;
    });
    drive("restored", &programs::desk(), &[], async |page| restored(page, elsewhere.path(), &backup).await);
}

/// What the window does once the system's dialog has given a folder; a dialog of the system cannot be driven.
async fn back_up(page: &Page, to: &Path) {
    let home = page.invoke("home", json!({})).await;
    let unlock = Unlock::Passphrase(Secret::from(PASSPHRASE));
    let desk =
        Desk::open(Path::new(home["dir"].as_str().unwrap()), unlock, Access::ReadOnly, Arc::new(System)).unwrap();
    desk.back_up(to, &[bss_sandbox::STATE_FILE]).unwrap();
}

async fn restored(page: &mut Page, nothing: &Path, backup: &Path) {
    page.shown("first-start").await;
    accessibility::prepare(page).await;
    let mut found = Vec::new();
    page.click("start-restore").await;
    page.fill("backup-path", nothing.to_str().unwrap()).await;
    page.click("backup-look").await;
    page.shown("error-toast").await;
    assert_eq!(page.attribute("error-toast", "data-code").await, "backup_missing");
    look(page, "no-backup", &mut found).await;
    page.fill("backup-path", backup.to_str().unwrap()).await;
    page.click("backup-look").await;
    page.shown("backup-found").await;
    page.fill("backup-passphrase", "not it").await;
    page.click("backup-restore").await;
    page.until_true("the refusal", async |page| page.attribute("error-toast", "data-code").await == "wrong_passphrase")
        .await;
    look(page, "wrong-passphrase", &mut found).await;
    page.fill("backup-passphrase", PASSPHRASE).await;
    page.click("backup-restore").await;
    page.shown("restored").await;
    look(page, "restored", &mut found).await;
    page.click("restored-go-on").await;
    page.shown(&format!("customer-{CUSTOMER}")).await;
    page.picture("the-desk-again").await;
    nothing_found(page, &found).await;
}
