//! Steps: each says what it does, how long it took and how it ended; together they make the summary.

use std::time::{Duration, Instant};

use crate::problem::Problem;
use crate::process::{Ended, Tally};

/// Says what is being done, does it, and says how long it took.
pub fn timed<T>(what: &str, work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    println!("==> {what}");
    // The one clock of this tool: durations for people, never part of a result.
    let begun = Instant::now();
    let result = work()?;
    println!("    done in {}", told(begun.elapsed()));
    Ok(result)
}

/// What became of a check that this machine may be unable to make.
pub enum Made {
    Ended(Ended),
    /// And why not.
    NotMade(&'static str),
}

/// The steps of a test run so far.
#[derive(Default)]
pub struct Steps {
    ended: Vec<EndedStep>,
}

struct EndedStep {
    name: &'static str,
    /// What this step adds to the last line: its tests, or itself.
    tally: Tally,
    /// What the tally counts, for the summary.
    note: String,
    took: Duration,
}

impl Steps {
    /// A step without tests of its own: it counts as one that passed or failed. Returns whether it passed.
    pub fn check(&mut self, name: &'static str, what: &str, work: impl FnOnce() -> Result<Ended, Problem>) -> bool {
        self.carry_out(name, what, work, |ended| match ended.success {
            true => Ok((Tally { passed: 1, failed: 0 }, "ok".to_owned())),
            false => Err(ended.how.clone()),
        })
    }

    /// A step that this machine may be unable to make: then it says so, here and in the summary, and counts neither way.
    pub fn check_if_possible(
        &mut self,
        name: &'static str,
        what: &str,
        work: impl FnOnce() -> Result<Made, Problem>,
    ) -> bool {
        let mut missing = None;
        let made = self.carry_out(
            name,
            what,
            || match work()? {
                Made::Ended(ended) => Ok(ended),
                Made::NotMade(why) => {
                    missing = Some(why);
                    println!("    NOT CHECKED: {why}");
                    Ok(Ended { success: true, how: why.to_owned(), tally: Some(Tally::default()) })
                }
            },
            |ended| match (ended.tally, ended.success) {
                (Some(nothing), _) => Ok((nothing, format!("not checked: {}", ended.how))),
                (None, true) => Ok((Tally { passed: 1, failed: 0 }, "ok".to_owned())),
                (None, false) => Err(ended.how.clone()),
            },
        );
        made && missing.is_none()
    }

    /// A step that reports tests. It fails when a test failed, when it ended badly, and when it reported no test at all.
    pub fn tests(&mut self, name: &'static str, what: &str, work: impl FnOnce() -> Result<Ended, Problem>) -> bool {
        self.carry_out(name, what, work, judge_tests)
    }

    /// A step that cannot be tried because an earlier one failed; it counts as failed.
    pub fn not_tried(&mut self, name: &'static str, because: &'static str) {
        println!("==> {name}: not tried, because {because} failed");
        self.end(name, Tally { passed: 0, failed: 1 }, format!("not tried: {because} failed"), Duration::ZERO);
    }

    /// Prints one line a step and the last line. Returns whether everything passed.
    pub fn summarise(&self) -> bool {
        let mut all = Tally::default();
        println!("\nSummary");
        for step in &self.ended {
            all.add(step.tally);
            let word = match step.tally {
                Tally { passed: 0, failed: 0 } => "------",
                Tally { failed: 0, .. } => "passed",
                _ => "FAILED",
            };
            println!("  {word}  {:<16} {:>8}  {}", step.name, told(step.took), step.note);
        }
        println!("{} passed, {} failed", all.passed, all.failed);
        all.failed == 0 && all.passed > 0
    }

    fn carry_out(
        &mut self,
        name: &'static str,
        what: &str,
        work: impl FnOnce() -> Result<Ended, Problem>,
        judge: impl FnOnce(&Ended) -> Result<(Tally, String), String>,
    ) -> bool {
        println!("==> {name}: {what}");
        let begun = Instant::now();
        let result = work();
        let took = begun.elapsed();
        let (tally, note) = match result.as_ref().map(judge) {
            Ok(Ok(counted)) => counted,
            Ok(Err(how)) => {
                let problem = Problem::new(
                    "xtask.step_failed",
                    format!("the step failed ({how})"),
                    name,
                    format!("read its output above, mend the cause, then run `cargo xtask test {}`", part_of(name)),
                );
                eprintln!("{problem}");
                (Tally { passed: 0, failed: 1 }, how)
            }
            Err(problem) => {
                eprintln!("{problem}");
                (Tally { passed: 0, failed: 1 }, format!("error[{}]", problem.code))
            }
        };
        if tally != Tally::default() {
            println!("    {} in {}", if tally.failed == 0 { "passed" } else { "failed" }, told(took));
        }
        self.end(name, tally, note, took);
        tally.failed == 0
    }

