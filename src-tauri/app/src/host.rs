//! What the window holds: at most one open home, and in a sandbox home the sandbox that it talks to. A home can be made, opened,
//! locked and changed for the other one while the window stays; commands ask for [`Host::desk`] each time.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bss_sandbox::Sandbox;
use chrono::{DateTime, Utc};
use desk::keys::{self, AskPassphrase};
use desk::views::Problem;
use desk::{
    Access, Account, Ambient, Backup, CancellationToken, Desk, DeskError, HomeKind, KeyStore, RecoveryCode, Restored,
    Secret, SystemKeyring, Unlock,
};

/// Seed of the sandbox that a first start makes.
const FIRST_SEED: u64 = 7;

/// Files of the window's own in a home, which a backup holds, too.
const BESIDE: [&str; 1] = [bss_sandbox::STATE_FILE];

/// How often a home that is being closed looks whether what was under way has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Where homes are. One given on the command line is the only one of its window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    pub real: PathBuf,
    pub sandbox: PathBuf,
    /// The window was started for this folder alone.
    given: bool,
}

/// Which of the two homes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Real,
    Sandbox,
}

impl Folders {
    /// The one folder that was asked for.
    pub fn given(dir: PathBuf) -> Self {
        Self { real: dir.clone(), sandbox: dir, given: true }
    }

    /// Both, in the system's folder for data.
    pub fn in_data(data: &Path) -> Self {
        let base = data.join("refund-desk");
        Self { real: base.join("home"), sandbox: base.join("sandbox"), given: false }
    }

    /// Whether there is such a home to go to; from a folder that was named there is none.
    pub fn has(&self, which: Which) -> bool {
        !self.given && desk::home_exists(self.of(which))
    }

    /// The window was started for one folder.
    pub fn single(&self) -> bool {
        self.given
    }

    fn of(&self, which: Which) -> &Path {
        match which {
            Which::Real => &self.real,
            Which::Sandbox => &self.sandbox,
        }
    }
}

/// What the window shows a desk of.
pub enum Home {
    /// No home was ever made here.
    First,
    /// There is one, and it is not open: it wants a key, or something is wrong with it.
    Closed {
        dir: PathBuf,
        why: Option<Problem>,
    },
    /// It is being closed: what was under way ends first.
    Closing {
        dir: PathBuf,
    },
    Open(Open),
}

/// The open home.
pub struct Open {
    pub desk: Arc<Desk>,
    /// In a sandbox home that this window may write.
    pub sandbox: Option<Arc<Sandbox>>,
}

/// The window's one home, and what opens it.
pub struct Host {
    pub folders: Folders,
    pub keyring: Arc<dyn KeyStore>,
    home: Mutex<Home>,
    /// One opening or closing at a time.
    turn: tokio::sync::Mutex<()>,
    pub syncing: Syncing,
}

/// What stops the syncs and runs under way, whoever began them.
#[derive(Default)]
pub struct Syncing(Mutex<CancellationToken>);

impl Syncing {
    /// The token of a sync or run that begins now.
    pub fn begin(&self) -> CancellationToken {
        self.token().child_token()
    }

    /// Stops all that have begun; later ones run.
    pub fn stop(&self) {
        std::mem::take(&mut *self.token()).cancel();
    }

    fn token(&self) -> MutexGuard<'_, CancellationToken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A passphrase that was typed into the window; it asks nothing more.
struct Typed(Option<Secret>);

impl AskPassphrase for Typed {
    fn ask(&mut self) -> Result<Option<Secret>, DeskError> {
        Ok(self.0.clone())
    }

    fn ask_new(&mut self) -> Result<Option<Secret>, DeskError> {
        Ok(self.0.clone())
    }
}

impl Host {
    /// Nothing is open yet.
    pub fn new(folders: Folders) -> Self {
        Self {
            folders,
            keyring: Arc::new(SystemKeyring),
            home: Mutex::new(Home::First),
            turn: tokio::sync::Mutex::default(),
            syncing: Syncing::default(),
        }
    }

