//! The way to the billing API: a client for a connection, and its failures as the desk's.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bss_openapi::wire::QueryAvailableInstancesRequest;
use bss_openapi::{Account, BssError, Client, Pace};
use chrono::{DateTime, Utc};
use desk_store::ConnectionRow;

use crate::ambient::Ambient;
use crate::error::DeskError;
use crate::home::Desk;

/// The desk's world as the client wants it.
struct Around(Arc<dyn Ambient>);

impl bss_openapi::Ambient for Around {
    fn now(&self) -> DateTime<Utc> {
        self.0.wall()
    }

    fn nonce(&self) -> String {
        let mut bytes = [0; 16];
        self.0.random(&mut bytes);
        uuid::Uuid::from_bytes(bytes).simple().to_string()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.0.sleep(duration)
    }
}

/// A client of one customer's account. The sandbox is nobody else's: it is not paced.
pub(crate) fn client(desk: &Desk, connection: &ConnectionRow) -> Result<Client, DeskError> {
    let account = Account {
        endpoint: connection.endpoint.clone(),
        key_id: connection.key_id.clone(),
        key_secret: connection.key_secret.expose().to_owned(),
        security_token: None,
    };
    let pace = if desk.is_sandbox() { Pace::Unlimited } else { Pace::default() };
    Client::with_pace(account, Arc::new(Around(Arc::clone(&desk.ambient))), pace).map_err(failed)
}

/// A failed call as the desk tells it: the API's own code where it has one.
pub(crate) fn failed(error: BssError) -> DeskError {
    let place = match error.request_id() {
        Some(request) => format!("{} (request {request})", error.operation()),
        None => error.operation().to_owned(),
    };
    let message = match error.service_code() {
        Some(code) => format!("{code}: {}", error.message()),
        None => error.message().to_owned(),
    };
    DeskError::new(error.code(), message, error.next()).at(place)
}

/// What reading calls tell of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Owner of its first instance; `None` when it has none.
    pub uid: Option<String>,
    /// Settlement currency.
    pub currency: String,
}

/// Tests a connection with reading calls only; nothing is kept.
pub async fn examine(
    ambient: Arc<dyn Ambient>,
    endpoint: &str,
    key_id: &str,
    key_secret: &str,
) -> Result<Examined, DeskError> {
    let account = Account {
        endpoint: endpoint.to_owned(),
        key_id: key_id.to_owned(),
        key_secret: key_secret.to_owned(),
        security_token: None,
    };
    let client = Client::new(account, Arc::new(Around(ambient))).map_err(failed)?;
    let balance = client.query_account_balance().await.map_err(failed)?.data;
    let request = QueryAvailableInstancesRequest { page_size: 1, ..Default::default() };
    let instances = client.query_available_instances(&request).await.map_err(failed)?;
    let currency = balance.currency.ok_or_else(|| {
        DeskError::new(
            "incomplete_reply",
            "the cloud named no currency for this account",
            "try again; if it stays, ask the cloud's support",
        )
        .at("QueryAccountBalance")
    })?;
    Ok(Examined { uid: instances.rows.first().and_then(|row| row.owner_id).map(|id| id.to_string()), currency })
}

/// True for an address on this machine: a sandbox's, never a real customer's.
pub fn is_loopback(endpoint: &str) -> bool {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or(rest);
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name == "localhost" || name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for (endpoint, expected) in [
            ("http://127.0.0.1:4711", true),
            ("http://localhost:80/", true),
            ("http://[::1]:9", true),
            ("https://business.aliyuncs.com", false),
            ("http://127.0.0.1.example.com", false),
            ("http://10.0.0.1:80", false),
        ] {
            assert_eq!(is_loopback(endpoint), expected, "{endpoint}");
        }
    }
}
