//! Batches: up to fifty decisions made as one and carried out one by one. [`review`] prepares one from a selection that a plan finds
//! valid, [`confirm`] takes the one decision, [`floor`] divides what must come back at least, [`act`] sends or hands over, [`show`] tells how far it has come. Every item is a
//! request of its own with its own journal entries; the batch is journaled before them.

mod act;
mod confirm;
mod floor;
mod review;
mod show;
mod view;

use chrono::{DateTime, Utc};
use refund_rules::case::Action;
use refund_rules::quote::Channel;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::event::Floor;
use crate::error::DeskError;

pub(crate) use show::project;
pub use view::{
    BatchAnswers, BatchDecision, BatchItemView, BatchPick, BatchReview, BatchReviewItem, BatchView, RefusedItem,
    StateCount,
};

/// Kind of the journal entry of a batch; its subject is the batch's id.
pub(crate) const BATCH_CONFIRMED: &str = "batch_confirmed";

/// Body of a `batch_confirmed` entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchConfirmed {
    pub action: Action,
    pub channel: Channel,
    pub currency: String,
    /// The amount that was typed out: the sum of the items.
    pub total: Decimal,
    pub total_max: Decimal,
    pub reason: String,
    pub authorisation: Option<String>,
    /// In the order in which they go.
    pub items: Vec<BatchItem>,
}

/// One item as it was confirmed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchItem {
    pub request: String,
    pub resource: String,
    pub quote_sha256: String,
    pub refund: Decimal,
    pub refund_max: Decimal,
    /// Its part of the floor under the batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Floor>,
}

/// A batch as the journal left it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Batch {
    pub id: String,
    pub customer: String,
    pub confirmed: BatchConfirmed,
    pub confirmed_at: DateTime<Utc>,
}

fn unknown_batch(id: &str) -> DeskError {
    DeskError::new("unknown_batch", format!("there is no batch `{id}`"), "take the id from the list of batches")
        .at("batch")
}
