//! The refund history: every refund order that the cloud holds, made here or elsewhere, with the money that was seen.

use std::path::{Path, PathBuf};

use desk_report::HistoryRow;
use desk_store::{Json, OrderHead, Read, RefundFilter, RefundRow as StoredRefund};
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use crate::day::day_start;
use crate::error::DeskError;
use crate::facts::{related_orders, wire};
use crate::home::Desk;
use crate::merged;
use crate::views::{Exported, HistoryPage, HistoryQuery, Money, RefundPart, RefundRow};

/// Most rows of one page.
const PAGE_LIMIT: u32 = 500;

impl Desk {
    /// One page of the history, newest first.
    pub fn history(&self, query: &HistoryQuery) -> Result<HistoryPage, DeskError> {
        let filter = filter_of(query);
        self.store.read(|r| {
            let page = r.refunds().page(&filter, query.offset, query.limit.min(PAGE_LIMIT))?;
            let names = names(r)?;
            Ok(HistoryPage {
                total: page.total,
                offset: query.offset,
                rows: page.rows.into_iter().map(|row| view_of(row, &names)).collect::<Result<_, DeskError>>()?,
                totals: page
                    .totals
                    .into_iter()
                    .map(|sum| Money { amount: sum.amount, currency: sum.currency })
                    .collect(),
            })
        })
    }

    /// Writes the history that the query shows, all of its pages, as CSV: to `to`, or to a dated file in the home's `exports`.
    /// The file appears whole or not at all. Errors: `export_failed`.
    pub fn export_history(&self, query: &HistoryQuery, to: Option<&Path>) -> Result<Exported, DeskError> {
        let rows = self.all_history(query)?;
        let uids = self.store.read(|r| r.connections().list())?;
        let lines: Vec<HistoryRow> = rows
            .into_iter()
            .map(|row| {
                let uid = uids.iter().find(|c| c.id == row.customer).map(|c| c.uid.clone()).unwrap_or_default();
                line_of(row, uid)
            })
            .collect();
        let mut bytes = Vec::new();
        let written = desk_report::write_history_csv(lines.iter(), self.is_sandbox(), &mut bytes)
            .map_err(|why| DeskError::new("export_failed", why.to_string(), "try again; if it stays, tell us"))?;
        let path = to.map_or_else(|| self.export_path(), Path::to_owned);
        write_whole(&path, &bytes)?;
        Ok(Exported { path: path.display().to_string(), rows: written, sha256: hex::encode(Sha256::digest(&bytes)) })
    }

    pub(crate) fn all_history(&self, query: &HistoryQuery) -> Result<Vec<RefundRow>, DeskError> {
        let mut rows = Vec::new();
        loop {
            let offset = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            let page = self.history(&HistoryQuery { offset, limit: PAGE_LIMIT, ..query.clone() })?;
            let done = page.rows.is_empty();
            rows.extend(page.rows);
            if done || rows.len() >= page.total as usize {
                return Ok(rows);
            }
        }
    }

    fn export_path(&self) -> PathBuf {
        let kind = if self.is_sandbox() { "sandbox-refund-history" } else { "refund-history" };
        self.dir().join("exports").join(format!("{kind}-{}.csv", self.now().format("%Y%m%d-%H%M%S")))
    }

    /// Brings the history up to the orders and movements in the cache.
    pub(crate) fn project_refunds(&self, customer: &str) -> Result<(), DeskError> {
        let rows = self.store.read(|r| {
            let mut rows = Vec::new();
            for head in r.orders().list(customer)? {
                if wire::is_refund(&head.order_type) {
                    rows.push(refund_of(r, &head)?);
                }
            }
            merged::share(&mut rows)?;
            Ok::<_, DeskError>(rows)
        })?;
        self.write(move |tx, _| {
            for mut row in rows {
                // The link to a request is the reconcile's; it stays.
                if let Some(old) = tx.refunds().get(&row.customer, &row.refund_order)? {
                    (row.request, row.also_answers) = (old.request, old.also_answers);
                    (row.predicted, row.reason) = (old.predicted, old.reason);
                }
                tx.refunds().put(&row)?;
            }
            Ok(())
        })
    }
}

