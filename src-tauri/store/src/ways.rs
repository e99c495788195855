//! Changing the ways into a home. A way is taken away only by one that remains and was just used, so nobody locks themselves out.

use std::path::Path;

use crate::backup::refuse_backup;
use crate::error::StoreError;
use crate::home::Home;
use crate::key::{Argon2Cost, Entropy, Key, Secret};
use crate::keyring::KeyStore;
use crate::slots::Unlock;
use crate::store::{Store, lock};

impl Store {
    /// Whether this would open the home's key; the databases are not looked at.
    pub fn opens(dir: &Path, unlock: &Unlock) -> Result<(), StoreError> {
        Home::read_for(dir, unlock)?.unlock(dir, unlock).map(drop)
    }

    /// Gives a real home a passphrase, or another one. `unlock` may be the recovery code, which stays valid; a damaged or lost
    /// home.json is then mended.
    pub fn set_passphrase(
        dir: &Path,
        unlock: &Unlock,
        new: &Secret,
        entropy: &mut dyn Entropy,
    ) -> Result<(), StoreError> {
        change(dir, unlock, |home, key| {
            let device = home.device();
            home.slots()?.set_passphrase(key, new, Argon2Cost::RECOMMENDED, device, entropy)
        })
    }

    /// Makes an entry in the keyring a way into a real home. One that opens the home already stays as it is. `unlock` may be the
    /// recovery code, as for [`Store::set_passphrase`].
    pub fn add_keyring(
        dir: &Path,
        unlock: &Unlock,
        keyring: &dyn KeyStore,
        entropy: &mut dyn Entropy,
    ) -> Result<(), StoreError> {
        change(dir, unlock, |home, key| {
            let device = home.device();
            home.slots()?.add_keyring(key, keyring, device, entropy)
        })
    }

    /// Takes the passphrase away. `unlock` is the keyring that remains, with an entry that opens the home. Errors: `last_way_in`,
    /// those of the keyring.
    pub fn remove_passphrase(dir: &Path, keyring: &Unlock) -> Result<(), StoreError> {
        Home::read(dir)?.slots()?.remove_passphrase()?;
        let Unlock::Keyring(_) = keyring else { return Err(StoreError::KeyringNeeded) };
        change(dir, keyring, |home, _| home.slots()?.remove_passphrase())
    }

    /// Takes the keyring's slot away and then its entry; the passphrase remains. False when the keyring could not be
    /// reached: its entry then opens nothing but an older copy of home.json. Errors: `last_way_in`, `wrong_passphrase`.
    pub fn remove_keyring(dir: &Path, passphrase: &Secret, keyring: &dyn KeyStore) -> Result<bool, StoreError> {
        let mut home = Home::read(dir)?;
        let device = home.device().to_string();
        home.slots()?.remove_keyring()?;
        change(dir, &Unlock::Passphrase(passphrase.clone()), |home, _| home.slots()?.remove_keyring())?;
        Ok(keyring.remove(&device).is_ok())
    }
}

/// Opens the key, changes what keeps it, and writes home.json; nobody else has the home open meanwhile.
fn change(
    dir: &Path,
    unlock: &Unlock,
    change: impl FnOnce(&mut Home, &Key) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    refuse_backup(dir)?;
    // Before the lock's file is made: there may be no home here.
    Home::read_for(dir, unlock)?;
    let _lock = lock(dir)?;
    let mut home = Home::read_for(dir, unlock)?;
    let key = home.unlock(dir, unlock)?;
    change(&mut home, &key)?;
    home.write(dir)
}
