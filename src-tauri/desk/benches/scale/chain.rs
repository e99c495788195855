//! One resource with all that is known of it: its orders, what was paid for them, and what was given back.

use chrono::{DateTime, TimeDelta, Utc};
use desk_store::{FROM_API, Json, OrderHead, OrderPart, RefundRow, ResourceRow, TransactionRow};
use rust_decimal::Decimal;

use crate::account::Account;
use crate::draw::Draw;
use crate::product::{self, Bought};
use crate::wire;

/// Rows of one customer, before they stand in the order in which a sync keeps them.
#[derive(Default)]
pub struct Laid {
    pub resources: Vec<ResourceRow>,
    pub orders: Vec<(OrderHead, OrderPart)>,
    pub movements: Vec<TransactionRow>,
    pub refunds: Vec<RefundRow>,
}

/// Months of a service period, the usual ones more often.
const MONTHS: [i64; 7] = [1, 1, 1, 3, 6, 12, 12];
const DAYS_A_MONTH: i64 = 30;

/// No chain gets longer.
const LONGEST: usize = 24;

/// Lays what an account is to have.
pub fn lay(account: &Account, now: DateTime<Utc>, draw: &mut Draw) -> Laid {
    let mut laying = Laying { account, now, draw, laid: Laid::default(), orders: 0 };
    // Half of the refunds gave back a resource that is long gone, the others a renewal of one that is there.
    let gone = account.refunds / 2;
    for _ in 0..gone {
        laying.gone_resource();
    }
    let renewals_back = account.refunds - gone;
    let mut orders_left = account.orders.saturating_sub(2 * gone + renewals_back);
    for number in 0..account.resources {
        let resources_left = account.resources - number;
        let at_least = usize::from(is_one_of(number, renewals_back, account.resources)) + 1;
        let at_most = orders_left.saturating_sub(2 * (resources_left - 1)).clamp(at_least, LONGEST);
        let usual = 2 * orders_left / resources_left;
        let length = at_least + laying.draw.below(usual.saturating_sub(at_least).max(1));
        let length = if resources_left == 1 { at_most } else { length.min(at_most) };
        orders_left = orders_left.saturating_sub(length);
        laying.live_resource(length, at_least == 2);
    }
    laying.laid
}

/// Whether this one is among `some`, which are spread evenly over `all`.
fn is_one_of(number: usize, some: usize, all: usize) -> bool {
    (number + 1) * some / all > number * some / all
}

struct Laying<'a> {
    account: &'a Account,
    now: DateTime<Utc>,
    draw: &'a mut Draw,
    laid: Laid,
    /// So far.
    orders: usize,
}

/// What an order is about.
struct Terms {
    kind: &'static str,
    created_at: DateTime<Utc>,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    /// List price, in the smallest unit.
    list: i64,
}

