//! A request as its events left it: the state machine. [`Record::apply`] is the only way to change one, live and in replay
//! alike, and refuses an illegal move with `illegal_move`.

use bss_openapi::wire::ImmediatelyRelease;
use chrono::{DateTime, NaiveDate, Utc};
use refund_rules::case::Action;
use refund_rules::quote::{Channel, Quote};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::event::{Closed, Floor, Frozen, RequestEvent, Reviewed};
use crate::error::DeskError;
use crate::views::{Problem, RefundPart, RequestState};

/// The state of one request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub id: String,
    pub customer: String,
    pub reviewed: Reviewed,
    pub state: RequestState,
    pub channel: Option<Channel>,
    pub reason: Option<String>,
    pub authorisation: Option<String>,
    pub arrives_by: Option<NaiveDate>,
    /// Hash of the confirmed quote; `None` until confirmed.
    pub confirmed_sha256: Option<String>,
    pub frozen: Option<Frozen>,
    /// When the decision was made; `None` until confirmed.
    #[serde(default)]
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When the first call or the hand-over happened: refund orders older than this are not ours.
    pub acted_at: Option<DateTime<Utc>>,
    pub refund_orders: Vec<String>,
    /// A sync has seen a refund order of this request.
    pub observed: bool,
    /// What the cloud said just before the act: the inquiry's or the console's amount.
    pub promised: Option<Decimal>,
    /// What the cloud says the refund is, as far as known.
    pub actual: Option<Decimal>,
    pub arrived: Decimal,
    pub parts: Vec<RefundPart>,
    pub problem: Option<Problem>,
    /// Within it the decision outlasts its quote; `None` until confirmed with one.
    pub floor: Option<Floor>,
    /// The batch that it was confirmed with.
    pub batch: Option<String>,
    /// The API's own code, where it refused.
    pub service_code: Option<String>,
    /// What the channel gave as proof: a ticket's number, the partner's reference.
    pub receipt: Option<String>,
    /// Refund orders that the manager says are this request's.
    #[serde(default)]
    pub chosen: Vec<String>,
    /// Renewals paid after this request cancelled the pending ones.
    #[serde(default)]
    pub returned_renewals: Vec<String>,
    /// How it ended otherwise, where the manager closed it.
    #[serde(default)]
    pub closed: Option<Closed>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Proof that an unsubscription of an instance was confirmed for the API. Only [`Record::confirmed_unsubscribe`] makes one, and
/// only from one can a `RefundInstance` call be built: never for renewals, plans, downgrades or conversions.
#[derive(Debug)]
pub struct ConfirmedUnsubscribe<'a> {
    record: &'a Record,
}

impl ConfirmedUnsubscribe<'_> {
    /// Product code, product type and instance id to send.
    pub fn target(&self) -> (&str, &str, &str) {
        let reviewed = &self.record.reviewed;
        (&reviewed.product, &reviewed.product_type, &reviewed.resource)
    }

    /// The call that may be made: this resource, released at once, under this token.
    pub fn freeze(&self, client_token: String, inquired: Decimal) -> Frozen {
        let (product_code, product_type, instance_id) = self.target();
        Frozen {
            client_token,
            product_code: product_code.to_owned(),
            product_type: product_type.to_owned(),
            instance_id: instance_id.to_owned(),
            immediately_release: ImmediatelyRelease::AtOnce.as_str().to_owned(),
            inquired,
        }
    }
}

impl Record {
    /// The first event of a request makes its record.
    pub fn start(id: &str, customer: &str, event: &RequestEvent, at: DateTime<Utc>) -> Result<Self, DeskError> {
        let RequestEvent::RequestReviewed(reviewed) = event else {
            return Err(DeskError::illegal_move(id, "nothing", event_name(event)));
        };
        Ok(Self {
            id: id.to_owned(),
            customer: customer.to_owned(),
            reviewed: Reviewed::clone(reviewed),
            state: RequestState::Reviewed,
            channel: None,
            reason: None,
            authorisation: None,
            arrives_by: None,
            confirmed_sha256: None,
            frozen: None,
            confirmed_at: None,
            acted_at: None,
            refund_orders: Vec::new(),
            observed: false,
            promised: None,
            actual: None,
            arrived: Decimal::ZERO,
            parts: Vec::new(),
            problem: None,
            floor: None,
            batch: None,
            service_code: None,
            receipt: None,
            chosen: Vec::new(),
            returned_renewals: Vec::new(),
            closed: None,
            created_at: at,
            updated_at: at,
        })
    }

