//! From a selection to a plan: a pure function over quotes and the facts they were made from. Valid batches first (only `partial`
//! refunds or only renewals, batchable, of one customer, one list and one currency, at most [`BATCH_MAX`] each), then what can be
//! done singly, then what was left out and why.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use refund_rules::Policies;
use refund_rules::case::{Action, Case, Kind};
use refund_rules::quote::{Channel, Param, Params, Quote, RefundType};

use super::count;
use super::risk::{self, Risk};
use super::view::{BatchPlan, LeftOut, PlannedBatch, PlannedItem, PlannedSingle};
use super::{BATCH_MAX, SEARCH_SEPARATOR, chances, totals};
use crate::answers;
use crate::tell::{self, Language};
use crate::views::{Ask, Problem};

/// One resource as it was selected.
pub(super) struct Selected {
    pub ask: Ask,
    pub customer_name: String,
    /// The facts and the quote made from them, or why there is none.
    pub judged: Result<(Case, Quote), Problem>,
    /// The request on it that has gone further than a review.
    pub open: Option<String>,
}

/// A selected resource that can go, with its quote.
#[derive(Clone, Copy)]
pub(super) struct Going<'s> {
    pub selected: &'s Selected,
    pub case: &'s Case,
    pub quote: &'s Quote,
    pub risk: Risk,
}

/// Takes out what cannot go, and remembers why.
pub(super) struct Sieve {
    pub language: Language,
    left_out: Vec<LeftOut>,
}

/// Makes the plan of a selection.
pub(super) fn plan(selection: &[Selected], policies: &Policies, language: Language, at: DateTime<Utc>) -> BatchPlan {
    let mut sieve = Sieve { language, left_out: Vec::new() };
    let going = sieve.going(selection);
    let (mut going, chances) = chances::share(going, policies, &mut sieve);
    going.sort_by(|a, b| risk::order((a.quote, a.risk), (b.quote, b.risk)));
    let (batched, singly): (Vec<_>, Vec<_>) = going.into_iter().partition(|item| not_batchable(item.quote).is_none());
    let selected: BTreeSet<_> = selection.iter().map(|s| (&s.ask.customer, &s.ask.resource)).collect();
    BatchPlan {
        at,
        selected: count(selected.len()),
        totals: totals::totals(batched.iter().map(|item| item.quote)),
        singly_totals: totals::totals(singly.iter().map(|item| item.quote)),
        batches: batches(&batched, at),
        singly: singly.iter().map(|item| single(item, language)).collect(),
        left_out: sieve.left_out,
        chances,
    }
}

impl Sieve {
    /// What of the selection can go, each resource once.
    fn going<'s>(&mut self, selection: &'s [Selected]) -> Vec<Going<'s>> {
        let mut seen = BTreeSet::new();
        let mut going = Vec::new();
        for selected in selection {
            let ask = &selected.ask;
            if !seen.insert((&ask.customer, &ask.resource)) {
                self.refuse(ask, "duplicate", Params::new(), Vec::new());
                continue;
            }
            match (&selected.judged, &selected.open) {
                (Err(problem), _) => {
                    let params = tell::params([("problem", problem.message.as_str().into())]);
                    self.refuse(ask, "not_quoted", params, vec![problem.code.clone()]);
                }
                (Ok(_), Some(request)) => {
                    let params = tell::params([("request", request.as_str().into())]);
                    self.refuse(ask, "request_open", params, vec![request.clone()]);
                }
                (Ok((_, quote)), None) if !quote.eligible && !quote.releasable => {
                    let codes: Vec<String> = quote.blockers.iter().map(|b| b.code.to_string()).collect();
                    self.refuse(ask, "blocked", tell::params([("blockers", Param::List(codes.clone()))]), codes);
                }
                (Ok((case, quote)), None) => going.push(Going { selected, case, quote, risk: risk::of(quote) }),
            }
        }
        going
    }

    /// Leaves out one that could have gone.
    pub fn leave_out(&mut self, item: &Going<'_>, code: &str, params: Params, details: Vec<String>) {
        self.refuse(&item.selected.ask, code, params, details);
    }

    fn refuse(&mut self, ask: &Ask, code: &str, mut params: Params, details: Vec<String>) {
        params.insert("resource".to_owned(), ask.resource.as_str().into());
        self.left_out.push(LeftOut {
            customer: ask.customer.clone(),
            resource: ask.resource.clone(),
            code: code.to_owned(),
            sentence: tell::say(self.language, "left_out", code, &params),
            details,
        });
    }
}

/// Why a quote may not go into a batch: the code under which a plan lists it as single.
fn not_batchable(quote: &Quote) -> Option<&'static str> {
    if quote.batchable {
        return None;
    }
    Some(match quote.channel {
        _ if quote.releasable => "release_for_nothing",
        Channel::Ticket => "by_ticket",
        Channel::Partner => "by_partner",
        Channel::Console | Channel::Api => "full_refund",
    })
}

