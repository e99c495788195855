//! `rdesk quote --lines` as a whole process: started, fed with a file, its answers thrown away.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::workloads;

/// Lines of the input.
const COUNT: u32 = 10_000;

/// An input file and the program that answers it.
pub struct Lines {
    input: PathBuf,
    rdesk: PathBuf,
}

impl Lines {
    /// Writes the input: one order of a year, asked on each of its days in turn.
    pub fn written(folder: &Path, rdesk: &Path) -> Self {
        let input = folder.join("lines.jsonl");
        let text: String = (0..COUNT).map(|number| workloads::line(number as usize) + "\n").collect();
        std::fs::create_dir_all(folder).expect("the folder of the measurements may be written to");
        std::fs::write(&input, text).expect("the folder of the measurements may be written to");
        Self { input, rdesk: rdesk.to_owned() }
    }

    /// Nanoseconds a line, start and end of the process included.
    pub fn time_per_line(&self) -> f64 {
        let input = File::open(&self.input).expect("the input was written");
        let mut command = Command::new(&self.rdesk);
        command.args(["quote", "--lines", "-"]).stdin(input).stdout(Stdio::null());
        let begun = Instant::now();
        let status = command.status().unwrap_or_else(|why| panic!("{} cannot be started: {why}", self.rdesk.display()));
        let took = begun.elapsed();
        assert!(status.success(), "every line is a good case");
        took.as_secs_f64() * 1e9 / f64::from(COUNT)
    }
}
