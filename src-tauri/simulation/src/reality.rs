//! Where the simulated cloud does not do what its pages say: the sandbox's knobs, turned by the seed. The ledger names the knob of
//! each difference that really came about.

use bss_sandbox::{DayCount, FailedChannel, Knob, Merge, Reality, Rounding, Tax, TaxOnRefund};
use refund_rules::case::Method;

use crate::draw::Draw;

/// Every knob by the name in the summary; one that made no difference in all runs fails the coverage check.
pub const KNOBS: [(&str, Knob); 8] = [
    ("days", Knob::Days),
    ("rounding", Knob::Rounding),
    ("tax", Knob::Tax),
    ("late_days", Knob::LateDays),
    ("destination", Knob::Destination),
    ("failed_channel", Knob::FailedChannel),
    ("merge", Knob::Merge),
    ("amount_changed", Knob::AmountChanged),
];

/// The name of a knob.
pub fn name_of(knob: Knob) -> &'static str {
    KNOBS.iter().find(|(_, known)| *known == knob).map_or("other", |(name, _)| name)
}

/// A reality for a while: every knob may be turned, each for itself.
pub fn draw(draw: &mut Draw) -> Reality {
    let days = if draw.chance(25) { DayCount::Calendar } else { DayCount::Elapsed };
    let rounding = if draw.chance(25) { Rounding::Down } else { Rounding::HalfUp };
    let tax = draw.chance(20).then(|| Tax {
        percent: draw.weighted(&[(1, 6), (1, 9), (1, 13)]),
        on_refund: draw.weighted(&[(1, TaxOnRefund::Returned), (1, TaxOnRefund::Withheld)]),
    });
    let late_days = if draw.chance(30) { draw.weighted(&[(3, 2), (2, 9), (1, 60)]) } else { 0 };
    let destination = draw.chance(15).then(|| draw.weighted(&[(2, Method::Balance), (1, Method::Alipay)]));
    let failed_channel = draw
        .chance(30)
        .then(|| FailedChannel { method: None, after_days: draw.weighted(&[(1, 0), (1, 3), (2, 20), (1, 45)]) });
    let merge = draw.weighted(&[(6, Merge::None), (2, Merge::RefundOrder), (2, Merge::Transaction)]);
    Reality { days, rounding, tax, late_days, destination, failed_channel, merge }
}
