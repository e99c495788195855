//! Which refund orders belong to which request: by the recorded refund order id, else by the resource of the refund's
//! sub-orders, else by the order it relates to and the time; never by an amount alone. N refund orders may answer one request.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use desk_store::{RefundRow, Write};
use refund_rules::Calendar;
use refund_rules::case::{Action, OrderStatus, OrderType};
use refund_rules::quote::{Line, Quote, What};
use rust_decimal::Decimal;

use crate::ambient::CLOCK_TOLERANCE;
use crate::day::{self, day_start};
use crate::difference::is_of;
use crate::error::DeskError;
use crate::facts::wire;
use crate::home::Desk;
use crate::merged;
use crate::projection::{self, Scribe};
use crate::requests::{self, Record, RequestEvent};
use crate::views::{RefundPart, RequestState};

/// The outer limit for a refund to come (refund-rules section 13).
const LIMIT_BUSINESS_DAYS: u32 = 30;

impl Desk {
    /// Moves the open requests of a customer by the refunds in the cache, and ties settled ones to theirs again where the cache was
    /// built anew. Answers the ids of those that moved.
    pub(crate) fn reconcile(&self, customer: &str) -> Result<Vec<String>, DeskError> {
        let customer = customer.to_owned();
        let policies = self.policies;
        self.write(move |tx, scribe| {
            let mut moved = Vec::new();
            let mut acted = Vec::new();
            for row in tx.requests().of_customer(&customer)? {
                let record = projection::record_of(&row)?;
                if requests::expire(tx, scribe, &record)? {
                    moved.push(record.id.clone());
                }
                if record.may_have_acted() {
                    acted.push(record);
                }
            }
            if acted.is_empty() {
                return Ok(moved);
            }
            let mut refunds = Vec::new();
            for row in tx.refunds().list(&customer)? {
                refunds.extend(merged::by_resource(tx, row)?);
            }
            refunds.sort_by(|a, b| (a.created_at, &a.refund_order).cmp(&(b.created_at, &b.refund_order)));
            let mut tied: BTreeMap<String, Tied> = BTreeMap::new();
            let owners = owners(&acted, &refunds);
            for record in acted {
                let own = |refund: &&RefundRow| owners.get(&key(refund)) == Some(&record.id);
                let mine: Vec<&RefundRow> = refunds.iter().filter(own).collect();
                let settled = record.state != RequestState::Refunded && settle(tx, scribe, &record, &mine)?;
                let now = projection::record(tx, &record.id)?;
                let late = fall_overdue(tx, scribe, &now, &mine, policies.calendar())?;
                // Part of the money of an overdue one leaves it where it was.
                if settled || (late && now.state == record.state) {
                    moved.push(record.id.clone());
                }
                tie(tx, &record, &mine, &mut tied)?;
                if note_returned(tx, scribe, &record.id)? && !moved.contains(&record.id) {
                    moved.push(record.id.clone());
                }
            }
            Ok(moved)
        })
    }
}

/// Moves one request as far as its refunds allow. True when it moved.
fn settle(tx: &mut Write<'_>, scribe: &Scribe, record: &Record, refunds: &[&RefundRow]) -> Result<bool, DeskError> {
    if refunds.is_empty() {
        return Ok(false);
    }
    let ids: Vec<String> = refunds.iter().map(|r| r.refund_order.clone()).collect();
    let amount: Decimal = refunds.iter().map(|r| r.amount).sum();
    let arrived: Decimal = refunds.iter().map(|r| r.arrived).sum();
    let parts = refunds.iter().map(|r| r.parts.read::<Vec<RefundPart>>()).collect::<Result<Vec<_>, _>>()?.concat();
    // An overdue one that was seen stays overdue until more of its money comes.
    let seen_before = record.observed && same(&record.refund_orders, &ids);
    if !seen_before {
        scribe.move_request(
            tx,
            &record.id,
            &record.customer,
            &RequestEvent::RequestObserved { refund_orders: ids, amount },
        )?;
    }
    let all_arrived = refunds.iter().all(|r| r.arrived >= r.amount);
    let event = if all_arrived && is_whole(record, refunds, &ended(tx, record, refunds)?) {
        RequestEvent::RequestRefunded { arrived, parts }
    } else if arrived > record.arrived || (!seen_before && !arrived.is_zero()) {
        RequestEvent::RequestPartRefunded { arrived, parts }
    } else {
        return Ok(!seen_before);
    };
    scribe.move_request(tx, &record.id, &record.customer, &event)?;
    Ok(true)
}

