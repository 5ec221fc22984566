//! Opening a ledger, and its transactions.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use redb::backends::InMemoryBackend;
use redb::{Database, DatabaseError, Durability, ReadTransaction, ReadableDatabase, StorageError, WriteTransaction};

use crate::blobs::Blobs;
use crate::contain::contained;
use crate::error::StoreError;
use crate::migrations::{is_current, migrate};
use crate::recorder::Recorder;

/// The file in the data folder.
const FILE: &str = "ledger.redb";

/// The database keeps up to this much of the file in memory; its own default of a gibibyte would be most of what a scan uses.
/// Branch pages of a ledger of ten million rows fit many times over.
const CACHE_BYTES: usize = 64 << 20;

/// The record of every scan. One process has it open at a time; within it, readers see snapshots and writers take turns.
#[derive(Debug)]
pub struct Ledger {
    /// Written only by `check` and `compact`, which have to have the database for themselves.
    pub(crate) database: RwLock<Database>,
    /// Locked before a write transaction begins, never while one is open.
    recorder: Mutex<Recorder>,
    /// Held for as long as a prune takes: there is one at a time.
    pub(crate) pruning: Mutex<()>,
    /// None for a ledger in memory.
    pub(crate) path: Option<PathBuf>,
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
        let ledger = Ledger { database: RwLock::new(database), recorder, pruning, path, blobs };
        // A look into a ledger writes nothing.
        if !ledger.read(is_current)? {
            ledger.write(Durability::Immediate, migrate)?;
        }
        Ok(ledger)
    }

    /// Runs a body on a snapshot.
    pub(crate) fn read<T, E: From<StoreError>>(
        &self,
        body: impl FnOnce(&ReadTransaction) -> Result<T, E>,
    ) -> Result<T, E> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
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
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        contained(|| {
            let mut transaction = database.begin_write()?;
            transaction.set_durability(durability)?;
            let value = body(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })
    }

    /// What running tasks have handed over and no commit has yet. A panic while it was held leaves it as it was between two
    /// steps, and the fences refuse what does not fit.
    pub(crate) fn recorder(&self) -> MutexGuard<'_, Recorder> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
