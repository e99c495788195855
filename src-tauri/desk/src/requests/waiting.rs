//! Confirmed requests that wait for their act: how long, what they are worth now, and what has run out. Nothing here sends by
//! itself: what is ready is shown with old and new numbers, and goes on one call that names what was shown.

use chrono::{DateTime, Utc};
use desk_store::{RequestRow, Write};
use refund_rules::case::Action;
use refund_rules::quote::{Channel, Quote};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::event::Floor;
use super::record::Record;
use super::run::{Run, Watch};
use super::{RequestEvent, console, state_name};
use crate::error::DeskError;
use crate::home::Desk;
use crate::projection::{self, Scribe};
use crate::views::{Problem, RequestState};

/// What was confirmed and not carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Ready {
    pub at: DateTime<Utc>,
    /// Goes by the API on one call: [`Desk::send_ready`].
    pub ready: Vec<Waiting>,
    /// Holds, and waits for a person: console, ticket or partner.
    pub by_hand: Vec<Waiting>,
    /// Needs a new review: it ran out, or is no longer what was decided.
    pub to_review: Vec<Waiting>,
}

/// One of them, with its old and new numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Waiting {
    pub request: String,
    pub customer: String,
    pub resource: String,
    pub product: String,
    pub action: Action,
    pub channel: Option<Channel>,
    pub state: RequestState,
    pub currency: String,
    /// What was confirmed.
    pub confirmed: Decimal,
    pub confirmed_max: Decimal,
    /// What the cache says now; `None` where no quote can be made.
    pub now: Option<Decimal>,
    pub now_max: Option<Decimal>,
    /// The end of the wait; `None`: no end.
    pub until: Option<DateTime<Utc>>,
    pub floor: Option<Floor>,
    pub batch: Option<String>,
    /// Why it needs a new review.
    pub why: Option<Problem>,
}

impl Desk {
    /// What waits, of one customer or of all, oldest first.
    pub fn ready(&self, customer: Option<&str>) -> Result<Ready, DeskError> {
        let mut rows = self.store.read(|r| match customer {
            Some(id) => r.requests().of_customer(id),
            None => r.requests().list(),
        })?;
        rows.reverse();
        let mut found = Ready { at: self.now(), ready: Vec::new(), by_hand: Vec::new(), to_review: Vec::new() };
        for row in &rows {
            let record = projection::record_of(row)?;
            let waiting = match record.state {
                RequestState::Confirmed => self.waiting(&record)?,
                RequestState::Expired if !decided_anew(&rows, row) && !self.is_gone(&record)? => {
                    self.waiting(&record)?
                }
                _ => continue,
            };
            match (&waiting.why, waiting.channel) {
                (Some(_), _) => found.to_review.push(waiting),
                (None, Some(Channel::Api)) => found.ready.push(waiting),
                (None, _) => found.by_hand.push(waiting),
            }
        }
        Ok(found)
    }

    /// Sends what was shown as ready, one by one; each is priced again first. A request that is not ready any more is told in its
    /// result and stops none of the others. Errors: `nothing_ready`,
    /// `unknown_request`; then nothing was sent.
    pub async fn send_ready(&self, shown: &[String], watch: &Watch<'_>) -> Result<Run, DeskError> {
        if shown.is_empty() {
            return Err(DeskError::new(
                "nothing_ready",
                "no request is named",
                "list what is ready, then name what is to be sent",
            )
            .at("requests"));
        }
        for request in shown {
            self.record(request)?;
        }
        self.send_each(shown, watch).await
    }

    fn waiting(&self, record: &Record) -> Result<Waiting, DeskError> {
        // A resource that is gone from the cache cannot be quoted: that is a reason, not a failure of the list.
        let judged = self.judged_again(record);
        let why = match (&judged, record.state) {
            (_, RequestState::Expired) => record.problem.clone(),
            (Ok(judged), _) => self.why_void(record, judged).map(|error| error.problem()),
            (Err(error), _) => Some(error.problem()),
        };
        let now: Option<&Quote> = judged.as_ref().ok();
        let quote = record.quote();
        Ok(Waiting {
            request: record.id.clone(),
            customer: record.customer.clone(),
            resource: record.reviewed.resource.clone(),
            product: record.reviewed.product.clone(),
            action: record.reviewed.action,
            channel: record.channel,
            state: record.state,
            currency: record.reviewed.currency.clone(),
            confirmed: quote.refund,
            confirmed_max: quote.refund_max,
            now: now.map(|quote| quote.refund),
            now_max: now.map(|quote| quote.refund_max),
            until: record.waits_until(),
            floor: record.floor.clone(),
            batch: record.batch.clone(),
            why,
        })
    }

    /// Ends the wait of what has run out.
    pub(crate) fn expire_waiting(&self) -> Result<(), DeskError> {
        let now = self.now();
        let open = self.store.read(|r| r.requests().list_open())?;
        let confirmed = state_name(RequestState::Confirmed);
        let records = open
            .iter()
            .filter(|row| row.state == confirmed)
            .map(projection::record_of)
            .collect::<Result<Vec<_>, _>>()?;
        if !records.iter().any(|record| record.has_run_out(now)) {
            return Ok(());
        }
        self.write(move |tx, scribe| {
            for record in &records {
                expire(tx, scribe, record)?;
            }
            Ok(())
        })
    }
}

/// Moves a confirmed request whose wait has ended to `expired`. True when it moved.
pub(crate) fn expire(tx: &mut Write<'_>, scribe: &Scribe, record: &Record) -> Result<bool, DeskError> {
    if !record.has_run_out(scribe.now) {
        return Ok(false);
    }
    let why = console::run_out(record).problem();
    scribe.move_request(tx, &record.id, &record.customer, &RequestEvent::RequestExpired { why })?;
    Ok(true)
}

/// True when the resource has a later request: the expired one needs no attention.
fn decided_anew(rows: &[RequestRow], expired: &RequestRow) -> bool {
    let key = |row: &RequestRow| (row.created_at, row.id.clone());
    let same = |row: &&RequestRow| row.customer == expired.customer && row.resource == expired.resource;
    rows.iter().filter(same).any(|row| key(row) > key(expired))
}
