//! The quote book's list: pages in any order, keys, counts and sums of any filter.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row as SqlRow};
use rust_decimal::Decimal;

use super::rows::{Row, Rows};
use super::words::{OfWords, Word, Words};
use super::{Follows, Names, named, rows_of};
use crate::cache::quote::{CurrencySum, QuoteFilter, QuoteSort, QuoteSummary, QuoteTally, SegmentCount};
use crate::error::StoreError;
use crate::table::{TableRow, column_at};

/// All quotes by customer and resource; the text of each is its resource.
pub(crate) struct QuoteList {
    words: Words,
    rows: Rows<ListRow>,
}

struct ListRow {
    id: i64,
    customer: Word,
    product: Word,
    kind: Word,
    region: Word,
    status: Word,
    refund_type: Option<Word>,
    currency: Option<Word>,
    /// Instants in milliseconds since 1970.
    ordered_at: Option<i64>,
    expires_at: Option<i64>,
    valid_until: Option<i64>,
    refund_sort: Option<i64>,
    refund: Option<Decimal>,
    pending_renewals: u32,
    eligible: bool,
}

impl Row for ListRow {
    fn id(&self) -> i64 {
        self.id
    }

    fn order((left, left_text): (&Self, &[u8]), (right, right_text): (&Self, &[u8]), words: &Words) -> Ordering {
        let customers = if left.customer == right.customer {
            Ordering::Equal
        } else {
            words.text(left.customer).cmp(words.text(right.customer))
        };
        customers.then_with(|| left_text.cmp(right_text))
    }
}

const COLUMNS: &str =
    "id, customer, resource, product, kind, region, status, refund_type, currency, ordered_at, expires_at,
    valid_until, refund_sort, refund, pending_renewals, eligible";

impl Follows for QuoteList {
    const PLACE: &'static str = QuoteSummary::PLACE;
    const CHANGES: &'static str = "quote_change";

    fn read(cache: &Connection) -> Result<Self, StoreError> {
        let mut words = Words::default();
        let found = rows_of(cache, Self::PLACE, &format!("SELECT {COLUMNS} FROM quote"), [], &mut words, row_of)?;
        Ok(Self { rows: Rows::of(found, &words), words })
    }

    fn len(&self) -> usize {
        self.rows.all().len()
    }

    fn take_over(&mut self, cache: &Connection, changed: &HashSet<i64>) -> Result<(), StoreError> {
        let ids = serde_json::Value::from_iter(changed.iter().copied()).to_string();
        let sql = format!("SELECT {COLUMNS} FROM quote WHERE id IN (SELECT value FROM json_each(?1))");
        let found = rows_of(cache, Self::PLACE, &sql, [ids], &mut self.words, row_of)?;
        self.rows.take_over(changed, found, &self.words);
        Ok(())
    }
}

/// By place, in the order of [`COLUMNS`].
fn row_of(row: &SqlRow<'_>, words: &mut Words) -> rusqlite::Result<(ListRow, Box<[u8]>)> {
    let mut word = |place: usize| Ok::<_, rusqlite::Error>(words.number(row.get_ref(place)?.as_str()?));
    let mut word_or_none = |place: usize| match row.get_ref(place)? {
        rusqlite::types::ValueRef::Null => Ok::<_, rusqlite::Error>(None),
        _ => word(place).map(Some),
    };
    let (refund_type, currency) = (word_or_none(7)?, word_or_none(8)?);
    let listed = ListRow {
        id: row.get(0)?,
        customer: word(1)?,
        product: word(3)?,
        kind: word(4)?,
        region: word(5)?,
        status: word(6)?,
        refund_type,
        currency,
        ordered_at: row.get(9)?,
        expires_at: row.get(10)?,
        valid_until: row.get(11)?,
        refund_sort: row.get(12)?,
        refund: column_at(row, 13)?,
        pending_renewals: row.get(14)?,
        eligible: row.get(15)?,
    };
    Ok((listed, row.get_ref(2)?.as_bytes()?.into()))
}

impl QuoteList {
    /// Ids of the rows of one page.
    pub fn page(&self, filter: &QuoteFilter, names: &Names, limit: u32) -> Vec<i64> {
        self.in_order(filter, names, limit).into_iter().map(|place| self.rows.all()[place].id).collect()
    }

    /// Customers and resources of the rows of a filter, in its order and from its offset.
    pub fn keys(&self, filter: &QuoteFilter, names: &Names, limit: u32) -> Vec<(String, String)> {
        let key = |place: usize| {
            let customer = self.words.text(self.rows.all()[place].customer).to_owned();
            (customer, String::from_utf8_lossy(self.rows.texts.of(place)).into_owned())
        };
        self.in_order(filter, names, limit).into_iter().map(key).collect()
    }

