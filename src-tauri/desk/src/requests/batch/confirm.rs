//! One decision about a whole batch. All items are checked before anything is journaled; then the batch and every item's decision
//! are one write.

use std::collections::BTreeSet;

use super::super::event::{Confirmed, Floor};
use super::super::record::Record;
use super::super::{RequestEvent, confirm};
use super::floor;
use super::review::not_batchable;
use super::view::{BatchDecision, BatchView};
use super::{BATCH_CONFIRMED, BatchConfirmed, BatchItem};
use crate::ambient::time_ordered_id;
use crate::error::DeskError;
use crate::home::Desk;
use crate::plan::BATCH_MAX;
use crate::projection::Note;

impl Desk {
    /// Confirms a batch with one decision. Errors: `batch_size`, `batch_mixed`, `not_batchable`, `duplicate`, those of
    /// [`confirm`](Self::confirm) for an item (the details name every item that is refused), `box_missing`, `reason_missing`,
    /// `amount_differs`.
    pub fn confirm_batch(&self, decision: &BatchDecision) -> Result<BatchView, DeskError> {
        self.confirm_batch_within(decision, None)
    }

    /// Confirms a batch with a floor under its sum: every item may be carried out although its quote has changed, while at least
    /// its part of the floor comes back. Errors: those of [`confirm_batch`](Self::confirm_batch), and `bad_floor`.
    pub fn confirm_batch_with_floor(&self, decision: &BatchDecision, floor: &Floor) -> Result<BatchView, DeskError> {
        self.confirm_batch_within(decision, Some(floor))
    }

    fn confirm_batch_within(&self, decision: &BatchDecision, floor: Option<&Floor>) -> Result<BatchView, DeskError> {
        if decision.items.is_empty() || decision.items.len() > BATCH_MAX {
            return Err(DeskError::new(
                "batch_size",
                format!("a batch has 1 to {BATCH_MAX} items, not {}", decision.items.len()),
                "plan the selection: it is divided into batches",
            )
            .at("items"));
        }
        let records =
            decision.items.iter().map(|pick| self.record(&pick.request)).collect::<Result<Vec<_>, DeskError>>()?;
        check_together(&records)?;
        self.check_items(&records, decision)?;
        let action = records[0].reviewed.action;
        confirm::check_boxes(action, decision.amount_read, decision.data_backed_up)?;
        confirm::check_reason(&decision.reason)?;
        let total = records.iter().map(|record| record.quote().refund).sum();
        confirm::check_amount("total_typed", &decision.total_typed, total)?;
        let floors = match floor {
            Some(floor) => {
                self.check_until(floor)?;
                floor::shares(&records, floor)?.into_iter().map(Some).collect()
            }
            None => vec![None; records.len()],
        };
        let id = self.journal_batch(&records, decision, &floors)?;
        self.batch(&id)
    }

    /// Every item is what was shown, batchable, and can take the channel. The first refusal is told with all of them as details.
    fn check_items(&self, records: &[Record], decision: &BatchDecision) -> Result<(), DeskError> {
        let mut refused: Vec<(String, DeskError)> = Vec::new();
        for (record, pick) in records.iter().zip(&decision.items) {
            let checked = self.check_shown(record, &pick.quote_sha256, decision.channel);
            let batchable =
                || if record.quote().batchable { Ok(()) } else { Err(not_batchable(&record.reviewed.resource)) };
            if let Err(error) = checked.and_then(|()| batchable()) {
                refused.push((record.reviewed.resource.clone(), error));
            }
        }
        let details: Vec<String> =
            refused.iter().map(|(resource, error)| format!("{resource}: {}", error.code())).collect();
        match refused.into_iter().next() {
            Some((_, first)) => Err(first.with_details(details)),
            None => Ok(()),
        }
    }

    /// The batch first, then each item's decision, in one write. Answers the batch's id.
    fn journal_batch(
        &self,
        records: &[Record],
        decision: &BatchDecision,
        floors: &[Option<Floor>],
    ) -> Result<String, DeskError> {
        let id = time_ordered_id(self.ambient.as_ref()).to_string();
        let customer = records[0].customer.clone();
        let item = |(record, floor): (&Record, &Option<Floor>)| {
            let confirmed = item_confirmed(record, decision, &id);
            (record.id.clone(), Confirmed { floor: floor.clone(), ..confirmed })
        };
        let items: Vec<(String, Confirmed)> = records.iter().zip(floors).map(item).collect();
        let first = &items[0].1;
        let body = BatchConfirmed {
            action: records[0].reviewed.action,
            channel: decision.channel,
            currency: records[0].reviewed.currency.clone(),
            total: items.iter().map(|(_, item)| item.refund).sum(),
            total_max: items.iter().map(|(_, item)| item.refund_max).sum(),
            reason: first.reason.clone(),
            authorisation: first.authorisation.clone(),
            items: records.iter().zip(&items).map(|(record, (_, item))| batch_item(record, item)).collect(),
        };
        let body = serde_json::to_value(&body).map_err(|why| {
            DeskError::new("journal_unreadable", why.to_string(), "report this: it is a fault of the desk")
        })?;
        let batch = id.clone();
        self.write(move |tx, scribe| {
            scribe.enter(tx, Note { kind: BATCH_CONFIRMED, customer: Some(&customer), subject: Some(&batch), body })?;
            for (request, item) in items {
                scribe.move_request(tx, &request, &customer, &RequestEvent::RequestConfirmed(item))?;
            }
            Ok(())
        })?;
        Ok(id)
    }
}

fn item_confirmed(record: &Record, decision: &BatchDecision, batch: &str) -> Confirmed {
    Confirmed {
        batch: Some(batch.to_owned()),
        ..confirm::confirmed(record, decision.channel, &decision.reason, decision.authorisation.as_deref())
    }
}

fn batch_item(record: &Record, item: &Confirmed) -> BatchItem {
    BatchItem {
        request: record.id.clone(),
        resource: record.reviewed.resource.clone(),
        quote_sha256: item.quote_sha256.clone(),
        refund: item.refund,
        refund_max: item.refund_max,
        floor: item.floor.clone(),
    }
}

/// One customer, one kind of act, one list of the console, one currency, and each resource once.
fn check_together(records: &[Record]) -> Result<(), DeskError> {
    let key = |record: &Record| {
        let reviewed = &record.reviewed;
        (record.customer.clone(), reviewed.action, reviewed.instance, reviewed.currency.clone())
    };
    if let Some(other) = records.iter().find(|record| key(record) != key(&records[0])) {
        return Err(DeskError::new(
            "batch_mixed",
            format!("`{}` does not go with `{}`", other.reviewed.resource, records[0].reviewed.resource),
            "a batch is of one customer, one currency and one list of the console, and only unsubscribes or only cancels \
             renewals: plan the selection",
        )
        .at("items"));
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = records.iter().find(|record| !seen.insert(&record.id)) {
        return Err(DeskError::new(
            "duplicate",
            format!("request `{}` is named twice", twice.id),
            "name each item once",
        )
        .at("items"));
    }
    Ok(())
}
