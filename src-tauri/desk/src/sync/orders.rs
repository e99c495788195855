//! Orders, by windows of creation time: the list has no other filter and no order of its own.

use bss_openapi::wire::{OrderRow, QueryOrdersRequest};
use chrono::{DateTime, TimeDelta, Utc};
use desk_store::{Cursor, FROM_API, FROM_FILE, Json, OrderHead};
use rust_decimal::Decimal;

use super::run::{Run, count};
use crate::ambient::CLOCK_TOLERANCE;
use crate::error::DeskError;
use crate::facts::wire;
use crate::import;

const ORDERS: &str = "orders";

/// Length of a window. The longest one the API takes is not documented; a quarter keeps a page's total small.
const WINDOW: TimeDelta = TimeDelta::days(90);

/// The history reaches back at least this far: refunds of resources that are gone belong to it.
const HISTORY: TimeDelta = TimeDelta::days(365);

/// A later sync reads this much of the time before again: rows appear late and pages shift. Much longer than clocks may differ.
pub(super) const OVERLAP: TimeDelta = TimeDelta::hours(1);

/// How long before its resource an order may have been made.
const BEFORE_RESOURCE: TimeDelta = TimeDelta::days(1);

impl Run<'_> {
    /// Phase 3: the order list, window after window up to now.
    pub async fn read_orders(&mut self) -> Result<(), DeskError> {
        let Some(mut cursor) = self.cursor(ORDERS, |before| self.first_window(ORDERS, before))? else { return Ok(()) };
        while !cursor.done {
            let (Some(from), Some(to)) = (cursor.window_from, cursor.window_to) else { return Err(no_window(ORDERS)) };
            let request = QueryOrdersRequest { page_num: cursor.next_page, ..QueryOrdersRequest::new(from, to) };
            let page = self
                .ask(|client| {
                    let request = &request;
                    async move { client.query_orders(request).await }
                })
                .await?;
            let now = self.desk.now();
            let rows =
                page.rows.iter().map(|row| head(&self.connection.id, row, now)).collect::<Result<Vec<_>, _>>()?;
            self.orders += count(rows.len());
            self.refunds += count(rows.iter().filter(|r| wire::is_refund(&r.order_type)).count());
            self.tell(ORDERS, self.orders, None);
            cursor = self.keep_orders(next_step(cursor, page.last, self.until()), rows)?;
        }
        Ok(())
    }

    /// The first window: after what the last sync covered, or from the oldest resource on.
    pub(super) fn first_window(&self, phase: &str, before: Option<&Cursor>) -> Result<Cursor, DeskError> {
        let from = match before.and_then(|cursor| cursor.window_to) {
            Some(covered) => covered - OVERLAP,
            None => self.oldest()?,
        };
        let to = (from + WINDOW).min(self.until());
        Ok(Cursor { window_from: Some(from), window_to: Some(to.max(from)), ..self.first_page(phase) })
    }

    /// End of the last window. The cloud's clock may be ahead: what it dates after our now is there already.
    pub(super) fn until(&self) -> DateTime<Utc> {
        self.started_at + CLOCK_TOLERANCE
    }

    fn oldest(&self) -> Result<DateTime<Utc>, DeskError> {
        let resources = self.desk.store.read(|r| r.resources().list(&self.connection.id))?;
        let oldest = resources.iter().map(|r| r.created_at).min();
        let history = self.started_at - HISTORY;
        Ok(oldest.map_or(history, |oldest| (oldest - BEFORE_RESOURCE).min(history)))
    }

    fn keep_orders(&self, next: Cursor, rows: Vec<OrderHead>) -> Result<Cursor, DeskError> {
        let kept = next.clone();
        self.desk.write(move |tx, _| {
            for mut row in rows {
                // A row seen again keeps its detail unless it changed.
                if let Some(old) = tx.orders().get(&row.customer, &row.id)? {
                    if old.source == FROM_FILE {
                        import::yield_to_api(tx, &row.customer, &row.id)?;
                    }
                    row.settled = old.settled && old.source == FROM_API && old.payment_status == row.payment_status;
                }
                tx.orders().put(&row)?;
            }
            Ok(tx.cursors().put(&kept)?)
        })?;
        Ok(next)
    }
}

/// After a page: the next page, the next window, or done.
pub(super) fn next_step(cursor: Cursor, last_page: bool, until: DateTime<Utc>) -> Cursor {
    if !last_page {
        return Cursor { next_page: cursor.next_page + 1, ..cursor };
    }
    match cursor.window_to {
        Some(to) if to < until => {
            Cursor { window_from: Some(to), window_to: Some((to + WINDOW).min(until)), next_page: 1, ..cursor }
        }
        _ => Cursor { done: true, ..cursor },
    }
}

pub(super) fn no_window(phase: &str) -> DeskError {
    DeskError::new(
        "cursor_damaged",
        format!("the cursor of `{phase}` names no window"),
        "remove cache.db from the home; the next sync builds it again",
    )
    .at("cache.db")
}

fn head(customer: &str, row: &OrderRow, now: DateTime<Utc>) -> Result<OrderHead, DeskError> {
    let order_type = row.order_type.as_ref().map_or(String::new(), |t| t.as_str().to_owned());
    Ok(OrderHead {
        customer: customer.to_owned(),
        id: row.order_id.clone(),
        payment_status: row.payment_status.as_ref().map(|s| s.as_str().to_owned()),
        created_at: row.create_time.ok_or_else(|| {
            DeskError::new(
                "incomplete_reply",
                format!("the cloud's order `{}` has no CreateTime", row.order_id),
                "sync again; if it stays, ask the cloud's support",
            )
            .at(format!("{}.CreateTime", row.order_id))
        })?,
        paid_at: row.payment_time,
        currency: row.currency.clone().unwrap_or_default(),
        product: row.product_code.clone().unwrap_or_default(),
        gross: row.pretax_gross_amount.unwrap_or(Decimal::ZERO),
        pretax: row.pretax_amount.unwrap_or(Decimal::ZERO),
        tax: row.tax.unwrap_or(Decimal::ZERO),
        related_order: row.related_order_id.clone().filter(|id| !id.is_empty()),
        settled: false,
        facts_at: now,
        raw: Json::of(row)?,
        source: FROM_API.to_owned(),
        order_type,
    })
}
