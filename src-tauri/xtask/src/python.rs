//! The tests in Python (the official SDK, the business days): their packages in a virtual environment of their own, under
//! `target/`.

use std::fs;
use std::path::PathBuf;

use crate::problem::Problem;
use crate::process::{self, Ended, Reports};
use crate::project::Project;
use crate::step::timed;

pub const SYSTEM_PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };

/// Seed of the random cases: a run that fails can be run again.
const REFERENCE_SEED: u32 = 1;

/// The pinned packages of each test.
const PINS: [&str; 2] = ["tests/calendar/requirements.txt", "tests/sdk/requirements.txt"];

/// Makes the virtual environment with the pinned packages, if they changed since it was made.
pub fn install(project: &Project) -> Result<(), Problem> {
    let pins = PINS.map(|pins| project.root.join(pins));
    let mut wanted = String::new();
    for pins in &pins {
        wanted += &fs::read_to_string(pins).map_err(|error| Problem::file(&error, pins))?;
    }
    // Written last, inside: an environment that was cut off half-way has none.
    let stamp = folder(project).join("requirements-installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    timed("python: the pinned packages in target/python", || {
        let folder = folder(project);
        let mut venv = process::command(SYSTEM_PYTHON, &project.root);
        succeed(process::run(venv.args(["-m", "venv", "--clear"]).arg(&folder))?, "python -m venv")?;
        let mut pip = process::command(program(project), &project.root);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        for pins in &pins {
            pip.arg("--requirement").arg(pins);
        }
        succeed(process::run(&mut pip)?, "pip install")?;
        fs::write(&stamp, wanted).map_err(|error| Problem::file(&error, &stamp))
    })
}

/// Drives the sandbox, which `rdesk` serves, with the unmodified SDK.
pub fn conformance(project: &Project) -> Result<Ended, Problem> {
    let mut command = process::command(program(project), &project.root);
    command.arg("tests/sdk/conformance.py").arg("--rdesk").arg(project.program("rdesk"));
    process::run_counting(&mut command, Reports::ClosingLine)
}

/// Compares the business days that `rdesk` counts by with those of an independent package.
pub fn business_days(project: &Project) -> Result<Ended, Problem> {
    let mut command = process::command(program(project), &project.root);
    command.arg("tests/calendar/business_days.py").arg("--rdesk").arg(project.program("rdesk"));
    process::run_counting(&mut command, Reports::ClosingLine)
}

/// Compares the rules with a second implementation in exact fractions, on random cases. It needs no packages.
pub fn reference(project: &Project, cases: u32) -> Result<Ended, Problem> {
    let mut command = process::command(SYSTEM_PYTHON, &project.root);
    command
        .arg("tests/reference/compare.py")
        .arg(project.program("rdesk"))
        .args([cases.to_string(), REFERENCE_SEED.to_string()]);
    process::run_counting(&mut command, Reports::ClosingLine)
}

fn folder(project: &Project) -> PathBuf {
    project.target().join("python")
}

fn program(project: &Project) -> PathBuf {
    folder(project).join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

fn succeed(ended: Ended, what: &str) -> Result<(), Problem> {
    if ended.success {
        return Ok(());
    }
    Err(Problem::new(
        "python.packages",
        format!("`{what}` failed ({})", ended.how),
        "tests/calendar/requirements.txt, tests/sdk/requirements.txt",
        "read its output above (network, package index), then run the command again".to_owned(),
    ))
}
