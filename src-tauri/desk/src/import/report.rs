//! What an import tells: the same document for the preview and for what was done.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::columns::MappedColumn;
use super::refusal::Reason;

/// Refused lines that are told one by one; all of them are counted.
pub(super) const TOLD_MAX: usize = 1000;

/// What a file holds for a customer, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct ImportReport {
    pub customer: String,
    /// Name of the file, without its folder.
    pub file: String,
    /// Of its bytes, lower hex.
    pub sha256: String,
    /// True for a preview: nothing was kept.
    pub dry_run: bool,
    /// `orders`, `bill`, `bill_v2` or `unknown`.
    pub kind: String,
    pub encoding: String,
    /// `,`, `;` or a tab.
    pub delimiter: String,
    /// The zone that times without an offset are read in, e.g. `+08:00`.
    pub zone: String,
    /// The date of the file: how old its facts are.
    pub dated: DateTime<Utc>,
    pub mapping: Vec<MappedColumn>,
    /// Headers that nothing is read from.
    pub unmapped: Vec<String>,
    /// Fields without which no row can be read; alternatives are joined by `|`.
    pub missing: Vec<String>,
    pub counts: ImportCounts,
    /// The first thousand refused lines.
    pub refused: Vec<RefusedRow>,
    /// Paid orders of which this file tells no service period: they count when a bill tells it, or `orders[ID].start` and `.end` are
    /// entered. At most a thousand.
    pub without_period: Vec<String>,
    /// Names of products without a known code: their resources show no certain amount.
    pub unknown_products: Vec<String>,
    /// Requests that moved by refund orders in the file.
    pub moved: Vec<String>,
}

/// Rows by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct ImportCounts {
    /// Rows of the file, blank lines left out.
    pub rows: u32,
    pub new: u32,
    /// Also lines of its orders that an order export no longer lists.
    pub changed: u32,
    pub same: u32,
    /// Of orders that the billing API gave: its word stands.
    pub by_api: u32,
    /// No orders of subscriptions: use by the hour, adjustments.
    pub ignored: u32,
    pub refused: u32,
}

/// A line that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct RefusedRow {
    /// The line it begins at, from 1.
    pub line: u32,
    /// The field, as `--map` names it; empty for the whole line.
    pub field: String,
    /// Stable code.
    pub code: String,
    /// Names the sentence; begins with the code.
    pub reason: String,
    /// What the sentence speaks of, by name.
    pub params: BTreeMap<String, String>,
    /// The sentence in English.
    pub text: String,
}

impl RefusedRow {
    pub(super) fn of(line: u32, field: &str, reason: &Reason) -> Self {
        Self {
            line,
            field: field.to_owned(),
            code: reason.code().to_owned(),
            reason: reason.id().to_owned(),
            params: reason.params(),
            text: reason.sentence(),
        }
    }

    pub(super) fn whole(line: u32, reason: &Reason) -> Self {
        Self::of(line, "", reason)
    }
}
