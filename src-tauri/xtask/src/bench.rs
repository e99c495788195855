//! `cargo xtask bench`: every figure of `docs/performance.md` again.
//!
//! Each bench prints what it found, and writes it to a file in one small format (`record`), so that runs can be compared.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::ask::{Bench, Measuring};
use crate::compare::Comparison;
use crate::problem::Problem;
use crate::process::{self, Ended};
use crate::project::Project;
use crate::step::timed;
use crate::{node, python, record, setup};

/// Measures what is asked for, then compares it with what was kept before, then keeps it.
pub fn run(project: &Project, measuring: &Measuring) -> Result<ExitCode, Problem> {
    let mut code = ExitCode::SUCCESS;
    for bench in &measuring.now {
        let measured = measure(project, *bench)?;
        if measured != ExitCode::SUCCESS {
            return Ok(measured);
        }
    }
    for bench in &measuring.about {
        if measuring.compare && compare(project, *bench)? {
            code = ExitCode::FAILURE;
        }
        // With no name said it is about those that there are.
        let there = measuring.now.contains(bench) || record::newest(project, *bench).exists();
        if measuring.record && there {
            record::keep(project, *bench)?;
        }
    }
    Ok(code)
}

fn measure(project: &Project, bench: Bench) -> Result<ExitCode, Problem> {
    let newest = record::newest(project, bench);
    let folder = newest.parent().unwrap_or(project.target());
    std::fs::create_dir_all(folder).map_err(|error| Problem::file(&error, folder))?;
    // A run that fails leaves none, rather than the one before.
    let _ = std::fs::remove_file(&newest);
    match bench {
        Bench::Rules => rules(project),
        Bench::Sync => sync(project),
        Bench::Reports => reports(project),
        Bench::Scale => scale(project),
        Bench::Window => window(project),
    }
}

/// Tells what changed since the kept run. True when something clearly became worse.
fn compare(project: &Project, bench: Bench) -> Result<bool, Problem> {
    println!("==> compare: {}", bench.name());
    let (newest, kept) = (record::newest(project, bench), record::kept(project, bench));
    let (Some(now), Some(before)) = (record::read(&newest)?, record::read(&kept)?) else {
        let missing = if newest.exists() { "no run is kept in docs/benchmarks" } else { "it was not measured here" };
        println!("    NOT COMPARED: {missing}");
        return Ok(false);
    };
    if now.machine != before.machine {
        println!("    measured on another machine: {}, was {}", now.machine, before.machine);
    }
    println!("    load {}, was {}", now.load, before.load);
    let comparison = Comparison::of(&before, &now);
    print!("{}", comparison.told());
    Ok(comparison.is_worse())
}

/// Builds what is timed as it is shipped, and measures. The bench is a package of its own, outside the workspace.
fn rules(project: &Project) -> Result<ExitCode, Problem> {
    let folder = project.target().join("bench");
    build_rdesk(project)?;
    timed("build the bench (the first time takes minutes)", || {
        let mut cargo = process::cargo(&project.root.join("src-tauri").join("bench"));
        built(process::run(cargo.args(["build", "--release", "--target-dir"]).arg(&folder))?)
    })?;
    timed("measure; leave the machine alone meanwhile", || {
        let mut bench = process::command(released(&folder, "rules-bench"), &project.root);
        bench.arg(released(project.target(), "rdesk")).arg(folder.join("measured"));
        bench.env(record::TO, record::newest(project, Bench::Rules));
        let ended = process::run(&mut bench)?;
        Ok(if ended.success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// Measures the sync of the terminal's program, which is built as it is shipped.
fn sync(project: &Project) -> Result<ExitCode, Problem> {
    build_rdesk(project)?;
    python::install(project)?;
    timed("measure; leave the machine alone meanwhile", || {
        let ended =
            python::sync_bench(project, &released(project.target(), "rdesk"), &record::newest(project, Bench::Sync))?;
        Ok(if ended.success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// Measures workbooks and statements; what writes ours is an example of the reports' crate.
fn reports(project: &Project) -> Result<ExitCode, Problem> {
    timed("build the reports for release (the first time takes minutes)", || {
        let mut cargo = process::cargo(&project.root);
        built(process::run(cargo.args(["build", "--release", "-p", "desk-report", "--example", python::ROWS]))?)
    })?;
    python::install_bench(project)?;
    timed("measure; leave the machine alone meanwhile", || {
        let rows = released(project.target(), &format!("examples/{}", python::ROWS));
        let ended = python::reports_bench(project, &rows, &record::newest(project, Bench::Reports))?;
        Ok(if ended.success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// Measures the window's list over a home of 200,000 resources, which is made when it is not there yet.
fn window(project: &Project) -> Result<ExitCode, Problem> {
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
        cargo.env("WINDOW_BENCH_HOME", &home).env(record::TO, record::newest(project, Bench::Window));
        let ended = process::run(&mut cargo)?;
        Ok(if ended.success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// Orders of the homes that the desk is measured over.
const SIZES: [&str; 3] = ["10000", "100000", "1000000"];

/// Measures the desk over homes of three sizes, which are filled when they are not there yet, each in a process of its own.
fn scale(project: &Project) -> Result<ExitCode, Problem> {
    let folder = project.target().join("bench");
    let call = |words: &[&std::ffi::OsStr]| {
        let mut cargo = process::cargo(&project.root);
        cargo.args(["bench", "--quiet", "-p", "desk", "--bench", "scale", "--"]).args(words);
        let ended = process::run(&mut cargo)?;
        if ended.success { Ok(()) } else { Err(not_measured(&ended)) }
    };
    timed("build the desk for release (the first time takes minutes)", || {
        let mut cargo = process::cargo(&project.root);
        built(process::run(cargo.args(["bench", "-p", "desk", "--bench", "scale", "--no-run"]))?)
    })?;
    let mut measured = Vec::new();
    for orders in SIZES {
        let home = folder.join(format!("scale-{orders}"));
        let file = folder.join(format!("scale-{orders}.json"));
        timed(&format!("fill a home of {orders} orders (kept for the next run)"), || {
            call(&["fill".as_ref(), home.as_ref(), orders.as_ref()])
        })?;
        timed(&format!("measure {orders} orders; leave the machine alone meanwhile"), || {
            call(&["measure".as_ref(), home.as_ref(), orders.as_ref(), file.as_ref()])
        })?;
        measured.push(file);
    }
    let newest = record::newest(project, Bench::Scale);
    let picture = newest.with_extension("svg");
    let mut words: Vec<&std::ffi::OsStr> = vec!["tell".as_ref(), newest.as_ref(), picture.as_ref()];
    words.extend(measured.iter().map(AsRef::<std::ffi::OsStr>::as_ref));
    call(&words)?;
    println!("    plot: {}", picture.display());
    Ok(ExitCode::SUCCESS)
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

fn not_measured(ended: &Ended) -> Problem {
    Problem::new(
        "bench.not_measured",
        format!("the measurement failed ({})", ended.how),
        "src-tauri/desk/benches/scale",
        "read its output above; delete target/bench/scale-* where a home is damaged, then run the command again"
            .to_owned(),
    )
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
