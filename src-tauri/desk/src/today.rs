//! What wants attention today: windows that close within a week, refunds that are late or of unknown outcome, what can still be
//! rescued after a mistake, and customers whose facts are old. From the cache alone.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use refund_rules::case::{Action, Ask};
use refund_rules::quote::RefundType;
use refund_rules::{Curve, Point};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::error::DeskError;
use crate::facts::CustomerFacts;
use crate::home::Desk;
use crate::requests::Kept;
use crate::views::{CustomerRow, RequestState, RequestView};

/// How far ahead windows are looked for.
const AHEAD: TimeDelta = TimeDelta::days(7);

/// Facts older than this are stale: a day's amounts are wrong by a day.
const STALE_AFTER: TimeDelta = TimeDelta::days(1);

/// How long a customer's windows hold without being looked for again, if nothing else happened: they move by whole days.
const LOOKED_FOR: TimeDelta = TimeDelta::hours(1);

/// What wants attention today.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Today {
    pub at: DateTime<Utc>,
    /// Until when windows were looked for.
    pub until: DateTime<Utc>,
    /// By the money that hangs on it, largest first.
    pub closing: Vec<ClosingWindow>,
    /// Outcome unknown: to be asked for.
    pub unknown: Vec<RequestView>,
    /// The money should have been there.
    pub overdue: Vec<RequestView>,
    /// Unsubscribed, and something of it is still kept.
    pub rescue: Vec<Rescue>,
    /// Old facts, a failed sync, or none yet.
    pub stale: Vec<CustomerRow>,
}

/// What a window's end changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum WindowKind {
    /// The whole amount comes back until then.
    Full,
    /// The money goes back to where it came from until then.
    Source,
    /// More comes back from then on: it pays to wait.
    Rises,
    /// Nothing can be had back any more.
    Ends,
}

/// A window of one resource that closes, or begins to pay, within a week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct ClosingWindow {
    pub customer: String,
    pub customer_name: String,
    pub resource: String,
    pub product: String,
    pub kind: WindowKind,
    /// The last instant of the window; from just after it on, `after` holds.
    pub at: DateTime<Utc>,
    pub currency: Option<String>,
    pub refund_type: RefundType,
    /// What comes back just before.
    pub before: Decimal,
    /// What comes back just after.
    pub after: Decimal,
    /// The money that hangs on it: the difference, or what goes elsewhere.
    pub at_stake: Decimal,
}

/// Something of an unsubscribed resource that can still be saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Rescue {
    pub customer: String,
    pub request: String,
    pub resource: String,
    pub product: String,
    pub kept: Kept,
}

/// The windows of each customer, and what they were looked for in.
#[derive(Default)]
pub(crate) struct Windows(Mutex<BTreeMap<String, Looked>>);

struct Looked {
    /// What the windows depend on besides the time: the last sync and the journal.
    facts: (Option<DateTime<Utc>>, Option<i64>),
    at: DateTime<Utc>,
    found: Vec<ClosingWindow>,
}

impl Desk {
    /// What wants attention now.
    pub fn today(&self) -> Result<Today, DeskError> {
        let (at, requests, customers) = (self.now(), self.requests(None)?, self.customers()?);
        let mut closing = Vec::new();
        for customer in &customers {
            closing.extend(self.windows_of(customer, at)?);
        }
        // A window that ran out since it was looked for is none.
        closing.retain(|window| window.at >= at);
        closing.sort_by(|left, right| {
            (right.at_stake, left.at, &left.resource).cmp(&(left.at_stake, right.at, &right.resource))
        });
        let of_state = |state| requests.iter().filter(|request| request.state == state).cloned().collect();
        Ok(Today {
            at,
            until: at + AHEAD,
            closing,
            unknown: of_state(RequestState::Unknown),
            overdue: of_state(RequestState::Overdue),
            rescue: self.rescue(&requests)?,
            stale: customers.into_iter().filter(|customer| is_stale(customer, at)).collect(),
        })
    }

