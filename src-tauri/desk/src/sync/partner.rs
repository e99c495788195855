//! What a partner's key shows of a customer: orders and refund orders, without instances or service periods. They are history; no
//! resource follows from them, and one that is known otherwise has an incomplete chain because of them.

use bss_openapi::wire::{
    CustomerOrderRow, CustomerOrderType, GetCustomerOrdersRequest, LocalTime, customer_order_status,
};
use chrono::{DateTime, Utc};
use desk_store::{Cursor, FROM_API, FROM_FILE, Json, OrderHead};
use rust_decimal::Decimal;

use super::orders::{next_step, no_window};
use super::run::Run;
use super::tally::Tally;
use crate::connection::AGENCY_OFFSET;
use crate::error::DeskError;
use crate::facts::wire;

const PARTNER_ORDERS: &str = "partner_orders";

impl Run<'_> {
    /// Whether the customer is seen with its partner's key only.
    pub fn by_partner(&self) -> bool {
        self.connection.way == "partner"
    }

    /// All phases of such a customer: its orders, by windows of the time at which they were made.
    pub async fn read_partner_orders(&self) -> Result<(), DeskError> {
        let mut cursor = self.cursor(PARTNER_ORDERS, |before| self.first_window(PARTNER_ORDERS, before)).await?;
        while !cursor.done {
            let request = self.customer_orders(&cursor)?;
            let page = self
                .ask(|client| {
                    let request = &request;
                    async move { client.get_customer_orders(request).await }
                })
                .await?;
            let now = self.desk.now();
            let rows = page.rows.iter().map(|row| self.partner_head(row, now)).collect::<Result<Vec<_>, _>>()?;
            Tally::add(&self.tally.refunds, rows.iter().filter(|row| wire::is_refund(&row.order_type)).count());
            self.tell(PARTNER_ORDERS, Tally::add(&self.tally.orders, rows.len()), page.total);
            cursor = self.keep_partner_orders(next_step(cursor, page.last), rows)?;
        }
        Ok(())
    }

    fn customer_orders(&self, cursor: &Cursor) -> Result<GetCustomerOrdersRequest, DeskError> {
        let (Some(from), Some(to)) = (cursor.window_from, cursor.window_to) else {
            return Err(no_window(PARTNER_ORDERS));
        };
        let uid = self.connection.uid.parse().map_err(|_| {
            DeskError::new(
                "bad_account",
                "the customer's uid is not a number",
                "remove the customer and connect it again",
            )
            .at("uid")
        })?;
        let local = |at: DateTime<Utc>| (at + AGENCY_OFFSET).naive_utc();
        Ok(GetCustomerOrdersRequest {
            page_num: cursor.next_page,
            ..GetCustomerOrdersRequest::new(uid, local(from), local(to))
        })
    }

    fn keep_partner_orders(&self, next: Cursor, rows: Vec<OrderHead>) -> Result<Cursor, DeskError> {
        let kept = next.clone();
        self.desk.write(move |tx, _| {
            for row in &rows {
                // A file tells more of the same order: its instances and periods.
                let known = tx.orders().get(&row.customer, &row.id)?;
                if known.is_none_or(|known| known.source != FROM_FILE) {
                    tx.orders().put(row)?;
                }
            }
            Ok(tx.cursors().put(&kept)?)
        })?;
        Ok(next)
    }

    /// Never settled: what it bought is not known, and no later call tells.
    fn partner_head(&self, row: &CustomerOrderRow, now: DateTime<Utc>) -> Result<OrderHead, DeskError> {
        let utc = |time: LocalTime| time.0.and_utc() - AGENCY_OFFSET;
        let created_at = row.time_to_order.map(utc).ok_or_else(|| {
            DeskError::new(
                "incomplete_reply",
                format!("the cloud's order `{}` has no TimeToOrder", row.order_id),
                "sync again; if it stays, ask the cloud's support",
            )
            .at(format!("{}.TimeToOrder", row.order_id))
        })?;
        let amount = |amount: Option<bss_openapi::wire::NumberAmount>| amount.map_or(Decimal::ZERO, |amount| amount.0);
        let order_type = row.order_type.as_ref().map_or("", order_type).to_owned();
        Ok(OrderHead {
            customer: self.connection.id.clone(),
            id: row.order_id.to_string(),
            payment_status: (!wire::is_refund(&order_type)).then(|| payment_status(row.order_status).to_owned()),
            created_at,
            paid_at: row.payment_time.map(utc),
            currency: self.connection.currency.clone(),
            product: row.product_detail.clone().or_else(|| row.product_type.clone()).unwrap_or_default(),
            gross: amount(row.original_cost),
            pretax: amount(row.pretax_cost),
            tax: Decimal::ZERO,
            related_order: None,
            settled: false,
            source: FROM_API.to_owned(),
            facts_at: now,
            raw: Json::of(row)?,
            order_type,
        })
    }
}

/// The billing API's word for the same kind of order.
fn order_type(word: &CustomerOrderType) -> &str {
    match word {
        CustomerOrderType::Buy => "New",
        CustomerOrderType::Renew => "Renew",
        CustomerOrderType::Upgrade => "Upgrade",
        CustomerOrderType::Downgrade => "Downgrade",
        CustomerOrderType::Refund => "Refund",
        CustomerOrderType::Others | CustomerOrderType::Other(_) => word.as_str(),
    }
}

fn payment_status(status: Option<u32>) -> &'static str {
    match status {
        Some(customer_order_status::PAID) => "Paid",
        Some(customer_order_status::UNPAID) => "Unpaid",
        _ => "Cancelled",
    }
}
