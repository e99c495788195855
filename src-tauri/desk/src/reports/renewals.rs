//! Renewals that have not taken effect, to be signed before any is cancelled: a page a resource, with each Updated Expiration Time,
//! the orders that fall for it and the money that comes back.

use chrono::{DateTime, Utc};
use desk_report::{Content, PendingLine, RenewalSheet, SheetCandidate, SheetStack, Template};
use refund_rules::case::{Action, Ask};
use refund_rules::quote::Quote;
use serde_json::json;

use super::quotes::{about, lines, sentences};
use super::{Made, Report, count};
use crate::draft::Draft;
use crate::error::DeskError;
use crate::facts::CustomerFacts;
use crate::renewals::{Stack, currency};
use crate::tell;
use crate::views::{self, PendingRenewal};

impl Report<'_> {
    pub(super) fn write_renewals(&self, draft: &Draft) -> Result<Made, DeskError> {
        let sheet = self.renewal_sheet()?;
        let pages = self.set(self.renewals_content(&sheet)?)?;
        draft.write(&pages.pdf(self.watch)?)?;
        Ok(Made {
            rows: count(sheet.stacks.len()),
            pages: Some(pages.count()),
            document_sha256: None,
            annex: None,
            body: json!({}),
        })
    }

    pub(super) fn renewals_content(&self, sheet: &RenewalSheet) -> Result<Content, DeskError> {
        self.content(Template::Renewals, sheet, None)
    }

    /// The stacks asked for, or all of which something can fall. Errors: `nothing_to_quote`, `unknown_resource`.
    pub(super) fn renewal_sheet(&self) -> Result<RenewalSheet, DeskError> {
        let named = &self.ask.resources;
        let resources = if named.is_empty() { self.with_pending_renewals()? } else { named.clone() };
        let total = count(resources.len());
        let mut stacks = Vec::new();
        for (done, resource) in (0..).zip(&resources) {
            self.step(done, total)?;
            let stack = self.judged_stack(resource).map_err(|error| about(error, resource))?;
            // One that was named is told whatever stands against it.
            match stack {
                Some(stack) if !named.is_empty() || !stack.candidates.is_empty() => {
                    stacks.push(self.sheet_stack(stack))
                }
                None if !named.is_empty() => return Err(nothing_waits(resource)),
                Some(_) | None => {}
            }
        }
        if stacks.is_empty() {
            return Err(nothing_waits("resources"));
        }
        Ok(RenewalSheet { head: self.head.clone(), stacks })
    }

    fn with_pending_renewals(&self) -> Result<Vec<String>, DeskError> {
        let kept = self.desk.store.read(|r| r.quotes().of_customer(self.customer()?).map_err(DeskError::from))?;
        let mut with: Vec<String> =
            kept.into_iter().filter(|kept| kept.pending_renewals > 0).map(|kept| kept.resource).collect();
        with.sort();
        Ok(with)
    }

    fn judged_stack(&self, resource: &str) -> Result<Option<Stack>, DeskError> {
        let connection = self.desk.connection(self.customer()?)?;
        let ask = Ask { at: self.made_at(), action: Action::Unsubscribe, expires: None, daily_list: None };
        let found = self.desk.store.read(|r| CustomerFacts::read(r, connection)?.case(r, resource, ask))?;
        let (_, case) = found.ok_or_else(|| DeskError::unknown_resource(resource))?;
        self.desk.judge_stack(case)
    }

    fn sheet_stack(&self, stack: Stack) -> SheetStack {
        let Stack { case, pending, opening, candidates } = stack;
        // The earliest time lets all of them fall: what is told of it holds every order's steps.
        let widest = candidates.first().map_or(&opening, |(_, quote)| quote);
        let languages = self.ask.language.languages();
        let told: Vec<views::Told> =
            languages.iter().map(|language| tell::tell(widest, &case, self.desk.policies, *language)).collect();
        SheetStack {
            resource: case.resource.id.clone(),
            product: case.resource.product.clone(),
            currency: currency(&opening, &case),
            expires_at: pending.last().map(|last| last.end),
            pending: (1..).zip(&pending).map(|(number, one)| pending_line(number, one, widest)).collect(),
            blockers: if candidates.is_empty() { sentences(&told, |told| &told.blockers) } else { Vec::new() },
            candidates: candidates.into_iter().map(|(expires, quote)| candidate(expires, quote, &pending)).collect(),
            lines: lines(&told),
            destinations: sentences(&told, |told| &told.destinations),
            consequences: sentences(&told, |told| &told.consequences),
            readings: sentences(&told, |told| &told.readings),
            unknowns: sentences(&told, |told| &told.unknowns),
        }
    }
}

/// One order of the stack; what it gives back is in the quote that lets all of them fall.
fn pending_line(number: u32, pending: &PendingRenewal, widest: &Quote) -> PendingLine {
    let line = widest.lines.iter().find(|line| line.order == pending.order);
    PendingLine {
        number,
        order: pending.order.clone(),
        start: pending.start,
        end: pending.end,
        cash: pending.cash,
        compensatory: pending.compensatory,
        refund: line.map(|line| line.refund),
        refund_max: line.map(|line| line.refund_max),
    }
}

fn candidate(expires: DateTime<Utc>, quote: Quote, pending: &[PendingRenewal]) -> SheetCandidate {
    let quote = quote.seal();
    let falls = |order: &PendingRenewal| quote.lines.iter().any(|line| line.order == order.order);
    SheetCandidate {
        expires,
        falls: (1..).zip(pending).filter(|(_, order)| falls(order)).map(|(number, _)| number).collect(),
        refund: quote.refund,
        refund_max: quote.refund_max,
        valid_until: quote.valid_until,
        sha256: quote.sha256.unwrap_or_default(),
    }
}

fn nothing_waits(at: &str) -> DeskError {
    DeskError::new(
        "nothing_to_quote",
        "no renewal is waiting to take effect that could be cancelled",
        "look at the renewals: the list says what stands against each",
    )
    .at(at)
}
