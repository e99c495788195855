//! The commands of the window: one line each, typed, no logic. What they do is said at the desk's own functions.

pub mod about;
pub mod backup;
pub mod batches;
pub mod connections;
pub mod following;
pub mod home;
pub mod import;
pub mod listing;
pub mod reports;
pub mod sandbox;
pub mod settings;
pub mod today;

use std::path::Path;

use chrono::{DateTime, Utc};
use desk::views::{
    Ask, CustomerRow, Decision, DeskStatus, DiscountTable, Exported, FactAnswer, HistoryPage, HistoryQuery, Problem,
    QuoteView, RenewalStack, RequestView, ResourcePage, ResourceQuery, Review, SyncProgress, SyncReport,
};
use desk::{DeskError, Ending};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, State};
use tauri_specta::Event;

use crate::host::Host;

/// What the window gets: data, or a problem to show.
type Answer<T> = Result<T, Problem>;

/// How far a sync has come.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type, Event)]
pub struct SyncProgressed(pub SyncProgress);

/// Names what to read again: `customers`, `resources`, `requests`, `history`, `status`, `today`, `home`.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type, Event)]
pub struct DeskChanged(pub Vec<String>);

/// Everything that a sync may change.
pub(crate) const EVERYTHING: [&str; 6] = ["customers", "resources", "requests", "history", "status", "today"];

pub(crate) fn changed(app: &AppHandle, what: &[&str]) {
    // Nobody listening yet is not a failure: the pages read everything when they open.
    let _ = DeskChanged(what.iter().map(|&w| w.to_owned()).collect()).emit(app);
}

fn told<T>(result: Result<T, desk::DeskError>) -> Answer<T> {
    result.map_err(|error| error.problem())
}

fn no_viewer(file: &Path, why: &dyn std::fmt::Display) -> DeskError {
    DeskError::new("no_viewer", format!("the system cannot open it: {why}"), "open the file from its folder")
        .at(file.display().to_string())
}

#[tauri::command(async)]
#[specta::specta]
pub fn status(host: State<'_, Host>) -> Answer<DeskStatus> {
    told(host.desk()?.status())
}

#[tauri::command(async)]
#[specta::specta]
pub fn customers(host: State<'_, Host>) -> Answer<Vec<CustomerRow>> {
    told(host.desk()?.customers_kept())
}

/// Keeps a note on a customer; answers the one before.
#[tauri::command(async)]
#[specta::specta]
pub fn set_note(app: AppHandle, host: State<'_, Host>, customer: String, text: String) -> Answer<Option<String>> {
    let before = told(host.desk()?.set_note(&customer, &text))?;
    changed(&app, &["customers"]);
    Ok(before)
}

#[tauri::command(async)]
#[specta::specta]
pub fn resources(host: State<'_, Host>, query: ResourceQuery) -> Answer<ResourcePage> {
    told(host.desk()?.resources(&query))
}

#[tauri::command(async)]
#[specta::specta]
pub fn quote(
    host: State<'_, Host>,
    customer: String,
    resource: String,
    at: Option<DateTime<Utc>>,
) -> Answer<QuoteView> {
    told(host.desk()?.quote(&customer, &resource, at))
}

#[tauri::command(async)]
#[specta::specta]
pub fn renewals(host: State<'_, Host>, customer: Option<String>) -> Answer<Vec<RenewalStack>> {
    told(host.desk()?.renewals(customer.as_deref()))
}

#[tauri::command(async)]
#[specta::specta]
pub fn review(app: AppHandle, host: State<'_, Host>, ask: Ask) -> Answer<Review> {
    let review = told(host.desk()?.review(&ask))?;
    changed(&app, &["requests"]);
    Ok(review)
}

#[tauri::command(async)]
#[specta::specta]
pub fn settle(app: AppHandle, host: State<'_, Host>, request: String, answers: Vec<FactAnswer>) -> Answer<Review> {
    let review = told(host.desk()?.settle(&request, &answers))?;
    changed(&app, &["resources", "requests", "customers"]);
    Ok(review)
}

#[tauri::command(async)]
#[specta::specta]
pub fn confirm(app: AppHandle, host: State<'_, Host>, request: String, decision: Decision) -> Answer<RequestView> {
    let view = told(host.desk()?.confirm(&request, &decision))?;
    changed(&app, &["requests", "resources"]);
    Ok(view)
}

