//! One unit of collection: the provider emits, or an earlier scan's record does in its stead; chunks are evaluated as they fill,
//! and the task ends on the disk.

use std::sync::Arc;

use plumb_model::outcome::Verdict;
use plumb_model::resource::ScanGap;
use plumb_runtime::{Emission, Memory, Sources, Task};
use plumb_store::{TaskEnd, TaskSource};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::chunk;
use crate::error::EngineError;
use crate::event::Event;
use crate::item::Item;
use crate::recollection::Recollection;
use crate::scan::Shared;
use crate::unchanged::{self, Earlier, ReadFiles};

/// Resources in a chunk: a batch of this size costs the boundary next to nothing for each.
const CHUNK: usize = 256;
/// Bytes in a chunk, so that a few huge resources do not make a huge batch.
const CHUNK_BYTES: usize = 2 << 20;
/// Pages that may wait between a provider and its task.
const PAGES: usize = 2;

/// Runs one task to its end. The provider's failure is the task's end and a gap; an error is the
/// engine's own.
pub(crate) async fn run(shared: Arc<Shared>, index: u32, part: u32, task: Task) -> Result<(), EngineError> {
    shared.watcher.tell(Event::TaskStarted { task: task.id.clone() });
    let fence = shared.ledger.start_task(&shared.scan, index)?;
    let mut work = Work {
        shared: Arc::clone(&shared),
        index,
        fence,
        chunk: Vec::new(),
        bytes: 0,
        sequence: 0,
        running: JoinSet::new(),
    };
    let files = Arc::new(ReadFiles::new(Arc::clone(&shared.part(part)?.sources.files)));
    if let Some(earlier) = unchanged::find(&shared, part, &task, &files).await? {
        let source = earlier.source.clone();
        work.take_over(earlier).await?;
        return done(&shared, index, fence, task, Some(source)).await;
    }
    let recollection = Recollection::of(&shared, part, &task)?.map(Arc::new);
    let (sender, mut emissions) = mpsc::channel(PAGES);
    let collecting = {
        let (shared, task, files) = (Arc::clone(&shared), task.clone(), Arc::<ReadFiles>::clone(&files));
        let memory = recollection.clone().map(|recollection| recollection as Arc<dyn Memory>);
        tokio::spawn(async move {
            let part = shared.part(part)?;
            let sources = Sources { files, egress: part.sources.egress.clone(), memory };
            Ok::<_, EngineError>(part.provider.collect(&part.target, &task, sources, sender).await)
        })
    };
    // Dropping the handle would leave the guest running.
    let collecting = Aborting(collecting);
    while let Some(emission) = emissions.recv().await {
        match emission {
            Emission::Resources(resources) => work.add(resources.into_iter().map(Item::from)).await?,
            Emission::Known(sources) => {
                if let Some(recollection) = &recollection {
                    work.add(recollection.items(&sources)?).await?;
                }
            }
            Emission::Gap(gap) => shared.recorder.gap(index, fence, gap).await?,
        }
    }
    work.finish().await?;
    let collected = collecting.join().await??;
    match collected {
        Ok(()) => {
            let source = unchanged::source(&shared, part, &task, &files).await?;
            done(&shared, index, fence, task, source).await
        }
        Err(error) => {
            let reason = match &error.failure {
                // What the provider says of its input reads best alone.
                plumb_runtime::Failure::Invalid(message) => message.clone(),
                _ => error.to_string(),
            };
            let gap = ScanGap {
                task: task.id.clone(),
                kind: String::new(),
                account: task.account.clone(),
                region: task.region.clone(),
                reason: reason.clone(),
                permission: None,
            };
            shared.recorder.gap(index, fence, gap).await?;
            shared.recorder.finish(index, fence, TaskEnd::Failed(reason.clone()), None).await?;
            shared.watcher.tell(Event::TaskFailed { task: task.id, reason });
            Ok(())
        }
    }
}

async fn done(
    shared: &Shared,
    index: u32,
    fence: u64,
    task: Task,
    source: Option<TaskSource>,
) -> Result<(), EngineError> {
    shared.recorder.finish(index, fence, TaskEnd::Done, source).await?;
    shared.watcher.tell(Event::TaskDone { task: task.id });
    Ok(())
}

/// A spawned call that ends with its owner.
pub(crate) struct Aborting<T>(pub(crate) tokio::task::JoinHandle<T>);

impl<T> Aborting<T> {
    pub(crate) async fn join(mut self) -> Result<T, EngineError> {
        (&mut self.0).await.map_err(|error| EngineError::Stopped(error.to_string()))
    }
}

impl<T> Drop for Aborting<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Chunks on their way.
struct Work {
    shared: Arc<Shared>,
    index: u32,
    fence: u64,
    chunk: Vec<Item>,
    bytes: usize,
    /// Chunks sent on their way so far.
    sequence: u64,
    running: JoinSet<Result<(), EngineError>>,
}

impl Work {
    /// Takes what the same task found before, instead of the provider's pages.
    async fn take_over(&mut self, earlier: Earlier) -> Result<(), EngineError> {
        let (sender, mut pages) = mpsc::channel(PAGES);
        let ledger = Arc::clone(&self.shared.ledger);
        let reading = tokio::task::spawn_blocking(move || earlier.replay(&ledger, &sender, CHUNK));
        while let Some(items) = pages.recv().await {
            self.add(items).await?;
        }
        for gap in reading.await.map_err(|error| EngineError::Stopped(error.to_string()))?? {
            self.shared.recorder.gap(self.index, self.fence, gap).await?;
        }
        self.finish().await
    }

    async fn add(&mut self, items: impl IntoIterator<Item = Item>) -> Result<(), EngineError> {
        for item in items {
            if !self.shared.selection.covers_resource(&item.resource.id) {
                continue;
            }
            self.bytes += item.size();
            self.chunk.push(item);
            if self.chunk.len() >= CHUNK || self.bytes >= CHUNK_BYTES {
                self.dispatch().await?;
            }
        }
        Ok(())
    }

    /// Sends the chunk on its way as soon as a worker is free: that wait is what slows a provider down that finds more than
    /// the cores can evaluate.
    async fn dispatch(&mut self) -> Result<(), EngineError> {
        let chunk = std::mem::take(&mut self.chunk);
        self.bytes = 0;
        if chunk.is_empty() {
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        let permit = Arc::clone(&shared.workers).acquire_owned().await;
        let permit = permit.map_err(|error| EngineError::Stopped(error.to_string()))?;
        let (index, fence, sequence) = (self.index, self.fence, self.sequence);
        self.sequence += 1;
        self.running.spawn(async move {
            let resources = chunk.len() as u64;
            let rows = chunk::evaluate(&shared, chunk).await?;
            let violations =
                rows.tally.iter().filter(|(_, verdict, muted)| *verdict == Verdict::Fail && !muted).count();
            drop(permit);
            shared.recorder.chunk(index, fence, sequence, rows).await?;
            shared.watcher.tell(Event::Evaluated { resources, violations: violations as u64 });
            Ok(())
        });
        while let Some(done) = self.running.try_join_next() {
            done.map_err(|error| EngineError::Stopped(error.to_string()))??;
        }
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), EngineError> {
        self.dispatch().await?;
        while let Some(done) = self.running.join_next().await {
            done.map_err(|error| EngineError::Stopped(error.to_string()))??;
        }
        Ok(())
    }
}
