//! Today's page, what an order's id leads to, what is told outside the window, and how large the page is shown.

use desk::{Located, Today};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager as _, State};
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
    app.notification().builder().title(title).body(plain(&body)).show().is_ok()
}

/// Some systems take the text of a notification for markup, others show it as it is: in neither may a name become a link.
fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '<' => '‹',
            '>' => '›',
            letter if letter.is_control() => ' ',
            letter => letter,
        })
        .collect()
}

/// Shows the page larger or smaller, in per cent, as a browser's zoom does.
#[tauri::command(async)]
#[specta::specta]
pub fn zoom(app: AppHandle, percent: u32) {
    const SMALLEST: u32 = 50;
    const LARGEST: u32 = 300;
    let percent = percent.clamp(SMALLEST, LARGEST);
    // The shell wants a factor, in its own kind of number: it is read from a text, since nothing in this crate computes with that kind.
    let factor = format!("{}.{:02}", percent / 100, percent % 100).parse();
    if let (Some(window), Ok(factor)) = (app.get_webview_window("main"), factor) {
        // A web view that cannot zoom stays as it is.
        let _ = window.set_zoom(factor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_notification_is_no_markup() {
        assert_eq!(plain("i-1 of A & B <a href=\"x\">Ltd</a>\n\u{7}"), "i-1 of A & B ‹a href=\"x\"›Ltd‹/a›  ");
    }
}
