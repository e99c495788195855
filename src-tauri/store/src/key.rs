//! The home's key: 32 random bytes, and what wraps it: a passphrase, a recovery code, another key.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rusqlite::types::{FromSqlResult, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::columns::Column;
use crate::error::StoreError;

/// Randomness passed in. Any `FnMut(&mut [u8])` will do; hosts give the system's.
pub trait Entropy {
    /// Fills the bytes with unpredictable ones.
    fn fill(&mut self, bytes: &mut [u8]);
}

impl<F: FnMut(&mut [u8])> Entropy for F {
    fn fill(&mut self, bytes: &mut [u8]) {
        self(bytes);
    }
}

/// Text that is wiped from memory and never printed.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself; keep it short-lived.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl Column for Secret {
    fn read(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str().map(Self::new)
    }
    fn write(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Borrowed(ValueRef::Text(self.0.as_bytes()))
    }
}

/// The key of both databases.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Key([u8; Key::LENGTH]);

impl Key {
    pub const LENGTH: usize = 32;

    pub fn random(entropy: &mut dyn Entropy) -> Self {
        let mut key = Self([0; Self::LENGTH]);
        entropy.fill(&mut key.0);
        key
    }

    pub fn from_hex(text: &str) -> Option<Self> {
        let mut key = Self([0; Self::LENGTH]);
        hex::decode_to_slice(text, &mut key.0).ok()?;
        Some(key)
    }

    pub fn hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0))
    }

    /// The key as SQLCipher takes it raw, without a derivation at every open.
    pub fn pragma(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("PRAGMA key = \"x'{}'\"", *self.hex()))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(hidden)")
    }
}

/// Cost of deriving a key from a passphrase; stored, so that it can be raised for new homes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Argon2Cost {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Argon2Cost {
    /// RFC 9106 section 4, the second recommended option: 64 MiB, three passes, four lanes.
    pub const RECOMMENDED: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };
    /// A damaged file must not ask for more memory than a desk can have.
    const MEMORY_KIB_MAX: u32 = 1024 * 1024;
    const PASSES_MAX: u32 = 100;

    fn params(self) -> Option<Params> {
        if self.memory_kib > Self::MEMORY_KIB_MAX || self.passes > Self::PASSES_MAX {
            return None;
        }
        Params::new(self.memory_kib, self.passes, self.lanes, Some(Key::LENGTH)).ok()
    }
}

pub(crate) const SALT_LENGTH: usize = 16;
const NONCE_LENGTH: usize = 24;

/// The key that a passphrase gives; `None` when the cost is not usable.
pub(crate) fn passphrase_key(passphrase: &Secret, salt: &[u8], cost: Argon2Cost) -> Option<Key> {
    let mut key = Key([0; Key::LENGTH]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params()?)
        .hash_password_into(passphrase.expose().as_bytes(), salt, &mut key.0)
        .ok()?;
    Some(key)
}

/// A key encrypted under another one (XChaCha20-Poly1305).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrappedKey {
    nonce: String,
    ciphertext: String,
}

impl WrappedKey {
    /// `bound_to` says what the wrapping is for; it cannot be opened for anything else.
    pub fn wrap(key: &Key, under: &Key, bound_to: &str, entropy: &mut dyn Entropy) -> Self {
        let mut nonce = [0; NONCE_LENGTH];
        entropy.fill(&mut nonce);
        let payload = Payload { msg: &key.0, aad: bound_to.as_bytes() };
        let ciphertext = XChaCha20Poly1305::new((&under.0).into())
            .encrypt(XNonce::from_slice(&nonce), payload)
            .expect("32 bytes are far below the cipher's limit");
        Self { nonce: hex::encode(nonce), ciphertext: hex::encode(ciphertext) }
    }

