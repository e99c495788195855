//! Batches as hosts show them. Amounts are decimal strings on the wire, instants UTC.

use chrono::{DateTime, Utc};
use refund_rules::case::{Action, Kind};
use refund_rules::quote::Channel;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::super::event::Floor;
use crate::views::{FactAnswer, Problem, Question, RequestState, Sentence};

/// Everything to see before a batch is confirmed. Its items are requests in state `reviewed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct BatchReview {
    pub customer: String,
    pub customer_name: String,
    pub action: Action,
    pub kind: Kind,
    pub currency: String,
    pub items: Vec<BatchReviewItem>,
    /// Items of the selection whose answers forbid them: the batch goes without them.
    pub refused: Vec<RefusedItem>,
    /// Channels that every item can take, the usual one first.
    pub channels: Vec<Channel>,
    pub channel_notes: Vec<Sentence>,
    pub total: Decimal,
    pub total_max: Decimal,
    /// The total to type out, as it must be typed.
    pub type_total: String,
    /// Refunds that the payment channels see when all is done within two minutes.
    pub channel_refunds: u32,
    /// What happens with it and cannot be taken back, each once.
    pub consequences: Vec<Sentence>,
}

/// One item of a review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct BatchReviewItem {
    pub request: String,
    pub resource: String,
    pub product: String,
    pub expires: Option<DateTime<Utc>>,
    pub refund: Decimal,
    pub refund_max: Decimal,
    pub quote_sha256: String,
    pub questions: Vec<Question>,
}

/// An item that cannot be in the batch after all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct RefusedItem {
    pub resource: String,
    pub problem: Problem,
}

/// Answers to the questions of one item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct BatchAnswers {
    pub request: String,
    pub answers: Vec<FactAnswer>,
}

/// One decision about all items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct BatchDecision {
    pub items: Vec<BatchPick>,
    pub channel: Channel,
    /// "I have read the rules and confirmed the refund amount".
    pub amount_read: bool,
    /// "Data is backed up and migrated"; needed for unsubscriptions.
    pub data_backed_up: bool,
    pub reason: String,
    /// The customer's authorisation: who, when, reference.
    pub authorisation: Option<String>,
    /// The total amount typed out in the second dialog.
    pub total_typed: String,
}

/// An item with the hash of the quote that was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct BatchPick {
    pub request: String,
    pub quote_sha256: String,
}

/// A batch and how far it has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct BatchView {
    pub id: String,
    pub customer: String,
    pub customer_name: String,
    pub action: Action,
    pub channel: Channel,
    pub currency: String,
    /// As confirmed, over all items.
    pub total: Decimal,
    pub total_max: Decimal,
    pub reason: String,
    pub authorisation: Option<String>,
    pub confirmed_at: DateTime<Utc>,
    /// What must come back in all, and until when; `None`: what the quotes say.
    pub floor: Option<Floor>,
    pub items: Vec<BatchItemView>,
    /// Items per state, only those there are.
    pub counts: Vec<StateCount>,
    /// Items that were confirmed and are not sent or handed over.
    pub waiting: u32,
    /// Their sum, as the console shows it when they are done together.
    pub waiting_total: Decimal,
    pub waiting_total_max: Decimal,
    pub arrived: Decimal,
    /// Refunds that the payment channels see when all items are done within two minutes.
    pub channel_refunds: u32,
    /// Steps at the console for the items that wait.
    pub instructions: Vec<String>,
    /// What the manager can do now: `run`, `hand_over`, `report`, `withdraw`.
    pub moves: Vec<String>,
}

/// One item and how far it has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct BatchItemView {
    pub request: String,
    pub resource: String,
    pub state: RequestState,
    /// As confirmed with the batch.
    pub predicted: Decimal,
    pub predicted_max: Decimal,
    /// Its part of the batch's floor.
    pub floor: Option<Floor>,
    pub actual: Option<Decimal>,
    pub arrived: Decimal,
    pub refund_order: Option<String>,
    pub problem: Option<Problem>,
}

/// How many items are in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct StateCount {
    pub state: RequestState,
    pub count: u32,
}
