//! What to look after although a request itself is well.

use refund_rules::case::{Action, RenewStatus};
use refund_rules::quote::{Param, Params};

use super::record::Record;
use crate::error::DeskError;
use crate::home::Desk;
use crate::tell;
use crate::views::{RequestState, Sentence};

impl Desk {
    /// Warnings about a request, from its record and from what the last sync saw of its resource.
    pub(super) fn warnings(&self, record: &Record) -> Result<Vec<Sentence>, DeskError> {
        let language = self.language()?;
        let mut warnings = Vec::new();
        let mut warn = |id: &str, more: Params| {
            let mut params = tell::params([("resource", record.reviewed.resource.as_str().into())]);
            params.extend(more);
            let text = tell::say(language, "warning", id, &params);
            warnings.push(Sentence { text, rule: None, source: None });
        };
        let open = matches!(record.state, RequestState::Reviewed | RequestState::Confirmed);
        if record.quote().releasable && open {
            warn("nothing_comes_back", Params::new());
        }
        if !record.returned_renewals.is_empty() {
            let orders = Param::List(record.returned_renewals.clone());
            warn("renewal_returned", tell::params([("orders", orders)]));
        }
        let given_up = matches!(
            record.state,
            RequestState::Withdrawn | RequestState::Expired | RequestState::Rejected | RequestState::Closed
        );
        if record.reviewed.action == Action::CancelRenewals && !given_up && self.renews_itself(record)? {
            warn("automatic_renewal_on", Params::new());
        }
        Ok(warnings)
    }

    /// True when the last sync saw automatic renewal switched on.
    fn renews_itself(&self, record: &Record) -> Result<bool, DeskError> {
        let row = self.store.read(|r| r.resources().get(&record.customer, &record.reviewed.resource))?;
        let status = row.filter(|row| row.gone_at.is_none()).and_then(|row| row.renew_status);
        Ok(status.as_deref().and_then(RenewStatus::from_word) == Some(RenewStatus::Auto))
    }
}
