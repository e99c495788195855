//! What a running sandbox holds: the world, the acts so far, the clock, and what the gate must remember.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use refund_rules::case::{Action, Site};
use serde::Serialize;

use crate::access::Access;
use crate::act_log::{ActLog, Head};
use crate::config::{Arrival, Config, SandboxError, WallClock};
use crate::faults::Faults;
use crate::gate::Nonces;
use crate::world::Door;
use crate::world::World;
use crate::world::act::{self, Act};
use crate::world::refusal::Refusal;

/// The business clock stays in these years.
const FIRST_YEAR: i32 = 2000;
const LAST_YEAR: i32 = 2100;

/// An account and the key that opens it.
#[derive(Clone, PartialEq, Serialize)]
pub struct AccountInfo {
    pub uid: String,
    pub name: String,
    pub site: Site,
    pub currency: String,
    pub key_id: String,
    pub key_secret: String,
    /// `http://127.0.0.1:PORT`
    pub endpoint: String,
}

impl std::fmt::Debug for AccountInfo {
    /// Everything but the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountInfo")
            .field("uid", &self.uid)
            .field("name", &self.name)
            .field("site", &self.site)
            .field("currency", &self.currency)
            .field("key_id", &self.key_id)
            .field("key_secret", &"***")
            .field("endpoint", &self.endpoint)
            .finish()
    }
}

/// Why the control door did not do something.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    State(#[from] SandboxError),
}

impl ControlError {
    /// Stable word for programs.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::State(error) => error.code(),
        }
    }
}

/// Everything a running sandbox holds, behind one lock.
pub(crate) struct State {
    pub world: World,
    /// What happened since generation, oldest first.
    pub acts: Vec<Act>,
    pub arrival: Arrival,
    pub faults: Faults,
    pub nonces: Nonces,
    pub access: Mutex<Access>,
    wall: Arc<dyn WallClock>,
    offset: TimeDelta,
    log: Option<ActLog>,
    key_id: String,
    key_secret: String,
    requests: u64,
}

impl State {
    /// Generates the world, or takes it up where the state file left it.
    pub fn open(config: Config, wall: Arc<dyn WallClock>) -> Result<Self, SandboxError> {
        let plain = |id: &str| !id.is_empty() && !id.contains([' ', ',', '=', '\t', '\n', '\r']);
        if !plain(&config.key_id) {
            return Err(SandboxError::KeyId);
        }
        let head = Head::new(config.seed, config.customers, config.anchor);
        let (log, head, acts) = match &config.state {
            Some(path) => ActLog::open(path, head).map(|(log, head, acts)| (Some(log), head, acts))?,
            None => (None, head, Vec::new()),
        };
        let mut state = Self {
            world: World::generate(head.seed, head.customers, head.anchor)?,
            acts: Vec::new(),
            arrival: config.arrival,
            faults: Faults::default(),
            nonces: Nonces::default(),
            access: Mutex::default(),
            wall,
            offset: TimeDelta::zero(),
            log,
            key_id: config.key_id,
            key_secret: config.key_secret,
            requests: 0,
        };
        for act in acts {
            state.take_effect(act);
        }
        if let Some(at) = config.clock {
            state.set_clock(at)?;
        }
        Ok(state)
    }

    /// The machine's clock: signatures and nonces are judged by it.
    pub fn wall(&self) -> DateTime<Utc> {
        self.wall.now()
    }

    /// The business clock, in whole seconds, as the wire knows no more.
    pub fn now(&self) -> DateTime<Utc> {
        let wall = self.wall.now();
        let now = wall.checked_add_signed(self.offset).unwrap_or(wall);
        DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now)
    }

    /// Sets the business clock; it goes on from there. Years outside 2000 to 2100 are refused: the wire's times have four
    /// digits for the year, and service periods must stay before their end.
    pub fn set_clock(&mut self, at: DateTime<Utc>) -> Result<(), SandboxError> {
        if !(FIRST_YEAR..=LAST_YEAR).contains(&at.year()) {
            return Err(SandboxError::Clock(at));
        }
        let offset_ms = (at - self.wall.now()).num_milliseconds();
        self.record(Act::ClockSet { offset_ms })
    }

    /// Keeps an act and lets it take effect. When it cannot be kept, nothing happens.
    pub fn record(&mut self, act: Act) -> Result<(), SandboxError> {
        if let Some(log) = &mut self.log {
            log.append(&act)?;
        }
        self.take_effect(act);
        Ok(())
    }

    fn take_effect(&mut self, act: Act) {
        if let Act::ClockSet { offset_ms } = act {
            self.offset = TimeDelta::milliseconds(offset_ms);
        }
        self.world.apply(&act);
        self.acts.push(act);
    }

    /// What a person at the console (or support) does.
    pub fn act_as_person(
        &mut self,
        door: Door,
        uid: &str,
        resource: &str,
        action: Action,
        expires: Option<DateTime<Utc>>,
    ) -> Result<Act, ControlError> {
        let now = self.now();
        let account = self.world.account(uid).ok_or_else(|| Refusal::UnknownAccount(uid.to_owned()))?;
        let act = match (action, expires) {
            (Action::Unsubscribe, _) => act::unsubscribe(account, resource, door, None, now, self.arrival)?,
            (Action::CancelRenewals, Some(expires)) => {
                act::cancel_renewals(account, resource, expires, door, now, self.arrival)?
            }
            _ => return Err(Refusal::BadInput("give unsubscribe, or cancel_renewals with expires".to_owned()).into()),
        };
        self.record(act.clone())?;
        Ok(act)
    }

    /// Accounts with their keys; `endpoint` is where the sandbox listens.
    pub fn account_infos(&self, endpoint: &str) -> Vec<AccountInfo> {
        let info = |(place, account): (usize, &crate::world::Account)| AccountInfo {
            uid: account.uid.clone(),
            name: account.name.clone(),
            site: account.site,
            currency: account.currency.clone(),
            key_id: self.key_of(place),
            key_secret: self.key_secret.clone(),
            endpoint: endpoint.to_owned(),
        };
        self.world.accounts.iter().enumerate().map(info).collect()
    }

    /// Key id of the account at this place: the first has the plain one.
    pub fn key_of(&self, place: usize) -> String {
        if place == 0 { self.key_id.clone() } else { format!("{}-{}", self.key_id, place + 1) }
    }

    /// Place of the account that a key id opens.
    pub fn account_of_key(&self, key_id: &str) -> Option<usize> {
        if key_id == self.key_id {
            return Some(0);
        }
        let number: usize = key_id.strip_prefix(&self.key_id)?.strip_prefix('-')?.parse().ok()?;
        let place = number.checked_sub(1)?;
        // Said again, so that "-02" or "-+2" opens nothing.
        (place < self.world.accounts.len() && self.key_of(place) == key_id).then_some(place)
    }

    /// Secret of every key.
    pub fn secret(&self) -> &str {
        &self.key_secret
    }

    /// A new request id in the form the API uses.
    pub fn next_request_id(&mut self) -> String {
        self.requests += 1;
        format!("{:08X}-5A4D-4B0C-9E11-{:012X}", self.world.seed & 0xFFFF_FFFF, self.requests)
    }
}
