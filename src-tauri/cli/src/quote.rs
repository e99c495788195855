//! `rdesk quote`: cases in, quotes out. It needs no home and no network.
//!
//! Every case gives one JSON document on one line of standard output, in the order of the input, whatever is wrong with the
//! others. Differences found by `--check` go to standard error.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use refund_rules::{Answered, Policies, answer_document};
use serde_json::{Value, json};

/// Some case was bad input.
const BAD_INPUT: i32 = 2;
/// `--check` found a difference.
const DIFFERS: i32 = 1;

#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Case files; `-` reads standard input.
    #[arg(value_name = "CASE", required = true)]
    pub files: Vec<PathBuf>,
    /// Each line of the input is a case of its own.
    #[arg(long)]
    pub lines: bool,
    /// Compare every case's `expect` with its quote, key by key.
    #[arg(long)]
    pub check: bool,
    /// Seal each quote with its hash.
    #[arg(long)]
    pub hash: bool,
    /// Spread each document over several lines, to be read by people.
    #[arg(long, conflicts_with = "lines")]
    pub pretty: bool,
}

/// Answers every case and returns the exit status: 0, 1 when a check differs, 2 when a case was bad input that it did not
/// expect.
pub fn run(args: &Args, out: &mut dyn Write, err: &mut dyn Write, stdin: &mut dyn Read) -> i32 {
    let mut answering = Answering { args, out, err, status: 0 };
    for file in &args.files {
        if answering.file(file, stdin).is_err() {
            break; // Nobody reads the answers any more.
        }
    }
    answering.status
}

struct Answering<'a> {
    args: &'a Args,
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    status: i32,
}

