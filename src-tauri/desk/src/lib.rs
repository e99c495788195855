//! The use cases: sync, quote book, requests, reconcile, history; host-neutral.
//!
//! The line of flow: [`sync`](Desk::sync) and [`import`](Desk::import) bring orders in, [`facts`] turns what is kept into cases, the rules judge them
//! ([`quote_book`], [`renewals`]), [`requests`] act, [`reconcile`] follows the money, [`history`] and [`reports`] tell. A host opens a [`Desk`]
//! and shows its [`views`]. What the manager decides or enters is journaled first ([`projection`]).

mod ambient;
mod answers;
mod backup;
mod cloud;
mod connection;
mod core_dumps;
mod day;
mod difference;
mod discounts;
mod draft;
mod entered;
mod error;
mod facts;
mod history;
mod home;
mod import;
mod keyring;
pub mod keys;
mod links;
mod listing;
mod locate;
mod merged;
mod note;
mod periods;
mod plan;
mod policies;
mod projection;
mod quote_book;
mod reconcile;
mod reconciliation;
mod recorded;
mod renewals;
mod renewing;
mod reports;
mod requests;
mod sync;
pub mod tell;
mod today;
pub mod views;
mod what_if;

pub use ambient::{Ambient, System};
pub use backup::{Restored, backup_at, expect_backup};
pub use bss_openapi::{CHINA_ENDPOINT, INTERNATIONAL_ENDPOINT};
pub use cloud::is_loopback;
pub use connection::{
    ClockVerdict, ConnectionHealth, ConnectionRowView, ConnectionTest, Credentials, Feature, FeatureState, FeatureTest,
    Way, least_privilege_policy, role_trust_policy, test_connection,
};
pub use core_dumps::forbid_core_dumps;
pub use desk_report::Watch as ReportWatch;
pub use desk_store::{Access, Backup, HomeKind, KeyStore, KeyStoreError, RecoveryCode, Secret, Unlock, Verified};
pub use difference::{Aspect, Difference, Explanation};
pub use entered::EnteredAnswer;
pub use error::DeskError;
pub use home::{Account, Desk, home_exists, home_in_use};
pub use import::{
    FileKind, ImportAsk, ImportCounts, ImportFile, ImportKind, ImportReport, ImportedCustomer, MappedColumn, RefusedRow,
};
pub use keyring::SystemKeyring;
pub use links::order_of_link;
pub use listing::{ListKeys, ListTally, ListedKey, SELECTION_MAX};
pub use locate::Located;
pub use plan::{
    BATCH_MAX, BatchPlan, LeftOut, PlannedBatch, PlannedItem, PlannedSingle, PlannedTotal, SharedChance,
    SharedChanceKind,
};
pub use reconciliation::{Reconciled, Reconciliation};
pub use recorded::SavedCase;
pub use reports::{
    CheckedReport, LetterheadView, OfferedReport, ReportAsk, ReportFormat, ReportKind, ReportLanguage, ReportPages,
    WrittenReport,
};
pub use requests::{
    BatchAnswers, BatchConfirmed, BatchDecision, BatchItem, BatchItemView, BatchPick, BatchReview, BatchReviewItem,
    BatchView, Closed, Ending, Floor, Kept, Ready, Record, RefundToChoose, RefusedItem, RequestEvent, Reviewed, Run,
    RunProgress, RunResult, StateCount, UrgentTicket, Waiting, Watch, state_name,
};
pub use sync::{CancellationToken, Progress};
pub use today::{ClosingWindow, Rescue, Today, WindowKind};
pub use what_if::{WhatIfRow, WhatIfTotals};
