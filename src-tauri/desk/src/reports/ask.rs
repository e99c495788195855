//! What a host asks a report for, and what it gets.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::tell::Language;

/// A report that the desk makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// The refund history, filtered as on screen.
    History,
    /// What a customer is handed.
    Statement,
    /// Quotes to sign before the decision.
    Quotes,
    /// Renewals that have not taken effect, with each Updated Expiration Time, to sign before any is cancelled.
    Renewals,
    /// Statement, workbook, quotes, authorisations and the journal's part, for audits.
    Evidence,
}

/// The form of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    Csv,
    Xlsx,
    Pdf,
    Zip,
}

/// The language of its words: one, or both side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ReportLanguage {
    En,
    Zh,
    Both,
}

impl ReportKind {
    /// Every kind, in the order they are offered.
    pub const ALL: [Self; 5] = [Self::History, Self::Statement, Self::Quotes, Self::Renewals, Self::Evidence];

    /// Its word in file names, in the journal and on the terminal.
    pub const fn word(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Statement => "statement",
            Self::Quotes => "quotes",
            Self::Renewals => "renewals",
            Self::Evidence => "evidence",
        }
    }

    /// Forms that it has, the usual one first.
    pub const fn formats(self) -> &'static [ReportFormat] {
        match self {
            Self::History => &[ReportFormat::Csv, ReportFormat::Xlsx, ReportFormat::Pdf],
            Self::Statement | Self::Quotes | Self::Renewals => &[ReportFormat::Pdf],
            Self::Evidence => &[ReportFormat::Zip],
        }
    }

    /// True for one that is made for a single customer.
    pub const fn of_one_customer(self) -> bool {
        !matches!(self, Self::History)
    }

    /// True for one whose hash goes into the journal, so that it can be verified later.
    pub const fn is_journaled(self) -> bool {
        matches!(self, Self::Statement | Self::Evidence)
    }
}

impl ReportFormat {
    /// Ending of its file's name.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
            Self::Zip => "zip",
        }
    }
}

impl ReportLanguage {
    /// The languages that stand in the report, in their order.
    pub const fn languages(self) -> &'static [Language] {
        match self {
            Self::En => &[Language::English],
            Self::Zh => &[Language::Chinese],
            Self::Both => &[Language::English, Language::Chinese],
        }
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
            Self::Both => "both",
        }
    }
}

/// Which report, of what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct ReportAsk {
    pub kind: ReportKind,
    /// `None`: the usual one.
    pub format: Option<ReportFormat>,
    /// Needed for all but the history.
    pub customer: Option<String>,
    /// Any part of a refund order, resource, product or related order (history only).
    pub text: String,
    /// First and last day of the refund orders, in UTC+8.
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    pub language: ReportLanguage,
    /// Resources to quote; empty: all that give something back now (quotes and renewals only).
    pub resources: Vec<String>,
    /// One line a resource, for a batch, instead of a page (quotes only).
    pub one_line: bool,
}

/// A report on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct OfferedReport {
    pub kind: ReportKind,
    pub formats: Vec<ReportFormat>,
    /// A customer must be chosen.
    pub of_one_customer: bool,
    /// Its hash goes into the journal: `rdesk report verify` knows it again. Not from a desk that only reads.
    pub journaled: bool,
}

/// A report that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct WrittenReport {
    pub kind: ReportKind,
    pub format: ReportFormat,
    pub path: String,
    /// The workbook with the rows, where they are too many for the pages.
    pub annex: Option<String>,
    /// Refunds, or quotes.
    pub rows: u32,
    /// Of a document in pages.
    pub pages: Option<u32>,
    /// Of the file.
    pub sha256: String,
    /// Of what the document says, as printed on it.
    pub document_sha256: Option<String>,
    /// The journal entry that holds both hashes.
    pub journal_entry: Option<u32>,
}

/// A report that was found to be as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct CheckedReport {
    pub report: String,
    pub sha256: String,
    pub document_sha256: Option<String>,
    pub written_at: DateTime<Utc>,
    pub journal_entry: u32,
    pub customer: Option<String>,
    pub rows: u32,
    /// The journal head that the document names, and which entry it is.
    pub head: Option<String>,
    pub head_entry: u32,
    /// Entries of the journal, whose chain is whole.
    pub journal_entries: u32,
}

/// The partner's paper.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct LetterheadView {
    /// The partner's name; empty: reports have no letterhead.
    pub name: String,
    /// Address, telephone, mail: one line each.
    pub lines: Vec<String>,
    /// `png`, `jpg` or `svg`; `None`: no logo.
    pub logo_format: Option<String>,
    /// Size of the logo's file in bytes.
    pub logo_bytes: u32,
}
