//! Refund history and statements as files, over plain rows. The crate knows nothing of the desk, its store or its window: who
//! calls it chooses the rows and the destination.

mod cell;
mod history;

pub use history::{HISTORY_COLUMNS, HistoryRow, RefundPart, write_history_csv};

/// Why a report could not be written. What was written before the failure is incomplete: write to a temporary file and rename
/// it only after `Ok`.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The destination refused bytes: disk full, folder gone, no permission.
    #[error("the report could not be written at row {row}: {source}")]
    Write {
        /// 0 is the header, 1 the first row.
        row: u32,
        source: std::io::Error,
    },
    /// Counts that cross to the window fit 32 bits.
    #[error("the report has more than {} rows", u32::MAX - 1)]
    TooManyRows,
}

impl ReportError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Write { .. } => "report.write_failed",
            Self::TooManyRows => "report.too_many_rows",
        }
    }

    /// Where it failed.
    pub fn place(&self) -> String {
        match self {
            Self::Write { row: 0, .. } => "the header".to_owned(),
            Self::Write { row, .. } => format!("row {row}"),
            Self::TooManyRows => "the number of rows".to_owned(),
        }
    }

    /// What to do next, for people.
    pub fn next(&self) -> &'static str {
        match self {
            Self::Write { .. } => {
                "Check that the folder exists, may be written to and has free space, then export again."
            }
            Self::TooManyRows => "Narrow the filter (a customer, a span of days) and export in parts.",
        }
    }
}
