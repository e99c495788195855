//! The refund history as a workbook (XLSX): typed cells, so that a spreadsheet sorts dates as dates and adds up money.
//!
//! Rows are streamed through a temporary file in the destination's own folder, so memory does not grow with them. Text is always
//! written as text: nothing in it can become a formula.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use rust_xlsxwriter::{Color, DocProperties, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use crate::document::{RefundLine, local, spread};
use crate::history::{HISTORY_COLUMNS, HistoryRow, destinations};
use crate::mark::MARK;
use crate::{ReportError, Watch, Words};

/// Rows of a sheet, less the banner and the header.
const ROWS_MAX: u32 = 1_048_576 - 2;

/// Characters of a cell; a longer text is cut and says so. The CSV file holds it whole.
const TEXT_MAX: usize = 32_000;

/// Digits that a spreadsheet's number keeps; an amount of more is written as text rather than rounded.
const NUMBER_DIGITS: u32 = 15;

/// Columns of an annex that the history does not have.
const ANNEX_COLUMNS: [&str; 4] = ["paid", "tax", "consumed", "due"];

/// How a workbook is made.
pub struct Sheets<'a> {
    /// Column names, places, states.
    pub words: &'a Words,
    /// Every sheet of a sandbox home's workbook says so.
    pub sandbox: bool,
    pub made_at: DateTime<Utc>,
    /// Where rows wait until the file is closed: a folder that may be written to.
    pub folder: &'a Path,
    /// The hash of the document that it belongs to, see [`crate::document_mark`].
    pub mark: Option<&'a str>,
    /// With what was paid and consumed, from the [`RefundLine`]s that come with the rows.
    pub annex: bool,
}

/// Writes a workbook of the history: the rows, and a sheet of totals by destination and product. Returns how many rows were written.
///
/// # Errors
/// [`ReportError::Workbook`], [`ReportError::TooManyRows`], [`ReportError::Cancelled`].
pub fn write_history_xlsx<'r>(
    rows: impl Iterator<Item = (&'r HistoryRow, Option<&'r RefundLine>)>,
    total: u32,
    sheets: &Sheets<'_>,
    out: impl Write + Send,
    watch: Watch<'_>,
) -> Result<u32, ReportError> {
    if total > ROWS_MAX {
        return Err(ReportError::TooManyRows { most: ROWS_MAX });
    }
    let mut workbook = Workbook::new();
    workbook.set_tempdir(sheets.folder)?;
    let mut properties = DocProperties::new().set_creation_datetime(&sheets.made_at).set_author("Refund Desk");
    if let Some(mark) = sheets.mark {
        properties = properties.set_custom_property("Refund Desk document", format!("{MARK}{mark}").as_str());
    }
    workbook.set_properties(&properties);
    let mut formats = Formats::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    let (written, sums) = history_sheet(sheet, rows, total, sheets, &mut formats, watch)?;
    totals_sheet(workbook.add_worksheet(), sheets, &mut formats, &sums)?;
    watch.step(written, total)?;
    closed(&mut workbook, out, watch)?;
    Ok(written)
}

/// Puts the file together, which takes about as long as writing its rows did.
fn closed(workbook: &mut Workbook, out: impl Write + Send, watch: Watch<'_>) -> Result<(), ReportError> {
    let saved = workbook.save_to_writer(Wanted { out, watch, refused: false });
    // What it was stopped for is told as what it is.
    watch.wanted()?;
    Ok(saved?)
}

/// Takes bytes as long as the report is wanted. Once it has refused some it drops what still comes: the archive's end, which would be
/// complained of on the terminal.
struct Wanted<'w, W> {
    out: W,
    watch: Watch<'w>,
    refused: bool,
}

impl<W: Write> Write for Wanted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.refused {
            return Ok(bytes.len());
        }
        self.watch.wanted().map_err(|cancelled| {
            self.refused = true;
            std::io::Error::other(cancelled)
        })?;
        self.out.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

impl From<XlsxError> for ReportError {
    fn from(why: XlsxError) -> Self {
        Self::Workbook(why.to_string())
    }
}

/// Sums by currency, destination and product: refunds that have money there, and how much.
type Sums = BTreeMap<(String, String, String), (u32, Decimal)>;

