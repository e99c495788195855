//! A failure for people and programs: a stable code, the place, and what to do next.

use std::fmt;

#[derive(Debug)]
pub struct Problem {
    pub code: &'static str,
    /// What failed.
    pub message: String,
    /// A file, a folder or a step.
    pub place: Option<String>,
    /// What to do next.
    pub next: String,
    usage: bool,
}

impl Problem {
    pub fn new(code: &'static str, message: String, place: impl Into<String>, next: String) -> Problem {
        Problem { code, message, place: Some(place.into()), next, usage: false }
    }

    /// The command line itself is wrong.
    pub fn usage(code: &'static str, message: String, next: String) -> Problem {
        Problem { code, message, place: None, next, usage: true }
    }

    /// A file that could not be read or written.
    pub fn file(error: &std::io::Error, path: &std::path::Path) -> Problem {
        Problem::new(
            "xtask.file",
            format!("the file or folder could not be used: {error}"),
            path.display().to_string(),
            "check that it exists, may be written to and that the disk has room, then run the command again".to_owned(),
        )
    }

    /// 2 for a wrong command line, 1 for everything else.
    pub fn exit_code(&self) -> u8 {
        if self.usage { 2 } else { 1 }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "error[{}]", self.code)?;
        if let Some(place) = &self.place {
            write!(out, " at {place}")?;
        }
        write!(out, ": {}\n  next: {}", self.message, self.next)
    }
}
