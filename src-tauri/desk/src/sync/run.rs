//! One sync of one customer: its client, its counts and its cursors.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bss_openapi::{BssError, Client, Page};
use chrono::{DateTime, TimeDelta, Utc};
use desk_store::{ConnectionRow, Cursor, Write, Written};
use tokio_util::sync::CancellationToken;

use super::Progress;
use super::details::DETAILS;
use super::tally::Tally;
use super::transactions::TRANSACTIONS;
use crate::cloud;
use crate::connection::permissions::Feature;
use crate::error::DeskError;
use crate::home::Desk;
use crate::projection::Scribe;
use crate::views::SyncProgress;

/// How often a reading call is made in all before its passing failure counts.
const READ_ATTEMPTS: u32 = 4;

/// The wait after the first failure; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// A sync under way.
pub(crate) struct Run<'a> {
    pub desk: &'a Desk,
    pub connection: ConnectionRow,
    pub client: Arc<Client>,
    progress: &'a Progress<'a>,
    cancel: &'a CancellationToken,
    pub started_at: DateTime<Utc>,
    /// Names this full pass over the lists. Every sync makes one of its own: what an earlier one that was cut off read before it
    /// was cut off may have changed since. Only the windows that it read to their end are left out.
    pub pass: i64,
    pub tally: Tally,
    /// Orders whose details this sync has read: an order that stays open is asked about once.
    pub asked: Mutex<HashSet<String>>,
    /// Resources with an order of this sync of which others may still be missing, with the instants of their creation.
    pub open: Mutex<HashMap<String, DateTime<Utc>>>,
    /// Details are being asked for: what is listed beside them is not told.
    pub asking: AtomicBool,
    /// All orders were listed and asked about.
    orders_read: AtomicBool,
}

impl<'a> Run<'a> {
    /// Begins a sync.
    pub fn begin(
        desk: &'a Desk,
        connection: ConnectionRow,
        progress: &'a Progress<'a>,
        cancel: &'a CancellationToken,
    ) -> Result<Self, DeskError> {
        let started_at = desk.now();
        let cursors = desk.store.read(|r| r.cursors().of_customer(&connection.id))?;
        let last = cursors.iter().map(|c| c.pass).max().unwrap_or(0);
        let client = Arc::new(cloud::client(desk, &connection)?);
        Ok(Self {
            desk,
            client,
            progress,
            cancel,
            started_at,
            pass: last + 1,
            connection,
            tally: Tally::default(),
            asked: Mutex::default(),
            open: Mutex::default(),
            asking: AtomicBool::new(false),
            orders_read: AtomicBool::new(false),
        })
    }

    /// All phases, in their order.
    pub async fn all(&self) -> Result<(), DeskError> {
        if self.by_partner() {
            return self.read_partner_orders().await;
        }
        self.read_instances().await?;
        self.unless_denied(Feature::Plans, self.read_plans().await)?;
        let orders = async {
            let read = self.read_orders().await;
            self.orders_read.store(true, Relaxed);
            read
        };
        let transactions = async { self.unless_denied(Feature::Transactions, self.read_transactions().await) };
        self.both(orders, transactions).await?;
        self.tell(TRANSACTIONS, self.tally.transactions.load(Relaxed), None);
        self.read_relations().await
    }

    /// Two phases that need nothing of each other, beside each other; one after the other where a run must be repeatable. Both come
    /// to their end, and the first one's failure is told first.
    pub(super) async fn both(
        &self,
        one: impl Future<Output = Result<(), DeskError>>,
        other: impl Future<Output = Result<(), DeskError>>,
    ) -> Result<(), DeskError> {
        if self.desk.ambient.at_once() == 1 {
            one.await?;
            return other.await;
        }
        let (one, other) = tokio::join!(one, other);
        one.and(other)
    }

