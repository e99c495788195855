//! Carrying a batch out: sent one by one by the API, or handed over to the console at once. After a crash the items that were
//! confirmed and not sent are offered again; nothing goes by itself.

use refund_rules::quote::Channel;
use rust_decimal::Decimal;

use super::super::record::Record;
use super::super::run::{Run, RunResult, Watch};
use super::super::{RequestEvent, confirm, console};
use super::Batch;
use super::view::BatchView;
use crate::error::DeskError;
use crate::home::Desk;
use crate::tell::amount;
use crate::views::RequestState;

impl Desk {
    /// Sends the items of a batch that wait, in its order. Errors: `unknown_batch`, `not_by_api`, `nothing_waiting`; what befalls
    /// an item is in its result.
    pub async fn run_batch(&self, batch: &str, watch: &Watch<'_>) -> Result<Run, DeskError> {
        let batch = self.batch_record(batch)?;
        if batch.confirmed.channel != Channel::Api {
            return Err(DeskError::new(
                "not_by_api",
                "this batch was not confirmed for the API",
                "hand it over to the console with the amount that the console shows",
            )
            .at("batch"));
        }
        let waiting: Vec<String> = self.waiting_items(&batch)?.into_iter().map(|record| record.id).collect();
        self.send_each(&waiting, watch).await
    }

    /// Hands the items that wait over to the console, which shows `console_total` for all of them together. Each is looked at once
    /// more first: what has changed goes back to review and is told in its result, and the rest must sum to what the console
    /// shows. Otherwise `console_amount_differs`: without a change all of them go back to review; with one the rest still waits,
    /// since the console shows a sum with items that are no longer meant.
    pub fn hand_over_batch(&self, batch: &str, console_total: &str) -> Result<Run, DeskError> {
        let batch = self.batch_record(batch)?;
        if batch.confirmed.channel == Channel::Api {
            return Err(DeskError::illegal_move(&batch.id, "confirmed", "request_handed_over").at("batch"));
        }
        let waiting = self.waiting_items(&batch)?;
        let shown =
            confirm::read_amount(console_total).ok_or_else(|| console::bad_amount(console_total, "console_total"))?;
        let (mut holding, mut results) = (Vec::new(), Vec::new());
        for record in waiting {
            match self.stop_if_changed(&record) {
                Ok(()) => holding.push(record),
                Err(error) => results.push(self.result(&record.id, Some(error.problem()))?),
            }
        }
        self.compare_total(&holding, shown, &results)?;
        let moves: Vec<(String, String)> = holding.iter().map(|r| (r.id.clone(), r.customer.clone())).collect();
        self.write(move |tx, scribe| {
            // The console shows one sum for all of them: none has an amount of its own.
            for (request, customer) in &moves {
                scribe.move_request(
                    tx,
                    request,
                    customer,
                    &RequestEvent::RequestHandedOver { console_amount: None },
                )?;
            }
            Ok(())
        })?;
        for record in &holding {
            results.push(self.result(&record.id, None)?);
        }
        Ok(Run { results, left: Vec::new() })
    }

    /// The manager says that the handed-over items were done; the next sync finds their refund orders. Errors: `unknown_batch`,
    /// `nothing_waiting`.
    pub fn report_batch(&self, batch: &str) -> Result<BatchView, DeskError> {
        self.move_items(
            batch,
            RequestState::HandedOver,
            &RequestEvent::RequestReported { refund_order: None, receipt: None },
        )
    }

    /// Takes back what was not sent or handed over. Errors: `unknown_batch`, `nothing_waiting`.
    pub fn withdraw_batch(&self, batch: &str) -> Result<BatchView, DeskError> {
        self.move_items(batch, RequestState::Confirmed, &RequestEvent::RequestWithdrawn {})
    }

    fn compare_total(&self, holding: &[Record], shown: Decimal, fell_out: &[RunResult]) -> Result<(), DeskError> {
        if !holding.is_empty() && covers(holding, shown) {
            return Ok(());
        }
        let (low, high) = sums(holding);
        let expected = console::range(low, high);
        let difference = |next: &str| {
            DeskError::new(
                "console_amount_differs",
                format!("the console shows {}, what holds of the batch gives {expected}", amount(shown)),
                next,
            )
            .at("console_total")
        };
        if !fell_out.is_empty() {
            let details = fell_out
                .iter()
                .map(|item| {
                    let code = item.problem.as_ref().map_or("", |problem| problem.code.as_str());
                    format!("{}: {code}", item.resource)
                })
                .collect();
            return Err(difference("deselect the items named, then compare again").with_details(details));
        }
        let why = difference("do not click there; sync, then review again");
        for record in holding {
            self.return_to_review(record, record.quote().refund, &why)?;
        }
        Err(why)
    }

    /// Items in state `confirmed`, in the batch's order. Errors: `nothing_waiting`.
    fn waiting_items(&self, batch: &Batch) -> Result<Vec<Record>, DeskError> {
        self.items_in(batch, RequestState::Confirmed)
    }

    fn items_in(&self, batch: &Batch, state: RequestState) -> Result<Vec<Record>, DeskError> {
        let mut items = self.item_records(batch)?;
        items.retain(|record| record.state == state && record.batch.as_ref() == Some(&batch.id));
        if items.is_empty() {
            return Err(DeskError::new(
                "nothing_waiting",
                format!("no item of the batch is `{}`", super::super::state_name(state)),
                "look at the batch again: its items have moved on",
            )
            .at("batch"));
        }
        Ok(items)
    }

    fn move_items(&self, batch: &str, from: RequestState, event: &RequestEvent) -> Result<BatchView, DeskError> {
        let batch = self.batch_record(batch)?;
        let items: Vec<String> = self.items_in(&batch, from)?.into_iter().map(|record| record.id).collect();
        let (customer, event) = (batch.customer.clone(), event.clone());
        self.write(move |tx, scribe| {
            for request in &items {
                scribe.move_request(tx, request, &customer, &event)?;
            }
            Ok(())
        })?;
        self.batch(&batch.id)
    }
}

/// True for a sum that the decisions cover: inside what the quotes say, or with a floor at least that.
fn covers(holding: &[Record], shown: Decimal) -> bool {
    let floors: Option<Vec<Decimal>> =
        holding.iter().map(|record| record.floor.as_ref().map(|floor| floor.at_least)).collect();
    let (low, high) = sums(holding);
    match floors {
        Some(floors) => shown >= floors.iter().sum::<Decimal>(),
        None => low <= shown && shown <= high,
    }
}

/// What the items give together, at least and at most.
pub(super) fn sums(records: &[Record]) -> (Decimal, Decimal) {
    let sum = |amount: fn(&Record) -> Decimal| records.iter().map(amount).sum();
    (sum(|record| record.quote().refund), sum(|record| record.quote().refund_max))
}
