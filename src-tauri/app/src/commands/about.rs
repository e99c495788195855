//! What this program is, and whose work is in it.

use std::path::{Path, PathBuf};

use desk::DeskError;
use serde::{Deserialize, Serialize};

use super::{Answer, told};

/// Where an installed program finds the licences of what it is made from, seen from the folder of the program.
const NOTICES: &str = "../share/doc/refund-desk/third-party.html";

/// The program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct About {
    pub version: String,
    /// Its own licence, by its SPDX name.
    pub licence: String,
    /// The licences of what it is made from are installed beside it.
    pub notices: bool,
}

/// Version and licence.
#[tauri::command]
#[specta::specta]
pub fn about() -> About {
    About {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        licence: env!("CARGO_PKG_LICENSE").to_owned(),
        notices: installed_notices().is_some(),
    }
}

/// Opens the licences of what the program is made from with the system's viewer. Errors: `no_notices`, `no_viewer`.
#[tauri::command(async)]
#[specta::specta]
pub fn open_notices() -> Answer<()> {
    let page = installed_notices().ok_or_else(no_notices)?;
    told(tauri_plugin_opener::open_path(&page, None::<&str>).map_err(|why| super::no_viewer(&page, &why)))
}

fn installed_notices() -> Option<PathBuf> {
    notices_beside(std::env::current_exe().ok()?.parent()?)
}

fn notices_beside(programs: &Path) -> Option<PathBuf> {
    programs.join(NOTICES).canonicalize().ok().filter(|page| page.is_file())
}

fn no_notices() -> desk::views::Problem {
    let next = "look at target/notices after `cargo xtask package`, or into an installed package";
    DeskError::new(
        "no_notices",
        "the licences of others come with the packages, and this program was not installed by one",
        next,
    )
    .at("third-party.html")
    .problem()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_found_beside_an_installed_program_only() {
        let root = tempfile::tempdir().unwrap();
        let programs = root.path().join("bin");
        std::fs::create_dir(&programs).unwrap();
        assert_eq!(notices_beside(&programs), None);
        let documents = root.path().join("share/doc/refund-desk");
        std::fs::create_dir_all(documents.join("third-party.html")).unwrap();
        assert_eq!(notices_beside(&programs), None, "a folder is no page");
        std::fs::remove_dir(documents.join("third-party.html")).unwrap();
        std::fs::write(documents.join("third-party.html"), "MIT").unwrap();
        let found = notices_beside(&programs).unwrap();
        assert_eq!(std::fs::read_to_string(found).unwrap(), "MIT");
    }

    #[test]
    fn the_program_names_its_licence() {
        assert_eq!(about().licence, "Apache-2.0");
        assert!(!about().version.is_empty());
    }
}