/// The last day for the money has passed and not all of it was seen: a ticket is due.
fn fall_overdue(
    tx: &mut Write<'_>,
    scribe: &Scribe,
    record: &Record,
    refunds: &[&RefundRow],
    calendar: &Calendar,
) -> Result<bool, DeskError> {
    let last_day = last_day(record, refunds, calendar).and_then(|day| day.succ_opt());
    let late = last_day.is_some_and(|day| scribe.now >= day_start(day));
    let waits = matches!(
        record.state,
        RequestState::Accepted
            | RequestState::HandedOver
            | RequestState::Reported
            | RequestState::Unknown
            | RequestState::Observed
            | RequestState::PartRefunded
    );
    if !late || !waits {
        return Ok(false);
    }
    scribe.move_request(tx, &record.id, &record.customer, &RequestEvent::RequestOverdue {})?;
    Ok(true)
}

/// The limit of the confirmed quote; where the cloud made the refund on a later day, as many business days after that one. A quote
/// that promised nothing names no limit: then the general one after the act, so that nothing is followed for ever.
fn last_day(record: &Record, refunds: &[&RefundRow], calendar: &Calendar) -> Option<NaiveDate> {
    let made_on = refunds.iter().map(|refund| day::of(refund.created_at)).max();
    let Some(told) = record.arrives_by else {
        let from = made_on.max(record.acted_at.map(day::of))?;
        return Some(calendar.add_business_days(from, LIMIT_BUSINESS_DAYS).date);
    };
    let quoted_on = day::of(record.quote().at);
    let Some(made_on) = made_on.filter(|made_on| *made_on > quoted_on) else { return Some(told) };
    let limit = day::business_days(calendar, quoted_on, told);
    Some(calendar.add_business_days(made_on, limit).date.max(told))
}

/// A renewal that was paid after the pending ones were cancelled: automatic renewal was still on (refund-rules section 7). Told
/// once for each order.
fn note_returned(tx: &mut Write<'_>, scribe: &Scribe, request: &str) -> Result<bool, DeskError> {
    let record = projection::record(tx, request)?;
    let Some(cancelled_at) = record.acted_at.filter(|_| record.observed) else { return Ok(false) };
    if record.reviewed.action != Action::CancelRenewals {
        return Ok(false);
    }
    let mut orders = BTreeSet::new();
    for part in tx.order_parts().of_instance(&record.customer, &record.reviewed.resource)? {
        let Some(head) = tx.orders().get(&record.customer, &part.order_id)? else { continue };
        let renewal = wire::order_type(&head.order_type) == OrderType::Renew
            && wire::payment_status(head.payment_status.as_deref()) == OrderStatus::Paid;
        let known = record.returned_renewals.contains(&head.id) || lines_of(&record, &head.id).next().is_some();
        if renewal && head.created_at > cancelled_at && !known {
            orders.insert(head.id);
        }
    }
    if orders.is_empty() {
        return Ok(false);
    }
    let event = RequestEvent::RequestRenewalReturned { orders: orders.into_iter().collect() };
    scribe.move_request(tx, &record.id, &record.customer, &event)?;
    Ok(true)
}

/// Orders of the resource whose service period had ended when the cloud made the refund: nothing comes back for them, whatever an
/// earlier quote said.
fn ended(tx: &mut Write<'_>, record: &Record, refunds: &[&RefundRow]) -> Result<BTreeSet<String>, DeskError> {
    let Some(made_at) = made_at(refunds) else { return Ok(BTreeSet::new()) };
    let mut ends: BTreeMap<String, bool> = BTreeMap::new();
    for part in tx.order_parts().of_instance(&record.customer, &record.reviewed.resource)? {
        let over = part.end_at.is_some_and(|end| end <= made_at);
        ends.entry(part.order_id).and_modify(|all| *all &= over).or_insert(over);
    }
    Ok(ends.into_iter().filter_map(|(order, over)| over.then_some(order)).collect())
}

fn made_at(refunds: &[&RefundRow]) -> Option<DateTime<Utc>> {
    refunds.iter().map(|refund| refund.created_at).min()
}

/// The cloud lists the refund orders of one unsubscription one by one: until each order that gives something back has its own,
/// or all of the money is there (a merged refund), more is to come. An act that was carried out days after it was handed over
/// gives what it gave then.
fn is_whole(record: &Record, refunds: &[&RefundRow], ended: &BTreeSet<String>) -> bool {
    let quote = record.quote();
    let amount: Decimal = refunds.iter().map(|refund| refund.amount).sum();
    let answered = |line: &Line| refunds.iter().flat_map(|refund| &refund.related).any(|order| is_of(line, order));
    let over = |line: &Line| ended.iter().any(|order| is_of(line, order));
    // What the cloud said just before the act is the whole amount; without its word, the most that the quote promised.
    let whole = record.promised.unwrap_or(quote.refund_max);
    let then = made_at(refunds).and_then(|at| told_for(quote, at));
    amount >= whole
        || then.is_some_and(|then| !then.is_zero() && amount >= then)
        || quote.lines.iter().filter(|line| !line.refund_max.is_zero() && !over(line)).all(answered)
}

