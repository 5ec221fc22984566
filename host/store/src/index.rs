//! Indexes by digest. Digests are random, so that in a tree of single entries every commit would rewrite pages everywhere. Here a
//! commit writes its entries as one sorted run of packed pages, and runs are merged when they have come close in size: an entry is
//! rewritten a few times however large the index grows, and a look-up asks a few runs.
//!
//! Pages follow one another without a break: each says where it ends and the next begins, so that a page that was found proves
//! by itself that it is the right one, and a digest that is not in it is not in the run.

mod run;

use std::ops::Bound;

use redb::{ReadableTable, Table, WriteTransaction};

use crate::batch::Digest;
use crate::envelope;
use crate::error::StoreError;
use crate::index::run::{RunReader, RunWriter, clear_run};
use crate::key::hex;
use crate::records::index::{EntriesIter, IndexPage, IndexRecord, RunRecord, split_page};
use crate::tables::{INDEX_PAGES, INDEXES};

/// (index, run, first digest).
pub(crate) type PageKey = (u32, u64, &'static Digest);

type Pages<'t> = Table<'t, PageKey, &'static [u8]>;

/// Where every run begins.
pub(crate) const FIRST: Digest = [0; 32];

/// A run has at least so many times the entries of all later ones together, else they are merged. With four, a million entries
/// that come in thirty commits lie in two or three runs, and each has been written some five times.
const RATIO: u64 = 4;

/// Pages of one step of a sweep; together some four megabytes.
const SWEEP_PAGES: usize = 1_000;

/// What is looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Index<'a> {
    /// A document's place.
    Documents,
    /// The verdicts of the plugin with a digest. They are a cache: what is damaged is passed over, and made again.
    Verdicts(&'a Digest),
}

/// How far a sweep is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SweepCursor {
    run: u64,
    first: Digest,
}

/// What one step of a sweep did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Swept {
    pub(crate) removed: u64,
    /// None when it is through.
    pub(crate) next: Option<SweepCursor>,
}

