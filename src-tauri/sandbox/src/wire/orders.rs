//! `QueryOrders` and `GetOrderDetail`: product orders and refund orders, newest first.

use std::collections::BTreeMap;

use bss_openapi::wire::{
    GetOrderDetailRequest, OrderDetailData, OrderDetailList, OrderDetailRow, OrderList, OrderRow, OrderSubType,
    OrderType, OrdersData, PaymentStatus, QueryOrdersRequest, SubscriptionType,
};
use refund_rules::case::Billing;
use rust_decimal::Decimal;

use super::{Caller, Failure, fits, host_name};
use crate::state::State;
use crate::world::{Account, MergedPart, Order, Part, RefundOrder, Resource};

/// Largest page; the documents advise 20 and name no maximum. That of the other lists.
const MAX_PAGE: u32 = 300;

pub(super) fn list(state: &State, caller: &Caller, request: &QueryOrdersRequest) -> Result<OrdersData, Failure> {
    let account = &state.world.accounts[caller.account];
    let window = caller.window(request.page_num, request.page_size, MAX_PAGE)?;
    let end = request.create_time_end.min(caller.now);
    let orders = account.orders_within(request.create_time_start, end).iter().rev();
    let refunds = account.refunds_within(request.create_time_start, end).rev();
    // Without a filter nobody looks at the rows behind the page.
    let all = is_plain(request).then(|| orders.len() + refunds.len());
    let mut orders = orders.filter(|order| is_asked(request, order)).peekable();
    let mut refunds = refunds.filter(|refund| is_refund_asked(request, account, refund)).peekable();
    let mut rows = Vec::new();
    let mut count = 0;
    // Newest first, of both lists together.
    while all.is_none() || count < window.end() {
        let order_is_newer = match (orders.peek(), refunds.peek()) {
            (None, None) => break,
            (order, None) => order.is_some(),
            (None, _) => false,
            (Some(order), Some(refund)) => (order.created_at, &order.id) > (refund.created_at, &refund.order_id),
        };
        let (order, refund) = if order_is_newer { (orders.next(), None) } else { (None, refunds.next()) };
        if window.holds(count) {
            rows.extend(order.map(|order| order_row(account, order)));
            rows.extend(refund.map(|refund| refund_row(account, refund)));
        }
        count += 1;
    }
    Ok(OrdersData {
        host_name: host_name(state, caller),
        page_num: Some(request.page_num),
        page_size: Some(request.page_size),
        total_count: Some(window.total(all.unwrap_or(count))),
        order_list: OrderList { order: rows, ..Default::default() },
        ..Default::default()
    })
}

/// Whether nothing but the time is asked for.
fn is_plain(request: &QueryOrdersRequest) -> bool {
    request.order_type.is_none()
        && request.payment_status.is_none()
        && request.product_code.is_none()
        && request.product_type.is_none()
        && request.subscription_type.is_none()
}

/// Whether an order passes all filters.
fn is_asked(request: &QueryOrdersRequest, order: &Order) -> bool {
    let first = &order.parts[0];
    fits(&request.order_type, &Some(OrderType::from_word(order.kind.wire())))
        && fits(&request.payment_status, &Some(payment_status(order)))
        && is_product(&request.product_code, &first.product)
        && is_product(&request.product_type, &first.product_type)
        && fits(&request.subscription_type, &Some(subscription(order.billing)))
}

/// Whether a refund order passes all filters. It has no payment status.
fn is_refund_asked(request: &QueryOrdersRequest, account: &Account, refund: &RefundOrder) -> bool {
    let resource = account.resource(&refund.instance);
    fits(&request.order_type, &Some(OrderType::Refund))
        && request.payment_status.is_none()
        && is_product(&request.product_code, resource.map_or("", |resource| &resource.product))
        && is_product(&request.product_type, resource.map_or("", |resource| &resource.product_type))
        && fits(&request.subscription_type, &Some(SubscriptionType::Subscription))
}

