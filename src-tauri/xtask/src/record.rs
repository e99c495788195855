//! Figures of a bench as they are kept: the newest run beside what was built, and the one to compare with among the documents.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::ask::Bench;
use crate::problem::Problem;
use crate::project::Project;

/// Every bench writes its figures to the file that this names.
pub const TO: &str = "BENCH_RECORD";

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub bench: String,
    /// System and cores: figures of another machine tell little.
    pub machine: String,
    /// The machine's load over a minute when it ended; empty where the system does not tell it.
    pub load: String,
    pub figures: Vec<Figure>,
}

/// One thing that was measured in some rounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    pub name: String,
    pub unit: String,
    /// Of the rounds; all three are the same when there was one.
    pub median: f64,
    pub least: f64,
    pub most: f64,
    pub lower_is_better: bool,
}

/// Where the newest run of a bench is.
pub fn newest(project: &Project, bench: Bench) -> PathBuf {
    project.target().join("bench").join(format!("{}.json", bench.name()))
}

/// Where the run is that others are compared with.
pub fn kept(project: &Project, bench: Bench) -> PathBuf {
    documents(project).join(format!("{}.json", bench.name()))
}

pub fn documents(project: &Project) -> PathBuf {
    project.root.join("docs").join("benchmarks")
}

/// `None` when there is no such file.
pub fn read(file: &Path) -> Result<Option<Record>, Problem> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Problem::file(&error, file)),
    };
    parse(&text).map(Some).map_err(|why| {
        Problem::new(
            "bench.record_unreadable",
            format!("the figures cannot be read: {why}"),
            file.display().to_string(),
            "measure again, or take the file from the repository as it was".to_owned(),
        )
    })
}

fn parse(text: &str) -> Result<Record, String> {
    let record: Record = serde_json::from_str(text).map_err(|why| why.to_string())?;
    for figure in &record.figures {
        let Figure { name, median, least, most, .. } = figure;
        if !(least <= median && median <= most) {
            return Err(format!("`{name}`: {median} is not from {least} to {most}"));
        }
    }
    Ok(record)
}

/// Keeps the newest run, with the pictures of a bench that draws some.
pub fn keep(project: &Project, bench: Bench) -> Result<(), Problem> {
    let from = newest(project, bench);
    if read(&from)?.is_none() {
        return Err(Problem::new(
            "bench.no_run",
            format!("`{}` was not measured here yet", bench.name()),
            from.display().to_string(),
            format!("run `cargo xtask bench {} --record`", bench.name()),
        ));
    }
    let folder = documents(project);
    fs::create_dir_all(&folder).map_err(|error| Problem::file(&error, &folder))?;
    for end in ["json", "svg"] {
        let (from, to) = (from.with_extension(end), kept(project, bench).with_extension(end));
        if from.exists() {
            fs::copy(&from, &to).map_err(|error| Problem::file(&error, &to))?;
        }
    }
    println!("    kept in {}", kept(project, bench).display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(median: &str) -> String {
        format!(
            r#"{{"bench": "b", "machine": "m", "load": "0.5", "figures": [
                {{"name": "n", "unit": "ms", "median": {median}, "least": 1, "most": 3.5, "lower_is_better": true}}]}}"#
        )
    }

    #[test]
    fn records_are_read_as_they_are_written() {
        let record = parse(&text("2.25")).unwrap();
        assert_eq!((record.figures[0].median, record.figures[0].least, record.load.as_str()), (2.25, 1.0, "0.5"));
        assert_eq!(parse(&serde_json::to_string(&record).unwrap()).unwrap(), record);
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for (text, told) in [
            ("{", "EOF"),
            (r#"{"bench": "b"}"#, "machine"),
            (&text("4"), "`n`: 4 is not from 1 to 3.5"),
            (&text("null"), "invalid type"),
        ] {
            let why = parse(text).unwrap_err();
            assert!(why.contains(told), "{text}: {why}");
        }
    }
}
