//! The control door as a typed handle: the clock, the person at the console, faults, and the whole truth.

use chrono::{DateTime, TimeDelta, Utc};
use refund_rules::case::{Action, Ask};
use refund_rules::quote::RefundType;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::config::SandboxError;
use crate::faults::FaultOrder;
use crate::ledger::Ledger;
use crate::server::Shared;
use crate::state::ControlError;
use crate::world::Door;
use crate::world::act::{self, Act};
use crate::world::refusal::Refusal;

/// The amount that the console shows before one unsubscribes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsoleAmount {
    pub amount: Decimal,
    pub currency: String,
    pub refund_type: RefundType,
}

/// What the console shows when it is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsoleRefund {
    /// One per original order; the first one is what the console shows as the refund order.
    pub refund_order_ids: Vec<String>,
    /// Sum of all.
    pub amount: Decimal,
    pub currency: String,
}

/// A handle on a running sandbox. It can be cloned and outlives the listener.
#[derive(Clone)]
pub struct Control {
    shared: Shared,
}

impl Control {
    pub(crate) fn new(shared: Shared) -> Self {
        Self { shared }
    }

    /// The business clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.lock().now()
    }

    /// Sets the business clock; it goes on from there. Gives the new time.
    pub fn set_clock(&self, at: DateTime<Utc>) -> Result<DateTime<Utc>, SandboxError> {
        let mut state = self.shared.lock();
        state.set_clock(at)?;
        Ok(state.now())
    }

    /// Moves the business clock, back too. Gives the new time.
    pub fn advance(&self, by: TimeDelta) -> Result<DateTime<Utc>, SandboxError> {
        let mut state = self.shared.lock();
        let now = state.now();
        // What is out of any range is refused as the farthest time there is.
        state.set_clock(now.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC))?;
        Ok(state.now())
    }

    /// The amount that the console shows now, or why it refuses. `expires` is needed for renewals, and only for them.
    pub fn console_amount(
        &self,
        uid: &str,
        resource: &str,
        action: Action,
        expires: Option<DateTime<Utc>>,
    ) -> Result<ConsoleAmount, Refusal> {
        let state = self.shared.lock();
        let account = state.world.account(uid).ok_or_else(|| Refusal::UnknownAccount(uid.to_owned()))?;
        let ask = Ask { at: state.now(), action, expires, daily_list: None };
        let quote = act::price(account, resource, ask, Door::Console)?;
        Ok(ConsoleAmount { amount: quote.refund, currency: account.currency.clone(), refund_type: quote.refund_type })
    }

    /// Unsubscribes a resource at the console.
    pub fn console_unsubscribe(&self, uid: &str, resource: &str) -> Result<ConsoleRefund, ControlError> {
        self.act(Door::Console, uid, resource, Action::Unsubscribe, None)
    }

    /// Lets support unsubscribe a resource on a ticket; ticket-only products too.
    pub fn support_unsubscribe(&self, uid: &str, resource: &str) -> Result<ConsoleRefund, ControlError> {
        self.act(Door::Support, uid, resource, Action::Unsubscribe, None)
    }

    /// Cancels, at the console, the pending renewals that start at or after `expires`.
    pub fn console_cancel_renewals(
        &self,
        uid: &str,
        resource: &str,
        expires: DateTime<Utc>,
    ) -> Result<ConsoleRefund, ControlError> {
        self.act(Door::Console, uid, resource, Action::CancelRenewals, Some(expires))
    }

    /// Orders a fault for the next calls. One that [`FaultOrder::check`] finds wrong never comes.
    pub fn order_fault(&self, order: FaultOrder) {
        self.shared.lock().faults.order(order);
    }

    /// Faults that were ordered and have not come yet.
    pub fn faults_left(&self) -> Vec<FaultOrder> {
        self.shared.lock().faults.left()
    }

    /// Forgets all faults that were ordered.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// The whole truth now.
    pub fn ledger(&self) -> Ledger {
        Ledger::of(&self.shared.lock())
    }

    fn act(
        &self,
        door: Door,
        uid: &str,
        resource: &str,
        action: Action,
        expires: Option<DateTime<Utc>>,
    ) -> Result<ConsoleRefund, ControlError> {
        let act = self.shared.lock().act_as_person(door, uid, resource, action, expires)?;
        let Act::Refunded { refund_orders, .. } = act else {
            return Err(Refusal::BadInput("nothing was refunded".to_owned()).into());
        };
        Ok(ConsoleRefund {
            amount: refund_orders.iter().map(|refund| refund.amount).sum(),
            currency: refund_orders.first().map(|refund| refund.currency.clone()).unwrap_or_default(),
            refund_order_ids: refund_orders.into_iter().map(|refund| refund.order_id).collect(),
        })
    }
}
