//! `QueryAccountTransactions` and `QueryAccountBalance`: the money itself. A transaction of type Refund whose record id is a
//! refund order's id is that refund's arrival.

use super::record::{record, request};
use super::{FundType, TransactionChannel, TransactionFlow, TransactionType};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

/// Transactions a page: the documented default; no maximum is documented.
pub const TRANSACTIONS_PAGE_SIZE: u32 = 20;

request! {
    /// Transactions by creation time. The window is required here: left out, the API takes the last month (a server that reads
    /// this must fill that default in first).
    "QueryAccountTransactions" -> TransactionsData;
    pub struct QueryAccountTransactionsRequest {
        create_time_start: DateTime<Utc> = "CreateTimeStart",
        create_time_end: DateTime<Utc> = "CreateTimeEnd",
        /// The number of an order or a bill.
        record_id: Option<String> = "RecordID",
        transaction_number: Option<String> = "TransactionNumber",
        transaction_type: Option<TransactionType> = "TransactionType",
        transaction_flow: Option<TransactionFlow> = "TransactionFlow",
        transaction_channel: Option<TransactionChannel> = "TransactionChannel",
        transaction_channel_sn: Option<String> = "TransactionChannelSN",
        /// From 1.
        page_num: u32 = "PageNum" or "1",
        page_size: u32 = "PageSize" or "20",
    }
}

impl QueryAccountTransactionsRequest {
    /// All transactions of the window, from the first page on.
    pub fn new(create_time_start: DateTime<Utc>, create_time_end: DateTime<Utc>) -> Self {
        Self {
            create_time_start,
            create_time_end,
            record_id: None,
            transaction_number: None,
            transaction_type: None,
            transaction_flow: None,
            transaction_channel: None,
            transaction_channel_sn: None,
            page_num: 1,
            page_size: TRANSACTIONS_PAGE_SIZE,
        }
    }
}

request! {
    /// The account's balance.
    "QueryAccountBalance" -> BalanceData;
    pub struct QueryAccountBalanceRequest {}
}

record! {
    /// A page of transactions; the wrapper repeats its own name.
    pub struct TransactionsData {
        account_name: Option<String> = "AccountName",
        page_num: Option<u32> = "PageNum",
        page_size: Option<u32> = "PageSize",
        total_count: Option<u32> = "TotalCount",
        account_transactions_list: TransactionList = "AccountTransactionsList",
    }
}

record! {
    /// The wrapper around the transactions of a page.
    pub struct TransactionList {
        account_transactions_list: Vec<TransactionRow> = "AccountTransactionsList",
    }
}

record! {
    /// A movement of money. Amounts are in the account's currency, which the row does not name.
    pub struct TransactionRow {
        transaction_number: Option<String> = "TransactionNumber",
        transaction_time: Option<DateTime<Utc>> = "TransactionTime",
        transaction_type: Option<TransactionType> = "TransactionType",
        transaction_flow: Option<TransactionFlow> = "TransactionFlow",
        transaction_channel: Option<TransactionChannel> = "TransactionChannel",
        transaction_channel_sn: Option<String> = "TransactionChannelSN",
        transaction_account: Option<String> = "TransactionAccount",
        fund_type: Option<FundType> = "FundType",
        /// The number of the order or bill that moved the money.
        record_id: Option<String> = "RecordID",
        amount: Option<Decimal> = "Amount",
        /// The account's balance afterwards.
        balance: Option<Decimal> = "Balance",
        /// `YYYY-MM`.
        billing_cycle: Option<String> = "BillingCycle",
        remarks: Option<String> = "Remarks",
    }
}

record! {
    /// What the account holds and may spend, in `currency`.
    pub struct BalanceData {
        available_amount: Option<Decimal> = "AvailableAmount",
        available_cash_amount: Option<Decimal> = "AvailableCashAmount",
        credit_amount: Option<Decimal> = "CreditAmount",
        mybank_credit_amount: Option<Decimal> = "MybankCreditAmount",
        quota_limit: Option<Decimal> = "QuotaLimit",
        currency: Option<String> = "Currency",
    }
}
