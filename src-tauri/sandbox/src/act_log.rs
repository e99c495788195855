//! The state file: one JSON line with what the world was generated from, then one line an act. It is written before an act
//! takes effect and read at start.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::config::{Config, SandboxError};
use crate::world::act::Act;

/// Generation of the customers that acts refer to; a sandbox reads files of its own generation only. Raise it when a seed gives
/// other customers than before (a test notices).
const GENERATION: u32 = 2;

/// First line of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub sandbox: u32,
    pub seed: u64,
    pub customers: u32,
    /// Orders in all, where more were asked for than the situations have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orders: Option<u32>,
    pub anchor: DateTime<Utc>,
}

impl Head {
    pub fn new(config: &Config) -> Self {
        let Config { seed, customers, orders, anchor, .. } = *config;
        Self { sandbox: GENERATION, seed, customers, orders, anchor }
    }
}

/// What a state file was begun with; `None` without one, or where its first line cannot be read.
pub fn head_of(path: &Path) -> Option<Head> {
    let mut first = String::new();
    BufReader::new(File::open(path).ok()?).read_line(&mut first).ok()?;
    serde_json::from_str(&first).ok()
}

/// An open state file, locked against a second sandbox.
#[derive(Debug)]
pub struct ActLog {
    file: File,
    path: String,
}

impl ActLog {
    /// Opens the file, or begins it with `head`. Gives the head that holds and the acts so far. A last line that was cut off
    /// in the middle never took effect and is removed.
    pub fn open(path: &Path, head: Head) -> Result<(Self, Head, Vec<Act>), SandboxError> {
        let shown = path.display().to_string();
        let failed = |source| SandboxError::StateFile { path: shown.clone(), source };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        // A device or pipe keeps nothing, and reading it may never end.
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(failed(std::io::Error::other("it is not a regular file")));
        }
        file.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => SandboxError::StateInUse { path: shown.clone() },
            std::fs::TryLockError::Error(source) => SandboxError::StateFile { path: shown.clone(), source },
        })?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).and_then(|()| file.seek(SeekFrom::End(0))).map_err(failed)?;
        let mut log = Self { file, path: shown };
        let (kept, acts) = log.read(&bytes[..whole])?;
        let kept = match kept {
            Some(kept) => kept,
            None => {
                log.write_line(&head)?;
                head.clone()
            }
        };
        log.check(&head, &kept)?;
        Ok((log, kept, acts))
    }

    /// Adds an act; when this returns, the act is on disk.
    pub fn append(&mut self, act: &Act) -> Result<(), SandboxError> {
        self.write_line(act)
    }

    fn write_line(&mut self, line: &impl Serialize) -> Result<(), SandboxError> {
        let mut text = serde_json::to_string(line).expect("heads and acts always serialize");
        text.push('\n');
        let before = self.file.stream_position();
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(|source| {
            // What was written in part would spoil the next line; what cannot be taken back is found at the next start.
            if let Ok(before) = before {
                let _ = self.file.set_len(before).and_then(|()| self.file.seek(SeekFrom::Start(before)));
            }
            SandboxError::StateFile { path: self.path.clone(), source }
        })
    }

    fn read(&self, bytes: &[u8]) -> Result<(Option<Head>, Vec<Act>), SandboxError> {
        let damaged =
            |line: usize, why: String| SandboxError::StateDamaged { path: self.path.clone(), line: line + 1, why };
        let text = std::str::from_utf8(bytes).map_err(|error| damaged(0, error.to_string()))?;
        let mut lines = text.lines().enumerate();
        let Some((_, first)) = lines.next() else { return Ok((None, Vec::new())) };
        let head = serde_json::from_str(first).map_err(|error| damaged(0, error.to_string()))?;
        let acts: Result<Vec<Act>, _> = lines
            .map(|(line, text)| serde_json::from_str(text).map_err(|error| damaged(line, error.to_string())))
            .collect();
        Ok((Some(head), acts?))
    }

    fn check(&self, given: &Head, kept: &Head) -> Result<(), SandboxError> {
        let mismatch = |what, kept: String, given: String| {
            Err(SandboxError::StateMismatch { path: self.path.clone(), what, kept, given })
        };
        if kept.sandbox != GENERATION {
            return mismatch("the generation", kept.sandbox.to_string(), GENERATION.to_string());
        }
        if kept.seed != given.seed {
            return mismatch("the seed", kept.seed.to_string(), given.seed.to_string());
        }
        if kept.customers != given.customers {
            return mismatch("the number of customers", kept.customers.to_string(), given.customers.to_string());
        }
        if kept.orders != given.orders {
            let told = |orders: Option<u32>| orders.map_or("none".to_owned(), |orders| orders.to_string());
            return mismatch("the number of orders", told(kept.orders), told(given.orders));
        }
        Ok(())
    }
}
