//! Predicted and actual side by side: every request that may have acted with the refund orders that answer it, and the refunds that
//! were made elsewhere. From the cache alone; what moves by it is journaled as after a sync.

use refund_rules::quote::Destination;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::error::DeskError;
use crate::home::Desk;
use crate::projection;
use crate::requests::Record;
use crate::views::{HistoryQuery, RefundPart, RefundRow, RequestState};

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
                    found.requests.push(beside(record));
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

fn beside(record: Record) -> Reconciled {
    let (low, high) = (record.quote().refund, record.quote().refund_max);
    let actual = record.actual.filter(|_| record.observed);
    Reconciled {
        predicted: low,
        predicted_max: high,
        promised: record.promised,
        actual,
        difference: actual.map(|actual| actual - actual.clamp(low, high)),
        arrived: record.arrived,
        predicted_to: record.quote().destinations.clone(),
        arrived_to: record.parts,
        refund_orders: record.refund_orders,
        state: record.state,
        currency: record.reviewed.currency,
        resource: record.reviewed.resource,
        customer: record.customer,
        request: record.id,
    }
}
