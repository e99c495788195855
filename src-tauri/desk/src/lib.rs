//! The use cases: sync, quote book, requests, reconcile, history; host-neutral.
//!
//! The line of flow: [`sync`](Desk::sync) brings orders in, [`facts`] turns what is kept into cases, the rules judge them
//! ([`quote_book`], [`renewals`]), [`requests`] act, [`reconcile`] follows the money, [`history`] tells. A host opens a [`Desk`]
//! and shows its [`views`]. What the manager decides or enters is journaled first ([`projection`]).

mod ambient;
mod answers;
mod cloud;
mod day;
mod discounts;
mod error;
mod facts;
mod history;
mod home;
mod policies;
mod projection;
mod quote_book;
mod reconcile;
mod renewals;
mod requests;
mod sync;
pub mod tell;
pub mod views;

pub use ambient::{Ambient, System};
pub use bss_openapi::{CHINA_ENDPOINT, INTERNATIONAL_ENDPOINT};
pub use cloud::{Examined, examine, is_loopback};
pub use desk_store::{Access, HomeKind, RecoveryCode, Secret, Unlock, Verified};
pub use error::DeskError;
pub use home::{Account, Desk, home_exists, home_in_use};
pub use requests::{Record, RequestEvent, Reviewed, state_name};
pub use sync::Progress;
