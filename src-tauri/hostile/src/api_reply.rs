//! An answer of the billing API. The first byte chooses the operation, the second the status, the rest is the body.

use bss_openapi::wire::{
    AssumeRoleRequest, GetCustomerOrdersRequest, GetOrderDetailRequest, InquiryPriceRefundInstanceRequest,
    OrderDetailRow, QueryAccountBalanceRequest, QueryAccountTransactionsRequest, QueryAvailableInstancesRequest,
    QueryOrdersRequest, QueryRelationListRequest, QueryResourcePackageInstancesRequest, Record, RefundInstanceRequest,
    Request,
};
use bss_openapi::{Account, BssError, CHINA_ENDPOINT, read_answer};

const STATUSES: [u16; 8] = [200, 200, 200, 400, 403, 429, 500, 503];

/// What no message may tell.
const SECRET: &str = "the-secret-of-the-key";

pub(crate) fn open(bytes: &[u8]) {
    let [operation, status, body @ ..] = bytes else { return };
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    match operation % 12 {
        0 => drop(read::<QueryOrdersRequest>(status, body)),
        1 => details(status, body),
        2 => drop(read::<QueryAvailableInstancesRequest>(status, body)),
        3 => drop(read::<QueryResourcePackageInstancesRequest>(status, body)),
        4 => drop(read::<QueryAccountTransactionsRequest>(status, body)),
        5 => drop(read::<QueryAccountBalanceRequest>(status, body)),
        6 => drop(read::<QueryRelationListRequest>(status, body)),
        7 => drop(read::<InquiryPriceRefundInstanceRequest>(status, body)),
        8 => refund(status, body),
        9 => drop(read::<GetCustomerOrdersRequest>(status, body)),
        10 => drop(read::<AssumeRoleRequest>(status, body)),
        _ => drop(read::<QueryOrdersRequest>(status, &wrapped(body))),
    }
}

/// Data or an error that says where and what; what was read can be written and read again.
fn read<R: Request>(status: u16, body: &[u8]) -> Option<R::Data>
where
    R::Data: PartialEq + std::fmt::Debug,
{
    let account = Account {
        endpoint: CHINA_ENDPOINT.to_owned(),
        key_id: "an-id".to_owned(),
        key_secret: SECRET.into(),
        security_token: None,
    };
    match read_answer::<R>(&account, status, body.to_vec()) {
        Ok(data) => {
            let written = serde_json::to_string(&data).expect("what was read can be written");
            let raw = serde_json::from_str(&written).expect("it is JSON");
            let again = R::Data::read_record(raw).expect("what was written can be read");
            assert_eq!(again, data);
            Some(data)
        }
        Err(error) => {
            told(&error);
            None
        }
    }
}

fn told(error: &BssError) {
    let text = format!("{error} {error:?}");
    assert!(!text.contains(SECRET), "{text}");
    assert!(text.chars().count() < 10_000, "an answer's text is cut");
}

fn details(status: u16, body: &[u8]) {
    let data = read::<GetOrderDetailRequest>(status, body);
    data.iter().flat_map(|data| &data.order_list.order).for_each(texts);
}

/// Texts in which JSON stands once more.
fn texts(order: &OrderDetailRow) {
    for id in order.instances().into_iter().flatten() {
        assert!(!id.trim().is_empty(), "an instance without an id");
    }
    for name in order.extend_infos.keys() {
        _ = order.extend_info(name);
        _ = order.extend_amount(name);
    }
}

/// Order id 0 is a refusal, whatever else stands beside it; whoever reads it must not take it for an order.
fn refund(status: u16, body: &[u8]) {
    if let Some(data) = read::<RefundInstanceRequest>(status, body) {
        assert!(status < 300, "no data in a failure, but {data:?}");
    }
}

/// A body whose envelope is right, so that more gets as far as the rows.
fn wrapped(rows: &[u8]) -> Vec<u8> {
    [br#"{"Success":true,"Code":"Success","Data":{"OrderList":{"Order":["#, rows, b"]}}}"].concat()
}
