//! The last way of matching: the manager says which refund order answers a request. Never an amount alone, and never another
//! resource's or another request's refund.

use desk_store::RefundRow;

use super::RequestEvent;
use super::record::Record;
use crate::ambient::CLOCK_TOLERANCE;
use crate::error::DeskError;
use crate::home::Desk;
use crate::views::RequestView;

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
    if record.acted_at.is_some_and(|at| refund.created_at + CLOCK_TOLERANCE < at) {
        let why = format!("refund order `{}` is older than the request's act", refund.refund_order);
        return Err(refused("refund_older", why, "choose the refund order that came of it"));
    }
    Ok(())
}

fn refused(code: &str, why: String, next: &str) -> DeskError {
    DeskError::new(code, why, next).at("refund_order")
}
