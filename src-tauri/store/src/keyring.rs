//! Where the key that wraps a home's key can be kept outside of the home. The store knows only this trait: hosts pass the system's
//! keyring in, tests a stand-in.

use crate::key::Secret;

/// A keyring: one secret a home, named by the home's device id.
pub trait KeyStore: std::fmt::Debug + Send + Sync {
    /// Keeps the secret of this home, in the place of an older one.
    fn put(&self, device: &str, secret: &Secret) -> Result<(), KeyStoreError>;
    /// The secret of this home; `None` when the keyring can be read and has none.
    fn get(&self, device: &str) -> Result<Option<Secret>, KeyStoreError>;
    /// Forgets the secret of this home; no error when there is none.
    fn remove(&self, device: &str) -> Result<(), KeyStoreError>;
}

/// Why a keyring did not answer. The texts are the keyring's own and never hold a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyStoreError {
    /// It is there, and its owner has not unlocked it.
    #[error("{0}")]
    Locked(String),
    /// There is none in this session, or it does not work.
    #[error("{0}")]
    Unavailable(String),
}
