//! Renewals that have not taken effect: the stack of each resource, and what each Updated Expiration Time would give back.

use chrono::{DateTime, Utc};
use refund_rules::case::{Action, Ask, Case, OrderType};
use refund_rules::quote::Quote;

use crate::error::DeskError;
use crate::facts::CustomerFacts;
use crate::home::Desk;
use crate::quote_book::{bad_facts, is_pending_renewal};
use crate::tell;
use crate::views::{PendingRenewal, RenewalCandidate, RenewalStack};

impl Desk {
    /// The stacks of one customer or of all, by the time the service period that runs now ends.
    pub fn renewals(&self, customer: Option<&str>) -> Result<Vec<RenewalStack>, DeskError> {
        let connections = match customer {
            Some(id) => vec![self.connection(id)?],
            None => self.store.read(|r| r.connections().list())?,
        };
        let mut stacks = Vec::new();
        for connection in connections {
            stacks.extend(self.store.read(|r| {
                let facts = CustomerFacts::read(r, connection)?;
                let mut stacks = Vec::new();
                // A renewal that was pending when the quote was made may have begun since; none becomes pending without a new quote.
                let kept = r.quotes().of_customer(&facts.connection.id)?;
                let ids: Vec<String> =
                    kept.into_iter().filter(|kept| kept.pending_renewals > 0).map(|kept| kept.resource).collect();
                let ask = Ask { at: self.now(), action: Action::Unsubscribe, expires: None, daily_list: None };
                facts.each_case(r, &ids, &ask, |_, case| {
                    let request = r.requests().open_of_resource(&facts.connection.id, &case.resource.id)?;
                    stacks.extend(self.stack(&facts, case, request.map(|request| request.id))?);
                    Ok(())
                })?;
                Ok::<_, DeskError>(stacks)
            })?);
        }
        stacks.sort_by(|a, b| (a.current_end, &a.resource).cmp(&(b.current_end, &b.resource)));
        Ok(stacks)
    }

    fn stack(
        &self,
        facts: &CustomerFacts,
        case: Case,
        request: Option<String>,
    ) -> Result<Option<RenewalStack>, DeskError> {
        let Some(stack) = self.judge_stack(case)? else { return Ok(None) };
        let Stack { case, pending, opening, candidates } = stack;
        let (Some(first), Some(last)) = (pending.first(), pending.last()) else { return Ok(None) };
        let told = tell::tell(&opening, &case, self.policies, self.language()?);
        Ok(Some(RenewalStack {
            customer: facts.connection.id.clone(),
            customer_name: facts.connection.name.clone(),
            resource: case.resource.id.clone(),
            product: case.resource.product.clone(),
            currency: currency(&opening, &case),
            renew_status: case.resource.renew_status,
            current_end: first.start,
            expires_at: last.end,
            candidates: candidates.iter().map(|(expires, quote)| candidate(*expires, quote)).collect(),
            pending,
            blockers: told.blockers,
            request,
        }))
    }

    /// The stack of a case with the quotes behind it; `None` where no renewal waits to take effect.
    pub(crate) fn judge_stack(&self, case: Case) -> Result<Option<Stack>, DeskError> {
        let now = case.ask.at;
        let mut pending: Vec<PendingRenewal> = case
            .orders
            .iter()
            .filter(|o| is_pending_renewal(o.order_type, o.status, o.start, now))
            .map(|o| PendingRenewal {
                order: o.id.clone(),
                start: o.start,
                end: o.end,
                cash: o.cash,
                compensatory: o.order_type == OrderType::CompensatoryRenew,
            })
            .collect();
        pending.sort_by_key(|p| (p.start, p.order.clone()));
        let Some(first) = pending.first() else { return Ok(None) };
        let (opening, candidates) = self.candidates(&case, first.start)?;
        Ok(Some(Stack { case, pending, opening, candidates }))
    }

    /// The first quote for its blockers, and one for each Updated Expiration Time. Blocked ones are not offered.
    fn candidates(&self, case: &Case, first: DateTime<Utc>) -> Result<(Quote, Candidates), DeskError> {
        let ask = |expires| {
            let ask = Ask { at: case.ask.at, action: Action::CancelRenewals, expires: Some(expires), daily_list: None };
            refund_rules::quote(&Case { ask, ..case.clone() }, self.policies).map_err(bad_facts)
        };
        let opening = ask(first)?;
        let mut candidates = Vec::new();
        for &expires in &opening.candidates {
            let quote = ask(expires)?;
            if quote.eligible {
                candidates.push((expires, quote));
            }
        }
        Ok((opening, candidates))
    }
}

/// Updated Expiration Times, each with its quote.
type Candidates = Vec<(DateTime<Utc>, Quote)>;

/// Renewals that wait to take effect, and what each Updated Expiration Time would give back.
pub(crate) struct Stack {
    pub case: Case,
    /// In time order; never empty.
    pub pending: Vec<PendingRenewal>,
    /// For the earliest time.
    pub opening: Quote,
    /// In time order.
    pub candidates: Candidates,
}

/// The currency of a stack's amounts.
pub(crate) fn currency(opening: &Quote, case: &Case) -> String {
    opening.currency.clone().unwrap_or_else(|| case.customer.currency.clone())
}

fn candidate(expires: DateTime<Utc>, quote: &Quote) -> RenewalCandidate {
    RenewalCandidate {
        expires,
        falls: quote.lines.iter().map(|line| line.order.clone()).collect(),
        refund: quote.refund,
    }
}
