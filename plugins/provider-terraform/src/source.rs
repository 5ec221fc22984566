//! Where files come from: the host in a plugin, memory or a folder in tests.

use plumbline::provider::{Error, files};

/// A file that may be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Relative to the target, with `/` between folders.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// Files by name, read in pieces.
pub trait Source {
    fn entries(&self) -> Result<Vec<Entry>, Error>;

    /// At most `length` bytes from `offset`; empty past the end.
    fn read(&self, name: &str, offset: u64, length: u64) -> Result<Vec<u8>, Error>;
}

/// The files that the host has granted for the target. Only inside a plugin.
#[derive(Debug)]
pub struct HostFiles;

impl Source for HostFiles {
    fn entries(&self) -> Result<Vec<Entry>, Error> {
        let entries = files::entries()?;
        Ok(entries.into_iter().map(|entry| Entry { name: entry.name, size: entry.size }).collect())
    }

    fn read(&self, name: &str, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        files::read(name, offset, length)
    }
}
