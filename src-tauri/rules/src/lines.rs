//! What each order gives back: the arithmetic of sections 3, 5 and 8, with its steps.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::case::{Case, Discount, Order, OrderType, Relation, Usage};
use crate::chain::{Chain, Counted, state, subscription_days, used_days};
use crate::money::at_minor_unit;
use crate::notes::Notes;
use crate::params::params;
use crate::path::{By, Path};
use crate::quote::{Line, LineState, Step};
use crate::ratio::Ratio;

/// Decimals to which a fraction is written in a step.
const SHOWN_PLACES: u32 = 8;

/// As many steps as most orders have, with those of their destinations.
const USUAL_STEPS: usize = 7;

/// One order's share of the answer.
pub(crate) struct Judged<'a> {
    pub counted: Counted<'a>,
    pub state: LineState,
    pub consumed: Decimal,
    pub refund: Decimal,
    pub refund_max: Decimal,
    pub steps: Vec<Step>,
}

impl Judged<'_> {
    pub(crate) fn into_line(self) -> Line {
        let order = self.counted.order;
        Line {
            order: order.id.clone(),
            state: self.state,
            cash: at_minor_unit(order.cash.abs(), self.counted.minor_units),
            consumed: self.consumed,
            refund: self.refund,
            refund_max: self.refund_max,
            steps: self.steps,
        }
    }
}

/// What one order gives back: a share of its cash less the value consumed, at least and at most.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub cash: Ratio,
    pub least: Side,
    pub most: Side,
}

/// One end of a span.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Side {
    pub consumed: Ratio,
    /// Part of the difference that returns.
    pub share: Ratio,
}

impl Span {
    fn sure(cash: Ratio, consumed: Ratio) -> Self {
        Self::between(cash, consumed, consumed)
    }

    /// `consumed` in the lesser case, and in the better one.
    fn between(cash: Ratio, consumed: Ratio, consumed_least: Ratio) -> Self {
        let side = |consumed| Side { consumed, share: Ratio::ONE };
        Self { cash, least: side(consumed), most: side(consumed_least) }
    }

    /// At least and at most, in the currency's decimals.
    pub(crate) fn amounts(self, minor_units: u32) -> (Decimal, Decimal) {
        let ((least, _), (most, _)) = self.rounded(minor_units);
        (least, most)
    }

    /// Both amounts, and whether rounding changed them.
    fn rounded(self, minor_units: u32) -> ((Decimal, bool), (Decimal, bool)) {
        let least = self.least.back(self.cash).round(minor_units);
        let most = if self.most == self.least { least } else { self.most.back(self.cash).round(minor_units) };
        (least, most)
    }

    fn nothing(self) -> Self {
        self.shares(|_| Ratio::ZERO, |_| Ratio::ZERO)
    }

    fn shares(mut self, least: impl Fn(Ratio) -> Ratio, most: impl Fn(Ratio) -> Ratio) -> Self {
        (self.least.share, self.most.share) = (least(self.least.share), most(self.most.share));
        self
    }
}

impl Side {
    pub(crate) fn back(self, cash: Ratio) -> Ratio {
        let left = if self.consumed.is_zero() { cash } else { cash.minus(self.consumed).or_zero() };
        if self.share.is_plain_one() { left } else { left.times(self.share) }
    }
}

/// Judges every order that the path concerns, in the document's order.
pub(crate) fn judge<'a>(chain: &Chain<'a>, path: &Path<'a>, at: DateTime<Utc>, notes: &mut Notes) -> Vec<Judged<'a>> {
    let orders = match path {
        Path::Renewal { falling } => falling,
        _ => &chain.counted,
    };
    if matches!(path, Path::Partial(By::Quota))
        && chain.counted.iter().filter(|c| counts_quota(c.order, at)).count() > 1
    {
        notes.reading("plan.quota_each_order");
    }
    orders
        .iter()
        .map(|counted| {
            let steps = Vec::with_capacity(if notes.wanted() { USUAL_STEPS } else { 0 });
            Judging { chain, path, at, notes, order: counted.order, steps }.judge(*counted)
        })
        .collect()
}

/// What an order gives back at an instant, unrounded.
pub(crate) fn span(chain: &Chain<'_>, path: &Path<'_>, at: DateTime<Utc>, order: &Order) -> Span {
    let notes = &mut Notes::not_taken();
    Judging { chain, path, at, notes, order, steps: Vec::new() }.span(state(order, at))
}

