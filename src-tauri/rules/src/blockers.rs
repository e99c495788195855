//! Why the resource cannot be unsubscribed: every blocker that holds, each with the value that tripped it (section 10).

use chrono::{DateTime, Utc};
use compact_str::{CompactString, format_compact};

use crate::case::{Action, Billing, Order, OrderType, ResourceStatus};
use crate::chain::{Chain, state};
use crate::lines::Judged;
use crate::notes::Notes;
use crate::params::params;
use crate::path::{Decision, Path};
use crate::policy::{ProductRow, Refusal, Row};
use crate::quote::{Blocker, LineState, Params};

/// Nothing would come back, of any order.
pub(crate) const REFUND_IS_ZERO: &str = "refund_is_zero";

/// A blocker that holds. Its rule is the row of the product table that says so, else the general rule of its code.
pub(crate) struct Tripped<'a> {
    pub code: &'static str,
    product_row: Option<&'a str>,
    params: Params,
}

impl Tripped<'_> {
    pub(crate) fn into_blocker(self) -> Blocker {
        let rule = self.product_row.map_or_else(|| format_compact!("blocker.{}", self.code), CompactString::from);
        Blocker { code: CompactString::const_new(self.code), rule, params: self.params }
    }
}

/// All blockers that hold, in the order of the specification.
pub(crate) fn find<'a>(
    chain: &Chain<'a>,
    rows: &[&'a Row<ProductRow>],
    decision: &Decision<'a>,
    lines: &[Judged<'a>],
    at: DateTime<Utc>,
    notes: &Notes,
) -> Vec<Tripped<'a>> {
    let mut finding = Finding { chain, rows, decision, lines, at, notes, found: Vec::new() };
    finding.product();
    finding.money();
    finding.resource();
    finding.chain();
    finding.renewals();
    finding.found
}

struct Finding<'f, 'a> {
    chain: &'f Chain<'a>,
    rows: &'f [&'a Row<ProductRow>],
    decision: &'f Decision<'a>,
    lines: &'f [Judged<'a>],
    at: DateTime<Utc>,
    notes: &'f Notes,
    found: Vec<Tripped<'a>>,
}

