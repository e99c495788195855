//! Where the money goes, per order and payment (section 12), and when it arrives (section 13).

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use compact_str::CompactString;
use rust_decimal::Decimal;

use crate::case::{Method, Order, Payment};
use crate::chain::{Chain, window_end};
use crate::lines::Judged;
use crate::money::at_minor_unit;
use crate::notes::Notes;
use crate::params::params;
use crate::path::china_time;
use crate::policy::{BackTo, DestinationRow, Row};
use crate::quote::Destination;
use crate::ratio::Ratio;

/// Destination of money whose payments are unknown.
pub(crate) const UNKNOWN: &str = "unknown";
pub(crate) const BALANCE: &str = Method::Balance.word();

/// Part of a line's refund that goes back over one payment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    /// Places in the document: of the order, of its payment.
    pub order: usize,
    pub payment: usize,
    pub method: Option<Method>,
    pub to: &'static str,
    pub amount: Decimal,
    /// Until when it goes there.
    pub until: Option<DateTime<Utc>>,
}

/// Splits each line's refund over the payments of its order; parts of nothing are left out.
pub(crate) fn parts(chain: &Chain<'_>, lines: &mut [Judged<'_>], at: DateTime<Utc>, notes: &mut Notes) -> Vec<Part> {
    let mut parts = Vec::with_capacity(lines.len());
    for line in lines.iter_mut().filter(|line| !line.refund.is_zero()) {
        let order = line.counted.order;
        let payments = order.payments.as_deref().unwrap_or_default();
        if payments.is_empty() {
            let refund = line.refund;
            notes.step(&mut line.steps, "payments.unknown", "destination.unknown", || params! { "amount" => refund });
            let order = line.counted.index;
            parts.push(Part { order, payment: 0, method: None, to: UNKNOWN, amount: refund, until: None });
            continue;
        }
        if payments.len() > 1 && payments.iter().filter(|p| !p.amount.is_zero()).count() > 1 {
            notes.reading("payments.split");
        }
        let mut left = line.refund;
        let shares = Shares::of(line.refund, payments, line.counted.minor_units);
        for (payment, Payment { method, .. }) in payments.iter().enumerate() {
            let amount = shares.share(payment, left);
            left -= amount;
            if !amount.is_zero() {
                parts.push(Routing { chain, at, notes, line }.route(payment, *method, amount));
            }
        }
    }
    parts
}

/// Whether money of any order's payment goes elsewhere at a later instant, whatever the amounts are.
pub(crate) fn places_change(chain: &Chain<'_>, one: DateTime<Utc>, later: DateTime<Utc>) -> bool {
    chain.counted.iter().any(|counted| {
        let order = counted.order;
        let place = |method, at| Route::of(chain, order, method, at).place(at);
        order.payments.iter().flatten().any(|payment| place(payment.method, one) != place(payment.method, later))
    })
}

/// In proportion to the payments, each rounded but never more than is left; the last takes the rest.
struct Shares<'p> {
    refund: Decimal,
    payments: &'p [Payment],
    minor_units: u32,
    /// Of all payments; one alone needs none.
    total: Ratio,
}

impl<'p> Shares<'p> {
    fn of(refund: Decimal, payments: &'p [Payment], minor_units: u32) -> Self {
        let total = match payments {
            [_] => Ratio::ONE,
            several => Ratio::from(several.iter().map(|payment| payment.amount).sum::<Decimal>()),
        };
        Self { refund, payments, minor_units, total }
    }

    fn share(&self, payment: usize, left: Decimal) -> Decimal {
        if payment + 1 == self.payments.len() {
            return left;
        }
        let part = Ratio::from(self.refund).times(Ratio::from(self.payments[payment].amount)).over(self.total);
        part.round(self.minor_units).0.min(left)
    }
}

struct Routing<'r, 'c, 'a> {
    chain: &'r Chain<'c>,
    at: DateTime<Utc>,
    notes: &'r mut Notes,
    line: &'r mut Judged<'a>,
}

/// What the rules say about money paid for an order with a method.
struct Route<'a> {
    method: Method,
    row: &'a Row<DestinationRow>,
    /// The rule by which the order's invoice sends it to the balance.
    invoiced: Option<&'a str>,
    /// End of the window in which the source is open.
    until: Option<DateTime<Utc>>,
}

impl<'a> Route<'a> {
    fn of(chain: &Chain<'a>, order: &Order, method: Method, at: DateTime<Utc>) -> Self {
        let row = chain.pack.destination(method, order.paid_at, at);
        let invoiced = if order.invoiced == Some(true) && row.set.back_to != BackTo::Balance {
            let invoiced = chain.pack.invoiced(&chain.case.resource.product, at);
            invoiced.filter(|invoiced| invoiced.set.marketplace_too || !order.marketplace)
        } else {
            None
        };
        let until = row.set.days.map(|days| window_end(order.paid_at, days));
        Self { method, row, invoiced: invoiced.map(|row| row.rule.id.as_str()), until }
    }

