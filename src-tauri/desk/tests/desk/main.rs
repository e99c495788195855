//! The use cases against a sandbox of the billing API, from the outside: what a host sees, what stands on the wire, what the
//! journal holds and what the cloud really did.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

mod backups;
mod batch_floors;
mod batches;
mod by_hand;
mod connections;
mod decisions;
mod endings;
mod exactly_once;
mod facts;
mod imported;
mod imported_bounds;
mod imported_partner;
mod imports;
mod imports_any;
mod journal;
mod keys;
mod killed;
mod ladder;
mod listing;
mod many;
mod overdue;
mod policies;
mod readings;
mod reality;
mod reconcile;
mod reports;
mod second_look;
mod sequences;
mod support;
mod sync;
mod today;
mod waiting;
