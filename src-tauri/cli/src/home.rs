//! `rdesk home`: a copy of the whole home, and a home made of a copy.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;
use desk::{Access, Desk, DeskError, System, Unlock};

use crate::answer::Out;
use crate::args::Cli;
use crate::host::home_dir;
use crate::{key, opening};

/// What a sandbox home has besides: what its cloud did.
const BESIDE: [&str; 1] = [bss_sandbox::STATE_FILE];

#[derive(Debug, Subcommand)]
pub enum HomeCommand {
    /// Copy the home into FOLDER, which is empty or not there yet; encrypted as the home is, and read through once written.
    Backup { folder: PathBuf },
    /// Make the home named by `--home` of the backup in FOLDER; it must be empty or not there yet.
    Restore {
        folder: PathBuf,
        /// Open it by the recovery code, read from this file descriptor: on a machine whose keyring lacks the key.
        #[arg(long, value_name = "FD")]
        recovery_fd: Option<u32>,
    },
}

/// Carries one of the words out.
pub fn run(cli: &Cli, command: &HomeCommand) -> Result<(), DeskError> {
    let dir = home_dir(cli.home.as_deref())?;
    match command {
        HomeCommand::Backup { folder } => back_up(cli, &dir, folder),
        HomeCommand::Restore { folder, recovery_fd } => restore(cli, &dir, folder, *recovery_fd),
    }
}

fn back_up(cli: &Cli, dir: &Path, folder: &Path) -> Result<(), DeskError> {
    let unlock = opening::unlock(dir, cli.passphrase_fd)?;
    // Reading is enough, so that it can be done beside an open window.
    let desk = Desk::open(dir, unlock, Access::ReadOnly, Arc::new(System))?;
    let backup = desk.back_up(folder, &BESIDE)?;
    Out { json: cli.json, banner: None }.put(&backup, || {
        let bytes: u64 = backup.files.iter().map(|file| file.bytes).sum();
        format!(
            "backed up into {}: {} entries of the journal, {} files, {} bytes, read through\nIt opens as this home does; keep the recovery code apart from it.",
            folder.display(),
            backup.entries,
            backup.files.len(),
            bytes
        )
    })
}

fn restore(cli: &Cli, dir: &Path, folder: &Path, recovery_fd: Option<u32>) -> Result<(), DeskError> {
    desk::expect_backup(folder)?;
    let unlock = match recovery_fd {
        Some(fd) => Unlock::RecoveryCode(key::recovery_code(Some(fd))?),
        None => opening::unlock(folder, cli.passphrase_fd)?,
    };
    let (desk, restored) = Desk::restore(folder, dir, unlock, &BESIDE, Arc::new(System))?;
    drop(desk);
    Out { json: cli.json, banner: None }.put(&restored, || {
        let mut lines = vec![format!(
            "restored into {}: the home of {}, {} entries of the journal",
            dir.display(),
            restored.backup.made_at.format("%Y-%m-%d %H:%M:%SZ"),
            restored.backup.entries
        )];
        if !restored.to_review.is_empty() {
            lines.push(format!(
                "to be reviewed anew, since it may have been carried out since: {}",
                restored.to_review.join(" ")
            ));
        }
        lines.push("Sync before anything else, and do not go on with the home that was backed up.".to_owned());
        lines.join("\n")
    })
}
