//! The store: one writer thread with a queue, and readers on their callers' threads.

use std::any::Any;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::TransactionBehavior;

use crate::backup::refuse_backup;
use crate::cache::lists::Lists;
use crate::database::{CACHE_FILE, Connections, JOURNAL_FILE};
use crate::error::{At, StoreError};
use crate::handles::{Read, Write};
use crate::home::{HOME_FILE, Home, HomeFacts, HomeKind, RECOVERY_FILE, private_file};
use crate::key::{Argon2Cost, Entropy, Key, RecoveryCode};
use crate::slots::Unlock;

pub(crate) const LOCK_FILE: &str = "desk.lock";

/// How often the lock is tried, and the wait between: somebody may only be looking whether the home is in use.
const LOCK_TRIES: u32 = 5;
const LOCK_WAIT: Duration = Duration::from_millis(10);

/// Readers kept open between uses; more are opened when needed and closed again.
const READERS_KEPT_MAX: usize = 4;

/// What a store may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// One process at a time.
    ReadWrite,
    /// Beside a process that writes, or alone.
    ReadOnly,
}

/// An open home. Clones share it; the last one to go ends the writer and frees the home.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    dir: PathBuf,
    facts: HomeFacts,
    key: Key,
    readers: Mutex<Vec<Connections>>,
    lists: Lists,
    writer: Option<Writer>,
}

/// What became of a write, or the panic that it ended in.
type Outcome<T, E> = Result<Result<T, E>, Box<dyn Any + Send>>;

/// A write that has its place in the queue.
pub struct Written<T, E>(tokio::sync::oneshot::Receiver<Outcome<T, E>>);

impl<T, E: From<StoreError>> Written<T, E> {
    /// Whether there is nothing left to wait for.
    pub fn is_done(&self) -> bool {
        !self.0.is_empty() || self.0.is_terminated()
    }

    /// Waits for it.
    pub async fn done(self) -> Result<T, E> {
        match self.0.await.map_err(|_| StoreError::WriterEnded)? {
            Ok(result) => result,
            Err(panic) => resume_unwind(panic),
        }
    }
}

/// Runs on the writer thread.
type Job = Box<dyn FnOnce(&mut Connections) + Send>;

struct Writer {
    /// `None` only while the store is being dropped.
    queue: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    /// Held, not used: other processes see it locked.
    _lock: File,
}

impl Store {
    /// True when the folder holds a home (whether or not it can be opened).
    pub fn exists(dir: &Path) -> bool {
        dir.join(HOME_FILE).exists()
    }

