//! What the manager has entered for a customer, to look through: each answer with when, where from and the journal entry it stands
//! in. Discount tables have a list of their own.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::DeskError;
use crate::home::Desk;

/// Facts of these scopes are shown as tables.
const TABLES: &str = "discounts:";

/// One answer that holds now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct EnteredAnswer {
    /// `customer`, `resource` or `order`.
    pub about: String,
    /// Id of the resource or order; empty for the customer.
    pub subject: String,
    /// The field, e.g. `security_risk`.
    pub path: String,
    /// As it is read: `true`, `auto`, `3`, an instant.
    pub value: String,
    pub source: String,
    pub entered_at: DateTime<Utc>,
    /// Number of its journal entry.
    pub entry: u32,
}

impl Desk {
    /// Answers that hold for a customer, its resources and its orders; the newest first.
    pub fn entered(&self, customer: &str) -> Result<Vec<EnteredAnswer>, DeskError> {
        self.connection(customer)?;
        let mut facts = self.store.read(|r| r.facts().of_customer(customer))?;
        facts.retain(|fact| !fact.scope.starts_with(TABLES));
        facts.sort_by_key(|fact| std::cmp::Reverse(fact.entry_seq));
        facts
            .into_iter()
            .map(|fact| {
                let (about, subject) = fact.scope.split_once(':').unwrap_or((&fact.scope, ""));
                let value: serde_json::Value = fact.value.read()?;
                Ok(EnteredAnswer {
                    about: about.to_owned(),
                    subject: subject.to_owned(),
                    path: fact.path,
                    value: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
                    source: fact.source,
                    entered_at: fact.entered_at,
                    entry: u32::try_from(fact.entry_seq).unwrap_or(u32::MAX),
                })
            })
            .collect()
    }
}
