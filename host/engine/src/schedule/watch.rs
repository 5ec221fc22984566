//! What triggers look at between events: the files of targets, and the plugins. What was seen is written down together with the order
//! that follows from it.

use plumb_model::scan::Trigger;
use plumb_model::schedule::{EventTrigger, Schedule};
use plumb_runtime::manifest::Export;
use plumb_store::StoreError;

use crate::files::LocalFiles;
use crate::library::Library;
use crate::schedule::Scheduler;
use crate::service::order::target_request;

impl Scheduler {
    /// The schedule, with an order waiting if what it watches has changed. What is seen for the first time is no change.
    pub(super) async fn watch(&self, schedule: Schedule) -> Result<Schedule, StoreError> {
        let mut schedule = schedule;
        if schedule.trigger(|trigger| *trigger == EventTrigger::PolicyUpdate).is_some() {
            let seen = policies(self.0.service.engine().library());
            if schedule.state.seen_policies != Some(seen) {
                let changed = schedule.state.seen_policies.is_some();
                let noted = self.change(&schedule, move |state| {
                    state.seen_policies = Some(seen);
                    if changed {
                        state.queued = Some(Trigger::PolicyUpdate);
                    }
                });
                schedule = noted.await?.unwrap_or(schedule);
            }
        }
        if schedule.trigger(|trigger| *trigger == EventTrigger::ResourceChange).is_some()
            && let Some(seen) = self.files_of(&schedule).await?
            && schedule.state.seen_resources != Some(seen)
        {
            let changed = schedule.state.seen_resources.is_some();
            let noted = self.change(&schedule, move |state| {
                state.seen_resources = Some(seen);
                if changed {
                    state.queued = Some(Trigger::ResourceChange);
                }
            });
            schedule = noted.await?.unwrap_or(schedule);
        }
        Ok(schedule)
    }

    /// What the files of a schedule's targets are like; none if it has no such targets, or some cannot be looked at now.
    async fn files_of(&self, schedule: &Schedule) -> Result<Option<[u8; 32]>, StoreError> {
        let Ok(targets) = self.targets_of(schedule).await? else { return Ok(None) };
        self.read(move |_| {
            let mut hasher = blake3::Hasher::new();
            let mut found = false;
            for target in &targets {
                let Ok(request) = target_request(target) else { return Ok(None) };
                if request.paths.is_empty() {
                    continue;
                }
                let Ok(files) = LocalFiles::open(&request.paths, None) else { return Ok(None) };
                hasher.update(&target.id).update(&files.state());
                found = true;
            }
            Ok(found.then(|| *hasher.finalize().as_bytes()))
        })
        .await
    }
}

/// All plugins that bring checks or frameworks.
fn policies(library: &Library) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let brings = [Export::Checks, Export::Framework];
    for loaded in library.plugins.values() {
        if brings.iter().any(|export| loaded.plugin.exports(*export)) {
            hasher.update(&loaded.plugin.reference().digest);
        }
    }
    *hasher.finalize().as_bytes()
}
