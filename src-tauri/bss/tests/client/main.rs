//! The client against a scripted server on loopback.

mod failures;
mod paging;
mod sending;
mod support;
mod throttling;
