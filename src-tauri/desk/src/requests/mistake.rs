//! "Wrong one?": an urgent ticket text after an unsubscription that should not have been. It cannot be undone; a ticket at once may
//! still save data (refund-rules section 14), and for some products the pages say how long something is kept.

use chrono::{DateTime, TimeDelta, Utc};
use refund_rules::case::Action;
use refund_rules::quote::Param;
use serde::{Deserialize, Serialize};

use super::record::Record;
use super::{instructions, state_name};
use crate::day;
use crate::error::DeskError;
use crate::home::Desk;
use crate::tell;
use crate::views::RequestState;

/// A text to send at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct UrgentTicket {
    pub request: String,
    pub resource: String,
    pub text: String,
    /// What is kept for a while; empty where no page names a time.
    pub kept: Vec<Kept>,
}

/// Something that outlives the resource for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Kept {
    /// `configuration` or `logs`.
    pub what: String,
    pub until: DateTime<Utc>,
    /// Whole minutes; 0 when it is over.
    pub minutes_left: u32,
}

impl Desk {
    /// The urgent ticket for an unsubscription that may have been carried out. Errors: `unknown_request`, `nothing_to_undo`.
    pub fn wrong_one(&self, request: &str) -> Result<UrgentTicket, DeskError> {
        let record = self.record(request)?;
        let acted_at = match record.acted_at {
            Some(at) if record.reviewed.action == Action::Unsubscribe && may_be_done(&record) => at,
            _ => return Err(nothing_to_undo(&record)),
        };
        let (now, language) = (self.now(), self.language()?);
        let kept = kept(&record, acted_at, now);
        let mut params = instructions::about(&record);
        params.extend(tell::params([
            ("acted_at", day::shown(acted_at).into()),
            ("refund_orders", Param::List(record.refund_orders.clone())),
        ]));
        let mut text = vec![tell::say(language, "letter", "urgent", &params)];
        for kept in &kept {
            let id = if kept.minutes_left == 0 { "kept_no_longer" } else { "kept_until" };
            let (hours, minutes) = (number(kept.minutes_left / 60), number(kept.minutes_left % 60));
            let what = tell::say(language, "letter", &format!("kept_{}", kept.what), &params);
            let until = day::shown(kept.until);
            let about = [("what", what.into()), ("until", until.into()), ("hours", hours), ("minutes", minutes)];
            text.push(tell::say(language, "letter", id, &tell::params(about)));
        }
        if kept.is_empty() {
            text.push(tell::say(language, "letter", "kept_unknown", &params));
        }
        Ok(UrgentTicket { request: record.id, resource: record.reviewed.resource, text: text.join("\n"), kept })
    }
}

fn may_be_done(record: &Record) -> bool {
    record.may_have_acted() && record.state != RequestState::Sending
}

/// The quote says until when, counted from its own instant; what counts is the instant of the act.
fn kept(record: &Record, acted_at: DateTime<Utc>, now: DateTime<Utc>) -> Vec<Kept> {
    let quote = record.quote();
    let until = |id: &str| -> Option<DateTime<Utc>> {
        let kept = quote.consequences.iter().find(|consequence| consequence.id == id)?;
        let Some(Param::Text(until)) = kept.params.get("until") else { return None };
        until.parse().ok()
    };
    let configuration = until("configuration_kept").map(|until| acted_at + (until - quote.at));
    // Until the next midnight, whenever in the day it was done.
    let logs = until("logs_kept").map(|_| day::next_midnight(acted_at));
    let kept = |(what, until): (&str, DateTime<Utc>)| Kept {
        what: what.to_owned(),
        until,
        minutes_left: u32::try_from((until - now).max(TimeDelta::zero()).num_minutes()).unwrap_or(u32::MAX),
    };
    let logs = logs.map(|until| ("logs", until));
    logs.into_iter().chain(configuration.map(|until| ("configuration", until))).map(kept).collect()
}

fn nothing_to_undo(record: &Record) -> DeskError {
    let next = if record.reviewed.action == Action::CancelRenewals {
        "a cancelled renewal is bought again: renew the resource"
    } else {
        "nothing was released by this request: withdraw it if it is not meant"
    };
    DeskError::new(
        "nothing_to_undo",
        format!("request `{}` is `{}` and released nothing", record.id, state_name(record.state)),
        next,
    )
    .at("request")
}

fn number(value: u32) -> Param {
    Param::Number(i32::try_from(value).unwrap_or(i32::MAX))
}
