//! Sync: what the cloud holds, into the cache. Resources first, so that the page fills and chains have frames; then orders by
//! creation-time windows from now back to the oldest resource, after each window the details of what is new or unsettled, and
//! the movements of money. A page of a window is one write that holds its rows and the cursor, so the sync after one that was
//! killed leaves out the windows that were read; while one page is kept, the next is read.

mod details;
mod orders;
mod partner;
mod relations;
mod resources;
mod run;
mod tally;
mod transactions;

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};
use desk_store::{ConnectionRow, Json, SyncRun};
use futures_util::{StreamExt, TryStreamExt, stream};
pub use tokio_util::sync::CancellationToken;

use crate::error::DeskError;
use crate::home::Desk;
use crate::views::{Problem, SyncProgress, SyncReport};

pub(crate) use orders::ORDERS;
pub(crate) use run::Run;
pub(crate) use tally::count;

/// Takes the steps of a sync as they come.
pub type Progress<'a> = dyn Fn(SyncProgress) + Send + Sync + 'a;

/// Customers that are synced at once: each has its own account with a budget of its own.
const CUSTOMERS_AT_ONCE: usize = 4;

impl Desk {
    /// Syncs one customer, or all of them. One customer's failure is in its report and does not stop the others.
    pub async fn sync(&self, customer: Option<&str>, progress: &Progress<'_>) -> Result<Vec<SyncReport>, DeskError> {
        self.sync_until(customer, progress, &CancellationToken::new()).await
    }

    /// The same until it is cancelled: what came until then is kept, and the reports say `sync_cancelled`.
    pub async fn sync_until(
        &self,
        customer: Option<&str>,
        progress: &Progress<'_>,
        cancel: &CancellationToken,
    ) -> Result<Vec<SyncReport>, DeskError> {
        let connections = match customer {
            Some(id) => {
                let connection = self.connection(id)?;
                crate::cloud::check_reachable(&connection)?;
                vec![connection]
            }
            // Customers of whom only files tell have nothing to sync.
            None => {
                let all = self.store.read(|r| r.connections().list())?;
                all.into_iter().filter(|connection| !connection.is_imported_only()).collect()
            }
        };
        let syncs = connections.into_iter().map(|connection| self.sync_one(connection, progress, cancel));
        stream::iter(syncs).buffered(CUSTOMERS_AT_ONCE.min(self.ambient.at_once())).try_collect().await
    }

    /// The outer error is the desk's own (its store); what the cloud refused is in the report.
    async fn sync_one(
        &self,
        connection: ConnectionRow,
        progress: &Progress<'_>,
        cancel: &CancellationToken,
    ) -> Result<SyncReport, DeskError> {
        let (customer, started_at) = (connection.id.clone(), self.now());
        // One sync of a customer at a time: a second one waits, and then looks for itself.
        let turn = self.sync_turn(&customer);
        let _turn = tokio::select! {
            biased;
            () = cancel.cancelled() => return Ok(SyncReport::failed(customer.clone(), started_at, run::cancelled(&customer).problem())),
            turn = turn.lock() => turn,
        };
        let run = match Run::begin(self, connection, progress, cancel) {
            Ok(run) => run,
            Err(error) => {
                let report = SyncReport::failed(customer, started_at, error.problem());
                self.keep_run(&report)?;
                return Ok(report);
            }
        };
        let outcome = run.all().await;
        self.keep_clock(&customer)?;
        // One that came to its end before it was stopped is whole, and what follows from it too.
        let stopped = outcome.is_err() && cancel.is_cancelled();
        // What came of a sync that failed is true too; only a stopped one ends at once.
        let (moved, outcome) = match self.after_sync_unless(stopped, &run) {
            Ok(moved) => (moved, outcome),
            Err(error) => (Vec::new(), outcome.and(Err(error))),
        };
        let count = |count: &AtomicU32| count.load(Relaxed);
        let report = SyncReport {
            customer,
            started_at: run.started_at,
            finished_at: self.now(),
            calls: count(&run.tally.calls),
            resources: count(&run.tally.resources),
            orders: count(&run.tally.orders),
            refunds: count(&run.tally.refunds),
            transactions: count(&run.tally.transactions),
            moved,
            problem: outcome.err().map(|error| error.problem()),
        };
        self.keep_run(&report)?;
        Ok(report)
    }

    fn after_sync_unless(&self, stopped: bool, run: &Run<'_>) -> Result<Vec<String>, DeskError> {
        if stopped { Ok(Vec::new()) } else { self.after_sync(run) }
    }

    fn sync_turn(&self, customer: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.sync_turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(customer.to_owned()).or_default())
    }

    /// What follows from new facts: the refund history, the requests that moved, the quotes.
    fn after_sync(&self, run: &Run<'_>) -> Result<Vec<String>, DeskError> {
        self.project_refunds(&run.connection.id)?;
        let moved = self.reconcile(&run.connection.id)?;
        self.quote_customer(&run.connection.id)?;
        Ok(moved)
    }

    fn keep_run(&self, report: &SyncReport) -> Result<(), DeskError> {
        let before = self.store.read(|r| r.sync_runs().get(&report.customer))?;
        let finished_at = Some(report.finished_at);
        let row = SyncRun {
            customer: report.customer.clone(),
            started_at: report.started_at,
            finished_at,
            completed_at: if report.problem.is_none() { finished_at } else { before.and_then(|b| b.completed_at) },
            calls: report.calls,
            error: report.problem.as_ref().map(Json::of).transpose()?,
        };
        self.write(move |tx, _| {
            // One that was removed while its sync was under way leaves nothing behind.
            let connected = tx.connections().get(&row.customer)?.is_some_and(|found| found.removed_at.is_none());
            if connected { Ok(tx.sync_runs().put(&row)?) } else { Ok(()) }
        })
    }
}

impl SyncReport {
    /// Of a sync that could not begin.
    fn failed(customer: String, at: DateTime<Utc>, problem: Problem) -> Self {
        Self {
            customer,
            started_at: at,
            finished_at: at,
            calls: 0,
            resources: 0,
            orders: 0,
            refunds: 0,
            transactions: 0,
            moved: Vec::new(),
            problem: Some(problem),
        }
    }
}
