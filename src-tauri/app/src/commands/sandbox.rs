//! What only a sandbox home has: its clock, the person at its console, and faults to order.

use bss_sandbox::{ConsoleRefund, ControlError, Fault, FaultOrder, Refusal};
use chrono::{DateTime, TimeDelta, Utc};
use desk::DeskError;
use desk::views::{DeskStatus, Money, Problem};
use refund_rules::case::Action;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, State};

use super::{Answer, changed, told};
use crate::host::Host;

/// A fault that a demonstration orders: what goes wrong for the next calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The connection is reset before anything happened.
    DropBefore,
    /// The call takes effect, and its answer is lost.
    DropAfter,
    ServerError,
    Throttled,
    /// Each answer comes two seconds late.
    Slow,
    /// A page of a proxy in place of the answer.
    Html,
    /// The console and the inquiry ask for a tenth less.
    AmountChanged,
    /// Somebody unsubscribes at the console just before.
    ReleasedMeanwhile,
}

impl FaultKind {
    fn fault(self) -> Fault {
        match self {
            Self::DropBefore => Fault::DropBefore,
            Self::DropAfter => Fault::DropAfter,
            Self::ServerError => Fault::ServerError,
            Self::Throttled => Fault::Throttled { retry_after_ms: 500 },
            Self::Slow => Fault::Latency { ms: 2_000 },
            Self::Html => Fault::Html { status: 502 },
            Self::AmountChanged => Fault::AmountChanged { amount_percent: 90 },
            Self::ReleasedMeanwhile => Fault::ReleasedMeanwhile,
        }
    }
}

/// Sets the sandbox's clock forward, and the desk's with it.
#[tauri::command(async)]
#[specta::specta]
pub fn sandbox_clock_advance(app: AppHandle, host: State<'_, Host>, hours: u32) -> Answer<DeskStatus> {
    let now = host
        .sandbox()?
        .control()
        .advance(TimeDelta::hours(i64::from(hours)))
        .map_err(|error| refusal(error.code(), &error))?;
    let desk = host.desk()?;
    told(desk.set_cloud_clock(now))?;
    changed(&app, &["status", "resources", "customers", "requests", "today"]);
    told(desk.status())
}

/// What the sandbox's console shows for an ask.
#[tauri::command(async)]
#[specta::specta]
pub fn sandbox_console_amount(
    host: State<'_, Host>,
    customer: String,
    resource: String,
    action: Action,
    expires: Option<DateTime<Utc>>,
) -> Answer<Money> {
    let control = host.sandbox()?.control();
    let shown = control
        .console_amount(&customer, &resource, action, expires)
        .map_err(|error: Refusal| refusal(error.code(), &error))?;
    Ok(Money { amount: shown.amount, currency: shown.currency })
}

/// Acts as the person at the sandbox's console; answers the refund orders.
#[tauri::command(async)]
#[specta::specta]
pub fn sandbox_console_act(
    host: State<'_, Host>,
    customer: String,
    resource: String,
    action: Action,
    expires: Option<DateTime<Utc>>,
) -> Answer<Vec<String>> {
    let control = host.sandbox()?.control();
    let done: Result<ConsoleRefund, ControlError> = match (action, expires) {
        (Action::Unsubscribe, None) => control.console_unsubscribe(&customer, &resource),
        (Action::CancelRenewals, Some(expires)) => control.console_cancel_renewals(&customer, &resource, expires),
        _ => {
            return Err(DeskError::new(
                "bad_ask",
                format!("the console does no `{action}` like this"),
                "an Updated Expiration Time belongs to `cancel_renewals`, and only to it",
            )
            .at("action")
            .problem());
        }
    };
    done.map(|receipt| receipt.refund_order_ids).map_err(|error| refusal(error.code(), &error))
}

/// Lets the next calls go wrong; answers how many faults may still come.
#[tauri::command(async)]
#[specta::specta]
pub fn sandbox_fault(host: State<'_, Host>, kind: FaultKind, times: u32) -> Answer<u32> {
    let control = host.sandbox()?.control();
    control.order_fault(FaultOrder { operation: None, times, fault: kind.fault() });
    Ok(waiting(&control))
}

/// Forgets the faults that have not come yet.
#[tauri::command(async)]
#[specta::specta]
pub fn sandbox_clear_faults(host: State<'_, Host>) -> Answer<u32> {
    let control = host.sandbox()?.control();
    control.clear_faults();
    Ok(waiting(&control))
}

fn waiting(control: &bss_sandbox::Control) -> u32 {
    u32::try_from(control.fault_rules().len()).unwrap_or(u32::MAX)
}

fn refusal(code: &str, error: &dyn std::fmt::Display) -> Problem {
    DeskError::new(code, error.to_string(), "look at the resource again: the sandbox's console refuses this now")
        .problem()
}
