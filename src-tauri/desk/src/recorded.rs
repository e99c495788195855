//! A recorded reality: what really came back for a request, as a case that the rules can be asked about again (case format). The
//! journal keeps the quote and not the facts, so they are rebuilt from the cache as of the act, and the confirmed quote proves
//! that they are the facts of then: only facts that give its very lines again are used.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use desk_store::RefundRow;
use refund_rules::Case;
use refund_rules::case::Ask;
use refund_rules::quote::{Destination, Quote};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::day;
use crate::draft::write_whole;
use crate::error::DeskError;
use crate::facts::{AsOf, CustomerFacts};
use crate::home::Desk;
use crate::merged;
use crate::quote_book::bad_facts;
use crate::requests::{Record, state_name};
use crate::views::{RefundPart, RequestState};

/// A case that was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct SavedCase {
    pub request: String,
    pub path: String,
    /// The instant that the case asks for: when the cloud made the refund.
    pub at: DateTime<Utc>,
    /// Keys of `expect` that the rules answer otherwise; empty: reality is as predicted.
    pub differs: Vec<String>,
}

impl Desk {
    /// Writes what really came of a request as a case document. It holds ids and amounts, no names. Errors: `not_refunded` (its
    /// money is not all there), `facts_gone`, `facts_changed`, `export_failed`.
    pub fn save_reality(&self, request: &str, to: &Path) -> Result<SavedCase, DeskError> {
        let record = self.record(request)?;
        let refunds: Vec<RefundRow> = self.refunds_of(&record)?;
        let made_at = refunds.iter().map(|refund| refund.created_at).min();
        let Some(made_at) = made_at.filter(|_| record.state == RequestState::Refunded) else {
            return Err(not_refunded(&record));
        };
        self.facts_then(&record, record.quote().at)?;
        let mut case = self.rebuilt(&record, made_at)?;
        let quote = refund_rules::quote(&case, self.policies).map_err(bad_facts)?;
        let what = if record.reviewed.instance { "instance" } else { "resource plan" };
        case.name = Some(format!("recorded reality: {} of a {} {what}", case.ask.action, case.resource.product));
        case.source = Some(source(&record, &refunds, made_at));
        case.expect = Some(expect(&record, &quote));
        let differs = refund_rules::check(&case, &Ok(quote)).into_iter().map(|difference| difference.key).collect();
        let mut bytes = serde_json::to_vec_pretty(&case).map_err(|why| {
            DeskError::new("export_failed", why.to_string(), "report this: it is a fault of the desk")
        })?;
        bytes.push(b'\n');
        write_whole(to, &bytes)?;
        Ok(SavedCase { request: record.id, path: to.display().to_string(), at: made_at, differs })
    }

    /// The refund orders that answer a request, oldest first; of one that answers several, its own resource's part.
    pub(crate) fn refunds_of(&self, record: &Record) -> Result<Vec<RefundRow>, DeskError> {
        let ids: &[String] = if record.observed { &record.refund_orders } else { &[] };
        let mut refunds = self.store.read(|r| {
            let mut refunds = Vec::new();
            for id in ids {
                let Some(row) = r.refunds().get(&record.customer, id)? else { continue };
                let rows = merged::by_resource(r, row)?;
                let single = rows.len() == 1;
                refunds.extend(rows.into_iter().filter(|row| single || row.resource == record.reviewed.resource));
            }
            Ok::<_, DeskError>(refunds)
        })?;
        refunds.sort_by(|a, b| (a.created_at, &a.refund_order).cmp(&(b.created_at, &b.refund_order)));
        Ok(refunds)
    }

    /// The facts of a request's quote, rebuilt and proven. Errors: `facts_gone`, `facts_changed`.
    pub(crate) fn facts_then(&self, record: &Record, at: DateTime<Utc>) -> Result<Case, DeskError> {
        let case = self.rebuilt(record, at)?;
        let again = refund_rules::quote(&case, self.policies).map_err(bad_facts)?;
        let differ = differing(record.quote(), &again);
        if differ.is_empty() {
            return Ok(case);
        }
        Err(DeskError::new(
            "facts_changed",
            format!("the cache no longer gives the quote that request `{}` was confirmed with", record.id),
            "facts were entered or synced since; the request's trail still holds its quote",
        )
        .at("request")
        .with_details(differ))
    }

