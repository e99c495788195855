//! The billing API BssOpenApi 2017-12-14 on the wire: signature, types, paging, failures.
//!
//! [`sign`] makes and checks signatures, [`wire`] holds what travels. It knows nothing of refund rules, reads no clock and
//! draws no randomness.

pub mod sign;
pub mod wire;