fn is_product(asked: &Option<String>, given: &str) -> bool {
    asked.as_deref().is_none_or(|asked| asked == given)
}

pub(super) fn detail(
    state: &State,
    caller: &Caller,
    request: &GetOrderDetailRequest,
) -> Result<OrderDetailData, Failure> {
    let account = &state.world.accounts[caller.account];
    let order = account.order(&request.order_id).filter(|order| order.created_at <= caller.now);
    let refund = account.refund_order(&request.order_id);
    let rows: Vec<OrderDetailRow> = match (order, refund.filter(|refund| refund.created_at <= caller.now)) {
        (Some(order), _) => order.parts.iter().map(|part| part_row(account, order, part)).collect(),
        (None, Some(refund)) => refund_part_rows(account, refund),
        (None, None) => Vec::new(),
    };
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    Ok(OrderDetailData {
        host_name: host_name(state, caller),
        page_num: Some(1),
        page_size: Some(count.max(1)),
        total_count: Some(count),
        order_list: OrderDetailList { order: rows, ..Default::default() },
        ..Default::default()
    })
}

fn subscription(billing: Billing) -> SubscriptionType {
    match billing {
        Billing::Subscription => SubscriptionType::Subscription,
        Billing::PayAsYouGo => SubscriptionType::PayAsYouGo,
    }
}

fn payment_status(order: &Order) -> PaymentStatus {
    if order.paid { PaymentStatus::Paid } else { PaymentStatus::Unpaid }
}

fn order_row(account: &Account, order: &Order) -> OrderRow {
    let first = &order.parts[0];
    let amounts = Amounts { list: order.list(), payable: order.cash() + order.coupon(), tax: order.tax() };
    OrderRow {
        order_id: order.id.clone(),
        order_type: Some(OrderType::from_word(order.kind.wire())),
        payment_status: Some(payment_status(order)),
        subscription_type: Some(subscription(order.billing)),
        product_code: Some(first.product.clone()),
        product_type: Some(first.product_type.clone()),
        commodity_code: Some(first.commodity.clone()),
        create_time: Some(order.created_at),
        payment_time: order.paid.then_some(order.paid_at),
        ..amounts.of_order(&account.currency)
    }
}

fn refund_row(account: &Account, refund: &RefundOrder) -> OrderRow {
    let amounts = Amounts { list: refund.amount, payable: refund.amount, tax: Decimal::new(0, 2) };
    let (product, product_type, commodity) = codes(account.resource(&refund.instance));
    OrderRow {
        order_id: refund.order_id.clone(),
        related_order_id: Some(refund.related_order_id.clone()),
        order_type: Some(OrderType::Refund),
        payment_status: None,
        subscription_type: Some(SubscriptionType::Subscription),
        product_code: product,
        product_type,
        commodity_code: commodity,
        create_time: Some(refund.created_at),
        ..amounts.of_order(&account.currency)
    }
}

fn codes(resource: Option<&Resource>) -> (Option<String>, Option<String>, Option<String>) {
    (
        resource.map(|resource| resource.product.clone()),
        resource.map(|resource| resource.product_type.clone()),
        resource.map(|resource| resource.commodity.clone()),
    )
}

fn part_row(account: &Account, order: &Order, part: &Part) -> OrderDetailRow {
    let amounts = Amounts { list: part.list, payable: part.cash + part.coupon, tax: part.tax };
    let mut row = OrderDetailRow {
        order_id: order.id.clone(),
        sub_order_id: Some(part.sub_order_id.clone()),
        order_type: Some(OrderType::from_word(order.kind.wire())),
        order_sub_type: Some(OrderSubType::ProductSubOrder),
        payment_status: Some(payment_status(order)),
        subscription_type: Some(subscription(order.billing)),
        product_code: Some(part.product.clone()),
        product_type: Some(part.product_type.clone()),
        commodity_code: Some(part.commodity.clone()),
        region: Some(part.region.clone()),
        quantity: Some(Decimal::from(part.instances.len())),
        config: Some(part.config.clone()),
        original_config: Some(part.original_config.clone()),
        usage_start_time: Some(part.start),
        usage_end_time: Some(part.end),
        create_time: Some(order.created_at),
        payment_time: order.paid.then_some(order.paid_at),
        operator: Some(String::new()),
        extend_infos: extend_infos(account, part),
        ..amounts.of_part(&account.currency)
    };
    row.set_instances(&part.instances.iter().map(String::as_str).collect::<Vec<_>>());
    row
}

