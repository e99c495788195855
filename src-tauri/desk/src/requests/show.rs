//! Requests as hosts show them: state, moves, instructions, trail.

use desk_store::Entry;
use refund_rules::quote::{Channel, Quote};

use super::record::Record;
use super::{RequestEvent, instructions, trail};
use crate::error::DeskError;
use crate::home::Desk;
use crate::projection;
use crate::tell::Language;
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
        let (quote, language) = (record.quote(), self.language()?);
        let (to_choose, endings) = (self.refunds_to_choose(record)?, self.endings(record)?);
        let mut moves = self.moves(record);
        moves.extend((!to_choose.is_empty()).then(|| "choose_refund".to_owned()));
        moves.extend((!endings.is_empty()).then(|| "close".to_owned()));
        Ok(RequestView {
            id: record.id.clone(),
            customer: record.customer.clone(),
            customer_name: connection
                .map(|c| c.name)
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| record.customer.clone()),
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
            waits_until: (record.state == RequestState::Confirmed).then(|| record.waits_until()).flatten(),
            floor: record.floor.clone(),
            batch: record.batch.clone(),
            receipt: record.receipt.clone(),
            warnings: self.warnings(record)?,
            refunds_to_choose: to_choose,
            endings,
            closed: record.closed.clone(),
            moves,
            instructions: instructions::of(record, language),
            trail: entries.iter().map(|entry| trail(entry, language)).collect(),
        })
    }

    fn moves(&self, record: &Record) -> Vec<String> {
        use RequestState::*;
        let by_api = record.channel == Some(Channel::Api);
        let moves: &[&str] = match record.state {
            ReturnedToReview => &["review_again", "withdraw"],
            Reviewed => &["confirm", "review_again", "withdraw"],
            Confirmed if by_api => &["send", "withdraw"],
            Confirmed => &["hand_over", "withdraw"],
            HandedOver => &["report", "ask_again", "withdraw"],
            Unknown if self.may_send_again(record) => &["ask_again", "send"],
            Unknown | Reported | Overdue if self.nothing_was_done(record).unwrap_or(false) => {
                &["ask_again", "withdraw"]
            }
            Unknown | Accepted | Reported | Observed | PartRefunded | Overdue => &["ask_again"],
            Sending | Refunded | Rejected | Expired | Withdrawn | Closed => &[],
        };
        moves.iter().map(|&m| m.to_owned()).collect()
    }
}

/// The amount of a quote as it is to be typed.
pub(super) fn to_type(quote: &Quote) -> String {
    quote.refund.to_string()
}

fn trail(entry: &Entry, language: Language) -> TrailEntry {
    let text = RequestEvent::from_entry(&entry.kind, &entry.body)
        .map_or_else(|_| entry.kind.clone(), |event| trail::told(&event, language));
    TrailEntry { at: entry.at, kind: entry.kind.clone(), text }
}
