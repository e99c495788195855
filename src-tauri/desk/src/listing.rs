//! The list as a window shows it: rows, counts and sums as they are kept, at once. What has run out is made again in portions by
//! whoever has time for it, not by whoever looks.

use std::collections::BTreeMap;

use desk_store::QuoteSort;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::error::DeskError;
use crate::home::Desk;
use crate::quote_book::{filter_of, known_to, row_of, segments_of};
use crate::views::{Money, ResourceQuery, ResourceRow, Segment};

/// Most resources of one selection: a hundred batches. A plan judges each of them.
pub const SELECTION_MAX: u32 = 5_000;

/// What a filter lets through, in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct ListTally {
    /// With the filter's refund type.
    pub total: u32,
    /// Without it.
    pub segments: Vec<Segment>,
    /// Product codes to filter by.
    pub products: Vec<String>,
    /// What is certain to come back of what can be unsubscribed, per currency.
    pub refundable: Vec<Money>,
    /// Quotes of the whole home that have run out and are being made again: until then the sums hold what they said.
    pub renewing: u32,
}

/// A resource of a customer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct ListedKey {
    pub customer: String,
    pub resource: String,
}

/// Resources of a filter one after the other, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct ListKeys {
    /// How many the filter lets through; more than `keys` when the selection has its largest size.
    pub total: u32,
    /// At most [`SELECTION_MAX`].
    pub keys: Vec<ListedKey>,
}

impl Desk {
    /// The rows of one page as they are kept. A quote that has run out is among them, with its `valid_until` in the past.
    pub fn listed(&self, query: &ResourceQuery) -> Result<Vec<ResourceRow>, DeskError> {
        let filter = filter_of(query);
        let (rows, known) = self.store.read(|r| Ok::<_, DeskError>((r.quotes().rows(&filter)?, known_to(r)?)))?;
        rows.into_iter().map(|listed| row_of(listed, &known)).collect()
    }

    /// The rows of a selection as they are kept, in its order; what is no longer listed is left out.
    pub fn listed_keys(&self, keys: &[ListedKey]) -> Result<Vec<ResourceRow>, DeskError> {
        self.store.read(|r| {
            let known = known_to(r)?;
            let mut rows = Vec::new();
            for key in keys {
                let listed = r.quotes().listed(&key.customer, &key.resource)?;
                rows.extend(listed.map(|listed| row_of(listed, &known)).transpose()?);
            }
            Ok(rows)
        })
    }

    /// Counts and sums of a filter, of what is kept.
    pub fn list_tally(&self, query: &ResourceQuery) -> Result<ListTally, DeskError> {
        let (filter, now) = (filter_of(query), self.now());
        let (tally, renewing) =
            self.store.read(|r| Ok::<_, DeskError>((r.quotes().tally(&filter)?, r.quotes().stale_count(now)?)))?;
        let money = |sum: desk_store::CurrencySum| Money { amount: sum.amount, currency: sum.currency };
        Ok(ListTally {
            total: tally.total,
            segments: segments_of(tally.segments),
            products: tally.products,
            refundable: tally.refundable.into_iter().map(money).collect(),
            renewing,
        })
    }

    /// What a filter lets through from the query's offset on, to select it: as many as its limit says, and with 0 as many as a
    /// selection may have.
    pub fn list_keys(&self, query: &ResourceQuery) -> Result<ListKeys, DeskError> {
        let filter = filter_of(query);
        let limit = if query.limit == 0 { SELECTION_MAX } else { query.limit.min(SELECTION_MAX) };
        let (keys, tally) =
            self.store.read(|r| Ok::<_, DeskError>((r.quotes().keys(&filter, limit)?, r.quotes().tally(&filter)?)))?;
        let key = |(customer, resource)| ListedKey { customer, resource };
        Ok(ListKeys { total: tally.total, keys: keys.into_iter().map(key).collect() })
    }

    /// What is certain to come back of a selection, of what is kept, per currency.
    pub fn selection_sum(&self, keys: &[ListedKey]) -> Result<Vec<Money>, DeskError> {
        let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
        self.store.read(|r| {
            for key in keys {
                let Some(kept) = r.quotes().get(&key.customer, &key.resource)?.filter(|kept| kept.eligible) else {
                    continue;
                };
                if let (Some(currency), Some(refund)) = (kept.currency, kept.refund) {
                    *sums.entry(currency).or_default() += refund;
                }
            }
            Ok::<_, DeskError>(())
        })?;
        Ok(sums.into_iter().map(|(currency, amount)| Money { amount, currency }).collect())
    }

    /// Makes at most so many of the quotes again that have run out, the longest overdue first. Answers how many are left; 0 for a
    /// desk that only reads, since another one makes them.
    pub fn renew_quotes(&self, at_most: u32) -> Result<u32, DeskError> {
        if self.is_read_only() {
            return Ok(0);
        }
        let now = self.now();
        let first = self.store.read(|r| r.quotes().stale_first(now, at_most))?;
        self.renew(first)?;
        Ok(self.store.read(|r| r.quotes().stale_count(now))?)
    }

    /// How many quotes have run out.
    pub fn quotes_to_renew(&self) -> Result<u32, DeskError> {
        let now = self.now();
        Ok(self.store.read(|r| r.quotes().stale_count(now))?)
    }

    /// All keys of a filter, customer by customer.
    pub(crate) fn keys_by_customer(&self, query: &ResourceQuery) -> Result<BTreeMap<String, Vec<String>>, DeskError> {
        let filter = desk_store::QuoteFilter { sort: QuoteSort::Resource, offset: 0, ..filter_of(query) };
        let mut by_customer: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (customer, resource) in self.store.read(|r| r.quotes().keys(&filter, u32::MAX))? {
            by_customer.entry(customer).or_default().push(resource);
        }
        Ok(by_customer)
    }
}
