//! What a scan looked at, of a target: what it did not report there is gone only if it looked everywhere it could have been.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use plumb_model::drift::Baseline;
use plumb_model::resource::{ResourceRef, ScanGap};
use plumb_model::scan::{ScanId, ScanStatus};
use plumb_model::target::{Target, TargetId};
use plumb_store::{Digest, Ledger, StoredScan, TaskState};

use crate::account;
use crate::completion::hides;
use crate::error::EngineError;
use crate::request::{Selection, StoredRequest, TargetRequest};

/// What of a scan is looked at first, where it has both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// What the target itself says.
    Own,
    /// What there is, where the target is code that names it.
    Reality,
}

/// One target's part of a scan.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) request: TargetRequest,
    /// Its tasks, by their index in the plan.
    tasks: BTreeSet<u32>,
    /// Stands in front of its resource ids.
    prefix: String,
}

/// A resource as a scan saw it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) resource: ResourceRef,
    pub(crate) digest: Digest,
    /// The paths that could not be read; none where the record does not tell and the document has to.
    pub(crate) gaps: Option<Vec<String>>,
}

/// A scan, as far as it concerns one target.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) part: Part,
    selection: Selection,
    whole: bool,
    tells_gaps: bool,
    gaps: Vec<ScanGap>,
    kinds: BTreeSet<String>,
    /// The kinds that the scans of baselines were asked for; none of a scan that is gone.
    asked: HashMap<ScanId, Option<(BTreeSet<String>, Selection)>>,
}

impl Seen {
    pub(crate) fn new(ledger: &Ledger, target: &Target, scan: &StoredScan, side: Side) -> Result<Seen, EngineError> {
        let id = &scan.scan.id;
        let request = StoredRequest::from_bytes(&scan.settings)
            .map_err(|error| EngineError::BrokenRequest(uuid::Uuid::from_bytes(*id).to_string(), error.to_string()))?;
        let rows = ledger.tasks(id)?;
        let number = part_of(&request, target, side)?;
        let position = usize::try_from(number).unwrap_or_default();
        let several = request.targets.len() > 1;
        let own = request.targets.into_iter().nth(position).unwrap_or_default();
        let prefix = if several { format!("{}/", own.name) } else { String::new() };
        let mine = |row: &&plumb_store::TaskRow| row.part == number && row.id != account::TASK;
        let tasks: BTreeSet<u32> = rows.iter().filter(mine).map(|row| row.index).collect();
        let names: BTreeSet<&str> = rows.iter().filter(mine).map(|row| row.id.as_str()).collect();
        let gaps = ledger.gaps(id)?;
        let gaps: Vec<ScanGap> =
            gaps.into_iter().filter(|gap| gap.task.is_empty() || names.contains(gap.task.as_str())).collect();
        // A task that failed has left a gap that says what it hides; one that has not is more than anybody knows.
        let accounted =
            |row: &plumb_store::TaskRow| row.state == TaskState::Done || gaps.iter().any(|gap| gap.task == row.id);
        let whole = scan.scan.status == ScanStatus::Completed && rows.iter().filter(mine).all(accounted);
        Ok(Seen {
            part: Part { request: own, tasks, prefix },
            selection: request.selection,
            whole,
            // The first schema gave scans no number and rows no gaps.
            tells_gaps: scan.scan.number > 0,
            gaps,
            kinds: kinds(ledger, id)?,
            asked: HashMap::new(),
        })
    }

    /// The resources that the scan reports of the target, with ids that are the same whatever else it scanned.
    pub(crate) fn resources(&self, ledger: &Ledger, scan: &ScanId) -> Result<Vec<Row>, EngineError> {
        let mut found = Vec::new();
        ledger.resources_by_task(scan, |task, row| {
            if self.part.tasks.contains(&task) {
                let mut resource = row.resource;
                if let Some(id) = resource.id.strip_prefix(&self.part.prefix).map(str::to_owned) {
                    resource.id = id;
                }
                let gaps = self.tells_gaps.then(|| row.gaps.into_iter().map(|gap| gap.path).collect());
                found.push(Row { resource, digest: row.digest, gaps });
            }
            Ok::<(), EngineError>(())
        })?;
        Ok(found)
    }

    /// The id that the scan's findings know a resource of the target by.
    pub(crate) fn id_in_scan(&self, id: &str) -> String {
        format!("{}{id}", self.part.prefix)
    }

    /// Why a resource that the scan did not report may be there all the same; none if it was looked for everywhere.
    pub(crate) fn hidden(&mut self, ledger: &Ledger, baseline: &Baseline) -> Result<Option<String>, EngineError> {
        let resource = &baseline.resource;
        if !self.whole {
            return Ok(Some("the scan did not come to its end".to_owned()));
        }
        if let Some(gap) = self.gaps.iter().find(|gap| hides(gap, resource)) {
            return Ok(Some(gap.reason.clone()));
        }
        if !self.selection.covers_resource(&self.id_in_scan(&resource.id)) {
            return Ok(Some("the scan left it out".to_owned()));
        }
        let (regions, services) = (self.part.request.regions(&self.selection), &self.selection.services);
        if !regions.is_empty() && !resource.region.is_empty() && !regions.contains(&resource.region) {
            return Ok(Some(format!("the scan did not look at {}", resource.region)));
        }
        let before = match self.asked.entry(baseline.scan) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let scan = ledger.scan(&baseline.scan)?;
                let asked = match scan.and_then(|scan| StoredRequest::from_bytes(&scan.settings).ok()) {
                    Some(request) => Some((kinds(ledger, &baseline.scan)?, request.selection)),
                    None => None,
                };
                place.insert(asked)
            }
        }
        .as_ref();
        // A provider may leave out what it is not asked for; what it reported unasked before it reports unasked now.
        let asked_before = before.is_none_or(|(kinds, _)| kinds.contains(&resource.kind));
        if asked_before && !self.kinds.contains(&resource.kind) && before.is_some() {
            return Ok(Some(format!("the scan's checks do not look at {}", resource.kind)));
        }
        if !services.is_empty() && before.is_none_or(|(_, selection)| selection.services != *services) {
            return Ok(Some(format!("the scan looked at {} alone", services.join(", "))));
        }
        Ok(None)
    }
}

/// The kinds that a scan's checks look at.
fn kinds(ledger: &Ledger, scan: &ScanId) -> Result<BTreeSet<String>, EngineError> {
    let catalogue = ledger.catalogue(scan)?;
    Ok(catalogue.checks.into_values().flat_map(|check| check.kinds).collect())
}

/// Which of a scan's targets stands for one: the target itself, the one that its settings call its reality, or the only one there is.
fn part_of(request: &StoredRequest, target: &Target, side: Side) -> Result<u32, EngineError> {
    let by_id = |id: &TargetId| request.targets.iter().position(|part| part.id.as_ref() == Some(id));
    let reality = crate::drift::settings::RepositorySettings::reality_of(&target.settings);
    let by_name = || reality.and_then(|name| request.targets.iter().position(|part| part.name == name));
    let only = || (request.targets.len() == 1).then_some(0);
    let position = match side {
        Side::Own => by_id(&target.id).or_else(by_name),
        Side::Reality => by_name().or_else(|| by_id(&target.id)),
    };
    let position = position.or_else(only);
    position.and_then(|position| u32::try_from(position).ok()).ok_or_else(|| {
        EngineError::Target(format!("the scan did not look at {}; detect with a scan of it", target.name))
    })
}
