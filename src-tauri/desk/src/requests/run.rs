//! Several requests sent one by one, in front of the manager: progress with counts, a stop between two of them, a result for each.
//! One that fails stops none of the others, and the one under way finishes.

use serde::{Deserialize, Serialize};

use super::state_name;
use crate::error::DeskError;
use crate::home::Desk;
use crate::views::{Problem, RequestState};

/// Sees the progress before each request and after the last. `false` stops there: what was not begun stays confirmed.
pub type Watch<'a> = dyn Fn(&RunProgress) -> bool + Send + Sync + 'a;

/// How far a run has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct RunProgress {
    pub done: u32,
    pub total: u32,
    /// The request that is next; `None` after the last.
    pub next: Option<String>,
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Run {
    pub results: Vec<RunResult>,
    /// Not begun, since the run was stopped.
    pub left: Vec<String>,
}

/// What became of one request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct RunResult {
    pub request: String,
    pub resource: String,
    pub state: RequestState,
    pub refund_order: Option<String>,
    /// Why it did not go as meant.
    pub problem: Option<Problem>,
}

impl Desk {
    pub(super) async fn send_each(&self, requests: &[String], watch: &Watch<'_>) -> Result<Run, DeskError> {
        let mut run = Run { results: Vec::new(), left: Vec::new() };
        for (done, request) in requests.iter().enumerate() {
            if !watch(&progress(done, requests)) {
                run.left = requests[done..].to_vec();
                return Ok(run);
            }
            let problem = self.send_confirmed(request).await.err().map(|error| error.problem());
            run.results.push(self.result(request, problem)?);
        }
        watch(&progress(requests.len(), requests));
        Ok(run)
    }

    /// Sends for the first time only: what is `unknown` is looked at singly.
    async fn send_confirmed(&self, request: &str) -> Result<(), DeskError> {
        let state = self.record(request)?.state;
        if state != RequestState::Confirmed {
            return Err(DeskError::illegal_move(request, state_name(state), "request_sending"));
        }
        self.send(request).await.map(drop)
    }

    /// What became of one request so far. Errors: `unknown_request`.
    pub fn result_of(&self, request: &str) -> Result<RunResult, DeskError> {
        self.result(request, None)
    }

    /// The result of one request as it stands, with the problem that stopped it, or the one it has.
    pub(super) fn result(&self, request: &str, problem: Option<Problem>) -> Result<RunResult, DeskError> {
        let record = self.record(request)?;
        Ok(RunResult {
            request: record.id,
            resource: record.reviewed.resource,
            state: record.state,
            refund_order: record.refund_orders.first().cloned(),
            problem: problem.or(record.problem),
        })
    }
}

fn progress(done: usize, requests: &[String]) -> RunProgress {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    RunProgress { done: count(done), total: count(requests.len()), next: requests.get(done).cloned() }
}
