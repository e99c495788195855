//! Requests that are decided: predicted beside actual, the wrong one, receipts and floors.

use desk::views::{Decision, RequestView};
use desk::{Floor, Reconciliation, UrgentTicket};
use tauri::{AppHandle, State};

use super::{Answer, changed, told};
use crate::host::Host;

#[tauri::command(async)]
#[specta::specta]
pub fn reconciliation(host: State<'_, Host>, customer: Option<String>) -> Answer<Reconciliation> {
    told(host.desk()?.reconciliation(customer.as_deref()))
}

#[tauri::command(async)]
#[specta::specta]
pub fn wrong_one(host: State<'_, Host>, request: String) -> Answer<UrgentTicket> {
    told(host.desk()?.wrong_one(&request))
}

#[tauri::command(async)]
#[specta::specta]
pub fn report_with_receipt(
    app: AppHandle,
    host: State<'_, Host>,
    request: String,
    refund_order: Option<String>,
    receipt: Option<String>,
) -> Answer<RequestView> {
    let view = told(host.desk()?.report_with_receipt(&request, refund_order.as_deref(), receipt.as_deref()))?;
    changed(&app, &["requests"]);
    Ok(view)
}

#[tauri::command(async)]
#[specta::specta]
pub fn confirm_with_floor(
    app: AppHandle,
    host: State<'_, Host>,
    request: String,
    decision: Decision,
    floor: Floor,
) -> Answer<RequestView> {
    let view = told(host.desk()?.confirm_with_floor(&request, &decision, &floor))?;
    changed(&app, &["requests", "resources"]);
    Ok(view)
}
