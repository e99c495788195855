//! The world around a simulated desk: a clock that only the run moves, chance from the seed, and the place where the process dies.
//! A desk looks at clock or chance before each call and each journal entry, so counting its looks finds every place between them.

use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bss_sandbox::WallClock;
use chrono::{DateTime, TimeDelta, Utc};
use desk::Ambient;

use crate::draw::Draw;

/// The cache's files that a power cut may leave older than the journal's. The index of the log is not among them: it is made anew.
const CACHE_FILES: [&str; 2] = ["cache.db", "cache.db-wal"];
const CACHE_INDEX: &str = "cache.db-shm";

/// Payload of the panic that ends a simulated process.
pub struct Killed;

/// Where a process dies, counted in looks from its arming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Death {
    pub at_look: u32,
    /// The disk kept the cache only as it was at this look, and the journal whole: the cache is not pressed onto the disk at
    /// each commit, the journal is.
    pub cache_of_look: Option<u32>,
}

#[derive(Default)]
struct Plan {
    death: Option<Death>,
    looks: u32,
    died: bool,
    cache_kept: bool,
}

/// Time, chance and death.
pub struct Surroundings {
    now: Mutex<DateTime<Utc>>,
    chance: Mutex<Draw>,
    plan: Mutex<Plan>,
    home: PathBuf,
    aside: PathBuf,
}

impl Surroundings {
    /// A world that begins at `now`; the cache of the home in `home` is put `aside` for power cuts.
    pub fn new(now: DateTime<Utc>, chance: Draw, home: PathBuf, aside: PathBuf) -> Self {
        Self { now: Mutex::new(now), chance: Mutex::new(chance), plan: Mutex::default(), home, aside }
    }

    /// The wall clock, without being counted.
    pub fn time(&self) -> DateTime<Utc> {
        *lock(&self.now)
    }

    /// Lets time pass.
    pub fn pass(&self, time: TimeDelta) {
        *lock(&self.now) += time;
    }

    /// From now on the process dies as planned.
    pub fn arm(&self, death: Option<Death>) {
        *lock(&self.plan) = Plan { death, ..Plan::default() };
    }

    /// No more dying. Answers whether it died, and how often the world was looked at.
    pub fn disarm(&self) -> (bool, u32) {
        let mut plan = lock(&self.plan);
        plan.death = None;
        (plan.died, plan.looks)
    }

    /// After a death: leaves on the disk what a power cut would have left. True when the cache fell behind.
    pub fn cut_power(&self) -> std::io::Result<bool> {
        if !std::mem::take(&mut lock(&self.plan).cache_kept) {
            return Ok(false);
        }
        copy_files(&self.aside, &self.home)?;
        remove(&self.home.join(CACHE_INDEX))?;
        Ok(true)
    }

    fn look(&self) {
        // What is dropped while a process dies must not die again.
        if std::thread::panicking() {
            return;
        }
        let mut plan = lock(&self.plan);
        plan.looks += 1;
        let Some(death) = plan.death else { return };
        if death.cache_of_look == Some(plan.looks) {
            plan.cache_kept = copy_files(&self.home, &self.aside).is_ok();
        }
        if plan.looks >= death.at_look {
            plan.died = true;
            drop(plan);
            resume_unwind(Box::new(Killed));
        }
    }
}

impl Ambient for Surroundings {
    fn wall(&self) -> DateTime<Utc> {
        self.look();
        self.time()
    }

    fn random(&self, bytes: &mut [u8]) {
        self.look();
        lock(&self.chance).fill(bytes);
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move { self.pass(TimeDelta::from_std(duration).unwrap_or_default()) })
    }

    fn at_once(&self) -> usize {
        1
    }
}

impl WallClock for Surroundings {
    fn now(&self) -> DateTime<Utc> {
        self.time()
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Copies the cache's files; one that is not there is not there in the copy either.
fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    for file in CACHE_FILES {
        if from.join(file).exists() {
            std::fs::copy(from.join(file), to.join(file))?;
        } else {
            remove(&to.join(file))?;
        }
    }
    Ok(())
}

fn remove(file: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
