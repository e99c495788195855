//! Orders and numbers of lists, kept in memory as long as the quote book stays as it is. A page from the middle of a list is cut from
//! the order of the whole list, which is made once; counting it off again for each page would cost a walk through the book.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::cache::quote::{CurrencySum, QuoteFilter, QuoteSummary, QuoteTally};
use crate::error::{At, StoreError};
use crate::schema::Migration;
use crate::table::TableRow;

/// The turn of the quote book: another number after every change of it, by whichever desk. Triggers count, so that no way of
/// changing the book can forget to.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 9,
    usable_from: 8,
    sql: "
    CREATE TABLE quote_turn (id INTEGER PRIMARY KEY CHECK (id = 1), turn INTEGER NOT NULL) STRICT;
    INSERT INTO quote_turn (id, turn) VALUES (1, 1);
    CREATE TRIGGER quote_added AFTER INSERT ON quote BEGIN UPDATE quote_turn SET turn = turn + 1; END;
    CREATE TRIGGER quote_changed AFTER UPDATE ON quote BEGIN UPDATE quote_turn SET turn = turn + 1; END;
    CREATE TRIGGER quote_removed AFTER DELETE ON quote BEGIN UPDATE quote_turn SET turn = turn + 1; END;",
}];

/// Lists that are looked at in turn: the filters somebody goes back and forth between.
const KEPT_MAX: usize = 6;

/// The turn of a snapshot.
pub(crate) fn turn(cache: &Connection) -> Result<i64, StoreError> {
    let mut statement = cache.prepare_cached("SELECT turn FROM quote_turn WHERE id = 1").at(QuoteSummary::PLACE)?;
    statement.query_row([], |row| row.get(0)).at(QuoteSummary::PLACE)
}

/// A list without its place and length; customers' names where it is sorted by them, since they stand in the other file.
pub(crate) type ListKey = (QuoteFilter, Vec<(String, String)>);

/// What is kept for all readers of a store. Writes do not look into it: their turn may yet be taken back.
#[derive(Default)]
pub(crate) struct KeptLists {
    /// Row ids of the whole list in its order.
    pub orders: Kept<ListKey, Vec<i64>>,
    pub tallies: Kept<QuoteFilter, QuoteTally>,
    pub refundable: Kept<(), BTreeMap<String, Vec<CurrencySum>>>,
}

/// Values by key, each of one turn; the newest first.
pub(crate) struct Kept<K, V> {
    values: Mutex<Vec<(i64, K, Arc<V>)>>,
    /// Held while a value is made: who wants the same one waits for it instead of making it, too.
    making: Mutex<()>,
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self { values: Mutex::default(), making: Mutex::default() }
    }
}

impl<K: PartialEq, V> Kept<K, V> {
    /// What is kept of this turn, or what `make` makes of it.
    pub fn of(&self, turn: i64, key: K, make: impl FnOnce() -> Result<V, StoreError>) -> Result<Arc<V>, StoreError> {
        if let Some(known) = self.known(turn, &key) {
            return Ok(known);
        }
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = self.known(turn, &key) {
            return Ok(known);
        }
        let made = Arc::new(make()?);
        let mut values = self.locked();
        // A reader of an older snapshot takes nothing away from those of a newer one.
        values.retain(|(of, other, _)| *of >= turn && *other != key);
        values.insert(0, (turn, key, Arc::clone(&made)));
        values.truncate(KEPT_MAX);
        Ok(made)
    }

    fn known(&self, turn: i64, key: &K) -> Option<Arc<V>> {
        let mut values = self.locked();
        let place = values.iter().position(|(of, other, _)| *of == turn && other == key)?;
        values[..=place].rotate_right(1);
        Some(Arc::clone(&values[0].2))
    }

    fn locked(&self) -> MutexGuard<'_, Vec<(i64, K, Arc<V>)>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks in turn; each answer says how often something was made until then.
    fn check(asks: &[(i64, char)], made_until_then: &[u32]) {
        let (kept, mut made) = (Kept::<char, u32>::default(), 0);
        let mut seen = Vec::new();
        for &(turn, key) in asks {
            kept.of(turn, key, || {
                made += 1;
                Ok(made)
            })
            .unwrap();
            seen.push(made);
        }
        assert_eq!(seen, made_until_then, "{asks:?}");
    }

    #[test]
    fn a_value_is_made_once_a_turn_and_the_least_wanted_goes() {
        check(&[(1, 'a'), (1, 'a'), (1, 'b'), (1, 'a')], &[1, 1, 2, 2]);
        check(&[(1, 'a'), (2, 'a'), (2, 'a')], &[1, 2, 2]);
        // An older snapshot is answered for itself and spoils nothing.
        check(&[(2, 'a'), (1, 'b'), (2, 'a')], &[1, 2, 2]);
        let letters: Vec<(i64, char)> = "abcdefgab".chars().map(|letter| (1, letter)).collect();
        check(&letters, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        let wanted: Vec<(i64, char)> = "abcdefaga".chars().map(|letter| (1, letter)).collect();
        check(&wanted, &[1, 2, 3, 4, 5, 6, 6, 7, 7]);
    }

    #[test]
    fn what_could_not_be_made_is_not_kept() {
        let kept = Kept::<char, u32>::default();
        assert_eq!(
            kept.of(1, 'a', || Err(StoreError::WriterEnded)).unwrap_err().code(),
            StoreError::WriterEnded.code()
        );
        assert_eq!(*kept.of(1, 'a', || Ok(7)).unwrap(), 7);
    }
}
