//! What the cloud makes of a quote: the amounts it really gives, where they go and when. Without knobs turned this is what the
//! pages say; with them each difference is noted beside its knob.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use refund_rules::Policies;
use refund_rules::case::{Case, Method};
use refund_rules::quote::{Destination, Line, Quote};
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Account, Door, MergedPart, RefundOrder};
use crate::config::Arrival;
use crate::reality::{DayCount, Deviation, Knob, Merge, Reality, Rounding, TaxOnRefund};

/// Calendar days are those of UTC+8.
const DAY_ZONE: TimeDelta = TimeDelta::hours(8);

/// How the cloud of a sandbox behaves in one call.
#[derive(Debug, Clone, Copy)]
pub struct Cloud {
    pub arrival: Arrival,
    pub reality: Reality,
    /// Amounts are so many per cent of what they would be; 100 unless a fault changes them.
    pub amount_percent: u32,
}

impl From<Arrival> for Cloud {
    fn from(arrival: Arrival) -> Self {
        Self { arrival, reality: Reality::default(), amount_percent: 100 }
    }
}

/// What one order gives back.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Amount {
    pub amount: Decimal,
    pub deviations: Vec<Deviation>,
}

impl Amount {
    /// Lets a knob change the amount; a difference is noted.
    fn turn(&mut self, knob: Knob, to: Decimal) {
        if self.amount != to {
            let (expected, actual) = (self.amount.to_string(), to.to_string());
            self.deviations.push(Deviation { knob, expected, actual });
        }
        self.amount = to;
    }
}

/// The facts that the cloud reckons with: of what was used until now it may count the days by the calendar. Then each order
/// counts from the midnight before its start, so that every date that was touched is a day.
pub(super) fn reckoned(told: &Case, reality: &Reality) -> Case {
    let mut case = told.clone();
    if reality.days == DayCount::Calendar {
        let at = case.ask.at;
        for order in case.orders.iter_mut().filter(|order| order.start <= at) {
            let midnight = (order.start + DAY_ZONE).date_naive().and_time(NaiveTime::MIN).and_utc() - DAY_ZONE;
            order.start = midnight;
        }
    }
    case
}

/// What each order gives back, by its id. `told` are the facts by the pages, `case` those the cloud reckons with, `quote` its
/// quote.
pub(super) fn amounts(told: &Case, case: &Case, quote: &Quote, cloud: &Cloud) -> BTreeMap<String, Amount> {
    let reality = &cloud.reality;
    let by_pages = (reality.days != DayCount::Elapsed).then(|| lines_of(told, 1)).flatten();
    let finer = (reality.rounding == Rounding::Down).then(|| lines_of(case, FINER)).flatten();
    let minor_units = refund_rules::minor_units(&case.customer.currency);
    let one = |line: &Line| {
        let expected = by_pages.as_ref().and_then(|lines| lines.get(&line.order)).copied().unwrap_or(line.refund);
        let mut amount = Amount { amount: expected, deviations: Vec::new() };
        amount.turn(Knob::Days, line.refund);
        if let Some(finer) = finer.as_ref().and_then(|lines| lines.get(&line.order)) {
            amount.turn(Knob::Rounding, scaled(finer / Decimal::from(FINER), minor_units, Rounding::Down));
        }
        let part = |amount: Decimal, percent: u32| {
            scaled(amount * Decimal::from(percent) / Decimal::ONE_HUNDRED, minor_units, reality.rounding)
        };
        let mut most = line.cash;
        if let Some(tax) = &reality.tax {
            let share = part(amount.amount, tax.percent);
            let to = match tax.on_refund {
                TaxOnRefund::Returned => amount.amount + share,
                TaxOnRefund::Withheld => amount.amount - share,
            };
            amount.turn(Knob::Tax, to);
            most += part(line.cash, tax.percent);
        }
        if cloud.amount_percent != 100 {
            // Nothing gives back more than was paid.
            amount.turn(Knob::AmountChanged, part(amount.amount, cloud.amount_percent).min(most));
        }
        (line.order.clone(), amount)
    };
    quote.lines.iter().map(one).collect()
}

