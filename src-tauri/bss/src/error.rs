//! One error for every way a call can fail, whichever of the API's two failure shapes it came in.

use chrono::{DateTime, Utc};
use std::{fmt, time::Duration};

/// What kind of failure it was; decides what can be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Too many calls; the API may say how long to wait.
    Throttled { retry_after: Option<Duration> },
    /// The API understood and said no.
    Refused,
    /// The key may not call this operation.
    NotAuthorized,
    /// The key, its secret or its token is wrong, disabled or expired.
    Credentials,
    /// The signing clock is more than 15 minutes away from the API's.
    ClockSkew,
    /// No such operation or resource.
    NotFound,
    /// The account belongs to the other site.
    WrongSite,
    /// The API failed inside.
    Server,
    /// The connection could not be made or broke.
    Transport,
    /// No answer in time.
    Timeout,
    /// The answer is not one that this client can read.
    Malformed,
    /// The account's settings cannot be used; nothing was sent.
    Setup,
}

/// A failed call. Neither `Display` nor `Debug` ever shows the secret or the security token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BssError(Box<Failure>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub kind: Kind,
    /// The operation's name; for `Setup` the setting's.
    pub operation: &'static str,
    pub message: String,
    pub http_status: Option<u16>,
    pub service_code: Option<String>,
    pub request_id: Option<String>,
    pub server_date: Option<DateTime<Utc>>,
    pub may_have_acted: bool,
}

impl Failure {
    pub(crate) fn new(kind: Kind, operation: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            operation,
            message: message.into(),
            http_status: None,
            service_code: None,
            request_id: None,
            server_date: None,
            may_have_acted: false,
        }
    }
}

impl From<Failure> for BssError {
    fn from(failure: Failure) -> Self {
        Self(Box::new(failure))
    }
}

impl BssError {
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Our stable code, by kind; [`BssError::service_code`] is the API's own.
    pub fn code(&self) -> &'static str {
        match self.0.kind {
            Kind::Throttled { .. } => "bss_throttled",
            Kind::Refused => "bss_refused",
            Kind::NotAuthorized => "bss_not_authorized",
            Kind::Credentials => "bss_credentials",
            Kind::ClockSkew => "bss_clock_skew",
            Kind::NotFound => "bss_not_found",
            Kind::WrongSite => "bss_wrong_site",
            Kind::Server => "bss_server",
            Kind::Transport => "bss_transport",
            Kind::Timeout => "bss_timeout",
            Kind::Malformed => "bss_malformed",
            Kind::Setup => "bss_setup",
        }
    }

    /// The operation that was called; for [`Kind::Setup`] the setting that cannot be used.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// None when no answer arrived.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// The API's own code, such as `ExceedRefundQuotaError`.
    pub fn service_code(&self) -> Option<&str> {
        self.0.service_code.as_deref()
    }

    /// What Alibaba Cloud's support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The API's clock when it answered.
    pub fn server_date(&self) -> Option<DateTime<Utc>> {
        self.0.server_date
    }

    /// Whether the same call may succeed a little later without anybody changing anything. Says nothing about whether it is
    /// safe to repeat: see [`BssError::may_have_acted`].
    pub fn is_transient(&self) -> bool {
        match self.0.kind {
            Kind::Throttled { .. } | Kind::Server | Kind::Transport | Kind::Timeout => true,
            Kind::Refused => self.service_code() == Some("SignatureNonceUsed"),
            _ => false,
        }
    }

    /// Whether an acting call (`RefundInstance`) may have taken effect although it failed. True unless the API itself refused
    /// or the request never left; always false for reading calls. When true: look before anything is sent again.
    pub fn may_have_acted(&self) -> bool {
        self.0.may_have_acted
    }

    /// What to do next, for people.
    pub fn next(&self) -> &'static str {
        if self.may_have_acted() {
            return "It is not known whether this took effect. Look for a refund order and at the instance's state before anything \
                    is sent again; if it must be repeated, use the same client token and parameters.";
        }
        self.next_by_service_code().unwrap_or_else(|| self.next_by_kind())
    }

    fn next_by_service_code(&self) -> Option<&'static str> {
        Some(match self.service_code()? {
            "CommodityNotSupported" => {
                "Unsubscribe this product in the console, or ask for the product to be enabled with a ticket."
            }
            "ExistUnPaidOrderError" | "ExistUnpaidOrderError" => {
                "Pay or cancel the unpaid order of this resource, then try again."
            }
            "ExistRefundingOrderError" => {
                "The resource is expired, refunded, released or being refunded: synchronise and look at its refund orders."
            }
            "ExceedRefundQuotaError" => {
                "The number of refunds is used up: ask with a ticket whether an exception is possible."
            }
            "NoRestValueError" => {
                "Nothing would come back for this resource: release it in the console if it is no longer needed."
            }
            "BindMirrorInstanceError" => {
                "A paid image is attached: unsubscribe it in the console together with the instance."
            }
            "SignatureNonceUsed" => {
                "The same signed request arrived twice: try again, and look for a proxy that repeats requests."
            }
            _ => return None,
        })
    }

    fn next_by_kind(&self) -> &'static str {
        match self.0.kind {
            Kind::Throttled { .. } => {
                "Wait a little and try again; lower the share of the rate if other programs use this account."
            }
            Kind::Refused => {
                "Read the API's message; if it does not help, do it in the console and quote the request id in a ticket."
            }
            Kind::NotAuthorized => {
                "Grant the key's RAM user this operation (AliyunBSSReadOnlyAccess covers reading), or use the console."
            }
            Kind::Credentials => {
                "Check the AccessKey id, its secret and whether the key is enabled; a session token may have expired."
            }
            Kind::ClockSkew => "Set this computer's clock: it is more than 15 minutes away from Alibaba Cloud's.",
            Kind::NotFound => "Check the id; if it was right before, synchronise, since the resource may be gone.",
            Kind::WrongSite => {
                "Choose the customer's other site (China or international) and test the connection again."
            }
            Kind::Server => {
                "Alibaba Cloud failed inside: try again in a few minutes, and quote the request id if it goes on."
            }
            Kind::Transport => {
                "Check the network and the proxy; if a company inspects the traffic, its certificate must be among the system's trusted ones."
            }
            Kind::Timeout => "Try again; ask for fewer rows a page if it happens often.",
            Kind::Malformed => {
                "Something between here and the API may have answered in its place: check the endpoint and the proxy."
            }
            Kind::Setup => "Correct this setting of the customer's connection.",
        }
    }
}

impl fmt::Display for BssError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.0.operation, self.0.message)?;
        if let Some(code) = &self.0.service_code {
            write!(formatter, " ({code})")?;
        }
        if let Some(status) = self.0.http_status {
            write!(formatter, " [HTTP {status}]")?;
        }
        if let Some(id) = &self.0.request_id {
            write!(formatter, " [request id {id}]")?;
        }
        Ok(())
    }
}

impl std::error::Error for BssError {}
