//! The home itself: made, opened, locked, and the ways into it. Secrets come in as text and are wrapped at once.

use desk::keys::{self, KeyringWay, WaysIn};
use desk::views::Problem;
use desk::{Secret, Unlock};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager as _, State};

use super::reports::Reporting;
use super::{Answer, EVERYTHING, changed, told};
use crate::host::{Home, Host, Which, shut};

/// What the window has to show: a desk, a lock, or the choice of a first start.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct HomeView {
    pub state: HomeState,
    /// Its folder; empty at a first start.
    pub dir: String,
    /// Why a closed home did not open by itself.
    pub problem: Option<Problem>,
    /// A passphrase opens the closed home.
    pub passphrase: bool,
    /// The keyring should open it.
    pub keyring: bool,
    /// There is a home of real customers to go to.
    pub real: bool,
    /// There is a sandbox to go to.
    pub sandbox: bool,
    /// The window was started for one folder: there is no other home.
    pub single: bool,
}

/// How the home stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum HomeState {
    FirstStart,
    Locked,
    /// What is under way ends first.
    Locking,
    Open,
}

/// What opens a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    Keyring,
    Passphrase,
    RecoveryCode,
}

/// The ways into the open home.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct WaysView {
    pub device: String,
    pub passphrase: bool,
    /// Its entry opens the home.
    pub keyring: bool,
    /// It should and does not.
    pub keyring_problem: Option<Problem>,
}

impl From<WaysIn> for WaysView {
    fn from(ways: WaysIn) -> Self {
        Self {
            device: ways.device,
            passphrase: ways.passphrase,
            keyring: ways.keyring == KeyringWay::Opens,
            keyring_problem: match ways.keyring {
                KeyringWay::Fails { problem } => Some(problem),
                KeyringWay::None | KeyringWay::Opens => None,
            },
        }
    }
}

fn view(host: &Host) -> HomeView {
    let (state, dir, problem) = match &*host.home() {
        Home::First => (HomeState::FirstStart, String::new(), None),
        Home::Closed { dir, why } => (HomeState::Locked, dir.display().to_string(), why.clone()),
        Home::Closing { dir } => (HomeState::Locking, dir.display().to_string(), None),
        Home::Open(open) => (HomeState::Open, open.desk.dir().display().to_string(), None),
    };
    // Asked of the folder alone; a sandbox is never closed.
    let ways = match state {
        HomeState::Locked => keys::facts(&host.folders.real).ok(),
        _ => None,
    };
    HomeView {
        state,
        dir,
        problem,
        passphrase: ways.as_ref().is_some_and(|ways| ways.passphrase),
        keyring: ways.as_ref().is_some_and(|ways| ways.keyring),
        real: host.folders.has(Which::Real),
        sandbox: host.folders.has(Which::Sandbox),
        single: host.folders.single(),
    }
}

/// A home that does not open is a closed one: the window shows that, too.
async fn open(app: &AppHandle, host: &Host, which: Which, unlock: Option<Unlock>) -> Answer<HomeView> {
    if let Err(problem) = host.open(which, unlock).await {
        changed(app, &["home"]);
        return Err(problem);
    }
    Ok(opened(app, host))
}

pub(super) fn opened(app: &AppHandle, host: &Host) -> HomeView {
    app.state::<Reporting>().forget();
    crate::first_sync(app);
    changed(app, &EVERYTHING);
    changed(app, &["home"]);
    view(host)
}

#[tauri::command(async)]
#[specta::specta]
pub fn home(host: State<'_, Host>) -> HomeView {
    view(&host)
}

/// Opens the sandbox, making it when there is none.
#[tauri::command]
#[specta::specta]
pub async fn open_sandbox(app: AppHandle, host: State<'_, Host>) -> Answer<HomeView> {
    open(&app, &host, Which::Sandbox, None).await
}

/// Makes the home of real customers; without a passphrase its key goes into the keyring. Answers the recovery code, which is
/// shown once.
#[tauri::command]
#[specta::specta]
pub async fn create_home(app: AppHandle, host: State<'_, Host>, passphrase: Option<String>) -> Answer<Option<String>> {
    let code = host.create(passphrase.map(Secret::from)).await?;
    opened(&app, &host);
    Ok(code.map(|code| code.printed().to_string()))
}

