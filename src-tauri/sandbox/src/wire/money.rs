//! `QueryAccountTransactions` and `QueryAccountBalance`: what has moved by now, newest first.

use bss_openapi::wire::{
    BalanceData, FundType, QueryAccountBalanceRequest, QueryAccountTransactionsRequest, TransactionChannel,
    TransactionFlow, TransactionList, TransactionRow, TransactionType, TransactionsData,
};
use chrono::TimeDelta;
use rust_decimal::Decimal;

use super::{Caller, Failure, fits, page};
use crate::state::State;
use crate::world::money::{self, Transaction};

/// Largest page; the documents name none.
const MAX_PAGE: u32 = 300;

pub(super) fn transactions(
    state: &State,
    caller: &Caller,
    request: &QueryAccountTransactionsRequest,
) -> Result<TransactionsData, Failure> {
    let account = &state.world.accounts[caller.account];
    let window = request.create_time_start..=request.create_time_end;
    let rows = money::transactions(account)
        .into_iter()
        .rev()
        .filter(|transaction| window.contains(&transaction.at) && transaction.at <= caller.now)
        .map(row)
        .filter(|row| is_asked(request, row))
        .collect();
    let (total, rows) = page(rows, request.page_num, request.page_size, MAX_PAGE)?;
    Ok(TransactionsData {
        account_name: Some(account.name.clone()),
        page_num: Some(request.page_num),
        page_size: Some(request.page_size),
        total_count: Some(total),
        account_transactions_list: TransactionList { account_transactions_list: rows, ..Default::default() },
        ..Default::default()
    })
}

fn row(transaction: Transaction) -> TransactionRow {
    TransactionRow {
        transaction_number: Some(transaction.number),
        transaction_time: Some(transaction.at),
        transaction_type: Some(TransactionType::from_word(&transaction.transaction_type)),
        transaction_flow: Some(TransactionFlow::from_word(&transaction.flow)),
        transaction_channel: Some(TransactionChannel::from_word(&transaction.channel)),
        transaction_channel_sn: Some(String::new()),
        transaction_account: Some(String::new()),
        fund_type: Some(FundType::from_word(&transaction.fund_type)),
        record_id: Some(transaction.record_id),
        amount: Some(transaction.amount),
        balance: Some(transaction.balance),
        // Billing cycles run on UTC+8.
        billing_cycle: Some((transaction.at + TimeDelta::hours(8)).format("%Y-%m").to_string()),
        remarks: Some(transaction.remarks),
        ..Default::default()
    }
}

fn is_asked(request: &QueryAccountTransactionsRequest, row: &TransactionRow) -> bool {
    fits(&request.record_id, &row.record_id)
        && fits(&request.transaction_number, &row.transaction_number)
        && fits(&request.transaction_type, &row.transaction_type)
        && fits(&request.transaction_flow, &row.transaction_flow)
        && fits(&request.transaction_channel, &row.transaction_channel)
        && fits(&request.transaction_channel_sn, &row.transaction_channel_sn)
}

pub(super) fn balance(state: &State, caller: &Caller, _: &QueryAccountBalanceRequest) -> Result<BalanceData, Failure> {
    let account = &state.world.accounts[caller.account];
    let balance = money::balance(account, caller.now);
    let zero = Decimal::new(0, 2);
    Ok(BalanceData {
        available_amount: Some(balance),
        available_cash_amount: Some(balance),
        credit_amount: Some(zero),
        mybank_credit_amount: Some(zero),
        quota_limit: Some(zero),
        currency: Some(account.currency.clone()),
        ..Default::default()
    })
}
