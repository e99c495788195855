//! The connections as a list to look after: whose key, which way, what the last calls told. Secrets stay where they are.

use refund_rules::case::Site;
use serde::Serialize;

use super::health::ConnectionHealth;
use crate::error::DeskError;
use crate::facts::site_of;
use crate::home::Desk;

/// One customer's connection.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct ConnectionRowView {
    pub customer: String,
    pub name: String,
    pub site: Site,
    pub currency: String,
    /// The customer buys through a partner.
    pub partner: bool,
    /// Only files tell of it: there is no key.
    pub imported: bool,
    /// `key`, `role` or `partner`; empty when there is no key.
    pub way: String,
    pub endpoint: String,
    pub key_id: String,
    pub role_arn: Option<String>,
    /// Unsubscriptions may go out by the API.
    pub api: bool,
    pub health: ConnectionHealth,
}

impl Desk {
    /// All customers' connections, by name.
    pub fn connections(&self) -> Result<Vec<ConnectionRowView>, DeskError> {
        let rows = self.store.read(|r| r.connections().list())?;
        rows.into_iter()
            .map(|row| {
                Ok(ConnectionRowView {
                    site: site_of(&row)?,
                    api: self.api_is_on(&row.id)?,
                    health: self.connection_health(&row.id)?,
                    imported: row.is_imported_only(),
                    way: if row.is_imported_only() { String::new() } else { row.way },
                    customer: row.id,
                    name: row.name,
                    currency: row.currency,
                    partner: row.partner,
                    endpoint: row.endpoint,
                    key_id: row.key_id,
                    role_arn: row.role_arn,
                })
            })
            .collect()
    }
}
