//! The refunds of a report: the history's rows, and for a statement what was paid and expected beside them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use desk_report::{HistoryRow, RefundLine};
use desk_store::Read;
use rust_decimal::Decimal;

use super::Report;
use crate::error::DeskError;
use crate::projection;
use crate::requests::Record;
use crate::views::HistoryQuery;

/// Steps of progress while rows are looked up.
const ROWS_BETWEEN: usize = 256;

/// The refunds of a statement with the requests that they answer.
pub(super) struct Refunds {
    pub rows: Vec<HistoryRow>,
    pub lines: Vec<RefundLine>,
    /// All requests of the customer, by id.
    pub records: BTreeMap<String, Record>,
}

/// What was paid for the orders of a refund.
#[derive(Default)]
struct Paid {
    cash: Decimal,
    tax: Decimal,
}

impl Report<'_> {
    /// The history's query of this ask.
    pub(super) fn query(&self) -> HistoryQuery {
        HistoryQuery {
            customer: self.ask.customer.clone(),
            text: self.ask.text.clone(),
            from: self.ask.from,
            to: self.ask.until,
            offset: 0,
            limit: u32::MAX,
        }
    }

    /// A statement's refunds, newest first.
    pub(super) fn refunds(&self, customer: &str) -> Result<Refunds, DeskError> {
        let rows = self.desk.history_lines(&self.query())?;
        let records = self.records(customer)?;
        let total = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let mut lines = Vec::with_capacity(rows.len());
        for (index, chunk) in rows.chunks(ROWS_BETWEEN).enumerate() {
            self.step(u32::try_from(index * ROWS_BETWEEN).unwrap_or(u32::MAX), total)?;
            let some = self.desk.store.read(|r| {
                chunk.iter().map(|row| line_of(r, customer, row, &records)).collect::<Result<Vec<_>, DeskError>>()
            })?;
            lines.extend(some);
        }
        Ok(Refunds { rows, lines, records })
    }

    fn records(&self, customer: &str) -> Result<BTreeMap<String, Record>, DeskError> {
        let rows = self.desk.store.read(|r| r.requests().of_customer(customer))?;
        rows.iter().map(|row| Ok((row.id.clone(), projection::record_of(row)?))).collect()
    }
}

fn line_of(
    read: &Read<'_>,
    customer: &str,
    row: &HistoryRow,
    records: &BTreeMap<String, Record>,
) -> Result<RefundLine, DeskError> {
    let mut line = RefundLine::of(row);
    if let Some(paid) = paid_for(read, customer, row)? {
        line.consumed =
            Some(paid.cash - row.amount).filter(|consumed| !consumed.is_sign_negative() || consumed.is_zero());
        (line.paid, line.tax) = (Some(paid.cash), Some(paid.tax));
    }
    let requests: Vec<&Record> = answered(row).filter_map(|id| records.get(id)).collect();
    if let [record, others @ ..] = requests.as_slice() {
        if others.is_empty() && record.refund_orders.len() <= 1 {
            line.expected_max = Some(record.quote().refund_max);
            // Inside the range nothing differs.
            line.difference = line.difference.map(|difference| outside(row.amount, difference, record));
        }
        line.due = due(record).filter(|_| line.arrived_at.is_none());
    }
    Ok(line)
}

/// The requests that a refund answers: a row names several with commas between them.
pub(super) fn answered(row: &HistoryRow) -> impl Iterator<Item = &str> {
    row.request.iter().flat_map(|ids| ids.split(", "))
}

fn outside(amount: Decimal, difference: Decimal, record: &Record) -> Decimal {
    let quote = record.quote();
    if quote.refund <= amount && amount <= quote.refund_max { Decimal::ZERO } else { difference }
}

pub(super) fn due(record: &Record) -> Option<NaiveDate> {
    record.arrives_by.or(record.quote().arrives_by)
}

/// What was paid for the orders that a refund gives back: for its own resources where it names them, else for all of each order.
/// `None` where an order is not in the cache.
fn paid_for(read: &Read<'_>, customer: &str, row: &HistoryRow) -> Result<Option<Paid>, DeskError> {
    if row.related_orders.is_empty() {
        return Ok(None);
    }
    let own = read.order_parts().of_order(customer, &row.refund_order)?;
    let mut resources: BTreeSet<&str> = own.iter().map(|part| part.instance.as_str()).collect();
    resources.remove("");
    if resources.is_empty() && !row.resource.is_empty() {
        resources.insert(&row.resource);
    }
    let mut paid = Paid::default();
    for order in &row.related_orders {
        let parts = read.order_parts().of_order(customer, order)?;
        let mut known = false;
        for part in parts.iter().filter(|part| resources.is_empty() || resources.contains(part.instance.as_str())) {
            known = true;
            paid.cash += part.cash;
            paid.tax += part.tax;
        }
        if !known {
            return Ok(None);
        }
    }
    Ok(Some(paid))
}
