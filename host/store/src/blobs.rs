//! Uploaded bytes, in files of their own beside the ledger's: `blobs/aa/bb…`, named by the SHA-256 of what is in them, so that the
//! same bytes are there once. A file is written whole under another name in `blobs/incoming`, then renamed; the row that needs it
//! comes after it and goes before it. So a crash leaves files too many at most, and those are collected.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::{Durability, ReadableTable, WriteTransaction};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use crate::batch::Digest;
use crate::error::StoreError;
use crate::key::hex;
use crate::ledger::{Ledger, create_private_folder};
use crate::media::{self, Sniffer};
use crate::records::evidence::BlobRecord;
use crate::tables::BLOBS;

/// The folder beside the ledger's file.
const FOLDER: &str = "blobs";

/// Where files lie that are not whole yet.
const INCOMING: &str = "incoming";

/// The largest upload: what the HTTP contract promises to take.
pub const UPLOAD_BYTES: u64 = 100 << 20;

/// Bytes read at once.
const CHUNK_BYTES: usize = 64 << 10;

/// The folder of uploaded bytes.
#[derive(Debug)]
pub(crate) struct Blobs {
    folder: PathBuf,
    /// Held while files and the rows that name them change, so that no file is taken for an orphan before its row is there.
    changing: Mutex<()>,
}

/// The right to change what files there are.
pub(crate) struct Changing<'b> {
    blobs: &'b Blobs,
    _turn: MutexGuard<'b, ()>,
}

/// Bytes on their way in.
#[derive(Debug)]
pub struct BlobWriter {
    file: NamedTempFile,
    hasher: Sha256,
    sniffer: Sniffer,
    size: u64,
    limit: u64,
}

/// Bytes that have arrived whole and are what they are said to be, on the disk but not kept yet: dropping this removes them.
#[derive(Debug)]
pub struct Upload {
    file: NamedTempFile,
    /// SHA-256.
    pub digest: Digest,
    pub size: u64,
    /// From what is in it.
    pub media_type: &'static str,
    /// Safe to save under.
    pub file_name: String,
}

impl BlobWriter {
    /// Takes some more bytes; an error as soon as there are too many.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.size = self.size.saturating_add(bytes.len() as u64);
        if self.size > self.limit {
            return Err(StoreError::UploadTooLarge { limit: self.limit });
        }
        self.hasher.update(bytes);
        self.sniffer.look(bytes);
        self.file.write_all(bytes).map_err(|source| broken(self.file.path(), source))
    }

    /// Ends the file and looks at what it is. `declared` is the media type that its sender gave it, if any.
    pub fn finish(self, declared: Option<&str>, file_name: &str) -> Result<Upload, StoreError> {
        let BlobWriter { mut file, hasher, sniffer, size, .. } = self;
        if size == 0 {
            return Err(StoreError::NotAccepted("it is empty".to_owned()));
        }
        let media_type = sniffer.media_type(declared, file_name).map_err(StoreError::NotAccepted)?;
        file.flush().and_then(|()| file.as_file().sync_all()).map_err(|source| broken(file.path(), source))?;
        let digest = hasher.finalize().into();
        Ok(Upload { file, digest, size, media_type, file_name: media::file_name(file_name) })
    }
}

impl Blobs {
    /// The folder of the ledger in a folder; it need not be there yet.
    pub(crate) fn beside(ledger: &Path) -> Blobs {
        let folder = ledger.parent().unwrap_or(Path::new("")).join(FOLDER);
        Blobs { folder, changing: Mutex::new(()) }
    }

    /// The path of a file, with the folder it lies in.
    fn place(&self, digest: &Digest) -> (PathBuf, PathBuf) {
        let name = hex(digest);
        let (beginning, rest) = name.split_at(2);
        let folder = self.folder.join(beginning);
        let path = folder.join(rest);
        (folder, path)
    }

    pub(crate) fn change(&self) -> Changing<'_> {
        Changing { blobs: self, _turn: self.changing.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    /// Hands on the bytes of a file; an error at the end if they are not those of the digest.
    pub(crate) fn read<E: From<StoreError>>(
        &self,
        digest: &Digest,
        size: u64,
        visit: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let (_, path) = self.place(digest);
        let mut file = File::open(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => BLOBS.damaged(&digest, format!("the file {} is missing", path.display())),
            _ => broken(&path, source),
        })?;
        let mut hasher = Sha256::new();
        let (mut found, mut chunk) = (0, vec![0; CHUNK_BYTES]);
        loop {
            let count = file.read(&mut chunk).map_err(|source| broken(&path, source))?;
            let bytes = chunk.get(..count).unwrap_or_default();
            if bytes.is_empty() {
                break;
            }
            found += bytes.len() as u64;
            // A file that has grown is not handed on beyond what its row promises.
            if found > size {
                break;
            }
            hasher.update(bytes);
            visit(bytes)?;
        }
        let own: Digest = hasher.finalize().into();
        if own == *digest && found == size {
            return Ok(());
        }
        Err(BLOBS.damaged(&digest, format!("the file {} has other bytes", path.display())).into())
    }

    /// Every file that is kept, by its digest; none for one whose name is no digest.
    pub(crate) fn files(&self) -> Result<Vec<(PathBuf, Option<Digest>)>, StoreError> {
        let mut found = Vec::new();
        for shelf in entries(&self.folder)? {
            let name = shelf.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name == INCOMING || !shelf.is_dir() {
                continue;
            }
            for path in entries(&shelf)? {
                let rest = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                found.push((path, parse(&format!("{name}{rest}"))));
            }
        }
        Ok(found)
    }
}

