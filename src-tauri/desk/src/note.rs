//! The manager's own words about a customer. They may name persons, so they stand in the home's settings and not in the journal, and
//! go with the customer.

use crate::error::DeskError;
use crate::home::Desk;

/// Setting: `note:CUSTOMER`.
const NOTE: &str = "note:";

/// More than anybody reads in a margin.
const NOTE_MAX: usize = 4_000;

impl Desk {
    /// Keeps a note on a customer in place of the one before, which is answered: it can be put back. Empty takes it away.
    /// Error: `note_too_long`.
    pub fn set_note(&self, customer: &str, text: &str) -> Result<Option<String>, DeskError> {
        self.connection(customer)?;
        let text = text.trim().to_owned();
        if text.chars().count() > NOTE_MAX {
            let why = format!("a note has at most {NOTE_MAX} characters");
            return Err(DeskError::new("note_too_long", why, "shorten it, or keep it in a file of your own").at("note"));
        }
        let before = self.note(customer)?;
        let key = key(customer);
        self.write(move |tx, _| match text.as_str() {
            "" => Ok(tx.settings().delete(&key)?),
            text => Ok(tx.settings().set(&key, text)?),
        })?;
        Ok(before)
    }

    /// The note on a customer.
    pub(crate) fn note(&self, customer: &str) -> Result<Option<String>, DeskError> {
        Ok(self.store.read(|r| r.settings().get(&key(customer)))?)
    }
}

/// The setting that a customer's note stands in.
pub(crate) fn key(customer: &str) -> String {
    format!("{NOTE}{customer}")
}
