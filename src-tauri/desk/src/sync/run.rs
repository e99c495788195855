//! One sync of one customer: its client, its counts and its cursors.

use std::sync::Arc;
use std::time::Duration;

use bss_openapi::{BssError, Client};
use chrono::{DateTime, Utc};
use desk_store::{ConnectionRow, Cursor};

use super::Progress;
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
    pub started_at: DateTime<Utc>,
    /// Names this full pass over the lists; a resumed sync first ends the pass that was cut off.
    pub pass: i64,
    /// True while a pass of an earlier sync is brought to its end.
    resumed: bool,
    pub calls: u32,
    pub resources: u32,
    pub orders: u32,
    pub refunds: u32,
    pub transactions: u32,
}

impl<'a> Run<'a> {
    /// Begins a sync, or goes on with one that was cut off.
    pub fn begin(desk: &'a Desk, connection: ConnectionRow, progress: &'a Progress<'a>) -> Result<Self, DeskError> {
        let started_at = desk.now();
        let cursors = desk.store.read(|r| r.cursors().of_customer(&connection.id))?;
        let cut_off = cursors.iter().filter(|c| !c.done).map(|c| c.pass).max();
        let last = cursors.iter().map(|c| c.pass).max().unwrap_or(0);
        let client = Arc::new(cloud::client(desk, &connection)?);
        Ok(Self {
            desk,
            client,
            progress,
            started_at,
            pass: cut_off.unwrap_or(last + 1),
            resumed: cut_off.is_some(),
            connection,
            calls: 0,
            resources: 0,
            orders: 0,
            refunds: 0,
            transactions: 0,
        })
    }

    /// A whole pass over the lists, after the one that was cut off, if any: what that one read before it was cut off may have
    /// changed since, and a sync that says "complete" has looked at everything after it began.
    pub async fn all(&mut self) -> Result<(), DeskError> {
        if self.resumed {
            self.pass_over().await?;
            self.resumed = false;
            self.pass += 1;
            self.resources = 0;
        }
        self.pass_over().await
    }

    /// All phases, in their order.
    async fn pass_over(&mut self) -> Result<(), DeskError> {
        self.read_instances().await?;
        self.read_plans().await?;
        self.read_orders().await?;
        self.read_details().await?;
        self.read_transactions().await
    }

    /// Makes a reading call. A passing failure (a reset, a 5xx, a timeout) is tried again a few times; throttling was waited out
    /// by the client already.
    ///
    /// The call is no `AsyncFn`: a host moves a sync between threads, and the future of an `AsyncFn` cannot yet promise that it
    /// may be moved for every lifetime of its borrow.
    pub async fn ask<T, F>(&mut self, call: impl Fn(Arc<Client>) -> F) -> Result<T, DeskError>
    where
        F: Future<Output = Result<T, BssError>>,
    {
        let mut wait = FIRST_WAIT;
        for _ in 1..READ_ATTEMPTS {
            self.calls += 1;
            match call(Arc::clone(&self.client)).await {
                Err(error) if error.is_transient() => self.desk.ambient.sleep(wait).await,
                answer => return answer.map_err(cloud::failed),
            }
            wait *= 2;
        }
        self.calls += 1;
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
        }
    }

    /// Tells how far a phase has come.
    pub fn tell(&self, phase: &str, done: u32, total: Option<u32>) {
        (self.progress)(SyncProgress { customer: self.connection.id.clone(), phase: phase.to_owned(), done, total });
    }
}

/// A number of rows as the screen counts them.
pub(crate) fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
