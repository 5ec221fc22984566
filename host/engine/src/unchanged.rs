//! A task of which nothing has changed since the previous scan is not collected again: its resources and gaps are taken from
//! that scan's record, and evaluated like any others.
//!
//! What a provider without `http` finds is a function of its own code, the target and task it is given (with the day for a time)
//! and the files it reads. A digest over all of these stands in the record of each task that is done. A provider that may
//! reach further is always asked, and so is one that listed the files, for then it may have seen any of them. Which resources a scan
//! leaves out is in the digest too: what it left out is not in its record.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use plumb_model::resource::ScanGap;
use plumb_model::scan::ScanId;
use plumb_runtime::Task;
use plumb_runtime::host::files::{Entry, Files};
use plumb_runtime::manifest::Capability;
use plumb_store::{Ledger, TaskSource, TaskState};
use tokio::sync::mpsc::Sender;

use crate::ahead::Ahead;
use crate::digest::Parts;
use crate::error::EngineError;
use crate::item::Item;
use crate::scan::{Part, Shared};

/// Bytes of a file that are read and hashed at once: few enough to stay near the processor.
const PIECE: u64 = 256 << 10;

/// A target's files, and which of them the provider of one task has read.
#[derive(Debug)]
pub(crate) struct ReadFiles {
    files: Arc<dyn Files>,
    seen: Mutex<Seen>,
    /// While somebody has it, its task goes on.
    going_on: Arc<()>,
}

#[derive(Debug, Default)]
struct Seen {
    read: BTreeSet<String>,
    listed: bool,
    /// Of the content of files; none where it cannot be read. A file that changes while the scan runs is refused, so it has one.
    digests: HashMap<String, Arc<Ahead<Option<[u8; 32]>>>>,
}

impl ReadFiles {
    pub(crate) fn new(files: Arc<dyn Files>) -> ReadFiles {
        ReadFiles { files, seen: Mutex::default(), going_on: Arc::default() }
    }

    /// The files that were read; none where it cannot be said which of them the provider knows of.
    fn read_alone(&self) -> Option<Vec<String>> {
        let seen = self.seen.lock().ok().filter(|seen| !seen.listed)?;
        Some(seen.read.iter().cloned().collect())
    }

    /// The digest of a file's content, made on a thread of its own; none where it cannot be read.
    fn digest(&self, name: &str) -> Result<Arc<Ahead<Option<[u8; 32]>>>, EngineError> {
        let mut seen = self.seen.lock().map_err(|error| EngineError::Stopped(error.to_string()))?;
        if let Some(digest) = seen.digests.get(name) {
            return Ok(Arc::clone(digest));
        }
        let (files, own) = (Arc::clone(&self.files), name.to_owned());
        let going_on = Arc::downgrade(&self.going_on);
        let digest = Arc::new(Ahead::begin(move || Ok(content(&*files, &own, || going_on.strong_count() > 0))));
        seen.digests.insert(name.to_owned(), Arc::clone(&digest));
        Ok(digest)
    }

    /// Bytes in these files, as far as they are there.
    fn size_of(&self, names: &[String]) -> u64 {
        names.iter().filter_map(|name| self.files.size(name)).sum()
    }
}

impl Files for ReadFiles {
    fn entries(&self) -> Vec<Entry> {
        if let Ok(mut seen) = self.seen.lock() {
            seen.listed = true;
        }
        self.files.entries()
    }

    fn size(&self, name: &str) -> Option<u64> {
        self.files.size(name)
    }

    fn read(&self, name: &str, offset: u64, length: u64) -> Result<Vec<u8>, String> {
        if let Ok(mut seen) = self.seen.lock()
            && !seen.read.contains(name)
        {
            seen.read.insert(name.to_owned());
            drop(seen);
            // It will be wanted at the task's end; whether it could be made shows there.
            _ = self.digest(name);
        }
        self.files.read(name, offset, length)
    }
}

/// What the same task left in the previous scan.
#[derive(Debug)]
pub(crate) struct Earlier {
    scan: ScanId,
    task: u32,
    pub(crate) source: TaskSource,
}

