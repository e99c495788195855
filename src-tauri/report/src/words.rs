//! Words of a document: each in one language, or in two that stand together.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Serialize;

/// A text in every language of the document, one or two.
pub type Told = Vec<String>;

/// Language of a document's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    Chinese,
}

impl Language {
    /// Its tag: `en` or `zh`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// Its fixed words by key.
    fn words(self) -> &'static BTreeMap<String, String> {
        static ENGLISH: OnceLock<BTreeMap<String, String>> = OnceLock::new();
        static CHINESE: OnceLock<BTreeMap<String, String>> = OnceLock::new();
        let (kept, text) = match self {
            Self::English => (&ENGLISH, include_str!("../words/en.toml")),
            Self::Chinese => (&CHINESE, include_str!("../words/zh.toml")),
        };
        kept.get_or_init(|| toml::from_str(text).expect("the words that ship with the crate are tested to be read"))
    }
}

/// Fixed words of a document by key.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Words(BTreeMap<&'static str, Told>);

impl Words {
    /// The words in one language or in two.
    pub fn of(languages: &[Language]) -> Self {
        let keys = Language::English.words().keys();
        let told = |key: &String| languages.iter().filter_map(|language| language.words().get(key).cloned()).collect();
        Self(keys.map(|key| (key.as_str(), told(key))).collect())
    }

    /// The word in one line; the key itself where there is none, so that nothing is passed over in silence.
    pub fn line(&self, key: &str) -> String {
        self.0.get(key).map_or_else(|| key.to_owned(), |told| told.join(" / "))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn both_languages_have_the_same_words() {
        let keys = |language: Language| language.words().keys().collect::<Vec<_>>();
        assert_eq!(keys(Language::English), keys(Language::Chinese));
        for language in [Language::English, Language::Chinese] {
            assert!(language.words().values().all(|word| !word.trim().is_empty()));
        }
        let both = Words::of(&[Language::English, Language::Chinese]);
        assert_eq!(
            (both.line("refunded"), both.line("no such word")),
            ("Refunded / 退款金额".into(), "no such word".into())
        );
    }

    /// The keys that templates name in `w("...")` and `plain("...")`; `w("site." + ...)` names a family by its first part.
    #[test]
    fn every_word_that_a_template_names_is_there() {
        let templates = [
            include_str!("../templates/common.typ"),
            include_str!("../templates/history.typ"),
            include_str!("../templates/statement.typ"),
            include_str!("../templates/quotes.typ"),
            include_str!("../templates/renewals.typ"),
        ];
        let words = Language::English.words();
        let mut named = BTreeSet::new();
        for call in templates.iter().flat_map(|text| text.split("w(\"").skip(1).chain(text.split("plain(\"").skip(1))) {
            let key = call.split('"').next().unwrap_or_default();
            named.insert(key);
            let there = if key.ends_with('.') {
                words.keys().any(|word| word.starts_with(key))
            } else {
                words.contains_key(key)
            };
            assert!(there, "`{key}` has no word");
        }
        assert!(named.len() > 50, "the templates name their words: {named:?}");
    }
}
