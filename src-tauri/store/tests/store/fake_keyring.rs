//! A keyring in memory, with the faults that real ones have.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use desk_store::{KeyStore, KeyStoreError, Secret, Unlock};

/// How it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Works,
    Locked,
    /// There is none in this session.
    Gone,
    /// Takes entries and does not keep them.
    Forgets,
}

#[derive(Debug)]
pub struct FakeKeyring {
    mood: Mutex<Mood>,
    entries: Mutex<HashMap<String, Secret>>,
}

impl FakeKeyring {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { mood: Mutex::new(Mood::Works), entries: Mutex::default() })
    }

    pub fn unlock(self: Arc<Self>) -> Unlock {
        Unlock::Keyring(self)
    }

    pub fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// What it holds, by device.
    pub fn entries(&self) -> HashMap<String, Secret> {
        self.entries.lock().unwrap().clone()
    }

    pub fn replace(&self, device: &str, text: &str) {
        self.entries.lock().unwrap().insert(device.to_owned(), Secret::new(text));
    }

    fn answering(&self) -> Result<Mood, KeyStoreError> {
        match *self.mood.lock().unwrap() {
            Mood::Locked => Err(KeyStoreError::Locked("the prompt was dismissed".to_owned())),
            Mood::Gone => Err(KeyStoreError::Unavailable("no session bus".to_owned())),
            mood => Ok(mood),
        }
    }
}

impl KeyStore for FakeKeyring {
    fn put(&self, device: &str, secret: &Secret) -> Result<(), KeyStoreError> {
        if self.answering()? != Mood::Forgets {
            self.replace(device, secret.expose());
        }
        Ok(())
    }

    fn get(&self, device: &str) -> Result<Option<Secret>, KeyStoreError> {
        self.answering()?;
        Ok(self.entries().get(device).cloned())
    }

    fn remove(&self, device: &str) -> Result<(), KeyStoreError> {
        self.answering()?;
        self.entries.lock().unwrap().remove(device);
        Ok(())
    }
}
