//! The rules' own boundaries on the way ahead: the instants at which an answer can change, one after the other.

use chrono::{DateTime, Datelike, FixedOffset, TimeDelta, TimeZone, Utc};

use crate::case::{Action, Kind, Order};
use crate::chain::{Chain, DAY, state, window_end};
use crate::path::china_year;
use crate::policy::{ProductRow, Row};
use crate::quote::LineState;

/// Most orders judged on the way ahead of one quote: about 300 years of one order's days. Beyond it the way is cut and the
/// quote is valid no longer than was looked.
const MOST_JUDGED: usize = 110_000;

/// An instant at which a rule can change the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub at: DateTime<Utc>,
    /// More than the end of a begun day: the answer is judged anew.
    pub turn: bool,
}

/// The marks from the asked instant to the end of the chain, in order, each instant once. They are made as they are taken.
pub(crate) struct Marks {
    /// Sorted.
    turns: std::iter::Peekable<std::vec::IntoIter<DateTime<Utc>>>,
    days: Vec<Days>,
    /// Up to which instant there are marks.
    until: DateTime<Utc>,
    /// Some orders' days were too many.
    cut: bool,
    /// How many more may be taken.
    left: usize,
    last: Option<DateTime<Utc>>,
}

/// Ends of an order's begun days.
struct Days {
    next: DateTime<Utc>,
    end: DateTime<Utc>,
}

impl Marks {
    pub(crate) fn ahead(chain: &Chain<'_>, at: DateTime<Utc>) -> Self {
        let Some(end) = chain.counted.iter().map(|c| c.order.end).max() else { return Self::none(at) };
        let most_days = MOST_JUDGED / chain.counted.len();
        let mut until = end;
        let mut days = Vec::new();
        if by_days(chain) {
            days.reserve(chain.counted.len());
            for order in chain.counted.iter().map(|c| c.order).filter(|order| state(order, at) != LineState::Finished) {
                let ends = Days::of(order, at);
                if let Some(last) = ends.last_of(most_days) {
                    until = until.min(last);
                }
                days.push(ends);
            }
        }
        let mut turns = turns(chain, at, end);
        turns.sort_unstable();
        Self { turns: turns.into_iter().peekable(), days, until, cut: until < end, left: most_days, last: None }
    }

    fn none(at: DateTime<Utc>) -> Self {
        Self { turns: Vec::new().into_iter().peekable(), days: Vec::new(), until: at, cut: false, left: 0, last: None }
    }

    /// After the last mark: how far was looked, if that is not to the end of the chain.
    pub(crate) fn looked_until(&self) -> Option<DateTime<Utc>> {
        if self.cut { self.last } else { None }
    }

    /// How many are still to come, at most.
    pub(crate) fn at_most_left(&self) -> usize {
        let days: i64 =
            self.days.iter().map(|days| (days.end.min(self.until) - days.next).num_days().max(-1) + 1).sum();
        (self.turns.len() + usize::try_from(days).unwrap_or(0)).min(self.left)
    }
}

impl Iterator for Marks {
    type Item = Mark;

    fn next(&mut self) -> Option<Mark> {
        let turn = self.turns.peek().copied();
        let day = self.days.iter().map(|days| days.next).min();
        let at = turn.into_iter().chain(day).min().filter(|at| *at <= self.until)?;
        if self.left == 0 {
            self.cut = true;
            return None;
        }
        self.left -= 1;
        self.last = Some(at);
        while self.turns.next_if_eq(&at).is_some() {}
        for days in self.days.iter_mut().filter(|days| days.next == at) {
            days.next += DAY;
        }
        // Orders whose days are over are left out of the search for the next one.
        self.days.retain(|days| days.next < days.end);
        Some(Mark { at, turn: turn == Some(at) })
    }
}

impl Days {
    fn of(order: &Order, at: DateTime<Utc>) -> Self {
        let mut next = order.start + TimeDelta::days((at - order.start).num_days().max(0));
        if next < at {
            next += DAY;
        }
        Self { next, end: order.end }
    }

    /// Instant of the last of so many, counted from the begun day on; none if there are fewer.
    fn last_of(&self, most: usize) -> Option<DateTime<Utc>> {
        let last = self.next.checked_add_signed(TimeDelta::days(i64::try_from(most).ok()? - 1))?;
        (last < self.end).then_some(last)
    }
}

/// Instants from `at` on at which the answer is judged anew; some more than once.
fn turns(chain: &Chain<'_>, at: DateTime<Utc>, end: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let mut turns = Vec::with_capacity(4 * chain.counted.len());
    each_turn(chain, at, end, |turn| turns.push(turn));
    turns
}

