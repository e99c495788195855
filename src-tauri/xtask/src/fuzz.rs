//! `cargo xtask fuzz`: each door of the desk with bytes that a fuzzer thinks up, and what it found of use kept for every later run.

use std::path::Path;
use std::process::{Command, ExitCode};

use crate::problem::Problem;
use crate::process::{self, Ended, answer};
use crate::project::Project;
use crate::setup::{self, For};
use crate::step::Steps;

/// The fuzz targets, and what has such bytes already.
const DOORS: [(&str, Option<&str>); 5] = [
    ("api_reply", None),
    ("case_file", Some("src-tauri/rules/cases")),
    ("csv_import", Some("src-tauri/desk/tests/fixtures/import")),
    ("deep_link", None),
    ("policy_pack", Some("src-tauri/rules/policies")),
];

/// A door that takes this long for one input is broken too.
const INPUT_SECONDS: u32 = 20;

/// More memory than this for one input is a bomb.
const INPUT_MB: u32 = 2_048;

/// Each door for so many seconds, one after the other.
pub fn run(project: &Project, seconds: u32) -> Result<ExitCode, Problem> {
    setup::prepare(For::Test)?;
    let mut steps = Steps::default();
    add_steps(project, seconds, &mut steps)?;
    Ok(if steps.summarise() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The same as steps of a longer run.
pub fn add_steps(project: &Project, seconds: u32, steps: &mut Steps) -> Result<(), Problem> {
    must_have_the_fuzzer()?;
    for (door, seeds) in DOORS {
        let told = format!("{door}, {seconds} s");
        steps.check("fuzz", &told, || open(project, door, seeds, seconds));
    }
    Ok(())
}

fn must_have_the_fuzzer() -> Result<(), Problem> {
    if answer("cargo", &["+nightly", "fuzz", "--version"]).is_some() {
        return Ok(());
    }
    Err(Problem::new(
        "fuzz.no_fuzzer",
        "cargo-fuzz or a nightly compiler is missing".to_owned(),
        "fuzz",
        "type `rustup toolchain install nightly --profile minimal` and `cargo install cargo-fuzz --locked`, then run the command again"
            .to_owned(),
    ))
}

fn open(project: &Project, door: &str, seeds: Option<&str>, seconds: u32) -> Result<Ended, Problem> {
    let work = project.target().join("fuzz-corpus");
    let (corpus, least) = (work.join(door), work.join(format!("{door}-least")));
    kept(project, "lay", door, &corpus)?;
    let mut run = fuzz(project, door);
    run.arg(&corpus).args(seeds).arg("--").args([
        format!("-max_total_time={seconds}"),
        format!("-timeout={INPUT_SECONDS}"),
        format!("-rss_limit_mb={INPUT_MB}"),
        "-print_final_stats=1".to_owned(),
        "-verbosity=0".to_owned(),
    ]);
    let ended = process::run(&mut run)?;
    if !ended.success {
        return Ok(ended);
    }
    // The fewest inputs that go all the ways that were found.
    _ = std::fs::remove_dir_all(&least);
    std::fs::create_dir_all(&least).map_err(|why| not_kept(&least, &why.to_string()))?;
    let mut merge = fuzz(project, door);
    merge.arg(&least).arg(&corpus).args(seeds).args(["--", "-merge=1", "-verbosity=0"]);
    let merged = process::run(&mut merge)?;
    if merged.success {
        kept(project, "keep", door, &least)?;
    }
    Ok(merged)
}

/// The fuzzer on one door, which builds what is new first.
fn fuzz(project: &Project, door: &str) -> Command {
    let mut command = process::command("cargo", &project.root);
    command.args(["+nightly", "fuzz", "run", "--target-dir"]).arg(project.target().join("fuzz")).arg(door);
    command
}

/// Kept inputs to files and back.
fn kept(project: &Project, what: &str, door: &str, folder: &Path) -> Result<(), Problem> {
    let mut command = process::cargo(&project.root);
    command.args(["run", "--quiet", "-p", "desk-hostile", "--bin", "kept", "--", what, door]).arg(folder);
    let ended = process::run(&mut command)?;
    if ended.success { Ok(()) } else { Err(not_kept(folder, &ended.how)) }
}

fn not_kept(folder: &Path, why: &str) -> Problem {
    Problem::new(
        "fuzz.not_kept",
        format!("the inputs could not be moved: {why}"),
        folder.display().to_string(),
        "read the output above, then run the command again".to_owned(),
    )
}
