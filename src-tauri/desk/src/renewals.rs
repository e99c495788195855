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
        let (Some(first), Some(last)) = (pending.first(), pending.last()) else { return Ok(None) };
        let (current_end, expires_at) = (first.start, last.end);
        let (candidates, blocked) = self.candidates(&case, current_end)?;
        let told = tell::tell(&blocked, &case, self.policies, self.language()?);
        Ok(Some(RenewalStack {
            customer: facts.connection.id.clone(),
            customer_name: facts.connection.name.clone(),
            resource: case.resource.id.clone(),
            product: case.resource.product.clone(),
            currency: blocked.currency.clone().unwrap_or_else(|| case.customer.currency.clone()),
            renew_status: case.resource.renew_status,
            current_end,
            expires_at,
            pending,
            candidates,
            blockers: told.blockers,
            request,
        }))
    }

    /// One quote for each Updated Expiration Time, and the first one for its blockers. Blocked ones are not offered.
    fn candidates(&self, case: &Case, first: DateTime<Utc>) -> Result<(Vec<RenewalCandidate>, Quote), DeskError> {
        let ask = |expires| {
            let ask = Ask { at: case.ask.at, action: Action::CancelRenewals, expires: Some(expires), daily_list: None };
            refund_rules::quote(&Case { ask, ..case.clone() }, self.policies).map_err(bad_facts)
        };
        let opening = ask(first)?;
        let mut candidates = Vec::new();
        for &expires in &opening.candidates {
            let quote = ask(expires)?;
            if quote.eligible {
                candidates.push(RenewalCandidate {
                    expires,
                    falls: quote.lines.iter().map(|l| l.order.clone()).collect(),
                    refund: quote.refund,
                });
            }
        }
        Ok((candidates, opening))
    }
}
