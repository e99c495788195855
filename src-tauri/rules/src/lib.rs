//! Facts and an ask in, a quote with its reasons out; pure, no I/O, no clock.
//!
//! The way of a quote: [`parse_case`] reads a document (`read`, `bounds`); [`quote()`] (`judge`) decides the refund type
//! (`path`), judges each order (`lines`), lists what blocks (`blockers`), routes the money (`destinations`), tells what is
//! lost (`consequences`) and looks ahead (`outlook`, from one of the `marks` to the next, counting the days between two turns by `daily`;
//! [`curve()`] draws the same boundaries as points). Rules are data: [`Policies`] hold them with dates, sources and
//! parameters, and every step names the rule it follows.

pub mod case;
pub mod policy;
pub mod quote;
pub mod vocabulary;

mod amounts;
mod blockers;
mod bounds;
mod calendar;
mod canonical;
mod chain;
mod check;
mod consequences;
mod curve;
mod daily;
mod destinations;
mod document;
mod error;
mod judge;
mod lines;
mod marks;
mod money;
mod notes;
mod outlook;
mod params;
mod path;
mod ratio;
mod read;
mod unknowns;
mod words;

pub use amounts::{Amounts, amounts};
pub use calendar::{BusinessDate, Calendar};
pub use canonical::canonical_json;
pub use case::{Case, Site};
pub use check::{Difference, check, check_expected};
pub use curve::{Best, Curve, Point, curve};
pub use document::{Answered, answer_document, read_document};
pub use error::BadInput;
pub use judge::{Verdict, quote, verdict};
pub use money::{WHOLE_DIGITS_MAX, minor_units, split_evenly, within_bounds};
pub use policy::{ChangedRule, Clock, PackDiff, Policies, PolicyError, Rule, Source};
pub use quote::Quote;
pub use read::parse_case;

/// JSON Schema (draft 2020-12) of a case document.
pub const CASE_SCHEMA: &str = include_str!("../schema/case.schema.json");

/// JSON Schema (draft 2020-12) of a quote document.
pub const QUOTE_SCHEMA: &str = include_str!("../schema/quote.schema.json");
