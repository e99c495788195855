//! The pages: their packages, checks, tests and build.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::problem::Problem;
use crate::process::{self, Ended, Reports};
use crate::project::Project;
use crate::step::timed;

/// npm is a script on Windows.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// Installs the packages of the lock file, if it is newer than what is installed (npm writes `.package-lock.json` last).
pub fn install(project: &Project) -> Result<(), Problem> {
    let lock = project.ui().join("package-lock.json");
    let installed = project.ui().join("node_modules/.package-lock.json");
    let lock_written = modified(&lock).map_err(|error| Problem::file(&error, &lock))?;
    if modified(&installed).is_ok_and(|installed_at| installed_at >= lock_written) {
        return Ok(());
    }
    timed("pages: install the packages of the lock file (npm ci)", || {
        let ended = process::run(npm(project).args(["ci", "--no-audit", "--no-fund"]))?;
        succeed(ended, "npm ci", "ui.packages")
    })
}

/// Builds the pages, if their sources or what was built from them changed.
pub fn build(project: &Project) -> Result<Ended, Problem> {
    let stamp = project.kept().join("ui-build");
    if fs::read_to_string(&stamp).is_ok_and(|kept| built_state(project).is_ok_and(|now| now == kept)) {
        println!("    unchanged since the last build");
        return Ok(Ended { success: true, how: "unchanged".to_owned(), tally: None });
    }
    let ended = process::run(npm(project).args(["run", "build"]))?;
    if ended.success {
        let state = built_state(project).map_err(|error| Problem::file(&error, &project.ui()))?;
        fs::create_dir_all(project.kept()).map_err(|error| Problem::file(&error, &project.kept()))?;
        fs::write(&stamp, state).map_err(|error| Problem::file(&error, &stamp))?;
    }
    Ok(ended)
}

/// As [`build`], for commands that cannot go on without the pages.
pub fn must_build(project: &Project) -> Result<(), Problem> {
    timed("pages: build (npm run build)", || succeed(build(project)?, "npm run build", "ui.build"))
}

/// Type check.
pub fn check(project: &Project) -> Result<Ended, Problem> {
    process::run(npm(project).args(["run", "check"]))
}

/// Component tests.
pub fn test(project: &Project) -> Result<Ended, Problem> {
    // Without colours the counts can be read.
    process::run_counting(npm(project).args(["test"]).env("NO_COLOR", "1").env_remove("FORCE_COLOR"), Reports::Vitest)
}

/// Puts the released programs into packages of these kinds, by the bundler among the pages' packages.
pub fn bundle(project: &Project, kinds: &str) -> Result<Ended, Problem> {
    let bundler = project.ui().join("node_modules/@tauri-apps/cli/tauri.js");
    process::run(process::command("node", &project.root).arg(bundler).args(["bundle", "--bundles", kinds]))
}

/// npm in the folder of the pages.
pub fn npm(project: &Project) -> Command {
    process::command(NPM, &project.ui())
}

fn succeed(ended: Ended, what: &str, code: &'static str) -> Result<(), Problem> {
    if ended.success {
        return Ok(());
    }
    Err(Problem::new(
        code,
        format!("`{what}` failed ({})", ended.how),
        "ui",
        format!("read its output above, mend the cause, try `{what}` in ui/, then run the command again"),
    ))
}

fn modified(path: &Path) -> io::Result<std::time::SystemTime> {
    fs::metadata(path)?.modified()
}

/// The sources and the built files, as one line: equal lines mean that a build would change nothing.
fn built_state(project: &Project) -> io::Result<String> {
    let sources = digest(&project.ui(), &|name| name != "node_modules" && !name.starts_with("dist"))?;
    let built = digest(&project.ui().join("dist"), &|_| true)?;
    Ok(format!("{sources:016x} {built:016x}\n"))
}

/// One number for the names and contents of all files under a folder; `taken` says which entries of the folder itself count.
fn digest(folder: &Path, taken: &dyn Fn(&str) -> bool) -> io::Result<u64> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if taken(&path.file_name().unwrap_or_default().to_string_lossy()) {
            collect(&path, &mut files)?;
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        let contents = fs::read(&file)?;
        hasher.write(file.as_os_str().as_encoded_bytes());
        hasher.write_usize(contents.len());
        hasher.write(&contents);
    }
    Ok(hasher.finish())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_follows_names_and_contents() {
        let folder = std::env::temp_dir().join(format!("xtask-digest-{}", std::process::id()));
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::create_dir_all(folder.join("dist")).unwrap();
        let sources = || digest(&folder, &|name| name != "dist").unwrap();
        fs::write(folder.join("src/a.ts"), "one").unwrap();
        let first = sources();
        fs::write(folder.join("dist/a.js"), "built").unwrap();
        assert_eq!(sources(), first, "what is left out does not count");
        fs::write(folder.join("src/a.ts"), "two").unwrap();
        let changed = sources();
        assert_ne!(changed, first, "contents count");
        fs::rename(folder.join("src/a.ts"), folder.join("src/b.ts")).unwrap();
        assert_ne!(sources(), changed, "names count");
        fs::remove_dir_all(folder).unwrap();
    }
}
