//! From the rows of a file to the cache: lines first, then each order that they change, then its resources.

use std::collections::BTreeSet;

use desk_store::{
    FILE_NUMBER, FROM_API, FROM_FILE, ImportedFile, ImportedLine, Json, OrderHead, OrderPart, ResourceRow,
    TransactionRow, Write,
};
use refund_rules::case::{Billing, Kind, ResourceStatus};
use refund_rules::{minor_units, split_evenly};
use rust_decimal::Decimal;

use super::columns::FileKind;
use super::rows::{Line, Paid};
use super::{FileMark, file_resource};
use crate::error::DeskError;
use crate::facts::{self, wire};
use crate::sync::count;

/// Keeps the lines of one chunk and brings their orders up to them.
pub(super) fn chunk(tx: &mut Write<'_>, file: &ImportedFile, lines: &[Line]) -> Result<(), DeskError> {
    let without_api = tx.connections().get(&file.customer)?.is_some_and(|connection| connection.is_imported_only());
    let mut touched: BTreeSet<String> = BTreeSet::new();
    for order in lines.chunk_by(|a, b| a.order == b.order) {
        let id = &order[0].order;
        if tx.orders().get(&file.customer, id)?.is_some_and(|head| head.source == FROM_API) {
            continue;
        }
        // What a part was on before may no longer be one of its resources.
        touched.extend(tx.order_parts().of_order(&file.customer, id)?.into_iter().map(|part| part.instance));
        keep_lines(tx, file, order)?;
        project_order(tx, &file.customer, id)?;
        touched.extend(tx.order_parts().of_order(&file.customer, id)?.into_iter().map(|part| part.instance));
    }
    if without_api {
        touched.remove("");
        for instance in &touched {
            project_resource(tx, &file.customer, instance)?;
        }
    }
    Ok(())
}

/// The API gave this order: what files said of it goes.
pub(crate) fn yield_to_api(tx: &mut Write<'_>, customer: &str, order: &str) -> Result<(), DeskError> {
    tx.order_parts().replace_for_order(customer, order, &[])?;
    Ok(tx.transactions().forget_from_files(customer, order)?)
}

fn keep_lines(tx: &mut Write<'_>, file: &ImportedFile, lines: &[Line]) -> Result<(), DeskError> {
    if file.kind == FileKind::Orders.word() {
        tx.imported_lines().forget(&file.customer, &lines[0].order, &file.kind)?;
    }
    for line in lines {
        tx.imported_lines().put(&ImportedLine {
            customer: file.customer.clone(),
            order_id: line.order.clone(),
            kind: file.kind.clone(),
            line: line.line.clone(),
            doc: Json::of(line)?,
            dated: file.dated,
            entry_seq: file.entry_seq,
        })?;
    }
    Ok(())
}

fn project_order(tx: &mut Write<'_>, customer: &str, order: &str) -> Result<(), DeskError> {
    let rows = tx.imported_lines().of_order(customer, order)?;
    let Some(told) = Told::of(&rows)? else { return Ok(()) };
    let head = told.head(customer, order, &rows)?;
    let parts = told.parts(&head)?;
    tx.orders().put(&head)?;
    tx.order_parts().replace_for_order(customer, order, &parts)?;
    tx.transactions().forget_from_files(customer, order)?;
    // The API's movements tell all of the money; beside them a file's would be counted twice.
    if tx.transactions().of_record(customer, order)?.is_empty() {
        tx.transactions().upsert_page(&told.movements(&head)?)?;
    }
    Ok(())
}

/// What files say of one order.
struct Told {
    /// By kind: the order export, then the bills, the new form first.
    kinds: Vec<(FileKind, Vec<Line>)>,
    /// Place of the kind that tells the parts.
    parts: usize,
}

