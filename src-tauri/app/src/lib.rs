//! The window: commands and events over the desk, thin and typed. The only crate of the project that sees Tauri.

mod commands;
mod host;
mod links;
mod renewing;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use tauri::{AppHandle, Manager};
use tauri_plugin_deep_link::DeepLinkExt as _;
use tauri_specta::{ErrorHandlingMode, Event as _, collect_commands, collect_events};

use crate::commands::reports::{ReportProgressed, Reporting};
use crate::commands::today::LinkOpened;
use crate::commands::{DeskChanged, SyncProgressed};
use crate::host::{Folders, Host};
use crate::links::Link;

/// How often, and how far apart, the end of the first sync is told again.
const TOLD_AGAIN: u32 = 3;
const TELL_AGAIN: std::time::Duration = std::time::Duration::from_secs(2);

/// Exit status for a wrong command line.
const USAGE: u8 = 2;

/// Every command and event of the window, in one list; the TypeScript bindings and the handler are both made from it.
pub fn contract() -> tauri_specta::Builder<tauri::Wry> {
    tauri_specta::Builder::<tauri::Wry>::new()
        .error_handling(ErrorHandlingMode::Result)
        .disable_serde_phases()
        .commands(collect_commands![
            commands::status,
            commands::customers,
            commands::set_note,
            commands::resources,
            commands::quote,
            commands::renewals,
            commands::review,
            commands::settle,
            commands::confirm,
            commands::send,
            commands::hand_over,
            commands::report,
            commands::withdraw,
            commands::choose_refund,
            commands::close_request,
            commands::ask_again,
            commands::discounts,
            commands::enter_discounts,
            commands::requests,
            commands::history,
            commands::reconciled,
            commands::export_history,
            commands::sync,
            commands::cancel_sync,
            commands::home::home,
            commands::home::open_sandbox,
            commands::home::create_home,
            commands::home::unlock_home,
            commands::home::lock_home,
            commands::home::open_again,
            commands::home::ways_in,
            commands::home::set_passphrase,
            commands::home::add_keyring,
            commands::home::remove_way,
            commands::backup::back_up_home,
            commands::backup::choose_backup,
            commands::backup::backup_at,
            commands::backup::restore_home,
            commands::connections::connections,
            commands::connections::try_connection,
            commands::connections::test_connection,
            commands::connections::add_connection,
            commands::connections::switch_api,
            commands::connections::remove_customer,
            commands::connections::ram_policies,
            commands::import::choose_file,
            commands::import::preview_import,
            commands::import::import_file,
            commands::reports::report_kinds,
            commands::reports::preview_report,
            commands::reports::report_page,
            commands::reports::write_report,
            commands::reports::save_report,
            commands::reports::cancel_report,
            commands::reports::open_report,
            commands::reports::show_report_folder,
            commands::reports::verify_report,
            commands::reports::letterhead,
            commands::reports::set_letterhead,
            commands::reports::set_logo,
            commands::settings::set_language,
            commands::settings::pace,
            commands::settings::set_pace,
            commands::settings::entered_facts,
            commands::settings::enter_facts,
            commands::settings::policies,
            commands::settings::compare_pack,
            commands::sandbox::sandbox_clock_advance,
            commands::sandbox::sandbox_console_amount,
            commands::sandbox::sandbox_console_act,
            commands::sandbox::sandbox_fault,
            commands::sandbox::sandbox_clear_faults,
            commands::about::about,
            commands::about::open_notices,
            commands::today::today,
            commands::today::locate,
            commands::today::take_link,
            commands::today::notify,
            commands::today::zoom,
            commands::listing::listed,
            commands::listing::list_tally,
            commands::listing::list_keys,
            commands::listing::listed_keys,
            commands::listing::selection_sum,
            commands::listing::what_if,
            commands::listing::what_if_totals,
            commands::listing::curve,
            commands::listing::questions,
            commands::listing::answer_facts,
            commands::batches::plan,
            commands::batches::review_batch,
            commands::batches::settle_batch,
            commands::batches::confirm_batch,
            commands::batches::confirm_batch_with_floor,
            commands::batches::run_batch,
            commands::batches::send_ready,
            commands::batches::stop_run,
            commands::batches::hand_over_batch,
            commands::batches::report_batch,
            commands::batches::withdraw_batch,
            commands::batches::batches,
            commands::batches::batch,
            commands::batches::ready,
            commands::batches::sandbox_console_batch_total,
            commands::batches::sandbox_console_batch_act,
            commands::following::reconciliation,
            commands::following::wrong_one,
            commands::following::report_with_receipt,
            commands::following::confirm_with_floor,
        ])
        .events(collect_events![
            SyncProgressed,
            DeskChanged,
            LinkOpened,
            ReportProgressed,
            commands::listing::WhatIfProgressed,
            commands::batches::RunProgressed,
        ])
}

