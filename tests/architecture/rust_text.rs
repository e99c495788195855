//! Rust source as words with their lines: comments and the inside of texts are left out, so that a rule judges what is
//! compiled, not what is told.

/// A word (name, number) or a single mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    /// From 1.
    pub line: u32,
}

/// The words of a source file.
pub fn words(source: &str) -> Vec<Word> {
    Reader { rest: source, line: 1, words: Vec::new() }.read()
}

/// The words without the items that are compiled for tests only (`#[cfg(test)]`).
pub fn words_outside_tests(source: &str) -> Vec<Word> {
    let all = words(source);
    let mark: Vec<&str> = vec!["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < all.len() {
        if starts_with(&all[at..], &mark) {
            at = end_of_item(&all, at + mark.len());
        } else {
            kept.push(all[at].clone());
            at += 1;
        }
    }
    kept
}

fn starts_with(words: &[Word], mark: &[&str]) -> bool {
    words.len() >= mark.len() && words.iter().zip(mark).all(|(word, text)| word.text == *text)
}

/// Where the item ends that begins here: after its `;`, or after the bracket that closes its body.
fn end_of_item(words: &[Word], begin: usize) -> usize {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate().skip(begin) {
        match word.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            ")" | "]" => depth -= 1,
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    words.len()
}

/// A path such as `std::fs::read`, where it is written or imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    pub text: String,
    pub line: u32,
}

/// Every path of the words; the groups of `use` are written out: `use std::{fs, env}` gives `std::fs` and `std::env`.
pub fn paths(words: &[Word]) -> Vec<Path> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if words[at].text == "use" {
            // `+ use<>` says what a type captures and imports nothing.
            let captures = words.get(at + 1).is_some_and(|next| next.text == "<");
            at = if captures { at + 1 } else { read_use(words, at + 1, "", &mut found) };
        } else if is_name(&words[at].text) {
            let begin = at;
            let mut text = words[at].text.clone();
            while at + 3 < words.len() && is_join(words, at + 1) && is_name(&words[at + 3].text) {
                text = format!("{text}::{}", words[at + 3].text);
                at += 3;
            }
            found.push(Path { text, line: words[begin].line });
            at += 1;
        } else {
            at += 1;
        }
    }
    found
}

/// Reads one tree of a `use` and returns where it ends (at the `,`, `}` or `;` after it).
fn read_use(words: &[Word], begin: usize, before: &str, found: &mut Vec<Path>) -> usize {
    let mut text = before.to_owned();
    let mut at = begin;
    while at < words.len() {
        let word = &words[at];
        match word.text.as_str() {
            ";" | "," | "}" => break,
            "{" => {
                at = read_group(words, at + 1, &text, found);
                return at;
            }
            // A new name does not change where it comes from.
            "as" => at += 2,
            ":" => at += 1,
            name => {
                let join = if text.is_empty() { "" } else { "::" };
                text = format!("{text}{join}{name}");
                at += 1;
            }
        }
    }
    if at > begin {
        found.push(Path { text, line: words[begin].line });
    }
    at
}

fn read_group(words: &[Word], begin: usize, before: &str, found: &mut Vec<Path>) -> usize {
    let mut at = begin;
    while at < words.len() && words[at].text != "}" {
        at = read_use(words, at, before, found);
        if at < words.len() && words[at].text == "," {
            at += 1;
        }
    }
    at + 1
}

fn is_join(words: &[Word], at: usize) -> bool {
    words[at].text == ":" && words[at + 1].text == ":"
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

struct Reader<'a> {
    rest: &'a str,
    line: u32,
    words: Vec<Word>,
}

impl<'a> Reader<'a> {
    fn read(mut self) -> Vec<Word> {
        while let Some(first) = self.rest.chars().next() {
            if first.is_whitespace() {
                self.skip(first.len_utf8());
            } else if self.rest.starts_with("//") {
                self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
            } else if self.rest.starts_with("/*") {
                self.skip(block_comment(self.rest));
            } else if let Some(length) = raw_string(self.rest) {
                self.skip(length);
            } else if let Some(length) = string(self.rest).or_else(|| character(self.rest)) {
                self.skip(length);
            } else if first.is_ascii_digit() {
                let length = self.number();
                self.take(length);
            } else if is_name(self.rest) {
                self.take(span(self.rest, |letter| letter.is_alphanumeric() || letter == '_'));
            } else {
                self.take(first.len_utf8());
            }
        }
        self.words
    }

    /// The length of a number. After a `.` it is the index of a tuple (`pair.0.1`), which has no fraction.
    fn number(&self) -> usize {
        let digits = |text: &str| span(text, |letter| letter.is_alphanumeric() || letter == '_');
        let whole = digits(self.rest);
        let after_point = self.words.last().is_some_and(|word| word.text == ".");
        match self.rest[whole..].strip_prefix('.') {
            Some(fraction) if !after_point && fraction.starts_with(|letter: char| letter.is_ascii_digit()) => {
                whole + 1 + digits(fraction)
            }
            _ => whole,
        }
    }

