//! The review: everything to see and to settle before a decision. Reviewing again replaces the quote under the same request.

use desk_store::Write;
use refund_rules::case::{Action, Ask as RulesAsk, Case, Kind};
use refund_rules::quote::{Channel, Quote};
use serde_json::Value;

use super::event::Reviewed;
use super::record::Record;
use super::{RequestEvent, show};
use crate::ambient::time_ordered_id;
use crate::error::DeskError;
use crate::home::Desk;
use crate::projection::{self, EnteredFact, Note, Scribe};
use crate::quote_book::Judged;
use crate::views::{Ask, FactAnswer, Question, RequestState, Review, Sentence};

/// Setting: `api:CUSTOMER` = `on` lets unsubscriptions of this customer go out by the API. On in sandbox homes unless `off`.
const API_SETTING: &str = "api:";

impl Desk {
    /// Makes a quote for a decision and keeps it as a request in state `reviewed`. Errors: `not_eligible`, `request_open`,
    /// `not_a_candidate`, `unknown_resource`.
    pub fn review(&self, ask: &Ask) -> Result<Review, DeskError> {
        let id = match self.open_request(&ask.customer, &ask.resource)? {
            Some(open) if !may_review_again(&open) => return Err(request_open(&open)),
            Some(open) if open.reviewed.action == ask.action && open.reviewed.expires == ask.expires => open.id,
            _ => time_ordered_id(self.ambient.as_ref()).to_string(),
        };
        self.review_as(&id, ask)
    }

    /// Enters the manager's answers to unknown facts, then reviews again. Errors: `bad_answer`, `quote_changed` (the orders are
    /// others than those asked about), and those of a review.
    pub fn settle(&self, request: &str, answers: &[FactAnswer]) -> Result<Review, DeskError> {
        let record = self.record(request)?;
        if !may_review_again(&record) {
            return Err(DeskError::illegal_move(request, super::state_name(record.state), "request_reviewed"));
        }
        let ask = ask_of(&record);
        let Judged { case, quote, .. } = self.judge(&ask.customer, &ask.resource, rules_ask(&ask, self.now()))?;
        if answers.iter().any(|answer| order_index(&answer.path).is_some()) && !same_orders(record.quote(), &quote) {
            return Err(DeskError::quote_changed(request));
        }
        let facts = answers.iter().map(|answer| fact_of(answer, record.quote(), &case)).collect::<Result<Vec<_>, _>>()?;
        let customer = record.customer.clone();
        self.write(move |tx, scribe| {
            for fact in &facts {
                let body = serde_json::to_value(fact).map_err(|why| DeskError::new("bad_answer", why.to_string(), "answer again"))?;
                scribe.enter(tx, Note { kind: "fact_entered", customer: Some(&customer), subject: Some(&fact.scope), body })?;
            }
            Ok(())
        })?;
        self.quote_resources(&ask.customer, std::slice::from_ref(&ask.resource))?;
        self.review_as(request, &ask)
    }

    fn review_as(&self, id: &str, ask: &Ask) -> Result<Review, DeskError> {
        let judged = self.judge(&ask.customer, &ask.resource, rules_ask(ask, self.now()))?;
        let quote = judged.quote.clone().seal();
        if !quote.eligible && !quote.releasable {
            return Err(not_eligible(&quote));
        }
        let event = RequestEvent::RequestReviewed(Reviewed {
            resource: ask.resource.clone(),
            product: judged.case.resource.product.clone(),
            product_type: judged.chain.resource.product_type.clone(),
            instance: judged.case.resource.kind == Kind::Instance,
            action: ask.action,
            expires: ask.expires,
            currency: quote.currency.clone().unwrap_or_else(|| judged.case.customer.currency.clone()),
            quote: quote.clone(),
        });
        let (request, customer) = (id.to_owned(), ask.customer.clone());
        let resource = ask.resource.clone();
        let record = self.write(move |tx, scribe| {
            make_way(tx, scribe, &request, &customer, &resource)?;
            scribe.move_request(tx, &request, &customer, &event)
        })?;
        let (channels, channel_notes) = self.channels(&record)?;
        Ok(Review {
            request: self.show(&record)?,
            quote: self.view(&ask.customer, &ask.resource, rules_ask(ask, quote.at))?,
            channels,
            channel_notes,
            questions: questions(&quote, &judged.case),
            type_amount: show::to_type(&quote),
        })
    }

