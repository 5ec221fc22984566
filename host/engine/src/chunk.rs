//! Some resources through their checks: what is known is taken over, the rest is evaluated, and everything is put into rows.

use std::collections::{BTreeMap, HashMap};

use plumb_model::check::Check;
use plumb_model::delta::Sighting;
use plumb_model::outcome::{Finding, Fingerprint, Verdict};
use plumb_model::resource::AttributeGap;
use plumb_runtime::batch::Intake;
use plumb_runtime::{Context, Stance};
use plumb_store::{CachedVerdict, CachedVerdicts, OutcomeRow, ResourceRow, VerdictRow};

use crate::choice::ChosenPlugin;
use crate::error::EngineError;
use crate::event::Event;
use crate::previous::Sightings;
use crate::scan::Shared;

/// The scan time that checks are given which do not say that they depend on it: so they cannot.
pub(crate) const NO_TIME: &str = "1970-01-01T00:00:00Z";

/// What came of a chunk.
#[derive(Debug, Default)]
pub(crate) struct ChunkRows {
    pub(crate) resources: Vec<ResourceRow>,
    pub(crate) outcomes: Vec<OutcomeRow>,
    pub(crate) documents: Vec<([u8; 32], Vec<u8>)>,
    pub(crate) verdicts: Vec<VerdictRow>,
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
pub(crate) async fn evaluate(shared: &Shared, chunk: Vec<Intake>) -> Result<ChunkRows, EngineError> {
    let mut rows = ChunkRows { resources: chunk.iter().map(row).collect(), ..ChunkRows::default() };
    for plugin in &shared.chosen.plugins {
        let decided = evaluate_plugin(shared, plugin, &chunk, &mut rows.verdicts).await?;
        for (position, verdicts) in decided {
            let Some(intake) = chunk.get(position) else { continue };
            for (own, decided) in verdicts {
                if let Some(chosen) = plugin.checks.get(own) {
                    rows.record(shared, &chosen.check, chosen.position, position, intake, decided);
                }
            }
        }
    }
    rows.documents = chunk.into_iter().map(|intake| (intake.digest, intake.bytes)).collect();
    Ok(rows)
}

fn row(intake: &Intake) -> ResourceRow {
    ResourceRow { resource: intake.resource.clone(), digest: intake.digest, ..ResourceRow::default() }
}

/// Position in the chunk → (position in the plugin's checks, what it said). In order, so that the same scan gives the same record.
type ByResource = BTreeMap<usize, Vec<(usize, Decided)>>;

async fn evaluate_plugin(
    shared: &Shared,
    plugin: &ChosenPlugin,
    chunk: &[Intake],
    kept: &mut Vec<VerdictRow>,
) -> Result<ByResource, EngineError> {
    let (mut stable, mut timed) = (Vec::new(), Vec::new());
    for (position, intake) in chunk.iter().enumerate() {
        let Some(checks) = plugin.by_kind.get(&intake.resource.kind) else { continue };
        let depends = |own: &&usize| plugin.checks.get(**own).is_some_and(|chosen| chosen.check.time_dependent);
        let (time, other): (Vec<&usize>, Vec<&usize>) = checks.iter().partition(depends);
        if !other.is_empty() {
            stable.push((position, other.into_iter().copied().collect::<Vec<usize>>()));
        }
        if !time.is_empty() {
            timed.push((position, time.into_iter().copied().collect::<Vec<usize>>()));
        }
    }
    let mut decided = ByResource::new();
    let unknown = take_over(shared, plugin, chunk, stable, &mut decided)?;
    let fresh = Evaluation { shared, plugin, chunk, scan_time: NO_TIME }.run(&unknown).await;
    for (position, checks) in &unknown {
        if let (Some(intake), Some(verdicts)) = (chunk.get(*position), fresh.get(position)) {
            kept.extend(verdict_row(plugin, intake, checks.len(), verdicts));
        }
    }
    let timed = Evaluation { shared, plugin, chunk, scan_time: &shared.started_at }.run(&timed).await;
    for (position, verdicts) in fresh.into_iter().chain(timed) {
        decided.entry(position).or_default().extend(verdicts);
    }
    for verdicts in decided.values_mut() {
        verdicts.sort_unstable_by_key(|(own, _)| *own);
    }
    Ok(decided)
}

/// Takes over what an earlier scan found for the same plugin, check and resource. What is left must be evaluated.
fn take_over(
    shared: &Shared,
    plugin: &ChosenPlugin,
    chunk: &[Intake],
    wanted: Vec<(usize, Vec<usize>)>,
    decided: &mut ByResource,
) -> Result<Vec<(usize, Vec<usize>)>, EngineError> {
    if wanted.is_empty() {
        return Ok(wanted);
    }
    let digests: Vec<[u8; 32]> =
        wanted.iter().map(|(position, _)| chunk.get(*position).map_or([0; 32], |intake| intake.digest)).collect();
    let known = shared.ledger.verdicts(&plugin.digest, &digests)?;
    let mut unknown = Vec::new();
    for ((position, checks), known) in wanted.into_iter().zip(known) {
        let found: Option<Vec<(usize, Decided)>> = known.and_then(|known| {
            let by_own: HashMap<u32, &CachedVerdict> = known.0.iter().map(|cached| (cached.check, cached)).collect();
            let stance = |own: usize| {
                let cached = by_own.get(&plugin.checks.get(own)?.own)?;
                Some((own, Decided { stance: from_cached(cached), origin: Origin::Known }))
            };
            checks.iter().map(|own| stance(*own)).collect()
        });
        match found {
            Some(found) => decided.entry(position).or_default().extend(found),
            None => unknown.push((position, checks)),
        }
    }
    Ok(unknown)
}

pub(crate) fn from_cached(cached: &CachedVerdict) -> Stance {
    let message = cached.message.clone().unwrap_or_default();
    match cached.verdict {
        Verdict::Pass => Stance::Pass,
        Verdict::Fail => Stance::Fail(message),
        Verdict::Manual => Stance::Manual(message),
        Verdict::NotApplicable => Stance::NotApplicable(message),
        Verdict::NotEvaluated => Stance::NotEvaluated(message),
    }
}

/// What to keep for later scans. Nothing where the plugin failed on any of the checks: that says nothing about the resource.
fn verdict_row(
    plugin: &ChosenPlugin,
    intake: &Intake,
    checks: usize,
    verdicts: &[(usize, Decided)],
) -> Option<VerdictRow> {
    if verdicts.len() != checks || verdicts.iter().any(|(_, decided)| decided.origin == Origin::Failure) {
        return None;
    }
    let mut verdicts = verdicts
        .iter()
        .map(|(own, decided)| {
            let (verdict, message) = split(decided.stance.clone());
            let message = (!message.is_empty()).then_some(message);
            Some(CachedVerdict { check: plugin.checks.get(*own)?.own, verdict, message })
        })
        .collect::<Option<Vec<CachedVerdict>>>()?;
    verdicts.sort_unstable_by_key(|cached| cached.check);
    let verdicts = CachedVerdicts(verdicts);
    Some(VerdictRow { plugin: plugin.digest, resource: intake.digest, verdicts })
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

/// One plugin over some of a chunk's resources, at one time.
struct Evaluation<'a> {
    shared: &'a Shared,
    plugin: &'a ChosenPlugin,
    chunk: &'a [Intake],
    scan_time: &'a str,
}

impl Evaluation<'_> {
    /// Every wanted pair gets an answer; one on which the plugin failed is not-evaluated.
    async fn run(&self, wanted: &[(usize, Vec<usize>)]) -> ByResource {
        let mut answers = ByResource::new();
        let all: Vec<usize> = (0..wanted.len()).collect();
        // Halves of what crashed the plugin are asked again, down to the one resource and check that did it.
        let mut pending: Vec<(Vec<usize>, Option<usize>)> = if all.is_empty() { Vec::new() } else { vec![(all, None)] };
        while let Some((part, only)) = pending.pop() {
            if let Some(reason) = self.shared.breaker.quarantined(&self.plugin.digest) {
                fail(wanted, &part, only, &reason, &mut answers);
                continue;
            }
            match self.call(wanted, &part, only).await {
                Ok(found) => fill_in(wanted, &part, only, found, &mut answers),
                Err(error) => {
                    if let Some(reason) = self.shared.breaker.count(&self.plugin.digest, &error) {
                        let plugin = self.plugin.plugin.manifest().id.clone();
                        self.shared.watcher.tell(Event::PluginQuarantined { plugin, reason });
                    }
                    if let Some(halves) = halves(wanted, &part, only).filter(|_| error.failure.may_be_the_input()) {
                        pending.extend(halves);
                    } else {
                        let reason = error.to_string();
                        self.shared.note_failure(&reason);
                        fail(wanted, &part, only, &reason, &mut answers);
                    }
                }
            }
        }
        answers
    }

