//! Why the cloud does not do what it is asked, in the console's words and in the billing API's.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

/// A refusal. Nothing was changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("no account has the uid {0}")]
    UnknownAccount(String),
    #[error("the account has no resource {0}")]
    UnknownResource(String),
    #[error("the resource {0} was released before")]
    Gone(String),
    /// Codes of the rules' blockers, all that hold.
    #[error("the resource cannot be unsubscribed now: {}", .0.join(", "))]
    Blocked(Vec<String>),
    #[error("this product is returned by ticket only")]
    TicketOnly,
    #[error("this operation does not return resource plans or pay-as-you-go resources; use the console")]
    NotByApi,
    #[error("{message}")]
    NotACandidate { message: String, candidates: Vec<DateTime<Utc>> },
    #[error("{0}")]
    BadInput(String),
}

/// How the billing API tells a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// HTTP 400 with the gateway's error body.
    Status400,
    /// HTTP 500: the sandbox's own facts did not hold together.
    Status500,
    /// HTTP 200 with `Success: false` and an order id of 0.
    NotSuccess,
}

impl Refusal {
    /// Stable word for the console's door; the first blocker's code where blockers hold. That nothing comes back is mostly
    /// what follows from another blocker, so it is named only when it stands alone.
    pub fn code(&self) -> &str {
        match self {
            Self::UnknownAccount(_) => "unknown_account",
            Self::UnknownResource(_) => "unknown_resource",
            Self::Gone(_) => "released",
            Self::Blocked(codes) => {
                let telling = codes.iter().find(|code| *code != "refund_is_zero").or(codes.first());
                telling.map_or("blocked", String::as_str)
            }
            Self::TicketOnly => "ticket_only",
            Self::NotByApi => "not_by_api",
            Self::NotACandidate { .. } => "not_a_candidate",
            Self::BadInput(_) => "bad_input",
        }
    }

    /// The documented code of the billing API, and in which of the two shapes it is told.
    pub fn api(&self) -> (&'static str, Shape) {
        match self {
            Self::UnknownAccount(_) | Self::UnknownResource(_) => ("ResourceNotExists", Shape::NotSuccess),
            Self::Gone(_) => ("ExistRefundingOrderError", Shape::Status400),
            Self::TicketOnly | Self::NotByApi => ("CommodityNotSupported", Shape::NotSuccess),
            Self::NotACandidate { .. } => ("InvalidParameter", Shape::Status400),
            // The API passes no ask of its own on, so the fault is on this side.
            Self::BadInput(_) => ("InternalError", Shape::Status500),
            Self::Blocked(codes) => blocker_code(codes),
        }
    }
}

/// Of several blockers the one is told that stands first in this table.
const BLOCKER_CODES: &[(&str, &str, Shape)] = &[
    ("pay_as_you_go", "CommodityNotSupported", Shape::NotSuccess),
    ("product_unsupported", "CommodityNotSupported", Shape::NotSuccess),
    ("released", "ExistRefundingOrderError", Shape::Status400),
    ("expired", "ExistRefundingOrderError", Shape::Status400),
    ("status_overdue", "ResourceStatusError", Shape::Status400),
    ("status_security_locked", "ResourceStatusError", Shape::Status400),
    ("status_changing", "ResourceStatusError", Shape::Status400),
    ("security_risk", "ResourceStatusError", Shape::Status400),
    ("unpaid_order", "ExistUnPaidOrderError", Shape::Status400),
    ("paid_marketplace_image", "BindMirrorInstanceError", Shape::Status400),
    ("promotion_nonrefundable", "ActivityForbiddenError", Shape::Status400),
    ("ecs_quota_exhausted", "ExceedRefundQuotaError", Shape::Status400),
    ("refund_is_zero", "NoRestValueError", Shape::Status400),
];

fn blocker_code(codes: &[String]) -> (&'static str, Shape) {
    BLOCKER_CODES
        .iter()
        .find(|(blocker, ..)| codes.iter().any(|code| code == blocker))
        .map_or(("ProductCheckError", Shape::Status400), |(_, code, shape)| (code, *shape))
}

impl Serialize for Refusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Told<'a> {
            code: &'a str,
            message: String,
            blockers: &'a [String],
            candidates: &'a [DateTime<Utc>],
        }
        let blockers: &[String] = if let Self::Blocked(codes) = self { codes } else { &[] };
        let candidates: &[_] = if let Self::NotACandidate { candidates, .. } = self { candidates } else { &[] };
        Told { code: self.code(), message: self.to_string(), blockers, candidates }.serialize(serializer)
    }
}
