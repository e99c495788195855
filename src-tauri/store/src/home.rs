//! `home.json`: what a home is, and its wrapped key.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::canonical::canonical_json;
use crate::error::StoreError;
use crate::key::{Argon2Cost, Entropy, Key, RecoveryCode, SALT_LENGTH, Secret, Unlock, WrappedKey, passphrase_key};

pub(crate) const HOME_FILE: &str = "home.json";

/// Format of `home.json`.
const FORMAT: u32 = 1;

/// NIST SP 800-63B section 5.1.1: memorised secrets have at least eight characters.
const PASSPHRASE_CHARACTERS_MIN: usize = 8;

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
    /// A UUID that names this desk in its journal.
    pub device: String,
    pub created_at: DateTime<Utc>,
    /// A passphrase or the recovery code must be given to open it.
    pub locked: bool,
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

/// Ways in which the key is kept. A system keyring becomes another variant beside these.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum KeptKey {
    /// In clear, lower hex: a sandbox home holds nothing real.
    Clear(String),
    Wrapped {
        passphrase: PassphraseSlot,
        recovery: WrappedKey,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PassphraseSlot {
    algorithm: Algorithm,
    cost: Argon2Cost,
    salt: String,
    wrapped: WrappedKey,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Algorithm {
    Argon2id,
}

impl Home {
    /// A new home with its key; real ones also get a recovery code.
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
        let (kept, code) = match (kind, unlock) {
            (HomeKind::Sandbox, Unlock::Nothing) => (KeptKey::Clear(key.hex().to_string()), None),
            (HomeKind::Sandbox, _) => return Err(StoreError::SandboxTakesNoPassphrase),
            (HomeKind::Real, Unlock::Passphrase(passphrase)) => {
                let code = RecoveryCode::random(entropy);
                let recovery = WrappedKey::wrap(&key, &code.key(), &bound_to("recovery", device), entropy);
                let passphrase = PassphraseSlot::new(&key, passphrase, cost, device, entropy)?;
                (KeptKey::Wrapped { passphrase, recovery }, Some(code))
            }
            (HomeKind::Real, _) => return Err(StoreError::PassphraseNeeded),
        };
        let home = Self { format: FORMAT, kind, device, created_at: now, key: kept, checksum: String::new() };
        Ok((home, key, code))
    }

    pub fn facts(&self) -> HomeFacts {
        HomeFacts {
            kind: self.kind,
            device: self.device.to_string(),
            created_at: self.created_at,
            locked: matches!(self.key, KeptKey::Wrapped { .. }),
        }
    }

    /// The key, by whatever the manager gave.
    pub fn unlock(&self, dir: &Path, unlock: &Unlock) -> Result<Key, StoreError> {
        match (&self.key, unlock) {
            (KeptKey::Clear(text), _) => {
                Key::from_hex(text).ok_or_else(|| damaged(dir, "its key is not 64 hexadecimal digits"))
            }
            (KeptKey::Wrapped { .. }, Unlock::Nothing) => Err(StoreError::PassphraseNeeded),
            (KeptKey::Wrapped { passphrase: slot, .. }, Unlock::Passphrase(given)) => {
                let salt = hex::decode(&slot.salt).map_err(|_| damaged(dir, "the salt is not hexadecimal"))?;
                let under = passphrase_key(given, &salt, slot.cost)
                    .ok_or_else(|| damaged(dir, "the cost of the key derivation is out of range"))?;
                slot.wrapped.unwrap(&under, &bound_to("passphrase", self.device)).ok_or(StoreError::WrongPassphrase)
            }
            (KeptKey::Wrapped { recovery, .. }, Unlock::RecoveryCode(typed)) => {
                let under = RecoveryCode::parse(typed.expose())?.key();
                recovery.unwrap(&under, &bound_to("recovery", self.device)).ok_or(StoreError::WrongRecoveryCode)
            }
        }
    }

    /// Replaces the passphrase; the recovery code stays.
    pub fn set_passphrase(
        &mut self,
        key: &Key,
        new: &Secret,
        cost: Argon2Cost,
        entropy: &mut dyn Entropy,
    ) -> Result<(), StoreError> {
        match &mut self.key {
            KeptKey::Clear(_) => Err(StoreError::SandboxTakesNoPassphrase),
            KeptKey::Wrapped { passphrase, .. } => {
                *passphrase = PassphraseSlot::new(key, new, cost, self.device, entropy)?;
                Ok(())
            }
        }
    }

    pub fn read(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(HOME_FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(missing(dir)),
            Err(error) if error.kind() == ErrorKind::InvalidData => return Err(damaged(dir, "it is not text")),
            Err(error) => return Err(StoreError::file(&path)(error)),
        };
        // The format first: a later one may have fields that this desk does not know.
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let Format { format } = serde_json::from_str(&text).map_err(|why| damaged(dir, &why.to_string()))?;
        if format > FORMAT {
            return Err(StoreError::HomeNewer { file: path, found: format, known: FORMAT });
        }
        let mut home: Self = serde_json::from_str(&text).map_err(|why| damaged(dir, &why.to_string()))?;
        let found = std::mem::take(&mut home.checksum);
        if found != home.computed_checksum() {
            return Err(damaged(dir, "its content does not have its checksum"));
        }
        Ok(home)
    }

    /// Writes beside the file and then over it, so that there is always a whole one.
    pub fn write(&mut self, dir: &Path) -> Result<(), StoreError> {
        self.checksum = self.computed_checksum();
        let text = Zeroizing::new(serde_json::to_string_pretty(self).expect("plain fields are always JSON"));
        self.checksum.clear();
        let new = dir.join("home.json.new");
        let mut file = private_file(OpenOptions::new().write(true).create(true).truncate(true), &new)?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.write_all(b"\n"))
            .and_then(|()| file.sync_all())
            .map_err(StoreError::file(&new))?;
        let path = dir.join(HOME_FILE);
        fs::rename(&new, &path).map_err(StoreError::file(&path))?;
        sync_folder(dir)
    }

    /// Call with an empty `checksum`: it is then not part of what is hashed.
    fn computed_checksum(&self) -> String {
        let value = serde_json::to_value(self).expect("plain fields are always JSON");
        let text = Zeroizing::new(canonical_json(&value).expect("no field is a fraction"));
        hex::encode(Sha256::digest(text.as_bytes()))
    }
}