impl Index<'_> {
    /// The key in [`INDEXES`]. No component and no document has a digest of zeros.
    pub(crate) fn key(&self) -> &Digest {
        match self {
            Index::Documents => &[0; 32],
            Index::Verdicts(plugin) => plugin,
        }
    }

    /// Its runs; none before its first entry.
    pub(crate) fn record(
        self,
        indexes: &impl ReadableTable<&'static Digest, &'static [u8]>,
    ) -> Result<IndexRecord, StoreError> {
        Ok(INDEXES.get(indexes, &self.key())?.unwrap_or_default())
    }

    /// What stands under digests, which are ascending, in their order. To hash every page that is read would take longer than to
    /// read it, so that a value has to prove itself, and that there is none is to be proved by [`prove_absent`].
    pub(crate) fn find(
        self,
        record: &IndexRecord,
        pages: &impl ReadableTable<PageKey, &'static [u8]>,
        wanted: &[Digest],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let mut found = vec![None; wanted.len()];
        // The oldest has the most.
        for run in &record.runs {
            let mut open: Vec<_> = wanted.iter().zip(&mut found).filter(|(_, found)| found.is_none()).collect();
            let mut rest = open.as_mut_slice();
            while !rest.is_empty() {
                let passed = self.forgive(pick(pages, record.number, run.number, rest))?.unwrap_or(1);
                rest = rest.get_mut(passed..).unwrap_or_default();
            }
        }
        Ok(found)
    }

    /// Adds entries, which are ascending and not in it.
    pub(crate) fn add(
        self,
        transaction: &WriteTransaction,
        entries: impl Iterator<Item = (Digest, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        let mut entries = entries.peekable();
        if entries.peek().is_none() {
            return Ok(());
        }
        let mut indexes = INDEXES.write(transaction)?;
        let mut pages = INDEX_PAGES.write(transaction)?;
        let mut record = match INDEXES.get(&indexes, &self.key())? {
            Some(record) => record,
            None => IndexRecord { number: free_number(&indexes)?, ..IndexRecord::default() },
        };
        let mut writer = RunWriter::new(record.number, record.next_run, FIRST);
        for (digest, value) in entries {
            writer.push(&mut pages, &digest, &value)?;
        }
        let entries = writer.finish(&mut pages, None)?;
        record.runs.push(RunRecord { number: record.next_run, entries });
        record.next_run += 1;
        self.merge(&mut pages, &mut record)?;
        INDEXES.put(&mut indexes, &self.key(), &record)
    }

    /// Merges the latest runs as far as [`RATIO`] asks for.
    fn merge(self, pages: &mut Pages<'_>, record: &mut IndexRecord) -> Result<(), StoreError> {
        let kept = record.runs.len() - due(&record.runs);
        if record.runs.len() - kept < 2 {
            return Ok(());
        }
        let merged = record.runs.split_off(kept);
        let mut readers = Vec::with_capacity(merged.len());
        for run in merged {
            readers.push(RunReader::open(self, pages, record.number, run.number)?);
        }
        let mut writer = RunWriter::new(record.number, record.next_run, FIRST);
        while let Some(least) = readers.iter().filter_map(RunReader::digest).min().copied() {
            let mut written = false;
            // The newest last: where a cache has two, the earlier one could not be read.
            for reader in readers.iter_mut().rev().filter(|reader| reader.digest() == Some(&least)) {
                if !written {
                    writer.push(pages, &least, reader.value())?;
                    written = true;
                }
                reader.advance(self, pages)?;
            }
        }
        let entries = writer.finish(pages, None)?;
        record.runs.push(RunRecord { number: record.next_run, entries });
        record.next_run += 1;
        Ok(())
    }

    /// One step of removing the entries that are not to be kept, from a cursor on. Entries that are added meanwhile come past
    /// too: runs are swept in the order they were made in.
    pub(crate) fn sweep(
        self,
        transaction: &WriteTransaction,
        from: SweepCursor,
        mut keep: impl FnMut(&Digest, &[u8]) -> bool,
    ) -> Result<Swept, StoreError> {
        let mut indexes = INDEXES.write(transaction)?;
        let mut pages = INDEX_PAGES.write(transaction)?;
        let mut record = self.record(&indexes)?;
        let Some(position) = record.runs.iter().position(|run| run.number >= from.run) else {
            return Ok(Swept::default());
        };
        let Some(run) = record.runs.get_mut(position) else { return Ok(Swept::default()) };
        let first = if run.number == from.run { from.first } else { FIRST };
        let mut swept = Swept { removed: 0, next: Some(SweepCursor { run: run.number + 1, first: FIRST }) };
        let step = self.forgive(read_step(&pages, record.number, run.number, first))?;
        // What of a cache cannot be read goes altogether.
        let (taken, until) = step.unwrap_or_default();
        if let Some(first) = until {
            swept.next = Some(SweepCursor { run: run.number, first });
        }
        let before: u64 = taken.iter().map(|(_, page)| page.entries.iter().count() as u64).sum();
        let mut writer = RunWriter::new(record.number, run.number, first);
        let mut kept = Vec::new();
        for (_, page) in &taken {
            kept.extend(page.entries.iter().flatten().filter(|(digest, value)| keep(digest, value)));
        }
        swept.removed = before - kept.len() as u64;
        if swept.removed == 0 && !taken.is_empty() {
            return Ok(swept);
        }
        for (first, _) in &taken {
            pages.remove((record.number, run.number, first))?;
        }
        for (digest, value) in kept {
            writer.push(&mut pages, digest, value)?;
        }
        writer.finish(&mut pages, until)?;
        run.entries = run.entries.saturating_sub(swept.removed);
        if taken.is_empty() || (run.entries == 0 && until.is_none()) {
            clear_run(&mut pages, record.number, run.number)?;
            record.runs.remove(position);
        }
        if record.runs.is_empty() {
            indexes.remove(self.key())?;
        } else {
            INDEXES.put(&mut indexes, &self.key(), &record)?;
        }
        Ok(swept)
    }

    /// Damage to what must not be lost is an error; to a cache it is none.
    fn forgive<T>(self, read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
        match (self, read) {
            (Index::Verdicts(_), Err(StoreError::Damaged { .. })) => Ok(None),
            (_, read) => read.map(Some),
        }
    }
}

