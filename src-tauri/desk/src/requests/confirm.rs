//! The decision. Nothing is confirmed without both boxes, a reason, the amount typed out, and the quote that was shown.

use refund_rules::case::Action;
use refund_rules::quote::Channel;
use rust_decimal::Decimal;

use super::event::{Confirmed, Floor};
use super::record::Record;
use super::{RequestEvent, state_name};
use crate::answers;
use crate::day;
use crate::error::DeskError;
use crate::home::Desk;
use crate::tell::amount;
use crate::views::{Decision, RequestState, RequestView};

/// Longest reason, in characters.
const REASON_MAX: usize = 500;

impl Desk {
    /// Confirms a reviewed request. Errors: `illegal_move`, `quote_changed`, `quote_expired`, `unknowns_open`, `box_missing`,
    /// `reason_missing`, `amount_differs`, `channel_not_offered`, `clock_skewed`.
    pub fn confirm(&self, request: &str, decision: &Decision) -> Result<RequestView, DeskError> {
        self.confirm_within(request, decision, None)
    }

    /// Confirms a reviewed request with a floor: it may be carried out although its quote has changed, while at least so much
    /// comes back and before so long. Errors: those of [`confirm`](Self::confirm), and `bad_floor`.
    pub fn confirm_with_floor(
        &self,
        request: &str,
        decision: &Decision,
        floor: &Floor,
    ) -> Result<RequestView, DeskError> {
        self.confirm_within(request, decision, Some(floor.clone()))
    }

    fn confirm_within(
        &self,
        request: &str,
        decision: &Decision,
        floor: Option<Floor>,
    ) -> Result<RequestView, DeskError> {
        let record = self.record(request)?;
        self.check_shown(&record, &decision.quote_sha256, decision.channel)?;
        check_boxes(record.reviewed.action, decision.amount_read, decision.data_backed_up)?;
        check_reason(&decision.reason)?;
        check_amount("amount_typed", &decision.amount_typed, record.quote().refund)?;
        if let Some(floor) = &floor {
            self.check_floor(&record, floor)?;
        }
        let event = RequestEvent::RequestConfirmed(Confirmed {
            floor,
            ..confirmed(&record, decision.channel, &decision.reason, decision.authorisation.as_deref())
        });
        let (id, customer) = (record.id.clone(), record.customer.clone());
        let record = self.write(move |tx, scribe| scribe.move_request(tx, &id, &customer, &event))?;
        self.show(&record)
    }

    /// What the manager decides about is what was shown, still holds, has no open question and can take the channel; and the clocks
    /// agree well enough for its times to mean something.
    pub(super) fn check_shown(&self, record: &Record, sha256: &str, channel: Channel) -> Result<(), DeskError> {
        self.check_clock(&record.customer)?;
        if record.state != RequestState::Reviewed {
            return Err(DeskError::illegal_move(&record.id, state_name(record.state), "request_confirmed"));
        }
        let quote = record.quote();
        if quote.sha256.as_deref() != Some(sha256) {
            return Err(DeskError::quote_changed(&record.id));
        }
        if quote.valid_until.is_some_and(|until| self.now() >= until) {
            return Err(DeskError::new(
                "quote_expired",
                "the quote was valid only until its next change",
                "review again: the amount may differ now",
            )
            .at("quote_sha256"));
        }
        let open: Vec<String> = answers::required(quote).cloned().collect();
        if !open.is_empty() {
            return Err(DeskError::new(
                "unknowns_open",
                format!("{} facts are still unknown", open.len()),
                "answer the questions of the review first",
            )
            .at(open[0].clone())
            .with_details(open));
        }
        let (channels, _) = self.channels(record)?;
        if !channels.contains(&channel) {
            return Err(DeskError::new(
                "channel_not_offered",
                format!("`{channel}` is not a channel of this request"),
                "choose one of the channels offered",
            )
            .at("channel"));
        }
        Ok(())
    }

    fn check_floor(&self, record: &Record, floor: &Floor) -> Result<(), DeskError> {
        let refused = |why: String, next: &str| Err(DeskError::new("bad_floor", why, next).at("floor"));
        let refund = record.quote().refund;
        if floor.at_least <= Decimal::ZERO || floor.at_least > refund {
            return refused(
                format!("at least {} is not a floor of {}", amount(floor.at_least), amount(refund)),
                "give an amount above 0 and at most what comes back now",
            );
        }
        self.check_until(floor)
    }

    /// A floor that has ended already would hold for nothing.
    pub(super) fn check_until(&self, floor: &Floor) -> Result<(), DeskError> {
        if floor.until > self.now() {
            return Ok(());
        }
        let why = format!("{} has passed", day::shown(floor.until));
        Err(DeskError::new("bad_floor", why, "give an instant in the future").at("floor"))
    }
}

/// The decision about one request as it is journaled.
pub(super) fn confirmed(record: &Record, channel: Channel, reason: &str, authorisation: Option<&str>) -> Confirmed {
    let quote = record.quote();
    Confirmed {
        channel,
        quote_sha256: quote.sha256.clone().unwrap_or_default(),
        refund: quote.refund,
        refund_max: quote.refund_max,
        reason: reason.trim().to_owned(),
        authorisation: authorisation.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned),
        arrives_by: quote.arrives_by,
        floor: None,
        batch: None,
    }
}

/// A renewal alone needs one box, an unsubscription both (refund-rules section 14).
pub(super) fn check_boxes(action: Action, amount_read: bool, data_backed_up: bool) -> Result<(), DeskError> {
    let missing = |place: &str, text: &str| {
        DeskError::new("box_missing", text.to_owned(), "tick the box once it is true").at(place)
    };
    if !amount_read {
        return Err(missing("amount_read", "the rules and the amount are not confirmed as read"));
    }
    if action == Action::Unsubscribe && !data_backed_up {
        return Err(missing("data_backed_up", "the data is not confirmed as backed up and migrated"));
    }
    Ok(())
}

pub(super) fn check_reason(reason: &str) -> Result<(), DeskError> {
    let length = reason.trim().chars().count();
    if length == 0 || length > REASON_MAX {
        return Err(DeskError::new(
            "reason_missing",
            format!("a reason of 1 to {REASON_MAX} characters is needed"),
            "say why, in your own words",
        )
        .at("reason"));
    }
    Ok(())
}

/// The typed amount is what the manager means: it must be the quote's, or the sum of the batch's, to the cent.
pub(super) fn check_amount(place: &str, typed: &str, refund: Decimal) -> Result<(), DeskError> {
    if read_amount(typed) == Some(refund) {
        return Ok(());
    }
    Err(DeskError::new(
        "amount_differs",
        format!("the amount typed is `{}`; the quote says {}", typed.trim(), amount(refund)),
        "type the amount of the quote, or review again if it is not the one you mean",
    )
    .at(place))
}

/// An amount as a person types it: thousands may be set apart by commas.
pub(super) fn read_amount(text: &str) -> Option<Decimal> {
    let plain: String = text.trim().chars().filter(|c| *c != ',').collect();
    let digits = plain.chars().all(|c| c.is_ascii_digit() || c == '.');
    (digits && !plain.is_empty()).then(|| plain.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        let d = |text: &str| text.parse::<Decimal>().ok();
        for (typed, expected) in [
            ("1,308.00", d("1308")),
            (" 1308 ", d("1308")),
            ("1308.0", d("1308")),
            ("", None),
            ("-5", None),
            ("1e3", None),
            ("1308.00 USD", None),
            ("１３０８", None),
        ] {
            assert_eq!(read_amount(typed), expected, "{typed:?}");
        }
    }
}
