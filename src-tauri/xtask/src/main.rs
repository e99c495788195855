//! The project's own commands: `cargo xtask run`, `test`, `audit`, `bench`, `bindings`, `package`, `help`. They are all the set-up there is:
//! each brings what is missing, says what it does and how long it took, and when something fails says what to do next.

mod ask;
mod audit;
mod bench;
mod checks;
mod compare;
mod desk;
mod fuzz;
mod node;
mod notices;
mod package;
mod problem;
mod process;
mod project;
mod python;
mod record;
mod rust;
mod setup;
mod step;

use std::process::ExitCode;

use ask::Ask;
use problem::Problem;
use project::Project;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match carry_out(&words) {
        Ok(code) => code,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(problem.exit_code())
        }
    }
}

fn carry_out(words: &[String]) -> Result<ExitCode, Problem> {
    let ask = Ask::read(words)?;
    if let Ask::Help = ask {
        print!("{}", ask::HELP);
        return Ok(ExitCode::SUCCESS);
    }
    let project = Project::find()?;
    match ask {
        Ask::Help => unreachable!("answered above"),
        Ask::Run(passed_on) => desk::run(&project, &passed_on),
        Ask::Test(parts) => checks::run(&project, &parts),
        Ask::TestLong => checks::run_long(&project),
        Ask::Fuzz(seconds) => fuzz::run(&project, seconds),
        Ask::Bench(measuring) => bench::run(&project, &measuring),
        Ask::Audit => audit::run(&project),
        Ask::Package => package::package(&project),
        Ask::Bindings => {
            setup::prepare(setup::For::Run)?;
            rust::write_bindings(&project)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