impl Told {
    fn of(rows: &[ImportedLine]) -> Result<Option<Self>, DeskError> {
        let mut kinds = Vec::new();
        for kind in [FileKind::Orders, FileKind::BillV2, FileKind::Bill] {
            let of_kind = rows.iter().filter(|row| row.kind == kind.word());
            let lines = of_kind.map(|row| row.doc.read::<Line>()).collect::<Result<Vec<_>, _>>()?;
            if !lines.is_empty() {
                kinds.push((kind, lines));
            }
        }
        let all = |fits: fn(&Line) -> bool| kinds.iter().position(|(_, lines)| lines.iter().all(fits));
        let timed = all(|line| line.start.is_some() && line.end.is_some() && !line.instances.is_empty());
        let parts = timed.or_else(|| all(|line| !line.instances.is_empty())).unwrap_or(0);
        Ok((!kinds.is_empty()).then_some(Self { kinds, parts }))
    }

    fn part_lines(&self) -> &[Line] {
        &self.kinds[self.parts].1
    }

    /// The first that any line tells, the order export's lines first.
    fn first<T>(&self, tells: impl Fn(&Line) -> Option<T>) -> Option<T> {
        self.kinds.iter().flat_map(|(_, lines)| lines).find_map(tells)
    }

    fn head(&self, customer: &str, order: &str, rows: &[ImportedLine]) -> Result<OrderHead, DeskError> {
        let lines = self.part_lines();
        let sum = |amount: fn(&Line) -> Decimal| -> Decimal { lines.iter().map(amount).sum() };
        let word = |text: &String| (!text.is_empty()).then(|| text.clone());
        let order_type = self.first(|line| word(&line.order_type)).unwrap_or_default();
        let payment_status = if wire::is_refund(&order_type) { None } else { self.first(|line| line.status.clone()) };
        let paid_at = self.first(|line| line.paid_at);
        let made_at = self.first(|line| line.created_at).or(paid_at).ok_or_else(|| unreadable(order))?;
        let facts_at = rows.iter().map(|row| row.dated).min().ok_or_else(|| unreadable(order))?;
        let told_by = |amount: fn(&Line) -> Decimal| -> BTreeSet<Decimal> {
            self.kinds.iter().map(|(_, lines)| lines.iter().map(amount).sum::<Decimal>().normalize()).collect()
        };
        let mark = FileMark {
            from: FROM_FILE.to_owned(),
            kinds: self.kinds.iter().map(|(kind, _)| *kind).collect(),
            differ: told_by(|line| line.list).len() > 1 || told_by(|line| line.cash).len() > 1,
            plan: self.first(|line| line.plan.then_some(())).is_some(),
        };
        // Paid for something that it does not name: it may be of any resource of its product.
        let of_nothing =
            payment_status.as_deref() == Some("Paid") && lines.iter().any(|line| line.instances.is_empty());
        Ok(OrderHead {
            customer: customer.to_owned(),
            id: order.to_owned(),
            payment_status,
            created_at: made_at,
            paid_at,
            currency: self.first(|line| word(&line.currency)).unwrap_or_default(),
            product: self.first(|line| word(&line.product)).unwrap_or_default(),
            gross: sum(|line| line.list),
            pretax: sum(|line| line.cash + line.coupon),
            tax: sum(|line| line.tax),
            related_order: self.first(|line| line.related.clone()),
            settled: !of_nothing,
            facts_at,
            raw: Json::of(&mark)?,
            source: FROM_FILE.to_owned(),
            order_type,
        })
    }

    /// One part a line and instance, split evenly to the minor unit (refund-rules section 16).
    fn parts(&self, head: &OrderHead) -> Result<Vec<OrderPart>, DeskError> {
        let places = minor_units(&head.currency);
        let refund = wire::is_refund(&head.order_type);
        let mut parts = Vec::new();
        for line in self.part_lines() {
            let mut instances = line.instances.clone();
            if instances.is_empty() && refund {
                // Kept all the same: the amount is real, and a related order tells the resource.
                instances.push(String::new());
            }
            let share = |total: Decimal| split_evenly(total, count(instances.len()), places);
            let (lists, cashes) = (share(line.list), share(line.cash));
            let (coupons, taxes) = (share(line.coupon), share(line.tax));
            for (i, instance) in instances.iter().enumerate() {
                parts.push(OrderPart {
                    customer: head.customer.clone(),
                    order_id: head.id.clone(),
                    sub_order: line.line.clone(),
                    instance: instance.clone(),
                    part_type: if refund { "RefundSubOrder" } else { "ProductSubOrder" }.to_owned(),
                    start_at: line.start,
                    end_at: line.end,
                    list: lists[i],
                    cash: cashes[i],
                    coupon: coupons[i],
                    tax: taxes[i],
                    raw: Json::of(line)?,
                });
            }
        }
        Ok(parts)
    }

