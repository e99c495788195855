//! Acting by the API, at most once. The price is asked again first; then token and parameters are journaled, and only then
//! sent. What cannot be known is `unknown`, and asking comes before sending the same again.

use bss_openapi::BssError;
use bss_openapi::wire::{ImmediatelyRelease, InquiryPriceRefundInstanceRequest, RefundInstanceRequest};
use chrono::{DateTime, TimeDelta, Utc};
use refund_rules::quote::Channel;
use rust_decimal::Decimal;

use super::event::Frozen;
use super::record::{ConfirmedUnsubscribe, Record};
use super::{RequestEvent, console, refusal, state_name};
use crate::ambient::client_token;
use crate::cloud;
use crate::error::DeskError;
use crate::home::Desk;
use crate::projection;
use crate::tell::amount;
use crate::views::{RequestState, RequestView};

/// How long after the first sending the same token may be sent again. How long the API remembers a token is not documented; a
/// day is the shortest that similar services promise.
const RESEND_WITHIN: TimeDelta = TimeDelta::hours(24);

impl Desk {
    /// Sends a confirmed request, or an `unknown` one again after the cloud was asked and knew nothing of it. Errors:
    /// `illegal_move`, `quote_expired`, `price_changed`, `resend_refused`, those of the billing API.
    pub async fn send(&self, request: &str) -> Result<RequestView, DeskError> {
        let _one_at_a_time = self.acting.lock().await;
        let record = self.record(request)?;
        let frozen = match record.state {
            RequestState::Confirmed => match self.freeze(&record).await? {
                Priced::Frozen(frozen) => frozen,
                Priced::Refused(event) => return self.apply(&record, event),
            },
            RequestState::Unknown => {
                self.check_channel(&record)?;
                self.frozen_again(&record)?
            }
            state => return Err(DeskError::illegal_move(request, state_name(state), "request_sending")),
        };
        self.apply(&record, RequestEvent::RequestSending(frozen.clone()))?;
        self.call(&record, &frozen).await
    }

    /// Asks the cloud what became of a request: a sync of its customer, whose findings move it.
    pub async fn ask_again(&self, request: &str) -> Result<RequestView, DeskError> {
        let record = self.record(request)?;
        for report in self.sync(Some(&record.customer), &|_| {}).await? {
            if let Some(problem) = report.problem {
                return Err(
                    DeskError::new(&problem.code, problem.message, problem.next).at(problem.place.unwrap_or_default())
                );
            }
        }
        let record = self.record(request)?;
        self.show(&record)
    }

    /// A call that was under way when the process died: nobody knows whether it acted.
    pub(crate) fn mark_interrupted(&self) -> Result<(), DeskError> {
        let open = self.store.read(|r| r.requests().list_open())?;
        for row in open.iter().filter(|row| row.state == state_name(RequestState::Sending)) {
            let why = DeskError::new(
                "interrupted",
                "the desk stopped while the call was under way",
                "ask again before anything else",
            );
            self.apply(&projection::record_of(row)?, RequestEvent::RequestUnknown { problem: why.problem() })?;
        }
        Ok(())
    }

    /// Asks the price again and freezes the call. A changed price goes back to review.
    async fn freeze(&self, record: &Record) -> Result<Priced, DeskError> {
        let Some(confirmed) = record.confirmed_unsubscribe() else {
            return Err(DeskError::new(
                "not_by_api",
                "this request was not confirmed for the API",
                "only a confirmed unsubscription of an instance goes by the API; use the console for anything else",
            )
            .at("request"));
        };
        self.check_channel(record)?;
        self.stop_if_changed(record)?;
        let inquired = match self.inquire(record, &confirmed).await? {
            Ok(inquired) => inquired,
            Err(refused) => return Ok(Priced::Refused(rejected(refused))),
        };
        if !record.covers(inquired) {
            let why = DeskError::new(
                "price_changed",
                format!(
                    "the cloud now gives {}, confirmed was {}",
                    amount(inquired),
                    console::confirmed_amount(record)
                ),
                "review again: both numbers are shown, nothing was sent",
            )
            .at("request");
            self.return_to_review(record, inquired, &why)?;
            return Err(why);
        }
        Ok(Priced::Frozen(confirmed.freeze(client_token(self.ambient.as_ref()), inquired)))
    }

    /// The API may have been switched off for the customer since the decision.
    fn check_channel(&self, record: &Record) -> Result<(), DeskError> {
        if self.channels(record)?.0.contains(&Channel::Api) {
            return Ok(());
        }
        Err(DeskError::new(
            "channel_not_offered",
            "the API is not switched on for this customer any more",
            "withdraw the request and use the console, or switch the API on again",
        )
        .at("channel"))
    }

