//! Details of orders: sub-orders, their instances, periods and amounts. One sub-order of several instances becomes one part an
//! instance, split evenly to the minor unit (refund-rules section 16).

use std::collections::HashSet;
use std::sync::PoisonError;
use std::sync::atomic::Ordering::Relaxed;

use bss_openapi::wire::{GetOrderDetailRequest, OrderDetailRow};
use chrono::{DateTime, TimeDelta, Utc};
use desk_store::{FROM_API, Json, OrderHead, OrderPart, Written};
use futures_util::{StreamExt, stream};
use refund_rules::case::OrderStatus;
use refund_rules::{minor_units, split_evenly};
use rust_decimal::Decimal;

use super::orders::ORDERS;
use super::run::Run;
use super::tally::{Tally, count};
use crate::error::DeskError;
use crate::facts::coverage::Coverage;
use crate::facts::wire;

/// Keys of `ExtendInfos` with what coupons and vouchers paid.
const DEDUCTIONS: [&str; 2] = ["DeductedByCoupons", "DeductedByCashCoupons"];

/// An order that names no instance by then never will: it bought something else.
const NAMED_WITHIN: TimeDelta = TimeDelta::days(7);

/// Code of a detail that cannot be read.
const UNREADABLE: &str = "unreadable_reply";

/// Details that are ready at once are taken together.
const TAKEN_TOGETHER: usize = 100;

/// Resources that are quoted after a window although some of their orders may be missing.
const FIRST_LOOK: usize = 500;

/// The phase as it is told.
pub(super) const DETAILS: &str = "details";

/// An order with its detail, as it is kept.
struct Detail {
    head: OrderHead,
    parts: Vec<OrderPart>,
}

impl Run<'_> {
    /// One call for each order that is new or unsettled, several at once; then the quotes of the resources they concern.
    pub(super) async fn read_details(&self) -> Result<(), DeskError> {
        let heads = self.to_ask_about()?;
        if heads.is_empty() {
            return Ok(());
        }
        self.asking.store(true, Relaxed);
        let touched = self.ask_about(heads).await;
        self.asking.store(false, Relaxed);
        self.quote_touched(&touched?).await
    }

    /// Gives the resources that the details name.
    async fn ask_about(&self, heads: Vec<OrderHead>) -> Result<HashSet<String>, DeskError> {
        let total = self.tally.details.load(Relaxed) + count(heads.len());
        let mut details = stream::iter(heads)
            .map(|head| self.detail(head))
            .buffer_unordered(self.desk.ambient.at_once())
            .ready_chunks(TAKEN_TOGETHER);
        let (mut keeping, mut touched, mut odd) = (self.keeping(), HashSet::new(), Vec::new());
        let (mut waiting, mut failed) = (Vec::new(), None);
        while failed.is_none()
            && let Some(chunk) = details.next().await
        {
            let before = waiting.len();
            for detail in chunk {
                match detail {
                    Ok(detail) => {
                        touched.extend(detail.parts.iter().map(|part| part.instance.clone()));
                        waiting.push(detail);
                    }
                    // One that cannot be read leaves its order open: its product has no certain amount until it can.
                    Err(error) if error.code() == UNREADABLE => odd.push(error),
                    Err(error) => failed = failed.or(Some(error)),
                }
            }
            let done = Tally::add(&self.tally.details, waiting.len() - before);
            if self.is_due(&keeping, waiting.len()) {
                self.keep_after(&mut keeping, self.keep_details(std::mem::take(&mut waiting))?).await?;
            }
            self.tell(DETAILS, done, Some(total));
        }
        // What came before one that failed is kept.
        self.keep_after(&mut keeping, self.keep_details(waiting)?).await?;
        keeping.end().await?;
        if let Some(error) = failed {
            return Err(error);
        }
        if !odd.is_empty() {
            self.tell_odd_rows("GetOrderDetail", &odd)?;
        }
        Ok(touched)
    }

    /// The unsettled orders that this sync has not asked about yet.
    fn to_ask_about(&self) -> Result<Vec<OrderHead>, DeskError> {
        let mut heads = self.desk.store.read(|r| r.orders().unsettled(&self.connection.id))?;
        // An order that only a file tells may be none of the API's.
        heads.retain(|head| head.source == FROM_API);
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        heads.retain(|head| asked.insert(head.id.clone()));
        Ok(heads)
    }

    async fn detail(&self, mut head: OrderHead) -> Result<Detail, DeskError> {
        let request = GetOrderDetailRequest::new(&head.id);
        let data = self
            .ask(|client| {
                let request = &request;
                async move { client.get_order_detail(request).await }
            })
            .await?
            .data;
        let rows = &data.order_list.order;
        if let Some(row) = rows.first() {
            head.payment_status = row.payment_status.as_ref().map(|s| s.as_str().to_owned()).or(head.payment_status);
            head.paid_at = row.payment_time.or(head.paid_at);
            if let Some(related) = row.related_order_id.clone().filter(|id| !id.is_empty()) {
                head.related_order = Some(related);
            }
        }
        let mut parts = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            parts.extend(parts_of(&head, row, place)?);
        }
        let open = !wire::is_refund(&head.order_type)
            && wire::payment_status(head.payment_status.as_deref()) == OrderStatus::Unpaid;
        // While an order is being carried out, its detail does not name the instance yet.
        let nameless = parts.iter().any(|part| part.instance.is_empty());
        let fresh = self.desk.now() - head.created_at < NAMED_WITHIN;
        let to_be_named = !wire::is_refund(&head.order_type) && nameless && fresh;
        head.settled = !rows.is_empty() && !open && !to_be_named;
        Ok(Detail { head, parts })
    }

    fn keep_details(&self, details: Vec<Detail>) -> Result<Written<(), DeskError>, DeskError> {
        self.keep(move |tx, _| {
            for Detail { head, parts } in &details {
                tx.order_parts().replace_for_order(&head.customer, &head.id, parts)?;
                tx.orders().learn(head)?;
            }
            Ok(())
        })
    }

    /// The page fills while the sync goes on: a resource is quoted when its first order was read, and again when none of them can be
    /// missing any more, which is when it has an amount.
    async fn quote_touched(&self, touched: &HashSet<String>) -> Result<(), DeskError> {
        let resources = self.to_quote(touched)?;
        self.desk.quote_beside(&self.connection.id, &resources).await
    }

    fn to_quote(&self, touched: &HashSet<String>) -> Result<Vec<String>, DeskError> {
        let customer = &self.connection.id;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let first_seen: Vec<&String> = touched.iter().filter(|id| !id.is_empty() && !open.contains_key(*id)).collect();
        let (rows, cursor) = self.desk.store.read(|r| {
            Ok::<_, DeskError>((r.resources().among(customer, &first_seen)?, r.cursors().get(customer, ORDERS)?))
        })?;
        // Of a long first sync only a page's worth: they have no amount yet, and all of them are quoted again.
        let mut resources: Vec<String> = rows.iter().map(|row| row.id.clone()).take(FIRST_LOOK).collect();
        open.extend(rows.into_iter().map(|row| (row.id, row.created_at)));
        let coverage = Coverage::of(cursor.as_ref());
        // One that was touched has an order of this sync.
        let complete = |created_at: DateTime<Utc>| !coverage.may_miss(created_at, std::iter::once(self.started_at));
        resources.extend(open.extract_if(|_, created_at| complete(*created_at)).map(|(id, _)| id));
        drop(open);
        resources.sort_unstable();
        resources.dedup();
        Ok(resources)
    }
}