#[tauri::command]
#[specta::specta]
pub async fn send(app: AppHandle, host: State<'_, Host>, request: String) -> Answer<RequestView> {
    let sent = told(host.desk()?.send(&request).await);
    changed(&app, &["requests", "resources"]);
    sent
}

#[tauri::command(async)]
#[specta::specta]
pub fn hand_over(
    app: AppHandle,
    host: State<'_, Host>,
    request: String,
    console_amount: String,
) -> Answer<RequestView> {
    let handed = told(host.desk()?.hand_over(&request, &console_amount));
    changed(&app, &["requests"]);
    handed
}

#[tauri::command(async)]
#[specta::specta]
pub fn report(
    app: AppHandle,
    host: State<'_, Host>,
    request: String,
    refund_order: Option<String>,
) -> Answer<RequestView> {
    let view = told(host.desk()?.report(&request, refund_order.as_deref()))?;
    changed(&app, &["requests"]);
    Ok(view)
}

#[tauri::command(async)]
#[specta::specta]
pub fn withdraw(app: AppHandle, host: State<'_, Host>, request: String) -> Answer<RequestView> {
    let view = told(host.desk()?.withdraw(&request))?;
    changed(&app, &["requests", "resources"]);
    Ok(view)
}

#[tauri::command(async)]
#[specta::specta]
pub fn choose_refund(
    app: AppHandle,
    host: State<'_, Host>,
    request: String,
    refund_order: String,
) -> Answer<RequestView> {
    let view = told(host.desk()?.choose_refund(&request, &refund_order))?;
    changed(&app, &["requests", "history"]);
    Ok(view)
}

#[tauri::command(async)]
#[specta::specta]
pub fn close_request(
    app: AppHandle,
    host: State<'_, Host>,
    request: String,
    ending: Ending,
    note: String,
) -> Answer<RequestView> {
    let view = told(host.desk()?.close_request(&request, ending, &note))?;
    changed(&app, &["requests", "resources"]);
    Ok(view)
}

#[tauri::command]
#[specta::specta]
pub async fn ask_again(app: AppHandle, host: State<'_, Host>, request: String) -> Answer<RequestView> {
    let view = told(host.desk()?.ask_again(&request).await);
    changed(&app, &["requests", "resources", "history", "customers"]);
    view
}

#[tauri::command(async)]
#[specta::specta]
pub fn discounts(host: State<'_, Host>, customer: String) -> Answer<Vec<DiscountTable>> {
    told(host.desk()?.discounts(&customer))
}

#[tauri::command(async)]
#[specta::specta]
pub fn enter_discounts(app: AppHandle, host: State<'_, Host>, table: DiscountTable) -> Answer<Vec<DiscountTable>> {
    told(host.desk()?.enter_discounts(&table))?;
    changed(&app, &["resources", "customers"]);
    told(host.desk()?.discounts(&table.customer))
}

#[tauri::command(async)]
#[specta::specta]
pub fn requests(host: State<'_, Host>, customer: Option<String>) -> Answer<Vec<RequestView>> {
    told(host.desk()?.requests(customer.as_deref()))
}

#[tauri::command(async)]
#[specta::specta]
pub fn history(host: State<'_, Host>, query: HistoryQuery) -> Answer<HistoryPage> {
    told(host.desk()?.history(&query))
}

/// A request beside its refunds: what came out otherwise than predicted, and what explains it.
#[tauri::command(async)]
#[specta::specta]
pub fn reconciled(host: State<'_, Host>, request: String) -> Answer<desk::Reconciled> {
    told(host.desk()?.reconciled(&request))
}

#[tauri::command(async)]
#[specta::specta]
pub fn export_history(host: State<'_, Host>, query: HistoryQuery) -> Answer<Exported> {
    told(host.desk()?.export_history(&query, None))
}

#[tauri::command]
#[specta::specta]
pub async fn sync(app: AppHandle, host: State<'_, Host>, customer: Option<String>) -> Answer<Vec<SyncReport>> {
    let progress = |step: SyncProgress| {
        let _ = SyncProgressed(step).emit(&app);
    };
    let cancel = host.syncing.begin();
    let reports = told(host.desk()?.sync_until(customer.as_deref(), &progress, &cancel).await);
    changed(&app, &EVERYTHING);
    reports
}

/// Stops the syncs under way; what came until then is kept.
#[tauri::command]
#[specta::specta]
pub fn cancel_sync(host: State<'_, Host>) {
    host.syncing.stop();
}