impl PassphraseSlot {
    fn new(
        key: &Key,
        passphrase: &Secret,
        cost: Argon2Cost,
        device: Uuid,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, StoreError> {
        if passphrase.expose().chars().count() < PASSPHRASE_CHARACTERS_MIN {
            return Err(StoreError::PassphraseTooShort { least: PASSPHRASE_CHARACTERS_MIN });
        }
        let mut salt = [0; SALT_LENGTH];
        entropy.fill(&mut salt);
        let under = passphrase_key(passphrase, &salt, cost).expect("the desk's own cost is usable");
        let wrapped = WrappedKey::wrap(key, &under, &bound_to("passphrase", device), entropy);
        Ok(Self { algorithm: Algorithm::Argon2id, cost, salt: hex::encode(salt), wrapped })
    }
}

/// A wrapping opens only in its own slot of its own home.
fn bound_to(slot: &str, device: Uuid) -> String {
    format!("refund desk home {FORMAT} {slot} {device}")
}

fn missing(dir: &Path) -> StoreError {
    if dir.join(crate::database::JOURNAL_FILE).exists() {
        StoreError::HomeFileMissing { dir: dir.to_owned() }
    } else {
        StoreError::HomeMissing { dir: dir.to_owned() }
    }
}

fn damaged(dir: &Path, why: &str) -> StoreError {
    StoreError::HomeDamaged { file: dir.join(HOME_FILE), why: why.to_owned() }
}

/// Opens a file that only its owner may read.
pub(crate) fn private_file(options: &mut OpenOptions, path: &PathBuf) -> Result<File, StoreError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map_err(StoreError::file(path))
}

/// Makes a rename or a new file last through a power cut.
fn sync_folder(dir: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    File::open(dir).and_then(|folder| folder.sync_all()).map_err(StoreError::file(dir))?;
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}
