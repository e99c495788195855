//! The refund history (Unsubscribe Order Details) as a CSV file.

use std::io::Write;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::{ReportError, Watch, cell};

/// One refund order. Amounts are in `currency`; instants are UTC.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryRow {
    /// The customer's name.
    pub customer: String,
    /// The account's 16-digit id.
    pub customer_uid: String,
    pub refund_order: String,
    /// Instance id; several are separated by the caller.
    pub resource: String,
    pub product: String,
    /// The orders that were refunded.
    pub related_orders: Vec<String>,
    /// `refunding`, `part_refunded` or `refunded`.
    pub order_status: String,
    /// ISO 4217.
    pub currency: String,
    pub amount: Decimal,
    /// Money seen so far.
    pub arrived: Decimal,
    /// Where the money went, as far as seen.
    pub unsubscribe_to: Vec<RefundPart>,
    pub refunded_at: DateTime<Utc>,
    pub arrived_at: Option<DateTime<Utc>>,
    /// The request it came from; `None`: made elsewhere.
    pub request: Option<String>,
    pub predicted: Option<Decimal>,
    /// Actual less predicted, where predicted.
    pub difference: Option<Decimal>,
    pub reason: Option<String>,
}

/// Part of a refund that reached one place.
#[derive(Debug, Clone, PartialEq)]
pub struct RefundPart {
    /// E.g. `balance`, `bank_card`.
    pub to: String,
    pub amount: Decimal,
    pub at: DateTime<Utc>,
}

/// The header, in order. `home` is `SANDBOX` on every row of a sandbox home and `LIVE` on every row of a real one, so that no
/// part of a sandbox file can pass for a customer's refunds.
pub const HISTORY_COLUMNS: [&str; 18] = [
    "home",
    "customer",
    "customer_uid",
    "refund_order",
    "resource",
    "product",
    "related_orders",
    "order_status",
    "currency",
    "amount",
    "arrived",
    "unsubscribe_to",
    "refunded_at",
    "arrived_at",
    "request",
    "predicted",
    "difference",
    "reason",
];

/// U+FEFF in UTF-8: without it spreadsheets read Chinese names in the system's own encoding.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Writes the history as RFC 4180 CSV: UTF-8 with a byte order mark, CRLF line ends, a header first, then one line a row.
/// Returns how many rows were written, the header not counted. The order of the rows is the caller's.
///
/// Text (ids included) is quoted; amounts and instants are bare; what is not known is an empty cell. Several related orders are
/// joined by `; `, several destinations as `to amount at; ...`. Text that would start a formula is defused by an apostrophe (see
/// the `cell` module); amounts are numbers and keep their sign.
///
/// # Errors
/// [`ReportError::Write`] when `out` refuses bytes; what was written until then is incomplete.
pub fn write_history_csv<'a>(
    rows: impl Iterator<Item = &'a HistoryRow>,
    sandbox: bool,
    out: impl Write,
) -> Result<u32, ReportError> {
    write_history_csv_watched(rows, u32::MAX, sandbox, out, Watch::nobody())
}

/// The same, watched: it may take long, and be stopped.
///
/// # Errors
/// Also [`ReportError::Cancelled`].
pub fn write_history_csv_watched<'a>(
    rows: impl Iterator<Item = &'a HistoryRow>,
    total: u32,
    sandbox: bool,
    mut out: impl Write,
    watch: Watch<'_>,
) -> Result<u32, ReportError> {
    let home = if sandbox { "SANDBOX" } else { "LIVE" };
    let mut written = 0u32;
    let failed = |row: u32| move |source| ReportError::Write { row, source };

    out.write_all(BYTE_ORDER_MARK).map_err(failed(0))?;
    write_line(&mut out, &HISTORY_COLUMNS.map(cell::text)).map_err(failed(0))?;
    for row in rows {
        let number =
            written.checked_add(1).filter(|n| *n < u32::MAX).ok_or(ReportError::TooManyRows { most: u32::MAX - 1 })?;
        watch.row(written, total)?;
        write_line(&mut out, &cells(row, home)).map_err(failed(number))?;
        written = number;
    }
    out.flush().map_err(failed(written))?;
    Ok(written)
}

/// The cells of one row, one for each of [`HISTORY_COLUMNS`].
fn cells(row: &HistoryRow, home: &str) -> [String; HISTORY_COLUMNS.len()] {
    [
        cell::text(home),
        cell::text(&row.customer),
        cell::text(&row.customer_uid),
        cell::text(&row.refund_order),
        cell::text(&row.resource),
        cell::text(&row.product),
        cell::text(&row.related_orders.join("; ")),
        cell::text(&row.order_status),
        cell::text(&row.currency),
        cell::money(row.amount),
        cell::money(row.arrived),
        cell::text(&destinations(&row.unsubscribe_to)),
        cell::instant(row.refunded_at),
        row.arrived_at.map(cell::instant).unwrap_or_default(),
        row.request.as_deref().map(cell::text).unwrap_or_default(),
        row.predicted.map(cell::money).unwrap_or_default(),
        row.difference.map(cell::money).unwrap_or_default(),
        row.reason.as_deref().map(cell::text).unwrap_or_default(),
    ]
}

pub(crate) fn destinations(parts: &[RefundPart]) -> String {
    let told: Vec<String> =
        parts.iter().map(|part| format!("{} {} {}", part.to, part.amount, cell::instant(part.at))).collect();
    told.join("; ")
}

fn write_line(out: &mut impl Write, cells: &[String]) -> std::io::Result<()> {
    out.write_all(cells.join(",").as_bytes())?;
    out.write_all(b"\r\n")
}
