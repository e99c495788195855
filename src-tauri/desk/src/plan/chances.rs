//! What a selection shares, counted once. Every quote is made as if it were alone: two resources each quoted with the year's one
//! full refund without reason cannot both have it, and eight instances cannot use a quota of five. Which resources share what is
//! not known here: the rules are asked again with the chance used.

use std::cmp::Reverse;

use refund_rules::case::{Case, NoReasonRefund};
use refund_rules::quote::{Param, Params, Quote, RefundType};
use refund_rules::{Policies, quote};
use rust_decimal::Decimal;

use super::count;
use super::planner::{Going, Sieve};
use super::view::{SharedChance, SharedChanceKind};
use crate::tell::{self, Language};

/// Answers what of `going` has a chance, and each chance that is used; the rest is left out.
pub(super) fn share<'s>(
    going: Vec<Going<'s>>,
    policies: &Policies,
    sieve: &mut Sieve,
) -> (Vec<Going<'s>>, Vec<SharedChance>) {
    let mut chances = Vec::new();
    let going = no_reason(going, policies, sieve, &mut chances);
    let going = ecs_quota(going, policies, sieve, &mut chances);
    (going, chances)
}

/// The full refund without reason goes to the resource that gains most by it. The others wait: once it is used, they are partial
/// refunds and can be planned again.
fn no_reason<'s>(
    going: Vec<Going<'s>>,
    policies: &Policies,
    sieve: &mut Sieve,
    chances: &mut Vec<SharedChance>,
) -> Vec<Going<'s>> {
    let (mut wanting, mut kept): (Vec<_>, Vec<_>) = going.into_iter().partition(|item| {
        item.quote.refund_type == RefundType::FullNoReason && without_chance(item, item, policies).is_some()
    });
    wanting.sort_by_key(|item| {
        let left = without_chance(item, item, policies).map_or(Decimal::ZERO, |quote| quote.refund);
        (Reverse(item.quote.refund - left), item.quote.resource.clone())
    });
    while !wanting.is_empty() {
        let holder = wanting.remove(0);
        let (sharing, others): (Vec<_>, Vec<_>) = wanting.into_iter().partition(|item| {
            item.case.customer.uid == holder.case.customer.uid && without_chance(item, &holder, policies).is_some()
        });
        wanting = others;
        for item in &sharing {
            let after = without_chance(item, &holder, policies).map_or(Decimal::ZERO, |quote| quote.refund);
            let params = tell::params([("holder", holder.quote.resource.as_str().into()), ("refund", after.into())]);
            sieve.leave_out(item, "chance_taken", params, vec![holder.quote.resource.clone()]);
        }
        chances.push(chance(SharedChanceKind::NoReason, Some(1), &[&holder], &sharing, sieve.language));
        kept.push(holder);
    }
    kept
}

/// The quote of `item` when `holder` has used the year's chance, if that changes its type.
fn without_chance(item: &Going<'_>, holder: &Going<'_>, policies: &Policies) -> Option<Quote> {
    let mut case = item.case.clone();
    let used = NoReasonRefund { product: holder.case.resource.product.clone(), at: case.ask.at };
    case.customer.no_reason_refunds.push(used);
    quote(&case, policies).ok().filter(|quote| quote.refund_type != RefundType::FullNoReason)
}

/// The number of unsubscriptions goes to the largest amounts. Where it is not known, all go and the plan says how many it takes.
fn ecs_quota<'s>(
    going: Vec<Going<'s>>,
    policies: &Policies,
    sieve: &mut Sieve,
    chances: &mut Vec<SharedChance>,
) -> Vec<Going<'s>> {
    let (mut using, mut kept): (Vec<_>, Vec<_>) = going.into_iter().partition(|item| uses_quota(item.case, policies));
    using.sort_by_key(|item| (Reverse(item.quote.refund), item.quote.resource.clone()));
    while let Some(first) = using.first() {
        let (uid, left) = (first.case.customer.uid.clone(), first.case.customer.ecs_quota_left);
        let (mut given, others): (Vec<_>, Vec<_>) = using.into_iter().partition(|item| item.case.customer.uid == uid);
        using = others;
        let fits = left.map_or(given.len(), |left| usize::try_from(left).unwrap_or(usize::MAX));
        let exceeding = given.split_off(fits.min(given.len()));
        for item in &exceeding {
            let left = i32::try_from(left.unwrap_or_default()).unwrap_or(i32::MAX);
            let params = tell::params([("left", Param::Number(left))]);
            sieve.leave_out(item, "quota_exceeded", params, Vec::new());
        }
        let given_to: Vec<&Going<'_>> = given.iter().collect();
        chances.push(chance(SharedChanceKind::EcsQuota, left, &given_to, &exceeding, sieve.language));
        kept.extend(given);
    }
    kept
}

/// True when the rules refuse the case once the quota is used up.
fn uses_quota(case: &Case, policies: &Policies) -> bool {
    let mut used_up = case.clone();
    used_up.customer.ecs_quota_left = Some(0);
    quote(&used_up, policies).is_ok_and(|quote| quote.blockers.iter().any(|b| b.code == "ecs_quota_exhausted"))
}

fn chance(
    kind: SharedChanceKind,
    left: Option<u32>,
    given_to: &[&Going<'_>],
    not_given: &[Going<'_>],
    language: Language,
) -> SharedChance {
    let wanted = given_to.len() + not_given.len();
    let number = |n: usize| Param::Number(i32::try_from(n).unwrap_or(i32::MAX));
    let mut params: Params = tell::params([("wanted", number(wanted))]);
    if let Some(left) = left {
        params.insert("left".to_owned(), number(usize::try_from(left).unwrap_or(usize::MAX)));
    }
    let id = match (kind, left) {
        (SharedChanceKind::NoReason, _) => "no_reason",
        (SharedChanceKind::EcsQuota, Some(_)) => "ecs_quota",
        (SharedChanceKind::EcsQuota, None) => "ecs_quota_unknown",
    };
    SharedChance {
        kind,
        customer: given_to
            .first()
            .copied()
            .or(not_given.first())
            .map(|item| item.selected.ask.customer.clone())
            .unwrap_or_default(),
        left,
        wanted: count(wanted),
        given_to: given_to.iter().map(|item| item.quote.resource.clone()).collect(),
        not_given: not_given.iter().map(|item| item.quote.resource.clone()).collect(),
        sentence: tell::say(language, "chance", id, &params),
    }
}
