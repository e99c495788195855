//! A clock that stands still and is moved by hand: the desk's quotes are those of an invented day, whenever it is measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use desk::{Ambient, System};

/// Clones are the same clock.
#[derive(Clone)]
pub struct Clock {
    ahead_minutes: Arc<AtomicI64>,
}

impl Clock {
    /// At the instant that every home was filled for.
    pub fn at_rest() -> Self {
        Self { ahead_minutes: Arc::default() }
    }

    pub fn base(&self) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-06-25T02:00:00Z").expect("a written instant").to_utc()
    }

    /// So long after the instant that every home was filled for.
    pub fn set_ahead(&self, ahead: TimeDelta) {
        self.ahead_minutes.store(ahead.num_minutes(), Ordering::Relaxed);
    }
}

impl Ambient for Clock {
    fn wall(&self) -> DateTime<Utc> {
        self.base() + TimeDelta::minutes(self.ahead_minutes.load(Ordering::Relaxed))
    }

    fn random(&self, bytes: &mut [u8]) {
        System.random(bytes);
    }
}
