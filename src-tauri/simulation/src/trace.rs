//! What a run did, one readable line a step, its hash, and what happened how often.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// Counts by a dotted name: `step.sync`, `fault.drop_after`, `entry.request_sending`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Counts(pub BTreeMap<String, u64>);

impl Counts {
    pub fn add(&mut self, name: impl Into<String>, times: u64) {
        *self.0.entry(name.into()).or_default() += times;
    }

    pub fn merge(&mut self, other: &Self) {
        for (name, times) in &other.0 {
            self.add(name.clone(), *times);
        }
    }

    pub fn of(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or(0)
    }

    /// Names below `prefix` with their counts.
    pub fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, u64)> {
        self.0.iter().filter_map(move |(name, times)| Some((name.strip_prefix(prefix)?.strip_prefix('.')?, *times)))
    }
}

/// The lines of one run.
#[derive(Debug, Default)]
pub struct Trace {
    pub lines: Vec<String>,
}

impl Trace {
    pub fn say(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    /// Puts more behind the last line.
    pub fn add(&mut self, more: &str) {
        if let Some(last) = self.lines.last_mut() {
            last.push_str(more);
        }
    }

    /// Two runs with the same hash did the same.
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for line in &self.lines {
            hash.update(line.as_bytes());
            hash.update(b"\n");
        }
        hex::encode(hash.finalize())
    }
}
