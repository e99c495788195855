//! What the documents in pages hold. Amounts are decimal strings; instants are shown in UTC+8, the clock that the rules read by.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use crate::history::{HistoryRow, RefundPart};
use crate::words::Told;

/// Refunds that a document in pages lists one by one. Above it the pages keep the summary, and the rows go to a workbook
/// beside it: nobody reads eighty pages of rows, and setting them takes memory by the row (docs/performance.md).
pub const PDF_ROWS_MAX: usize = 1_000;

/// Hours that the rules' clock is ahead of UTC.
const AHEAD: i32 = 8;

/// An instant as a person reads it, in UTC+8 and said to be so.
fn at<S: Serializer>(instant: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&local(*instant).format("%Y-%m-%d %H:%M:%S+08:00").to_string())
}

fn maybe_at<S: Serializer>(instant: &Option<DateTime<Utc>>, to: S) -> Result<S::Ok, S::Error> {
    match instant {
        Some(instant) => at(instant, to),
        None => to.serialize_none(),
    }
}

/// The instant by the rules' clock.
pub(crate) fn local(instant: DateTime<Utc>) -> DateTime<FixedOffset> {
    instant.with_timezone(&FixedOffset::east_opt(AHEAD * 3600).expect("eight hours are an offset"))
}

/// Whose paper it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Letterhead {
    /// The partner's name; empty: a paper without a head.
    pub name: String,
    /// Address, telephone, mail: one line each.
    pub lines: Vec<String>,
}

/// Whose refunds they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Party {
    pub name: String,
    /// The account's id.
    pub uid: String,
    /// `china` or `international`.
    pub site: String,
}

/// What stands first in every document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Head {
    /// Every page of a sandbox home's document says so.
    pub sandbox: bool,
    /// `en` and `zh`: one, or both in this order.
    pub languages: Vec<String>,
    pub letterhead: Letterhead,
    /// `None`: all customers of the home.
    pub customer: Option<Party>,
    /// First and last day, in UTC+8.
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    #[serde(serialize_with = "at")]
    pub made_at: DateTime<Utc>,
}

/// One refund in pages.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RefundLine {
    pub customer: String,
    pub customer_uid: String,
    pub refund_order: String,
    pub resource: String,
    pub product: String,
    /// The orders whose money comes back.
    pub orders: Vec<String>,
    pub status: String,
    pub currency: String,
    /// What was paid for these orders before tax; `None` where it is not known.
    pub paid: Option<Decimal>,
    pub tax: Option<Decimal>,
    /// Paid less refunded.
    pub consumed: Option<Decimal>,
    pub refunded: Decimal,
    pub arrived: Decimal,
    pub to: Vec<PartLine>,
    #[serde(serialize_with = "at")]
    pub created_at: DateTime<Utc>,
    #[serde(serialize_with = "maybe_at")]
    pub arrived_at: Option<DateTime<Utc>>,
    /// The last day on which the money should come; `None`: it came, or the day is not known.
    pub due: Option<NaiveDate>,
    pub expected: Option<Decimal>,
    pub expected_max: Option<Decimal>,
    pub difference: Option<Decimal>,
    pub reason: Option<String>,
}

/// Money that reached one place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartLine {
    pub to: String,
    pub amount: Decimal,
    #[serde(serialize_with = "at")]
    pub at: DateTime<Utc>,
}

impl RefundLine {
    /// What the history knows of a refund; what was paid and expected is added by who knows it.
    pub fn of(row: &HistoryRow) -> Self {
        let part = |part: &RefundPart| PartLine { to: part.to.clone(), amount: part.amount, at: part.at };
        Self {
            customer: row.customer.clone(),
            customer_uid: row.customer_uid.clone(),
            refund_order: row.refund_order.clone(),
            resource: row.resource.clone(),
            product: row.product.clone(),
            orders: row.related_orders.clone(),
            status: row.order_status.clone(),
            currency: row.currency.clone(),
            paid: None,
            tax: None,
            consumed: None,
            refunded: row.amount,
            arrived: row.arrived,
            to: row.unsubscribe_to.iter().map(part).collect(),
            created_at: row.refunded_at,
            arrived_at: row.arrived_at,
            due: None,
            expected: row.predicted,
            expected_max: row.predicted,
            difference: row.difference,
            reason: row.reason.clone(),
        }
    }
}

