//! Batches as hosts show them, from the journal's projection and the items as they stand.

use std::collections::BTreeMap;

use desk_store::{BatchRow, Entry, Json, Write};
use refund_rules::case::Action;
use refund_rules::quote::Channel;

use super::super::event::Floor;
use super::super::instructions;
use super::super::record::Record;
use super::act::sums;
use super::view::{BatchItemView, BatchView, StateCount};
use super::{Batch, BatchConfirmed, BatchItem, unknown_batch};
use crate::error::DeskError;
use crate::home::Desk;
use crate::plan;
use crate::projection::unreadable;
use crate::views::RequestState;

impl Desk {
    /// All batches, or a customer's, newest first.
    pub fn batches(&self, customer: Option<&str>) -> Result<Vec<BatchView>, DeskError> {
        let rows = self.store.read(|r| match customer {
            Some(id) => r.batches().of_customer(id),
            None => r.batches().list(),
        })?;
        rows.iter().map(|row| self.show_batch(&batch_of(row)?)).collect()
    }

    /// One batch with its items. Errors: `unknown_batch`.
    pub fn batch(&self, id: &str) -> Result<BatchView, DeskError> {
        self.show_batch(&self.batch_record(id)?)
    }

    pub(super) fn batch_record(&self, id: &str) -> Result<Batch, DeskError> {
        let row = self.store.read(|r| r.batches().get(id))?;
        batch_of(&row.ok_or_else(|| unknown_batch(id))?)
    }

    pub(super) fn item_records(&self, batch: &Batch) -> Result<Vec<Record>, DeskError> {
        batch.confirmed.items.iter().map(|item| self.record(&item.request)).collect()
    }

    fn show_batch(&self, batch: &Batch) -> Result<BatchView, DeskError> {
        let records = self.item_records(batch)?;
        // An item that was reviewed again has a decision of its own: it is no longer this batch's.
        let mine: Vec<&Record> = records.iter().filter(|r| r.batch.as_ref() == Some(&batch.id)).collect();
        let waiting: Vec<Record> =
            mine.iter().filter(|r| r.state == RequestState::Confirmed).map(|r| Record::clone(r)).collect();
        let (waiting_total, waiting_total_max) = sums(&waiting);
        let confirmed = &batch.confirmed;
        let connection = self.store.read(|r| r.connections().get(&batch.customer))?;
        let name = connection.map(|c| c.name).filter(|name| !name.is_empty());
        let by_hand = confirmed.channel != Channel::Api;
        let instructions = if by_hand {
            instructions::of_batch(&waiting.iter().collect::<Vec<_>>(), self.language()?)
        } else {
            Vec::new()
        };
        Ok(BatchView {
            id: batch.id.clone(),
            customer: batch.customer.clone(),
            customer_name: name.unwrap_or_else(|| batch.customer.clone()),
            action: confirmed.action,
            channel: confirmed.channel,
            currency: confirmed.currency.clone(),
            total: confirmed.total,
            total_max: confirmed.total_max,
            reason: confirmed.reason.clone(),
            authorisation: confirmed.authorisation.clone(),
            confirmed_at: batch.confirmed_at,
            floor: whole_floor(&confirmed.items),
            items: confirmed.items.iter().zip(&records).map(|(item, record)| shown(item, record)).collect(),
            counts: counts(&mine),
            waiting: u32::try_from(waiting.len()).unwrap_or(u32::MAX),
            waiting_total,
            waiting_total_max,
            arrived: mine.iter().map(|record| record.arrived).sum(),
            channel_refunds: plan::channel_refunds(mine.iter().map(|record| record.quote())),
            instructions,
            moves: moves(&mine, by_hand),
        })
    }
}

/// The floor under the batch, put together from the items' parts.
fn whole_floor(items: &[BatchItem]) -> Option<Floor> {
    let floors: Vec<&Floor> = items.iter().map(|item| item.floor.as_ref()).collect::<Option<_>>()?;
    let at_least = floors.iter().map(|floor| floor.at_least).sum();
    floors.first().map(|first| Floor { at_least, until: first.until })
}

fn shown(item: &BatchItem, record: &Record) -> BatchItemView {
    BatchItemView {
        request: item.request.clone(),
        resource: item.resource.clone(),
        state: record.state,
        predicted: item.refund,
        predicted_max: item.refund_max,
        floor: item.floor.clone(),
        actual: record.actual,
        arrived: record.arrived,
        refund_order: (!record.refund_orders.is_empty()).then(|| record.refund_orders.join(", ")),
        problem: record.problem.clone(),
    }
}

fn counts(records: &[&Record]) -> Vec<StateCount> {
    let mut counts: BTreeMap<&str, StateCount> = BTreeMap::new();
    for record in records {
        let name = super::super::state_name(record.state);
        counts.entry(name).or_insert(StateCount { state: record.state, count: 0 }).count += 1;
    }
    counts.into_values().collect()
}

fn moves(mine: &[&Record], by_hand: bool) -> Vec<String> {
    let any = |state: RequestState| mine.iter().any(|record| record.state == state);
    let mut moves = Vec::new();
    if any(RequestState::Confirmed) {
        moves.extend([if by_hand { "hand_over" } else { "run" }, "withdraw"]);
    }
    if any(RequestState::HandedOver) {
        moves.push("report");
    }
    moves.into_iter().map(str::to_owned).collect()
}

/// From a `batch_confirmed` entry to the cache.
pub(crate) fn project(tx: &mut Write<'_>, entry: &Entry) -> Result<(), DeskError> {
    let body: BatchConfirmed = serde_json::from_value(entry.body.clone()).map_err(|why| unreadable(entry, &why))?;
    let (Some(id), Some(customer)) = (&entry.subject, &entry.customer) else {
        return Err(DeskError::new(
            "journal_unreadable",
            "an entry of a batch names no batch",
            "verify the journal; restore a backup if it is broken",
        )
        .at(format!("journal entry {}", entry.seq)));
    };
    Ok(tx.batches().put(&BatchRow {
        id: id.clone(),
        customer: customer.clone(),
        action: body.action.word().to_owned(),
        channel: body.channel.word().to_owned(),
        currency: body.currency,
        total: body.total,
        total_max: body.total_max,
        reason: body.reason,
        authorisation: body.authorisation,
        items: Json::of(&body.items)?,
        confirmed_at: entry.at,
        entry_seq: entry.seq,
    })?)
}

fn batch_of(row: &BatchRow) -> Result<Batch, DeskError> {
    let unknown = |what: &str| {
        DeskError::new(
            "cache_unreadable",
            format!("batch `{}` has an unknown {what}", row.id),
            "open this home with the newest desk",
        )
        .at("cache.db, table batch")
    };
    Ok(Batch {
        id: row.id.clone(),
        customer: row.customer.clone(),
        confirmed: BatchConfirmed {
            action: Action::from_word(&row.action).ok_or_else(|| unknown("action"))?,
            channel: Channel::from_word(&row.channel).ok_or_else(|| unknown("channel"))?,
            currency: row.currency.clone(),
            total: row.total,
            total_max: row.total_max,
            reason: row.reason.clone(),
            authorisation: row.authorisation.clone(),
            items: row.items.read()?,
        },
        confirmed_at: row.confirmed_at,
    })
}