    /// Movements of money that the files tell with the way they went.
    fn movements(&self, head: &OrderHead) -> Result<Vec<TransactionRow>, DeskError> {
        let of_kind = |lines: &[Line]| -> Vec<Paid> { lines.iter().flat_map(|line| line.payments.clone()).collect() };
        let mut paid = of_kind(self.part_lines());
        if paid.is_empty() {
            paid = self.kinds.iter().map(|(_, lines)| of_kind(lines)).find(|paid| !paid.is_empty()).unwrap_or_default();
        }
        let row = |(i, paid): (usize, &Paid)| -> Result<TransactionRow, DeskError> {
            Ok(TransactionRow {
                customer: head.customer.clone(),
                number: format!("{FILE_NUMBER}{}:{i}", head.id),
                record_id: head.id.clone(),
                txn_type: "Payment".to_owned(),
                flow: "Expense".to_owned(),
                channel: paid.channel.clone(),
                fund_type: String::new(),
                amount: paid.amount,
                at: head.paid_at.unwrap_or(head.created_at),
                raw: Json::of(paid)?,
            })
        };
        paid.iter().enumerate().map(row).collect()
    }
}

fn unreadable(order: &str) -> DeskError {
    DeskError::new(
        "import_damaged",
        format!("what was kept of order `{order}` from a file cannot be read"),
        "import the file again; if it stays, restore the journal from a backup",
    )
    .at("journal.db, table imported_file")
}

/// A resource that only files tell: as old as the oldest word on it. How it stands is not known; its orders tell when it ends.
fn project_resource(tx: &mut Write<'_>, customer: &str, instance: &str) -> Result<(), DeskError> {
    let parts = tx.order_parts().of_instance(customer, instance)?;
    let (mut chain, mut refunded) = (Vec::new(), BTreeSet::new());
    for part in parts {
        let Some(head) = tx.orders().get(customer, &part.order_id)? else { continue };
        let plan = head.source == FROM_FILE && head.raw.read::<FileMark>()?.plan;
        if wire::is_refund(&head.order_type) {
            refunded.extend(head.related_order);
        } else if !plan {
            chain.push((head, part));
        }
    }
    let oldest = chain.iter().map(|(head, _)| head.facts_at).min();
    let (Some(facts_at), Some((created_at, end_at))) = (oldest, facts::frame_of(&chain, &refunded)) else {
        return forget_resource(tx, customer, instance);
    };
    let regions = chain.iter().filter_map(|(_, part)| part.raw.read::<Line>().ok().map(|line| line.region));
    let region = regions.into_iter().find(|region| !region.is_empty());
    let row = ResourceRow {
        customer: customer.to_owned(),
        id: instance.to_owned(),
        product: chain.iter().map(|(head, _)| head.product.clone()).find(|code| !code.is_empty()).unwrap_or_default(),
        product_type: String::new(),
        kind: Kind::Instance.word().to_owned(),
        region: region.unwrap_or_default(),
        billing: Billing::Subscription.word().to_owned(),
        status: ResourceStatus::Normal.word().to_owned(),
        renew_status: None,
        created_at,
        end_at,
        usage: None,
        raw: file_resource()?,
        facts_at,
        gone_at: None,
    };
    tx.resources().upsert_page(&[row], 0)?;
    Ok(())
}

/// No order is left on it: a later file corrected the only one that named it.
fn forget_resource(tx: &mut Write<'_>, customer: &str, instance: &str) -> Result<(), DeskError> {
    let Some(row) = tx.resources().get(customer, instance)?.filter(|row| row.gone_at.is_none()) else { return Ok(()) };
    let gone = ResourceRow { gone_at: Some(row.facts_at), ..row };
    tx.resources().upsert_page(&[gone], 0)?;
    Ok(())
}
