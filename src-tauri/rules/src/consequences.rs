//! What happens with the unsubscription and cannot be taken back (section 14).

use chrono::{DateTime, FixedOffset, NaiveTime, Utc};
use compact_str::CompactString;
use rust_decimal::Decimal;

use crate::case::{Action, Kind, OrderType, RenewStatus};
use crate::chain::{Chain, window_end};
use crate::destinations::{Arrival, BALANCE, Part, UNKNOWN};
use crate::lines::Judged;
use crate::params::params;
use crate::path::china_time;
use crate::policy::{ProductRow, Row};
use crate::quote::{Confirmation, Consequence, LineState, Params};

/// Everything to show before anyone confirms, in the order of the specification.
pub(crate) fn list(
    chain: &Chain<'_>,
    rows: &[&Row<ProductRow>],
    lines: &[Judged<'_>],
    parts: &[Part],
    arrival: Option<&Arrival>,
    at: DateTime<Utc>,
) -> Vec<Consequence> {
    let mut listing = Listing { chain, at, listed: Vec::with_capacity(MANY) };
    let action = chain.case.ask.action;
    if action == Action::Unsubscribe {
        listing.released(rows, lines);
    }
    if matches!(action, Action::Unsubscribe | Action::CancelRenewals) {
        listing.lost(lines);
        if chain.case.resource.renew_status == Some(RenewStatus::Auto) {
            listing.add("automatic_renewal_on", Params::new());
        }
    }
    if action == Action::Unsubscribe {
        listing.product();
    }
    if parts.iter().any(|part| part.to == BALANCE || part.to == UNKNOWN) {
        listing.add("overdue_balance_takes_it", Params::new());
    }
    for (method, from, to) in arrival.map(|a| a.bank.as_slice()).unwrap_or_default() {
        listing.add("bank_takes_longer", params! { "method" => method.word(), "from" => *from, "to" => *to });
    }
    listing.listed
}

/// As many as most quotes have.
const MANY: usize = 6;

struct Listing<'l, 'a> {
    chain: &'l Chain<'a>,
    at: DateTime<Utc>,
    listed: Vec<Consequence>,
}

impl Listing<'_, '_> {
    fn released(&mut self, rows: &[&Row<ProductRow>], lines: &[Judged<'_>]) {
        let id = if rows.iter().any(|row| row.set.deleted_at_once) { "released_at_once" } else { "released" };
        self.add(id, params! { "resource" => self.chain.case.resource.id.as_str() });
        self.add("mistake_needs_ticket", Params::new());
        let renewal = |t: OrderType| matches!(t, OrderType::Renew | OrderType::CompensatoryRenew);
        let falling: Vec<_> = lines
            .iter()
            .filter(|line| line.state == LineState::Pending && renewal(line.counted.order.order_type))
            .map(|line| line.counted.order.id.clone())
            .collect();
        if !falling.is_empty() {
            self.add("pending_renewals_fall_too", params! { "orders" => falling });
        }
    }

    fn lost(&mut self, lines: &[Judged<'_>]) {
        let gifts = forfeits(lines);
        if !gifts.is_empty() {
            self.add("gifts_forfeited", params! { "gifts" => gifts });
        }
        let coupons: Decimal = open(lines).map(|line| line.counted.order.coupon).sum();
        if !coupons.is_zero() {
            self.add("coupons_not_returned", params! { "amount" => coupons });
        }
    }

    fn product(&mut self) {
        let resource = &self.chain.case.resource;
        if resource.kind == Kind::ResourcePlan {
            self.add("use_is_billed_at_once", Params::new());
        }
        if let Some(row) = self.chain.pack.kept_data(&resource.product, self.at) {
            let until = window_end(self.at, row.set.configuration_days);
            self.add("configuration_kept", params! { "until" => until });
            self.add("logs_kept", params! { "until" => next_midnight(self.at) });
        }
    }

    fn add(&mut self, id: &'static str, params: Params) {
        self.listed.push(Consequence { id: CompactString::const_new(id), params });
    }
}

/// 00:00 UTC+8 of the next day.
fn next_midnight(at: DateTime<Utc>) -> DateTime<Utc> {
    let local: DateTime<FixedOffset> = china_time(at);
    let midnight = local.with_time(NaiveTime::MIN).single().unwrap_or(local) + chrono::TimeDelta::days(1);
    midnight.with_timezone(&Utc)
}

/// Gifts of the promotions of every order that is given up.
pub(crate) fn forfeits(lines: &[Judged<'_>]) -> Vec<String> {
    open(lines).filter_map(|line| line.counted.order.promotion.as_ref()).flat_map(|p| p.gifts.iter().cloned()).collect()
}

fn open<'l, 'a>(lines: &'l [Judged<'a>]) -> impl Iterator<Item = &'l Judged<'a>> {
    lines.iter().filter(|line| line.state != LineState::Finished)
}

/// The boxes to tick: what is only a what-if has none.
pub(crate) fn confirmations(action: Action) -> Vec<Confirmation> {
    match action {
        Action::Unsubscribe => vec![Confirmation::Amount, Confirmation::Backup],
        Action::CancelRenewals => vec![Confirmation::Amount],
        Action::Downgrade | Action::Convert => Vec::new(),
    }
}
