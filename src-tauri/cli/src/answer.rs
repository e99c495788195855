//! How an answer leaves: as text for people, or as one JSON document.

use std::io::Write;

use desk::DeskError;
use serde::Serialize;
use serde_json::json;

/// Exit status when a command was refused.
pub const REFUSED: u8 = 1;

/// Exit status for a wrong command line.
pub const BAD_USAGE: u8 = 2;

/// Where answers go.
pub struct Out {
    pub json: bool,
    /// In a sandbox home every text answer says so.
    pub banner: Option<String>,
}

impl Out {
    /// Prints one answer.
    pub fn put<T: Serialize>(&self, document: &T, text: impl FnOnce() -> String) -> Result<(), DeskError> {
        let text = if self.json {
            serde_json::to_string_pretty(document).map_err(|why| {
                DeskError::new("answer_unwritable", why.to_string(), "report this: it is a fault of the desk")
            })?
        } else {
            match &self.banner {
                Some(banner) => format!("{banner}\n{}", text()),
                None => text(),
            }
        };
        line(&text);
        Ok(())
    }
}

/// One line on standard output. A reader that has gone away (`| head`) is no failure.
pub fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Tells a wrong command line as clap words it, or as a JSON document; help and version are no errors.
pub fn usage(error: &clap::Error, as_json: bool) -> u8 {
    if !error.use_stderr() || !as_json {
        // Nothing can be told when neither output takes it.
        let _ = error.print();
        return if error.use_stderr() { BAD_USAGE } else { 0 };
    }
    let message = error.to_string();
    let first = message.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    fail(
        &DeskError::new("usage", first, "look at `rdesk --help`, or at `--help` after the command")
            .at("the command line"),
        true,
    );
    BAD_USAGE
}

/// Tells an error: JSON on standard output, or text on standard error.
pub fn fail(error: &DeskError, as_json: bool) -> u8 {
    if as_json {
        let document = json!({"error": {
            "code": error.code(),
            "message": error.message(),
            "place": error.place(),
            "next": error.next(),
            "details": error.details(),
        }});
        line(&format!("{document:#}"));
    } else {
        eprintln!("rdesk: {}", error.message());
        eprintln!("  code:  {}", error.code());
        if let Some(place) = error.place() {
            eprintln!("  place: {place}");
        }
        for detail in error.details() {
            eprintln!("         {detail}");
        }
        eprintln!("  next:  {}", error.next());
    }
    REFUSED
}
