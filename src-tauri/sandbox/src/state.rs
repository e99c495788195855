//! What a running sandbox holds: the world, the acts so far, the clock, and what the gate must remember.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use refund_rules::case::{Action, Site};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::access::Access;
use crate::act_log::{ActLog, Head};
use crate::config::{Arrival, Config, SandboxError, WallClock};
use crate::faults::{FaultRule, FaultScript, Faults, ScriptError};
use crate::gate::Nonces;
use crate::reality::Reality;
use crate::throttle::Throttle;
use crate::world::Door;
use crate::world::World;
use crate::world::act::{self, Act, Token};
use crate::world::outcome::Cloud;
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

/// Everything a running sandbox holds. Readers share it; what changes the world or the clock has it alone. What every call
/// changes has locks of its own, held for a moment and never two at once.
pub(crate) struct State {
    pub world: World,
    pub reality: Reality,
    pub faults: Mutex<Faults>,
    pub nonces: Mutex<Nonces>,
    pub access: Mutex<Access>,
    pub throttle: Mutex<Throttle>,
    acts: Vec<Act>,
    tokens: Tokens,
    arrival: Arrival,
    wall: Arc<dyn WallClock>,
    offset: TimeDelta,
    skew: TimeDelta,
    log: Option<ActLog>,
    key_id: String,
    key_secret: String,
    requests: AtomicU64,
}

/// A thread that panicked while it held the lock leaves what is behind it as it was between two changes.
pub(crate) fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The first act of each client token, by uid and token.
#[derive(Debug, Default)]
struct Tokens {
    inquired: HashMap<(String, String), usize>,
    refunded: HashMap<(String, String), usize>,
}

impl Tokens {
    fn remember(&mut self, act: &Act, place: usize) {
        let (first, uid, token) = match act {
            Act::Inquired { uid, token, .. } => (&mut self.inquired, uid, token),
            Act::Refunded { uid, token: Some(token), .. } => (&mut self.refunded, uid, token),
            _ => return,
        };
        first.entry((uid.clone(), token.token.clone())).or_insert(place);
    }
}

impl State {
    /// Generates the world, or takes it up where the state file left it.
    pub fn open(config: Config, wall: Arc<dyn WallClock>) -> Result<Self, SandboxError> {
        let plain = |id: &str| !id.is_empty() && !id.contains([' ', ',', '=', '\t', '\n', '\r']);
        if !plain(&config.key_id) {
            return Err(SandboxError::KeyId);
        }
        let reality = config.reality.checked().map_err(SandboxError::Reality)?;
        let head = Head::new(&config);
        let (log, head, acts) = match &config.state {
            Some(path) => ActLog::open(path, head).map(|(log, head, acts)| (Some(log), head, acts))?,
            None => (None, head, Vec::new()),
        };
        let mut state = Self {
            world: World::generate_with_orders(head.seed, head.customers, head.orders, head.anchor)?,
            reality: Reality::default(),
            faults: Mutex::default(),
            nonces: Mutex::default(),
            throttle: Mutex::default(),
            access: Mutex::default(),
            acts: Vec::new(),
            tokens: Tokens::default(),
            arrival: config.arrival,
            wall,
            offset: TimeDelta::zero(),
            skew: TimeDelta::zero(),
            log,
            key_id: config.key_id,
            key_secret: config.key_secret,
            requests: AtomicU64::new(0),
        };
        state.run_script(config.faults)?;
        state.set_reality(reality);
        for act in acts {
            state.take_effect(act);
        }
        if let Some(at) = config.clock {
            state.set_clock(at)?;
        }
        Ok(state)
    }

    /// The cloud's clock: signatures and nonces are judged by it, and answers are dated by it. The machine's, unless skewed.
    pub fn wall(&self) -> DateTime<Utc> {
        let wall = self.wall.now();
        wall.checked_add_signed(self.skew).unwrap_or(wall)
    }

    /// Lets the cloud's clock run so far ahead of the machine's; the business clock stays.
    pub fn skew_clock(&mut self, skew: TimeDelta) {
        self.skew = skew;
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

    /// Turns the knobs; what was refunded before stays as it was.
    pub fn set_reality(&mut self, reality: Reality) {
        let percent = |reality: &Reality| reality.tax.map(|tax| tax.percent);
        if percent(&reality) != percent(&self.reality) {
            self.world.lay_tax(percent(&reality));
        }
        self.reality = reality;
    }

    /// How the cloud behaves in a call whose amounts are so many per cent of what they would be.
    pub fn cloud(&self, amount_percent: u32) -> Cloud {
        Cloud { arrival: self.arrival, reality: self.reality, amount_percent }
    }

    /// Replaces all faults by those of a script.
    pub fn run_script(&mut self, script: FaultScript) -> Result<(), SandboxError> {
        for (nth, rule) in script.rules.iter().enumerate() {
            self.check_rule(rule).map_err(|refusal| {
                SandboxError::Faults(ScriptError::Content { place: format!("rules[{nth}]"), why: refusal.to_string() })
            })?;
        }
        let mut faults = Faults::new(script.seed.unwrap_or(self.world.seed));
        script.rules.into_iter().for_each(|rule| faults.order(rule));
        self.skew_clock(TimeDelta::try_seconds(script.clock_skew_seconds).unwrap_or_default());
        *held(&self.throttle) = Throttle::switched(script.throttle);
        *held(&self.faults) = faults;
        Ok(())
    }

    /// Whether a rule can ever come: its operation and account are there.
    pub fn check_rule(&self, rule: &FaultRule) -> Result<(), Refusal> {
        rule.check()?;
        match &rule.account {
            Some(name) if self.world.account(name).is_none() && self.account_of_key(name).is_none() => {
                Err(Refusal::BadInput(format!("account: {name} is no uid and no AccessKey id of this sandbox")))
            }
            _ => Ok(()),
        }
    }

    /// The names of an account: its uid and its AccessKey id.
    pub fn names_of(&self, account: usize) -> (&str, String) {
        (&self.world.accounts[account].uid, self.key_of(account))
    }

    /// What happened since generation, oldest first.
    pub fn acts(&self) -> &[Act] {
        &self.acts
    }

    /// The first inquiry with a token: its parameters, currency and amount.
    pub fn inquired(&self, uid: &str, token: &str) -> Option<(&Token, &str, Decimal)> {
        let place = self.tokens.inquired.get(&(uid.to_owned(), token.to_owned()))?;
        match &self.acts[*place] {
            Act::Inquired { token, currency, amount, .. } => Some((token, currency, *amount)),
            _ => None,
        }
    }

    /// The first refund with a token: its parameters and the number it was answered with.
    pub fn refunded(&self, uid: &str, token: &str) -> Option<(&Token, &str)> {
        let place = self.tokens.refunded.get(&(uid.to_owned(), token.to_owned()))?;
        match &self.acts[*place] {
            Act::Refunded { token: Some(token), refund_orders, .. } => Some((token, &refund_orders.first()?.order_id)),
            _ => None,
        }
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
        self.tokens.remember(&act, self.acts.len());
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
        let cloud = self.cloud(100);
        let act = match (action, expires) {
            (Action::Unsubscribe, _) => act::unsubscribe(account, resource, door, None, now, &cloud)?,
            (Action::CancelRenewals, Some(expires)) => {
                act::cancel_renewals(account, resource, expires, door, now, &cloud)?
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
    pub fn next_request_id(&self) -> String {
        let nth = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        format!("{:08X}-5A4D-4B0C-9E11-{nth:012X}", self.world.seed & 0xFFFF_FFFF)
    }
}
