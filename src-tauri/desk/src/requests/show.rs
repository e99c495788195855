//! Requests as hosts show them: state, moves, instructions, trail.

use desk_store::Entry;
use refund_rules::case::Action;
use refund_rules::quote::{Channel, Quote};

use super::record::Record;
use super::{RequestEvent, console};
use crate::day;
use crate::error::DeskError;
use crate::home::Desk;
use crate::projection;
use crate::tell::amount as money;
use crate::views::{RequestState, RequestView, TrailEntry};

impl Desk {
    /// All requests, or a customer's, newest first.
    pub fn requests(&self, customer: Option<&str>) -> Result<Vec<RequestView>, DeskError> {
        let rows = self.store.read(|r| match customer {
            Some(id) => r.requests().of_customer(id),
            None => r.requests().list(),
        })?;
        rows.iter().map(|row| self.show(&projection::record_of(row)?)).collect()
    }

    /// One request with its trail.
    pub fn request(&self, id: &str) -> Result<RequestView, DeskError> {
        let record = self.record(id)?;
        self.show(&record)
    }

    pub(crate) fn show(&self, record: &Record) -> Result<RequestView, DeskError> {
        let (connection, entries) = self.store.read(|r| {
            Ok::<_, DeskError>((r.connections().get(&record.customer)?, r.journal().of_subject(&record.id)?))
        })?;
        let quote = record.quote();
        Ok(RequestView {
            id: record.id.clone(),
            customer: record.customer.clone(),
            customer_name: connection.map(|c| c.name).filter(|name| !name.is_empty()).unwrap_or_else(|| record.customer.clone()),
            resource: record.reviewed.resource.clone(),
            product: record.reviewed.product.clone(),
            action: record.reviewed.action,
            expires: record.reviewed.expires,
            state: record.state,
            channel: record.channel,
            currency: record.reviewed.currency.clone(),
            predicted: quote.refund,
            predicted_max: quote.refund_max,
            actual: record.actual,
            arrived: record.arrived,
            reason: record.reason.clone(),
            refund_order: (!record.refund_orders.is_empty()).then(|| record.refund_orders.join(", ")),
            created_at: record.created_at,
            updated_at: record.updated_at,
            arrives_by: record.arrives_by.or(quote.arrives_by),
            quote_sha256: quote.sha256.clone(),
            problem: record.problem.clone(),
            moves: self.moves(record),
            instructions: instructions(record),
            trail: entries.iter().map(trail).collect(),
        })
    }

    fn moves(&self, record: &Record) -> Vec<String> {
        use RequestState::*;
        let by_api = record.channel == Some(Channel::Api);
        let moves: &[&str] = match record.state {
            Draft | ReturnedToReview => &["review_again", "withdraw"],
            Reviewed => &["confirm", "review_again", "withdraw"],
            Confirmed if by_api => &["send", "withdraw"],
            Confirmed => &["hand_over", "withdraw"],
            HandedOver => &["report", "ask_again", "withdraw"],
            Unknown if self.may_send_again(record) => &["ask_again", "send"],
            Unknown | Accepted | Reported | Observed | PartRefunded | Overdue => &["ask_again"],
            Sending | Refunded | Rejected | Expired | Withdrawn => &[],
        };
        moves.iter().map(|&m| m.to_owned()).collect()
    }
}

/// The amount of a quote as it is to be typed.
pub(super) fn to_type(quote: &Quote) -> String {
    quote.refund.to_string()
}

