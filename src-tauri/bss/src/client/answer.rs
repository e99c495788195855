//! What an answer means: data, or one of the two failure shapes, or something that did not come from the API.

use super::account::Account;
use crate::error::{BssError, Failure, Kind};
use crate::wire::{Record, RefundData, Refusal, Request};
use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use std::time::Duration;

/// What the client makes of an answer to an operation, from its status and body: for answers that were recorded or thought up.
///
/// # Errors
/// Those of the client's own calls from the moment an answer has arrived whole.
pub fn read_answer<R: Request>(account: &Account, status: u16, body: Vec<u8>) -> Result<R::Data, BssError> {
    let answer = Answer {
        operation: R::ACTION,
        acts: R::ACTS,
        whole: R::SERVICE.answers_whole(),
        status,
        server_date: None,
        retry_after: None,
        body,
    };
    answer.read::<R::Data>(account).map(|(data, _)| data)
}

/// A longer message from outside is cut: it is shown to people and kept in journals.
const MESSAGE_LIMIT: usize = 1000;

/// An answer that arrived whole.
pub(crate) struct Answer {
    pub operation: &'static str,
    /// Whether the operation changes anything.
    pub acts: bool,
    /// The data is the whole body, see [`crate::wire::Service::answers_whole`].
    pub whole: bool,
    pub status: u16,
    pub server_date: Option<DateTime<Utc>>,
    /// From `x-acs-retry-after`; marks throttling whatever the code says.
    pub retry_after: Option<Duration>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The data and the request id.
    pub(crate) fn read<D: Record>(&self, account: &Account) -> Result<(D, Option<String>), BssError> {
        let envelope = self.envelope(account);
        if !(200..300).contains(&self.status) {
            return Err(match envelope {
                Some(envelope) if envelope.code.is_some() => self.refused(account, &envelope),
                _ => self.foreign(),
            });
        }
        let Some(envelope) = envelope else { return Err(self.malformed("the body is not a JSON object", None)) };
        if !self.is_success(&envelope) {
            return Err(match envelope.code {
                Some(_) => self.refused(account, &envelope),
                None => self.malformed("the body has neither data nor an error code", envelope.request_id.clone()),
            });
        }
        let data = match data_of(&envelope) {
            _ if self.whole => serde_json::from_slice::<&RawValue>(&self.body)
                .map_err(|error| error.to_string())
                .and_then(|raw| D::read_record(raw).map_err(|problem| problem.to_string())),
            Some(json) => serde_json::from_str::<&RawValue>(json)
                .map_err(|error| error.to_string())
                .and_then(|raw| D::read_record(raw).map_err(|problem| format!("Data.{problem}"))),
            _ => Ok(D::default()),
        };
        let request_id = envelope.request_id;
        match data {
            Ok(data) => Ok((data, request_id)),
            Err(message) => Err(self.malformed(&presentable(account, &message), request_id)),
        }
    }

    /// Both shapes share these members; what is not among them, `Data` too, is kept as text.
    fn envelope(&self, account: &Account) -> Option<Refusal> {
        let raw = serde_json::from_slice::<&RawValue>(&self.body).ok()?;
        let mut envelope = Refusal::read_record(raw).ok()?;
        envelope.request_id = envelope.request_id.map(|id| account.redact(&id));
        Some(envelope)
    }

    fn is_success(&self, envelope: &Refusal) -> bool {
        envelope.success.unwrap_or_else(|| {
            // No verdict: data speaks for success unless an error code stands beside it.
            let no_error = envelope.code.as_deref().is_none_or(|code| code == "Success" || code == "200");
            no_error && (self.whole || data_of(envelope).is_some())
        })
    }

    /// The API said no, in either shape.
    fn refused(&self, account: &Account, envelope: &Refusal) -> BssError {
        let code = envelope.code.as_deref().unwrap_or_default();
        let message = envelope.message.as_deref().unwrap_or("the API gave no message");
        let kind = self.kind(code, message);
        // A server-side failure may come after the effect; a reused nonce says that a copy of this request arrived before.
        let definite = self.status < 500 && kind != Kind::Server && code != "SignatureNonceUsed";
        let contradiction = refund_order_in(envelope);
        Failure {
            http_status: Some(self.status),
            service_code: Some(account.redact(code)),
            request_id: envelope.request_id.clone(),
            server_date: self.server_date,
            may_have_acted: self.acts && (!definite || contradiction),
            ..Failure::new(kind, self.operation, presentable(account, message))
        }
        .into()
    }

