//! How the lists of the quote book are asked for: which rows, in which order, by which index.

use rusqlite::types::ToSqlOutput;

use crate::cache::quote::{QuoteFilter, QuoteSort};
use crate::columns::Column;
use crate::table::like_anywhere;

/// The key of a sort, and the index that has the rows of a kind in its order.
fn key_and_index(sort: QuoteSort) -> (&'static str, &'static str) {
    match sort {
        QuoteSort::Refund => ("refund_sort", "quote_by_refund"),
        QuoteSort::Expires => ("expires_at", "quote_by_expiry"),
        QuoteSort::Product => ("product", "quote_by_product"),
        QuoteSort::Resource => ("resource", "quote_by_resource"),
        QuoteSort::OrderTime => ("ordered_at", "quote_by_order_time"),
        QuoteSort::Region => ("region", "quote_by_region"),
        QuoteSort::Status => ("status", "quote_by_status"),
        QuoteSort::RefundType => ("refund_type", "quote_by_refund_type"),
        QuoteSort::HoldsUntil => ("valid_until", "quote_by_holding"),
        QuoteSort::Renewals => ("pending_renewals", "quote_by_renewals"),
        // Names stand in the other file.
        QuoteSort::Customer => ("named.place", EVERYTHING),
    }
}

/// The index with all that a list is filtered, sorted and counted by.
const EVERYTHING: &str = "quote_listed";

/// Said outright, since the planner knows nothing of how many rows have what: a list of all rows of a kind is walked in its order,
/// anything narrower is found in the index that has it all.
fn index_for(filter: &QuoteFilter) -> &'static str {
    let of_a_kind = QuoteFilter {
        kind: filter.kind.clone(),
        sort: filter.sort,
        descending: filter.descending,
        offset: filter.offset,
        limit: filter.limit,
        ..QuoteFilter::default()
    };
    if filter.kind.is_some() && *filter == of_a_kind { key_and_index(filter.sort).1 } else { EVERYTHING }
}

/// Asks for columns of the rows of a filter in its order; limit and offset are the last two values and still to be added.
pub(crate) fn in_order<'a>(
    filter: &'a QuoteFilter,
    names: &[(String, String)],
    columns: &str,
) -> (String, Vec<ToSqlOutput<'a>>) {
    let (clause, mut values) = filter_clause(filter, true);
    let direction = if filter.descending { "DESC" } else { "ASC" };
    let first_key = key_and_index(filter.sort).0;
    let mut join = "";
    if filter.sort == QuoteSort::Customer {
        let ids: Vec<String> = names.iter().map(|(id, _)| id.clone()).collect();
        values.insert(0, ToSqlOutput::Owned(serde_json::Value::from(ids).to_string().into()));
        join = "LEFT JOIN (SELECT key AS place, value AS id FROM json_each(?)) AS named ON named.id = quote.customer";
    }
    // A key that comes twice would be sorted once more.
    let ties = if filter.sort == QuoteSort::Resource { String::new() } else { format!(", resource {direction}") };
    let sql = format!(
        "SELECT {columns} FROM quote INDEXED BY {} {join} {clause}
         ORDER BY {first_key} {direction} NULLS LAST, customer {direction}{ties} LIMIT ? OFFSET ?",
        index_for(filter)
    );
    (sql, values)
}

/// The conditions of a filter, of which there is always one.
pub(crate) fn filter_clause(filter: &QuoteFilter, with_refund_type: bool) -> (String, Vec<ToSqlOutput<'_>>) {
    let mut conditions = vec!["1"];
    let mut values: Vec<ToSqlOutput<'_>> = Vec::new();
    let equal = [
        ("customer = ?", &filter.customer),
        ("kind = ?", &filter.kind),
        ("product = ?", &filter.product),
        ("refund_type = ?", if with_refund_type { &filter.refund_type } else { &None }),
    ];
    for (condition, value) in equal {
        if let Some(value) = value {
            conditions.push(condition);
            values.push(value.write());
        }
    }
    for (condition, value) in [("ordered_at >= ?", &filter.ordered_from), ("ordered_at < ?", &filter.ordered_until)] {
        if let Some(value) = value {
            conditions.push(condition);
            values.push(value.write());
        }
    }
    if !filter.text.is_empty() {
        let pattern = like_anywhere(&filter.text);
        conditions.push(r"(resource LIKE ? ESCAPE '\' OR product LIKE ? ESCAPE '\' OR region LIKE ? ESCAPE '\')");
        values.extend([pattern.clone().into(), pattern.clone().into(), pattern.into()]);
    }
    (format!("WHERE {}", conditions.join(" AND ")), values)
}

#[cfg(test)]
mod tests {
    use rusqlite::{Connection, params_from_iter};

    use super::*;
    use crate::{cache, schema};

    /// What SQLite is going to do.
    fn plan(filter: &QuoteFilter) -> String {
        let mut conn = Connection::open_in_memory().unwrap();
        schema::bring_up_to_date(&mut conn, "cache.db", &cache::migrations()).unwrap();
        let (sql, mut values) = in_order(filter, &[], "quote.id");
        values.extend([1.into(), 0.into()]);
        let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = statement.query_map(params_from_iter(values), |row| row.get::<_, String>("detail")).unwrap();
        steps.collect::<rusqlite::Result<Vec<_>>>().unwrap().join("; ")
    }

    #[test]
    fn a_list_of_one_kind_is_walked_in_its_order_and_never_sorted() {
        use QuoteSort::*;
        for sort in [Refund, Expires, Product, Resource, OrderTime, Region, Status, RefundType, HoldsUntil, Renewals] {
            for descending in [false, true] {
                let filter =
                    QuoteFilter { kind: Some("instance".to_owned()), sort, descending, ..QuoteFilter::default() };
                let plan = plan(&filter);
                assert!(plan.contains("COVERING INDEX") && !plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
            }
        }
    }

    #[test]
    fn any_other_list_is_found_without_the_table() {
        let some = |text: &str| Some(text.to_owned());
        let all = QuoteFilter::default;
        for filter in [
            all(),
            QuoteFilter { sort: QuoteSort::Customer, kind: some("instance"), ..all() },
            QuoteFilter { customer: some("c1"), kind: some("instance"), ..all() },
            QuoteFilter { text: "i-".to_owned(), product: some("ecs"), refund_type: some("partial"), ..all() },
        ] {
            let plan = plan(&filter);
            assert!(plan.contains("COVERING INDEX quote_listed"), "{filter:?}: {plan}");
        }
    }
}