    async fn call(
        &self,
        wanted: &[(usize, Vec<usize>)],
        part: &[usize],
        only: Option<usize>,
    ) -> Result<HashMap<(usize, usize), Stance>, plumb_runtime::CallError> {
        let mut checks: Vec<usize> = match only {
            Some(own) => vec![own],
            None => part.iter().filter_map(|at| wanted.get(*at)).flat_map(|(_, checks)| checks).copied().collect(),
        };
        checks.sort_unstable();
        checks.dedup();
        let ids: Vec<String> =
            checks.iter().filter_map(|own| self.plugin.checks.get(*own)).map(|c| c.check.id.clone()).collect();
        let positions: Vec<usize> =
            part.iter().filter_map(|at| wanted.get(*at)).map(|(position, _)| *position).collect();
        let resources: Vec<&Intake> = positions.iter().filter_map(|position| self.chunk.get(*position)).collect();
        let context = Context { account: String::new(), scan_time: self.scan_time.to_owned() };
        let outcomes = self.plugin.plugin.evaluate(&context, &ids, &resources).await?;
        let mut found: HashMap<(usize, usize), Stance> = HashMap::with_capacity(outcomes.len());
        for outcome in outcomes {
            let (Some(position), Some(own)) = (positions.get(outcome.resource), checks.get(outcome.check)) else {
                continue;
            };
            found
                .entry((*position, *own))
                .and_modify(|earlier| {
                    if *earlier != outcome.stance {
                        *earlier = Stance::NotEvaluated("the plugin gave two different outcomes".to_owned());
                    }
                })
                .or_insert(outcome.stance);
        }
        Ok(found)
    }
}

