//! Customers of whom only files tell: no key, no way to their account.

use desk_store::{ConnectionRow, Secret};
use refund_rules::case::Site;
use serde_json::json;

use crate::connection::Way;
use crate::error::DeskError;
use crate::home::{Desk, check_identity};
use crate::projection::Note;

/// A customer without a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedCustomer {
    pub uid: String,
    pub name: String,
    pub site: Site,
    /// Settlement currency.
    pub currency: String,
    /// The customer buys through a partner.
    pub partner: bool,
}

impl Desk {
    /// Adds a customer whose orders come from files, or brings its name up to date. Connecting it later keeps what was imported until
    /// the API's own rows take its place. Errors: `bad_account`, `already_connected`, `account_differs`.
    pub fn add_imported(&self, customer: &ImportedCustomer) -> Result<String, DeskError> {
        check_identity(&customer.uid, &customer.name, customer.site, &customer.currency)?;
        let old = self.store.read(|r| r.connections().get(&customer.uid))?.filter(|row| row.removed_at.is_none());
        if old.as_ref().is_some_and(|row| !row.is_imported_only()) {
            return Err(DeskError::new(
                "already_connected",
                format!("customer `{}` is connected", customer.uid),
                "import the file for it; nothing needs to be added",
            )
            .at("uid"));
        }
        let row = ConnectionRow {
            id: customer.uid.clone(),
            uid: customer.uid.clone(),
            name: customer.name.trim().to_owned(),
            site: customer.site.word().to_owned(),
            currency: customer.currency.clone(),
            partner: customer.partner,
            endpoint: String::new(),
            key_id: String::new(),
            key_secret: Secret::new(String::new()),
            sandbox: self.is_sandbox(),
            added_at: old.as_ref().map_or(self.now(), |row| row.added_at),
            removed_at: None,
            way: Way::Key.word().to_owned(),
            role_arn: None,
            external_id: None,
        };
        if let Some(old) = &old {
            crate::home::check_same(old, customer.site, &customer.currency, customer.partner)?;
        }
        let is_new = old.is_none();
        let id = row.id.clone();
        let body =
            json!({"uid": id, "site": row.site, "currency": row.currency, "partner": row.partner, "imported": true});
        self.write(move |tx, scribe| {
            if is_new {
                scribe.enter(tx, Note { kind: "customer_added", customer: Some(&row.id), subject: None, body })?;
            }
            Ok(tx.connections().put(&row)?)
        })?;
        Ok(id)
    }
}
