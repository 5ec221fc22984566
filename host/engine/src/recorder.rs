//! The ledger's one writer during a scan: a thread of its own, fed through a bounded channel, so that commits never hold up
//! evaluation and memory stays bounded when the disk is slow.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use plumb_model::delta::{Sighting, Signature};
use plumb_model::framework::CheckTally;
use plumb_model::outcome::{Fingerprint, Verdict};
use plumb_model::resource::ScanGap;
use plumb_model::scan::{Catalogue, ScanId};
use plumb_store::{Ledger, RecordBatch, StoreError, TaskEnd, TaskSource, Unsynced};
use tokio::sync::{mpsc, oneshot};

use crate::chunk::ChunkRows;
use crate::error::EngineError;

/// Chunks that may wait for the writer.
const QUEUE: usize = 8;

/// What the writer is told.
enum Order {
    Chunk { task: u32, fence: u64, sequence: u64, rows: Box<ChunkRows> },
    Gap { task: u32, fence: u64, gap: ScanGap },
    Finish { task: u32, fence: u64, end: TaskEnd, source: Option<TaskSource>, done: oneshot::Sender<()> },
}

/// The figures that grow while a scan runs.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) resources: u64,
    pub(crate) evaluated: u64,
    pub(crate) reused: u64,
    pub(crate) tallies: BTreeMap<String, CheckTally>,
    pub(crate) verdicts: BTreeMap<Verdict, u64>,
    pub(crate) violations: BTreeMap<plumb_model::check::Severity, u64>,
    pub(crate) muted: u64,
    pub(crate) sightings: HashMap<Fingerprint, Sighting>,
    pub(crate) gaps: Vec<ScanGap>,
    pub(crate) families: std::collections::BTreeSet<String>,
    pub(crate) accounts: std::collections::BTreeSet<String>,
    pub(crate) kinds: std::collections::BTreeSet<String>,
    /// Check and account of every violation, each pair once.
    pub(crate) signatures: HashSet<Signature>,
}

impl Figures {
    /// Counts outcomes of a check that are alike.
    pub(crate) fn count(&mut self, check: &plumb_model::check::Check, verdict: Verdict, muted: bool, count: u64) {
        self.tallies.entry(check.id.clone()).or_default().add(verdict, muted, count);
        *self.verdicts.entry(verdict).or_default() += count;
        if verdict == Verdict::Fail {
            if muted {
                self.muted += count;
            } else {
                *self.violations.entry(check.severity).or_default() += count;
            }
        }
    }

    /// Notes the signature of a violation.
    pub(crate) fn sign(&mut self, check: &str, account: &str) {
        let signature = Signature::new(check, account);
        self.signatures.insert(signature);
    }

    /// Notes a resource that was looked at.
    pub(crate) fn saw(&mut self, resource: &plumb_model::resource::ResourceRef) {
        self.resources += 1;
        if !self.kinds.contains(&resource.kind) {
            self.kinds.insert(resource.kind.clone());
            self.families.insert(plumb_model::resource::ResourceRef::family(&resource.kind).to_owned());
        }
        if !self.accounts.contains(&resource.account) {
            self.accounts.insert(resource.account.clone());
        }
    }
}

/// The way to the writer. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    orders: mpsc::Sender<Order>,
}

impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Order")
    }
}

/// The writer at work.
pub(crate) type Writing = tokio::task::JoinHandle<Result<(), StoreError>>;

impl Recorder {
    /// Starts the writer. It ends when the last clone of the recorder is gone, or when the ledger fails.
    pub(crate) fn start(
        ledger: Arc<Ledger>,
        scan: ScanId,
        catalogue: Arc<Catalogue>,
        figures: Arc<Mutex<Figures>>,
    ) -> (Recorder, Writing) {
        let (orders, inbox) = mpsc::channel(QUEUE);
        let writer = Writer { ledger, scan, checks: catalogue, figures };
        let writing = tokio::task::spawn_blocking(move || writer.run(inbox));
        (Recorder { orders }, writing)
    }

    async fn send(&self, order: Order) -> Result<(), EngineError> {
        // The writer ends early only when the ledger failed; its own error says why.
        self.orders.send(order).await.map_err(|_| EngineError::Stopped("the ledger's writer".to_owned()))
    }

    /// Takes a chunk; `sequence` counts a task's chunks from zero, and they are recorded in that order however they arrive.
    pub(crate) async fn chunk(&self, task: u32, fence: u64, sequence: u64, rows: ChunkRows) -> Result<(), EngineError> {
        self.send(Order::Chunk { task, fence, sequence, rows: Box::new(rows) }).await
    }

    pub(crate) async fn gap(&self, task: u32, fence: u64, gap: ScanGap) -> Result<(), EngineError> {
        self.send(Order::Gap { task, fence, gap }).await
    }

