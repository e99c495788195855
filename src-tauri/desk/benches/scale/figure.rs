//! Figures as they are recorded and compared: the small format of all benches, see `docs/performance.md`.

use serde::{Deserialize, Serialize};

/// What was measured of one thing, in some rounds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Figure {
    pub name: String,
    pub unit: String,
    /// Of the rounds.
    pub median: f64,
    pub least: f64,
    pub most: f64,
    pub lower_is_better: bool,
}

impl Figure {
    /// Of one value a round; never of none.
    pub fn of_rounds(name: &str, unit: &str, mut rounds: Vec<f64>) -> Self {
        rounds.sort_by(f64::total_cmp);
        Self {
            name: name.to_owned(),
            unit: unit.to_owned(),
            median: rounds[rounds.len() / 2],
            least: rounds[0],
            most: rounds[rounds.len() - 1],
            lower_is_better: true,
        }
    }
}

/// Milliseconds of many acts in some rounds: their median, and the one that 99 of 100 stay below.
#[derive(Default)]
pub struct Rounds {
    medians: Vec<f64>,
    ninety_ninths: Vec<f64>,
}

impl Rounds {
    pub fn add(&mut self, mut milliseconds: Vec<f64>) {
        milliseconds.sort_by(f64::total_cmp);
        let last = milliseconds.len() - 1;
        self.medians.push(milliseconds[milliseconds.len() / 2]);
        self.ninety_ninths.push(milliseconds[(milliseconds.len() * 99).div_ceil(100).saturating_sub(1).min(last)]);
    }

    pub fn figures(self, name: &str) -> [Figure; 2] {
        [
            Figure::of_rounds(&format!("{name}, median"), "ms", self.medians),
            Figure::of_rounds(&format!("{name}, 99 %"), "ms", self.ninety_ninths),
        ]
    }
}

/// One run of this bench.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    pub bench: String,
    pub machine: String,
    /// The machine's load over a minute, at the beginning and at the end.
    pub load: String,
    pub figures: Vec<Figure>,
}

/// Figures of one size.
#[derive(Debug, Serialize, Deserialize)]
pub struct OfSize {
    pub orders: usize,
    pub figures: Vec<Figure>,
}
