//! Tables of `journal.db`: what must never be lost.

pub mod connection;
pub mod entry;
pub mod imported_file;
pub mod setting;
pub(crate) mod verify;

use crate::schema::Migration;

/// All migrations of `journal.db`, in the order they depend on each other.
pub(crate) fn migrations() -> Vec<&'static Migration> {
    [entry::MIGRATIONS, connection::MIGRATIONS, setting::MIGRATIONS, imported_file::MIGRATIONS]
        .into_iter()
        .flatten()
        .collect()
}
