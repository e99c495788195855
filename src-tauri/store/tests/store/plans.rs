//! How the database finds rows: what is asked for each resource must not walk all rows of its customer.

use tempfile::tempdir;

use crate::{past_the_store, sandbox};

/// Statements as the tables make them, with the index that must serve each and how far it must be followed.
const ASKED: [(&str, &str); 13] = [
    ("txn WHERE customer = ?1 AND record_id = ?2 ORDER BY at, number", "txn_of_record (customer=? AND record_id=?)"),
    (
        "order_part WHERE customer = ?1 AND instance = ?2 ORDER BY start_at, order_id, sub_order",
        "order_part_of_instance (customer=? AND instance=?)",
    ),
    (
        "order_part WHERE customer = ?1 AND order_id = ?2 ORDER BY sub_order, instance",
        "sqlite_autoindex_order_part_1 (customer=? AND order_id=?)",
    ),
    ("order_head WHERE customer = ?1 AND id = ?2", "sqlite_autoindex_order_head_1 (customer=? AND id=?)"),
    ("order_head WHERE customer = ?1 AND settled = 0 ORDER BY created_at, id", "order_head_unsettled (customer=?)"),
    ("resource WHERE customer = ?1 AND id = ?2", "(customer=? AND id=?)"),
    ("fact WHERE customer = ?1 AND scope = ?2 ORDER BY path", "(customer=? AND scope=?)"),
    ("quote WHERE customer = ?1 AND resource = ?2", "(customer=? AND resource=?)"),
    (
        "txn WHERE customer = ?1 AND record_id IN (SELECT value FROM json_each(?2))",
        "txn_of_record (customer=? AND record_id=?)",
    ),
    (
        "order_part WHERE customer = ?1 AND instance IN (SELECT value FROM json_each(?2))",
        "order_part_of_instance (customer=? AND instance=?)",
    ),
    (
        "order_part WHERE customer = ?1 AND order_id IN (SELECT value FROM json_each(?2))",
        "sqlite_autoindex_order_part_1 (customer=? AND order_id=?)",
    ),
    (
        "order_head WHERE customer = ?1 AND id IN (SELECT value FROM json_each(?2))",
        "sqlite_autoindex_order_head_1 (customer=? AND id=?)",
    ),
    ("resource WHERE customer = ?1 AND id IN (SELECT value FROM json_each(?2))", "(customer=? AND id=?)"),
];

#[test]
fn what_is_asked_for_each_resource_is_found_by_an_index() {
    let dir = tempdir().unwrap();
    drop(sandbox(dir.path()));
    let cache = past_the_store(dir.path(), "cache.db");
    for (asked, index) in ASKED {
        let sql = format!("EXPLAIN QUERY PLAN SELECT * FROM {asked}");
        let mut statement = cache.prepare(&sql).unwrap();
        let places = statement.parameter_count();
        let rows = statement.query_map(rusqlite::params_from_iter(vec!["[]"; places]), |row| row.get::<_, String>(3));
        let plan: Vec<String> = rows.unwrap().map(Result::unwrap).collect();
        assert!(plan[0].ends_with(index), "{asked}: {plan:?}");
    }
}