    /// What can still be saved, the most urgent first.
    fn rescue(&self, requests: &[RequestView]) -> Result<Vec<Rescue>, DeskError> {
        let mut found = Vec::new();
        for request in requests.iter().filter(|request| request.action == Action::Unsubscribe) {
            let ticket = match self.wrong_one(&request.id) {
                Ok(ticket) => ticket,
                Err(error) if error.code() == "nothing_to_undo" => continue,
                Err(error) => return Err(error),
            };
            found.extend(ticket.kept.into_iter().filter(|kept| kept.minutes_left > 0).map(|kept| Rescue {
                customer: request.customer.clone(),
                request: request.id.clone(),
                resource: request.resource.clone(),
                product: request.product.clone(),
                kept,
            }));
        }
        found.sort_by_key(|rescue| rescue.kept.until);
        Ok(found)
    }

    fn windows_of(&self, customer: &CustomerRow, at: DateTime<Utc>) -> Result<Vec<ClosingWindow>, DeskError> {
        let facts = (customer.synced_at, self.store.read(|r| r.journal().head())?.map(|head| head.seq));
        {
            let looked = self.windows.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(looked) = looked.get(&customer.id)
                && looked.facts == facts
                && (looked.at..looked.at + LOOKED_FOR).contains(&at)
            {
                return Ok(looked.found.clone());
            }
        }
        let found = self.look_for_windows(customer, at)?;
        let mut looked = self.windows.0.lock().unwrap_or_else(PoisonError::into_inner);
        looked.insert(customer.id.clone(), Looked { facts, at, found: found.clone() });
        Ok(found)
    }

    fn look_for_windows(&self, customer: &CustomerRow, at: DateTime<Utc>) -> Result<Vec<ClosingWindow>, DeskError> {
        let connection = self.connection(&customer.id)?;
        // Longer than the list is shown without being looked for again, so that its last day is whole.
        let until = at + AHEAD + LOOKED_FOR;
        self.store.read(|r| {
            let facts = CustomerFacts::read(r, connection)?;
            let mut found = Vec::new();
            for kept in r.quotes().of_customer(&customer.id)?.iter().filter(|kept| kept.eligible) {
                let ask = Ask { at, action: Action::Unsubscribe, expires: None, daily_list: None };
                let Some((_, case)) = facts.case(r, &kept.resource, ask)? else { continue };
                // What the rules refuse has no window; the list of resources tells why.
                let Ok(curve) = refund_rules::curve(&case, self.policies, until) else { continue };
                found.extend(windows(&curve).map(|(kind, before, after, at_stake)| ClosingWindow {
                    customer: customer.id.clone(),
                    customer_name: customer.name.clone(),
                    resource: kept.resource.clone(),
                    product: kept.product.clone(),
                    kind,
                    at: after.at,
                    currency: curve.currency.clone(),
                    refund_type: before.refund_type,
                    before: before.refund,
                    after: after.refund,
                    at_stake,
                }));
            }
            Ok::<_, DeskError>(found)
        })
    }
}

/// The windows in a curve: kind, both sides, and what hangs on it. That a day's use costs a day is none.
fn windows(curve: &Curve) -> impl Iterator<Item = (WindowKind, &Point, &Point, Decimal)> {
    curve.points.windows(2).filter_map(|pair| {
        let [before, after] = pair else { return None };
        let (kind, at_stake) = window(before, after)?;
        (at_stake > Decimal::ZERO).then_some((kind, before, after, at_stake))
    })
}

fn window(before: &Point, after: &Point) -> Option<(WindowKind, Decimal)> {
    let lost = before.refund - after.refund;
    if !before.eligible {
        return None;
    }
    if !after.eligible {
        return Some((WindowKind::Ends, before.refund));
    }
    if before.refund_type != after.refund_type {
        return Some((WindowKind::Full, lost));
    }
    if lost < Decimal::ZERO {
        return Some((WindowKind::Rises, -lost));
    }
    let to_balance = |point: &Point| -> Decimal {
        point.destinations.iter().filter(|part| part.to == BALANCE).map(|part| part.amount).sum()
    };
    Some((WindowKind::Source, to_balance(after) - to_balance(before)))
}

/// Where money goes when it cannot go back to its source.
const BALANCE: &str = "balance";

fn is_stale(customer: &CustomerRow, at: DateTime<Utc>) -> bool {
    customer.sync_error.is_some() || customer.synced_at.is_none_or(|synced| at - synced > STALE_AFTER)
}
