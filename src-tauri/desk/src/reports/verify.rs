//! Whether a report is as it was written. The journal keeps the hash of its file and of what it says.

use std::path::Path;

use desk_store::Entry;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::ask::{CheckedReport, ReportAsk};
use crate::error::DeskError;
use crate::home::Desk;
use crate::projection::{Note, unreadable};

/// Journal entry: a report was written. Its subject is the file's SHA-256.
const REPORT_WRITTEN: &str = "report_written";

/// Entries looked through at a time.
const PAGE: u32 = 500;

/// What of the entry's body is read back.
#[derive(Serialize, Deserialize)]
struct Body {
    report: String,
    rows: u32,
    document_sha256: Option<String>,
    head: Option<String>,
    head_entry: u32,
}

impl Desk {
    /// Journals a report that is about to appear; answers the entry's number.
    pub(super) fn journal_report(&self, ask: &ReportAsk, sha256: &str, body: Value) -> Result<u32, DeskError> {
        let (customer, subject) = (ask.customer.clone(), sha256.to_owned());
        self.write(move |tx, scribe| {
            let note = Note { kind: REPORT_WRITTEN, customer: customer.as_deref(), subject: Some(&subject), body };
            let entry = scribe.enter(tx, note)?;
            Ok(u32::try_from(entry.seq).unwrap_or(u32::MAX))
        })
    }

    /// Checks a statement or an evidence pack against this home's journal, and the journal itself. Errors: `report_altered`,
    /// `report_unknown`, `file_unreadable`, `journal_broken`.
    pub fn verify_report(&self, file: &Path) -> Result<CheckedReport, DeskError> {
        let bytes = std::fs::read(file).map_err(|why| {
            DeskError::new("file_unreadable", format!("the file cannot be read: {why}"), "give the file of a report")
                .at(file.display().to_string())
        })?;
        let verified = self.verify_journal()?;
        let sha256 = hex::encode(Sha256::digest(&bytes));
        let entries = self.store.read(|r| r.journal().of_subject(&sha256))?;
        let Some(entry) = entries.iter().find(|entry| entry.kind == REPORT_WRITTEN) else {
            return Err(self.not_as_written(file, &bytes, &sha256));
        };
        let body = body_of(entry)?;
        self.check_head(&body, file)?;
        Ok(CheckedReport {
            report: body.report,
            sha256,
            document_sha256: body.document_sha256,
            written_at: entry.at,
            journal_entry: u32::try_from(entry.seq).unwrap_or(u32::MAX),
            customer: entry.customer.clone(),
            rows: body.rows,
            head: body.head,
            head_entry: body.head_entry,
            journal_entries: u32::try_from(verified.entries).unwrap_or(u32::MAX),
        })
    }

    /// The head that the report names must be the hash of that entry.
    fn check_head(&self, body: &Body, file: &Path) -> Result<(), DeskError> {
        let Some(before) = body.head_entry.checked_sub(1) else { return Ok(()) };
        let found = self.store.read(|r| r.journal().after(i64::from(before), 1))?;
        if found.first().map(|entry| &entry.hash) == body.head.as_ref() {
            return Ok(());
        }
        Err(DeskError::new(
            "report_head_differs",
            format!("the journal's entry {} has not the hash that the report names", body.head_entry),
            "restore the journal that this report was written with",
        )
        .at(file.display().to_string()))
    }

    /// Tells a report that was changed from a file that this home never wrote.
    fn not_as_written(&self, file: &Path, bytes: &[u8], sha256: &str) -> DeskError {
        let place = file.display().to_string();
        let mark = desk_report::document_mark(bytes);
        match mark.as_ref().map(|mark| self.written_as(mark)) {
            Some(Ok(Some(entry))) => DeskError::new(
                "report_altered",
                format!(
                    "the file is not as it was written: journal entry {} of {} has another hash for this document",
                    entry.seq,
                    crate::day::shown(entry.at)
                ),
                "do not rely on it; ask for the file as it was handed over, or write the report anew",
            )
            .at(place)
            .with_details(vec![
                format!("written: {}", entry.subject.unwrap_or_default()),
                format!("this file: {sha256}"),
            ]),
            Some(Err(error)) => error,
            Some(Ok(None)) | None => DeskError::new(
                "report_unknown",
                "this home's journal has no report with the hash of this file",
                "verify it with the home that wrote it; only statements and evidence packs are journaled",
            )
            .at(place)
            .with_details(vec![format!("this file: {sha256}")]),
        }
    }

    /// The newest entry of a report that says just this.
    fn written_as(&self, document: &str) -> Result<Option<Entry>, DeskError> {
        let (mut seq, mut newest) = (0, None);
        loop {
            let entries = self.store.read(|r| r.journal().after(seq, PAGE))?;
            let Some(last) = entries.last() else { return Ok(newest) };
            seq = last.seq;
            for entry in entries.into_iter().filter(|entry| entry.kind == REPORT_WRITTEN) {
                if body_of(&entry)?.document_sha256.as_deref() == Some(document) {
                    newest = Some(entry);
                }
            }
        }
    }
}

fn body_of(entry: &Entry) -> Result<Body, DeskError> {
    serde_json::from_value(entry.body.clone()).map_err(|why| unreadable(entry, &why))
}
