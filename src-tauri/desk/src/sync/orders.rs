//! Orders, by windows of creation time: the list has no other filter and no order of its own.

use bss_openapi::wire::{OrderRow, QueryOrdersRequest};
use chrono::{DateTime, TimeDelta, Utc};
use desk_store::{Cursor, FROM_API, FROM_FILE, Json, OrderHead, Written};
use rust_decimal::Decimal;

use super::run::{Keeping, Run};
use super::tally::Tally;
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
    /// Phases 3 and 4: the order list, window after window back from now, and after each window the details of its orders, so
    /// that the youngest resources can be quoted first.
    pub async fn read_orders(&self) -> Result<(), DeskError> {
        let cursor = self.cursor(ORDERS, |before| self.first_window(ORDERS, before))?;
        // Orders that stayed open, and those that an earlier sync listed and did not come to ask about.
        self.read_details().await?;
        let Some(mut cursor) = cursor else { return Ok(()) };
        while !cursor.done {
            cursor = self.read_window(cursor).await?;
            self.read_details().await?;
        }
        Ok(())
    }

    /// The rest of a window; gives the cursor at the next one.
    async fn read_window(&self, mut cursor: Cursor) -> Result<Cursor, DeskError> {
        let window = cursor.window_to;
        let mut keeping = Keeping::default();
        while !cursor.done && cursor.window_to == window {
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
            Tally::add(&self.tally.refunds, rows.iter().filter(|r| wire::is_refund(&r.order_type)).count());
            self.tell(ORDERS, Tally::add(&self.tally.orders, rows.len()), None);
            cursor = next_step(cursor, page.last);
            keeping.after(self.keep_orders(&cursor, rows)?).await?;
        }
        keeping.end().await?;
        Ok(cursor)
    }

    /// The first window: the newest, of a range that begins where the last sync ended or with the oldest resource.
    pub(super) fn first_window(&self, phase: &str, before: Option<&Cursor>) -> Result<Cursor, DeskError> {
        let from = match before.and_then(|cursor| cursor.range_to) {
            Some(covered) => covered - OVERLAP,
            None => self.oldest()?,
        };
        let to = self.until().max(from);
        Ok(Cursor {
            window_from: Some((to - WINDOW).max(from)),
            window_to: Some(to),
            range_from: Some(from),
            range_to: Some(to),
            ..self.first_page(phase)
        })
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

    fn keep_orders(&self, next: &Cursor, rows: Vec<OrderHead>) -> Result<Written<(), DeskError>, DeskError> {
        let next = next.clone();
        self.desk.write_later(move |tx, _| {
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
            Ok(tx.cursors().put(&next)?)
        })
    }
}

/// After a page: the next page, the window before, or done.
pub(super) fn next_step(cursor: Cursor, last_page: bool) -> Cursor {
    if !last_page {
        return Cursor { next_page: cursor.next_page + 1, ..cursor };
    }
    match (cursor.range_from, cursor.window_from) {
        (Some(oldest), Some(from)) if from > oldest => {
            Cursor { window_from: Some((from - WINDOW).max(oldest)), window_to: Some(from), next_page: 1, ..cursor }
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
