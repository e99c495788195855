//! The facts as they were: a case rebuilt for the instant of an act, when the refund orders that followed were not there yet.
//! Whether it is the case of then is proven by the quote that was confirmed, not assumed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use desk_store::OrderHead;
use refund_rules::Case;
use refund_rules::case::{OrderStatus, ResourceStatus};
use refund_rules::quote::{Quote, RefundType};

/// An instant of the past, and what came of the act that is looked at.
#[derive(Debug, Clone)]
pub(crate) struct AsOf {
    /// Refund orders from this instant on are not there yet.
    pub at: DateTime<Utc>,
    /// Refund orders of the act itself, whatever the cloud's clock says of them.
    pub own: BTreeSet<String>,
}

impl AsOf {
    /// True for a refund order that was there; today all of them are.
    pub fn holds(past: Option<&Self>, head: &OrderHead) -> bool {
        past.is_none_or(|past| past.holds_refund(&head.id, head.created_at))
    }

    /// The same by id and time.
    pub fn holds_refund(&self, refund_order: &str, created_at: DateTime<Utc>) -> bool {
        created_at < self.at && !self.own.contains(refund_order)
    }

    /// Undoes what the act left in a case: the resource is there, its orders are paid. What the confirmed quote counts was so.
    pub fn restore(&self, case: &mut Case, confirmed: &Quote) {
        let counted = |order: &str| confirmed.lines.iter().any(|line| line.order == order);
        case.orders.retain(|order| order.created_at < self.at);
        for order in case.orders.iter_mut().filter(|order| counted(&order.id)) {
            order.status = OrderStatus::Paid;
        }
        if confirmed.eligible || confirmed.releasable {
            case.resource.status = match confirmed.refund_type {
                RefundType::Automatic => ResourceStatus::CreatingFailed,
                _ => ResourceStatus::Normal,
            };
            // Otherwise the chain's gaps would have blocked it.
            case.resource.chain_complete = true;
        }
    }
}
