//! The way out of a request that no refund of its own brings to its end: the resource was unsubscribed elsewhere, the channel
//! settled it otherwise, the money does not come. The manager's word, taken only once the cloud was asked and nothing is under
//! way; should the cloud show more of it later, that opens the request again.

use refund_rules::case::Action;
use rust_decimal::Decimal;

use super::event::{Closed, Ending, RequestEvent};
use super::record::Record;
use super::state_name;
use crate::error::DeskError;
use crate::home::Desk;
use crate::views::{RequestState, RequestView};

/// Longest note, in characters.
const NOTE_MAX: usize = 500;

impl Desk {
    /// Closes a request that ended otherwise than it was decided. Errors: `unknown_request`, `illegal_move`, `may_still_come`,
    /// `ending_not_seen`, `reason_missing`, `bad_note`.
    pub fn close_request(&self, request: &str, ending: Ending, note: &str) -> Result<RequestView, DeskError> {
        let record = self.record(request)?;
        if !record.may_close() {
            return Err(DeskError::illegal_move(request, state_name(record.state), "request_closed"));
        }
        let endings = self.endings(&record)?;
        if endings.is_empty() {
            return Err(may_still_come());
        }
        if !endings.contains(&ending) {
            return Err(not_seen(ending, &endings));
        }
        let note = note.trim().to_owned();
        check_note(ending, &note)?;
        let expected = expected(&record);
        let elsewhere = self.unanswered(&record)?.into_iter().map(|refund| refund.refund_order).collect();
        let (arrived, difference) = (record.arrived, record.arrived - expected);
        let closed = Closed { ending, note, expected, arrived, difference, elsewhere };
        self.apply(&record, RequestEvent::RequestClosed(closed))
    }

    /// How a request may be closed now: never before a complete sync that began an hour after the act, and not while money of it
    /// is on its way within its time.
    pub(super) fn endings(&self, record: &Record) -> Result<Vec<Ending>, DeskError> {
        if !record.may_close() || !self.asked_long_after(record)? {
            return Ok(Vec::new());
        }
        let gone = self.is_gone(record)?;
        let late = record.state == RequestState::Overdue;
        // All money of the refund orders that were seen is there, and no more were seen.
        let came = record.state == RequestState::PartRefunded && record.actual.is_some_and(|all| record.arrived >= all);
        let unseen = !record.observed && !record.is_answered_by_api();
        // An unsubscription that was seen did release the resource itself.
        let by_another = match record.reviewed.action {
            Action::CancelRenewals => gone && (unseen || late || came),
            _ => gone && unseen,
        };
        let mut endings = Vec::new();
        endings.extend(by_another.then_some(Ending::UnsubscribedElsewhere));
        endings.extend((late || came || (gone && unseen)).then_some(Ending::SettledOtherwise));
        endings.extend((late || came).then_some(Ending::NotComing));
        Ok(endings)
    }
}

/// What was to come, as far as it was told.
fn expected(record: &Record) -> Decimal {
    let quote = record.quote();
    record.promised.unwrap_or_else(|| record.arrived.clamp(quote.refund, quote.refund_max.max(quote.refund)))
}

fn check_note(ending: Ending, note: &str) -> Result<(), DeskError> {
    if note.is_empty() && ending != Ending::UnsubscribedElsewhere {
        let next = "say how it was settled or why it is not waited for: whoever asks later reads it in the trail";
        return Err(DeskError::new("reason_missing", "no reason is given", next).at("note"));
    }
    if note.chars().count() > NOTE_MAX {
        let why = format!("a note has at most {NOTE_MAX} characters");
        return Err(DeskError::new("bad_note", why, "say it shorter, and keep the rest with the ticket").at("note"));
    }
    Ok(())
}

fn may_still_come() -> DeskError {
    DeskError::new(
        "may_still_come",
        "its refund may still come",
        "ask again an hour after the act; it can be closed once it is overdue, once all that was seen has come and more is \
         missing, or once its resource is gone without a refund of its own",
    )
    .at("request")
}

fn not_seen(ending: Ending, endings: &[Ending]) -> DeskError {
    let words: Vec<&str> = endings.iter().map(|ending| ending.word()).collect();
    let why = format!("nothing that was seen says `{}`", ending.word());
    DeskError::new("ending_not_seen", why, format!("possible now: {}", words.join(", "))).at("ending")
}
