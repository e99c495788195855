//! From facts to a quote: decide the way, judge each order, find what blocks it, route the money, and look ahead.

use chrono::{DateTime, Utc};
use compact_str::CompactString;
use rust_decimal::Decimal;

use crate::blockers::{self, Tripped};
use crate::bounds;
use crate::case::{Action, Case};
use crate::chain::Chain;
use crate::consequences;
use crate::destinations::{self, Part};
use crate::error::BadInput;
use crate::lines::{self, Judged};
use crate::money::{at_minor_unit, minor_units, sum};
use crate::notes::Notes;
use crate::outlook::{self, Outlook};
use crate::params::params;
use crate::path::{self, Decision};
use crate::policy::{Policies, ProductRow, Row};
use crate::quote::{Change, Channel, PolicyRef, Quote, RefundType, WhyNot};
use crate::unknowns;

/// The engine's full answer for one resource, one ask and one instant. The same facts and policies give the same bytes.
///
/// # Errors
/// `bad_input` for facts outside their bounds or contradicting themselves, `not_a_candidate` for an Updated Expiration Time
/// that cannot be chosen; both name the place.
pub fn quote(case: &Case, policies: &Policies) -> Result<Quote, BadInput> {
    bounds::check(case)?;
    let chain = Chain::of(case, policies);
    let mut notes = Notes::taken();
    let answer = Answer::at(&chain, case.ask.at, &mut notes)?;
    let mut outlook = Outlook::of(&chain, &answer);
    let valid_until = outlook.valid_until();
    let next_changes = outlook.changes();
    Ok(answer.into_quote(&chain, notes, valid_until, next_changes))
}

/// A quote without the list of what changes after it ends: everything that holds now, explained, and until when.
///
/// A list of many resources shows no more than that, and the days ahead of a long order cost more than all the rest of its
/// quote. It is no document: nothing can be sealed, stored or confirmed but a whole [`Quote`].
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict(Quote);

impl std::ops::Deref for Verdict {
    type Target = Quote;

    /// The quote; its `next_changes` are empty.
    fn deref(&self) -> &Quote {
        &self.0
    }
}

/// The [`quote`] of the same case up to its `valid_until`.
///
/// # Errors
/// Those of the quote.
pub fn verdict(case: &Case, policies: &Policies) -> Result<Verdict, BadInput> {
    bounds::check(case)?;
    let chain = Chain::of(case, policies);
    let mut notes = Notes::taken();
    let answer = Answer::at(&chain, case.ask.at, &mut notes)?;
    let valid_until = outlook::valid_until(&chain, &answer);
    Ok(Verdict(answer.into_quote(&chain, notes, valid_until, Vec::new())))
}

/// What the rules say at one instant.
pub(crate) struct Answer<'a> {
    pub at: DateTime<Utc>,
    pub lines: Vec<Judged<'a>>,
    pub blockers: Vec<Tripped<'a>>,
    pub parts: Vec<Part>,
    pub refund_type: RefundType,
    pub refund: Decimal,
    pub refund_max: Decimal,
    pub decision: Decision<'a>,
    rows: Vec<&'a Row<ProductRow>>,
    would_be: Decimal,
    would_be_max: Decimal,
}

impl<'a> Answer<'a> {
    pub(crate) fn at(chain: &Chain<'a>, at: DateTime<Utc>, notes: &mut Notes) -> Result<Self, BadInput> {
        let mut answer = Self::unrouted(chain, at, notes)?;
        if answer.eligible() {
            answer.parts = destinations::parts(chain, &mut answer.lines, at, notes);
        }
        Ok(answer)
    }

    /// The amounts without where they go.
    pub(crate) fn unrouted(chain: &Chain<'a>, at: DateTime<Utc>, notes: &mut Notes) -> Result<Self, BadInput> {
        let rows = chain.pack.product_rows(&chain.case.resource, at);
        let decision = path::decide(chain, &rows, at, notes)?;
        let lines = lines::judge(chain, &decision.path, at, notes);
        let blockers = blockers::find(chain, &rows, &decision, &lines, at, notes);
        let eligible = blockers.is_empty();
        let would_be = sum(lines.iter().map(|line| line.refund));
        let would_be_max = sum(lines.iter().map(|line| line.refund_max));
        let parts = Vec::new();
        let refund_type = if eligible { decision.path.refund_type() } else { RefundType::Nonrefundable };
        let (refund, refund_max) = if eligible { (would_be, would_be_max) } else { Default::default() };
        Ok(Self { at, lines, blockers, parts, refund_type, refund, refund_max, decision, rows, would_be, would_be_max })
    }