    /// Makes a reading call. A passing failure (a reset, a 5xx, a timeout) is tried again a few times; throttling was waited out
    /// by the client already. Stops waiting when the sync is cancelled: a reading call that nobody waits for does no harm.
    ///
    /// The call is no `AsyncFn`: a host moves a sync between threads, and the future of an `AsyncFn` cannot yet promise that it
    /// may be moved for every lifetime of its borrow.
    pub async fn ask<T, F>(&self, call: impl Fn(Arc<Client>) -> F) -> Result<T, DeskError>
    where
        F: Future<Output = Result<T, BssError>>,
    {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(cancelled(&self.connection.id)),
            answer = self.ask_patiently(call) => answer,
        }
    }

    async fn ask_patiently<T, F>(&self, call: impl Fn(Arc<Client>) -> F) -> Result<T, DeskError>
    where
        F: Future<Output = Result<T, BssError>>,
    {
        let mut wait = FIRST_WAIT;
        for _ in 1..READ_ATTEMPTS {
            self.tally.calls.fetch_add(1, Relaxed);
            match call(Arc::clone(&self.client)).await {
                Err(error) if error.is_transient() => self.desk.ambient.sleep(wait).await,
                answer => return answer.map_err(cloud::failed),
            }
            wait *= 2;
        }
        self.tally.calls.fetch_add(1, Relaxed);
        call(Arc::clone(&self.client)).await.map_err(cloud::failed)
    }

    /// A list that the key may not read does not stop the sync: it goes on with what was known before, and says so.
    fn unless_denied(&self, feature: Feature, read: Result<(), DeskError>) -> Result<(), DeskError> {
        let topic = feature.permission().operation;
        match read {
            Err(error) if error.code() == "bss_not_authorized" => {
                let permission = feature.permission();
                let next = format!("grant the key {}. {}", permission.ram_action, permission.without);
                let problem = DeskError::new("list_unread", error.message(), next).at(permission.operation).problem();
                self.desk.keep_warning(&self.connection.id, topic, Some(&problem))
            }
            Err(error) => Err(error),
            Ok(()) => self.desk.keep_warning(&self.connection.id, topic, None),
        }
    }

    /// The cursor of a phase at its beginning; `first` makes it of where the pass before it came to.
    pub async fn cursor(
        &self,
        phase: &str,
        first: impl FnOnce(Option<&Cursor>) -> Result<Cursor, DeskError>,
    ) -> Result<Cursor, DeskError> {
        let before = self.desk.store.read(|r| r.cursors().get(&self.connection.id, phase))?;
        let cursor = first(before.as_ref())?;
        let kept = cursor.clone();
        self.keep(move |tx, _| Ok(tx.cursors().put(&kept)?))?.done().await?;
        Ok(cursor)
    }

    /// A write of this sync. Nothing of a customer that was removed meanwhile is kept.
    pub fn keep<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Write<'_>, &Scribe) -> Result<T, DeskError> + Send + 'static,
    ) -> Result<Written<T, DeskError>, DeskError> {
        let customer = self.connection.id.clone();
        self.desk.write_later(move |tx, scribe| {
            let connected = tx.connections().get(&customer)?.is_some_and(|row| row.removed_at.is_none());
            if !connected {
                return Err(DeskError::unknown_customer(&customer));
            }
            work(tx, scribe)
        })
    }

    /// For the writes of a phase.
    pub(super) fn keeping(&self) -> Keeping {
        let one_by_one = self.desk.ambient.at_once() == 1;
        Keeping { under_way: None, one_by_one, last: self.desk.ambient.wall() }
    }

    /// Keeps what was wrong with rows of a list that could not be read; the others were.
    pub fn tell_odd_rows(&self, operation: &str, odd: &[DeskError]) -> Result<(), DeskError> {
        let topic = format!("rows of {operation}");
        let problem = odd.first().map(|first| {
            let message = format!("{} of {operation}: {}", plural(odd.len()), first.message());
            let place = first.place().unwrap_or(operation).to_owned();
            DeskError::new("row_unreadable", message, "sync again; if it stays, look at this row in the console")
                .at(place)
                .problem()
        });
        self.desk.keep_warning(&self.connection.id, &topic, problem.as_ref())
    }

    /// A phase's first cursor over a list without windows.
    pub fn first_page(&self, phase: &str) -> Cursor {
        Cursor {
            customer: self.connection.id.clone(),
            phase: phase.to_owned(),
            window_from: None,
            window_to: None,
            next_page: 1,
            done: false,
            pass: self.pass,
            range_from: None,
            range_to: None,
            skip_from: None,
            skip_to: None,
        }
    }

    /// Whether what waits is written now.
    pub(super) fn is_due(&self, keeping: &Keeping, waiting: usize) -> bool {
        keeping.is_due(waiting, self.desk.ambient.wall())
    }

    /// Waits for the write before, then takes this one.
    pub(super) async fn keep_after(
        &self,
        keeping: &mut Keeping,
        next: Written<(), DeskError>,
    ) -> Result<(), DeskError> {
        keeping.after(next, self.desk.ambient.wall()).await
    }

    /// Tells how far a phase has come; of two beside each other the one that takes longer.
    pub fn tell(&self, phase: &str, done: u32, total: Option<u32>) {
        let behind = (self.asking.load(Relaxed) && phase != DETAILS)
            || (phase == TRANSACTIONS && !self.orders_read.load(Relaxed));
        if behind {
            return;
        }
        let seconds_left = self.tally.seconds_left(phase, done, total, self.desk.ambient.wall());
        let customer = self.connection.id.clone();
        (self.progress)(SyncProgress { customer, phase: phase.to_owned(), done, total, seconds_left });
    }
}