fn history_sheet<'r>(
    sheet: &mut Worksheet,
    rows: impl Iterator<Item = (&'r HistoryRow, Option<&'r RefundLine>)>,
    total: u32,
    sheets: &Sheets<'_>,
    formats: &mut Formats,
    watch: Watch<'_>,
) -> Result<(u32, Sums), ReportError> {
    let names: Vec<&str> = HISTORY_COLUMNS.into_iter().chain(ANNEX_COLUMNS).take(columns(sheets)).collect();
    let header = begin(sheet, sheets, "sheet.history", &names, formats)?;
    let (mut written, mut sums) = (0, Sums::new());
    for (row, line) in rows {
        watch.row(written, total)?;
        written += 1;
        let cells = Cells { sheet, row: header + written, column: 0, formats };
        put_row(cells, row, line.filter(|_| sheets.annex), sheets)?;
        for (to, amount) in spread(row) {
            let key = (row.currency.clone(), to.to_owned(), row.product.clone());
            let sum = sums.entry(key).or_default();
            *sum = (sum.0 + 1, sum.1 + amount);
        }
    }
    let last = u16::try_from(names.len() - 1).unwrap_or(u16::MAX);
    sheet.autofilter(header, 0, header + written, last)?;
    Ok((written, sums))
}

fn columns(sheets: &Sheets<'_>) -> usize {
    HISTORY_COLUMNS.len() + if sheets.annex { ANNEX_COLUMNS.len() } else { 0 }
}

/// Names a sheet and writes what stands above its rows; answers the header's row.
fn begin(
    sheet: &mut Worksheet,
    sheets: &Sheets<'_>,
    name: &str,
    columns: &[&str],
    formats: &Formats,
) -> Result<u32, ReportError> {
    // A sheet's name takes no slash.
    let title = sheets.words.line(name).replace('/', "·");
    sheet.set_name(if sheets.sandbox { format!("SANDBOX {title}") } else { title })?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    let mut header = 0;
    if sheets.sandbox {
        let banner = sheets.words.line("sandbox_banner");
        sheet.set_tab_color(Color::Red).set_header(format!("&C&\"-,Bold\"{}", banner.replace('&', "&&")));
        sheet.write_string_with_format(0, 0, &banner, &formats.banner)?;
        header = 1;
    }
    for (column, name) in (0u16..).zip(columns) {
        let word = sheets.words.line(&format!("column.{name}"));
        sheet.write_string_with_format(header, column, &word, &formats.header)?;
        sheet.set_column_width(column, width(name))?;
    }
    sheet.set_freeze_panes(header + 1, 0)?.set_repeat_rows(header, header)?;
    Ok(header)
}

/// Characters that a column shows.
fn width(column: &str) -> u32 {
    match column {
        "customer" | "resource" | "related_orders" | "unsubscribe_to" | "request" | "reason" => 32,
        "customer_uid" | "refund_order" | "refunded_at" | "arrived_at" | "place" => 20,
        "home" | "currency" | "refunds" => 11,
        _ => 16,
    }
}

fn put_row(
    mut cells: Cells<'_>,
    row: &HistoryRow,
    line: Option<&RefundLine>,
    sheets: &Sheets<'_>,
) -> Result<(), ReportError> {
    let currency = &row.currency;
    cells.text(if sheets.sandbox { "SANDBOX" } else { "LIVE" })?;
    cells.text(&row.customer)?;
    cells.text(&row.customer_uid)?;
    cells.text(&row.refund_order)?;
    cells.text(&row.resource)?;
    cells.text(&row.product)?;
    cells.text(&row.related_orders.join("; "))?;
    cells.text(&sheets.words.line(&format!("status.{}", row.order_status)))?;
    cells.text(currency)?;
    cells.money(Some(row.amount), currency)?;
    cells.money(Some(row.arrived), currency)?;
    cells.text(&destinations(&row.unsubscribe_to))?;
    cells.instant(Some(row.refunded_at))?;
    cells.instant(row.arrived_at)?;
    cells.text(row.request.as_deref().unwrap_or_default())?;
    cells.money(row.predicted, currency)?;
    cells.money(row.difference, currency)?;
    cells.text(row.reason.as_deref().unwrap_or_default())?;
    let Some(line) = line else { return Ok(()) };
    cells.money(line.paid, currency)?;
    cells.money(line.tax, currency)?;
    cells.money(line.consumed, currency)?;
    cells.day(line.due)
}

