//! What can go wrong in the store: a stable code for programs, a sentence, the place and what to do next for people.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::canonical::NotCanonical;
use crate::journal::verify::JournalBroken;
use crate::keyring::KeyStoreError;

/// A failure of the store. `Display` is the sentence; [`StoreError::code`] is stable.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the folder already holds a home")]
    HomeExists { dir: PathBuf },
    #[error("the folder holds no home")]
    HomeMissing { dir: PathBuf },
    /// Databases without `home.json`: its key is needed to read them.
    #[error("the folder holds a journal but no home.json")]
    HomeFileMissing { dir: PathBuf },
    #[error("the folder is not empty")]
    FolderNotEmpty { dir: PathBuf },
    /// Opened in place, it would be a second desk that takes itself for the first.
    #[error("the folder holds a backup of a home, which is not opened in place")]
    HomeIsBackup { dir: PathBuf },
    #[error("the folder holds no backup of a home")]
    BackupMissing { dir: PathBuf },
    #[error("the backup is not as it was written: {why}")]
    BackupDamaged { file: PathBuf, why: String },
    #[error("backup.json has format {found}; this desk knows formats up to {known}")]
    BackupNewer { file: PathBuf, found: u32, known: u32 },
    #[error("home.json is damaged: {why}")]
    HomeDamaged { file: PathBuf, why: String },
    #[error("home.json has format {found}; this desk knows formats up to {known}")]
    HomeNewer { file: PathBuf, found: u32, known: u32 },
    #[error("another desk has this home open")]
    HomeInUse { lock: PathBuf },
    #[error("this home is locked with a passphrase")]
    PassphraseNeeded,
    #[error("this home's key is in the system keyring")]
    KeyringNeeded,
    /// Only when `home.json` is lost and its copy for the code is all there is.
    #[error("this home opens with its recovery code only")]
    RecoveryCodeNeeded,
    #[error("this home has no passphrase: its key is in the system keyring")]
    NoPassphrase,
    #[error("this home's key is not in the system keyring")]
    NotInKeyring,
    #[error("the system keyring has lost its entry of this home")]
    KeyringEntryMissing { device: String },
    #[error("the entry of the system keyring is not the one of this home")]
    KeyringEntryWrong { device: String },
    #[error("the system keyring is locked: {why}")]
    KeyringLocked { why: String },
    #[error("there is no system keyring that works: {why}")]
    KeyringUnavailable { why: String },
    #[error("the {way} is the only way into this home besides the recovery code")]
    LastWayIn { way: &'static str },
    #[error("a passphrase needs at least {least} characters")]
    PassphraseTooShort { least: usize },
    #[error("a sandbox home takes no passphrase and no keyring")]
    SandboxTakesNoPassphrase,
    #[error("the passphrase is not the one of this home")]
    WrongPassphrase,
    #[error("the recovery code is not the one of this home")]
    WrongRecoveryCode,
    #[error("the recovery code is mistyped: its check letters do not fit")]
    RecoveryCodeMistyped,
    #[error("{file} is missing")]
    DatabaseMissing { dir: PathBuf, file: &'static str },
    #[error("{place} is damaged or belongs to another home: {why}")]
    DatabaseDamaged { place: String, why: String },
    #[error("{file} was written by a newer desk (schema {found}; this desk knows {known})")]
    DatabaseNewer { file: &'static str, found: u32, known: u32 },
    #[error(
        "{file} was written by an older desk (schema {found}; this desk needs {known}) and cannot be brought up to date read-only"
    )]
    DatabaseOlder { file: &'static str, found: u32, known: u32 },
    #[error("{place} cannot be opened: {why}")]
    DatabaseShut { place: String, why: String },
    #[error("the home is open read-only")]
    ReadOnly,
    #[error("a write was started inside another write")]
    NestedWrite,
    #[error("the writer thread has ended")]
    WriterEnded,
    /// The journal holds the work, the cache does not: replaying the journal after the projected mark repairs it.
    #[error("the journal was written, the cache was not: {source}")]
    CacheBehind { source: Box<StoreError> },
    #[error("the journal entry was refused: {why}")]
    EntryRefused { why: String },
    #[error("{0}")]
    JournalBroken(JournalBroken),
    #[error("the stored value cannot be read: {why}")]
    ValueUnreadable { place: String, why: String },
    #[error("the value cannot be kept: {why}")]
    ValueRefused { place: String, why: String },
    #[error("the disk is full")]
    DiskFull { place: String },
    #[error("the file cannot be used: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("the database refused: {source}")]
    Database { place: String, source: rusqlite::Error },
}

impl StoreError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::HomeExists { .. } => "home_exists",
            Self::HomeMissing { .. } => "home_missing",
            Self::HomeFileMissing { .. } => "home_file_missing",
            Self::FolderNotEmpty { .. } => "folder_not_empty",
            Self::HomeIsBackup { .. } => "home_is_backup",
            Self::BackupMissing { .. } => "backup_missing",
            Self::BackupDamaged { .. } => "backup_damaged",
            Self::BackupNewer { .. } => "backup_newer",
            Self::HomeDamaged { .. } => "home_damaged",
            Self::HomeNewer { .. } => "home_newer",
            Self::HomeInUse { .. } => "home_in_use",
            Self::PassphraseNeeded => "passphrase_needed",
            Self::KeyringNeeded => "keyring_needed",
            Self::RecoveryCodeNeeded => "recovery_code_needed",
            Self::NoPassphrase => "no_passphrase",
            Self::NotInKeyring => "not_in_keyring",
            Self::KeyringEntryMissing { .. } => "keyring_entry_missing",
            Self::KeyringEntryWrong { .. } => "keyring_entry_wrong",
            Self::KeyringLocked { .. } => "keyring_locked",
            Self::KeyringUnavailable { .. } => "keyring_unavailable",
            Self::LastWayIn { .. } => "last_way_in",
            Self::PassphraseTooShort { .. } => "passphrase_too_short",
            Self::SandboxTakesNoPassphrase => "sandbox_takes_no_passphrase",
            Self::WrongPassphrase => "wrong_passphrase",
            Self::WrongRecoveryCode => "wrong_recovery_code",
            Self::RecoveryCodeMistyped => "recovery_code_mistyped",
            Self::DatabaseMissing { .. } => "database_missing",
            Self::DatabaseDamaged { .. } => "database_damaged",
            Self::DatabaseNewer { .. } => "database_newer",
            Self::DatabaseOlder { .. } => "database_older",
            Self::DatabaseShut { .. } => "database_shut",
            Self::ReadOnly => "read_only",
            Self::NestedWrite => "nested_write",
            Self::WriterEnded => "writer_ended",
            Self::CacheBehind { .. } => "cache_behind",
            Self::EntryRefused { .. } => "entry_refused",
            Self::JournalBroken(_) => "journal_broken",
            Self::ValueUnreadable { .. } => "value_unreadable",
            Self::ValueRefused { .. } => "value_refused",
            Self::DiskFull { .. } => "disk_full",
            Self::File { .. } => "file_failed",
            Self::Database { .. } => "database_failed",
        }
    }

    /// Where: a file, a folder, a table, a journal entry.
    pub fn place(&self) -> Option<String> {
        match self {
            Self::HomeExists { dir } | Self::HomeMissing { dir } | Self::HomeFileMissing { dir } => Some(shown(dir)),
            Self::FolderNotEmpty { dir } | Self::HomeIsBackup { dir } | Self::BackupMissing { dir } => Some(shown(dir)),
            Self::HomeDamaged { file, .. }
            | Self::HomeNewer { file, .. }
            | Self::BackupDamaged { file, .. }
            | Self::BackupNewer { file, .. } => Some(shown(file)),
            Self::HomeInUse { lock } => Some(shown(lock)),
            Self::DatabaseMissing { dir, file } => Some(shown(&dir.join(file))),
            Self::DatabaseNewer { file, .. } | Self::DatabaseOlder { file, .. } => Some((*file).to_owned()),
            Self::DatabaseDamaged { place, .. }
            | Self::DatabaseShut { place, .. }
            | Self::ValueUnreadable { place, .. }
            | Self::ValueRefused { place, .. }
            | Self::DiskFull { place }
            | Self::Database { place, .. } => Some(place.clone()),
            Self::CacheBehind { .. } => Some("cache.db".to_owned()),
            Self::EntryRefused { .. } => Some("journal.db".to_owned()),
            Self::JournalBroken(broken) => Some(format!("journal.db, entry {}", broken.seq)),
            Self::File { path, .. } => Some(shown(path)),
            Self::KeyringEntryMissing { device } | Self::KeyringEntryWrong { device } => {
                Some(format!("system keyring, entry {device}"))
            }
            Self::KeyringLocked { .. } | Self::KeyringUnavailable { .. } => Some("system keyring".to_owned()),
            Self::PassphraseNeeded
            | Self::KeyringNeeded
            | Self::RecoveryCodeNeeded
            | Self::NoPassphrase
            | Self::NotInKeyring
            | Self::LastWayIn { .. }
            | Self::PassphraseTooShort { .. }
            | Self::SandboxTakesNoPassphrase
            | Self::WrongPassphrase
            | Self::WrongRecoveryCode
            | Self::RecoveryCodeMistyped
            | Self::ReadOnly
            | Self::NestedWrite
            | Self::WriterEnded => None,
        }
    }

    /// What to do next.
    pub fn next(&self) -> &'static str {
        match self {
            Self::HomeExists { .. } => "Open this home, or choose an empty folder for a new one.",
            Self::HomeMissing { .. } => "Check the folder's name; `rdesk demo` or `rdesk customer add` makes a home.",
            Self::HomeFileMissing { .. } => {
                "A real home opens with its recovery code, which also writes home.json anew: `rdesk key recover`. Else put home.json back from a backup. For a new home choose another folder."
            }
            Self::HomeDamaged { .. } => {
                "A real home opens with its recovery code, which also mends the file: `rdesk key recover`. Else put home.json back from a backup; the databases themselves are not affected."
            }
            Self::FolderNotEmpty { .. } => "Choose a folder that is empty or not there yet; nothing is written over.",
            Self::HomeIsBackup { .. } => "Restore it into a folder of its own: `rdesk --home NEW home restore BACKUP`.",
            Self::BackupMissing { .. } => "Give the folder that `rdesk home backup` wrote; backup.json lies in it.",
            Self::BackupDamaged { .. } => "Use another backup, and keep this one for comparison; nothing was restored.",
            Self::HomeNewer { .. } | Self::DatabaseNewer { .. } | Self::BackupNewer { .. } => {
                "Update the desk to the version that wrote it, or a later one."
            }
            Self::DatabaseOlder { .. } => "Open the home once for writing; that brings it up to date.",
            Self::HomeInUse { .. } => "Close the other desk; lists can be read beside it, changes cannot be made.",
            Self::PassphraseNeeded => {
                "Give the passphrase (on a terminal, or with `--passphrase-fd FD`); with the recovery code: `rdesk key recover`."
            }
            Self::KeyringNeeded => {
                "Open it in the session whose keyring has the key; with the recovery code: `rdesk key recover`."
            }
            Self::RecoveryCodeNeeded => "Give the recovery code: `rdesk key recover`.",
            Self::NoPassphrase => {
                "Leave the passphrase out and unlock the keyring; with the recovery code: `rdesk key recover`."
            }
            Self::NotInKeyring => "Give the passphrase; `rdesk key keyring add` keeps the key in the keyring too.",
            Self::KeyringEntryMissing { .. } | Self::KeyringEntryWrong { .. } => {
                "Give the passphrase if the home has one, then `rdesk key keyring add`; else use the recovery code: `rdesk key recover`."
            }
            Self::KeyringLocked { .. } => {
                "Unlock the keyring (signing in usually does) and try again, or give the passphrase (`--passphrase-fd FD`); with the recovery code: `rdesk key recover`."
            }
            Self::KeyringUnavailable { .. } => {
                "Give the passphrase (`--passphrase-fd FD`), or start the keyring of your session and try again; with the recovery code: `rdesk key recover`."
            }
            Self::LastWayIn { .. } => "Add another way first: `rdesk key passphrase` or `rdesk key keyring add`.",
            Self::PassphraseTooShort { .. } => "Choose a longer passphrase; several words are easy to type.",
            Self::SandboxTakesNoPassphrase => "Create the sandbox home without a passphrase; it holds nothing real.",
            Self::WrongPassphrase => {
                "Type it again, or set a new one with the recovery code that was shown when the home was made: `rdesk key recover`."
            }
            Self::WrongRecoveryCode => "Check that the code belongs to this home, or use the passphrase.",
            Self::RecoveryCodeMistyped => "Compare each letter with the printed code and type it again.",
            Self::DatabaseMissing { file: crate::database::CACHE_FILE, .. } => {
                "Open the home for writing; that makes an empty cache. Then sync."
            }
            Self::DatabaseMissing { .. } => "Put the file back from a backup.",
            Self::DatabaseDamaged { place, .. } if place.starts_with("cache.db") => {
                "Move cache.db (and cache.db-wal, cache.db-shm) out of the home and sync again; the journal is not affected."
            }
            Self::DatabaseDamaged { .. } => "Put the file back from a backup, and keep the damaged one.",
            Self::DatabaseShut { .. } => {
                "Check that you may write to the home's folder: a database is read with files beside it. Or copy the home to where you may write, and open it there."
            }
            Self::ReadOnly => "Open the home for writing; close the desk that holds it first.",
            Self::NestedWrite => "Report this fault of the program; nothing was written.",
            Self::WriterEnded => "Close the desk and open it again.",
            Self::CacheBehind { .. } => "Open the home again; the journal's new entries are then replayed.",
            Self::EntryRefused { .. } => "Report this fault of the program; nothing was written.",
            Self::JournalBroken(_) => {
                "Keep this file as it is, put the journal back from a backup and compare the two."
            }
            Self::ValueUnreadable { place, .. } if place.starts_with("cache.db") => {
                "Move cache.db (and cache.db-wal, cache.db-shm) out of the home and sync again."
            }
            Self::ValueUnreadable { .. } => "Verify the journal, and put the file back from a backup if it is broken.",
            Self::ValueRefused { .. } => "Report this fault of the program; nothing was written.",
            Self::DiskFull { .. } => "Free some space and try again; nothing was half written.",
            Self::File { .. } => "Check that the folder exists and that you may write to it.",
            Self::Database { .. } => "Try again; if it stays, close the desk and open it again.",
        }
    }

    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| match source.kind() {
            std::io::ErrorKind::StorageFull => Self::DiskFull { place: shown(path) },
            _ => Self::File { path: path.to_owned(), source },
        }
    }

    /// Sorts an error of SQLite into what a person can do about it.
    pub(crate) fn sqlite(place: &str, source: rusqlite::Error) -> Self {
        let place = place.to_owned();
        // The file that readers of a log share could not be made larger: SQLite does not say why, and it is for want of room.
        if source.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE) {
            return Self::DiskFull { place };
        }
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                return Self::DatabaseDamaged { place, why: source.to_string() };
            }
            Some(ErrorCode::DiskFull) => return Self::DiskFull { place },
            Some(ErrorCode::CannotOpen) => return Self::DatabaseShut { place, why: source.to_string() },
            _ => {}
        }
        match source {
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..) => Self::ValueUnreadable { place, why: source.to_string() },
            source => Self::Database { place, source },
        }
    }
}

impl From<KeyStoreError> for StoreError {
    fn from(error: KeyStoreError) -> Self {
        match error {
            KeyStoreError::Locked(why) => Self::KeyringLocked { why },
            KeyStoreError::Unavailable(why) => Self::KeyringUnavailable { why },
        }
    }
}

impl From<NotCanonical> for StoreError {
    fn from(why: NotCanonical) -> Self {
        Self::EntryRefused { why: why.to_string() }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Names the place of a database error.
pub(crate) trait At<T> {
    fn at(self, place: &str) -> Result<T, StoreError>;
}

impl<T> At<T> for rusqlite::Result<T> {
    fn at(self, place: &str) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::sqlite(place, source))
    }
}
