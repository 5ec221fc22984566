//! The life of a scan.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use plumb_model::delta::{Delta, Sighting};
use plumb_model::mute::Mute;
use plumb_model::outcome::{Finding, Verdict};
use plumb_model::scan::{Scan, ScanId, ScanStatus};
use plumb_runtime::host::files::Files;
use plumb_runtime::{Plugin, ProviderInfo, Target, Task};
use plumb_store::{Ledger, NewScan, TaskRow, TaskState};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::account;
use crate::breaker::Breaker;
use crate::choice::Chosen;
use crate::clock::{Clock, rfc3339};
use crate::completion::{Completer, End};
use crate::day::Day;
use crate::error::EngineError;
use crate::event::{Event, Watcher};
use crate::files::LocalFiles;
use crate::library::Library;
use crate::previous::{Previous, Sightings};
use crate::recorder::{Figures, Recorder};
use crate::request::{ScanRequest, StoredRequest};
use crate::task;

/// Tasks collected at the same time for each core. A provider's guest is one thread, so one task alone leaves the other cores
/// to the checks; a second keeps the queue full while the first waits for a file.
const TASKS_PER_CORE: usize = 1;
/// Plugin failures that a scan's record names, each distinct one once.
const FAILURES_NAMED: usize = 100;

/// Runs scans.
#[derive(Clone, Debug)]
pub struct Engine {
    ledger: Arc<Ledger>,
    library: Arc<Library>,
    clock: Arc<dyn Clock>,
    cores: usize,
}

/// What all steps of one scan share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) scan: ScanId,
    pub(crate) chosen: Chosen,
    pub(crate) provider: Plugin,
    pub(crate) provider_info: ProviderInfo,
    pub(crate) target: Target,
    pub(crate) files: Arc<dyn Files>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) recorder: Recorder,
    pub(crate) figures: Arc<Mutex<Figures>>,
    pub(crate) previous: Arc<Previous>,
    /// The previous scan's tasks, by their id.
    pub(crate) previous_tasks: HashMap<String, TaskRow>,
    /// What scans of the same provider, target and selection share.
    pub(crate) scope_key: [u8; 32],
    pub(crate) day: Day,
    pub(crate) breaker: Breaker,
    pub(crate) workers: Arc<Semaphore>,
    pub(crate) watcher: Watcher,
    mutes: Vec<Mute>,
    failures: Mutex<BTreeSet<String>>,
}

impl Shared {
    /// Notes that a plugin failed; the scan's record names it.
    pub(crate) fn note_failure(&self, reason: &str) {
        if let Ok(mut failures) = self.failures.lock()
            && failures.len() < FAILURES_NAMED
        {
            failures.insert(reason.to_owned());
        }
    }

    /// Gives a finding its mute and its delta, and says what was seen of an earlier violation.
    pub(crate) fn mark(&self, finding: &mut Finding, known: bool, sightings: &mut Sightings) {
        if finding.verdict == Verdict::Fail {
            finding.muted = self.mutes.iter().find(|mute| mute.covers(finding)).map(|mute| mute.reason.clone());
            if self.previous.scan.is_some() && finding.muted.is_none() {
                finding.delta = Some(if known { Delta::Unchanged } else { Delta::New });
            }
        }
        if known {
            sightings.push((finding.fingerprint, Sighting::of(finding)));
        }
    }
}

impl Engine {
    pub fn new(ledger: Arc<Ledger>, library: Arc<Library>, clock: Arc<dyn Clock>) -> Engine {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Engine { ledger, library, clock, cores }
    }

    fn now(&self) -> String {
        rfc3339(self.clock.now())
    }

