//! The tables of sentences and how their places are filled.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use refund_rules::quote::Params;

use super::{Language, values};

/// Table, id, sentence with `{name}` places.
type Tables = BTreeMap<String, BTreeMap<String, String>>;

pub(super) struct Messages {
    language: Language,
    pub(super) tables: Tables,
}

impl Messages {
    pub(super) fn of(language: Language) -> &'static Self {
        static ENGLISH: OnceLock<Messages> = OnceLock::new();
        static CHINESE: OnceLock<Messages> = OnceLock::new();
        let (kept, text) = match language {
            Language::English => (&ENGLISH, include_str!("../../messages/en.toml")),
            Language::Chinese => (&CHINESE, include_str!("../../messages/zh.toml")),
        };
        kept.get_or_init(|| {
            let tables = toml::from_str(text).expect("the tables that ship with the desk are tested to be read");
            Self { language, tables }
        })
    }

    /// The sentence of an id; the id itself where there is none, so that nothing is passed over in silence.
    pub(super) fn get<'m>(&'m self, table: &str, id: &'m str) -> &'m str {
        self.tables.get(table).and_then(|table| table.get(id)).map_or(id, String::as_str)
    }

    /// The name of a value of one kind, such as ("method", "paypal").
    pub(super) fn word(&self, kind: &str, value: &str) -> String {
        let key = format!("{kind}.{value}");
        self.tables.get("word").and_then(|words| words.get(&key)).map_or_else(|| value.to_owned(), Clone::clone)
    }

    pub(super) fn plain_word(&self, key: &str) -> String {
        self.get("word", key).to_owned()
    }

    /// What stands between the entries of a list.
    pub(super) fn between(&self) -> &'static str {
        match self.language {
            Language::English => ", ",
            Language::Chinese => "、",
        }
    }

    /// The sentence with its places filled.
    pub(super) fn fill(&self, table: &str, id: &str, params: &Params) -> String {
        let mut text = String::new();
        let mut rest = self.get(table, id);
        while let Some((before, (name, after))) = rest.split_once('{').and_then(|(b, r)| Some((b, r.split_once('}')?)))
        {
            text.push_str(before);
            match params.get(name) {
                Some(value) => text.push_str(&values::shown(self, name, value)),
                None => text.push_str(&self.plain_word("nothing")),
            }
            rest = after;
        }
        text.push_str(rest);
        text
    }
}

/// Names of a sentence's places, sorted.
#[cfg(test)]
pub(super) fn places(sentence: &str) -> std::collections::BTreeSet<String> {
    let parts = sentence.split('{').skip(1);
    parts.filter_map(|part| part.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}