impl Earlier {
    /// Sends its resources, in the order they were found, and gives its gaps. Blocks.
    pub(crate) fn replay(
        &self,
        ledger: &Ledger,
        pages: &Sender<Vec<Item>>,
        page: usize,
    ) -> Result<Vec<ScanGap>, EngineError> {
        let stopped = || EngineError::Stopped("the task that read an earlier scan".to_owned());
        let mut items = Vec::with_capacity(page);
        let gaps = ledger.task_rows(&self.scan, self.task, |row| {
            items.push(Item::from(row));
            if items.len() < page {
                return Ok(());
            }
            pages.blocking_send(std::mem::take(&mut items)).map_err(|_| stopped())
        })?;
        pages.blocking_send(items).map_err(|_| stopped())?;
        Ok(gaps)
    }
}

/// The same task in the previous scan, if nothing that it follows from has changed.
pub(crate) async fn find(
    shared: &Shared,
    part: u32,
    task: &Task,
    files: &ReadFiles,
) -> Result<Option<Earlier>, EngineError> {
    let row = shared.previous_tasks.get(&(part, task.id.clone())).filter(|row| row.state == TaskState::Done);
    let Some(row) = row else { return Ok(None) };
    let (Some(scan), Some(source)) = (shared.compared_with, row.source.clone()) else { return Ok(None) };
    if source.size.is_some_and(|size| size != files.size_of(&source.files)) {
        return Ok(None);
    }
    let same = digest(shared, part, task, files, &source.files).await? == Some(source.digest);
    Ok(same.then_some(Earlier { scan, task: row.index, source }))
}

/// What a task that is done follows from; none where that cannot be said.
pub(crate) async fn source(
    shared: &Shared,
    part: u32,
    task: &Task,
    read: &ReadFiles,
) -> Result<Option<TaskSource>, EngineError> {
    let Some(files) = read.read_alone() else { return Ok(None) };
    let digest = digest(shared, part, task, read, &files).await?;
    Ok(digest.map(|digest| TaskSource { size: Some(read.size_of(&files)), files, digest }))
}

/// Over everything a provider sees of a task that reads these files; none where it may see more, or where a file cannot be read.
async fn digest(
    shared: &Shared,
    part: u32,
    task: &Task,
    files: &ReadFiles,
    names: &[String],
) -> Result<Option<[u8; 32]>, EngineError> {
    let part = shared.part(part)?;
    if part.provider.grant().has(Capability::Http) {
        return Ok(None);
    }
    let mut parts = Parts::new("what a task follows from");
    parts.add(part.target.scan_time.as_bytes());
    describe(shared, part, task, &mut parts);
    parts.count(names.len());
    for name in names {
        let Some(content) = *files.digest(name)?.get().await? else { return Ok(None) };
        parts.add(name.as_bytes()).add(&content);
    }
    Ok(Some(parts.digest()))
}

/// Adds everything that a provider is told of a task, but for the time.
pub(crate) fn describe(shared: &Shared, part: &Part, task: &Task, parts: &mut Parts) {
    let (target, selection) = (&part.target, &shared.selection);
    parts.add(&part.provider.reference().digest).add(target.name.as_bytes());
    parts.add(target.settings.to_string().as_bytes());
    parts.texts(&target.regions).texts(&target.services).texts(&target.kinds);
    parts.add(task.id.as_bytes()).add(task.service.as_bytes()).add(task.account.as_bytes());
    parts.add(task.region.as_bytes()).texts(&task.kinds).add(&task.payload);
    parts.texts(&selection.include_resources).texts(&selection.exclude_resources);
}

/// BLAKE3 of a file, unless nobody wants it any more. It is read like a provider reads it: a file that has changed since the scan began
/// is refused.
fn content(files: &dyn Files, name: &str, wanted: impl Fn() -> bool) -> Option<[u8; 32]> {
    let mut hasher = blake3::Hasher::new();
    let mut offset = 0;
    while wanted() {
        let piece = files.read(name, offset, PIECE).ok()?;
        if piece.is_empty() {
            return Some(*hasher.finalize().as_bytes());
        }
        hasher.update(&piece);
        offset += piece.len() as u64;
    }
    None
}