/// How much finer than the minor unit an amount is looked at before it is rounded down.
const FINER: u32 = 100;

/// The refund of each line with every amount `times` as large: the rules round to the minor unit, so a larger amount keeps what
/// they would round away.
fn lines_of(case: &Case, times: u32) -> Option<BTreeMap<String, Decimal>> {
    let times = Decimal::from(times);
    let mut case = case.clone();
    for order in &mut case.orders {
        for amount in [&mut order.list, &mut order.cash, &mut order.coupon, &mut order.tax] {
            *amount *= times;
        }
        for payment in order.payments.iter_mut().flatten() {
            payment.amount *= times;
        }
    }
    let quote = refund_rules::quote(&case, Policies::built_in()).ok()?;
    Some(quote.lines.into_iter().map(|line| (line.order, line.refund)).collect())
}

/// Rounded to the minor unit, with its decimals.
fn scaled(amount: Decimal, minor_units: u32, rounding: Rounding) -> Decimal {
    let strategy = match rounding {
        Rounding::HalfUp => RoundingStrategy::MidpointAwayFromZero,
        Rounding::Down => RoundingStrategy::ToZero,
    };
    let mut amount = amount.round_dp_with_strategy(minor_units, strategy);
    amount.rescale(minor_units);
    amount
}

/// The refund orders of some lines, numbered from the account's next one.
pub(super) fn refund_orders(
    account: &Account,
    case: &Case,
    quote: &Quote,
    lines: &[(&Line, &Amount)],
    door: Door,
    cloud: &Cloud,
) -> Vec<RefundOrder> {
    let on_time = arrives_at(quote, case.ask.at, cloud.arrival);
    let one = |(nth, (line, amount)): (usize, &(&Line, &Amount))| RefundOrder {
        order_id: (account.next_order_id + nth as u64).to_string(),
        related_order_id: line.order.clone(),
        instance: case.resource.id.clone(),
        created_at: case.ask.at,
        currency: account.currency.clone(),
        amount: amount.amount,
        destinations: destinations(case, line, amount.amount),
        arrives_at: on_time,
        refund_type: quote.refund_type,
        door,
        merged: Vec::new(),
        paid_with: None,
        pays: Vec::new(),
        arrivals: Vec::new(),
        deviations: amount.deviations.clone(),
    };
    let mut refunds: Vec<_> = lines.iter().enumerate().map(one).collect();
    for refund in &mut refunds {
        route(refund, &cloud.reality);
    }
    match cloud.reality.merge {
        Merge::RefundOrder if refunds.len() > 1 => vec![one_refund_order(refunds)],
        Merge::Transaction => with_earlier(account, case.ask.at, one_transaction(refunds)),
        _ => refunds,
    }
}

/// Where one line's money goes. A quote tells it for all lines together, so the other orders' payments are forgotten and what
/// is asked for this line is all that has a known place. `amount` may differ from the line's: then in proportion.
fn destinations(case: &Case, line: &Line, amount: Decimal) -> Vec<Destination> {
    if amount.is_zero() {
        return Vec::new();
    }
    let mut alone = case.clone();
    for order in alone.orders.iter_mut().filter(|order| order.id != line.order) {
        order.payments = None;
    }
    let quote = refund_rules::quote(&alone, Policies::built_in());
    let mut destinations = quote.map(|quote| quote.destinations).unwrap_or_default();
    destinations.retain(|destination| destination.to != "unknown");
    if line.refund != amount {
        in_proportion(&mut destinations, line.refund, amount);
    }
    destinations
}

