//! Money of an account: the transactions that order payments, the top-up and refunds make, and the balance after each.

use chrono::{DateTime, Utc};
use refund_rules::case::Method;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Account, RefundOrder, index};

/// One movement, in the words of the billing API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transaction {
    pub number: String,
    pub at: DateTime<Utc>,
    pub transaction_type: String,
    /// `Income` or `Expense`.
    pub flow: String,
    pub channel: String,
    /// `Cash` touches the balance, `DirectPay` does not.
    pub fund_type: String,
    /// Number of the order or refund order; empty for a top-up.
    pub record_id: String,
    /// Never negative.
    pub amount: Decimal,
    /// Balance after it.
    pub balance: Decimal,
    pub remarks: String,
}

/// What moved money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    TopUp,
    /// The order at this place, its nth payment.
    Payment {
        order: u32,
        nth: u16,
    },
    /// The refund order at this place, the nth part of its money.
    Refund {
        refund: u32,
        nth: u16,
    },
}

/// A movement in short: what is told of it is worked out when somebody asks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Movement {
    pub at: DateTime<Utc>,
    /// Balance after it.
    pub balance: Decimal,
    source: Source,
}

impl Movement {
    fn new(at: DateTime<Utc>, source: Source) -> Self {
        Self { at, balance: Decimal::new(0, 2), source }
    }
}

/// The words of a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words {
    pub transaction_type: &'static str,
    pub flow: &'static str,
    pub channel: &'static str,
    pub fund_type: &'static str,
}

/// All transactions of an account, future ones of refunds on their way included, oldest first.
pub fn transactions(account: &Account) -> Vec<Transaction> {
    account.movements().iter().map(|movement| transaction(account, movement)).collect()
}

/// Balance of an account at `at`.
pub fn balance(account: &Account, at: DateTime<Utc>) -> Decimal {
    let by_then = account.movements().partition_point(|movement| movement.at <= at);
    by_then.checked_sub(1).map_or(Decimal::new(0, 2), |last| account.movements()[last].balance)
}

/// The movements of one order or refund order, oldest first: looked up at the times at which its money moves.
pub(crate) fn movements_of<'a>(account: &'a Account, record: &str) -> Vec<&'a Movement> {
    let mut times: Vec<DateTime<Utc>> = Vec::new();
    times.extend(account.order(record).map(|order| order.paid_at));
    if let Some(refund) = account.refund_order(record) {
        times.extend((0..refund.money().len()).map(|nth| refund.arrival(nth)));
    }
    times.sort();
    times.dedup();
    let at = |time| account.movements_within(time, time);
    times.into_iter().flat_map(at).filter(|movement| record_id(account, movement) == record).collect()
}

/// All movements by time, then number, each with the balance after it.
pub(super) fn movements(account: &Account) -> Vec<Movement> {
    let mut all = vec![Movement::new(account.opened_at, Source::TopUp)];
    for (place, order) in account.orders.iter().enumerate().filter(|(_, order)| order.paid) {
        let order_place = index::place(place);
        let payment = |nth| Movement::new(order.paid_at, Source::Payment { order: order_place, nth: short(nth) });
        all.extend((0..order.payments.len()).map(payment));
    }
    for (place, refund) in account.refund_orders.iter().enumerate() {
        all.extend(refund_movements(place, refund));
    }
    all.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| number(account, a).cmp(&number(account, b))));
    balance_from(account, &mut all, 0);
    all
}

/// The movements that the refund order at this place makes.
pub(super) fn refund_movements(place: usize, refund: &RefundOrder) -> Vec<Movement> {
    let refund_place = index::place(place);
    let movement = |nth| Movement::new(refund.arrival(nth), Source::Refund { refund: refund_place, nth: short(nth) });
    (0..refund.money().len()).map(movement).collect()
}

fn short(nth: usize) -> u16 {
    u16::try_from(nth).expect("an order is paid in few ways")
}