    /// Channels a request may take, the usual one first, and why others are not offered.
    pub(super) fn channels(&self, record: &Record) -> Result<(Vec<Channel>, Vec<Sentence>), DeskError> {
        let usual = record.quote().channel;
        let mut channels = vec![usual];
        let mut notes = Vec::new();
        let mut note = |text: &str| notes.push(Sentence { text: text.to_owned(), rule: None, source: None });
        if record.reviewed.action == Action::CancelRenewals {
            note("No published API call cancels a renewal alone: the console does.");
        } else if usual != Channel::Console {
            note("This product is not unsubscribed at the console or by the API.");
        } else if !record.reviewed.instance {
            note("The API releases instances only; a plan is unsubscribed at the console.");
        } else if record.quote().releasable {
            note("Nothing comes back: a release for nothing goes by the console only.");
        } else if self.api_is_on(&record.customer)? {
            channels.push(Channel::Api);
        } else {
            note("The API is not switched on for this customer.");
        }
        Ok((channels, notes))
    }

    fn api_is_on(&self, customer: &str) -> Result<bool, DeskError> {
        let kept = self.store.read(|r| r.settings().get(&format!("{API_SETTING}{customer}")))?;
        Ok(kept.map_or(self.is_sandbox(), |value| value == "on"))
    }

    /// Switches the API channel on or off for a customer.
    pub fn switch_api(&self, customer: &str, on: bool) -> Result<(), DeskError> {
        self.connection(customer)?;
        let key = format!("{API_SETTING}{customer}");
        let customer = customer.to_owned();
        self.write(move |tx, scribe| {
            let body = serde_json::json!({"on": on});
            scribe.enter(tx, Note { kind: "api_switched", customer: Some(&customer), subject: None, body })?;
            Ok(tx.settings().set(&key, if on { "on" } else { "off" })?)
        })
    }

    pub(crate) fn record(&self, request: &str) -> Result<Record, DeskError> {
        self.store.read(|r| projection::record(r, request))
    }

    fn open_request(&self, customer: &str, resource: &str) -> Result<Option<Record>, DeskError> {
        let row = self.store.read(|r| r.requests().open_of_resource(customer, resource))?;
        row.as_ref().map(projection::record_of).transpose()
    }
}

/// A resource has one open request. Looked at again inside the write, since two reviews may come at the same moment: a review
/// of another ask that nobody confirmed makes way, anything further on refuses.
fn make_way(tx: &mut Write<'_>, scribe: &Scribe, request: &str, customer: &str, resource: &str) -> Result<(), DeskError> {
    let Some(row) = tx.requests().open_of_resource(customer, resource)?.filter(|row| row.id != request) else { return Ok(()) };
    let other = projection::record_of(&row)?;
    if !may_review_again(&other) {
        return Err(request_open(&other));
    }
    scribe.move_request(tx, &other.id, customer, &RequestEvent::RequestWithdrawn {})?;
    Ok(())
}

fn request_open(open: &Record) -> DeskError {
    DeskError::new(
        "request_open",
        format!("request `{}` on this resource is `{}`", open.id, super::state_name(open.state)),
        "follow that request; a second one could act twice",
    )
    .at("resource")
}

fn may_review_again(record: &Record) -> bool {
    matches!(record.state, RequestState::Draft | RequestState::Reviewed | RequestState::ReturnedToReview)
}

pub(super) fn ask_of(record: &Record) -> Ask {
    Ask {
        customer: record.customer.clone(),
        resource: record.reviewed.resource.clone(),
        action: record.reviewed.action,
        expires: record.reviewed.expires,
    }
}

pub(super) fn rules_ask(ask: &Ask, at: chrono::DateTime<chrono::Utc>) -> RulesAsk {
    RulesAsk { at, action: ask.action, expires: ask.expires, daily_list: None }
}

fn not_eligible(quote: &Quote) -> DeskError {
    let codes: Vec<String> = quote.blockers.iter().map(|b| b.code.clone()).collect();
    DeskError::new(
        "not_eligible",
        format!("this cannot be unsubscribed now: {}", codes.join(", ")),
        "look at each blocker in the quote: it says what to do about it",
    )
    .at("resource")
    .with_details(codes)
}

