//! The real window, driven as a person would: the debug build in a display that is nowhere, by WebKitWebDriver. `cargo xtask
//! test window` runs it and installs what it needs (Linux only: no other system has this driver). Pictures are left in
//! `target/window/`.
//!
//! Every test's name begins with `real_window_`, by which xtask gives these tests a step of their own.

#![cfg(target_os = "linux")]
// A test's own functions are not `#[test]`s, where clippy allows it by itself.
#![allow(clippy::unwrap_used)]

mod accessibility;
mod batches;
mod carried_out;
mod dialogs;
mod harness;
mod hostile;
mod house;
mod installed;
mod journey;
mod killed;
mod ledger;
mod mixed;
mod notified;
mod page;
mod price;
mod programs;
mod queue;
mod renewals;
mod restored;
mod world;
