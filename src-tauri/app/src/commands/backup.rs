//! A backup of the home, and a home made of one. Where it goes is chosen in the system's dialog; the page names no place to write to.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use desk::{Ambient as _, Backup, HomeKind};
use serde::Serialize;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt as _;

use super::Answer;
use super::home::{Key, opened, unlock_of};
use crate::host::{self, Host};

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct BackupView {
    pub folder: String,
    pub made_at: DateTime<Utc>,
    /// Of a sandbox home.
    pub sandbox: bool,
    /// Entries of its journal.
    pub entries: u32,
    pub files: u32,
    /// Of all files together, as a decimal string.
    pub bytes: String,
}

/// A home that was made of a backup.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct RestoredView {
    pub backup: BackupView,
    /// Requests that were confirmed and waited: they are to be reviewed again.
    pub to_review: u32,
}

impl BackupView {
    fn of(folder: &Path, backup: &Backup) -> Self {
        Self {
            folder: folder.display().to_string(),
            made_at: backup.made_at,
            sandbox: backup.kind == HomeKind::Sandbox,
            entries: u32::try_from(backup.entries).unwrap_or(u32::MAX),
            files: count(backup.files.len()),
            bytes: backup.files.iter().map(|file| file.bytes).sum::<u64>().to_string(),
        }
    }
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// Asks with the system's dialog where the backup shall be, and copies the home there; `None`: the manager thought better of it.
#[tauri::command(async)]
#[specta::specta]
pub fn back_up_home(app: AppHandle, host: State<'_, Host>, title: String) -> Answer<Option<BackupView>> {
    // Not held while the dialog is open: the home can be locked meanwhile.
    drop(host.desk()?);
    let name = format!("refund-desk-{}", desk::System.wall().format("%Y-%m-%d"));
    let dialog = app.dialog().file().set_title(title).set_file_name(name);
    let Some(folder) = dialog.blocking_save_file().and_then(|file| file.into_path().ok()) else { return Ok(None) };
    let backup = host.back_up(&folder)?;
    Ok(Some(BackupView::of(&folder, &backup)))
}

/// Lets the manager choose the folder of a backup; `None` when they did not.
#[tauri::command(async)]
#[specta::specta]
pub fn choose_backup(app: AppHandle, title: String) -> Option<String> {
    Some(app.dialog().file().set_title(title).blocking_pick_folder()?.to_string())
}

/// What the backup in a folder says of itself.
#[tauri::command(async)]
#[specta::specta]
pub fn backup_at(path: String) -> Answer<BackupView> {
    let folder = PathBuf::from(path.trim());
    host::backup_at(&folder).map(|backup| BackupView::of(&folder, &backup))
}

/// Makes the home of real customers of a backup, where there is none yet.
#[tauri::command]
#[specta::specta]
pub async fn restore_home(
    app: AppHandle,
    host: State<'_, Host>,
    path: String,
    by: Key,
    secret: String,
) -> Answer<RestoredView> {
    let folder = PathBuf::from(path.trim());
    let restored = host.restore(&folder, unlock_of(&host, by, secret)).await?;
    opened(&app, &host);
    Ok(RestoredView { backup: BackupView::of(&folder, &restored.backup), to_review: count(restored.to_review.len()) })
}
