//! Reports: what the customer is handed, looked at before it is written, and known again afterwards.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::{
    CheckedReport, DeskError, LetterheadView, OfferedReport, ReportAsk, ReportPages, ReportWatch, WrittenReport,
};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt as _;
use tauri_specta::Event;

use super::{Answer, changed, no_viewer, told};
use crate::host::{Host, Syncing};

/// How fine a page is shown: twice a screen's, for screens that are finer.
const DOTS_PER_INCH: u32 = 144;

/// More bytes are no logo; the desk says how many are taken.
const LOGO_MAX: u64 = 16 * 1024 * 1024;

/// What the page of reports is busy with.
#[derive(Default)]
pub struct Reporting {
    /// The pages that are looked at.
    pages: Mutex<Option<ReportPages>>,
    /// Files that this window wrote: the only ones that it opens.
    written: Mutex<Vec<PathBuf>>,
    making: Syncing,
}

impl Reporting {
    /// Forgets what it holds: a locked home shows nothing.
    pub fn forget(&self) {
        *held(&self.pages) = None;
        held(&self.written).clear();
    }

    fn wrote(&self, report: &WrittenReport) {
        let files = [Some(&report.path), report.annex.as_ref()];
        held(&self.written).extend(files.into_iter().flatten().map(PathBuf::from));
    }

    /// The file of this name, if it was written here.
    fn written(&self, path: &str) -> Option<PathBuf> {
        held(&self.written).iter().find(|written| *written == Path::new(path)).cloned()
    }
}

fn held<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How far a report has come.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type, Event)]
pub struct ReportProgressed {
    pub done: u32,
    pub total: u32,
}

/// Watches a report: tells its progress, and ends it when it is cancelled or with everything else that is stopped.
fn watched<T>(
    app: &AppHandle,
    host: &Host,
    reporting: &Reporting,
    work: impl FnOnce(ReportWatch<'_>) -> Result<T, DeskError>,
) -> Answer<T> {
    let (all, own) = (host.syncing.begin(), reporting.making.begin());
    let progress = |done, total| {
        let _ = ReportProgressed { done, total }.emit(app);
    };
    told(work(ReportWatch::new(&progress, &|| all.is_cancelled() || own.is_cancelled())))
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
    reporting: State<'_, Reporting>,
    ask: ReportAsk,
) -> Answer<u32> {
    let desk = host.desk()?;
    let pages = watched(&app, &host, &reporting, |watch| desk.preview_report(&ask, watch))?;
    let count = pages.count();
    *held(&reporting.pages) = Some(pages);
    Ok(count)
}

/// A page of what is looked at, counted from 0, as a picture in the form of a data address.
#[tauri::command(async)]
#[specta::specta]
pub fn report_page(host: State<'_, Host>, reporting: State<'_, Reporting>, page: u32) -> Answer<String> {
    let _open = host.desk()?;
    let pages = held(&reporting.pages);
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
pub fn write_report(
    app: AppHandle,
    host: State<'_, Host>,
    reporting: State<'_, Reporting>,
    ask: ReportAsk,
) -> Answer<WrittenReport> {
    write(&app, &host, &reporting, &ask, None)
}

/// Asks with the system's dialog where a report shall go, and writes it there; `None`: the manager thought better of it. The place
/// goes from the dialog to the desk: the page names none.
#[tauri::command(async)]
#[specta::specta]
pub fn save_report(
    app: AppHandle,
    host: State<'_, Host>,
    reporting: State<'_, Reporting>,
    ask: ReportAsk,
    title: String,
) -> Answer<Option<WrittenReport>> {
    // Not held while the dialog is open: a home can be locked meanwhile.
    let name = told(host.desk()?.report_name(&ask))?;
    let ending = Path::new(&name).extension().unwrap_or_default().to_string_lossy().into_owned();
    let dialog =
        app.dialog().file().set_title(title).set_file_name(&name).add_filter(ending.to_uppercase(), &[&ending]);
    let Some(chosen) = dialog.blocking_save_file().and_then(|file| file.into_path().ok()) else { return Ok(None) };
    write(&app, &host, &reporting, &ask, Some(&chosen)).map(Some)
}

fn write(
    app: &AppHandle,
    host: &Host,
    reporting: &Reporting,
    ask: &ReportAsk,
    to: Option<&Path>,
) -> Answer<WrittenReport> {
    let desk = host.desk()?;
    let written = watched(app, host, reporting, |watch| desk.write_report(ask, to, watch));
    changed(app, &["status"]);
    written.inspect(|report| reporting.wrote(report))
}

/// Ends the preview and the report under way; nothing half written is left.
#[tauri::command]
#[specta::specta]
pub fn cancel_report(reporting: State<'_, Reporting>) {
    reporting.making.stop();
}

/// Opens a report that this window wrote with the system's viewer. Errors: `not_written_here`, `no_viewer`.
#[tauri::command(async)]
#[specta::specta]
pub fn open_report(reporting: State<'_, Reporting>, path: String) -> Answer<()> {
    let file = written_here(&reporting, &path)?;
    told(tauri_plugin_opener::open_path(&file, None::<&str>).map_err(|why| no_viewer(&file, &why)))
}

/// Shows a report that this window wrote in its folder. Errors: `not_written_here`, `no_viewer`.
#[tauri::command(async)]
#[specta::specta]
pub fn show_report_folder(reporting: State<'_, Reporting>, path: String) -> Answer<()> {
    let file = written_here(&reporting, &path)?;
    if tauri_plugin_opener::reveal_item_in_dir(&file).is_ok() {
        return Ok(());
    }
    // A system without a file manager that can point at a file may have one that opens a folder.
    let folder = file.parent().unwrap_or(&file);
    told(tauri_plugin_opener::open_path(folder, None::<&str>).map_err(|why| no_viewer(folder, &why)))
}

fn written_here(reporting: &Reporting, path: &str) -> Answer<PathBuf> {
    let refused = || {
        let next = "write the report again, or open the file from its folder";
        DeskError::new("not_written_here", "this window opens only the reports that it wrote", next).at(path).problem()
    };
    reporting.written(path).ok_or_else(refused)
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

#[cfg(test)]
mod tests {
    use desk::{ReportFormat, ReportKind};

    use super::*;

    #[test]
    fn only_what_was_written_here_is_opened_and_nothing_of_a_locked_home() {
        let reporting = Reporting::default();
        let report = WrittenReport {
            kind: ReportKind::History,
            format: ReportFormat::Pdf,
            path: "/exports/history.pdf".to_owned(),
            annex: Some("/exports/history.annex.xlsx".to_owned()),
            rows: 1,
            pages: Some(1),
            sha256: String::new(),
            document_sha256: None,
            journal_entry: None,
        };
        let opened = |path: &str| written_here(&reporting, path).map_err(|problem| problem.code);
        assert_eq!(opened("/exports/history.pdf"), Err("not_written_here".to_owned()));
        reporting.wrote(&report);
        for path in ["/exports/history.pdf", "/exports/history.annex.xlsx"] {
            assert_eq!(opened(path), Ok(PathBuf::from(path)));
        }
        for path in ["/exports/../etc/passwd", "/exports", "history.pdf", "", "https://example.invalid"] {
            assert_eq!(opened(path), Err("not_written_here".to_owned()), "{path}");
        }
        reporting.forget();
        assert_eq!(opened("/exports/history.pdf"), Err("not_written_here".to_owned()));
    }
}
