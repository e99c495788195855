//! The long lists in memory: what the quote book and the refund history are filtered, sorted, searched and counted by. A walk through the
//! encrypted file takes a hundred times as long, and no index serves every combination of a filter, an order and a part of a word.
//!
//! A list is read once and then follows its table: a trigger notes every row that changes, by whichever desk, and before a list answers
//! it takes over what was noted since.

pub(crate) mod quotes;
pub(crate) mod refunds;
mod rows;
mod texts;
mod words;

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard};

use rusqlite::{Connection, Params, Row as SqlRow};

use crate::error::{At, StoreError};
use crate::schema::Migration;

use self::quotes::QuoteList;
use self::refunds::RefundList;
use self::words::Words;

pub(crate) const MIGRATIONS: &[Migration] = &[TURNS, CHANGES];

/// Only counted, by an older desk.
const TURNS: Migration = Migration {
    version: 9,
    usable_from: 8,
    sql: "
    CREATE TABLE quote_turn (id INTEGER PRIMARY KEY CHECK (id = 1), turn INTEGER NOT NULL) STRICT;
    INSERT INTO quote_turn (id, turn) VALUES (1, 1);
    CREATE TRIGGER quote_added AFTER INSERT ON quote BEGIN UPDATE quote_turn SET turn = turn + 1; END;
    CREATE TRIGGER quote_changed AFTER UPDATE ON quote BEGIN UPDATE quote_turn SET turn = turn + 1; END;
    CREATE TRIGGER quote_removed AFTER DELETE ON quote BEGIN UPDATE quote_turn SET turn = turn + 1; END;",
};

/// Each row that changes is noted, so that no way of changing a table can forget to; the oldest notes go. A table's turn is that of its
/// newest note.
const CHANGES: Migration = Migration {
    version: 11,
    usable_from: 11,
    sql: "
    DROP TRIGGER quote_added;
    DROP TRIGGER quote_changed;
    DROP TRIGGER quote_removed;
    DROP TABLE quote_turn;
    CREATE TABLE quote_change (turn INTEGER PRIMARY KEY, changed INTEGER NOT NULL) STRICT;
    CREATE TRIGGER quote_added AFTER INSERT ON quote BEGIN
        INSERT INTO quote_change (changed) VALUES (NEW.id);
        DELETE FROM quote_change WHERE turn <= last_insert_rowid() - 65536;
    END;
    CREATE TRIGGER quote_changed AFTER UPDATE ON quote BEGIN
        INSERT INTO quote_change (changed) VALUES (NEW.id);
        DELETE FROM quote_change WHERE turn <= last_insert_rowid() - 65536;
    END;
    CREATE TRIGGER quote_removed AFTER DELETE ON quote BEGIN
        INSERT INTO quote_change (changed) VALUES (OLD.id);
        DELETE FROM quote_change WHERE turn <= last_insert_rowid() - 65536;
    END;
    CREATE TABLE refund_change (turn INTEGER PRIMARY KEY, changed INTEGER NOT NULL) STRICT;
    CREATE TRIGGER refund_added AFTER INSERT ON refund BEGIN
        INSERT INTO refund_change (changed) VALUES (NEW.rowid);
        DELETE FROM refund_change WHERE turn <= last_insert_rowid() - 65536;
    END;
    CREATE TRIGGER refund_changed AFTER UPDATE ON refund BEGIN
        INSERT INTO refund_change (changed) VALUES (NEW.rowid);
        DELETE FROM refund_change WHERE turn <= last_insert_rowid() - 65536;
    END;
    CREATE TRIGGER refund_removed AFTER DELETE ON refund BEGIN
        INSERT INTO refund_change (changed) VALUES (OLD.rowid);
        DELETE FROM refund_change WHERE turn <= last_insert_rowid() - 65536;
    END;",
};

/// Ids and names of connected customers, by name. They stand in the other file.
pub(crate) type Names = [(String, String)];

/// Customers whose name holds a text, whatever the case of letters A to Z.
fn named<'a>(names: &'a Names, text: &str) -> HashSet<&'a str> {
    let small = text.to_ascii_lowercase();
    let holds = |name: &str| name.to_ascii_lowercase().contains(&small);
    names.iter().filter(|(_, name)| holds(name)).map(|(id, _)| id.as_str()).collect()
}

/// The lists of a store, for all of its readers.
#[derive(Default)]
pub(crate) struct Lists {
    quotes: Kept<QuoteList>,
    refunds: Kept<RefundList>,
}