fn totals_sheet(
    sheet: &mut Worksheet,
    sheets: &Sheets<'_>,
    formats: &mut Formats,
    sums: &Sums,
) -> Result<(), ReportError> {
    const COLUMNS: [&str; 5] = ["currency", "place", "product", "refunds", "amount"];
    let mut row = begin(sheet, sheets, "sheet.totals", &COLUMNS, formats)?;
    let header = row;
    for ((currency, to, product), (refunds, amount)) in sums {
        row += 1;
        let mut cells = Cells { sheet, row, column: 0, formats };
        cells.text(currency)?;
        cells.text(&sheets.words.line(&format!("place.{to}")))?;
        cells.text(product)?;
        cells.count(*refunds)?;
        cells.money(Some(*amount), currency)?;
    }
    sheet.autofilter(header, 0, row, 4)?;
    let mut currencies: BTreeMap<&str, Decimal> = BTreeMap::new();
    for ((currency, ..), (_, amount)) in sums {
        *currencies.entry(currency).or_default() += *amount;
    }
    for (currency, amount) in currencies {
        row += 1;
        let mut cells = Cells { sheet, row, column: 0, formats };
        cells.text(currency)?;
        cells.text(&sheets.words.line("total"))?;
        cells.column = 4;
        cells.money(Some(amount), currency)?;
    }
    Ok(())
}

/// Formats that are used again and again; one of money for each currency.
struct Formats {
    banner: Format,
    header: Format,
    instant: Format,
    day: Format,
    money: HashMap<String, Format>,
}

impl Formats {
    fn new() -> Self {
        Self {
            banner: Format::new().set_bold().set_font_color(Color::Red),
            header: Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top).set_background_color(0xEEF0F4),
            instant: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            money: HashMap::new(),
        }
    }

    /// `CNY 1,234.50`: the code, not a sign that several currencies share.
    fn money(&mut self, currency: &str) -> &Format {
        if !self.money.contains_key(currency) {
            // A currency that is no plain code could be read as part of the format.
            let plain = !currency.is_empty() && currency.bytes().all(|letter| letter.is_ascii_uppercase());
            let code = if plain { format!("[${currency}]\\ ") } else { String::new() };
            let format = Format::new().set_num_format(format!("{code}#,##0.00##;[Red]-{code}#,##0.00##"));
            self.money.insert(currency.to_owned(), format);
        }
        &self.money[currency]
    }
}

/// Writes a row from left to right.
struct Cells<'c> {
    sheet: &'c mut Worksheet,
    row: u32,
    column: u16,
    formats: &'c mut Formats,
}

impl Cells<'_> {
    fn next(&mut self) -> (u32, u16) {
        self.column += 1;
        (self.row, self.column - 1)
    }

    fn text(&mut self, value: &str) -> Result<(), ReportError> {
        let (row, column) = self.next();
        if value.is_empty() {
            return Ok(());
        }
        match value.char_indices().nth(TEXT_MAX) {
            None => self.sheet.write_string(row, column, value)?,
            Some((end, _)) => self.sheet.write_string(row, column, format!("{}…", &value[..end]))?,
        };
        Ok(())
    }

    fn count(&mut self, value: u32) -> Result<(), ReportError> {
        let (row, column) = self.next();
        self.sheet.write_number(row, column, value)?;
        Ok(())
    }

    fn money(&mut self, value: Option<Decimal>, currency: &str) -> Result<(), ReportError> {
        let Some(value) = value else {
            self.column += 1;
            return Ok(());
        };
        if value.normalize().mantissa().unsigned_abs() >= 10u128.pow(NUMBER_DIGITS) {
            return self.text(&value.to_string());
        }
        let (row, column) = self.next();
        self.sheet.write_with_format(row, column, value, self.formats.money(currency))?;
        Ok(())
    }

    fn instant(&mut self, value: Option<DateTime<Utc>>) -> Result<(), ReportError> {
        let (row, column) = self.next();
        if let Some(value) = value {
            self.sheet.write_datetime_with_format(row, column, local(value).naive_local(), &self.formats.instant)?;
        }
        Ok(())
    }

    fn day(&mut self, value: Option<NaiveDate>) -> Result<(), ReportError> {
        let (row, column) = self.next();
        if let Some(value) = value {
            self.sheet.write_datetime_with_format(row, column, value, &self.formats.day)?;
        }
        Ok(())
    }
}
