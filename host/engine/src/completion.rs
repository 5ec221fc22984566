//! The end of a scan: its figures are put together and fixed with its state.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use plumb_model::delta::{DeltaCounts, Sighting, SignatureFigures};
use plumb_model::framework::{CheckTally, FrameworkResult};
use plumb_model::outcome::{Fingerprint, Verdict};
use plumb_model::resource::{ResourceRef, ScanGap};
use plumb_model::scan::{Coverage, ScanId, ScanStatus, Summary};
use plumb_store::{Ending, Ledger, ResolvedRow, TaskRow, TaskState};

use crate::account;
use crate::choice::Chosen;
use crate::error::EngineError;
use crate::previous::Previous;
use crate::recorder::Figures;
use crate::request::Selection;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Ran,
    Interrupted,
    TimedOut(Duration),
}

/// Puts the figures together and ends the scan.
pub(crate) struct Completer<'a> {
    pub(crate) ledger: &'a Ledger,
    pub(crate) id: ScanId,
    pub(crate) now: String,
    pub(crate) chosen: &'a Chosen,
    pub(crate) selection: &'a Selection,
    pub(crate) previous: &'a Previous,
    pub(crate) figures: Figures,
    pub(crate) failures: BTreeSet<String>,
}

impl Completer<'_> {
    pub(crate) fn complete(mut self, end: End) -> Result<(), EngineError> {
        let tasks = self.ledger.tasks(&self.id)?;
        for failure in std::mem::take(&mut self.failures) {
            tracing::warn!("{failure}");
        }
        let coverage = self.coverage(&tasks);
        let (status, reason) = status(end, &tasks);
        let (delta, resolved) = self.delta(&tasks, status);
        let signatures = self.previous.settle_signatures(&self.figures.signatures, &resolved);
        let summary = self.summary(delta, signatures);
        let reason = reason.as_deref();
        let ending = Ending { status, at: &self.now, reason, coverage, summary: &summary, resolved: &resolved };
        self.ledger.end_scan(&self.id, &ending)?;
        Ok(())
    }

    fn coverage(&self, tasks: &[TaskRow]) -> Coverage {
        let evaluable: u64 = self.figures.verdicts.values().sum();
        let missed = self.figures.verdicts.get(&Verdict::NotEvaluated).copied().unwrap_or_default();
        let with_gaps: BTreeSet<&str> = self.figures.gaps.iter().map(|gap| gap.task.as_str()).collect();
        let whole = tasks.iter().filter(|row| row.state == TaskState::Done && !with_gaps.contains(row.id.as_str()));
        Coverage {
            evaluated: evaluable - missed,
            evaluable,
            tasks_done: whole.count() as u64,
            tasks: tasks.len() as u64,
        }
    }

    fn delta(&self, tasks: &[TaskRow], status: ScanStatus) -> (Option<DeltaCounts>, Vec<ResolvedRow>) {
        let all_done = status == ScanStatus::Completed && tasks.iter().all(|row| row.state == TaskState::Done);
        let looked_at = |resource: &ResourceRef| {
            all_done
                && self.selection.covers_resource(&resource.id)
                && !self.figures.gaps.iter().any(|gap| hides(gap, resource))
        };
        let violations: u64 = self.figures.violations.values().sum();
        let sightings: &HashMap<Fingerprint, Sighting> = &self.figures.sightings;
        match self.previous.settle(sightings, violations, &self.chosen.catalogue, looked_at) {
            Some((counts, resolved)) => (Some(counts), resolved),
            None => (None, Vec::new()),
        }
    }

    fn summary(&mut self, delta: Option<DeltaCounts>, signatures: SignatureFigures) -> Summary {
        let figures = std::mem::take(&mut self.figures);
        let mut tallies = figures.tallies;
        let effort = |(id, tally): (&String, &CheckTally)| {
            let check = self.chosen.catalogue.checks.get(id);
            tally.fail * check.map_or(0, |check| u64::from(check.remediation.effort_minutes))
        };
        let effort_minutes = tallies.iter().map(effort).sum();
        for (id, check) in &self.chosen.catalogue.checks {
            let tally = tallies.entry(id.clone()).or_default();
            tally.degraded = figures.gaps.iter().any(|gap| gap.kind.is_empty() || check.kinds.contains(&gap.kind));
        }
        let fits = |families: &[String]| {
            self.chosen.frameworks_named
                || families.is_empty()
                || figures.families.is_empty()
                || families.iter().any(|family| figures.families.contains(family))
        };
        let frameworks = self.chosen.frameworks.iter().filter(|framework| fits(&framework.families));
        let known = |id: &str| self.chosen.known.contains(id);
        Summary {
            resources: figures.resources,
            violations_by_severity: figures.violations,
            outcomes_by_verdict: figures.verdicts,
            muted: figures.muted,
            frameworks: frameworks.map(|framework| FrameworkResult::assess(framework, &tallies, known)).collect(),
            delta,
            evaluated_now: figures.evaluated,
            reused: figures.reused,
            signatures: Some(signatures),
            effort_minutes,
        }
    }
}

/// Whether a resource could be there and not have been seen because of the gap.
pub(crate) fn hides(gap: &ScanGap, resource: &ResourceRef) -> bool {
    let fits = |gap: &str, own: &str| gap.is_empty() || gap == own;
    fits(&gap.kind, &resource.kind) && fits(&gap.account, &resource.account) && fits(&gap.region, &resource.region)
}

fn status(end: End, tasks: &[TaskRow]) -> (ScanStatus, Option<String>) {
    let collecting = || tasks.iter().filter(|row| row.id != account::TASK);
    match end {
        End::Interrupted => (ScanStatus::Cancelled, Some("interrupted".to_owned())),
        End::TimedOut(limit) => (ScanStatus::Failed, Some(format!("it took longer than {} s", limit.as_secs()))),
        End::Ran if collecting().all(|row| row.state == TaskState::Failed) => {
            (ScanStatus::Failed, Some("nothing of the target could be read".to_owned()))
        }
        End::Ran => (ScanStatus::Completed, None),
    }
}
