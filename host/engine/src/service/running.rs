//! A scan while it runs: from its place in the queue to its end.

use std::sync::{Arc, Mutex, PoisonError};

use plumb_model::scan::{ScanId, ScanStatus};
use plumb_store::StoredScanHead;
use tokio_util::sync::CancellationToken;

use super::log::{Happening, Log, Standing};
use super::{RETRY, Service, duration, estimate};
use crate::event::{Event, Watcher};
use crate::request::Conditions;

impl Service {
    /// Runs a scan to its end and writes the end down, whatever happens.
    pub(super) async fn work(&self, id: ScanId, cancel: CancellationToken, standing: Arc<Mutex<Standing>>) {
        let Ok(Some(head)) = self.ledger().scan_head(&id) else { return };
        let age = head.scan.created_at.parse().map(|created| self.0.engine.clock().now().duration_since(created));
        let begun_anew = head.scan.status == ScanStatus::Running;
        // Sequence numbers go on after a restart: no scan has more entries than microseconds.
        let after = age.ok().filter(|_| begun_anew).map_or(0, |age| u64::try_from(age.as_micros()).unwrap_or_default());
        let log = self.0.logs.open(&id, after);
        log.add(self.0.engine.now(), Happening::Status { status: ScanStatus::Running, reason: None });
        let total = head.scan.previous.and_then(|previous| self.scan(&head.scan.tenant, &previous));
        let total = total.and_then(|head| head.figures).map(|figures| figures.resources);
        standing.lock().unwrap_or_else(PoisonError::into_inner).total_resources =
            total.unwrap_or_else(|| estimate::resources_in(self.0.engine.size(&id)));
        if !head.scan.status.is_terminal() && !self.scan_to_its_end(&head, &log, cancel, &standing).await {
            return;
        }
        self.hold_against_baselines(&head.scan.tenant, &id).await;
        if let Ok(Some(head)) = self.ledger().scan_head(&id) {
            let (status, reason) = (head.scan.status, head.scan.status_reason.clone());
            if status == ScanStatus::Completed {
                self.0.durations.add(duration(&head).unwrap_or_default());
            }
            self.0.register.update(head);
            log.add(self.0.engine.now(), Happening::Status { status, reason });
        }
        self.0.logs.end(&id);
        self.0.happened.notify_one();
        self.fix_evidence(id).await;
    }

    /// False if it was stopped, or could not begin.
    async fn scan_to_its_end(
        &self,
        head: &StoredScanHead,
        log: &Arc<Log>,
        cancel: CancellationToken,
        standing: &Arc<Mutex<Standing>>,
    ) -> bool {
        let id = head.scan.id;
        let watcher = self.watcher(log, standing);
        let mutes = match self.ledger().mutes(&head.scan.tenant) {
            Ok(mutes) => mutes.into_iter().map(|kept| kept.mute).collect(),
            Err(error) => {
                // Without its mutes the scan would show accepted violations as new ones.
                self.settle(&id, Some(error.to_string())).await;
                return false;
            }
        };
        let conditions = Conditions { mutes, timeout: None };
        let engine = self.0.engine.clone();
        let ran = tokio::spawn(async move { engine.run(id, conditions, cancel, watcher).await });
        let reason = match ran.await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(broke) if broke.is_cancelled() => return false,
            Err(_) => Some("the engine failed; the server's log says why".to_owned()),
        };
        self.settle(&id, reason).await;
        true
    }

    /// Makes sure that a scan that has stopped is in a terminal state. A ledger that does not take it, such as one on a full disk, is
    /// asked again and again.
    async fn settle(&self, id: &ScanId, reason: Option<String>) {
        loop {
            let settled = match self.ledger().scan_head(id) {
                Ok(None) => Ok(()),
                Ok(Some(head)) if head.scan.status.is_terminal() => Ok(()),
                Ok(Some(_)) => {
                    let reason = reason.as_deref().unwrap_or("it stopped without an end");
                    let now = self.0.engine.now();
                    self.ledger().transition(id, ScanStatus::Failed, &now, Some(reason)).map(|_| ())
                }
                Err(error) => Err(error),
            };
            let Err(error) = settled else { return };
            tracing::error!(%error, "the end of a scan could not be written down");
            tokio::select! {
                () = tokio::time::sleep(RETRY) => {}
                () = self.0.stop.cancelled() => return,
            }
        }
    }

    fn watcher(&self, log: &Arc<Log>, standing: &Arc<Mutex<Standing>>) -> Watcher {
        let (log, standing, clock) = (Arc::clone(log), Arc::clone(standing), Arc::clone(self.0.engine.clock()));
        Watcher::new(move |event| {
            let mut standing = standing.lock().unwrap_or_else(PoisonError::into_inner);
            let happening = match event {
                Event::Planned { tasks } => {
                    standing.tasks = tasks as u64;
                    Happening::Planned { tasks }
                }
                Event::Resumed { tasks, resources, violations } => {
                    standing.tasks_done += tasks as u64;
                    standing.scanned_resources += resources;
                    standing.violations += violations;
                    standing.total_resources = standing.total_resources.max(standing.scanned_resources);
                    Happening::Progress(*standing)
                }
                Event::TaskStarted { task } => Happening::TaskStarted { task },
                Event::TaskDone { task } => {
                    standing.tasks_done += 1;
                    Happening::TaskDone { task }
                }
                Event::TaskFailed { task, reason } => {
                    standing.tasks_done += 1;
                    Happening::TaskFailed { task, reason }
                }
                Event::PluginQuarantined { plugin, reason } => Happening::PluginQuarantined { plugin, reason },
                Event::Evaluated { resources, violations } => {
                    standing.scanned_resources += resources;
                    standing.violations += violations;
                    standing.total_resources = standing.total_resources.max(standing.scanned_resources);
                    Happening::Progress(*standing)
                }
            };
            log.add(crate::clock::rfc3339(clock.now()), happening);
        })
    }
}
