//! A plan as hosts show it. Amounts are decimal strings on the wire, instants UTC.

use chrono::{DateTime, Utc};
use refund_rules::case::{Action, Kind};
use refund_rules::quote::{Channel, Destination, RefundType};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What a selection comes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct BatchPlan {
    pub at: DateTime<Utc>,
    /// Different resources that were selected.
    pub selected: u32,
    /// In the order in which they should go: what is lost first.
    pub batches: Vec<PlannedBatch>,
    /// What can be done, but one by one: full refunds, tickets, partners, and releases for nothing.
    pub singly: Vec<PlannedSingle>,
    /// What cannot be done now, and why.
    pub left_out: Vec<LeftOut>,
    /// Chances and quotas that several of the selection would use.
    pub chances: Vec<SharedChance>,
    /// What the batches give back, per currency.
    pub totals: Vec<PlannedTotal>,
    /// What is done singly gives back, per currency.
    pub singly_totals: Vec<PlannedTotal>,
}

/// A valid batch: one customer, one list of the console, one currency, at most [`BATCH_MAX`](super::BATCH_MAX) items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct PlannedBatch {
    /// From 1.
    pub number: u32,
    pub customer: String,
    pub customer_name: String,
    pub action: Action,
    /// Instances and plans stand on different lists of the console.
    pub kind: Kind,
    pub currency: String,
    pub refund: Decimal,
    pub refund_max: Decimal,
    /// Where the money goes, as far as it is certain to come back.
    pub destinations: Vec<Destination>,
    /// Refunds that the payment channels see when the batch is done within two minutes: those of one order to one place are
    /// merged (refund-rules section 12).
    pub channel_refunds: u32,
    /// What the items' next changes take together.
    pub at_risk: Decimal,
    /// When the first of them is lost.
    pub loses_at: Option<DateTime<Utc>>,
    /// The first of the items' quotes to run out.
    pub valid_until: Option<DateTime<Utc>>,
    pub items: Vec<PlannedItem>,
    /// The ids as the console's search takes them: comma separated.
    pub search: String,
}

/// One item of a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct PlannedItem {
    pub resource: String,
    pub product: String,
    /// The Updated Expiration Time, for renewals.
    pub expires: Option<DateTime<Utc>>,
    pub refund: Decimal,
    pub refund_max: Decimal,
    /// What the next change for the worse takes, and when.
    pub at_risk: Decimal,
    pub loses_at: Option<DateTime<Utc>>,
    /// Facts to settle before it can be confirmed.
    pub open_questions: Vec<String>,
}

/// A resource that is done by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct PlannedSingle {
    pub customer: String,
    pub resource: String,
    pub product: String,
    pub action: Action,
    pub expires: Option<DateTime<Utc>>,
    /// `full_refund`, `by_ticket`, `by_partner` or `release_for_nothing`.
    pub code: String,
    pub sentence: String,
    pub channel: Channel,
    pub refund_type: RefundType,
    pub currency: String,
    pub refund: Decimal,
    pub refund_max: Decimal,
    pub at_risk: Decimal,
    pub loses_at: Option<DateTime<Utc>>,
}

/// A resource of the selection that the plan does without.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct LeftOut {
    pub customer: String,
    pub resource: String,
    /// `duplicate`, `blocked`, `not_quoted`, `request_open`, `chance_taken` or `quota_exceeded`.
    pub code: String,
    pub sentence: String,
    /// Codes of blockers, the id of the open request, the resource that takes the chance, the problem's code.
    pub details: Vec<String>,
}

/// Which chance is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum SharedChanceKind {
    /// The full refund without reason: one per customer, product group and calendar year (refund-rules section 6).
    NoReason,
    /// The account's number of ECS unsubscriptions (refund-rules section 10).
    EcsQuota,
}

/// A chance that several of the selection would use, counted once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct SharedChance {
    pub kind: SharedChanceKind,
    pub customer: String,
    /// `None`: not known.
    pub left: Option<u32>,
    pub wanted: u32,
    pub given_to: Vec<String>,
    pub not_given: Vec<String>,
    pub sentence: String,
}

/// Sum in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct PlannedTotal {
    pub currency: String,
    pub resources: u32,
    pub refund: Decimal,
    pub refund_max: Decimal,
    pub destinations: Vec<Destination>,
}
