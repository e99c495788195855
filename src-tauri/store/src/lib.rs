//! The encrypted cache and the append-only journal: one module a table.
//!
//! A *home* is a folder with two SQLCipher files and `home.json`, which says what the home is and holds its wrapped key:
//!
//! * `journal.db` (synchronous=FULL): what must never be lost. The [`journal`] itself, connections and settings.
//! * `cache.db` (synchronous=NORMAL): what can be thrown away and rebuilt from the journal and the cloud.
//!
//! [`Store::write`] runs a closure on the one writer thread inside a transaction of each file and commits the journal first, so the
//! cache never knows of a decision that the journal does not hold. [`Store::read`] runs a closure on the caller's thread over one
//! snapshot of each file. Both block; hosts with an event loop wrap them.
//!
//! Time, ids and randomness are passed in. Amounts are [`rust_decimal::Decimal`] and are kept as decimal text. Instants of cache
//! tables are kept as whole milliseconds since 1970 UTC (finer parts are cut off); instants of the journal as RFC 3339 text of fixed
//! width in UTC with three decimals. Both sort as they stand.

mod backup;
pub mod cache;
mod canonical;
mod columns;
mod database;
mod error;
mod handles;
mod home;
pub mod journal;
mod key;
mod keyring;
mod schema;
mod slots;
mod store;
mod table;
mod ways;

pub use backup::{BackedUpFile, Backup};
pub use cache::batch::BatchRow;
pub use cache::connection_note::ConnectionNote;
pub use cache::cursor::Cursor;
pub use cache::fact::FactRow;
pub use cache::import_mark::ImportMark;
pub use cache::imported_line::ImportedLine;
pub use cache::order_head::{FROM_API, FROM_FILE, OrderHead};
pub use cache::order_part::OrderPart;
pub use cache::quote::{
    CurrencySum, ListedQuote, QuoteFilter, QuotePage, QuoteSort, QuoteSummary, QuoteTally, SegmentCount,
};
pub use cache::refund::{RefundFilter, RefundPage, RefundRow};
pub use cache::relation::RelationRow;
pub use cache::request::RequestRow;
pub use cache::resource::{ResourceRow, Upserted};
pub use cache::sync_run::SyncRun;
pub use cache::transaction::{FILE_NUMBER, Movement, TransactionRow};
pub use canonical::{NotCanonical, canonical_json};
pub use columns::Json;
pub use error::StoreError;
pub use handles::{Read, Write};
pub use home::{HomeFacts, HomeKind};
pub use journal::connection::ConnectionRow;
pub use journal::entry::{Entry, Head, NewEntry};
pub use journal::imported_file::ImportedFile;
pub use journal::verify::{JournalBroken, Verified};
pub use key::{Entropy, RecoveryCode, Secret};
pub use keyring::{KeyStore, KeyStoreError};
pub use slots::Unlock;
pub use store::{Access, Store, Written};