/// Sums of one currency.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CurrencyTotal {
    pub currency: String,
    pub refunds: u32,
    pub refunded: Decimal,
    pub arrived: Decimal,
    /// Refunded and not seen yet.
    pub awaited: Decimal,
}

/// What reached one kind of place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlaceTotal {
    pub currency: String,
    /// As in [`RefundPart`]; `awaited` for money that was not seen yet.
    pub to: String,
    pub amount: Decimal,
}

/// Sums by currency, and by currency and destination.
pub fn totals(rows: &[HistoryRow]) -> (Vec<CurrencyTotal>, Vec<PlaceTotal>) {
    let mut currencies: BTreeMap<&str, (u32, Decimal, Decimal)> = BTreeMap::new();
    let mut places: BTreeMap<(&str, &str), Decimal> = BTreeMap::new();
    for row in rows {
        let sum = currencies.entry(&row.currency).or_default();
        *sum = (sum.0 + 1, sum.1 + row.amount, sum.2 + row.arrived);
        for (to, amount) in spread(row) {
            *places.entry((&row.currency, to)).or_default() += amount;
        }
    }
    let currencies = currencies.into_iter().map(|(currency, (refunds, refunded, arrived))| CurrencyTotal {
        currency: currency.to_owned(),
        refunds,
        refunded,
        arrived,
        awaited: refunded - arrived,
    });
    let places = places.into_iter().map(|((currency, to), amount)| PlaceTotal {
        currency: currency.to_owned(),
        to: to.to_owned(),
        amount,
    });
    (currencies.collect(), places.collect())
}

/// Destination of money that was not seen yet.
pub(crate) const AWAITED: &str = "awaited";

/// Where a refund's money is: the places that it reached, and what is still awaited. The amounts add up to the refund.
pub(crate) fn spread(row: &HistoryRow) -> impl Iterator<Item = (&str, Decimal)> {
    let awaited = row.amount - row.arrived;
    let rest = (!awaited.is_zero()).then_some((AWAITED, awaited));
    row.unsubscribe_to.iter().map(|part| (part.to.as_str(), part.amount)).chain(rest)
}

/// The workbook that holds what the pages do not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Annex {
    pub file: String,
    pub rows: u32,
    pub sha256: String,
}

/// A decision whose money is not all there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OpenRequest {
    pub request: String,
    pub resource: String,
    pub action: String,
    pub state: String,
    pub currency: String,
    pub expected: Decimal,
    pub expected_max: Decimal,
    pub due: Option<NaiveDate>,
}

/// What is gone with a resource and cannot be brought back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lost {
    pub resource: String,
    #[serde(serialize_with = "at")]
    pub at: DateTime<Utc>,
    pub texts: Vec<Told>,
}

/// A rule that the amounts rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleUsed {
    pub rule: String,
    /// Page, section and date.
    pub source: String,
    /// The choice made where the pages are silent or disagree.
    pub reading: Option<Told>,
}

/// Where the journal stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JournalHead {
    pub entries: u32,
    pub hash: String,
    pub device: String,
}

/// The customer's statement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statement {
    pub head: Head,
    /// When the newest complete sync of the customer ended.
    #[serde(serialize_with = "maybe_at")]
    pub facts_at: Option<DateTime<Utc>>,
    pub totals: Vec<CurrencyTotal>,
    pub places: Vec<PlaceTotal>,
    /// At most [`PDF_ROWS_MAX`]; with an annex none.
    pub refunds: Vec<RefundLine>,
    pub annex: Option<Annex>,
    pub open: Vec<OpenRequest>,
    pub lost: Vec<Lost>,
    pub rules: Vec<RuleUsed>,
    /// Policy packs, each with its version.
    pub policies: Vec<String>,
    pub journal: JournalHead,
}

