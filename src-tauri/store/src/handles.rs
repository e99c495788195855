//! What a closure of [`Store::read`](crate::Store::read) or [`Store::write`](crate::Store::write) works with: one accessor per table.

use std::ops::Deref;

use rusqlite::Connection;

use crate::cache::batch::{Batches, BatchesWrite};
use crate::cache::connection_note::{ConnectionNotes, ConnectionNotesWrite};
use crate::cache::cursor::{Cursors, CursorsWrite};
use crate::cache::fact::{Facts, FactsWrite};
use crate::cache::import_mark::{ImportMarks, ImportMarksWrite};
use crate::cache::imported_line::{ImportedLines, ImportedLinesWrite};
use crate::cache::journal_mark::{JournalMarks, JournalMarksWrite};
use crate::cache::lists::Lists;
use crate::cache::order_head::{Orders, OrdersWrite};
use crate::cache::order_part::{OrderParts, OrderPartsWrite};
use crate::cache::quote::{Quotes, QuotesWrite};
use crate::cache::refund::{Refunds, RefundsWrite};
use crate::cache::relation::{Relations, RelationsWrite};
use crate::cache::request::{Requests, RequestsWrite};
use crate::cache::resource::{Resources, ResourcesWrite};
use crate::cache::sync_run::{SyncRuns, SyncRunsWrite};
use crate::cache::transaction::{Transactions, TransactionsWrite};
use crate::error::StoreError;
use crate::journal::connection::{Connections, ConnectionsWrite};
use crate::journal::entry::{Journal, JournalWrite};
use crate::journal::imported_file::{ImportedFiles, ImportedFilesWrite};
use crate::journal::setting::{Settings, SettingsWrite};

/// One snapshot of each file. The cache's is the older one, so it never shows what the journal does not hold.
pub struct Read<'a> {
    pub(crate) journal: &'a Connection,
    pub(crate) cache: &'a Connection,
    /// None inside a write: what it has done so far may yet be taken back.
    pub(crate) lists: Option<&'a Lists>,
}

impl<'a> Read<'a> {
    pub fn journal(&self) -> Journal<'a> {
        Journal { journal: self.journal, cache: self.cache }
    }
    pub fn connections(&self) -> Connections<'a> {
        Connections(self.journal)
    }
    pub fn settings(&self) -> Settings<'a> {
        Settings(self.journal)
    }
    /// What was taken from files, in the journal's home: it survives the cache.
    pub fn imported_files(&self) -> ImportedFiles<'a> {
        ImportedFiles(self.journal)
    }
    pub fn imported_lines(&self) -> ImportedLines<'a> {
        ImportedLines(self.cache)
    }
    pub fn import_marks(&self) -> ImportMarks<'a> {
        ImportMarks(self.cache)
    }
    pub fn resources(&self) -> Resources<'a> {
        Resources(self.cache)
    }
    pub fn orders(&self) -> Orders<'a> {
        Orders(self.cache)
    }
    pub fn order_parts(&self) -> OrderParts<'a> {
        OrderParts(self.cache)
    }
    pub fn transactions(&self) -> Transactions<'a> {
        Transactions(self.cache)
    }
    pub fn refunds(&self) -> Refunds<'a> {
        Refunds { cache: self.cache, journal: self.journal, lists: self.lists }
    }
    pub fn relations(&self) -> Relations<'a> {
        Relations(self.cache)
    }
    pub fn connection_notes(&self) -> ConnectionNotes<'a> {
        ConnectionNotes(self.cache)
    }
    pub fn facts(&self) -> Facts<'a> {
        Facts(self.cache)
    }
    pub fn requests(&self) -> Requests<'a> {
        Requests(self.cache)
    }
    pub fn batches(&self) -> Batches<'a> {
        Batches(self.cache)
    }
    pub fn quotes(&self) -> Quotes<'a> {
        Quotes { cache: self.cache, journal: self.journal, lists: self.lists }
    }
    pub fn sync_runs(&self) -> SyncRuns<'a> {
        SyncRuns(self.cache)
    }
    pub fn cursors(&self) -> Cursors<'a> {
        Cursors(self.cache)
    }
    /// How far the cache has followed the journal.
    pub fn projected(&self) -> JournalMarks<'a> {
        JournalMarks(self.cache)
    }
}