    /// Places of the rows of a filter, in its order and from its offset.
    fn in_order(&self, filter: &QuoteFilter, names: &Names, limit: u32) -> Vec<usize> {
        let Some(wanted) = self.wanted(filter, names) else { return Vec::new() };
        let matching = wanted.places(self.rows.all());
        let cut = Cut::of(filter.offset, limit, filter.descending);
        let row = |place: usize| &self.rows.all()[place];
        let ranks = self.words.ranks();
        match filter.sort {
            QuoteSort::Refund => cut.page(matching, |place| row(place).refund_sort),
            QuoteSort::Expires => cut.page(matching, |place| row(place).expires_at),
            QuoteSort::OrderTime => cut.page(matching, |place| row(place).ordered_at),
            QuoteSort::HoldsUntil => cut.page(matching, |place| row(place).valid_until),
            QuoteSort::Renewals => cut.page(matching, |place| Some(row(place).pending_renewals)),
            QuoteSort::Product => cut.page(matching, |place| Some(ranks.of(row(place).product))),
            QuoteSort::Region => cut.page(matching, |place| Some(ranks.of(row(place).region))),
            QuoteSort::Status => cut.page(matching, |place| Some(ranks.of(row(place).status))),
            QuoteSort::RefundType => cut.page(matching, |place| row(place).refund_type.map(|word| ranks.of(word))),
            QuoteSort::Customer => {
                let places: HashMap<&str, u32> =
                    (0..).zip(names).map(|(place, (id, _))| (id.as_str(), place)).collect();
                let places = self.words.each(|text| places.get(text).copied());
                cut.page(matching, |place| places.of(row(place).customer))
            }
            QuoteSort::Resource => {
                let text = |place: usize| self.rows.texts.of(place);
                cut.page(matching, |place| Some((beginning(text(place)), text(place))))
            }
        }
    }

    /// Counts and sums of a filter.
    pub fn tally(&self, filter: &QuoteFilter, names: &Names) -> QuoteTally {
        let mut total = 0;
        let mut of_types: OfWords<u32> = self.words.each(|_| 0);
        let mut sums: OfWords<Option<Decimal>> = self.words.each(|_| None);
        let any_type = QuoteFilter { refund_type: None, ..filter.clone() };
        if let Some(wanted) = self.wanted(&any_type, names) {
            let refund_type = filter.refund_type.as_deref().map(|text| self.words.known(text));
            for place in wanted.places(self.rows.all()) {
                let row = &self.rows.all()[place];
                if let Some(word) = row.refund_type {
                    *of_types.of_mut(word) += 1;
                }
                if refund_type.is_some_and(|wanted| wanted.is_none() || wanted != row.refund_type) {
                    continue;
                }
                total += 1;
                if let (true, Some(currency), Some(refund)) = (row.eligible, row.currency, row.refund) {
                    *sums.of_mut(currency).get_or_insert_default() += refund;
                }
            }
        }
        let segment = |(refund_type, count): (String, u32)| SegmentCount { refund_type, count };
        let sum = |(currency, amount): (String, Decimal)| CurrencySum { currency, amount };
        QuoteTally {
            total,
            segments: self
                .words
                .sorted(of_types, |count| (count > 0).then_some(count))
                .into_iter()
                .map(segment)
                .collect(),
            products: self.products(filter),
            refundable: self.words.sorted(sums, |sum| sum).into_iter().map(sum).collect(),
        }
    }

    /// Product codes within the filter's customer and kind.
    fn products(&self, filter: &QuoteFilter) -> Vec<String> {
        let scope =
            QuoteFilter { customer: filter.customer.clone(), kind: filter.kind.clone(), ..QuoteFilter::default() };
        let mut seen = self.words.each(|_| false);
        if let Some(wanted) = self.wanted(&scope, &[]) {
            for place in wanted.places(self.rows.all()) {
                *seen.of_mut(self.rows.all()[place].product) = true;
            }
        }
        self.words.sorted(seen, |seen| seen.then_some(())).into_iter().map(|(product, ())| product).collect()
    }

    /// Sums of what is certain to come back of eligible quotes, per customer and currency.
    pub fn refundable(&self) -> BTreeMap<String, Vec<CurrencySum>> {
        let mut sums: HashMap<(Word, Word), Decimal> = HashMap::new();
        for row in self.rows.all().iter().filter(|row| row.eligible) {
            if let (Some(currency), Some(refund)) = (row.currency, row.refund) {
                *sums.entry((row.customer, currency)).or_default() += refund;
            }
        }
        let mut by_customer: BTreeMap<String, Vec<CurrencySum>> = BTreeMap::new();
        for ((customer, currency), amount) in sums {
            let sum = CurrencySum { currency: self.words.text(currency).to_owned(), amount };
            by_customer.entry(self.words.text(customer).to_owned()).or_default().push(sum);
        }
        by_customer.values_mut().for_each(|sums| sums.sort_by(|a, b| a.currency.cmp(&b.currency)));
        by_customer
    }

