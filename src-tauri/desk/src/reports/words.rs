//! The desk's sentences in the languages of a report.

use desk_report::{Language as PaperLanguage, Told, Words};
use refund_rules::quote::Params;

use super::ask::ReportLanguage;
use crate::tell::{self, Language};

impl ReportLanguage {
    /// Fixed words of a report.
    pub(super) fn words(self) -> Words {
        let paper = |language: &Language| match language {
            Language::English => PaperLanguage::English,
            Language::Chinese => PaperLanguage::Chinese,
        };
        Words::of(&self.languages().iter().map(paper).collect::<Vec<_>>())
    }

    /// Their tags.
    pub(super) fn tags(self) -> Vec<String> {
        self.languages().iter().map(|language| language.word().to_owned()).collect()
    }

    /// A sentence of the desk's own.
    pub(super) fn say(self, table: &str, id: &str, params: &Params) -> Told {
        self.each(|language| tell::say(language, table, id, params))
    }

    /// What a reading says, if it is one.
    pub(super) fn reading(self, rule: &str) -> Option<Told> {
        self.languages().iter().map(|language| tell::reading(rule, *language)).collect()
    }

    /// One text a language.
    pub(super) fn each(self, text: impl Fn(Language) -> String) -> Told {
        self.languages().iter().map(|language| text(*language)).collect()
    }
}

#[cfg(test)]
mod tests {
    use desk_store::cache::request::FINAL_STATES;
    use refund_rules::case::{Action, Method, Site};
    use refund_rules::quote::RefundType;

    use super::*;
    use crate::requests::state_name;
    use crate::views::RequestState::*;

    /// What the desk may name in a report has a word in each language.
    #[test]
    fn every_place_state_type_site_and_act_has_a_word() {
        let states = [
            Reviewed,
            Confirmed,
            Sending,
            Accepted,
            HandedOver,
            Reported,
            Observed,
            PartRefunded,
            Refunded,
            Unknown,
            Rejected,
            ReturnedToReview,
            Expired,
            Overdue,
            Withdrawn,
            Closed,
        ];
        let open = states.map(state_name).into_iter().filter(|state| !FINAL_STATES.contains(state));
        let keys = Method::ALL
            .iter()
            .map(|method| format!("place.{method}"))
            .chain(RefundType::ALL.iter().map(|kind| format!("refund_type.{kind}")))
            .chain([Site::China, Site::International].iter().map(|site| format!("site.{site}")))
            .chain([Action::Unsubscribe, Action::CancelRenewals].iter().map(|act| format!("action.{act}")))
            .chain(["refunding", "part_refunded", "refunded"].iter().map(|status| format!("status.{status}")))
            .chain(["place.unknown".to_owned(), "place.awaited".to_owned()])
            .chain(open.map(|state| format!("state.{state}")));
        for key in keys {
            for language in [ReportLanguage::En, ReportLanguage::Zh] {
                assert_ne!(language.words().line(&key), key, "{language:?}");
            }
        }
    }
}
