//! The tests in Python (the official SDK in its generations, the business days): their packages in virtual environments of their
//! own, under `target/`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::problem::Problem;
use crate::process::{self, Ended, Reports};
use crate::project::Project;
use crate::record;
use crate::step::timed;

pub const SYSTEM_PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };

/// Seed of the random cases: a run that fails can be run again.
const REFERENCE_SEED: u32 = 1;

/// A virtual environment: packages that go together, pinned by the tests that need them.
struct Environment {
    /// Folder under `target/`.
    folder: &'static str,
    pins: &'static [&'static str],
}

/// Where the SDK of today and the calendar's package are.
const PYTHON: Environment = Environment {
    folder: "python",
    pins: &["tests/calendar/requirements.txt", "tests/sdk/requirements.txt", "tests/reports/requirements.txt"],
};

/// Other writers of workbooks and pages, only to be timed.
const BENCH: Environment = Environment { folder: "python-bench", pins: &["tests/reports/requirements-bench.txt"] };

/// The example of the reports' crate that writes rows of nasty text.
pub const ROWS: &str = "rows";

/// The older SDKs want other versions of the same packages.
const OLDER: Environment = Environment { folder: "python-older", pins: &["tests/sdk/requirements-older.txt"] };

/// An SDK that drives the sandbox, and the table of tests for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sdk {
    Current,
    /// The generation before, with another core.
    Older,
    /// The core that signs in the query.
    Legacy,
}

impl Sdk {
    /// Environment, program and package whose version is meant.
    fn parts(self) -> (&'static Environment, &'static str, &'static str) {
        match self {
            Sdk::Current => (&PYTHON, "tests/sdk/conformance.py", "alibabacloud-bssopenapi20171214"),
            Sdk::Older => (&OLDER, "tests/sdk/conformance.py", "alibabacloud-bssopenapi20171214"),
            Sdk::Legacy => (&OLDER, "tests/sdk/legacy.py", "aliyun-python-sdk-bssopenapi"),
        }
    }
}

/// Makes the virtual environment that every Python test needs, if its pins changed since it was made.
pub fn install(project: &Project) -> Result<(), Problem> {
    PYTHON.install(project)
}

/// Makes the environment of the older SDKs.
pub fn install_older(project: &Project) -> Result<(), Problem> {
    OLDER.install(project)
}

/// Makes the environment of the writers that reports are timed beside.
pub fn install_bench(project: &Project) -> Result<(), Problem> {
    BENCH.install(project)
}

impl Environment {
    fn install(&self, project: &Project) -> Result<(), Problem> {
        let pins: Vec<PathBuf> = self.pins.iter().map(|pins| project.root.join(pins)).collect();
        let mut wanted = String::new();
        for pins in &pins {
            wanted += &read(pins)?;
        }
        // Written last, inside: an environment that was cut off half-way has none.
        let stamp = self.folder(project).join("requirements-installed.txt");
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        timed(&format!("python: the pinned packages in target/{}", self.folder), || {
            let mut venv = process::command(SYSTEM_PYTHON, &project.root);
            venv.args(["-m", "venv", "--clear"]).arg(self.folder(project));
            self.succeed(process::run(&mut venv)?, "python -m venv")?;
            let mut pip = process::command(self.program(project), &project.root);
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
            for pins in &pins {
                pip.arg("--requirement").arg(pins);
            }
            self.succeed(process::run(&mut pip)?, "pip install")?;
            fs::write(&stamp, wanted).map_err(|error| Problem::file(&error, &stamp))
        })
    }

    fn folder(&self, project: &Project) -> PathBuf {
        project.target().join(self.folder)
    }

    fn program(&self, project: &Project) -> PathBuf {
        self.folder(project).join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
    }

