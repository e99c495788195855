//! Orders, by windows of creation time: the list has no other filter and no order of its own.

use bss_openapi::wire::{OrderRow, QueryOrdersRequest};
use chrono::{DateTime, TimeDelta, Utc};
use desk_store::{Cursor, FROM_API, FROM_FILE, Json, OrderHead, Written};
use rust_decimal::Decimal;

use super::run::{Listed, Run};
use super::tally::Tally;
use crate::ambient::CLOCK_TOLERANCE;
use crate::error::DeskError;
use crate::facts::coverage::BEFORE_RESOURCE;
use crate::facts::wire;
use crate::import;

/// The phase whose cursor says which orders were read.
pub(crate) const ORDERS: &str = "orders";

/// Length of a window. The longest one the API takes is not documented; a quarter keeps a page's total small.
const WINDOW: TimeDelta = TimeDelta::days(90);

/// The history reaches back at least this far: refunds of resources that are gone belong to it.
const HISTORY: TimeDelta = TimeDelta::days(365);

/// A later sync reads this much of the time before again: rows appear late and pages shift. Much longer than clocks may differ.
pub(super) const OVERLAP: TimeDelta = TimeDelta::hours(1);

impl Run<'_> {
    /// Phases 3 and 4: the order list, window after window back from now, and after each window the details of its orders, so
    /// that the youngest resources can be quoted first.
    pub async fn read_orders(&self) -> Result<(), DeskError> {
        let mut cursor = self.cursor(ORDERS, |before| self.first_window(ORDERS, before)).await?;
        // Orders that stayed open, and those that an earlier sync listed and did not come to ask about.
        self.read_details().await?;
        // While the orders of a window are asked about, the next window is listed.
        while !cursor.done {
            let mut next = None;
            let listed = async {
                next = Some(self.read_window(cursor).await?);
                Ok(())
            };
            self.both(listed, self.read_details()).await?;
            let Some(next) = next else { return Err(no_window(ORDERS)) };
            cursor = next;
        }
        self.read_details().await
    }

    /// The rest of a window; gives the cursor at the next one. What came before a call that failed is kept.
    async fn read_window(&self, mut cursor: Cursor) -> Result<Cursor, DeskError> {
        let window = cursor.window_to;
        let (mut keeping, mut listed, mut waiting) = (self.keeping(), Listed::default(), Vec::new());
        let mut read = Ok(());
        while read.is_ok() && !cursor.done && cursor.window_to == window {
            match self.list_page(&cursor, &mut listed).await {
                Ok((rows, last)) => {
                    waiting.extend(rows);
                    cursor = next_step(cursor, last);
                }
                Err(error) => read = Err(error),
            }
            if read.is_ok() && self.is_due(&keeping, waiting.len()) {
                self.keep_after(&mut keeping, self.keep_orders(&cursor, std::mem::take(&mut waiting))?).await?;
            }
        }
        self.keep_after(&mut keeping, self.keep_orders(&cursor, waiting)?).await?;
        keeping.end().await?;
        read.map(|()| cursor)
    }

    /// One page, and whether it is its window's last.
    async fn list_page(&self, cursor: &Cursor, listed: &mut Listed) -> Result<(Vec<OrderHead>, bool), DeskError> {
        let (Some(from), Some(to)) = (cursor.window_from, cursor.window_to) else { return Err(no_window(ORDERS)) };
        let request = QueryOrdersRequest { page_num: cursor.next_page, ..QueryOrdersRequest::new(from, to) };
        let page = self
            .ask(|client| {
                let request = &request;
                async move { client.query_orders(request).await }
            })
            .await?;
        let now = self.desk.now();
        let rows = page.rows.iter().map(|row| head(&self.connection.id, row, from, now));
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        Tally::add(&self.tally.refunds, rows.iter().filter(|r| wire::is_refund(&r.order_type)).count());
        self.tell(ORDERS, Tally::add(&self.tally.orders, rows.len()), None);
        Ok((rows, listed.ends(&page, ORDERS)?))
    }

    /// The first window: the newest, of a range that begins where the last sync ended or with the oldest resource.
    pub(super) fn first_window(&self, phase: &str, before: Option<&Cursor>) -> Result<Cursor, DeskError> {
        let from = match before {
            Some(Cursor { done: true, range_to: Some(covered), .. }) => *covered - OVERLAP,
            Some(Cursor { done: false, range_from: Some(from), .. }) => *from,
            _ => self.oldest()?,
        };
        let to = self.until().max(from);
        let skip = before.filter(|before| !before.done).and_then(read_by);
        let whole = Cursor {
            range_from: Some(from),
            range_to: Some(to),
            skip_from: skip.map(|(from, _)| from),
            skip_to: skip.map(|(_, to)| to),
            ..self.first_page(phase)
        };
        let (window_from, window_to) = window_before(&whole, to).unwrap_or((from, to));
        Ok(Cursor { window_from: Some(window_from), window_to: Some(window_to), ..whole })
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
        self.keep(move |tx, _| {
            for mut row in rows {
                // A row seen again keeps its detail unless it changed.
                if let Some(old) = tx.orders().get(&row.customer, &row.id)? {
                    if old.source == FROM_FILE {
                        import::yield_to_api(tx, &row.customer, &row.id)?;
                    }
                    row.settled = old.settled && old.source == FROM_API && old.payment_status == row.payment_status;
                    // The detail told these where the list does not.
                    row.related_order = row.related_order.or(old.related_order);
                    row.paid_at = row.paid_at.or(old.paid_at);
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
    match cursor.window_from.and_then(|end| window_before(&cursor, end)) {
        Some((from, to)) => Cursor { window_from: Some(from), window_to: Some(to), next_page: 1, ..cursor },
        None => Cursor { done: true, ..cursor },
    }
}

/// The window of the cursor's range that ends at `end` or, where that is read already, before it.
fn window_before(cursor: &Cursor, end: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let oldest = cursor.range_from?;
    let (floor, end) = match (cursor.skip_from, cursor.skip_to) {
        (Some(_), Some(read_to)) if end > read_to => (read_to, end),
        (Some(read_from), Some(_)) if end > read_from => (oldest, read_from),
        _ => (oldest, end),
    };
    (end > oldest).then(|| ((end - WINDOW).max(floor).max(oldest), end))
}

/// What a pass that was cut off has read in one piece: its windows down to the one that it was in, unless it had not come down
/// to what the pass before it had read.
fn read_by(cut_off: &Cursor) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let in_window = cut_off.window_to?;
    let before = cut_off.skip_from.zip(cut_off.skip_to);
    let (from, to) = match before {
        Some(before) if in_window > before.1 => before,
        _ => (in_window, cut_off.range_to? - OVERLAP),
    };
    (from < to).then_some((from, to))
}

pub(super) fn no_window(phase: &str) -> DeskError {
    DeskError::new(
        "cursor_damaged",
        format!("the cursor of `{phase}` names no window"),
        "remove cache.db from the home; the next sync builds it again",
    )
    .at("cache.db")
}

/// An order without a time of its own is at least one of its window.
fn head(
    customer: &str,
    row: &OrderRow,
    window_from: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<OrderHead, DeskError> {
    let order_type = row.order_type.as_ref().map_or(String::new(), |t| t.as_str().to_owned());
    Ok(OrderHead {
        customer: customer.to_owned(),
        id: row.order_id.clone(),
        payment_status: row.payment_status.as_ref().map(|s| s.as_str().to_owned()),
        created_at: row.create_time.unwrap_or(window_from),
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
