//! The last way of matching: the manager says which refund order answers a request. Never an amount alone, and never another
//! resource's or another request's refund.

use desk_store::RefundRow;

use chrono::{DateTime, Utc};
use refund_rules::case::Action;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::RequestEvent;
use super::record::Record;
use crate::ambient::CLOCK_TOLERANCE;
use crate::difference::is_of;
use crate::error::DeskError;
use crate::home::Desk;
use crate::views::RequestView;

/// A refund order of the resource that answers no request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct RefundToChoose {
    pub refund_order: String,
    pub amount: Decimal,
    pub arrived: Decimal,
    /// When the cloud made it.
    pub refunded_at: DateTime<Utc>,
    /// Orders of the quote that it gives back.
    pub orders: Vec<String>,
}

impl Desk {
    /// Ties a refund order of the cache to a request that may have acted, and moves the request by it. Errors: `illegal_move`,
    /// `unknown_refund`, `refund_taken`, `refund_of_other`, `refund_older`.
    pub fn choose_refund(&self, request: &str, refund_order: &str) -> Result<RequestView, DeskError> {
        let record = self.record(request)?;
        let refunds = self.store.read(|r| r.refunds().list(&record.customer))?;
        let refund = refunds.iter().find(|refund| refund.refund_order == refund_order.trim()).ok_or_else(|| {
            refused(
                "unknown_refund",
                format!("`{refund_order}` is no refund order of this customer"),
                "sync, then look at the history",
            )
        })?;
        check(&record, refund)?;
        if !record.chosen.contains(&refund.refund_order) {
            let event = RequestEvent::RequestRefundChosen { refund_order: refund.refund_order.clone() };
            self.apply(&record, event)?;
        }
        self.reconcile(&record.customer)?;
        let record = self.record(request)?;
        self.show(&record)
    }

    /// Refund orders of the request's own resource that answer no request and may be chosen, oldest first.
    pub(super) fn refunds_to_choose(&self, record: &Record) -> Result<Vec<RefundToChoose>, DeskError> {
        if !record.may_choose_refund() {
            return Ok(Vec::new());
        }
        let choosable = self.unanswered(record)?.into_iter().filter(|refund| check(record, refund).is_ok());
        Ok(choosable
            .map(|refund| RefundToChoose {
                orders: orders_of(record, &refund),
                refund_order: refund.refund_order,
                amount: refund.amount,
                arrived: refund.arrived,
                refunded_at: refund.created_at,
            })
            .collect())
    }

    /// Refund orders of the request's own resource that answer no request, whenever they were made after its review.
    pub(super) fn unanswered(&self, record: &Record) -> Result<Vec<RefundRow>, DeskError> {
        let mut refunds = self.store.read(|r| r.refunds().list(&record.customer))?;
        refunds.retain(|refund| {
            let of_resource = refund.resource == record.reviewed.resource;
            let nameless = refund.resource.is_empty() && !orders_of(record, refund).is_empty();
            refund.request.is_none()
                && (of_resource || nameless)
                && refund.created_at + CLOCK_TOLERANCE >= record.created_at
        });
        refunds.sort_by(|a, b| (a.created_at, &a.refund_order).cmp(&(b.created_at, &b.refund_order)));
        Ok(refunds)
    }
}

/// Orders of the request's quote that a refund gives back.
fn orders_of(record: &Record, refund: &RefundRow) -> Vec<String> {
    let lines = record.quote().lines.iter();
    let own = lines.filter(|line| refund.related.iter().any(|order| is_of(line, order)));
    own.map(|line| line.order.clone()).collect()
}

/// From then on something may have been done for the request: a person may act before the desk is told of it.
fn decided_at(record: &Record) -> Option<DateTime<Utc>> {
    record.confirmed_at.or(record.acted_at)
}

fn check(record: &Record, refund: &RefundRow) -> Result<(), DeskError> {
    if let Some(other) = refund.request.as_ref().filter(|other| **other != record.id) {
        let why = format!("refund order `{}` answers request `{other}`", refund.refund_order);
        return Err(refused("refund_taken", why, "look at that request: a refund answers one only"));
    }
    if !refund.resource.is_empty() && refund.resource != record.reviewed.resource {
        let why = format!("refund order `{}` is of `{}`", refund.refund_order, refund.resource);
        return Err(refused("refund_of_other", why, "choose a refund order of the request's own resource"));
    }
    let falls = refund.related.is_empty() || !orders_of(record, refund).is_empty();
    if record.reviewed.action == Action::CancelRenewals && !refund.resource.is_empty() && !falls {
        let why = format!("refund order `{}` gives back no renewal that was to fall", refund.refund_order);
        return Err(refused("refund_of_other", why, "choose a refund order of one of the request's renewals"));
    }
    if decided_at(record).is_some_and(|at| refund.created_at + CLOCK_TOLERANCE < at) {
        let why = format!("refund order `{}` is older than the request's decision", refund.refund_order);
        return Err(refused("refund_older", why, "choose the refund order that came of it"));
    }
    Ok(())
}

fn refused(code: &str, why: String, next: &str) -> DeskError {
    DeskError::new(code, why, next).at("refund_order")
}
