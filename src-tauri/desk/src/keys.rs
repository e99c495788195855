//! The ways into a home, as hosts use them: which way to open it by, a new home's first way, and changing them. None of this reads or
//! writes what the home holds.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use desk_store::{HomeFacts, HomeKind, KeyStore, RecoveryCode, Secret, Store, StoreError, Unlock};
use serde::Serialize;

use crate::ambient::Ambient;
use crate::error::DeskError;
use crate::home::Desk;
use crate::views::Problem;

/// Where a passphrase comes from when one is needed: a file descriptor, a terminal, a field in the window. `None`: from nowhere.
pub trait AskPassphrase {
    /// The passphrase of the home.
    fn ask(&mut self) -> Result<Option<Secret>, DeskError>;
    /// A new one; who types it types it twice.
    fn ask_new(&mut self) -> Result<Option<Secret>, DeskError>;
}

/// The ways into a home.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WaysIn {
    /// A sandbox home: its key stands in clear.
    pub sandbox: bool,
    pub device: String,
    pub created_at: DateTime<Utc>,
    pub passphrase: bool,
    pub keyring: KeyringWay,
    /// Every real home has one; it is shown once, when the home is made.
    pub recovery_code: bool,
}

/// The keyring as a way in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum KeyringWay {
    /// The home's key is not in a keyring.
    None,
    /// Its entry opens the home.
    Opens,
    /// It should and does not.
    Fails { problem: Problem },
}

/// What can be told of a home without its key; the keyring is not asked.
pub fn facts(dir: &Path) -> Result<HomeFacts, DeskError> {
    Ok(Store::facts_of(dir)?)
}

/// What can be told without opening the home, and whether the keyring opens it.
pub fn ways_in(dir: &Path, keyring: &Arc<dyn KeyStore>) -> Result<WaysIn, DeskError> {
    let HomeFacts { kind, device, created_at, locked, passphrase, keyring: in_keyring } = Store::facts_of(dir)?;
    let way = match in_keyring {
        false => KeyringWay::None,
        true => match by_keyring(dir, keyring) {
            Ok(_) => KeyringWay::Opens,
            Err(error) => KeyringWay::Fails { problem: DeskError::from(error).problem() },
        },
    };
    Ok(WaysIn {
        sandbox: kind == HomeKind::Sandbox,
        device,
        created_at,
        passphrase,
        keyring: way,
        recovery_code: locked,
    })
}

/// The way to open a home by: nothing for a sandbox home, then the keyring, then the passphrase. When neither can be had, the error
/// is the keyring's, since that is what usually opens this home.
pub fn unlock(
    dir: &Path,
    keyring: &Arc<dyn KeyStore>,
    passphrase: &mut dyn AskPassphrase,
) -> Result<Unlock, DeskError> {
    let facts = Store::facts_of(dir)?;
    if !facts.locked {
        return Ok(Unlock::Nothing);
    }
    let mut closed = StoreError::PassphraseNeeded;
    if facts.keyring {
        match by_keyring(dir, keyring) {
            Ok(unlock) => return Ok(unlock),
            Err(error) => closed = error,
        }
    }
    if !facts.passphrase {
        return Err(closed.into());
    }
    let given = passphrase.ask()?.ok_or(closed)?;
    Ok(Unlock::Passphrase(given))
}

/// Makes a real home: its key in the keyring when one works, else under a passphrase. `chosen` is a passphrase that was given
/// without being asked for; it goes before the keyring, which `add_keyring` can add. Answers the recovery code, to be shown once.
pub fn create_real(
    dir: &Path,
    keyring: &Arc<dyn KeyStore>,
    chosen: Option<Secret>,
    passphrase: &mut dyn AskPassphrase,
    ambient: Arc<dyn Ambient>,
) -> Result<(Desk, Option<RecoveryCode>), DeskError> {
    if let Some(chosen) = chosen {
        return Desk::create(dir, HomeKind::Real, Unlock::Passphrase(chosen), ambient);
    }
    let unlock = Unlock::Keyring(Arc::clone(keyring));
    match Desk::create(dir, HomeKind::Real, unlock, Arc::clone(&ambient)) {
        Err(error) if ["keyring_unavailable", "keyring_locked"].contains(&error.code()) => {
            let given = passphrase.ask_new()?.ok_or_else(|| passphrase_needed(&error))?;
            Desk::create(dir, HomeKind::Real, Unlock::Passphrase(given), ambient)
        }
        made => made,
    }
}

/// Whether this opens the home's key; what the home holds is not looked at.
pub fn opens(dir: &Path, unlock: &Unlock) -> Result<(), DeskError> {
    Ok(Store::opens(dir, unlock)?)
}

/// Gives a real home a passphrase, or another one. With the recovery code it also mends a damaged or lost home.json.
pub fn set_passphrase(dir: &Path, unlock: &Unlock, new: &Secret, ambient: &dyn Ambient) -> Result<(), DeskError> {
    Ok(Store::set_passphrase(dir, unlock, new, &mut |bytes: &mut [u8]| ambient.random(bytes))?)
}

/// Takes the passphrase away; the keyring must open the home. Errors: `last_way_in`, those of the keyring.
pub fn remove_passphrase(dir: &Path, keyring: &Arc<dyn KeyStore>) -> Result<(), DeskError> {
    Ok(Store::remove_passphrase(dir, &Unlock::Keyring(Arc::clone(keyring)))?)
}

/// Keeps the key in the keyring too.
pub fn add_keyring(
    dir: &Path,
    unlock: &Unlock,
    keyring: &Arc<dyn KeyStore>,
    ambient: &dyn Ambient,
) -> Result<(), DeskError> {
    Ok(Store::add_keyring(dir, unlock, keyring.as_ref(), &mut |bytes: &mut [u8]| ambient.random(bytes))?)
}

/// Takes the key out of the keyring; the passphrase must open the home. False: the entry could not be reached, and opens
/// nothing but an older copy of home.json.
pub fn remove_keyring(dir: &Path, passphrase: &Secret, keyring: &Arc<dyn KeyStore>) -> Result<bool, DeskError> {
    Ok(Store::remove_keyring(dir, passphrase, keyring.as_ref())?)
}

/// No keyring works, and nobody was there to choose a passphrase.
fn passphrase_needed(why: &DeskError) -> DeskError {
    DeskError::new(
        "passphrase_needed",
        format!("a new home needs a passphrase here: {}", why.message()),
        "choose one on a terminal, give it with `--passphrase-fd FD`, or start the keyring of your session",
    )
    .at("--passphrase-fd")
}

fn by_keyring(dir: &Path, keyring: &Arc<dyn KeyStore>) -> Result<Unlock, StoreError> {
    let unlock = Unlock::Keyring(Arc::clone(keyring));
    Store::opens(dir, &unlock)?;
    Ok(unlock)
}
