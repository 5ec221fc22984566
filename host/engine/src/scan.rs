//! The life of a scan; `prepared` is what it begins with, `earlier` what others have left.

mod earlier;
mod prepared;
mod tasks;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use plumb_model::delta::{Delta, Sighting};
use plumb_model::mute::Mute;
use plumb_model::outcome::{Finding, Verdict};
use plumb_model::scan::{ScanId, ScanStatus};
use plumb_model::tenant::TenantId;
use plumb_runtime::host::files::Files;
use plumb_runtime::limits::PROVIDER_CALLS;
use plumb_runtime::manifest::Capability;
use plumb_runtime::{Plugin, ProviderInfo, Sources, Target};
use plumb_store::{Ledger, NewScan, PendingEntry, StoredScan, TaskRow};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::ahead::Ahead;
use crate::breaker::Breaker;
use crate::choice::Chosen;
use crate::clock::{Clock, rfc3339};
use crate::completion::{Completer, End};
use crate::day::Day;
use crate::drift::git::{Checkouts, check_address};
use crate::egress::EgressSource;
use crate::error::EngineError;
use crate::event::Watcher;
use crate::files::LocalFiles;
use crate::library::Library;
use crate::previous::{Previous, Sightings};
use crate::recorder::{Figures, Recorder};
use crate::request::{Conditions, ScanRequest, Selection, StoredRequest};
use prepared::{Prepared, Source, absolute};
use tasks::{AtOnce, rows, run_tasks};

/// Tasks collected at the same time for each core. A provider's guest is one thread, so one task alone leaves the other cores
/// to the checks; a second keeps the queue full while the first waits for a file.
const TASKS_PER_CORE: usize = 1;
/// Tasks of live accounts at the same time. They wait for answers, most of them for one: a list that is empty.
pub(crate) const LIVE_TASKS: usize = PROVIDER_CALLS;
/// Plugin failures that a scan's record names, each distinct one once.
const FAILURES_NAMED: usize = 100;

/// Runs scans.
#[derive(Clone, Debug)]
pub struct Engine {
    ledger: Arc<Ledger>,
    library: Arc<Library>,
    clock: Arc<dyn Clock>,
    egress: Option<Arc<dyn EgressSource>>,
    cores: usize,
}

/// What all steps of one scan share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) scan: ScanId,
    pub(crate) chosen: Chosen,
    pub(crate) selection: Selection,
    /// One for each target.
    pub(crate) parts: Vec<Part>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) recorder: Recorder,
    pub(crate) figures: Arc<Mutex<Figures>>,
    /// The scan that this one is compared with.
    pub(crate) compared_with: Option<ScanId>,
    /// Its violations, once they have been read.
    pub(crate) previous: Arc<Ahead<Previous>>,
    /// The previous scan's tasks of each target, by the target's position and the task's id.
    pub(crate) previous_tasks: HashMap<(u32, String), TaskRow>,
    /// What comparable scans share.
    pub(crate) scope_key: [u8; 32],
    pub(crate) day: Day,
    pub(crate) breaker: Breaker,
    pub(crate) cores: usize,
    pub(crate) workers: Arc<Semaphore>,
    pub(crate) watcher: Watcher,
    mutes: Vec<Mute>,
    failures: Mutex<BTreeSet<String>>,
}

/// One target of a scan, with who reads it.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) provider: Plugin,
    pub(crate) info: ProviderInfo,
    pub(crate) target: Target,
    pub(crate) sources: Sources,
}

impl Shared {
    /// The target that a task belongs to.
    pub(crate) fn part(&self, position: u32) -> Result<&Part, EngineError> {
        let part = usize::try_from(position).ok().and_then(|position| self.parts.get(position));
        part.ok_or_else(|| EngineError::Stopped("a task of no target".to_owned()))
    }

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
            if self.compared_with.is_some() && finding.muted.is_none() {
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
        Engine { ledger, library, clock, egress: None, cores }
    }

    /// With somebody who sends the requests of providers that have any.
    #[must_use]
    pub fn with_egress(self, egress: Arc<dyn EgressSource>) -> Engine {
        Engine { egress: Some(egress), ..self }
    }