    /// `None`: wrapped under another key, or for something else.
    pub fn unwrap(&self, under: &Key, bound_to: &str) -> Option<Key> {
        let mut nonce = [0; NONCE_LENGTH];
        hex::decode_to_slice(&self.nonce, &mut nonce).ok()?;
        let ciphertext = hex::decode(&self.ciphertext).ok()?;
        let payload = Payload { msg: &ciphertext, aad: bound_to.as_bytes() };
        let plain = XChaCha20Poly1305::new((&under.0).into()).decrypt(XNonce::from_slice(&nonce), payload).ok()?;
        let plain = Zeroizing::new(plain);
        let mut key = Key([0; Key::LENGTH]);
        if plain.len() != Key::LENGTH {
            return None;
        }
        key.0.copy_from_slice(&plain);
        Some(key)
    }
}

/// Opens a real home without its passphrase. Shown once, to be printed: 128 random bits and a check of 32, in 32 letters.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct RecoveryCode([u8; RecoveryCode::ENTROPY_BYTES]);

impl RecoveryCode {
    const ENTROPY_BYTES: usize = 16;
    const CHECK_BYTES: usize = 4;
    const LETTERS: usize = (Self::ENTROPY_BYTES + Self::CHECK_BYTES) * 8 / 5;
    /// Crockford's base 32: no I, L, O, U.
    const ALPHABET: &'static [u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    pub(crate) fn random(entropy: &mut dyn Entropy) -> Self {
        let mut code = Self([0; Self::ENTROPY_BYTES]);
        entropy.fill(&mut code.0);
        code
    }

    /// The code as printed: eight groups of four letters.
    pub fn printed(&self) -> Zeroizing<String> {
        let bytes: Zeroizing<Vec<u8>> = Zeroizing::new([&self.0[..], &self.check()].concat());
        let mut text = Zeroizing::new(String::with_capacity(Self::LETTERS + 7));
        for letter in 0..Self::LETTERS {
            if letter > 0 && letter % 4 == 0 {
                text.push('-');
            }
            let mut five = 0;
            for bit in letter * 5..letter * 5 + 5 {
                five = five << 1 | (bytes[bit / 8] >> (7 - bit % 8) & 1);
            }
            text.push(char::from(Self::ALPHABET[usize::from(five)]));
        }
        text
    }

    /// Reads a typed code: case, blanks and hyphens do not matter, O is 0, I and L are 1.
    pub(crate) fn parse(typed: &str) -> Result<Self, StoreError> {
        let mut bytes = Zeroizing::new([0_u8; Self::ENTROPY_BYTES + Self::CHECK_BYTES]);
        let mut letters = 0;
        for letter in typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '-') {
            let five =
                Self::value(letter).filter(|_| letters < Self::LETTERS).ok_or(StoreError::RecoveryCodeMistyped)?;
            for bit in 0..5 {
                let place = letters * 5 + bit;
                bytes[place / 8] |= (five >> (4 - bit) & 1) << (7 - place % 8);
            }
            letters += 1;
        }
        let mut code = Self([0; Self::ENTROPY_BYTES]);
        code.0.copy_from_slice(&bytes[..Self::ENTROPY_BYTES]);
        if letters != Self::LETTERS || code.check() != bytes[Self::ENTROPY_BYTES..] {
            return Err(StoreError::RecoveryCodeMistyped);
        }
        Ok(code)
    }

    fn value(letter: char) -> Option<u8> {
        let letter = match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        };
        let place = Self::ALPHABET.iter().position(|known| char::from(*known) == letter)?;
        u8::try_from(place).ok()
    }

    fn check(&self) -> [u8; Self::CHECK_BYTES] {
        let digest = Sha256::new().chain_update(b"refund desk recovery code check").chain_update(self.0).finalize();
        [digest[0], digest[1], digest[2], digest[3]]
    }

    /// The code has 128 random bits of its own, so one hash is enough of a derivation.
    pub(crate) fn key(&self) -> Key {
        let mut digest = Sha256::new().chain_update(b"refund desk recovery code key").chain_update(self.0).finalize();
        let mut key = Key([0; Key::LENGTH]);
        key.0.copy_from_slice(&digest);
        digest.zeroize();
        key
    }
}

impl std::fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCode(hidden)")
    }
}
