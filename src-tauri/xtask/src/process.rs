//! Running another program: its output is passed through as it comes, and the tests it reports are counted on the way.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::problem::Problem;

/// How many tests a program reported.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub passed: u32,
    pub failed: u32,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// How a program reports its tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reports {
    /// `test result: ok. 3 passed; 0 failed; ...`, once for each test program.
    Cargo,
    /// `Tests  1 failed | 13 passed (14)`.
    Vitest,
    /// A last line `3 passed, 0 failed`.
    ClosingLine,
}

/// A program that ended: whether it ended well, and what it reported.
pub struct Ended {
    pub success: bool,
    /// E.g. `exit status: 1`.
    pub how: String,
    pub tally: Option<Tally>,
}

/// A command in a folder. `cargo run` describes xtask itself in the environment; that is taken out, so that a cargo started
/// from here works as one started by hand, on the same build.
pub fn command(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name.as_ref());
        }
    }
    command
}

/// The cargo that runs us.
pub fn cargo(folder: &Path) -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), folder)
}

/// Runs it to its end with this terminal's input and output.
pub fn run(command: &mut Command) -> Result<Ended, Problem> {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    Ok(Ended { success: status.success(), how: status.to_string(), tally: None })
}

/// Runs it to its end, passes its output through and counts the tests it reports.
pub fn run_counting(command: &mut Command, reports: Reports) -> Result<Ended, Problem> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| cannot_start(command, &error))?;
    let output = child.stdout.take().expect("its output is piped");
    let mut tally: Option<Tally> = None;
    for line in BufReader::new(output).split(b'\n') {
        let Ok(line) = line else { break };
        let mut shown = std::io::stdout().lock();
        // A closed terminal must not stop the checks: the exit status still tells.
        let _ = shown.write_all(&line).and_then(|()| shown.write_all(b"\n"));
        if let Some(more) = read_tally(&String::from_utf8_lossy(&line), reports) {
            tally.get_or_insert_default().add(more);
        }
    }
    let status = child.wait().map_err(|error| cannot_start(command, &error))?;
    Ok(Ended { success: status.success(), how: status.to_string(), tally })
}

/// Runs it to its end without showing what it prints; returns its output.
pub fn capture(command: &mut Command) -> Result<(Ended, String), Problem> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| cannot_start(command, &error))?;
    let ended = Ended { success: output.status.success(), how: output.status.to_string(), tally: None };
    Ok((ended, String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// What a program prints, if it can be started and ends well.
pub fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn cannot_start(command: &Command, error: &std::io::Error) -> Problem {
    let program = command.get_program().to_string_lossy().into_owned();
    Problem::new(
        "xtask.cannot_start",
        format!("the program could not be started: {error}"),
        program.clone(),
        format!("check that `{program}` is installed and on the PATH, then run the command again"),
    )
}

fn read_tally(line: &str, reports: Reports) -> Option<Tally> {
    let line = line.trim();
    let counts = match reports {
        Reports::Cargo => line.strip_prefix("test result: ")?.split_once(". ")?.1,
        Reports::Vitest => line.strip_prefix("Tests ")?,
        Reports::ClosingLine => line,
    };
    let mut tally = Tally::default();
    let mut found = false;
    for piece in counts.split([';', ',', '|', '(']) {
        let mut words = piece.split_whitespace();
        let (Some(Ok(count)), Some(word), None) = (words.next().map(str::parse::<u32>), words.next(), words.next())
        else {
            // Only the closing line must hold nothing else; the others go on with times and totals.
            if reports == Reports::ClosingLine {
                return None;
            }
            continue;
        };
        match word {
            "passed" => tally.passed += count,
            "failed" => tally.failed += count,
            _ => continue,
        }
        found = true;
    }
    found.then_some(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reported_tests_are_counted() {
        let some = |passed, failed| Some(Tally { passed, failed });
        let cargo = "test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 2 filtered out; finished in 0.01s";
        let cases = [
            (Reports::Cargo, cargo, some(3, 1)),
            (Reports::Cargo, "test result: ok. 0 passed; 0 failed; 0 ignored", some(0, 0)),
            (Reports::Cargo, "test three_passed ... ok", None),
            (Reports::Vitest, "      Tests  1 failed | 13 passed (14)", some(13, 1)),
            (Reports::Vitest, "      Tests  14 passed (14)", some(14, 0)),
            (Reports::Vitest, " Test Files  2 passed (2)", None),
            (Reports::ClosingLine, "12 passed, 0 failed", some(12, 0)),
            (Reports::ClosingLine, "PASS list: 3 passed, 0 failed", None),
            (Reports::ClosingLine, "listening", None),
        ];
        for (reports, line, expected) in cases {
            assert_eq!(read_tally(line, reports), expected, "{line}");
        }
    }
}