    /// The same; what is written next is written with an entry of the audit log.
    #[must_use]
    pub(crate) fn noting(&self, entry: PendingEntry) -> Engine {
        Engine { ledger: Arc::new(self.ledger.noting(entry)), ..self.clone() }
    }

    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }

    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    pub(crate) fn now(&self) -> String {
        rfc3339(self.clock.now())
    }

    /// Writes down a scan that waits to be run. An error means that there is no scan.
    pub fn create(&self, mut request: ScanRequest) -> Result<ScanId, EngineError> {
        for target in &mut request.targets {
            let provider = self.library.provider(&target.provider)?;
            match target.repository()? {
                // What it holds is seen when it is fetched, which is when the scan begins.
                Some(repository) => check_address(&repository.url)?,
                None => target.paths = absolute(&target.paths, provider.grant().has(Capability::Files))?,
            }
        }
        let stored = StoredRequest::new(&request);
        // Whatever can be said to be wrong is said now.
        self.prepare(&stored, &stored.targets)?;
        let id = request.id.unwrap_or_else(|| *uuid::Uuid::now_v7().as_bytes());
        let scope_key = stored.scope_key(&request.tenant);
        let names: Vec<&str> = request.targets.iter().map(|target| target.name.as_str()).collect();
        let providers: BTreeSet<&str> = request.targets.iter().map(|target| target.provider.as_str()).collect();
        self.ledger.create_scan(&NewScan {
            id,
            tenant: request.tenant,
            about: request.about,
            target: names.join(", "),
            provider: providers.into_iter().collect::<Vec<_>>().join(", "),
            created_at: self.now(),
            previous: self.ledger.previous_completed(&scope_key, &id)?,
            scope_key,
            narrowed: stored.is_narrowed(),
            settings: stored.to_bytes(),
            fired: request.fired,
        })?;
        Ok(id)
    }

    /// Creates a scan and runs it. An error means that there is no scan, or that its record could not be kept; everything else
    /// is in the record.
    pub async fn scan(
        &self,
        request: ScanRequest,
        conditions: Conditions,
        cancel: CancellationToken,
        watcher: Watcher,
    ) -> Result<ScanId, EngineError> {
        let id = self.create(request)?;
        self.run(id, conditions, cancel, watcher).await?;
        Ok(id)
    }

    /// Runs a scan that waits, or takes up one that was interrupted, cut off or failed: what is done stays, the rest is done.
    pub async fn run(
        &self,
        id: ScanId,
        conditions: Conditions,
        cancel: CancellationToken,
        watcher: Watcher,
    ) -> Result<(), EngineError> {
        let text = uuid::Uuid::from_bytes(id).to_string();
        let Some(kept) = self.ledger.scan(&id)? else {
            return Err(EngineError::Target(format!("there is no scan {text}; `plumb history` lists them")));
        };
        let mut stored = StoredRequest::from_bytes(&kept.settings)
            .map_err(|error| EngineError::BrokenRequest(text.clone(), error.to_string()))?;
        let begins = stored.providers.is_empty();
        // A scan that is still called running was cut off: nobody else can hold the ledger while this program does.
        if kept.scan.status != ScanStatus::Running && !kept.scan.status.may_become(ScanStatus::Running) {
            return Err(EngineError::NotResumable(text, kept.scan.status.to_string()));
        }
        let mut targets = stored.targets.clone();
        // They go when everything was read.
        let fetched = tokio::select! {
            fetched = Checkouts::fetch(&mut targets, self.egress.as_deref()) => fetched,
            () = cancel.cancelled() => {
                self.ledger.transition(&id, ScanStatus::Cancelled, &self.now(), Some("interrupted"))?;
                return Ok(());
            }
        };
        let (_checkouts, prepared) = match fetched.and_then(|fetched| Ok((fetched, self.prepare(&stored, &targets)?))) {
            Ok(prepared) => prepared,
            Err(error) if begins => return self.fail(&id, error),
            Err(error) => return Err(error),
        };
        let providers: Vec<String> = prepared.sources.iter().map(Source::digest).collect();
        if begins {
            stored.providers = providers;
            // In this order: a scan whose settings name its plugins has begun, and has its catalogue.
            self.ledger.put_catalogue(&id, &prepared.chosen.catalogue)?;
            self.ledger.put_settings(&id, &stored.to_bytes())?;
        } else if self.ledger.catalogue(&id)? != prepared.chosen.catalogue || providers != stored.providers {
            return Err(EngineError::PluginsChanged(text));
        }
        if kept.scan.status != ScanStatus::Running {
            self.ledger.transition(&id, ScanStatus::Running, &self.now(), None)?;
        }
        let run = Run { engine: self, id, stored, conditions, cancel, watcher };
        run.run(prepared).await
    }

    /// Bytes in the files of a scan's targets, as they are now; nought where they cannot be looked at.
    pub(crate) fn size(&self, id: &ScanId) -> u64 {
        let stored = self.ledger.scan(id).ok().flatten().map(|kept| StoredRequest::from_bytes(&kept.settings));
        let Some(Ok(stored)) = stored else { return 0 };
        let files = stored.targets.iter().filter_map(|target| LocalFiles::open(&target.paths, None).ok());
        files.flat_map(|files| files.entries()).map(|entry| entry.size).sum()
    }

    /// Ends a scan that could not begin.
    fn fail<T>(&self, id: &ScanId, error: EngineError) -> Result<T, EngineError> {
        self.ledger.transition(id, ScanStatus::Failed, &self.now(), Some(&error.to_string()))?;
        Err(error)
    }
}

