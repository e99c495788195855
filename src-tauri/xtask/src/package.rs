//! `cargo xtask package`: the installers of this system, with the window and the terminal's program in them.

use std::process::ExitCode;

use crate::problem::Problem;
use crate::process;
use crate::project::Project;
use crate::step::timed;
use crate::{node, notices, setup};

/// What is made here, as the bundler calls it. Images of AppImage are left out: making one downloads a program.
const KINDS: &str = if cfg!(target_os = "linux") {
    "deb,rpm"
} else if cfg!(windows) {
    "nsis"
} else {
    "app,dmg"
};

/// Builds both programs as they are shipped, then lets the bundler put them together. What a package says of itself, and what it
/// needs of the system, is in `tauri.conf.json`.
pub fn package(project: &Project) -> Result<ExitCode, Problem> {
    setup::prepare(setup::For::Run)?;
    node::install(project)?;
    node::must_build(project)?;
    timed("build refund-desk and rdesk for release (the first time takes many minutes)", || {
        let mut cargo = process::cargo(&project.root);
        cargo.args(["build", "--release", "-p", "refund-desk", "-p", "rdesk", "--bins"]);
        done(process::run(cargo.args(["--features", "refund-desk/custom-protocol"]))?, "the build")
    })?;
    timed("put the licences of others together", || notices::make(project))?;
    timed("make the packages", || {
        // The bundler finds the configuration by itself, and builds nothing.
        done(node::bundle(project, KINDS)?, "the bundler")
    })?;
    println!("The packages are in {}", project.target().join("release").join("bundle").display());
    Ok(ExitCode::SUCCESS)
}

fn done(ended: process::Ended, what: &str) -> Result<(), Problem> {
    if ended.success {
        return Ok(());
    }
    Err(Problem::new(
        "package.not_made",
        format!("{what} failed ({})", ended.how),
        "tauri.conf.json",
        "read its output above, mend the cause, then run the command again".to_owned(),
    ))
}
