//! Requests: what the manager decided, from review to the money. [`event`] says what can happen, [`record`] what it leads to,
//! [`review`] and [`confirm`] prepare a decision, [`send`] acts by the API, [`console`] hands over to a person with
//! [`instructions`], [`show`] tells how far a request has come.

mod confirm;
mod console;
mod event;
mod instructions;
mod record;
mod review;
mod send;
mod show;

pub use event::{RequestEvent, Reviewed};
pub use record::{Record, state_name};
