//! What the manager entered, laid over what the wire tells. The case is changed as a document, so that an entered value goes
//! through the same reading and refusal as any other.

use desk_store::{FactRow, Read};
use refund_rules::case::Case;
use serde_json::Value;

use crate::discounts;
use crate::error::DeskError;
use crate::periods;

/// Lays all entered facts that concern this case over it.
pub(super) fn apply(read: &Read<'_>, customer: &str, case: Case) -> Result<Case, DeskError> {
    let mut facts: Vec<(FactRow, String)> = Vec::new();
    facts.extend(scoped(read, customer, "customer", "/customer")?);
    facts.extend(scoped(read, customer, &format!("resource:{}", case.resource.id), "/resource")?);
    for (i, order) in case.orders.iter().enumerate() {
        let place = format!("/orders/{i}");
        // A table for the product holds for every order of it; one for the order itself wins.
        if let Some(table) = discounts::table_for(read, customer, &case.resource.product, order.paid_at)? {
            facts.push((FactRow { path: "discounts".to_owned(), ..table }, place.clone()));
        }
        // A service period is laid over the chain where no source tells it, before the case is made.
        let of_order = scoped(read, customer, &format!("order:{}", order.id), &place)?;
        facts.extend(of_order.into_iter().filter(|(fact, _)| !periods::is_period(&fact.path)));
    }
    if facts.is_empty() {
        return Ok(case);
    }
    lay(case, &facts)
}

fn scoped(read: &Read<'_>, customer: &str, scope: &str, place: &str) -> Result<Vec<(FactRow, String)>, DeskError> {
    Ok(read.facts().of_scope(customer, scope)?.into_iter().map(|fact| (fact, place.to_owned())).collect())
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