/// An error unless a digest that was not found is not there.
pub(crate) fn prove_absent(
    record: &IndexRecord,
    pages: &impl ReadableTable<PageKey, &'static [u8]>,
    digest: &Digest,
) -> Result<(), StoreError> {
    for run in &record.runs {
        let mut cursor = pages.upper_bound(Bound::Included(&(record.number, run.number, digest)))?;
        let missing = || missing(record.number, run.number, digest);
        let (key, value) = cursor.peek_prev()?.ok_or_else(missing)?;
        let key = key.value();
        let page = INDEX_PAGES.decode(&key, value.value())?;
        let inside = key.2 <= digest && page.until.is_none_or(|until| *digest < until);
        let found = page.entries.iter().flatten().any(|(found, _)| found == digest);
        if (key.0, key.1) != (record.number, run.number) || !inside || found {
            return Err(missing());
        }
    }
    Ok(())
}

/// How many of the latest runs are to become one.
fn due(runs: &[RunRecord]) -> usize {
    let mut sum = 0u64;
    let small = |run: &&RunRecord| {
        let small = sum == 0 || run.entries < sum.saturating_mul(RATIO);
        sum = sum.saturating_add(run.entries);
        small
    };
    runs.iter().rev().take_while(small).count()
}

fn missing(index: u32, run: u64, digest: &Digest) -> StoreError {
    INDEX_PAGES.damaged(&(index, run, digest), "the page with this digest is missing or broken")
}

/// Fills in what a run has of the first digests that are wanted, those that lie in one page; gives how many these are.
fn pick(
    pages: &impl ReadableTable<PageKey, &'static [u8]>,
    index: u32,
    run: u64,
    wanted: &mut [(&Digest, &mut Option<Vec<u8>>)],
) -> Result<usize, StoreError> {
    let Some((first, _)) = wanted.first() else { return Ok(0) };
    let first = **first;
    let mut cursor = pages.upper_bound(Bound::Included(&(index, run, &first)))?;
    let (key, value) = cursor.peek_prev()?.ok_or_else(|| missing(index, run, &first))?;
    let key = key.value();
    let broken = |problem| INDEX_PAGES.damaged(&key, problem);
    let (until, entries) = envelope::payload(value.value()).and_then(split_page).map_err(broken)?;
    let inside = wanted.partition_point(|(digest, _)| until.is_none_or(|until| *digest < until));
    if (key.0, key.1) != (index, run) || *key.2 > first || inside == 0 {
        return Err(missing(index, run, &first));
    }
    let mut open = wanted.iter_mut().take(inside).peekable();
    for entry in EntriesIter::new(entries) {
        let (digest, value) = entry.map_err(broken)?;
        while open.next_if(|(wanted, _)| *wanted < digest).is_some() {}
        while let Some((_, found)) = open.next_if(|(wanted, _)| *wanted == digest) {
            **found = Some(value.to_vec());
        }
        if open.peek().is_none() {
            break;
        }
    }
    Ok(inside)
}

type Step = (Vec<(Digest, IndexPage)>, Option<Digest>);

/// Some pages of a run, and where the next one begins.
fn read_step(
    pages: &impl ReadableTable<PageKey, &'static [u8]>,
    index: u32,
    run: u64,
    first: Digest,
) -> Result<Step, StoreError> {
    let (mut taken, mut next) = (Vec::new(), Some(first));
    while let Some(first) = next.filter(|_| taken.len() < SWEEP_PAGES) {
        let key = (index, run, &first);
        let page = INDEX_PAGES.get(pages, &key)?;
        let page = page.ok_or_else(|| INDEX_PAGES.damaged(&key, "it is missing"))?;
        if let Some(Err(problem)) = page.entries.iter().find(Result::is_err) {
            return Err(INDEX_PAGES.damaged(&key, problem));
        }
        next = page.until;
        taken.push((first, page));
    }
    Ok((taken, next))
}

/// One more than the highest there is.
fn free_number(indexes: &impl ReadableTable<&'static Digest, &'static [u8]>) -> Result<u32, StoreError> {
    let mut number = 0;
    for entry in indexes.iter()? {
        let (key, value) = entry?;
        number = number.max(INDEXES.decode(&key.value(), value.value())?.number.saturating_add(1));
    }
    Ok(number)
}

/// For people: whose index it is.
pub(crate) fn name(key: &Digest) -> String {
    if *key == *Index::Documents.key() { "documents".to_owned() } else { format!("verdicts of plugin {}", hex(key)) }
}