    pub(crate) fn eligible(&self) -> bool {
        self.blockers.is_empty()
    }

    fn batchable(&self, chain: &Chain<'_>) -> bool {
        self.eligible()
            && matches!(self.refund_type, RefundType::Partial | RefundType::Renewal)
            && matches!(self.channel(chain), Channel::Console | Channel::Api)
    }

    /// For nothing, but it can still be unsubscribed, singly.
    fn releasable(&self, chain: &Chain<'_>) -> bool {
        let only_zero = matches!(self.blockers.as_slice(), [Tripped { code: "refund_is_zero", .. }]);
        only_zero && chain.case.ask.action == Action::Unsubscribe
    }

    fn channel(&self, chain: &Chain<'_>) -> Channel {
        if chain.case.customer.partner {
            return Channel::Partner;
        }
        self.rows.iter().find_map(|row| row.set.channel).unwrap_or(Channel::Console)
    }

    /// Readings that concern the answer as a whole.
    fn readings(&self, chain: &Chain<'_>, notes: &mut Notes) {
        let resource = &chain.case.resource;
        for step in self.lines.iter().flat_map(|line| &line.steps) {
            if chain.pack.is_reading(&step.rule) {
                notes.reading(&step.rule);
            }
        }
        if !chain.pack.lists(&resource.product, resource.kind, self.at) {
            notes.reading("product.unlisted");
        }
        if self.releasable(chain) {
            notes.reading("blocker.releasable");
        }
        if self.batchable(chain) && self.refund_type == RefundType::Renewal {
            notes.reading("renewal.batch");
        }
    }

    fn why_not(&mut self) -> Vec<WhyNot> {
        let mut why_not = std::mem::take(&mut self.decision.why_not);
        if !self.eligible() {
            let codes: Vec<_> = self.blockers.iter().map(|b| b.code.to_owned()).collect();
            why_not.push(WhyNot {
                refund_type: self.decision.path.refund_type(),
                rule: CompactString::const_new("type.order"),
                condition: CompactString::const_new("blocked"),
                params: params! { "blockers" => codes },
            });
        }
        why_not
    }

    fn into_quote(
        mut self,
        chain: &Chain<'_>,
        mut notes: Notes,
        valid_until: Option<DateTime<Utc>>,
        next_changes: Vec<Change>,
    ) -> Quote {
        self.readings(chain, &mut notes);
        let case = chain.case;
        let currency = chain.currency();
        let minor = minor_units(currency.unwrap_or(&case.customer.currency));
        let money = |amount: Decimal| at_minor_unit(amount, minor);
        let would_be = currency.map(|_| money(self.would_be));
        let would_be_max = currency.map(|_| money(self.would_be_max));
        let (batchable, releasable) = (self.batchable(chain), self.releasable(chain));
        let arrival = self.eligible().then(|| destinations::arrival(chain, &self.parts, self.at, &mut notes));
        let consequences = if self.eligible() || releasable {
            consequences::list(chain, &self.rows, &self.lines, &self.parts, arrival.as_ref(), self.at)
        } else {
            Vec::new()
        };
        Quote {
            resource: case.resource.id.clone(),
            at: self.at,
            valid_until,
            currency: currency.map(str::to_owned),
            eligible: self.eligible(),
            refund_type: self.refund_type,
            batchable,
            releasable,
            refund: money(self.refund),
            refund_max: money(self.refund_max),
            would_be,
            would_be_max,
            exact: self.lines.iter().all(|line| line.refund == line.refund_max),
            destinations: destinations::by_destination(&self.parts, minor),
            why_not: self.why_not(),
            unknowns: unknowns::list(chain),
            channel: self.channel(chain),
            channel_refunds: destinations::channel_refunds(&self.parts),
            processed_by: arrival.as_ref().map(|a| a.processed_by),
            arrives_by: arrival.as_ref().map(|a| a.arrives_by),
            consequences,
            forfeits: consequences::forfeits(&self.lines),
            confirmations: consequences::confirmations(case.ask.action),
            candidates: self.decision.candidates,
            next_changes,
            policy: PolicyRef { id: chain.pack.site.word().to_owned(), version: chain.pack.version.clone() },
            blockers: self.blockers.into_iter().map(Tripped::into_blocker).collect(),
            lines: self.lines.into_iter().map(Judged::into_line).collect(),
            readings: notes.into_readings(),
            sha256: None,
        }
    }
}
