//! The cloud gives another amount than was confirmed when the call is about to be sent: nothing is sent, both numbers are shown, and
//! only a new decision goes on.

use rust_decimal::Decimal;
use serde_json::json;

use crate::harness::drive;
use crate::page::Page;
use crate::{ledger, programs, queue, world};

#[test]
fn real_window_price_changed_between_review_and_sending() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--home", home.path().to_str().unwrap()];
    let (resource, amount) = drive("price-changed", &programs::desk(), &arguments, async |page| {
        world::first_start(page, 4).await;
        world::partial(page).await;
        let resource = queue::confirmed(page, "channel-api", 0).await;
        let before = ledger::refund_orders(home.path());
        let confirmed = page.amount("wizard-amount").await;
        page.invoke("sandbox_fault", json!({ "kind": "amount_changed", "times": 1 })).await;
        page.click("wizard-send").await;
        page.state("returned_to_review").await;
        stopped(page, confirmed).await;
        assert_eq!(ledger::refund_orders(home.path()), before, "nothing was sent");
        decided_again(page).await;
        assert_eq!(page.policy_violations().await, 0, "the page broke its own content policy");
        (resource, confirmed)
    });
    ledger::was_unsubscribed(home.path(), &resource, amount);
}

/// A tenth less: the window tells what was confirmed and what the cloud gives now.
async fn stopped(page: &mut Page, confirmed: Decimal) {
    assert_eq!(page.attribute("error-toast", "data-code").await, "price_changed");
    let now = page.amount("wizard-given-now").await;
    assert_eq!(now, (confirmed * Decimal::new(9, 1)).round_dp(2), "the new amount is shown");
    assert_eq!(page.amount("wizard-predicted").await, confirmed, "beside the one that was confirmed");
    assert_eq!(page.count("wizard-send").await, 0, "it cannot be sent as it is");
    page.picture("stopped").await;
}

/// The next inquiry gives the amount that the rules give: reviewed, decided and sent.
async fn decided_again(page: &mut Page) {
    page.click("wizard-review-again").await;
    world::to_decision(page).await;
    page.picture("decide-again").await;
    world::decide(page, "channel-api").await;
    page.click("wizard-send").await;
    page.state("accepted").await;
    page.picture("accepted").await;
}
