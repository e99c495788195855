//! Reports: what the customer is handed. The desk chooses rows and words, `desk_report` makes the files.
//!
//! Every file appears whole or not at all ([`Draft`]). A statement and an evidence pack are journaled, their hashes with them, before
//! they appear: [`verify`] knows them again.

mod ask;
mod evidence;
mod letterhead;
mod quotes;
mod renewals;
mod rows;
mod statement;
mod verify;
mod words;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use desk_report::{
    Annex, Content, Head, HistoryRow, Logo, MARK, PDF_ROWS_MAX, Pages, Party, RefundLine, ReportError, Sheets,
    Template, Watch, Words,
};
use serde::Serialize;
use serde_json::{Value, json};

pub use ask::{
    CheckedReport, LetterheadView, OfferedReport, ReportAsk, ReportFormat, ReportKind, ReportLanguage, WrittenReport,
};

use crate::draft::Draft;
use crate::error::DeskError;
use crate::home::Desk;

/// One report in the making.
struct Report<'d> {
    desk: &'d Desk,
    ask: &'d ReportAsk,
    watch: Watch<'d>,
    words: Words,
    head: Head,
    logo: Option<Logo>,
}

/// A document in pages, to be looked at before it is written.
pub struct ReportPages {
    pages: Pages,
}

impl ReportPages {
    /// Number of pages.
    pub fn count(&self) -> u32 {
        self.pages.count()
    }

    /// One page as a PNG, counted from 0. Errors: `no_such_page`.
    pub fn picture(&self, page: u32, dots_per_inch: u32) -> Result<Vec<u8>, DeskError> {
        let Some(picture) = self.pages.picture(page, dots_per_inch) else {
            let why = format!("there is no page {}; the document has {}", u64::from(page) + 1, self.count());
            return Err(DeskError::new("no_such_page", why, "ask for one of its pages").at("page"));
        };
        Ok(picture?)
    }
}

/// What stands in a file besides its bytes.
struct Made {
    rows: u32,
    pages: Option<u32>,
    document_sha256: Option<String>,
    /// The workbook beside it.
    annex: Option<(Draft, Annex)>,
    /// Goes into the journal with the file's hash.
    body: Value,
}

impl Desk {
    /// The reports that this desk makes.
    pub fn report_kinds(&self) -> Vec<OfferedReport> {
        let offered = |kind: ReportKind| OfferedReport {
            kind,
            formats: kind.formats().to_vec(),
            of_one_customer: kind.of_one_customer(),
            journaled: kind.is_journaled(),
        };
        ReportKind::ALL.into_iter().map(offered).collect()
    }

    /// Writes a report: to `to`, or to a dated file in the home's `exports`. Errors: `customer_needed`, `no_such_format`,
    /// `nothing_to_quote`, `export_failed`, `report.cancelled`, `read_only` (a report that is journaled), `unknown_customer`.
    pub fn write_report(
        &self,
        ask: &ReportAsk,
        to: Option<&Path>,
        watch: Watch<'_>,
    ) -> Result<WrittenReport, DeskError> {
        let format = format_of(ask)?;
        let report = self.begin_report(ask, watch)?;
        let draft = Draft::new(&to.map_or_else(|| report.usual_place(format), Path::to_owned))?;
        let made = match ask.kind {
            ReportKind::History if format != ReportFormat::Pdf => report.write_history(format, &draft)?,
            ReportKind::History => report.write_history_pages(&draft)?,
            ReportKind::Statement => report.write_statement(&draft)?,
            ReportKind::Quotes => report.write_quotes(&draft)?,
            ReportKind::Renewals => report.write_renewals(&draft)?,
            ReportKind::Evidence => report.write_evidence(&draft)?,
        };
        let sha256 = draft.hash()?;
        report.step(made.rows, made.rows)?;
        let journal_entry =
            if ask.kind.is_journaled() { Some(self.journal_report(ask, &sha256, made.body)?) } else { None };
        let annex = made.annex.map(|(annex, _)| annex.keep()).transpose()?;
        let path = draft.keep()?;
        Ok(WrittenReport {
            kind: ask.kind,
            format,
            path: path.display().to_string(),
            annex: annex.map(|path| path.display().to_string()),
            rows: made.rows,
            pages: made.pages,
            sha256,
            document_sha256: made.document_sha256,
            journal_entry,
        })
    }

