//! Many at once: plans, batches, and what waits. A run tells each item as it is done, and stops between two of them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use desk::views::{Ask, Money, RequestState};
use desk::{
    BatchAnswers, BatchDecision, BatchItemView, BatchPlan, BatchReview, BatchView, CancellationToken, Desk, Floor,
    Ready, Run, RunProgress, RunResult,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, State};
use tauri_specta::Event;

use super::{Answer, changed, told};
use crate::host::Host;

/// What a run may change.
const ACTED: [&str; 4] = ["requests", "resources", "customers", "history"];

/// How far a run has come, and what became of the item before.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type, Event)]
pub struct RunProgressed {
    pub progress: RunProgress,
    /// `None` before the first one.
    pub last: Option<RunResult>,
}

/// Whether the run under way is to stop after the item that it is at.
#[derive(Default)]
pub struct Running(AtomicBool);

#[tauri::command(async)]
#[specta::specta]
pub fn plan(host: State<'_, Host>, selection: Vec<Ask>) -> Answer<BatchPlan> {
    told(host.desk()?.plan(&selection))
}

#[tauri::command(async)]
#[specta::specta]
pub fn review_batch(app: AppHandle, host: State<'_, Host>, selection: Vec<Ask>) -> Answer<BatchReview> {
    let review = told(host.desk()?.review_batch(&selection));
    changed(&app, &["requests", "resources"]);
    review
}

#[tauri::command(async)]
#[specta::specta]
pub fn settle_batch(
    app: AppHandle,
    host: State<'_, Host>,
    requests: Vec<String>,
    answers: Vec<BatchAnswers>,
) -> Answer<BatchReview> {
    let review = told(host.desk()?.settle_batch(&requests, &answers));
    changed(&app, &["requests", "resources", "customers"]);
    review
}

#[tauri::command(async)]
#[specta::specta]
pub fn confirm_batch(app: AppHandle, host: State<'_, Host>, decision: BatchDecision) -> Answer<BatchView> {
    let view = told(host.desk()?.confirm_batch(&decision))?;
    changed(&app, &["requests", "resources"]);
    Ok(view)
}

/// The same with a floor under the sum, which is shared out over the items.
#[tauri::command(async)]
#[specta::specta]
pub fn confirm_batch_with_floor(
    app: AppHandle,
    host: State<'_, Host>,
    decision: BatchDecision,
    floor: Floor,
) -> Answer<BatchView> {
    let view = told(host.desk()?.confirm_batch_with_floor(&decision, &floor))?;
    changed(&app, &["requests", "resources"]);
    Ok(view)
}

#[tauri::command]
#[specta::specta]
pub async fn run_batch(
    app: AppHandle,
    host: State<'_, Host>,
    running: State<'_, Running>,
    batch: String,
) -> Answer<Run> {
    let desk = host.desk()?;
    let watch = watch(&app, &desk, &running, host.syncing.begin());
    let run = told(desk.run_batch(&batch, &watch).await);
    changed(&app, &ACTED);
    run
}

#[tauri::command]
#[specta::specta]
pub async fn send_ready(
    app: AppHandle,
    host: State<'_, Host>,
    running: State<'_, Running>,
    requests: Vec<String>,
) -> Answer<Run> {
    let desk = host.desk()?;
    let watch = watch(&app, &desk, &running, host.syncing.begin());
    let run = told(desk.send_ready(&requests, &watch).await);
    changed(&app, &ACTED);
    run
}

/// Stops the run under way once its item is done; what was not begun stays confirmed.
#[tauri::command(async)]
#[specta::specta]
pub fn stop_run(running: State<'_, Running>) {
    running.0.store(true, Ordering::Relaxed);
}

#[tauri::command(async)]
#[specta::specta]
pub fn hand_over_batch(app: AppHandle, host: State<'_, Host>, batch: String, console_total: String) -> Answer<Run> {
    let run = told(host.desk()?.hand_over_batch(&batch, &console_total));
    changed(&app, &["requests"]);
    run
}