impl Laying<'_> {
    /// A chain of so many orders; where a renewal was given back, it is the last of them.
    fn live_resource(&mut self, length: usize, renewal_back: bool) {
        let bought = product::bought(self.account.china, self.draw);
        let held = length - usize::from(renewal_back);
        let months: Vec<i64> = (0..held).map(|_| *self.draw.pick(&MONTHS)).collect();
        let days: i64 = months.iter().map(|months| months * DAYS_A_MONTH).sum();
        let end = self.end_of(&months);
        let mut start = end - TimeDelta::days(days);
        let created_at = start - TimeDelta::minutes(1);
        let mut ordered_at = created_at;
        for (place, months) in months.iter().enumerate() {
            let until = start + TimeDelta::days(months * DAYS_A_MONTH);
            let list = bought.monthly * months;
            if place > 0 {
                let ahead = TimeDelta::minutes(self.draw.whole(10 * 24 * 60));
                ordered_at =
                    (start - ahead).min(self.now - TimeDelta::hours(2)).max(ordered_at + TimeDelta::minutes(5));
            }
            let kind = if place == 0 { "New" } else { "Renew" };
            self.order(&bought, Terms { kind, created_at: ordered_at, start, end: until, list });
            start = until;
        }
        if renewal_back {
            let months = *self.draw.pick(&MONTHS);
            let at = (self.now - TimeDelta::minutes(self.draw.whole(90 * 24 * 60) + 180))
                .max(ordered_at + TimeDelta::minutes(5));
            let until = end + TimeDelta::days(months * DAYS_A_MONTH);
            let terms = Terms { kind: "Renew", created_at: at, start: end, end: until, list: bought.monthly * months };
            let renewal = self.order(&bought, terms);
            self.refund(&bought, &renewal, at + TimeDelta::minutes(90));
        }
        self.resource(&bought, created_at, end);
    }

    /// When what was paid for ends: mostly within the last period, sometimes after a renewal that has not begun, sometimes it has ended.
    fn end_of(&mut self, months: &[i64]) -> DateTime<Utc> {
        let minutes = |months: i64| months * DAYS_A_MONTH * 24 * 60;
        let last = minutes(months[months.len() - 1]);
        let ahead = match self.draw.below(100) {
            0..80 => 1 + self.draw.whole(last - 1),
            80..94 if months.len() > 1 => last + self.draw.whole(minutes(months[months.len() - 2])),
            _ => -self.draw.whole(14 * 24 * 60),
        };
        self.now + TimeDelta::minutes(ahead)
    }

    /// Bought once, given back, and no longer listed.
    fn gone_resource(&mut self) {
        let bought = product::bought(self.account.china, self.draw);
        let start = self.now - TimeDelta::minutes((60 + self.draw.whole(640)) * 24 * 60 + self.draw.whole(24 * 60));
        let months = *self.draw.pick(&MONTHS);
        let end = start + TimeDelta::days(months * DAYS_A_MONTH);
        let terms =
            Terms { kind: "New", created_at: start - TimeDelta::minutes(1), start, end, list: bought.monthly * months };
        let purchase = self.order(&bought, terms);
        let used = TimeDelta::minutes(1 + self.draw.whole((end - start).num_minutes() - 1));
        self.refund(&bought, &purchase, (start + used).min(self.now - TimeDelta::hours(3)));
    }

    fn resource(&mut self, bought: &Bought, created_at: DateTime<Utc>, end: DateTime<Utc>) {
        let is_plan = bought.product.is_plan;
        let used = self.draw.whole(500);
        let usage = format!(r#"{{"total":"500","used":"{used}","unit":"GB","resets":false}}"#);
        let renew_status = *self.draw.pick(&["auto", "manual", "manual", "none"]);
        self.laid.resources.push(ResourceRow {
            customer: self.account.connection.id.clone(),
            id: bought.id.clone(),
            product: if is_plan { String::new() } else { bought.product.code.to_owned() },
            product_type: bought.product.product_type.to_owned(),
            kind: if is_plan { "resource_plan" } else { "instance" }.to_owned(),
            region: bought.region.to_owned(),
            billing: "subscription".to_owned(),
            status: if end <= self.now { "expired" } else { "normal" }.to_owned(),
            renew_status: (!is_plan).then(|| renew_status.to_owned()),
            created_at,
            end_at: Some(end),
            usage: is_plan.then(|| json(usage)),
            raw: json(wire::instance(bought, renew_status, created_at, end, &self.account.connection.uid)),
            facts_at: self.now,
            gone_at: None,
        });
    }

    /// An order of one resource, and what was paid for it.
    fn order(&mut self, bought: &Bought, terms: Terms) -> OrderHead {
        let payable = *self.draw.pick(&[100, 100, 100, 85, 85, 70]) * terms.list / 100;
        let coupon = if self.draw.percent(10) { payable.min(1_000 + self.draw.whole(3_000)) } else { 0 };
        let cash = money(payable - coupon);
        let (id, account) = (self.next_id(terms.created_at), &self.account.connection);
        let head = OrderHead {
            customer: account.id.clone(),
            id: id.clone(),
            order_type: terms.kind.to_owned(),
            payment_status: Some("Paid".to_owned()),
            created_at: terms.created_at,
            paid_at: Some(terms.created_at + TimeDelta::minutes(2)),
            currency: account.currency.clone(),
            product: bought.product.code.to_owned(),
            gross: money(terms.list),
            pretax: money(payable),
            tax: Decimal::ZERO,
            related_order: None,
            settled: true,
            facts_at: self.now,
            raw: json(wire::order(bought, &id, terms.kind, terms.created_at, &account.currency, payable, None)),
            source: FROM_API.to_owned(),
        };
        let part = OrderPart {
            customer: account.id.clone(),
            order_id: id.clone(),
            sub_order: format!("{id}01"),
            instance: bought.id.clone(),
            part_type: terms.kind.to_owned(),
            start_at: Some(terms.start),
            end_at: Some(terms.end),
            list: money(terms.list),
            cash,
            coupon: money(coupon),
            tax: Decimal::ZERO,
            raw: json(wire::detail(bought, &head, Some((terms.start, terms.end)), None)),
        };
        let channels: &[&str] = if self.account.china {
            &["AccountBalance", "AccountBalance", "Alipay", "BankTransfer"]
        } else {
            &["CreditCard", "CreditCard", "PayPal", "AccountBalance"]
        };
        let channel = *self.draw.pick(channels);
        if !cash.is_zero() {
            self.movement(&id, "Consumption", "Expense", channel, cash, terms.created_at + TimeDelta::minutes(2));
        }
        self.laid.orders.push((head.clone(), part));
        head
    }

    /// A refund order that gives a part of an order back, and mostly the money that came.
    fn refund(&mut self, bought: &Bought, order: &OrderHead, at: DateTime<Utc>) {
        let account = &self.account.connection;
        let (id, share) = (self.next_id(at), 20 + self.draw.whole(80));
        let amount = order.pretax * Decimal::new(share, 2);
        let amount = amount.trunc_with_scale(2);
        let cents = (amount * Decimal::ONE_HUNDRED).trunc().to_string().parse().expect("whole cents");
        let head = OrderHead {
            id: id.clone(),
            order_type: "Refund".to_owned(),
            payment_status: None,
            created_at: at,
            paid_at: None,
            gross: amount,
            pretax: amount,
            related_order: Some(order.id.clone()),
            raw: json(wire::order(bought, &id, "Refund", at, &account.currency, cents, Some(&order.id))),
            ..order.clone()
        };
        let part = OrderPart {
            customer: account.id.clone(),
            order_id: id.clone(),
            sub_order: format!("{id}01"),
            instance: bought.id.clone(),
            part_type: "Refund".to_owned(),
            start_at: None,
            end_at: None,
            list: amount,
            cash: amount,
            coupon: Decimal::ZERO,
            tax: Decimal::ZERO,
            raw: json(wire::detail(bought, &head, None, Some(&order.id))),
        };
        let arrived_at = self.draw.percent(95).then(|| (at + TimeDelta::hours(4)).min(self.now));
        if let Some(arrived_at) = arrived_at {
            self.movement(&id, "Refund", "Income", "AccountBalance", amount, arrived_at);
        }
        let parts = match arrived_at {
            Some(at) => format!(r#"[{{"to":"balance","amount":"{amount}","at":"{}"}}]"#, wire::time(at)),
            None => "[]".to_owned(),
        };
        self.laid.refunds.push(RefundRow {
            customer: self.account.connection.id.clone(),
            refund_order: id,
            resource: bought.id.clone(),
            product: bought.product.code.to_owned(),
            related: vec![order.id.clone()],
            currency: order.currency.clone(),
            amount,
            created_at: at,
            arrived: if arrived_at.is_some() { amount } else { Decimal::ZERO },
            arrived_at,
            parts: json(parts),
            request: None,
            also_answers: Vec::new(),
            predicted: None,
            reason: None,
        });
        self.laid.orders.push((head, part));
    }

    fn movement(
        &mut self,
        record: &str,
        txn_type: &str,
        flow: &str,
        channel: &str,
        amount: Decimal,
        at: DateTime<Utc>,
    ) {
        let number = format!("{}{:08}", at.format("%Y%m%d%H%M%S"), self.draw.below(100_000_000));
        self.laid.movements.push(TransactionRow {
            customer: self.account.connection.id.clone(),
            raw: json(wire::movement(&number, record, txn_type, flow, channel, amount, at)),
            number,
            record_id: record.to_owned(),
            txn_type: txn_type.to_owned(),
            flow: flow.to_owned(),
            channel: channel.to_owned(),
            fund_type: "Cash".to_owned(),
            amount,
            at,
        });
    }

    /// Orders are numbered by their time.
    fn next_id(&mut self, at: DateTime<Utc>) -> String {
        self.orders += 1;
        format!("{}{:05}", at.timestamp(), self.orders % 100_000)
    }
}

fn money(smallest_units: i64) -> Decimal {
    Decimal::new(smallest_units, 2)
}

fn json(text: String) -> Json {
    Json::parse(text).expect("what is laid is JSON")
}
