//! The ways in which a home keeps its key. A sandbox home's stands in clear; a real one's is wrapped by a passphrase, by the system
//! keyring or by both, and always by a recovery code.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::StoreError;
use crate::key::{Argon2Cost, Entropy, Key, RecoveryCode, SALT_LENGTH, Secret, WrappedKey, passphrase_key};
use crate::keyring::KeyStore;

/// NIST SP 800-63B section 5.1.1: memorised secrets have at least eight characters.
const PASSPHRASE_CHARACTERS_MIN: usize = 8;

/// How to come by the home's key.
#[derive(Debug, Clone)]
pub enum Unlock {
    /// A sandbox home asks nothing.
    Nothing,
    Passphrase(Secret),
    /// By the entry that this keyring has for the home.
    Keyring(Arc<dyn KeyStore>),
    /// As printed; blanks, hyphens and case do not matter.
    RecoveryCode(Secret),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum KeptKey {
    /// In clear, lower hex: a sandbox home holds nothing real.
    Clear(String),
    Wrapped(Slots),
}

/// One slot a way in.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Slots {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    passphrase: Option<PassphraseSlot>,
    /// Wrapped under a random key that the system keyring keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keyring: Option<WrappedKey>,
    recovery: WrappedKey,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PassphraseSlot {
    algorithm: Algorithm,
    cost: Argon2Cost,
    salt: String,
    wrapped: WrappedKey,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Algorithm {
    Argon2id,
}

/// Why a slot gave no key: the store's own error, or words about what the file holds.
pub(crate) enum Refused {
    Store(StoreError),
    /// The slot itself cannot be used.
    Damaged(&'static str),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Slots {
    /// Only the recovery slot, with a new code.
    pub fn new(key: &Key, device: Uuid, entropy: &mut dyn Entropy) -> (Self, RecoveryCode) {
        let code = RecoveryCode::random(entropy);
        let recovery = WrappedKey::wrap(key, &code.key(), &bound_to("recovery", device), entropy);
        (Self { passphrase: None, keyring: None, recovery }, code)
    }

    /// The same home's, by its recovery code alone.
    pub fn recovery_only(&self) -> Self {
        Self { passphrase: None, keyring: None, recovery: self.recovery.clone() }
    }

    pub fn has_passphrase(&self) -> bool {
        self.passphrase.is_some()
    }

    pub fn has_keyring(&self) -> bool {
        self.keyring.is_some()
    }

    /// The key, by whatever the manager gave.
    pub fn unlock(&self, unlock: &Unlock, device: Uuid) -> Result<Key, Refused> {
        match unlock {
            Unlock::Nothing if self.has_passphrase() => Err(StoreError::PassphraseNeeded.into()),
            Unlock::Nothing if self.has_keyring() => Err(StoreError::KeyringNeeded.into()),
            Unlock::Nothing => Err(StoreError::RecoveryCodeNeeded.into()),
            Unlock::Passphrase(given) => self.by_passphrase(given, device),
            Unlock::Keyring(keyring) => Ok(self.by_keyring(keyring.as_ref(), device)?),
            Unlock::RecoveryCode(typed) => {
                let under = RecoveryCode::parse(typed.expose())?.key();
                let key = self.recovery.unwrap(&under, &bound_to("recovery", device));
                key.ok_or_else(|| StoreError::WrongRecoveryCode.into())
            }
        }
    }

    fn by_passphrase(&self, given: &Secret, device: Uuid) -> Result<Key, Refused> {
        let slot = self.passphrase.as_ref().ok_or(StoreError::NoPassphrase)?;
        let salt = hex::decode(&slot.salt).map_err(|_| Refused::Damaged("the salt is not hexadecimal"))?;
        let under = passphrase_key(given, &salt, slot.cost)
            .ok_or(Refused::Damaged("the cost of the key derivation is out of range"))?;
        let key = slot.wrapped.unwrap(&under, &bound_to("passphrase", device));
        key.ok_or_else(|| StoreError::WrongPassphrase.into())
    }

    fn by_keyring(&self, keyring: &dyn KeyStore, device: Uuid) -> Result<Key, StoreError> {
        let slot = self.keyring.as_ref().ok_or(StoreError::NotInKeyring)?;
        let named = device.to_string();
        let entry = keyring.get(&named)?.ok_or_else(|| StoreError::KeyringEntryMissing { device: named.clone() })?;
        let under = Key::from_hex(entry.expose());
        under
            .and_then(|under| slot.unwrap(&under, &bound_to("keyring", device)))
            .ok_or(StoreError::KeyringEntryWrong { device: named })
    }

    /// Sets or replaces the passphrase.
    pub fn set_passphrase(
        &mut self,
        key: &Key,
        new: &Secret,
        cost: Argon2Cost,
        device: Uuid,
        entropy: &mut dyn Entropy,
    ) -> Result<(), StoreError> {
        self.passphrase = Some(PassphraseSlot::new(key, new, cost, device, entropy)?);
        Ok(())
    }

    /// Makes the keyring a way in. An entry that opens the home already stays; a lost one is made anew.
    pub fn add_keyring(
        &mut self,
        key: &Key,
        keyring: &dyn KeyStore,
        device: Uuid,
        entropy: &mut dyn Entropy,
    ) -> Result<(), StoreError> {
        match self.by_keyring(keyring, device) {
            Ok(_) => return Ok(()),
            Err(
                StoreError::NotInKeyring
                | StoreError::KeyringEntryMissing { .. }
                | StoreError::KeyringEntryWrong { .. },
            ) => {}
            Err(error) => return Err(error),
        }
        let under = Key::random(entropy);
        let (named, secret) = (device.to_string(), Secret::new(under.hex().as_str()));
        keyring.put(&named, &secret)?;
        // Some keyrings take an entry and lose it: the home must not depend on one that does.
        if keyring.get(&named)?.as_ref() != Some(&secret) {
            return Err(StoreError::KeyringUnavailable {
                why: "it does not give back what was put into it".to_owned(),
            });
        }
        self.keyring = Some(WrappedKey::wrap(key, &under, &bound_to("keyring", device), entropy));
        Ok(())
    }

    /// Takes the passphrase away; the keyring, which must open the home, remains.
    pub fn remove_passphrase(&mut self) -> Result<(), StoreError> {
        if !self.has_keyring() {
            return Err(StoreError::LastWayIn { way: "passphrase" });
        }
        self.passphrase = None;
        Ok(())
    }

    /// Takes the keyring's slot away; the passphrase remains.
    pub fn remove_keyring(&mut self) -> Result<(), StoreError> {
        if !self.has_passphrase() {
            return Err(StoreError::LastWayIn { way: "keyring" });
        }
        self.keyring = None;
        Ok(())
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

/// A wrapping opens only in its own slot of its own home. The 1 is the first of these wordings, not the format of the file.
fn bound_to(slot: &str, device: Uuid) -> String {
    format!("refund desk home 1 {slot} {device}")
}
