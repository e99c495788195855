//! Which refund orders belong to which request: by the recorded refund order id, else by the resource of the refund's
//! sub-orders, else by the order it relates to and the time; never by an amount alone. N refund orders may answer one request.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use desk_store::{Read, RefundRow, Write};
use refund_rules::case::Action;
use rust_decimal::Decimal;

use crate::error::DeskError;
use crate::home::Desk;
use crate::projection::{self, Scribe};
use crate::requests::{Record, RequestEvent};
use crate::views::{RefundPart, RequestState};

/// How far the clocks of desk and cloud may be apart: a refund order this much older than the act may still be its own.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(15);

impl Desk {
    /// Moves the open requests of a customer by the refunds in the cache. Answers the ids of those that moved.
    pub(crate) fn reconcile(&self, customer: &str) -> Result<Vec<String>, DeskError> {
        let customer = customer.to_owned();
        self.write(move |tx, scribe| {
            let mut moved = Vec::new();
            for row in tx.requests().of_customer(&customer)? {
                let record = projection::record_of(&row)?;
                if record.may_have_acted() && record.state != RequestState::Refunded && settle(tx, scribe, &record)? {
                    moved.push(record.id);
                }
            }
            Ok(moved)
        })
    }
}

/// Moves one request as far as its refunds allow. True when it moved.
fn settle(tx: &mut Write<'_>, scribe: &Scribe, record: &Record) -> Result<bool, DeskError> {
    let refunds = refunds_of(tx, record)?;
    if refunds.is_empty() {
        return Ok(false);
    }
    let mut moved = false;
    let ids: Vec<String> = refunds.iter().map(|r| r.refund_order.clone()).collect();
    let amount: Decimal = refunds.iter().map(|r| r.amount).sum();
    let seen_before = matches!(record.state, RequestState::Observed | RequestState::PartRefunded) && same(&record.refund_orders, &ids);
    if !seen_before {
        let event = RequestEvent::RequestObserved { refund_orders: ids, amount };
        scribe.move_request(tx, &record.id, &record.customer, &event)?;
        moved = true;
    }
    let arrived: Decimal = refunds.iter().map(|r| r.arrived).sum();
    let parts = refunds.iter().map(|r| r.parts.read::<Vec<RefundPart>>()).collect::<Result<Vec<_>, _>>()?.concat();
    if refunds.iter().all(|r| r.arrived >= r.amount) {
        scribe.move_request(tx, &record.id, &record.customer, &RequestEvent::RequestRefunded { arrived, parts })?;
        moved = true;
    } else if arrived > record.arrived {
        scribe.move_request(tx, &record.id, &record.customer, &RequestEvent::RequestPartRefunded { arrived, parts })?;
        moved = true;
    }
    for mut refund in refunds {
        refund.predicted = predicted(record, &refund);
        refund.request = Some(record.id.clone());
        refund.reason.clone_from(&record.reason);
        tx.refunds().put(&refund)?;
    }
    Ok(moved)
}

fn same(a: &[String], b: &[String]) -> bool {
    a.iter().collect::<BTreeSet<_>>() == b.iter().collect::<BTreeSet<_>>()
}

/// The refunds that are this request's, oldest first. Refunds that another request claimed are left alone.
fn refunds_of(read: &Read<'_>, record: &Record) -> Result<Vec<RefundRow>, DeskError> {
    let mut mine: Vec<RefundRow> = read.refunds().list(&record.customer)?.into_iter().filter(|refund| is_mine(record, refund)).collect();
    mine.sort_by(|a, b| (a.created_at, &a.refund_order).cmp(&(b.created_at, &b.refund_order)));
    Ok(mine)
}

fn is_mine(record: &Record, refund: &RefundRow) -> bool {
    if refund.request.as_ref().is_some_and(|other| *other != record.id) {
        return false;
    }
    if record.refund_orders.contains(&refund.refund_order) {
        return true;
    }
    let after_the_act = record.acted_at.is_some_and(|at| refund.created_at + CLOCK_TOLERANCE >= at);
    if !after_the_act {
        return false;
    }
    let relates = refund.related.iter().any(|order| lines_of(record, order).next().is_some());
    match record.reviewed.action {
        // Only the renewals that fall: the rest of the chain may be refunded for other reasons.
        Action::CancelRenewals => relates && (refund.resource.is_empty() || refund.resource == record.reviewed.resource),
        // An order may hold several resources: when the refund names one, it must be this one.
        _ => refund.resource == record.reviewed.resource || (refund.resource.is_empty() && relates),
    }
}

/// What the quote promised for the orders of this refund. A range promises anything inside it: the nearest amount is taken.
fn predicted(record: &Record, refund: &RefundRow) -> Option<Decimal> {
    let lines: Vec<_> = refund.related.iter().flat_map(|order| lines_of(record, order)).collect();
    if lines.is_empty() {
        return None;
    }
    let low: Decimal = lines.iter().map(|l| l.refund).sum();
    let high: Decimal = lines.iter().map(|l| l.refund_max).sum();
    Some(refund.amount.clamp(low, high.max(low)))
}

/// The quote's lines of an order: one, or one for each sub-order (`ORDER/SUBORDER`).
fn lines_of<'a>(record: &'a Record, order: &str) -> impl Iterator<Item = &'a refund_rules::quote::Line> {
    let order = order.to_owned();
    record.quote().lines.iter().filter(move |line| line.order == order || line.order.split_once('/').is_some_and(|(head, _)| head == order))
}