    fn take(&mut self, length: usize) {
        self.words.push(Word { text: self.rest[..length].to_owned(), line: self.line });
        self.skip(length);
    }

    fn skip(&mut self, length: usize) {
        let (skipped, rest) = self.rest.split_at(length);
        self.line += u32::try_from(skipped.matches('\n').count()).unwrap();
        self.rest = rest;
    }
}

fn span(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|letter| !belongs(letter)).unwrap_or(text.len())
}

/// The length of a block comment, which may hold others.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of `r"..."`, `r#"..."#`, `br"..."` and the like.
fn raw_string(text: &str) -> Option<usize> {
    let prefix = ["r", "br", "cr"]
        .into_iter()
        .find(|prefix| text.strip_prefix(prefix).is_some_and(|rest| rest.trim_start_matches('#').starts_with('"')))?;
    let hashes = text[prefix.len()..].len() - text[prefix.len()..].trim_start_matches('#').len();
    let begin = prefix.len() + hashes + 1;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(text[begin..].find(&end).map_or(text.len(), |at| begin + at + end.len()))
}

/// The length of `"..."`, `b"..."`, `c"..."`.
fn string(text: &str) -> Option<usize> {
    let begin = ["\"", "b\"", "c\""].into_iter().find(|begin| text.starts_with(begin))?.len();
    let mut escaped = false;
    for (at, letter) in text[begin..].char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(begin + at + 1),
            _ => {}
        }
    }
    Some(text.len())
}

/// The length of `'x'`, `'\n'`, `b'x'`; a lifetime (`'a`) is none.
fn character(text: &str) -> Option<usize> {
    let begin = ["'", "b'"].into_iter().find(|begin| text.starts_with(begin))?.len();
    let rest = &text[begin..];
    if let Some(escape) = rest.strip_prefix('\\') {
        let skipped = escape.chars().next()?.len_utf8();
        return Some(begin + 1 + skipped + escape[skipped..].find('\'')? + 1);
    }
    let letter = rest.chars().next()?;
    rest[letter.len_utf8()..].starts_with('\'').then(|| begin + letter.len_utf8() + 1)
}

#[test]
fn words_are_what_is_compiled() {
    let cases: [(&str, &[&str]); 13] = [
        ("let x = 1.5;", &["let", "x", "=", "1.5", ";"]),
        ("pair.0.1", &["pair", ".", "0", ".", "1"]),
        ("0..10", &["0", ".", ".", "10"]),
        ("1e5 2_f64 3.0f32", &["1e5", "2_f64", "3.0f32"]),
        ("a // f64\nb", &["a", "b"]),
        ("a /* f64 /* in */ f64 */ b", &["a", "b"]),
        (r#"a("f64 \" f64") b"#, &["a", "(", ")", "b"]),
        ("a(r#\"f64 \" f64\"#) b", &["a", "(", ")", "b"]),
        ("r\"\\\" b", &["b"]),
        ("fn f<'a>(x: &'a str)", &["fn", "f", "<", "'", "a", ">", "(", "x", ":", "&", "'", "a", "str", ")"]),
        ("['a', '\\'', '\"', b'\\n', '元'] b", &["[", ",", ",", ",", ",", "]", "b"]),
        ("r_value b_value", &["r_value", "b_value"]),
        ("\"never ends f64", &[]),
    ];
    for (source, expected) in cases {
        let read: Vec<String> = words(source).into_iter().map(|word| word.text).collect();
        assert_eq!(read, expected, "{source}");
    }
    let lines: Vec<u32> = words("a\n/*\n*/ b\n\"\n\" c").iter().map(|word| word.line).collect();
    assert_eq!(lines, [1, 3, 5]);
}

#[test]
fn test_items_are_left_out() {
    let source = "a; #[cfg(test)] mod tests { fn f() { x } } b; #[cfg(test)] use y; c #[cfg(feature = \"z\")] d";
    let kept: Vec<String> = words_outside_tests(source).into_iter().map(|word| word.text).collect();
    assert_eq!(kept, ["a", ";", "b", ";", "c", "#", "[", "cfg", "(", "feature", "=", ")", "]", "d"]);
}

#[test]
fn imports_are_written_out() {
    let cases: [(&str, &[&str]); 7] = [
        (
            "fn f() -> impl Iterator<Item = u8> + use<> { g(); std::fs::h() }",
            &["fn", "f", "impl", "Iterator", "Item", "u8", "g", "std::fs::h"],
        ),
        ("use std::fs;", &["std::fs"]),
        ("use std::{fs, io::{self, Read}};", &["std::fs", "std::io::self", "std::io::Read"]),
        ("use std::time::Instant as Clock;", &["std::time::Instant"]),
        ("use std::*;", &["std::*"]),
        ("std::fs::read(path)", &["std::fs::read", "path"]),
        ("Utc::now()", &["Utc::now"]),
    ];
    for (source, expected) in cases {
        let read: Vec<String> = paths(&words(source)).into_iter().map(|path| path.text).collect();
        assert_eq!(read, expected, "{source}");
    }
}