    /// What a row must have to be let through; `None` when none is.
    fn wanted(&self, filter: &QuoteFilter, names: &Names) -> Option<Wanted> {
        let word = |text: &Option<String>| match text {
            Some(text) => self.words.known(text).map(Some),
            None => Some(None),
        };
        let customer = word(&filter.customer)?;
        let range = customer.map_or(0..self.rows.all().len(), |customer| self.rows_of_customer(customer));
        let text = (!filter.text.is_empty()).then(|| self.holding(&filter.text, names, range.clone()));
        let millis = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_millis());
        Some(Wanted {
            range,
            kind: word(&filter.kind)?,
            product: word(&filter.product)?,
            refund_type: word(&filter.refund_type)?,
            ordered_from: millis(filter.ordered_from),
            ordered_until: millis(filter.ordered_until),
            text,
        })
    }

    fn rows_of_customer(&self, customer: Word) -> Range<usize> {
        let id = self.words.text(customer);
        let begin = self.rows.first_not(|row, _| self.words.text(row.customer) < id);
        begin..self.rows.first_not(|row, _| self.words.text(row.customer) <= id)
    }

    /// Which rows hold a text in their resource, product or region, or in the customer's name.
    fn holding(&self, text: &str, names: &Names, range: Range<usize>) -> Vec<bool> {
        let small = text.to_ascii_lowercase();
        let holds = |other: &str| other.to_ascii_lowercase().contains(&small);
        let named = named(names, text);
        let (words, customers) = (self.words.each(holds), self.words.each(|text| named.contains(text)));
        let mut holding = self.rows.texts.holding(text, range.clone());
        for (holding, row) in holding.iter_mut().zip(&self.rows.all()[range]) {
            *holding |= words.of(row.product) || words.of(row.region) || customers.of(row.customer);
        }
        holding
    }
}

/// What a row must have.
struct Wanted {
    range: Range<usize>,
    kind: Option<Word>,
    product: Option<Word>,
    refund_type: Option<Word>,
    ordered_from: Option<i64>,
    ordered_until: Option<i64>,
    /// For each row of the range.
    text: Option<Vec<bool>>,
}

impl Wanted {
    fn lets_through(&self, row: &ListRow) -> bool {
        let is = |wanted: Option<Word>, have: Word| wanted.is_none_or(|wanted| wanted == have);
        is(self.kind, row.kind)
            && is(self.product, row.product)
            && (self.refund_type.is_none() || self.refund_type == row.refund_type)
            && self.ordered_from.is_none_or(|from| row.ordered_at.is_some_and(|at| at >= from))
            && self.ordered_until.is_none_or(|until| row.ordered_at.is_some_and(|at| at < until))
    }

    /// Places of the rows that are let through, in the list's own order.
    fn places(&self, rows: &[ListRow]) -> Vec<usize> {
        let held = |place: usize| self.text.as_ref().is_none_or(|text| text[place - self.range.start]);
        self.range.clone().filter(|place| held(*place) && self.lets_through(&rows[*place])).collect()
    }
}

/// The first bytes of a text as a number that sorts as they do.
fn beginning(text: &[u8]) -> u64 {
    const BYTES: usize = 8;
    let mut first = [0; BYTES];
    let length = text.len().min(BYTES);
    first[..length].copy_from_slice(&text[..length]);
    u64::from_be_bytes(first)
}

/// A page out of the middle of what would have to be sorted as a whole.
struct Cut {
    from: usize,
    until: usize,
    descending: bool,
}

impl Cut {
    fn of(offset: u32, limit: u32, descending: bool) -> Self {
        let place = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Self { from: place(offset), until: place(offset).saturating_add(place(limit)), descending }
    }

    /// The page of these places by a key, equal ones in the places' own order; what has no key is last in both directions.
    fn page<K: Ord>(&self, places: Vec<usize>, key: impl Fn(usize) -> Option<K>) -> Vec<usize> {
        let mut keyed = Vec::with_capacity(places.len());
        let mut without = Vec::new();
        for place in places {
            match key(place) {
                Some(key) => keyed.push((key, place)),
                None => without.push(place),
            }
        }
        if self.descending {
            without.reverse();
        }
        let (from, until) = (self.from.min(keyed.len()), self.until.min(keyed.len()));
        let order = |left: &(K, usize), right: &(K, usize)| {
            let order = left.cmp(right);
            if self.descending { order.reverse() } else { order }
        };
        // Only what stands on the page is sorted; the rest has to be on the right side of it.
        let mut page = keyed.as_mut_slice();
        if until < page.len() {
            page = page.select_nth_unstable_by(until, order).0;
        }
        if from > 0 && from < page.len() {
            page.select_nth_unstable_by(from, order);
        }
        let page = &mut page[from..];
        page.sort_unstable_by(order);
        let mut found: Vec<usize> = keyed[from..until].iter().map(|(_, place)| *place).collect();
        let begin = self.from.saturating_sub(keyed.len()).min(without.len());
        let end = self.until.saturating_sub(keyed.len()).min(without.len());
        found.extend(&without[begin..end]);
        found
    }
}
