//! `home.json`: what a home is, and its wrapped key. `recovery.json` beside it has the same without passphrase and keyring, so that
//! the recovery code opens a home whose `home.json` is damaged or lost.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::canonical::canonical_json;
use crate::error::StoreError;
use crate::key::{Argon2Cost, Entropy, Key, RecoveryCode};
use crate::slots::{KeptKey, Refused, Slots, Unlock};

pub(crate) const HOME_FILE: &str = "home.json";
pub(crate) const RECOVERY_FILE: &str = "recovery.json";

/// Newest format of `home.json`.
const FORMAT: u32 = 2;

/// The format of a sandbox home and of one with a passphrase alone; the first desks read it too.
const FORMAT_BEFORE_KEYRINGS: u32 = 1;

/// Sandbox and real customers never share a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HomeKind {
    Sandbox,
    Real,
}

/// What can be told of a home without its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeFacts {
    pub kind: HomeKind,
    /// A UUID that names this desk in its journal, and the home's entry in a keyring.
    pub device: String,
    pub created_at: DateTime<Utc>,
    /// A passphrase, the keyring or the recovery code is needed to open it.
    pub locked: bool,
    /// A passphrase opens it.
    pub passphrase: bool,
    /// An entry in the system keyring of whoever made it opens it.
    pub keyring: bool,
}

/// The file as it is read and written. Its checksum tells a damaged file from a wrong passphrase.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Home {
    format: u32,
    kind: HomeKind,
    device: Uuid,
    created_at: DateTime<Utc>,
    key: KeptKey,
    /// SHA-256 over the canonical JSON of the other fields.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    checksum: String,
}

impl Home {
    /// A new home with its key; real ones also get a recovery code. With a keyring its entry is made here: take it back when
    /// the home does not come to be.
    pub fn new(
        kind: HomeKind,
        unlock: &Unlock,
        cost: Argon2Cost,
        entropy: &mut dyn Entropy,
        now: DateTime<Utc>,
    ) -> Result<(Self, Key, Option<RecoveryCode>), StoreError> {
        let mut device = [0; 16];
        entropy.fill(&mut device);
        let device = uuid::Builder::from_random_bytes(device).into_uuid();
        let key = Key::random(entropy);
        let home = |kept| Self { format: FORMAT, kind, device, created_at: now, key: kept, checksum: String::new() };
        match (kind, unlock) {
            (HomeKind::Sandbox, Unlock::Nothing) => Ok((home(KeptKey::Clear(key.hex().to_string())), key, None)),
            (HomeKind::Sandbox, _) => Err(StoreError::SandboxTakesNoPassphrase),
            (HomeKind::Real, Unlock::Nothing | Unlock::RecoveryCode(_)) => Err(StoreError::PassphraseNeeded),
            (HomeKind::Real, Unlock::Passphrase(passphrase)) => {
                let (mut slots, code) = Slots::new(&key, device, entropy);
                slots.set_passphrase(&key, passphrase, cost, device, entropy)?;
                Ok((home(KeptKey::Wrapped(slots)), key, Some(code)))
            }
            (HomeKind::Real, Unlock::Keyring(keyring)) => {
                let (mut slots, code) = Slots::new(&key, device, entropy);
                slots.add_keyring(&key, keyring.as_ref(), device, entropy)?;
                Ok((home(KeptKey::Wrapped(slots)), key, Some(code)))
            }
        }
    }

    pub fn facts(&self) -> HomeFacts {
        let slots = match &self.key {
            KeptKey::Clear(_) => None,
            KeptKey::Wrapped(slots) => Some(slots),
        };
        HomeFacts {
            kind: self.kind,
            device: self.device.to_string(),
            created_at: self.created_at,
            locked: slots.is_some(),
            passphrase: slots.is_some_and(Slots::has_passphrase),
            keyring: slots.is_some_and(Slots::has_keyring),
        }
    }

    pub fn device(&self) -> Uuid {
        self.device
    }

    /// The slots of a real home.
    pub fn slots(&mut self) -> Result<&mut Slots, StoreError> {
        match &mut self.key {
            KeptKey::Clear(_) => Err(StoreError::SandboxTakesNoPassphrase),
            KeptKey::Wrapped(slots) => Ok(slots),
        }
    }

    /// The key, by whatever the manager gave.
    pub fn unlock(&self, dir: &Path, unlock: &Unlock) -> Result<Key, StoreError> {
        match &self.key {
            KeptKey::Clear(text) => {
                Key::from_hex(text).ok_or_else(|| damaged(dir, HOME_FILE, "its key is not 64 hexadecimal digits"))
            }
            KeptKey::Wrapped(slots) => slots.unlock(unlock, self.device).map_err(|refused| match refused {
                Refused::Store(error) => error,
                Refused::Damaged(why) => damaged(dir, HOME_FILE, why),
            }),
        }
    }

    pub fn read(dir: &Path) -> Result<Self, StoreError> {
        Self::read_file(dir, HOME_FILE)
    }

    /// What this way of opening needs: the recovery code also takes the copy, when `home.json` is damaged or lost.
    pub fn read_for(dir: &Path, unlock: &Unlock) -> Result<Self, StoreError> {
        match (Self::read(dir), unlock) {
            (
                Err(first @ (StoreError::HomeDamaged { .. } | StoreError::HomeFileMissing { .. })),
                Unlock::RecoveryCode(_),
            ) => Self::read_file(dir, RECOVERY_FILE).map_err(|_| first),
            (read, _) => read,
        }
    }

