//! What calls told of a connection itself: how far the cloud's clock is from the machine's, and which lists it may not read. The
//! newest is kept in the cache, so that a decision made offline, or by another process, knows it too.

use bss_openapi::ClockSeen;
use chrono::{DateTime, TimeDelta, Utc};
use desk_store::{ConnectionNote, Json};
use serde::{Deserialize, Serialize};

use crate::ambient::CLOCK_TOLERANCE;
use crate::error::DeskError;
use crate::home::Desk;
use crate::views::Problem;

/// From here on a difference of the clocks is told.
const CLOCK_WARNING: TimeDelta = TimeDelta::minutes(1);

const CLOCK: &str = "clock";
pub(crate) const RELATIONS: &str = "relations";

/// What a difference of the clocks means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ClockVerdict {
    /// Not seen yet.
    Unknown,
    Fine,
    /// More than a minute.
    Warning,
    /// More than fifteen minutes: the cloud refuses calls, and nothing may be confirmed.
    Blocking,
}

impl ClockVerdict {
    /// Of the cloud's clock being so far ahead or behind.
    pub(crate) fn of(skew: TimeDelta) -> Self {
        match skew.abs() {
            far if far > CLOCK_TOLERANCE => Self::Blocking,
            far if far > CLOCK_WARNING => Self::Warning,
            _ => Self::Fine,
        }
    }
}

/// The state of a customer's connection.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct ConnectionHealth {
    pub customer: String,
    pub clock: ClockVerdict,
    /// How far the cloud's clock is ahead of the machine's (negative: behind).
    pub clock_skew_seconds: Option<i32>,
    pub clock_seen_at: Option<DateTime<Utc>>,
    /// What syncs went on without.
    pub warnings: Vec<Problem>,
}

#[derive(Serialize, Deserialize)]
struct KeptSkew {
    milliseconds: i64,
}

impl Desk {
    /// What is known of a customer's connection; asks nobody.
    pub fn connection_health(&self, customer: &str) -> Result<ConnectionHealth, DeskError> {
        let connection = self.connection(customer)?;
        let notes = self.store.read(|r| r.connection_notes().of_customer(&connection.id))?;
        let kept = notes.iter().find(|note| note.topic == CLOCK).map(read_clock).transpose()?;
        let met = self.clients.made(&connection.id).and_then(|client| client.clock_seen());
        // A sighting from a time that has not come was seen by a clock that was set back since.
        let now = self.ambient.wall();
        let seen = [kept, met].into_iter().flatten().filter(|seen| seen.at <= now).max_by_key(|seen| seen.at);
        let warnings =
            notes.iter().filter(|note| note.topic != CLOCK).map(|note| note.note.read()).collect::<Result<_, _>>()?;
        Ok(ConnectionHealth {
            customer: connection.id,
            clock: seen.map_or(ClockVerdict::Unknown, |seen| ClockVerdict::of(seen.skew)),
            clock_skew_seconds: seen.map(|seen| seconds(seen.skew)),
            clock_seen_at: seen.map(|seen| seen.at),
            warnings,
        })
    }

    /// Refuses to decide anything while the clocks are further apart than the cloud itself tolerates: which day it is, and so
    /// the amount, could be wrong. Error: `clock_skewed`.
    pub(crate) fn check_clock(&self, customer: &str) -> Result<(), DeskError> {
        let health = self.connection_health(customer)?;
        if health.clock != ClockVerdict::Blocking {
            return Ok(());
        }
        let seconds = health.clock_skew_seconds.unwrap_or_default();
        let (minutes, way) = (seconds.unsigned_abs() / 60, if seconds > 0 { "behind" } else { "ahead of" });
        Err(DeskError::new(
            "clock_skewed",
            format!("this computer's clock is {minutes} minutes {way} the cloud's"),
            "set the clock right, then sync or test the connection again",
        )
        .at("clock"))
    }

    /// Keeps what the customer's calls showed of the cloud's clock.
    pub(crate) fn keep_clock(&self, customer: &str) -> Result<(), DeskError> {
        let Some(seen) = self.clients.made(customer).and_then(|client| client.clock_seen()) else { return Ok(()) };
        self.keep_skew(customer, seen.at, seen.skew)
    }

    pub(super) fn keep_skew(&self, customer: &str, at: DateTime<Utc>, skew: TimeDelta) -> Result<(), DeskError> {
        let kept = KeptSkew { milliseconds: skew.num_milliseconds() };
        self.keep_note(customer, CLOCK, at, Json::of(&kept)?)
    }

    /// Keeps that a sync went on without a list, or (`None`) that it has it again.
    pub(crate) fn keep_warning(&self, customer: &str, topic: &str, problem: Option<&Problem>) -> Result<(), DeskError> {
        match problem {
            Some(problem) => self.keep_note(customer, topic, self.ambient.wall(), Json::of(problem)?),
            None => {
                let (customer, topic) = (customer.to_owned(), topic.to_owned());
                self.write(move |tx, _| Ok(tx.connection_notes().delete(&customer, &topic)?))
            }
        }
    }

    fn keep_note(&self, customer: &str, topic: &str, at: DateTime<Utc>, note: Json) -> Result<(), DeskError> {
        let row = ConnectionNote { customer: customer.to_owned(), topic: topic.to_owned(), at, note };
        self.write(move |tx, _| Ok(tx.connection_notes().put(&row)?))
    }
}

fn read_clock(note: &ConnectionNote) -> Result<ClockSeen, DeskError> {
    let kept: KeptSkew = note.note.read()?;
    Ok(ClockSeen { at: note.at, skew: TimeDelta::milliseconds(kept.milliseconds) })
}

/// Whole seconds, as far as they fit.
pub(super) fn seconds(skew: TimeDelta) -> i32 {
    let seconds = skew.num_seconds();
    i32::try_from(seconds).unwrap_or(if seconds < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_warns_and_fifteen_block_either_way() {
        for (seconds, verdict) in [
            (0, ClockVerdict::Fine),
            (60, ClockVerdict::Fine),
            (61, ClockVerdict::Warning),
            (900, ClockVerdict::Warning),
            (901, ClockVerdict::Blocking),
        ] {
            assert_eq!(ClockVerdict::of(TimeDelta::seconds(seconds)), verdict, "{seconds}");
            assert_eq!(ClockVerdict::of(TimeDelta::seconds(-seconds)), verdict, "-{seconds}");
        }
    }
}
