//! The first seeds in every test run: every promise kept, everything interesting reached, every run the same again.

use desk_simulation::run;
use desk_simulation::summary::{COVERING_SEEDS, run_seeds};

/// As many as the smallest machines have processors.
const THREADS: usize = 2;

#[test]
fn the_first_seeds_keep_every_promise_and_reach_everything() {
    let summary = run_seeds(0, COVERING_SEEDS, THREADS, |_| {});
    let failed: Vec<String> = summary
        .failed
        .iter()
        .map(|outcome| {
            let why = outcome.failure.as_deref().unwrap_or_default();
            format!("seed {}: {why}\n{}", outcome.seed, outcome.trace.join("\n"))
        })
        .collect();
    assert!(failed.is_empty(), "{} seeds failed; the first one:\n{}", failed.len(), failed[0]);
    assert_eq!(summary.missing(), Vec::<String>::new(), "never happened in\n{summary}");
}

/// A failing seed is worth something only when it fails again.
#[test]
fn a_seed_gives_the_same_run_again() {
    for seed in 0..12 {
        let (first, second) = (run(seed), run(seed));
        assert_eq!(first.trace, second.trace, "seed {seed}");
        assert_eq!(first.hash, second.hash, "seed {seed}");
    }
    assert_ne!(run(1).hash, run(2).hash, "another seed is another run");
}