/// A transaction of each file; it reads its own writes (`&Write` serves wherever `&Read` is asked for).
pub struct Write<'a> {
    read: Read<'a>,
    device: &'a str,
}

impl<'a> Deref for Write<'a> {
    type Target = Read<'a>;
    fn deref(&self) -> &Read<'a> {
        &self.read
    }
}

impl<'a> Write<'a> {
    pub(crate) fn new(journal: &'a Connection, cache: &'a Connection, device: &'a str) -> Self {
        Self { read: Read { journal, cache, lists: None }, device }
    }

    pub fn journal(&mut self) -> JournalWrite<'a> {
        JournalWrite { read: self.read.journal(), device: self.device }
    }
    pub fn connections(&mut self) -> ConnectionsWrite<'a> {
        ConnectionsWrite(self.read.connections())
    }
    pub fn settings(&mut self) -> SettingsWrite<'a> {
        SettingsWrite(self.read.settings())
    }
    pub fn imported_files(&mut self) -> ImportedFilesWrite<'a> {
        ImportedFilesWrite(self.read.imported_files())
    }
    pub fn imported_lines(&mut self) -> ImportedLinesWrite<'a> {
        ImportedLinesWrite(self.read.imported_lines())
    }
    pub fn import_marks(&mut self) -> ImportMarksWrite<'a> {
        ImportMarksWrite(self.read.import_marks())
    }
    pub fn resources(&mut self) -> ResourcesWrite<'a> {
        ResourcesWrite(self.read.resources())
    }
    pub fn orders(&mut self) -> OrdersWrite<'a> {
        OrdersWrite(self.read.orders())
    }
    pub fn order_parts(&mut self) -> OrderPartsWrite<'a> {
        OrderPartsWrite(self.read.order_parts())
    }
    pub fn transactions(&mut self) -> TransactionsWrite<'a> {
        TransactionsWrite(self.read.transactions())
    }
    pub fn refunds(&mut self) -> RefundsWrite<'a> {
        RefundsWrite(self.read.refunds())
    }
    pub fn relations(&mut self) -> RelationsWrite<'a> {
        RelationsWrite(self.read.relations())
    }
    pub fn connection_notes(&mut self) -> ConnectionNotesWrite<'a> {
        ConnectionNotesWrite(self.read.connection_notes())
    }
    pub fn facts(&mut self) -> FactsWrite<'a> {
        FactsWrite(self.read.facts())
    }
    pub fn requests(&mut self) -> RequestsWrite<'a> {
        RequestsWrite(self.read.requests())
    }
    pub fn batches(&mut self) -> BatchesWrite<'a> {
        BatchesWrite(self.read.batches())
    }
    pub fn quotes(&mut self) -> QuotesWrite<'a> {
        QuotesWrite(self.read.quotes())
    }
    pub fn sync_runs(&mut self) -> SyncRunsWrite<'a> {
        SyncRunsWrite(self.read.sync_runs())
    }
    pub fn cursors(&mut self) -> CursorsWrite<'a> {
        CursorsWrite(self.read.cursors())
    }
    /// Mark here, in the same write, which entry the cache has followed up to.
    pub fn projected(&mut self) -> JournalMarksWrite<'a> {
        JournalMarksWrite(self.read.projected())
    }

    /// Deletes every cache row of a customer. The journal and the connection are not touched.
    pub fn purge_customer(&mut self, customer: &str) -> Result<(), StoreError> {
        crate::cache::purge_customer(self.read.cache, customer)
    }
}
