//! Which checks passed on the baseline and fail now.

use std::collections::{BTreeMap, BTreeSet};

use plumb_model::check::{Scope, Severity};
use plumb_model::scan::ScanId;
use plumb_runtime::batch::{self, Intake};
use plumb_runtime::{Context, Stance};

use crate::chunk::{gate, known};
use crate::day::{Day, NO_TIME};
use crate::error::EngineError;
use crate::library::Loaded;
use crate::request::StoredRequest;
use crate::scan::Engine;

/// Baselines evaluated in one call.
const CHUNK: usize = 256;

/// A resource whose checks are held against its baseline.
#[derive(Clone, Debug)]
pub(crate) struct Suspect {
    /// As the scan's findings know it.
    pub(crate) id: String,
    /// The baseline's document.
    pub(crate) digest: [u8; 32],
}

/// A check that failed only after the baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) check: String,
    pub(crate) severity: Severity,
}

impl Engine {
    /// For each suspect the checks that fail on it now and passed on its baseline, the worst first. What is known of the
    /// baseline's verdicts is taken over, the rest evaluated with the same plugin.
    pub(crate) async fn broken_checks(
        &self,
        scan: &ScanId,
        suspects: &[Suspect],
    ) -> Result<Vec<Vec<Broken>>, EngineError> {
        let positions: BTreeMap<&str, usize> =
            suspects.iter().enumerate().map(|(at, suspect)| (suspect.id.as_str(), at)).collect();
        let catalogue = self.ledger().catalogue(scan)?;
        let checks: Vec<_> = catalogue.checks.values().collect();
        // Check id → positions of suspects that fail it.
        let mut failing: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        self.ledger().violations(scan, |violation| {
            let check = usize::try_from(violation.check).ok().and_then(|check| checks.get(check));
            if let (Some(check), Some(at)) = (check, positions.get(violation.resource.id.as_str()))
                && check.scope == Scope::Resource
            {
                failing.entry(&check.id).or_default().insert(*at);
            }
            Ok::<(), EngineError>(())
        })?;
        let mut broken = vec![Vec::new(); suspects.len()];
        let kept = self.ledger().scan(scan)?;
        let started = kept.as_ref().and_then(|kept| kept.scan.started_at.clone()).unwrap_or_default();
        let request = kept.and_then(|kept| StoredRequest::from_bytes(&kept.settings).ok());
        let day = request.map_or_else(|| Day::of(&started), |request| request.day(&started).ok());
        let day = day.map_or(started, |day| day.time);
        for loaded in self.library().plugins.values() {
            for (own, check) in (0u32..).zip(&loaded.checks) {
                let Some(failed) = failing.get(check.id.as_str()) else { continue };
                let failed: Vec<usize> = failed.iter().copied().collect();
                for part in failed.chunks(CHUNK) {
                    let digests: Vec<[u8; 32]> =
                        part.iter().filter_map(|at| suspects.get(*at)).map(|suspect| suspect.digest).collect();
                    let time = if check.time_dependent { &day } else { NO_TIME };
                    let passed = self.passed(loaded, own, &digests, time).await?;
                    for at in part.iter().zip(passed).filter(|(_, passed)| *passed).map(|(at, _)| *at) {
                        if let Some(broken) = broken.get_mut(at) {
                            broken.push(Broken { check: check.id.clone(), severity: check.severity });
                        }
                    }
                }
            }
        }
        for broken in &mut broken {
            broken.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.check.cmp(&b.check)));
        }
        Ok(broken)
    }

    /// Whether one check passes on documents. What cannot be decided has not passed.
    async fn passed(
        &self,
        loaded: &Loaded,
        own: u32,
        digests: &[[u8; 32]],
        time: &str,
    ) -> Result<Vec<bool>, EngineError> {
        let Some(check) = usize::try_from(own).ok().and_then(|own| loaded.checks.get(own)) else {
            return Ok(vec![false; digests.len()]);
        };
        let plugin = loaded.plugin.reference().digest;
        let cached = self.ledger().verdicts(&plugin, digests)?;
        let documents = self.ledger().documents(digests)?;
        let mut stances: Vec<Option<Stance>> = Vec::with_capacity(digests.len());
        let mut intakes: Vec<Option<Intake>> = Vec::with_capacity(digests.len());
        for (known, document) in cached.into_iter().zip(documents) {
            let known = known.filter(|_| !check.time_dependent);
            let verdict = known.and_then(|known| known.0.into_iter().find(|verdict| verdict.check == own));
            stances.push(verdict.map(|verdict| known::stance(verdict.verdict, verdict.message)));
            intakes.push(document.and_then(|bytes| batch::resource(bytes.to_vec()).ok()));
        }
        let missing: Vec<usize> =
            stances.iter().enumerate().filter(|(_, stance)| stance.is_none()).map(|(at, _)| at).collect();
        let asked: Vec<(usize, &Intake)> = missing
            .into_iter()
            .filter_map(|at| Some((at, intakes.get(at)?.as_ref()?)))
            .filter(|(_, intake)| check.kinds.contains(&intake.resource.kind))
            .collect();
        if !asked.is_empty() {
            let context = Context { account: String::new(), scan_time: time.to_owned() };
            let resources: Vec<&[u8]> = asked.iter().map(|(_, intake)| intake.bytes.as_slice()).collect();
            match loaded.plugin.evaluate(&context, std::slice::from_ref(&check.id), &resources).await {
                Ok(outcomes) => {
                    for outcome in outcomes {
                        let at = asked.get(outcome.resource).map(|(at, _)| *at);
                        if let Some(stance) = at.and_then(|at| stances.get_mut(at)) {
                            *stance = Some(outcome.stance);
                        }
                    }
                }
                // The drift stands all the same, as one of configuration or security.
                Err(error) => tracing::warn!("check {} on baselines: {error}", check.id),
            }
        }
        let passed = stances.into_iter().zip(&intakes).map(|(stance, intake)| match (stance, intake) {
            (Some(stance), Some(intake)) => gate(check, &intake.gaps, stance) == Stance::Pass,
            _ => false,
        });
        Ok(passed.collect())
    }
}
