//! One row of a file as a line of an order, or the reason why it is none.
//!
//! Of the amounts only the list price and what was asked in cash, coupons and tax matter to the rules (refund-rules section 16).
//! Files say what was asked in several ways; where they say it more than once, the ways must agree, or the row is refused.

use std::collections::HashSet;

use chrono::{DateTime, FixedOffset, Utc};
use refund_rules::{minor_units, within_bounds};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::columns::{Field, FileKind, Mapping};
use super::read::Row;
use super::refusal::Reason;
use super::report::RefusedRow;
use super::{amount, time, words};
use crate::facts::wire;

/// Most characters of an order id; the cloud's have 15 to 20.
const ORDER_ID_MAX: usize = 40;

/// Most characters of an instance id.
const INSTANCE_ID_MAX: usize = 128;

/// Most instances of one line.
const INSTANCES_MAX: usize = 1000;

/// Most characters of a text that is kept as it is.
const TEXT_MAX: usize = 200;

/// What stands in a cell that holds nothing.
const EMPTY: [&str; 5] = ["", "-", "--", "—", "/"];

/// A line of an order as it is kept. Amounts in `currency`, those of refunds positive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub order: String,
    /// Tells the lines of one order apart.
    pub line: String,
    /// In the billing API's words; empty when the file does not tell.
    pub order_type: String,
    /// `Paid`, `Unpaid`, `Cancelled`; none for refunds.
    pub status: Option<String>,
    pub related: Option<String>,
    pub created_at: Option<DateTime<Utc>>,
    pub paid_at: Option<DateTime<Utc>>,
    pub start: Option<DateTime<Utc>>,
    pub end: Option<DateTime<Utc>>,
    /// Product code; empty when the file names a product that has no known code.
    pub product: String,
    /// A resource plan, savings plan or the like.
    pub plan: bool,
    pub instances: Vec<String>,
    pub region: String,
    pub currency: String,
    pub list: Decimal,
    pub cash: Decimal,
    pub coupon: Decimal,
    pub tax: Decimal,
    /// How it was paid, as far as the file tells.
    pub payments: Vec<Paid>,
}

/// A part of the cash with the channel it was paid by, in the billing API's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Paid {
    pub channel: String,
    pub amount: Decimal,
}

/// What a row turned out to be.
pub(super) enum Read {
    Line(Box<Line>),
    /// Nothing that an order's file is read for: use by the hour, an adjustment.
    Ignored,
    /// With the order that it is of, where that could be read: the order is then not whole.
    Refused(RefusedRow, Option<String>),
}

/// What all rows of a file are read by.
pub(super) struct Reader<'a> {
    pub kind: FileKind,
    pub mapping: &'a Mapping,
    pub zone: FixedOffset,
    /// The customer's account.
    pub uid: &'a str,
    /// Holds where the file names none.
    pub currency: &'a str,
}

/// Start and end of a service period, as far as they are told.
type Period = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// The field that a row is refused for, and why.
type Fault = (Field, Reason);

impl Reader<'_> {
    /// Reads one row.
    pub fn read(&self, row: &Row) -> Read {
        let cells = RowCells { reader: self, cells: &row.cells };
        if let Some(reason) = &row.fault {
            // Its cells may be shifted; the order id stands early and is the best that can be had.
            return Read::Refused(RefusedRow::whole(row.line, reason), cells.order().ok());
        }
        if cells.is_no_order() {
            return Read::Ignored;
        }
        match cells.line() {
            Ok(line) => Read::Line(Box::new(line)),
            Err((field, reason)) => Read::Refused(RefusedRow::of(row.line, field.word(), &reason), cells.order().ok()),
        }
    }

    /// Names of products that have no known code; for the preview.
    pub fn unknown_product(&self, row: &Row) -> Option<String> {
        let cells = RowCells { reader: self, cells: &row.cells };
        cells.product().is_empty().then(|| amount::shown(cells.text(Field::ProductName).unwrap_or_default()))
    }
}

struct RowCells<'a> {
    reader: &'a Reader<'a>,
    cells: &'a [String],
}

