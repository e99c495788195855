//! `rdesk report`: what the customer is handed, from the terminal. Ctrl-C stops it and leaves nothing half written.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::NaiveDate;
use clap::{Subcommand, ValueEnum};
use desk::{Desk, DeskError, ReportAsk, ReportFormat, ReportKind, ReportLanguage, ReportWatch, WrittenReport};

use crate::answer::Out;
use crate::host::{Host, Need};
use crate::print;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The refund history, as `history list` filters it: CSV, a workbook, or pages.
    History {
        #[command(flatten)]
        filter: Filter,
        /// Any part of a refund order, resource, product or related order.
        #[arg(long, default_value = "")]
        text: String,
        #[arg(long, value_enum, default_value_t = FormatArg::Csv)]
        format: FormatArg,
        #[command(flatten)]
        output: Output,
    },
    /// A customer's statement (PDF). Its hashes go into the journal.
    Statement {
        #[command(flatten)]
        filter: Filter,
        #[command(flatten)]
        output: Output,
    },
    /// Quotes to sign before the decision (PDF): of the resources named, or of all that give something back now.
    Quotes {
        resources: Vec<String>,
        #[arg(long)]
        customer: String,
        /// One line a resource, for a batch, instead of a page.
        #[arg(long)]
        one_line: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Pending renewals to sign before any is cancelled (PDF): each Updated Expiration Time, the orders that fall for it, their cash.
    Renewals {
        resources: Vec<String>,
        #[arg(long)]
        customer: String,
        #[command(flatten)]
        output: Output,
    },
    /// The evidence pack (ZIP): statement, workbook, quotes, authorisations and the journal's part. Its hashes go into the journal.
    Evidence {
        #[command(flatten)]
        filter: Filter,
        #[command(flatten)]
        output: Output,
    },
    /// Is this statement or evidence pack as it was written? Checked against the journal.
    Verify { file: PathBuf },
    /// The partner's letterhead and logo.
    #[command(subcommand)]
    Letterhead(LetterheadCommand),
}

#[derive(Debug, Subcommand)]
pub enum LetterheadCommand {
    /// Show it.
    Show,
    /// Set name and lines, or the logo; what is left out stays.
    Set {
        #[arg(long)]
        name: Option<String>,
        /// A line under the name; may be repeated.
        #[arg(long = "line")]
        lines: Vec<String>,
        /// PNG, JPEG or SVG, up to 512 KiB.
        #[arg(long, value_name = "FILE")]
        logo: Option<PathBuf>,
        #[arg(long, conflicts_with = "logo")]
        no_logo: bool,
    },
}

#[derive(Debug, clap::Args)]
pub struct Filter {
    /// Customer id; needed for a statement and an evidence pack.
    #[arg(long)]
    customer: Option<String>,
    /// First day of the refund orders, in UTC+8.
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// Last day of the refund orders, in UTC+8.
    #[arg(long, value_name = "DATE")]
    until: Option<NaiveDate>,
}

