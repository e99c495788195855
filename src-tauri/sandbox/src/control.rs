//! The control door as a typed handle: the clock, the person at the console, faults, and the whole truth.

use chrono::{DateTime, TimeDelta, Utc};
use refund_rules::case::{Action, Ask};
use refund_rules::quote::RefundType;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::access;
use crate::config::SandboxError;
use crate::faults::{FaultOrder, FaultRule, FaultScript};
use crate::ledger::Ledger;
use crate::reality::Reality;
use crate::server::Shared;
use crate::state::{ControlError, held};
use crate::throttle::Throttle;
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
        self.shared.read().now()
    }

    /// Sets the business clock; it goes on from there. Gives the new time.
    pub fn set_clock(&self, at: DateTime<Utc>) -> Result<DateTime<Utc>, SandboxError> {
        let mut state = self.shared.write();
        state.set_clock(at)?;
        Ok(state.now())
    }

    /// Moves the business clock, back too. Gives the new time.
    pub fn advance(&self, by: TimeDelta) -> Result<DateTime<Utc>, SandboxError> {
        let mut state = self.shared.write();
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
        let state = self.shared.read();
        let account = state.world.account(uid).ok_or_else(|| Refusal::UnknownAccount(uid.to_owned()))?;
        let ask = Ask { at: state.now(), action, expires, daily_list: None };
        let priced = act::price(account, resource, ask, Door::Console, &state.cloud(100))?;
        let (currency, refund_type) = (account.currency.clone(), priced.quote.refund_type);
        Ok(ConsoleAmount { amount: priced.amount, currency, refund_type })
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
        if order.times > 0 {
            held(&self.shared.read().faults).order(order.into());
        }
    }

    /// Orders a fault by a rule, behind those ordered before.
    pub fn order_rule(&self, rule: FaultRule) -> Result<(), Refusal> {
        let state = self.shared.read();
        state.check_rule(&rule)?;
        held(&state.faults).order(rule);
        Ok(())
    }

    /// Replaces all faults, limits and skew by those of a script.
    pub fn run_script(&self, script: FaultScript) -> Result<(), SandboxError> {
        self.shared.write().run_script(script)
    }

    /// The rules that may still come.
    pub fn fault_rules(&self) -> Vec<FaultRule> {
        held(&self.shared.read().faults).rules()
    }

    /// Forgets all faults that were ordered. Limits and skew stay as they are.
    pub fn clear_faults(&self) {
        held(&self.shared.read().faults).clear();
    }

    /// Throttles calls above the documented limits, or stops doing so.
    pub fn throttle(&self, on: bool) {
        *held(&self.shared.read().throttle) = Throttle::switched(on);
    }

    /// Lets the cloud's clock, by which requests are fresh and answers dated, run so far ahead of the machine's. The business
    /// clock stays.
    pub fn skew_clock(&self, ahead: TimeDelta) {
        self.shared.write().skew_clock(ahead);
    }

    /// The knobs as they stand.
    pub fn reality(&self) -> Reality {
        self.shared.read().reality
    }

    /// Turns the knobs; what was refunded before stays as it was.
    pub fn set_reality(&self, reality: Reality) -> Result<(), SandboxError> {
        let reality = reality.checked().map_err(SandboxError::Reality)?;
        self.shared.write().set_reality(reality);
        Ok(())
    }

    /// Lets a key call these operations only, as a RAM policy does; `None` lifts it. A role's keys are restricted with the key of
    /// their account.
    pub fn restrict(&self, key_id: &str, actions: Option<&[&str]>) {
        let actions = actions.map(|actions| actions.iter().map(|action| (*action).to_owned()).collect());
        access::restrict(&self.shared.read(), key_id, actions);
    }

    /// The whole truth now.
    pub fn ledger(&self) -> Ledger {
        Ledger::of(&self.shared.read())
    }

    fn act(
        &self,
        door: Door,
        uid: &str,
        resource: &str,
        action: Action,
        expires: Option<DateTime<Utc>>,
    ) -> Result<ConsoleRefund, ControlError> {
        let act = self.shared.write().act_as_person(door, uid, resource, action, expires)?;
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
