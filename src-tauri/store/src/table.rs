//! What all table modules share: rows that know their columns, and the few statements built from them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::types::{FromSqlError, ToSqlOutput};
use rusqlite::{Connection, OptionalExtension, Params, Row, params_from_iter};

use crate::columns::Column;
use crate::error::{At, StoreError};

/// A row struct whose fields are the table's columns, in order.
pub(crate) trait TableRow: Sized {
    /// File and table, for errors.
    const PLACE: &'static str;
    const TABLE: &'static str;
    const COLUMNS: &'static [&'static str];
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self>;
    fn values(&self) -> Vec<ToSqlOutput<'_>>;
}

/// Declares a row struct once; the column list, reading and writing follow from its fields.
macro_rules! table_row {
    ($(#[$meta:meta])* pub struct $name:ident in $file:literal, $table:literal {
        $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }

        impl $crate::table::TableRow for $name {
            const PLACE: &'static str = concat!($file, ", table ", $table);
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),*];

            fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
                // By place: the statements name the columns in this order.
                let mut places = 0..;
                Ok(Self { $($field: $crate::table::column_at(row, places.next().unwrap_or_default())?,)* })
            }

            fn values(&self) -> Vec<rusqlite::types::ToSqlOutput<'_>> {
                vec![$($crate::columns::Column::write(&self.$field)),*]
            }
        }
    };
}
pub(crate) use table_row;

/// Declares a table's read handle and its write handle, which also reads.
macro_rules! table_handles {
    ($(#[$meta:meta])* $read:ident, $write:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy)]
        pub struct $read<'a>(pub(crate) &'a rusqlite::Connection);

        /// The same table inside a write; it reads what the write has done so far.
        pub struct $write<'a>(pub(crate) $read<'a>);

        impl<'a> std::ops::Deref for $write<'a> {
            type Target = $read<'a>;
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
    };
}
pub(crate) use table_handles;

/// One column of a row by name.
pub(crate) fn column<T: Column>(row: &Row<'_>, name: &str) -> rusqlite::Result<T> {
    column_at(row, row.as_ref().column_index(name)?)
}

/// One column of a row by its place.
pub(crate) fn column_at<T: Column>(row: &Row<'_>, place: usize) -> rusqlite::Result<T> {
    let value = row.get_ref(place)?;
    T::read(value).map_err(|error| match error {
        FromSqlError::InvalidType => {
            let name = row.as_ref().column_name(place).unwrap_or_default().to_owned();
            rusqlite::Error::InvalidColumnType(place, name, value.data_type())
        }
        other => rusqlite::Error::FromSqlConversionFailure(place, value.data_type(), Box::new(other)),
    })
}

/// All rows that `tail` (WHERE, ORDER BY, LIMIT) selects.
pub(crate) fn select<T: TableRow>(conn: &Connection, tail: &str, params: impl Params) -> Result<Vec<T>, StoreError> {
    let sql = format!("SELECT {} FROM {} {tail}", T::COLUMNS.join(", "), T::TABLE);
    let mut statement = conn.prepare_cached(&sql).at(T::PLACE)?;
    let rows = statement.query_map(params, T::from_row).at(T::PLACE)?;
    rows.collect::<rusqlite::Result<_>>().at(T::PLACE)
}

/// A list of ids as one parameter: `IN (SELECT value FROM json_each(?))`. Any number of them is one statement.
pub(crate) fn id_list<S: AsRef<str>>(ids: &[S]) -> String {
    serde_json::Value::from_iter(ids.iter().map(AsRef::as_ref)).to_string()
}

/// The first row that `tail` selects.
pub(crate) fn select_one<T: TableRow>(
    conn: &Connection,
    tail: &str,
    params: impl Params,
) -> Result<Option<T>, StoreError> {
    let sql = format!("SELECT {} FROM {} {tail}", T::COLUMNS.join(", "), T::TABLE);
    let mut statement = conn.prepare_cached(&sql).at(T::PLACE)?;
    statement.query_row(params, T::from_row).optional().at(T::PLACE)
}

/// Inserts the row or replaces the one with the same key.
pub(crate) fn upsert<T: TableRow>(conn: &Connection, key: &[&str], row: &T) -> Result<(), StoreError> {
    upsert_with(conn, key, row, &[])
}

/// As [`upsert`], with columns that the row struct does not show.
pub(crate) fn upsert_with<T: TableRow>(
    conn: &Connection,
    key: &[&str],
    row: &T,
    more: &[(&str, &dyn rusqlite::ToSql)],
) -> Result<(), StoreError> {
    let mut values = row.values();
    for (_, value) in more {
        values.push(value.to_sql().at(T::PLACE)?);
    }
    let sql = upsert_sql::<T>(key, more);
    conn.prepare_cached(&sql).at(T::PLACE)?.execute(params_from_iter(values)).at(T::PLACE)?;
    Ok(())
}

thread_local! {
    /// Statements of this thread by table and number of columns: a sync makes the same few hundreds of thousands of times.
    static UPSERTS: RefCell<HashMap<(&'static str, usize), Rc<str>>> = RefCell::default();
}

/// A table is always written by the same key.
fn upsert_sql<T: TableRow>(key: &[&str], more: &[(&str, &dyn rusqlite::ToSql)]) -> Rc<str> {
    let made = |made: &RefCell<HashMap<_, _>>| {
        let mut made = made.borrow_mut();
        Rc::clone(made.entry((T::TABLE, T::COLUMNS.len() + more.len())).or_insert_with(|| {
            let columns: Vec<&str> = T::COLUMNS.iter().copied().chain(more.iter().map(|(name, _)| *name)).collect();
            let marks = vec!["?"; columns.len()].join(", ");
            let others = columns.iter().filter(|name| !key.contains(name));
            let sets: Vec<String> = others.map(|name| format!("{name} = excluded.{name}")).collect();
            let (columns, key, sets) = (columns.join(", "), key.join(", "), sets.join(", "));
            Rc::from(format!(
                "INSERT INTO {} ({columns}) VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {sets}",
                T::TABLE
            ))
        }))
    };
    UPSERTS.with(made)
}

/// Runs one statement and returns the number of rows it touched.
pub(crate) fn execute(conn: &Connection, place: &str, sql: &str, params: impl Params) -> Result<usize, StoreError> {
    conn.prepare_cached(sql).at(place)?.execute(params).at(place)
}
