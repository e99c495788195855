//! From the rows of a file to the cache: lines first, then each order that they change, then its resources.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use desk_store::{
    ConnectionRow, FILE_NUMBER, FROM_API, FROM_FILE, ImportedFile, ImportedLine, Json, OrderHead, OrderPart, Read,
    ResourceRow, TransactionRow, Write,
};
use refund_rules::case::{Billing, Kind, ResourceStatus};
use refund_rules::{minor_units, split_evenly, within_bounds};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::columns::FileKind;
use super::refusal::Reason;
use super::rows::{Line, Paid};
use super::{FileMark, file_resource};
use crate::error::DeskError;
use crate::facts::{self, wire};
use crate::sync::count;

/// Most lines that one kind of file may tell of one order.
pub(super) const LINES_MAX: usize = 2000;

/// Most parts of one order: its lines by their instances.
const PARTS_MAX: usize = 10_000;

/// Codes of what makes a chunk one that cannot be projected; any other error is of the home.
const DAMAGED: &str = "import_damaged";
const OUT_OF_BOUNDS: &str = "order_out_of_bounds";

/// True for an error that lies in what was kept of a file.
pub(super) fn is_of_the_chunk(error: &DeskError) -> bool {
    [DAMAGED, OUT_OF_BOUNDS].contains(&error.code())
}

/// The API gave this order whole. What a partner's key shows of one has neither instances nor periods: a file tells more of it.
pub(super) fn is_of_api(read: &Read<'_>, connection: &ConnectionRow, order: &str) -> Result<bool, DeskError> {
    if read.orders().get(&connection.id, order)?.is_none_or(|head| head.source != FROM_API) {
        return Ok(false);
    }
    Ok(connection.lists_resources() || !read.order_parts().of_order(&connection.id, order)?.is_empty())
}

/// What becomes of an order with these lines beside those that are known; nothing is kept. Errors: what would make its chunk one
/// that cannot be projected.
pub(super) fn try_order(
    customer: &str,
    kind: FileKind,
    dated: DateTime<Utc>,
    known: &[ImportedLine],
    lines: &[&Line],
) -> Result<(), Reason> {
    let Some(order) = lines.first().map(|line| &line.order) else { return Ok(()) };
    let replaced: BTreeSet<&str> = lines.iter().map(|line| line.line.as_str()).collect();
    let stays =
        |row: &&ImportedLine| row.kind != kind.word() || (kind.is_bill() && !replaced.contains(row.line.as_str()));
    let mut all = Vec::new();
    for row in known.iter().filter(stays) {
        let known = FileKind::from_word(&row.kind).map(|kind| Ok((kind, line_of(row)?))).transpose();
        all.extend(known.map_err(unreadable)?);
    }
    all.extend(lines.iter().map(|&line| (kind, line.clone())));
    let Some(told) = Told::of(order, all)? else { return Ok(()) };
    let projected = || {
        let head = told.head(customer, order, dated)?;
        told.parts(&head)?;
        told.movements(&head)
    };
    projected().map(drop).map_err(unreadable)
}

/// A failure of the desk's own on one order, as the reason why its lines are refused.
fn unreadable(error: DeskError) -> Reason {
    Reason::Damaged { why: error.message().to_owned() }
}

fn line_of(row: &ImportedLine) -> Result<Line, DeskError> {
    row.doc.read().map_err(|why| damaged(&format!("what was kept of order `{}`", row.order_id), &why.to_string()))
}

