//! Handing over to a person: at the console, by a ticket, through the partner. The amount that the console shows is compared
//! before the last click, and a difference stops the request.

use chrono::TimeDelta;
use refund_rules::quote::{Channel, Quote};
use rust_decimal::Decimal;

use super::event::Returned;
use super::record::Record;
use super::{RequestEvent, confirm, review, state_name};
use crate::day;
use crate::error::DeskError;
use crate::home::Desk;
use crate::tell::amount;
use crate::views::{RequestState, RequestView};

/// How long after an act a complete sync must have begun before its silence means that nothing was done.
const SETTLED_AFTER: TimeDelta = TimeDelta::hours(1);

/// Longest receipt, in characters: a number or a reference.
const RECEIPT_MAX: usize = 200;

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
        let shown = confirm::read_amount(console_amount).ok_or_else(|| bad_amount(console_amount, "console_amount"))?;
        if !record.covers(shown) {
            let why = DeskError::new(
                "console_amount_differs",
                format!("the console shows {}, confirmed was {}", amount(shown), confirmed_amount(&record)),
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
        self.report_with_receipt(request, refund_order, None)
    }

    /// The same with the channel's receipt: the number of the ticket, or the partner's reference. Errors: `illegal_move`,
    /// `bad_refund_order`, `bad_receipt`.
    pub fn report_with_receipt(
        &self,
        request: &str,
        refund_order: Option<&str>,
        receipt: Option<&str>,
    ) -> Result<RequestView, DeskError> {
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
        let receipt = receipt.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        if receipt.as_ref().is_some_and(|text| text.chars().count() > RECEIPT_MAX) {
            return Err(DeskError::new(
                "bad_receipt",
                format!("a receipt has at most {RECEIPT_MAX} characters"),
                "give the number of the ticket, or the partner's reference",
            )
            .at("receipt"));
        }
        let refund_order = refund_order.map(str::to_owned);
        self.apply(&record, RequestEvent::RequestReported { refund_order, receipt })
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
        let answered = record.observed || record.is_answered_by_api();
        Ok(!answered && !self.is_gone(record)? && self.asked_long_after(record)?)
    }

    /// True when the newest complete sync began so long after the act that it must have seen what came of it.
    pub(super) fn asked_long_after(&self, record: &Record) -> Result<bool, DeskError> {
        let settled_at = record.acted_at.map(|at| at + SETTLED_AFTER);
        settled_at.map_or(Ok(false), |at| self.synced_since(record, at))
    }

    /// A decision holds as long as its quote says the same, or within its floor: it is judged again from the cache right before
    /// the act. Other facts, another instant, a resource that is gone: back to review.
    pub(super) fn stop_if_changed(&self, record: &Record) -> Result<(), DeskError> {
        let judged = self.judged_again(record)?;
        match self.why_void(record, &judged) {
            None => Ok(()),
            Some(why) => {
                self.return_to_review(record, judged.refund, &why)?;
                Err(why)
            }
        }
    }

    /// The quote of what was decided, made from the cache now.
    pub(super) fn judged_again(&self, record: &Record) -> Result<Quote, DeskError> {
        let ask = review::ask_of(record);
        Ok(self.judge(&ask.customer, &ask.resource, review::rules_ask(&ask, self.now()))?.quote)
    }

    /// Why a confirmed request may not be carried out now: it waited too long, or it is no longer what was decided.
    pub(super) fn why_void(&self, record: &Record, judged: &Quote) -> Option<DeskError> {
        if record.has_run_out(self.now()) {
            return Some(run_out(record));
        }
        if record.holds(judged) {
            return None;
        }
        Some(match &record.floor {
            Some(floor) if judged.eligible && judged.refund < floor.at_least => DeskError::new(
                "below_floor",
                format!(
                    "{} comes back now, less than the {} of the floor",
                    amount(judged.refund),
                    amount(floor.at_least)
                ),
                "review again: both numbers are shown, nothing was sent",
            )
            .at("floor"),
            _ => DeskError::new(
                "facts_changed",
                "what was confirmed is no longer what the cache says",
                "review again: the orders, the amount or the resource itself have changed",
            )
            .at("resource"),
        })
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

pub(super) fn bad_amount(typed: &str, place: &str) -> DeskError {
    DeskError::new(
        "bad_amount",
        format!("`{}` is not an amount", typed.trim()),
        "type the amount that the console shows, e.g. 1308.00",
    )
    .at(place)
}

/// The end of the wait as the reason for what follows.
pub(super) fn run_out(record: &Record) -> DeskError {
    match &record.floor {
        Some(floor) => DeskError::new(
            "floor_ended",
            format!("the floor held until {} only", day::shown(floor.until)),
            "review again and confirm what is shown then",
        )
        .at("floor"),
        None => DeskError::new(
            "quote_expired",
            "the confirmed quote ran out before anything was done",
            "review again and confirm what is shown then",
        )
        .at("quote_sha256"),
    }
}

/// What was confirmed, in words: the quote's range, or the floor besides.
pub(super) fn confirmed_amount(record: &Record) -> String {
    let quote = record.quote();
    let range = range(quote.refund, quote.refund_max);
    match &record.floor {
        Some(floor) => format!("{range}, at least {}", amount(floor.at_least)),
        None => range,
    }
}

pub(super) fn range(low: Decimal, high: Decimal) -> String {
    if low == high { amount(low) } else { format!("{} to {}", amount(low), amount(high)) }
}
