//! A home that was restored from a backup: what it knows, what it says, and what it no longer does.

use std::sync::Arc;

use chrono::TimeDelta;
use desk::views::RequestState;
use desk::{Desk, Unlock};
use refund_rules::quote::Channel;

use crate::support::{Home, INTERNATIONAL, entries, kinds};

/// Confirmed, backed up, sent; then the machine is lost and the backup restored. What was confirmed is not sent a second time.
#[tokio::test(flavor = "multi_thread")]
async fn what_waited_in_a_backup_is_reviewed_again() {
    let home = Home::synced(INTERNATIONAL).await;
    let sent = home.confirmed(&home.ask(&home.renewed().id), Channel::Api);
    let folder = tempfile::tempdir().unwrap();
    let (copy, again) = (folder.path().join("backup"), folder.path().join("again"));
    let backup = home.desk().back_up(&copy, &[]).unwrap();
    assert_eq!(u32::try_from(backup.entries).unwrap(), home.journal_length());
    home.desk().send(&sent.id).await.unwrap();
    assert_eq!(home.wire.of("RefundInstance").len(), 1);

    let clock = Arc::clone(&home.clock);
    let (desk, restored) = Desk::restore(&copy, &again, Unlock::Nothing, &[], clock).unwrap();
    assert_eq!((restored.backup, restored.to_review), (backup, vec![sent.id.clone()]));
    let request = desk.request(&sent.id).unwrap();
    assert_eq!(request.state, RequestState::ReturnedToReview);
    assert_eq!(request.problem.as_ref().map(|problem| problem.code.as_str()), Some("restored"));
    // Whoever presses all the same is refused, before anything is called.
    assert_eq!(desk.send(&sent.id).await.unwrap_err().code(), "illegal_move");
    assert_eq!(home.wire.of("RefundInstance").len(), 1);
    desk.verify_journal().unwrap();
    let told = desk.journal(1000).unwrap();
    assert_eq!(told.iter().filter(|entry| entry.kind == "home_restored").count(), 1);
    drop(desk);
    assert!(kinds(&entries(&again, &sent.id)).ends_with(&["request_returned_to_review"]));
    // The home that was backed up goes on by itself.
    assert_eq!(home.request(&sent.id).state, RequestState::Accepted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_home_lists_what_the_first_one_does() {
    let home = Home::synced(INTERNATIONAL).await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("backup");
    home.desk().back_up(&copy, &[]).unwrap();
    let clock = Arc::clone(&home.clock);
    let (desk, restored) = Desk::restore(&copy, &folder.path().join("again"), Unlock::Nothing, &[], clock).unwrap();
    assert!(restored.to_review.is_empty());
    let listed = desk.resources(&crate::support::everything()).unwrap();
    assert!(!listed.rows.is_empty());
    assert_eq!(listed, home.desk().resources(&crate::support::everything()).unwrap());
    assert_eq!(desk.now(), home.desk().now() + TimeDelta::zero());
}
