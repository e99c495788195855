//! The system's keyring: Keychain on macOS, Credential Manager on Windows, the Secret Service of the session elsewhere.

use desk_store::{KeyStore, KeyStoreError, Secret};
use keyring::{Entry, Error};

/// Under this name the entries stand in the keyring; the user name is the home's device id.
const SERVICE: &str = "refund-desk";

/// What every host but a test passes in.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemKeyring;

impl KeyStore for SystemKeyring {
    fn put(&self, device: &str, secret: &Secret) -> Result<(), KeyStoreError> {
        aside(|| Entry::new(SERVICE, device)?.set_password(secret.expose())).map_err(told)
    }

    fn get(&self, device: &str) -> Result<Option<Secret>, KeyStoreError> {
        match aside(|| Entry::new(SERVICE, device)?.get_password()) {
            Ok(text) => Ok(Some(Secret::from(text))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(told(error)),
        }
    }

    fn remove(&self, device: &str) -> Result<(), KeyStoreError> {
        match aside(|| Entry::new(SERVICE, device)?.delete_credential()) {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(told(error)),
        }
    }
}

/// On a thread of its own: the session bus is spoken to with blocking calls, which must not run inside a host's runtime.
fn aside<T: Send>(work: impl FnOnce() -> keyring::Result<T> + Send) -> keyring::Result<T> {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap_or(Err(Error::NoDefaultStore)))
}

/// Sorted by what a person can do about it. Only texts are taken over: some of these errors carry what was read.
fn told(error: Error) -> KeyStoreError {
    match error {
        Error::NoStorageAccess(why) => KeyStoreError::Locked(why.to_string()),
        Error::NoDefaultStore => KeyStoreError::Unavailable(match Entry::store_status() {
            Ok(()) => "it did not answer".to_owned(),
            Err(why) => why.to_string(),
        }),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            KeyStoreError::Unavailable("its entry cannot be read".to_owned())
        }
        other => KeyStoreError::Unavailable(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Errors that carry what was read, or why the keyring is closed; each ends where a person can do something about it.
    #[test]
    fn errors_are_sorted_and_carry_no_secret() {
        let why = |text: &str| -> Box<dyn std::error::Error + Send + Sync> { text.to_owned().into() };
        let unavailable = |text: &str| KeyStoreError::Unavailable(text.to_owned());
        let cases = [
            (Error::NoStorageAccess(why("locked")), KeyStoreError::Locked("locked".to_owned())),
            (Error::BadEncoding(b"the secret".to_vec()), unavailable("its entry cannot be read")),
            (Error::BadDataFormat(b"the secret".to_vec(), why("the secret")), unavailable("its entry cannot be read")),
            (Error::PlatformFailure(why("no bus")), unavailable("Platform failure: no bus")),
        ];
        for (error, expected) in cases {
            assert_eq!(told(error), expected);
        }
    }
}