impl Changing<'_> {
    /// Gives an upload its place. One that is there already is replaced by the same bytes, which mends a damaged one.
    pub(crate) fn keep(&self, upload: Upload) -> Result<(), StoreError> {
        let (folder, path) = self.blobs.place(&upload.digest);
        create_private_folder(&folder).map_err(|source| broken(&folder, source))?;
        upload.file.persist(&path).map_err(|error| broken(&path, error.error))?;
        // The new name is on the disk when its folder is.
        for folder in [&folder, &self.blobs.folder] {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(|source| broken(folder, source))?;
        }
        Ok(())
    }

    pub(crate) fn remove(&self, digest: &Digest) -> Result<(), StoreError> {
        remove(&self.blobs.place(digest).1)
    }

    /// Copies files into another folder, where there are any; one that is damaged is an error.
    pub(crate) fn copy_to(&self, folder: &Path, kept: &[(Digest, BlobRecord)]) -> Result<(), StoreError> {
        let destination = Blobs { folder: folder.to_owned(), changing: Mutex::new(()) };
        for (digest, blob) in kept {
            let (folder, path) = destination.place(digest);
            create_private_folder(&folder).map_err(|source| broken(&folder, source))?;
            let mut file = NamedTempFile::new_in(&folder).map_err(|source| broken(&folder, source))?;
            self.blobs.read(digest, blob.size, &mut |bytes: &[u8]| {
                file.write_all(bytes).map_err(|source| broken(&path, source))
            })?;
            file.as_file().sync_all().map_err(|source| broken(&path, source))?;
            file.persist(&path).map_err(|error| broken(&path, error.error))?;
        }
        Ok(())
    }
}

impl Ledger {
    /// Begins to take an upload of at most `limit` bytes, never more than [`UPLOAD_BYTES`]. Nothing of it is kept until
    /// [`Ledger::put_evidence`].
    pub fn begin_upload(&self, limit: u64) -> Result<BlobWriter, StoreError> {
        let incoming = self.blobs()?.folder.join(INCOMING);
        create_private_folder(&incoming).map_err(|source| broken(&incoming, source))?;
        // For its owner alone, under a name that nobody guesses.
        let file = NamedTempFile::new_in(&incoming).map_err(|source| broken(&incoming, source))?;
        let (hasher, sniffer, limit) = (Sha256::new(), Sniffer::default(), limit.min(UPLOAD_BYTES));
        Ok(BlobWriter { file, hasher, sniffer, size: 0, limit })
    }

    /// Removes what a crash left behind: uploads that were not finished, and files that no row names. Not to be called while uploads
    /// are taken in. Gives how many files it removed.
    pub fn collect_blobs(&self) -> Result<u64, StoreError> {
        let Ok(blobs) = self.blobs() else { return Ok(0) };
        let _changing = blobs.change();
        let mut removed = 0;
        for path in entries(&blobs.folder.join(INCOMING))? {
            remove(&path)?;
            removed += 1;
        }
        for (path, digest) in blobs.files()? {
            let needed = match &digest {
                Some(digest) => self.blob(digest)?.is_some(),
                None => false,
            };
            if !needed {
                remove(&path)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    pub(crate) fn blobs(&self) -> Result<&Blobs, StoreError> {
        self.shared.blobs.as_ref().ok_or(StoreError::NoFolder)
    }

    pub(crate) fn blob(&self, digest: &Digest) -> Result<Option<BlobRecord>, StoreError> {
        self.read(|transaction| BLOBS.get(&BLOBS.read(transaction)?, &digest))
    }

    /// Every file that uploads have.
    pub(crate) fn blobs_kept(&self) -> Result<Vec<(Digest, BlobRecord)>, StoreError> {
        self.read(|transaction| {
            let mut kept = Vec::new();
            for entry in BLOBS.read(transaction)?.iter()? {
                let (digest, value) = entry?;
                kept.push((*digest.value(), BLOBS.decode(&digest.value(), value.value())?));
            }
            Ok(kept)
        })
    }

    /// Runs a write transaction that may leave bytes without a row, and then removes their files.
    pub(crate) fn changing_blobs(
        &self,
        body: impl FnOnce(&WriteTransaction) -> Result<Vec<Digest>, StoreError>,
    ) -> Result<(), StoreError> {
        let changing = self.shared.blobs.as_ref().map(Blobs::change);
        let unneeded = self.write(Durability::Immediate, body)?;
        changing.map_or(Ok(()), |changing| unneeded.iter().try_for_each(|digest| changing.remove(digest)))
    }
}

/// What lies in a folder; nothing if it is not there.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let listed = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed.map_err(|source| broken(folder, source))?,
    };
    listed.map(|entry| entry.map(|entry| entry.path()).map_err(|source| broken(folder, source))).collect()
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(broken(path, source)),
        _ => Ok(()),
    }
}

fn parse(name: &str) -> Option<Digest> {
    let mut digest = [0; 32];
    if name.len() != 2 * digest.len() || !name.is_ascii() {
        return None;
    }
    for (place, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(name.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    // Only the form that is written: lower case.
    (hex(&digest) == name).then_some(digest)
}

fn broken(path: &Path, source: io::Error) -> StoreError {
    StoreError::Blob { path: path.to_owned(), source }
}
