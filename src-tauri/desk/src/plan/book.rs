//! A plan from the cache: each resource of the selection judged now, without a network.

use chrono::{DateTime, Utc};
use refund_rules::case::{Action, Ask as RulesAsk, Case};
use refund_rules::quote::Quote;

use super::planner::{self, Selected};
use super::view::BatchPlan;
use crate::error::DeskError;
use crate::facts::CustomerFacts;
use crate::home::Desk;
use crate::projection;
use crate::quote_book::{bad_facts, is_pending_renewal};
use crate::views::Ask;

impl Desk {
    /// Plans a selection. A renewal without an Updated Expiration Time takes the first possible one: all pending renewals fall.
    /// Errors: `unknown_customer`, `not_an_act`.
    pub fn plan(&self, selection: &[Ask]) -> Result<BatchPlan, DeskError> {
        let (now, language) = (self.now(), self.language()?);
        let mut selected: Vec<Option<Selected>> = selection.iter().map(|_| None).collect();
        let mut customers: Vec<&str> = selection.iter().map(|ask| ask.customer.as_str()).collect();
        customers.sort_unstable();
        customers.dedup();
        for customer in customers {
            let connection = self.connection(customer)?;
            self.store.read(|read| {
                let facts = CustomerFacts::read(read, connection)?;
                for (ask, place) in selection.iter().zip(&mut selected).filter(|(ask, _)| ask.customer == customer) {
                    if !matches!(ask.action, Action::Unsubscribe | Action::CancelRenewals) {
                        return Err(DeskError::not_an_act(ask.action));
                    }
                    let mut ask = ask.clone();
                    let judged = self.judge_selected(read, &facts, &mut ask, now);
                    let open = match read.requests().open_of_resource(customer, &ask.resource)? {
                        Some(row) if !projection::record_of(&row)?.may_review_again() => Some(row.id),
                        _ => None,
                    };
                    let customer_name = facts.connection.name.clone();
                    let judged = judged.map_err(|error| error.problem());
                    *place = Some(Selected { ask, customer_name, judged, open });
                }
                Ok::<_, DeskError>(())
            })?;
        }
        let selected: Vec<Selected> = selected.into_iter().flatten().collect();
        Ok(planner::plan(&selected, self.policies, language, now))
    }

    /// Plans everything of one customer or of all: every resource, or every stack of pending renewals.
    pub fn plan_all(&self, customer: Option<&str>, action: Action) -> Result<BatchPlan, DeskError> {
        let customers = match customer {
            Some(id) => vec![self.connection(id)?.id],
            None => self.store.read(|r| r.connections().list())?.into_iter().map(|c| c.id).collect(),
        };
        let mut selection = Vec::new();
        for customer in customers {
            let ask = |resource| Ask { customer: customer.clone(), resource, action, expires: None };
            if action == Action::CancelRenewals {
                selection.extend(self.renewals(Some(&customer))?.into_iter().map(|stack| ask(stack.resource)));
            } else {
                let rows = self.store.read(|r| r.resources().list(&customer))?;
                selection.extend(rows.into_iter().map(|row| ask(row.id)));
            }
        }
        self.plan(&selection)
    }

    fn judge_selected(
        &self,
        read: &desk_store::Read<'_>,
        facts: &CustomerFacts,
        ask: &mut Ask,
        now: DateTime<Utc>,
    ) -> Result<(Case, Quote), DeskError> {
        let about = |ask: &Ask| RulesAsk { at: now, action: ask.action, expires: ask.expires, daily_list: None };
        let unknown = || DeskError::unknown_resource(&ask.resource);
        let (_, mut case) = facts.case(read, &ask.resource, about(ask))?.ok_or_else(unknown)?;
        if ask.action == Action::CancelRenewals && ask.expires.is_none() {
            ask.expires = first_expiration(&case, now);
            case.ask.expires = ask.expires;
        }
        if case.orders.is_empty() {
            return Err(DeskError::orders_unknown(&ask.resource));
        }
        let quote = refund_rules::quote(&case, self.policies).map_err(bad_facts)?;
        Ok((case, quote))
    }
}

/// The Updated Expiration Time under which all pending renewals fall; without one any instant does: the quote says that there is
/// none.
fn first_expiration(case: &Case, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let pending = case.orders.iter().filter(|o| is_pending_renewal(o.order_type, o.status, o.start, now));
    Some(pending.map(|order| order.start).min().unwrap_or(now))
}
