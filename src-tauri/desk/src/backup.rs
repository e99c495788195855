//! Copies of a home, and homes made of copies. A restored home is the desk of an earlier day: what was decided then and waits may
//! have been carried out since, so every such decision goes back to review.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use desk_store::{Access, Backup, Store, Unlock};
use serde::Serialize;
use serde_json::json;

use crate::ambient::Ambient;
use crate::error::DeskError;
use crate::home::Desk;
use crate::projection::{self, Note, Scribe};
use crate::requests::{Record, RequestEvent, state_name};
use crate::views::RequestState;

/// The kind of the entry that says so in the journal.
const RESTORED: &str = "home_restored";

/// A home that was made of a backup.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Restored {
    pub backup: Backup,
    /// Requests that were confirmed and waited; they are to be reviewed anew.
    pub to_review: Vec<String>,
}

/// Refuses a folder that holds no backup, before anybody is asked for its key.
pub fn expect_backup(dir: &Path) -> Result<(), DeskError> {
    Ok(Store::expect_backup(dir)?)
}

/// What the backup in a folder says of itself, before anybody is asked for its key.
pub fn backup_at(dir: &Path, beside: &[&str]) -> Result<Backup, DeskError> {
    Ok(Store::backup_at(dir, beside)?)
}

impl Desk {
    /// Copies the home into a folder that is empty or not there yet; reads the copy through before it is told of. `beside` names
    /// files of the host's own in the home.
    pub fn back_up(&self, to: &Path, beside: &[&str]) -> Result<Backup, DeskError> {
        // When it was made is a matter of the machine, also in a sandbox home.
        Ok(self.store.back_up(to, self.ambient.wall(), beside)?)
    }

    /// Makes a home of a backup in a folder that is empty or not there yet, and opens it. The journal says that it was restored.
    pub fn restore(
        from: &Path,
        to: &Path,
        unlock: Unlock,
        beside: &[&str],
        ambient: Arc<dyn Ambient>,
    ) -> Result<(Self, Restored), DeskError> {
        let (store, backup) = Store::restore(from, to, &unlock, beside)?;
        drop(store);
        let desk = Self::open(to, unlock, Access::ReadWrite, ambient)?;
        let to_review = desk.mark_restored(&backup)?;
        Ok((desk, Restored { backup, to_review }))
    }

    /// The entry first; then each decision that waits is void.
    fn mark_restored(&self, backup: &Backup) -> Result<Vec<String>, DeskError> {
        let body = json!({
            "backup_made_at": backup.made_at,
            "backup_entries": backup.entries,
            "backup_head": backup.head,
        });
        let made_at = backup.made_at;
        self.write(move |tx, scribe| {
            scribe.enter(tx, Note { kind: RESTORED, customer: None, subject: None, body })?;
            let confirmed = state_name(RequestState::Confirmed);
            let open = tx.requests().list_open()?;
            let mut to_review = Vec::new();
            for row in open.iter().filter(|row| row.state == confirmed) {
                let record = projection::record_of(row)?;
                return_to_review(tx, scribe, &record, made_at)?;
                to_review.push(record.id);
            }
            Ok(to_review)
        })
    }
}

fn return_to_review(
    tx: &mut desk_store::Write<'_>,
    scribe: &Scribe,
    record: &Record,
    made_at: DateTime<Utc>,
) -> Result<(), DeskError> {
    let why = DeskError::new(
        "restored",
        format!("the decision is from a backup of {}", made_at.format("%Y-%m-%d %H:%M:%SZ")),
        "sync the customer: it may have been carried out since; then review it again",
    );
    let quote = record.quote();
    let returned = RequestEvent::RequestReturnedToReview(crate::requests::Returned {
        confirmed: quote.refund,
        confirmed_max: quote.refund_max,
        now: quote.refund,
        why: why.problem(),
    });
    scribe.move_request(tx, &record.id, &record.customer, &returned).map(drop)
}