    /// The quote that is shown or was confirmed.
    pub fn quote(&self) -> &Quote {
        &self.reviewed.quote
    }

    /// The proof that a `RefundInstance` call needs, if this request gives it.
    pub fn confirmed_unsubscribe(&self) -> Option<ConfirmedUnsubscribe<'_>> {
        let confirmed = self.state == RequestState::Confirmed && self.confirmed_sha256 == self.reviewed.quote.sha256;
        let releases = self.reviewed.action == Action::Unsubscribe && self.reviewed.instance;
        (confirmed && releases && self.channel == Some(Channel::Api)).then_some(ConfirmedUnsubscribe { record: self })
    }

    /// True while nothing was decided: a new review may take its place.
    pub fn may_review_again(&self) -> bool {
        matches!(self.state, RequestState::Reviewed | RequestState::ReturnedToReview)
    }

    /// How long a confirmed request may wait: until its floor ends, or without one until its quote does. `None`: for ever.
    pub fn waits_until(&self) -> Option<DateTime<Utc>> {
        match &self.floor {
            Some(floor) => Some(floor.until),
            None => self.quote().valid_until,
        }
    }

    /// True when a confirmed request has waited too long.
    pub fn has_run_out(&self, now: DateTime<Utc>) -> bool {
        self.state == RequestState::Confirmed && self.waits_until().is_some_and(|until| now >= until)
    }

    /// True for an amount that the decision covers: inside the quote's range, or at least the floor.
    pub fn covers(&self, amount: Decimal) -> bool {
        match &self.floor {
            Some(floor) => amount >= floor.at_least,
            None => self.quote().refund <= amount && amount <= self.quote().refund_max,
        }
    }

    /// True when the decision still means what a quote says now: the same thing for the same money, or with a floor the same
    /// orders for at least that much.
    pub fn holds(&self, now: &Quote) -> bool {
        let confirmed = self.quote();
        match &self.floor {
            Some(floor) => {
                let orders = |quote: &Quote| quote.lines.iter().map(|line| line.order.clone()).collect::<Vec<_>>();
                now.eligible
                    && now.currency == confirmed.currency
                    && now.refund >= floor.at_least
                    && orders(now) == orders(confirmed)
            }
            None => same_decision(confirmed, now),
        }
    }

    /// True from the first moment that something may have been done.
    pub fn may_have_acted(&self) -> bool {
        use RequestState::*;
        matches!(
            self.state,
            Sending
                | Accepted
                | Unknown
                | HandedOver
                | Reported
                | Observed
                | PartRefunded
                | Refunded
                | Overdue
                | Closed
        )
    }

    /// True when the API named a refund order: an answer, whether or not it was seen since.
    pub(super) fn is_answered_by_api(&self) -> bool {
        self.frozen.is_some() && !self.refund_orders.is_empty()
    }

    /// True when the manager may close it, as far as its own state goes.
    pub(super) fn may_close(&self) -> bool {
        CLOSABLE.contains(&self.state)
    }

    /// True when the manager may say which refund order answers it.
    pub(super) fn may_choose_refund(&self) -> bool {
        CLOSABLE.contains(&self.state)
    }

    /// Takes one event. What refuses leaves the record as it was.
    pub fn apply(&mut self, event: &RequestEvent, at: DateTime<Utc>) -> Result<(), DeskError> {
        if !may_follow(self.state, event) {
            return Err(DeskError::illegal_move(&self.id, state_name(self.state), event_name(event)));
        }
        let mut moved = self.clone();
        moved.take(event, at)?;
        *self = moved;
        Ok(())
    }

    /// The move itself; what it leaves after an error is thrown away.
    fn take(&mut self, event: &RequestEvent, at: DateTime<Utc>) -> Result<(), DeskError> {
        self.updated_at = at;
        self.problem = None;
        let before = self.closed.take();
        match event {
            RequestEvent::RequestReviewed(reviewed) => self.review_again(reviewed),
            RequestEvent::RequestConfirmed(confirmed) => {
                if Some(&confirmed.quote_sha256) != self.reviewed.quote.sha256.as_ref() {
                    return Err(DeskError::quote_changed(&self.id));
                }
                self.state = RequestState::Confirmed;
                self.channel = Some(confirmed.channel);
                self.reason = Some(confirmed.reason.clone());
                self.authorisation.clone_from(&confirmed.authorisation);
                self.arrives_by = confirmed.arrives_by;
                self.confirmed_sha256 = Some(confirmed.quote_sha256.clone());
                self.confirmed_at = Some(at);
                self.floor.clone_from(&confirmed.floor);
                self.batch.clone_from(&confirmed.batch);
            }
            RequestEvent::RequestReturnedToReview(returned) => {
                self.state = RequestState::ReturnedToReview;
                self.actual = Some(returned.now);
                self.problem = Some(returned.why.clone());
                self.confirmed_sha256 = None;
                self.floor = None;
            }
            RequestEvent::RequestSending(frozen) => self.freeze(frozen, at)?,
            RequestEvent::RequestAccepted { refund_order } => {
                self.state = RequestState::Accepted;
                self.refund_orders = vec![refund_order.clone()];
            }
            RequestEvent::RequestRejected { problem, service_code } => {
                self.state = RequestState::Rejected;
                self.problem = Some(problem.clone());
                self.service_code.clone_from(service_code);
            }
            RequestEvent::RequestUnknown { problem } => {
                self.state = RequestState::Unknown;
                self.problem = Some(problem.clone());
            }
            RequestEvent::RequestHandedOver { console_amount } => {
                self.state = RequestState::HandedOver;
                self.promised = *console_amount;
                self.actual = *console_amount;
                self.acted_at = Some(at);
            }
            RequestEvent::RequestReported { refund_order, receipt } => {
                self.state = RequestState::Reported;
                self.receipt.clone_from(receipt);
                self.refund_orders = refund_order.iter().cloned().collect();
            }
            RequestEvent::RequestObserved { refund_orders, amount } => {
                self.state = RequestState::Observed;
                self.observed = true;
                self.refund_orders.clone_from(refund_orders);
                self.actual = Some(*amount);
            }
            RequestEvent::RequestPartRefunded { arrived, parts } => {
                self.state = RequestState::PartRefunded;
                self.arrived = *arrived;
                self.parts.clone_from(parts);
            }
            RequestEvent::RequestRefunded { arrived, parts } => {
                self.state = RequestState::Refunded;
                self.arrived = *arrived;
                self.parts.clone_from(parts);
            }
            RequestEvent::RequestOverdue {} => self.state = RequestState::Overdue,
            RequestEvent::RequestRefundChosen { refund_order } => self.chosen.push(refund_order.clone()),
            RequestEvent::RequestWithdrawn {} => self.state = RequestState::Withdrawn,
            RequestEvent::RequestClosed(closed) => {
                self.state = RequestState::Closed;
                self.closed = Some(closed.clone());
            }
            RequestEvent::RequestExpired { why } => {
                self.state = RequestState::Expired;
                self.problem = Some(why.clone());
            }
            RequestEvent::RequestRenewalReturned { orders } => {
                self.closed = before;
                self.returned_renewals.extend(orders.iter().cloned());
            }
        }
        Ok(())
    }

    fn review_again(&mut self, reviewed: &Reviewed) {
        self.state = RequestState::Reviewed;
        self.reviewed = reviewed.clone();
        self.confirmed_sha256 = None;
        self.actual = None;
    }

    /// A token is frozen once; sending again means the very same parameters.
    fn freeze(&mut self, frozen: &Frozen, at: DateTime<Utc>) -> Result<(), DeskError> {
        if self.state == RequestState::Confirmed {
            let allowed = self.confirmed_unsubscribe().map(|c| c.freeze(frozen.client_token.clone(), frozen.inquired));
            if allowed.as_ref() != Some(frozen) {
                return Err(DeskError::frozen_differs(&self.id));
            }
        }
        match &self.frozen {
            Some(first) if first != frozen => return Err(DeskError::frozen_differs(&self.id)),
            Some(_) => {}
            None => {
                self.frozen = Some(frozen.clone());
                self.acted_at = Some(at);
            }
        }
        self.state = RequestState::Sending;
        self.promised = Some(frozen.inquired);
        self.actual = Some(frozen.inquired);
        Ok(())
    }
}

