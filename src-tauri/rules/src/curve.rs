//! The refund over the coming time: every instant at which what comes back, its type or its place changes, taken from the
//! rules' own boundaries (`marks`), and the instant at which most comes back.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::bounds;
use crate::case::Case;
use crate::chain::Chain;
use crate::destinations::by_destination;
use crate::error::BadInput;
use crate::judge::Answer;
use crate::marks::{Marks, turns_after_the_end};
use crate::money::{at_minor_unit, minor_units};
use crate::notes::Notes;
use crate::outlook::{JUST_AFTER, Sight};
use crate::params::instant_text;
use crate::policy::Policies;
use crate::quote::{Destination, PolicyRef, RefundType};

/// What one ask gives back at every instant from the asked one to `until`, as the facts stand at the asked instant: orders
/// paid later do not exist here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Curve {
    pub resource: String,
    /// `None` with orders in several currencies.
    pub currency: Option<String>,
    /// The asked instant, where the curve begins.
    pub at: DateTime<Utc>,
    /// Last instant of the curve. Earlier than asked for only where a service period of centuries is cut off.
    pub until: DateTime<Utc>,
    /// In time order, never empty; each holds until the next.
    pub points: Vec<Point>,
    /// Where the certain refund is largest, the earliest such instant; `None` when nothing comes back at any.
    pub best: Option<Best>,
    pub policy: PolicyRef,
}

/// What holds from a breakpoint until the next one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Point {
    /// The breakpoint.
    pub at: DateTime<Utc>,
    /// It holds only after the breakpoint, which itself still belongs to the point before: windows and begun days include
    /// their last instant.
    pub after: bool,
    /// What comes back for certain, and at most.
    pub refund: Decimal,
    pub refund_max: Decimal,
    pub refund_type: RefundType,
    pub eligible: bool,
    pub destinations: Vec<Destination>,
    /// Codes of what stands in the way, sorted.
    pub blockers: Vec<String>,
}

/// The best instant of a curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Best {
    pub at: DateTime<Utc>,
    /// Just after `at`, not at it.
    pub after: bool,
    pub refund: Decimal,
    /// How much more that is than at the asked instant.
    pub by_waiting: Decimal,
}

/// The curve of a case from its asked instant to `until`, which belongs to it.
///
/// # Errors
/// Those of [`quote`](crate::quote()) at the asked instant; `bad_input` at "until" when it is before the asked instant.
pub fn curve(case: &Case, policies: &Policies, until: DateTime<Utc>) -> Result<Curve, BadInput> {
    bounds::check(case)?;
    let at = case.ask.at;
    if until < at {
        let message = format!("{} is before the asked instant {}", instant_text(until), instant_text(at));
        return Err(BadInput::at("until", message));
    }
    let chain = Chain::of(case, policies);
    let now = Answer::at(&chain, at, &mut Notes::not_taken())?;
    let (breakpoints, looked_until) = breakpoints(&chain, at, until);
    let tracing = Tracing::of(&chain);
    let mut points = vec![tracing.point(&Sight::of(&now), at, false)];
    for breakpoint in breakpoints {
        points.extend(tracing.next(&points, breakpoint, false));
        if breakpoint < looked_until {
            points.extend(tracing.next(&points, breakpoint, true));
        }
    }
    Ok(Curve {
        resource: case.resource.id.clone(),
        currency: chain.currency().map(str::to_owned),
        at,
        until: looked_until,
        best: best(&points),
        points,
        policy: PolicyRef { id: chain.pack.site.word().to_owned(), version: chain.pack.version.clone() },
    })
}

/// The rules' boundaries up to `until`, and how far they were looked for.
fn breakpoints(chain: &Chain<'_>, at: DateTime<Utc>, until: DateTime<Utc>) -> (Vec<DateTime<Utc>>, DateTime<Utc>) {
    let mut marks = Marks::ahead(chain, at);
    let mut found: Vec<_> = marks.by_ref().map(|mark| mark.at).collect();
    let cut = marks.looked_until();
    let looked_until = cut.map_or(until, |cut| cut.min(until));
    found.retain(|boundary| *boundary <= looked_until);
    if cut.is_none() {
        found.extend(turns_after_the_end(chain, at, until));
    }
    (found, looked_until)
}

struct Tracing<'c, 'a> {
    chain: &'c Chain<'a>,
    minor_units: u32,
}

impl<'c, 'a> Tracing<'c, 'a> {
    fn of(chain: &'c Chain<'a>) -> Self {
        let currency = chain.currency().unwrap_or(&chain.case.customer.currency);
        Self { chain, minor_units: minor_units(currency) }
    }

    /// The point at a breakpoint or just after it, if it says something else than the last one.
    fn next(&self, points: &[Point], at: DateTime<Utc>, after: bool) -> Option<Point> {
        let sight = Sight::at(self.chain, if after { at + JUST_AFTER } else { at });
        let point = self.point(&sight, at, after);
        points.last().is_none_or(|last| !last.says_the_same(&point)).then_some(point)
    }

    fn point(&self, sight: &Sight, at: DateTime<Utc>, after: bool) -> Point {
        let mut blockers: Vec<String> = sight.blockers.iter().map(|code| (*code).to_owned()).collect();
        blockers.sort_unstable();
        Point {
            at,
            after,
            refund: at_minor_unit(sight.refund, self.minor_units),
            refund_max: at_minor_unit(sight.refund_max, self.minor_units),
            refund_type: sight.refund_type,
            eligible: sight.blockers.is_empty(),
            destinations: by_destination(&sight.parts, self.minor_units),
            blockers,
        }
    }
}

impl Point {
    fn says_the_same(&self, other: &Self) -> bool {
        (self.refund, self.refund_max, self.refund_type) == (other.refund, other.refund_max, other.refund_type)
            && self.destinations == other.destinations
            && self.blockers == other.blockers
    }
}

fn best(points: &[Point]) -> Option<Best> {
    let most = points.iter().map(|point| point.refund).max().filter(|most| !most.is_zero())?;
    let first = points.iter().find(|point| point.refund == most)?;
    Some(Best { at: first.at, after: first.after, refund: most, by_waiting: most - points.first()?.refund })
}
