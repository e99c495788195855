//! The review: everything to see and to settle before a decision. Reviewing again replaces the quote under the same request.

use desk_store::Write;
use refund_rules::case::{Action, Ask as RulesAsk, Kind};
use refund_rules::quote::{Channel, Params, Quote};

use super::event::Reviewed;
use super::record::Record;
use super::{RequestEvent, show};
use crate::ambient::time_ordered_id;
use crate::answers::{order_index, questions};
use crate::error::DeskError;
use crate::home::Desk;
use crate::projection::{self, Note, Scribe};
use crate::quote_book::Judged;
use crate::tell;
use crate::views::{Ask, FactAnswer, Review, Sentence};

/// Setting: `api:CUSTOMER` = `on` lets unsubscriptions of this customer go out by the API. On in sandbox homes unless `off`.
const API_SETTING: &str = "api:";

/// How often a review looks for the open request again when others of the same moment get in its way.
const REVIEW_ATTEMPTS: u32 = 4;

/// Journal entry: the API was switched on or off for a customer.
pub(super) const API_SWITCHED: &str = "api_switched";

impl Desk {
    /// Makes a quote for a decision and keeps it as a request in state `reviewed`. Errors: `not_eligible`, `request_open`,
    /// `not_a_candidate`, `unknown_resource`.
    pub fn review(&self, ask: &Ask) -> Result<Review, DeskError> {
        for _ in 1..REVIEW_ATTEMPTS {
            match self.review_once(ask) {
                // Another review of the same moment has just taken the place of the request that this one found open.
                Err(error) if error.code() == "illegal_move" => {}
                reviewed => return reviewed,
            }
        }
        self.review_once(ask)
    }

    fn review_once(&self, ask: &Ask) -> Result<Review, DeskError> {
        let id = match self.open_request(&ask.customer, &ask.resource)? {
            Some(open) if !open.may_review_again() => return Err(request_open(&open)),
            Some(open) if open.reviewed.action == ask.action && open.reviewed.expires == ask.expires => open.id,
            _ => time_ordered_id(self.ambient.as_ref()).to_string(),
        };
        self.review_as(&id, ask)
    }

    /// Enters the manager's answers to unknown facts, then reviews again. Errors: `bad_answer`, `quote_changed` (the orders are
    /// others than those asked about), and those of a review.
    pub fn settle(&self, request: &str, answers: &[FactAnswer]) -> Result<Review, DeskError> {
        let record = self.record(request)?;
        if !record.may_review_again() {
            return Err(DeskError::illegal_move(request, super::state_name(record.state), "request_reviewed"));
        }
        let ask = ask_of(&record);
        let Judged { case, quote, .. } = self.judge(&ask.customer, &ask.resource, rules_ask(&ask, self.now()))?;
        if answers.iter().any(|answer| order_index(&answer.path).is_some()) && !same_orders(record.quote(), &quote) {
            return Err(DeskError::quote_changed(request));
        }
        self.keep_answers(&record.customer, &case, answers)?;
        self.review_as(request, &ask)
    }

    pub(super) fn review_as(&self, id: &str, ask: &Ask) -> Result<Review, DeskError> {
        if !matches!(ask.action, Action::Unsubscribe | Action::CancelRenewals) {
            return Err(DeskError::not_an_act(ask.action));
        }
        let judged = self.judge(&ask.customer, &ask.resource, rules_ask(ask, self.now()))?;
        let quote = judged.quote.clone().seal();
        if !quote.eligible && !quote.releasable {
            self.drop_review(id)?;
            return Err(not_eligible(&quote));
        }
        let event = RequestEvent::RequestReviewed(Box::new(Reviewed {
            resource: ask.resource.clone(),
            product: judged.case.resource.product.clone(),
            product_type: judged.chain.resource.product_type.clone(),
            instance: judged.case.resource.kind == Kind::Instance,
            action: ask.action,
            expires: ask.expires,
            currency: quote.currency.clone().unwrap_or_else(|| judged.case.customer.currency.clone()),
            quote: quote.clone(),
        }));
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
            questions: questions(&quote, &judged.case, self.language()?),
            type_amount: show::to_type(&quote),
        })
    }

    /// What was reviewed before can no longer be done: it is not left to be confirmed.
    fn drop_review(&self, id: &str) -> Result<(), DeskError> {
        let kept = self.store.read(|r| r.requests().get(id))?;
        match kept.as_ref().map(projection::record_of).transpose()? {
            Some(record) if record.may_review_again() => self.withdraw(id).map(drop),
            _ => Ok(()),
        }
    }

    /// Channels a request may take, the usual one first, and why others are not offered.
    pub(super) fn channels(&self, record: &Record) -> Result<(Vec<Channel>, Vec<Sentence>), DeskError> {
        let usual = record.quote().channel;
        let mut channels = vec![usual];
        let (id, params) = if record.reviewed.action == Action::CancelRenewals {
            ("renewals", Params::new())
        } else if usual != Channel::Console {
            ("other_channel", Params::new())
        } else if !record.reviewed.instance {
            ("plans", Params::new())
        } else if record.quote().releasable {
            ("for_nothing", Params::new())
        } else if !self.api_is_on(&record.customer)? {
            ("api_off", Params::new())
        } else if let Some((code, problem)) = self.refused_by_api(record)? {
            (
                "api_refused",
                tell::params([("code", code.as_str().into()), ("message", problem.message.as_str().into())]),
            )
        } else {
            channels.push(Channel::Api);
            return Ok((channels, Vec::new()));
        };
        let text = tell::say(self.language()?, "channel_note", id, &params);
        Ok((channels, vec![Sentence { text, rule: None, source: None }]))
    }

    pub(crate) fn api_is_on(&self, customer: &str) -> Result<bool, DeskError> {
        let connection = self.store.read(|r| r.connections().get(customer))?;
        if connection.is_some_and(|connection| connection.is_imported_only()) {
            return Ok(false);
        }
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
            scribe.enter(tx, Note { kind: API_SWITCHED, customer: Some(&customer), subject: None, body })?;
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
fn make_way(
    tx: &mut Write<'_>,
    scribe: &Scribe,
    request: &str,
    customer: &str,
    resource: &str,
) -> Result<(), DeskError> {
    let Some(row) = tx.requests().open_of_resource(customer, resource)?.filter(|row| row.id != request) else {
        return Ok(());
    };
    let other = projection::record_of(&row)?;
    if !other.may_review_again() {
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
    let codes: Vec<String> = quote.blockers.iter().map(|b| b.code.to_string()).collect();
    DeskError::new(
        "not_eligible",
        format!("this cannot be unsubscribed now: {}", codes.join(", ")),
        "look at each blocker in the quote: it says what to do about it",
    )
    .at("resource")
    .with_details(codes)
}

/// True when both quotes count the same orders and ask the same of them: only then does a place among the orders mean the same
/// order in both.
fn same_orders(shown: &Quote, now: &Quote) -> bool {
    let asked =
        |quote: &Quote| quote.unknowns.iter().filter(|path| order_index(path).is_some()).cloned().collect::<Vec<_>>();
    let counted = |quote: &Quote| quote.lines.iter().map(|line| line.order.clone()).collect::<Vec<_>>();
    asked(shown) == asked(now) && counted(shown) == counted(now)
}
