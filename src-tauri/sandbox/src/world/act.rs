//! What changes the world: acts with their outcome. Planning an act and showing its amount are the same computation; an act
//! that happened is applied again at every start, so it holds the outcome and not only the wish.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use refund_rules::Policies;
use refund_rules::case::{Action, Ask, Billing, Case, Kind};
use refund_rules::quote::{Channel, Line, LineState, Quote};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::outcome::{self, Amount, Cloud};
use super::refusal::Refusal;
use super::{Account, Door, RefundOrder, World, facts};

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
        let first = account.refund_orders.len();
        if account.take_back(*action, resource, *at, refund_orders) {
            account.settle();
        } else {
            account.move_money(first);
        }
    }
}

impl Account {
    /// Makes refund orders the account's, and releases the resource where all of it was given back. The money is not moved yet;
    /// gives whether an earlier refund order pays more than before.
    pub(super) fn take_back(
        &mut self,
        action: Action,
        resource: &str,
        at: DateTime<Utc>,
        refunds: &[RefundOrder],
    ) -> bool {
        let mut shared = false;
        if action == Action::Unsubscribe {
            self.release(resource, at);
        }
        for refund in refunds {
            let id: u64 = refund.order_id.parse().unwrap_or(0);
            self.next_order_id = self.next_order_id.max(id + ORDER_ID_STEP);
            self.add_refund(refund.clone());
            // Within one act the payer's money has been put together already.
            let is_of_this_act = |number: &String| refunds.iter().any(|other| other.order_id == *number);
            if let Some(payer) = refund.paid_with.as_ref().filter(|number| !is_of_this_act(number)) {
                shared |= self.share_money(payer, refund);
            }
        }
        shared
    }
}

/// What the cloud gives back for something asked.
#[derive(Debug, Clone)]
pub struct Priced {
    /// Sum of what all orders give, as the cloud reckons; where it does what the pages say, the quote's refund.
    pub amount: Decimal,
    /// The quote by the facts that the cloud reckons with.
    pub quote: Quote,
    case: Case,
    amounts: BTreeMap<String, Amount>,
}

impl Priced {
    fn amount_of(&self, line: &Line) -> &Amount {
        self.amounts.get(&line.order).expect("every line has its amount")
    }
}

/// What the cloud would give back, or why it refuses. This is the amount that console and inquiry show.
pub fn price(account: &Account, resource: &str, ask: Ask, door: Door, cloud: &Cloud) -> Result<Priced, Refusal> {
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
    let told = facts::case(account, known, ask);
    let case = outcome::reckoned(&told, &cloud.reality);
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
    let amounts = outcome::amounts(&told, &case, &quote, cloud);
    let amount = amounts.values().map(|amount| amount.amount).sum();
    Ok(Priced { amount, quote, case, amounts })
}

/// Gives a whole resource back, its pending renewals too.
pub fn unsubscribe(
    account: &Account,
    resource: &str,
    door: Door,
    token: Option<Token>,
    at: DateTime<Utc>,
    cloud: &Cloud,
) -> Result<Act, Refusal> {
    let priced = price(account, resource, facts::unsubscribe(at), door, cloud)?;
    let unfinished = || priced.quote.lines.iter().filter(|line| line.state != LineState::Finished);
    let mut lines: Vec<&Line> = unfinished().filter(|line| !priced.amount_of(line).amount.is_zero()).collect();
    if lines.is_empty() {
        // Released for nothing: one refund order of 0 still says that it happened.
        lines = unfinished().take(1).collect();
    }
    Ok(refunded(account, &priced, token, &lines, door, cloud))
}

/// Lets the pending renewals fall that start at or after `expires`; each one gets a refund order, compensations one of 0.
pub fn cancel_renewals(
    account: &Account,
    resource: &str,
    expires: DateTime<Utc>,
    door: Door,
    at: DateTime<Utc>,
    cloud: &Cloud,
) -> Result<Act, Refusal> {
    let priced = price(account, resource, facts::cancel_renewals(at, expires), door, cloud)?;
    let lines: Vec<&Line> = priced.quote.lines.iter().collect();
    Ok(refunded(account, &priced, None, &lines, door, cloud))
}

fn refunded(
    account: &Account,
    priced: &Priced,
    token: Option<Token>,
    lines: &[&Line],
    door: Door,
    cloud: &Cloud,
) -> Act {
    let Priced { quote, case, .. } = priced;
    let lines: Vec<_> = lines.iter().map(|line| (*line, priced.amount_of(line))).collect();
    Act::Refunded {
        at: case.ask.at,
        uid: account.uid.clone(),
        resource: case.resource.id.clone(),
        action: case.ask.action,
        expires: case.ask.expires,
        token,
        refund_orders: outcome::refund_orders(account, case, quote, &lines, door, cloud),
    }
}
