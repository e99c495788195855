//! Faults to order: what the network and the cloud do wrong, for the next calls of an operation.

use serde::{Deserialize, Serialize};

use crate::wire::OPERATIONS;
use crate::world::refusal::Refusal;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// The connection breaks before anything happened.
    DropBefore,
    /// The call takes effect, but the connection breaks before the answer.
    DropAfter,
    /// HTTP 500 `InternalError`, and nothing happened.
    ServerError,
    /// The call takes effect, but HTTP 500 `InternalError` is the answer.
    ServerErrorAfter,
    /// HTTP 400 `Throttling.User`, with `x-acs-retry-after` in milliseconds when above 0.
    Throttled {
        #[serde(default)]
        retry_after_ms: u64,
    },
    /// The answer comes late.
    Latency { ms: u64 },
}

/// A fault for the next `times` calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultOrder {
    /// Name of the operation; none: whichever comes next.
    #[serde(default)]
    pub operation: Option<String>,
    #[serde(default = "once")]
    pub times: u32,
    #[serde(flatten)]
    pub fault: Fault,
}

impl FaultOrder {
    /// Whether this fault can come at all: its operation is one of the API's, and it comes at least once.
    pub fn check(&self) -> Result<(), Refusal> {
        if let Some(unknown) = self.operation.as_ref().filter(|name| !OPERATIONS.contains(&name.as_str())) {
            let known = OPERATIONS.join(", ");
            return Err(Refusal::BadInput(format!("{unknown} is no operation; the operations are {known}")));
        }
        if self.times == 0 {
            return Err(Refusal::BadInput("times is 0; give at least 1".to_owned()));
        }
        Ok(())
    }
}

fn once() -> u32 {
    1
}

/// Faults that are still to come, in the order in which they were ordered.
#[derive(Debug, Default)]
pub struct Faults {
    orders: Vec<FaultOrder>,
}

impl Faults {
    /// Adds a fault behind those ordered before.
    pub fn order(&mut self, order: FaultOrder) {
        self.orders.push(order);
    }

    /// Those still to come.
    pub fn left(&self) -> Vec<FaultOrder> {
        self.orders.iter().filter(|order| order.times > 0).cloned().collect()
    }

    /// Forgets all faults.
    pub fn clear(&mut self) {
        self.orders.clear();
    }

    /// The fault for a call of this operation, if one is due; each call uses one up.
    pub fn take(&mut self, operation: &str) -> Option<Fault> {
        self.orders.retain(|order| order.times > 0);
        let fits = |order: &&mut FaultOrder| order.operation.as_ref().is_none_or(|name| name == operation);
        let due = self.orders.iter_mut().find(fits)?;
        due.times -= 1;
        Some(due.fault)
    }
}
