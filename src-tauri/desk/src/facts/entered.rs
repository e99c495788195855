//! What the manager entered, laid over what the wire tells. The case is changed as a document, so that an entered value goes
//! through the same reading and refusal as any other.

use desk_store::FactRow;
use refund_rules::case::Case;
use serde_json::Value;

use super::rows::{self, Rows};
use crate::discounts;
use crate::error::DeskError;
use crate::periods;

/// Lays all entered facts that concern this case over it.
pub(super) fn apply(rows: &Rows, case: Case) -> Result<Case, DeskError> {
    let scoped = |scope: &str, place: &str| {
        let facts = rows.facts_of(scope).iter();
        facts.map(|fact| (fact.clone(), place.to_owned())).collect::<Vec<_>>()
    };
    let mut facts: Vec<(FactRow, String)> = Vec::new();
    facts.extend(scoped(rows::CUSTOMER, "/customer"));
    facts.extend(scoped(&rows::resource_scope(&case.resource.id), "/resource"));
    let tables = rows.facts_of(&discounts::scope(&case.resource.product));
    for (i, order) in case.orders.iter().enumerate() {
        let place = format!("/orders/{i}");
        // A table for the product holds for every order of it; one for the order itself wins.
        if let Some(table) = discounts::table_for(tables, order.paid_at)? {
            facts.push((FactRow { path: "discounts".to_owned(), ..table.clone() }, place.clone()));
        }
        // A service period is laid over the chain where no source tells it, before the case is made.
        let of_order = scoped(&periods::scope(&order.id), &place);
        facts.extend(of_order.into_iter().filter(|(fact, _)| !periods::is_period(&fact.path)));
    }
    if facts.is_empty() {
        return Ok(case);
    }
    lay(case, &facts)
}

fn lay(case: Case, facts: &[(FactRow, String)]) -> Result<Case, DeskError> {
    let mut document = serde_json::to_value(&case).map_err(|why| refused("the case", &why))?;
    for (fact, place) in facts {
        let pointer = format!("{place}/{}", fact.path.replace('.', "/"));
        let value: Value = fact.value.read()?;
        set(&mut document, &pointer, value).ok_or_else(|| refused(&fact.path, &"there is no such fact"))?;
    }
    serde_json::from_value(document).map_err(|why| refused("an entered fact", &why))
}

/// Sets the value at a pointer whose parent exists.
fn set(document: &mut Value, pointer: &str, value: Value) -> Option<()> {
    let (parent, key) = pointer.rsplit_once('/')?;
    let parent = document.pointer_mut(parent)?.as_object_mut()?;
    parent.insert(key.to_owned(), value);
    Some(())
}

fn refused(place: &str, why: &dyn std::fmt::Display) -> DeskError {
    DeskError::new(
        "bad_fact",
        format!("an entered fact cannot be used: {why}"),
        "enter it again with a value that the case format allows",
    )
    .at(place)
}
