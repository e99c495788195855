//! Refund history and statements as files, over plain rows.
