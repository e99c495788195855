//! The open home: its store, its clock, its customers.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use desk_store::{
    Access, ConnectionRow, CurrencySum, HomeKind, RecoveryCode, Secret, Store, SyncRun, Unlock, Verified,
};
use refund_rules::Policies;
use refund_rules::case::Site;
use serde_json::json;

use crate::ambient::{Ambient, cloud_now};
use crate::cloud::is_loopback;
use crate::connection::clients::Clients;
use crate::error::DeskError;
use crate::facts::site_of;
use crate::note;
use crate::projection::{self, Note};
use crate::today::Windows;
use crate::views::{CustomerRow, DeskStatus, JournalRow, Money, Problem};

/// Setting: how far the cloud's clock is from the machine's, in milliseconds. Only sandbox homes have one.
const CLOCK_OFFSET: &str = "clock_offset_ms";

/// One open home and everything that can be done in it. Reads block shortly; what talks to the cloud is async.
pub struct Desk {
    pub(crate) store: Store,
    pub(crate) ambient: Arc<dyn Ambient>,
    pub(crate) policies: &'static Policies,
    dir: PathBuf,
    sandbox: bool,
    clock_offset_ms: AtomicI64,
    /// One acting call at a time in this process; the home's lock keeps other processes away.
    pub(crate) acting: tokio::sync::Mutex<()>,
    /// One client a customer.
    pub(crate) clients: Clients,
    /// By customer: why what was taken from its files is not all in the cache.
    pub(crate) import_problems: Mutex<BTreeMap<String, DeskError>>,
    /// One a customer, for the time of a sync.
    pub(crate) sync_turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// What today's page looked for last.
    pub(crate) windows: Windows,
}

/// True when the folder holds a home, whether or not it can be opened.
pub fn home_exists(dir: &Path) -> bool {
    Store::exists(dir)
}

/// True when a desk, in this or another process, has the home open for writing.
pub fn home_in_use(dir: &Path) -> bool {
    Store::in_use(dir)
}

/// How to reach one customer's account. `Debug` does not show the secret.
pub struct Account {
    pub uid: String,
    pub name: String,
    pub site: Site,
    pub currency: String,
    pub partner: bool,
    pub endpoint: String,
    pub key_id: String,
    pub key_secret: Secret,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("uid", &self.uid)
            .field("endpoint", &self.endpoint)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

impl Desk {
    /// Opens the sandbox home in `dir`, making it when there is none. Errors: `home_in_use`, `not_a_sandbox`, the store's.
    pub fn open_sandbox(dir: &Path, ambient: Arc<dyn Ambient>) -> Result<Self, DeskError> {
        let desk = if Store::exists(dir) {
            Self::open(dir, Unlock::Nothing, Access::ReadWrite, ambient)?
        } else {
            Self::create(dir, HomeKind::Sandbox, Unlock::Nothing, ambient)?.0
        };
        if desk.sandbox {
            Ok(desk)
        } else {
            Err(DeskError::new(
                "not_a_sandbox",
                "this home has real customers",
                "choose another folder with --home: sandbox and real customers never share one",
            )
            .at(dir.display().to_string()))
        }
    }

    /// Makes a new home. A real one answers its recovery code, to be shown once.
    pub fn create(
        dir: &Path,
        kind: HomeKind,
        unlock: Unlock,
        ambient: Arc<dyn Ambient>,
    ) -> Result<(Self, Option<RecoveryCode>), DeskError> {
        let mut entropy = |bytes: &mut [u8]| ambient.random(bytes);
        let (store, code) = Store::create(dir, kind, &unlock, &mut entropy, ambient.wall())?;
        Ok((Self::over(store, dir, ambient)?, code))
    }

