//! Keeping a file: its journal entry and its rows in one write, then the cache, one write a chunk.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use desk_store::{ImportMark, ImportedFile, Json};
use serde_json::json;

use super::preview::Seen;
use super::project;
use super::report::ImportReport;
use super::rows::Line;
use crate::error::DeskError;
use crate::home::Desk;
use crate::projection::Note;
use crate::sync::count;

/// Lines of one write. Orders are not divided, so a chunk may be longer by the lines of one order.
const CHUNK: usize = 500;

impl Desk {
    /// Takes what was seen. A file with nothing new is not kept.
    pub(super) fn take(&self, seen: Seen) -> Result<ImportReport, DeskError> {
        check_readable(&seen)?;
        let Seen { mut report, kind, reading, orders } = seen;
        let (Some(kind), true) = (kind, report.counts.new + report.counts.changed > 0) else { return Ok(report) };
        let chunks = chunks_of(&orders)?;
        // The file's name and headers may name the customer, whose name is forgotten when it is removed; an entry is not.
        let body = json!({
            "sha256": report.sha256,
            "kind": kind,
            "counts": report.counts,
        });
        let mut file = ImportedFile {
            entry_seq: 0,
            customer: report.customer.clone(),
            name: report.file.clone(),
            sha256: report.sha256.clone(),
            reading,
            kind: kind.word().to_owned(),
            dated: report.dated,
            chunks: count(chunks.len()),
        };
        self.write(move |tx, scribe| {
            let known = tx.imported_files().of_customer(&file.customer)?;
            if known.iter().any(|other| other.sha256 == file.sha256 && other.reading == file.reading) {
                // Somebody was faster with the same file.
                return Ok(());
            }
            let note = Note { kind: "file_imported", customer: Some(&file.customer), subject: None, body };
            file.entry_seq = scribe.enter(tx, note)?.seq;
            Ok(tx.imported_files().put(&file, &chunks)?)
        })?;
        report.moved = self.project_imports()?;
        Ok(report)
    }

    /// Brings the cache up to the files that were taken, chunk by chunk, and then what follows from it. Answers the requests that
    /// moved. A cache that is up to date is not touched. A file stops at a chunk that cannot be projected; that is told of its
    /// customer, and keeps neither the other files nor the home from being opened.
    pub(crate) fn project_imports(&self) -> Result<Vec<String>, DeskError> {
        let files = self.store.read(|r| r.imported_files().list())?;
        let mut touched: Vec<String> = Vec::new();
        let mut problems = BTreeMap::new();
        for file in files {
            let done = self.store.read(|r| r.import_marks().get(file.entry_seq))?.map_or(0, |mark| mark.chunks_done);
            for chunk in done..file.chunks {
                match self.project_chunk(&file, chunk) {
                    Err(problem) if project::is_of_the_chunk(&problem) => {
                        problems.insert(file.customer.clone(), problem);
                        break;
                    }
                    done => done?,
                }
            }
            if done < file.chunks && !touched.contains(&file.customer) {
                touched.push(file.customer);
            }
        }
        *self.import_problems.lock().unwrap_or_else(PoisonError::into_inner) = problems;
        let mut moved = Vec::new();
        for customer in touched {
            moved.extend(self.after_import(&customer)?);
        }
        Ok(moved)
    }

    fn project_chunk(&self, file: &ImportedFile, chunk: u32) -> Result<(), DeskError> {
        let file = file.clone();
        self.write(move |tx, _| {
            let kept = tx.imported_files().chunk(file.entry_seq, chunk).and_then(|rows| rows.read::<Vec<Line>>());
            let lines = kept.map_err(|why| {
                project::damaged(&format!("chunk {chunk} of journal entry {}", file.entry_seq), &why.to_string())
            })?;
            project::chunk(tx, &file, &lines)?;
            let mark =
                ImportMark { entry_seq: file.entry_seq, customer: file.customer.clone(), chunks_done: chunk + 1 };
            Ok(tx.import_marks().put(&mark)?)
        })
    }

    /// Why what was taken from a customer's files is not all in the cache.
    pub(crate) fn import_problem(&self, customer: &str) -> Option<DeskError> {
        self.import_problems.lock().unwrap_or_else(PoisonError::into_inner).get(customer).cloned()
    }

    /// What follows from new facts, as after a sync.
    fn after_import(&self, customer: &str) -> Result<Vec<String>, DeskError> {
        self.project_refunds(customer)?;
        let moved = self.reconcile(customer)?;
        self.quote_customer(customer)?;
        Ok(moved)
    }
}

fn check_readable(seen: &Seen) -> Result<(), DeskError> {
    let report = &seen.report;
    if seen.kind.is_none() {
        let next = "say what it is with --kind, and which column holds what with --map FIELD=HEADER";
        return Err(DeskError::new("import_unknown", "the headers of the file are of no kind that is known", next)
            .at(report.file.clone())
            .with_details(report.unmapped.clone()));
    }
    if !report.missing.is_empty() {
        let next = "look at --dry-run, and name the columns with --map FIELD=HEADER";
        let why = format!("no column holds {}", report.missing.join(", "));
        return Err(DeskError::new("import_unmapped", why, next)
            .at(report.file.clone())
            .with_details(report.unmapped.clone()));
    }
    Ok(())
}

/// Whole orders, together in chunks.
fn chunks_of(orders: &[Vec<Line>]) -> Result<Vec<Json>, DeskError> {
    let mut chunks = Vec::new();
    let mut lines: Vec<&Line> = Vec::new();
    for order in orders {
        lines.extend(order);
        if lines.len() >= CHUNK {
            chunks.push(Json::of(&std::mem::take(&mut lines))?);
        }
    }
    if !lines.is_empty() {
        chunks.push(Json::of(&lines)?);
    }
    Ok(chunks)
}
