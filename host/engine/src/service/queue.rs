//! Who runs, who waits, and who finds no place: plain bookkeeping, without time or I/O.

use std::collections::{HashMap, VecDeque};

use plumb_model::scan::ScanId;
use plumb_model::tenant::TenantId;

/// How many scans run and wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// At the same time, of all tenants.
    pub running: usize,
    /// At the same time, of one tenant.
    pub running_per_tenant: usize,
    /// Behind those that run, of one tenant.
    pub waiting_per_tenant: usize,
}

impl Default for Bounds {
    /// Ten for a tenant is what clients are told; a scan takes some 100 MiB, so as many overall fit a small machine.
    fn default() -> Bounds {
        Bounds { running: 10, running_per_tenant: 10, waiting_per_tenant: 100 }
    }
}

/// A tenant's standing when no place is left for one more scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    pub running: usize,
    pub max_running: usize,
    /// The place a further scan would have had.
    pub position: usize,
}

/// Scans that run and wait. A place is reserved before a scan is written down, so that a storm of triggers writes no more scans than
/// there are places.
#[derive(Debug)]
pub(crate) struct Queue {
    bounds: Bounds,
    waiting: VecDeque<(ScanId, TenantId)>,
    running: HashMap<ScanId, TenantId>,
    reserved: HashMap<TenantId, usize>,
    /// How many may run at the same time of tenants that have a bound of their own.
    shares: HashMap<TenantId, usize>,
}

impl Queue {
    pub(crate) fn new(bounds: Bounds) -> Queue {
        Queue {
            bounds,
            waiting: VecDeque::new(),
            running: HashMap::new(),
            reserved: HashMap::new(),
            shares: HashMap::new(),
        }
    }

    /// Gives a tenant a bound of its own on scans that run at the same time, or the common one.
    pub(crate) fn set_share(&mut self, tenant: &TenantId, share: Option<usize>) {
        match share {
            Some(share) => self.shares.insert(*tenant, share),
            None => self.shares.remove(tenant),
        };
    }

    /// How many scans of a tenant run at the same time.
    pub(crate) fn share(&self, tenant: &TenantId) -> usize {
        self.shares.get(tenant).copied().unwrap_or(self.bounds.running_per_tenant)
    }

    /// Takes a place for a scan that is about to be written down.
    pub(crate) fn reserve(&mut self, tenant: &TenantId) -> Result<(), Full> {
        let running = self.running_of(tenant);
        let reserved = self.reserved.get(tenant).copied().unwrap_or_default();
        let share = self.share(tenant);
        let free_now = share.saturating_sub(running);
        let behind = self.waiting_of(tenant) + reserved;
        if behind >= self.bounds.waiting_per_tenant + free_now {
            let position = behind.saturating_sub(free_now) + 1;
            return Err(Full { running, max_running: share, position });
        }
        *self.reserved.entry(*tenant).or_default() += 1;
        Ok(())
    }

    /// Gives a reserved place back, because there is no scan for it.
    pub(crate) fn release(&mut self, tenant: &TenantId) {
        if let Some(reserved) = self.reserved.get_mut(tenant) {
            *reserved = reserved.saturating_sub(1);
            if *reserved == 0 {
                self.reserved.remove(tenant);
            }
        }
    }

    /// Puts a scan into its reserved place.
    pub(crate) fn enter(&mut self, tenant: &TenantId, id: ScanId) {
        self.release(tenant);
        self.waiting.push_back((id, *tenant));
    }

    /// Puts a scan into the queue that was in it before the program began anew: it was promised a place.
    pub(crate) fn restore(&mut self, tenant: &TenantId, id: ScanId) {
        self.waiting.push_back((id, *tenant));
    }

    /// The scan that may begin now: the first one whose tenant has not its share yet. It runs from here on.
    pub(crate) fn begin(&mut self) -> Option<ScanId> {
        if self.running.len() >= self.bounds.running {
            return None;
        }
        let next = self.waiting.iter().position(|(_, tenant)| self.running_of(tenant) < self.share(tenant));
        let (id, tenant) = self.waiting.remove(next?)?;
        self.running.insert(id, tenant);
        Some(id)
    }

    /// A running scan has ended.
    pub(crate) fn end(&mut self, id: &ScanId) {
        self.running.remove(id);
    }

