//! Sync: what the cloud holds, into the cache. Resources first, so that the page fills and chains have frames; then orders by
//! creation-time windows back to the oldest resource, the details of what is new or unsettled, and the movements of money.
//! Every page is one write that holds its rows and the cursor, so a killed process goes on where it was.

mod details;
mod orders;
mod partner;
mod relations;
mod resources;
mod run;
mod transactions;

use chrono::{DateTime, Utc};
use desk_store::{Json, SyncRun};

use crate::error::DeskError;
use crate::home::Desk;
use crate::views::{SyncProgress, SyncReport};

pub(crate) use run::Run;

/// Takes the steps of a sync as they come.
pub type Progress<'a> = dyn Fn(SyncProgress) + Send + Sync + 'a;

impl Desk {
    /// Syncs one customer, or all of them. One customer's failure is in its report and does not stop the others.
    pub async fn sync(&self, customer: Option<&str>, progress: &Progress<'_>) -> Result<Vec<SyncReport>, DeskError> {
        let connections = match customer {
            Some(id) => vec![self.connection(id)?],
            None => self.store.read(|r| r.connections().list())?,
        };
        let mut reports = Vec::new();
        for connection in connections {
            reports.push(self.sync_one(Run::begin(self, connection, progress)?).await?);
        }
        Ok(reports)
    }

    /// The outer error is the desk's own (its store); what the cloud refused is in the report.
    async fn sync_one(&self, mut run: Run<'_>) -> Result<SyncReport, DeskError> {
        let outcome = run.all().await;
        self.keep_clock(&run.connection.id)?;
        let moved = match &outcome {
            Ok(()) => self.after_sync(&run)?,
            Err(_) => Vec::new(),
        };
        let finished_at = self.now();
        let problem = outcome.err().map(|error| error.problem());
        self.keep_run(&run, finished_at, problem.as_ref())?;
        Ok(SyncReport {
            customer: run.connection.id.clone(),
            started_at: run.started_at,
            finished_at,
            calls: run.calls,
            resources: run.resources,
            orders: run.orders,
            refunds: run.refunds,
            transactions: run.transactions,
            moved,
            problem,
        })
    }

    /// What follows from new facts: the refund history, the requests that moved, the quotes.
    fn after_sync(&self, run: &Run<'_>) -> Result<Vec<String>, DeskError> {
        self.project_refunds(&run.connection.id)?;
        let moved = self.reconcile(&run.connection.id)?;
        self.quote_customer(&run.connection.id)?;
        Ok(moved)
    }

    fn keep_run(
        &self,
        run: &Run<'_>,
        finished_at: DateTime<Utc>,
        problem: Option<&crate::views::Problem>,
    ) -> Result<(), DeskError> {
        let before = self.store.read(|r| r.sync_runs().get(&run.connection.id))?;
        let row = SyncRun {
            customer: run.connection.id.clone(),
            started_at: run.started_at,
            finished_at: Some(finished_at),
            completed_at: if problem.is_none() { Some(finished_at) } else { before.and_then(|b| b.completed_at) },
            calls: run.calls,
            error: problem.map(Json::of).transpose()?,
        };
        self.write(move |tx, _| Ok(tx.sync_runs().put(&row)?))
    }
}
