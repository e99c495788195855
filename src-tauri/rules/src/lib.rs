//! Facts and an ask in, a quote with its reasons out; pure, no I/O, no clock.
pub mod case;
pub mod quote;