    /// Scans. An error means that there is no scan, or that its record could not be kept; everything else is in the record.
    pub async fn scan(
        &self,
        request: ScanRequest,
        cancel: CancellationToken,
        watcher: Watcher,
    ) -> Result<ScanId, EngineError> {
        let chosen = Chosen::new(&self.library, &request.selection)?;
        let provider = self.library.provider(&request.provider)?.clone();
        let paths = absolute(&request.paths)?;
        let files = LocalFiles::open(&paths)?;
        let stored = StoredRequest {
            provider: provider.manifest().id.clone(),
            provider_digest: hex(&provider.reference().digest),
            paths,
            selection: request.selection.clone(),
        };
        let id = *uuid::Uuid::now_v7().as_bytes();
        let scope_key = stored.scope_key();
        let named: Vec<String> = request.paths.iter().map(|path| path.display().to_string()).collect();
        let name = format!("{} {}", request.provider, named.join(" "));
        let previous = self.ledger.previous_completed(&scope_key, &id)?;
        self.ledger.create_scan(&NewScan {
            id,
            target: name.clone(),
            provider: stored.provider.clone(),
            created_at: self.now(),
            previous,
            scope_key,
            settings: stored.to_bytes(),
        })?;
        self.ledger.put_catalogue(&id, &chosen.catalogue)?;
        self.ledger.transition(&id, ScanStatus::Running, &self.now(), None)?;
        let run = Run { engine: self, id, name, stored, chosen, provider, files, request, cancel, watcher };
        run.begin().await?;
        Ok(id)
    }

    /// Takes up a scan that was interrupted or failed: what is done stays, the rest is done. Mutes, timeout and nothing else are
    /// taken from `request`.
    pub async fn resume(
        &self,
        id: ScanId,
        request: ScanRequest,
        cancel: CancellationToken,
        watcher: Watcher,
    ) -> Result<(), EngineError> {
        let text = uuid::Uuid::from_bytes(id).to_string();
        let Some(kept) = self.ledger.scan(&id)? else {
            return Err(EngineError::Target(format!("there is no scan {text}; `plumb history` lists them")));
        };
        if !kept.scan.status.may_become(ScanStatus::Running) || kept.scan.status == ScanStatus::Pending {
            // A scan that is still called running was cut off: nobody else can hold the ledger while this program does.
            if kept.scan.status != ScanStatus::Running {
                return Err(EngineError::NotResumable(text, kept.scan.status.to_string()));
            }
        }
        let stored = StoredRequest::from_bytes(&kept.settings)
            .map_err(|error| EngineError::BrokenRequest(text.clone(), error.to_string()))?;
        let chosen = Chosen::new(&self.library, &stored.selection)?;
        let provider = self.library.provider(&stored.provider)?.clone();
        let same = self.ledger.catalogue(&id)? == chosen.catalogue;
        if !same || hex(&provider.reference().digest) != stored.provider_digest {
            return Err(EngineError::PluginsChanged(text));
        }
        let files = LocalFiles::open(&stored.paths)?;
        if kept.scan.status != ScanStatus::Running {
            self.ledger.transition(&id, ScanStatus::Running, &self.now(), None)?;
        }
        let name = kept.scan.target.clone();
        let run = Run { engine: self, id, name, stored, chosen, provider, files, request, cancel, watcher };
        run.again(kept.scan).await
    }
}

/// One run of one scan.
struct Run<'e> {
    engine: &'e Engine,
    id: ScanId,
    name: String,
    stored: StoredRequest,
    chosen: Chosen,
    provider: Plugin,
    files: LocalFiles,
    request: ScanRequest,
    cancel: CancellationToken,
    watcher: Watcher,
}