fn extend_infos(account: &Account, part: &Part) -> BTreeMap<String, String> {
    let mut discount = part.list - part.cash - part.coupon;
    discount.rescale(part.list.scale());
    let mut infos = BTreeMap::from([
        ("DiscountAmount".to_owned(), discount.to_string()),
        ("IsAutoRenew".to_owned(), "false".to_owned()),
    ]);
    if !part.coupon.is_zero() {
        infos.insert("DeductedByCoupons".to_owned(), part.coupon.to_string());
        infos.insert("CouponNo".to_owned(), format!("{}{}", &account.uid[..4], part.sub_order_id));
    }
    infos
}

/// A row for each original order that something came back of.
fn refund_part_rows(account: &Account, refund: &RefundOrder) -> Vec<OrderDetailRow> {
    if refund.merged.is_empty() {
        return vec![refund_part_row(account, refund, 1, &refund.related_order_id, refund.amount)];
    }
    let row = |(nth, part): (usize, &MergedPart)| {
        refund_part_row(account, refund, nth + 1, &part.related_order_id, part.amount)
    };
    refund.merged.iter().enumerate().map(row).collect()
}

fn refund_part_row(
    account: &Account,
    refund: &RefundOrder,
    nth: usize,
    related_order_id: &str,
    amount: Decimal,
) -> OrderDetailRow {
    let amounts = Amounts { list: amount, payable: amount, tax: Decimal::new(0, 2) };
    let resource = account.resource(&refund.instance);
    let (product, product_type, commodity) = codes(resource);
    let original = account.order(related_order_id).and_then(|order| order.part_of(&refund.instance));
    let mut row = OrderDetailRow {
        order_id: refund.order_id.clone(),
        sub_order_id: Some(format!("{}{nth}", refund.order_id)),
        related_order_id: Some(related_order_id.to_owned()),
        order_type: Some(OrderType::Refund),
        order_sub_type: Some(OrderSubType::RefundSubOrder),
        payment_status: None,
        subscription_type: Some(SubscriptionType::Subscription),
        product_code: product,
        product_type,
        commodity_code: commodity,
        region: resource.map(|resource| resource.region.clone()),
        quantity: Some(Decimal::ONE),
        config: original.map(|part| part.config.clone()),
        usage_start_time: original.map(|part| part.start),
        usage_end_time: original.map(|part| part.end),
        create_time: Some(refund.created_at),
        ..amounts.of_part(&account.currency)
    };
    row.set_instances(&[&refund.instance]);
    row
}

/// The amounts of a row, in the account's currency.
struct Amounts {
    list: Decimal,
    payable: Decimal,
    tax: Decimal,
}

impl Amounts {
    fn of_order(&self, currency: &str) -> OrderRow {
        OrderRow {
            currency: Some(currency.to_owned()),
            payment_currency: Some(currency.to_owned()),
            pretax_gross_amount: Some(self.list),
            pretax_amount: Some(self.payable),
            pretax_amount_local: Some(self.payable),
            tax: Some(self.tax),
            after_tax_amount: Some(self.payable + self.tax),
            ..Default::default()
        }
    }

    fn of_part(&self, currency: &str) -> OrderDetailRow {
        OrderDetailRow {
            currency: Some(currency.to_owned()),
            payment_currency: Some(currency.to_owned()),
            pretax_gross_amount: Some(self.list),
            pretax_amount: Some(self.payable),
            pretax_amount_local: Some(self.payable),
            tax: Some(self.tax),
            after_tax_amount: Some(self.payable + self.tax),
            ..Default::default()
        }
    }
}
