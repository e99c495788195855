//! The decision. Nothing is confirmed without both boxes, a reason, the amount typed out, and the quote that was shown.

use refund_rules::case::Action;
use rust_decimal::Decimal;

use super::event::Confirmed;
use super::record::Record;
use super::{RequestEvent, state_name};
use crate::answers;
use crate::error::DeskError;
use crate::home::Desk;
use crate::views::{Decision, RequestState, RequestView};

/// Longest reason, in characters.
const REASON_MAX: usize = 500;

impl Desk {
    /// Confirms a reviewed request. Errors: `illegal_move`, `quote_changed`, `quote_expired`, `unknowns_open`, `box_missing`,
    /// `reason_missing`, `amount_differs`, `channel_not_offered`, `clock_skewed`.
    pub fn confirm(&self, request: &str, decision: &Decision) -> Result<RequestView, DeskError> {
        let record = self.record(request)?;
        if record.state != RequestState::Reviewed {
            return Err(DeskError::illegal_move(request, state_name(record.state), "request_confirmed"));
        }
        self.check(&record, decision)?;
        let quote = record.quote();
        let event = RequestEvent::RequestConfirmed(Confirmed {
            channel: decision.channel,
            quote_sha256: decision.quote_sha256.clone(),
            refund: quote.refund,
            refund_max: quote.refund_max,
            reason: decision.reason.trim().to_owned(),
            authorisation: decision
                .authorisation
                .as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned),
            arrives_by: quote.arrives_by,
        });
        let (id, customer) = (record.id.clone(), record.customer.clone());
        let record = self.write(move |tx, scribe| scribe.move_request(tx, &id, &customer, &event))?;
        self.show(&record)
    }

    fn check(&self, record: &Record, decision: &Decision) -> Result<(), DeskError> {
        self.check_clock(&record.customer)?;
        let quote = record.quote();
        if quote.sha256.as_deref() != Some(decision.quote_sha256.as_str()) {
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
        if !channels.contains(&decision.channel) {
            return Err(DeskError::new(
                "channel_not_offered",
                format!("`{}` is not a channel of this request", decision.channel),
                "choose one of the channels offered",
            )
            .at("channel"));
        }
        check_boxes(record, decision)?;
        check_amount(decision, quote.refund)
    }
}

fn check_boxes(record: &Record, decision: &Decision) -> Result<(), DeskError> {
    let missing = |place: &str, text: &str| {
        DeskError::new("box_missing", text.to_owned(), "tick the box once it is true").at(place)
    };
    if !decision.amount_read {
        return Err(missing("amount_read", "the rules and the amount are not confirmed as read"));
    }
    if record.reviewed.action == Action::Unsubscribe && !decision.data_backed_up {
        return Err(missing("data_backed_up", "the data is not confirmed as backed up and migrated"));
    }
    let length = decision.reason.trim().chars().count();
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

/// The typed amount is what the manager means: it must be the quote's, to the cent.
fn check_amount(decision: &Decision, refund: Decimal) -> Result<(), DeskError> {
    let typed = read_amount(&decision.amount_typed);
    if typed == Some(refund) {
        return Ok(());
    }
    Err(DeskError::new(
        "amount_differs",
        format!(
            "the amount typed is `{}`; the quote says {}",
            decision.amount_typed.trim(),
            crate::tell::amount(refund)
        ),
        "type the amount of the quote, or review again if it is not the one you mean",
    )
    .at("amount_typed"))
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
