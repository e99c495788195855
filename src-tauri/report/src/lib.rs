//! Refund history, statements and quote sheets as files, over plain rows. The crate knows nothing of the desk, its store or its
//! window: who calls it chooses the rows, the words and the destination.

mod cell;
mod document;
mod error;
mod history;
mod mark;
mod pack;
mod pages;
mod watch;
mod words;
mod workbook;

pub use document::{
    Annex, CurrencyTotal, Head, JournalHead, Letterhead, Lost, Note, OpenRequest, PDF_ROWS_MAX, PartLine, Party,
    PendingLine, PlaceTotal, QuoteLine, QuoteSheet, RefundLine, RenewalSheet, RuleUsed, SheetCandidate, SheetQuote,
    SheetStack, Statement, Step, totals,
};
pub use error::ReportError;
pub use history::{HISTORY_COLUMNS, HistoryRow, RefundPart, write_history_csv, write_history_csv_watched};
pub use mark::{MARK, document_mark};
pub use pack::{Part, write_pack};
pub use pages::{Content, Logo, Pages, Template, try_logo};
pub use watch::Watch;
pub use words::{Language, Told, Words};
pub use workbook::{Sheets, write_history_xlsx};
