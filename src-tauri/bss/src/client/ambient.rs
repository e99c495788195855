//! What the client needs from the world and does not take for itself.

use chrono::{DateTime, Utc};
use std::{pin::Pin, time::Duration};

/// Time, randomness and waiting, given by the host.
pub trait Ambient: Send + Sync {
    /// The wall clock: requests are signed with it and the API refuses more than 15 minutes of difference. Not the clock of a
    /// sandbox's business day.
    fn now(&self) -> DateTime<Utc>;
    /// A text that was never used before, with at least 128 random bits, such as 32 hex digits.
    fn nonce(&self) -> String;
    /// Returns after the duration.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}
