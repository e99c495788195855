//! Why a report could not be made.

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
    /// Counts that cross to the window fit 32 bits, and a sheet holds 1,048,576 rows.
    #[error("the report has more than {most} rows")]
    TooManyRows { most: u32 },
    /// A workbook could not be made.
    #[error("the workbook could not be written: {0}")]
    Workbook(String),
    /// A document could not be set in pages.
    #[error("the pages could not be set: {0}")]
    Setting(String),
    /// A pack could not be made.
    #[error("the pack could not be written: {0}")]
    Pack(String),
    /// It was stopped before it was done.
    #[error("the report was cancelled")]
    Cancelled,
}

impl ReportError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Write { .. } | Self::Workbook(_) | Self::Pack(_) => "report.write_failed",
            Self::TooManyRows { .. } => "report.too_many_rows",
            Self::Setting(_) => "report.not_set",
            Self::Cancelled => "report.cancelled",
        }
    }

    /// Where it failed.
    pub fn place(&self) -> String {
        match self {
            Self::Write { row: 0, .. } => "the header".to_owned(),
            Self::Write { row, .. } => format!("row {row}"),
            Self::TooManyRows { .. } => "the number of rows".to_owned(),
            Self::Workbook(_) => "the workbook".to_owned(),
            Self::Setting(_) => "the pages".to_owned(),
            Self::Pack(_) => "the pack".to_owned(),
            Self::Cancelled => "the report".to_owned(),
        }
    }

    /// What to do next, for people.
    pub fn next(&self) -> &'static str {
        match self {
            Self::Write { .. } | Self::Workbook(_) | Self::Pack(_) => {
                "Check that the folder exists, may be written to and has free space, then export again."
            }
            Self::TooManyRows { .. } => "Narrow the filter (a customer, a span of days) and export in parts.",
            Self::Setting(_) => "Look at the letterhead's logo first (PNG, JPEG or SVG); if it is well, report this.",
            Self::Cancelled => "Nothing was left behind; start it again when you want it.",
        }
    }
}
