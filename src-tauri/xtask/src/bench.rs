//! `cargo xtask bench rules`: how long a quote takes, beside a decision table of another rules engine in the same run.
//! `cargo xtask bench sync`: how long a sync takes, beside a plain script with the official SDK in the same run.
//! `cargo xtask bench reports`: how long workbooks and pages take, beside other writers in the same run.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::problem::Problem;
use crate::process::{self, Ended};
use crate::project::Project;
use crate::python;
use crate::step::timed;

/// Builds what is timed as it is shipped, and measures. The bench is a package of its own, outside the workspace.
pub fn rules(project: &Project) -> Result<ExitCode, Problem> {
    let folder = project.target().join("bench");
    build_rdesk(project)?;
    timed("build the bench (the first time takes minutes)", || {
        let mut cargo = process::cargo(&project.root.join("src-tauri").join("bench"));
        built(process::run(cargo.args(["build", "--release", "--target-dir"]).arg(&folder))?)
    })?;
    timed("measure; leave the machine alone meanwhile", || {
        let mut bench = process::command(released(&folder, "rules-bench"), &project.root);
        bench.arg(released(project.target(), "rdesk")).arg(folder.join("measured"));
        let ended = process::run(&mut bench)?;
        Ok(if ended.success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// Measures the sync of the terminal's program, which is built as it is shipped.
pub fn sync(project: &Project) -> Result<ExitCode, Problem> {
    build_rdesk(project)?;
    python::install(project)?;
    timed("measure; leave the machine alone meanwhile", || {
        let ended = python::sync_bench(project, &released(project.target(), "rdesk"))?;
        Ok(if ended.success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// Measures workbooks and statements; what writes ours is an example of the reports' crate.
pub fn reports(project: &Project) -> Result<ExitCode, Problem> {
    timed("build the reports for release (the first time takes minutes)", || {
        let mut cargo = process::cargo(&project.root);
        built(process::run(cargo.args(["build", "--release", "-p", "desk-report", "--example", python::ROWS]))?)
    })?;
    python::install_bench(project)?;
    timed("measure; leave the machine alone meanwhile", || {
        let ended = python::reports_bench(project, &released(project.target(), &format!("examples/{}", python::ROWS)))?;
        Ok(if ended.success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

fn build_rdesk(project: &Project) -> Result<(), Problem> {
    timed("build rdesk for release (the first time takes minutes)", || {
        built(process::run(process::cargo(&project.root).args(["build", "--release", "-p", "rdesk"]))?)
    })
}

fn released(folder: &Path, name: &str) -> PathBuf {
    folder.join("release").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

fn built(ended: Ended) -> Result<(), Problem> {
    if ended.success {
        return Ok(());
    }
    Err(Problem::new(
        "bench.not_built",
        format!("the build failed ({})", ended.how),
        "src-tauri/bench",
        "read its output above, mend the cause, then run the command again".to_owned(),
    ))
}
