//! Checks of single resources: each recorded resource is read back and put to the checks that looked at it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use plumb_model::check::{Check, Scope};
use plumb_model::outcome::{Fingerprint, Verdict};
use plumb_runtime::batch::{self, Intake};
use plumb_runtime::{Context, Plugin, Stance};
use plumb_store::{Ledger, ResourceRow};
use tokio::sync::mpsc;

use crate::chunk::{gate, split};
use crate::error::EngineError;
use crate::replay::{Replay, Subject, Wanted, accounts, is_failure};

/// Resources put to a plugin at once, as in a scan.
const BATCH: usize = 256;
/// Batches that may wait while one is replayed.
const AHEAD: usize = 2;

/// What was recorded of a check and a resource, other than a pass or not-applicable. A document's digest is part of the key: two
/// files can hold a resource of the same id.
pub(super) type Recorded = HashMap<(Fingerprint, [u8; 32]), (Verdict, Arc<str>)>;

/// Replays everything: first what is recorded in full is read, then the resources go by.
pub(super) async fn replay(subject: &Arc<Subject>, replay: &mut Replay) -> Result<(), EngineError> {
    let (recorded, of_accounts) = recorded(subject)?;
    accounts::replay(subject, of_accounts, replay).await?;
    let plugins = subject.by_plugin(Scope::Resource);
    let kinds: BTreeSet<String> =
        plugins.iter().flat_map(|(_, checks)| checks).flat_map(|(_, check)| &check.kinds).cloned().collect();
    if kinds.is_empty() {
        return Ok(());
    }
    let (sender, mut batches) = mpsc::channel(AHEAD);
    let reading = {
        let subject = Arc::clone(subject);
        tokio::task::spawn_blocking(move || read(&subject, &kinds, &sender))
    };
    while let Some(rows) = batches.recv().await {
        let resources: Vec<Resource> = rows.into_iter().map(|row| Resource::open(&subject.ledger, row)).collect();
        for (plugin, checks) in &plugins {
            put(subject, plugin, checks, &resources, &recorded, replay).await;
        }
    }
    reading.await.map_err(|error| EngineError::Stopped(error.to_string()))?
}

/// What stands in full: of resources, and of accounts.
fn recorded(subject: &Subject) -> Result<(Recorded, accounts::Recorded), EngineError> {
    let checks: Vec<&Check> = subject.catalogue.checks.values().collect();
    let (mut resources, mut of_accounts) = (Recorded::new(), accounts::Recorded::default());
    // Most messages stand with many resources.
    let mut messages: HashSet<Arc<str>> = HashSet::new();
    subject.ledger.outcomes(&subject.scan, |row| {
        let check = usize::try_from(row.check).ok().and_then(|position| checks.get(position));
        let Some(check) = check.filter(|check| subject.wanted.contains(&check.id)) else { return Ok(()) };
        if check.scope == Scope::Account {
            of_accounts.add(check, row);
            return Ok(());
        }
        let message = messages.get(row.message.as_str()).cloned().unwrap_or_else(|| {
            let message: Arc<str> = row.message.as_str().into();
            messages.insert(Arc::clone(&message));
            message
        });
        resources.insert((row.fingerprint, row.digest.unwrap_or_default()), (row.verdict, message));
        Ok::<(), EngineError>(())
    })?;
    Ok((resources, of_accounts))
}

/// Sends the resources of some kinds on their way, in batches.
fn read(
    subject: &Subject,
    kinds: &BTreeSet<String>,
    sender: &mpsc::Sender<Vec<ResourceRow>>,
) -> Result<(), EngineError> {
    let gone = |_| EngineError::Stopped("the replay".to_owned());
    let mut batch = Vec::with_capacity(BATCH);
    subject.ledger.resources(&subject.scan, |row| {
        if kinds.contains(&row.resource.kind) {
            batch.push(row);
        }
        if batch.len() == BATCH {
            sender.blocking_send(std::mem::take(&mut batch)).map_err(gone)?;
        }
        Ok::<(), EngineError>(())
    })?;
    if batch.is_empty() { Ok(()) } else { sender.blocking_send(batch).map_err(gone) }
}

/// A recorded resource with its document, or why that cannot be had.
struct Resource {
    row: ResourceRow,
    document: Result<Intake, String>,
}

impl Resource {
    fn open(ledger: &Ledger, row: ResourceRow) -> Resource {
        let document = match ledger.document(&row.digest) {
            Err(error) => Err(error.to_string()),
            Ok(None) => Err("its document is not in the ledger".to_owned()),
            Ok(Some(bytes)) => batch::resource(bytes).map_err(|error| format!("its document is broken: {error}")),
        };
        Resource { row, document }
    }
}