    /// The name that a report's file has where none is chosen. Errors as of [`Desk::write_report`].
    pub fn report_name(&self, ask: &ReportAsk) -> Result<String, DeskError> {
        let format = format_of(ask)?;
        let place = self.begin_report(ask, Watch::nobody())?.usual_place(format);
        Ok(place.file_name().unwrap_or_default().to_string_lossy().into_owned())
    }

    /// Sets a report in pages without writing it: a history, statement or quote sheet; of an evidence pack its statement.
    pub fn preview_report(&self, ask: &ReportAsk, watch: Watch<'_>) -> Result<ReportPages, DeskError> {
        let report = self.begin_report(ask, watch)?;
        let content = match ask.kind {
            ReportKind::History => {
                let rows = self.history_lines(&report.query())?;
                report.history_content(&rows, report.announced(rows.len()))?
            }
            ReportKind::Quotes => report.quotes_content(&report.quote_sheet()?)?,
            ReportKind::Renewals => report.renewals_content(&report.renewal_sheet()?)?,
            ReportKind::Statement | ReportKind::Evidence => {
                let refunds = report.refunds(report.customer()?)?;
                let statement = report.statement(&refunds, report.announced(refunds.rows.len()))?;
                report.statement_content(&statement)?.0
            }
        };
        Ok(ReportPages { pages: report.set(content)? })
    }

    fn begin_report<'d>(&'d self, ask: &'d ReportAsk, watch: Watch<'d>) -> Result<Report<'d>, DeskError> {
        let customer = match &ask.customer {
            Some(id) => Some(self.connection(id)?),
            None if ask.kind.of_one_customer() => {
                let why = format!("a report of kind `{}` is made for one customer", ask.kind.word());
                return Err(DeskError::new("customer_needed", why, "name the customer").at("customer"));
            }
            None => None,
        };
        let (letterhead, logo) = self.paper()?;
        let head = Head {
            sandbox: self.is_sandbox(),
            languages: ask.language.tags(),
            letterhead,
            customer: customer.map(|row| Party { name: row.name, uid: row.uid, site: row.site }),
            from: ask.from,
            until: ask.until,
            made_at: self.now(),
        };
        Ok(Report { desk: self, ask, watch, words: ask.language.words(), head, logo })
    }
}

/// The format asked for, or the usual one. Errors: `no_such_format`.
fn format_of(ask: &ReportAsk) -> Result<ReportFormat, DeskError> {
    let formats = ask.kind.formats();
    match ask.format {
        None => Ok(formats[0]),
        Some(format) if formats.contains(&format) => Ok(format),
        Some(format) => {
            let why = format!("a report of kind `{}` is not made as {}", ask.kind.word(), format.ending());
            let endings: Vec<&str> = formats.iter().map(|format| format.ending()).collect();
            Err(DeskError::new("no_such_format", why, format!("choose one of: {}", endings.join(", "))).at("format"))
        }
    }
}