impl Run<'_> {
    /// Plans, then runs everything.
    async fn begin(self) -> Result<(), EngineError> {
        let day = self.day(&self.engine.now())?;
        let ledger = Arc::clone(&self.engine.ledger);
        let target = self.target(&day);
        let (info, tasks) = match self.plan(&target).await {
            Ok(planned) => planned,
            Err(error) => {
                let reason = error.to_string();
                ledger.transition(&self.id, ScanStatus::Failed, &self.engine.now(), Some(&reason))?;
                return Err(error);
            }
        };
        let previous = ledger.previous_completed(&self.stored.scope_key(), &self.id)?;
        ledger.put_plan(&self.id, &rows(&tasks, &self.chosen))?;
        let previous = Previous::load(&ledger, previous)?;
        self.work(target, day, info, previous, Figures::default()).await
    }

    /// Counts what is done, then runs the rest.
    async fn again(self, scan: Scan) -> Result<(), EngineError> {
        let day = self.day(&scan.started_at.clone().unwrap_or_else(|| self.engine.now()))?;
        let ledger = Arc::clone(&self.engine.ledger);
        let target = self.target(&day);
        let info = self.provider.provider_info().await.map_err(EngineError::Plan)?.unwrap_or_default();
        if ledger.tasks(&self.id)?.is_empty() {
            let (_, tasks) = self.plan(&target).await?;
            ledger.put_plan(&self.id, &rows(&tasks, &self.chosen))?;
        }
        let previous = Previous::load(&ledger, scan.previous)?;
        let figures = self.count_done(&previous)?;
        self.work(target, day, info, previous, figures).await
    }

    fn day(&self, time: &str) -> Result<Day, EngineError> {
        let wrong = || EngineError::BrokenRequest(self.name.clone(), format!("'{time}' is no time"));
        Day::of(time).ok_or_else(wrong)
    }

    fn target(&self, day: &Day) -> Target {
        let settings = serde_json::json!({ "qualify": !self.files.single, "explicit": self.files.explicit });
        Target {
            name: self.name.clone(),
            settings,
            regions: self.stored.selection.regions.clone(),
            services: self.stored.selection.services.clone(),
            kinds: self.chosen.kinds(),
            scan_time: day.time.clone(),
        }
    }

    async fn plan(&self, target: &Target) -> Result<(ProviderInfo, Vec<Task>), EngineError> {
        let info = self.provider.provider_info().await.map_err(EngineError::Plan)?.unwrap_or_default();
        // The plan reads the same files as the tasks; opening them once more costs a look at each.
        let files: Arc<dyn Files> = Arc::new(LocalFiles::open(&self.stored.paths)?);
        let tasks = self.provider.plan(target, files).await.map_err(EngineError::Plan)?;
        if tasks.is_empty() {
            return Err(EngineError::Target(format!("{}: nothing in it that the provider knows", self.name)));
        }
        Ok((info, tasks))
    }

    /// The figures of the tasks that an earlier run finished. What an unfinished one left is dropped first.
    fn count_done(&self, previous: &Previous) -> Result<Figures, EngineError> {
        let ledger = &self.engine.ledger;
        for row in ledger.tasks(&self.id)? {
            if row.state != TaskState::Done {
                ledger.start_task(&self.id, row.index)?;
            }
        }
        let mut figures = Figures { gaps: ledger.gaps(&self.id)?, ..Figures::default() };
        ledger.resources(&self.id, |row| {
            figures.saw(&row.resource);
            Ok::<(), EngineError>(())
        })?;
        let checks = &self.chosen.catalogue.checks;
        ledger.findings(&self.id, |finding| {
            if let Some(check) = checks.get(&finding.check_id) {
                figures.count(check, finding.verdict, finding.muted.is_some());
                figures.reused += 1;
            }
            if previous.contains(&finding.fingerprint) {
                figures.sightings.insert(finding.fingerprint, Sighting::of(&finding));
            }
            Ok::<(), EngineError>(())
        })?;
        Ok(figures)
    }

    async fn work(
        self,
        target: Target,
        day: Day,
        provider_info: ProviderInfo,
        previous: Previous,
        figures: Figures,
    ) -> Result<(), EngineError> {
        let ledger = Arc::clone(&self.engine.ledger);
        let catalogue = Arc::new(self.chosen.catalogue.clone());
        let figures = Arc::new(Mutex::new(figures));
        let (recorder, writing) = Recorder::start(Arc::clone(&ledger), self.id, catalogue, Arc::clone(&figures));
        let today = self.engine.clock.now().strftime("%Y-%m-%d").to_string();
        let previous_tasks = previous.scan.map_or(Ok(Vec::new()), |scan| ledger.tasks(&scan))?;
        let previous_tasks = previous_tasks.into_iter().map(|row| (row.id.clone(), row)).collect();
        let previous = Arc::new(previous);
        let shared = Arc::new(Shared {
            scan: self.id,
            chosen: self.chosen,
            provider: self.provider,
            provider_info,
            target,
            files: Arc::new(self.files),
            ledger: Arc::clone(&ledger),
            recorder,
            figures: Arc::clone(&figures),
            previous: Arc::clone(&previous),
            previous_tasks,
            scope_key: self.stored.scope_key(),
            day,
            breaker: Breaker::default(),
            workers: Arc::new(Semaphore::new(self.engine.cores + 1)),
            watcher: self.watcher.clone(),
            mutes: self.request.mutes.iter().filter(|mute| mute.holds_on(&today)).cloned().collect(),
            failures: Mutex::new(BTreeSet::new()),
        });
        let end = tokio::select! {
            ran = run_tasks(&shared, self.engine.cores * TASKS_PER_CORE) => ran.map(|()| End::Ran),
            () = self.cancel.cancelled() => Ok(End::Interrupted),
            () = sleep(self.request.timeout) => Ok(End::TimedOut(self.request.timeout.unwrap_or_default())),
        };
        let (chosen, failures) = close(shared).await?;
        let written = writing.await.map_err(|error| EngineError::Stopped(error.to_string()))?;
        written?;
        let end = end?;
        let figures = std::mem::take(&mut *figures.lock().map_err(|error| EngineError::Stopped(error.to_string()))?);
        Completer {
            ledger: &ledger,
            id: self.id,
            now: self.engine.now(),
            chosen: &chosen,
            previous: &previous,
            figures,
            failures,
        }
        .complete(end)
    }
}

