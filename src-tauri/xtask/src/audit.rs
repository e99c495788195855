//! What others know of the crates and packages that the desk is built from: licences, sources, flaws that were made public. What
//! cannot be looked at here (a tool that is not installed, a list that cannot be had) is said and counted neither way.

use std::process::{Command, ExitCode};

use crate::problem::Problem;
use crate::process;
use crate::project::Project;
use crate::setup::{self, For};
use crate::step::{Made, Steps};
use crate::{ask::Part, node};

/// Building it takes a quarter of an hour, so nobody's first test run does.
const NOT_INSTALLED: &str = "cargo-deny is not installed; `cargo install cargo-deny --locked` brings it";

/// `cargo xtask audit`: everything that can be looked at here. It fails on a finding.
pub fn run(project: &Project) -> Result<ExitCode, Problem> {
    setup::prepare(For::Run)?;
    let mut steps = Steps::default();
    every(project, &mut steps);
    Ok(if steps.summarise() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The steps, also those of `cargo xtask test audit`.
pub fn every(project: &Project, steps: &mut Steps) {
    debug_assert_eq!(Part::Audit.name(), "audit", "each step begins with the word that runs it alone");
    steps.check_if_possible("audit crates", "licences, bans and sources (deny.toml)", || crates(project));
    steps.check_if_possible("audit advisories", "public flaws of the crates", || advisories(project));
    steps.check_if_possible("audit packages", "public flaws of the pages' packages", || packages(project));
}

fn crates(project: &Project) -> Result<Made, Problem> {
    let Some(mut deny) = deny(project) else { return Ok(not_made(NOT_INSTALLED)) };
    // Crates of other systems are looked at too, and a build brings only this one's.
    if !process::run(process::cargo(&project.root).args(["fetch", "--locked", "--quiet"]))?.success {
        return Ok(not_made("the crates could not all be downloaded"));
    }
    process::run(deny.args(["check", "licenses", "bans", "sources"])).map(Made::Ended)
}

fn advisories(project: &Project) -> Result<Made, Problem> {
    let Some(mut deny) = deny(project) else { return Ok(not_made(NOT_INSTALLED)) };
    let (fetched, _) = process::capture(process::cargo(&project.root).args(["deny", "fetch", "db"]))?;
    if !fetched.success {
        return Ok(not_made("the list of advisories (RustSec) could not be had"));
    }
    process::run(deny.args(["check", "advisories"])).map(Made::Ended)
}

fn packages(project: &Project) -> Result<Made, Problem> {
    let (ended, report) = process::capture(node::npm(project).args(["audit", "--json"]))?;
    if !is_report(&report) {
        return Ok(not_made("the registry gave no list of advisories"));
    }
    if !ended.success {
        println!("{report}");
    }
    Ok(Made::Ended(ended))
}

/// npm ends badly for a finding as for a registry that does not answer; only a report has a version.
fn is_report(text: &str) -> bool {
    text.contains("\"auditReportVersion\"")
}

/// cargo-deny, if it is installed; it fetches nothing by itself, so that what it lacks is known before.
fn deny(project: &Project) -> Option<Command> {
    let (ended, _) = process::capture(process::cargo(&project.root).args(["deny", "--version"])).ok()?;
    let mut deny = process::cargo(&project.root);
    deny.args(["deny", "--locked", "--offline"]);
    ended.success.then_some(deny)
}

fn not_made(why: &'static str) -> Made {
    Made::NotMade(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_that_does_not_answer_is_no_report() {
        let cases = [
            ("{\n  \"auditReportVersion\": 2,\n  \"vulnerabilities\": {}\n}", true),
            ("{\n  \"message\": \"405 Method Not Allowed\",\n  \"error\": { \"summary\": \"\" }\n}", false),
            ("", false),
        ];
        for (text, report) in cases {
            assert_eq!(is_report(text), report, "{text}");
        }
    }
}
