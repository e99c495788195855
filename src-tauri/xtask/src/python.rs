//! The official SDK's test: Python packages in a virtual environment of their own, under `target/`.

use std::fs;
use std::path::PathBuf;

use crate::problem::Problem;
use crate::process::{self, Ended, Reports};
use crate::project::Project;
use crate::step::timed;

pub const SYSTEM_PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };

/// Makes the virtual environment with the pinned packages, if they changed since it was made.
pub fn install(project: &Project) -> Result<(), Problem> {
    let pins = project.root.join("tests/sdk/requirements.txt");
    let wanted = fs::read_to_string(&pins).map_err(|error| Problem::file(&error, &pins))?;
    // Written last, inside: an environment that was cut off half-way has none.
    let stamp = folder(project).join("requirements-installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    timed("python: the pinned SDK in target/python", || {
        let folder = folder(project);
        let mut venv = process::command(SYSTEM_PYTHON, &project.root);
        succeed(process::run(venv.args(["-m", "venv", "--clear"]).arg(&folder))?, "python -m venv")?;
        let mut pip = process::command(program(project), &project.root);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
        succeed(process::run(pip.arg(&pins))?, "pip install")?;
        fs::write(&stamp, wanted).map_err(|error| Problem::file(&error, &stamp))
    })
}

/// Drives the sandbox, which `rdesk` serves, with the unmodified SDK.
pub fn conformance(project: &Project) -> Result<Ended, Problem> {
    let mut command = process::command(program(project), &project.root);
    command.arg("tests/sdk/conformance.py").arg("--rdesk").arg(project.program("rdesk"));
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
        "tests/sdk/requirements.txt",
        "read its output above (network, package index), then run the command again".to_owned(),
    ))
}
