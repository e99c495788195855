//! Movements of money: how orders were paid, and refunds that arrived.

use bss_openapi::wire::{QueryAccountTransactionsRequest, TransactionRow};
use desk_store::{Cursor, Json, Written};
use rust_decimal::Decimal;

use super::orders::{next_step, no_window};
use super::run::{Listed, Run};
use super::tally::Tally;
use crate::error::DeskError;

pub(super) const TRANSACTIONS: &str = "transactions";

impl Run<'_> {
    /// Phase 5: account transactions, by the same windows as orders (the default is the last month). What came before a call that
    /// failed is kept.
    pub async fn read_transactions(&self) -> Result<(), DeskError> {
        let mut cursor = self.cursor(TRANSACTIONS, |before| self.first_window(TRANSACTIONS, before)).await?;
        let (mut keeping, mut listed, mut odd, mut waiting) =
            (self.keeping(), Listed::default(), Vec::new(), Vec::new());
        let (mut window, mut read) = (cursor.window_to, Ok(()));
        while read.is_ok() && !cursor.done {
            if cursor.window_to != window {
                (listed, window) = (Listed::default(), cursor.window_to);
            }
            match self.transactions_page(&cursor, &mut listed, &mut odd).await {
                Ok((rows, last)) => {
                    waiting.extend(rows);
                    cursor = next_step(cursor, last);
                }
                Err(error) => read = Err(error),
            }
            if read.is_ok() && self.is_due(&keeping, waiting.len()) {
                let write = self.keep_transactions(&cursor, std::mem::take(&mut waiting))?;
                self.keep_after(&mut keeping, write).await?;
            }
        }
        self.keep_after(&mut keeping, self.keep_transactions(&cursor, waiting)?).await?;
        keeping.end().await?;
        read?;
        self.tell_odd_rows(TRANSACTIONS, &odd)
    }

    /// One page, and whether it is its window's last.
    async fn transactions_page(
        &self,
        cursor: &Cursor,
        listed: &mut Listed,
        odd: &mut Vec<DeskError>,
    ) -> Result<(Vec<desk_store::TransactionRow>, bool), DeskError> {
        let (Some(from), Some(to)) = (cursor.window_from, cursor.window_to) else {
            return Err(no_window(TRANSACTIONS));
        };
        let request = QueryAccountTransactionsRequest {
            page_num: cursor.next_page,
            ..QueryAccountTransactionsRequest::new(from, to)
        };
        let page = self
            .ask(|client| {
                let request = &request;
                async move { client.query_account_transactions(request).await }
            })
            .await?;
        let (rows, unread): (Vec<_>, Vec<_>) =
            page.rows.iter().map(|row| transaction(&self.connection.id, row)).partition(Result::is_ok);
        let rows: Vec<desk_store::TransactionRow> = rows.into_iter().flatten().collect();
        odd.extend(unread.into_iter().filter_map(Result::err));
        self.tell(TRANSACTIONS, Tally::add(&self.tally.transactions, rows.len()), None);
        Ok((rows, listed.ends(&page, TRANSACTIONS)?))
    }

    fn keep_transactions(
        &self,
        next: &Cursor,
        rows: Vec<desk_store::TransactionRow>,
    ) -> Result<Written<(), DeskError>, DeskError> {
        let next = next.clone();
        self.keep(move |tx, _| {
            for row in &rows {
                // A file's word on the same money would count it twice.
                tx.transactions().forget_from_files(&row.customer, &row.record_id)?;
            }
            tx.transactions().upsert_page(&rows)?;
            Ok(tx.cursors().put(&next)?)
        })
    }
}

fn transaction(customer: &str, row: &TransactionRow) -> Result<desk_store::TransactionRow, DeskError> {
    let missing = |field: &str| {
        DeskError::new(
            "incomplete_reply",
            format!("an account transaction has no {field}"),
            "sync again; if it stays, ask the cloud's support",
        )
        .at(format!("QueryAccountTransactions.{field}"))
    };
    Ok(desk_store::TransactionRow {
        customer: customer.to_owned(),
        number: row.transaction_number.clone().ok_or_else(|| missing("TransactionNumber"))?,
        record_id: row.record_id.clone().unwrap_or_default(),
        txn_type: row.transaction_type.as_ref().map_or(String::new(), |t| t.as_str().to_owned()),
        flow: row.transaction_flow.as_ref().map_or(String::new(), |f| f.as_str().to_owned()),
        channel: row.transaction_channel.as_ref().map_or(String::new(), |c| c.as_str().to_owned()),
        fund_type: row.fund_type.as_ref().map_or(String::new(), |f| f.as_str().to_owned()),
        amount: row.amount.unwrap_or(Decimal::ZERO),
        at: row.transaction_time.ok_or_else(|| missing("TransactionTime"))?,
        raw: Json::of(row)?,
    })
}