    fn read_file(dir: &Path, name: &str) -> Result<Self, StoreError> {
        let path = dir.join(name);
        let text = match fs::read_to_string(&path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(missing(dir)),
            Err(error) if error.kind() == ErrorKind::InvalidData => return Err(damaged(dir, name, "it is not text")),
            Err(error) => return Err(StoreError::file(&path)(error)),
        };
        // The format first: a later one may have fields that this desk does not know.
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let Format { format } = serde_json::from_str(&text).map_err(|why| damaged(dir, name, &why.to_string()))?;
        if format > FORMAT {
            return Err(StoreError::HomeNewer { file: path, found: format, known: FORMAT });
        }
        let mut home: Self = serde_json::from_str(&text).map_err(|why| damaged(dir, name, &why.to_string()))?;
        let found = std::mem::take(&mut home.checksum);
        if found != home.computed_checksum() {
            return Err(damaged(dir, name, "its content does not have its checksum"));
        }
        Ok(home)
    }

    /// Writes `home.json`, and for a real home its copy for the recovery code.
    pub fn write(&mut self, dir: &Path) -> Result<(), StoreError> {
        self.write_file(dir, HOME_FILE)?;
        self.keep_recovery(dir)
    }

    /// Makes the copy for the recovery code where there is none of this home. Nothing to do for a sandbox home.
    pub fn keep_recovery(&self, dir: &Path) -> Result<(), StoreError> {
        let KeptKey::Wrapped(slots) = &self.key else { return Ok(()) };
        if Self::read_file(dir, RECOVERY_FILE).is_ok_and(|copy| copy.device == self.device) {
            return Ok(());
        }
        let mut copy = Self {
            format: FORMAT,
            kind: self.kind,
            device: self.device,
            created_at: self.created_at,
            key: KeptKey::Wrapped(slots.recovery_only()),
            checksum: String::new(),
        };
        copy.write_file(dir, RECOVERY_FILE)
    }

    /// Writes beside the file and then over it, so that there is always a whole one.
    fn write_file(&mut self, dir: &Path, name: &str) -> Result<(), StoreError> {
        self.format = self.needed_format();
        self.checksum = self.computed_checksum();
        let text = Zeroizing::new(serde_json::to_string_pretty(self).expect("plain fields are always JSON"));
        self.checksum.clear();
        let new = dir.join(format!("{name}.new"));
        let mut file = private_file(OpenOptions::new().write(true).create(true).truncate(true), &new)?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.write_all(b"\n"))
            .and_then(|()| file.sync_all())
            .map_err(StoreError::file(&new))?;
        let path = dir.join(name);
        fs::rename(&new, &path).map_err(StoreError::file(&path))?;
        sync_folder(dir)
    }

    /// The oldest format that says all there is: an older desk then reads what it can, and says of the rest that it is newer.
    fn needed_format(&self) -> u32 {
        match &self.key {
            KeptKey::Wrapped(slots) if slots.has_keyring() || !slots.has_passphrase() => FORMAT,
            _ => FORMAT_BEFORE_KEYRINGS,
        }
    }

    /// Call with an empty `checksum`: it is then not part of what is hashed.
    fn computed_checksum(&self) -> String {
        let value = serde_json::to_value(self).expect("plain fields are always JSON");
        let text = Zeroizing::new(canonical_json(&value).expect("no field is a fraction"));
        hex::encode(Sha256::digest(text.as_bytes()))
    }
}

fn missing(dir: &Path) -> StoreError {
    if dir.join(crate::database::JOURNAL_FILE).exists() {
        StoreError::HomeFileMissing { dir: dir.to_owned() }
    } else {
        StoreError::HomeMissing { dir: dir.to_owned() }
    }
}

fn damaged(dir: &Path, name: &str, why: &str) -> StoreError {
    StoreError::HomeDamaged { file: dir.join(name), why: why.to_owned() }
}

/// Opens a file that only its owner may read.
pub(crate) fn private_file(options: &mut OpenOptions, path: &Path) -> Result<File, StoreError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map_err(StoreError::file(path))
}

/// Makes a rename or a new file last through a power cut.
pub(crate) fn sync_folder(dir: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    File::open(dir).and_then(|folder| folder.sync_all()).map_err(StoreError::file(dir))?;
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Secret;

    /// Written by a desk that knew no keyrings: opens by its passphrase and its code, to the same key, and is written again as
    /// it was.
    #[test]
    fn a_home_of_the_first_format_opens_as_before() {
        const FILE: &str = include_str!("../tests/store/homes/format-1.json");
        const KEY: &str = "c1d63f4c8dd22be8990e57c4e58ac3e071466f3c3d425bd8497e87b495faf3d0";
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(HOME_FILE), FILE).unwrap();
        let mut home = Home::read(dir.path()).unwrap();
        let facts = home.facts();
        assert_eq!((facts.locked, facts.passphrase, facts.keyring), (true, true, false));
        for unlock in [
            Unlock::Passphrase(Secret::new("穏やかな horse battery")),
            Unlock::RecoveryCode(Secret::new("46V9-YB7D-PA5W-HYFE-PYJ4-ATH3-R18S-81R6")),
        ] {
            assert_eq!(*home.unlock(dir.path(), &unlock).unwrap().hex(), KEY, "{unlock:?}");
        }
        home.write(dir.path()).unwrap();
        assert_eq!(fs::read_to_string(dir.path().join(HOME_FILE)).unwrap(), FILE);
    }
}
