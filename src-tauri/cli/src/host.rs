//! What the terminal holds: the desk of one home and, in a sandbox home of its own, the sandbox that it talks to.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bss_sandbox::{Sandbox, WallClock};
use chrono::{DateTime, Utc};
use desk::{Access, Account, Ambient, Desk, DeskError};

use crate::opening;

/// Seed of the sandbox that a first start makes.
pub const FIRST_SEED: u64 = 7;

/// The open home.
pub struct Host {
    pub desk: Arc<Desk>,
    /// Running only for commands that need the cloud, in homes that have their own sandbox.
    pub sandbox: Option<Sandbox>,
}

/// What a command needs of its home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// To talk to the cloud, and to write.
    Cloud,
    /// To write.
    Write,
    /// To bring quotes up to date when nobody else has the home open; beside an open window it only reads, since the window does.
    Refresh,
    /// Only to read.
    Read,
}

impl Host {
    /// Opens an existing home.
    pub async fn open(dir: &Path, passphrase_fd: Option<u32>, need: Need) -> Result<Self, DeskError> {
        let unlock = opening::unlock(dir, passphrase_fd)?;
        let open = |access| Desk::open(dir, unlock.clone(), access, Arc::new(desk::System));
        let opened = if need == Need::Read { open(Access::ReadOnly) } else { open(Access::ReadWrite) };
        let desk = Arc::new(match opened {
            Err(error) if need == Need::Refresh && error.code() == "home_in_use" => open(Access::ReadOnly)?,
            opened => opened?,
        });
        let mut host = Self { desk, sandbox: None };
        if need == Need::Cloud && host.desk.is_sandbox() {
            host.reach_sandbox(dir).await?;
        }
        Ok(host)
    }

    /// Opens the sandbox home in `dir` with its own sandbox, making both when there is none.
    pub async fn open_sandbox(dir: &Path, seed: u64) -> Result<Self, DeskError> {
        let desk = Arc::new(Desk::open_sandbox(dir, Arc::new(desk::System))?);
        let mut host = Self { desk, sandbox: None };
        host.start_sandbox(dir, seed).await?;
        Ok(host)
    }

    /// Opens or makes the home that a customer at `endpoint` belongs in: a sandbox home for a loopback address, else a real one.
    pub fn open_for(dir: &Path, passphrase_fd: Option<u32>, endpoint: &str) -> Result<Self, DeskError> {
        let sandbox = desk::is_loopback(endpoint);
        let ambient: Arc<dyn Ambient> = Arc::new(desk::System);
        let desk = match (desk::home_exists(dir), sandbox) {
            (true, _) => Desk::open(dir, opening::unlock(dir, passphrase_fd)?, Access::ReadWrite, ambient)?,
            (false, true) => Desk::open_sandbox(dir, ambient)?,
            (false, false) => opening::create_real(dir, passphrase_fd, ambient)?,
        };
        if desk.is_sandbox() != sandbox {
            return Err(DeskError::new(
                "mixed_home",
                "sandbox and real customers never share a home",
                "give another folder with --home",
            )
            .at(dir.display().to_string()));
        }
        Ok(Self { desk: Arc::new(desk), sandbox: None })
    }

    /// The home's own sandbox when it has one; else the clock of the sandbox that its customers are at.
    async fn reach_sandbox(&mut self, dir: &Path) -> Result<(), DeskError> {
        if dir.join(bss_sandbox::STATE_FILE).exists() {
            return self.start_sandbox(dir, FIRST_SEED).await;
        }
        for endpoint in self.desk.endpoints()? {
            if let Some(now) = bss_sandbox::clock_at(&endpoint) {
                self.desk.set_cloud_clock(now)?;
                break;
            }
        }
        Ok(())
    }

    async fn start_sandbox(&mut self, dir: &Path, seed: u64) -> Result<(), DeskError> {
        let sandbox = bss_sandbox::open_in(dir, seed, Arc::new(Wall), 0).await.map_err(not_started)?;
        for account in sandbox.accounts() {
            self.desk.connect(&Account {
                uid: account.uid,
                name: account.name,
                site: account.site,
                currency: account.currency,
                partner: false,
                endpoint: account.endpoint,
                key_id: account.key_id,
                key_secret: account.key_secret.into(),
            })?;
        }
        self.desk.set_cloud_clock(sandbox.now())?;
        self.sandbox = Some(sandbox);
        Ok(())
    }

    /// The running sandbox of this home.
    pub fn sandbox(&self) -> Result<&Sandbox, DeskError> {
        self.sandbox.as_ref().ok_or_else(|| {
            DeskError::new(
                "no_own_sandbox",
                "this home has no sandbox of its own",
                "use the control door of the sandbox that it is connected to, or a home made by `rdesk demo`",
            )
        })
    }
}

pub fn not_started(error: bss_sandbox::SandboxError) -> DeskError {
    DeskError::new(error.code(), error.to_string(), "correct it and start again").at("sandbox")
}

/// The home: `--home`, else the sandbox home that the window opens too.
pub fn home_dir(given: Option<&Path>) -> Result<PathBuf, DeskError> {
    given
        .map(Path::to_owned)
        .or_else(|| dirs::data_dir().map(|dir| dir.join("refund-desk").join("sandbox")))
        .ok_or_else(|| {
            DeskError::new("no_home", "this system names no data folder", "give a folder with --home DIR").at("--home")
        })
}

/// The machine's clock for the sandbox.
pub struct Wall;

impl WallClock for Wall {
    fn now(&self) -> DateTime<Utc> {
        desk::System.wall()
    }
}
