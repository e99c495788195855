//! Worked cases, damaged in every way that bytes can be: always an answer, and one that keeps its own promises.

use std::path::Path;

use refund_rules::{Answered, Policies, answer_document};
use rust_decimal::Decimal;

const MUTATIONS: usize = 2_000;

/// Texts that mean something to the reader, put in or in place of others.
const PIECES: &[&str] = &[
    "null",
    "true",
    "-1",
    "0",
    "1e9",
    "\"\"",
    "[]",
    "{}",
    "\"-0.00\"",
    "\"9999999999.99\"",
    "\"0.000001\"",
    "\"1E+5\"",
    "\"+262142-12-31T23:59:59Z\"",
    "\"0001-01-01T00:00:00Z\"",
    "\"2026-02-30T00:00:00Z\"",
    "\"9999-12-31T23:59:59.999999999Z\"",
    "\"cancel_renewals\"",
    "\"resource_plan\"",
    "\"JPY\"",
    "\"ECS\"",
    "\"\\ud800\"",
    "\u{feff}",
    "\\",
    "\"",
    ",",
    ":",
    "[[[[[[[[",
    "}}",
];

/// SplitMix64: the same sequence on every machine.
struct Sequence(u64);

impl Sequence {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `end`, which is above 0.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).expect("a small number")).expect("below a small number")
    }
}

/// One change: of a digit or a value, so that it often stays a case, or of bytes, so that it seldom does.
fn mutate(document: &mut Vec<u8>, other: &[u8], sequence: &mut Sequence) {
    match sequence.below(3) {
        0 => change_digit(document, sequence),
        1 => take_value(document, other, sequence),
        _ => damage(document, other, sequence),
    }
}

/// Another digit in place of one.
fn change_digit(document: &mut [u8], sequence: &mut Sequence) {
    let digits: Vec<_> = (0..document.len()).filter(|&at| document[at].is_ascii_digit()).collect();
    if !digits.is_empty() {
        document[digits[sequence.below(digits.len())]] = b'0' + u8::try_from(sequence.below(10)).expect("a digit");
    }
}

/// The value that another case has under the same key.
fn take_value(document: &mut Vec<u8>, other: &[u8], sequence: &mut Sequence) {
    let Some((start, stop)) = value_after(other, sequence.below(other.len())) else { return };
    let key_end = start - b": ".len();
    let Some(key_start) = other[..key_end - 1].iter().rposition(|byte| *byte == b'"') else { return };
    let key = &other[key_start..start];
    let places: Vec<_> = document.windows(key.len()).enumerate().filter(|(_, window)| *window == key).collect();
    if places.is_empty() {
        return;
    }
    let place = places[sequence.below(places.len())].0;
    if let Some((from, to)) = value_after(document, place) {
        document.splice(from..to, other[start..stop].iter().copied());
    }
}

/// A byte, a cut, a copy, a piece put in, or a value in place of another one.
fn damage(document: &mut Vec<u8>, other: &[u8], sequence: &mut Sequence) {
    let at = sequence.below(document.len() + 1);
    let end = (at + sequence.below(24)).min(document.len());
    let piece = PIECES[sequence.below(PIECES.len())].as_bytes();
    match sequence.below(6) {
        0 if at < document.len() => document[at] ^= 1 << sequence.below(8),
        1 => drop(document.drain(at..end)),
        2 => {
            let copy = document[at..end].to_vec();
            document.splice(at..at, copy);
        }
        3 => drop(document.splice(at..at, piece.iter().copied())),
        4 => {
            let (from, to) = value_after(document, at).unwrap_or((at, end));
            document.splice(from..to, piece.iter().copied());
        }
        _ => {
            let (from, to) = value_after(document, at).unwrap_or((at, end));
            let (start, stop) = value_after(other, sequence.below(other.len())).unwrap_or((0, 0));
            document.splice(from..to, other[start..stop].iter().copied());
        }
    }
}

/// The next value of a key from a place on: from its colon to the end of its line, without the comma.
fn value_after(document: &[u8], at: usize) -> Option<(usize, usize)> {
    let from = at + document[at..].windows(2).position(|pair| pair == b": ")? + 2;
    let line = document[from..].iter().position(|byte| matches!(byte, b',' | b'\n' | b'}'))?;
    Some((from, from + line))
}

fn check(answered: &Answered) {
    answered.differences();
    match &answered.result {
        Ok(quote) => {
            assert!(Decimal::ZERO <= quote.refund && quote.refund <= quote.refund_max);
            assert_eq!(quote.eligible, quote.blockers.is_empty());
            assert_eq!(quote.destinations.iter().map(|to| to.amount).sum::<Decimal>(), quote.refund);
        }
        Err(error) => {
            assert!(matches!(error.code.as_str(), "bad_input" | "not_a_candidate"), "{error}");
            assert!(!error.message.is_empty() && error.message.len() < 500, "{error}");
        }
    }
}

#[test]
fn damaged_cases_are_answered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let documents: Vec<_> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let mut sequence = Sequence(7);
    let (mut quotes, mut refusals) = (0, 0);
    for _ in 0..MUTATIONS {
        let mut document = documents[sequence.below(documents.len())].clone();
        let other = &documents[sequence.below(documents.len())];
        for _ in 0..=sequence.below(3) {
            mutate(&mut document, other, &mut sequence);
        }
        let answered = answer_document(&document, Policies::built_in());
        check(&answered);
        match answered.result {
            Ok(_) => quotes += 1,
            Err(_) => refusals += 1,
        }
    }
    // Damage that is always noticed, or never, would try little.
    assert!(quotes > MUTATIONS / 20 && refusals > MUTATIONS / 4, "{quotes} quotes, {refusals} refusals");
}
