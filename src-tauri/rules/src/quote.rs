//! The engine's full answer (case format, output half). Amounts are decimals at the currency's minor unit, instants are UTC,
//! explanations are message ids with parameters so that the document does not depend on a language.

#[cfg(feature = "bindings")]
use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use compact_str::CompactString;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use crate::case::Method;
pub use crate::params::{Param, Params};
use crate::words::words;

/// One quote: one resource, one ask, one instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Quote {
    pub resource: String,
    pub at: DateTime<Utc>,
    /// The quote says the same until this instant; `None` when nothing will change it any more.
    pub valid_until: Option<DateTime<Utc>>,
    /// `None` with orders in several currencies.
    pub currency: Option<String>,
    pub eligible: bool,
    pub refund_type: RefundType,
    pub batchable: bool,
    pub releasable: bool,
    pub refund: Decimal,
    pub refund_max: Decimal,
    /// What it would be without the blockers; `None` with orders in several currencies.
    pub would_be: Option<Decimal>,
    pub would_be_max: Option<Decimal>,
    pub exact: bool,
    pub lines: Vec<Line>,
    pub destinations: Vec<Destination>,
    pub blockers: Vec<Blocker>,
    pub why_not: Vec<WhyNot>,
    /// Ids of the readings this quote rests on.
    pub readings: Vec<String>,
    /// Paths of facts that are unknown and matter.
    pub unknowns: Vec<String>,
    pub channel: Channel,
    /// Number of refunds the payment channels will see.
    pub channel_refunds: u32,
    pub processed_by: Option<NaiveDate>,
    pub arrives_by: Option<NaiveDate>,
    /// Empty where nothing can be done.
    pub consequences: Vec<Consequence>,
    /// Gifts of promotions that are lost.
    pub forfeits: Vec<String>,
    pub confirmations: Vec<Confirmation>,
    /// Possible Updated Expiration Times (only for `cancel_renewals`).
    pub candidates: Vec<DateTime<Utc>>,
    pub next_changes: Vec<Change>,
    pub policy: PolicyRef,
    /// Hash over the canonical JSON without this field; filled when stored, shown for confirmation or asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// One order's part of a quote: a quote line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Line {
    pub order: String,
    pub state: LineState,
    pub cash: Decimal,
    pub consumed: Decimal,
    pub refund: Decimal,
    pub refund_max: Decimal,
    pub steps: Vec<Step>,
}

/// One step of the computation: which rule, what it says, the numbers put in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Step {
    /// Id of the rule in the policy pack.
    #[cfg_attr(feature = "bindings", specta(type = String))]
    pub rule: CompactString,
    /// Message id.
    #[cfg_attr(feature = "bindings", specta(type = String))]
    pub id: CompactString,
    #[cfg_attr(feature = "bindings", specta(type = BTreeMap<String, Param>))]
    pub params: Params,
}

/// Part of the refund that goes to one place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Destination {
    /// A payment method, or `unknown`.
    #[cfg_attr(feature = "bindings", specta(type = String))]
    pub to: CompactString,
    pub amount: Decimal,
    /// Until when it goes there; after that, to the balance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// Why the resource cannot be unsubscribed now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Blocker {
    #[cfg_attr(feature = "bindings", specta(type = String))]
    pub code: CompactString,
    #[cfg_attr(feature = "bindings", specta(type = String))]
    pub rule: CompactString,
    #[cfg_attr(feature = "bindings", specta(type = BTreeMap<String, Param>))]
    pub params: Params,
}

/// A refund type not reached, and the first condition that failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct WhyNot {
    pub refund_type: RefundType,
    #[cfg_attr(feature = "bindings", specta(type = String))]
    pub rule: CompactString,
    #[cfg_attr(feature = "bindings", specta(type = String))]
    pub condition: CompactString,
    #[cfg_attr(feature = "bindings", specta(type = BTreeMap<String, Param>))]
    pub params: Params,
}

/// Something that happens with the unsubscription and cannot be taken back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Consequence {
    #[cfg_attr(feature = "bindings", specta(type = String))]
    pub id: CompactString,
    #[cfg_attr(feature = "bindings", specta(type = BTreeMap<String, Param>))]
    pub params: Params,
}

/// A future instant at which the quote changes by a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Change {
    pub at: DateTime<Utc>,
    pub what: What,
    #[cfg_attr(feature = "bindings", specta(type = String))]
    pub before: CompactString,
    #[cfg_attr(feature = "bindings", specta(type = String))]
    pub after: CompactString,
}

/// The policy pack a quote was made with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct PolicyRef {
    pub id: String,
    pub version: String,
}

words! {
    /// Refund type, as the console names them.
    RefundType {
        Nonrefundable = "nonrefundable", Automatic = "automatic", Unactivated = "unactivated", FullUnused = "full_unused",
        FullNoReason = "full_no_reason", Partial = "partial", Renewal = "renewal", Downgrade = "downgrade", Convert = "convert",
    }
}
words! {
    /// State of an order at the asked instant.
    LineState { Pending = "pending", InEffect = "in_effect", Finished = "finished" }
}
words! {
    /// What of a quote changes.
    What {
        Amount = "amount", AmountMax = "amount_max", Type = "type", Destination = "destination",
        Eligibility = "eligibility", Policy = "policy",
    }
}
words! {
    /// Who carries the unsubscription out. (The window's own runtime has a `Channel` already.)
    #[serde(rename = "RequestChannel")]
    Channel { Console = "console", Ticket = "ticket", Api = "api", Partner = "partner" }
}
words! {
    /// What the manager confirms before acting.
    Confirmation { Amount = "amount", Backup = "backup" }
}