    /// At the start: the home of real customers when there is one, else the sandbox; a folder that was named and holds nothing
    /// becomes a sandbox. What cannot be opened is shown closed, with the reason.
    pub async fn start(&self) {
        let which = [Which::Real, Which::Sandbox].into_iter().find(|&which| desk::home_exists(self.folders.of(which)));
        let opened = match which {
            Some(which) => self.open(which, None).await,
            None if self.folders.given => self.open(Which::Sandbox, None).await,
            None => return,
        };
        if let Err(problem) = opened {
            self.close_with(self.folders.of(which.unwrap_or(Which::Sandbox)), Some(problem));
        }
    }

    /// The open desk. Errors: `home_locked`, `no_home`.
    pub fn desk(&self) -> Result<Arc<Desk>, Problem> {
        match &*self.home() {
            Home::Open(open) => Ok(Arc::clone(&open.desk)),
            Home::First => Err(shut("no_home", "no home is open", "choose one: the sandbox, or your own customers")),
            Home::Closed { .. } | Home::Closing { .. } => {
                Err(shut("home_locked", "the home is locked", "unlock it, then try again; nothing was lost"))
            }
        }
    }

    /// The sandbox of the open home. Error: `not_a_sandbox`.
    pub fn sandbox(&self) -> Result<Arc<Sandbox>, Problem> {
        let desk = self.desk()?;
        let running = match &*self.home() {
            Home::Open(open) => open.sandbox.clone(),
            _ => None,
        };
        running.ok_or_else(|| match desk.is_sandbox() {
            true => shut(
                "read_only",
                "another desk has this sandbox open",
                "use that one, or close it and open the home here for writing",
            ),
            false => shut(
                "not_a_sandbox",
                "this home has real customers, not a sandbox",
                "do it at the console of Alibaba Cloud",
            ),
        })
    }

    /// What is open, closed or missing; held shortly.
    pub fn home(&self) -> MutexGuard<'_, Home> {
        self.home.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens one of the two homes and closes the other. A sandbox home is made when there is none. With `unlock` left out, a real
    /// home is opened by the keyring. When another desk has it open, it is opened to read.
    pub async fn open(&self, which: Which, unlock: Option<Unlock>) -> Result<(), Problem> {
        let _turn = self.turn.lock().await;
        let dir = self.folders.of(which).to_owned();
        if which == Which::Real && !desk::home_exists(&dir) {
            return Err(shut("no_home", "there is no home of real customers yet", "make one first"));
        }
        self.put_away(&dir).await;
        let opened = match opening(&self.keyring, &dir, unlock) {
            Ok((desk, access)) => over(desk, &dir, access).await,
            Err(error) => Err(error),
        };
        match opened {
            Ok(open) => {
                *self.home() = Home::Open(open);
                Ok(())
            }
            Err(error) => {
                self.close_with(&dir, Some(error.problem()));
                Err(error.problem())
            }
        }
    }

    /// Makes the home of real customers, by the passphrase or, without one, by the keyring; answers its recovery code.
    pub async fn create(&self, passphrase: Option<Secret>) -> Result<Option<RecoveryCode>, Problem> {
        let _turn = self.turn.lock().await;
        let dir = self.folders.real.clone();
        let ambient: Arc<dyn Ambient> = Arc::new(desk::System);
        let (desk, code) = keys::create_real(&dir, &self.keyring, passphrase, &mut Typed(None), ambient)
            .map_err(|error| error.problem())?;
        self.put_away(&dir).await;
        *self.home() = Home::Open(Open { desk: Arc::new(desk), sandbox: None });
        Ok(code)
    }

    /// Makes the home of real customers of a backup, and opens it. Errors: `home_exists`, `backup_of_sandbox`, those of the backup
    /// and of its key.
    pub async fn restore(&self, from: &Path, unlock: Unlock) -> Result<Restored, Problem> {
        let _turn = self.turn.lock().await;
        let dir = self.folders.real.clone();
        if desk::home_exists(&dir) {
            let next = "open it; a backup is only opened where there is no home yet";
            return Err(shut("home_exists", "there is a home of real customers already", next));
        }
        if backup_at(from)?.kind == HomeKind::Sandbox {
            let next = "choose the backup of a home of real customers; a sandbox is restored by `rdesk home restore`";
            return Err(shut("backup_of_sandbox", "the backup is of a sandbox", next));
        }
        let ambient: Arc<dyn Ambient> = Arc::new(desk::System);
        let (desk, restored) = Desk::restore(from, &dir, unlock, &BESIDE, ambient).map_err(|error| error.problem())?;
        self.put_away(&dir).await;
        *self.home() = Home::Open(Open { desk: Arc::new(desk), sandbox: None });
        Ok(restored)
    }

