//! Texts of which there are few: each has a number, and rows hold the number.

use std::collections::HashMap;

/// The number of a text in its [`Words`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Word(u32);

impl Word {
    fn place(self) -> usize {
        self.0 as usize
    }
}

/// Texts by number. None is ever forgotten: there are as many customers, products, regions and states as there are.
#[derive(Default)]
pub(super) struct Words {
    texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, Word>,
}

/// Something that is known of every word.
pub(super) struct OfWords<T>(Vec<T>);

impl<T: Copy> OfWords<T> {
    pub fn of(&self, word: Word) -> T {
        self.0[word.place()]
    }
}

impl<T> OfWords<T> {
    pub fn of_mut(&mut self, word: Word) -> &mut T {
        &mut self.0[word.place()]
    }
}

impl Words {
    /// The number of a text, new where it was not known.
    pub fn number(&mut self, text: &str) -> Word {
        if let Some(known) = self.numbers.get(text) {
            return *known;
        }
        let word = Word(u32::try_from(self.texts.len()).expect("there are few of these texts"));
        self.texts.push(text.into());
        self.numbers.insert(text.into(), word);
        word
    }

    /// The number of a text; `None` when no row has it.
    pub fn known(&self, text: &str) -> Option<Word> {
        self.numbers.get(text).copied()
    }

    pub fn text(&self, word: Word) -> &str {
        &self.texts[word.place()]
    }

    /// For every word what `make` makes of its text.
    pub fn each<T>(&self, make: impl Fn(&str) -> T) -> OfWords<T> {
        OfWords(self.texts.iter().map(|text| make(text)).collect())
    }

    /// What is known of words, with their texts and sorted by them, where `keep` keeps it.
    pub fn sorted<T: Copy, K>(&self, known: OfWords<T>, keep: impl Fn(T) -> Option<K>) -> Vec<(String, K)> {
        let kept = self.texts.iter().zip(known.0);
        let mut kept: Vec<_> = kept.filter_map(|(text, known)| Some((text.to_string(), keep(known)?))).collect();
        kept.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        kept
    }

    /// For every word its place among all, sorted byte by byte.
    pub fn ranks(&self) -> OfWords<u32> {
        let mut sorted: Vec<Word> = (0..).map(Word).take(self.texts.len()).collect();
        sorted.sort_unstable_by_key(|word| self.text(*word));
        let mut ranks = vec![0; sorted.len()];
        for (rank, word) in (0..).zip(sorted) {
            ranks[word.place()] = rank;
        }
        OfWords(ranks)
    }
}
