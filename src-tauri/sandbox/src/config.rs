//! What a sandbox is started with, and what can go wrong when starting one.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};

use crate::faults::{FaultScript, ScriptError};
use crate::reality::Reality;

/// Customers of a sandbox unless told otherwise.
pub const DEFAULT_CUSTOMERS: u32 = 4;
/// More than this many customers would leave the 15 digits of an order id.
pub const MAX_CUSTOMERS: u32 = 5_000;
/// More than this many orders in all would leave the numbers that one customer's orders may have.
pub const MAX_ORDERS: u32 = 500_000;

/// What a sandbox is started with.
#[derive(Clone)]
pub struct Config {
    /// The same seed gives the same customers, to the byte.
    pub seed: u64,
    /// 1 to [`MAX_CUSTOMERS`]; even places are of the China site, odd ones international.
    pub customers: u32,
    /// Orders in all, refund orders included, spread over the customers; at most [`MAX_ORDERS`]. `None`: those of each
    /// customer's situations only.
    pub orders: Option<u32>,
    /// The instant around which the customers' orders are laid. A state file that exists already keeps its own.
    pub anchor: DateTime<Utc>,
    /// AccessKey id of the first customer; the n-th has `{key_id}-{n}`.
    pub key_id: String,
    /// AccessKey secret of every customer.
    pub key_secret: String,
    /// JSON-lines file that keeps what happened, so that a sandbox goes on where it stopped. `None`: in memory only.
    pub state: Option<PathBuf>,
    /// Business clock to start with. `None`: where the state file left it, else the wall clock.
    pub clock: Option<DateTime<Utc>>,
    /// When refunded money arrives.
    pub arrival: Arrival,
    /// Faults from the start on.
    pub faults: FaultScript,
    /// Where the cloud does not do what its pages say.
    pub reality: Reality,
}

impl std::fmt::Debug for Config {
    /// Everything but the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("seed", &self.seed)
            .field("customers", &self.customers)
            .field("orders", &self.orders)
            .field("anchor", &self.anchor)
            .field("key_id", &self.key_id)
            .field("key_secret", &"***")
            .field("state", &self.state)
            .field("clock", &self.clock)
            .field("arrival", &self.arrival)
            .field("faults", &self.faults)
            .field("reality", &self.reality)
            .finish()
    }
}

impl Config {
    /// Four customers in memory, refunds arriving after two business days.
    pub fn new(seed: u64, anchor: DateTime<Utc>, key_id: impl Into<String>, key_secret: impl Into<String>) -> Self {
        Self {
            seed,
            customers: DEFAULT_CUSTOMERS,
            orders: None,
            anchor,
            key_id: key_id.into(),
            key_secret: key_secret.into(),
            state: None,
            clock: None,
            arrival: Arrival::BusinessDays,
            faults: FaultScript::default(),
            reality: Reality::default(),
        }
    }
}

/// When refunded money arrives, counted from the refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// The quote's processing date, at the same time of day (UTC+8): two business days.
    BusinessDays,
    /// A fixed time; for demonstrations.
    After(TimeDelta),
}

/// The time of the machine the sandbox runs on. The sandbox itself never asks the system.
pub trait WallClock: Send + Sync {
    /// The current instant.
    fn now(&self) -> DateTime<Utc>;
}

/// Why a sandbox did not start, or its state could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("the number of customers is {0}; give 1 to {MAX_CUSTOMERS}")]
    Customers(u32),
    #[error("the number of orders is {0}; give at most {MAX_ORDERS}")]
    Orders(u32),
    #[error(
        "{orders} orders give a customer {share}, but its situations alone have {scenes}; give more orders or fewer customers"
    )]
    TooFewOrders { orders: u32, share: u32, scenes: u32 },
    #[error("the AccessKey id is empty or has a blank, comma or equals sign in it; give a plain word")]
    KeyId,
    #[error("the clock cannot be set to {0}; give a time in the years 2000 to 2100")]
    Clock(DateTime<Utc>),
    #[error("port {port} of 127.0.0.1 cannot be opened: {source}; stop what uses it or give port 0 for a free one")]
    Listen { port: u16, source: std::io::Error },
    #[error("the state file {path} cannot be used: {source}; check that the folder exists and can be written")]
    StateFile { path: String, source: std::io::Error },
    #[error("the state file {path} is in use by another sandbox; stop that one or give another file")]
    StateInUse { path: String },
    #[error("line {line} of the state file {path} cannot be read: {why}; restore the file or start with another one")]
    StateDamaged { path: String, line: usize, why: String },
    #[error("the state file {path} was made with {what} {kept}, not {given}; start with the same or with another file")]
    StateMismatch { path: String, what: &'static str, kept: String, given: String },
    #[error("the faults cannot be ordered: {0}")]
    Faults(ScriptError),
    #[error("the reality cannot be set: {0}")]
    Reality(ScriptError),
    #[error("the customers of seed {seed} cannot be made: {why}; this is a fault of the sandbox, try another seed")]
    Generate { seed: u64, why: String },
}

impl SandboxError {
    /// Stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Customers(_) => "bad_customers",
            Self::Orders(_) | Self::TooFewOrders { .. } => "bad_orders",
            Self::KeyId => "bad_key_id",
            Self::Clock(_) => "bad_clock",
            Self::Listen { .. } => "port_in_use",
            Self::StateFile { .. } => "state_file",
            Self::StateInUse { .. } => "state_in_use",
            Self::StateDamaged { .. } => "state_damaged",
            Self::StateMismatch { .. } => "state_mismatch",
            Self::Faults(_) => "bad_faults",
            Self::Reality(_) => "bad_reality",
            Self::Generate { .. } => "generate",
        }
    }
}