    /// Copies the open home into a folder that is not there yet, and reads the copy through.
    pub fn back_up(&self, to: &Path) -> Result<Backup, Problem> {
        self.desk()?.back_up(to, &BESIDE).map_err(|error| error.problem())
    }

    /// Locks a home of real customers. Syncs and runs stop after the item under way, which finishes first.
    pub async fn lock(&self) -> Result<(), Problem> {
        let _turn = self.turn.lock().await;
        let dir = {
            let desk = self.desk()?;
            if desk.is_sandbox() {
                return Err(shut("sandbox_has_no_lock", "a sandbox home has no key", "nothing in it is real"));
            }
            desk.dir().to_owned()
        };
        self.put_away(&dir).await;
        self.close_with(&dir, None);
        Ok(())
    }

    /// Does something to the home's ways in, for which it must be closed, and opens it again: by `after`, or by `before` when the
    /// change was refused. Try `before` first: a home that does not open again stays closed.
    pub async fn with_closed<T>(
        &self,
        before: Unlock,
        after: Unlock,
        change: impl FnOnce(&Path, &Unlock) -> Result<T, DeskError>,
    ) -> Result<T, Problem> {
        let dir = self.desk()?.dir().to_owned();
        keys::opens(&dir, &before).map_err(|error| error.problem())?;
        let changed = {
            let _turn = self.turn.lock().await;
            self.put_away(&dir).await;
            let changed = change(&dir, &before);
            self.close_with(&dir, None);
            changed
        };
        let reopened = self.open(Which::Real, Some(if changed.is_ok() { after } else { before })).await;
        let changed = changed.map_err(|error| error.problem())?;
        reopened?;
        Ok(changed)
    }

    fn close_with(&self, dir: &Path, why: Option<Problem>) {
        *self.home() = Home::Closed { dir: dir.to_owned(), why };
    }

