//! Commands of the Reports page: what is on offer, pages to look at as pictures, writing with progress and cancel, the system's
//! dialogs and viewer. What they do is said at the desk's own functions.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::views::Problem;
use desk::{
    CancellationToken, CheckedReport, Desk, DeskError, LetterheadView, OfferedReport, ReportAsk, ReportPages,
    ReportWatch, WrittenReport,
};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt as _;
use tauri_plugin_opener::OpenerExt as _;
use tauri_specta::Event;

use super::{Answer, told};
use crate::host::Host;

/// Finest picture of a page that is drawn: above it a page takes more memory than a screen shows.
const DOTS_PER_INCH_MAX: u32 = 220;

/// How far a report has come: rows done of rows in all (both 0 while pages are set).
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type, Event)]
pub struct ReportProgressed {
    pub done: u32,
    pub total: u32,
}

/// A document to look at, page by page.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct Preview {
    /// Asked for with each page; a newer preview makes it stale.
    pub number: u32,
    pub pages: u32,
}

/// What the Reports page is busy with.
#[derive(Default)]
pub struct Reporting {
    preview: Mutex<(u32, Option<ReportPages>)>,
    stop: Mutex<CancellationToken>,
    /// Files that this process wrote: the only ones that it opens.
    written: Mutex<Vec<PathBuf>>,
}

fn locked<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

fn desk_of(host: &State<'_, Host>) -> Arc<Desk> {
    Arc::clone(&host.desk)
}

/// Work of a report on a thread of its own, with progress, until it is done or cancelled.
async fn watched<T: Send + 'static>(
    app: AppHandle,
    stop: CancellationToken,
    work: impl FnOnce(ReportWatch<'_>) -> Result<T, DeskError> + Send + 'static,
) -> Answer<T> {
    let made = tauri::async_runtime::spawn_blocking(move || {
        let progress = |done, total| {
            let _ = ReportProgressed { done, total }.emit(&app);
        };
        let stopped = || stop.is_cancelled();
        work(ReportWatch::new(&progress, &stopped))
    });
    let made = made.await.map_err(|why| {
        DeskError::new("report.not_set", why.to_string(), "report this: it is a fault of the desk").problem()
    })?;
    told(made)
}

/// The reports that this desk makes, with their formats.
#[tauri::command]
#[specta::specta]
pub fn report_kinds(host: State<'_, Host>) -> Vec<OfferedReport> {
    desk_of(&host).report_kinds()
}

/// Sets a report in pages to look at. The one before is dropped.
#[tauri::command]
#[specta::specta]
pub async fn preview_report(
    app: AppHandle,
    host: State<'_, Host>,
    reporting: State<'_, Reporting>,
    ask: ReportAsk,
) -> Answer<Preview> {
    let (desk, stop) = (desk_of(&host), locked(&reporting.stop).child_token());
    let pages = watched(app, stop, move |watch| desk.preview_report(&ask, watch)).await?;
    let mut preview = locked(&reporting.preview);
    let number = preview.0.wrapping_add(1);
    let count = pages.count();
    *preview = (number, Some(pages));
    Ok(Preview { number, pages: count })
}

/// One page of the preview, counted from 0, as `data:image/png;base64,...`. Errors: `preview_stale`, `no_such_page`.
#[tauri::command(async)]
#[specta::specta]
pub fn report_page(reporting: State<'_, Reporting>, number: u32, page: u32, dots_per_inch: u32) -> Answer<String> {
    let preview = locked(&reporting.preview);
    let Some(pages) = preview.1.as_ref().filter(|_| preview.0 == number) else {
        return Err(
            DeskError::new("preview_stale", "another preview has taken its place", "show the report again").problem()
        );
    };
    let png = told(pages.picture(page, dots_per_inch.clamp(1, DOTS_PER_INCH_MAX)))?;
    Ok(format!("data:image/png;base64,{}", STANDARD.encode(png)))
}

/// Asks with the system's dialog where a report shall go; `None`: the manager thought better of it.
#[tauri::command(async)]
#[specta::specta]
pub fn choose_report_place(app: AppHandle, name: String, ending: String) -> Option<String> {
    let dialog = app.dialog().file().set_file_name(&name).add_filter(ending.to_uppercase(), &[&ending]);
    let chosen = dialog.blocking_save_file()?.into_path().ok()?;
    Some(chosen.display().to_string())
}

