//! One case document from bytes to answer, whatever is in it: what `rdesk quote` does with each of its inputs.

use serde_json::{Map, Value};

use crate::case::Case;
use crate::check::{Difference, check_expected};
use crate::error::BadInput;
use crate::judge::quote;
use crate::policy::Policies;
use crate::quote::Quote;
use crate::read::parse_case;

/// What a case document gets, and what it expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The document's `expect`, as far as it can be read.
    pub expect: Option<Map<String, Value>>,
    pub result: Result<Quote, BadInput>,
}

impl Answered {
    /// Where the answer is another one than expected; nothing expected gives no difference.
    pub fn differences(&self) -> Vec<Difference> {
        self.expect.as_ref().map(|expect| check_expected(expect, &self.result)).unwrap_or_default()
    }
}

/// Answers a case document. Anything at all may be on the input: what is no case is an answer too.
pub fn answer_document(bytes: &[u8], policies: &Policies) -> Answered {
    let text = match text_of(bytes) {
        Ok(text) => text,
        Err(error) => return Answered { expect: None, result: Err(error) },
    };
    match parse_case(text) {
        Ok(case) => {
            let result = quote(&case, policies);
            Answered { expect: case.expect, result }
        }
        Err(error) => Answered { expect: expectation(text), result: Err(error) },
    }
}

/// Reads a case document.
///
/// # Errors
/// `bad_input` with the place, also for bytes that are no UTF-8 text.
pub fn read_document(bytes: &[u8]) -> Result<Case, BadInput> {
    parse_case(text_of(bytes)?)
}

/// The text, without the mark that some editors put before it.
fn text_of(bytes: &[u8]) -> Result<&str, BadInput> {
    let text = std::str::from_utf8(bytes).map_err(|why| {
        let at = why.valid_up_to();
        BadInput::at("", format!("byte {at} is not UTF-8 text; a case is one JSON document in UTF-8"))
    })?;
    Ok(text.trim_start_matches('\u{feff}'))
}

fn expectation(text: &str) -> Option<Map<String, Value>> {
    match serde_json::from_str::<Value>(text).ok()?.get_mut("expect")?.take() {
        Value::Object(expect) => Some(expect),
        _ => None,
    }
}
