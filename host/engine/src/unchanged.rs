//! A task of which nothing has changed since the previous scan is not collected again: its resources and gaps are taken from
//! that scan's record, and evaluated like any others.
//!
//! What a provider without `http` finds is a function of its own code, the target and task it is given (with the day for a time)
//! and the files it reads. A digest over all of these stands in the record of each task that is done. A provider that may
//! reach further is always asked, and so is one that listed the files, for then it may have seen any of them. Which resources a scan
//! leaves out is in the digest too: what it left out is not in its record.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use plumb_model::resource::ScanGap;
use plumb_model::scan::ScanId;
use plumb_runtime::Task;
use plumb_runtime::host::files::{Entry, Files};
use plumb_runtime::limits::FILE_READ;
use plumb_runtime::manifest::Capability;
use plumb_store::{Ledger, TaskSource, TaskState};
use tokio::sync::mpsc::Sender;

use crate::digest::Parts;
use crate::error::EngineError;
use crate::item::Item;
use crate::scan::{Part, Shared};

/// A target's files, and which of them a provider has read.
#[derive(Debug)]
pub(crate) struct ReadFiles {
    files: Arc<dyn Files>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    read: BTreeSet<String>,
    listed: bool,
}

impl ReadFiles {
    pub(crate) fn new(files: Arc<dyn Files>) -> ReadFiles {
        ReadFiles { files, seen: Mutex::default() }
    }

    /// The files that were read; none where it cannot be said which of them the provider knows of.
    fn read_alone(&self) -> Option<Vec<String>> {
        let seen = self.seen.lock().ok().filter(|seen| !seen.listed)?;
        Some(seen.read.iter().cloned().collect())
    }
}

impl Files for ReadFiles {
    fn entries(&self) -> Vec<Entry> {
        if let Ok(mut seen) = self.seen.lock() {
            seen.listed = true;
        }
        self.files.entries()
    }

    fn read(&self, name: &str, offset: u64, length: u64) -> Result<Vec<u8>, String> {
        if let Ok(mut seen) = self.seen.lock()
            && !seen.read.contains(name)
        {
            seen.read.insert(name.to_owned());
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
pub(crate) async fn find(shared: &Arc<Shared>, part: u32, task: &Task) -> Result<Option<Earlier>, EngineError> {
    let row = shared.previous_tasks.get(&(part, task.id.clone())).filter(|row| row.state == TaskState::Done);
    let Some(row) = row else { return Ok(None) };
    let (Some(scan), Some(source)) = (shared.previous.scan, row.source.clone()) else { return Ok(None) };
    let same = digest(shared, part, task, source.files.clone()).await? == Some(source.digest);
    Ok(same.then_some(Earlier { scan, task: row.index, source }))
}

/// What a task that is done follows from; none where that cannot be said.
pub(crate) async fn source(
    shared: &Arc<Shared>,
    part: u32,
    task: &Task,
    read: &ReadFiles,
) -> Result<Option<TaskSource>, EngineError> {
    let Some(files) = read.read_alone() else { return Ok(None) };
    let digest = digest(shared, part, task, files.clone()).await?;
    Ok(digest.map(|digest| TaskSource { files, digest }))
}

/// Over everything a provider sees of a task that reads these files; none where it may see more, or where a file cannot be read.
async fn digest(
    shared: &Arc<Shared>,
    part: u32,
    task: &Task,
    files: Vec<String>,
) -> Result<Option<[u8; 32]>, EngineError> {
    let part = shared.part(part)?;
    if part.provider.grant().has(Capability::Http) {
        return Ok(None);
    }
    let mut parts = Parts::new("what a task follows from");
    parts.add(part.target.scan_time.as_bytes());
    describe(shared, part, task, &mut parts);
    let all = Arc::clone(&part.sources.files);
    let digest = tokio::task::spawn_blocking(move || {
        parts.count(files.len());
        for name in &files {
            parts.add(name.as_bytes()).add(&content(&*all, name)?);
        }
        Some(parts.digest())
    });
    digest.await.map_err(|error| EngineError::Stopped(error.to_string()))
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

/// BLAKE3 of a file. It is read like a provider reads it: a file that has changed since the scan began is refused.
fn content(files: &dyn Files, name: &str) -> Option<[u8; 32]> {
    let mut hasher = blake3::Hasher::new();
    let mut offset = 0;
    loop {
        let piece = files.read(name, offset, FILE_READ).ok()?;
        if piece.is_empty() {
            return Some(*hasher.finalize().as_bytes());
        }
        hasher.update(&piece);
        offset += piece.len() as u64;
    }
}
