//! From the journal to the cache. Every decision and every entered fact goes through [`Scribe::enter`]: the entry first, then
//! what follows from it, in one write. [`replay`] does the same for entries that the cache has not seen.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use desk_store::{Entry, FactRow, Json, NewEntry, Read, RequestRow, Write, Written};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ambient::{Ambient, time_ordered_id};
use crate::error::DeskError;
use crate::home::Desk;
use crate::requests::{BATCH_CONFIRMED, Record, RequestEvent, project_batch, state_name};

/// Entries read at a time while replaying.
const REPLAY_PAGE: u32 = 500;

/// What is to be remembered.
pub(crate) struct Note<'a> {
    pub kind: &'a str,
    pub customer: Option<&'a str>,
    pub subject: Option<&'a str>,
    /// Ids, amounts, decisions and entered facts; no names.
    pub body: Value,
}

/// Writes into the journal, on the writer thread.
pub(crate) struct Scribe {
    ambient: Arc<dyn Ambient>,
    /// The instant of this write.
    pub now: DateTime<Utc>,
}

/// Body of a `fact_entered` entry: what the manager says of an order, a resource, the customer or a product's discounts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct EnteredFact {
    /// `order:ID`, `resource:ID`, `customer` or `discounts:PRODUCT`.
    pub scope: String,
    /// The fact's key in the case format.
    pub path: String,
    pub value: Value,
    pub source: String,
}

impl Desk {
    /// One write: all of it or nothing.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Write<'_>, &Scribe) -> Result<T, DeskError> + Send + 'static,
    ) -> Result<T, DeskError> {
        let scribe = Scribe { ambient: Arc::clone(&self.ambient), now: self.now() };
        self.store.write(move |tx| work(tx, &scribe))
    }

    /// The same, but gives back at once: the write has its place in the queue.
    pub(crate) fn write_later<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Write<'_>, &Scribe) -> Result<T, DeskError> + Send + 'static,
    ) -> Result<Written<T, DeskError>, DeskError> {
        let scribe = Scribe { ambient: Arc::clone(&self.ambient), now: self.now() };
        self.store.write_later(move |tx| work(tx, &scribe))
    }
}

impl Scribe {
    /// Appends an entry and brings the cache up to it.
    pub fn enter(&self, tx: &mut Write<'_>, note: Note<'_>) -> Result<Entry, DeskError> {
        // After a write whose journal was kept and whose cache was not, the cache is behind.
        replay(tx)?;
        let entry = tx.journal().append(NewEntry {
            id: time_ordered_id(self.ambient.as_ref()),
            at: self.now,
            kind: note.kind.to_owned(),
            customer: note.customer.map(str::to_owned),
            subject: note.subject.map(str::to_owned),
            body: note.body,
        })?;
        project(tx, &entry)?;
        Ok(entry)
    }

    /// Appends a request's event and moves the request. An illegal move writes nothing.
    pub fn move_request(
        &self,
        tx: &mut Write<'_>,
        request: &str,
        customer: &str,
        event: &RequestEvent,
    ) -> Result<Record, DeskError> {
        let (kind, body) = event.to_entry()?;
        self.enter(tx, Note { kind: &kind, customer: Some(customer), subject: Some(request), body })?;
        record(tx, request)
    }
}

/// The record of a request.
pub(crate) fn record(read: &Read<'_>, request: &str) -> Result<Record, DeskError> {
    let row = read.requests().get(request)?.ok_or_else(|| DeskError::unknown_request(request))?;
    record_of(&row)
}

/// The record in a stored row.
pub(crate) fn record_of(row: &RequestRow) -> Result<Record, DeskError> {
    let json = row.params.as_ref().ok_or_else(|| DeskError::unknown_request(&row.id))?;
    Ok(json.read()?)
}