/// Makes the parts of `whole` parts of `amount`; the last takes the rest.
fn in_proportion(destinations: &mut Vec<Destination>, whole: Decimal, amount: Decimal) {
    let Some(last) = destinations.len().checked_sub(1) else {
        destinations.push(Destination { to: Method::Balance.word().into(), amount, until: None });
        return;
    };
    let mut left = amount;
    for (nth, destination) in destinations.iter_mut().enumerate() {
        let share = scaled(destination.amount * amount / whole, amount.scale(), Rounding::Down);
        destination.amount = if nth == last { left } else { share };
        left -= destination.amount;
    }
    destinations.retain(|destination| !destination.amount.is_zero());
}

/// On the processing date of the quote at the same time of day (UTC+8), or after the configured time.
fn arrives_at(quote: &Quote, at: DateTime<Utc>, arrival: Arrival) -> DateTime<Utc> {
    match (arrival, quote.processed_by) {
        (Arrival::After(time), _) => at + time,
        (Arrival::BusinessDays, Some(day)) => {
            let time_of_day = (at + DAY_ZONE).time().signed_duration_since(NaiveTime::MIN);
            day.and_time(NaiveTime::MIN).and_utc() + time_of_day - DAY_ZONE
        }
        (Arrival::BusinessDays, None) => at,
    }
}

/// Lets the knobs of way and time change where and when a refund order's money arrives.
fn route(refund: &mut RefundOrder, reality: &Reality) {
    if refund.destinations.is_empty() {
        return;
    }
    if reality.late_days > 0 {
        let later = refund.arrives_at + TimeDelta::days(i64::from(reality.late_days));
        let instant = |at: DateTime<Utc>| bss_openapi::wire::write_time(&at);
        let (expected, actual) = (instant(refund.arrives_at), instant(later));
        refund.deviations.push(Deviation { knob: Knob::LateDays, expected, actual });
        refund.arrives_at = later;
    }
    if let Some(method) = reality.destination {
        let expected = places(&refund.destinations);
        let destination = Destination { to: method.word().into(), amount: refund.amount, until: None };
        refund.destinations = vec![destination];
        note(refund, Knob::Destination, expected);
    }
    if let Some(failed) = reality.failed_channel {
        let expected = places(&refund.destinations);
        let later = refund.arrives_at + TimeDelta::days(i64::from(failed.after_days));
        let balance = Method::Balance.word();
        let fails = |to: &str| to != balance && failed.method.is_none_or(|method| method.word() == to);
        refund.arrivals =
            refund.destinations.iter().map(|part| if fails(&part.to) { later } else { refund.arrives_at }).collect();
        for part in refund.destinations.iter_mut().filter(|part| fails(&part.to)) {
            *part = Destination { to: balance.into(), amount: part.amount, until: None };
        }
        note(refund, Knob::FailedChannel, expected);
        refund.arrives_at = refund.arrivals.iter().copied().max().unwrap_or(refund.arrives_at);
    }
}

fn note(refund: &mut RefundOrder, knob: Knob, expected: String) {
    let actual = places(&refund.destinations);
    if actual != expected {
        refund.deviations.push(Deviation { knob, expected, actual });
    }
}

fn places(destinations: &[Destination]) -> String {
    let parts: Vec<_> = destinations.iter().map(|part| format!("{} {}", part.to, part.amount)).collect();
    parts.join(", ")
}

/// All refund orders as one, with a part for each of their orders.
fn one_refund_order(refunds: Vec<RefundOrder>) -> RefundOrder {
    let expected = numbers(&refunds);
    let merged = refunds
        .iter()
        .map(|refund| MergedPart { related_order_id: refund.related_order_id.clone(), amount: refund.amount })
        .collect();
    let (destinations, arrivals) = together(&refunds);
    let deviations = refunds.iter().flat_map(|refund| refund.deviations.clone());
    let actual = refunds[0].order_id.clone();
    let deviations = deviations.chain([Deviation { knob: Knob::Merge, expected, actual }]).collect();
    let amount = refunds.iter().map(|refund| refund.amount).sum();
    let arrives_at = refunds.iter().map(|refund| refund.arrives_at).max().unwrap_or(refunds[0].arrives_at);
    let first = refunds.into_iter().next().expect("there are several");
    RefundOrder { amount, destinations, arrives_at, merged, arrivals, deviations, ..first }
}