    /// The version of a package that is pinned here.
    fn pinned(&self, project: &Project, package: &str) -> Result<String, Problem> {
        for pins in self.pins {
            if let Some(version) = version_in(&read(&project.root.join(pins))?, package) {
                return Ok(version);
            }
        }
        Err(Problem::new(
            "python.not_pinned",
            format!("`{package}` is pinned nowhere"),
            self.pins.join(", "),
            format!("pin it there by a line `{package}==VERSION`, then run the command again"),
        ))
    }

    fn succeed(&self, ended: Ended, what: &str) -> Result<(), Problem> {
        if ended.success {
            return Ok(());
        }
        Err(Problem::new(
            "python.packages",
            format!("`{what}` failed ({})", ended.how),
            self.pins.join(", "),
            "read its output above (network, package index), then run the command again".to_owned(),
        ))
    }
}

fn read(pins: &Path) -> Result<String, Problem> {
    fs::read_to_string(pins).map_err(|error| Problem::file(&error, pins))
}

/// The version that a line `package==version` pins.
fn version_in(pins: &str, package: &str) -> Option<String> {
    pins.lines().find_map(|line| {
        let (name, version) = line.split_once("==")?;
        (name == package).then(|| version.split_whitespace().next().unwrap_or_default().to_owned())
    })
}

/// Drives the sandbox, which `rdesk` serves, with an unmodified SDK.
pub fn conformance(project: &Project, sdk: Sdk) -> Result<Ended, Problem> {
    let (environment, table, package) = sdk.parts();
    let mut command = process::command(environment.program(project), &project.root);
    command.arg(table).arg("--rdesk").arg(project.program("rdesk"));
    command.args(["--version", &environment.pinned(project, package)?]);
    process::run_counting(&mut command, Reports::ClosingLine)
}

/// Times a sync beside a plain script with the official SDK.
pub fn sync_bench(project: &Project, rdesk: &Path, figures: &Path) -> Result<Ended, Problem> {
    let mut command = process::command(PYTHON.program(project), &project.root);
    // The SDK would send loopback calls to a proxy that the environment names.
    for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
        command.env_remove(proxy);
    }
    command.env(record::TO, figures);
    process::run(command.arg("tests/sdk/sync_bench.py").arg("--rdesk").arg(rdesk))
}

/// Reads reports back by programs that are not ours.
pub fn reports(project: &Project) -> Result<Ended, Problem> {
    let mut command = process::command(PYTHON.program(project), &project.root);
    command.arg("tests/reports/read_back.py").arg("--rdesk").arg(project.program("rdesk"));
    process::run_counting(command.arg("--rows").arg(rows(project)), Reports::ClosingLine)
}

/// Opens workbooks with LibreOffice.
pub fn libreoffice(project: &Project) -> Result<Ended, Problem> {
    let mut command = process::command(SYSTEM_PYTHON, &project.root);
    command.arg("tests/reports/libreoffice.py").arg("--rows").arg(rows(project));
    process::run_counting(&mut command, Reports::ClosingLine)
}

fn rows(project: &Project) -> PathBuf {
    project.program(&format!("examples/{ROWS}"))
}

/// Times reports beside other writers.
pub fn reports_bench(project: &Project, rows: &Path, figures: &Path) -> Result<Ended, Problem> {
    let mut command = process::command(BENCH.program(project), &project.root);
    process::run(command.arg("tests/reports/bench.py").arg("--rows").arg(rows).env(record::TO, figures))
}

/// Compares the business days that `rdesk` counts by with those of an independent package.
pub fn business_days(project: &Project) -> Result<Ended, Problem> {
    let mut command = process::command(PYTHON.program(project), &project.root);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_their_pins() {
        let pins = "# one==0\none-more==1\none==2.1\ntwo==3 ; sys_platform == 'win32'\n";
        let cases = [("one", Some("2.1")), ("one-more", Some("1")), ("two", Some("3")), ("three", None)];
        for (package, version) in cases {
            assert_eq!(version_in(pins, package).as_deref(), version, "{package}");
        }
    }
}