    /// Opens a home. Entries that the journal has and the cache does not are replayed; a call that was under way when the
    /// process died becomes `unknown`.
    pub fn open(dir: &Path, unlock: Unlock, access: Access, ambient: Arc<dyn Ambient>) -> Result<Self, DeskError> {
        let store = Store::open(dir, &unlock, access)?;
        let desk = Self::over(store, dir, ambient)?;
        if matches!(access, Access::ReadWrite) {
            desk.write(|tx, _| projection::replay(tx))?;
            desk.project_imports()?;
            desk.mark_interrupted()?;
            desk.expire_waiting()?;
        }
        Ok(desk)
    }

    fn over(store: Store, dir: &Path, ambient: Arc<dyn Ambient>) -> Result<Self, DeskError> {
        let offset: Option<String> = store.read(|r| r.settings().get(CLOCK_OFFSET))?;
        let sandbox = matches!(store.kind(), HomeKind::Sandbox);
        Ok(Self {
            store,
            ambient,
            policies: Policies::built_in(),
            dir: dir.to_owned(),
            sandbox,
            clock_offset_ms: AtomicI64::new(offset.and_then(|text| text.parse().ok()).unwrap_or(0)),
            acting: tokio::sync::Mutex::new(()),
            clients: Clients::default(),
            import_problems: Mutex::default(),
            sync_turns: Mutex::default(),
            windows: Windows::default(),
        })
    }

    /// The desk's clock, in whole seconds: the machine's, or in a sandbox home the sandbox's.
    pub fn now(&self) -> DateTime<Utc> {
        cloud_now(self.ambient.as_ref(), TimeDelta::milliseconds(self.clock_offset_ms.load(Ordering::Relaxed)))
    }

    /// True in a sandbox home: every page and export says so.
    pub fn is_sandbox(&self) -> bool {
        self.sandbox
    }

    /// True when another process has the home open and this one only reads.
    pub fn is_read_only(&self) -> bool {
        self.store.access() == Access::ReadOnly
    }

    /// The home's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Follows the sandbox's clock. Refused in a real home with `not_a_sandbox`.
    pub fn set_cloud_clock(&self, now: DateTime<Utc>) -> Result<(), DeskError> {
        if !self.sandbox {
            return Err(DeskError::new(
                "not_a_sandbox",
                "a real home's clock is the machine's",
                "set the machine's clock right instead",
            ));
        }
        let offset = (now - self.ambient.wall()).num_milliseconds();
        // Whole seconds of offset: the wire has no finer time, and each contact would move the clock by its own delay.
        let offset = offset.div_euclid(1000) * 1000 + if offset.rem_euclid(1000) >= 500 { 1000 } else { 0 };
        if offset != self.clock_offset_ms.swap(offset, Ordering::Relaxed) {
            self.write(move |tx, _| Ok(tx.settings().set(CLOCK_OFFSET, &offset.to_string())?))?;
        }
        Ok(())
    }