/// Keeps the lines of one chunk and brings their orders up to them.
pub(super) fn chunk(tx: &mut Write<'_>, file: &ImportedFile, lines: &[Line]) -> Result<(), DeskError> {
    // The files go with their customer.
    let Some(connection) = tx.connections().get(&file.customer)? else { return Ok(()) };
    let mut touched: BTreeSet<String> = BTreeSet::new();
    for order in lines.chunk_by(|a, b| a.order == b.order) {
        let id = &order[0].order;
        if is_of_api(tx, &connection, id)? {
            continue;
        }
        // What a part was on before may no longer be one of its resources.
        touched.extend(tx.order_parts().of_order(&file.customer, id)?.into_iter().map(|part| part.instance));
        keep_lines(tx, file, order)?;
        project_order(tx, &file.customer, id)?;
        touched.extend(tx.order_parts().of_order(&file.customer, id)?.into_iter().map(|part| part.instance));
    }
    if !connection.lists_resources() {
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
    let mut lines = Vec::new();
    for row in &rows {
        lines.extend(FileKind::from_word(&row.kind).map(|kind| Ok::<_, DeskError>((kind, line_of(row)?))).transpose()?);
    }
    let told = Told::of(order, lines).map_err(|reason| out_of_bounds(&reason))?;
    let (Some(told), Some(facts_at)) = (told, rows.iter().map(|row| row.dated).min()) else { return Ok(()) };
    let head = told.head(customer, order, facts_at)?;
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
    /// Refused: an order that is out of bounds.
    fn of(order: &str, told: Vec<(FileKind, Line)>) -> Result<Option<Self>, Reason> {
        let mut kinds = [FileKind::Orders, FileKind::BillV2, FileKind::Bill].map(|kind| (kind, Vec::new())).to_vec();
        for (kind, line) in told {
            if let Some((_, lines)) = kinds.iter_mut().find(|(of, _)| *of == kind) {
                lines.push(line);
            }
        }
        kinds.retain(|(_, lines)| !lines.is_empty());
        for (_, lines) in &kinds {
            check_bounds(order, lines)?;
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

    fn head(&self, customer: &str, order: &str, facts_at: DateTime<Utc>) -> Result<OrderHead, DeskError> {
        let lines = self.part_lines();
        let sum = |amount: fn(&Line) -> Decimal| -> Decimal { lines.iter().map(amount).sum() };
        let word = |text: &String| (!text.is_empty()).then(|| text.clone());
        let order_type = self.first(|line| word(&line.order_type)).unwrap_or_default();
        let payment_status = if wire::is_refund(&order_type) { None } else { self.first(|line| line.status.clone()) };
        let paid_at = self.first(|line| line.paid_at);
        let made_at = self
            .first(|line| line.created_at)
            .or(paid_at)
            .ok_or_else(|| damaged(&format!("what was kept of order `{order}`"), "nothing says when it was made"))?;
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
            let raw = Json::of(&PartMark { from: FROM_FILE.to_owned(), region: line.region.clone() })?;
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
                    raw: raw.clone(),
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

/// What stands in the `raw` column of a part: the line itself stands once, in `imported_line`, however many parts it has.
#[derive(Serialize, Deserialize)]
struct PartMark {
    from: String,
    region: String,
}

/// A checked sum; `None` when it is no sum of money.
fn total(lines: &[Line], amount: fn(&Line) -> Option<Decimal>) -> Option<Decimal> {
    let sum = lines.iter().try_fold(Decimal::ZERO, |sum, line| sum.checked_add(amount(line)?))?;
    within_bounds(sum).then_some(sum)
}

/// Holds the lines of one kind of file to the bounds within which nothing overflows.
fn check_bounds(order: &str, lines: &[Line]) -> Result<(), Reason> {
    let named = || order.to_owned();
    if lines.len() > LINES_MAX {
        return Err(many_lines(order));
    }
    if lines.iter().map(|line| line.instances.len()).sum::<usize>() > PARTS_MAX {
        return Err(Reason::ManyParts { order: named(), most: PARTS_MAX.to_string() });
    }
    let amounts = |line: &Line| [line.list, line.cash, line.coupon, line.tax];
    let paid = |line: &Line| line.payments.iter().all(|paid| within_bounds(paid.amount));
    if !lines.iter().all(|line| amounts(line).into_iter().all(within_bounds) && paid(line)) {
        return Err(Reason::NoSumOfMoney { order: named() });
    }
    let sums: [fn(&Line) -> Option<Decimal>; 3] =
        [|line| Some(line.list), |line| line.cash.checked_add(line.coupon), |line| Some(line.tax)];
    if sums.into_iter().any(|amount| total(lines, amount).is_none()) {
        return Err(Reason::SumTooLarge { order: named() });
    }
    Ok(())
}

pub(super) fn many_lines(order: &str) -> Reason {
    Reason::ManyLines { order: order.to_owned(), most: LINES_MAX.to_string() }
}

fn out_of_bounds(reason: &Reason) -> DeskError {
    let next = "look at its lines in the file; correct the file at its source and import it again";
    DeskError::new(OUT_OF_BOUNDS, reason.sentence(), next).at("journal.db, table imported_file")
}

/// Something that was kept of a file and cannot be read.
pub(super) fn damaged(what: &str, why: &str) -> DeskError {
    DeskError::new(
        DAMAGED,
        format!("{what} from a file cannot be read: {why}"),
        "restore the journal from a backup, or remove the customer and import its files again",
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
    let regions = chain.iter().filter_map(|(_, part)| part.raw.read::<PartMark>().ok().map(|mark| mark.region));
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
