//! The desk's home and the cloud beside it: opening, dying, opening again.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::Poll;

use bss_sandbox::{AccountInfo, Config, Control, FaultRule, Sandbox};
use chrono::{DateTime, TimeDelta, Utc};
use desk::{Access, Account, Desk, DeskError, Unlock};
use desk_store::{Entry, Store};
use tempfile::TempDir;

use crate::draw::Draw;
use crate::surroundings::{Death, Killed, Surroundings};

/// Friday, 2026-11-20, 18:00 in UTC+8.
pub const ANCHOR: DateTime<Utc> = DateTime::from_timestamp(1_795_168_800, 0).expect("a constant instant");

/// One account of each site in the cloud.
const CUSTOMERS: u32 = 2;

/// A disk in memory, where there is one: runs open thousands of homes.
const FAST_DISK: &str = "/dev/shm";

/// How an attempt at something ended.
pub enum Attempt<T> {
    Done(T),
    Refused(DeskError),
    /// The process died in the middle and was started again.
    Died,
}

/// A desk at work, with its cloud.
pub struct Office {
    pub around: Arc<Surroundings>,
    pub control: Control,
    pub accounts: Vec<AccountInfo>,
    /// Stops when it is dropped.
    _sandbox: Sandbox,
    desk: Option<Desk>,
    home: PathBuf,
    /// Last: removed when all else is closed.
    _folder: TempDir,
}

impl Office {
    /// A new home connected to those customers of the seed's sandbox that `connected` takes by their place, not synced. The
    /// cloud's clock is `skew` ahead of the desk's.
    pub async fn open(
        seed: u64,
        chance: Draw,
        skew: TimeDelta,
        connected: std::ops::RangeInclusive<usize>,
    ) -> Result<Self, String> {
        let folder = folder()?;
        let (home, aside) = (folder.path().join("home"), folder.path().join("aside"));
        std::fs::create_dir(&aside).map_err(|why| format!("no folder: {why}"))?;
        let around = Arc::new(Surroundings::new(ANCHOR, chance, home.clone(), aside));
        let config = Config { customers: CUSTOMERS, ..Config::new(seed, ANCHOR, "simulated", "simulated-secret") };
        let sandbox = bss_sandbox::start(config, around.clone(), 0).await.map_err(|why| why.to_string())?;
        let (control, accounts) = (sandbox.control(), sandbox.accounts()[connected].to_vec());
        let desk = Desk::open_sandbox(&home, around.clone()).map_err(|why| why.to_string())?;
        for account in &accounts {
            desk.connect(&account_of(account)).map_err(|why| why.to_string())?;
        }
        control.advance(skew).map_err(|why| why.to_string())?;
        Ok(Self { around, control, accounts, _sandbox: sandbox, desk: Some(desk), home, _folder: folder })
    }

    /// The open desk.
    pub fn desk(&self) -> Result<&Desk, String> {
        self.desk.as_ref().ok_or_else(|| "the home is closed".to_owned())
    }

    /// Faults that were ordered and have not come as often as they should.
    pub fn faults_left(&self) -> Vec<FaultRule> {
        self.control.fault_rules()
    }

    /// Lets the desk do something, which may end with its death. Answers how often it looked at the world besides.
    pub async fn attempt<T>(
        &mut self,
        death: Option<Death>,
        work: impl AsyncFnOnce(&Desk) -> Result<T, DeskError>,
    ) -> Result<(Attempt<T>, u32), String> {
        let desk = self.desk.as_ref().ok_or("the home is closed")?;
        self.around.arm(death);
        let ended = caught(work(desk)).await;
        let (died, looks) = self.around.disarm();
        match ended {
            Err(panic) if !died || !panic.is::<Killed>() => Err(format!("panicked: {}", told(panic.as_ref()))),
            _ if died => {
                self.close()?;
                self.start()?;
                Ok((Attempt::Died, looks))
            }
            Ok(Ok(done)) => Ok((Attempt::Done(done), looks)),
            Ok(Err(refused)) => Ok((Attempt::Refused(refused), looks)),
            Err(_) => Err("died without being told to".to_owned()),
        }
    }

    /// Ends the process, leaving on the disk what it would leave.
    fn close(&mut self) -> Result<(), String> {
        self.desk = None;
        self.around.cut_power().map(drop).map_err(|why| format!("the cache cannot be put back: {why}"))
    }

    /// Starts the process again, which may die while it does: then once more.
    fn start(&mut self) -> Result<(), String> {
        let open = || Desk::open(&self.home, Unlock::Nothing, Access::ReadWrite, self.around.clone());
        let desk = open().map_err(|why| format!("the home does not open: {why}"))?;
        self.desk = Some(desk);
        Ok(())
    }

    /// Closes and opens the home; `death` may strike while it opens. True when it did.
    pub fn restart(&mut self, death: Option<Death>) -> Result<bool, String> {
        self.close()?;
        self.around.arm(death);
        let opened = catch_unwind(AssertUnwindSafe(|| self.start()));
        let (died, _) = self.around.disarm();
        match opened {
            Ok(opened) => opened.map(|()| false),
            Err(panic) if died && panic.is::<Killed>() => {
                self.close()?;
                self.start().map(|()| true)
            }
            Err(panic) => Err(format!("panicked while opening: {}", told(panic.as_ref()))),
        }
    }

    /// Throws the cache away between two runs of the process.
    pub fn lose_cache(&mut self) -> Result<(), String> {
        self.close()?;
        Store::discard_cache(&self.home).map_err(|why| format!("the cache does not go: {why}"))?;
        self.start()
    }

    /// Looks into the home past the desk.
    pub fn store(&self) -> Result<Store, String> {
        Store::open(&self.home, &Unlock::Nothing, Access::ReadOnly).map_err(|why| format!("no reader: {why}"))
    }

    /// The whole journal, oldest entry first.
    pub fn journal(&self) -> Result<Vec<Entry>, String> {
        self.store()?.read(|r| r.journal().after(0, u32::MAX)).map_err(|why: desk_store::StoreError| why.to_string())
    }
}

fn account_of(info: &AccountInfo) -> Account {
    Account {
        uid: info.uid.clone(),
        name: info.name.clone(),
        site: info.site,
        currency: info.currency.clone(),
        partner: false,
        endpoint: info.endpoint.clone(),
        key_id: info.key_id.clone(),
        key_secret: info.key_secret.clone().into(),
    }
}

fn folder() -> Result<TempDir, String> {
    let fast = Path::new(FAST_DISK);
    let made =
        if fast.is_dir() { tempfile::tempdir_in(fast).or_else(|_| tempfile::tempdir()) } else { tempfile::tempdir() };
    made.map_err(|why| format!("no folder for a home: {why}"))
}

/// A future's output, or the panic that ended it.
async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Box<dyn Any + Send>> {
    let mut work = std::pin::pin!(work);
    std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

/// The words of a panic.
pub fn told(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "no words".to_owned())
}
