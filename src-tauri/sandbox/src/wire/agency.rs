//! `GetCustomerOrders` of the Agency API. The first two customers are partners too: of the later ones of their own site.

use bss_openapi::wire::{
    CUSTOMER_ORDERS_MAX_PAGE, CUSTOMER_ORDERS_PAGE_SIZE, CustomerOrderRow, CustomerOrderType, CustomerOrdersData,
    GetCustomerOrdersRequest, LocalTime, NumberAmount, TimeType, customer_order_status,
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::{Caller, Failure, page};
use crate::state::State;
use crate::world::{Account, Order, OrderKind, RefundOrder};

/// The first account of each site is a partner.
const PARTNERS: usize = 2;

pub(super) fn orders(
    state: &State,
    caller: &Caller,
    request: &GetCustomerOrdersRequest,
) -> Result<CustomerOrdersData, Failure> {
    if caller.account >= PARTNERS {
        return Err(Failure::NotSuccess {
            code: "ERROR_3210".to_owned(),
            message: "The current calling UID is not an international channel partner.".to_owned(),
            data: "[]".to_owned(),
        });
    }
    if request.page_num > CUSTOMER_ORDERS_MAX_PAGE {
        return Err(Failure::bad_request("InvalidParameter", "PageNo is from 1 to 500."));
    }
    let site = state.world.accounts[caller.account].site;
    let customers = state.world.accounts.iter().skip(PARTNERS).filter(|account| account.site == site);
    let mut rows: Vec<CustomerOrderRow> = customers
        .flat_map(|account| {
            let bought = account.orders.iter().map(|order| (order.created_at, order_row(account, order)));
            let refunded = account.refund_orders.iter().map(|refund| (refund.created_at, refund_row(account, refund)));
            bought.chain(refunded)
        })
        .filter(|(created_at, row)| *created_at <= caller.now && is_asked(request, row))
        .map(|(_, row)| row)
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.time_to_order, row.order_id)));
    let (total, rows) = page(caller, rows, request.page_num, request.page_size, CUSTOMER_ORDERS_PAGE_SIZE)?;
    Ok(CustomerOrdersData {
        page_num: Some(request.page_num),
        page_size: Some(request.page_size),
        total_count: Some(total),
        orders: rows,
        ..Default::default()
    })
}

fn is_asked(request: &GetCustomerOrdersRequest, row: &CustomerOrderRow) -> bool {
    fn same<T: PartialEq>(asked: Option<T>, given: Option<T>) -> bool {
        asked.is_none() || asked == given
    }
    let time = if request.time_type == TimeType::Paid { row.payment_time } else { row.time_to_order };
    time.is_some_and(|time| (request.start_date..=request.end_date).contains(&time))
        && same(request.order_id, Some(row.order_id))
        && same(request.customer_uid, row.customer_no)
        && same(request.customer_account.as_ref(), row.customer_account.as_ref())
        && same(request.order_type.as_ref(), row.order_type.as_ref())
        && same(request.order_status, row.order_status)
        && same(request.product_type.as_ref(), row.product_type.as_ref())
}

fn order_row(account: &Account, order: &Order) -> CustomerOrderRow {
    let status = if order.paid { customer_order_status::PAID } else { customer_order_status::UNPAID };
    CustomerOrderRow {
        product_detail: Some(order.parts[0].product.clone()),
        product_type: Some(order.parts[0].commodity.clone()),
        order_type: Some(match order.kind {
            OrderKind::New => CustomerOrderType::Buy,
            OrderKind::Renew => CustomerOrderType::Renew,
            OrderKind::Upgrade | OrderKind::ResizeDisk => CustomerOrderType::Upgrade,
            OrderKind::CompensatoryRenew => CustomerOrderType::Others,
        }),
        original_cost: Some(NumberAmount(order.list())),
        pretax_cost: Some(NumberAmount(order.cash() + order.coupon())),
        order_status: Some(status),
        payment_time: order.paid.then(|| local(order.paid_at)),
        ..row(account, &order.id, order.created_at)
    }
}

fn refund_row(account: &Account, refund: &RefundOrder) -> CustomerOrderRow {
    let product = account.resource(&refund.instance);
    CustomerOrderRow {
        product_detail: product.map(|resource| resource.product.clone()),
        product_type: product.map(|resource| resource.commodity.clone()),
        order_type: Some(CustomerOrderType::Refund),
        original_cost: Some(NumberAmount(refund.amount)),
        pretax_cost: Some(NumberAmount(refund.amount)),
        order_status: Some(customer_order_status::PAID),
        payment_time: Some(local(refund.created_at)),
        ..row(account, &refund.order_id, refund.created_at)
    }
}

fn row(account: &Account, order: &str, created_at: DateTime<Utc>) -> CustomerOrderRow {
    CustomerOrderRow {
        order_id: order.parse().unwrap_or_default(),
        customer_account: Some(account.name.clone()),
        customer_no: account.uid.parse().ok(),
        time_to_order: Some(local(created_at)),
        order_source: Some("0".to_owned()),
        ..Default::default()
    }
}

/// The API's times carry no offset; the sandbox keeps them in UTC+8, whole seconds.
fn local(at: DateTime<Utc>) -> LocalTime {
    let beijing: NaiveDateTime = (at + TimeDelta::hours(8)).naive_utc();
    LocalTime(beijing)
}
