//! `cargo xtask test`: every check, or the parts asked for.

use std::process::ExitCode;

use crate::ask::Part;
use crate::problem::Problem;
use crate::project::Project;
use crate::python::Sdk;
use crate::setup::{self, For};
use crate::step::Steps;
use crate::{audit, fuzz, node, python, rust};

/// Random cases compared with the second implementation in every test run.
const REFERENCE_CASES: u32 = 5_000;

/// The same in a long run.
const REFERENCE_CASES_LONG: u32 = 100_000;

/// Seeds of the simulation in a long run; the first 200 are in every run, among the Rust tests.
const SIMULATED_SEEDS_LONG: u32 = 10_000;

/// How often a sync is killed in a long run, and over how many orders.
const KILLS_LONG: u32 = 500;
const KILL_ORDERS_LONG: u32 = 20_000;

/// For how long each door is fuzzed in a long run.
const FUZZ_SECONDS_LONG: u32 = 600;

/// How many times as many cases the rules' properties draw in a long run.
const DRAWS_LONG: u32 = 100;

pub fn run(project: &Project, parts: &[Part]) -> Result<ExitCode, Problem> {
    setup::prepare(For::Test)?;
    node::install(project)?;
    if parts.iter().any(|part| part.is_python()) {
        python::install(project)?;
    }
    if parts.contains(&Part::Sdk) {
        python::install_older(project)?;
    }

    let mut steps = Steps::default();
    if parts.contains(&Part::Ui) {
        steps.check("ui types", "tsc --noEmit", || node::check(project));
        steps.tests("ui tests", "component tests", || node::test(project));
    }
    if parts.contains(&Part::Audit) {
        audit::every(project, &mut steps);
    }
    // The window's program holds the pages, so every part needs them built.
    let pages = steps.check("ui build", "npm run build", || node::build(project));
    if parts.contains(&Part::Rust) {
        steps.check("rust format", "cargo fmt --check", || rust::format(project));
    }
    if !pages {
        leave_out(&mut steps, parts, "the build of the pages");
    } else if parts.iter().any(|part| part.is_of_what_is_built()) {
        with_pages(project, parts, &mut steps);
    }
    Ok(if steps.summarise() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The steps that need the pages to be built.
fn with_pages(project: &Project, parts: &[Part], steps: &mut Steps) {
    if parts.contains(&Part::Rust) {
        steps.check("rust lints", "cargo clippy -D warnings", || rust::lints(project));
        steps.check("rust docs", "cargo doc -D warnings", || rust::docs(project));
    }
    if !steps.check("rust build", "programs and tests", || rust::build(project)) {
        return leave_out(steps, parts, "the build of the crates");
    }
    for part in parts {
        match part {
            Part::Ui | Part::Audit => {}
            Part::Rust => _ = steps.tests("rust tests", "every crate", || rust::test(project)),
            Part::Calendar => _ = steps.tests("calendar", "business days", || python::business_days(project)),
            Part::Reference => {
                _ = steps.tests("reference", "5,000 random cases", || python::reference(project, REFERENCE_CASES));
            }
            Part::Sdk => sdks(project, steps),
            Part::Reports => _ = steps.tests("reports", "read back by others", || python::reports(project)),
            Part::Window => _ = steps.tests("window", "the real window", || rust::window(project)),
        }
    }
}

/// The same sandbox by every generation of the SDK.
fn sdks(project: &Project, steps: &mut Steps) {
    let all = [
        ("sdk", "the official Python SDK", Sdk::Current),
        ("sdk older", "the generation before", Sdk::Older),
        ("sdk legacy", "the legacy core and its signature", Sdk::Legacy),
    ];
    for (name, what, sdk) in all {
        _ = steps.tests(name, what, || python::conformance(project, sdk));
    }
}

/// `cargo xtask test --long`: what takes minutes and is run when the rules changed.
pub fn run_long(project: &Project) -> Result<ExitCode, Problem> {
    setup::prepare(For::Long)?;
    let mut steps = Steps::default();
    if steps.check("rust build", "rdesk", || rust::build_terminal(project)) {
        _ = steps.tests("reference", "100,000 random cases", || python::reference(project, REFERENCE_CASES_LONG));
    }
    _ = steps.tests("properties", "random cases, 100 times as many", || rust::properties(project, DRAWS_LONG));
    if steps.check("rust build", "reports", || rust::build_rows(project)) {
        _ = steps.tests("libreoffice", "workbooks opened", || python::libreoffice(project));
    }
    _ = steps.tests("kills", "a sync killed 500 times", || rust::kills(project, KILLS_LONG, KILL_ORDERS_LONG));
    fuzz::add_steps(project, FUZZ_SECONDS_LONG, &mut steps)?;
    steps.check("simulation", "10,000 seeds", || rust::simulate(project, SIMULATED_SEEDS_LONG));
    Ok(if steps.summarise() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn leave_out(steps: &mut Steps, parts: &[Part], because: &'static str) {
    for part in parts.iter().filter(|part| part.is_of_what_is_built()) {
        steps.not_tried(part.name(), because);
    }
}