/// Applies every entry that the cache has not seen yet, in order.
pub(crate) fn replay(tx: &mut Write<'_>) -> Result<u32, DeskError> {
    let mut replayed = 0;
    loop {
        let from = tx.projected().get()?.map_or(0, |mark| mark.seq);
        let entries = tx.journal().after(from, REPLAY_PAGE)?;
        if entries.is_empty() {
            return Ok(replayed);
        }
        for entry in &entries {
            project(tx, entry)?;
            replayed += 1;
        }
    }
}

fn project(tx: &mut Write<'_>, entry: &Entry) -> Result<(), DeskError> {
    match entry.kind.as_str() {
        "fact_entered" => project_fact(tx, entry)?,
        "customer_removed" => {
            if let Some(customer) = &entry.customer {
                tx.purge_customer(customer)?;
            }
        }
        BATCH_CONFIRMED => project_batch(tx, entry)?,
        kind if kind.starts_with("request_") => project_request(tx, entry)?,
        // Entries that move nothing in the cache.
        _ => {}
    }
    Ok(tx.projected().set(entry)?)
}

fn project_fact(tx: &mut Write<'_>, entry: &Entry) -> Result<(), DeskError> {
    let fact: EnteredFact = serde_json::from_value(entry.body.clone()).map_err(|why| unreadable(entry, &why))?;
    let customer = entry.customer.clone().unwrap_or_default();
    Ok(tx.facts().put(&FactRow {
        customer,
        scope: fact.scope,
        path: fact.path,
        value: Json::of(&fact.value)?,
        entered_at: entry.at,
        source: fact.source,
        entry_seq: entry.seq,
    })?)
}

fn project_request(tx: &mut Write<'_>, entry: &Entry) -> Result<(), DeskError> {
    let event = RequestEvent::from_entry(&entry.kind, &entry.body).map_err(|why| unreadable(entry, &why))?;
    let (Some(request), Some(customer)) = (&entry.subject, &entry.customer) else {
        return Err(DeskError::new(
            "journal_unreadable",
            "an entry of a request names no request",
            "verify the journal; restore a backup if it is broken",
        )
        .at(format!("journal entry {}", entry.seq)));
    };
    let record = match tx.requests().get(request)? {
        Some(row) => {
            let mut record = record_of(&row)?;
            record.apply(&event, entry.at)?;
            record
        }
        None => Record::start(request, customer, &event, entry.at)?,
    };
    Ok(tx.requests().put(&row_of(&record, entry.seq)?)?)
}

pub(crate) fn unreadable(entry: &Entry, why: &serde_json::Error) -> DeskError {
    DeskError::new(
        "journal_unreadable",
        format!("entry `{}` cannot be read: {why}", entry.kind),
        "open this home with the newest desk; verify the journal with `rdesk journal verify`",
    )
    .at(format!("journal entry {}", entry.seq))
}

fn row_of(record: &Record, entry_seq: i64) -> Result<RequestRow, DeskError> {
    let quote = record.quote();
    Ok(RequestRow {
        id: record.id.clone(),
        customer: record.customer.clone(),
        resource: record.reviewed.resource.clone(),
        action: record.reviewed.action.word().to_owned(),
        expires: record.reviewed.expires,
        state: state_name(record.state).to_owned(),
        channel: record.channel.map(|c| c.word().to_owned()),
        currency: record.reviewed.currency.clone(),
        predicted: quote.refund,
        predicted_max: quote.refund_max,
        actual: record.actual,
        arrived: record.arrived,
        reason: record.reason.clone(),
        refund_order: record.refund_orders.first().cloned(),
        token: record.frozen.as_ref().map(|f| f.client_token.clone()),
        quote_sha256: quote.sha256.clone(),
        quote: None,
        arrives_by: record.arrives_by.map(|day| day.to_string()),
        problem: record.problem.as_ref().map(Json::of).transpose()?,
        params: Some(Json::of(record)?),
        created_at: record.created_at,
        updated_at: record.updated_at,
        entry_seq,
    })
}
