//! Money of an account: the transactions that order payments, the top-up and refunds make, and the balance after each.

use chrono::{DateTime, Utc};
use refund_rules::case::Method;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Account;

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

/// All transactions of an account, future ones of refunds on their way included, oldest first.
pub fn transactions(account: &Account) -> Vec<Transaction> {
    let mut all = vec![top_up(account)];
    all.extend(order_payments(account));
    all.extend(refund_arrivals(account));
    all.sort_by(|a, b| (a.at, &a.number).cmp(&(b.at, &b.number)));
    let mut balance = Decimal::new(0, 2);
    for transaction in &mut all {
        if transaction.fund_type == "Cash" {
            let sign = if transaction.flow == "Income" { Decimal::ONE } else { Decimal::NEGATIVE_ONE };
            balance += sign * transaction.amount;
        }
        transaction.balance = balance;
    }
    all
}

/// Balance of an account at `at`.
pub fn balance(account: &Account, at: DateTime<Utc>) -> Decimal {
    transactions(account)
        .iter()
        .take_while(|transaction| transaction.at <= at)
        .last()
        .map_or(Decimal::new(0, 2), |transaction| transaction.balance)
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

fn top_up(account: &Account) -> Transaction {
    let mut amount = account.opening;
    amount.rescale(2);
    Transaction {
        number: format!("{}00", account.uid),
        at: account.opened_at,
        transaction_type: "Payment".to_owned(),
        flow: "Income".to_owned(),
        channel: "BankTransfer".to_owned(),
        fund_type: "Cash".to_owned(),
        record_id: String::new(),
        amount,
        balance: Decimal::ZERO,
        remarks: "Top-up".to_owned(),
    }
}

fn order_payments(account: &Account) -> impl Iterator<Item = Transaction> {
    account.orders.iter().filter(|order| order.paid).flat_map(|order| {
        order.payments.iter().enumerate().map(move |(nth, paid)| {
            let channel = channel(paid.method);
            let from_balance = channel == "AccountBalance";
            Transaction {
                number: format!("{}{nth:02}", order.id),
                at: order.paid_at,
                transaction_type: if from_balance { "Consumption" } else { "Payment" }.to_owned(),
                flow: "Expense".to_owned(),
                channel: channel.to_owned(),
                fund_type: fund_type(channel).to_owned(),
                record_id: order.id.clone(),
                amount: paid.amount,
                balance: Decimal::ZERO,
                remarks: String::new(),
            }
        })
    })
}

fn refund_arrivals(account: &Account) -> impl Iterator<Item = Transaction> {
    account.refund_orders.iter().flat_map(|refund| {
        refund.destinations.iter().enumerate().map(move |(nth, part)| {
            let channel = Method::from_word(&part.to).map_or("AccountBalance", channel);
            Transaction {
                number: format!("{}{nth:02}", refund.order_id),
                at: refund.arrives_at,
                transaction_type: "Refund".to_owned(),
                flow: "Income".to_owned(),
                channel: channel.to_owned(),
                fund_type: fund_type(channel).to_owned(),
                record_id: refund.order_id.clone(),
                amount: part.amount,
                balance: Decimal::ZERO,
                remarks: String::new(),
            }
        })
    })
}
