//! One sync of one customer: its client, its counts and its cursors.

use std::collections::HashSet;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bss_openapi::{BssError, Client};
use chrono::{DateTime, Utc};
use desk_store::{ConnectionRow, Cursor, Written};
use tokio_util::sync::CancellationToken;

use super::Progress;
use super::tally::Tally;
use crate::cloud;
use crate::error::DeskError;
use crate::home::Desk;
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
    /// Names this full pass over the lists; a resumed sync first ends the pass that was cut off.
    pub pass: i64,
    /// True while a pass of an earlier sync is brought to its end.
    resumed: bool,
    pub tally: Tally,
    /// Orders whose details this sync has read: an order that stays open is asked about once.
    pub asked: Mutex<HashSet<String>>,
}

impl<'a> Run<'a> {
    /// Begins a sync, or goes on with one that was cut off.
    pub fn begin(
        desk: &'a Desk,
        connection: ConnectionRow,
        progress: &'a Progress<'a>,
        cancel: &'a CancellationToken,
    ) -> Result<Self, DeskError> {
        let started_at = desk.now();
        let cursors = desk.store.read(|r| r.cursors().of_customer(&connection.id))?;
        let cut_off = cursors.iter().filter(|c| !c.done).map(|c| c.pass).max();
        let last = cursors.iter().map(|c| c.pass).max().unwrap_or(0);
        let client = Arc::new(cloud::client(desk, &connection)?);
        Ok(Self {
            desk,
            client,
            progress,
            cancel,
            started_at,
            pass: cut_off.unwrap_or(last + 1),
            resumed: cut_off.is_some(),
            connection,
            tally: Tally::default(),
            asked: Mutex::default(),
        })
    }

    /// A whole pass over the lists, after the one that was cut off, if any: what that one read before it was cut off may have
    /// changed since, and a sync that says "complete" has looked at everything after it began.
    pub async fn all(&mut self) -> Result<(), DeskError> {
        if self.resumed {
            self.pass_over().await?;
            self.resumed = false;
            self.pass += 1;
            self.tally.resources.store(0, Relaxed);
            self.asked = Mutex::default();
        }
        self.pass_over().await
    }

    /// All phases, in their order.
    async fn pass_over(&self) -> Result<(), DeskError> {
        if self.by_partner() {
            return self.read_partner_orders().await;
        }
        self.read_instances().await?;
        self.read_plans().await?;
        self.read_orders().await?;
        self.read_transactions().await?;
        self.read_relations().await
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
                Err(error) if error.is_transient() => tokio::time::sleep(wait).await,
                answer => return answer.map_err(cloud::failed),
            }
            wait *= 2;
        }
        self.tally.calls.fetch_add(1, Relaxed);
        call(Arc::clone(&self.client)).await.map_err(cloud::failed)
    }

    /// The cursor of a phase in this pass; `first` makes it when the phase has not begun. `None`: the phase is done.
    pub fn cursor(
        &self,
        phase: &str,
        first: impl FnOnce(Option<&Cursor>) -> Result<Cursor, DeskError>,
    ) -> Result<Option<Cursor>, DeskError> {
        let kept = self.desk.store.read(|r| r.cursors().get(&self.connection.id, phase))?;
        match kept {
            Some(cursor) if cursor.pass == self.pass => Ok((!cursor.done).then_some(cursor)),
            before => {
                let cursor = first(before.as_ref())?;
                let kept = cursor.clone();
                self.desk.write(move |tx, _| Ok(tx.cursors().put(&kept)?))?;
                Ok(Some(cursor))
            }
        }
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
        }
    }

    /// Tells how far a phase has come.
    pub fn tell(&self, phase: &str, done: u32, total: Option<u32>) {
        let seconds_left = self.tally.seconds_left(phase, done, total, self.desk.ambient.wall());
        let customer = self.connection.id.clone();
        (self.progress)(SyncProgress { customer, phase: phase.to_owned(), done, total, seconds_left });
    }
}

/// At most one write under way beside the calls: while one page is kept, the next is read. A write that has its place in the
/// queue is made whether or not anybody waits for it, so nothing that came is lost when a sync stops.
#[derive(Default)]
pub(super) struct Keeping(Option<Written<(), DeskError>>);

impl Keeping {
    /// Waits for the write before, then takes this one.
    pub async fn after(&mut self, next: Written<(), DeskError>) -> Result<(), DeskError> {
        match self.0.replace(next) {
            Some(before) => before.done().await,
            None => Ok(()),
        }
    }

    /// Waits for the last one.
    pub async fn end(self) -> Result<(), DeskError> {
        match self.0 {
            Some(last) => last.done().await,
            None => Ok(()),
        }
    }
}

fn cancelled(customer: &str) -> DeskError {
    DeskError::new("sync_cancelled", "the sync was stopped", "sync again: it goes on where it stopped")
        .at(format!("customer {customer}"))
}
