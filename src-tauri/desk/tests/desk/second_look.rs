//! What was confirmed is looked at once more right before the act, and a request that came to nothing has a way out.

use chrono::TimeDelta;
use desk::views::RequestState;
use desk::{Account, DeskError};
use refund_rules::case::{Action, Site};
use refund_rules::quote::Channel;

use crate::support::{CHINA, Home, INTERNATIONAL};

/// Somebody else released the resource between the decision and the act.
#[tokio::test(flavor = "multi_thread")]
async fn a_resource_that_is_gone_is_not_handed_over() {
    let home = Home::synced(CHINA).await;
    let resource = home.renewed();
    let request = home.confirmed(&home.ask(&resource.id), Channel::Console);
    home.control().console_unsubscribe(home.uid(), &resource.id).unwrap();
    home.pass(TimeDelta::seconds(2));
    home.sync().await;
    let error = home.desk().hand_over(&request.id, &request.predicted.to_string()).unwrap_err();
    assert_eq!((error.code(), error.place()), ("facts_changed", Some("resource")));
    let after = home.desk().request(&request.id).unwrap();
    assert_eq!((after.state, after.instructions.len()), (RequestState::ReturnedToReview, 0));
    assert!(home.history().iter().all(|row| row.request.is_none()), "its refund was made elsewhere");
}

/// A pending renewal was cancelled elsewhere: the amount confirmed held one order more.
#[tokio::test(flavor = "multi_thread")]
async fn other_orders_than_confirmed_are_not_sent() {
    let home = Home::synced(CHINA).await;
    let resource = home.renewed();
    let request = home.confirmed_by_api(&resource);
    let stack = home.desk().renewals(None).unwrap().into_iter().find(|stack| stack.resource == resource.id).unwrap();
    home.control().console_cancel_renewals(home.uid(), &resource.id, stack.candidates[0].expires).unwrap();
    home.pass(TimeDelta::seconds(2));
    home.sync().await;
    let error = home.desk().send(&request.id).await.unwrap_err();
    assert_eq!(error.code(), "facts_changed");
    assert_eq!(home.desk().request(&request.id).unwrap().state, RequestState::ReturnedToReview);
    let open = home.resources().into_iter().find(|row| row.resource == resource.id);
    assert!(open.is_some(), "nothing was released");
}

/// Reported, and never done: no way out while it may have been, one when the cloud knows nothing of it; overdue in the end.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_done_can_be_withdrawn_when_the_cloud_says_so() {
    let home = Home::synced(CHINA).await;
    let resource = home.renewed();
    let request = home.handed_over(&home.ask(&resource.id));
    home.desk().report(&request.id, None).unwrap();
    let refused = |why: &str| {
        let error: DeskError = home.desk().withdraw(&request.id).unwrap_err();
        assert_eq!(error.code(), "may_have_acted", "{why}");
        assert!(!home.desk().request(&request.id).unwrap().moves.contains(&"withdraw".to_owned()), "{why}");
    };
    refused("nobody asked the cloud");
    home.pass(TimeDelta::minutes(30));
    home.sync().await;
    refused("half an hour is too soon");
    home.pass(TimeDelta::minutes(31));
    home.sync().await;
    assert!(home.desk().request(&request.id).unwrap().moves.contains(&"withdraw".to_owned()));

    // 30 business days are over well before ten weeks.
    home.pass(TimeDelta::weeks(10));
    home.sync().await;
    assert_eq!(home.desk().request(&request.id).unwrap().state, RequestState::Overdue);
    assert_eq!(home.desk().withdraw(&request.id).unwrap().state, RequestState::Withdrawn);
    home.desk().review(&home.ask(&resource.id)).unwrap();
}

/// Done after all: then it cannot be withdrawn, however late.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_cannot_be_withdrawn() {
    let home = Home::synced(CHINA).await;
    let resource = home.renewed();
    let request = home.handed_over(&home.ask(&resource.id));
    home.desk().report(&request.id, None).unwrap();
    home.control().console_unsubscribe(home.uid(), &resource.id).unwrap();
    home.pass(TimeDelta::hours(2));
    assert_eq!(home.desk().withdraw(&request.id).unwrap_err().code(), "may_have_acted");
    home.sync().await;
    assert_eq!(home.desk().request(&request.id).unwrap().state, RequestState::Observed);
    assert_eq!(home.desk().withdraw(&request.id).unwrap_err().code(), "illegal_move");
}

/// Who does what the text says must not release a running resource to cancel its renewals.
#[tokio::test(flavor = "multi_thread")]
async fn no_text_asks_to_unsubscribe_what_only_loses_its_renewals() {
    let home = Home::synced(INTERNATIONAL).await;
    let resource = home.renewed();
    let stack = home.desk().renewals(None).unwrap().into_iter().find(|stack| stack.resource == resource.id).unwrap();
    let candidate = &stack.candidates[0];
    let request = home.confirmed(&home.ask_renewals(&resource.id, candidate.expires), Channel::Console);
    let text = request.instructions.join("\n");
    assert!(text.contains("Unsubscribe from Renewal") && text.contains("Updated Expiration Time"), "{text}");
    assert!(!text.contains("Choose Unsubscribe Resource") && !text.contains("Please unsubscribe"), "{text}");
    home.desk().withdraw(&request.id).unwrap();

    let unsubscribe = home.confirmed(&home.ask(&resource.id), Channel::Console);
    assert!(unsubscribe.instructions.join("\n").contains("Choose Unsubscribe Resource"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_acts_are_reviewed() {
    let home = Home::synced(CHINA).await;
    let resource = home.renewed();
    for action in [Action::Convert, Action::Downgrade] {
        let ask = desk::views::Ask { action, ..home.ask(&resource.id) };
        let error = home.desk().review(&ask).unwrap_err();
        assert_eq!((error.code(), error.place()), ("not_an_act", Some("action")));
    }
}

/// Which rules hold was settled when the customer was connected.
#[tokio::test(flavor = "multi_thread")]
async fn a_connected_customer_keeps_its_site_and_currency() {
    let home = Home::synced(CHINA).await;
    let account = |site, currency: &str, partner| Account {
        uid: home.uid().to_owned(),
        name: "Renamed".to_owned(),
        site,
        currency: currency.to_owned(),
        partner,
        endpoint: "http://127.0.0.1:9".to_owned(),
        key_id: "id".to_owned(),
        key_secret: "secret".into(),
    };
    for (case, changed, code) in [
        ("another site", account(Site::International, "USD", false), "account_differs"),
        ("through a partner", account(Site::China, "CNY", true), "account_differs"),
        ("a site that does not settle in this currency", account(Site::International, "CNY", false), "bad_account"),
        ("a currency that is not of this site", account(Site::China, "USD", false), "bad_account"),
    ] {
        assert_eq!(home.desk().connect(&changed).unwrap_err().code(), code, "{case}");
    }
    home.desk().connect(&account(Site::China, "CNY", false)).unwrap();
    assert_eq!(home.desk().customers().unwrap()[0].name, "Renamed");
}