    fn kind(&self, code: &str, message: &str) -> Kind {
        let failed = self.status >= 400;
        let any = |codes: &[&str]| codes.contains(&code);
        let begins = |starts: &[&str]| starts.iter().any(|start| code.starts_with(start));
        if code.contains("Throttling") || self.status == 429 || (failed && self.retry_after.is_some()) {
            return Kind::Throttled { retry_after: self.retry_after };
        }
        if code == "InvalidTimeStamp.Expired" {
            Kind::ClockSkew
        } else if begins(&["InvalidAccessKeyId", "InvalidSecurityToken", "MissingSecurityToken"])
            || any(&["SignatureDoesNotMatch", "IncompleteSignature"])
        {
            Kind::Credentials
        } else if any(&["NotAuthorized", "NoPermission"]) || begins(&["Forbidden"]) {
            Kind::NotAuthorized
        } else if code == "AuthSiteFail" || (code == "NotApplicable" && self.means_wrong_site(message)) {
            Kind::WrongSite
        } else if code == "ResourceNotExists" || code.ends_with(".NotFound") || begins(&["EntityNotExist"]) {
            Kind::NotFound
        } else if self.status >= 500 || any(&["InternalError", "UndefinedError", "ServiceUnavailable"]) {
            Kind::Server
        } else {
            Kind::Refused
        }
    }

    /// `NotApplicable` means the wrong site, or an operation that is not for this caller. Refund calls, relations and partners'
    /// orders are known to be refused to some callers, so there the message must speak of the site.
    fn means_wrong_site(&self, message: &str) -> bool {
        let for_some_only = self.operation.ends_with("RefundInstance")
            || ["QueryRelationList", "GetCustomerOrders"].contains(&self.operation);
        !for_some_only || message.to_ascii_lowercase().contains("site")
    }

    /// A failure status without the API's error body: a proxy, a load balancer or a broken gateway.
    fn foreign(&self) -> BssError {
        let (kind, message) = match self.status {
            429 => (Kind::Throttled { retry_after: self.retry_after }, "too many calls"),
            407 => (Kind::Transport, "the proxy asks for a login"),
            408 | 504 => (Kind::Timeout, "the answer says that it took too long"),
            500.. => (Kind::Server, "the answer is a server failure without the API's error body"),
            300..400 => (Kind::Malformed, "the answer is a redirect, which the API never sends"),
            _ => (Kind::Malformed, "the answer is a failure without the API's error body"),
        };
        self.unread(kind, message, None)
    }

    fn malformed(&self, message: &str, request_id: Option<String>) -> BssError {
        self.unread(Kind::Malformed, &format!("{message} ({} bytes)", self.body.len()), request_id)
    }

    /// An answer whose meaning is not known, so that an acting call may have taken effect.
    fn unread(&self, kind: Kind, message: &str, request_id: Option<String>) -> BssError {
        Failure {
            http_status: Some(self.status),
            request_id,
            server_date: self.server_date,
            may_have_acted: self.acts,
            ..Failure::new(kind, self.operation, message)
        }
        .into()
    }
}

/// Whether a refusal names a refund order all the same; a refused refund carries order id 0.
fn refund_order_in(refusal: &Refusal) -> bool {
    let data = data_of(refusal).and_then(|json| serde_json::from_str::<RefundData>(json).ok());
    data.and_then(|data| data.order_id).is_some_and(|id| id > 0)
}

/// The JSON text of `Data`, unless it is null or absent.
fn data_of(envelope: &Refusal) -> Option<&str> {
    let (_, json) = envelope.extra.iter().find(|(name, _)| name.eq_ignore_ascii_case("Data"))?;
    (json != "null").then_some(json)
}

/// A text from outside without our secrets and of bounded length.
fn presentable(account: &Account, text: &str) -> String {
    account.redact(text).chars().take(MESSAGE_LIMIT).collect()
}