impl<'a> Finding<'_, 'a> {
    fn product(&mut self) {
        let resource = &self.chain.case.resource;
        let product = || params! { "product" => resource.product.as_str() };
        if let Some(row) = self.refusing_row() {
            self.trip("product_unsupported", Some(row), product);
        }
        if let Some(row) = self.rows.iter().find(|row| row.set.refused == Some(Refusal::PayAsYouGo)) {
            self.trip("pay_as_you_go", Some(row), product);
        } else if resource.billing == Billing::PayAsYouGo {
            self.trip("pay_as_you_go", None, product);
        }
    }

    /// The row of the product table that refuses what is asked.
    fn refusing_row(&self) -> Option<&'a Row<ProductRow>> {
        let resource = &self.chain.case.resource;
        let unsubscribe = self.chain.case.ask.action == Action::Unsubscribe;
        let automatic = resource.status == ResourceStatus::CreatingFailed;
        let partial = matches!(self.decision.path, Path::Partial(_));
        let refuses = |row: &&&'a Row<ProductRow>| {
            let usage = resource.usage.as_ref();
            row.set.refused == Some(Refusal::Never)
                || (row.set.used_plan_refused && unsubscribe && !automatic && usage.is_some_and(|u| !u.used.is_zero()))
                || (row.set.resetting_plan_refused && unsubscribe && partial && usage.is_some_and(|u| u.resets))
        };
        self.rows.iter().find(refuses).copied().or(self.decision.certificate_refused)
    }

    fn money(&mut self) {
        let in_promotion = |order: &&Order| order.promotion.as_ref().is_some_and(|p| p.refundable == Some(false));
        let bought: Vec<_> = self
            .lines
            .iter()
            .filter(|l| l.state != LineState::Finished)
            .map(|l| l.counted.order)
            .filter(in_promotion)
            .collect();
        if !bought.is_empty() {
            self.trip("promotion_nonrefundable", None, || {
                let names =
                    bought.iter().filter_map(|o| o.promotion.as_ref().map(|p| p.name.clone())).collect::<Vec<_>>();
                params! { "orders" => ids(&bought), "promotions" => names }
            });
        }
        if self.lines.iter().all(|line| line.refund_max.is_zero()) {
            self.trip(REFUND_IS_ZERO, None, || {
                params! { "orders" => self.lines.iter().map(|l| l.counted.order.id.clone()).collect::<Vec<_>>() }
            });
        }
        let account = &self.chain.case.customer.currency;
        let other: Vec<_> = self.chain.counted.iter().map(|c| c.order).filter(|o| o.currency != *account).collect();
        if let Some(first) = other.first() {
            self.trip("currency_mismatch", None, || {
                params! { "orders" => ids(&other), "order_currency" => first.currency.as_str(), "account_currency" => account.as_str() }
            });
        }
        if !self.chain.unpaid.is_empty() {
            self.trip("unpaid_order", None, || params! { "orders" => ids(&self.chain.unpaid) });
        }
    }

    fn resource(&mut self) {
        let case = self.chain.case;
        let resource = &case.resource;
        if resource.paid_marketplace_image == Some(true) {
            self.trip("paid_marketplace_image", None, Params::new);
        }
        let has_quota = self.rows.iter().any(|row| row.set.unsubscription_quota);
        if has_quota && case.ask.action == Action::Unsubscribe && case.customer.ecs_quota_left == Some(0) {
            self.trip("ecs_quota_exhausted", None, || params! { "left" => 0_u32 });
        }
        if resource.security_risk == Some(true) {
            self.trip("security_risk", None, Params::new);
        }
        if resource.transferred == Some(true) {
            self.trip("transferred", None, Params::new);
        }
        let by_status = match resource.status {
            ResourceStatus::Overdue => Some("status_overdue"),
            ResourceStatus::SecurityLocked => Some("status_security_locked"),
            ResourceStatus::Changing => Some("status_changing"),
            ResourceStatus::Released => Some("released"),
            ResourceStatus::Normal | ResourceStatus::CreatingFailed | ResourceStatus::Expired => None,
        };
        if let Some(code) = by_status {
            self.trip(code, None, || params! { "status" => resource.status.word() });
        }
    }

    fn chain(&mut self) {
        let resource = &self.chain.case.resource;
        if resource.status == ResourceStatus::Expired || self.chain.all_finished(self.at) {
            self.trip("expired", None, || {
                let end = self.chain.counted.iter().map(|c| c.order.end).max();
                let ended = end.map_or(CompactString::const_new("-"), crate::params::instant_text);
                params! { "status" => resource.status.word(), "end" => ended }
            });
        }
        if !resource.chain_complete {
            self.trip("chain_incomplete", None, Params::new);
        }
    }

    fn renewals(&mut self) {
        let Path::Renewal { falling } = &self.decision.path else { return };
        if let Some(row) = self.rows.iter().find(|row| row.set.renewal_alone_refused) {
            let product = self.chain.case.resource.product.as_str();
            self.trip("renewal_unsupported", Some(row), || params! { "product" => product });
        }
        let changes = |order: &Order| matches!(order.order_type, OrderType::Upgrade | OrderType::Downgrade);
        let after = |order: &Order| falling.iter().any(|renewal| order.paid_at > renewal.order.paid_at);
        let changed: Vec<_> = self.chain.counted.iter().map(|c| c.order).filter(|o| changes(o) && after(o)).collect();
        if !changed.is_empty() {
            self.trip("configuration_changed", None, || params! { "orders" => ids(&changed) });
        }
        let (chain, at) = (self.chain, self.at);
        if chain.pending_renewals(at).is_empty() {
            self.trip("no_pending_renewal", None, || {
                let pending = chain.counted.iter().filter(|c| state(c.order, at) == LineState::Pending).count();
                params! { "pending_orders" => u32::try_from(pending).unwrap_or(u32::MAX) }
            });
        }
    }

    fn trip(&mut self, code: &'static str, row: Option<&'a Row<ProductRow>>, params: impl FnOnce() -> Params) {
        let params = self.notes.params(params);
        self.found.push(Tripped { code, product_row: row.map(|row| row.rule.id.as_str()), params });
    }
}

fn ids(orders: &[&Order]) -> Vec<String> {
    orders.iter().map(|order| order.id.clone()).collect()
}
