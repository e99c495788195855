//! Quotes that ran out, made again: judged beside the writer by as many threads as there are processors, and written in small pieces.

use std::collections::{BTreeMap, HashMap};
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread;

use chrono::{DateTime, Utc};
use desk_store::{QuoteSummary, Read, Write};
use refund_rules::Policies;

use crate::error::DeskError;
use crate::facts::{AT_ONCE, CustomerFacts};
use crate::home::Desk;
use crate::quote_book::{book_row, says_more};

/// Resources whose rows are read together. Orders of one resource lie far apart in the file, those of many resources beside each other:
/// of so many together hardly a page is decrypted twice. Their rows take some 12 MB.
const READ_TOGETHER: usize = 1_024;

/// A quote as it was judged, and the one that stood in the book when its facts were read.
struct Renewed {
    seen: QuoteSummary,
    made: QuoteSummary,
}

impl Desk {
    /// Makes these quotes again, which have run out.
    pub(crate) fn renew(&self, stale: Vec<QuoteSummary>) -> Result<(), DeskError> {
        let mut by_customer: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for quote in stale {
            by_customer.entry(quote.customer).or_default().push(quote.resource);
        }
        let threads = thread::available_parallelism().map_or(1, usize::from).min(by_customer.len());
        let (now, left) = (self.now(), Mutex::new(by_customer.into_iter()));
        let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = || {
            while let Some((customer, resources)) = next() {
                self.renew_of_customer(&customer, resources, now)?;
            }
            Ok(())
        };
        if threads <= 1 {
            return work();
        }
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)))
        })
    }

    fn renew_of_customer(
        &self,
        customer: &str,
        mut resources: Vec<String>,
        now: DateTime<Utc>,
    ) -> Result<(), DeskError> {
        let connection = self.connection(customer)?;
        // Neighbours in the book are written together.
        resources.sort_unstable();
        let facts = self.store.read(|r| CustomerFacts::read(r, connection))?;
        for ids in resources.chunks(READ_TOGETHER) {
            let renewed = self.store.read(|r| judge(r, self.policies, &facts, ids, now))?;
            let mut renewed = renewed.into_iter().peekable();
            // Other writes wait for each of these.
            while renewed.peek().is_some() {
                let piece: Vec<Renewed> = renewed.by_ref().take(AT_ONCE).collect();
                self.write(move |tx, _| keep(tx, &piece))?;
            }
        }
        Ok(())
    }
}

/// Judges what has still run out, from one snapshot with what stands in the book.
fn judge(
    read: &Read<'_>,
    policies: &Policies,
    facts: &CustomerFacts,
    ids: &[String],
    now: DateTime<Utc>,
) -> Result<Vec<Renewed>, DeskError> {
    let rows = facts.rows(read, ids)?;
    let mut renewed = Vec::new();
    for seen in read.quotes().among(&facts.connection.id, ids)? {
        // Who changes facts makes the quotes anew: what no longer is stale was made from newer facts than these.
        if seen.valid_until.is_none_or(|until| until > now) {
            continue;
        }
        let Some(made) = book_row(policies, &rows, facts, &seen.resource, now)? else { continue };
        if says_more(&made, &seen) {
            renewed.push(Renewed { seen, made });
        }
    }
    Ok(renewed)
}

/// Keeps what was judged where the book is still as it was seen then; elsewhere somebody was faster, with newer facts.
fn keep(tx: &mut Write<'_>, renewed: &[Renewed]) -> Result<(), DeskError> {
    let Some(customer) = renewed.first().map(|renewed| renewed.seen.customer.clone()) else { return Ok(()) };
    let ids: Vec<&str> = renewed.iter().map(|renewed| renewed.seen.resource.as_str()).collect();
    let there = tx.quotes().among(&customer, &ids)?;
    let there: HashMap<&str, &QuoteSummary> = there.iter().map(|row| (row.resource.as_str(), row)).collect();
    for Renewed { seen, made } in renewed {
        if there.get(seen.resource.as_str()) == Some(&seen) {
            tx.quotes().put(made)?;
        }
    }
    Ok(())
}