/// Turns up to `until` that come when every order has ended: what a window says of a resource changes then too, though nothing comes
/// back. In order, each once.
pub(crate) fn turns_after_the_end(chain: &Chain<'_>, at: DateTime<Utc>, until: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let Some(end) = chain.counted.iter().map(|c| c.order.end).max() else { return Vec::new() };
    let mut after: Vec<_> = turns(chain, at, until).into_iter().filter(|turn| *turn > end && *turn <= until).collect();
    after.sort_unstable();
    after.dedup();
    after
}

/// Sees each of the [`turns`], in no order.
fn each_turn(chain: &Chain<'_>, at: DateTime<Utc>, end: DateTime<Utc>, mut see: impl FnMut(DateTime<Utc>)) {
    let mut see = |turn| {
        if turn >= at {
            see(turn);
        }
    };
    let case = chain.case;
    let windows = windows(chain);
    for counted in &chain.counted {
        let order = counted.order;
        see(order.start);
        see(order.end);
        windows.iter().for_each(|days| see(window_end(order.paid_at, *days)));
        source_windows(chain, order, &mut see);
    }
    case.customer.membership.iter().for_each(|m| see(m.joined_at));
    case.customer.no_reason_refunds.iter().for_each(|taken| see(taken.at));
    let dates = chain.pack.dates();
    dates[dates.partition_point(|date| *date < at)..].iter().for_each(|date| see(*date));
    if !case.customer.no_reason_refunds.is_empty() {
        // A year begins for chances already taken.
        new_years(at, end).for_each(see);
    }
}

/// The first mark, where it is no more than the end of a begun day.
pub(crate) fn first_day(chain: &Chain<'_>, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if chain.counted.len() > MOST_JUDGED || !by_days(chain) {
        return None;
    }
    // A pending order's first day begins at a turn.
    let begun = chain.counted.iter().map(|c| c.order).filter(|order| state(order, at) == LineState::InEffect);
    let days = begun.map(|order| Days::of(order, at)).filter(|days| days.next < days.end);
    let day = days.map(|days| days.next).min()?;
    let end = chain.counted.iter().map(|c| c.order.end).max()?;
    let mut turns_before = false;
    each_turn(chain, at, end, |turn| turns_before |= turn <= day);
    (!turns_before).then_some(day)
}

/// Whether any order's amount moves with the days used.
fn by_days(chain: &Chain<'_>) -> bool {
    match chain.case.ask.action {
        Action::CancelRenewals => false,
        Action::Downgrade | Action::Convert => true,
        Action::Unsubscribe => {
            let resource = &chain.case.resource;
            // Certificates are judged before plans: also one that was bought as a plan counts days.
            let counts_days = |row: &Row<ProductRow>| row.set.plan_by_days || row.set.certificate_days.is_some();
            resource.kind == Kind::Instance
                || resource.usage.as_ref().is_some_and(|usage| usage.resets)
                || chain.pack.products.iter().any(|row| counts_days(row) && row.rule.covers(&resource.product))
        }
    }
}

/// Days of the windows of full refund that begin when an order of this resource was paid.
fn windows(chain: &Chain<'_>) -> Vec<u32> {
    let (pack, resource) = (chain.pack, &chain.case.resource);
    let mut windows = Vec::new();
    if chain.case.ask.action != Action::Unsubscribe {
        return windows;
    }
    match resource.kind {
        Kind::Instance => {
            let no_reason = pack.no_reason.iter().filter(|row| row.rule.covers(&resource.product));
            windows.extend(no_reason.map(|row| row.set.days));
        }
        Kind::ResourcePlan => windows.extend(pack.plan_windows.iter().filter_map(|row| row.set.days)),
    }
    let certificates = pack.products.iter().filter(|row| row.set.certificate_days.is_some());
    let certificates = certificates.filter(|row| row.rule.covers(&resource.product));
    windows.extend(certificates.filter_map(|row| row.set.certificate_days));
    windows
}

/// Ends of the windows in which the order's payments go back to their source.
fn source_windows(chain: &Chain<'_>, order: &Order, see: &mut impl FnMut(DateTime<Utc>)) {
    for row in &chain.pack.destinations {
        let pays = |method| order.payments.iter().flatten().any(|payment| payment.method == method);
        if let Some(days) = row.set.days
            && row.set.method.is_none_or(pays)
        {
            see(window_end(order.paid_at, days));
        }
    }
}

/// First instants of the calendar years (UTC+8) on the way.
fn new_years(at: DateTime<Utc>, end: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
    let offset = FixedOffset::east_opt(8 * 3600).expect("eight hours are a valid offset");
    (china_year(at) + 1..=end.year() + 1)
        .filter_map(move |year| offset.with_ymd_and_hms(year, 1, 1, 0, 0, 0).single())
        .map(|instant| instant.with_timezone(&Utc))
}
