//! Opening a ledger, and its transactions.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError};
use std::time::{Duration, Instant};

use redb::backends::InMemoryBackend;
use redb::{Database, DatabaseError, Durability, ReadTransaction, ReadableDatabase, StorageError, WriteTransaction};

use crate::audit::PendingEntry;
use crate::blobs::Blobs;
use crate::contain::contained;
use crate::error::StoreError;
use crate::migrations::{is_current, migrate};
use crate::recorder::Recorder;
use crate::tokens::KnownTokens;

/// The file in the data folder.
pub(crate) const FILE: &str = "ledger.redb";

/// The database keeps up to this much of the file in memory; its own default of a gibibyte would be most of what a scan uses.
/// Branch pages of a ledger of ten million rows fit many times over.
const CACHE_BYTES: usize = 64 << 20;

/// How long a request waits for the others to leave a database that has failed, before it is told to try again.
const OPEN_AGAIN: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(5);

/// The record of every scan. One process has it open at a time; within it, readers see snapshots and writers take turns. Cheap to
/// clone: all clones are the same file.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(crate) shared: Arc<Shared>,
    /// Goes into the next transaction.
    entry: Option<PendingEntry>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    /// Written only by `check` and `compact`, which have to have the database for themselves, and where it is opened again. None
    /// where that has failed.
    database: RwLock<Option<Database>>,
    /// A write has failed: the database answers nothing any more until it is opened again.
    failed: AtomicBool,
    /// How often it was opened. Changes only while the database is locked for writing.
    generation: AtomicU64,
    /// Locked before a write transaction begins, never while one is open.
    recorder: Mutex<Recorder>,
    /// Held for as long as a prune takes: there is one at a time.
    pub(crate) pruning: Mutex<()>,
    /// None for a ledger in memory.
    pub(crate) path: Option<PathBuf>,
    pub(crate) known_tokens: KnownTokens,
    /// Uploaded bytes; none for a ledger in memory. Its lock is taken before a write transaction begins.
    pub(crate) blobs: Option<Blobs>,
}

impl Ledger {
    /// Opens the ledger in a folder; makes both, for their owner alone, if they are not there.
    pub fn open(folder: &Path) -> Result<Ledger, StoreError> {
        create_private_folder(folder).map_err(|source| StoreError::Open { path: folder.to_owned(), source })?;
        let path = folder.join(FILE);
        let file = open_private_file(&path).map_err(|source| StoreError::Open { path: path.clone(), source })?;
        contained(|| {
            let database = builder().create_file(file).map_err(|error| open_error(&path, error))?;
            Ledger::new(database, Some(path.clone()))
        })
    }

    /// A ledger that ends with the process, for tests.
    pub fn memory() -> Result<Ledger, StoreError> {
        Ledger::new(builder().create_with_backend(InMemoryBackend::new())?, None)
    }

    fn new(database: Database, path: Option<PathBuf>) -> Result<Ledger, StoreError> {
        let blobs = path.as_deref().map(Blobs::beside);
        let (recorder, pruning) = (Mutex::new(Recorder::default()), Mutex::new(()));
        let (failed, generation) = (AtomicBool::new(false), AtomicU64::new(0));
        let (database, known_tokens) = (RwLock::new(Some(database)), KnownTokens::default());
        let shared = Shared { database, failed, generation, recorder, pruning, path, known_tokens, blobs };
        let ledger = Ledger { shared: Arc::new(shared), entry: None };
        // A look into a ledger writes nothing.
        if !ledger.read(is_current)? {
            ledger.write(Durability::Immediate, migrate)?;
        }
        Ok(ledger)
    }

    /// The same ledger, with an entry of the audit log that is committed by the next transaction: a change that is made through it
    /// cannot be without its entry.
    #[must_use]
    pub fn noting(&self, entry: PendingEntry) -> Ledger {
        Ledger { entry: Some(entry), ..self.clone() }
    }

    /// Runs a body on a snapshot.
    pub(crate) fn read<T, E: From<StoreError>>(
        &self,
        body: impl FnOnce(&ReadTransaction) -> Result<T, E>,
    ) -> Result<T, E> {
        let guard = self.opened()?;
        let database = present(guard.as_ref())?;
        contained(|| {
            let transaction = database.begin_read().map_err(StoreError::from)?;
            body(&transaction)
        })
    }

    /// Runs a body in a write transaction and commits it if it succeeds.
    pub(crate) fn write<T>(
        &self,
        durability: Durability,
        body: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.write_within(None, durability, body)
    }

