//! `QueryOrders` and `GetOrderDetail`. The list carries no instance, region or customer: those come from the detail, which has
//! one row per sub-order.

use super::record::{record, request};
use super::{OrderSubType, OrderType, PaymentStatus, Problem, SubscriptionType, read_amount};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Orders a page. The documents advise at most 20, larger pages may time out.
pub const ORDERS_PAGE_SIZE: u32 = 20;

request! {
    /// Orders by creation time. The window is required here: left out, the API silently takes the last hour only (a server that
    /// reads this must fill that default in first).
    "QueryOrders" -> OrdersData;
    pub struct QueryOrdersRequest {
        create_time_start: DateTime<Utc> = "CreateTimeStart",
        create_time_end: DateTime<Utc> = "CreateTimeEnd",
        order_type: Option<OrderType> = "OrderType",
        payment_status: Option<PaymentStatus> = "PaymentStatus",
        product_code: Option<String> = "ProductCode",
        product_type: Option<String> = "ProductType",
        subscription_type: Option<SubscriptionType> = "SubscriptionType",
        /// From 1.
        page_num: u32 = "PageNum" or "1",
        page_size: u32 = "PageSize" or "20",
        /// A reseller's end user.
        owner_id: Option<i64> = "OwnerId",
    }
}

impl QueryOrdersRequest {
    /// All orders created in the window, from the first page on.
    pub fn new(create_time_start: DateTime<Utc>, create_time_end: DateTime<Utc>) -> Self {
        Self {
            create_time_start,
            create_time_end,
            order_type: None,
            payment_status: None,
            product_code: None,
            product_type: None,
            subscription_type: None,
            page_num: 1,
            page_size: ORDERS_PAGE_SIZE,
            owner_id: None,
        }
    }
}

request! {
    /// One order with its sub-orders.
    "GetOrderDetail" -> OrderDetailData;
    pub struct GetOrderDetailRequest {
        order_id: String = "OrderId",
        owner_id: Option<i64> = "OwnerId",
    }
}

impl GetOrderDetailRequest {
    pub fn new(order_id: impl Into<String>) -> Self {
        Self { order_id: order_id.into(), owner_id: None }
    }
}

record! {
    /// A page of orders.
    pub struct OrdersData {
        host_name: Option<String> = "HostName",
        page_num: Option<u32> = "PageNum",
        page_size: Option<u32> = "PageSize",
        total_count: Option<u32> = "TotalCount",
        order_list: OrderList = "OrderList",
    }
}

record! {
    /// The wrapper around the orders of a page.
    pub struct OrderList {
        order: Vec<OrderRow> = "Order",
    }
}

record! {
    /// An order in the list. Amounts are in `currency` unless said otherwise; the sign of a refund order's amounts is not
    /// documented, so go by `order_type`.
    pub struct OrderRow {
        order_id: String = "OrderId",
        /// Ties a refund order to its original.
        related_order_id: Option<String> = "RelatedOrderId",
        order_type: Option<OrderType> = "OrderType",
        /// None for refund orders.
        payment_status: Option<PaymentStatus> = "PaymentStatus",
        subscription_type: Option<SubscriptionType> = "SubscriptionType",
        product_code: Option<String> = "ProductCode",
        product_type: Option<String> = "ProductType",
        commodity_code: Option<String> = "CommodityCode",
        create_time: Option<DateTime<Utc>> = "CreateTime",
        payment_time: Option<DateTime<Utc>> = "PaymentTime",
        currency: Option<String> = "Currency",
        /// The currency that was paid in.
        payment_currency: Option<String> = "PaymentCurrency",
        /// List amount.
        pretax_gross_amount: Option<Decimal> = "PretaxGrossAmount",
        /// Payable amount.
        pretax_amount: Option<Decimal> = "PretaxAmount",
        /// Payable amount in the local currency.
        pretax_amount_local: Option<Decimal> = "PretaxAmountLocal",
        tax: Option<Decimal> = "Tax",
        after_tax_amount: Option<Decimal> = "AfterTaxAmount",
    }
}

record! {
    /// An order's sub-orders.
    pub struct OrderDetailData {
        host_name: Option<String> = "HostName",
        page_num: Option<u32> = "PageNum",
        page_size: Option<u32> = "PageSize",
        total_count: Option<u32> = "TotalCount",
        order_list: OrderDetailList = "OrderList",
    }
}

record! {
    /// The wrapper around the sub-orders.
    pub struct OrderDetailList {
        order: Vec<OrderDetailRow> = "Order",
    }
}

