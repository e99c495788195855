//! What the cloud does not tell, as questions, and the manager's answers to them. An answer is a fact like any other: journaled
//! with its source, laid over the case, and the newest one holds.

use refund_rules::case::{Action, Ask, Case};
use refund_rules::quote::Quote;
use serde_json::Value;

use crate::error::DeskError;
use crate::home::Desk;
use crate::periods;
use crate::projection::{EnteredFact, Note};
use crate::tell::{self, Language};
use crate::views::{FactAnswer, Question, QuoteView};

impl Desk {
    /// Enters facts about a resource outside any request, to settle them early or to correct an earlier answer, and makes its
    /// quote again. Errors: `bad_answer`, `unknown_resource`.
    pub fn enter_facts(&self, customer: &str, resource: &str, answers: &[FactAnswer]) -> Result<QuoteView, DeskError> {
        if answers.iter().any(|answer| periods::is_about(&answer.path)) {
            self.enter_periods(customer, resource, answers)?;
            return self.quote(customer, resource, None);
        }
        let ask = Ask { at: self.now(), action: Action::Unsubscribe, expires: None, daily_list: None };
        let case = self.judge(customer, resource, ask)?.case;
        self.keep_answers(customer, &case, answers)?;
        self.quote(customer, resource, None)
    }

    /// All answers or none, in one write.
    pub(crate) fn keep_answers(&self, customer: &str, case: &Case, answers: &[FactAnswer]) -> Result<(), DeskError> {
        let facts = answers.iter().map(|answer| fact_of(answer, case)).collect::<Result<Vec<_>, _>>()?;
        // What is said of the customer changes the quotes of all its resources.
        let of_customer = facts.iter().any(|fact| fact.scope == "customer");
        let owner = customer.to_owned();
        self.write(move |tx, scribe| {
            for fact in &facts {
                let body = serde_json::to_value(fact)
                    .map_err(|why| DeskError::new("bad_answer", why.to_string(), "answer again"))?;
                scribe.enter(
                    tx,
                    Note { kind: "fact_entered", customer: Some(&owner), subject: Some(&fact.scope), body },
                )?;
            }
            Ok(())
        })?;
        if of_customer {
            self.quote_customer(customer)
        } else {
            self.quote_resources(customer, std::slice::from_ref(&case.resource.id))
        }
    }
}

/// The unknown facts of a quote as questions. Yes-or-no facts must be answered: any of them can make the amount untrue. An
/// unknown discount table only widens the range.
pub(crate) fn questions(quote: &Quote, case: &Case, language: Language) -> Vec<Question> {
    quote.unknowns.iter().map(|path| question(path, case, language)).collect()
}

/// Paths of questions that must be answered before confirming.
pub(crate) fn required(quote: &Quote) -> impl Iterator<Item = &String> {
    quote
        .unknowns
        .iter()
        .filter(|path| usual_answer(last_key(path)).is_some_and(|usual| usual == "true" || usual == "false"))
}

fn question(path: &str, case: &Case, language: Language) -> Question {
    let order = order_index(path).and_then(|i| case.orders.get(i)).map(|o| o.id.clone());
    let key = last_key(path);
    let usual = usual_answer(key);
    let required = usual.is_some_and(|u| u == "true" || u == "false");
    let id = if tell::knows("question", key) { key } else { "other" };
    let text = tell::say(language, "question", id, &tell::params([("fact", key.into())]));
    Question { path: path.to_owned(), text, order, usual: usual.map(str::to_owned), required }
}

/// What holds for a resource to which nothing special applies.
fn usual_answer(key: &str) -> Option<&'static str> {
    match key {
        "paid_marketplace_image" | "security_risk" | "transferred" | "invoiced" => Some("false"),
        "refundable" => Some("true"),
        _ => None,
    }
}

fn last_key(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// `3` in `orders[3].invoiced`.
pub(crate) fn order_index(path: &str) -> Option<usize> {
    path.strip_prefix("orders[")?.split_once(']')?.0.parse().ok()
}

/// An answer as the fact to keep: under the order, the resource or the customer that it is about.
fn fact_of(answer: &FactAnswer, case: &Case) -> Result<EnteredFact, DeskError> {
    let refused = |why: &str| {
        DeskError::new("bad_answer", why.to_owned(), "answer the questions of the review, each with one of its values")
            .at(answer.path.clone())
    };
    let (scope, path) = match answer.path.split_once('.') {
        Some(("resource", rest @ ("paid_marketplace_image" | "security_risk" | "transferred" | "renew_status"))) => {
            (format!("resource:{}", case.resource.id), rest)
        }
        Some(("customer", rest @ "ecs_quota_left")) => ("customer".to_owned(), rest),
        Some((order, rest @ ("invoiced" | "promotion.refundable"))) if order.starts_with("orders[") => {
            let order =
                order_index(order).and_then(|i| case.orders.get(i)).ok_or_else(|| refused("there is no such order"))?;
            (format!("order:{}", order.id), rest)
        }
        _ => return Err(refused("nobody asks this")),
    };
    let value =
        value_of(last_key(path), answer.value.trim()).ok_or_else(|| refused("this value does not fit the question"))?;
    if answer.source.trim().is_empty() {
        return Err(refused("an answer needs its source: where the manager has it from"));
    }
    Ok(EnteredFact { scope, path: path.to_owned(), value, source: answer.source.trim().to_owned() })
}

fn value_of(key: &str, text: &str) -> Option<Value> {
    match key {
        "ecs_quota_left" => text.parse::<u32>().ok().map(Value::from),
        "renew_status" => matches!(text, "auto" | "manual" | "none").then(|| Value::from(text)),
        _ => text.parse::<bool>().ok().map(Value::from),
    }
}
