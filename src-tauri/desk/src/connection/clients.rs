//! One client a customer, kept while its connection stays as it is: many calls share its connection, its pace and its key. A
//! role's key is asked for with the manager's one key, whose client is shared by all customers of that key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bss_openapi::{Account, BssError, Client, Pace, Role};
use desk_store::ConnectionRow;

use super::{Way, assume};
use crate::ambient::Ambient;
use crate::cloud::{Around, failed};
use crate::error::DeskError;

/// The clients of an open home.
#[derive(Default)]
pub(crate) struct Clients(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// By customer; with the connection that each was made from.
    customers: HashMap<String, (ConnectionRow, Client)>,
    /// With the accounts whose keys assume roles.
    managers: Vec<(Account, Client)>,
}

impl Clients {
    /// The customer's client; a new one when the connection changed.
    pub fn of(&self, row: &ConnectionRow, ambient: &Arc<dyn Ambient>, pace: Pace) -> Result<Client, DeskError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made_from, client)) = kept.customers.get(&row.id)
            && made_from == row
        {
            return Ok(client.clone());
        }
        let account = Account {
            endpoint: row.endpoint.clone(),
            key_id: row.key_id.clone(),
            key_secret: row.key_secret.expose().to_owned(),
            security_token: None,
        };
        let way = Way::of(row)?;
        let client = match &way {
            Way::Role { .. } => {
                let manager = kept.manager(account, ambient, pace).map_err(failed)?;
                by_role(manager, &way, &row.endpoint, ambient, pace)
            }
            _ => Client::with_pace(account, around(ambient), pace),
        };
        let client = client.map_err(failed)?;
        kept.customers.insert(row.id.clone(), (row.clone(), client.clone()));
        Ok(client)
    }

    /// The client that the customer's calls went through, if any was made yet.
    pub fn made(&self, customer: &str) -> Option<Client> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.customers.get(customer).map(|(_, client)| client.clone())
    }
}

impl Kept {
    fn manager(&mut self, account: Account, ambient: &Arc<dyn Ambient>, pace: Pace) -> Result<Client, BssError> {
        if let Some((_, client)) = self.managers.iter().find(|(kept, _)| *kept == account) {
            return Ok(client.clone());
        }
        let client = Client::with_pace(account.clone(), around(ambient), pace)?;
        self.managers.push((account, client.clone()));
        Ok(client)
    }
}

/// A client that acts by the role of `way`.
pub(super) fn by_role(
    manager: Client,
    way: &Way,
    endpoint: &str,
    ambient: &Arc<dyn Ambient>,
    pace: Pace,
) -> Result<Client, BssError> {
    let Way::Role { arn, external_id } = way else { return Ok(manager) };
    let role = Role { assumed_by: manager, request: assume(arn, external_id.as_deref()) };
    Client::by_role(role, endpoint, around(ambient), pace)
}

pub(super) fn around(ambient: &Arc<dyn Ambient>) -> Arc<dyn bss_openapi::Ambient> {
    Arc::new(Around(Arc::clone(ambient)))
}
