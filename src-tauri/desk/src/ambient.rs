//! What the desk cannot know by itself: the time and chance. Hosts pass it in; tests pass their own.

use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use uuid::Uuid;

/// How far the clocks of desk and cloud may be apart. Within it, what the cloud dates before or after the
/// desk's own instants may still be the same thing.
pub(crate) const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(15);

/// The world around the desk.
pub trait Ambient: Send + Sync + 'static {
    /// The machine's clock.
    fn wall(&self) -> DateTime<Utc>;
    /// Fills `bytes` with randomness fit for keys.
    fn random(&self, bytes: &mut [u8]);
    /// Returns after the duration; a simulated world lets its clock pass instead.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(duration))
    }
    /// How many reading calls, and how many customers' syncs, may be under way at once. One makes a run that can be repeated.
    fn at_once(&self) -> usize {
        AT_ONCE
    }
}

/// The pace of an account decides how often a call may begin; several at once hide the way to the cloud and back, which is some
/// tenths of a second.
const AT_ONCE: usize = 16;

/// The operating system's clock and randomness: what every host but a test passes in.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Ambient for System {
    // The one place below the hosts that reads the clock: it is what hosts hand in.
    #[allow(clippy::disallowed_methods)]
    fn wall(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn random(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives randomness, or nothing here is safe to run");
    }
}

/// A UUID version 7 of this instant: sorts by time.
pub(crate) fn time_ordered_id(ambient: &dyn Ambient) -> Uuid {
    let now = ambient.wall();
    let mut random = [0; 10];
    ambient.random(&mut random);
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// A token for one call that must act at most once.
pub(crate) fn client_token(ambient: &dyn Ambient) -> String {
    let mut random = [0; 16];
    ambient.random(&mut random);
    Uuid::from_bytes(random).to_string()
}

/// The cloud's clock: the machine's plus an offset that only sandbox homes have. Whole seconds, as everything on the wire.
pub(crate) fn cloud_now(ambient: &dyn Ambient, offset: TimeDelta) -> DateTime<Utc> {
    (ambient.wall() + offset).trunc_subsecs(0)
}