/// Puts resources to one plugin's checks and compares.
async fn put(
    subject: &Subject,
    plugin: &Plugin,
    checks: &[Wanted<'_>],
    resources: &[Resource],
    recorded: &Recorded,
    replay: &mut Replay,
) {
    let mut asked: HashMap<(&str, usize), Vec<usize>> = HashMap::new();
    for (number, resource) in resources.iter().enumerate() {
        for (place, (position, check)) in checks.iter().enumerate() {
            if !check.kinds.contains(&resource.row.resource.kind) {
                continue;
            }
            match (of_row(resource, *position, check, recorded), &resource.document) {
                (None, _) => replay.differs(check, &resource.row.resource.id, "no verdict is recorded".to_owned()),
                (Some(_), Err(problem)) => replay.differs(check, &resource.row.resource.id, problem.clone()),
                (Some((verdict, message)), Ok(_)) if is_failure(check, verdict, message) => replay.undecided += 1,
                (Some(_), Ok(_)) => asked.entry((subject.time(check), place)).or_default().push(number),
            }
        }
    }
    for (time, pairs) in by_time(asked) {
        let said = Asking { plugin, checks, resources, time }.all(&pairs).await;
        for (place, number) in pairs {
            let (Some((position, check)), Some(resource)) = (checks.get(place), resources.get(number)) else {
                continue;
            };
            let Some(was) = of_row(resource, *position, check, recorded) else { continue };
            let (Ok(intake), id) = (&resource.document, &resource.row.resource.id) else { continue };
            match said.get(&(place, number)) {
                Some(Ok(stance)) => {
                    let (verdict, message) = split(gate(check, &intake.gaps, stance.clone()));
                    replay.compare(check, id, was, (verdict, &message));
                }
                Some(Err(failure)) => replay.differs(check, id, format!("the plugin fails now: {failure}")),
                None => replay.compare(check, id, was, (Verdict::NotEvaluated, "the plugin gave no outcome")),
            }
        }
    }
}

/// What is recorded of a check on a resource.
fn of_row<'r>(
    resource: &'r Resource,
    position: u32,
    check: &Check,
    recorded: &'r Recorded,
) -> Option<(Verdict, &'r str)> {
    let row = &resource.row;
    if row.passes.contains(&position) {
        return Some((Verdict::Pass, ""));
    }
    if let Some((_, reason)) = row.not_applicable.iter().find(|(check, _)| *check == position) {
        return Some((Verdict::NotApplicable, reason));
    }
    let fingerprint = Fingerprint::new(&check.id, &row.resource.account, &row.resource.id);
    recorded.get(&(fingerprint, row.digest)).map(|(verdict, message)| (*verdict, &**message))
}

/// (position of a check, position of a resource), by the time the check is given.
fn by_time(asked: HashMap<(&str, usize), Vec<usize>>) -> HashMap<&str, Vec<(usize, usize)>> {
    let mut found: HashMap<&str, Vec<(usize, usize)>> = HashMap::new();
    for ((time, place), numbers) in asked {
        found.entry(time).or_default().extend(numbers.into_iter().map(|number| (place, number)));
    }
    found
}

/// One plugin, asked about some resources at one time.
struct Asking<'a> {
    plugin: &'a Plugin,
    checks: &'a [Wanted<'a>],
    resources: &'a [Resource],
    time: &'a str,
}

/// (position of a check, position of a resource) → what was said.
type Said = HashMap<(usize, usize), Result<Stance, String>>;

impl Asking<'_> {
    /// All at once; where that fails, each resource and check alone.
    async fn all(&self, pairs: &[(usize, usize)]) -> Said {
        let places: BTreeSet<usize> = pairs.iter().map(|(place, _)| *place).collect();
        let numbers: BTreeSet<usize> = pairs.iter().map(|(_, number)| *number).collect();
        let (places, numbers): (Vec<usize>, Vec<usize>) = (places.into_iter().collect(), numbers.into_iter().collect());
        if let Ok(said) = self.call(&places, &numbers).await {
            return said;
        }
        let mut said = Said::new();
        for (place, number) in pairs {
            match self.call(&[*place], &[*number]).await {
                Ok(alone) => said.extend(alone),
                Err(failure) => drop(said.insert((*place, *number), Err(failure))),
            }
        }
        said
    }

    async fn call(&self, places: &[usize], numbers: &[usize]) -> Result<Said, String> {
        let ids: Vec<String> =
            places.iter().filter_map(|place| self.checks.get(*place)).map(|(_, check)| check.id.clone()).collect();
        let of = |number: &usize| Some(self.resources.get(*number)?.document.as_ref().ok()?.bytes.as_slice());
        let documents: Vec<&[u8]> = numbers.iter().filter_map(of).collect();
        let context = Context { account: String::new(), scan_time: self.time.to_owned() };
        let outcomes = self.plugin.evaluate(&context, &ids, &documents).await.map_err(|error| error.to_string())?;
        let mut said = Said::new();
        for outcome in outcomes {
            let (Some(place), Some(number)) = (places.get(outcome.check), numbers.get(outcome.resource)) else {
                continue;
            };
            let stance = Ok(outcome.stance);
            said.entry((*place, *number))
                .and_modify(|earlier| {
                    if *earlier != stance {
                        *earlier = Ok(Stance::NotEvaluated("the plugin gave two different outcomes".to_owned()));
                    }
                })
                .or_insert(stance.clone());
        }
        Ok(said)
    }
}
