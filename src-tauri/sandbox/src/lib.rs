//! A server of the billing API over generated customers, with a clock to set.
//!
//! [`start`] opens it on loopback. Clients of the billing API talk to it as to the real one: signatures, dates and nonces are
//! checked against the wall clock, business data depends on the business clock. [`Control`] (and the same over HTTP under
//! `/_sandbox/`) moves that clock, acts as the person at the console, orders faults and shows the whole truth.
//!
//! The way through it: [`server`](Sandbox) → gate (signature) → limits and faults → wire (operations) → [`world`] (facts, prices,
//! acts) → state file.

mod access;
mod act_log;
mod config;
mod control;
mod door;
mod faults;
mod gate;
mod home;
mod ledger;
mod reality;
mod server;
mod state;
mod throttle;
mod wire;
pub mod world;

pub use access::ROLE;
pub use config::{Arrival, Config, DEFAULT_CUSTOMERS, MAX_CUSTOMERS, MAX_ORDERS, SandboxError, WallClock};
pub use control::{ConsoleAmount, ConsoleRefund, Control};
pub use faults::{Fault, FaultOrder, FaultRule, FaultScript, ScriptError};
pub use home::{FIRST_CLOCK, STATE_FILE, clock_at, open_in};
pub use ledger::{AccountLedger, Ledger, OrderEntry, PartEntry, RefundEntry, ResourceEntry, TransactionEntry};
pub use reality::{DayCount, Deviation, FailedChannel, Knob, Merge, Reality, Rounding, Tax, TaxOnRefund};
pub use server::{Sandbox, start};
pub use state::{AccountInfo, ControlError};
pub use world::Door;
pub use world::refusal::Refusal;
