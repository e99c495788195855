//! A copy of a home that can be carried elsewhere and restored there: both databases as of one moment, under the home's own key, with
//! `home.json` and the files that lie beside them, and `backup.json`, which tells each file's hash.
//!
//! A backup is no home: it is never opened in place, since two desks would then go on from one journal. Nothing is ever written
//! over, and what cannot be finished is taken away again.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::database::{CACHE_FILE, Connections, JOURNAL_FILE};
use crate::error::StoreError;
use crate::home::{HOME_FILE, Home, HomeKind, RECOVERY_FILE, private_file, sync_folder};
use crate::journal::verify;
use crate::key::Key;
use crate::slots::Unlock;
use crate::store::{Access, LOCK_FILE, Store, make_private_folder, take_away};

const BACKUP_FILE: &str = "backup.json";

/// Newest format of `backup.json`.
const FORMAT: u32 = 1;

/// Without these there is no home.
const NEEDED: [&str; 3] = [HOME_FILE, JOURNAL_FILE, CACHE_FILE];

/// Bytes copied or hashed at a time.
const PORTION: usize = 256 * 1024;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    format: u32,
    pub made_at: DateTime<Utc>,
    pub kind: HomeKind,
    /// The UUID that names the home's desk in its journal.
    pub device: String,
    /// Entries of the journal.
    pub entries: i64,
    /// Hash of the last one.
    pub head: Option<String>,
    pub files: Vec<BackedUpFile>,
}

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackedUpFile {
    pub name: String,
    pub bytes: u64,
    /// Lower hex.
    pub sha256: String,
}

impl Store {
    /// Copies the open home into a folder that is empty or not there yet, and reads the copy through before it tells of it. Writers
    /// go on meanwhile. `beside` names files of the home that are not the store's own; those that are not there are left out.
    pub fn back_up(&self, to: &Path, now: DateTime<Utc>, beside: &[&str]) -> Result<Backup, StoreError> {
        let mut draft = Draft::begin(to)?;
        let reader = Connections::for_reading(self.dir(), self.key())?;
        // The cache first: the journal of a later moment holds all that the cache knows.
        for (connection, name) in [(&reader.cache, CACHE_FILE), (&reader.journal, JOURNAL_FILE)] {
            copy_database(connection, &draft.file(name))?;
        }
        for name in [HOME_FILE, RECOVERY_FILE].iter().chain(beside) {
            if self.dir().join(name).exists() {
                copy(&self.dir().join(name), &draft.file(name))?;
            }
        }
        let verified = read_through(to, self.key())?;
        let files = draft.names.iter().map(|name| BackedUpFile::of(to, name)).collect::<Result<_, _>>()?;
        let backup = Backup {
            format: FORMAT,
            made_at: now,
            kind: self.kind(),
            device: self.device().to_owned(),
            entries: verified.entries,
            head: verified.head.map(|head| head.hash),
            files,
        };
        backup.write(&draft.file(BACKUP_FILE))?;
        sync_folder(to)?;
        draft.is_whole = true;
        Ok(backup)
    }

    /// Refuses a folder that holds no backup, before anybody is asked for its key.
    pub fn expect_backup(dir: &Path) -> Result<(), StoreError> {
        if dir.join(BACKUP_FILE).exists() {
            return Ok(());
        }
        Err(StoreError::BackupMissing { dir: dir.to_owned() })
    }

    /// What a backup says of itself, before anybody is asked for its key. Its files are not looked at.
    pub fn backup_at(dir: &Path, beside: &[&str]) -> Result<Backup, StoreError> {
        Backup::read(dir, beside)
    }

    /// Makes a home of a backup, in a folder that is empty or not there yet, and opens it for writing. Each file must be as it was
    /// written, the key must fit, and the journal must be the one that the backup tells of; else nothing is left there.
    pub fn restore(from: &Path, to: &Path, unlock: &Unlock, beside: &[&str]) -> Result<(Self, Backup), StoreError> {
        let backup = Backup::read(from, beside)?;
        // What the key is read from, before it is believed; the rest once it is copied.
        for file in backup.files.iter().filter(|file| [HOME_FILE, RECOVERY_FILE].contains(&file.name.as_str())) {
            file.check(from, from)?;
        }
        let key = Home::read_for(from, unlock)?.unlock(from, unlock)?;
        let mut draft = Draft::begin(to)?;
        // home.json last: a folder with it is a whole home.
        let (last, first): (Vec<_>, Vec<_>) = backup.files.iter().partition(|file| file.name == HOME_FILE);
        for file in first.into_iter().chain(last) {
            let copied = draft.file(&file.name);
            copy(&from.join(&file.name), &copied).map_err(|error| file.or_gone(from, error))?;
            file.check(to, from)?;
        }
        let verified = read_through(to, &key)?;
        if (verified.entries, verified.head.map(|head| head.hash)) != (backup.entries, backup.head.clone()) {
            return Err(damaged(from, JOURNAL_FILE, "its journal is another than the one that was backed up"));
        }
        sync_folder(to)?;
        let store = Self::open(to, unlock, Access::ReadWrite)?;
        draft.is_whole = true;
        Ok((store, backup))
    }
}