    /// The inquiry repeats its first answer for a repeated token: it gets one of its own each time. Who may not use the API at
    /// all is told so here already: that is the inner error, an answer to the request as a whole.
    async fn inquire(
        &self,
        record: &Record,
        confirmed: &ConfirmedUnsubscribe<'_>,
    ) -> Result<Result<Decimal, BssError>, DeskError> {
        let client = cloud::client(self, &self.connection(&record.customer)?)?;
        let (product_code, product_type, instance_id) = confirmed.target();
        let request = InquiryPriceRefundInstanceRequest {
            instance_id: instance_id.to_owned(),
            product_code: product_code.to_owned(),
            product_type: product_type.to_owned(),
            client_token: client_token(self.ambient.as_ref()),
        };
        let data = match client.inquiry_price_refund_instance(&request).await {
            Ok(reply) => reply.data,
            Err(error) if refusal::sends_to_the_console(&error) => return Ok(Err(error)),
            Err(error) => return Err(cloud::failed(error)),
        };
        if let Some(currency) = data.currency.filter(|c| *c != record.reviewed.currency) {
            return Err(DeskError::new(
                "currency_differs",
                format!("the cloud answers in {currency}, the quote is in {}", record.reviewed.currency),
                "sync, then review again",
            )
            .at("InquiryPriceRefundInstance"));
        }
        data.refund_amount.map(|amount| Ok(amount.0)).ok_or_else(|| {
            DeskError::new("incomplete_reply", "the cloud named no amount", "try again; nothing was sent")
                .at("InquiryPriceRefundInstance")
        })
    }

    /// True when an unknown request may be sent again now.
    pub(super) fn may_send_again(&self, record: &Record) -> bool {
        self.check_channel(record).is_ok() && self.frozen_again(record).is_ok()
    }

    /// The same token and parameters once more: only after a sync since then found nothing, and not for ever.
    fn frozen_again(&self, record: &Record) -> Result<Frozen, DeskError> {
        let refused =
            |why: &str, next: &str| DeskError::new("resend_refused", why.to_owned(), next.to_owned()).at("request");
        let (Some(frozen), Some(acted_at)) = (&record.frozen, record.acted_at) else {
            return Err(refused("nothing was sent before", "withdraw the request and begin again"));
        };
        if !self.asked_since(record)? {
            return Err(refused("the cloud was not asked since", "ask again first: the refund may be there"));
        }
        if self.is_gone(record)? {
            return Err(refused(
                "the resource is gone",
                "its refund order is still to be seen: ask again, or write a ticket with the token",
            ));
        }
        if self.now() - acted_at > RESEND_WITHIN {
            return Err(refused(
                "the token is too old to be sent again",
                "write a ticket with the token and the times of the calls",
            ));
        }
        Ok(frozen.clone())
    }

    /// True when the cloud no longer lists the resource.
    pub(super) fn is_gone(&self, record: &Record) -> Result<bool, DeskError> {
        let row = self.store.read(|r| r.resources().get(&record.customer, &record.reviewed.resource))?;
        Ok(row.is_none_or(|row| row.gone_at.is_some()))
    }

    /// True when a complete sync began after the request became unknown. Times are whole seconds: a sync that began in the same
    /// second may have read the orders before the call was made.
    fn asked_since(&self, record: &Record) -> Result<bool, DeskError> {
        self.synced_since(record, record.updated_at + TimeDelta::seconds(1))
    }

    /// True when the newest sync of the request's customer began at `at` or later and was complete.
    pub(super) fn synced_since(&self, record: &Record, at: DateTime<Utc>) -> Result<bool, DeskError> {
        let run = self.store.read(|r| r.sync_runs().get(&record.customer))?;
        Ok(run.is_some_and(|run| run.error.is_none() && run.completed_at.is_some() && run.started_at >= at))
    }

    async fn call(&self, record: &Record, frozen: &Frozen) -> Result<RequestView, DeskError> {
        let request = RefundInstanceRequest {
            instance_id: frozen.instance_id.clone(),
            product_code: frozen.product_code.clone(),
            product_type: frozen.product_type.clone(),
            client_token: frozen.client_token.clone(),
            immediately_release: ImmediatelyRelease::from_word(&frozen.immediately_release),
        };
        // Sent once before without an answer: a refusal now may mean that the first call acted.
        let first = record.state == RequestState::Confirmed;
        let event = match cloud::client(self, &self.connection(&record.customer)?) {
            Ok(client) => match client.refund_instance(&request).await {
                Ok(reply) => {
                    RequestEvent::RequestAccepted { refund_order: reply.data.order_id.unwrap_or_default().to_string() }
                }
                Err(error) if first && !error.may_have_acted() => rejected(error),
                Err(error) => RequestEvent::RequestUnknown { problem: cloud::failed(error).problem() },
            },
            Err(error) if first => RequestEvent::RequestRejected { problem: error.problem(), service_code: None },
            Err(error) => RequestEvent::RequestUnknown { problem: error.problem() },
        };
        let now = self.record(&record.id)?;
        if now.state != RequestState::Sending {
            // A sync saw the refund while the call was under way: that is further than its answer.
            return self.show(&now);
        }
        self.apply(&now, event)
    }
}

/// What asking the price came to.
enum Priced {
    Frozen(Frozen),
    /// The account, the key or the product may not use the API.
    Refused(RequestEvent),
}

fn rejected(error: BssError) -> RequestEvent {
    let service_code = error.service_code().map(str::to_owned);
    RequestEvent::RequestRejected { problem: cloud::failed(error).problem(), service_code }
}