/// Something may have been done, and it has not come to its end.
const CLOSABLE: [RequestState; 7] = {
    use RequestState::*;
    [Accepted, Unknown, HandedOver, Reported, Observed, PartRefunded, Overdue]
};

/// The legal moves. A sync may see the refund of a request in any state from which something may have been
/// done, `Sending` included: the process can have died between the call and its answer.
fn may_follow(state: RequestState, event: &RequestEvent) -> bool {
    use RequestState::*;
    match event {
        RequestEvent::RequestReviewed(_) => matches!(state, Reviewed | ReturnedToReview),
        RequestEvent::RequestConfirmed(_) => state == Reviewed,
        RequestEvent::RequestReturnedToReview(_) => state == Confirmed,
        RequestEvent::RequestSending(_) => matches!(state, Confirmed | Unknown),
        RequestEvent::RequestAccepted { .. } | RequestEvent::RequestUnknown { .. } => state == Sending,
        // From `Confirmed`: the inquiry before the call was refused.
        RequestEvent::RequestRejected { .. } => matches!(state, Confirmed | Sending),
        RequestEvent::RequestHandedOver { .. } => state == Confirmed,
        RequestEvent::RequestReported { .. } => state == HandedOver,
        RequestEvent::RequestObserved { .. } => {
            // From `Closed`: the cloud's word is more than the manager's.
            matches!(
                state,
                Sending | Accepted | Unknown | HandedOver | Reported | Observed | PartRefunded | Overdue | Closed
            )
        }
        RequestEvent::RequestPartRefunded { .. } | RequestEvent::RequestRefunded { .. } => {
            matches!(state, Observed | PartRefunded | Overdue | Closed)
        }
        RequestEvent::RequestOverdue {} => {
            matches!(state, Accepted | HandedOver | Reported | Unknown | Observed | PartRefunded)
        }
        RequestEvent::RequestRefundChosen { .. } | RequestEvent::RequestClosed(_) => CLOSABLE.contains(&state),
        // From `HandedOver` on only after the cloud was asked and knows nothing of it.
        RequestEvent::RequestWithdrawn {} => {
            matches!(state, Reviewed | ReturnedToReview | Confirmed | HandedOver | Reported | Unknown | Overdue)
        }
        RequestEvent::RequestExpired { .. } => state == Confirmed,
        RequestEvent::RequestRenewalReturned { .. } => {
            matches!(state, Observed | PartRefunded | Refunded | Overdue | Closed)
        }
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

/// The journal's word for an event.
pub fn event_name(event: &RequestEvent) -> &'static str {
    match event {
        RequestEvent::RequestReviewed(_) => "request_reviewed",
        RequestEvent::RequestConfirmed(_) => "request_confirmed",
        RequestEvent::RequestReturnedToReview(_) => "request_returned_to_review",
        RequestEvent::RequestSending(_) => "request_sending",
        RequestEvent::RequestAccepted { .. } => "request_accepted",
        RequestEvent::RequestRejected { .. } => "request_rejected",
        RequestEvent::RequestUnknown { .. } => "request_unknown",
        RequestEvent::RequestHandedOver { .. } => "request_handed_over",
        RequestEvent::RequestReported { .. } => "request_reported",
        RequestEvent::RequestObserved { .. } => "request_observed",
        RequestEvent::RequestPartRefunded { .. } => "request_part_refunded",
        RequestEvent::RequestRefunded { .. } => "request_refunded",
        RequestEvent::RequestOverdue {} => "request_overdue",
        RequestEvent::RequestRefundChosen { .. } => "request_refund_chosen",
        RequestEvent::RequestWithdrawn {} => "request_withdrawn",
        RequestEvent::RequestClosed(_) => "request_closed",
        RequestEvent::RequestExpired { .. } => "request_expired",
        RequestEvent::RequestRenewalReturned { .. } => "request_renewal_returned",
    }
}

/// The word of a state, as documents and screens use it.
pub fn state_name(state: RequestState) -> &'static str {
    use RequestState::*;
    match state {
        Reviewed => "reviewed",
        Confirmed => "confirmed",
        Sending => "sending",
        Accepted => "accepted",
        HandedOver => "handed_over",
        Reported => "reported",
        Observed => "observed",
        PartRefunded => "part_refunded",
        Refunded => "refunded",
        Unknown => "unknown",
        Rejected => "rejected",
        ReturnedToReview => "returned_to_review",
        Expired => "expired",
        Overdue => "overdue",
        Withdrawn => "withdrawn",
        Closed => "closed",
    }
}
