//! Faults to order: what the network and the cloud do wrong, for the calls that a rule is for.

mod rules;
mod script;

use serde::{Deserialize, Serialize};

use crate::wire::OPERATIONS;
use crate::world::refusal::Refusal;

pub(crate) use rules::{Faults, Met};
pub use script::{FaultScript, ScriptError};
pub(crate) use script::{from_file, from_json, from_toml, one_rule};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// The connection is reset before anything happened.
    DropBefore,
    /// The call takes effect, but the connection is reset before the answer.
    DropAfter,
    /// HTTP 500 `InternalError`, and nothing happened.
    ServerError,
    /// The call takes effect, but HTTP 500 `InternalError` is the answer.
    ServerErrorAfter,
    /// HTTP 503 `ServiceUnavailable`, and nothing happened.
    Unavailable,
    /// The call takes effect, but HTTP 503 `ServiceUnavailable` is the answer.
    UnavailableAfter,
    /// HTTP 400 `Throttling.User`, with `x-acs-retry-after` in milliseconds when above 0.
    Throttled {
        #[serde(default)]
        retry_after_ms: u64,
    },
    /// The answer comes late. It may be wrong besides: a second fault of the same call still holds.
    Latency { ms: u64 },
    /// The answer comes late by a time drawn from the seed, bounds included.
    LatencyBetween { from_ms: u64, to_ms: u64 },
    /// The call takes effect, but its answer breaks off in the middle of the body.
    Truncated,
    /// A page of HTML from a proxy instead of the cloud's answer; nothing happened.
    Html { status: u16 },
    /// The same, but the call has taken effect.
    HtmlAfter { status: u16 },
    /// A page after the first holds the rows of the page before it once more.
    PageRepeated,
    /// The rows have moved since the page before: so many new ones came in at the top, and rows at the end of the last page
    /// are told again. Negative: so many are gone, and as many are never told.
    PageShifted { rows: i32 },
    /// The amount of an inquiry or a refund is so many per cent of what it would be.
    AmountChanged { amount_percent: u32 },
    /// Somebody has unsubscribed the instance at the console just before the call.
    ReleasedMeanwhile,
}

impl Fault {
    /// Whether the fault is only that the answer comes late.
    pub(crate) fn is_late(self) -> bool {
        matches!(self, Self::Latency { .. } | Self::LatencyBetween { .. })
    }
}

/// A fault for the next `times` calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultOrder {
    /// Name of the operation; none: whichever comes next.
    #[serde(default)]
    pub operation: Option<String>,
    #[serde(default = "once")]
    pub times: u32,
    #[serde(flatten)]
    pub fault: Fault,
}

impl FaultOrder {
    /// Whether this fault can come at all: its operation is one of the API's, and it comes at least once.
    pub fn check(&self) -> Result<(), Refusal> {
        FaultRule::from(self.clone()).check()
    }
}

fn once() -> u32 {
    1
}

/// Which calls a fault is for. A rule counts every call that it fits, whether or not another rule's fault comes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FaultRule {
    #[serde(flatten)]
    pub fault: Fault,
    /// Name of the operation; none: every one.
    pub operation: Option<String>,
    /// Uid or AccessKey id of the account; none: every one.
    pub account: Option<String>,
    /// So many calls pass first.
    pub after: u32,
    /// So many calls have the fault; none: all that follow.
    pub times: Option<u32>,
    /// Of a hundred calls so many have it, drawn from the script's seed: the same calls in the same order have the same faults.
    pub percent: u32,
}

impl FaultRule {
    /// A rule for every call of every operation and account.
    pub fn always(fault: Fault) -> Self {
        Self { fault, operation: None, account: None, after: 0, times: None, percent: 100 }
    }

    /// Whether this fault can come at all.
    pub fn check(&self) -> Result<(), Refusal> {
        self.wrong().map_or(Ok(()), |(key, why)| Err(Refusal::BadInput(format!("{key}: {why}"))))
    }

    /// The key that is wrong, and why.
    fn wrong(&self) -> Option<(&'static str, String)> {
        let range = |key, value: u64, least: u64, most: u64| {
            let out = value < least || value > most;
            out.then(|| (key, format!("{value} is out of range; give {least} to {most}")))
        };
        if let Some(unknown) = self.operation.as_ref().filter(|name| !OPERATIONS.contains(&name.as_str())) {
            let known = OPERATIONS.join(", ");
            return Some(("operation", format!("{unknown} is no operation; the operations are {known}")));
        }
        if self.times == Some(0) {
            return Some(("times", "0 is out of range; give at least 1".to_owned()));
        }
        let own = match self.fault {
            Fault::Latency { ms } => range("ms", ms, 0, MOST_MS),
            Fault::LatencyBetween { from_ms, to_ms } if from_ms > to_ms => {
                Some(("from_ms", format!("{from_ms} is above to_ms, which is {to_ms}")))
            }
            Fault::LatencyBetween { to_ms, .. } => range("to_ms", to_ms, 0, MOST_MS),
            Fault::Html { status } | Fault::HtmlAfter { status } => range("status", u64::from(status), 200, 599),
            Fault::AmountChanged { amount_percent } => range("amount_percent", u64::from(amount_percent), 1, 200),
            Fault::PageShifted { rows } if rows == 0 || rows.unsigned_abs() > MOST_ROWS => {
                Some(("rows", format!("{rows} is out of range; give 1 to {MOST_ROWS}, or below 0")))
            }
            _ => None,
        };
        own.or_else(|| range("percent", u64::from(self.percent), 1, 100))
    }
}

/// Nobody waits longer for an answer.
const MOST_MS: u64 = 600_000;
/// More than the rows of a page never move.
const MOST_ROWS: u32 = 300;

impl From<FaultOrder> for FaultRule {
    fn from(order: FaultOrder) -> Self {
        Self { operation: order.operation, times: Some(order.times), ..Self::always(order.fault) }
    }
}
