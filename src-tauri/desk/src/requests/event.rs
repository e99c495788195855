//! What can happen to a request. Every event is a journal entry before it is anything else; its kind and body are the same in
//! the journal and here, so replaying the journal rebuilds every request.

use chrono::{DateTime, NaiveDate, Utc};
use refund_rules::case::Action;
use refund_rules::quote::{Channel, Quote};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::views::{Problem, RefundPart};

/// One move of one request. The subject of its journal entry is the request's id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "snake_case")]
pub enum RequestEvent {
    /// A quote was made for a decision and shown.
    RequestReviewed(Box<Reviewed>),
    /// The manager decided; the quote is the one shown.
    RequestConfirmed(Confirmed),
    /// The price was asked again before acting and differs, or the quote ran out: the decision is void.
    RequestReturnedToReview(Returned),
    /// `RefundInstance` is about to be called with these parameters, and never with others under this token.
    RequestSending(Frozen),
    /// The API answered with a refund order.
    RequestAccepted { refund_order: String },
    /// The API refused, the call or already the inquiry before it; nothing was done.
    RequestRejected {
        problem: Problem,
        /// The API's own code, such as `NotApplicable`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service_code: Option<String>,
    },
    /// Nobody knows whether the call acted.
    RequestUnknown { problem: Problem },
    /// The manager was sent to the console, which shows this amount; a ticket or a partner shows none.
    RequestHandedOver { console_amount: Option<Decimal> },
    /// The manager says that it was done.
    RequestReported {
        refund_order: Option<String>,
        /// What the channel gave as proof besides: a ticket's number, the partner's reference.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        receipt: Option<String>,
    },
    /// A sync saw the refund orders.
    RequestObserved { refund_orders: Vec<String>, amount: Decimal },
    /// Some of the money was seen.
    RequestPartRefunded { arrived: Decimal, parts: Vec<RefundPart> },
    /// All of the money was seen.
    RequestRefunded { arrived: Decimal, parts: Vec<RefundPart> },
    /// The last day on which the money should have come has passed.
    RequestOverdue {},
    /// The manager says which refund order answers the request, where the rules of matching find none.
    RequestRefundChosen { refund_order: String },
    /// The manager took the request back: nothing was done.
    RequestWithdrawn {},
    /// The manager closes what ended otherwise than it was decided. Money of it that is seen later opens it again.
    RequestClosed(Closed),
    /// The quote's validity, or the floor, ended before anything was sent or handed over.
    RequestExpired { why: Problem },
    /// A sync saw renewals paid after the pending ones were cancelled: automatic renewal was still on. The state stays.
    RequestRenewalReturned { orders: Vec<String> },
}

/// Body of [`RequestEvent::RequestReviewed`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reviewed {
    pub resource: String,
    pub product: String,
    /// The wire's product type, sent unchanged should the API be used; usually empty.
    pub product_type: String,
    /// True for a subscription instance, the only thing `RefundInstance` may release.
    pub instance: bool,
    pub action: Action,
    pub expires: Option<DateTime<Utc>>,
    pub currency: String,
    /// Sealed: its `sha256` is filled.
    pub quote: Quote,
}

/// Body of [`RequestEvent::RequestConfirmed`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Confirmed {
    pub channel: Channel,
    pub quote_sha256: String,
    pub refund: Decimal,
    pub refund_max: Decimal,
    pub reason: String,
    /// Reference of the customer's authorisation (a ticket or mail number).
    pub authorisation: Option<String>,
    pub arrives_by: Option<NaiveDate>,
    /// Given: the decision outlasts its quote within these bounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Floor>,
    /// The batch that it was confirmed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
}

/// "Send while at least X until T": within it a decision holds although its quote has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Floor {
    /// In the quote's currency.
    pub at_least: Decimal,
    /// From this instant on nothing is sent.
    pub until: DateTime<Utc>,
}

/// How a request ended that no refund of its own brings to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Another desk, or the customer, unsubscribed the whole resource; what came back came of that.
    UnsubscribedElsewhere,
    /// The channel settled it in another way: another amount, a credit, or nothing where nothing was due.
    SettledOtherwise,
    /// What has not come is not waited for any longer.
    NotComing,
}

impl Ending {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::UnsubscribedElsewhere, Self::SettledOtherwise, Self::NotComing];

    /// The word of documents, screens and the terminal.
    pub const fn word(self) -> &'static str {
        match self {
            Self::UnsubscribedElsewhere => "unsubscribed_elsewhere",
            Self::SettledOtherwise => "settled_otherwise",
            Self::NotComing => "not_coming",
        }
    }

    /// The ending of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ending| ending.word() == word)
    }
}

/// Body of [`RequestEvent::RequestClosed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Closed {
    pub ending: Ending,
    /// What the manager says of it; may be empty where the resource was unsubscribed elsewhere.
    pub note: String,
    /// What was to come: the word of the cloud just before the act, or else the nearest that the quote promised.
    pub expected: Decimal,
    /// What came, as far as it is the request's own.
    pub arrived: Decimal,
    /// What came less what was to come.
    pub difference: Decimal,
    /// Refund orders seen for the resource that answer no request: what came of the other act.
    pub elsewhere: Vec<String>,
}

/// Body of [`RequestEvent::RequestReturnedToReview`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Returned {
    pub confirmed: Decimal,
    pub confirmed_max: Decimal,
    /// What the cloud, the console or a new quote says now.
    pub now: Decimal,
    pub why: Problem,
}

/// Business parameters of one `RefundInstance` call, frozen together with their token. Only
/// [`ConfirmedUnsubscribe::freeze`](super::record::ConfirmedUnsubscribe::freeze) makes one, or the journal gives it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    pub(crate) client_token: String,
    pub(super) product_code: String,
    pub(super) product_type: String,
    pub(super) instance_id: String,
    /// `1`: release at once.
    pub(super) immediately_release: String,
    /// What the inquiry said just before.
    pub(super) inquired: Decimal,
}

impl RequestEvent {
    /// Kind and body of the journal entry.
    pub fn to_entry(&self) -> Result<(String, serde_json::Value), crate::error::DeskError> {
        let mut value = serde_json::to_value(self).map_err(|why| {
            crate::error::DeskError::new(
                "journal_unreadable",
                format!("an event cannot be written: {why}"),
                "report this: it is a fault of the desk",
            )
        })?;
        let body = value.get_mut("body").map_or_else(|| serde_json::json!({}), serde_json::Value::take);
        let kind = value.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        Ok((kind, body))
    }

    /// Reads a journal entry back.
    pub fn from_entry(kind: &str, body: &serde_json::Value) -> Result<Self, serde_json::Error> {
        serde_json::from_value(serde_json::json!({"kind": kind, "body": body}))
    }
}
