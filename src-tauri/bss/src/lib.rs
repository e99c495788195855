//! The billing API BssOpenApi 2017-12-14 on the wire: signature, types, paging, failures.
//!
//! Read in this order: [`sign`] makes and checks signatures, [`wire`] holds what travels, [`Client`] sends it, paced and with
//! bounds, and ends every failure in one [`BssError`]. The crate knows nothing of refund rules, reads no clock and draws no
//! randomness: time, nonces and waiting come from the host's [`Ambient`].

mod client;
mod error;
pub mod sign;
pub mod wire;

pub use client::{
    Account, Ambient, BODY_LIMIT, CHINA_ENDPOINT, CONNECT_TIMEOUT, Client, ClockSeen, INTERNATIONAL_ENDPOINT,
    MAX_ATTEMPTS, Pace, Page, Paged, Pager, READ_TIMEOUT, RENEW_BEFORE, Reply, ReplyMeta, Role, TOTAL_TIMEOUT,
    TemporaryKey, read_answer,
};
pub use error::{BssError, Kind};
