//! Medians over the rounds, and the ratios within them, as a table for the performance page.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::workloads::Workload;

/// What is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The yardstick as it is loaded: zen-engine's decision table, with trace.
    Loaded,
    /// The same compiled; the ratios are taken by this one.
    Table,
    /// Everything that holds now, with all steps, and until when.
    Verdict,
    /// The same with every change of the time ahead: the whole document, without its hash.
    Quote,
    Amounts,
}

impl Subject {
    pub const ALL: [Self; 5] = [Self::Loaded, Self::Table, Self::Verdict, Self::Quote, Self::Amounts];

    pub fn name(self) -> &'static str {
        match self {
            Self::Loaded => "table as loaded",
            Self::Table => "table",
            Self::Verdict => "verdict",
            Self::Quote => "quote",
            Self::Amounts => "amounts",
        }
    }
}

/// Nanoseconds, one a round.
#[derive(Default)]
pub struct Measured {
    rounds: BTreeMap<(&'static str, Subject), Vec<f64>>,
    lines: Vec<f64>,
}

impl Measured {
    pub fn add(&mut self, workload: &'static str, subject: Subject, nanoseconds: f64) {
        self.rounds.entry((workload, subject)).or_default().push(nanoseconds);
    }

    pub fn line(&mut self, nanoseconds: f64) {
        self.lines.push(nanoseconds);
    }

    fn of(&self, workload: &'static str, subject: Subject) -> &[f64] {
        &self.rounds[&(workload, subject)]
    }

    /// How many times as long as this subject the yardstick takes, round by round.
    fn ratios(&self, workload: &'static str, subject: Subject) -> Vec<f64> {
        let pairs = self.of(workload, Subject::Table).iter().zip(self.of(workload, subject));
        pairs.map(|(table, own)| table / own).collect()
    }
}

/// Criterion's estimate of the median, from its own file.
pub fn median(folder: &Path) -> f64 {
    let file = folder.join("new").join("estimates.json");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
    serde_json::from_str::<Estimates>(&text).expect("criterion's estimates hold a median").median.point_estimate
}

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

/// Two tables in Markdown: times in microseconds, and ratios; each the median of the rounds with the least and the most.
pub fn table(workloads: &[Workload], measured: &Measured) -> String {
    let mut text = String::from(
        "\n| case | changes ahead | table as loaded | table compiled | quote until it ends | quote with all changes ahead | amounts |\n|---|---|---|---|---|---|---|\n",
    );
    for workload in workloads {
        let times = Subject::ALL.map(|subject| spread(measured.of(workload.name, subject), 1_000.0)).join(" | ");
        writeln!(text, "| {} | {} | {times} |", workload.name, workload.changes_ahead).expect("writing to a text");
    }
    text.push_str("\n| case | table / quote until it ends | table / quote with all changes ahead | table / amounts |\n|---|---|---|---|\n");
    for workload in workloads {
        let ratios = [Subject::Verdict, Subject::Quote, Subject::Amounts]
            .map(|subject| spread(&measured.ratios(workload.name, subject), 1.0))
            .join(" | ");
        writeln!(text, "| {} | {ratios} |", workload.name).expect("writing to a text");
    }
    writeln!(text, "\n`rdesk quote --lines`: {} microseconds a line", spread(&measured.lines, 1_000.0))
        .expect("writing to a text");
    text
}

/// The same figures in the small format that `cargo xtask bench` keeps and compares.
pub fn record(workloads: &[Workload], measured: &Measured) -> String {
    let mut figures = Vec::new();
    for workload in workloads {
        for subject in Subject::ALL {
            let rounds = measured.of(workload.name, subject).iter().map(|nanoseconds| nanoseconds / 1_000.0).collect();
            figures.push(Figure::of(format!("{}: {}", workload.name, subject.name()), "microseconds", rounds, true));
        }
        for subject in [Subject::Verdict, Subject::Quote, Subject::Amounts] {
            let name = format!("{}: table / {}", workload.name, subject.name());
            figures.push(Figure::of(name, "times", measured.ratios(workload.name, subject), false));
        }
    }
    let lines = measured.lines.iter().map(|nanoseconds| nanoseconds / 1_000.0).collect();
    figures.push(Figure::of("rdesk quote --lines, a line".to_owned(), "microseconds", lines, true));
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let record = Record {
        bench: "rules",
        machine: format!("{} {}, {cores} cores", std::env::consts::OS, std::env::consts::ARCH),
        load: load.split_whitespace().next().unwrap_or_default().to_owned(),
        figures,
    };
    serde_json::to_string_pretty(&record).expect("figures are JSON") + "\n"
}

#[derive(Serialize)]
struct Record {
    bench: &'static str,
    machine: String,
    load: String,
    figures: Vec<Figure>,
}

#[derive(Serialize)]
struct Figure {
    name: String,
    unit: &'static str,
    median: f64,
    least: f64,
    most: f64,
    lower_is_better: bool,
}

impl Figure {
    fn of(name: String, unit: &'static str, mut rounds: Vec<f64>, lower_is_better: bool) -> Self {
        rounds.sort_by(f64::total_cmp);
        let (median, least, most) = (rounds[rounds.len() / 2], rounds[0], rounds[rounds.len() - 1]);
        Self { name, unit, median, least, most, lower_is_better }
    }
}

/// "12.3 (11.9-14.0)"
fn spread(values: &[f64], unit: f64) -> String {
    let mut sorted: Vec<f64> = values.iter().map(|value| value / unit).collect();
    sorted.sort_by(f64::total_cmp);
    format!("{:.1} ({:.1}-{:.1})", sorted[sorted.len() / 2], sorted[0], sorted[sorted.len() - 1])
}