    fn end(&mut self, name: &'static str, tally: Tally, note: String, took: Duration) {
        self.ended.push(EndedStep { name, tally, note, took });
    }
}

fn judge_tests(ended: &Ended) -> Result<(Tally, String), String> {
    let tally = ended.tally.unwrap_or_default();
    match (tally, ended.success) {
        (Tally { passed: 0, failed: 0 }, true) => Err("no test was run".to_owned()),
        // It ended badly without a failed test: it did not build, or a test program was killed. That is one failure more.
        (Tally { passed: 0, failed: 0 }, false) => Err(ended.how.clone()),
        (Tally { passed, failed: 0 }, false) => {
            Ok((Tally { passed, failed: 1 }, format!("{passed} passed, then it ended badly ({})", ended.how)))
        }
        (Tally { passed, failed }, _) => Ok((tally, format!("{passed} passed, {failed} failed"))),
    }
}

/// The word of `cargo xtask test` that runs this step alone.
fn part_of(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

fn told(duration: Duration) -> String {
    match duration.as_secs() {
        0..60 => format!("{}.{} s", duration.as_secs(), duration.subsec_millis() / 100),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(success: bool, tally: Option<(u32, u32)>) -> Result<Ended, Problem> {
        let tally = tally.map(|(passed, failed)| Tally { passed, failed });
        Ok(Ended { success, how: "exit status: 1".to_owned(), tally })
    }

    #[test]
    fn a_step_of_tests_passes_only_when_tests_passed() {
        // Columns: ended well, tests reported, passes, added to the last line.
        let cases = [
            (true, Some((3, 0)), true, (3, 0)),
            (false, Some((3, 1)), false, (3, 1)),
            // The exit status says ok, a test says failed: the test is believed.
            (true, Some((3, 1)), false, (3, 1)),
            (false, Some((3, 0)), false, (3, 1)),
            (false, Some((0, 0)), false, (0, 1)),
            (true, Some((0, 0)), false, (0, 1)),
            (true, None, false, (0, 1)),
            (false, None, false, (0, 1)),
        ];
        for (success, tally, passes, (passed, failed)) in cases {
            let mut steps = Steps::default();
            assert_eq!(steps.tests("rust tests", "tests", || ended(success, tally)), passes, "{success} {tally:?}");
            assert_eq!(steps.ended[0].tally, Tally { passed, failed }, "{success} {tally:?}");
            assert_eq!(steps.summarise(), passes);
        }
    }

    #[test]
    fn a_check_counts_as_one() {
        let mut steps = Steps::default();
        assert!(steps.check("ui build", "build", || ended(true, None)));
        assert!(steps.summarise());
        assert!(!steps.check("ui check", "check", || ended(false, None)));
        steps.not_tried("window", "ui build");
        let tallies: Vec<(u32, u32)> = steps.ended.iter().map(|step| (step.tally.passed, step.tally.failed)).collect();
        assert_eq!(tallies, [(1, 0), (0, 1), (0, 1)]);
        assert!(!steps.summarise());
    }

    #[test]
    fn what_cannot_be_checked_counts_neither_way() {
        let mut steps = Steps::default();
        assert!(steps.check("ui build", "build", || ended(true, None)));
        assert!(!steps.check_if_possible("audit crates", "licences", || Ok(Made::NotMade("no tool"))));
        assert_eq!((steps.ended[1].tally, steps.ended[1].note.as_str()), (Tally::default(), "not checked: no tool"));
        assert!(steps.summarise());
        assert!(steps.check_if_possible("audit crates", "licences", || ended(true, None).map(Made::Ended)));
        assert!(!steps.check_if_possible("audit crates", "licences", || ended(false, None).map(Made::Ended)));
        assert_eq!(steps.ended[3].tally, Tally { passed: 0, failed: 1 });
        assert!(!steps.summarise());
    }

    #[test]
    fn nothing_run_is_not_a_pass() {
        assert!(!Steps::default().summarise());
        let mut steps = Steps::default();
        steps.check_if_possible("audit crates", "licences", || Ok(Made::NotMade("no tool")));
        assert!(!steps.summarise(), "what was not checked did not pass");
    }

    #[test]
    fn durations_are_told_for_people() {
        let cases =
            [(90, "0.0 s"), (1_250, "1.2 s"), (59_999, "59.9 s"), (60_000, "1 min 00 s"), (754_321, "12 min 34 s")];
        for (millis, text) in cases {
            assert_eq!(told(Duration::from_millis(millis)), text);
        }
    }
}
