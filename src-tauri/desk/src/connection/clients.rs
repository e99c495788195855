//! One client a customer, kept while its connection stays as it is: many calls share its connection, its pace and its key. A
//! role's key is asked for with the manager's one key, whose client is shared by all customers of that key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bss_openapi::{Account, BssError, Client, Pace, Role};
use desk_store::{ConnectionRow, Secret};

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
    /// Of the keys that assume roles.
    managers: Vec<(ManagerKey, Client)>,
}

/// A key that assumes roles: address, id and secret.
type ManagerKey = (String, String, Secret);

impl Clients {
    /// The customer's client; a new one when the connection changed.
    pub fn of(&self, row: &ConnectionRow, ambient: &Arc<dyn Ambient>, pace: Pace) -> Result<Client, DeskError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made_from, client)) = kept.customers.get(&row.id)
            && made_from == row
        {
            return Ok(client.clone());
        }
        let way = Way::of(row)?;
        let client = match &way {
            Way::Role { .. } => {
                let manager = kept.manager(row, ambient, pace).map_err(failed)?;
                by_role(manager, &way, &row.endpoint, ambient, pace)
            }
            _ => Client::with_pace(account(row), around(ambient), pace),
        };
        let client = client.map_err(failed)?;
        kept.customers.insert(row.id.clone(), (row.clone(), client.clone()));
        Ok(client)
    }

    /// Drops the client of a customer that was removed, and keys that no other customer's role is assumed with.
    pub fn forget(&self, customer: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.customers.remove(customer);
        let Kept { customers, managers } = &mut *kept;
        managers.retain(|(key, _)| customers.values().any(|(row, _)| row.way == "role" && manager_key(row) == *key));
    }

    /// Drops all: the next calls make them anew.
    pub fn forget_all(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Kept::default();
    }

    /// The client that the customer's calls went through, if any was made yet.
    pub fn made(&self, customer: &str) -> Option<Client> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.customers.get(customer).map(|(_, client)| client.clone())
    }
}

impl Kept {
    fn manager(&mut self, row: &ConnectionRow, ambient: &Arc<dyn Ambient>, pace: Pace) -> Result<Client, BssError> {
        let key = manager_key(row);
        if let Some((_, client)) = self.managers.iter().find(|(kept, _)| *kept == key) {
            return Ok(client.clone());
        }
        let client = Client::with_pace(account(row), around(ambient), pace)?;
        self.managers.push((key, client.clone()));
        Ok(client)
    }
}

fn manager_key(row: &ConnectionRow) -> ManagerKey {
    (row.endpoint.clone(), row.key_id.clone(), row.key_secret.clone())
}

/// The account of the connection's own key.
fn account(row: &ConnectionRow) -> Account {
    Account {
        endpoint: row.endpoint.clone(),
        key_id: row.key_id.clone(),
        key_secret: row.key_secret.expose().into(),
        security_token: None,
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

#[cfg(test)]
mod tests {
    use super::*;

    struct World;

    impl Ambient for World {
        fn wall(&self) -> chrono::DateTime<chrono::Utc> {
            chrono::DateTime::UNIX_EPOCH
        }
        fn random(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    fn row(id: &str, way: &str, secret: &str) -> ConnectionRow {
        ConnectionRow {
            id: id.to_owned(),
            uid: id.to_owned(),
            name: String::new(),
            site: "china".to_owned(),
            currency: "CNY".to_owned(),
            partner: false,
            endpoint: "http://127.0.0.1:1".to_owned(),
            key_id: "k".to_owned(),
            key_secret: Secret::new(secret),
            sandbox: true,
            added_at: chrono::DateTime::UNIX_EPOCH,
            removed_at: None,
            way: way.to_owned(),
            role_arn: (way == "role").then(|| format!("acs:ram::{id}:role/r")),
            external_id: None,
        }
    }

    #[test]
    fn clients_last_as_long_as_their_connection() {
        let (clients, ambient): (_, Arc<dyn Ambient>) = (Clients::default(), Arc::new(World));
        let of = |row: &ConnectionRow| clients.of(row, &ambient, Pace::Unlimited).map(drop);
        let counts = || {
            let kept = clients.0.lock().unwrap();
            (kept.customers.len(), kept.managers.len())
        };
        assert!(clients.made("1").is_none());
        for row in [row("1", "key", "s"), row("2", "role", "s"), row("3", "role", "s"), row("3", "role", "s")] {
            of(&row).unwrap();
        }
        assert_eq!(counts(), (3, 1), "two roles, one manager's key");
        // Another secret is another manager's key; the old one serves customer 2 still.
        of(&row("3", "role", "t")).unwrap();
        assert_eq!(counts(), (3, 2));
        clients.forget("2");
        assert_eq!(counts(), (2, 1));
        assert!(clients.made("2").is_none() && clients.made("3").is_some());
        clients.forget("3");
        assert_eq!(counts(), (1, 0));
        // A row that does not say whose key it has opens nothing.
        let damaged = ConnectionRow { role_arn: None, ..row("4", "role", "s") };
        assert_eq!(of(&damaged).unwrap_err().code(), "connection_damaged");
    }
}