/// The parts of one sub-order. Refund orders' amounts are kept positive: their sign on the wire is not documented.
fn parts_of(head: &OrderHead, row: &OrderDetailRow, place: usize) -> Result<Vec<OrderPart>, DeskError> {
    let nth = place;
    let place = |problem: bss_openapi::wire::Problem| {
        DeskError::new(UNREADABLE, problem.reason, "sync again; if it stays, the cloud changed its format: tell us")
            .at(format!("order {} {}", head.id, problem.place))
    };
    let mut instances = row.instances().map_err(place)?;
    let mut named = HashSet::new();
    instances.retain(|id| named.insert(id.clone()));
    if instances.is_empty() {
        // Kept all the same: the amount is real, and a related order tells the resource.
        instances.push(String::new());
    }
    wire::check_amounts(row, &DEDUCTIONS).map_err(place)?;
    let mut coupon = Decimal::ZERO;
    for key in DEDUCTIONS {
        coupon += row.extend_amount(key).map_err(place)?.unwrap_or(Decimal::ZERO);
    }
    let refund = wire::is_refund(&head.order_type);
    let amount = |value: Option<Decimal>| value.map_or(Decimal::ZERO, |v| if refund { v.abs() } else { v });
    let pretax = amount(row.pretax_amount);
    let places = minor_units(&head.currency);
    let share = |total: Decimal| split_evenly(total, count(instances.len()), places);
    let lists = share(amount(row.pretax_gross_amount));
    let cashes = share((pretax - coupon).max(Decimal::ZERO));
    let (coupons, taxes) = (share(coupon), share(amount(row.tax)));
    let raw = Json::of(row)?;
    Ok(instances
        .iter()
        .enumerate()
        .map(|(i, instance)| OrderPart {
            customer: head.customer.clone(),
            order_id: head.id.clone(),
            // Rows without a number are told apart by their place.
            sub_order: row.sub_order_id.clone().unwrap_or_else(|| format!("#{nth}")),
            instance: instance.clone(),
            part_type: row.order_sub_type.as_ref().map_or(String::new(), |t| t.as_str().to_owned()),
            start_at: row.usage_start_time,
            end_at: row.usage_end_time,
            list: lists[i],
            cash: cashes[i],
            coupon: coupons[i],
            tax: taxes[i],
            raw: raw.clone(),
        })
        .collect())
}
