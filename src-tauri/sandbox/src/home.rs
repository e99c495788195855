//! The sandbox of a desk's sandbox home: its state file lies in the home, so it goes on where it stopped.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::act_log::head_of;
use crate::config::{Config, SandboxError, WallClock};
use crate::server::{Sandbox, start};

/// Name of the state file in a home.
pub const STATE_FILE: &str = "sandbox.jsonl";

/// Where a fresh sandbox home's clock stands: one world for every first start, so that what is documented can be seen. A
/// Thursday morning in Beijing, 2026-06-25 10:00.
pub const FIRST_CLOCK: DateTime<Utc> = DateTime::from_timestamp(1_782_352_800, 0).expect("a constant instant");

const KEY_ID: &str = "sandbox";
const KEY_SECRET: &str = "sandbox-secret";

/// Longest wait for a sandbox's answer about its clock.
const CLOCK_TIME: Duration = Duration::from_secs(3);

/// Starts the sandbox of the home in `dir`, making its customers from `seed` at the first start. A home that has a state file
/// already keeps the number of customers and orders that it was begun with.
pub async fn open_in(dir: &Path, seed: u64, wall: Arc<dyn WallClock>, port: u16) -> Result<Sandbox, SandboxError> {
    let state = dir.join(STATE_FILE);
    let clock = (!state.exists()).then_some(FIRST_CLOCK);
    let fresh = Config::new(seed, FIRST_CLOCK, KEY_ID, KEY_SECRET);
    let (customers, orders) =
        head_of(&state).map_or((fresh.customers, fresh.orders), |head| (head.customers, head.orders));
    let config = Config { state: Some(state), clock, customers, orders, ..fresh };
    start(config, wall, port).await
}

/// Asks a running sandbox at `http://127.0.0.1:PORT` for its business clock. `None` when nothing there answers as one.
pub fn clock_at(address: &str) -> Option<DateTime<Utc>> {
    let host = address.strip_prefix("http://")?.trim_end_matches('/');
    let socket = host.parse().ok()?;
    let mut stream = TcpStream::connect_timeout(&socket, CLOCK_TIME).ok()?;
    stream.set_read_timeout(Some(CLOCK_TIME)).ok()?;
    let request =
        format!("GET /_sandbox/clock HTTP/1.1\r\nhost: {host}\r\nx-sandbox-control: 1\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer).ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    let document: serde_json::Value = serde_json::from_str(body).ok()?;
    // The clock's answer names it `now`.
    document.get("now")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Wall;

    impl WallClock for Wall {
        fn now(&self) -> DateTime<Utc> {
            FIRST_CLOCK
        }
    }

    #[tokio::test]
    async fn a_home_keeps_the_size_that_it_was_begun_with() {
        let dir = tempfile::tempdir().expect("a folder");
        let state = Some(dir.path().join(STATE_FILE));
        let larger = Config { state, customers: 1, orders: Some(300), ..Config::new(7, FIRST_CLOCK, "k", "s") };
        start(larger, Arc::new(Wall), 0).await.expect("a larger sandbox").stop().await;
        let opened = open_in(dir.path(), 7, Arc::new(Wall), 0).await.expect("the home's sandbox");
        let ledger = opened.control().ledger();
        opened.stop().await;
        assert_eq!(ledger.accounts.len(), 1);
        let small =
            open_in(tempfile::tempdir().expect("a folder").path(), 7, Arc::new(Wall), 0).await.expect("a sandbox");
        let usual = small.control().ledger();
        assert!(ledger.accounts[0].resources.len() > usual.accounts[0].resources.len());
    }

    #[test]
    fn the_first_clock_is_what_its_words_say() {
        assert_eq!(FIRST_CLOCK.to_rfc3339(), "2026-06-25T02:00:00+00:00");
    }
}