/// Opens the window and runs until it is closed.
pub fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    // A crash must not leave a picture of the keys behind.
    desk::forbid_core_dumps();
    let started = match Started::by(args) {
        Ok(started) => started,
        Err(message) => {
            eprintln!("refund-desk: {message}");
            return ExitCode::from(USAGE);
        }
    };
    let contract = contract();
    let app = tauri::Builder::default()
        // First of all plugins: a second start ends here, and hands over what it was started with.
        .plugin(tauri_plugin_single_instance::init(|app, args, _| second_start(app, &args)))
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .invoke_handler(contract.invoke_handler())
        .setup(move |app| {
            contract.mount_events(app);
            let link = Link::default();
            if let Some(order) = started.order {
                link.put(order);
            }
            app.manage(link);
            app.manage(Reporting::default());
            let host = Host::new(started.folders);
            tauri::async_runtime::block_on(host.start());
            app.manage(host);
            app.manage(commands::listing::Asking::default());
            app.manage(commands::batches::Running::default());
            renewing::begin(app.handle());
            first_sync(app.handle());
            let handle = app.handle().clone();
            app.deep_link().on_open_url(move |event| {
                for url in event.urls() {
                    follow(&handle, url.as_str());
                }
            });
            Ok(())
        })
        .run(tauri::generate_context!());
    match app {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("refund-desk: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A second start: the window that is open comes to the front, and follows the link.
fn second_start(app: &AppHandle, args: &[String]) {
    if let Some(window) = app.get_webview_window("main") {
        // What the window manager does not let happen is no failure of the desk.
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
    for link in args {
        follow(app, link);
    }
}

/// Leads the page to the order that a link names; kept for a page that is still opening.
fn follow(app: &AppHandle, link: &str) {
    let (Some(order), Some(kept)) = (desk::order_of_link(link), app.try_state::<Link>()) else { return };
    kept.put(order.to_owned());
    let _ = LinkOpened(order.to_owned()).emit(app);
}

/// A home that was never synced fills while the window is open.
pub(crate) fn first_sync(app: &AppHandle) {
    let host = app.state::<Host>();
    let first =
        host.desk().is_ok_and(|desk| !desk.is_read_only() && desk.is_sandbox() && desk.never_synced().unwrap_or(false));
    if !first {
        return;
    }
    let handle = app.clone();
    tauri::async_runtime::spawn(async move {
        // What the cloud refuses is in the customers' rows.
        let _ = commands::sync(handle.clone(), handle.state::<Host>(), None).await;
        // A page that was still opening has not heard it: tell it again.
        for _ in 0..TOLD_AGAIN {
            tokio::time::sleep(TELL_AGAIN).await;
            commands::changed(&handle, &commands::EVERYTHING);
        }
    });
}

/// What the window was started for.
#[derive(Debug, PartialEq, Eq)]
struct Started {
    folders: Folders,
    /// The order of a link.
    order: Option<String>,
}

impl Started {
    /// `--home DIR`, a link, or nothing: then the homes in the system's folder for data.
    fn by(mut args: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let (mut home, mut order) = (None, None);
        while let Some(arg) = args.next() {
            if arg == "--home" {
                home = Some(PathBuf::from(args.next().ok_or("--home needs a folder")?));
            } else if let Some(named) = arg.to_str().and_then(desk::order_of_link) {
                order = Some(named.to_owned());
            } else {
                return Err(format!(
                    "unknown argument {}; there are --home DIR and a link refund-desk://order/ID",
                    arg.display()
                ));
            }
        }
        let folders = match home {
            Some(dir) => Folders::given(dir),
            None => {
                Folders::in_data(&dirs::data_dir().ok_or("this system names no data folder; give one with --home DIR")?)
            }
        };
        Ok(Self { folders, order })
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::PathBuf;

    use specta_typescript::Typescript;

    use super::{Folders, Started};

    /// Set to write the file instead of comparing it.
    const UPDATE: &str = "UPDATE_BINDINGS";

    /// The committed bindings are what the Rust types say: the window and the desk cannot drift apart.
    #[test]
    fn bindings() {
        let committed = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/backend/bindings.ts");
        let folder = tempfile::tempdir().expect("a folder for the new file");
        let made = folder.path().join("bindings.ts");
        super::contract().export(Typescript::default(), &made).expect("every type crosses the border");
        let new = std::fs::read_to_string(&made).expect("the file that was just written");
        if std::env::var_os(UPDATE).is_some() {
            std::fs::write(&committed, new).expect("bindings.ts can be written");
            return;
        }
        let old = std::fs::read_to_string(&committed).expect("ui/src/backend/bindings.ts is committed");
        assert!(
            old == new,
            "ui/src/backend/bindings.ts is not what the Rust types say: run `cargo xtask bindings` and commit it"
        );
    }

    #[test]
    fn words_of_the_command_line() {
        let started = |words: &[&str]| Started::by(words.iter().map(OsString::from));
        let link = "refund-desk://order/21";
        let dir = || Folders::given(PathBuf::from("dir"));
        assert_eq!(started(&["--home", "dir"]), Ok(Started { folders: dir(), order: None }));
        assert_eq!(started(&["--home", "dir", link]).unwrap().order.as_deref(), Some("21"));
        assert_eq!(started(&[link, "--home", "dir"]), Ok(Started { folders: dir(), order: Some("21".to_owned()) }));
        for wrong in [&["--home"][..], &["--homes", "dir"], &["refund-desk://order/1/confirm"]] {
            assert!(started(wrong).is_err(), "{wrong:?}");
        }
    }
}
