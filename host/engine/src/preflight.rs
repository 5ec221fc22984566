//! Tries what a scan would ask, before it is ordered: which rights are there, and which are missing.

use std::collections::{BTreeMap, BTreeSet};

use plumb_runtime::{Emission, Sources};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::choice::Chosen;
use crate::clock::rfc3339;
use crate::day::Day;
use crate::error::EngineError;
use crate::request::{ScanRequest, StoredRequest};
use crate::scan::{Engine, LIVE_TASKS, Part};

/// Emissions that may wait between a provider and who counts them.
const PAGES: usize = 2;

/// How one right fared, over all accounts and regions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// Places where it was there: account and region.
    pub allowed: BTreeSet<String>,
    /// Places where it was missing, with the reason.
    pub denied: BTreeMap<String, String>,
    /// Places where the call failed for another reason.
    pub failed: BTreeMap<String, String>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preflight {
    /// By the cloud's name of the right: all that the chosen checks need. One that has no places was not tried, because there is
    /// nothing to try it on.
    pub rights: BTreeMap<String, Tried>,
    /// What else would be missing from a scan: regions that are not enabled, tasks that failed.
    pub problems: Vec<String>,
}

impl Engine {
    /// The rights that reading the kinds of the chosen checks takes, with those of planning, as the providers tell them.
    pub async fn rights(&self, request: &ScanRequest) -> Result<BTreeMap<String, Tried>, EngineError> {
        let kinds = Chosen::new(self.library(), &request.selection)?.kinds();
        let mut rights = BTreeMap::new();
        for target in &request.targets {
            let provider = self.library().provider(&target.provider)?;
            let info = provider.provider_info().await.map_err(EngineError::Plan)?.unwrap_or_default();
            let needed = info.permissions.into_iter().filter(|(kind, _)| kind.is_empty() || kinds.contains(kind));
            rights.extend(needed.flat_map(|(_, actions)| actions).map(|action| (action, Tried::default())));
        }
        Ok(rights)
    }

    /// Asks every provider of the request to try its calls once. The provider has to know the setting `preflight`. Nothing is
    /// written anywhere.
    pub async fn preflight(&self, request: &ScanRequest) -> Result<Preflight, EngineError> {
        let stored = StoredRequest::new(request);
        let now = rfc3339(self.clock().now());
        let day = Day::of(&now).ok_or_else(|| EngineError::Stopped(format!("'{now}' is no time")))?;
        let prepared = self.prepare(&stored, &stored.targets)?;
        let mut found = Preflight::default();
        for source in prepared.sources {
            let mut part = source.part(&stored, &prepared.chosen, &day).await?;
            if let Some(settings) = part.target.settings.as_object_mut() {
                settings.insert("preflight".to_owned(), true.into());
            }
            let kinds = &part.target.kinds;
            let needed = part.info.permissions.iter().filter(|(kind, _)| kinds.contains(kind));
            for action in needed.flat_map(|(_, actions)| actions) {
                found.rights.entry(action.clone()).or_default();
            }
            found.try_part(part).await?;
        }
        Ok(found)
    }
}

impl Preflight {
    /// All rights that were needed, planning's among them.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        self.rights.keys().map(String::as_str)
    }

    async fn try_part(&mut self, part: Part) -> Result<(), EngineError> {
        let tasks = part.provider.plan(&part.target, part.sources.clone()).await.map_err(EngineError::Plan)?;
        let mut running = JoinSet::new();
        for task in tasks {
            if running.len() >= LIVE_TASKS {
                self.take(running.join_next().await)?;
            }
            let (provider, target) = (part.provider.clone(), part.target.clone());
            let sources =
                Sources { files: part.sources.files.clone(), egress: part.sources.egress.clone(), memory: None };
            running.spawn(async move {
                let (sender, mut emissions) = mpsc::channel(PAGES);
                let collecting = provider.collect(&target, &task, sources, sender);
                let taking = async {
                    let mut all = Vec::new();
                    while let Some(emission) = emissions.recv().await {
                        all.push(emission);
                    }
                    all
                };
                let (ended, emissions) = tokio::join!(collecting, taking);
                (task.id, ended, emissions)
            });
        }
        while !running.is_empty() {
            self.take(running.join_next().await)?;
        }
        Ok(())
    }

    fn take(&mut self, ended: Option<Result<Ended, tokio::task::JoinError>>) -> Result<(), EngineError> {
        let Some(ended) = ended else { return Ok(()) };
        let (task, ended, emissions) = ended.map_err(|error| EngineError::Stopped(error.to_string()))?;
        for emission in emissions {
            match emission {
                Emission::Resources(resources) => resources.into_iter().for_each(|found| self.note(&found)),
                // Its sources have no memory, so nothing is known.
                Emission::Known(_) => {}
                Emission::Gap(gap) => match gap.permission {
                    Some(action) => {
                        let place = place(&gap.account, &gap.region);
                        self.rights.entry(action).or_default().denied.insert(place, gap.reason);
                    }
                    None => self.problems.push(gap.reason),
                },
            }
        }
        if let Err(error) = ended {
            self.problems.push(format!("{task}: {error}"));
        }
        Ok(())
    }

    fn note(&mut self, found: &plumb_runtime::batch::Intake) {
        let place = place(&found.resource.account, &found.resource.region);
        let tried = self.rights.entry(found.resource.name.clone()).or_default();
        match found.gaps.first() {
            None => drop(tried.allowed.insert(place)),
            Some(gap) if gap.permission.is_some() => drop(tried.denied.insert(place, gap.reason.clone())),
            Some(gap) => drop(tried.failed.insert(place, gap.reason.clone())),
        }
    }
}

/// A task that was tried: its id, its end, what it told.
type Ended = (String, Result<(), plumb_runtime::CallError>, Vec<Emission>);

fn place(account: &str, region: &str) -> String {
    if region.is_empty() { account.to_owned() } else { format!("{account}/{region}") }
}
