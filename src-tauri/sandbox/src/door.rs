//! The control door over HTTP, beside the billing API on the same port. Every request needs the header `x-sandbox-control: 1`
//! and a loopback host name, so that no web page can knock.

use chrono::{DateTime, TimeDelta, Utc};
use hyper::Method;
use refund_rules::case::Action;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::config::SandboxError;
use crate::control::Control;
use crate::faults::{self, FaultScript, ScriptError};
use crate::reality::Reality;
use crate::server::{Answer, Shared};
use crate::state::ControlError;
use crate::world::refusal::Refusal;

/// Paths of the control door begin with this.
pub const PREFIX: &str = "/_sandbox/";
/// Header without which the door stays shut.
const KEY: &str = "x-sandbox-control";

/// A refused knock.
struct Refused {
    status: u16,
    error: serde_json::Value,
}

impl Refused {
    fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, error: json!({ "code": code, "message": message.into() }) }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::UnknownAccount(_) | Refusal::UnknownResource(_) => 404,
            Refusal::NotACandidate { .. } | Refusal::BadInput(_) => 400,
            _ => 409,
        };
        Self { status, error: json!(refusal) }
    }
}

impl From<SandboxError> for Refused {
    fn from(error: SandboxError) -> Self {
        let asked_wrong = matches!(error, SandboxError::Clock(_) | SandboxError::Faults(_) | SandboxError::Reality(_));
        let status = if asked_wrong { 400 } else { 500 };
        Self::new(status, error.code(), error.to_string())
    }
}

impl From<ScriptError> for Refused {
    fn from(error: ScriptError) -> Self {
        Self::new(400, "bad_input", error.to_string())
    }
}

impl From<ControlError> for Refused {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::Refused(refusal) => refusal.into(),
            ControlError::State(error) => error.into(),
        }
    }
}

/// Answers a request to the control door; refusals are `{"error": {"code", "message", ...}}`.
pub(crate) fn answer(
    shared: &Shared,
    address: &str,
    method: &Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let outcome = may_enter(headers).and_then(|()| enter(shared, address, method, &path[PREFIX.len()..], body));
    match outcome {
        Ok(body) => Answer::new(200, body),
        Err(Refused { status, error }) => Answer::new(status, json!({ "error": error }).to_string()),
    }
}

fn may_enter(headers: &[(&str, &str)]) -> Result<(), Refused> {
    let header = |name: &str| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.trim());
    if header(KEY) != Some("1") {
        return Err(Refused::new(403, "no_control_header", "send the header x-sandbox-control: 1"));
    }
    let host = header("host").unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !matches!(name, "127.0.0.1" | "localhost" | "[::1]") || header("origin").is_some() {
        return Err(Refused::new(403, "not_loopback", "the control door is for programs on this machine only"));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockAsk {
    at: Option<DateTime<Utc>>,
    advance_seconds: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AmountAsk {
    uid: String,
    resource: String,
    action: Action,
    expires: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    on: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SkewAsk {
    seconds: i64,
}

/// Farther away no clock goes wrong.
const FARTHEST_SKEW: TimeDelta = TimeDelta::days(31);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnsubscribeAsk {
    uid: String,
    resource: String,
}

/// The only operations that a key may call; without them, all again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RestrictAsk {
    key_id: String,
    actions: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CancelAsk {
    uid: String,
    resource: String,
    expires: DateTime<Utc>,
}

fn enter(shared: &Shared, address: &str, method: &Method, path: &str, body: &[u8]) -> Result<String, Refused> {
    let control = Control::new(shared.clone());
    match (method.as_str(), path) {
        ("GET", "clock") => written(&json!({ "now": control.now() })),
        ("POST", "clock") => {
            let now = move_clock(&control, read(body)?)?;
            written(&json!({ "now": now }))
        }
        ("GET", "accounts") => {
            let accounts = shared.read().account_infos(address);
            written(&json!({ "accounts": accounts }))
        }
        ("GET", "ledger") => written(&control.ledger()),
        ("POST", "console/amount") => {
            let ask: AmountAsk = read(body)?;
            written(&control.console_amount(&ask.uid, &ask.resource, ask.action, ask.expires)?)
        }
        ("POST", "console/unsubscribe") => {
            let ask: UnsubscribeAsk = read(body)?;
            written(&control.console_unsubscribe(&ask.uid, &ask.resource)?)
        }
        ("POST", "support/unsubscribe") => {
            let ask: UnsubscribeAsk = read(body)?;
            written(&control.support_unsubscribe(&ask.uid, &ask.resource)?)
        }
        ("POST", "console/cancel-renewals") => {
            let ask: CancelAsk = read(body)?;
            written(&control.console_cancel_renewals(&ask.uid, &ask.resource, ask.expires)?)
        }
        ("POST", "faults") => {
            control.order_rule(faults::one_rule(text(body)?)?)?;
            written(&json!({ "ordered": true }))
        }
        ("POST", "keys/restrict") => {
            let ask: RestrictAsk = read(body)?;
            let actions: Option<Vec<&str>> = ask.actions.as_ref().map(|all| all.iter().map(String::as_str).collect());
            control.restrict(&ask.key_id, actions.as_deref());
            written(&json!({ "restricted": ask.actions.is_some() }))
        }
        ("GET", "faults") => written(&json!({ "rules": control.fault_rules() })),
        ("POST", "faults/script") => {
            control.run_script(FaultScript::from_json(text(body)?)?)?;
            written(&json!({ "ordered": true }))
        }
        ("POST", "throttle") => {
            let Switch { on } = read(body)?;
            control.throttle(on);
            written(&json!({ "on": on }))
        }
        ("POST", "clock-skew") => {
            let SkewAsk { seconds } = read(body)?;
            let ahead = TimeDelta::try_seconds(seconds).filter(|ahead| ahead.abs() <= FARTHEST_SKEW);
            control.skew_clock(ahead.ok_or_else(|| Refused::new(400, "bad_input", "seconds is out of range"))?);
            written(&json!({ "seconds": seconds }))
        }
        ("GET", "reality") => written(&control.reality()),
        ("POST", "reality") => {
            control.set_reality(Reality::from_json(text(body)?)?)?;
            written(&control.reality())
        }
        ("DELETE", "faults") => {
            control.clear_faults();
            written(&json!({ "ordered": false }))
        }
        _ => Err(Refused::new(404, "no_such_door", format!("there is no {method} {PREFIX}{path}"))),
    }
}

fn move_clock(control: &Control, ask: ClockAsk) -> Result<DateTime<Utc>, Refused> {
    let refused = |message: &str| Refused::new(400, "bad_input", message);
    match ask {
        ClockAsk { at: Some(at), advance_seconds: None } => Ok(control.set_clock(at)?),
        ClockAsk { at: None, advance_seconds: Some(seconds) } => {
            let by = TimeDelta::try_seconds(seconds).ok_or_else(|| refused("advance_seconds is out of range"))?;
            Ok(control.advance(by)?)
        }
        _ => Err(refused("give either at (an instant) or advance_seconds (a whole number)")),
    }
}

fn text(body: &[u8]) -> Result<&str, Refused> {
    std::str::from_utf8(body).map_err(|error| Refused::new(400, "bad_input", error.to_string()))
}

fn read<T: for<'a> Deserialize<'a>>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| Refused::new(400, "bad_input", error.to_string()))
}

fn written(answer: &impl Serialize) -> Result<String, Refused> {
    serde_json::to_string(answer).map_err(|error| Refused::new(500, "internal", error.to_string()))
}
