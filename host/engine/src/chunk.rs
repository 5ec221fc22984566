//! Some resources through their checks: what is known is taken over, the rest is evaluated, and everything is put into rows.

mod evaluation;
pub(crate) mod known;

use std::collections::BTreeMap;

use plumb_model::check::Check;
use plumb_model::delta::Sighting;
use plumb_model::outcome::{Finding, Fingerprint, Verdict};
use plumb_model::resource::AttributeGap;
use plumb_runtime::Stance;
use plumb_store::{AccountPlace, CachedAccountVerdicts, OutcomeRow, ResourceRow, VerdictRow};

use crate::choice::ChosenPlugin;
use crate::chunk::evaluation::Evaluation;
use crate::chunk::known::Known;
pub(crate) use crate::chunk::known::stance;
use crate::day::NO_TIME;
use crate::error::EngineError;
use crate::item::{Document, Item};
use crate::previous::{Previous, Sightings};
use crate::scan::Shared;

/// What came of a chunk.
#[derive(Debug, Default)]
pub(crate) struct ChunkRows {
    pub(crate) resources: Vec<ResourceRow>,
    pub(crate) outcomes: Vec<OutcomeRow>,
    pub(crate) documents: Vec<([u8; 32], Vec<u8>)>,
    pub(crate) verdicts: Vec<VerdictRow>,
    pub(crate) account_verdicts: Vec<(AccountPlace, CachedAccountVerdicts)>,
    pub(crate) sightings: Sightings,
    /// (catalogue position, verdict, muted), for the tallies.
    pub(crate) tally: Vec<(u32, Verdict, bool)>,
    pub(crate) evaluated: u64,
    pub(crate) reused: u64,
}

/// A stance and how it was come by.
#[derive(Clone, Debug)]
struct Decided {
    stance: Stance,
    origin: Origin,
}

/// What was decided on a resource.
struct Judged<'c> {
    check: &'c Check,
    /// In the catalogue.
    position: u32,
    /// The resource seems to have violated the check in the previous scan.
    violated: bool,
    decided: Decided,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// An earlier scan's.
    Known,
    /// The plugin's, now.
    Fresh,
    /// The host's, because the plugin failed: it says nothing about the resource and is not kept.
    Failure,
}

/// Puts resources through all checks that apply to them.
pub(crate) async fn evaluate(shared: &Shared, mut chunk: Vec<Item>) -> Result<ChunkRows, EngineError> {
    let previous = shared.previous.get().await?;
    let mut rows = ChunkRows { resources: chunk.iter().map(row).collect(), ..ChunkRows::default() };
    for plugin in &shared.chosen.plugins {
        let decided = evaluate_plugin(shared, plugin, &mut chunk, &mut rows.verdicts).await?;
        for (position, verdicts) in decided {
            let Some(item) = chunk.get(position) else { continue };
            let violated = previous.violated(&item.resource);
            for (own, decided) in verdicts {
                if let Some(chosen) = plugin.checks.get(own) {
                    let violated = violated.contains(&chosen.position);
                    let judged = Judged { check: &chosen.check, position: chosen.position, violated, decided };
                    rows.record(shared, previous, position, item, judged);
                }
            }
        }
    }
    let collected = |item: Item| match item.document {
        Document::Collected(bytes) => Some((item.digest, bytes)),
        Document::Stored | Document::Read(_) => None,
    };
    rows.documents = chunk.into_iter().filter_map(collected).collect();
    Ok(rows)
}

fn row(item: &Item) -> ResourceRow {
    let (resource, gaps) = (item.resource.clone(), item.gaps.clone());
    ResourceRow { resource, digest: item.digest, gaps, source: item.source, ..ResourceRow::default() }
}

/// Position in the chunk, and positions in the plugin's checks.
type Wanted = (usize, Vec<usize>);

/// Position in the chunk → (position in the plugin's checks, what it said). In order, so that the same scan gives the same record.
type ByResource = BTreeMap<usize, Vec<(usize, Decided)>>;

