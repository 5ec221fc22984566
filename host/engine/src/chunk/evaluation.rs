//! One plugin asked about resources. What crashes it is halved and asked again, until the one resource and check are found.

use std::collections::HashMap;

use plumb_runtime::{Context, Stance};

use crate::choice::ChosenPlugin;
use crate::chunk::{ByResource, Decided, Origin, Wanted};
use crate::event::Event;
use crate::item::Item;
use crate::scan::Shared;

/// One plugin over some of a chunk's resources, at one time.
pub(super) struct Evaluation<'a> {
    pub(super) shared: &'a Shared,
    pub(super) plugin: &'a ChosenPlugin,
    pub(super) chunk: &'a [Item],
    pub(super) scan_time: &'a str,
}

impl Evaluation<'_> {
    /// Every wanted pair gets an answer; one on which the plugin failed is not-evaluated.
    pub(super) async fn run(&self, wanted: &[Wanted]) -> ByResource {
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
        wanted: &[Wanted],
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
        let (positions, resources): (Vec<usize>, Vec<&[u8]>) = part
            .iter()
            .filter_map(|at| {
                let (position, _) = wanted.get(*at)?;
                Some((*position, self.chunk.get(*position)?.bytes()?))
            })
            .unzip();
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
    wanted: &[Wanted],
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
fn fail(wanted: &[Wanted], part: &[usize], only: Option<usize>, reason: &str, answers: &mut ByResource) {
    for (position, checks) in part.iter().filter_map(|at| wanted.get(*at)) {
        let failed =
            |own: &usize| (*own, Decided { stance: Stance::NotEvaluated(reason.to_owned()), origin: Origin::Failure });
        let own = checks.iter().filter(|own| only.is_none_or(|only| only == **own));
        answers.entry(*position).or_default().extend(own.map(failed));
    }
}

/// The two halves of a part; the single checks of a single resource; nothing of a single check.
fn halves(wanted: &[Wanted], part: &[usize], only: Option<usize>) -> Option<Vec<(Vec<usize>, Option<usize>)>> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
