//! What a host shows: plain rows and documents, the same for the window and the terminal. Amounts are decimal strings on the
//! wire, counts fit 32 bits, instants are UTC. The window's TypeScript types are generated from these.

use chrono::{DateTime, NaiveDate, Utc};
use refund_rules::case::{Action, Kind, OrderType, RenewStatus, ResourceStatus, Site};
use refund_rules::quote::{Channel, Quote, RefundType};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use crate::policies::{ChangedQuote, PolicyEffect, Priced};

macro_rules! view {
    ($(#[$meta:meta])* pub struct $name:ident { $($body:tt)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "bindings", derive(specta::Type))]
        pub struct $name { $($body)* }
    };
    ($(#[$meta:meta])* pub enum $name:ident { $($body:tt)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "bindings", derive(specta::Type))]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($body)* }
    };
}

view! {
    /// The home that is open.
    pub struct DeskStatus {
        /// Every page and export of a sandbox home says so.
        pub sandbox: bool,
        /// Another desk has the home open: this one shows it and changes nothing.
        pub read_only: bool,
        pub home: String,
        /// The desk's clock (a sandbox home follows the sandbox's clock).
        pub now: DateTime<Utc>,
        pub version: String,
        pub device: String,
        /// Hash of the newest journal entry; `None` while the journal is empty.
        pub journal_head: Option<String>,
        pub journal_entries: u32,
    }
}

view! {
    /// An entry of the journal, without its body.
    pub struct JournalRow {
        /// 1, 2, 3, ... without gaps.
        pub seq: u32,
        pub at: DateTime<Utc>,
        pub kind: String,
        pub customer: Option<String>,
        pub subject: Option<String>,
        pub hash: String,
    }
}

view! {
    /// An amount in a currency.
    pub struct Money {
        pub amount: Decimal,
        pub currency: String,
    }
}

view! {
    /// A customer in the rail.
    pub struct CustomerRow {
        pub id: String,
        pub name: String,
        pub uid: String,
        pub site: Site,
        pub currency: String,
        /// Only files tell of it: there is nothing to sync.
        pub imported: bool,
        pub resources: u32,
        /// Eligible refunds only, per currency.
        pub refundable: Vec<Money>,
        /// When the newest complete sync ended.
        pub synced_at: Option<DateTime<Utc>>,
        /// The last sync's failure, if it failed.
        pub sync_error: Option<Problem>,
        /// The manager's own words about the customer.
        pub note: Option<String>,
    }
}

view! {
    /// An error for people: a stable code, where, and what to do next.
    pub struct Problem {
        pub code: String,
        pub message: String,
        /// The place: a field, a file, an operation.
        pub place: Option<String>,
        /// What to do next.
        pub next: String,
    }
}

view! {
    /// Which list of the console a resource is on.
    pub enum ResourceTab { Regular, Plans, All }
}

view! {
    /// Columns a list can be sorted by.
    pub enum ResourceSort {
        Refund, Expires, Product, Resource, Customer, OrderTime, Region, Status, RefundType, HoldsUntil, Renewals,
    }
}

view! {
    /// Which resources to list; everything left empty is "all".
    pub struct ResourceQuery {
        pub customer: Option<String>,
        pub tab: ResourceTab,
        pub refund_type: Option<RefundType>,
        pub product: Option<String>,
        /// Any part of an instance id, a product code, a region or the customer's name.
        pub text: String,
        pub ordered_from: Option<NaiveDate>,
        pub ordered_to: Option<NaiveDate>,
        pub sort: ResourceSort,
        pub descending: bool,
        pub offset: u32,
        /// At most 500.
        pub limit: u32,
    }
}

view! {
    /// One page of the list.
    pub struct ResourcePage {
        pub total: u32,
        pub offset: u32,
        pub rows: Vec<ResourceRow>,
        /// How many of the filtered resources (whatever the segment) have each refund type.
        pub segments: Vec<Segment>,
        /// Product codes to filter by.
        pub products: Vec<String>,
    }
}

view! {
    /// A refund-type segment with its count.
    pub struct Segment {
        pub refund_type: RefundType,
        pub count: u32,
    }
}

view! {
    /// One resource with its quote in short.
    pub struct ResourceRow {
        pub customer: String,
        pub customer_name: String,
        pub resource: String,
        pub product: String,
        pub kind: Kind,
        pub region: String,
        pub status: ResourceStatus,
        pub renew_status: Option<RenewStatus>,
        /// Earliest order.
        pub ordered_at: Option<DateTime<Utc>>,
        pub expires_at: Option<DateTime<Utc>>,
        /// `None` when it could not be quoted; then `problem` says why.
        pub refund_type: Option<RefundType>,
        pub refund: Option<Decimal>,
        pub refund_max: Option<Decimal>,
        pub exact: bool,
        pub currency: Option<String>,
        pub batchable: bool,
        pub blockers: Vec<String>,
        pub valid_until: Option<DateTime<Utc>>,
        pub pending_renewals: u32,
        /// When the facts of this row came from the cloud.
        pub facts_at: DateTime<Utc>,
        /// The open request on this resource, if any.
        pub request: Option<String>,
        pub problem: Option<Problem>,
    }
}

view! {
    /// What the inspector shows: the resource, its orders, the quote and its words.
    pub struct QuoteView {
        pub row: ResourceRow,
        pub orders: Vec<OrderRow>,
        pub quote: Quote,
        pub told: Told,
    }
}

view! {
    /// An order of the chain.
    pub struct OrderRow {
        pub order: String,
        pub order_type: OrderType,
        pub status: String,
        pub currency: String,
        pub created_at: DateTime<Utc>,
        pub paid_at: Option<DateTime<Utc>>,
        pub start: DateTime<Utc>,
        pub end: DateTime<Utc>,
        pub list: Decimal,
        pub cash: Decimal,
        pub coupon: Decimal,
        pub tax: Decimal,
    }
}

view! {
    /// The quote in sentences of one language, in the quote's own order.
    pub struct Told {
        pub headline: String,
        pub lines: Vec<ToldLine>,
        pub blockers: Vec<Sentence>,
        pub why_not: Vec<Sentence>,
        pub destinations: Vec<Sentence>,
        pub consequences: Vec<Sentence>,
        pub next_changes: Vec<Sentence>,
        pub readings: Vec<Sentence>,
        pub unknowns: Vec<Sentence>,
    }
}

view! {
    /// One order's steps in sentences.
    pub struct ToldLine {
        pub order: String,
        pub title: String,
        pub steps: Vec<Sentence>,
    }
}

view! {
    /// A sentence and where it comes from.
    pub struct Sentence {
        pub text: String,
        /// Rule id, if a rule says it.
        pub rule: Option<String>,
        /// Page, section and date of the rule's source.
        pub source: Option<String>,
    }
}

view! {
    /// A resource with renewals that have not taken effect.
    pub struct RenewalStack {
        pub customer: String,
        pub customer_name: String,
        pub resource: String,
        pub product: String,
        pub currency: String,
        pub renew_status: Option<RenewStatus>,
        /// End of the service period that runs now.
        pub current_end: DateTime<Utc>,
        /// End of the last pending renewal.
        pub expires_at: DateTime<Utc>,
        pub pending: Vec<PendingRenewal>,
        /// In time order; empty when none can fall alone.
        pub candidates: Vec<RenewalCandidate>,
        pub blockers: Vec<Sentence>,
        pub request: Option<String>,
    }
}

view! {
    /// A renewal order that starts in the future.
    pub struct PendingRenewal {
        pub order: String,
        pub start: DateTime<Utc>,
        pub end: DateTime<Utc>,
        pub cash: Decimal,
        pub compensatory: bool,
    }
}

view! {
    /// A possible Updated Expiration Time.
    pub struct RenewalCandidate {
        pub expires: DateTime<Utc>,
        /// Orders that fall.
        pub falls: Vec<String>,
        pub refund: Decimal,
    }
}

view! {
    /// What to review: one resource and one ask.
    pub struct Ask {
        pub customer: String,
        pub resource: String,
        pub action: Action,
        /// The Updated Expiration Time, for `cancel_renewals`.
        pub expires: Option<DateTime<Utc>>,
    }
}

view! {
    /// The review: everything to see before confirming. It is a request in state `reviewed`.
    pub struct Review {
        pub request: RequestView,
        pub quote: QuoteView,
        /// Channels this request may take, the usual one first.
        pub channels: Vec<Channel>,
        /// Why a channel is not offered.
        pub channel_notes: Vec<Sentence>,
        /// What the cloud does not tell: the manager answers the required ones before confirming.
        pub questions: Vec<Question>,
        /// The amount to type in the second dialog, as it must be typed.
        pub type_amount: String,
    }
}

view! {
    /// An unknown fact, as a question.
    pub struct Question {
        /// As the quote's `unknowns` names it.
        pub path: String,
        pub text: String,
        /// The order it is about, if it is about one.
        pub order: Option<String>,
        /// The answer of a resource to which nothing special applies.
        pub usual: Option<String>,
        /// Must be answered before confirming.
        pub required: bool,
    }
}

view! {
    /// The manager's answer to an unknown fact of a quote.
    pub struct FactAnswer {
        /// As the quote's `unknowns` names it, e.g. `resource.paid_marketplace_image` or `orders[0].invoiced`.
        pub path: String,
        /// `true`, `false` or a number as text.
        pub value: String,
        /// Where the manager has it from.
        pub source: String,
    }
}

view! {
    /// A customer's discounts for longer use of one product: what the contract says and no API tells.
    pub struct DiscountTable {
        pub customer: String,
        pub product: String,
        /// For orders paid from this day on (UTC+8), until a later table; `None`: from the beginning.
        pub from: Option<NaiveDate>,
        /// Empty: no discount, which is known too.
        pub steps: Vec<DiscountStep>,
        /// Where the manager has it from.
        pub source: String,
        /// Filled when read back.
        pub entered_at: Option<DateTime<Utc>>,
    }
}

view! {
    /// One step of a discount table: by days used, or for plans by per cent of the quota used; one of the two.
    pub struct DiscountStep {
        pub from_day: Option<u32>,
        pub from_percent: Option<Decimal>,
        /// Above 0, at most 1, four decimals.
        pub factor: Decimal,
    }
}

view! {
    /// What an import of discount tables did.
    pub struct DiscountImport {
        /// Tables entered anew or changed.
        pub entered: u32,
        /// Tables that were the same already.
        pub unchanged: u32,
        /// Lines that were refused, each with its number and reason; nothing is entered while there is one.
        pub refused: Vec<RefusedLine>,
    }
}

view! {
    /// A line of a file that cannot be used.
    pub struct RefusedLine {
        pub line: u32,
        pub reason: String,
    }
}

view! {
    /// The manager's decision.
    pub struct Decision {
        pub channel: Channel,
        /// "I have read the rules and confirmed the refund amount".
        pub amount_read: bool,
        /// "Data is backed up and migrated"; needed for unsubscriptions.
        pub data_backed_up: bool,
        pub reason: String,
        /// The amount typed out in the second dialog.
        pub amount_typed: String,
        /// Hash of the quote that was shown.
        pub quote_sha256: String,
        /// The customer's authorisation: who, when, reference.
        pub authorisation: Option<String>,
    }
}

view! {
    /// States of a request.
    pub enum RequestState {
        Reviewed, Confirmed, Sending, Accepted, HandedOver, Reported, Observed, PartRefunded, Refunded,
        Unknown, Rejected, ReturnedToReview, Expired, Overdue, Withdrawn, Closed,
    }
}

view! {
    /// A request and how far it has come.
    pub struct RequestView {
        pub id: String,
        pub customer: String,
        pub customer_name: String,
        pub resource: String,
        pub product: String,
        pub action: Action,
        pub expires: Option<DateTime<Utc>>,
        pub state: RequestState,
        pub channel: Option<Channel>,
        pub currency: String,
        /// Amount of the confirmed quote (of the reviewed one before that).
        pub predicted: Decimal,
        pub predicted_max: Decimal,
        /// What the cloud asked or paid, as far as known.
        pub actual: Option<Decimal>,
        /// Money seen so far.
        pub arrived: Decimal,
        pub reason: Option<String>,
        pub refund_order: Option<String>,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
        pub arrives_by: Option<NaiveDate>,
        pub quote_sha256: Option<String>,
        pub problem: Option<Problem>,
        /// A confirmed request waits until then; `None`: for ever, or it does not wait.
        pub waits_until: Option<DateTime<Utc>>,
        pub floor: Option<crate::requests::Floor>,
        /// The batch that it was confirmed with.
        pub batch: Option<String>,
        /// What the channel gave as proof: a ticket's number, the partner's reference.
        pub receipt: Option<String>,
        /// What to look after although the request itself is well, such as automatic renewal that is still on.
        pub warnings: Vec<Sentence>,
        /// What the manager can do now: `confirm`, `send`, `hand_over`, `report`, `ask_again`, `withdraw`, `review_again`,
        /// `choose_refund`, `close`.
        pub moves: Vec<String>,
        /// Refund orders that the manager may say are this request's (`choose_refund`), oldest first.
        pub refunds_to_choose: Vec<crate::requests::RefundToChoose>,
        /// How it may be closed now (`close`).
        pub endings: Vec<crate::requests::Ending>,
        /// How it ended otherwise, where the manager closed it.
        pub closed: Option<crate::requests::Closed>,
        /// Steps at the console with ids to copy (only `handed_over` or console `confirmed`).
        pub instructions: Vec<String>,
        /// Every move so far, oldest first.
        pub trail: Vec<TrailEntry>,
    }
}

view! {
    /// A journal entry of a request.
    pub struct TrailEntry {
        pub at: DateTime<Utc>,
        pub kind: String,
        pub text: String,
    }
}

view! {
    /// Which refunds to list.
    pub struct HistoryQuery {
        pub customer: Option<String>,
        pub text: String,
        pub from: Option<NaiveDate>,
        pub to: Option<NaiveDate>,
        pub offset: u32,
        pub limit: u32,
    }
}

view! {
    /// One page of the refund history, newest first.
    pub struct HistoryPage {
        pub total: u32,
        pub offset: u32,
        pub rows: Vec<RefundRow>,
        pub totals: Vec<Money>,
    }
}

view! {
    /// One refund order, made here or elsewhere (Unsubscribe Order Details).
    pub struct RefundRow {
        pub customer: String,
        pub customer_name: String,
        pub refund_order: String,
        pub resource: String,
        pub product: String,
        pub related_orders: Vec<String>,
        /// `refunding`, `part_refunded` or `refunded`.
        pub order_status: String,
        pub currency: String,
        pub amount: Decimal,
        pub arrived: Decimal,
        /// Where the money went, as far as seen.
        pub unsubscribe_to: Vec<RefundPart>,
        pub refunded_at: DateTime<Utc>,
        pub arrived_at: Option<DateTime<Utc>>,
        /// The request it came from; `None`: made elsewhere.
        pub request: Option<String>,
        /// Further requests that the same refund order answers.
        pub also_answers: Vec<String>,
        pub predicted: Option<Decimal>,
        /// Actual less predicted, where predicted.
        pub difference: Option<Decimal>,
        pub reason: Option<String>,
    }
}

view! {
    /// Part of a refund that reached one place.
    pub struct RefundPart {
        pub to: String,
        pub amount: Decimal,
        pub at: DateTime<Utc>,
    }
}

view! {
    /// What an export wrote.
    pub struct Exported {
        pub path: String,
        pub rows: u32,
        pub sha256: String,
    }
}

view! {
    /// How far a sync has come.
    pub struct SyncProgress {
        pub customer: String,
        pub phase: String,
        pub done: u32,
        /// `None` while the total is not known.
        pub total: Option<u32>,
        /// At the speed so far; `None` while there is none, or no total.
        pub seconds_left: Option<u32>,
    }
}

view! {
    /// What a sync did.
    pub struct SyncReport {
        pub customer: String,
        pub started_at: DateTime<Utc>,
        pub finished_at: DateTime<Utc>,
        pub calls: u32,
        pub resources: u32,
        pub orders: u32,
        pub refunds: u32,
        pub transactions: u32,
        /// Requests whose state moved because of what was seen.
        pub moved: Vec<String>,
        pub problem: Option<Problem>,
    }
}
