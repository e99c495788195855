//! Quotes that ran out are made again behind the window's back, in portions: no page waits for them.

use std::time::{Duration, Instant};

use tauri::{AppHandle, Manager};

use crate::commands::changed;
use crate::host::Host;

/// Quotes made again at a time. They are judged beside the writer and written in small pieces, so a decision of the manager waits for
/// hardly anything; what is said of a customer is read once in each portion, so there should be few.
const PORTION: u32 = 50_000;

/// How often it looks for something to do.
const LOOK: Duration = Duration::from_millis(500);

/// How often, while there is much to do, the pages read what was done so far.
const TELL: Duration = Duration::from_secs(2);

/// Goes on until the window is closed.
pub fn begin(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        loop {
            tokio::time::sleep(LOOK).await;
            let app = app.clone();
            // A failure is no news: the list tells it when it is read.
            let _ = tauri::async_runtime::spawn_blocking(move || renew(&app)).await;
        }
    });
}

/// Makes everything again that has run out.
fn renew(app: &AppHandle) {
    // Nothing is open, or it is being closed: there is nothing to make again.
    let Ok(desk) = app.state::<Host>().desk() else { return };
    let (mut told, mut renewed) = (Instant::now(), false);
    // What was left before; when a portion leaves as much, nothing can be made of these now.
    let mut before = u32::MAX;
    while let Ok(left) = desk.quotes_to_renew()
        && (1..before).contains(&left)
        && desk.renew_quotes(PORTION).is_ok()
    {
        (before, renewed) = (left, true);
        if told.elapsed() >= TELL {
            told = Instant::now();
            changed(app, &["resources", "customers"]);
        }
    }
    if renewed {
        changed(app, &["resources", "customers"]);
    }
}