impl RowCells<'_> {
    /// The cell of a field; `None` when it is empty or there is no column.
    fn text(&self, field: Field) -> Option<&str> {
        self.reader.mapping.cell(field, self.cells).map(words::unguarded).filter(|text| !EMPTY.contains(text))
    }

    fn is_no_order(&self) -> bool {
        let by_hour = |field| self.text(field).is_some_and(words::is_no_order);
        by_hour(Field::Billing)
            || self.text(Field::OrderType).is_some_and(|word| words::order_type(word) == words::POSTPAID)
            || (self.reader.kind.is_bill() && by_hour(Field::Item))
    }

    fn line(&self) -> Result<Line, Fault> {
        let order = self.order()?;
        self.check_account()?;
        let order_type = self.order_type()?;
        let refund = wire::is_refund(&order_type);
        let currency = self.currency()?;
        let instances = self.instances()?;
        let (start, end) = self.period()?;
        let mut line = Line {
            line: self.line_key(&instances)?,
            status: if refund { None } else { Some(self.status()?.to_owned()) },
            related: self.id(Field::Related)?.filter(|related| *related != order),
            created_at: self.instant(Field::CreatedAt)?,
            paid_at: self.instant(Field::PaidAt)?,
            start,
            end,
            product: self.product(),
            plan: [Field::ProductName, Field::CommodityName].iter().any(|&f| self.text(f).is_some_and(words::is_plan)),
            region: self.kept_text(Field::Region)?,
            list: self.priced(Field::List, &currency)?.ok_or((Field::List, Reason::NoListPrice {}))?,
            cash: Decimal::ZERO,
            coupon: self.deducted(&currency)?,
            tax: self.priced(Field::Tax, &currency)?.unwrap_or_default(),
            payments: Vec::new(),
            order,
            order_type,
            instances,
            currency,
        };
        if line.created_at.is_none() && line.paid_at.is_none() {
            let field = if self.reader.kind.is_bill() { Field::PaidAt } else { Field::CreatedAt };
            return Err((field, Reason::NoTime {}));
        }
        line.cash = self.cash(&line)?;
        self.check_signs(&mut line, refund)?;
        line.payments = if refund { Vec::new() } else { self.payments(&line)? };
        Ok(line)
    }

    fn order(&self) -> Result<String, Fault> {
        self.id(Field::Order)?.ok_or((Field::Order, Reason::NoOrder {}))
    }

    fn id(&self, field: Field) -> Result<Option<String>, Fault> {
        let Some(text) = self.text(field) else { return Ok(None) };
        let fits =
            text.len() <= ORDER_ID_MAX && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        // A spreadsheet writes 210000000000001 as 2.1E+14, and its last digits are lost.
        if fits { Ok(Some(text.to_owned())) } else { Err((field, Reason::BadOrder { cell: amount::shown(text) })) }
    }

    /// Rows of other accounts stand in the bills of who pays for several: they are not this customer's.
    fn check_account(&self) -> Result<(), Fault> {
        let uid = |field| self.text(field).filter(|text| text.len() >= 10 && text.bytes().all(|b| b.is_ascii_digit()));
        let (field, told) = match (uid(Field::Owner), uid(Field::Account)) {
            (Some(owner), _) => (Field::Owner, owner),
            (None, Some(account)) => (Field::Account, account),
            (None, None) => return Ok(()),
        };
        if told == self.reader.uid {
            return Ok(());
        }
        Err((field, Reason::OtherAccount { told: told.to_owned(), customer: self.reader.uid.to_owned() }))
    }

    /// Of a bill's line the item alone may tell that it pays back.
    fn order_type(&self) -> Result<String, Fault> {
        let told = self.kept_text(Field::OrderType)?;
        let told = words::order_type(&told);
        let pays_back = self.reader.kind.is_bill() && self.text(Field::Item).is_some_and(words::is_refund_item);
        Ok(if pays_back { "Refund".to_owned() } else { told })
    }

    /// A bill lists what was settled; an order without a status may be anything.
    fn status(&self) -> Result<&'static str, Fault> {
        match self.text(Field::Status) {
            Some(text) => {
                words::status(text).ok_or_else(|| (Field::Status, Reason::UnknownStatus { cell: amount::shown(text) }))
            }
            None if self.reader.kind.is_bill() => Ok("Paid"),
            None => Err((Field::Status, Reason::NoStatus {})),
        }
    }

    fn product(&self) -> String {
        let named = |field| self.text(field).and_then(words::product);
        named(Field::Product).or_else(|| named(Field::ProductName)).unwrap_or_default()
    }

    fn currency(&self) -> Result<String, Fault> {
        match self.text(Field::Currency) {
            None => Ok(self.reader.currency.to_owned()),
            Some(text) => words::currency(text)
                .map(str::to_owned)
                .ok_or_else(|| (Field::Currency, Reason::UnknownCurrency { cell: amount::shown(text) })),
        }
    }

    fn instances(&self) -> Result<Vec<String>, Fault> {
        let Some(text) = self.text(Field::Instance) else { return Ok(Vec::new()) };
        let (mut ids, mut seen) = (Vec::new(), HashSet::new());
        let between =
            |letter: char| letter.is_whitespace() || matches!(letter, ',' | ';' | '、' | '|' | '[' | ']' | '"');
        for id in text.split(between).filter(|id| !id.is_empty() && !matches!(*id, "-" | "--")) {
            let fits = id.len() <= INSTANCE_ID_MAX
                && id.starts_with(|first: char| first.is_ascii_alphanumeric())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'/'));
            if !fits {
                return Err((Field::Instance, Reason::BadInstance { cell: amount::shown(id) }));
            }
            if !seen.insert(id) {
                continue;
            }
            if ids.len() == INSTANCES_MAX {
                return Err((Field::Instance, Reason::ManyInstances { most: INSTANCES_MAX.to_string() }));
            }
            ids.push(id.to_owned());
        }
        Ok(ids)
    }

    /// Own number of the line, or what it is for.
    fn line_key(&self, instances: &[String]) -> Result<String, Fault> {
        if let Some(line) = self.id(Field::Line)? {
            return Ok(line);
        }
        let detail = if self.reader.kind.is_bill() { self.kept_text(Field::Detail)? } else { String::new() };
        let key = if detail.is_empty() { instances.join(",") } else { format!("{detail} {}", instances.join(",")) };
        let key = key.trim();
        // Of many instances their hash is enough.
        Ok(if key.chars().count() > TEXT_MAX { hex::encode(Sha256::digest(key)) } else { key.to_owned() })
    }

    fn period(&self) -> Result<Period, Fault> {
        let (start, end) = (self.instant(Field::Start)?, self.instant(Field::End)?);
        match (start, end) {
            (Some(start), Some(end)) if end <= start => Err((Field::End, Reason::BadPeriod {})),
            period => Ok(period),
        }
    }

    fn instant(&self, field: Field) -> Result<Option<DateTime<Utc>>, Fault> {
        let Some(text) = self.text(field) else { return Ok(None) };
        let read = time::instant(text, self.reader.zone);
        read.map(Some).ok_or_else(|| (field, Reason::BadTime { cell: amount::shown(text) }))
    }

    /// A text that is kept: not long, and nothing that a spreadsheet would run.
    fn kept_text(&self, field: Field) -> Result<String, Fault> {
        let text = self.text(field).unwrap_or_default();
        if words::is_formula(text) {
            return Err((field, Reason::Formula { cell: amount::shown(text) }));
        }
        if text.chars().count() > TEXT_MAX || text.chars().any(char::is_control) {
            return Err((field, Reason::BadText { cell: amount::shown(text) }));
        }
        Ok(text.to_owned())
    }

    fn priced(&self, field: Field, currency: &str) -> Result<Option<Decimal>, Fault> {
        let read = amount::amount(self.text(field).unwrap_or_default()).map_err(|why| (field, why))?;
        let Some(read) = read else { return Ok(None) };
        if !read.currencies.is_empty() && !read.currencies.contains(&currency) {
            return Err((field, Reason::CurrencyDiffers { currency: currency.to_owned() }));
        }
        if read.value.scale() > minor_units(currency) {
            let (amount, currency) = (read.value.to_string(), currency.to_owned());
            return Err((field, Reason::FinerThanCurrency { amount, currency }));
        }
        Ok(Some(read.value))
    }

    /// What coupons and vouchers paid.
    fn deducted(&self, currency: &str) -> Result<Decimal, Fault> {
        let part = |field| self.priced(field, currency).map(Option::unwrap_or_default);
        // Some files write deductions as negative amounts.
        let both = part(Field::Coupon)?.abs().checked_add(part(Field::Voucher)?.abs());
        both.filter(|sum| within_bounds(*sum)).ok_or((Field::Voucher, Reason::DeductionsTooLarge {}))
    }

    /// The cash before tax. A bill's pre-tax amount is what is left after coupons and before vouchers; an order's payable amount
    /// after both, with tax. With the price before deductions the file says it twice.
    fn cash(&self, line: &Line) -> Result<Decimal, Fault> {
        let part = |field| self.priced(field, &line.currency);
        let asked = match (part(Field::Payable)?, part(Field::Pretax)?) {
            (Some(payable), _) => Some((Field::Payable, payable.abs() - line.tax.abs())),
            (None, Some(pretax)) => Some((Field::Pretax, pretax.abs())),
            (None, None) => None,
        };
        let before = match (part(Field::Discounted)?, part(Field::Discount)?) {
            (Some(discounted), _) => Some(discounted.abs()),
            (None, Some(discount)) => Some(line.list.abs() - discount.abs()),
            (None, None) => None,
        };
        let voucher = part(Field::Voucher)?.unwrap_or_default().abs();
        let coupons = line.coupon.to_string();
        let differs = |reason: Reason| Err((asked.map_or(Field::Discounted, |(field, _)| field), reason));
        let cash = match (asked, before) {
            (None, None) => return Err((Field::Payable, Reason::NothingAsked {})),
            (None, Some(before)) => before - line.coupon,
            (Some((_, asked)), None) => asked - voucher,
            (Some((_, asked)), Some(before)) => {
                let cash = before - line.coupon;
                if ![before, cash + voucher, cash].contains(&asked) {
                    let (before, asked) = (before.to_string(), asked.to_string());
                    return differs(Reason::DiscountsDiffer { before, coupons, asked });
                }
                cash
            }
        };
        if cash.is_sign_negative() && !cash.is_zero() {
            return differs(Reason::CouponsTooLarge { coupons });
        }
        if !within_bounds(cash) {
            return Err((Field::Payable, Reason::CashTooLarge { cash: cash.to_string() }));
        }
        Ok(cash.normalize())
    }

    /// Only refunds pay back. Their sign is not documented; they are kept positive.
    fn check_signs(&self, line: &mut Line, refund: bool) -> Result<(), Fault> {
        if refund {
            (line.list, line.tax) = (line.list.abs(), line.tax.abs());
            return Ok(());
        }
        let raw = |field| amount::amount(self.text(field).unwrap_or_default()).ok().flatten().map(|read| read.value);
        for field in [Field::List, Field::Payable, Field::Pretax, Field::Discounted, Field::Tax] {
            if raw(field).is_some_and(|value| value.is_sign_negative() && !value.is_zero()) {
                return Err((field, Reason::Negative { order_type: line.order_type.clone() }));
            }
        }
        Ok(())
    }

    fn payments(&self, line: &Line) -> Result<Vec<Paid>, Fault> {
        let card = self.priced(Field::StoredValueCard, &line.currency)?.unwrap_or_default().abs();
        if card > line.cash {
            let (cards, cash) = (card.to_string(), line.cash.to_string());
            return Err((Field::StoredValueCard, Reason::CardsTooLarge { cards, cash }));
        }
        let channel = self.text(Field::PaymentMethod).and_then(words::channel);
        let mut paid = Vec::new();
        if !card.is_zero() {
            paid.push(Paid { channel: words::STORED_VALUE_CARD.to_owned(), amount: card });
        }
        if let Some(channel) = channel
            && line.status.as_deref() == Some("Paid")
            && line.cash > card
        {
            paid.push(Paid { channel: channel.to_owned(), amount: line.cash - card });
        }
        Ok(paid)
    }
}
