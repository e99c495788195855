//! `rdesk key`: the ways into a home. The key itself is never shown.

use std::path::Path;

use clap::Subcommand;
use desk::keys::{self, AskPassphrase as _, KeyringWay, WaysIn};
use desk::{DeskError, Secret, System, Unlock};
use serde::Serialize;

use crate::answer::Out;
use crate::args::Cli;
use crate::host::home_dir;
use crate::opening::{self, Asked, first_line, keyring, prompt, read_fd};

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Tell which ways lead into the home, and whether the keyring opens it now.
    Show,
    /// Give the home a passphrase, or another one; asked for on a terminal.
    Passphrase {
        /// Read the new passphrase from this file descriptor.
        #[arg(long, value_name = "FD")]
        new_passphrase_fd: Option<u32>,
        /// Take the passphrase away instead; the keyring must open the home.
        #[arg(long, conflicts_with = "new_passphrase_fd")]
        remove: bool,
    },
    /// Keep the home's key in the system keyring, or not.
    #[command(subcommand)]
    Keyring(KeyringCommand),
    /// Open the home with its recovery code and give it a new passphrase or keyring entry; mends a damaged home.json.
    /// The code is typed at the prompt or given on standard input.
    Recover {
        /// Read the recovery code from this file descriptor.
        #[arg(long, value_name = "FD")]
        recovery_fd: Option<u32>,
        /// Read the new passphrase from this file descriptor; asked for on a terminal.
        #[arg(long, value_name = "FD")]
        new_passphrase_fd: Option<u32>,
        /// Keep the key in the system keyring instead of under a new passphrase.
        #[arg(long, conflicts_with = "new_passphrase_fd")]
        keyring: bool,
    },
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub enum KeyringCommand {
    /// Add the keyring of this session as a way into the home.
    Add,
    /// Take it away; the passphrase must open the home.
    Remove,
}

/// What a change left.
#[derive(Debug, Serialize)]
struct Changed {
    ways: WaysIn,
    /// After `keyring remove`: whether the entry could be deleted too.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry_removed: Option<bool>,
}

/// Carries one of the words out.
pub fn run(cli: &Cli, command: &KeyCommand) -> Result<(), DeskError> {
    let dir = home_dir(cli.home.as_deref())?;
    let dir = dir.as_path();
    let out = Out { json: cli.json, banner: None };
    let mut entry_removed = None;
    match command {
        KeyCommand::Show => {
            let ways = keys::ways_in(dir, &keyring())?;
            return out.put(&ways, || told(dir, &ways));
        }
        KeyCommand::Passphrase { remove: true, .. } => keys::remove_passphrase(dir, &keyring())?,
        KeyCommand::Passphrase { new_passphrase_fd, .. } => {
            let unlock = opening::unlock(dir, cli.passphrase_fd)?;
            keys::set_passphrase(dir, &unlock, &new_passphrase(*new_passphrase_fd)?, &System)?;
        }
        KeyCommand::Keyring(KeyringCommand::Add) => {
            keys::add_keyring(dir, &opening::unlock(dir, cli.passphrase_fd)?, &keyring(), &System)?;
        }
        KeyCommand::Keyring(KeyringCommand::Remove) => {
            entry_removed = Some(keys::remove_keyring(dir, &passphrase(dir, cli.passphrase_fd)?, &keyring())?);
        }
        KeyCommand::Recover { recovery_fd, new_passphrase_fd, keyring: in_keyring } => {
            let unlock = Unlock::RecoveryCode(recovery_code(*recovery_fd)?);
            // Before anything more is asked for.
            keys::opens(dir, &unlock)?;
            match in_keyring {
                true => keys::add_keyring(dir, &unlock, &keyring(), &System)?,
                false => keys::set_passphrase(dir, &unlock, &new_passphrase(*new_passphrase_fd)?, &System)?,
            }
        }
    }
    let changed = Changed { ways: keys::ways_in(dir, &keyring())?, entry_removed };
    out.put(&changed, || match entry_removed {
        Some(false) => format!(
            "{}\nThe entry in the keyring could not be reached; it opens nothing but an older copy of home.json.",
            told(dir, &changed.ways)
        ),
        _ => told(dir, &changed.ways),
    })
}

/// The passphrase that remains when the keyring goes; a home without one says so before it is asked for.
fn passphrase(dir: &Path, fd: Option<u32>) -> Result<Secret, DeskError> {
    if !keys::ways_in(dir, &keyring())?.passphrase {
        return Ok(Secret::from(""));
    }
    Asked { fd }.ask()?.ok_or_else(|| {
        DeskError::new(
            "passphrase_needed",
            "the passphrase must show that it opens the home without the keyring",
            "run it on a terminal, or give the passphrase with `--passphrase-fd FD`",
        )
        .at("--passphrase-fd")
    })
}

fn new_passphrase(fd: Option<u32>) -> Result<Secret, DeskError> {
    let given = match fd {
        Some(fd) => Some(read_fd(fd, "--new-passphrase-fd")?),
        None => Asked { fd: None }.ask_new()?,
    };
    given.ok_or_else(|| {
        DeskError::new(
            "new_passphrase_needed",
            "no new passphrase was given",
            "run it on a terminal, give it with `--new-passphrase-fd FD`, or keep the key in the keyring",
        )
        .at("--new-passphrase-fd")
    })
}

/// From the file descriptor, from the prompt, else from standard input.
pub fn recovery_code(fd: Option<u32>) -> Result<Secret, DeskError> {
    if let Some(fd) = fd {
        return read_fd(fd, "--recovery-fd");
    }
    if let Some(typed) = prompt("Recovery code of this home: ")? {
        return Ok(typed);
    }
    first_line(std::io::stdin().lock()).map_err(|why| {
        DeskError::new(
            "stdin_unreadable",
            format!("standard input cannot be read: {why}"),
            "type the code on a terminal, or give it with `--recovery-fd FD`",
        )
        .at("standard input")
    })
}

fn told(dir: &Path, ways: &WaysIn) -> String {
    let made = ways.created_at.format("%Y-%m-%d %H:%M:%SZ");
    let kind = if ways.sandbox { "sandbox home" } else { "home" };
    let mut lines = vec![format!("{kind} {}, made {made}, device {}", dir.display(), ways.device)];
    if ways.sandbox {
        lines.push("its key stands in clear in home.json: it holds nothing real".to_owned());
        return lines.join("\n");
    }
    lines.push(format!("  passphrase     {}", if ways.passphrase { "opens it" } else { "none" }));
    match &ways.keyring {
        KeyringWay::None => lines.push("  keyring        none".to_owned()),
        KeyringWay::Opens => lines.push("  keyring        opens it".to_owned()),
        KeyringWay::Fails { problem } => {
            lines.push(format!("  keyring        {} ({})", problem.message, problem.code));
            lines.push(format!("                 next: {}", problem.next));
        }
    }
    lines.push("  recovery code  opens it; shown once, when the home was made".to_owned());
    lines.join("\n")
}
