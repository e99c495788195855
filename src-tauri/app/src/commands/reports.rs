//! Reports: what the customer is handed, looked at before it is written, and known again afterwards.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::{
    CheckedReport, DeskError, LetterheadView, OfferedReport, ReportAsk, ReportPages, ReportWatch, WrittenReport,
};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, State};
use tauri_specta::Event;

use super::{Answer, changed, told};
use crate::host::Host;

/// How fine a page is shown: twice a screen's, for screens that are finer.
const DOTS_PER_INCH: u32 = 144;

/// More bytes are no logo; the desk says how many are taken.
const LOGO_MAX: u64 = 16 * 1024 * 1024;

/// The pages that are looked at.
#[derive(Default)]
pub struct Preview(Mutex<Option<ReportPages>>);

impl Preview {
    /// Forgets them: a locked home shows nothing.
    pub fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// How far a report has come.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type, Event)]
pub struct ReportProgressed {
    pub done: u32,
    pub total: u32,
}

/// Watches a report: tells its progress, and ends it with everything else that is stopped.
fn watched<T>(app: &AppHandle, host: &Host, work: impl FnOnce(ReportWatch<'_>) -> Result<T, DeskError>) -> Answer<T> {
    let token = host.syncing.begin();
    let progress = |done, total| {
        let _ = ReportProgressed { done, total }.emit(app);
    };
    told(work(ReportWatch::new(&progress, &|| token.is_cancelled())))
}

#[tauri::command(async)]
#[specta::specta]
pub fn report_kinds(host: State<'_, Host>) -> Answer<Vec<OfferedReport>> {
    Ok(host.desk()?.report_kinds())
}

/// Sets a report in pages to look at, without writing it; answers how many there are.
#[tauri::command(async)]
#[specta::specta]
pub fn preview_report(
    app: AppHandle,
    host: State<'_, Host>,
    preview: State<'_, Preview>,
    ask: ReportAsk,
) -> Answer<u32> {
    let desk = host.desk()?;
    let pages = watched(&app, &host, |watch| desk.preview_report(&ask, watch))?;
    let count = pages.count();
    *preview.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(pages);
    Ok(count)
}

/// A page of what is looked at, counted from 0, as a picture in the form of a data address.
#[tauri::command(async)]
#[specta::specta]
pub fn report_page(preview: State<'_, Preview>, page: u32) -> Answer<String> {
    let pages = preview.0.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(pages) = pages.as_ref() else {
        let nothing = DeskError::new("no_such_page", "no report is looked at", "make its preview first");
        return Err(nothing.problem());
    };
    let picture = told(pages.picture(page, DOTS_PER_INCH))?;
    Ok(format!("data:image/png;base64,{}", STANDARD.encode(picture)))
}

/// Writes a report into the home's folder of exports.
#[tauri::command(async)]
#[specta::specta]
pub fn write_report(app: AppHandle, host: State<'_, Host>, ask: ReportAsk) -> Answer<WrittenReport> {
    let desk = host.desk()?;
    let written = watched(&app, &host, |watch| desk.write_report(&ask, None, watch));
    changed(&app, &["status"]);
    written
}

/// Whether a statement or evidence pack is as it was written, by the journal.
#[tauri::command(async)]
#[specta::specta]
pub fn verify_report(host: State<'_, Host>, path: String) -> Answer<CheckedReport> {
    told(host.desk()?.verify_report(&PathBuf::from(path.trim())))
}

#[tauri::command(async)]
#[specta::specta]
pub fn letterhead(host: State<'_, Host>) -> Answer<LetterheadView> {
    told(host.desk()?.letterhead())
}

#[tauri::command(async)]
#[specta::specta]
pub fn set_letterhead(host: State<'_, Host>, name: String, lines: Vec<String>) -> Answer<LetterheadView> {
    told(host.desk()?.set_letterhead(&name, &lines))
}

/// Sets the logo from a file, or takes it away.
#[tauri::command(async)]
#[specta::specta]
pub fn set_logo(host: State<'_, Host>, path: Option<String>) -> Answer<LetterheadView> {
    use std::io::Read as _;
    let desk = host.desk()?;
    let Some(path) = path else { return told(desk.set_logo(None)) };
    let failed = |why: std::io::Error| {
        DeskError::new("bad_logo", format!("the file cannot be read: {why}"), "choose a PNG, JPEG or SVG file")
            .at("logo")
    };
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path.trim()).and_then(|file| file.take(LOGO_MAX).read_to_end(&mut bytes));
    told(read.map_err(failed))?;
    told(desk.set_logo(Some(&bytes)))
}