    fn open(&self, at: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| at <= until)
    }

    fn to_source(&self, at: DateTime<Utc>) -> bool {
        self.row.set.back_to == BackTo::Source && self.invoiced.is_none() && self.open(at)
    }

    fn place(&self, at: DateTime<Utc>) -> &'static str {
        if self.to_source(at) { self.method.word() } else { BALANCE }
    }
}

impl Routing<'_, '_, '_> {
    fn route(&mut self, payment: usize, method: Method, amount: Decimal) -> Part {
        let order = self.line.counted.order;
        let route = Route::of(self.chain, order, method, self.at);
        let (row, to) = (route.row, route.place(self.at));
        let until = route.until.filter(|_| route.to_source(self.at));
        let part = Part { order: self.line.counted.index, payment, method: Some(method), to, amount, until };
        if row.set.back_to == BackTo::Balance {
            self.step(&row.rule.id, "destination.balance", method, amount, row);
            return part;
        }
        if let Some(rule) = route.invoiced {
            self.step(rule, "destination.invoiced", method, amount, row);
            return part;
        }
        if row.rule.from.is_some_and(|from| from <= order.paid_at && order.paid_at < from + TimeDelta::days(1)) {
            self.notes.reading("source.from_midnight");
        }
        let Some(until) = route.until else {
            self.step(&row.rule.id, "destination.source", method, amount, row);
            return part;
        };
        if self.at == until {
            self.notes.reading("window.inclusive");
        }
        let open = route.open(self.at);
        let id = match (open, row.set.not_guaranteed) {
            (false, _) => "destination.window_closed",
            (true, false) => "destination.source_until",
            (true, true) => "destination.source_not_guaranteed",
        };
        self.step(&row.rule.id, id, method, amount, row);
        if open && row.set.elsewhere_days.is_some() {
            self.step(&row.rule.id, "destination.other_page", method, amount, row);
        }
        part
    }

    fn step(&mut self, rule: &str, id: &'static str, method: Method, amount: Decimal, row: &Row<DestinationRow>) {
        let paid_at = self.line.counted.order.paid_at;
        self.notes.step(&mut self.line.steps, rule, id, || {
            let mut params = match row.set.days {
                Some(days) => params! {
                    "method" => method.word(), "amount" => amount,
                    "paid_at" => paid_at, "days" => days, "until" => window_end(paid_at, days)
                },
                None => params! { "method" => method.word(), "amount" => amount },
            };
            if let Some(days) = row.set.elsewhere_days {
                params.extend(params! { "other_days" => days });
            }
            params
        });
    }
}

/// Parts summed by destination, in the alphabetical order of `to`; the earliest end of its windows stands for all.
pub(crate) fn by_destination(parts: &[Part], minor_units: u32) -> Vec<Destination> {
    let mut sums: Vec<Destination> = Vec::new();
    for part in parts {
        match sums.iter_mut().find(|sum| sum.to == part.to) {
            Some(sum) => {
                sum.amount += part.amount;
                sum.until = [sum.until, part.until].into_iter().flatten().min();
            }
            None => {
                let to = CompactString::const_new(part.to);
                sums.push(Destination { to, amount: part.amount, until: part.until });
            }
        }
    }
    for sum in &mut sums {
        sum.amount = at_minor_unit(sum.amount, minor_units);
    }
    sums.sort_unstable_by(|one, other| one.to.cmp(&other.to));
    sums
}

/// Refunds of one order to one place are merged into one.
pub(crate) fn channel_refunds(parts: &[Part]) -> u32 {
    let mut places: Vec<_> = parts.iter().map(|part| (part.order, part.to)).collect();
    places.sort_unstable();
    places.dedup();
    u32::try_from(places.len()).unwrap_or(u32::MAX)
}

/// When the refund is processed and when it must have arrived, by business days in UTC+8.
pub(crate) struct Arrival {
    pub processed_by: NaiveDate,
    pub arrives_by: NaiveDate,
    /// For each method with days of its own: earliest and latest expected arrival.
    pub bank: Vec<(Method, NaiveDate, NaiveDate)>,
}

pub(crate) fn arrival(chain: &Chain<'_>, parts: &[Part], at: DateTime<Utc>, notes: &mut Notes) -> Arrival {
    let days = &chain.pack.processing(&chain.case.resource.product, at).set;
    let mut after = |from: NaiveDate, days: u32| {
        let found = chain.policies.calendar().add_business_days(from, days);
        if !found.certain {
            notes.reading("calendar.weekends_only");
        }
        found.date
    };
    let today = china_time(at).date_naive();
    let processed_by = after(today, days.business_days);
    let arrives_by = after(today, days.limit_business_days);
    let mut bank = Vec::new();
    for method in Method::ALL {
        let to_source = parts.iter().any(|part| part.to == method.word() && part.method == Some(*method));
        if let (true, Some(row)) = (to_source && *method != Method::Balance, chain.pack.bank_days(*method, at)) {
            bank.push((*method, after(processed_by, row.set.at_least), after(processed_by, row.set.at_most), row));
        }
    }
    for (.., row) in &bank {
        notes.reading(&row.rule.id);
    }
    let bank = bank.into_iter().map(|(method, from, to, _)| (method, from, to)).collect();
    Arrival { processed_by, arrives_by, bank }
}
