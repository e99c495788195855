//! Predicted and actual side by side: every request that may have acted with the refund orders that answer it, and the refunds that
//! were made elsewhere. From the cache alone; what moves by it is journaled as after a sync.

use chrono::NaiveDate;
use refund_rules::quote::Destination;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::day;
use crate::difference::{Difference, Look};
use crate::error::DeskError;
use crate::home::Desk;
use crate::projection;
use crate::requests::Record;
use crate::views::{HistoryQuery, Problem, RefundPart, RefundRow, RequestState};

/// How far money and decisions agree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Reconciliation {
    /// Requests that moved by this look at the cache.
    pub moved: Vec<String>,
    /// Requests that may have acted, newest first.
    pub requests: Vec<Reconciled>,
    /// Refund orders that no request answers for, newest first.
    pub elsewhere: Vec<RefundRow>,
}

/// One request beside its refunds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Reconciled {
    pub request: String,
    pub customer: String,
    pub resource: String,
    pub state: RequestState,
    pub currency: String,
    pub predicted: Decimal,
    pub predicted_max: Decimal,
    /// What the cloud said just before the act: the inquiry's or the console's amount.
    pub promised: Option<Decimal>,
    /// What the cloud says the refund is; `None` until it was seen.
    pub actual: Option<Decimal>,
    /// Actual less predicted; 0 inside the predicted range.
    pub difference: Option<Decimal>,
    pub arrived: Decimal,
    pub refund_orders: Vec<String>,
    /// Where the money should go.
    pub predicted_to: Vec<Destination>,
    /// Where it went, as far as seen.
    pub arrived_to: Vec<RefundPart>,
    /// The day by which it should be processed, and the last one on which it should have come; in UTC+8.
    pub predicted_on: Option<NaiveDate>,
    pub predicted_by: Option<NaiveDate>,
    /// The day of the last of it; `None` until all of it was seen.
    pub arrived_on: Option<NaiveDate>,
    /// What came out otherwise: explained, or flagged by having no explanation.
    pub differences: Vec<Difference>,
    /// Why the rules could not be asked again about the facts of then.
    pub facts: Option<Problem>,
}

impl Desk {
    /// Matches refund orders and requests of one customer or of all. Errors: `unknown_customer`, `read_only`.
    pub fn reconciliation(&self, customer: Option<&str>) -> Result<Reconciliation, DeskError> {
        let customers = match customer {
            Some(id) => vec![self.connection(id)?.id],
            None => self.store.read(|r| r.connections().list())?.into_iter().map(|c| c.id).collect(),
        };
        let mut found = Reconciliation { moved: Vec::new(), requests: Vec::new(), elsewhere: Vec::new() };
        for id in &customers {
            found.moved.extend(self.reconcile(id)?);
            for row in self.store.read(|r| r.requests().of_customer(id))? {
                let record = projection::record_of(&row)?;
                if record.may_have_acted() {
                    found.requests.push(self.beside(record)?);
                }
            }
        }
        let all = HistoryQuery {
            customer: customer.map(str::to_owned),
            text: String::new(),
            from: None,
            to: None,
            offset: 0,
            limit: 0,
        };
        found.elsewhere = self.all_history(&all)?.into_iter().filter(|refund| refund.request.is_none()).collect();
        Ok(found)
    }
}

impl Desk {
    /// One request beside its refunds; nothing moves by it. Error: `unknown_request`.
    pub fn reconciled(&self, request: &str) -> Result<Reconciled, DeskError> {
        self.beside(self.record(request)?)
    }

    fn beside(&self, record: Record) -> Result<Reconciled, DeskError> {
        let refunds = self.refunds_of(&record)?;
        let language = self.language()?;
        let look = |facts| Look { record: &record, refunds: &refunds, facts, policies: self.policies, language };
        let mut differences = look(None).differences();
        let mut lost = None;
        // What is as predicted needs no explanation.
        if !differences.is_empty() {
            match self.facts_then(&record, record.quote().at) {
                Ok(facts) => differences = look(Some(&facts)).differences(),
                Err(error) => lost = Some(error.problem()),
            }
        }
        Ok(row(record, differences, lost))
    }
}

fn row(record: Record, differences: Vec<Difference>, facts: Option<Problem>) -> Reconciled {
    let (low, high) = (record.quote().refund, record.quote().refund_max);
    let actual = record.actual.filter(|_| record.observed);
    let last = record.parts.iter().map(|part| day::of(part.at)).max();
    Reconciled {
        predicted: low,
        predicted_max: high,
        promised: record.promised,
        actual,
        difference: actual.map(|actual| actual - actual.clamp(low, high)),
        arrived: record.arrived,
        predicted_to: record.quote().destinations.clone(),
        predicted_on: record.quote().processed_by,
        predicted_by: record.arrives_by,
        arrived_on: last.filter(|_| record.state == RequestState::Refunded),
        differences,
        facts,
        arrived_to: record.parts,
        refund_orders: record.refund_orders,
        state: record.state,
        currency: record.reviewed.currency,
        resource: record.reviewed.resource,
        customer: record.customer,
        request: record.id,
    }
}
