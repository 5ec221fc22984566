//! `files`: the files of the target, by the names the target lists. A name is a key, not a path: what is not listed does not
//! exist, however it is spelt.

use std::fmt;

use crate::bindings::provider::plumbline::plugin::files::{Entry as WireEntry, Host};
use crate::bindings::types::Error;
use crate::call::State;
use crate::limits::FILE_READ;

/// A file that a plugin may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// The files of one target.
pub trait Files: Send + Sync + fmt::Debug {
    fn entries(&self) -> Vec<Entry>;

    /// Bytes in a file; none where there is no such file. Asked of single files, where a list of all would be made for each.
    fn size(&self, name: &str) -> Option<u64>;

    /// At most `length` bytes from `offset`. The error is for people: an unknown name, a file that has changed or is gone.
    fn read(&self, name: &str, offset: u64, length: u64) -> Result<Vec<u8>, String>;
}

impl Host for State {
    async fn entries(&mut self) -> wasmtime::Result<Result<Vec<WireEntry>, Error>> {
        self.count_call()?;
        let entries = self.attachments.files.as_ref().map(|files| files.entries()).unwrap_or_default();
        Ok(Ok(entries.into_iter().map(|entry| WireEntry { name: entry.name, size: entry.size }).collect()))
    }

    async fn read(&mut self, name: String, offset: u64, length: u64) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        self.count_call()?;
        let Some(files) = &self.attachments.files else {
            return Ok(Err(Error::Denied("no files belong to this call".to_owned())));
        };
        Ok(files.read(&name, offset, length.min(FILE_READ)).map_err(Error::Invalid))
    }
}
