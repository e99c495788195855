//! What one more begun day takes. Between two turns of the rules an amount moves only with the days used, and it moves
//! evenly: cash less so much a day. So the days ahead need not be judged one by one; each order's law is taken from its
//! judgement once and then only counted on.

use chrono::{DateTime, Utc};

use crate::case::Order;
use crate::chain::{Chain, DAY, state, used_days};
use crate::judge::Answer;
use crate::lines::{self, Judged, Side};
use crate::marks;
use crate::money::minor_units;
use crate::outlook::JUST_AFTER;
use crate::path::{By, Path};
use crate::quote::LineState;
use crate::ratio::{Descent, Falling, Ratio};

/// The sum over all orders, from day to day.
pub(crate) struct Days<'d, 'a> {
    chain: &'d Chain<'a>,
    path: Path<'a>,
    /// What does not move, in minor units: at least, at most.
    still: (i128, i128),
    moving: Vec<Moving<'a>>,
    minor_units: u32,
}

/// An order in effect whose amount falls with the days used.
struct Moving<'a> {
    order: &'a Order,
    used: i64,
    /// End of the day that is begun.
    day_ends: DateTime<Utc>,
    law: Law,
}

/// The amounts from the days used on, as long as no threshold is passed.
struct Law {
    least: Descent,
    /// The same as the least where nothing is unknown.
    most: Option<Descent>,
    /// Last used day for which it holds.
    until: i64,
}

/// The first instant ahead, where it is the end of a begun day and the day takes something. `None` says nothing: the way has
/// to be gone.
pub(crate) fn first_fall(chain: &Chain<'_>, now: &Answer<'_>) -> Option<DateTime<Utc>> {
    let path = &now.decision.path;
    if !now.eligible() || !path.moves_by_day() || chain.currency().is_none() {
        return None;
    }
    let day_ends = marks::first_day(chain, now.at)?;
    let after = day_ends + JUST_AFTER;
    let (mut least, mut most) = (0, 0);
    for line in now.lines.iter().filter(|line| line.state == LineState::InEffect) {
        let order = line.counted.order;
        if used_days(order, after) == used_days(order, now.at) {
            continue;
        }
        let (at_least, at_most) = lines::span(chain, path, after, order).amounts(line.counted.minor_units);
        least += at_least.mantissa() - line.refund.mantissa();
        most += at_most.mantissa() - line.refund_max.mantissa();
    }
    ((least, most) != (0, 0)).then_some(day_ends)
}

impl<'d, 'a> Days<'d, 'a> {
    /// From the judgement of all orders at one instant. `None` when the days cannot be counted on, because orders are in
    /// several currencies or a number is too long; then each day is judged.
    pub(crate) fn from(chain: &'d Chain<'a>, answer: &Answer<'a>) -> Option<Self> {
        let minor_units = minor_units(chain.currency()?);
        let path = answer.decision.path.clone();
        let mut days = Self { chain, path, still: (0, 0), moving: Vec::new(), minor_units };
        for line in &answer.lines {
            if line.state == LineState::InEffect && days.path.moves_by_day() {
                days.moving.push(days.moving(line, answer.at)?);
            } else {
                let (least, most) = days.still;
                days.still = (least + line.refund.mantissa(), most + line.refund_max.mantissa());
            }
        }
        Some(days)
    }

    fn moving(&self, line: &Judged<'a>, at: DateTime<Utc>) -> Option<Moving<'a>> {
        let order = line.counted.order;
        let used = used_days(order, at);
        let law = self.law(order, used, at)?;
        Some(Moving { order, used, day_ends: order.start + DAY * i32::try_from(used).ok()?, law })
    }

    /// Counts on to just after `boundary`: whether anything moved.
    pub(crate) fn pass(&mut self, boundary: DateTime<Utc>) -> Option<bool> {
        let mut moved = false;
        for i in 0..self.moving.len() {
            let moving = &mut self.moving[i];
            if moving.day_ends > boundary {
                continue;
            }
            moved = true;
            moving.used += 1;
            moving.day_ends += DAY;
            if moving.used <= moving.law.until {
                moving.law.next_day();
            } else {
                let (order, used) = (moving.order, moving.used);
                self.moving[i].law = self.law(order, used, boundary + JUST_AFTER)?;
            }
        }
        Some(moved)
    }

    /// What the orders give back together, in minor units: at least, at most.
    pub(crate) fn totals(&self) -> (i128, i128) {
        let (mut least, mut most) = self.still;
        for moving in &self.moving {
            let at_least = moving.law.least.amount();
            least += at_least;
            most += moving.law.most.map_or(at_least, |most| most.amount());
        }
        (least, most)
    }

    fn law(&self, order: &Order, used: i64, at: DateTime<Utc>) -> Option<Law> {
        debug_assert!(state(order, at) == LineState::InEffect);
        let span = lines::span(self.chain, &self.path, at, order);
        let days = Ratio::whole(used);
        let falling = |side: Side| {
            Falling::of(span.cash.times(side.share), side.consumed.over(days).times(side.share), self.minor_units)?
                .from(used)
        };
        let most = if span.most == span.least { None } else { Some(falling(span.most)?) };
        Some(Law { least: falling(span.least)?, most, until: self.holds_until(order, used) })
    }

    /// The last used day before the next threshold of the order's discounts or the pack's coefficients.
    fn holds_until(&self, order: &Order, used: i64) -> i64 {
        let discounts = order.discounts.iter().flatten().filter_map(|discount| discount.from_day);
        let coefficients = self.chain.pack.coefficients.iter().filter_map(|row| row.set.below_day);
        let ahead = discounts.chain(coefficients).map(i64::from).filter(|threshold| *threshold > used);
        ahead.min().map_or(i64::MAX, |threshold| threshold - 1)
    }
}

impl Law {
    fn next_day(&mut self) {
        self.least.next_day();
        if let Some(most) = &mut self.most {
            most.next_day();
        }
    }
}

impl Path<'_> {
    /// Whether the amounts of orders in effect depend on the days used.
    pub(crate) fn moves_by_day(&self) -> bool {
        match self {
            Self::Partial(by) => *by != By::Quota,
            Self::Downgrade { .. } | Self::Convert => true,
            Self::Whole { .. } | Self::Renewal { .. } => false,
        }
    }
}