/// The money of all under the number of the first that has any.
fn one_transaction(mut refunds: Vec<RefundOrder>) -> Vec<RefundOrder> {
    let with_money = || refunds.iter().enumerate().filter(|(_, refund)| !refund.destinations.is_empty());
    let Some((payer, _)) = with_money().next().filter(|_| with_money().count() > 1) else { return refunds };
    let number = refunds[payer].order_id.clone();
    let (pays, arrivals) = together(&refunds);
    let expected = numbers(&refunds);
    for refund in refunds.iter_mut().filter(|refund| !refund.destinations.is_empty()) {
        refund.arrivals.clear();
        let (expected, actual) = (expected.clone(), number.clone());
        refund.deviations.push(Deviation { knob: Knob::Merge, expected, actual });
        refund.paid_with = (refund.order_id != number).then(|| number.clone());
    }
    refunds[payer].pays = pays;
    refunds[payer].arrivals = arrivals;
    refunds
}

/// Refunds of one order within this time of the first one share its money (refund-rules section 12).
const SHARED_WITHIN: TimeDelta = TimeDelta::minutes(2);

/// Where another resource of the same order was given back just before, the money arrives under that one's number.
fn with_earlier(account: &Account, at: DateTime<Utc>, mut refunds: Vec<RefundOrder>) -> Vec<RefundOrder> {
    let shares = |earlier: &&RefundOrder| {
        let of_one_order = |refund: &RefundOrder| refund.gives_back(&earlier.related_order_id);
        let pays = earlier.paid_with.is_none() && !earlier.destinations.is_empty();
        pays && refunds.iter().any(of_one_order)
    };
    let Some(earlier) = account.refunds_within(at - SHARED_WITHIN, at).find(shares) else { return refunds };
    let number = &earlier.order_id;
    for refund in refunds.iter_mut().filter(|refund| !refund.destinations.is_empty()) {
        let expected = refund.paid_with.as_ref().unwrap_or(&refund.order_id).clone();
        refund.deviations.push(Deviation { knob: Knob::Merge, expected, actual: number.clone() });
        refund.paid_with = Some(number.clone());
        refund.pays.clear();
        refund.arrivals.clear();
    }
    refunds
}

/// Lets the money of a refund order arrive with that of an earlier one, at its times.
pub(super) fn pay_with(payer: &mut RefundOrder, refund: &RefundOrder) {
    let mut parts: Vec<_> =
        payer.money().iter().enumerate().map(|(nth, part)| (part.clone(), payer.arrival(nth))).collect();
    for (nth, part) in refund.destinations.iter().enumerate() {
        match parts.iter_mut().find(|(known, _)| known.to == part.to) {
            Some((known, _)) => known.amount += part.amount,
            None => parts.push((part.clone(), refund.arrival(nth))),
        }
    }
    (payer.pays, payer.arrivals) = parts.into_iter().unzip();
}

/// The money of all refund orders by place and time of arrival.
fn together(refunds: &[RefundOrder]) -> (Vec<Destination>, Vec<DateTime<Utc>>) {
    let mut parts: Vec<(Destination, DateTime<Utc>)> = Vec::new();
    for refund in refunds {
        for (nth, part) in refund.destinations.iter().enumerate() {
            let at = refund.arrival(nth);
            match parts.iter_mut().find(|(known, known_at)| known.to == part.to && *known_at == at) {
                Some((known, _)) => known.amount += part.amount,
                None => parts.push((part.clone(), at)),
            }
        }
    }
    parts.into_iter().unzip()
}

fn numbers(refunds: &[RefundOrder]) -> String {
    let ids: Vec<_> = refunds.iter().map(|refund| refund.order_id.as_str()).collect();
    ids.join(", ")
}