async fn evaluate_plugin(
    shared: &Shared,
    plugin: &ChosenPlugin,
    chunk: &mut [Item],
    kept: &mut Vec<VerdictRow>,
) -> Result<ByResource, EngineError> {
    let wanted: Vec<Wanted> = chunk
        .iter()
        .enumerate()
        .filter_map(|(position, item)| Some((position, plugin.by_kind.get(&item.resource.kind)?.clone())))
        .collect();
    let Known { mut decided, rows, unknown } = Known::take_over(shared, plugin, chunk, wanted)?;
    read_documents(shared, chunk, &unknown)?;
    let chunk = &*chunk;
    let (stable, timed) = by_time(plugin, &unknown);
    let mut fresh = Evaluation { shared, plugin, chunk, scan_time: NO_TIME }.run(&stable).await;
    for (position, verdicts) in (Evaluation { shared, plugin, chunk, scan_time: &shared.day.time }).run(&timed).await {
        fresh.entry(position).or_default().extend(verdicts);
    }
    kept.extend(fresh.iter().filter_map(|(position, verdicts)| {
        let (item, known) = (chunk.get(*position)?, rows.get(position));
        known::row(shared, plugin, item, known, verdicts)
    }));
    for (position, verdicts) in fresh {
        decided.entry(position).or_default().extend(verdicts);
    }
    for verdicts in decided.values_mut() {
        verdicts.sort_unstable_by_key(|(own, _)| *own);
    }
    Ok(decided)
}

/// The pairs whose check does not depend on the time, and those whose check does.
fn by_time(plugin: &ChosenPlugin, wanted: &[Wanted]) -> (Vec<Wanted>, Vec<Wanted>) {
    let (mut stable, mut timed) = (Vec::new(), Vec::new());
    for (position, checks) in wanted {
        let depends = |own: &usize| plugin.checks.get(*own).is_some_and(|chosen| chosen.check.time_dependent);
        let (time, other): (Vec<usize>, Vec<usize>) = checks.iter().copied().partition(depends);
        if !other.is_empty() {
            stable.push((*position, other));
        }
        if !time.is_empty() {
            timed.push((*position, time));
        }
    }
    (stable, timed)
}

/// Takes the documents from the ledger that a plugin has to see and nobody has read.
fn read_documents(shared: &Shared, chunk: &mut [Item], wanted: &[Wanted]) -> Result<(), EngineError> {
    let unread = |position: &usize| chunk.get(*position).is_some_and(|item| item.bytes().is_none());
    let places: Vec<usize> = wanted.iter().map(|(position, _)| *position).filter(unread).collect();
    let digests: Vec<[u8; 32]> = places.iter().filter_map(|place| chunk.get(*place)).map(|item| item.digest).collect();
    for (place, document) in places.into_iter().zip(shared.ledger.documents(&digests)?) {
        let Some(item) = chunk.get_mut(place) else { continue };
        let lost = || EngineError::Stopped(format!("the ledger has lost the document of {}", item.resource.id));
        item.document = Document::Read(document.ok_or_else(lost)?.to_vec());
    }
    Ok(())
}

pub(crate) fn split(stance: Stance) -> (Verdict, String) {
    match stance {
        Stance::Pass => (Verdict::Pass, String::new()),
        Stance::Fail(message) => (Verdict::Fail, message),
        Stance::Manual(message) => (Verdict::Manual, message),
        Stance::NotApplicable(message) => (Verdict::NotApplicable, message),
        Stance::NotEvaluated(message) => (Verdict::NotEvaluated, message),
    }
}

/// The verdict that stands: no check passes, or is beside the point, on what nobody saw.
pub(crate) fn gate(check: &Check, gaps: &[AttributeGap], stance: Stance) -> Stance {
    if !matches!(stance, Stance::Pass | Stance::NotApplicable(_)) {
        return stance;
    }
    let unseen = gaps.iter().find(|gap| gap.path.is_empty() || check.reads.iter().any(|path| gap.touches(path)));
    match unseen {
        None => stance,
        Some(gap) if gap.path.is_empty() => {
            Stance::NotEvaluated(format!("the resource could not be read: {}", gap.reason))
        }
        Some(gap) => Stance::NotEvaluated(format!("{} could not be read: {}", gap.path, gap.reason)),
    }
}