impl Lists {
    pub fn quotes(&self, cache: &Connection) -> Result<Locked<'_, QuoteList>, StoreError> {
        self.quotes.up_to_date(cache)
    }

    pub fn refunds(&self, cache: &Connection) -> Result<Locked<'_, RefundList>, StoreError> {
        self.refunds.up_to_date(cache)
    }
}

/// A list that is read from a table and follows it.
pub(crate) trait Follows: Sized {
    /// File and table, for errors.
    const PLACE: &'static str;
    /// The table in which triggers note what changes: `turn`, and the row.
    const CHANGES: &'static str;

    /// Reads the whole table.
    fn read(cache: &Connection) -> Result<Self, StoreError>;

    fn len(&self) -> usize;

    /// Takes over the rows with these ids as they are now; those that are not found are gone. An error leaves the list as it was.
    fn take_over(&mut self, cache: &Connection, changed: &HashSet<i64>) -> Result<(), StoreError>;
}

/// Of a list's rows so many at least must be as they were, or it is read anew.
const PARTS_AT_MOST: usize = 4;

/// A list, and the turn of its table up to which it has followed.
struct Kept<L>(Mutex<Option<(i64, L)>>);

impl<L> Default for Kept<L> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

/// A list that nobody else reads or changes meanwhile.
pub(crate) struct Locked<'a, L>(MutexGuard<'a, Option<(i64, L)>>);

impl<L> std::ops::Deref for Locked<'_, L> {
    type Target = L;
    fn deref(&self) -> &L {
        let (_, list) = self.0.as_ref().expect("a list was read before it was locked for a reader");
        list
    }
}

impl<L: Follows> Kept<L> {
    /// The list as it is in this snapshot, or newer: a reader that took its snapshot a moment before another one did sees what
    /// that one saw.
    fn up_to_date(&self, cache: &Connection) -> Result<Locked<'_, L>, StoreError> {
        let mut kept = self.0.lock().unwrap_or_else(|poisoned| {
            // Who held it may have left it half changed.
            let mut kept = poisoned.into_inner();
            *kept = None;
            self.0.clear_poison();
            kept
        });
        let (oldest, newest) = turns::<L>(cache)?;
        let followed = match kept.as_mut() {
            Some((turn, list)) if oldest <= *turn + 1 => follow(list, turn, newest, cache)?,
            _ => false,
        };
        if !followed {
            *kept = Some((newest, L::read(cache)?));
        }
        Ok(Locked(kept))
    }
}

/// Brings a list from its turn to the newest. False when so much has changed that it is better read anew.
fn follow<L: Follows>(list: &mut L, turn: &mut i64, newest: i64, cache: &Connection) -> Result<bool, StoreError> {
    if *turn >= newest {
        return Ok(true);
    }
    let sql = format!("SELECT DISTINCT changed FROM {} WHERE turn > ?1", L::CHANGES);
    let mut statement = cache.prepare_cached(&sql).at(L::PLACE)?;
    let changed = statement.query_map([*turn], |row| row.get(0)).at(L::PLACE)?;
    let changed: HashSet<i64> = changed.collect::<rusqlite::Result<_>>().at(L::PLACE)?;
    if changed.len() > list.len() / PARTS_AT_MOST {
        return Ok(false);
    }
    list.take_over(cache, &changed)?;
    *turn = newest;
    Ok(true)
}

/// All rows of a statement, read with the words that they share.
fn rows_of<R>(
    cache: &Connection,
    place: &str,
    sql: &str,
    params: impl Params,
    words: &mut Words,
    read: impl Fn(&SqlRow<'_>, &mut Words) -> rusqlite::Result<R>,
) -> Result<Vec<R>, StoreError> {
    let mut statement = cache.prepare_cached(sql).at(place)?;
    let rows = statement.query_map(params, |row| read(row, words)).at(place)?;
    rows.collect::<rusqlite::Result<_>>().at(place)
}

/// The oldest and the newest turn of which there is a note; 0 before the first.
fn turns<L: Follows>(cache: &Connection) -> Result<(i64, i64), StoreError> {
    let sql = format!(
        "SELECT coalesce((SELECT min(turn) FROM {0}), 0), coalesce((SELECT max(turn) FROM {0}), 0)",
        L::CHANGES
    );
    let mut statement = cache.prepare_cached(&sql).at(L::PLACE)?;
    statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).at(L::PLACE)
}
