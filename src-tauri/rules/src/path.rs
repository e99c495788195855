//! Which way the refund goes: the refund type that the rules give before blockers, and why not an earlier one.

use chrono::{DateTime, Datelike, FixedOffset, Utc};
use compact_str::CompactString;
use rust_decimal::Decimal;

use crate::case::{Action, Kind, Order, ResourceStatus};
use crate::chain::{Chain, Counted, state, window_end};
use crate::error::BadInput;
use crate::notes::Notes;
use crate::params::params;
use crate::policy::{ProductRow, Row};
use crate::quote::{LineState, Params, RefundType, WhyNot};

/// How each order is counted.
#[derive(Clone)]
pub(crate) enum Path<'a> {
    /// Every order in effect or pending gives its whole cash.
    Whole {
        refund_type: RefundType,
        rule: &'a str,
        gradual: bool,
    },
    Partial(By),
    /// These renewals fall and give their whole cash.
    Renewal {
        falling: Vec<Counted<'a>>,
    },
    Downgrade {
        daily_list: Decimal,
    },
    Convert,
}

/// By what the value consumed is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Days,
    /// Days at list price, without discount or coefficient.
    PlainDays,
    Quota,
}

/// The way, and what was found on the way to it.
pub(crate) struct Decision<'a> {
    pub path: Path<'a>,
    pub why_not: Vec<WhyNot>,
    /// Possible Updated Expiration Times.
    pub candidates: Vec<DateTime<Utc>>,
    /// The certificate row that refuses this unsubscription.
    pub certificate_refused: Option<&'a Row<ProductRow>>,
}

impl Path<'_> {
    pub(crate) fn refund_type(&self) -> RefundType {
        match self {
            Self::Whole { refund_type, .. } => *refund_type,
            Self::Partial(_) => RefundType::Partial,
            Self::Renewal { .. } => RefundType::Renewal,
            Self::Downgrade { .. } => RefundType::Downgrade,
            Self::Convert => RefundType::Convert,
        }
    }
}

/// Decides for the instant `at`, which is the asked one or a later one.
///
/// # Errors
/// `not_a_candidate` when the Updated Expiration Time is none of the candidates.
pub(crate) fn decide<'a>(
    chain: &Chain<'a>,
    rows: &[&'a Row<ProductRow>],
    at: DateTime<Utc>,
    notes: &mut Notes,
) -> Result<Decision<'a>, BadInput> {
    let ask = &chain.case.ask;
    let plain = |path| Decision { path, why_not: Vec::new(), candidates: Vec::new(), certificate_refused: None };
    match ask.action {
        Action::CancelRenewals => cancel_renewals(chain, at),
        Action::Downgrade => Ok(plain(Path::Downgrade { daily_list: ask.daily_list.unwrap_or_default() })),
        Action::Convert => Ok(plain(Path::Convert)),
        Action::Unsubscribe => Ok(Unsubscribing { chain, rows, at, notes, why_not: Vec::new() }.decide()),
    }
}

fn cancel_renewals<'a>(chain: &Chain<'a>, at: DateTime<Utc>) -> Result<Decision<'a>, BadInput> {
    let pending = chain.pending_renewals(at);
    let mut candidates: Vec<_> = pending.iter().rev().skip(1).map(|c| c.order.end).collect();
    candidates.extend(pending.first().map(|c| c.order.start));
    candidates.sort_unstable();
    candidates.dedup();
    let expires = chain.case.ask.expires.unwrap_or(at);
    if !pending.is_empty() && !candidates.contains(&expires) {
        return Err(BadInput::not_a_candidate(expires, candidates));
    }
    let falling = chain
        .counted
        .iter()
        .filter(|c| pending.iter().any(|p| p.index == c.index) && c.order.start >= expires)
        .copied()
        .collect();
    Ok(Decision { path: Path::Renewal { falling }, why_not: Vec::new(), candidates, certificate_refused: None })
}

/// The order of section 11: automatic; plans and certificates unactivated, full, partial; instances full, partial.
struct Unsubscribing<'c, 'a> {
    chain: &'c Chain<'a>,
    rows: &'c [&'a Row<ProductRow>],
    at: DateTime<Utc>,
    notes: &'c mut Notes,
    why_not: Vec<WhyNot>,
}