/// Waits for everybody who still holds the shared part: aborted guests let go at their next tick.
async fn close(mut shared: Arc<Shared>) -> Result<(Chosen, BTreeSet<String>), EngineError> {
    loop {
        match Arc::try_unwrap(shared) {
            Ok(shared) => {
                let failures = shared.failures.into_inner().map_err(|error| EngineError::Stopped(error.to_string()))?;
                return Ok((shared.chosen, failures));
            }
            Err(still) => {
                shared = still;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }
}

async fn sleep(timeout: Option<Duration>) {
    match timeout {
        Some(timeout) => tokio::time::sleep(timeout).await,
        None => std::future::pending().await,
    }
}

/// All tasks that are not done, some side by side, then the checks of whole accounts.
async fn run_tasks(shared: &Arc<Shared>, at_once: usize) -> Result<(), EngineError> {
    let rows = shared.ledger.tasks(&shared.scan)?;
    let (accounts, rows): (Vec<TaskRow>, Vec<TaskRow>) = rows.into_iter().partition(|row| row.id == account::TASK);
    shared.watcher.tell(Event::Planned { tasks: rows.len() });
    let mut running = JoinSet::new();
    for row in rows.into_iter().filter(|row| row.state != TaskState::Done) {
        if running.len() >= at_once {
            next(&mut running).await?;
        }
        running.spawn(task::run(Arc::clone(shared), row.index, to_task(row)));
    }
    while !running.is_empty() {
        next(&mut running).await?;
    }
    for row in accounts.into_iter().filter(|row| row.state != TaskState::Done) {
        account::run(shared, row.index).await?;
    }
    Ok(())
}

async fn next(running: &mut JoinSet<Result<(), EngineError>>) -> Result<(), EngineError> {
    match running.join_next().await {
        None => Ok(()),
        Some(Ok(ended)) => ended,
        Some(Err(error)) => Err(EngineError::Stopped(error.to_string())),
    }
}

fn rows(tasks: &[Task], chosen: &Chosen) -> Vec<TaskRow> {
    let row = |(index, task): (u32, &Task)| TaskRow {
        index,
        id: task.id.clone(),
        service: task.service.clone(),
        account: task.account.clone(),
        region: task.region.clone(),
        kinds: task.kinds.clone(),
        payload: task.payload.clone(),
        ..TaskRow::default()
    };
    let mut rows: Vec<TaskRow> = (0u32..).zip(tasks).map(row).collect();
    if account::is_needed(chosen) {
        let index = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        rows.push(TaskRow { index, id: account::TASK.to_owned(), ..TaskRow::default() });
    }
    rows
}

fn to_task(row: TaskRow) -> Task {
    Task {
        id: row.id,
        service: row.service,
        account: row.account,
        region: row.region,
        kinds: row.kinds,
        payload: row.payload,
    }
}

/// Paths that mean the same wherever the scan is resumed from.
fn absolute(paths: &[std::path::PathBuf]) -> Result<Vec<std::path::PathBuf>, EngineError> {
    if paths.is_empty() {
        return Err(EngineError::Target("name at least one file or folder to scan".to_owned()));
    }
    let absolute =
        |path: &std::path::PathBuf| std::fs::canonicalize(path).map_err(|error| EngineError::File(path.clone(), error));
    paths.iter().map(absolute).collect()
}

fn hex(digest: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*digest).to_hex().to_string()
}