record! {
    /// A sub-order: the members of [`OrderRow`] and what only the detail tells.
    pub struct OrderDetailRow {
        order_id: String = "OrderId",
        sub_order_id: Option<String> = "SubOrderId",
        related_order_id: Option<String> = "RelatedOrderId",
        order_type: Option<OrderType> = "OrderType",
        order_sub_type: Option<OrderSubType> = "OrderSubType",
        payment_status: Option<PaymentStatus> = "PaymentStatus",
        subscription_type: Option<SubscriptionType> = "SubscriptionType",
        product_code: Option<String> = "ProductCode",
        product_type: Option<String> = "ProductType",
        commodity_code: Option<String> = "CommodityCode",
        region: Option<String> = "Region",
        /// A JSON array in a text; read it with [`OrderDetailRow::instances`].
        instance_ids: Option<String> = "InstanceIDs",
        quantity: Option<Decimal> = "Quantity",
        config: Option<String> = "Config",
        original_config: Option<String> = "OriginalConfig",
        usage_start_time: Option<DateTime<Utc>> = "UsageStartTime",
        usage_end_time: Option<DateTime<Utc>> = "UsageEndTime",
        create_time: Option<DateTime<Utc>> = "CreateTime",
        payment_time: Option<DateTime<Utc>> = "PaymentTime",
        currency: Option<String> = "Currency",
        payment_currency: Option<String> = "PaymentCurrency",
        /// List amount.
        pretax_gross_amount: Option<Decimal> = "PretaxGrossAmount",
        /// Payable amount.
        pretax_amount: Option<Decimal> = "PretaxAmount",
        /// Payable amount in the local currency.
        pretax_amount_local: Option<Decimal> = "PretaxAmountLocal",
        tax: Option<Decimal> = "Tax",
        after_tax_amount: Option<Decimal> = "AfterTaxAmount",
        /// The RAM user who ordered; none for the main account.
        operator: Option<String> = "Operator",
        /// Seen: IsAutoRenew, DiscountAmount, DeductedByCoupons, CouponNo; each value may be a JSON text.
        extend_infos: BTreeMap<String, String> = "ExtendInfos",
        bill_module_config: BillModuleConfig = "BillModuleConfig",
        original_module_config: OriginalModuleConfig = "OriginalModuleConfig",
    }
}

impl OrderDetailRow {
    /// The instances of this sub-order, from the JSON array that `InstanceIDs` holds as text; a bare id or a comma list is
    /// understood too.
    pub fn instances(&self) -> Result<Vec<String>, Problem> {
        let text = self.instance_ids.as_deref().unwrap_or_default().trim();
        if !text.starts_with('[') {
            return Ok(text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect());
        }
        let ids: Vec<String> = serde_json::from_str(text)
            .map_err(|_| Problem { place: "InstanceIDs".into(), reason: format!("`{text}` is not a list of ids") })?;
        Ok(ids.into_iter().map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect())
    }

    /// Sets `InstanceIDs` the way the API writes it.
    pub fn set_instances(&mut self, ids: &[&str]) {
        self.instance_ids = Some(serde_json::to_string(ids).expect("texts always serialize"));
    }

    /// A value of `ExtendInfos`, without the quotes that it carries when it is a JSON text.
    pub fn extend_info(&self, name: &str) -> Option<String> {
        let value = self.extend_infos.get(name)?.trim();
        let text = serde_json::from_str::<String>(value).unwrap_or_else(|_| value.to_owned());
        let text = text.trim();
        (!text.is_empty() && text != "null").then(|| text.to_owned())
    }

    /// An amount of `ExtendInfos`, such as `DeductedByCoupons`.
    pub fn extend_amount(&self, name: &str) -> Result<Option<Decimal>, Problem> {
        let read = |text: String| {
            read_amount(&text)
                .map_err(|error| Problem { place: format!("ExtendInfos.{name}"), reason: error.to_string() })
        };
        self.extend_info(name).map(read).transpose()
    }
}

record! {
    /// What the order bought, by module. Inner names are lower camel on the wire.
    pub struct BillModuleConfig {
        modules: Vec<BillModule> = "billModuleConfig",
    }
}

record! {
    /// A billed module.
    pub struct BillModule {
        name: Option<String> = "Name",
        code: Option<String> = "Code",
        api_code: Option<String> = "ApiCode",
        properties: BillModuleProperties = "BillModuleProperties",
    }
}

record! {
    /// The wrapper around a module's properties.
    pub struct BillModuleProperties {
        properties: Vec<BillModuleProperty> = "billModuleProperties",
    }
}

record! {
    /// A property of a billed module.
    pub struct BillModuleProperty {
        module_api_code: Option<String> = "ModuleApiCode",
        attr_api_code: Option<String> = "AttrApiCode",
        value: Option<String> = "Value",
    }
}

record! {
    /// What the resource had before the order, by module. Inner names are lower camel on the wire.
    pub struct OriginalModuleConfig {
        modules: Vec<OriginalModule> = "originalModuleConfig",
    }
}

record! {
    /// A module before the order.
    pub struct OriginalModule {
        name: Option<String> = "Name",
        code: Option<String> = "Code",
        properties: OriginalModuleProperties = "ModuleProperties",
    }
}

record! {
    /// The wrapper around a module's properties.
    pub struct OriginalModuleProperties {
        properties: Vec<OriginalModuleProperty> = "moduleProperties",
    }
}

record! {
    /// A property of a module before the order.
    pub struct OriginalModuleProperty {
        code: Option<String> = "Code",
        name: Option<String> = "Name",
        value: Option<String> = "Value",
    }
}