impl Backup {
    /// Reads the list of a backup. Its files are not looked at; a name that leads elsewhere is refused.
    fn read(dir: &Path, beside: &[&str]) -> Result<Self, StoreError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let path = dir.join(BACKUP_FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(StoreError::BackupMissing { dir: dir.to_owned() });
            }
            Err(error) => return Err(StoreError::file(&path)(error)),
        };
        let unreadable = |why: serde_json::Error| damaged(dir, BACKUP_FILE, &why.to_string());
        let Format { format } = serde_json::from_str(&text).map_err(unreadable)?;
        if format > FORMAT {
            return Err(StoreError::BackupNewer { file: path, found: format, known: FORMAT });
        }
        let backup: Self = serde_json::from_str(&text).map_err(unreadable)?;
        let listed: BTreeSet<&str> = backup.files.iter().map(|file| file.name.as_str()).collect();
        let is_known = |name: &&str| NEEDED.contains(name) || *name == RECOVERY_FILE || beside.contains(name);
        if let Some(name) = listed.iter().find(|name| !is_known(name)) {
            return Err(damaged(dir, BACKUP_FILE, &format!("it lists `{name}`, which is no file of a home")));
        }
        if let Some(name) = NEEDED.iter().find(|name| !listed.contains(*name)) {
            return Err(damaged(dir, BACKUP_FILE, &format!("it does not list {name}")));
        }
        Ok(backup)
    }

    fn write(&self, path: &Path) -> Result<(), StoreError> {
        let text = serde_json::to_string_pretty(self).expect("plain fields are always JSON");
        let mut file = private_file(OpenOptions::new().write(true).create_new(true), path)?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.write_all(b"\n"))
            .and_then(|()| file.sync_all())
            .map_err(StoreError::file(path))
    }
}

impl BackedUpFile {
    /// Whether the file in `dir` is this one, as it was written into `backup`.
    fn check(&self, dir: &Path, backup: &Path) -> Result<(), StoreError> {
        if Self::of(dir, &self.name).map_err(|error| self.or_gone(backup, error))? != *self {
            return Err(damaged(backup, &self.name, "its content does not have its hash"));
        }
        Ok(())
    }

    /// A file of the list that is not there is a damage of the backup.
    fn or_gone(&self, backup: &Path, error: StoreError) -> StoreError {
        match error {
            StoreError::File { source, .. } if source.kind() == ErrorKind::NotFound => {
                damaged(backup, &self.name, "it is missing")
            }
            error => error,
        }
    }

    fn of(dir: &Path, name: &str) -> Result<Self, StoreError> {
        let path = dir.join(name);
        let mut file = File::open(&path).map_err(StoreError::file(&path))?;
        let (mut hash, mut bytes, mut portion) = (Sha256::new(), 0, vec![0; PORTION]);
        loop {
            match file.read(&mut portion).map_err(StoreError::file(&path))? {
                0 => return Ok(Self { name: name.to_owned(), bytes, sha256: hex::encode(hash.finalize()) }),
                read => {
                    hash.update(&portion[..read]);
                    bytes += read as u64;
                }
            }
        }
    }
}

/// A folder that is being filled: unless it becomes whole, what was put into it is taken away again.
struct Draft {
    dir: PathBuf,
    names: Vec<String>,
    /// The folder was not there before.
    made: bool,
    is_whole: bool,
}

impl Draft {
    fn begin(dir: &Path) -> Result<Self, StoreError> {
        let made = match fs::read_dir(dir) {
            Ok(mut found) => match found.next() {
                Some(_) => return Err(StoreError::FolderNotEmpty { dir: dir.to_owned() }),
                None => false,
            },
            Err(error) if error.kind() == ErrorKind::NotFound => true,
            Err(error) => return Err(StoreError::file(dir)(error)),
        };
        make_private_folder(dir)?;
        Ok(Self { dir: dir.to_owned(), names: Vec::new(), made, is_whole: false })
    }

    /// The path of one more file; the caller writes it.
    fn file(&mut self, name: &str) -> PathBuf {
        self.names.push(name.to_owned());
        self.dir.join(name)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.is_whole {
            return;
        }
        take_away(&self.dir);
        for name in self.names.iter().map(String::as_str).chain([LOCK_FILE]) {
            let _ = fs::remove_file(self.dir.join(name));
        }
        if self.made {
            let _ = fs::remove_dir(&self.dir);
        }
    }
}

/// Refuses a folder that holds a backup.
pub(crate) fn refuse_backup(dir: &Path) -> Result<(), StoreError> {
    if dir.join(BACKUP_FILE).exists() {
        return Err(StoreError::HomeIsBackup { dir: dir.to_owned() });
    }
    Ok(())
}

/// Writes one snapshot of a database, compact and under the same key, and presses it onto the disk.
fn copy_database(connection: &rusqlite::Connection, to: &Path) -> Result<(), StoreError> {
    // SQLite writes into an empty file as into one that it makes, and this one only its owner may read.
    private_file(OpenOptions::new().write(true).create_new(true), to)?;
    let place = to.display().to_string();
    let name = to.to_str().ok_or_else(|| StoreError::ValueRefused {
        place: place.clone(),
        why: "a path that is no Unicode text cannot be given to SQLite".to_owned(),
    })?;
    connection.execute("VACUUM INTO ?1", [name]).map_err(|source| StoreError::sqlite(&place, source))?;
    File::open(to).and_then(|file| file.sync_all()).map_err(StoreError::file(to))
}

fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let mut source = File::open(from).map_err(StoreError::file(from))?;
    let mut copied = private_file(OpenOptions::new().write(true).create_new(true), to)?;
    std::io::copy(&mut source, &mut copied).and_then(|_| copied.sync_all()).map_err(StoreError::file(to))
}

/// Both copies from their first page to their last, and the journal from its first entry to its last.
fn read_through(dir: &Path, key: &Key) -> Result<crate::Verified, StoreError> {
    let copies = Connections::for_reading(dir, key)?;
    verify::check_pages(&copies.cache, CACHE_FILE)?;
    verify::verify(&copies.journal, &copies.cache)
}

fn damaged(dir: &Path, name: &str, why: &str) -> StoreError {
    StoreError::BackupDamaged { file: dir.join(name), why: why.to_owned() }
}
