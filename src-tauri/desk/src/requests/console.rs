//! Handing over to a person: at the console, by a ticket, through the partner. The amount that the console shows is compared
//! before the last click, and a difference stops the request.

use refund_rules::quote::Channel;
use rust_decimal::Decimal;

use super::event::Returned;
use super::record::Record;
use super::{RequestEvent, confirm, state_name};
use crate::error::DeskError;
use crate::home::Desk;
use crate::tell::amount;
use crate::views::{RequestState, RequestView};

impl Desk {
    /// Hands a confirmed request over. On the console channel `console_amount` is what the console shows; outside the quote's
    /// range the request goes back to review with both numbers, and the error is `console_amount_differs`.
    pub fn hand_over(&self, request: &str, console_amount: &str) -> Result<RequestView, DeskError> {
        let record = self.record(request)?;
        if record.state != RequestState::Confirmed || record.channel == Some(Channel::Api) {
            return Err(DeskError::illegal_move(request, state_name(record.state), "request_handed_over"));
        }
        let shown = match record.channel {
            Some(Channel::Console) => confirm::read_amount(console_amount).ok_or_else(|| {
                DeskError::new("bad_amount", format!("`{}` is not an amount", console_amount.trim()), "type the amount that the console shows, e.g. 1308.00").at("console_amount")
            })?,
            // A ticket or a partner shows no amount beforehand.
            _ => record.quote().refund,
        };
        self.stop_if_expired(&record, shown)?;
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
        self.apply(&record, RequestEvent::RequestHandedOver { console_amount: shown })
    }

    /// The manager says that it was done. Without a refund order id the next sync finds it.
    pub fn report(&self, request: &str, refund_order: Option<&str>) -> Result<RequestView, DeskError> {
        let record = self.record(request)?;
        let refund_order = refund_order.map(str::trim).filter(|id| !id.is_empty());
        if let Some(id) = refund_order.filter(|id| !id.chars().all(|c| c.is_ascii_digit())) {
            return Err(DeskError::new("bad_refund_order", format!("`{id}` is not an order id"), "copy the digits of the refund order from the console, or leave it empty").at("refund_order"));
        }
        self.apply(&record, RequestEvent::RequestReported { refund_order: refund_order.map(str::to_owned) })
    }

    /// Takes a request back; possible until it is sent or reported.
    pub fn withdraw(&self, request: &str) -> Result<RequestView, DeskError> {
        let record = self.record(request)?;
        self.apply(&record, RequestEvent::RequestWithdrawn {})
    }

    /// A decision holds as long as its quote says the same.
    pub(super) fn stop_if_expired(&self, record: &Record, now_says: Decimal) -> Result<(), DeskError> {
        if record.quote().valid_until.is_none_or(|until| self.now() < until) {
            return Ok(());
        }
        let why = DeskError::new("quote_expired", "the confirmed quote ran out before anything was done", "review again and confirm what is shown then").at("quote_sha256");
        self.return_to_review(record, now_says, &why)?;
        Err(why)
    }

    pub(super) fn return_to_review(&self, record: &Record, now: Decimal, why: &DeskError) -> Result<RequestView, DeskError> {
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

pub(super) fn range(low: Decimal, high: Decimal) -> String {
    if low == high { amount(low) } else { format!("{} to {}", amount(low), amount(high)) }
}