    /// Ends a task. When this returns, the task is on the disk.
    pub(crate) async fn finish(
        &self,
        task: u32,
        fence: u64,
        end: TaskEnd,
        source: Option<TaskSource>,
    ) -> Result<(), EngineError> {
        let (done, finished) = oneshot::channel();
        self.send(Order::Finish { task, fence, end, source, done }).await?;
        finished.await.map_err(|_| EngineError::Stopped("the ledger's writer".to_owned()))
    }
}

/// Tasks that are recorded, and may not be on the disk.
#[derive(Default)]
struct Ended {
    unsynced: Option<Unsynced>,
    waiting: Vec<(u32, oneshot::Sender<()>)>,
}

impl Ended {
    /// Waits for the disk, and lets those go on who wait for it.
    fn settle(&mut self, ledger: &Ledger) -> Result<(), StoreError> {
        let Some(unsynced) = self.unsynced.take() else { return Ok(()) };
        ledger.sync(unsynced)?;
        for (task, done) in self.waiting.drain(..) {
            if done.send(()).is_err() {
                tracing::debug!(task, "nobody waits for this task any more; it is on the disk all the same");
            }
        }
        Ok(())
    }
}

struct Writer {
    ledger: Arc<Ledger>,
    scan: ScanId,
    checks: Arc<Catalogue>,
    figures: Arc<Mutex<Figures>>,
}

impl Writer {
    fn run(self, mut inbox: mpsc::Receiver<Order>) -> Result<(), StoreError> {
        let catalogue = Arc::clone(&self.checks);
        let checks: Vec<&plumb_model::check::Check> = catalogue.checks.values().collect();
        // Chunks that overtook others: at most as many as there are workers.
        let mut early: BTreeMap<(u32, u64), Box<ChunkRows>> = BTreeMap::new();
        let mut expected: HashMap<u32, u64> = HashMap::new();
        let mut ended = Ended::default();
        loop {
            // Tasks that end while the disk is busy wait for it together.
            let order = if let Ok(order) = inbox.try_recv() {
                order
            } else {
                ended.settle(&self.ledger)?;
                let Some(order) = inbox.blocking_recv() else { return Ok(()) };
                order
            };
            match order {
                Order::Chunk { task, fence, sequence, rows } => {
                    // Whoever has ended does not wait for others who go on.
                    ended.settle(&self.ledger)?;
                    early.insert((task, sequence), rows);
                    let next = expected.entry(task).or_default();
                    while let Some(rows) = early.remove(&(task, *next)) {
                        *next += 1;
                        self.count(&checks, &rows);
                        self.record(task, fence, *rows)?;
                    }
                }
                Order::Gap { task, fence, gap } => {
                    if let Ok(mut figures) = self.figures.lock() {
                        figures.gaps.push(gap.clone());
                    }
                    self.ledger.record(RecordBatch {
                        scan: self.scan,
                        task,
                        fence,
                        gaps: vec![gap],
                        ..RecordBatch::default()
                    })?;
                }
                Order::Finish { task, fence, end, source, done } => {
                    let finished = Some(end);
                    let unsynced = self.ledger.record_unsynced(RecordBatch {
                        scan: self.scan,
                        task,
                        fence,
                        finished,
                        source,
                        ..RecordBatch::default()
                    })?;
                    ended.unsynced = Some(unsynced);
                    ended.waiting.push((task, done));
                }
            }
        }
    }

    fn record(&self, task: u32, fence: u64, rows: ChunkRows) -> Result<(), StoreError> {
        self.ledger.record(RecordBatch {
            scan: self.scan,
            task,
            fence,
            resources: rows.resources,
            outcomes: rows.outcomes,
            documents: rows.documents,
            verdicts: rows.verdicts,
            account_verdicts: rows.account_verdicts,
            ..RecordBatch::default()
        })
    }

    fn count(&self, checks: &[&plumb_model::check::Check], rows: &ChunkRows) {
        // Only a panic while counting could poison the lock, and then the scan has failed already.
        let Ok(mut figures) = self.figures.lock() else { return };
        rows.resources.iter().for_each(|row| figures.saw(&row.resource));
        figures.evaluated += rows.evaluated;
        figures.reused += rows.reused;
        figures.sightings.extend(rows.sightings.iter().copied());
        let check = |position: u32| usize::try_from(position).ok().and_then(|position| checks.get(position));
        let failed = rows.outcomes.iter().filter(|row| row.verdict == Verdict::Fail && row.muted.is_none());
        let signed: BTreeSet<(u32, &str)> = failed.map(|row| (row.check, row.resource.account.as_str())).collect();
        for (position, account) in signed {
            if let Some(check) = check(position) {
                figures.sign(&check.id, account);
            }
        }
        let mut alike: BTreeMap<(u32, Verdict, bool), u64> = BTreeMap::new();
        for outcome in &rows.tally {
            *alike.entry(*outcome).or_default() += 1;
        }
        for ((position, verdict, muted), count) in alike {
            if let Some(check) = check(position) {
                figures.count(check, verdict, muted, count);
            }
        }
    }
}
