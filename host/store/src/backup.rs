//! A copy of the ledger as it was at one moment, made while others go on reading and writing.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use redb::{Database, ReadTransaction, ReadableTable, ReadableTableMetadata};

use crate::blobs::Blobs;
use crate::contain::visiting;
use crate::error::StoreError;
use crate::key::KeyName;
use crate::ledger::{Ledger, builder, private_file};
use crate::record::Record;
use crate::sealed_table::SealedTable;
use crate::tables::{self, META, every_table};

/// What is copied goes into a commit at this size: it bounds memory, and a commit waits for the disk.
const COMMIT_BYTES: usize = 16 << 20;

/// How far a backup is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackupProgress {
    pub records: u64,
    pub of_records: u64,
}

/// A backup that was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backup {
    pub records: u64,
    /// Of its file.
    pub bytes: u64,
}

impl Ledger {
    /// Writes a copy of the ledger as it is now to a file that must not exist. It is a ledger itself: as `ledger.redb` in a folder
    /// of its own it can be opened. Every record's tag is looked at on the way, and a ledger that is damaged is not copied.
    ///
    /// Uploaded bytes go into a folder beside it, named as the file with `.blobs` after it, where there are any: it belongs as
    /// `blobs` beside the copy. Uploads wait meanwhile, and so does whoever deletes a scan.
    ///
    /// The file appears under its name when it is whole and on the disk. Memory stays flat; the ledger's own file grows by what is
    /// written meanwhile, since the snapshot keeps the old pages.
    pub fn backup(&self, to: &Path, progress: impl FnMut(BackupProgress)) -> Result<Backup, StoreError> {
        let failed = |source| StoreError::Backup { path: to.to_owned(), source };
        if to.symlink_metadata().is_ok() {
            return Err(failed(io::ErrorKind::AlreadyExists.into()));
        }
        let partial = partial_path(to);
        let file = private_file(OpenOptions::new().create_new(true), &partial).map_err(failed)?;
        let changing = self.shared.blobs.as_ref().map(Blobs::change);
        let copied = self.copy_to(file, progress).and_then(|records| {
            if let Some(changing) = changing {
                changing.copy_to(&with_end(to, ".blobs"), &self.blobs_kept()?)?;
            }
            let file = File::open(&partial).map_err(failed)?;
            file.sync_all().map_err(failed)?;
            std::fs::rename(&partial, to).map_err(failed)?;
            sync_folder(to).map_err(failed)?;
            Ok(Backup { records, bytes: file.metadata().map_err(failed)?.len() })
        });
        if copied.is_err()
            && let Err(error) = std::fs::remove_file(&partial)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(failed(error));
        }
        copied.map_err(|error| match error {
            StoreError::Database(source) => failed(io::Error::other(source)),
            other => other,
        })
    }

    fn copy_to(&self, file: File, progress: impl FnMut(BackupProgress)) -> Result<u64, StoreError> {
        self.read(|transaction| {
            let database = builder().create_file(file)?;
            let mut copier =
                Copier { database, batch: Vec::new(), bytes: 0, done: BackupProgress::default(), progress };
            copier.create(transaction)?;
            macro_rules! copy {
                ($($table:ident),*) => {
                    $(copier.copy(&tables::$table, transaction)?;)*
                };
            }
            every_table!(copy);
            copier.copy_meta(transaction)?;
            Ok(copier.done.records)
        })
    }
}

struct Copier<P> {
    database: Database,
    /// Keys and values of one table.
    batch: Vec<(Vec<u8>, Vec<u8>)>,
    bytes: usize,
    done: BackupProgress,
    progress: P,
}

impl<P: FnMut(BackupProgress)> Copier<P> {
    fn create(&mut self, from: &ReadTransaction) -> Result<(), StoreError> {
        macro_rules! count {
            ($($table:ident),*) => {
                0 $(+ tables::$table.read(from)?.len()?)*
            };
        }
        self.done.of_records = every_table!(count);
        let transaction = self.database.begin_write()?;
        tables::create_all(&transaction)?;
        Ok(transaction.commit()?)
    }

    fn copy<K: KeyName, R: Record>(
        &mut self,
        table: &SealedTable<K, R>,
        from: &ReadTransaction,
    ) -> Result<(), StoreError> {
        table.each_value(&table.read(from)?, |key, value| {
            self.batch.push((K::as_bytes(key).as_ref().to_vec(), value.to_vec()));
            self.bytes += value.len();
            if self.bytes < COMMIT_BYTES { Ok(()) } else { self.commit(table) }
        })?;
        self.commit(table)
    }

    fn commit<K: KeyName, R: Record>(&mut self, table: &SealedTable<K, R>) -> Result<(), StoreError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let transaction = self.database.begin_write()?;
        let mut to = table.write(&transaction)?;
        self.done.records += self.batch.len() as u64;
        for (key, value) in self.batch.drain(..) {
            to.insert(K::from_bytes(&key), value.as_slice())?;
        }
        self.bytes = 0;
        drop(to);
        transaction.commit()?;
        let (progress, done) = (&mut self.progress, self.done);
        visiting(|| progress(done));
        Ok(())
    }

    /// Last: without its schema the copy is no ledger.
    fn copy_meta(&self, from: &ReadTransaction) -> Result<(), StoreError> {
        let transaction = self.database.begin_write()?;
        let mut to = transaction.open_table(META)?;
        for entry in from.open_table(META)?.iter()? {
            let (key, value) = entry?;
            to.insert(key.value(), value.value())?;
        }
        drop(to);
        Ok(transaction.commit()?)
    }
}

/// Beside the file, so that it can be renamed; no other process writes one of this name.
fn partial_path(to: &Path) -> PathBuf {
    with_end(to, &format!(".{}.partial", std::process::id()))
}

pub(crate) fn with_end(to: &Path, end: &str) -> PathBuf {
    let mut name = to.file_name().map(OsString::from).unwrap_or_default();
    name.push(end);
    to.with_file_name(name)
}

/// A new name is on the disk when its folder is.
pub(crate) fn sync_folder(of: &Path) -> io::Result<()> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
