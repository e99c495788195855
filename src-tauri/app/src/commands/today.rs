//! Today's page, what an order's id leads to, and what is told outside the window.

use desk::{Located, Today};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, State};
use tauri_plugin_notification::NotificationExt as _;
use tauri_specta::Event;

use super::{Answer, told};
use crate::host::Host;
use crate::links::Link;

/// A link into the desk was opened: the order that it names.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type, Event)]
pub struct LinkOpened(pub String);

#[tauri::command(async)]
#[specta::specta]
pub fn today(host: State<'_, Host>) -> Answer<Today> {
    told(host.desk()?.today())
}

/// Where an order is.
#[tauri::command(async)]
#[specta::specta]
pub fn locate(host: State<'_, Host>, order: String) -> Answer<Located> {
    told(host.desk()?.locate(order.trim()))
}

/// The order of the link that the window was started with; told once.
#[tauri::command(async)]
#[specta::specta]
pub fn take_link(link: State<'_, Link>) -> Option<String> {
    link.take()
}

/// Tells something through the system, in the window's words. False where the system has nobody to tell it to.
#[tauri::command(async)]
#[specta::specta]
pub fn notify(app: AppHandle, title: String, body: String) -> bool {
    app.notification().builder().title(title).body(body).show().is_ok()
}
