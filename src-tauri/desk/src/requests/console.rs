//! Handing over to a person: at the console, by a ticket, through the partner. The amount that the console shows is compared
//! before the last click, and a difference stops the request.

use chrono::TimeDelta;
use refund_rules::quote::{Channel, Quote};
use rust_decimal::Decimal;

use super::event::Returned;
use super::record::Record;
use super::{RequestEvent, confirm, review, state_name};
use crate::error::DeskError;
use crate::home::Desk;
use crate::tell::amount;
use crate::views::{RequestState, RequestView};

/// How long after an act a complete sync must have begun before its silence means that nothing was done.
const SETTLED_AFTER: TimeDelta = TimeDelta::hours(1);

impl Desk {
    /// Hands a confirmed request over. On the console channel `console_amount` is what the console shows; outside the quote's
    /// range the request goes back to review with both numbers, and the error is `console_amount_differs`.
    pub fn hand_over(&self, request: &str, console_amount: &str) -> Result<RequestView, DeskError> {
        let record = self.record(request)?;
        if record.state != RequestState::Confirmed || record.channel == Some(Channel::Api) {
            return Err(DeskError::illegal_move(request, state_name(record.state), "request_handed_over"));
        }
        self.stop_if_changed(&record)?;
        if record.channel != Some(Channel::Console) {
            // A ticket or a partner shows no amount beforehand.
            return self.apply(&record, RequestEvent::RequestHandedOver { console_amount: None });
        }
        let shown = confirm::read_amount(console_amount).ok_or_else(|| {
            DeskError::new(
                "bad_amount",
                format!("`{}` is not an amount", console_amount.trim()),
                "type the amount that the console shows, e.g. 1308.00",
            )
            .at("console_amount")
        })?;
        let quote = record.quote();
        if shown < quote.refund || shown > quote.refund_max {
            let why = DeskError::new(
                "console_amount_differs",
                format!("the console shows {}, confirmed was {}", amount(shown), range(quote.refund, quote.refund_max)),
                "do not click there; sync, then review again with both numbers",
            )
            .at("console_amount");
            self.return_to_review(&record, shown, &why)?;
            return Err(why);
        }
        self.apply(&record, RequestEvent::RequestHandedOver { console_amount: Some(shown) })
    }

    /// The manager says that it was done. Without a refund order id the next sync finds it.
    pub fn report(&self, request: &str, refund_order: Option<&str>) -> Result<RequestView, DeskError> {
        let record = self.record(request)?;
        let refund_order = refund_order.map(str::trim).filter(|id| !id.is_empty());
        if let Some(id) = refund_order.filter(|id| !id.chars().all(|c| c.is_ascii_digit())) {
            return Err(DeskError::new(
                "bad_refund_order",
                format!("`{id}` is not an order id"),
                "copy the digits of the refund order from the console, or leave it empty",
            )
            .at("refund_order"));
        }
        self.apply(&record, RequestEvent::RequestReported { refund_order: refund_order.map(str::to_owned) })
    }

    /// Takes a request back. Once it was sent or reported that is the manager's word that nothing was done, and it is only taken
    /// when a later complete sync still lists the resource and knows no refund: `may_have_acted` otherwise.
    pub fn withdraw(&self, request: &str) -> Result<RequestView, DeskError> {
        let record = self.record(request)?;
        if matches!(record.state, RequestState::Reported | RequestState::Unknown | RequestState::Overdue)
            && !self.nothing_was_done(&record)?
        {
            return Err(DeskError::new(
                "may_have_acted",
                "this may have been done",
                "ask again; an hour after the act, when the resource is still listed and no refund is known, it can be withdrawn",
            )
            .at("request"));
        }
        self.apply(&record, RequestEvent::RequestWithdrawn {})
    }

    /// True when the cloud was asked long enough after the act, still lists the resource and no refund order answers the request.
    pub(super) fn nothing_was_done(&self, record: &Record) -> Result<bool, DeskError> {
        // The API's own refund order id is an answer, whether or not it was seen since.
        let answered = record.observed || (record.frozen.is_some() && !record.refund_orders.is_empty());
        let settled_at = record.acted_at.map(|at| at + SETTLED_AFTER);
        Ok(!answered && !self.is_gone(record)? && settled_at.map_or(Ok(false), |at| self.synced_since(record, at))?)
    }

    /// A decision holds as long as its quote says the same: it is judged again from the cache right before the act. Other facts,
    /// another instant, a resource that is gone: back to review.
    pub(super) fn stop_if_changed(&self, record: &Record) -> Result<(), DeskError> {
        let confirmed = record.quote();
        let ask = review::ask_of(record);
        let judged = self.judge(&ask.customer, &ask.resource, review::rules_ask(&ask, self.now()))?.quote;
        let why = if confirmed.valid_until.is_some_and(|until| self.now() >= until) {
            DeskError::new(
                "quote_expired",
                "the confirmed quote ran out before anything was done",
                "review again and confirm what is shown then",
            )
            .at("quote_sha256")
        } else if same_decision(confirmed, &judged) {
            return Ok(());
        } else {
            DeskError::new(
                "facts_changed",
                "what was confirmed is no longer what the cache says",
                "review again: the orders, the amount or the resource itself have changed",
            )
            .at("resource")
        };
        self.return_to_review(record, judged.refund, &why)?;
        Err(why)
    }

    pub(super) fn return_to_review(
        &self,
        record: &Record,
        now: Decimal,
        why: &DeskError,
    ) -> Result<RequestView, DeskError> {
        let quote = record.quote();
        let returned = Returned { confirmed: quote.refund, confirmed_max: quote.refund_max, now, why: why.problem() };
        self.apply(record, RequestEvent::RequestReturnedToReview(returned))
    }

    /// One move of a request, journaled.
    pub(super) fn apply(&self, record: &Record, event: RequestEvent) -> Result<RequestView, DeskError> {
        let (id, customer) = (record.id.clone(), record.customer.clone());
        let record = self.write(move |tx, scribe| scribe.move_request(tx, &id, &customer, &event))?;
        self.show(&record)
    }
}

/// The same thing for the same money: type, amounts, and every order with its state.
fn same_decision(confirmed: &Quote, now: &Quote) -> bool {
    let orders = |quote: &Quote| {
        quote
            .lines
            .iter()
            .map(|line| (line.order.clone(), line.state, line.refund, line.refund_max))
            .collect::<Vec<_>>()
    };
    let whole = |quote: &Quote| {
        (quote.eligible, quote.releasable, quote.refund_type, quote.refund, quote.refund_max, quote.currency.clone())
    };
    whole(confirmed) == whole(now) && orders(confirmed) == orders(now)
}

pub(super) fn range(low: Decimal, high: Decimal) -> String {
    if low == high { amount(low) } else { format!("{} to {}", amount(low), amount(high)) }
}