/// Opens the home of real customers.
#[tauri::command]
#[specta::specta]
pub async fn unlock_home(app: AppHandle, host: State<'_, Host>, by: Key, secret: String) -> Answer<HomeView> {
    let secret = Secret::from(secret);
    let unlock = match by {
        Key::Keyring => None,
        Key::Passphrase => Some(Unlock::Passphrase(secret)),
        Key::RecoveryCode => Some(Unlock::RecoveryCode(secret)),
    };
    open(&app, &host, Which::Real, unlock).await
}

/// Locks the home of real customers; the item under way finishes first.
#[tauri::command]
#[specta::specta]
pub async fn lock_home(app: AppHandle, host: State<'_, Host>) -> Answer<HomeView> {
    let locked = host.lock().await;
    // Afterwards: a preview that was under way has ended, and holds nothing back.
    app.state::<Reporting>().forget();
    changed(&app, &["home"]);
    locked?;
    Ok(view(&host))
}

/// Opens the home that is read beside another desk once more, to write if that one has gone.
#[tauri::command]
#[specta::specta]
pub async fn open_again(app: AppHandle, host: State<'_, Host>) -> Answer<HomeView> {
    let which = if host.desk()?.is_sandbox() { Which::Sandbox } else { Which::Real };
    open(&app, &host, which, None).await
}

#[tauri::command(async)]
#[specta::specta]
pub fn ways_in(host: State<'_, Host>) -> Answer<WaysView> {
    let desk = host.desk()?;
    told(keys::ways_in(desk.dir(), &host.keyring)).map(WaysView::from)
}

/// Gives the home a new passphrase. `current` opens it now.
#[tauri::command]
#[specta::specta]
pub async fn set_passphrase(
    host: State<'_, Host>,
    by: Key,
    current: String,
    new_passphrase: String,
) -> Answer<WaysView> {
    let (before, new) = (unlock_of(&host, by, current), Secret::from(new_passphrase));
    let after = Unlock::Passphrase(new.clone());
    host.with_closed(before, after, |dir, by| keys::set_passphrase(dir, by, &new, &desk::System)).await?;
    ways_in(host)
}

/// Keeps the home's key in the keyring, too.
#[tauri::command]
#[specta::specta]
pub async fn add_keyring(host: State<'_, Host>, passphrase: String) -> Answer<WaysView> {
    let (before, keyring) = (unlock_of(&host, Key::Passphrase, passphrase), host.keyring.clone());
    host.with_closed(before.clone(), before, |dir, by| keys::add_keyring(dir, by, &keyring, &desk::System)).await?;
    ways_in(host)
}

/// Takes one of two ways away; the other one stays, and must open the home.
#[tauri::command]
#[specta::specta]
pub async fn remove_way(host: State<'_, Host>, way: Key, passphrase: String) -> Answer<WaysView> {
    let keyring = host.keyring.clone();
    match way {
        Key::Keyring => {
            let by = unlock_of(&host, Key::Passphrase, passphrase.clone());
            let passphrase = Secret::from(passphrase);
            host.with_closed(by.clone(), by, |dir, _| keys::remove_keyring(dir, &passphrase, &keyring).map(drop))
                .await?;
        }
        Key::Passphrase => {
            let by = Unlock::Keyring(keyring.clone());
            host.with_closed(by.clone(), by, |dir, _| keys::remove_passphrase(dir, &keyring)).await?;
        }
        Key::RecoveryCode => {
            return Err(shut(
                "last_way_in",
                "the recovery code stays a way in as long as the home does",
                "give the home another passphrase if you want to be sure of who can open it",
            ));
        }
    }
    ways_in(host)
}

pub(super) fn unlock_of(host: &Host, by: Key, secret: String) -> Unlock {
    match by {
        Key::Keyring => Unlock::Keyring(host.keyring.clone()),
        Key::Passphrase => Unlock::Passphrase(Secret::from(secret)),
        Key::RecoveryCode => Unlock::RecoveryCode(Secret::from(secret)),
    }
}
