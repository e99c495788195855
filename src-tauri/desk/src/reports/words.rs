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
