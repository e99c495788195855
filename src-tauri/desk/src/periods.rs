//! Service periods that no source tells: order exports have none, and neither have some of the cloud's own rows. The manager enters
//! `orders[ID].start` and `orders[ID].end`, journaled like any other fact; they fill what is missing and never overlay what a source
//! tells, so that a later sync or bill takes their place by itself.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use desk_store::{FactRow, OrderHead, OrderPart, Read};
use refund_rules::case::{Action, Ask};

use crate::error::DeskError;
use crate::facts::{CustomerFacts, Rows, line_names};
use crate::home::Desk;
use crate::projection::{EnteredFact, Note};
use crate::views::FactAnswer;

const START: &str = "start";
const END: &str = "end";

/// True for the key of a fact that is half a service period.
pub(crate) fn is_period(path: &str) -> bool {
    matches!(path, START | END)
}

/// True for the path of an answer that is half a service period: `orders[ID].start`, `orders[ID].end`.
pub(crate) fn is_about(path: &str) -> bool {
    parse(path).is_some()
}

/// Order and key of `orders[ID].start`.
fn parse(path: &str) -> Option<(&str, &str)> {
    let (order, key) = path.trim().strip_prefix("orders[")?.rsplit_once("].")?;
    (is_period(key) && !order.is_empty()).then_some((order, key))
}

/// Fills in entered periods where no source tells them. Answers the lines that no source tells, by name.
pub(crate) fn fill(rows: &Rows, parts: &mut [(OrderHead, OrderPart)]) -> Result<BTreeSet<String>, DeskError> {
    let mut untold = BTreeSet::new();
    let names = line_names(parts);
    for ((_, part), name) in parts.iter_mut().zip(names) {
        if part.start_at.is_some() && part.end_at.is_some() {
            continue;
        }
        let entered = halves(rows.facts_of(&scope(&name)))?;
        part.start_at = part.start_at.or(entered.get(START).copied());
        part.end_at = part.end_at.or(entered.get(END).copied());
        untold.insert(name);
    }
    Ok(untold)
}

/// The halves that were entered for a line.
fn entered(read: &Read<'_>, customer: &str, line: &str) -> Result<BTreeMap<String, DateTime<Utc>>, DeskError> {
    halves(&read.facts().of_scope(customer, &scope(line))?)
}

fn halves(facts: &[FactRow]) -> Result<BTreeMap<String, DateTime<Utc>>, DeskError> {
    let halves = facts.iter().filter(|fact| is_period(&fact.path));
    halves.map(|fact| Ok((fact.path.clone(), fact.value.read()?))).collect()
}

/// Scope of facts about an order, or about a line of one that has several.
pub(crate) fn scope(line: &str) -> String {
    format!("order:{line}")
}

impl Desk {
    /// Enters service periods of a resource's orders: all answers or none, in one write. Errors: `bad_answer`, `unknown_resource`.
    pub(crate) fn enter_periods(
        &self,
        customer: &str,
        resource: &str,
        answers: &[FactAnswer],
    ) -> Result<(), DeskError> {
        let connection = self.connection(customer)?;
        let ask = Ask { at: self.now(), action: Action::Unsubscribe, expires: None, daily_list: None };
        let facts = self.store.read(|r| {
            let (chain, _) = CustomerFacts::read(r, connection)?
                .case(r, resource, ask)?
                .ok_or_else(|| DeskError::unknown_resource(resource))?;
            let facts = answers.iter().map(|answer| fact_of(answer, &chain.untold)).collect::<Result<Vec<_>, _>>()?;
            check_whole(r, customer, &facts)?;
            Ok::<_, DeskError>(facts)
        })?;
        let lines: BTreeSet<&str> = facts.iter().map(|(line, _, _)| line.as_str()).collect();
        let concerned = self.store.read(|r| resources_of(r, customer, &lines))?;
        let owner = customer.to_owned();
        self.write(move |tx, scribe| {
            for (_, _, fact) in &facts {
                let body = serde_json::to_value(fact)
                    .map_err(|why| DeskError::new("bad_answer", why.to_string(), "answer again"))?;
                let note = Note { kind: "fact_entered", customer: Some(&owner), subject: Some(&fact.scope), body };
                scribe.enter(tx, note)?;
            }
            Ok(())
        })?;
        self.quote_resources(customer, &concerned)
    }
}

/// Resources of the orders that lines are of: an order of several has one period for all of them.
fn resources_of(read: &Read<'_>, customer: &str, lines: &BTreeSet<&str>) -> Result<Vec<String>, DeskError> {
    let mut resources = BTreeSet::new();
    for line in lines {
        let order = line.split_once('/').map_or(*line, |(order, _)| order);
        resources.extend(read.order_parts().of_order(customer, order)?.into_iter().map(|part| part.instance));
    }
    resources.remove("");
    Ok(resources.into_iter().collect())
}

/// Line, instant and fact of an answer.
type Half = (String, DateTime<Utc>, EnteredFact);

fn fact_of(answer: &FactAnswer, untold: &BTreeSet<String>) -> Result<Half, DeskError> {
    let refused = |why: &str| bad(&answer.path, why);
    let (order, key) =
        parse(&answer.path).ok_or_else(|| refused("service periods are entered by themselves, without other facts"))?;
    if !untold.contains(order) {
        return Err(refused("this resource has no order of this id whose service period is not known")
            .with_details(untold.iter().cloned().collect()));
    }
    let value = DateTime::parse_from_rfc3339(answer.value.trim())
        .map_err(|_| refused("a service period's end is an instant with an offset, e.g. 2026-03-01T00:00:00+08:00"))?
        .to_utc();
    let source = answer.source.trim();
    if source.is_empty() {
        return Err(refused("an answer needs its source: where the manager has it from"));
    }
    let fact = EnteredFact {
        scope: scope(order),
        path: key.to_owned(),
        value: serde_json::to_value(value).map_err(|why| refused(&why.to_string()))?,
        source: source.to_owned(),
    };
    Ok((order.to_owned(), value, fact))
}

/// Half a period makes no order count, and one that ends before it starts would make the case unreadable.
fn check_whole(read: &Read<'_>, customer: &str, facts: &[Half]) -> Result<(), DeskError> {
    let lines: BTreeSet<&String> = facts.iter().map(|(line, _, _)| line).collect();
    for line in lines {
        let mut period = entered(read, customer, line)?;
        for (_, at, fact) in facts.iter().filter(|(other, _, _)| other == line) {
            period.insert(fact.path.clone(), *at);
        }
        let place = format!("orders[{line}]");
        match (period.get(START), period.get(END)) {
            (Some(start), Some(end)) if start < end => {}
            (Some(_), Some(_)) => return Err(bad(&place, "the service period ends before it starts")),
            _ => return Err(bad(&place, "give both start and end: half a service period makes no order count")),
        }
    }
    Ok(())
}

fn bad(place: &str, why: &str) -> DeskError {
    DeskError::new("bad_answer", why.to_owned(), "look at the order at the console and enter its period again")
        .at(place)
}
