//! The encrypted cache and the append-only journal: one module a table.
