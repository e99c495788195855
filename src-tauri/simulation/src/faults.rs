//! What the network and the cloud do wrong: a table to draw from. A fault that the sandbox learns is one more row.

use bss_sandbox::{Fault, FaultRule};

use crate::draw::Draw;

/// A kind of fault.
struct Kind {
    /// The word of the sandbox's scripts.
    name: &'static str,
    /// How gladly it is drawn among those that can strike.
    weight: u32,
    strikes: Strikes,
    fault: Fault,
}

/// Which calls a fault has an effect on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strikes {
    Any,
    /// Lists that have pages.
    Pages,
    /// The inquiry and the refund.
    Acts,
}

const fn kind(name: &'static str, weight: u32, strikes: Strikes, fault: Fault) -> Kind {
    Kind { name, weight, strikes, fault }
}

/// A proxy that does not reach the cloud.
const BAD_GATEWAY: u16 = 502;

/// Every kind of fault that a script of the sandbox can name; the summary counts by these names, and a kind that never struck
/// fails the coverage check.
const FAULTS: [Kind; 19] = [
    kind("drop_before", 10, Strikes::Any, Fault::DropBefore),
    kind("drop_after", 14, Strikes::Any, Fault::DropAfter),
    kind("server_error", 8, Strikes::Any, Fault::ServerError),
    kind("server_error_after", 10, Strikes::Any, Fault::ServerErrorAfter),
    kind("unavailable", 5, Strikes::Any, Fault::Unavailable),
    kind("unavailable_after", 6, Strikes::Any, Fault::UnavailableAfter),
    kind("throttled", 8, Strikes::Any, Fault::Throttled { retry_after_ms: 1_500 }),
    kind("latency", 3, Strikes::Any, Fault::Latency { ms: 0 }),
    kind("latency_between", 3, Strikes::Any, Fault::LatencyBetween { from_ms: 0, to_ms: 1 }),
    kind("truncated", 8, Strikes::Any, Fault::Truncated),
    kind("html", 5, Strikes::Any, Fault::Html { status: BAD_GATEWAY }),
    kind("html_ok", 4, Strikes::Any, Fault::Html { status: 200 }),
    kind("html_after", 6, Strikes::Any, Fault::HtmlAfter { status: BAD_GATEWAY }),
    kind("page_repeated", 10, Strikes::Pages, Fault::PageRepeated),
    kind("page_shifted_down", 10, Strikes::Pages, Fault::PageShifted { rows: 3 }),
    kind("page_shifted_up", 10, Strikes::Pages, Fault::PageShifted { rows: -3 }),
    kind("amount_less", 5, Strikes::Acts, Fault::AmountChanged { amount_percent: 90 }),
    kind("amount_more", 4, Strikes::Acts, Fault::AmountChanged { amount_percent: 104 }),
    kind("released_meanwhile", 6, Strikes::Acts, Fault::ReleasedMeanwhile),
];

/// The names of all kinds.
pub fn names() -> impl Iterator<Item = &'static str> {
    FAULTS.iter().map(|kind| kind.name)
}

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

/// Lists long enough to have several pages.
const PAGED: [(u32, Option<&str>); 2] = [(6, Some("QueryOrders")), (3, Some("QueryAccountTransactions"))];

const ACTING: [(u32, Option<&str>); 2] = [(8, Some("RefundInstance")), (2, Some("InquiryPriceRefundInstance"))];

/// How often a fault strikes: once mostly, sometimes so often that a sync gives up, or that two acting calls in a row fail.
const TIMES: [(u32, u32); 4] = [(10, 1), (3, 2), (2, 5), (1, 12)];

/// The name of a fault in this table.
pub fn name_of(fault: Fault) -> &'static str {
    FAULTS.iter().find(|known| known.fault == fault).map_or("other", |known| known.name)
}

/// Faults for one attempt: often for an act, sometimes for a sync.
pub fn draw(draw: &mut Draw, calls: Calls) -> Vec<FaultRule> {
    let percent: u64 = match calls {
        Calls::None => return Vec::new(),
        Calls::Reading => 35,
        Calls::Acting => 60,
    };
    if !draw.chance(percent) {
        return Vec::new();
    }
    let can_strike = |kind: &&Kind| match kind.strikes {
        Strikes::Any => true,
        Strikes::Pages => calls == Calls::Reading,
        Strikes::Acts => calls == Calls::Acting,
    };
    let table: Vec<(u32, usize)> = FAULTS
        .iter()
        .enumerate()
        .filter(|(_, kind)| can_strike(kind))
        .map(|(place, kind)| (kind.weight, place))
        .collect();
    let mut rules = Vec::new();
    for _ in 0..=draw.below(2) {
        let kind = &FAULTS[draw.weighted(&table)];
        rules.push(rule(draw, kind, calls));
    }
    rules
}

fn rule(draw: &mut Draw, kind: &Kind, calls: Calls) -> FaultRule {
    let operations: &[(u32, Option<&str>)] = match (kind.strikes, calls) {
        (Strikes::Pages, _) => &PAGED,
        (_, Calls::Acting) => &ACTING,
        _ => &READING,
    };
    let operation = draw.weighted(operations).map(str::to_owned);
    // Only a page after the first can repeat or shift.
    let after = if kind.strikes == Strikes::Pages { 1 } else { 0 };
    FaultRule { operation, after, times: Some(draw.weighted(&TIMES)), ..FaultRule::always(kind.fault) }
}
