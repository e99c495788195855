//! What the window holds: the desk of one home and, in a sandbox home, the sandbox that it talks to.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bss_sandbox::Sandbox;
use chrono::{DateTime, TimeDelta, Utc};
use desk::views::{Ask, DeskStatus, Money, Problem, RequestState, RequestView};
use desk::{Account, Ambient, CancellationToken, Desk, DeskError};
use refund_rules::case::Action;
use rust_decimal::Decimal;

/// Seed of the sandbox that a first start makes.
const FIRST_SEED: u64 = 7;

/// The open home.
pub struct Host {
    pub desk: Arc<Desk>,
    pub sandbox: Option<Sandbox>,
    pub syncing: Syncing,
}

/// What stops the syncs under way, whoever began them.
#[derive(Default)]
pub struct Syncing(Mutex<CancellationToken>);

impl Syncing {
    /// The token of a sync that begins now.
    pub fn begin(&self) -> CancellationToken {
        self.token().child_token()
    }

    /// Stops all that have begun; later ones run.
    pub fn stop(&self) {
        std::mem::take(&mut *self.token()).cancel();
    }

    fn token(&self) -> MutexGuard<'_, CancellationToken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Host {
    /// Opens the sandbox home in `dir`, making and filling it at the first start.
    pub async fn open_sandbox(dir: &Path) -> Result<Self, DeskError> {
        let ambient: Arc<dyn Ambient> = Arc::new(desk::System);
        let desk = Arc::new(Desk::open_sandbox(dir, ambient)?);
        let sandbox = bss_sandbox::open_in(dir, FIRST_SEED, Arc::new(Wall), 0).await.map_err(|error| {
            DeskError::new(error.code(), error.to_string(), "correct it and start again").at("sandbox")
        })?;
        for account in sandbox.accounts() {
            desk.connect(&Account {
                uid: account.uid,
                name: account.name,
                site: account.site,
                currency: account.currency,
                partner: false,
                endpoint: account.endpoint,
                key_id: account.key_id,
                key_secret: account.key_secret.into(),
            })?;
        }
        desk.set_cloud_clock(sandbox.now())?;
        Ok(Self { desk, sandbox: Some(sandbox), syncing: Syncing::default() })
    }

    /// Sets the sandbox's clock forward, and the desk's with it.
    pub fn advance_clock(&self, by: TimeDelta) -> Result<DeskStatus, Problem> {
        let control = self.sandbox()?.control();
        let now = control.advance(by).map_err(|error| refusal(error.code(), &error))?;
        self.desk.set_cloud_clock(now).map_err(|error| error.problem())?;
        self.desk.status().map_err(|error| error.problem())
    }

    /// What the sandbox's console shows for an ask.
    pub fn console_amount(
        &self,
        uid: &str,
        resource: &str,
        action: Action,
        expires: Option<DateTime<Utc>>,
    ) -> Result<Money, Problem> {
        let shown = self
            .sandbox()?
            .control()
            .console_amount(uid, resource, action, expires)
            .map_err(|error| refusal(error.code(), &error))?;
        Ok(Money { amount: shown.amount, currency: shown.currency })
    }

    /// Acts as the person at the sandbox's console; answers the refund orders.
    pub fn console_act(
        &self,
        uid: &str,
        resource: &str,
        action: Action,
        expires: Option<DateTime<Utc>>,
    ) -> Result<Vec<String>, Problem> {
        let control = self.sandbox()?.control();
        let done = match (action, expires) {
            (Action::Unsubscribe, None) => control.console_unsubscribe(uid, resource),
            (Action::CancelRenewals, Some(expires)) => control.console_cancel_renewals(uid, resource, expires),
            _ => {
                return Err(DeskError::new(
                    "bad_ask",
                    format!("the console does no `{action}` like this"),
                    "an Updated Expiration Time belongs to `cancel_renewals`, and only to it",
                )
                .at("action")
                .problem());
            }
        };
        done.map(|receipt| receipt.refund_order_ids).map_err(|error| refusal(error.code(), &error))
    }

    /// The sum that the sandbox's console shows for the items of a batch that wait.
    pub fn console_batch_total(&self, batch: &str) -> Result<Money, Problem> {
        let mut total = Money { amount: Decimal::ZERO, currency: String::new() };
        for ask in self.batch_asks(batch, RequestState::Confirmed)? {
            let shown = self.console_amount(&ask.customer, &ask.resource, ask.action, ask.expires)?;
            total = Money { amount: total.amount + shown.amount, currency: shown.currency };
        }
        Ok(total)
    }

    /// Acts as the person at the sandbox's console for the handed-over items of a batch; answers how many went through.
    pub fn console_batch_act(&self, batch: &str) -> Result<u32, Problem> {
        let mut done = 0;
        for ask in self.batch_asks(batch, RequestState::HandedOver)? {
            self.console_act(&ask.customer, &ask.resource, ask.action, ask.expires)?;
            done += 1;
        }
        Ok(done)
    }

    fn batch_asks(&self, batch: &str, state: RequestState) -> Result<Vec<Ask>, Problem> {
        let asked = || {
            let items = self.desk.batch(batch)?.items;
            let requests = items.into_iter().filter(|item| item.state == state);
            requests.map(|item| self.desk.request(&item.request)).collect::<Result<Vec<_>, DeskError>>()
        };
        let ask = |request: RequestView| Ask {
            customer: request.customer,
            resource: request.resource,
            action: request.action,
            expires: request.expires,
        };
        Ok(asked().map_err(|error| error.problem())?.into_iter().map(ask).collect())
    }

    fn sandbox(&self) -> Result<&Sandbox, Problem> {
        self.sandbox.as_ref().ok_or_else(|| {
            DeskError::new(
                "not_a_sandbox",
                "this home has real customers, not a sandbox",
                "do it at the console of Alibaba Cloud",
            )
            .problem()
        })
    }
}

fn refusal(code: &str, error: &dyn std::fmt::Display) -> Problem {
    DeskError::new(code, error.to_string(), "look at the resource again: the sandbox's console refuses this now")
        .problem()
}

/// Where the sandbox home is unless `--home` says otherwise.
pub fn default_home() -> Option<PathBuf> {
    dirs::data_dir().map(|dir| dir.join("refund-desk").join("sandbox"))
}

/// The machine's clock for the sandbox.
struct Wall;

impl bss_sandbox::WallClock for Wall {
    fn now(&self) -> DateTime<Utc> {
        desk::System.wall()
    }
}
