//! How long a quote takes, beside the yardstick, in short rounds that take turns: what disturbs the machine for a while
//! disturbs all of them, and each ratio is taken within one round.
//!
//! `rules-bench RDESK FOLDER` measures with that program and keeps criterion's files in that folder.

mod peer;
mod process;
mod report;
mod workloads;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

use criterion::Criterion;
use refund_rules::{Policies, amounts, quote, verdict};
use tokio::runtime::Runtime;
use zen_engine::Variable;

use report::{Measured, Subject};
use workloads::Workload;

const ROUNDS: usize = 9;

fn main() {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [rdesk, folder] = arguments.as_slice() else {
        eprintln!("rules-bench RDESK FOLDER: a built rdesk, and a folder for the measurements");
        std::process::exit(2);
    };
    let bench = Bench::in_folder(folder);
    let workloads = workloads::all();
    let lines = process::Lines::written(folder, rdesk);
    let mut measured = Measured::default();
    for round in 0..ROUNDS {
        eprintln!("round {} of {ROUNDS}", round + 1);
        for workload in &workloads {
            bench.round(round, workload, &mut measured);
        }
        measured.line(lines.time_per_line());
    }
    print!("{}", report::table(&workloads, &measured));
    if let Some(file) = std::env::var_os("BENCH_RECORD") {
        std::fs::write(&file, report::record(&workloads, &measured)).expect("the file of the figures may be written to");
    }
}

struct Bench {
    folder: PathBuf,
    runtime: Runtime,
    loaded: peer::Table,
    compiled: peer::Table,
}

impl Bench {
    fn in_folder(folder: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime without any driver");
        Self { folder: folder.to_owned(), runtime, loaded: peer::Table::loaded(), compiled: peer::Table::compiled() }
    }

    /// Measures every subject once, one after the other.
    fn round(&self, round: usize, workload: &Workload, measured: &mut Measured) {
        let mut criterion = Criterion::default()
            .output_directory(&self.folder)
            .without_plots()
            .warm_up_time(Duration::from_millis(60))
            .measurement_time(Duration::from_millis(240))
            .sample_size(20)
            .nresamples(2_000);
        let name = format!("{} {round}", workload.name);
        let mut group = criterion.benchmark_group(&name);
        let policies = Policies::built_in();
        for (subject, table) in [(Subject::Loaded, &self.loaded), (Subject::Table, &self.compiled)] {
            group.bench_function(subject.name(), |bencher| {
                let facts: Variable = workload.facts.clone().into();
                bencher.to_async(&self.runtime).iter(|| table.traced(facts.clone()));
            });
        }
        group.bench_function(Subject::Quote.name(), |bencher| {
            bencher.iter(|| quote(black_box(&workload.case), policies));
        });
        group.bench_function(Subject::Verdict.name(), |bencher| {
            bencher.iter(|| verdict(black_box(&workload.case), policies));
        });
        group.bench_function(Subject::Amounts.name(), |bencher| {
            bencher.iter(|| amounts(black_box(&workload.case), policies));
        });
        group.finish();
        for subject in Subject::ALL {
            measured.add(workload.name, subject, report::median(&self.folder.join(&name).join(subject.name())));
        }
    }
}