/// What may share a batch.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group<'s> {
    currency: &'s str,
    customer: &'s str,
    renewals: bool,
    kind: Kind,
}

/// Batches of items that are sorted by money at risk: each holds the most urgent that are left of its group. Amounts of
/// different currencies are not compared: the currency of which something is lost first stands first.
fn batches(items: &[Going<'_>], now: DateTime<Utc>) -> Vec<PlannedBatch> {
    let mut groups: BTreeMap<Group<'_>, Vec<&Going<'_>>> = BTreeMap::new();
    for item in items {
        let group = Group {
            currency: item.quote.currency.as_deref().unwrap_or_default(),
            customer: &item.selected.ask.customer,
            renewals: item.quote.refund_type == RefundType::Renewal,
            kind: item.case.resource.kind,
        };
        groups.entry(group).or_default().push(item);
    }
    let mut batches: Vec<PlannedBatch> = Vec::new();
    for (group, items) in &groups {
        batches.extend(items.chunks(BATCH_MAX).map(|items| batch(group, items)));
    }
    let mut first_loss: BTreeMap<String, i64> = BTreeMap::new();
    for batch in &batches {
        let day = risk::day(now, batch.loses_at);
        first_loss.entry(batch.currency.clone()).and_modify(|first| *first = day.min(*first)).or_insert(day);
    }
    batches.sort_by(|a, b| {
        let currency = |batch: &PlannedBatch| (first_loss[&batch.currency], batch.currency.clone());
        let day = |batch: &PlannedBatch| risk::day(now, batch.loses_at);
        let urgency = |batch: &PlannedBatch| (day(batch), Reverse(batch.at_risk), Reverse(batch.refund));
        currency(a).cmp(&currency(b)).then_with(|| urgency(a).cmp(&urgency(b)))
    });
    for (number, batch) in (1..).zip(&mut batches) {
        batch.number = number;
    }
    batches
}

fn batch(group: &Group<'_>, items: &[&Going<'_>]) -> PlannedBatch {
    debug_assert!(!items.is_empty() && items.len() <= BATCH_MAX);
    let quotes = || items.iter().map(|item| item.quote);
    let ids: Vec<&str> = items.iter().map(|item| item.quote.resource.as_str()).collect();
    PlannedBatch {
        number: 0,
        customer: group.customer.to_owned(),
        customer_name: items.first().map(|item| item.selected.customer_name.clone()).unwrap_or_default(),
        action: if group.renewals { Action::CancelRenewals } else { Action::Unsubscribe },
        kind: group.kind,
        currency: group.currency.to_owned(),
        refund: quotes().map(|quote| quote.refund).sum(),
        refund_max: quotes().map(|quote| quote.refund_max).sum(),
        destinations: totals::destinations(quotes()),
        channel_refunds: totals::channel_refunds(quotes()),
        at_risk: items.iter().map(|item| item.risk.takes).sum(),
        loses_at: items.iter().filter_map(|item| item.risk.at).min(),
        valid_until: quotes().filter_map(|quote| quote.valid_until).min(),
        search: ids.join(SEARCH_SEPARATOR),
        items: items.iter().map(|item| planned(item)).collect(),
    }
}

fn planned(item: &Going<'_>) -> PlannedItem {
    PlannedItem {
        resource: item.quote.resource.clone(),
        product: item.case.resource.product.clone(),
        expires: item.selected.ask.expires,
        refund: item.quote.refund,
        refund_max: item.quote.refund_max,
        at_risk: item.risk.takes,
        loses_at: item.risk.at,
        open_questions: answers::required(item.quote).cloned().collect(),
    }
}

fn single(item: &Going<'_>, language: Language) -> PlannedSingle {
    let (ask, quote) = (&item.selected.ask, item.quote);
    let code = not_batchable(quote).unwrap_or_default();
    let currency = quote.currency.clone().unwrap_or_else(|| item.case.customer.currency.clone());
    let params = tell::params([
        ("resource", ask.resource.as_str().into()),
        ("refund_type", quote.refund_type.word().into()),
        ("refund", quote.refund.into()),
        ("currency", currency.as_str().into()),
    ]);
    PlannedSingle {
        customer: ask.customer.clone(),
        resource: ask.resource.clone(),
        product: item.case.resource.product.clone(),
        action: ask.action,
        expires: ask.expires,
        code: code.to_owned(),
        sentence: tell::say(language, "singly", code, &params),
        channel: quote.channel,
        refund_type: quote.refund_type,
        currency,
        refund: quote.refund,
        refund_max: quote.refund_max,
        at_risk: item.risk.takes,
        loses_at: item.risk.at,
    }
}