    /// What is open.
    pub fn status(&self) -> Result<DeskStatus, DeskError> {
        let head = self.store.read(|r| r.journal().head())?;
        Ok(DeskStatus {
            sandbox: self.sandbox,
            read_only: self.is_read_only(),
            home: self.dir.display().to_string(),
            now: self.now(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            device: self.store.device().to_owned(),
            journal_entries: head.as_ref().map_or(0, |h| u32::try_from(h.seq).unwrap_or(u32::MAX)),
            journal_head: head.map(|h| h.hash),
        })
    }

    /// The row of a connection to this account by its own key, and the one that it would replace.
    pub(crate) fn connection_row(
        &self,
        account: &Account,
    ) -> Result<(Option<ConnectionRow>, ConnectionRow), DeskError> {
        check_account(account)?;
        self.check_kind(account)?;
        let old = self.store.read(|r| r.connections().get(&account.uid))?;
        let old = old.filter(|row| row.removed_at.is_none());
        if let Some(old) = &old {
            check_same(old, account.site, &account.currency, account.partner)?;
        }
        let row = ConnectionRow {
            id: account.uid.clone(),
            uid: account.uid.clone(),
            name: account.name.clone(),
            site: account.site.word().to_owned(),
            currency: account.currency.clone(),
            partner: account.partner,
            endpoint: account.endpoint.clone(),
            key_id: account.key_id.clone(),
            key_secret: account.key_secret.clone(),
            sandbox: self.sandbox,
            added_at: old.as_ref().map_or(self.now(), |row| row.added_at),
            removed_at: None,
            way: String::new(),
            role_arn: None,
            external_id: None,
        };
        Ok((old, row))
    }

    fn check_kind(&self, account: &Account) -> Result<(), DeskError> {
        if self.sandbox == is_loopback(&account.endpoint) {
            return Ok(());
        }
        let why = if self.sandbox {
            "a sandbox home takes customers of a sandbox on this machine only"
        } else {
            "a real home takes no customer of a sandbox"
        };
        Err(DeskError::new("mixed_home", why, "choose another home: sandbox and real customers never share one")
            .at("endpoint"))
    }

    /// Removes a customer's cache and credentials; the journal keeps ids and amounts. Refused while a request of theirs may have
    /// acted and is not settled.
    pub fn disconnect(&self, customer: &str) -> Result<(), DeskError> {
        self.connection(customer)?;
        if let Some(open) = self.requests(Some(customer))?.iter().find(|r| r.moves.iter().any(|m| m == "ask_again")) {
            return Err(DeskError::new(
                "request_open",
                format!("request `{}` of this customer is not settled", open.id),
                "follow it until its refund arrived, then remove the customer",
            )
            .at("customer"));
        }
        self.clients.forget(customer);
        self.import_problems.lock().unwrap_or_else(PoisonError::into_inner).remove(customer);
        let (id, now) = (customer.to_owned(), self.now());
        self.write(move |tx, scribe| {
            scribe.enter(tx, Note { kind: "customer_removed", customer: Some(&id), subject: None, body: json!({}) })?;
            tx.connections().remove(&id, now)?;
            tx.imported_files().forget(&id)?;
            tx.settings().delete(&note::key(&id))?;
            Ok(tx.purge_customer(&id)?)
        })
    }

    /// The customers, by name, with what they could get back.
    pub fn customers(&self) -> Result<Vec<CustomerRow>, DeskError> {
        self.refresh_quotes()?;
        self.customers_kept()
    }

    /// The same at once, with the sums of what is kept, though some of it may have run out.
    pub fn customers_kept(&self) -> Result<Vec<CustomerRow>, DeskError> {
        let rows = self.store.read(|r| {
            let (sums, counts, mut runs) =
                (r.quotes().refundable()?, r.resources().count_by_customer()?, r.sync_runs().by_customer()?);
            let mut rows = Vec::new();
            for connection in r.connections().list()? {
                let run = runs.remove(&connection.id);
                let row = customer_row(connection, run, &sums, &counts)?;
                let problem = || self.import_problem(&row.id).map(|error| error.problem());
                let note = r.settings().get(&note::key(&row.id))?;
                rows.push(CustomerRow { sync_error: row.sync_error.clone().or_else(problem), note, ..row });
            }
            Ok::<_, DeskError>(rows)
        })?;
        Ok(rows)
    }

    /// Addresses of the customers' accounts.
    pub fn endpoints(&self) -> Result<Vec<String>, DeskError> {
        let connections = self.store.read(|r| r.connections().list())?;
        Ok(connections.into_iter().filter(|c| !c.is_imported_only()).map(|c| c.endpoint).collect())
    }

    /// Customers that have a resource of this id in the cache.
    pub fn owners(&self, resource: &str) -> Result<Vec<String>, DeskError> {
        self.store.read(|r| {
            let mut owners = Vec::new();
            for connection in r.connections().list()? {
                if r.resources().get(&connection.id, resource)?.is_some() {
                    owners.push(connection.id);
                }
            }
            Ok(owners)
        })
    }

    /// The first entries of the journal, oldest first.
    pub fn journal(&self, limit: u32) -> Result<Vec<JournalRow>, DeskError> {
        let entries = self.store.read(|r| r.journal().after(0, limit))?;
        Ok(entries
            .into_iter()
            .map(|e| JournalRow {
                seq: u32::try_from(e.seq).unwrap_or(u32::MAX),
                at: e.at,
                kind: e.kind,
                customer: e.customer,
                subject: e.subject,
                hash: e.hash,
            })
            .collect())
    }

    /// True until one customer was synced completely.
    pub fn never_synced(&self) -> Result<bool, DeskError> {
        Ok(self.customers()?.iter().all(|c| c.synced_at.is_none()))
    }

    /// Walks the whole journal: hash chain, canonical bodies, gaps and a cut-off end.
    pub fn verify_journal(&self) -> Result<Verified, DeskError> {
        Ok(self.store.read(|r| r.journal().verify())?)
    }

    pub(crate) fn connection(&self, customer: &str) -> Result<ConnectionRow, DeskError> {
        let row = self.store.read(|r| r.connections().get(customer))?;
        row.filter(|row| row.removed_at.is_none()).ok_or_else(|| DeskError::unknown_customer(customer))
    }
}

/// Which rules and which currency hold for a customer was settled when it was connected: its quotes and requests stand on it.
pub(crate) fn check_same(old: &ConnectionRow, site: Site, currency: &str, partner: bool) -> Result<(), DeskError> {
    let same = old.site == site.word() && old.currency == currency && old.partner == partner;
    if same {
        return Ok(());
    }
    Err(DeskError::new(
        "account_differs",
        format!(
            "customer `{}` is connected as {}, {}, {}",
            old.id,
            old.site,
            old.currency,
            if old.partner { "through a partner" } else { "direct" }
        ),
        "connect it as before; if that was wrong, remove the customer and connect it again",
    )
    .at("site"))
}

fn check_account(account: &Account) -> Result<(), DeskError> {
    check_identity(&account.uid, &account.name, account.site, &account.currency)?;
    if account.key_id.trim().is_empty() || account.key_secret.expose().is_empty() {
        return Err(bad_account("key_id", "an AccessKey has an id and a secret"));
    }
    Ok(())
}

/// Who a customer is, with or without a connection.
pub(crate) fn check_identity(uid: &str, name: &str, site: Site, currency: &str) -> Result<(), DeskError> {
    if uid.is_empty() || !uid.chars().all(|c| c.is_ascii_digit()) {
        return Err(bad_account("uid", "a uid is digits only"));
    }
    // The China site settles in yuan, the international one never does.
    if (site == Site::China) != (currency == "CNY") {
        let why = format!("an account that settles in {currency} is not of the site `{site}`");
        return Err(bad_account("site", &why));
    }
    if name.trim().is_empty() {
        return Err(bad_account("name", "a customer needs a name"));
    }
    Ok(())
}

fn bad_account(place: &str, why: &str) -> DeskError {
    DeskError::new("bad_account", why.to_owned(), "correct it and connect again").at(place)
}

fn customer_row(
    connection: ConnectionRow,
    run: Option<SyncRun>,
    sums: &BTreeMap<String, Vec<CurrencySum>>,
    counts: &HashMap<String, u32>,
) -> Result<CustomerRow, DeskError> {
    let refundable = sums
        .get(&connection.id)
        .into_iter()
        .flatten()
        .map(|sum| Money { amount: sum.amount, currency: sum.currency.clone() })
        .collect();
    let sync_error = run.as_ref().and_then(|run| run.error.as_ref()).map(|json| json.read::<Problem>()).transpose()?;
    Ok(CustomerRow {
        site: site_of(&connection)?,
        imported: connection.is_imported_only(),
        resources: counts.get(&connection.id).copied().unwrap_or(0),
        refundable,
        synced_at: run.and_then(|run| run.completed_at),
        sync_error,
        id: connection.id,
        name: connection.name,
        uid: connection.uid,
        currency: connection.currency,
        note: None,
    })
}