    fn rebuilt(&self, record: &Record, at: DateTime<Utc>) -> Result<Case, DeskError> {
        let connection = self.connection(&record.customer)?;
        let own: BTreeSet<String> = record.refund_orders.iter().cloned().collect();
        let past = AsOf { at, own };
        let reviewed = &record.reviewed;
        let ask = Ask { at, action: reviewed.action, expires: reviewed.expires, daily_list: None };
        let found = self
            .store
            .read(|r| CustomerFacts::read_as_of(r, connection, Some(past.clone()))?.case(r, &reviewed.resource, ask))?;
        let Some((_, mut case)) = found else { return Err(facts_gone(record)) };
        past.restore(&mut case, record.quote());
        if case.orders.is_empty() { Err(facts_gone(record)) } else { Ok(case) }
    }
}

/// What of two quotes of one instant differs where money is concerned.
fn differing(confirmed: &Quote, again: &Quote) -> Vec<String> {
    let mut differ = Vec::new();
    let mut look = |key: &str, same: bool| {
        if !same {
            differ.push(key.to_owned());
        }
    };
    look("refund_type", confirmed.refund_type == again.refund_type);
    look("refund", (confirmed.refund, confirmed.refund_max) == (again.refund, again.refund_max));
    look("lines", confirmed.lines == again.lines);
    look("destinations", confirmed.destinations == again.destinations);
    differ
}

/// What came, by the keys of a quote; the day only where it was later than the rules say.
fn expect(record: &Record, quote: &Quote) -> Map<String, Value> {
    let mut expect = Map::new();
    expect.insert("refund".to_owned(), json!(record.actual.unwrap_or(record.arrived)));
    let came = by_place(&record.parts);
    let as_told = |(to, amount): (&String, &Decimal)| {
        let told = quote.destinations.iter().find(|told| told.to == *to && told.amount == *amount);
        told.cloned().unwrap_or_else(|| Destination { to: to.as_str().into(), amount: *amount, until: None })
    };
    let destinations: Vec<Destination> = came.iter().map(as_told).collect();
    expect.insert("destinations".to_owned(), json!(destinations));
    let last = record.parts.iter().map(|part| day::of(part.at)).max();
    for (key, told) in [("processed_by", quote.processed_by), ("arrives_by", quote.arrives_by)] {
        if let (Some(last), Some(told)) = (last, told)
            && last > told
        {
            expect.insert(key.to_owned(), json!(last));
        }
    }
    expect
}

/// The money that was seen, by where it went.
pub(crate) fn by_place(parts: &[RefundPart]) -> BTreeMap<String, Decimal> {
    let mut places = BTreeMap::new();
    for part in parts {
        *places.entry(part.to.clone()).or_insert(Decimal::ZERO) += part.amount;
    }
    places
}

fn source(record: &Record, refunds: &[RefundRow], made_at: DateTime<Utc>) -> String {
    let ids: Vec<&str> = refunds.iter().map(|refund| refund.refund_order.as_str()).collect();
    let hash = record.confirmed_sha256.as_deref().unwrap_or("-");
    format!(
        "Refund Desk: request {}, refund orders {}; the facts are rebuilt from the desk's cache as of {} and give the \
         confirmed quote {hash} again; expect is what really came",
        record.id,
        ids.join(", "),
        day::shown(made_at),
    )
}

fn not_refunded(record: &Record) -> DeskError {
    DeskError::new(
        "not_refunded",
        format!("request `{}` is `{}`: what really came is not known yet", record.id, state_name(record.state)),
        "sync until all of its money was seen",
    )
    .at("request")
}

fn facts_gone(record: &Record) -> DeskError {
    DeskError::new(
        "facts_gone",
        format!("the cache no longer holds the orders of `{}`", record.reviewed.resource),
        "the cloud lists a released resource no more: save a case before the cache is built anew",
    )
    .at("request")
}