/// Writes a report: to `to`, or to a dated file in the home's `exports`.
#[tauri::command]
#[specta::specta]
pub async fn write_report(
    app: AppHandle,
    host: State<'_, Host>,
    reporting: State<'_, Reporting>,
    ask: ReportAsk,
    to: Option<String>,
) -> Answer<WrittenReport> {
    let (desk, stop) = (desk_of(&host), locked(&reporting.stop).child_token());
    let to = to.map(PathBuf::from);
    let written = watched(app, stop, move |watch| desk.write_report(&ask, to.as_deref(), watch)).await?;
    let files = [Some(&written.path), written.annex.as_ref()];
    locked(&reporting.written).extend(files.into_iter().flatten().map(PathBuf::from));
    Ok(written)
}

/// Stops the preview and the report under way; nothing half written is left.
#[tauri::command]
#[specta::specta]
pub fn cancel_report(reporting: State<'_, Reporting>) {
    std::mem::take(&mut *locked(&reporting.stop)).cancel();
}

/// Opens a report that was written here with the system's viewer. Errors: `not_written_here`, `no_viewer`.
#[tauri::command(async)]
#[specta::specta]
pub fn open_report(app: AppHandle, reporting: State<'_, Reporting>, path: String) -> Answer<()> {
    if !locked(&reporting.written).iter().any(|written| written == Path::new(&path)) {
        return Err(DeskError::new(
            "not_written_here",
            "this window opens only the reports that it wrote",
            "write the report again, or open the file from its folder",
        )
        .at(path)
        .problem());
    }
    app.opener().open_path(path.clone(), None::<&str>).map_err(|why| {
        DeskError::new("no_viewer", format!("the system cannot open it: {why}"), "open the file from its folder")
            .at(path)
            .problem()
    })
}

/// Asks for a statement or an evidence pack and checks it; `None`: no file was chosen.
#[tauri::command(async)]
#[specta::specta]
pub fn choose_and_verify_report(app: AppHandle, host: State<'_, Host>) -> Answer<Option<CheckedReport>> {
    let dialog = app.dialog().file().add_filter("PDF, ZIP", &["pdf", "zip"]);
    let Some(file) = dialog.blocking_pick_file().and_then(|file| file.into_path().ok()) else { return Ok(None) };
    told(desk_of(&host).verify_report(&file)).map(Some)
}

/// The partner's letterhead.
#[tauri::command(async)]
#[specta::specta]
pub fn letterhead(host: State<'_, Host>) -> Answer<LetterheadView> {
    told(desk_of(&host).letterhead())
}

/// Sets the letterhead's name and lines.
#[tauri::command(async)]
#[specta::specta]
pub fn set_letterhead(host: State<'_, Host>, name: String, lines: Vec<String>) -> Answer<LetterheadView> {
    told(desk_of(&host).set_letterhead(&name, &lines))
}

/// Asks for the logo's file and keeps it; `None`: no file was chosen. Errors: `bad_logo`.
#[tauri::command(async)]
#[specta::specta]
pub fn choose_logo(app: AppHandle, host: State<'_, Host>) -> Answer<Option<LetterheadView>> {
    let dialog = app.dialog().file().add_filter("PNG, JPEG, SVG", &["png", "jpg", "jpeg", "svg"]);
    let Some(file) = dialog.blocking_pick_file().and_then(|file| file.into_path().ok()) else { return Ok(None) };
    let bytes = std::fs::read(&file).map_err(|why| unreadable(&file, &why))?;
    told(desk_of(&host).set_logo(Some(&bytes))).map(Some)
}

/// Takes the logo away.
#[tauri::command(async)]
#[specta::specta]
pub fn remove_logo(host: State<'_, Host>) -> Answer<LetterheadView> {
    told(desk_of(&host).set_logo(None))
}

fn unreadable(file: &Path, why: &std::io::Error) -> Problem {
    DeskError::new("file_unreadable", format!("the file cannot be read: {why}"), "choose another file")
        .at(file.display().to_string())
        .problem()
}
