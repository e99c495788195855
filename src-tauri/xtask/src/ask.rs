//! What the command line asks for.

use crate::problem::Problem;

pub const HELP: &str = "\
cargo xtask run [--home DIR] [...]   set up what is missing, build, and open the desk on a sandbox home;
                                     without a display: the same journey in the terminal (rdesk demo).
                                     What follows `run` is passed on.
cargo xtask test [PART ...]          set up what is missing and run every check, or only the parts named:
                                       ui        type check, component tests and build of the pages
                                       rust      format, lints and tests of every crate
                                       calendar  the business days against an independent Python package
                                       reference 5,000 random cases against a second implementation of the rules
                                       sdk       the official Python SDK, three generations, against the sandbox
                                       reports   reports read back by Python, openpyxl, poppler and qpdf
                                       window    the real window, driven in a virtual display (Linux)
                                       audit     licences, sources and public flaws of crates and packages, where they can be had
cargo xtask test --long              what takes longer: 100,000 random cases against the second implementation, as many for the rules'
                                     properties, a sync killed 500 times, 10,000 seeds of the simulated world,
                                     workbooks opened by LibreOffice, each door fuzzed for ten minutes
cargo xtask fuzz [SECONDS]           each door of the desk with bytes that a fuzzer thinks up, so long each (60); what it found is kept
cargo xtask bench [NAME ...]         measure everything, or only what is named:
                                       rules     quotes beside another rules engine's decision table, both in one run
                                       sync      a sync beside a plain script with the official SDK, both in one run
                                       reports   workbooks and statements beside XlsxWriter, openpyxl and reportlab, all in one run
                                       scale     lists, searches and quotes with 10,000, 100,000 and a million orders
                                       window    scroll and filter 200,000 resources in the real window (Linux)
           [--record]                keep the newest run in docs/benchmarks
           [--compare]               tell what became slower than the run that is kept there; fails when something clearly did.
                                     With either and no name nothing is measured: it is about the newest runs that there are
cargo xtask audit                    the part `audit` alone, without building anything; fails on a finding
cargo xtask bindings                 write the TypeScript types of the window's commands anew
cargo xtask package                  make this system's installers (Linux: .deb and .rpm), see docs/install.md
cargo xtask help                     this text
";

/// A part of the tests that can be run by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Ui,
    Rust,
    Calendar,
    Reference,
    Sdk,
    Reports,
    Window,
    Audit,
}

impl Part {
    /// Every part, in the order they are run.
    pub const ALL: [Part; 8] =
        [Part::Ui, Part::Rust, Part::Calendar, Part::Reference, Part::Sdk, Part::Reports, Part::Window, Part::Audit];

    /// The window's driver is there on Linux only; elsewhere the window's part is neither run nor counted.
    pub fn is_here(self) -> bool {
        self != Part::Window || cfg!(target_os = "linux")
    }

    /// Its tests run over the built pages and crates.
    pub fn is_of_what_is_built(self) -> bool {
        !matches!(self, Part::Ui | Part::Audit)
    }

    /// Its tests are written in Python and need their packages.
    pub fn is_python(self) -> bool {
        matches!(self, Part::Calendar | Part::Sdk | Part::Reports)
    }

    pub fn name(self) -> &'static str {
        match self {
            Part::Ui => "ui",
            Part::Rust => "rust",
            Part::Calendar => "calendar",
            Part::Reference => "reference",
            Part::Sdk => "sdk",
            Part::Reports => "reports",
            Part::Window => "window",
            Part::Audit => "audit",
        }
    }
}

/// Something that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bench {
    Rules,
    Sync,
    Reports,
    Scale,
    Window,
}

impl Bench {
    pub const ALL: [Bench; 5] = [Bench::Rules, Bench::Sync, Bench::Reports, Bench::Scale, Bench::Window];

    pub fn name(self) -> &'static str {
        match self {
            Bench::Rules => "rules",
            Bench::Sync => "sync",
            Bench::Reports => "reports",
            Bench::Scale => "scale",
            Bench::Window => "window",
        }
    }

    /// The window's driver is there on Linux only.
    fn is_here(self) -> bool {
        self != Bench::Window || cfg!(target_os = "linux")
    }
}

