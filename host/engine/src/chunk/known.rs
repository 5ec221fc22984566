//! What earlier scans found for the same plugin, check and resource, and what this one leaves for later ones.
//!
//! A verdict is a function of the plugin, the check and the resource; of a check that depends on the time, also of the day, for
//! that is all of the time it is told.

use std::collections::HashMap;

use plumb_model::check::Check;
use plumb_model::outcome::Verdict;
use plumb_runtime::Stance;
use plumb_store::{CachedVerdict, CachedVerdicts, VerdictRow};

use crate::choice::ChosenPlugin;
use crate::chunk::{ByResource, Decided, Origin, Wanted, split};
use crate::error::EngineError;
use crate::item::Item;
use crate::scan::Shared;

/// What is known of a chunk.
pub(super) struct Known {
    pub(super) decided: ByResource,
    /// By position in the chunk: all that is kept of a resource of which something is not known.
    pub(super) rows: HashMap<usize, CachedVerdicts>,
    /// The pairs that have to be evaluated.
    pub(super) unknown: Vec<Wanted>,
}

impl Known {
    pub(super) fn take_over(
        shared: &Shared,
        plugin: &ChosenPlugin,
        chunk: &[Item],
        wanted: Vec<Wanted>,
    ) -> Result<Known, EngineError> {
        let mut known = Known { decided: ByResource::new(), rows: HashMap::new(), unknown: Vec::new() };
        if wanted.is_empty() {
            return Ok(known);
        }
        let digest = |(position, _): &Wanted| chunk.get(*position).map_or([0; 32], |item| item.digest);
        let digests: Vec<[u8; 32]> = wanted.iter().map(digest).collect();
        let rows = shared.ledger.verdicts(&plugin.digest, &digests)?;
        for ((position, checks), row) in wanted.into_iter().zip(rows) {
            let Some(row) = row else {
                known.unknown.push((position, checks));
                continue;
            };
            let mut unknown = Vec::new();
            for own in checks {
                let cached = plugin.checks.get(own).and_then(|chosen| {
                    // They are kept in the order of the checks; what is not found is asked again.
                    let at = row.0.binary_search_by_key(&chosen.own, |cached| cached.check).ok()?;
                    row.0.get(at).filter(|cached| cached.day == day(shared, &chosen.check))
                });
                match cached {
                    Some(cached) => {
                        let decided =
                            Decided { stance: stance(cached.verdict, cached.message.clone()), origin: Origin::Known };
                        known.decided.entry(position).or_default().push((own, decided));
                    }
                    None => unknown.push(own),
                }
            }
            if !unknown.is_empty() {
                known.unknown.push((position, unknown));
                known.rows.insert(position, row);
            }
        }
        Ok(known)
    }
}

/// The day that a verdict of this check holds for.
fn day(shared: &Shared, check: &Check) -> Option<u32> {
    check.time_dependent.then_some(shared.day.number)
}

/// What a kept verdict said.
pub(crate) fn stance(verdict: Verdict, message: Option<String>) -> Stance {
    let message = message.unwrap_or_default();
    match verdict {
        Verdict::Pass => Stance::Pass,
        Verdict::Fail => Stance::Fail(message),
        Verdict::Manual => Stance::Manual(message),
        Verdict::NotApplicable => Stance::NotApplicable(message),
        Verdict::NotEvaluated => Stance::NotEvaluated(message),
    }
}

/// What to keep of a resource: what was known of it, with what was found now in its place. Where the plugin failed nothing is
/// kept, for that says nothing about the resource.
pub(super) fn row(
    shared: &Shared,
    plugin: &ChosenPlugin,
    item: &Item,
    known: Option<&CachedVerdicts>,
    found: &[(usize, Decided)],
) -> Option<VerdictRow> {
    let mut verdicts: Vec<CachedVerdict> = Vec::with_capacity(found.len());
    for (own, decided) in found.iter().filter(|(_, decided)| decided.origin == Origin::Fresh) {
        let chosen = plugin.checks.get(*own)?;
        let (verdict, message) = split(decided.stance.clone());
        let message = (!message.is_empty()).then_some(message);
        verdicts.push(CachedVerdict { check: chosen.own, verdict, message, day: day(shared, &chosen.check) });
    }
    if verdicts.is_empty() {
        return None;
    }
    for kept in known.iter().flat_map(|known| &known.0) {
        if verdicts.iter().all(|fresh| fresh.check != kept.check) {
            verdicts.push(kept.clone());
        }
    }
    verdicts.sort_unstable_by_key(|cached| cached.check);
    Some(VerdictRow { plugin: plugin.digest, resource: item.digest, verdicts: CachedVerdicts(verdicts) })
}
