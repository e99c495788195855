//! Offline and back in the real window: what was confirmed waits, nothing goes by itself, one press sends what is ready, and what
//! changed meanwhile is shown with old and new numbers.

use serde_json::json;

use crate::harness::drive;
use crate::page::Page;
use crate::{programs, world};

/// More calls than the journey makes.
const ALL_CALLS: u32 = 500;

#[test]
fn real_window_offline_queue_and_return() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--home", home.path().to_str().unwrap()];
    drive("queue", &programs::desk(), &arguments, async |page| {
        world::first_start(page, 4).await;
        world::partial(page).await;
        offline(page, true).await;
        let sent = confirmed(page, "channel-api", 0).await;
        // Sending fails for want of a network: it stays confirmed.
        page.click("wizard-send").await;
        page.shown("error-toast").await;
        assert!(["bss_transport", "bss_timeout"].contains(&page.attribute("error-toast", "data-code").await.as_str()));
        page.picture("offline").await;
        page.click("wizard-close").await;
        page.gone("wizard").await;
        waits(page, &sent).await;
        changed_meanwhile(page).await;
        assert_eq!(page.policy_violations().await, 0, "the page broke its own content policy");
    });
}

async fn offline(page: &Page, on: bool) {
    if on {
        page.invoke("sandbox_fault", json!({ "kind": "drop_before", "times": ALL_CALLS })).await;
    } else {
        page.invoke("sandbox_clear_faults", json!({})).await;
    }
}

/// Reviews and confirms the first resource from `place` on that offers the channel; the wizard is left open. Returns its id.
pub async fn confirmed(page: &mut Page, channel: &str, place: usize) -> String {
    for row in page.names("resource-row-").await.into_iter().skip(place) {
        page.click(&row).await;
        let resource = row.trim_start_matches("resource-row-").to_owned();
        page.until_true("the quote", async |page| page.text("inspector").await.contains(&resource)).await;
        if page.count("unsubscribe-open").await == 0 {
            continue;
        }
        page.click("unsubscribe-open").await;
        world::to_decision(page).await;
        if page.count(channel).await == 0 {
            page.click("wizard-close").await;
            page.gone("wizard").await;
            continue;
        }
        world::decide(page, channel).await;
        return resource;
    }
    panic!("no resource offers {channel}");
}

/// It stands in the queue; back online nothing has gone by itself; one press sends it.
async fn waits(page: &mut Page, resource: &str) {
    page.click("nav-requests").await;
    page.click("tab-queue").await;
    page.shown(&format!("waiting-{resource}")).await;
    page.picture("waiting-offline").await;
    offline(page, false).await;
    page.click("sync-now").await;
    page.until_true("the sync to end", async |page| page.is_enabled("sync-now").await).await;
    assert_eq!(page.count(&format!("waiting-{resource}")).await, 1, "nothing is sent by itself");
    page.click("queue-send").await;
    page.until_true("the run to end", async |page| page.count("run-told").await > 0).await;
    assert_eq!(page.attribute("run-told", "data-failed").await, "0");
    page.picture("sent").await;
    page.gone(&format!("waiting-{resource}")).await;
}

/// Confirmed, and a day later it is worth less: it is not sent, and both numbers are shown.
async fn changed_meanwhile(page: &mut Page) {
    page.click("nav-resources").await;
    world::partial(page).await;
    let resource = confirmed(page, "channel-api", 1).await;
    page.click("wizard-close").await;
    page.gone("wizard").await;
    page.click("clock-plus-3d").await;
    page.click("nav-requests").await;
    page.click("tab-queue").await;
    page.shown(&format!("waiting-{resource}")).await;
    page.until_true("it is to be reviewed again", async |page| page.count("queue-send").await == 0).await;
    page.picture("changed-meanwhile").await;
}