impl Answering<'_> {
    /// # Errors
    /// Only when an answer cannot be written; what cannot be read is an answer.
    fn file(&mut self, file: &Path, stdin: &mut dyn Read) -> std::io::Result<()> {
        let name = file.display().to_string();
        if file == Path::new("-") {
            return self.input("standard input", stdin);
        }
        match std::fs::File::open(file) {
            Ok(mut opened) => self.input(&name, &mut opened),
            Err(why) => self.unreadable(&name, &why),
        }
    }

    fn input(&mut self, name: &str, input: &mut dyn Read) -> std::io::Result<()> {
        let mut input = BufReader::new(input);
        let mut bytes = Vec::new();
        if !self.args.lines {
            return match input.read_to_end(&mut bytes) {
                Ok(_) => self.case(name, &bytes),
                Err(why) => self.unreadable(name, &why),
            };
        }
        for number in 1_u64.. {
            bytes.clear();
            match input.read_until(b'\n', &mut bytes) {
                Ok(0) => break,
                Ok(_) if bytes.trim_ascii().is_empty() => {}
                Ok(_) => self.case(&format!("{name}:{number}"), &bytes)?,
                Err(why) => return self.unreadable(name, &why),
            }
        }
        Ok(())
    }

    fn case(&mut self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        let answered = answer_document(bytes, Policies::built_in());
        let differences = if self.args.check { answered.differences() } else { Vec::new() };
        let Answered { expect, result } = answered;
        for difference in &differences {
            writeln!(
                self.err,
                "{name}: {}: expected {}, got {}",
                difference.key, difference.expected, difference.actual
            )?;
        }
        let error_expected = self.args.check && expect.is_some_and(|expect| expect.contains_key("error"));
        let status = match &result {
            Err(_) if !error_expected => BAD_INPUT,
            _ if differences.is_empty() => 0,
            _ => DIFFERS,
        };
        self.status = self.status.max(status);
        let document = match result {
            Ok(quote) => serde_json::to_value(if self.args.hash { quote.seal() } else { quote })?,
            Err(error) => json!({ "error": error }),
        };
        self.print(&document)
    }

    fn unreadable(&mut self, name: &str, why: &std::io::Error) -> std::io::Result<()> {
        self.status = BAD_INPUT;
        let message = format!("cannot read {name}: {why}");
        self.print(&json!({ "error": { "code": "bad_input", "message": message, "path": "" } }))
    }

    fn print(&mut self, document: &Value) -> std::io::Result<()> {
        let text =
            if self.args.pretty { serde_json::to_string_pretty(document) } else { serde_json::to_string(document) };
        writeln!(self.out, "{}", text?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../rules/cases/destinations-worked-example.json");

    struct Ran {
        status: i32,
        documents: Vec<Value>,
        err: String,
    }

    fn rdesk_quote(options: &[&str], stdin: &[u8]) -> Ran {
        let args = Args {
            files: vec!["-".into()],
            lines: options.contains(&"--lines"),
            check: options.contains(&"--check"),
            hash: options.contains(&"--hash"),
            pretty: false,
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let status = run(&args, &mut out, &mut err, &mut &*stdin);
        let documents =
            String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        Ran { status, documents, err: String::from_utf8(err).unwrap() }
    }

    fn one_line(case: &str) -> String {
        serde_json::to_string(&serde_json::from_str::<Value>(case).unwrap()).unwrap()
    }

    #[test]
    fn one_case_gives_one_quote_and_a_hash_only_when_asked() {
        let ran = rdesk_quote(&["--check"], EXAMPLE.as_bytes());
        assert_eq!((ran.status, ran.err.as_str()), (0, ""));
        assert_eq!(ran.documents[0]["refund"], "563.01");
        assert_eq!(ran.documents[0].get("sha256"), None);
        let sealed = rdesk_quote(&["--hash"], EXAMPLE.as_bytes());
        assert_eq!(sealed.documents[0]["sha256"].as_str().unwrap().len(), 64);
    }

    #[test]
    fn bad_cases_are_answered_in_their_place_and_the_others_too() {
        let good = one_line(EXAMPLE);
        let unknown_key = good.replacen("\"site\"", "\"sites\"", 1);
        let number = good.replacen("\"1200.00\"", "1200.00", 1);
        let input = format!("{good}\n\n{unknown_key}\nnonsense\n{number}\n{good}");
        let ran = rdesk_quote(&["--lines"], input.as_bytes());
        assert_eq!(ran.status, 2);
        let codes: Vec<_> = ran.documents.iter().map(|d| d["error"]["code"].as_str().unwrap_or("quote")).collect();
        assert_eq!(codes, ["quote", "bad_input", "bad_input", "bad_input", "quote"]);
        assert_eq!(ran.documents[1]["error"]["path"], "customer.sites");
        assert_eq!(ran.documents[3]["error"]["path"], "orders[0].list");
    }

    #[test]
    fn a_difference_is_told_and_is_status_one_unless_something_was_bad_input() {
        let wrong = EXAMPLE.replacen("\"refund\": \"563.01\"", "\"refund\": \"563.02\"", 1);
        let ran = rdesk_quote(&["--check"], wrong.as_bytes());
        assert_eq!((ran.status, ran.documents.len()), (1, 1));
        assert_eq!(ran.err, "standard input: refund: expected \"563.02\", got \"563.01\"\n");
        let both = format!("{}\nnonsense\n", one_line(&wrong));
        assert_eq!(rdesk_quote(&["--check", "--lines"], both.as_bytes()).status, 2);
        assert_eq!(rdesk_quote(&[], wrong.as_bytes()).status, 0);
    }

    #[test]
    fn an_expected_error_is_no_failure_of_the_check() {
        let mut case: Value = serde_json::from_str(EXAMPLE).unwrap();
        case["orders"][0]["end"] = case["orders"][0]["start"].clone();
        case["expect"] = json!({ "error": { "code": "bad_input", "path": "orders[0].end" } });
        let text = case.to_string();
        assert_eq!(rdesk_quote(&["--check"], text.as_bytes()).status, 0);
        assert_eq!(rdesk_quote(&[], text.as_bytes()).status, 2);
        case["orders"][0]["list"] = json!(12);
        case["expect"] = json!({ "error": { "path": "orders[0].cash" } });
        let ran = rdesk_quote(&["--check"], case.to_string().as_bytes());
        assert_eq!((ran.status, ran.err.contains("error.path")), (1, true));
    }

    #[test]
    fn nothing_on_the_input_breaks_it() {
        let deep = "[".repeat(100_000);
        let deep_expect = EXAMPLE.replacen("\"expect\": {", &format!("\"expect\": {{\"x\": {}", deep), 1);
        let huge_number = EXAMPLE.replacen("\"1200.00\"", &"9".repeat(100_000), 1);
        let exponent = EXAMPLE.replacen("\"1200.00\"", "\"1e999999999\"", 1);
        let digits = EXAMPLE.replacen("\"1200.00\"", &format!("\"{}\"", "9".repeat(100_000)), 1);
        let far = EXAMPLE.replacen("2027-01-01T16:00:00Z", "+262142-12-31T23:59:59Z", 1);
        let inputs: [&[u8]; 9] = [
            b"",
            b"\xff\xfe\x00",
            b"null",
            deep.as_bytes(),
            deep_expect.as_bytes(),
            huge_number.as_bytes(),
            exponent.as_bytes(),
            digits.as_bytes(),
            far.as_bytes(),
        ];
        for input in inputs {
            let ran = rdesk_quote(&[], input);
            assert_eq!(ran.status, 2);
            assert_eq!(ran.documents[0]["error"]["code"], "bad_input");
            assert!(ran.documents[0]["error"]["message"].as_str().unwrap().len() < 500, "messages stay readable");
        }
    }

    #[test]
    fn a_missing_file_is_told_and_the_next_one_answered() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("case.json");
        std::fs::write(&file, EXAMPLE).unwrap();
        let args = Args {
            files: vec![dir.path().join("none.json"), file],
            lines: false,
            check: false,
            hash: false,
            pretty: false,
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        assert_eq!(run(&args, &mut out, &mut err, &mut &b""[..]), 2);
        let documents: Vec<Value> =
            String::from_utf8(out).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert!(documents[0]["error"]["message"].as_str().unwrap().starts_with("cannot read "));
        assert_eq!(documents[1]["refund"], "563.01");
    }
}
