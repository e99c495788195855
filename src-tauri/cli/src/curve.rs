//! `rdesk curve`: what a case gives back from its asked instant to another one, and the best instant. It needs no home and no
//! network.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use desk::DeskError;
use desk::tell::amount as figure;
use refund_rules::{BadInput, Curve, Point, Policies, read_document};

use crate::answer::{self, Out};
use crate::instant::{instant_or_day_end, shown};
use crate::print;

/// The case was bad input, as with `rdesk quote`.
const BAD_INPUT: u8 = 2;

#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// A case file; `-` reads standard input.
    #[arg(value_name = "CASE")]
    pub file: PathBuf,
    /// How far to look: a date (to the end of that day in UTC+8) or an instant.
    #[arg(long, value_name = "DATE", value_parser = instant_or_day_end)]
    pub until: DateTime<Utc>,
}

/// Prints the curve. Exit status 2 for bad input.
pub fn run(args: &Args, json: bool) -> ExitCode {
    let out = Out { json, banner: None };
    match draw(&args.file, args.until).and_then(|curve| out.put(&curve, || told(&curve))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            answer::fail(&error, json);
            ExitCode::from(BAD_INPUT)
        }
    }
}

fn draw(file: &Path, until: DateTime<Utc>) -> Result<Curve, DeskError> {
    let bytes = read(file)?;
    let case = read_document(&bytes).map_err(bad_input)?;
    refund_rules::curve(&case, Policies::built_in(), until).map_err(bad_input)
}

fn read(file: &Path) -> Result<Vec<u8>, DeskError> {
    let mut bytes = Vec::new();
    let done = if file == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(file).map(|read| bytes = read)
    };
    done.map_err(|why| {
        DeskError::new(
            "bad_input",
            format!("the case cannot be read: {why}"),
            "give a case file, or `-` for standard input",
        )
        .at(file.display().to_string())
    })?;
    Ok(bytes)
}

fn bad_input(bad: BadInput) -> DeskError {
    let details = bad.candidates.iter().map(DateTime::to_rfc3339).collect();
    let next = match (bad.code.as_str(), bad.path.as_str()) {
        ("not_a_candidate", _) => "ask with one of the Updated Expiration Times offered",
        (_, "until") => "give a later date with --until",
        _ => "correct the case at the place named",
    };
    let error = DeskError::new(&bad.code, bad.message, next).with_details(details);
    if bad.path.is_empty() { error } else { error.at(bad.path) }
}

fn told(curve: &Curve) -> String {
    let currency = curve.currency.as_deref().unwrap_or("");
    let mut table = print::table(&["from (UTC+8)", "refund", "type", "goes to", "why not"], &[1]);
    for point in &curve.points {
        table.add_row([
            when(point.at, point.after),
            print::amount(Some(point.refund), Some(point.refund_max), Some(currency)),
            point.refund_type.to_string(),
            places(point),
            point.blockers.join(", "),
        ]);
    }
    format!("{} until {} UTC+8\n{table}\n{}", curve.resource, shown(curve.until), best(curve, currency))
}

/// Begun days and windows include their last instant: what comes next holds only after it.
fn when(at: DateTime<Utc>, after: bool) -> String {
    if after { format!("after {}", shown(at)) } else { shown(at) }
}

fn places(point: &Point) -> String {
    let places: Vec<_> = point.destinations.iter().map(|to| format!("{} {}", to.to, figure(to.amount))).collect();
    places.join(", ")
}

fn best(curve: &Curve, currency: &str) -> String {
    match &curve.best {
        None => "Nothing comes back for certain at any of these instants.".to_owned(),
        Some(best) if best.by_waiting.is_zero() => format!("Best at once: {} {currency}.", figure(best.refund)),
        Some(best) => {
            let (when, more) = (when(best.at, best.after), figure(best.by_waiting));
            format!("Best {when} UTC+8: {} {currency}, {more} more by waiting.", figure(best.refund))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/cases");

    fn drawn(case: &str, until: &str) -> Result<Curve, DeskError> {
        draw(&Path::new(CASES).join(case), instant_or_day_end(until).unwrap())
    }

    // The ledger stands over the rules' own test of the same case.
    #[test]
    fn the_worked_example_is_told_in_aligned_rows() {
        let told = told(&drawn("destinations-worked-example.json", "2026-05-21").unwrap());
        let lines: Vec<_> = told.lines().map(str::trim).collect();
        assert_eq!(lines[0], "i-t4n01 until 2026-05-21 23:59 UTC+8");
        let row = |text: &str| lines.iter().any(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") == text);
        assert!(row("2026-05-20 10:00 563.01 USD partial balance 11.04, bank_card 551.97"), "{told}");
        assert!(row("after 2026-05-20 12:00 559.73 USD partial balance 10.98, bank_card 548.75"), "{told}");
        assert_eq!(*lines.last().unwrap(), "Best at once: 563.01 USD.");
    }

    #[test]
    fn waiting_for_the_end_of_a_coefficient_is_told_with_what_it_brings() {
        let mut curve = drawn("destinations-worked-example.json", "2026-05-21").unwrap();
        let best = curve.best.as_mut().unwrap();
        (best.after, best.by_waiting) = (true, "1234.50".parse().unwrap());
        assert!(told(&curve).ends_with("Best after 2026-05-20 10:00 UTC+8: 563.01 USD, 1,234.50 more by waiting."));
        curve.best = None;
        assert!(told(&curve).ends_with("Nothing comes back for certain at any of these instants."));
    }

    #[test]
    fn bad_input_names_its_place_and_what_to_do() {
        let place = |case: &str, until: &str| {
            let error = drawn(case, until).unwrap_err();
            (error.code().to_owned(), error.place().map(str::to_owned))
        };
        assert_eq!(place("bad-negative.json", "2030-01-01").0, "bad_input");
        assert_eq!(
            place("destinations-worked-example.json", "2026-05-19"),
            ("bad_input".to_owned(), Some("until".to_owned()))
        );
        assert!(place("none.json", "2030-01-01").1.unwrap().ends_with("none.json"));
    }
}
