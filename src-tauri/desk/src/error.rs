//! One error for hosts: a stable code for programs, a place, and prose that says what to do next.

use std::fmt;

use crate::views::Problem;

/// What went wrong in a use case.
#[derive(Debug, Clone, PartialEq)]
pub struct DeskError {
    code: String,
    message: String,
    place: Option<String>,
    next: String,
    /// Details a program may use, e.g. the candidates of `not_a_candidate`.
    details: Vec<String>,
}

impl DeskError {
    /// An error of the desk's own.
    pub fn new(code: &str, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), place: None, next: next.into(), details: Vec::new() }
    }

    /// The same error, naming where it was found.
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// The same error with details for programs.
    pub fn with_details(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }

    /// Stable code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What happened, for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where it was found.
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// What to do next.
    pub fn next(&self) -> &str {
        &self.next
    }

    /// Details for programs.
    pub fn details(&self) -> &[String] {
        &self.details
    }

    /// As hosts show it.
    pub fn problem(&self) -> Problem {
        Problem {
            code: self.code.clone(),
            message: self.message.clone(),
            place: self.place.clone(),
            next: self.next.clone(),
        }
    }

    pub(crate) fn unknown_customer(id: &str) -> Self {
        Self::new(
            "unknown_customer",
            format!("there is no customer `{id}` in this home"),
            "choose one of the customers listed by `rdesk customer list`",
        )
        .at("customer")
    }

    pub(crate) fn unknown_resource(id: &str) -> Self {
        Self::new(
            "unknown_resource",
            format!("resource `{id}` is not in the cache"),
            "sync the customer, then look again; a released resource is only in the history",
        )
        .at("resource")
    }

    pub(crate) fn orders_unknown(resource: &str) -> Self {
        Self::new(
            "orders_unknown",
            format!("no order of `{resource}` is known"),
            "sync the customer; if it stays, its orders are older than what the cloud lists, and the console tells the amount",
        )
        .at("orders")
    }

    pub(crate) fn not_an_act(action: refund_rules::case::Action) -> Self {
        Self::new(
            "not_an_act",
            format!("`{action}` is a what-if, not something the desk does"),
            "ask for `unsubscribe` or `cancel_renewals`",
        )
        .at("action")
    }

    pub(crate) fn unknown_request(id: &str) -> Self {
        Self::new("unknown_request", format!("there is no request `{id}`"), "take the id from the list of requests")
            .at("request")
    }

    pub(crate) fn illegal_move(request: &str, state: &str, event: &str) -> Self {
        Self::new(
            "illegal_move",
            format!("request `{request}` is in state `{state}`; `{event}` cannot follow"),
            "look at the request again: it has moved on since it was shown",
        )
        .at("request")
    }

    pub(crate) fn quote_changed(request: &str) -> Self {
        Self::new(
            "quote_changed",
            format!("the quote confirmed for request `{request}` is not the one last shown"),
            "review the request again and confirm the amount that is shown then",
        )
        .at("quote_sha256")
    }

    pub(crate) fn frozen_differs(request: &str) -> Self {
        Self::new(
            "frozen_differs",
            format!("request `{request}` was sent with other parameters under the same token"),
            "do not send it; ask for the refund order and the state of the instance instead",
        )
        .at("client_token")
    }
}

impl fmt::Display for DeskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{} [{}] at {}; {}", self.message, self.code, place, self.next),
            None => write!(f, "{} [{}]; {}", self.message, self.code, self.next),
        }
    }
}

impl std::error::Error for DeskError {}

impl From<desk_store::StoreError> for DeskError {
    fn from(error: desk_store::StoreError) -> Self {
        let mapped = Self::new(error.code(), error.to_string(), error.next());
        match error.place() {
            Some(place) => mapped.at(place),
            None => mapped,
        }
    }
}
