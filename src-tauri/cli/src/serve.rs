//! `rdesk sandbox serve`: the stand-in for the billing API, until it is told to stop.

use std::sync::Arc;

use bss_sandbox::{Config, FaultScript, Reality, SandboxError, WallClock};
use chrono::SubsecRound;
use desk::DeskError;
use serde_json::json;

use crate::answer;
use crate::args::ServeArgs;
use crate::host::{Wall, not_started};

/// Serves until Ctrl-C or a termination signal. The ready line is the only one on standard output.
pub async fn run(args: &ServeArgs, as_json: bool) -> Result<(), DeskError> {
    let anchor = args.clock.unwrap_or_else(|| Wall.now().trunc_subsecs(0));
    let faults = args.faults.as_deref().map(FaultScript::load).transpose();
    let reality = args.reality.as_deref().map(Reality::load).transpose();
    let config = Config {
        customers: args.customers,
        orders: args.orders,
        state: args.state.clone(),
        clock: args.clock,
        faults: faults.map_err(|error| not_started(SandboxError::Faults(error)))?.unwrap_or_default(),
        reality: reality.map_err(|error| not_started(SandboxError::Reality(error)))?.unwrap_or_default(),
        ..Config::new(args.seed, anchor, args.key_id.clone(), args.key_secret.expose())
    };
    let sandbox = bss_sandbox::start(config, Arc::new(Wall), args.port).await.map_err(not_started)?;
    let ready = if as_json {
        json!({"ready": sandbox.address(), "key_id": args.key_id, "now": sandbox.now()}).to_string()
    } else {
        format!("ready {}", sandbox.address())
    };
    answer::line(&ready);
    stopped().await;
    sandbox.stop().await;
    Ok(())
}

/// Returns when the process is asked to end.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
