//! What people look at: scans at their present status, alone and in pages, and what is known of one while it runs.

use std::sync::{Arc, PoisonError};

use plumb_model::scan::{ScanId, ScanStatus};
use plumb_model::schedule::ScheduleId;
use plumb_model::tenant::TenantId;
use plumb_store::StoredScanHead;

use super::log::{Log, Standing};
use super::register::{Page, SortBy};
use super::{ChangeError, Service};

impl Service {
    /// Takes over what the ledger says of a scan.
    pub(super) fn refresh(&self, id: &ScanId) -> Result<Arc<StoredScanHead>, ChangeError> {
        let head = self.ledger().scan_head(id)?.ok_or(ChangeError::NoSuchScan)?;
        let tenant = head.scan.tenant;
        self.0.register.update(head);
        self.0.register.get(&tenant, id).ok_or(ChangeError::NoSuchScan)
    }

    /// A scan as lists show it, at its present status.
    pub fn scan(&self, tenant: &TenantId, id: &ScanId) -> Option<Arc<StoredScanHead>> {
        let head = self.0.register.get(tenant, id)?;
        // A scan becomes running inside the engine; nothing else tells the register.
        if head.scan.status == ScanStatus::Pending && self.queue().runs(id) {
            let mut head = self.ledger().scan_head(id).ok()??;
            if head.scan.status.is_terminal() {
                show_as_running(&mut head);
            }
            self.0.register.update(head);
            return self.0.register.get(tenant, id);
        }
        Some(head)
    }

    /// A page of all of a tenant's scans, the newest first.
    pub fn all_scans(&self, tenant: &TenantId, offset: usize, limit: usize) -> Page {
        self.look_at_begun(tenant);
        self.0.register.all_of(tenant, offset, limit)
    }

    /// A tenant's newest scans of some kind, without a count of all.
    pub fn newest_scans(
        &self,
        tenant: &TenantId,
        filter: impl Fn(&StoredScanHead) -> bool,
        offset: usize,
        limit: usize,
    ) -> Vec<Arc<StoredScanHead>> {
        self.look_at_begun(tenant);
        self.0.register.newest(tenant, filter, offset, limit)
    }

    /// Brings scans that have begun since somebody looked last up to date.
    fn look_at_begun(&self, tenant: &TenantId) {
        let begun = self.queue().running(tenant);
        for id in &begun {
            drop(self.scan(tenant, id));
        }
    }

    /// Waits until a scan has ended; at once if one has since this was last waited for. For one who waits.
    pub async fn happened(&self) {
        self.0.happened.notified().await;
    }

    /// The scans of a schedule that wait or run, the oldest first.
    pub fn open_scans_of(&self, schedule: &ScheduleId) -> Vec<ScanId> {
        let open =
            self.0.register.all(|head| head.scan.about.schedule == Some(*schedule) && !head.scan.status.is_terminal());
        open.iter().map(|head| head.scan.id).collect()
    }

    /// A page of a tenant's scans; see [`Page`].
    pub fn scans(
        &self,
        tenant: &TenantId,
        filter: impl Fn(&StoredScanHead) -> bool,
        sort: SortBy,
        ascending: bool,
        offset: usize,
        limit: usize,
    ) -> Page {
        self.look_at_begun(tenant);
        self.0.register.page(tenant, filter, sort, ascending, offset, limit)
    }

    /// The tenant's scans that run, the oldest first, and those that wait, in their order; each with its place in the queue if it waits.
    /// So many of them, and how many more there are.
    pub fn line(&self, tenant: &TenantId, limit: usize) -> (Vec<(ScanId, Option<usize>)>, usize) {
        let queue = self.queue();
        let mut running = queue.running(tenant);
        running.sort_unstable();
        let total = running.len() + queue.waiting_of(tenant);
        let waiting = queue.waiting(tenant).zip(1..).map(|(id, place)| (*id, Some(place)));
        let line: Vec<_> = running.into_iter().map(|id| (id, None)).chain(waiting).take(limit).collect();
        let more = total - line.len();
        (line, more)
    }

    /// The place of a waiting scan, from 1.
    pub fn position(&self, id: &ScanId) -> Option<usize> {
        self.queue().position(id)
    }

    /// How far a running scan is.
    pub fn standing(&self, id: &ScanId) -> Option<Standing> {
        let active = self.active();
        let standing = active.get(id)?.standing.lock().unwrap_or_else(PoisonError::into_inner);
        Some(*standing)
    }

    /// The log of a scan that waits or runs, or ended a short while ago.
    pub fn log(&self, id: &ScanId) -> Option<Arc<Log>> {
        let waits = self.queue().position(id).is_some();
        if waits { Some(self.0.logs.open(id, 0)) } else { self.0.logs.get(id) }
    }
}

/// A scan is shown as ended when what follows from that is written down too, its drifts above all.
pub(super) fn show_as_running(head: &mut StoredScanHead) {
    (head.scan.status, head.scan.status_reason) = (ScanStatus::Running, None);
    (head.scan.completed_at, head.figures) = (None, None);
}