impl Report<'_> {
    /// Tells a step, or ends the report where it is no longer wanted.
    fn step(&self, done: u32, total: u32) -> Result<(), DeskError> {
        Ok(self.watch.step(done, total)?)
    }

    fn customer(&self) -> Result<&str, DeskError> {
        self.ask.customer.as_deref().ok_or_else(|| DeskError::unknown_customer(""))
    }

    fn made_at(&self) -> DateTime<Utc> {
        self.head.made_at
    }

    fn usual_place(&self, format: ReportFormat) -> PathBuf {
        let kind = self.ask.kind.word();
        let sandbox = if self.head.sandbox { "sandbox-" } else { "" };
        let whose = self.head.customer.as_ref().map_or_else(String::new, |party| format!("-{}", party.uid));
        let at = self.made_at().format("%Y%m%d-%H%M%S");
        self.desk.dir().join("exports").join(format!("{sandbox}{kind}{whose}-{at}.{}", format.ending()))
    }

    fn write_history(&self, format: ReportFormat, draft: &Draft) -> Result<Made, DeskError> {
        let rows = self.desk.history_lines(&self.query())?;
        let total = count(rows.len());
        let file = std::io::BufWriter::new(draft.create()?);
        let written = match format {
            ReportFormat::Csv => {
                desk_report::write_history_csv_watched(rows.iter(), total, self.head.sandbox, file, self.watch)?
            }
            _ => {
                let rows = rows.iter().map(|row| (row, None));
                desk_report::write_history_xlsx(rows, total, &self.sheets(draft, None, false), file, self.watch)?
            }
        };
        Ok(Made { rows: written, pages: None, document_sha256: None, annex: None, body: json!({}) })
    }

    fn sheets<'a>(&'a self, draft: &'a Draft, mark: Option<&'a str>, annex: bool) -> Sheets<'a> {
        Sheets {
            words: &self.words,
            sandbox: self.head.sandbox,
            made_at: self.made_at(),
            folder: draft.place().parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")),
            mark,
            annex,
        }
    }

    fn write_history_pages(&self, draft: &Draft) -> Result<Made, DeskError> {
        let rows = self.desk.history_lines(&self.query())?;
        let lines: Vec<RefundLine> = rows.iter().map(RefundLine::of).collect();
        let annex = self.annex(draft, &rows, &lines, false)?;
        let pages = self.set(self.history_content(&rows, annex.as_ref().map(|(_, annex)| annex.clone()))?)?;
        draft.write(&pages.pdf(self.watch)?)?;
        let rows = count(rows.len());
        Ok(Made { rows, pages: Some(pages.count()), document_sha256: None, annex, body: json!({}) })
    }

    fn history_content(&self, rows: &[HistoryRow], annex: Option<Annex>) -> Result<Content, DeskError> {
        let (totals, places) = desk_report::totals(rows);
        let refunds: Vec<RefundLine> =
            if annex.is_some() { Vec::new() } else { rows.iter().map(RefundLine::of).collect() };
        let document =
            json!({"head": self.head, "totals": totals, "places": places, "refunds": refunds, "annex": annex});
        self.content(Template::History, &document, None)
    }

    /// The workbook that takes the rows where they are too many for pages.
    fn annex(
        &self,
        draft: &Draft,
        rows: &[HistoryRow],
        lines: &[RefundLine],
        paid: bool,
    ) -> Result<Option<(Draft, Annex)>, DeskError> {
        if rows.len() <= PDF_ROWS_MAX {
            return Ok(None);
        }
        let place = draft.place().with_extension("annex.xlsx");
        let workbook = Draft::new(&place)?;
        let file = std::io::BufWriter::new(workbook.create()?);
        let both = rows.iter().zip(lines.iter().map(Some));
        let total = count(rows.len());
        let written =
            desk_report::write_history_xlsx(both, total, &self.sheets(&workbook, None, paid), file, self.watch)?;
        let name = place.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let annex = Annex { file: name, rows: written, sha256: workbook.hash()? };
        Ok(Some((workbook, annex)))
    }

    /// In a preview no annex is written; the pages say that there will be one.
    fn announced(&self, rows: usize) -> Option<Annex> {
        (rows > PDF_ROWS_MAX).then(|| Annex { file: "…".to_owned(), rows: count(rows), sha256: "…".to_owned() })
    }

    /// What a template prints; with a document hash, what the document says is carried in the file.
    fn content(
        &self,
        template: Template,
        document: &impl Serialize,
        attached: Option<(&str, &Canonical)>,
    ) -> Result<Content, DeskError> {
        let mut view = serde_json::to_value(document).map_err(|why| unwritable(&why))?;
        view["words"] = serde_json::to_value(&self.words).map_err(|why| unwritable(&why))?;
        if let Some((_, canonical)) = attached {
            view["sha256"] = json!(canonical.sha256);
            view["keywords"] = json!([format!("{MARK}{}", canonical.sha256)]);
        }
        Ok(Content {
            template,
            view,
            attached: attached.map(|(name, canonical)| (name.to_owned(), canonical.text.clone().into_bytes())),
            logo: self.logo.clone(),
        })
    }

    fn set(&self, content: Content) -> Result<Pages, DeskError> {
        self.step(0, 0)?;
        let pages = Pages::set(content, self.made_at(), self.watch)?;
        self.step(0, 0)?;
        Ok(pages)
    }
}

/// A document's text in the one form that has one hash.
struct Canonical {
    text: String,
    sha256: String,
}

impl Canonical {
    fn of(document: &impl Serialize) -> Result<Self, DeskError> {
        use sha2::{Digest, Sha256};
        let value = serde_json::to_value(document).map_err(|why| unwritable(&why))?;
        let text = desk_store::canonical_json(&value).map_err(|why| unwritable(&why))?;
        let sha256 = hex::encode(Sha256::digest(&text));
        Ok(Self { text, sha256 })
    }
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

fn unwritable(why: &dyn std::fmt::Display) -> DeskError {
    DeskError::new("report.not_set", why.to_string(), "report this: it is a fault of the desk").at("the report")
}

impl From<ReportError> for DeskError {
    fn from(error: ReportError) -> Self {
        Self::new(error.code(), error.to_string(), error.next()).at(error.place())
    }
}
