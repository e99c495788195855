//! The crates: format, lints, build, tests. Every call that builds names the same packages and features, so that nothing is
//! built twice and `refund-desk` always holds its pages.

use std::process::Command;

use crate::problem::Problem;
use crate::process::{self, Ended, Reports};
use crate::project::Project;
use crate::step::timed;

/// The pages are served from inside the program; without this the window looks for a development server.
const FEATURES: [&str; 2] = ["--features", "refund-desk/custom-protocol"];

/// The beginning of the names of the tests that drive the window; they have a step of their own.
const WINDOW_TESTS: &str = "real_window_";

pub fn format(project: &Project) -> Result<Ended, Problem> {
    // The names of the files say enough: `cargo fmt --all` mends them.
    process::run(process::cargo(&project.root).args(["fmt", "--all", "--check", "--", "-l"]))
}

pub fn lints(project: &Project) -> Result<Ended, Problem> {
    process::run(whole(project, "clippy").args(["--all-targets", "--", "-D", "warnings"]))
}

/// The crates' own pages, private items with them: a link that leads nowhere fails.
pub fn docs(project: &Project) -> Result<Ended, Problem> {
    let mut command = whole(project, "doc");
    process::run(command.args(["--no-deps", "--document-private-items"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Builds programs and tests in one go.
pub fn build(project: &Project) -> Result<Ended, Problem> {
    process::run(whole(project, "build").arg("--all-targets"))
}

/// The terminal's program alone.
pub fn build_terminal(project: &Project) -> Result<Ended, Problem> {
    process::run(process::cargo(&project.root).args(["build", "-p", "rdesk"]))
}

/// The example that writes rows of nasty text.
pub fn build_rows(project: &Project) -> Result<Ended, Problem> {
    process::run(process::cargo(&project.root).args(["build", "-p", "desk-report", "--example", crate::python::ROWS]))
}

/// Every test but those of the window.
pub fn test(project: &Project) -> Result<Ended, Problem> {
    let mut command = whole(project, "test");
    command.args(["--no-fail-fast", "--", "--skip", WINDOW_TESTS]);
    process::run_counting(&mut command, Reports::Cargo)
}

/// The tests that drive the real window; they bring their own display.
pub fn window(project: &Project) -> Result<Ended, Problem> {
    process::run_counting(whole(project, "test").args(["--test", "window"]), Reports::Cargo)
}

/// Many seeds of the simulated world, optimised: without it they would take a night.
pub fn simulate(project: &Project, seeds: u32) -> Result<Ended, Problem> {
    let range = format!("0..{seeds}");
    let mut command = process::cargo(&project.root);
    command.args(["run", "--release", "-p", "desk-simulation", "--bin", "simulate", "--"]);
    process::run(command.args(["--seeds", &range, "--coverage"]))
}

/// A sync killed at random instants, more often and over more orders than in every run.
pub fn kills(project: &Project, kills: u32, orders: u32) -> Result<Ended, Problem> {
    let mut command = process::cargo(&project.root);
    command.args(["test", "--release", "-p", "rdesk", "--test", "killed", "--", "--nocapture"]);
    command.env("REFUND_DESK_KILLS", kills.to_string()).env("REFUND_DESK_KILL_ORDERS", orders.to_string());
    process::run_counting(&mut command, Reports::Cargo)
}

/// The rules' properties, drawn that many times as often as in every run and others each time.
pub fn properties(project: &Project, times: u32) -> Result<Ended, Problem> {
    let mut command = process::cargo(&project.root);
    command.args(["test", "--release", "-p", "refund-rules", "--test", "properties"]);
    process::run_counting(command.env("REFUND_DESK_DRAWS", times.to_string()), Reports::Cargo)
}

/// The two programs that people start.
pub fn must_build_programs(project: &Project) -> Result<(), Problem> {
    timed("build the desk (the first time takes minutes)", || {
        let mut command = process::cargo(&project.root);
        command.args(["build", "-p", "refund-desk", "-p", "rdesk"]).args(FEATURES);
        succeed(process::run(&mut command)?, "cargo build")
    })
}

/// Writes the TypeScript types anew: the test that compares them with the committed file writes them instead.
pub fn write_bindings(project: &Project) -> Result<(), Problem> {
    timed("write ui/src/backend/bindings.ts", || {
        let mut command = process::cargo(&project.root);
        command
            .args(["test", "-p", "refund-desk"])
            .args(FEATURES)
            .args(["--lib", "bindings"])
            .env("UPDATE_BINDINGS", "1");
        let ended = process::run_counting(&mut command, Reports::Cargo)?;
        if ended.success && ended.tally.unwrap_or_default().passed == 0 {
            return Err(Problem::new(
                "bindings.no_test",
                "no test wrote the types".to_owned(),
                "src-tauri/app",
                "check that the test of the types still has `bindings` in its name".to_owned(),
            ));
        }
        succeed(ended, "cargo test --lib bindings")
    })
}

fn whole(project: &Project, command: &str) -> Command {
    let mut cargo = process::cargo(&project.root);
    cargo.args([command, "--workspace"]).args(FEATURES);
    cargo
}

fn succeed(ended: Ended, what: &str) -> Result<(), Problem> {
    if ended.success {
        return Ok(());
    }
    Err(Problem::new(
        "rust.failed",
        format!("`{what}` failed ({})", ended.how),
        "the workspace",
        "read its output above, mend the cause, then run the command again".to_owned(),
    ))
}
