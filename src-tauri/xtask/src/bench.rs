//! `cargo xtask bench rules`: how long a quote takes, beside a decision table of another rules engine in the same run.

use std::process::ExitCode;

use crate::problem::Problem;
use crate::process::{self, Ended};
use crate::project::Project;
use crate::step::timed;

/// Builds what is timed as it is shipped, and measures. The bench is a package of its own, outside the workspace.
pub fn rules(project: &Project) -> Result<ExitCode, Problem> {
    let folder = project.target().join("bench");
    timed("build rdesk for release (the first time takes minutes)", || {
        built(process::run(process::cargo(&project.root).args(["build", "--release", "-p", "rdesk"]))?)
    })?;
    timed("build the bench (the first time takes minutes)", || {
        let mut cargo = process::cargo(&project.root.join("src-tauri").join("bench"));
        built(process::run(cargo.args(["build", "--release", "--target-dir"]).arg(&folder))?)
    })?;
    let program = |folder: &std::path::Path, name: &str| {
        folder.join("release").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    };
    timed("measure; leave the machine alone meanwhile", || {
        let mut bench = process::command(program(&folder, "rules-bench"), &project.root);
        bench.arg(program(project.target(), "rdesk")).arg(folder.join("measured"));
        let ended = process::run(&mut bench)?;
        Ok(if ended.success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

fn built(ended: Ended) -> Result<(), Problem> {
    if ended.success {
        return Ok(());
    }
    Err(Problem::new(
        "bench.not_built",
        format!("the build failed ({})", ended.how),
        "src-tauri/bench",
        "read its output above, mend the cause, then run `cargo xtask bench rules` again".to_owned(),
    ))
}