/// What the person does, with the ids to copy, in the console's own words.
fn instructions(record: &Record) -> Vec<String> {
    if !matches!(record.state, RequestState::Confirmed | RequestState::HandedOver) {
        return Vec::new();
    }
    let quote = record.quote();
    let id = &record.reviewed.resource;
    let amount = format!("{} {}", console::range(quote.refund, quote.refund_max), record.reviewed.currency);
    match (record.channel, record.reviewed.action) {
        (Some(Channel::Console), Action::CancelRenewals) => vec![
            "Open Expenses and Costs, then Subscription Orders, then Resource Unsubscription.".to_owned(),
            format!("On the tab Unsubscribe Renewal That Does Not Take Effect, search for the instance id {id}."),
            format!(
                "Choose Unsubscribe from Renewal and set the Updated Expiration Time to {}.",
                record.reviewed.expires.map(day::shown).unwrap_or_default()
            ),
            format!("Compare the amount that the console shows with {amount}, and type it here before the last click."),
            "Tick the box that the rules were read and the amount confirmed, choose Unsubscribe, then OK.".to_owned(),
        ],
        (Some(Channel::Console), _) => vec![
            "Open Expenses and Costs, then Subscription Orders, then Resource Unsubscription.".to_owned(),
            format!(
                "On the tab Unsubscribe Resource, under {}, search for the instance id {id}.",
                if record.reviewed.instance { "Regular Cloud Resource" } else { "Resource Plans" }
            ),
            "Choose Unsubscribe Resource in the row's Actions.".to_owned(),
            format!("Compare the amount that the console shows with {amount}, and type it here before the last click."),
            "Tick both boxes, choose Unsubscribe, give the reason, then OK.".to_owned(),
        ],
        (Some(Channel::Ticket), _) => vec![
            "Submit a ticket to Alibaba Cloud with this text:".to_owned(),
            format!(
                "Please unsubscribe {} {id} of account {}. Expected refund: {amount}. Reason: {}.",
                record.reviewed.product,
                record.customer,
                record.reason.as_deref().unwrap_or("-")
            ),
        ],
        (Some(Channel::Partner), _) => vec![
            "Send this text to the partner that the account buys through:".to_owned(),
            format!(
                "Please unsubscribe {} {id} of account {}. Expected refund: {amount}. Reason: {}.",
                record.reviewed.product,
                record.customer,
                record.reason.as_deref().unwrap_or("-")
            ),
        ],
        (Some(Channel::Api) | None, _) => Vec::new(),
    }
}

fn trail(entry: &Entry) -> TrailEntry {
    let text = RequestEvent::from_entry(&entry.kind, &entry.body).map_or_else(|_| entry.kind.clone(), |event| told(&event));
    TrailEntry { at: entry.at, kind: entry.kind.clone(), text }
}

/// One event in a sentence.
fn told(event: &RequestEvent) -> String {
    match event {
        RequestEvent::RequestReviewed(r) => {
            format!("Reviewed: {} {}", console::range(r.quote.refund, r.quote.refund_max), r.currency)
        }
        RequestEvent::RequestConfirmed(c) => format!("Confirmed by {} for {}: {}", c.channel, console::range(c.refund, c.refund_max), c.reason),
        RequestEvent::RequestReturnedToReview(r) => {
            format!("Back to review: {} was confirmed, now it is {}", console::range(r.confirmed, r.confirmed_max), money(r.now))
        }
        RequestEvent::RequestSending(f) => format!("Sending with token {}; the cloud gives {}", f.client_token, money(f.inquired)),
        RequestEvent::RequestAccepted { refund_order } => format!("Accepted as refund order {refund_order}"),
        RequestEvent::RequestRejected { problem } => format!("Refused: {}", problem.message),
        RequestEvent::RequestUnknown { problem } => format!("Not known whether it acted: {}", problem.message),
        RequestEvent::RequestHandedOver { console_amount } => format!("Handed over; the console shows {}", money(*console_amount)),
        RequestEvent::RequestReported { refund_order: Some(id) } => format!("Reported as done: refund order {id}"),
        RequestEvent::RequestReported { refund_order: None } => "Reported as done; the next sync finds the refund order".to_owned(),
        RequestEvent::RequestObserved { refund_orders, amount } => format!("Seen in the cloud: {} for {}", refund_orders.join(", "), money(*amount)),
        RequestEvent::RequestPartRefunded { arrived, .. } => format!("{} has arrived so far", money(*arrived)),
        RequestEvent::RequestRefunded { arrived, .. } => format!("All money has arrived: {}", money(*arrived)),
        RequestEvent::RequestWithdrawn {} => "Withdrawn".to_owned(),
    }
}
