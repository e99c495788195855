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

/// What an attempt asks of the cloud: faults are ordered where they can strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    /// Nothing.
    None,
    /// A sync's reading calls.
    Reading,
    /// The inquiry and the refund.
    Acting,
}

/// Operations of a sync, and `None`: whichever comes next.
const READING: [(u32, Option<&str>); 6] = [
    (6, None),
    (4, Some("QueryAvailableInstances")),
    (2, Some("QueryResourcePackageInstances")),
    (5, Some("QueryOrders")),
    (5, Some("GetOrderDetail")),
    (5, Some("QueryAccountTransactions")),
];

const ACTING: [(u32, Option<&str>); 2] = [(8, Some("RefundInstance")), (2, Some("InquiryPriceRefundInstance"))];

/// How often a fault strikes: once mostly, sometimes so often that a sync gives up, or that two acting calls in a row fail.
const TIMES: [(u32, u32); 4] = [(10, 1), (3, 2), (2, 5), (1, 12)];

/// The name of a fault in this table.
pub fn name_of(fault: Fault) -> &'static str {
    FAULTS.iter().find(|(_, _, known)| *known == fault).map_or("other", |(name, ..)| name)
}

/// Faults for one attempt: often for an act, sometimes for a sync.
pub fn draw(draw: &mut Draw, calls: Calls) -> Vec<FaultOrder> {
    let (percent, operations): (u64, &[(u32, Option<&str>)]) = match calls {
        Calls::None => return Vec::new(),
        Calls::Reading => (35, &READING),
        Calls::Acting => (60, &ACTING),
    };
    if !draw.chance(percent) {
        return Vec::new();
    }
    let table: Vec<(u32, Fault)> = FAULTS.iter().map(|(_, weight, fault)| (*weight, *fault)).collect();
    let mut orders = Vec::new();
    for _ in 0..=draw.below(2) {
        let fault = draw.weighted(&table);
        let operation = draw.weighted(operations).map(str::to_owned);
        orders.push(FaultOrder { operation, times: draw.weighted(&TIMES), fault });
    }
    orders
}
