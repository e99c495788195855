//! The client against a scripted server on loopback.

#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

mod failures;
mod paging;
mod sending;
mod support;
mod throttling;