impl ChunkRows {
    fn record(&mut self, shared: &Shared, previous: &Previous, row: usize, item: &Item, judged: Judged<'_>) {
        let Judged { check, position, violated, decided } = judged;
        if decided.origin == Origin::Known {
            self.reused += 1;
        } else {
            self.evaluated += 1;
        }
        let (verdict, message) = split(gate(check, &item.gaps, decided.stance));
        let known = |fingerprint: &Fingerprint| violated && previous.contains(fingerprint);
        match verdict {
            Verdict::Pass | Verdict::NotApplicable => {
                let Some(resource) = self.resources.get_mut(row) else { return };
                if verdict == Verdict::Pass {
                    resource.passes.push(position);
                } else {
                    resource.not_applicable.push((position, message));
                }
                self.tally.push((position, verdict, false));
                if violated {
                    let fingerprint = fingerprint(check, item);
                    if known(&fingerprint) {
                        self.sightings.push((fingerprint, Sighting::Decided));
                    }
                }
            }
            Verdict::Fail | Verdict::NotEvaluated | Verdict::Manual => {
                let fingerprint = fingerprint(check, item);
                let mut finding = Finding {
                    check_id: check.id.clone(),
                    severity: check.severity,
                    verdict,
                    resource: item.resource.clone(),
                    message,
                    fingerprint,
                    delta: None,
                    muted: None,
                    resource_digest: Some(item.digest),
                };
                shared.mark(&mut finding, known(&fingerprint), &mut self.sightings);
                self.tally.push((position, verdict, finding.muted.is_some()));
                self.outcomes.push(outcome_row(position, finding));
            }
        }
    }
}

fn fingerprint(check: &Check, item: &Item) -> Fingerprint {
    Fingerprint::new(&check.id, &item.resource.account, &item.resource.id)
}

/// A finding as the ledger keeps it.
pub(crate) fn outcome_row(position: u32, finding: Finding) -> OutcomeRow {
    OutcomeRow {
        check: position,
        severity: finding.severity,
        verdict: finding.verdict,
        resource: finding.resource,
        digest: finding.resource_digest,
        message: finding.message,
        fingerprint: finding.fingerprint,
        delta: finding.delta,
        muted: finding.muted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_model::check::{PluginRef, Remediation, Scope, Severity};

    fn check(reads: &[&str]) -> Check {
        Check {
            id: "c".into(),
            title: String::new(),
            description: String::new(),
            risk: String::new(),
            severity: Severity::Low,
            scope: Scope::Resource,
            kinds: vec![],
            subjects: vec![],
            reads: reads.iter().map(|path| (*path).to_owned()).collect(),
            time_dependent: false,
            categories: vec![],
            references: vec![],
            remediation: Remediation::default(),
            plugin: PluginRef { id: String::new(), version: String::new(), digest: [0; 32] },
        }
    }

    fn gap(path: &str) -> AttributeGap {
        AttributeGap { path: path.into(), reason: "denied".into(), permission: None }
    }

    #[test]
    fn no_check_passes_on_what_nobody_saw() {
        let check = check(&["versioning.enabled"]);
        for path in ["", "versioning", "versioning.enabled", "versioning.enabled.x"] {
            for stance in [Stance::Pass, Stance::NotApplicable(String::new())] {
                assert!(matches!(gate(&check, &[gap(path)], stance), Stance::NotEvaluated(_)), "{path}");
            }
        }
        assert_eq!(gate(&check, &[gap("logging")], Stance::Pass), Stance::Pass);
        assert_eq!(gate(&check, &[gap("versioning")], Stance::Fail("x".into())), Stance::Fail("x".into()));
    }
}
