//! The window: commands and events over the desk, thin and typed. The only crate of the project that sees Tauri.

mod commands;
mod host;
mod renewing;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use tauri::Manager;
use tauri_specta::{ErrorHandlingMode, collect_commands, collect_events};

use crate::commands::{DeskChanged, SyncProgressed};
use crate::host::Host;

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
            commands::ask_again,
            commands::discounts,
            commands::enter_discounts,
            commands::requests,
            commands::history,
            commands::export_history,
            commands::sync,
            commands::cancel_sync,
            commands::sandbox_clock_advance,
            commands::sandbox_console_amount,
            commands::sandbox_console_act,
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
            commands::following::choose_refund,
            commands::following::wrong_one,
            commands::following::report_with_receipt,
            commands::following::confirm_with_floor,
        ])
        .events(collect_events![
            SyncProgressed,
            DeskChanged,
            commands::listing::WhatIfProgressed,
            commands::batches::RunProgressed,
        ])
}

/// Opens the window and runs until it is closed.
pub fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    let home = match home_from(args) {
        Ok(home) => home,
        Err(message) => {
            eprintln!("refund-desk: {message}");
            return ExitCode::from(USAGE);
        }
    };
    let contract = contract();
    let app = tauri::Builder::default()
        .invoke_handler(contract.invoke_handler())
        .setup(move |app| {
            contract.mount_events(app);
            let host = tauri::async_runtime::block_on(Host::open_sandbox(&home))?;
            let first = host.desk.never_synced()?;
            app.manage(host);
            app.manage(commands::listing::Asking::default());
            app.manage(commands::batches::Running::default());
            renewing::begin(app.handle());
            if first {
                // The window opens at once and fills while the first sync runs.
                let handle = app.handle().clone();
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

/// `--home DIR`, or the default.
fn home_from(mut args: impl Iterator<Item = OsString>) -> Result<PathBuf, String> {
    let mut home = None;
    while let Some(arg) = args.next() {
        if arg == "--home" {
            home = Some(PathBuf::from(args.next().ok_or("--home needs a folder")?));
        } else {
            return Err(format!("unknown argument {}; the only one is --home DIR", arg.display()));
        }
    }
    home.or_else(host::default_home)
        .ok_or_else(|| "this system names no data folder; give one with --home DIR".to_owned())
}

#[cfg(test)]
mod tests {
    use specta_typescript::Typescript;

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
}