/// Whether a movement stands before another one.
pub(super) fn is_before(account: &Account, one: &Movement, other: &Movement) -> bool {
    one.at.cmp(&other.at).then_with(|| number(account, one).cmp(&number(account, other))).is_lt()
}

/// Works the balances out anew from this place on.
pub(super) fn balance_from(account: &Account, movements: &mut [Movement], from: usize) {
    let mut balance = from.checked_sub(1).map_or(Decimal::new(0, 2), |before| movements[before].balance);
    for movement in &mut movements[from..] {
        let words = words(account, movement);
        if words.fund_type == "Cash" {
            let sign = if words.flow == "Income" { Decimal::ONE } else { Decimal::NEGATIVE_ONE };
            balance += sign * amount(account, movement);
        }
        movement.balance = balance;
    }
}

/// The channel word of a payment method. The documentation has none for PayPal; `PayPal` is this sandbox's choice.
pub fn channel(method: Method) -> &'static str {
    match method {
        Method::BankCard => "CreditCard",
        Method::Paypal => "PayPal",
        Method::Alipay => "Alipay",
        Method::BankTransfer => "BankTransfer",
        Method::Credit => "RegularBankCreditRefund",
        _ => "AccountBalance",
    }
}

fn fund_type(channel: &str) -> &'static str {
    if channel == "AccountBalance" { "Cash" } else { "DirectPay" }
}

/// The words of a movement, without working out the rest.
pub(crate) fn words(account: &Account, movement: &Movement) -> Words {
    match movement.source {
        Source::TopUp => {
            Words { transaction_type: "Payment", flow: "Income", channel: "BankTransfer", fund_type: "Cash" }
        }
        Source::Payment { order, nth } => {
            let channel = channel(account.orders[order as usize].payments[usize::from(nth)].method);
            let transaction_type = if channel == "AccountBalance" { "Consumption" } else { "Payment" };
            Words { transaction_type, flow: "Expense", channel, fund_type: fund_type(channel) }
        }
        Source::Refund { refund, nth } => {
            let destination = &account.refund_orders[refund as usize].money()[usize::from(nth)];
            let channel = Method::from_word(&destination.to).map_or("AccountBalance", channel);
            Words { transaction_type: "Refund", flow: "Income", channel, fund_type: fund_type(channel) }
        }
    }
}

/// Number of the order or refund order that moved the money; empty for a top-up.
pub(crate) fn record_id<'a>(account: &'a Account, movement: &Movement) -> &'a str {
    match movement.source {
        Source::TopUp => "",
        Source::Payment { order, .. } => &account.orders[order as usize].id,
        Source::Refund { refund, .. } => &account.refund_orders[refund as usize].order_id,
    }
}

/// Number of a movement.
pub(crate) fn number(account: &Account, movement: &Movement) -> String {
    let nth = match movement.source {
        Source::TopUp => return format!("{}00", account.uid),
        Source::Payment { nth, .. } | Source::Refund { nth, .. } => nth,
    };
    format!("{}{nth:02}", record_id(account, movement))
}

fn amount(account: &Account, movement: &Movement) -> Decimal {
    match movement.source {
        Source::TopUp => {
            let mut amount = account.opening;
            amount.rescale(2);
            amount
        }
        Source::Payment { order, nth } => account.orders[order as usize].payments[usize::from(nth)].amount,
        Source::Refund { refund, nth } => account.refund_orders[refund as usize].money()[usize::from(nth)].amount,
    }
}

/// A movement as it is told.
pub(crate) fn transaction(account: &Account, movement: &Movement) -> Transaction {
    let words = words(account, movement);
    Transaction {
        number: number(account, movement),
        at: movement.at,
        transaction_type: words.transaction_type.to_owned(),
        flow: words.flow.to_owned(),
        channel: words.channel.to_owned(),
        fund_type: words.fund_type.to_owned(),
        record_id: record_id(account, movement).to_owned(),
        amount: amount(account, movement),
        balance: movement.balance,
        remarks: if movement.source == Source::TopUp { "Top-up".to_owned() } else { String::new() },
    }
}
