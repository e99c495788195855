//! The refund history's list: pages from the newest on, and the sums of any filter.

use std::cmp::Ordering;
use std::collections::HashSet;

use rusqlite::Connection;
use rust_decimal::Decimal;

use super::rows::{Row, Rows};
use super::words::{OfWords, Word, Words};
use super::{Follows, Names, named, rows_of};
use crate::cache::quote::CurrencySum;
use crate::cache::refund::{RefundFilter, RefundRow};
use crate::error::StoreError;
use crate::table::{TableRow, column_at};

/// Stands between the parts of a row's text, of which the refund order is the first.
const BETWEEN: char = '\0';

/// All refunds, the newest first.
pub(crate) struct RefundList {
    words: Words,
    rows: Rows<ListRow>,
}

struct ListRow {
    id: i64,
    customer: Word,
    currency: Word,
    /// In milliseconds since 1970.
    created_at: i64,
    amount: Decimal,
}

impl Row for ListRow {
    fn id(&self) -> i64 {
        self.id
    }

    fn order((left, left_text): (&Self, &[u8]), (right, right_text): (&Self, &[u8]), words: &Words) -> Ordering {
        let customers = || words.text(left.customer).cmp(words.text(right.customer));
        let newer = right.created_at.cmp(&left.created_at);
        newer.then_with(customers).then_with(|| refund_order(right_text).cmp(refund_order(left_text)))
    }
}

fn refund_order(text: &[u8]) -> &[u8] {
    text.split(|byte| *byte == BETWEEN as u8).next().unwrap_or(text)
}

const COLUMNS: &str = "rowid, customer, currency, created_at, amount, refund_order, resource, product, related";

impl Follows for RefundList {
    const PLACE: &'static str = RefundRow::PLACE;
    const CHANGES: &'static str = "refund_change";

    fn read(cache: &Connection) -> Result<Self, StoreError> {
        let mut words = Words::default();
        let found = rows_of(cache, Self::PLACE, &format!("SELECT {COLUMNS} FROM refund"), [], &mut words, row_of)?;
        Ok(Self { rows: Rows::of(found, &words), words })
    }

    fn len(&self) -> usize {
        self.rows.all().len()
    }

    fn take_over(&mut self, cache: &Connection, changed: &HashSet<i64>) -> Result<(), StoreError> {
        let ids = serde_json::Value::from_iter(changed.iter().copied()).to_string();
        let sql = format!("SELECT {COLUMNS} FROM refund WHERE rowid IN (SELECT value FROM json_each(?1))");
        let found = rows_of(cache, Self::PLACE, &sql, [ids], &mut self.words, row_of)?;
        self.rows.take_over(changed, found, &self.words);
        Ok(())
    }
}

/// By place, in the order of [`COLUMNS`].
fn row_of(row: &rusqlite::Row<'_>, words: &mut Words) -> rusqlite::Result<(ListRow, Box<[u8]>)> {
    let text = |place: usize| Ok::<_, rusqlite::Error>(row.get_ref(place)?.as_str()?);
    let listed = ListRow {
        id: row.get(0)?,
        customer: words.number(text(1)?),
        currency: words.number(text(2)?),
        created_at: row.get(3)?,
        amount: column_at(row, 4)?,
    };
    let mut texts: Vec<String> = vec![text(5)?.to_owned(), text(6)?.to_owned(), text(7)?.to_owned()];
    texts.extend(column_at::<Vec<String>>(row, 8)?);
    Ok((listed, texts.join(&String::from(BETWEEN)).into_bytes().into()))
}

impl RefundList {
    /// Row ids of one page, how many rows the filter lets through, and their sums per currency.
    pub fn page(
        &self,
        filter: &RefundFilter,
        names: &Names,
        offset: u32,
        limit: u32,
    ) -> (Vec<i64>, u32, Vec<CurrencySum>) {
        let (mut ids, mut total) = (Vec::new(), 0);
        let until = offset.saturating_add(limit);
        let mut sums: OfWords<Option<Decimal>> = self.words.each(|_| None);
        for row in self.matching(filter, names) {
            if (offset..until).contains(&total) {
                ids.push(row.id);
            }
            total += 1;
            *sums.of_mut(row.currency).get_or_insert_default() += row.amount;
        }
        let sum = |(currency, amount): (String, Decimal)| CurrencySum { currency, amount };
        (ids, total, self.words.sorted(sums, |sum| sum).into_iter().map(sum).collect())
    }

    /// The rows that a filter lets through, the newest first.
    fn matching(&self, filter: &RefundFilter, names: &Names) -> impl Iterator<Item = &ListRow> {
        let rows = self.rows.all();
        let customer = filter.customer.as_deref().map(|id| self.words.known(id));
        let millis = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| at.timestamp_millis());
        let (from, until) = (millis(filter.created_from), millis(filter.created_until));
        let text = (!filter.text.is_empty()).then(|| self.holding(&filter.text, names));
        rows.iter().enumerate().filter_map(move |(place, row)| {
            let let_through = customer.is_none_or(|wanted| wanted == Some(row.customer))
                && from.is_none_or(|from| row.created_at >= from)
                && until.is_none_or(|until| row.created_at < until)
                && text.as_ref().is_none_or(|text| text[place]);
            let_through.then_some(row)
        })
    }

    /// Which rows hold a text in one of their own, or in the customer's name.
    fn holding(&self, text: &str, names: &Names) -> Vec<bool> {
        let rows = self.rows.all();
        if text.contains(BETWEEN) {
            return vec![false; rows.len()];
        }
        let named = named(names, text);
        let customers = self.words.each(|text| named.contains(text));
        let mut holding = self.rows.texts.holding(text, 0..rows.len());
        for (holding, row) in holding.iter_mut().zip(rows) {
            *holding |= customers.of(row.customer);
        }
        holding
    }
}