#[tauri::command(async)]
#[specta::specta]
pub fn report_batch(app: AppHandle, host: State<'_, Host>, batch: String) -> Answer<BatchView> {
    let view = told(host.desk()?.report_batch(&batch))?;
    changed(&app, &["requests"]);
    Ok(view)
}

#[tauri::command(async)]
#[specta::specta]
pub fn withdraw_batch(app: AppHandle, host: State<'_, Host>, batch: String) -> Answer<BatchView> {
    let view = told(host.desk()?.withdraw_batch(&batch))?;
    changed(&app, &["requests", "resources"]);
    Ok(view)
}

#[tauri::command(async)]
#[specta::specta]
pub fn batches(host: State<'_, Host>, customer: Option<String>) -> Answer<Vec<BatchView>> {
    told(host.desk()?.batches(customer.as_deref()))
}

#[tauri::command(async)]
#[specta::specta]
pub fn batch(host: State<'_, Host>, id: String) -> Answer<BatchView> {
    told(host.desk()?.batch(&id))
}

#[tauri::command(async)]
#[specta::specta]
pub fn ready(host: State<'_, Host>, customer: Option<String>) -> Answer<Ready> {
    told(host.desk()?.ready(customer.as_deref()))
}

/// The sum that the sandbox's console shows for the items of a batch that wait.
#[tauri::command(async)]
#[specta::specta]
pub fn sandbox_console_batch_total(host: State<'_, Host>, batch: String) -> Answer<Money> {
    let mut total = Money { amount: Decimal::ZERO, currency: String::new() };
    for ask in asks(&*host.desk()?, &batch, RequestState::Confirmed)? {
        let shown =
            super::sandbox::sandbox_console_amount(host.clone(), ask.customer, ask.resource, ask.action, ask.expires)?;
        total = Money { amount: total.amount + shown.amount, currency: shown.currency };
    }
    Ok(total)
}

/// Does the clicks for the handed-over items of a batch at the sandbox's console; answers how many went through.
#[tauri::command(async)]
#[specta::specta]
pub fn sandbox_console_batch_act(host: State<'_, Host>, batch: String) -> Answer<u32> {
    let mut done = 0;
    for ask in asks(&*host.desk()?, &batch, RequestState::HandedOver)? {
        super::sandbox::sandbox_console_act(host.clone(), ask.customer, ask.resource, ask.action, ask.expires)?;
        done += 1;
    }
    Ok(done)
}

/// What the items of a batch that are in one state ask for.
fn asks(desk: &Desk, batch: &str, state: RequestState) -> Answer<Vec<Ask>> {
    let items = told(desk.batch(batch))?.items;
    let asked = |item: BatchItemView| {
        let request = told(desk.request(&item.request))?;
        Ok(Ask {
            customer: request.customer,
            resource: request.resource,
            action: request.action,
            expires: request.expires,
        })
    };
    items.into_iter().filter(|item| item.state == state).map(asked).collect()
}

/// Tells each step of a run that begins now, and whether to go on: not once it was stopped, or the home is being locked.
fn watch<'a>(
    app: &'a AppHandle,
    desk: &'a Desk,
    running: &'a Running,
    closing: CancellationToken,
) -> impl Fn(&RunProgress) -> bool + Send + Sync + 'a {
    running.0.store(false, Ordering::Relaxed);
    let under_way: Mutex<Option<String>> = Mutex::new(None);
    move |progress| {
        let before = {
            let mut under_way = under_way.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *under_way, progress.next.clone())
        };
        let last = before.and_then(|request| desk.result_of(&request).ok());
        let _ = RunProgressed { progress: progress.clone(), last }.emit(app);
        !running.0.load(Ordering::Relaxed) && !closing.is_cancelled()
    }
}