/// Quotes to sign before the decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QuoteSheet {
    pub head: Head,
    /// One line a resource, for a batch; else a page a resource.
    pub one_line: bool,
    pub quotes: Vec<SheetQuote>,
    /// Sums by currency, of what can be unsubscribed.
    pub totals: Vec<RangeTotal>,
    /// What the marks of one-line quotes stand for.
    pub notes: Vec<Note>,
}

/// A sentence that several quotes point to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Note {
    pub mark: String,
    pub text: Told,
}

/// A sum that may be a range.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RangeTotal {
    pub currency: String,
    pub refund: Decimal,
    pub refund_max: Decimal,
}

/// One quote to sign.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SheetQuote {
    pub resource: String,
    pub product: String,
    pub region: String,
    pub refund_type: String,
    pub eligible: bool,
    pub refund: Decimal,
    pub refund_max: Decimal,
    pub currency: String,
    #[serde(serialize_with = "maybe_at")]
    pub valid_until: Option<DateTime<Utc>>,
    pub headline: Told,
    pub blockers: Vec<Told>,
    pub lines: Vec<QuoteLine>,
    pub destinations: Vec<Told>,
    pub consequences: Vec<Told>,
    pub changes: Vec<Told>,
    /// Later ones that are not listed.
    pub more_changes: u32,
    pub readings: Vec<Told>,
    pub unknowns: Vec<Told>,
    /// Marks of the sheet's notes.
    pub notes: Vec<String>,
    pub sha256: String,
}

/// One order of a quote.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QuoteLine {
    pub title: Told,
    pub steps: Vec<Step>,
}

/// One step of its computation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    pub text: Told,
    pub source: Option<String>,
}

/// Renewals that have not taken effect, to sign before any is cancelled.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RenewalSheet {
    pub head: Head,
    /// A page each.
    pub stacks: Vec<SheetStack>,
}

/// The pending renewals of one resource.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SheetStack {
    pub resource: String,
    pub product: String,
    pub currency: String,
    /// When it expires as it stands.
    #[serde(serialize_with = "maybe_at")]
    pub expires_at: Option<DateTime<Utc>>,
    pub pending: Vec<PendingLine>,
    pub candidates: Vec<SheetCandidate>,
    /// Told where nothing can fall.
    pub blockers: Vec<Told>,
    pub lines: Vec<QuoteLine>,
    pub destinations: Vec<Told>,
    pub consequences: Vec<Told>,
    pub readings: Vec<Told>,
    pub unknowns: Vec<Told>,
}

/// A renewal order that starts in the future.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PendingLine {
    /// By which the candidates name it.
    pub number: u32,
    pub order: String,
    #[serde(serialize_with = "at")]
    pub start: DateTime<Utc>,
    #[serde(serialize_with = "at")]
    pub end: DateTime<Utc>,
    /// What was paid for it before tax.
    pub cash: Decimal,
    /// Given by the cloud to make up for a failure.
    pub compensatory: bool,
    /// `None` where it cannot fall.
    pub refund: Option<Decimal>,
    pub refund_max: Option<Decimal>,
}

/// A possible Updated Expiration Time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SheetCandidate {
    #[serde(serialize_with = "at")]
    pub expires: DateTime<Utc>,
    /// Numbers of the orders that fall.
    pub falls: Vec<u32>,
    pub refund: Decimal,
    pub refund_max: Decimal,
    #[serde(serialize_with = "maybe_at")]
    pub valid_until: Option<DateTime<Utc>>,
    pub sha256: String,
}

impl QuoteSheet {
    /// A sheet with its sums.
    pub fn new(head: Head, one_line: bool, quotes: Vec<SheetQuote>, notes: Vec<Note>) -> Self {
        let mut sums: BTreeMap<&str, (Decimal, Decimal)> = BTreeMap::new();
        for quote in quotes.iter().filter(|quote| quote.eligible) {
            let sum = sums.entry(&quote.currency).or_default();
            *sum = (sum.0 + quote.refund, sum.1 + quote.refund_max);
        }
        let total = |(currency, (refund, refund_max)): (&str, _)| RangeTotal {
            currency: currency.to_owned(),
            refund,
            refund_max,
        };
        let totals = sums.into_iter().map(total).collect();
        Self { head, one_line, quotes, totals, notes }
    }
}