/// What an exact quote says it will give at a later instant, by its own list of changes.
fn told_for(quote: &Quote, at: DateTime<Utc>) -> Option<Decimal> {
    if quote.refund != quote.refund_max {
        return None;
    }
    let last = quote.next_changes.iter().rfind(|change| change.what == What::Amount && change.at <= at)?;
    last.after.parse().ok()
}

/// What one refund order answers, as far as the requests were gone through.
#[derive(Default)]
struct Tied {
    requests: Vec<String>,
    /// What was promised to all of them.
    predicted: Option<Decimal>,
}

/// Writes into the history whose refunds these are and what was promised. Of a refund order that answers several requests it keeps
/// the one of its first resource first, and names the others too.
fn tie(
    tx: &mut Write<'_>,
    record: &Record,
    refunds: &[&RefundRow],
    tied: &mut BTreeMap<String, Tied>,
) -> Result<(), DeskError> {
    for refund in refunds {
        let Some(mut kept) = tx.refunds().get(&refund.customer, &refund.refund_order)? else { continue };
        let all = tied.entry(refund.refund_order.clone()).or_default();
        let predicted = predicted(record, refund);
        all.predicted = predicted.map(|amount| amount + all.predicted.unwrap_or_default()).or(all.predicted);
        if all.requests.is_empty() || kept.resource == record.reviewed.resource {
            kept.request = Some(record.id.clone());
            kept.reason.clone_from(&record.reason);
        }
        all.requests.push(record.id.clone());
        kept.predicted = all.predicted;
        let other = |id: &&String| kept.request.as_ref() != Some(*id);
        kept.also_answers = all.requests.iter().filter(other).cloned().collect();
        tx.refunds().put(&kept)?;
    }
    Ok(())
}

/// A refund order may answer a request for each of its resources.
fn key(refund: &RefundRow) -> (String, String) {
    (refund.refund_order.clone(), refund.resource.clone())
}

fn same(a: &[String], b: &[String]) -> bool {
    a.iter().collect::<BTreeSet<_>>() == b.iter().collect::<BTreeSet<_>>()
}

/// How a refund order was found to belong to a request; the first wins over those that follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rung {
    RecordedId,
    Instance,
    RelatedOrder,
    ManagersChoice,
}

/// Whose each refund order is, by its id and resource. Where two requests could have one, the higher rung has it; on one rung the
/// request whose quote names its order, then the one that acted last. An order of several resources does not tell which of them:
/// there the manager chooses.
fn owners(records: &[Record], refunds: &[RefundRow]) -> BTreeMap<(String, String), String> {
    let owner = |refund: &RefundRow| {
        let claims: Vec<&Record> = records.iter().filter(|record| is_mine(record, refund)).collect();
        let by =
            |record: &&&Record| (rung(record, refund), !relates(record, refund), std::cmp::Reverse(record.acted_at));
        let best = claims.iter().min_by_key(by)?;
        let taken = refund.request.is_some();
        let other = |record: &&Record| record.reviewed.resource != best.reviewed.resource;
        let unclear = !taken && rung(best, refund) == Rung::RelatedOrder && claims.iter().any(other);
        let chose = |record: &&&Record| record.chosen.contains(&refund.refund_order);
        let owner = if unclear { claims.iter().find(chose)? } else { best };
        Some((key(refund), owner.id.clone()))
    };
    refunds.iter().filter_map(owner).collect()
}

/// The rung of a refund that is the request's.
fn rung(record: &Record, refund: &RefundRow) -> Rung {
    if record.refund_orders.contains(&refund.refund_order) {
        Rung::RecordedId
    } else if record.chosen.contains(&refund.refund_order) {
        Rung::ManagersChoice
    } else if refund.resource == record.reviewed.resource {
        Rung::Instance
    } else {
        Rung::RelatedOrder
    }
}

fn relates(record: &Record, refund: &RefundRow) -> bool {
    refund.related.iter().any(|order| lines_of(record, order).next().is_some())
}

