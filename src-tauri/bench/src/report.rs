//! Medians over the rounds, and the ratios within them, as a table for the performance page.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde::Deserialize;

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

/// "12.3 (11.9-14.0)"
fn spread(values: &[f64], unit: f64) -> String {
    let mut sorted: Vec<f64> = values.iter().map(|value| value / unit).collect();
    sorted.sort_by(f64::total_cmp);
    format!("{:.1} ({:.1}-{:.1})", sorted[sorted.len() / 2], sorted[0], sorted[sorted.len() - 1])
}
