//! Writing a run page by page, and taking one out of the table entry by entry.

use std::ops::Range;

use crate::batch::Digest;
use crate::error::StoreError;
use crate::index::{FIRST, Index, Pages};
use crate::records::index::{Entries, IndexPage};
use crate::tables::INDEX_PAGES;

/// Entries of a page: with key, envelope and the database's own bytes they fill one of its pages of 4,096 bytes.
const PAGE_BYTES: usize = 3_900;

/// What an entry takes beside its value, at most.
const ENTRY_BYTES: usize = 37;

/// Writes entries in ascending order.
#[derive(Debug)]
pub(super) struct RunWriter {
    index: u32,
    run: u64,
    /// Of the open page.
    first: Digest,
    open: Entries,
    count: u64,
}

impl RunWriter {
    pub(super) fn new(index: u32, run: u64, first: Digest) -> RunWriter {
        RunWriter { index, run, first, open: Entries::default(), count: 0 }
    }

    pub(super) fn push(&mut self, pages: &mut Pages<'_>, digest: &Digest, value: &[u8]) -> Result<(), StoreError> {
        if !self.open.0.is_empty() && self.open.0.len() + ENTRY_BYTES + value.len() > PAGE_BYTES {
            self.close(pages, Some(*digest))?;
            self.first = *digest;
        }
        self.open.push(digest, value);
        self.count += 1;
        Ok(())
    }

    /// Writes the last page, which ends where another begins or ends the run; gives the number of entries.
    pub(super) fn finish(mut self, pages: &mut Pages<'_>, until: Option<Digest>) -> Result<u64, StoreError> {
        self.close(pages, until)?;
        Ok(self.count)
    }

    fn close(&mut self, pages: &mut Pages<'_>, until: Option<Digest>) -> Result<(), StoreError> {
        let page = IndexPage { until, entries: std::mem::take(&mut self.open) };
        INDEX_PAGES.put(pages, &(self.index, self.run, &self.first), &page)
    }
}

/// Takes a run's pages out of the table one after the other.
#[derive(Debug)]
pub(super) struct RunReader {
    number: u32,
    run: u64,
    page: IndexPage,
    /// Of the entry that is next.
    digest: Option<Digest>,
    value: Range<usize>,
}

impl RunReader {
    pub(super) fn open(
        index: Index<'_>,
        pages: &mut Pages<'_>,
        number: u32,
        run: u64,
    ) -> Result<RunReader, StoreError> {
        let page = IndexPage { until: Some(FIRST), entries: Entries::default() };
        let mut reader = RunReader { number, run, page, digest: None, value: 0..0 };
        reader.advance(index, pages)?;
        Ok(reader)
    }

    /// Of the entry that is next; none at the end.
    pub(super) fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// Of the entry that is next.
    pub(super) fn value(&self) -> &[u8] {
        self.page.entries.0.get(self.value.clone()).unwrap_or_default()
    }

    pub(super) fn advance(&mut self, index: Index<'_>, pages: &mut Pages<'_>) -> Result<(), StoreError> {
        let step = self.step(pages);
        if index.forgive(step)?.is_none() {
            self.digest = None;
            clear_run(pages, self.number, self.run)?;
        }
        Ok(())
    }

    fn step(&mut self, pages: &mut Pages<'_>) -> Result<(), StoreError> {
        loop {
            let entries = &self.page.entries;
            if let Some(entry) = entries.after(self.value.end) {
                let (digest, value) =
                    entry.map_err(|problem| INDEX_PAGES.damaged(&(self.number, self.run, &FIRST), problem))?;
                (self.digest, self.value) = (Some(digest), value);
                return Ok(());
            }
            let Some(first) = self.page.until else {
                self.digest = None;
                return Ok(());
            };
            let key = (self.number, self.run, &first);
            let stored = pages.remove(key)?;
            let stored = stored.ok_or_else(|| INDEX_PAGES.damaged(&key, "it is missing"))?;
            self.page = INDEX_PAGES.decode(&key, stored.value())?;
            self.value = 0..0;
        }
    }
}

/// Removes all pages of a run.
pub(super) fn clear_run(pages: &mut Pages<'_>, index: u32, run: u64) -> Result<(), StoreError> {
    pages.retain_in((index, run, &FIRST)..=(index, run, &[0xff; 32]), |_, _| false)?;
    Ok(())
}
