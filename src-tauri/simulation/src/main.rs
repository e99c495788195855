//! `simulate`: runs seeds of the simulated world and tells what happened.

use std::process::ExitCode;

use clap::Parser;
use desk_simulation::{Outcome, run, summary};

/// Runs the desk in a simulated world.
#[derive(Parser)]
#[command(name = "simulate")]
struct Args {
    /// One seed to run.
    #[arg(long, conflicts_with = "seeds", required_unless_present = "seeds")]
    seed: Option<u64>,
    /// Seeds to run, e.g. 0..200 (the last one is not run).
    #[arg(long, value_name = "A..B", value_parser = range)]
    seeds: Option<(u64, u64)>,
    /// Print every step of the seed.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Fail when something interesting never happened in the seeds.
    #[arg(long, requires = "seeds")]
    coverage: bool,
    /// Threads for several seeds; each run has one.
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let passed = match (args.seed, args.seeds) {
        (Some(seed), _) => one(seed, args.trace),
        (None, Some((from, to))) => several(from, to, &args),
        (None, None) => false,
    };
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn one(seed: u64, trace: bool) -> bool {
    let outcome = run(seed);
    if trace {
        println!("{}", outcome.trace.join("\n"));
    }
    match &outcome.failure {
        Some(failure) => println!("seed {seed} FAILED: {failure}"),
        None => println!("seed {seed} kept every promise; trace {}", outcome.hash),
    }
    outcome.failure.is_none()
}

fn several(from: u64, to: u64, args: &Args) -> bool {
    let failed = |outcome: &Outcome| {
        if let Some(failure) = &outcome.failure {
            println!("seed {} FAILED: {failure}", outcome.seed);
        }
    };
    let summary = summary::run_seeds(from, to, args.threads, failed);
    if let Some(first) = summary.failed.first() {
        println!("\nThe first failed seed, {}, step by step:\n{}\n", first.seed, first.trace.join("\n"));
        println!("Again with `simulate --seed {} --trace`.\n", first.seed);
    }
    println!("{summary}");
    let missing = if args.coverage { summary.missing() } else { Vec::new() };
    if !missing.is_empty() {
        println!("never happened: {}", missing.join(", "));
    }
    summary.failed.is_empty() && missing.is_empty()
}

fn range(text: &str) -> Result<(u64, u64), String> {
    let wrong = || "give two numbers, the smaller first, e.g. 0..200".to_owned();
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let (from, to): (u64, u64) = (from.parse().map_err(|_| wrong())?, to.parse().map_err(|_| wrong())?);
    if from < to { Ok((from, to)) } else { Err(wrong()) }
}
