//! The desk in a simulated world. A seed gives customers, clocks, faults of the network, a manager's acts, deaths of the process
//! and months of days; the same seed gives the same run again. At the end the sandbox's ledger, which knows everything, and the
//! journal are held against what the desk promises ([`judge`]).
//!
//! [`run`](run::run) plays one seed: [`manager`] acts, [`office`] opens, dies and opens again, [`surroundings`] is time, chance
//! and death, [`faults`] the weather, [`reality`] what the cloud does unlike its pages, [`quiet`] the calm after it, [`judge`] the promises, [`summary`] what happened how often.

mod draw;
mod faults;
mod judge;
mod manager;
mod moves;
mod office;
mod quiet;
mod reality;
mod run;
pub mod summary;
mod surroundings;
mod trace;

pub use run::{Outcome, run};
pub use trace::Counts;
