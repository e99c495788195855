//! Quotes in sentences.
use refund_rules::{Policies, Site};
use refund_rules::quote::Quote;
use crate::views::Told;

/// Language of sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language { English, Chinese }

impl Language {
    pub fn from_word(word: &str) -> Option<Self> {
        match word { "en" => Some(Self::English), "zh" => Some(Self::Chinese), _ => None }
    }
}

pub fn tell(_quote: &Quote, _policies: &Policies, _site: Site, _language: Language) -> Told {
    Told { headline: String::new(), lines: vec![], blockers: vec![], why_not: vec![], destinations: vec![], consequences: vec![], next_changes: vec![], readings: vec![], unknowns: vec![] }
}
