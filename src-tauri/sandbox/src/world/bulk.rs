//! Many orders beside the scenes: chains of purchases, renewals, upgrades and returns as an account of some years has them, up
//! to an exact number of rows.

use refund_rules::case::{Action, Discount};
use rust_decimal::Decimal;

use super::act::{self, Act};
use super::catalog::{self, DDS, NAT_PLAN, OSS_PLAN, Product, REDIS};
use super::generate::{Laying, Terms};
use super::scenes;
use super::{Account, Door, OrderKind, Part};
use crate::config::{Arrival, SandboxError};

/// Of so many rows one is a refund order.
const ROWS_A_RETURN: u32 = 33;
/// Purchases reach back so many days; the account was opened earlier.
const OLDEST_DAYS: u64 = 760;
/// No chain gets longer, so that orders spread over many resources.
const LONGEST_CHAIN: u32 = 24;

/// A purchase that will be given back, by its place among them.
pub(super) struct Return {
    pub resource: String,
    /// Days after the purchase.
    pub days: i64,
}

/// Lays orders so that these and the returns among them are `rows`; gives what is to be returned, one row each.
pub(super) fn lay(laying: &mut Laying, rows: u32) -> Vec<Return> {
    let returns: Vec<Return> = (0..rows / ROWS_A_RETURN).map(|nth| to_be_returned(laying, nth)).collect();
    let mut left = rows - 2 * (rows / ROWS_A_RETURN);
    while left > 0 {
        left -= chain(laying, left.min(LONGEST_CHAIN));
    }
    returns
}

/// A purchase of one order that its buyer regrets: an unused plan within its days, or something used for a month or two.
fn to_be_returned(laying: &mut Laying, nth: u32) -> Return {
    let days_ago = 70 + laying.below(OLDEST_DAYS - 70) as i64;
    if nth.is_multiple_of(2) {
        let resource = scenes::plan(laying, &NAT_PLAN, 0, &Terms::list(days_ago, 12), (100, 0, "CU"));
        return Return { resource, days: 1 + laying.below(3) as i64 };
    }
    let product = laying.pick(&[REDIS, DDS]);
    Return { resource: laying.buy(&product, 0, &Terms::list(days_ago, 6)), days: 25 + laying.below(40) as i64 }
}

/// One resource with what became of it; gives the number of orders, at most `most`.
fn chain(laying: &mut Laying, most: u32) -> u32 {
    let terms = terms(laying);
    if laying.below(8) == 0 {
        let (total, used) = (500, laying.below(500) as i64);
        scenes::plan(laying, &OSS_PLAN, 0, &terms, (total, used, "GB"));
        return 1;
    }
    let product = laying.pick(catalog::COMMON);
    let config = laying.below(product.configs.len() as u64) as usize;
    let id = laying.buy(&product, config, &terms);
    let mut last = laying.bought_last();
    let mut orders = 1;
    while orders < most {
        let asked = laying.below(100);
        let runs_days = (last.end - laying.anchor).num_days();
        // One renewal may be ahead; what is laid on it later would be paid in any order.
        let has_begun = last.start <= laying.anchor;
        let upgradable = has_begun && (last.end - last.start).num_days() >= 10;
        if asked < 12 && upgradable && runs_days < 300 {
            last = upgrade(laying, &product, &id, last);
        } else if asked < 82 && has_begun && runs_days < 400 {
            last = renew(laying, &product, config, &id, last);
        } else {
            return orders;
        }
        orders += 1;
    }
    orders
}

fn terms(laying: &mut Laying) -> Terms {
    let days_ago = 12 + laying.below(OLDEST_DAYS - 12) as i64;
    let months = laying.pick(&[1, 1, 1, 3, 6, 12]);
    let terms = Terms::list(days_ago, months);
    match laying.below(10) {
        0 => Terms { coupon: Decimal::from(10 + laying.below(30)), ..terms },
        1..=3 => {
            let factor = Decimal::new(85, 2);
            let discounts = vec![Discount { from_day: Some(30), from_percent: None, factor }];
            Terms { factor, discounts, ..terms }
        }
        _ => terms,
    }
}

/// Renews some days before the end; what ends ahead of the anchor is renewed in the last days, and its renewal is pending.
fn renew(laying: &mut Laying, product: &Product, config: usize, id: &str, last: Part) -> Part {
    let ended_days_ago = (laying.anchor - last.end).num_days();
    let days_ago = if ended_days_ago >= 0 { ended_days_ago + 1 } else { 0 } + laying.below(10) as i64;
    let terms = Terms::list(days_ago, laying.pick(&[1, 1, 1, 3, 12]));
    let list = product.monthly(config, laying.site()) * Decimal::from(terms.months);
    laying.renew_from(id, last, list, &terms)
}

fn upgrade(laying: &mut Laying, product: &Product, id: &str, last: Part) -> Part {
    let (begun, ended) = ((laying.anchor - last.start).num_days(), (laying.anchor - last.end).num_days().max(0));
    let days_ago = ended + 1 + laying.below((begun - ended).max(1) as u64) as i64;
    let monthly_more = product.monthly(0, laying.site()) / Decimal::from(4);
    let (kind, config) = match laying.below(2) {
        0 => (OrderKind::Upgrade, format!("{} (upgraded)", product.configs[0].0)),
        _ => (OrderKind::ResizeDisk, format!("{} (larger disk)", product.configs[0].0)),
    };
    // Never before what it upgrades begins.
    let terms = Terms::list(days_ago.min((begun - 1).max(0)), 1);
    laying.upgrade_from(id, last, kind, monthly_more, &config, &terms)
}

impl Laying {
    /// The part that was laid last.
    fn bought_last(&self) -> Part {
        let last = self.account.orders.last().and_then(|order| order.parts.last());
        last.expect("something was just bought").clone()
    }
}

/// Gives back what is to be returned, the oldest first, at the console or by support.
pub(super) fn give_back(account: &mut Account, seed: u64, returns: &[Return]) -> Result<(), SandboxError> {
    let failed = |why: String| SandboxError::Generate { seed, why };
    let mut due: Vec<_> = returns
        .iter()
        .filter_map(|one| Some((account.resource(&one.resource)?.created_at + chrono::TimeDelta::days(one.days), one)))
        .collect();
    due.sort_by_key(|(at, one)| (*at, one.resource.clone()));
    for (at, one) in due {
        let act = act::unsubscribe(account, &one.resource, Door::Support, None, at, &Arrival::BusinessDays.into())
            .map_err(|refusal| failed(format!("{}: {refusal}", one.resource)))?;
        let Act::Refunded { refund_orders, .. } = &act else { continue };
        if refund_orders.len() != 1 {
            return Err(failed(format!("{} gives {} refund orders, not one", one.resource, refund_orders.len())));
        }
        account.take_back(Action::Unsubscribe, &one.resource, at, refund_orders);
    }
    account.settle();
    Ok(())
}
