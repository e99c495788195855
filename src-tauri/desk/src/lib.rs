//! The use cases: sync, quote book, requests, reconcile, history; host-neutral.
pub mod views;
