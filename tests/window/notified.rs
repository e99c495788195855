//! What the window tells through the system, on a session bus of the test's own: a refund that has arrived.

use crate::harness::drive_on;
use crate::programs::Bus;
use crate::{programs, queue, world};

/// Sum of the clock's steps after which the sandbox's money has arrived: two business days, whatever weekends and holidays.
const THREE_DAYS_TIMES: u32 = 5;

#[test]
fn real_window_an_arrived_refund_is_told_through_the_system() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--home", home.path().to_str().unwrap()];
    let bus = Bus::start();
    drive_on(Some(&bus), "notified", &programs::desk(), &arguments, async |page| {
        world::first_start(page, 4).await;
        world::partial(page).await;
        let resource = queue::confirmed(page, "channel-api", 0).await;
        page.click("wizard-send").await;
        page.state("accepted").await;
        page.click("wizard-close").await;
        page.gone("wizard").await;
        for _ in 0..THREE_DAYS_TIMES {
            page.click("clock-plus-3d").await;
        }
        assert!(!arrived(&bus.heard(), &resource), "nothing has arrived before a sync saw it");
        page.click("sync-now").await;
        page.until_true("the refund to be told on the bus", async |_| arrived(&bus.heard(), &resource)).await;
        page.picture("told").await;
        assert_eq!(page.policy_violations().await, 0, "the page broke its own content policy");
    });
}

/// One call of the notification's interface with both: that money has arrived, and what it is for.
fn arrived(heard: &str, resource: &str) -> bool {
    heard.split("method call").any(|call| {
        call.contains("member=Notify") && call.contains("has arrived") && call.contains(&format!("{resource} of "))
    })
}
