//! `GetCustomerOrders` of the Agency API: the orders of a channel partner's customers. Rows carry no service period and no
//! instance, so they are history and never enough to work a refund out.

use super::NumberAmount;
use super::record::{Scalar, record, request};
use super::words::words;
use chrono::NaiveDateTime;

/// Orders a page: the documented maximum.
pub const CUSTOMER_ORDERS_PAGE_SIZE: u32 = 100;

/// The last page that may be asked for; a longer list needs narrower dates.
pub const CUSTOMER_ORDERS_MAX_PAGE: u32 = 500;

/// A time without an offset, `2024-08-13 13:02:02`. Which clock it is read by is not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct LocalTime(pub NaiveDateTime);

const LOCAL_TIME: &str = "%Y-%m-%d %H:%M:%S";

impl Scalar for LocalTime {
    fn parse(text: &str) -> Result<Self, String> {
        NaiveDateTime::parse_from_str(text, LOCAL_TIME)
            .map(Self)
            .map_err(|_| format!("`{text}` is not a time like 2026-01-31 08:00:00"))
    }
    fn text(&self) -> String {
        self.0.format(LOCAL_TIME).to_string()
    }
}

words! {
    /// What a partner's customer's order did.
    pub enum CustomerOrderType {
        Buy = "BUY",
        Renew = "RENEW",
        Upgrade = "UPGRADE",
        Downgrade = "DOWNGRADE",
        Refund = "REFUND",
        Others = "OTHERS",
    }

    /// Which of an order's times the dates of a request mean.
    pub enum TimeType {
        Paid = "1",
        Ordered = "2",
    }
}

/// A state of [`CustomerOrderRow::order_status`].
pub mod customer_order_status {
    pub const UNPAID: u32 = 1;
    pub const DISCARDED: u32 = 2;
    pub const PAID: u32 = 3;
}

request! {
    /// Orders of a partner's customers by time; without a customer, those of all of them.
    "GetCustomerOrders" at Agency Get -> CustomerOrdersData;
    pub struct GetCustomerOrdersRequest {
        order_id: Option<i64> = "OrderId",
        customer_uid: Option<i64> = "CustomerUid",
        customer_account: Option<String> = "CustomerAccount",
        order_type: Option<CustomerOrderType> = "OrderType",
        /// See [`customer_order_status`].
        order_status: Option<u32> = "OrderStatus",
        time_type: TimeType = "TimeType",
        start_date: LocalTime = "StartDate",
        end_date: LocalTime = "EndDate",
        customer_manager: Option<String> = "CustomerManager",
        product_type: Option<String> = "ProductType",
        /// 0 a customer, 1 an enterprise customer, 2 a sub-partner.
        order_source: Option<u32> = "OrderSource",
        /// 1 to [`CUSTOMER_ORDERS_MAX_PAGE`].
        page_num: u32 = "PageNo",
        /// 1 to [`CUSTOMER_ORDERS_PAGE_SIZE`].
        page_size: u32 = "PageSize",
    }
}

impl GetCustomerOrdersRequest {
    /// All orders of one customer that were made in the window, from the first page on.
    pub fn new(customer_uid: i64, start_date: NaiveDateTime, end_date: NaiveDateTime) -> Self {
        Self {
            order_id: None,
            customer_uid: Some(customer_uid),
            customer_account: None,
            order_type: None,
            order_status: None,
            time_type: TimeType::Ordered,
            start_date: LocalTime(start_date),
            end_date: LocalTime(end_date),
            customer_manager: None,
            product_type: None,
            order_source: None,
            page_num: 1,
            page_size: CUSTOMER_ORDERS_PAGE_SIZE,
        }
    }
}

record! {
    /// A page of orders; the counts stand beside the list, at the top.
    pub struct CustomerOrdersData {
        page_num: Option<u32> = "PageNo",
        page_size: Option<u32> = "PageSize",
        total_count: Option<u32> = "Total",
        orders: Vec<CustomerOrderRow> = "Data",
    }
}

record! {
    /// An order of a partner's customer.
    pub struct CustomerOrderRow {
        order_id: i64 = "OrderId",
        customer_account: Option<String> = "CustomerAccount",
        customer_no: Option<i64> = "CustomerNo",
        customer_manager: Option<String> = "CustomerManager",
        /// Such as `oss`; the finer code is `product_type`.
        product_detail: Option<String> = "ProductDetail",
        product_type: Option<String> = "ProductType",
        order_type: Option<CustomerOrderType> = "OrderType",
        /// Before discounts; a JSON number, in the partner's currency, which the row does not name.
        original_cost: Option<NumberAmount> = "OriginalCost",
        /// Payable.
        pretax_cost: Option<NumberAmount> = "PretaxCost",
        /// See [`customer_order_status`].
        order_status: Option<u32> = "OrderStatus",
        time_to_order: Option<LocalTime> = "TimeToOrder",
        payment_time: Option<LocalTime> = "PaymentTime",
        /// An internal code, such as `3:32`.
        payment_method: Option<String> = "PaymentMethod",
        order_source: Option<String> = "OrderSource",
    }
}
