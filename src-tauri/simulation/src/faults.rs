//! What the network and the cloud do wrong: a table to draw from. A fault that the sandbox learns is one more row.

use bss_sandbox::{Fault, FaultOrder};

use crate::draw::Draw;

/// Name, weight and kind.
type Kind = (&'static str, u32, Fault);

/// Every kind of fault; the summary counts by these names, and a kind that never struck fails the coverage check.
pub const FAULTS: [Kind; 6] = [
    ("drop_before", 10, Fault::DropBefore),
    ("drop_after", 14, Fault::DropAfter),
    ("server_error", 8, Fault::ServerError),
    ("server_error_after", 10, Fault::ServerErrorAfter),
    ("throttled", 8, Fault::Throttled { retry_after_ms: 1_500 }),
    ("latency", 3, Fault::Latency { ms: 0 }),
];

/// Operations that faults are ordered for by name, and `None`: whichever comes next. The acting one weighs most.
const OPERATIONS: [(u32, Option<&str>); 9] = [
    (20, Some("RefundInstance")),
    (6, Some("InquiryPriceRefundInstance")),
    (10, None),
    (4, Some("QueryAvailableInstances")),
    (2, Some("QueryResourcePackageInstances")),
    (5, Some("QueryOrders")),
    (5, Some("GetOrderDetail")),
    (5, Some("QueryAccountTransactions")),
    (1, Some("QueryAccountBalance")),
];

/// How often a fault strikes: once mostly, sometimes so often that a sync gives up, or that two acting calls in a row fail.
const TIMES: [(u32, u32); 4] = [(10, 1), (3, 2), (2, 5), (1, 12)];

/// The name of a fault in this table.
pub fn name_of(fault: Fault) -> &'static str {
    FAULTS.iter().find(|(_, _, known)| *known == fault).map_or("other", |(name, ..)| name)
}

/// One fault to order.
pub fn draw(draw: &mut Draw) -> FaultOrder {
    let table: Vec<(u32, Fault)> = FAULTS.iter().map(|(_, weight, fault)| (*weight, *fault)).collect();
    let fault = draw.weighted(&table);
    let operation = draw.weighted(&OPERATIONS).map(str::to_owned);
    FaultOrder { operation, times: draw.weighted(&TIMES), fault }
}
