//! `QueryAccountTransactions` and `QueryAccountBalance`: what has moved by now, newest first.

use bss_openapi::wire::{
    BalanceData, FundType, QueryAccountBalanceRequest, QueryAccountTransactionsRequest, TransactionChannel,
    TransactionFlow, TransactionList, TransactionRow, TransactionType, TransactionsData,
};
use chrono::TimeDelta;
use rust_decimal::Decimal;

use super::{Caller, Failure, fits};
use crate::state::State;
use crate::world::Account;
use crate::world::money::{self, Movement, Transaction};

/// Largest page; the documents name none.
const MAX_PAGE: u32 = 300;

pub(super) fn transactions(
    state: &State,
    caller: &Caller,
    request: &QueryAccountTransactionsRequest,
) -> Result<TransactionsData, Failure> {
    let account = &state.world.accounts[caller.account];
    let window = caller.window(request.page_num, request.page_size, MAX_PAGE)?;
    let end = request.create_time_end.min(caller.now);
    let of_record = request.record_id.as_deref().map(|record| money::movements_of(account, record));
    let within: Box<dyn Iterator<Item = &Movement>> = match &of_record {
        Some(found) => {
            let is_within = |movement: &&Movement| (request.create_time_start..=end).contains(&movement.at);
            Box::new(found.iter().rev().copied().filter(is_within))
        }
        None => Box::new(account.movements_within(request.create_time_start, end).iter().rev()),
    };
    let mut rows = Vec::new();
    let mut count = 0;
    for movement in within.filter(|movement| is_asked(request, account, movement)) {
        if window.holds(count) {
            rows.push(row(money::transaction(account, movement)));
        }
        count += 1;
    }
    Ok(TransactionsData {
        account_name: Some(account.name.clone()),
        page_num: Some(request.page_num),
        page_size: Some(request.page_size),
        total_count: Some(window.total(count)),
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

fn is_asked(request: &QueryAccountTransactionsRequest, account: &Account, movement: &Movement) -> bool {
    let text = |asked: &Option<String>, given: &str| asked.as_deref().is_none_or(|asked| asked == given);
    let words = money::words(account, movement);
    text(&request.record_id, money::record_id(account, movement))
        && fits(&request.transaction_type, &Some(TransactionType::from_word(words.transaction_type)))
        && fits(&request.transaction_flow, &Some(TransactionFlow::from_word(words.flow)))
        && fits(&request.transaction_channel, &Some(TransactionChannel::from_word(words.channel)))
        // No movement has a number of its channel.
        && text(&request.transaction_channel_sn, "")
        && (request.transaction_number.is_none() || text(&request.transaction_number, &money::number(account, movement)))
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