/// The unknown facts of a quote as questions. Yes-or-no facts must be answered: any of them can make the amount untrue. An
/// unknown discount table only widens the range.
pub(super) fn questions(quote: &Quote, case: &Case) -> Vec<Question> {
    quote.unknowns.iter().map(|path| question(path, case)).collect()
}

/// Paths of questions that must be answered before confirming.
pub(super) fn required(quote: &Quote) -> impl Iterator<Item = &String> {
    quote.unknowns.iter().filter(|path| usual_answer(last_key(path)).is_some_and(|usual| usual == "true" || usual == "false"))
}

fn question(path: &str, case: &Case) -> Question {
    let order = order_index(path).and_then(|i| case.orders.get(i)).map(|o| o.id.clone());
    let key = last_key(path);
    let usual = usual_answer(key);
    let required = usual.is_some_and(|u| u == "true" || u == "false");
    let text = match key {
        "paid_marketplace_image" => "Does the instance run a paid image from the marketplace? (usually not)".to_owned(),
        "security_risk" => "Is the instance flagged for a security risk? (usually not)".to_owned(),
        "transferred" => "Was the resource transferred from another account? (usually not)".to_owned(),
        "invoiced" => "Has an invoice been issued for this order? (usually not)".to_owned(),
        "refundable" => "May what this order's promotion gave be refunded? (usually yes: no promotion forbids it)".to_owned(),
        "ecs_quota_left" => "How many ECS unsubscriptions has this account left? (the console shows it)".to_owned(),
        "discounts" => "Which discounts does the customer have for longer use? Without the table the amount is a range.".to_owned(),
        "renew_status" => "Is automatic renewal on? (auto, manual or none)".to_owned(),
        "payments" => "How was this order paid? Without it the destination is not known.".to_owned(),
        other => format!("What is `{other}`?"),
    };
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

/// True when both quotes count the same orders and ask the same of them: only then does a place among the orders mean the same
/// order in both.
fn same_orders(shown: &Quote, now: &Quote) -> bool {
    let asked = |quote: &Quote| quote.unknowns.iter().filter(|path| order_index(path).is_some()).cloned().collect::<Vec<_>>();
    let counted = |quote: &Quote| quote.lines.iter().map(|line| line.order.clone()).collect::<Vec<_>>();
    asked(shown) == asked(now) && counted(shown) == counted(now)
}

/// `3` in `orders[3].invoiced`.
fn order_index(path: &str) -> Option<usize> {
    path.strip_prefix("orders[")?.split_once(']')?.0.parse().ok()
}

/// An answer as the fact to keep: under the order, the resource or the customer that it is about.
fn fact_of(answer: &FactAnswer, quote: &Quote, case: &Case) -> Result<EnteredFact, DeskError> {
    let refused = |why: &str| DeskError::new("bad_answer", why.to_owned(), "answer the questions of the review, each with one of its values").at(answer.path.clone());
    if !quote.unknowns.contains(&answer.path) {
        return Err(refused("nobody asked this"));
    }
    let (scope, path) = match answer.path.split_once('.') {
        Some(("resource", rest)) => (format!("resource:{}", case.resource.id), rest),
        Some(("customer", rest)) => ("customer".to_owned(), rest),
        Some((_, rest)) => {
            let order = order_index(&answer.path).and_then(|i| case.orders.get(i)).ok_or_else(|| refused("there is no such order"))?;
            (format!("order:{}", order.id), rest)
        }
        None => return Err(refused("this is no path of a fact")),
    };
    let value = value_of(last_key(path), answer.value.trim()).ok_or_else(|| refused("this value does not fit the question"))?;
    if answer.source.trim().is_empty() {
        return Err(refused("an answer needs its source: where the manager has it from"));
    }
    Ok(EnteredFact { scope, path: path.to_owned(), value, source: answer.source.trim().to_owned() })
}

fn value_of(key: &str, text: &str) -> Option<Value> {
    match key {
        "ecs_quota_left" => text.parse::<u32>().ok().map(Value::from),
        "renew_status" => matches!(text, "auto" | "manual" | "none").then(|| Value::from(text)),
        key if usual_answer(key).is_some() => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    }
}
