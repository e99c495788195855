//! The explanations gathered on the way to a quote. Looking ahead in time asks the same code thousands of times for amounts
//! only; then nothing is written down.

use compact_str::CompactString;

use crate::quote::{Params, Step};

/// More than most quotes rest on.
const USUAL_READINGS: usize = 8;

pub(crate) struct Notes {
    wanted: bool,
    /// Sorted.
    readings: Vec<String>,
}

impl Notes {
    pub(crate) fn taken() -> Self {
        Self { wanted: true, readings: Vec::with_capacity(USUAL_READINGS) }
    }

    pub(crate) fn not_taken() -> Self {
        Self { wanted: false, readings: Vec::new() }
    }

    pub(crate) fn wanted(&self) -> bool {
        self.wanted
    }

    /// The parameters of an explanation, or none when nobody reads it.
    pub(crate) fn params(&self, params: impl FnOnce() -> Params) -> Params {
        if self.wanted { params() } else { Params::new() }
    }

    pub(crate) fn step(&self, steps: &mut Vec<Step>, rule: &str, id: &'static str, params: impl FnOnce() -> Params) {
        if self.wanted {
            steps.push(Step { rule: rule.into(), id: CompactString::const_new(id), params: params() });
        }
    }

    /// The quote rests on this reading: without it the answer could be another.
    pub(crate) fn reading(&mut self, rule: &str) {
        if self.wanted
            && let Err(place) = self.readings.binary_search_by(|known| known.as_str().cmp(rule))
        {
            self.readings.insert(place, rule.to_owned());
        }
    }

    pub(crate) fn into_readings(self) -> Vec<String> {
        self.readings
    }
}
