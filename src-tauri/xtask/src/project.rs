//! Where the project's folders are.

use std::env;
use std::path::{Path, PathBuf};

use crate::problem::Problem;

pub struct Project {
    /// The folder of the repository.
    pub root: PathBuf,
    /// Where cargo puts debug programs: the folder that this program itself was built into.
    pub programs: PathBuf,
}

impl Project {
    /// The nearest folder at or above the current one that holds `tauri.conf.json`.
    pub fn find() -> Result<Project, Problem> {
        let here = env::current_dir().map_err(|error| Problem::file(&error, Path::new(".")))?;
        let root = here.ancestors().find(|folder| folder.join("tauri.conf.json").is_file()).ok_or_else(|| {
            Problem::new(
                "xtask.no_project",
                "this folder is not inside the project: no tauri.conf.json here or above".to_owned(),
                here.display().to_string(),
                "change into the repository and run the command again".to_owned(),
            )
        })?;
        let program = env::current_exe().map_err(|error| Problem::file(&error, Path::new("xtask")))?;
        let programs = program.parent().expect("a program is in a folder").to_owned();
        Ok(Project { root: root.to_owned(), programs })
    }

    pub fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    /// Where xtask keeps what it needs between runs; `target/` may be deleted at any time.
    pub fn kept(&self) -> PathBuf {
        self.target().join("xtask")
    }

    pub fn target(&self) -> &Path {
        self.programs.parent().expect("the programs are in a folder of the target folder")
    }

    /// A program that cargo built, e.g. `rdesk`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.programs.join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }
}