    /// Takes a waiting scan out. False if it does not wait.
    pub(crate) fn withdraw(&mut self, id: &ScanId) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|(waiting, _)| waiting != id);
        self.waiting.len() < before
    }

    pub(crate) fn runs(&self, id: &ScanId) -> bool {
        self.running.contains_key(id)
    }

    /// A waiting scan's place among those of its tenant, from 1.
    pub(crate) fn position(&self, id: &ScanId) -> Option<usize> {
        let (_, tenant) = self.waiting.iter().find(|(waiting, _)| waiting == id)?;
        let own = self.waiting.iter().filter(|(_, other)| other == tenant);
        own.map(|(waiting, _)| waiting).position(|waiting| waiting == id).map(|before| before + 1)
    }

    /// The tenant's waiting scans, in their order.
    pub(crate) fn waiting(&self, tenant: &TenantId) -> impl Iterator<Item = &ScanId> {
        self.waiting.iter().filter(move |(_, owner)| owner == tenant).map(|(id, _)| id)
    }

    /// The tenant's scans that run.
    pub(crate) fn running(&self, tenant: &TenantId) -> Vec<ScanId> {
        self.running.iter().filter(|(_, owner)| *owner == tenant).map(|(id, _)| *id).collect()
    }

    pub(crate) fn running_of(&self, tenant: &TenantId) -> usize {
        self.running.values().filter(|owner| *owner == tenant).count()
    }

    pub(crate) fn waiting_of(&self, tenant: &TenantId) -> usize {
        self.waiting(tenant).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: TenantId = [1; 16];
    const TWO: TenantId = [2; 16];

    fn queue(running: usize, per_tenant: usize, waiting: usize) -> Queue {
        Queue::new(Bounds { running, running_per_tenant: per_tenant, waiting_per_tenant: waiting })
    }

    fn enter(queue: &mut Queue, tenant: TenantId, number: u8) -> Result<(), Full> {
        queue.reserve(&tenant)?;
        queue.enter(&tenant, [number; 16]);
        Ok(())
    }

    #[test]
    fn a_tenant_that_has_its_share_does_not_hold_up_another() {
        let mut queue = queue(3, 2, 10);
        for number in 1..=4 {
            enter(&mut queue, ONE, number).unwrap();
        }
        enter(&mut queue, TWO, 9).unwrap();
        assert_eq!([queue.begin(), queue.begin(), queue.begin()], [Some([1; 16]), Some([2; 16]), Some([9; 16])]);
        assert_eq!(queue.begin(), None, "all places are taken");
        assert_eq!((queue.position(&[3; 16]), queue.position(&[4; 16])), (Some(1), Some(2)));
        queue.end(&[1; 16]);
        assert_eq!(queue.begin(), Some([3; 16]));
    }

    #[test]
    fn a_tenant_with_a_bound_of_its_own_is_held_to_it() {
        let mut queue = queue(4, 2, 1);
        queue.set_share(&ONE, Some(1));
        enter(&mut queue, ONE, 1).unwrap();
        enter(&mut queue, ONE, 2).unwrap();
        assert_eq!([queue.begin(), queue.begin()], [Some([1; 16]), None]);
        assert_eq!(enter(&mut queue, ONE, 3), Err(Full { running: 1, max_running: 1, position: 2 }));
        queue.set_share(&ONE, None);
        assert_eq!(queue.begin(), Some([2; 16]));
    }

    #[test]
    fn a_full_queue_says_where_one_stands_and_a_reserved_place_counts() {
        let mut queue = queue(1, 1, 2);
        enter(&mut queue, ONE, 1).unwrap();
        queue.begin();
        enter(&mut queue, ONE, 2).unwrap();
        queue.reserve(&ONE).unwrap();
        assert_eq!(enter(&mut queue, ONE, 3), Err(Full { running: 1, max_running: 1, position: 3 }));
        enter(&mut queue, TWO, 4).unwrap();
        queue.release(&ONE);
        enter(&mut queue, ONE, 3).unwrap();
        assert!(queue.withdraw(&[3; 16]) && !queue.withdraw(&[3; 16]));
    }

    proptest::proptest! {
        /// Whatever happens in whatever order, the end of the program included: the bounds hold, and everybody who was let in runs or
        /// waits until it ends; who waited waits in the same order.
        #[test]
        fn nobody_is_lost_and_no_bound_is_passed(steps in proptest::collection::vec((0u8..6, 0u8..3, 0u8..30), 1..200)) {
            let bounds = Bounds { running: 3, running_per_tenant: 2, waiting_per_tenant: 4 };
            let mut queue = Queue::new(bounds);
            let mut there = std::collections::BTreeMap::new();
            for (number, (step, tenant, pick)) in (0u32..).zip(steps) {
                let tenant = [tenant; 16];
                let id = { let mut id = [0; 16]; id[..4].copy_from_slice(&number.to_be_bytes()); id };
                let picked = there.keys().nth(usize::from(pick)).copied();
                match step {
                    0 | 1 => if queue.reserve(&tenant).is_ok() { queue.enter(&tenant, id); there.insert(id, tenant); },
                    2 => { queue.begin(); },
                    3 => if let Some(id) = picked.filter(|id| queue.runs(id)) { queue.end(&id); there.remove(&id); },
                    // The program ends and begins anew: what ran goes first, then what waited.
                    4 => {
                        let (ran, waited) = (queue.running.clone(), queue.waiting.clone());
                        queue = Queue::new(bounds);
                        for (id, tenant) in ran.iter().chain(waited.iter().map(|(id, tenant)| (id, tenant))) {
                            queue.restore(tenant, *id);
                        }
                        let now: Vec<_> = queue.waiting.iter().filter(|(id, _)| !ran.contains_key(id)).collect();
                        proptest::prop_assert!(now.into_iter().eq(waited.iter()));
                    }
                    _ => if let Some(id) = picked.filter(|id| queue.withdraw(id)) { there.remove(&id); },
                }
                proptest::prop_assert!(queue.running.len() <= bounds.running);
                for tenant in [[0; 16], [1; 16], [2; 16]] {
                    proptest::prop_assert!(queue.running_of(&tenant) <= bounds.running_per_tenant);
                    proptest::prop_assert!(queue.waiting_of(&tenant) <= bounds.waiting_per_tenant + bounds.running_per_tenant);
                }
                for id in there.keys() {
                    proptest::prop_assert!(queue.runs(id) != queue.position(id).is_some());
                }
                proptest::prop_assert_eq!(queue.running.len() + queue.waiting.len(), there.len());
            }
        }
    }
}
