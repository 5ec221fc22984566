//! What came of the sources of a task when it was done in the previous scan.
//!
//! A provider may say which of the resources it emits are made from which bytes alone, an element of a state for example. A digest
//! over those bytes, and over everything else that the provider is told but the time, stands in the record of each such resource.
//! Where the same bytes come again, in the same task of the next scan, the resources are taken from the record.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use plumb_model::scan::ScanId;
use plumb_runtime::manifest::Capability;
use plumb_runtime::{Memory, Task};
use plumb_store::{Ledger, ResourceRow, StoreError, TaskState};

use crate::digest::Parts;
use crate::error::EngineError;
use crate::item::Item;
use crate::scan::Shared;
use crate::unchanged::describe;

/// The sources of one task, and what came of them.
#[derive(Debug)]
pub(crate) struct Recollection {
    ledger: Arc<Ledger>,
    context: [u8; 32],
    /// The same task in the previous scan, where it was done.
    earlier: Option<(ScanId, u32)>,
    /// In the order of the digests. Read when it is asked for first.
    places: OnceLock<Vec<Place>>,
    taken: Mutex<Taken>,
}

/// What is being taken over.
#[derive(Debug, Default)]
struct Taken {
    /// The block that was read last: sources mostly come in the order of the record.
    open: Option<(u32, Vec<ResourceRow>)>,
    /// What came of the sources that were said to be known. The scan that it is from may be deleted meanwhile.
    items: HashMap<[u8; 32], Vec<Item>>,
}

/// A source, and the first and the last of the neighbouring blocks that have all of its resources.
#[derive(Debug)]
struct Place {
    source: [u8; 32],
    first: u32,
    last: u32,
}

impl Recollection {
    /// None for a provider that may reach further than the files: it is always asked.
    pub(crate) fn of(shared: &Shared, part: u32, task: &Task) -> Result<Option<Recollection>, EngineError> {
        let row = shared.previous_tasks.get(&(part, task.id.clone())).filter(|row| row.state == TaskState::Done);
        let earlier = shared.compared_with.zip(row).map(|(scan, row)| (scan, row.index));
        let part = shared.part(part)?;
        if part.provider.grant().has(Capability::Http) {
            return Ok(None);
        }
        let mut parts = Parts::new("what comes of a source");
        describe(shared, part, task, &mut parts);
        Ok(Some(Recollection {
            ledger: Arc::clone(&shared.ledger),
            context: parts.digest(),
            earlier,
            places: OnceLock::new(),
            taken: Mutex::default(),
        }))
    }

    /// What came of sources that were said to be known, in their order.
    pub(crate) fn items(&self, sources: &[[u8; 32]]) -> Result<Vec<Item>, EngineError> {
        let mut taken = self.taken.lock().map_err(|error| EngineError::Stopped(error.to_string()))?;
        Ok(sources.iter().filter_map(|source| taken.items.remove(source)).flatten().collect())
    }

    fn places(&self) -> Result<&[Place], StoreError> {
        if let Some(places) = self.places.get() {
            return Ok(places);
        }
        let rows = match self.earlier.map(|(scan, task)| self.ledger.task_sources(&scan, task)) {
            None | Some(Err(StoreError::NoSuchTask { .. })) => Vec::new(),
            Some(read) => read?,
        };
        Ok(self.places.get_or_init(|| places(rows)))
    }

    /// What came of a source; none where it is not known, or where the scan that knew it is gone.
    fn read(&self, source: &[u8; 32], taken: &mut Taken) -> Result<Option<Vec<Item>>, StoreError> {
        let Some((scan, task)) = self.earlier else { return Ok(None) };
        let Some(place) = find(self.places()?, source) else { return Ok(None) };
        let mut items = Vec::new();
        for block in place.first..=place.last {
            let rows = match taken.open.take() {
                Some((number, rows)) if number == block => rows,
                _ => match self.ledger.task_block(&scan, task, block)? {
                    Some(rows) => rows,
                    None => return Ok(None),
                },
            };
            let own = rows.iter().filter(|row| row.source.as_ref() == Some(source));
            items.extend(own.map(|row| Item::from(row.clone())));
            taken.open = Some((block, rows));
        }
        Ok(Some(items))
    }
}

impl Memory for Recollection {
    fn context(&self) -> [u8; 32] {
        self.context
    }

    fn knows(&self, sources: &[[u8; 32]]) -> Result<Vec<bool>, String> {
        let mut taken = self.taken.lock().map_err(|error| error.to_string())?;
        let mut known = Vec::with_capacity(sources.len());
        for source in sources {
            let items = self.read(source, &mut taken).map_err(|error| error.to_string())?;
            known.push(items.is_some());
            taken.items.extend(items.map(|items| (*source, items)));
        }
        Ok(known)
    }
}

fn find<'a>(places: &'a [Place], source: &[u8; 32]) -> Option<&'a Place> {
    let at = places.binary_search_by(|place| place.source.cmp(source)).ok()?;
    places.get(at)
}

/// The blocks of each source. One whose resources do not lie together is left out: it is made anew.
fn places(mut rows: Vec<([u8; 32], u32)>) -> Vec<Place> {
    rows.sort_unstable();
    let mut places: Vec<Place> = Vec::with_capacity(rows.len());
    for same in rows.chunk_by(|one, other| one.0 == other.0) {
        let lie_together = same.windows(2).all(|pair| matches!(pair, [one, other] if other.1 - one.1 <= 1));
        if let (Some((source, first)), Some((_, last)), true) = (same.first(), same.last(), lie_together) {
            places.push(Place { source: *source, first: *first, last: *last });
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_known_where_all_its_resources_lie_together() {
        let places = places(vec![([2; 32], 0), ([1; 32], 0), ([1; 32], 1), ([2; 32], 4), ([3; 32], 7), ([3; 32], 7)]);
        let found = |source: u8| find(&places, &[source; 32]).map(|place| (place.first, place.last));
        assert_eq!((found(1), found(2), found(3), found(4)), (Some((0, 1)), None, Some((7, 7)), None));
    }
}