/// What a scan knows before it looks at anything.
struct Known {
    day: Day,
    compared_with: Option<ScanId>,
    previous: Arc<Ahead<Previous>>,
    /// The scan that it is compared with.
    earlier: Option<StoredScan>,
    tenant: TenantId,
}

/// One run of one scan.
struct Run<'e> {
    engine: &'e Engine,
    id: ScanId,
    stored: StoredRequest,
    conditions: Conditions,
    cancel: CancellationToken,
    watcher: Watcher,
}

impl Run<'_> {
    async fn run(self, prepared: Prepared) -> Result<(), EngineError> {
        let ledger = Arc::clone(&self.engine.ledger);
        let kept = ledger.scan(&self.id)?.map(|kept| kept.scan);
        let kept = kept.ok_or_else(|| EngineError::Stopped("the scan has left the ledger".to_owned()))?;
        let started_at = kept.started_at.clone().unwrap_or_else(|| self.engine.now());
        let day = self.stored.day(&started_at).map_err(|problem| {
            let name = uuid::Uuid::from_bytes(self.id).to_string();
            EngineError::BrokenRequest(name, problem)
        })?;
        // It may have been deleted while this one waited.
        let earlier = kept.previous.map_or(Ok(None), |previous| ledger.scan(&previous))?;
        let compared_with = earlier.as_ref().map(|earlier| earlier.scan.id);
        // The provider plans and reads meanwhile.
        let previous = Arc::new(Ahead::begin({
            let ledger = Arc::clone(&ledger);
            let checks: Vec<String> = prepared.chosen.catalogue.checks.keys().cloned().collect();
            move || Previous::load(&ledger, compared_with, &checks)
        }));
        let known = Known { day, compared_with, previous: Arc::clone(&previous), earlier, tenant: kept.tenant };
        let ran = Box::pin(self.run_beside(prepared, &started_at, known)).await;
        // Nobody but the scan's owner holds the ledger after its end.
        let loaded = previous.get().await.map(|_| ());
        ran.and(loaded)
    }

    async fn run_beside(self, prepared: Prepared, started_at: &str, known: Known) -> Result<(), EngineError> {
        let ledger = Arc::clone(&self.engine.ledger);
        let Prepared { chosen, sources } = prepared;
        let planned = tokio::select! {
            planned = self.plan(sources, &chosen, &known.day) => planned,
            () = self.cancel.cancelled() => {
                let reason = Some("interrupted");
                ledger.transition(&self.id, ScanStatus::Cancelled, &self.engine.now(), reason)?;
                return Ok(());
            }
        };
        let parts = match planned {
            Ok(parts) => parts,
            Err(error) => return self.engine.fail(&self.id, error),
        };
        let figures = self.count_done(&chosen, &known.previous).await?;
        self.work(chosen, parts, started_at, known, figures).await
    }

    /// Asks every provider for its tasks and writes them down, unless an earlier run has.
    async fn plan(&self, sources: Vec<Source>, chosen: &Chosen, day: &Day) -> Result<Vec<Part>, EngineError> {
        let planned = !self.engine.ledger.tasks(&self.id)?.is_empty();
        let (mut parts, mut tasks) = (Vec::new(), Vec::new());
        for (position, source) in (0u32..).zip(sources) {
            let part = source.part(&self.stored, chosen, day).await?;
            if !planned {
                let of_part =
                    part.provider.plan(&part.target, part.sources.clone()).await.map_err(EngineError::Plan)?;
                if of_part.is_empty() {
                    let name = &part.target.name;
                    return Err(EngineError::Target(format!("{name}: nothing in it that the provider knows")));
                }
                tasks.extend(of_part.into_iter().map(|task| (position, task)));
            }
            parts.push(part);
        }
        if !planned {
            self.engine.ledger.put_plan(&self.id, &rows(tasks, chosen))?;
        }
        Ok(parts)
    }

    /// What is left of the time, a resumed scan's earlier run counted.
    fn time_left(&self, started_at: &str) -> Option<Duration> {
        let own = self.conditions.timeout.or(self.stored.timeout_seconds.map(Duration::from_secs))?;
        let started: Option<jiff::Timestamp> = started_at.parse().ok();
        let spent = started.map(|started| self.engine.clock.now().duration_since(started));
        let spent = spent.and_then(|spent| Duration::try_from(spent).ok()).unwrap_or_default();
        Some(if self.conditions.timeout.is_some() { own } else { own.saturating_sub(spent) })
    }

    async fn work(
        self,
        chosen: Chosen,
        parts: Vec<Part>,
        started_at: &str,
        known: Known,
        figures: Figures,
    ) -> Result<(), EngineError> {
        let ledger = Arc::clone(&self.engine.ledger);
        let catalogue = Arc::new(chosen.catalogue.clone());
        let figures = Arc::new(Mutex::new(figures));
        let (recorder, writing) = Recorder::start(Arc::clone(&ledger), self.id, catalogue, Arc::clone(&figures));
        let now = self.stored.as_of.as_ref().and_then(|time| time.parse().ok());
        let today = now.unwrap_or_else(|| self.engine.clock.now()).strftime("%Y-%m-%d").to_string();
        let Known { day, compared_with, previous, earlier, tenant } = known;
        let earlier = earlier.filter(|earlier| earlier.scan.tenant == tenant);
        let previous_tasks = earlier.map_or(Ok(HashMap::new()), |earlier| self.tasks_of(&earlier))?;
        let scope_key = self.stored.scope_key(&tenant);
        let timeout = self.time_left(started_at);
        let cores = if self.stored.serial { 1 } else { self.engine.cores };
        let shared = Arc::new(Shared {
            scan: self.id,
            chosen,
            selection: self.stored.selection,
            parts,
            ledger: Arc::clone(&ledger),
            recorder,
            figures: Arc::clone(&figures),
            compared_with,
            previous: Arc::clone(&previous),
            previous_tasks,
            scope_key,
            day,
            breaker: Breaker::default(),
            cores,
            workers: Arc::new(Semaphore::new(cores + 1)),
            watcher: self.watcher.clone(),
            mutes: self.conditions.mutes.iter().filter(|mute| mute.holds_on(&today)).cloned().collect(),
            failures: Mutex::new(BTreeSet::new()),
        });
        let at_once = AtOnce { files: cores * TASKS_PER_CORE, live: if self.stored.serial { 1 } else { LIVE_TASKS } };
        let end = tokio::select! {
            ran = run_tasks(&shared, at_once) => ran.map(|()| End::Ran),
            () = self.cancel.cancelled() => Ok(End::Interrupted),
            () = sleep(timeout) => Ok(End::TimedOut(timeout.unwrap_or_default())),
        };
        let (chosen, selection, failures) = close(shared).await?;
        let written = writing.await.map_err(|error| EngineError::Stopped(error.to_string()))?;
        written?;
        let end = end?;
        let figures = std::mem::take(&mut *figures.lock().map_err(|error| EngineError::Stopped(error.to_string()))?);
        Completer {
            ledger: &ledger,
            id: self.id,
            now: self.engine.now(),
            chosen: &chosen,
            selection: &selection,
            previous: previous.get().await?,
            figures,
            failures,
        }
        .complete(end)
    }
}

/// Waits for everybody who still holds the shared part: aborted guests let go at their next tick.
async fn close(mut shared: Arc<Shared>) -> Result<(Chosen, Selection, BTreeSet<String>), EngineError> {
    loop {
        match Arc::try_unwrap(shared) {
            Ok(shared) => {
                let failures = shared.failures.into_inner().map_err(|error| EngineError::Stopped(error.to_string()))?;
                return Ok((shared.chosen, shared.selection, failures));
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