fn counts_quota(order: &Order, at: DateTime<Utc>) -> bool {
    state(order, at) == LineState::InEffect && order.order_type != OrderType::CompensatoryRenew
}

struct Judging<'c, 'a> {
    chain: &'c Chain<'a>,
    path: &'c Path<'a>,
    at: DateTime<Utc>,
    notes: &'c mut Notes,
    order: &'a Order,
    steps: Vec<Step>,
}

impl<'a> Judging<'_, 'a> {
    fn judge(mut self, counted: Counted<'a>) -> Judged<'a> {
        let state = state(self.order, self.at);
        let span = self.span(state);
        let minor = counted.minor_units;
        let ((refund, rounded), (refund_max, rounded_max)) = span.rounded(minor);
        if rounded || rounded_max {
            self.notes.reading("money.rounding");
        }
        if !self.order.tax.is_zero() && state != LineState::Finished {
            self.notes.reading("money.before_tax");
        }
        let consumed = span.least.consumed.round(minor).0;
        if refund != refund_max {
            self.step("money.refund", "refund.range", || params! { "least" => refund, "most" => refund_max });
        }
        Judged { counted, state, consumed, refund, refund_max, steps: self.steps }
    }

    fn span(&mut self, state: LineState) -> Span {
        let span = self.before_relation(state);
        if state == LineState::Finished { span } else { self.relation(span) }
    }

    fn before_relation(&mut self, state: LineState) -> Span {
        let cash = Ratio::from(self.order.cash);
        if state == LineState::Finished {
            let order = self.order;
            self.step("order.finished", "order.finished", || params! { "end" => order.end });
            return Span::sure(cash, cash);
        }
        if self.order.order_type == OrderType::CompensatoryRenew {
            self.step("order.compensatory", "order.compensatory", Default::default);
            return Span::sure(cash, Ratio::ZERO).nothing();
        }
        match self.path {
            Path::Whole { refund_type, rule, gradual } => {
                let id = if *gradual { "order.whole_gradual" } else { "order.whole" };
                self.step(rule, id, || params! { "refund_type" => refund_type.word(), "cash" => self.order.cash });
                Span::sure(cash, Ratio::ZERO)
            }
            Path::Renewal { .. } => {
                self.step("renewal.cancel", "order.renewal_falls", || params! { "cash" => self.order.cash });
                Span::sure(cash, Ratio::ZERO)
            }
            Path::Partial(by) => self.returned(state, *by),
            Path::Convert => self.returned(state, By::Days),
            Path::Downgrade { daily_list } => {
                let span = self.returned(state, By::Days);
                self.downgraded(span, Ratio::from(*daily_list))
            }
        }
    }

    /// Cash less what was consumed.
    fn returned(&mut self, state: LineState, by: By) -> Span {
        let order = self.order;
        let cash = Ratio::from(order.cash);
        if state == LineState::Pending {
            self.step("order.pending", "order.pending", || params! { "start" => order.start, "cash" => order.cash });
            return Span::sure(cash, Ratio::ZERO);
        }
        if order.order_type == OrderType::Other {
            self.step("order.unmapped", "order.unmapped", || params! { "cash" => order.cash });
            return Span::between(cash, cash, Ratio::ZERO);
        }
        let (consumed, consumed_least) = match by {
            By::Days => self.consumed_by_days(),
            By::PlainDays => self.consumed_by_plain_days(),
            By::Quota => self.consumed_by_quota(),
        };
        self.step("money.refund", if consumed > cash { "refund.nothing_left" } else { "refund.difference" }, || {
            let left = cash.minus(consumed).or_zero();
            params! {
                "cash" => order.cash, "consumed" => consumed.text(SHOWN_PLACES), "left" => left.text(SHOWN_PLACES)
            }
        });
        Span::between(cash, consumed, consumed_least)
    }

    /// Value consumed by the days used, at most (factor 1 where the discount is unknown) and at least.
    fn consumed_by_days(&mut self) -> (Ratio, Ratio) {
        let (order, chain) = (self.order, self.chain);
        let (used, days) = (used_days(order, self.at), subscription_days(order));
        let what_if = matches!(self.path, Path::Downgrade { .. } | Path::Convert);
        let row = chain.pack.coefficient(&chain.case.resource.product, used, what_if, self.at);
        let factor = self.factor_by_day(used);
        if used > days {
            self.notes.reading("time.days_not_capped");
        }
        if row.rule.reading {
            self.notes.reading(&row.rule.id);
        }
        if row.rule.from.is_some_and(|from| order.paid_at < from) {
            self.notes.reading("coefficient.by_asked_instant");
        }
        if let (Some(below), false) = (row.set.below_day, row.set.coefficient == Decimal::ONE) {
            self.step(&row.rule.id, "coefficient.early", || {
                params! { "used_days" => used, "below_day" => below, "coefficient" => row.set.coefficient.normalize() }
            });
        } else if row.set.coefficient != Decimal::ONE {
            self.step(
                &row.rule.id,
                "coefficient.always",
                || params! { "coefficient" => row.set.coefficient.normalize() },
            );
        }
        let basis = self.basis();
        let before_discount =
            basis.times(Ratio::whole(used)).times(Ratio::from(row.set.coefficient)).over(Ratio::whole(days));
        self.time_step(used, days, factor, row.set.coefficient.normalize());
        self.discounted(before_discount, basis, factor)
    }

    /// The formula with its numbers.
    fn time_step(&mut self, used: i64, days: i64, factor: Option<Decimal>, coefficient: Decimal) {
        let order = self.order;
        let mut params = self.notes.params(|| {
            params! {
                "list" => order.list, "used_days" => used, "sub_days" => days,
                "discount" => factor.unwrap_or(Decimal::ONE).normalize(), "coefficient" => coefficient
            }
        });
        let id = match upgrade_prices(order) {
            Some((before, after)) => {
                params.extend(self.notes.params(|| params! { "daily_before" => before, "daily_after" => after }));
                "consumed.upgrade"
            }
            None => "consumed.time",
        };
        self.step("time.consumed", id, || params);
    }

    fn consumed_by_plain_days(&mut self) -> (Ratio, Ratio) {
        let order = self.order;
        let (used, days) = (used_days(order, self.at), subscription_days(order));
        if used > days {
            self.notes.reading("time.days_not_capped");
        }
        let consumed = self.basis().times(Ratio::whole(used)).over(Ratio::whole(days));
        self.step("plan.by_days", if upgrade_prices(order).is_some() { "consumed.plain_days_upgrade" } else { "consumed.plain_days" }, || {
            let (before, after) = upgrade_prices(order).unwrap_or_default();
            params! {
                "list" => order.list, "used_days" => used, "sub_days" => days, "daily_before" => before, "daily_after" => after
            }
        });
        (consumed, consumed)
    }

    fn consumed_by_quota(&mut self) -> (Ratio, Ratio) {
        let order = self.order;
        let usage = quota(self.chain.case);
        let used = Ratio::from(usage.used).over(Ratio::from(usage.total));
        let factor = self.factor_by_percent(used);
        let basis = self.basis();
        self.step(
            "plan.quota",
            if upgrade_prices(order).is_some() { "consumed.quota_upgrade" } else { "consumed.quota" },
            || {
                let (before, after) = upgrade_prices(order).unwrap_or_default();
                params! {
                    "list" => order.list, "used" => usage.used.normalize(), "total" => usage.total.normalize(),
                    "unit" => usage.unit.as_str(), "discount" => factor.unwrap_or(Decimal::ONE).normalize(),
                    "daily_before" => before, "daily_after" => after
                }
            },
        );
        self.discounted(basis.times(used), basis, factor)
    }

    /// The list price that the order itself adds.
    fn basis(&mut self) -> Ratio {
        let list = Ratio::from(self.order.list);
        match upgrade_prices(self.order) {
            Some((before, after)) => {
                let (before, after) = (Ratio::from(before), Ratio::from(after));
                list.times(after.minus(before)).over(after)
            }
            None => {
                if self.order.order_type == OrderType::Upgrade {
                    self.notes.reading("upgrade.difference");
                    self.step("upgrade.difference", "upgrade.difference", Default::default);
                }
                list
            }
        }
    }

    /// With the discount of the use; an unknown one lies between none and the order's own.
    fn discounted(&mut self, consumed: Ratio, basis: Ratio, factor: Option<Decimal>) -> (Ratio, Ratio) {
        if let Some(factor) = factor {
            let consumed = consumed.times(Ratio::from(factor));
            return (consumed, consumed);
        }
        let paid = Ratio::from(self.order.cash + self.order.coupon);
        let own = if basis.is_zero() { Ratio::ONE } else { paid.over(basis).at_most(Ratio::ONE) };
        self.step("time.unknown_discount", "discount.unknown", || params! { "own" => own.text(SHOWN_PLACES) });
        (consumed, consumed.times(own))
    }

    /// Factor for the days used; `None` where the table is unknown.
    fn factor_by_day(&mut self, used: i64) -> Option<Decimal> {
        let reached = |d: &&Discount| d.from_day.is_some_and(|day| i64::from(day) <= used);
        let entry = self.order.discounts.as_ref()?.iter().filter(reached).max_by_key(|d| d.from_day);
        if let Some((day, factor)) = entry.and_then(|d| Some((d.from_day?, d.factor))) {
            self.step("time.discount", "discount.by_day", || {
                params! { "used_days" => used, "from_day" => day, "factor" => factor.normalize() }
            });
        }
        Some(entry.map_or(Decimal::ONE, |d| d.factor))
    }

    /// Factor for the part of the quota used; `None` where the table is unknown.
    fn factor_by_percent(&mut self, used: Ratio) -> Option<Decimal> {
        let percent = used.times(Ratio::whole(100));
        let reached = |d: &&Discount| d.from_percent.is_some_and(|from| Ratio::from(from) <= percent);
        let entry = self.order.discounts.as_ref()?.iter().filter(reached).max_by_key(|d| d.from_percent);
        if let Some((from, factor)) = entry.and_then(|d| Some((d.from_percent?, d.factor))) {
            self.step("plan.discount", "discount.by_percent", || {
                params! {
                    "used_percent" => percent.text(SHOWN_PLACES), "from_percent" => from.normalize(), "factor" => factor.normalize()
                }
            });
        }
        Some(entry.map_or(Decimal::ONE, |d| d.factor))
    }

    /// The part of what would come back that the smaller configuration frees.
    fn downgraded(&mut self, span: Span, daily_new: Ratio) -> Span {
        let order = self.order;
        let (daily, added) = match upgrade_prices(order) {
            Some((before, after)) => (Ratio::from(after), Ratio::from(after).minus(Ratio::from(before))),
            None => {
                let daily = Ratio::from(order.list).over(Ratio::whole(subscription_days(order)));
                (daily, daily)
            }
        };
        if order.order_type == OrderType::Upgrade && upgrade_prices(order).is_none() {
            self.step("whatif.downgrade", "downgrade.ratio_unknown", Default::default);
            return span.shares(|_| Ratio::ZERO, |most| most);
        }
        let ratio = if added.is_zero() {
            Ratio::ZERO
        } else {
            daily.minus(daily_new).or_zero().over(added).at_most(Ratio::ONE)
        };
        self.step("whatif.downgrade", "downgrade.ratio", || {
            params! {
                "daily" => daily.text(SHOWN_PLACES), "daily_new" => daily_new.text(SHOWN_PLACES),
                "daily_added" => added.text(SHOWN_PLACES), "ratio" => ratio.text(SHOWN_PLACES),
                "before_ratio" => span.least.back(span.cash).text(SHOWN_PLACES)
            }
        });
        span.shares(|least| least.times(ratio), |most| most.times(ratio))
    }

    /// An account that joined another one's finances after paying loses the value of what it had paid.
    fn relation(&mut self, span: Span) -> Span {
        let order = self.order;
        let joined = |relation: Relation, chain: &Chain<'a>, at: DateTime<Utc>| {
            let joined = chain.case.customer.membership.iter().filter(|m| m.relation == relation);
            joined.map(|m| m.joined_at).filter(|joined| order.paid_at < *joined && *joined <= at).min()
        };
        if let Some(joined) = joined(Relation::Trusteeship, self.chain, self.at) {
            self.step("relation.trusteeship", "relation.trusteeship", || params! { "joined_at" => joined });
            return span.nothing();
        }
        if let Some(joined) = joined(Relation::Management, self.chain, self.at) {
            self.notes.reading("relation.management");
            self.step("relation.management", "relation.management", || params! { "joined_at" => joined });
            return span.shares(|_| Ratio::ZERO, |most| most);
        }
        span
    }

    fn step(&mut self, rule: &str, id: &'static str, params: impl FnOnce() -> crate::quote::Params) {
        self.notes.step(&mut self.steps, rule, id, params);
    }
}

/// Daily list prices before and after an upgrade that carries both.
fn upgrade_prices(order: &Order) -> Option<(Decimal, Decimal)> {
    if order.order_type == OrderType::Upgrade { order.daily_before.zip(order.daily_after) } else { None }
}

fn quota(case: &Case) -> &Usage {
    case.resource.usage.as_ref().expect("a plan without usage is refused as bad input")
}