    /// Lets go of the open home: what is under way is stopped after its item, and waited for.
    async fn put_away(&self, next: &Path) {
        let before = std::mem::replace(&mut *self.home(), Home::Closing { dir: next.to_owned() });
        let Home::Open(Open { desk, sandbox }) = before else { return };
        self.syncing.stop();
        while Arc::strong_count(&desk) > 1 {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        drop(desk);
        if let Some(sandbox) = sandbox.and_then(Arc::into_inner) {
            sandbox.stop().await;
        }
    }
}

/// Opens a folder's home for writing, or to read when another desk writes; makes a sandbox where there is nothing.
fn opening(keyring: &Arc<dyn KeyStore>, dir: &Path, unlock: Option<Unlock>) -> Result<(Desk, Access), DeskError> {
    let ambient = || -> Arc<dyn Ambient> { Arc::new(desk::System) };
    if !desk::home_exists(dir) {
        return Ok((Desk::open_sandbox(dir, ambient())?, Access::ReadWrite));
    }
    let unlock = match unlock {
        Some(unlock) => unlock,
        None => keys::unlock(dir, keyring, &mut Typed(None))?,
    };
    match Desk::open(dir, unlock.clone(), Access::ReadWrite, ambient()) {
        Err(error) if error.code() == "home_in_use" => {
            Ok((Desk::open(dir, unlock, Access::ReadOnly, ambient())?, Access::ReadOnly))
        }
        opened => Ok((opened?, Access::ReadWrite)),
    }
}

/// The open home, with its sandbox running when it is one that this window may write.
async fn over(desk: Desk, dir: &Path, access: Access) -> Result<Open, DeskError> {
    let desk = Arc::new(desk);
    if !desk.is_sandbox() || access == Access::ReadOnly {
        return Ok(Open { desk, sandbox: None });
    }
    let sandbox = bss_sandbox::open_in(dir, FIRST_SEED, Arc::new(Wall), 0)
        .await
        .map_err(|error| DeskError::new(error.code(), error.to_string(), "correct it and start again").at("sandbox"))?;
    for account in sandbox.accounts() {
        desk.connect(&Account {
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
    desk.set_cloud_clock(sandbox.now())?;
    Ok(Open { desk, sandbox: Some(Arc::new(sandbox)) })
}

/// What a backup says of itself.
pub fn backup_at(dir: &Path) -> Result<Backup, Problem> {
    desk::backup_at(dir, &BESIDE).map_err(|error| error.problem())
}

/// A refusal of the window itself.
pub fn shut(code: &str, message: &str, next: &str) -> Problem {
    DeskError::new(code, message, next).problem()
}

/// The machine's clock for the sandbox.
struct Wall;

impl bss_sandbox::WallClock for Wall {
    fn now(&self) -> DateTime<Utc> {
        desk::System.wall()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSPHRASE: &str = "a passphrase for this test";

    fn passphrase() -> Option<Unlock> {
        Some(Unlock::Passphrase(Secret::from(PASSPHRASE)))
    }

    fn code(refused: Result<(), Problem>) -> String {
        refused.unwrap_err().code
    }

    #[tokio::test]
    async fn a_first_start_opens_nothing_and_makes_what_is_chosen() {
        let data = tempfile::tempdir().unwrap();
        let host = Host::new(Folders::in_data(data.path()));
        host.start().await;
        assert!(matches!(*host.home(), Home::First));
        assert_eq!(host.desk().map(drop).unwrap_err().code, "no_home");
        assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0, "a first start leaves nothing behind");

        host.open(Which::Sandbox, None).await.unwrap();
        assert!(host.desk().unwrap().is_sandbox() && host.sandbox().is_ok());
        assert_eq!(code(host.open(Which::Real, None).await), "no_home");
        assert!(host.desk().is_ok(), "the sandbox stays open");

        let printed = host.create(Some(Secret::from(PASSPHRASE))).await.unwrap().unwrap();
        assert!(!host.desk().unwrap().is_sandbox());
        assert_eq!(host.sandbox().map(drop).unwrap_err().code, "not_a_sandbox");
        // Back and forth: each is closed when the other opens.
        host.open(Which::Sandbox, None).await.unwrap();
        assert!(!desk::home_in_use(&host.folders.real));
        host.open(Which::Real, Some(Unlock::RecoveryCode(Secret::from(printed.printed().as_str())))).await.unwrap();
        assert!(!host.desk().unwrap().is_sandbox());
    }

    #[tokio::test]
    async fn a_locked_home_answers_nothing_until_it_is_unlocked() {
        let data = tempfile::tempdir().unwrap();
        let host = Host::new(Folders::in_data(data.path()));
        host.create(Some(Secret::from(PASSPHRASE))).await.unwrap();
        host.lock().await.unwrap();
        assert_eq!(host.desk().map(drop).unwrap_err().code, "home_locked");
        assert!(!desk::home_in_use(&host.folders.real), "nothing keeps the home open");
        let wrong = Some(Unlock::Passphrase(Secret::from("not the passphrase")));
        assert_eq!(code(host.open(Which::Real, wrong).await), "wrong_passphrase");
        host.open(Which::Real, passphrase()).await.unwrap();
        assert!(!host.desk().unwrap().is_read_only());

        // The next start finds it, and asks for its passphrase.
        let next = Host::new(host.folders.clone());
        drop(host);
        next.start().await;
        assert!(matches!(&*next.home(), Home::Closed { why: Some(why), .. } if why.code == "passphrase_needed"));
    }

    #[tokio::test]
    async fn what_is_under_way_ends_before_a_home_is_locked() {
        let data = tempfile::tempdir().unwrap();
        let host = Arc::new(Host::new(Folders::in_data(data.path())));
        host.create(Some(Secret::from(PASSPHRASE))).await.unwrap();
        let under_way = host.desk().unwrap();
        let told_to_stop = host.syncing.begin();
        let locking = tokio::spawn({
            let host = Arc::clone(&host);
            async move { host.lock().await }
        });
        told_to_stop.cancelled().await;
        assert!(matches!(*host.home(), Home::Closing { .. }));
        assert_eq!(host.desk().map(drop).unwrap_err().code, "home_locked", "nothing new begins");
        assert!(desk::home_in_use(&host.folders.real) && !locking.is_finished());
        drop(under_way);
        locking.await.unwrap().unwrap();
        assert!(matches!(*host.home(), Home::Closed { why: None, .. }));
    }

    #[tokio::test]
    async fn a_second_desk_on_a_home_reads_and_says_so() {
        let data = tempfile::tempdir().unwrap();
        let folders = Folders::given(data.path().join("home"));
        let (first, second) = (Host::new(folders.clone()), Host::new(folders));
        first.start().await;
        assert!(!first.desk().unwrap().is_read_only());
        second.start().await;
        assert!(second.desk().unwrap().is_read_only());
        assert_eq!(second.sandbox().map(drop).unwrap_err().code, "read_only");
        // Once the first has closed it, it can be had for writing.
        first.put_away(&first.folders.sandbox).await;
        second.open(Which::Sandbox, None).await.unwrap();
        assert!(!second.desk().unwrap().is_read_only() && second.sandbox().is_ok());
    }

    #[tokio::test]
    async fn a_backup_becomes_the_home_where_there_is_none() {
        let (data, elsewhere, empty) =
            (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let host = Host::new(Folders::in_data(data.path()));
        host.create(Some(Secret::from(PASSPHRASE))).await.unwrap();
        let copy = elsewhere.path().join("copy");
        let made = host.back_up(&copy).unwrap();
        assert_eq!(backup_at(&copy).unwrap(), made);
        let by = || Unlock::Passphrase(Secret::from(PASSPHRASE));
        let code = |refused: Result<Restored, Problem>| refused.unwrap_err().code;
        assert_eq!(code(host.restore(&copy, by()).await), "home_exists");

        let other = Host::new(Folders::in_data(empty.path()));
        other.start().await;
        assert_eq!(code(other.restore(elsewhere.path(), by()).await), "backup_missing");
        let wrong = Unlock::Passphrase(Secret::from("not the passphrase"));
        assert_eq!(code(other.restore(&copy, wrong).await), "wrong_passphrase");
        assert!(matches!(*other.home(), Home::First), "nothing was left behind");
        let restored = other.restore(&copy, by()).await.unwrap();
        assert_eq!((restored.backup, restored.to_review), (made, Vec::new()));
        assert!(!other.desk().unwrap().is_read_only());

        host.lock().await.unwrap();
        assert_eq!(host.back_up(&elsewhere.path().join("locked")).unwrap_err().code, "home_locked");
    }

    #[tokio::test]
    async fn a_backup_of_a_sandbox_is_no_home_of_real_customers() {
        let (data, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let host = Host::new(Folders::in_data(data.path()));
        host.open(Which::Sandbox, None).await.unwrap();
        let copy = elsewhere.path().join("copy");
        host.back_up(&copy).unwrap();
        let refused = host.restore(&copy, Unlock::Passphrase(Secret::from(PASSPHRASE))).await;
        assert_eq!(refused.unwrap_err().code, "backup_of_sandbox");
        assert!(host.desk().unwrap().is_sandbox() && !desk::home_exists(&host.folders.real));
    }

    #[tokio::test]
    async fn the_ways_in_are_changed_while_the_home_is_closed() {
        let data = tempfile::tempdir().unwrap();
        let host = Host::new(Folders::in_data(data.path()));
        host.create(Some(Secret::from(PASSPHRASE))).await.unwrap();
        let new = || Secret::from("another passphrase");
        let old = Unlock::Passphrase(Secret::from(PASSPHRASE));
        let set = |dir: &Path, by: &Unlock| keys::set_passphrase(dir, by, &new(), &desk::System);
        let wrong = Unlock::Passphrase(Secret::from("not the passphrase"));
        let refused = host.with_closed(wrong, Unlock::Passphrase(new()), set).await;
        assert_eq!((code(refused), host.desk().is_ok()), ("wrong_passphrase".to_owned(), true), "it never closed");
        host.with_closed(old, Unlock::Passphrase(new()), set).await.unwrap();
        assert!(host.desk().is_ok(), "it is open again");
        host.lock().await.unwrap();
        assert_eq!(code(host.open(Which::Real, passphrase()).await), "wrong_passphrase");
        host.open(Which::Real, Some(Unlock::Passphrase(new()))).await.unwrap();
    }
}
