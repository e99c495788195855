//! Details of orders: sub-orders, their instances, periods and amounts. One sub-order of several instances becomes one part an
//! instance, split evenly to the minor unit (refund-rules section 16).

use bss_openapi::wire::{GetOrderDetailRequest, OrderDetailRow};
use desk_store::{FROM_API, Json, OrderHead, OrderPart};
use refund_rules::case::OrderStatus;
use refund_rules::{minor_units, split_evenly};
use rust_decimal::Decimal;

use super::run::{Run, count};
use crate::error::DeskError;
use crate::facts::wire;

/// Keys of `ExtendInfos` with what coupons and vouchers paid.
const DEDUCTIONS: [&str; 2] = ["DeductedByCoupons", "DeductedByCashCoupons"];

impl Run<'_> {
    /// Phase 4: one call for each order that is new or unsettled.
    pub async fn read_details(&mut self) -> Result<(), DeskError> {
        let mut heads = self.desk.store.read(|r| r.orders().unsettled(&self.connection.id))?;
        // An order that only a file tells may be none of the API's.
        heads.retain(|head| head.source == FROM_API);
        let total = count(heads.len());
        for (done, head) in (1..).zip(heads) {
            let request = GetOrderDetailRequest::new(&head.id);
            let data = self
                .ask(|client| {
                    let request = &request;
                    async move { client.get_order_detail(request).await }
                })
                .await?
                .data;
            self.keep_detail(head, &data.order_list.order)?;
            self.tell("details", done, Some(total));
        }
        Ok(())
    }

    fn keep_detail(&self, mut head: OrderHead, rows: &[OrderDetailRow]) -> Result<(), DeskError> {
        if let Some(row) = rows.first() {
            head.payment_status = row.payment_status.as_ref().map(|s| s.as_str().to_owned()).or(head.payment_status);
            head.paid_at = row.payment_time.or(head.paid_at);
            if let Some(related) = row.related_order_id.clone().filter(|id| !id.is_empty()) {
                head.related_order = Some(related);
            }
        }
        let mut parts = Vec::new();
        for row in rows {
            parts.extend(parts_of(&head, row)?);
        }
        let open = !wire::is_refund(&head.order_type)
            && wire::payment_status(head.payment_status.as_deref()) == OrderStatus::Unpaid;
        head.settled = !rows.is_empty() && !open;
        self.desk.write(move |tx, _| {
            tx.order_parts().replace_for_order(&head.customer, &head.id, &parts)?;
            Ok(tx.orders().put(&head)?)
        })
    }
}

/// The parts of one sub-order. Refund orders' amounts are kept positive: their sign on the wire is not documented.
fn parts_of(head: &OrderHead, row: &OrderDetailRow) -> Result<Vec<OrderPart>, DeskError> {
    let place = |problem: bss_openapi::wire::Problem| {
        DeskError::new(
            "unreadable_reply",
            problem.reason,
            "sync again; if it stays, the cloud changed its format: tell us",
        )
        .at(format!("order {} {}", head.id, problem.place))
    };
    let mut instances = row.instances().map_err(place)?;
    if instances.is_empty() {
        // Kept all the same: the amount is real, and a related order tells the resource.
        instances.push(String::new());
    }
    let mut coupon = Decimal::ZERO;
    for key in DEDUCTIONS {
        coupon += row.extend_amount(key).map_err(place)?.unwrap_or(Decimal::ZERO);
    }
    let refund = wire::is_refund(&head.order_type);
    let amount = |value: Option<Decimal>| value.map_or(Decimal::ZERO, |v| if refund { v.abs() } else { v });
    let pretax = amount(row.pretax_amount);
    let places = minor_units(&head.currency);
    let share = |total: Decimal| split_evenly(total, count(instances.len()), places);
    let lists = share(amount(row.pretax_gross_amount));
    let cashes = share((pretax - coupon).max(Decimal::ZERO));
    let (coupons, taxes) = (share(coupon), share(amount(row.tax)));
    let raw = Json::of(row)?;
    Ok(instances
        .iter()
        .enumerate()
        .map(|(i, instance)| OrderPart {
            customer: head.customer.clone(),
            order_id: head.id.clone(),
            sub_order: row.sub_order_id.clone().unwrap_or_default(),
            instance: instance.clone(),
            part_type: row.order_sub_type.as_ref().map_or(String::new(), |t| t.as_str().to_owned()),
            start_at: row.usage_start_time,
            end_at: row.usage_end_time,
            list: lists[i],
            cash: cashes[i],
            coupon: coupons[i],
            tax: taxes[i],
            raw: raw.clone(),
        })
        .collect())
}
