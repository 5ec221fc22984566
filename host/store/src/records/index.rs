//! An index's list of runs, and the pages that runs consist of.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::batch::Digest;
use crate::record::{NamedRecord, Record};
use crate::records::varint::{put_varint, take, take_varint};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IndexRecord {
    /// Stands for the index in the keys of its pages.
    pub(crate) number: u32,
    /// The number the next run gets; none is given twice.
    pub(crate) next_run: u64,
    /// By number.
    pub(crate) runs: Vec<RunRecord>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunRecord {
    pub(crate) number: u64,
    pub(crate) entries: u64,
}

impl NamedRecord for IndexRecord {
    const VERSION: u8 = 1;
}

/// Where a page ends (a byte that says whether another follows, and that one's first digest), and the page's entries: digest,
/// length of the value (varint), value.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct IndexPage {
    /// The first digest that is the next page's; none in the last page of a run.
    pub(crate) until: Option<Digest>,
    pub(crate) entries: Entries,
}

/// Entries one after the other, ascending by digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entries(pub(crate) Vec<u8>);

impl Record for IndexPage {
    const VERSION: u8 = 1;

    fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::with_capacity(self.entries.0.len() + 33);
        bytes.push(u8::from(self.until.is_some()));
        bytes.extend_from_slice(self.until.as_ref().map_or(&[], |until| until.as_slice()));
        bytes.extend_from_slice(&self.entries.0);
        Ok(bytes)
    }

    fn from_bytes(bytes: &[u8]) -> Result<IndexPage, String> {
        let (until, entries) = split_page(bytes)?;
        Ok(IndexPage { until: until.copied(), entries: Entries(entries.to_vec()) })
    }
}

/// Where a page ends, and its entries.
pub(crate) fn split_page(mut bytes: &[u8]) -> Result<(Option<&Digest>, &[u8]), String> {
    let until = match take(&mut bytes, 1)? {
        [0] => None,
        [1] => Some(take_digest(&mut bytes)?),
        _ => return Err("it does not say whether another page follows".into()),
    };
    Ok((until, bytes))
}

impl Entries {
    pub(crate) fn push(&mut self, digest: &Digest, value: &[u8]) {
        self.0.extend_from_slice(digest);
        put_varint(&mut self.0, value.len() as u64);
        self.0.extend_from_slice(value);
    }

    pub(crate) fn iter(&self) -> EntriesIter<'_> {
        EntriesIter::new(&self.0)
    }

    /// The entry that follows the first `taken` bytes: its digest, and where its value lies.
    pub(crate) fn after(&self, taken: usize) -> Option<Result<(Digest, Range<usize>), String>> {
        let mut rest = self.0.get(taken..).filter(|rest| !rest.is_empty())?;
        let entry = take_entry(&mut rest);
        let end = self.0.len() - rest.len();
        Some(entry.map(|(digest, value)| (*digest, end - value.len()..end)))
    }
}

/// Digest and value of each entry; an error is the last item.
#[derive(Debug)]
pub(crate) struct EntriesIter<'a> {
    rest: &'a [u8],
}

impl<'a> EntriesIter<'a> {
    pub(crate) fn new(entries: &'a [u8]) -> EntriesIter<'a> {
        EntriesIter { rest: entries }
    }
}

impl<'a> Iterator for EntriesIter<'a> {
    type Item = Result<(&'a Digest, &'a [u8]), String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let entry = take_entry(&mut self.rest);
        if entry.is_err() {
            self.rest = &[];
        }
        Some(entry)
    }
}

fn take_entry<'a>(bytes: &mut &'a [u8]) -> Result<(&'a Digest, &'a [u8]), String> {
    let digest = take_digest(bytes)?;
    let length = usize::try_from(take_varint(bytes)?).map_err(|error| error.to_string())?;
    Ok((digest, take(bytes, length)?))
}

fn take_digest<'a>(bytes: &mut &'a [u8]) -> Result<&'a Digest, String> {
    let (digest, rest) = bytes.split_first_chunk::<32>().ok_or("it ends inside a digest")?;
    *bytes = rest;
    Ok(digest)
}