/// True for a refund that answers this request. Refunds that another request claimed are left alone, and those of another
/// resource too, whatever id was reported.
fn is_mine(record: &Record, refund: &RefundRow) -> bool {
    if refund.request.as_ref().is_some_and(|other| *other != record.id) {
        return false;
    }
    let relates = relates(record, refund);
    let of_resource = refund.resource == record.reviewed.resource;
    // The manager's word stands where nothing speaks against it: it was checked when it was given.
    if record.chosen.contains(&refund.refund_order) && (of_resource || refund.resource.is_empty()) {
        return true;
    }
    let named = record.refund_orders.contains(&refund.refund_order);
    if named {
        // Of a cancellation only what fell: the rest of the chain came back for another reason, whatever id was reported.
        if record.reviewed.action == Action::CancelRenewals && !relates && !refund.related.is_empty() {
            return false;
        }
        return of_resource || (refund.resource.is_empty() && (relates || refund.related.is_empty()));
    }
    if record.state == RequestState::Refunded {
        // A late part of it: the history shows whose it is.
        return relates && of_resource && record.acted_at.is_some_and(|at| refund.created_at >= at);
    }
    match record.acted_at {
        None => false,
        Some(at) if refund.created_at + CLOCK_TOLERANCE < at => false,
        // Older than the act by the clocks: only what the quote names can be its own.
        Some(at) if refund.created_at < at && !relates => false,
        Some(_) => match record.reviewed.action {
            // Only the renewals that fall: the rest of the chain may be refunded for other reasons.
            Action::CancelRenewals => relates && (refund.resource.is_empty() || of_resource),
            // An order may hold several resources: when the refund names one, it must be this one.
            _ => of_resource || (refund.resource.is_empty() && relates),
        },
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

/// The quote's lines of an order: one, or one for each sub-order.
fn lines_of<'a>(record: &'a Record, order: &str) -> impl Iterator<Item = &'a Line> {
    record.quote().lines.iter().filter(move |line| is_of(line, order))
}

#[cfg(test)]
mod tests {
    use desk_store::Json;
    use refund_rules::Policies;

    use super::*;
    use crate::requests::Reviewed;

    fn d(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    /// A purchase and an upgrade in effect, both paid at half the list price, their discount table unknown.
    fn range() -> Record {
        let order = |id: &str, kind: &str| {
            format!(
                r#"{{"id": "{id}", "type": "{kind}", "status": "paid", "currency": "USD", "created_at": "2026-01-01T00:00:00+08:00",
                "paid_at": "2026-01-01T00:00:00+08:00", "start": "2026-01-01T00:00:00+08:00", "end": "2027-01-01T00:00:00+08:00",
                "list": "1200", "cash": "600", "discounts": null}}"#
            )
        };
        let case = format!(
            r#"{{"customer": {{"uid": "1", "site": "international", "currency": "USD"}},
            "resource": {{"id": "i-1", "product": "ecs", "kind": "instance", "billing": "subscription", "status": "normal"}},
            "orders": [{}, {}], "ask": {{"at": "2026-04-11T00:00:00+08:00", "action": "unsubscribe"}}}}"#,
            order("11", "new"),
            order("12", "upgrade")
        );
        let case = refund_rules::parse_case(&case).expect("a case");
        let quote = refund_rules::quote(&case, Policies::built_in()).expect("a quote").seal();
        let reviewed = Reviewed {
            resource: "i-1".to_owned(),
            product: "ecs".to_owned(),
            product_type: String::new(),
            instance: true,
            action: Action::Unsubscribe,
            expires: None,
            currency: "USD".to_owned(),
            quote,
        };
        let event = RequestEvent::RequestReviewed(Box::new(reviewed));
        Record::start("r", "1", &event, DateTime::<Utc>::UNIX_EPOCH).expect("a first event")
    }

    fn refund(order: &str, amount: &str) -> RefundRow {
        RefundRow {
            customer: "1".to_owned(),
            refund_order: format!("2{order}"),
            resource: "i-1".to_owned(),
            product: "ecs".to_owned(),
            related: vec![order.to_owned()],
            currency: "USD".to_owned(),
            amount: d(amount),
            created_at: DateTime::<Utc>::UNIX_EPOCH,
            arrived: d(amount),
            arrived_at: None,
            parts: Json::parse("[]").expect("JSON"),
            request: None,
            also_answers: Vec::new(),
            predicted: None,
            reason: None,
        }
    }

    /// Each order gives 600 - 1200 x 100 / 365 = 271.23 at least and 600 - 600 x 100 / 365 = 435.62 at most: 542.46 to 871.24.
    #[test]
    fn a_range_is_whole_by_its_orders_or_by_what_the_cloud_said() {
        let record = range();
        assert_eq!((record.quote().refund, record.quote().refund_max), (d("542.46"), d("871.24")));
        for (case, promised, refunds, whole) in [
            ("one order of two, above the least of both", None, vec![refund("11", "600.00")], false),
            ("both orders", None, vec![refund("11", "300.00"), refund("12", "300.00")], true),
            ("merged: all that the inquiry said", Some(d("600.00")), vec![refund("11", "600.00")], true),
            ("a part of what the inquiry said", Some(d("700.00")), vec![refund("11", "600.00")], false),
            ("merged: the most that can come", None, vec![refund("11", "871.24")], true),
        ] {
            let record = Record { promised, ..record.clone() };
            let rows: Vec<&RefundRow> = refunds.iter().collect();
            assert_eq!(is_whole(&record, &rows, &BTreeSet::new()), whole, "{case}");
        }
    }
}
