//! Plans of batches: what a selection of resources comes to before anything is decided (refund-rules sections 7, 11 and 12).
//! [`planner`] is a pure function over quotes and the facts they were made from, [`risk`] says what is lost first, [`chances`]
//! counts what a selection shares once, [`totals`] adds up; [`book`] takes the quotes from the cache. A plan is shown and not
//! kept: what is confirmed of it is a batch ([`crate::requests`]).

mod book;
mod chances;
mod planner;
mod risk;
#[cfg(test)]
mod tests;
mod totals;
mod view;

pub(crate) use totals::channel_refunds;
pub use view::{
    BatchPlan, LeftOut, PlannedBatch, PlannedItem, PlannedSingle, PlannedTotal, SharedChance, SharedChanceKind,
};

/// Most items of one batch. "You can unsubscribe from a maximum of 50 instances at a time": Unsubscribe from resources, Regular
/// cloud resource; for renewals the same number is a reading. A test holds it against the policy packs' `batch.limit`.
pub const BATCH_MAX: usize = 50;

/// What stands between the ids that a list of the console is searched by; the console takes as many as a batch may hold.
pub(crate) const SEARCH_SEPARATOR: &str = ",";

/// A number of things as hosts show it.
fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}
