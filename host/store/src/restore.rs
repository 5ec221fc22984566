//! Making a ledger of a backup.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use crate::backup::{sync_folder, with_end};
use crate::error::StoreError;
use crate::integrity::CheckReport;
use crate::ledger::{FILE, Ledger, create_private_folder, private_file};

/// What the folder of uploads is called beside a ledger.
const BLOBS: &str = "blobs";

impl Ledger {
    /// Puts a backup, with its uploads where it has any, into a folder that has no ledger yet, and reads all of it. The backup stays as
    /// it is. The ledger appears when everything it names is in its place.
    pub fn restore(backup: &Path, folder: &Path) -> Result<CheckReport, StoreError> {
        let place = folder.join(FILE);
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::Restore { path, source }
        };
        let mut from = File::open(backup).map_err(failed(backup))?;
        create_private_folder(folder).map_err(failed(folder))?;
        let uploads = with_end(backup, ".blobs");
        for taken in [place.clone(), folder.join(BLOBS)] {
            if taken.symlink_metadata().is_ok() {
                return Err(failed(&taken)(io::ErrorKind::AlreadyExists.into()));
            }
        }
        if uploads.is_dir() {
            copy_folder(&uploads, &folder.join(BLOBS)).map_err(failed(&uploads))?;
        }
        let partial = with_end(&place, ".restored");
        let mut to =
            private_file(OpenOptions::new().create(true).truncate(true), &partial).map_err(failed(&partial))?;
        io::copy(&mut from, &mut to).and_then(|_| to.sync_all()).map_err(failed(&partial))?;
        drop(to);
        fs::rename(&partial, &place).map_err(failed(&place))?;
        sync_folder(&place).map_err(failed(&place))?;
        Ledger::open(folder)?.check()
    }
}

/// Files two folders deep, as uploads lie; anything else there is none of theirs.
fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    create_private_folder(to)?;
    for shelf in fs::read_dir(from)? {
        let shelf = shelf?;
        if !shelf.file_type()?.is_dir() {
            continue;
        }
        let own = to.join(shelf.file_name());
        create_private_folder(&own)?;
        for upload in fs::read_dir(shelf.path())? {
            let upload = upload?;
            if !upload.file_type()?.is_file() {
                continue;
            }
            let mut copy = private_file(OpenOptions::new().create_new(true), &own.join(upload.file_name()))?;
            io::copy(&mut File::open(upload.path())?, &mut copy)?;
            copy.sync_all()?;
        }
    }
    Ok(())
}