#[derive(Debug, clap::Args)]
pub struct Output {
    #[arg(long, value_enum, default_value_t = LanguageArg::En)]
    language: LanguageArg,
    /// The file; a dated name in the home's `exports` folder when left out.
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    Csv,
    Xlsx,
    Pdf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LanguageArg {
    En,
    Zh,
    Both,
}

/// What a report needs of its home: one that is journaled must write.
pub fn need(command: &Command) -> Need {
    match command {
        Command::Statement { .. } | Command::Evidence { .. } => Need::Write,
        Command::Letterhead(LetterheadCommand::Set { .. }) => Need::Write,
        Command::Quotes { .. } | Command::Renewals { .. } => Need::Refresh,
        Command::History { .. } | Command::Verify { .. } | Command::Letterhead(LetterheadCommand::Show) => Need::Read,
    }
}

/// Carries one of the words out.
pub async fn run(host: &Host, out: &Out, command: &Command) -> Result<(), DeskError> {
    let (ask, output) = match command {
        Command::History { filter, text, format, output } => {
            let format = match format {
                FormatArg::Csv => ReportFormat::Csv,
                FormatArg::Xlsx => ReportFormat::Xlsx,
                FormatArg::Pdf => ReportFormat::Pdf,
            };
            (ReportAsk { format: Some(format), text: text.clone(), ..ask(ReportKind::History, filter, output) }, output)
        }
        Command::Statement { filter, output } => (ask(ReportKind::Statement, filter, output), output),
        Command::Evidence { filter, output } => (ask(ReportKind::Evidence, filter, output), output),
        Command::Quotes { resources, customer, one_line, output } => {
            let (resources, one_line) = (resources.clone(), *one_line);
            (ReportAsk { resources, one_line, ..ask(ReportKind::Quotes, &of_customer(customer), output) }, output)
        }
        Command::Renewals { resources, customer, output } => {
            let resources = resources.clone();
            (ReportAsk { resources, ..ask(ReportKind::Renewals, &of_customer(customer), output) }, output)
        }
        Command::Verify { file } => {
            let checked = host.desk.verify_report(file)?;
            return out.put(&checked, || print::checked_report(&checked));
        }
        Command::Letterhead(command) => return letterhead(&host.desk, out, command),
    };
    let written = write(Arc::clone(&host.desk), ask, output.out.clone()).await?;
    out.put(&written, || print::written_report(&written))
}

fn of_customer(customer: &str) -> Filter {
    Filter { customer: Some(customer.to_owned()), from: None, until: None }
}

fn ask(kind: ReportKind, filter: &Filter, output: &Output) -> ReportAsk {
    ReportAsk {
        kind,
        format: None,
        customer: filter.customer.clone(),
        text: String::new(),
        from: filter.from,
        until: filter.until,
        language: match output.language {
            LanguageArg::En => ReportLanguage::En,
            LanguageArg::Zh => ReportLanguage::Zh,
            LanguageArg::Both => ReportLanguage::Both,
        },
        resources: Vec::new(),
        one_line: false,
    }
}

/// Writes on a thread of its own, so that Ctrl-C is heard.
async fn write(desk: Arc<Desk>, ask: ReportAsk, to: Option<PathBuf>) -> Result<WrittenReport, DeskError> {
    let stopped = Arc::new(AtomicBool::new(false));
    let heard = Arc::clone(&stopped);
    let mut writing = tokio::task::spawn_blocking(move || {
        let stop = || heard.load(Ordering::Relaxed);
        let written = desk.write_report(&ask, to.as_deref(), ReportWatch::new(&tell, &stop));
        end_telling();
        written
    });
    let done = tokio::select! {
        done = &mut writing => done,
        _ = tokio::signal::ctrl_c() => {
            stopped.store(true, Ordering::Relaxed);
            writing.await
        }
    };
    done.map_err(|why| DeskError::new("report.not_set", why.to_string(), "report this: it is a fault of the desk"))?
}

/// One line on the terminal that is written over again and again; nothing where standard error is none.
fn tell(done: u32, total: u32) {
    let mut err = std::io::stderr().lock();
    if total > 0 && err.is_terminal() {
        // A terminal that takes no more output is no reason to stop a report.
        let _ = write!(err, "\r\x1b[K{done} of {total}").and_then(|()| err.flush());
    }
}

fn end_telling() {
    let mut err = std::io::stderr().lock();
    if err.is_terminal() {
        let _ = write!(err, "\r\x1b[K").and_then(|()| err.flush());
    }
}

fn letterhead(desk: &Desk, out: &Out, command: &LetterheadCommand) -> Result<(), DeskError> {
    if let LetterheadCommand::Set { name, lines, logo, no_logo } = command {
        let now = desk.letterhead()?;
        if name.is_some() || !lines.is_empty() {
            let lines = if lines.is_empty() { &now.lines } else { lines };
            desk.set_letterhead(name.as_ref().unwrap_or(&now.name), lines)?;
        }
        if let Some(file) = logo {
            let bytes = std::fs::read(file).map_err(|why| {
                DeskError::new("file_unreadable", format!("the logo cannot be read: {why}"), "give a PNG, JPEG or SVG")
                    .at(file.display().to_string())
            })?;
            desk.set_logo(Some(&bytes))?;
        } else if *no_logo {
            desk.set_logo(None)?;
        }
    }
    let view = desk.letterhead()?;
    out.put(&view, || print::letterhead(&view))
}
