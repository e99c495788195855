//! `cargo xtask bench rules`: how long a quote takes, beside a decision table of another rules engine in the same run.
//! `cargo xtask bench window`: how the list behaves with 200,000 resources.
//! `cargo xtask bench sync`: how long a sync takes, beside a plain script with the official SDK in the same run.
//! `cargo xtask bench reports`: how long workbooks and pages take, beside other writers in the same run.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::problem::Problem;
use crate::process::{self, Ended};
use crate::project::Project;
use crate::step::timed;
use crate::{node, python, setup};

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

/// Measures the window's list over a home of 200,000 resources, which is made when it is not there yet.
pub fn window(project: &Project) -> Result<ExitCode, Problem> {
    setup::prepare(setup::For::Test)?;
    let folder = project.target().join("bench");
    let home = folder.join(format!("window-{LARGE_HOME}"));
    built(node::build(project)?)?;
    timed("make a home of 200,000 resources (once; minutes)", || {
        // A home whose day is over would be quoted anew while it is measured.
        let _ = std::fs::remove_dir_all(&home);
        let mut cargo = process::cargo(&project.root);
        cargo.args(["run", "--release", "-p", "desk", "--example", "large_home", "--"]).arg(&home).arg(LARGE_HOME);
        built(process::run(&mut cargo)?)
    })?;
    timed("measure; leave the machine alone meanwhile", || {
        let mut cargo = process::cargo(&project.root);
        cargo.args(["bench", "-p", "refund-desk", "--bench", "window", "--features", "custom-protocol"]);
        let ended = process::run(cargo.env("WINDOW_BENCH_HOME", &home))?;
        Ok(if ended.success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// Resources of the home that the window's list is measured over.
const LARGE_HOME: &str = "200000";

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
