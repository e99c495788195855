//! What the engine says when it cannot answer.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Why a case gets no quote: a stable code, the place, and what is wrong there. Serializes as the inner object of the case
/// format's `{"error": ...}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code} at {}: {message}", if path.is_empty() { "the document" } else { path })]
pub struct BadInput {
    /// `bad_input`, or `not_a_candidate` for an Updated Expiration Time that cannot be chosen.
    pub code: String,
    /// What is wrong and what would be right, in English.
    pub message: String,
    /// Where, as in `orders[0].end`; empty for the document as a whole.
    pub path: String,
    /// For `not_a_candidate`: the instants that can be chosen, in time order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<DateTime<Utc>>,
}

impl BadInput {
    pub(crate) fn at(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: "bad_input".to_owned(), message: message.into(), path: path.into(), candidates: Vec::new() }
    }

    pub(crate) fn not_a_candidate(asked: DateTime<Utc>, candidates: Vec<DateTime<Utc>>) -> Self {
        Self {
            code: "not_a_candidate".to_owned(),
            message: format!(
                "{} is no possible Updated Expiration Time; choose one of the candidates",
                crate::params::instant_text(asked)
            ),
            path: "ask.expires".to_owned(),
            candidates,
        }
    }
}