    /// The same, if the database was not opened again since a generation: what was written without waiting for the disk may be
    /// gone since then.
    pub(crate) fn write_of<T>(
        &self,
        generation: u64,
        durability: Durability,
        body: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.write_within(Some(generation), durability, body)
    }

    fn write_within<T>(
        &self,
        generation: Option<u64>,
        durability: Durability,
        body: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let guard = self.opened()?;
        if generation.is_some_and(|wanted| wanted != self.shared.generation.load(Ordering::Acquire)) {
            return Err(StoreError::OpenedAgain);
        }
        let database = present(guard.as_ref())?;
        let written = contained::<T, StoreError>(|| {
            let mut transaction = database.begin_write()?;
            transaction.set_durability(durability)?;
            let value = body(&transaction)?;
            if let Some(entry) = &self.entry {
                entry.commit_with(transaction)?;
            } else {
                transaction.commit()?;
            }
            Ok(value)
        });
        if matches!(&written, Err(error) if error.is_lasting()) {
            self.shared.failed.store(true, Ordering::Release);
        }
        written
    }

    /// The database, for as long as the guard is held; opened again where a write has failed, with nobody in it meanwhile.
    fn opened(&self) -> Result<RwLockReadGuard<'_, Option<Database>>, StoreError> {
        if self.shared.failed.load(Ordering::Acquire) {
            self.open_again()?;
        }
        Ok(self.shared.database.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn open_again(&self) -> Result<(), StoreError> {
        // One in memory cannot be opened again, and its disk is never full.
        let Some(path) = &self.shared.path else { return Ok(()) };
        let Some(mut database) = self.exclusive() else { return Err(StoreError::OpenedAgain) };
        if !self.shared.failed.load(Ordering::Acquire) {
            return Ok(());
        }
        // It holds the file's lock, and closing it may fail again: what it has acknowledged is on the disk.
        *database = None;
        let file = open_private_file(path).map_err(|source| StoreError::Open { path: path.clone(), source })?;
        let opened = contained(|| builder().create_file(file).map_err(|error| open_error(path, error)))?;
        *database = Some(opened);
        self.shared.known_tokens.forget_all();
        self.shared.generation.fetch_add(1, Ordering::AcqRel);
        self.shared.failed.store(false, Ordering::Release);
        Ok(())
    }

    /// Waits for those who are in the database to leave it, but not for long: whoever asks may be one of them.
    fn exclusive(&self) -> Option<RwLockWriteGuard<'_, Option<Database>>> {
        let begun = Instant::now();
        loop {
            match self.shared.database.try_write() {
                Ok(guard) => return Some(guard),
                Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) if begun.elapsed() > OPEN_AGAIN => return None,
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            }
        }
    }

    /// The database alone: others wait.
    pub(crate) fn alone<T>(&self, body: impl FnOnce(&mut Database) -> Result<T, StoreError>) -> Result<T, StoreError> {
        drop(self.opened()?);
        let mut guard: RwLockWriteGuard<'_, Option<Database>> =
            self.shared.database.write().unwrap_or_else(PoisonError::into_inner);
        let database = guard.as_mut().ok_or(StoreError::OpenedAgain)?;
        contained(|| body(database))
    }

    /// What running tasks have handed over and no commit has yet. A panic while it was held leaves it as it was between two
    /// steps, and the fences refuse what does not fit.
    pub(crate) fn recorder(&self) -> MutexGuard<'_, Recorder> {
        let mut recorder = self.shared.recorder.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = self.shared.generation.load(Ordering::Acquire);
        if recorder.generation() != generation {
            recorder.forget_all(generation);
        }
        recorder
    }
}

fn present(database: Option<&Database>) -> Result<&Database, StoreError> {
    // Somebody else has just failed to open it again.
    database.ok_or(StoreError::OpenedAgain)
}

pub(crate) fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

fn open_error(path: &Path, error: DatabaseError) -> StoreError {
    let path = path.to_owned();
    match error {
        DatabaseError::DatabaseAlreadyOpen => StoreError::InUse { path },
        DatabaseError::Storage(StorageError::Io(source)) if source.kind() != io::ErrorKind::InvalidData => {
            StoreError::Open { path, source }
        }
        other => StoreError::NotALedger { path, problem: other.to_string() },
    }
}

pub(crate) fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn open_private_file(path: &Path) -> io::Result<File> {
    private_file(OpenOptions::new().create(true).truncate(false), path)
}

/// Opens a file to read and write; one that is made is for its owner alone.
pub(crate) fn private_file(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}