/// The plugin's answers, and that it gave none where it did not.
fn fill_in(
    wanted: &[(usize, Vec<usize>)],
    part: &[usize],
    only: Option<usize>,
    mut found: HashMap<(usize, usize), Stance>,
    answers: &mut ByResource,
) {
    for (position, checks) in part.iter().filter_map(|at| wanted.get(*at)) {
        let answers = answers.entry(*position).or_default();
        for own in checks.iter().filter(|own| only.is_none_or(|only| only == **own)) {
            let silent = || Stance::NotEvaluated("the plugin gave no outcome".to_owned());
            let stance = found.remove(&(*position, *own)).unwrap_or_else(silent);
            answers.push((*own, Decided { stance, origin: Origin::Fresh }));
        }
    }
}

/// What the plugin could not answer.
fn fail(wanted: &[(usize, Vec<usize>)], part: &[usize], only: Option<usize>, reason: &str, answers: &mut ByResource) {
    for (position, checks) in part.iter().filter_map(|at| wanted.get(*at)) {
        let failed =
            |own: &usize| (*own, Decided { stance: Stance::NotEvaluated(reason.to_owned()), origin: Origin::Failure });
        let own = checks.iter().filter(|own| only.is_none_or(|only| only == **own));
        answers.entry(*position).or_default().extend(own.map(failed));
    }
}

/// The two halves of a part; the single checks of a single resource; nothing of a single check.
fn halves(
    wanted: &[(usize, Vec<usize>)],
    part: &[usize],
    only: Option<usize>,
) -> Option<Vec<(Vec<usize>, Option<usize>)>> {
    match (part, only) {
        (_, Some(_)) | ([], None) => None,
        ([one], None) => {
            let (_, checks) = wanted.get(*one)?;
            (checks.len() > 1).then(|| checks.iter().map(|own| (vec![*one], Some(*own))).collect())
        }
        (many, None) => {
            let (front, back) = many.split_at(many.len() / 2);
            Some(vec![(front.to_vec(), None), (back.to_vec(), None)])
        }
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
    fn record(&mut self, shared: &Shared, check: &Check, position: u32, row: usize, intake: &Intake, decided: Decided) {
        if decided.origin == Origin::Known {
            self.reused += 1;
        } else {
            self.evaluated += 1;
        }
        let (verdict, message) = split(gate(check, &intake.gaps, decided.stance));
        let before = shared.previous.had(&intake.resource);
        let known = |fingerprint: &Fingerprint| before && shared.previous.contains(fingerprint);
        match verdict {
            Verdict::Pass | Verdict::NotApplicable => {
                let Some(resource) = self.resources.get_mut(row) else { return };
                if verdict == Verdict::Pass {
                    resource.passes.push(position);
                } else {
                    resource.not_applicable.push((position, message));
                }
                self.tally.push((position, verdict, false));
                if before {
                    let fingerprint = fingerprint(check, intake);
                    if known(&fingerprint) {
                        self.sightings.push((fingerprint, Sighting::Decided));
                    }
                }
            }
            Verdict::Fail | Verdict::NotEvaluated | Verdict::Manual => {
                let fingerprint = fingerprint(check, intake);
                let mut finding = Finding {
                    check_id: check.id.clone(),
                    severity: check.severity,
                    verdict,
                    resource: intake.resource.clone(),
                    message,
                    fingerprint,
                    delta: None,
                    muted: None,
                    resource_digest: Some(intake.digest),
                };
                shared.mark(&mut finding, known(&fingerprint), &mut self.sightings);
                self.tally.push((position, verdict, finding.muted.is_some()));
                self.outcomes.push(outcome_row(position, finding));
            }
        }
    }
}

fn fingerprint(check: &Check, intake: &Intake) -> Fingerprint {
    Fingerprint::new(&check.id, &intake.resource.account, &intake.resource.id)
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

    #[test]
    fn what_crashed_is_halved_down_to_one_check_on_one_resource() {
        let wanted = vec![(0, vec![0, 1]), (1, vec![0])];
        let first = halves(&wanted, &[0, 1], None).unwrap();
        assert_eq!(first, vec![(vec![0], None), (vec![1], None)]);
        assert_eq!(halves(&wanted, &[0], None).unwrap(), vec![(vec![0], Some(0)), (vec![0], Some(1))]);
        assert_eq!(halves(&wanted, &[1], None), None);
        assert_eq!(halves(&wanted, &[0], Some(0)), None);
    }
}
