//! What changes the world: acts with their outcome. Planning an act and showing its amount are the same computation; an act
//! that happened is applied again at every start, so it holds the outcome and not only the wish.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use refund_rules::Policies;
use refund_rules::case::{Action, Ask, Billing, Case, Kind};
use refund_rules::quote::{Channel, Destination, Line, LineState, Quote};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use super::{Account, Door, RefundOrder, World, facts};
use crate::config::Arrival;

/// Order numbers left free after a refund.
const ORDER_ID_STEP: u64 = 37;

/// Something that happened, with its outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// The business clock was set to run this far from the wall clock.
    ClockSet { offset_ms: i64 },
    /// A refund was inquired with a token; the same token gets the same answer.
    Inquired { at: DateTime<Utc>, uid: String, token: Token, currency: String, amount: Decimal },
    /// A resource was unsubscribed, or renewals were cancelled.
    Refunded {
        at: DateTime<Utc>,
        uid: String,
        resource: String,
        action: Action,
        /// The Updated Expiration Time where renewals were cancelled.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<DateTime<Utc>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<Token>,
        refund_orders: Vec<RefundOrder>,
    },
}

/// A client token with the business parameters it came with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Token {
    pub token: String,
    pub product: String,
    pub product_type: String,
    pub instance: String,
}

impl World {
    /// Makes an act's outcome part of the world. Acts of unknown accounts change nothing.
    pub fn apply(&mut self, act: &Act) {
        let Act::Refunded { at, uid, resource, action, refund_orders, .. } = act else { return };
        let Some(account) = self.accounts.iter_mut().find(|account| account.uid == *uid) else { return };
        if *action == Action::Unsubscribe
            && let Some(gone) = account.resources.iter_mut().find(|other| other.id == *resource)
        {
            gone.released_at = Some(*at);
        }
        for refund in refund_orders {
            let id: u64 = refund.order_id.parse().unwrap_or(0);
            account.next_order_id = account.next_order_id.max(id + ORDER_ID_STEP);
            account.refund_orders.push(refund.clone());
        }
    }
}

/// What the cloud would give back, or why it refuses. This is the amount that console and inquiry show.
pub fn price(account: &Account, resource: &str, ask: Ask, door: Door) -> Result<Quote, Refusal> {
    let (_, quote) = priced(account, resource, ask, door)?;
    Ok(quote)
}

fn priced(account: &Account, resource: &str, ask: Ask, door: Door) -> Result<(Case, Quote), Refusal> {
    let at = ask.at;
    let known = account
        .resource(resource)
        .filter(|known| known.created_at <= at)
        .ok_or_else(|| Refusal::UnknownResource(resource.to_owned()))?;
    if !account.is_there(known, at) {
        return Err(Refusal::Gone(resource.to_owned()));
    }
    if door == Door::Api && (known.kind == Kind::ResourcePlan || known.billing == Billing::PayAsYouGo) {
        return Err(Refusal::NotByApi);
    }
    let case = facts::case(account, known, ask);
    let quote = refund_rules::quote(&case, Policies::built_in()).map_err(|bad| {
        if bad.code == "not_a_candidate" {
            Refusal::NotACandidate { message: bad.message, candidates: bad.candidates }
        } else {
            Refusal::BadInput(bad.to_string())
        }
    })?;
    let for_nothing = quote.releasable && door != Door::Api;
    if !quote.eligible && !for_nothing {
        return Err(Refusal::Blocked(quote.blockers.iter().map(|blocker| blocker.code.to_string()).collect()));
    }
    if quote.channel == Channel::Ticket && door != Door::Support {
        return Err(Refusal::TicketOnly);
    }
    Ok((case, quote))
}

/// Gives a whole resource back, its pending renewals too.
pub fn unsubscribe(
    account: &Account,
    resource: &str,
    door: Door,
    token: Option<Token>,
    at: DateTime<Utc>,
    arrival: Arrival,
) -> Result<Act, Refusal> {
    let (case, quote) = priced(account, resource, facts::unsubscribe(at), door)?;
    let unfinished = || quote.lines.iter().filter(|line| line.state != LineState::Finished);
    let mut lines: Vec<&Line> = unfinished().filter(|line| !line.refund.is_zero()).collect();
    if lines.is_empty() {
        // Released for nothing: one refund order of 0 still says that it happened.
        lines = unfinished().take(1).collect();
    }
    let refund_orders = refund_orders(account, &case, &quote, &lines, door, arrival);
    Ok(refunded(account, &case, token, refund_orders))
}

/// Lets the pending renewals fall that start at or after `expires`; each one gets a refund order, compensations one of 0.
pub fn cancel_renewals(
    account: &Account,
    resource: &str,
    expires: DateTime<Utc>,
    door: Door,
    at: DateTime<Utc>,
    arrival: Arrival,
) -> Result<Act, Refusal> {
    let (case, quote) = priced(account, resource, facts::cancel_renewals(at, expires), door)?;
    let lines: Vec<&Line> = quote.lines.iter().collect();
    let refund_orders = refund_orders(account, &case, &quote, &lines, door, arrival);
    Ok(refunded(account, &case, None, refund_orders))
}

fn refunded(account: &Account, case: &Case, token: Option<Token>, refund_orders: Vec<RefundOrder>) -> Act {
    Act::Refunded {
        at: case.ask.at,
        uid: account.uid.clone(),
        resource: case.resource.id.clone(),
        action: case.ask.action,
        expires: case.ask.expires,
        token,
        refund_orders,
    }
}

fn refund_orders(
    account: &Account,
    case: &Case,
    quote: &Quote,
    lines: &[&Line],
    door: Door,
    arrival: Arrival,
) -> Vec<RefundOrder> {
    let one = |(nth, line): (usize, &&Line)| RefundOrder {
        order_id: (account.next_order_id + nth as u64).to_string(),
        related_order_id: line.order.clone(),
        instance: case.resource.id.clone(),
        created_at: case.ask.at,
        currency: account.currency.clone(),
        amount: line.refund,
        destinations: destinations(case, line),
        arrives_at: arrives_at(quote, case.ask.at, arrival),
        refund_type: quote.refund_type,
        door,
    };
    lines.iter().enumerate().map(one).collect()
}

/// Where one line's money goes. A quote tells it for all lines together, so the other orders' payments are forgotten and what
/// is asked for this line is all that has a known place.
fn destinations(case: &Case, line: &Line) -> Vec<Destination> {
    if line.refund.is_zero() {
        return Vec::new();
    }
    let mut alone = case.clone();
    for order in alone.orders.iter_mut().filter(|order| order.id != line.order) {
        order.payments = None;
    }
    let quote = refund_rules::quote(&alone, Policies::built_in());
    let destinations = quote.map(|quote| quote.destinations).unwrap_or_default();
    destinations.into_iter().filter(|destination| destination.to != "unknown").collect()
}

/// On the processing date of the quote at the same time of day (UTC+8), or after the configured time.
fn arrives_at(quote: &Quote, at: DateTime<Utc>, arrival: Arrival) -> DateTime<Utc> {
    const DAY_ZONE: TimeDelta = TimeDelta::hours(8);
    match (arrival, quote.processed_by) {
        (Arrival::After(time), _) => at + time,
        (Arrival::BusinessDays, Some(day)) => {
            let time_of_day = (at + DAY_ZONE).time().signed_duration_since(NaiveTime::MIN);
            day.and_time(NaiveTime::MIN).and_utc() + time_of_day - DAY_ZONE
        }
        (Arrival::BusinessDays, None) => at,
    }
}
