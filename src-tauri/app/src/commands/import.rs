//! Files of the console into the cache: looked at first, mended where a column was not understood, then taken.

use std::path::PathBuf;

use chrono::FixedOffset;
use desk::{DeskError, ImportAsk, ImportKind, ImportReport};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt as _;

use super::{Answer, EVERYTHING, changed, told};
use crate::host::Host;

/// What to import, and how.
#[derive(Debug, Clone, Deserialize, specta::Type)]
pub struct FileAsk {
    pub customer: String,
    pub path: String,
    /// Field and header, where the headers were not understood; an empty header takes the field from no column.
    pub mapping: Vec<(String, String)>,
    /// Zone of times without an offset, such as `+08:00`.
    pub zone: String,
    pub kind: Option<KindAsk>,
}

/// What the manager says a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum KindAsk {
    Orders,
    Bill,
}

/// Lets the manager choose a file; `None` when they did not.
#[tauri::command(async)]
#[specta::specta]
pub fn choose_file(app: AppHandle, title: String, endings: Vec<String>) -> Option<String> {
    let endings: Vec<&str> = endings.iter().map(String::as_str).collect();
    let chosen = app.dialog().file().set_title(title).add_filter("", &endings).blocking_pick_file()?;
    Some(chosen.to_string())
}

/// What a file holds and would change; keeps nothing.
#[tauri::command(async)]
#[specta::specta]
pub fn preview_import(host: State<'_, Host>, ask: FileAsk) -> Answer<ImportReport> {
    told(run(&host, &ask, true)?)
}

/// Takes it.
#[tauri::command(async)]
#[specta::specta]
pub fn import_file(app: AppHandle, host: State<'_, Host>, ask: FileAsk) -> Answer<ImportReport> {
    let report = run(&host, &ask, false)?;
    changed(&app, &EVERYTHING);
    told(report)
}

fn run(host: &Host, ask: &FileAsk, dry_run: bool) -> Answer<Result<ImportReport, DeskError>> {
    let zone: FixedOffset = told(ask.zone.trim().parse().map_err(|_| {
        DeskError::new("bad_zone", format!("`{}` is no offset", ask.zone), "write it as +08:00").at("zone")
    }))?;
    let kind = ask.kind.map(|kind| match kind {
        KindAsk::Orders => ImportKind::Orders,
        KindAsk::Bill => ImportKind::Bill,
    });
    let of = ImportAsk { customer: ask.customer.clone(), dry_run, mapping: ask.mapping.clone(), zone, kind };
    Ok(host.desk()?.import(&PathBuf::from(ask.path.trim()), &of))
}