/// A refund order with what arrived of it.
fn refund_of(read: &Read<'_>, head: &OrderHead) -> Result<StoredRefund, DeskError> {
    let parts = read.order_parts().of_order(&head.customer, &head.id)?;
    let resource = match parts.iter().find(|p| !p.instance.is_empty()) {
        Some(part) => part.instance.clone(),
        None => related_resource(read, head)?,
    };
    let (mut arrived, mut arrived_at, mut seen) = (Decimal::ZERO, None, Vec::new());
    for transaction in read.transactions().of_record(&head.customer, &head.id)? {
        if transaction.txn_type.eq_ignore_ascii_case("refund") && transaction.flow.eq_ignore_ascii_case("income") {
            arrived += transaction.amount.abs();
            arrived_at = arrived_at.max(Some(transaction.at));
            seen.push(RefundPart {
                to: wire::method(&transaction.channel).word().to_owned(),
                amount: transaction.amount.abs(),
                at: transaction.at,
            });
        }
    }
    let amount = if parts.is_empty() { head.pretax.abs() } else { parts.iter().map(|p| p.cash + p.coupon).sum() };
    Ok(StoredRefund {
        customer: head.customer.clone(),
        refund_order: head.id.clone(),
        resource,
        product: head.product.clone(),
        related: related_orders(head, &parts),
        currency: head.currency.clone(),
        amount,
        created_at: head.created_at,
        arrived,
        arrived_at: if arrived >= amount { arrived_at } else { None },
        parts: Json::of(&seen)?,
        request: None,
        also_answers: Vec::new(),
        predicted: None,
        reason: None,
    })
}

fn related_resource(read: &Read<'_>, head: &OrderHead) -> Result<String, DeskError> {
    let Some(related) = &head.related_order else { return Ok(String::new()) };
    let parts = read.order_parts().of_order(&head.customer, related)?;
    Ok(match parts.as_slice() {
        [only] => only.instance.clone(),
        _ => String::new(),
    })
}

fn filter_of(query: &HistoryQuery) -> RefundFilter {
    RefundFilter {
        customer: query.customer.clone(),
        text: query.text.trim().to_owned(),
        created_from: query.from.map(day_start),
        created_until: query.to.and_then(|day| day.succ_opt()).map(day_start),
    }
}

fn names(read: &Read<'_>) -> Result<Vec<(String, String)>, DeskError> {
    Ok(read.connections().list()?.into_iter().map(|c| (c.id, c.name)).collect())
}

fn view_of(row: StoredRefund, names: &[(String, String)]) -> Result<RefundRow, DeskError> {
    let name = names.iter().find(|(id, _)| *id == row.customer).map(|(_, name)| name.clone());
    let order_status = if row.arrived >= row.amount {
        "refunded"
    } else if row.arrived.is_zero() {
        "refunding"
    } else {
        "part_refunded"
    };
    Ok(RefundRow {
        customer_name: name.unwrap_or_else(|| row.customer.clone()),
        customer: row.customer,
        refund_order: row.refund_order,
        resource: row.resource,
        product: row.product,
        related_orders: row.related,
        order_status: order_status.to_owned(),
        currency: row.currency,
        amount: row.amount,
        arrived: row.arrived,
        unsubscribe_to: row.parts.read()?,
        refunded_at: row.created_at,
        arrived_at: row.arrived_at,
        request: row.request,
        also_answers: row.also_answers,
        difference: row.predicted.map(|predicted| row.amount - predicted),
        predicted: row.predicted,
        reason: row.reason,
    })
}

fn line_of(row: RefundRow, customer_uid: String) -> HistoryRow {
    HistoryRow {
        customer: row.customer_name,
        customer_uid,
        refund_order: row.refund_order,
        resource: row.resource,
        product: row.product,
        related_orders: row.related_orders,
        order_status: row.order_status,
        currency: row.currency,
        amount: row.amount,
        arrived: row.arrived,
        unsubscribe_to: row
            .unsubscribe_to
            .into_iter()
            .map(|p| desk_report::RefundPart { to: p.to, amount: p.amount, at: p.at })
            .collect(),
        refunded_at: row.refunded_at,
        arrived_at: row.arrived_at,
        request: row.request.map(|first| [vec![first], row.also_answers].concat().join(", ")),
        predicted: row.predicted,
        difference: row.difference,
        reason: row.reason,
    }
}

/// Writes beside the file and renames: a reader never sees half of it.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), DeskError> {
    let failed = |why: std::io::Error| {
        DeskError::new(
            "export_failed",
            format!("the file cannot be written: {why}"),
            "choose a folder that can be written to, with space left",
        )
        .at(path.display().to_string())
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    std::fs::write(&beside, bytes).map_err(failed)?;
    std::fs::rename(&beside, path).map_err(failed)
}