/// What to measure, and what to do with the newest runs.
#[derive(Debug, PartialEq, Eq)]
pub struct Measuring {
    /// Measured now; may be empty.
    pub now: Vec<Bench>,
    /// Recorded or compared; never empty.
    pub about: Vec<Bench>,
    pub record: bool,
    pub compare: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Ask {
    /// With the words to pass on to the desk.
    Run(Vec<String>),
    /// With the parts to run, never empty.
    Test(Vec<Part>),
    /// Only the checks that take longer.
    TestLong,
    /// With the seconds for each door.
    Fuzz(u32),
    Bench(Measuring),
    Audit,
    Bindings,
    Package,
    Help,
}

impl Ask {
    pub fn read(words: &[String]) -> Result<Ask, Problem> {
        let Some((command, rest)) = words.split_first() else { return Ok(Ask::Help) };
        match command.as_str() {
            "run" => Ok(Ask::Run(rest.to_vec())),
            "test" if rest.first().is_some_and(|word| word == "--long") => alone(Ask::TestLong, &rest[1..]),
            "test" => read_parts(rest),
            "fuzz" => read_fuzz(rest),
            "bench" => read_benches(rest),
            "audit" => alone(Ask::Audit, rest),
            "bindings" => alone(Ask::Bindings, rest),
            "package" => alone(Ask::Package, rest),
            "help" | "--help" | "-h" => alone(Ask::Help, rest),
            other => Err(unknown(other, "run, test, fuzz, audit, bench, bindings, package and help")),
        }
    }
}

/// Seconds for each door, unless they are said.
const FUZZ_SECONDS: u32 = 60;

fn read_fuzz(words: &[String]) -> Result<Ask, Problem> {
    let Some((seconds, rest)) = words.split_first() else { return Ok(Ask::Fuzz(FUZZ_SECONDS)) };
    match seconds.parse() {
        Ok(seconds) if seconds > 0 => alone(Ask::Fuzz(seconds), rest),
        _ => Err(unknown(seconds, "a number of seconds")),
    }
}

fn read_parts(words: &[String]) -> Result<Ask, Problem> {
    let mut parts = Vec::new();
    for word in words {
        match Part::ALL.into_iter().find(|part| part.name() == word) {
            Some(part) if parts.contains(&part) => {}
            Some(part) => parts.push(part),
            None => return Err(unknown(word, "ui, rust, calendar, reference, sdk, reports, window and audit")),
        }
    }
    if parts.is_empty() {
        parts = Part::ALL.into_iter().filter(|part| part.is_here()).collect();
    }
    match parts.iter().find(|part| !part.is_here()) {
        None => Ok(Ask::Test(parts)),
        Some(part) => Err(Problem::usage(
            "xtask.not_here",
            format!("the part `{}` runs on Linux only: no other system has WebKitWebDriver", part.name()),
            "run the other parts: `cargo xtask test`".to_owned(),
        )),
    }
}

fn read_benches(words: &[String]) -> Result<Ask, Problem> {
    let mut measuring = Measuring { now: Vec::new(), about: Vec::new(), record: false, compare: false };
    for word in words {
        match (word.as_str(), Bench::ALL.into_iter().find(|bench| bench.name() == word)) {
            ("--record", _) => measuring.record = true,
            ("--compare", _) => measuring.compare = true,
            (_, Some(bench)) if measuring.now.contains(&bench) => {}
            (_, Some(bench)) => measuring.now.push(bench),
            (_, None) => {
                return Err(unknown(word, "rules, sync, reports, scale, window, --record and --compare"));
            }
        }
    }
    if measuring.now.is_empty() {
        measuring.about = Bench::ALL.into_iter().filter(|bench| bench.is_here()).collect();
        if !measuring.record && !measuring.compare {
            measuring.now = measuring.about.clone();
        }
    } else {
        measuring.about = measuring.now.clone();
    }
    Ok(Ask::Bench(measuring))
}

fn alone(ask: Ask, rest: &[String]) -> Result<Ask, Problem> {
    match rest.first() {
        None => Ok(ask),
        Some(word) => Err(unknown(word, "nothing more here")),
    }
}

fn unknown(word: &str, known: &str) -> Problem {
    Problem::usage(
        "xtask.unknown_word",
        format!("`{word}` is not known; known are {known}"),
        "run `cargo xtask help`".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Ask, Problem> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Ask::read(&words)
    }

    fn every() -> Vec<Bench> {
        Bench::ALL.into_iter().filter(|bench| bench.is_here()).collect()
    }

    fn measuring(now: &[Bench], about: &[Bench], record: bool, compare: bool) -> Ask {
        Ask::Bench(Measuring { now: now.to_vec(), about: about.to_vec(), record, compare })
    }

    #[test]
    fn known_words_are_read() {
        let cases = [
            ("", Ask::Help),
            ("help", Ask::Help),
            ("--help", Ask::Help),
            ("run", Ask::Run(vec![])),
            ("run --home here --json", Ask::Run(vec!["--home".into(), "here".into(), "--json".into()])),
            ("test", Ask::Test(Part::ALL.into_iter().filter(|part| part.is_here()).collect())),
            ("test rust", Ask::Test(vec![Part::Rust])),
            ("test --long", Ask::TestLong),
            ("fuzz", Ask::Fuzz(60)),
            ("fuzz 600", Ask::Fuzz(600)),
            ("bench rules", measuring(&[Bench::Rules], &[Bench::Rules], false, false)),
            (
                "bench sync scale sync",
                measuring(&[Bench::Sync, Bench::Scale], &[Bench::Sync, Bench::Scale], false, false),
            ),
            ("bench window", measuring(&[Bench::Window], &[Bench::Window], false, false)),
            ("bench scale --record", measuring(&[Bench::Scale], &[Bench::Scale], true, false)),
            ("bench", measuring(&every(), &every(), false, false)),
            ("bench --compare", measuring(&[], &every(), false, true)),
            ("bench --compare rules --record", measuring(&[Bench::Rules], &[Bench::Rules], true, true)),
            ("test sdk ui sdk", Ask::Test(vec![Part::Sdk, Part::Ui])),
            ("test audit", Ask::Test(vec![Part::Audit])),
            ("audit", Ask::Audit),
            ("bindings", Ask::Bindings),
            ("package", Ask::Package),
        ];
        for (line, ask) in cases {
            assert_eq!(read(line).unwrap(), ask, "{line}");
        }
    }

    #[test]
    fn unknown_words_are_refused_by_name() {
        let cases = [
            ("rnu", "xtask.unknown_word", "`rnu`"),
            ("test rsut", "xtask.unknown_word", "`rsut`"),
            ("test rust --slow", "xtask.unknown_word", "`--slow`"),
            ("test --long rust", "xtask.unknown_word", "`rust`"),
            ("test rust --long", "xtask.unknown_word", "`--long`"),
            ("bench --comparison", "xtask.unknown_word", "`--comparison`"),
            ("bench desk", "xtask.unknown_word", "`desk`"),
            ("bench rules now", "xtask.unknown_word", "`now`"),
            ("fuzz long", "xtask.unknown_word", "`long`"),
            ("fuzz 0", "xtask.unknown_word", "`0`"),
            ("fuzz 60 now", "xtask.unknown_word", "`now`"),
            ("audit now", "xtask.unknown_word", "`now`"),
            ("bindings now", "xtask.unknown_word", "`now`"),
            ("package deb", "xtask.unknown_word", "`deb`"),
            ("help me", "xtask.unknown_word", "`me`"),
        ];
        for (line, code, named) in cases {
            let problem = read(line).unwrap_err();
            assert_eq!(problem.code, code, "{line}");
            assert!(problem.message.contains(named), "{line}: {problem}");
            assert_eq!(problem.exit_code(), 2, "{line}");
        }
    }
}