/// Rows of one write, while there is no hurry. A write of few costs nearly as much as one of many.
const ENOUGH_ROWS: usize = 500;

/// More than this does not wait for the write before: the calls do.
const MOST_ROWS: usize = 2_000;

/// What came is written at the latest after this: a sync that is killed loses no more.
const AT_LATEST: TimeDelta = TimeDelta::milliseconds(250);

/// At most one write under way beside the calls: while some rows are kept, the next are read. A write that has its place in the
/// queue is made whether or not anybody waits for it, so nothing that came is lost when a sync stops.
pub(super) struct Keeping {
    under_way: Option<Written<(), DeskError>>,
    /// Each write is waited for: a run that can be repeated has nothing beside it.
    one_by_one: bool,
    /// When the last write was given.
    last: DateTime<Utc>,
}

impl Keeping {
    fn is_due(&self, waiting: usize, now: DateTime<Utc>) -> bool {
        let idle = self.under_way.as_ref().is_none_or(Written::is_done);
        self.one_by_one
            || waiting >= MOST_ROWS
            || (idle && (waiting >= ENOUGH_ROWS || (now - self.last).abs() >= AT_LATEST))
    }

    async fn after(&mut self, next: Written<(), DeskError>, now: DateTime<Utc>) -> Result<(), DeskError> {
        self.last = now;
        if self.one_by_one {
            return next.done().await;
        }
        match self.under_way.replace(next) {
            Some(before) => before.done().await,
            None => Ok(()),
        }
    }

    /// Waits for the last one.
    pub async fn end(self) -> Result<(), DeskError> {
        match self.under_way {
            Some(last) => last.done().await,
            None => Ok(()),
        }
    }
}

/// Where a list ends, page by page. A page in the middle that is not full says that fewer rows are served than counted: then only
/// an empty page is the end.
#[derive(Default)]
pub(super) struct Listed {
    pages: u32,
    short: bool,
}

/// A list of more pages than this has lost its way; windows and pages keep real ones far below it.
const MOST_PAGES: u32 = 20_000;

impl Listed {
    /// Whether this page is the last.
    pub fn ends<T>(&mut self, page: &Page<T>, operation: &str) -> Result<bool, DeskError> {
        self.pages += 1;
        if self.pages > MOST_PAGES {
            let message = format!("the list does not end after {MOST_PAGES} pages");
            let next = "sync again; if it stays, ask the cloud's support";
            return Err(DeskError::new("incomplete_reply", message, next).at(operation));
        }
        let ends = if self.short { page.rows.is_empty() } else { page.last };
        self.short |= !ends && page.rows.len() < page.size as usize;
        Ok(ends)
    }
}

fn plural(count: usize) -> String {
    if count == 1 { "a row".to_owned() } else { format!("{count} rows") }
}

pub(super) fn cancelled(customer: &str) -> DeskError {
    DeskError::new("sync_cancelled", "the sync was stopped", "sync again: it goes on where it stopped")
        .at(format!("customer {customer}"))
}
