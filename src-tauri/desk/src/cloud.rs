//! The way to the billing API: a client for a connection, and its failures as the desk's.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bss_openapi::{BssError, Client};
use chrono::{DateTime, Utc};
use desk_store::ConnectionRow;

use crate::ambient::Ambient;
use crate::error::DeskError;
use crate::home::Desk;

/// The desk's world as the client wants it.
pub(crate) struct Around(pub Arc<dyn Ambient>);

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

/// Errors: `imported_only`, for a customer of whom only files tell.
pub(crate) fn check_reachable(connection: &ConnectionRow) -> Result<(), DeskError> {
    if connection.is_imported_only() {
        return Err(DeskError::new(
            "imported_only",
            format!("customer `{}` has no connection: what is known of it came from files", connection.id),
            "import a newer file, act at the console, or connect the customer with `rdesk customer add`",
        )
        .at(format!("customer {}", connection.id)));
    }
    Ok(())
}

/// The client of one customer's account; all calls of the open home share it. The sandbox is nobody else's: it is not paced.
pub(crate) fn client(desk: &Desk, connection: &ConnectionRow) -> Result<Client, DeskError> {
    check_reachable(connection)?;
    let pace = desk.pace()?;
    desk.clients.of(connection, &desk.ambient, pace)
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
