//! `cargo xtask run`: the desk in its window, or in the terminal where there is no display.

use std::env;
use std::path::Path;
use std::process::ExitCode;

use crate::problem::Problem;
use crate::process;
use crate::project::Project;
use crate::setup::{self, For};
use crate::{node, rust};

pub fn run(project: &Project, passed_on: &[String]) -> Result<ExitCode, Problem> {
    setup::prepare(For::Run)?;
    node::install(project)?;
    node::must_build(project)?;
    rust::must_build_programs(project)?;

    // Paths that are passed on (`--home DIR`) are meant from where the person stands.
    let here = env::current_dir().map_err(|error| Problem::file(&error, Path::new(".")))?;
    let mut command = if has_display() {
        println!("==> open the desk");
        process::command(project.program("refund-desk"), &here)
    } else {
        println!("==> no display (neither DISPLAY nor WAYLAND_DISPLAY is set): the same journey in the terminal");
        let mut demo = process::command(project.program("rdesk"), &here);
        demo.arg("demo");
        demo
    };
    let ended = process::run(command.args(passed_on))?;
    if ended.success {
        return Ok(ExitCode::SUCCESS);
    }
    Err(Problem::new(
        "run.failed",
        format!("the desk ended badly ({})", ended.how),
        command.get_program().to_string_lossy().into_owned(),
        "read its output above; a new home (`--home DIR`) tells whether the home is the cause".to_owned(),
    ))
}

/// Windows and macOS always have one; elsewhere X11 or Wayland say where it is.
fn has_display() -> bool {
    cfg!(any(target_os = "windows", target_os = "macos"))
        || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}
