//! Time and chance that stand still until a test moves them.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use bss_sandbox::WallClock;
use chrono::{DateTime, TimeDelta, Utc};
use desk::Ambient;

/// Friday, 2026-11-20, 18:00 in UTC+8.
pub const ANCHOR: &str = "2026-11-20T10:00:00Z";

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// The wall clock of desk and sandbox, and a seeded stream of bytes.
#[derive(Default)]
pub struct Clock {
    /// Milliseconds after [`ANCHOR`].
    moved_ms: AtomicI64,
    drawn: AtomicU64,
}

impl Clock {
    pub fn pass(&self, time: TimeDelta) {
        self.moved_ms.fetch_add(time.num_milliseconds(), Ordering::SeqCst);
    }

    pub fn time(&self) -> DateTime<Utc> {
        at(ANCHOR) + TimeDelta::milliseconds(self.moved_ms.load(Ordering::SeqCst))
    }
}

impl WallClock for Clock {
    fn now(&self) -> DateTime<Utc> {
        self.time()
    }
}

impl Ambient for Clock {
    fn wall(&self) -> DateTime<Utc> {
        self.time()
    }

    /// SplitMix64 over a counter: other bytes at every call, the same ones in every run.
    fn random(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut z = self.drawn.fetch_add(1, Ordering::SeqCst).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}