    /// True when a desk has the home open for writing at this moment. Nothing is held afterwards.
    pub fn in_use(dir: &Path) -> bool {
        // Shared, so that two who look do not see each other.
        File::open(dir.join(LOCK_FILE))
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// What can be told of a home without its key: above all whether to ask for a passphrase.
    pub fn facts_of(dir: &Path) -> Result<HomeFacts, StoreError> {
        Home::read(dir).map(|home| home.facts())
    }

    /// Makes a home and opens it for writing. A real home takes a passphrase or a keyring and gives a recovery code, to be
    /// shown once. Nothing is left, in the folder or in the keyring, when it fails before the home is whole.
    pub fn create(
        dir: &Path,
        kind: HomeKind,
        unlock: &Unlock,
        entropy: &mut dyn Entropy,
        now: DateTime<Utc>,
    ) -> Result<(Self, Option<RecoveryCode>), StoreError> {
        refuse_occupied(dir)?;
        let (mut home, key, code) = Home::new(kind, unlock, Argon2Cost::RECOMMENDED, entropy, now)?;
        let made = Self::lay_out(dir, &mut home, key);
        if let (Err(_), Unlock::Keyring(keyring)) = (&made, unlock) {
            // The first failure is the one to tell; an entry that stays opens nothing.
            let _ = keyring.remove(&home.facts().device);
        }
        Ok((made?, code))
    }

    /// Makes the files of a new home.
    fn lay_out(dir: &Path, home: &mut Home, key: Key) -> Result<Self, StoreError> {
        make_private_folder(dir)?;
        let lock = lock(dir)?;
        // Again, under the lock: another desk may have been faster.
        refuse_occupied(dir)?;
        let made = Connections::create(dir, &key).and_then(|connections| {
            // Last: a folder with home.json is a whole home.
            home.write(dir)?;
            Ok(connections)
        });
        if made.is_err() {
            // Half a home would stand in the way of a whole one. What is there was made here, under the lock.
            take_away(dir);
        }
        Self::assemble(dir, home, key, Some((made?, lock)))
    }

    /// Opens a home.
    pub fn open(dir: &Path, unlock: &Unlock, access: Access) -> Result<Self, StoreError> {
        refuse_backup(dir)?;
        let home = Home::read_for(dir, unlock)?;
        let key = home.unlock(dir, unlock)?;
        let writer = match access {
            Access::ReadOnly => None,
            Access::ReadWrite => {
                let lock = lock(dir)?;
                home.keep_recovery(dir)?;
                Some((Connections::for_writing(dir, &key)?, lock))
            }
        };
        let store = Self::assemble(dir, &home, key, writer)?;
        // A reader now, so that a damaged or outdated file is told at once.
        let reader = store.shared.take_reader()?;
        store.shared.keep_reader(reader);
        Ok(store)
    }

    /// Throws the cache away (for instance a damaged one). The next open makes an empty one; then replay the journal and sync.
    pub fn discard_cache(dir: &Path) -> Result<(), StoreError> {
        refuse_backup(dir)?;
        Home::read(dir)?;
        let _lock = lock(dir)?;
        for suffix in ["", "-wal", "-shm"] {
            let path = dir.join(format!("{CACHE_FILE}{suffix}"));
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StoreError::file(&path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub fn dir(&self) -> &Path {
        &self.shared.dir
    }

    pub(crate) fn key(&self) -> &Key {
        &self.shared.key
    }

    pub fn facts(&self) -> &HomeFacts {
        &self.shared.facts
    }

    pub fn kind(&self) -> HomeKind {
        self.shared.facts.kind
    }

    /// The UUID that names this desk in its journal.
    pub fn device(&self) -> &str {
        &self.shared.facts.device
    }

    pub fn access(&self) -> Access {
        if self.shared.writer.is_some() { Access::ReadWrite } else { Access::ReadOnly }
    }

    /// Runs `work` on the writer thread in one transaction of each file and waits for it. When it returns an error or panics, neither
    /// file changes. The journal is committed first; should the cache then fail, the error is `cache_behind`.
    /// Keep it short: other writers wait.
    pub fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Write<'_>) -> Result<T, E> + Send + 'static,
    {
        let (reply, outcome) = mpsc::sync_channel(1);
        // The caller waits for it; if its thread is gone, there is nobody to tell.
        self.enqueue(work, move |result| drop(reply.send(result)))?;
        match outcome.recv().map_err(|_| StoreError::WriterEnded)? {
            Ok(result) => result,
            Err(panic) => resume_unwind(panic),
        }
    }

    /// As [`write`](Self::write), but gives back at once: the write has its place in the queue, whether or not anybody waits
    /// for its outcome.
    pub fn write_later<T, E, F>(&self, work: F) -> Result<Written<T, E>, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Write<'_>) -> Result<T, E> + Send + 'static,
    {
        let (reply, outcome) = tokio::sync::oneshot::channel();
        self.enqueue(work, move |result| drop(reply.send(result)))?;
        Ok(Written(outcome))
    }

    fn enqueue<T, E, F>(&self, work: F, tell: impl FnOnce(Outcome<T, E>) + Send + 'static) -> Result<(), E>
    where
        E: From<StoreError>,
        F: FnOnce(&mut Write<'_>) -> Result<T, E> + Send + 'static,
    {
        let writer = self.shared.writer.as_ref().ok_or(StoreError::ReadOnly)?;
        if writer.is_current_thread() {
            return Err(StoreError::NestedWrite.into());
        }
        let queue = writer.queue.as_ref().ok_or(StoreError::WriterEnded)?;
        let device = self.shared.facts.device.clone();
        let job: Job = Box::new(move |connections| {
            tell(catch_unwind(AssertUnwindSafe(|| in_transactions(connections, &device, work))));
        });
        Ok(queue.send(job).map_err(|_| StoreError::WriterEnded)?)
    }

    /// Runs `work` on this thread over one snapshot of each file.
    pub fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: FnOnce(&Read<'_>) -> Result<T, E>,
    {
        // Not given back when `work` panics: it is then dropped with its transactions.
        let reader = self.shared.take_reader()?;
        let result = in_snapshots(&reader, &self.shared.lists, work);
        self.shared.keep_reader(reader);
        result
    }

    fn assemble(dir: &Path, home: &Home, key: Key, writer: Option<(Connections, File)>) -> Result<Self, StoreError> {
        let writer = writer
            .map(|(connections, lock)| Writer::start(connections, lock))
            .transpose()
            .map_err(StoreError::file(dir))?;
        let shared = Shared {
            dir: dir.to_owned(),
            facts: home.facts(),
            key,
            readers: Mutex::default(),
            lists: Lists::default(),
            writer,
        };
        Ok(Self { shared: Arc::new(shared) })
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("dir", &self.shared.dir).field("access", &self.access()).finish_non_exhaustive()
    }
}

fn in_transactions<T, E: From<StoreError>>(
    connections: &mut Connections,
    device: &str,
    work: impl FnOnce(&mut Write<'_>) -> Result<T, E>,
) -> Result<T, E> {
    // Dropped without a commit, a transaction is rolled back.
    let journal = connections.journal.transaction_with_behavior(TransactionBehavior::Immediate).at(JOURNAL_FILE)?;
    let cache = connections.cache.transaction_with_behavior(TransactionBehavior::Immediate).at(CACHE_FILE)?;
    let value = work(&mut Write::new(&journal, &cache, device))?;
    journal.commit().at(JOURNAL_FILE)?;
    cache.commit().at(CACHE_FILE).map_err(|source| StoreError::CacheBehind { source: Box::new(source) })?;
    Ok(value)
}

fn in_snapshots<T, E: From<StoreError>>(
    reader: &Connections,
    lists: &Lists,
    work: impl FnOnce(&Read<'_>) -> Result<T, E>,
) -> Result<T, E> {
    // A snapshot is taken by the first read, not by BEGIN. The cache's first: it then never knows more than the journal's.
    let cache = reader.cache.unchecked_transaction().at(CACHE_FILE)?;
    cache.query_row("SELECT usable_from FROM schema", [], |_| Ok(())).at(CACHE_FILE)?;
    let journal = reader.journal.unchecked_transaction().at(JOURNAL_FILE)?;
    journal.query_row("SELECT usable_from FROM schema", [], |_| Ok(())).at(JOURNAL_FILE)?;
    work(&Read { journal: &journal, cache: &cache, lists: Some(lists) })
}

impl Shared {
    fn take_reader(&self) -> Result<Connections, StoreError> {
        let kept = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.map_or_else(|| Connections::for_reading(&self.dir, &self.key), Ok)
    }

    fn keep_reader(&self, reader: Connections) {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS_KEPT_MAX {
            readers.push(reader);
        }
    }
}

impl Writer {
    fn start(mut connections: Connections, lock: File) -> std::io::Result<Self> {
        let (queue, jobs) = mpsc::channel::<Job>();
        let thread = thread::Builder::new().name("store writer".to_owned()).spawn(move || {
            for job in jobs {
                job(&mut connections);
            }
        })?;
        Ok(Self { queue: Some(queue), thread: Some(thread), _lock: lock })
    }

    fn is_current_thread(&self) -> bool {
        self.thread.as_ref().is_some_and(|writer| writer.thread().id() == thread::current().id())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // No more jobs; the thread ends after the queued ones and closes both files before the lock goes.
        self.queue = None;
        if self.is_current_thread() {
            return;
        }
        if let Some(thread) = self.thread.take() {
            // Jobs catch their panics, so there is no outcome to look at.
            let _ = thread.join();
        }
    }
}

fn refuse_occupied(dir: &Path) -> Result<(), StoreError> {
    if Store::exists(dir) {
        return Err(StoreError::HomeExists { dir: dir.to_owned() });
    }
    if dir.join(JOURNAL_FILE).exists() || dir.join(CACHE_FILE).exists() {
        return Err(StoreError::HomeFileMissing { dir: dir.to_owned() });
    }
    Ok(())
}

/// Removes the files of a home that did not come to be. What cannot be removed is left: the failure before is the one to tell.
pub(crate) fn take_away(dir: &Path) {
    let databases = [JOURNAL_FILE, CACHE_FILE].map(|name| ["", "-wal", "-shm"].map(|end| format!("{name}{end}")));
    let keys = [HOME_FILE, RECOVERY_FILE].map(|name| ["", ".new"].map(|end| format!("{name}{end}")));
    for name in databases.as_flattened().iter().chain(keys.as_flattened()) {
        let _ = fs::remove_file(dir.join(name));
    }
}

/// Makes the folder so that only its owner may look into it. An empty one that is there already is made so; one with other things
/// in it keeps its rights, which others may count on (the home's own files are private by themselves).
pub(crate) fn make_private_folder(dir: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
        builder.mode(0o700);
        if fs::read_dir(dir).is_ok_and(|mut found| found.next().is_none()) {
            fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(StoreError::file(dir))?;
        }
    }
    builder.create(dir).map_err(StoreError::file(dir))
}

pub(crate) fn lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join(LOCK_FILE);
    let file = private_file(OpenOptions::new().write(true).create(true).truncate(false), &path)?;
    for _ in 1..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_WAIT),
            Err(TryLockError::Error(error)) => return Err(StoreError::file(&path)(error)),
        }
    }
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::HomeInUse { lock: path }),
        Err(TryLockError::Error(error)) => Err(StoreError::file(&path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::journal::entry::NewEntry;

    /// A table in which a row is refused only when the transaction is committed.
    const REFUSED_AT_COMMIT: &str = "
        CREATE TABLE late (id INTEGER PRIMARY KEY, of INTEGER REFERENCES late (id) DEFERRABLE INITIALLY DEFERRED)";
    const LATE_ROW: &str = "INSERT INTO late (id, of) VALUES (1, 2)";

    fn entry() -> NewEntry {
        NewEntry {
            id: uuid::Builder::from_unix_timestamp_millis(1_763_625_600_000, &[1; 10]).into_uuid(),
            at: DateTime::UNIX_EPOCH,
            kind: "tested".to_owned(),
            customer: None,
            subject: None,
            body: json!({}),
        }
    }

    /// Writes an entry and a cache row while one file refuses the commit; returns the error's code, the journal's length and
    /// whether the cache has its row.
    fn commit_refused_by(file: &str) -> (&'static str, i64, bool) {
        let dir = tempfile::tempdir().unwrap();
        let key = Key::random(&mut |bytes: &mut [u8]| bytes.fill(7));
        let mut connections = Connections::create(dir.path(), &key).unwrap();
        connections.journal.execute_batch(REFUSED_AT_COMMIT).unwrap();
        connections.cache.execute_batch(REFUSED_AT_COMMIT).unwrap();
        let in_journal = file == JOURNAL_FILE;
        let error: StoreError = in_transactions(&mut connections, "device", |tx| {
            let appended = tx.journal().append(entry())?;
            tx.projected().set(&appended)?;
            let refusing = if in_journal { tx.journal } else { tx.cache };
            refusing.execute_batch(LATE_ROW).at(file)
        })
        .unwrap_err();
        let found = in_transactions(&mut connections, "device", |tx| {
            Ok::<_, StoreError>((tx.journal().head()?.map_or(0, |head| head.seq), tx.projected().get()?.is_some()))
        });
        let (entries, projected) = found.unwrap();
        (error.code(), entries, projected)
    }

    /// A file that may not grow is to SQLite a disk without room.
    #[test]
    fn without_room_nothing_is_half_written() {
        for file in [JOURNAL_FILE, CACHE_FILE] {
            let dir = tempfile::tempdir().unwrap();
            let key = Key::random(&mut |bytes: &mut [u8]| bytes.fill(7));
            let mut connections = Connections::create(dir.path(), &key).unwrap();
            let growing = if file == JOURNAL_FILE { &connections.journal } else { &connections.cache };
            let pages: u32 = growing.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
            let bound: u32 = growing.pragma_update_and_check(None, "max_page_count", pages, |row| row.get(0)).unwrap();
            assert_eq!(bound, pages, "{file}");
            let work = |tx: &mut Write<'_>| {
                let body = json!({ "text": "x".repeat(100_000) });
                let appended = tx.journal().append(NewEntry { body, ..entry() })?;
                for line in 0..400_u16 {
                    tx.settings().set(&format!("setting {line}"), "a value")?;
                    tx.import_marks().put(&crate::ImportMark {
                        entry_seq: i64::from(line),
                        // Longer than any, so that the pages that migrations left free do not suffice.
                        customer: "c".repeat(2_000),
                        chunks_done: 1,
                    })?;
                }
                tx.projected().set(&appended)
            };
            let error: StoreError = in_transactions(&mut connections, "device", work).expect_err(file);
            assert_eq!((error.code(), error.place().is_some_and(|place| place.starts_with(file))), ("disk_full", true));
            let growing = if file == JOURNAL_FILE { &connections.journal } else { &connections.cache };
            growing.pragma_update_and_check(None, "max_page_count", 1_000_000, |_| Ok(())).unwrap();
            let found = in_transactions(&mut connections, "device", |tx| {
                Ok::<_, StoreError>((tx.journal().head()?.is_some(), tx.projected().get()?.is_some()))
            });
            assert_eq!(found.unwrap(), (false, false), "{file}");
            in_transactions(&mut connections, "device", work).unwrap();
        }
    }

    #[test]
    fn the_cache_is_never_written_without_the_journal() {
        assert_eq!(commit_refused_by(JOURNAL_FILE), ("database_failed", 0, false));
        assert_eq!(commit_refused_by(CACHE_FILE), ("cache_behind", 1, false));
    }
}