impl<'a> Unsubscribing<'_, 'a> {
    fn decide(mut self) -> Decision<'a> {
        let resource = &self.chain.case.resource;
        if resource.status == ResourceStatus::CreatingFailed {
            return self.ends(whole(RefundType::Automatic, "automatic.creating_failed"), None);
        }
        self.not(RefundType::Automatic, "automatic.creating_failed", "status_not_creating_failed", || {
            params! { "status" => resource.status.word() }
        });
        if let Some(row) = self.rows.iter().find(|row| row.set.certificate_days.is_some()) {
            return self.certificate(row);
        }
        let path = match resource.kind {
            Kind::ResourcePlan => self.plan(),
            Kind::Instance => self.instance(),
        };
        self.ends(path, None)
    }

    fn certificate(mut self, row: &'a Row<ProductRow>) -> Decision<'a> {
        let resource = &self.chain.case.resource;
        let days = row.set.certificate_days.unwrap_or_default();
        let right_variant = resource.variant.is_some_and(|variant| row.set.certificate_variants.contains(&variant));
        if right_variant {
            // Without a counted order no window was ever open.
            if let Some(earliest) = self.chain.earliest() {
                if self.inside(earliest, days) {
                    return self.ends(whole(RefundType::FullUnused, &row.rule.id), None);
                }
                self.window_closed(RefundType::FullUnused, &row.rule.id, earliest, days);
            }
        } else {
            self.not(RefundType::FullUnused, &row.rule.id, "variant_not_returnable", || {
                params! { "variant" => resource.variant.map_or("-", |variant| variant.word()) }
            });
        }
        self.ends(Path::Partial(By::Days), Some(row))
    }

    fn plan(&mut self) -> Path<'a> {
        let resource = &self.chain.case.resource;
        if self.chain.all_pending(self.at) {
            return whole(RefundType::Unactivated, "plan.unactivated");
        }
        let started = self.chain.counted.iter().find(|c| state(c.order, self.at) != LineState::Pending);
        self.not(RefundType::Unactivated, "plan.unactivated", "order_started", || {
            params! { "order" => started.map_or("-", |c| c.order.id.as_str()) }
        });
        if let Some(path) = self.unused_plan() {
            return path;
        }
        let resets = resource.usage.as_ref().is_some_and(|usage| usage.resets);
        Path::Partial(if self.rows.iter().any(|row| row.set.plan_by_days) {
            By::PlainDays
        } else if resets {
            By::Days
        } else {
            By::Quota
        })
    }

    fn unused_plan(&mut self) -> Option<Path<'a>> {
        let resource = &self.chain.case.resource;
        let usage = resource.usage.as_ref()?;
        let window = self.chain.pack.plan_window(&resource.product, self.at);
        let rule = &window.rule.id;
        if !usage.used.is_zero() {
            self.not(RefundType::FullUnused, rule, "quota_used", || {
                params! { "used" => usage.used.normalize(), "total" => usage.total.normalize(), "unit" => usage.unit.as_str() }
            });
            return None;
        }
        let first = self.chain.purchase().or_else(|| self.chain.earliest())?;
        let open = match window.set.days {
            Some(days) => self.inside(first, days),
            None => !self.chain.all_finished(self.at),
        };
        if open {
            return Some(Path::Whole { refund_type: RefundType::FullUnused, rule, gradual: window.set.gradual });
        }
        match window.set.days {
            Some(days) => self.window_closed(RefundType::FullUnused, rule, first, days),
            None => self.not(RefundType::FullUnused, rule, "validity_over", Params::new),
        }
        None
    }

    fn instance(&mut self) -> Path<'a> {
        self.no_reason().unwrap_or(Path::Partial(By::Days))
    }

    fn no_reason(&mut self) -> Option<Path<'a>> {
        let (chain, refund_type) = (self.chain, RefundType::FullNoReason);
        let product = &chain.case.resource.product;
        let Some(row) = chain.pack.no_reason(product, self.at) else {
            self.not(refund_type, "no_reason.list", "product_not_listed", || params! { "product" => product.as_str() });
            return None;
        };
        let Some(purchase) = chain.purchase() else {
            self.not(refund_type, &row.rule.id, "no_purchase_order", Params::new);
            return None;
        };
        if !self.inside(purchase, row.set.days) {
            self.window_closed(refund_type, &row.rule.id, purchase, row.set.days);
            return None;
        }
        if row.set.once_a_year
            && let Some(taken) = self.chance_taken(product)
        {
            let year = i64::from(china_year(self.at));
            self.not(refund_type, &row.rule.id, "chance_used", || {
                params! { "product" => taken.product.as_str(), "at" => taken.at, "year" => year }
            });
            return None;
        }
        if chain.counted.len() > 1 {
            self.notes.reading("chain.other_orders");
        }
        Some(whole(refund_type, &row.rule.id))
    }

    /// The full refund without reason that used up this year's chance.
    fn chance_taken(&self, product: &str) -> Option<&'a crate::case::NoReasonRefund> {
        self.chain.case.customer.no_reason_refunds.iter().find(|taken| {
            taken.at <= self.at
                && china_year(taken.at) == china_year(self.at)
                && self.chain.pack.same_group(product, &taken.product, self.at)
        })
    }

    /// Windows are inclusive: their last instant is still inside.
    fn inside(&mut self, order: &Order, days: u32) -> bool {
        let end = window_end(order.paid_at, days);
        if self.at == end {
            self.notes.reading("window.inclusive");
        }
        self.at <= end
    }

    fn window_closed(&mut self, refund_type: RefundType, rule: &str, order: &Order, days: u32) {
        self.not(refund_type, rule, "window_closed", || {
            params! { "paid_at" => order.paid_at, "days" => days, "until" => window_end(order.paid_at, days) }
        });
    }

    fn not(&mut self, refund_type: RefundType, rule: &str, condition: &'static str, params: impl FnOnce() -> Params) {
        if self.notes.wanted() {
            let (rule, condition) = (rule.into(), CompactString::const_new(condition));
            self.why_not.push(WhyNot { refund_type, rule, condition, params: params() });
        }
    }

    fn ends(self, path: Path<'a>, certificate_refused: Option<&'a Row<ProductRow>>) -> Decision<'a> {
        Decision { path, why_not: self.why_not, candidates: Vec::new(), certificate_refused }
    }
}

fn whole(refund_type: RefundType, rule: &str) -> Path<'_> {
    Path::Whole { refund_type, rule, gradual: false }
}

/// Calendar dates, calendar years and "00:00" are read in UTC+8.
pub(crate) fn china_time(instant: DateTime<Utc>) -> DateTime<FixedOffset> {
    instant.with_timezone(&FixedOffset::east_opt(8 * 3600).expect("eight hours are a valid offset"))
}

pub(crate) fn china_year(instant: DateTime<Utc>) -> i32 {
    china_time(instant).year()
}
