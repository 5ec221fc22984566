//! Runs a task: what of its service is wanted, and what is emitted of each item.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use plumbline::http::Client;
use plumbline::provider::{AttributeGap, Error, Found, Inventory, KindGap, Target, Task};
use serde_json::{Map, Value as Json};

use crate::answer::Failure;
use crate::batch::{Batch, Chosen, Failures};
use crate::field::config;
use crate::flow::Flow;
use crate::kind::Kind;
use crate::planning::{Payload, Settings};
use crate::preflight;
use crate::request::Caller;
use crate::services::SERVICES;
use crate::tagging::Tags;
use crate::value;

/// Does what a task says.
pub fn collect(client: &dyn Client, target: &Target, task: &Task, inventory: &mut dyn Inventory) -> Result<(), Error> {
    let payload = Payload::of(task)?;
    for gap in &payload.gaps {
        inventory.report_gap(gap.clone());
    }
    let region = if task.region.is_empty() { payload.partition.first_region() } else { &task.region };
    let caller = Caller { partition: payload.partition, account: &task.account, sign_as: &payload.sign_as, region };
    for action in &payload.allowed {
        preflight::planned(&caller, action, inventory)?;
    }
    if !payload.gaps.is_empty() || !payload.allowed.is_empty() {
        return Ok(());
    }
    let service = SERVICES.iter().find(|service| service.name == task.service);
    let service = service.ok_or_else(|| Error::Invalid(format!("no service is called '{}'", task.service)))?;
    let is_preflight = Settings::of(target)?.preflight;
    let mut chosen = Vec::new();
    for listing in service.listings {
        let is_wanted = |kind: &&Kind| task.kinds.iter().any(|wanted| wanted == kind.kind);
        let kinds: Vec<&'static Kind> = listing.kinds.iter().filter(is_wanted).collect();
        if kinds.is_empty() {
            continue;
        }
        if is_preflight {
            preflight::listing(client, &caller, listing, &kinds, inventory)?;
        } else {
            chosen.push(Rc::new(Chosen { listing, needed: listing.needed(&kinds), kinds }));
        }
    }
    Flow::new(client, Outlet { caller, target, task, emitted: BTreeSet::new(), inventory }).run(chosen)
}

/// What a task has found, on its way out.
pub(crate) struct Outlet<'a> {
    pub(crate) caller: Caller<'a>,
    target: &'a Target,
    task: &'a Task,
    /// Ids so far: a list that changes while it is read may name a resource on two pages.
    emitted: BTreeSet<String>,
    inventory: &'a mut dyn Inventory,
}

/// By the type of the tagging API.
pub(crate) type AllTags = HashMap<&'static str, Tags>;

impl Outlet<'_> {
    /// A list, or a part of it, is not known.
    pub(crate) fn unknown(&mut self, kinds: &[&'static Kind], failure: &Failure) {
        for kind in kinds {
            self.inventory.report_gap(KindGap {
                kind: kind.kind.to_owned(),
                region: self.task.region.clone(),
                reason: failure.reason.clone(),
                permission: failure.permission.clone(),
            });
        }
    }

    /// Whatever there is of each kind.
    pub(crate) fn emit(&mut self, batch: &Batch, tags: &AllTags) -> Result<(), Error> {
        let known = batch.items.iter().zip(&batch.failures);
        known.into_iter().try_for_each(|(item, failures)| self.emit_one(&batch.chosen.kinds, item, failures, tags))
    }

    pub(crate) fn is_asked_for(&self, region: &str) -> bool {
        self.target.regions.is_empty() || self.target.regions.iter().any(|asked| asked == region)
    }

    fn emit_one(
        &mut self,
        kinds: &[&'static Kind],
        item: &Json,
        failures: &Failures,
        tags: &AllTags,
    ) -> Result<(), Error> {
        let mut is_told = false;
        for kind in kinds.iter().filter(|kind| (kind.keep)(item)) {
            let Some(found) = self.found(kind, item, failures, tags) else {
                if failures.is_empty() {
                    let reason = format!("a list of {} has an entry without an id", kind.kind);
                    self.unknown(&[*kind], &Failure { reason, permission: None });
                }
                continue;
            };
            is_told = true;
            if self.emitted.insert(format!("{} {}", found.kind, found.id)) {
                self.inventory.emit(&found)?;
            }
        }
        if !is_told {
            // Without the details nobody can say what it is or what it is called.
            for (_, failure) in failures {
                self.unknown(kinds, failure);
            }
        }
        Ok(())
    }

    /// None where the item does not say what it is called.
    fn found(&self, kind: &Kind, item: &Json, failures: &Failures, all_tags: &AllTags) -> Option<Found> {
        let Caller { partition, account, .. } = self.caller;
        let region = (kind.region)(item).unwrap_or_else(|| self.task.region.clone());
        let id = value::fill(kind.id, &|path| match path {
            "partition" => Some(partition.as_str().to_owned()),
            "account" => Some(account.to_owned()),
            "region" => Some(region.clone()),
            path => value::text(item, path),
        })?;
        let mut config = config(kind.fields, item);
        if id.starts_with("arn:") {
            config.entry("arn").or_insert_with(|| id.clone().into());
        }
        let (tags, untagged) = match all_tags.get(kind.tagged).map(|all| all.of(&id)) {
            Some(Ok(tags)) => (tags, None),
            Some(Err(failure)) => (Map::new(), Some(failure)),
            None => (tags(item, kind.tags), None),
        };
        if !kind.tags.is_empty() || !kind.tagged.is_empty() {
            config.insert("tags".to_owned(), Json::Object(tags.clone()));
        }
        let untold = kind.untold.iter();
        let mut gaps: Vec<AttributeGap> =
            untold.map(|(path, reason)| AttributeGap::from(((*path).to_owned(), (*reason).to_owned()))).collect();
        let gap = |path: String, failure: &Failure| AttributeGap {
            path,
            reason: failure.reason.clone(),
            permission: failure.permission.clone(),
        };
        gaps.extend(untagged.map(|failure| gap("tags".to_owned(), failure)));
        for (alias, failure) in failures {
            gaps.extend(kind.lost(alias).into_iter().map(|path| gap(path, failure)));
        }
        for gap in &gaps {
            config.remove(&gap.path);
        }
        Some(Found {
            name: name(item, kind, &id, &tags),
            id,
            kind: kind.kind.to_owned(),
            account: account.to_owned(),
            region,
            tags: tags.into_iter().filter_map(|(key, value)| Some((key, value.as_str()?.to_owned()))).collect(),
            config,
            gaps,
        })
    }
}

/// What people call it: its `Name` tag where all it has beside is an id, the end of an ARN or URL where that is all it has.
fn name(item: &Json, kind: &Kind, id: &str, tags: &Map<String, Json>) -> String {
    let own = value::text(item, kind.name).unwrap_or_else(|| id.to_owned());
    let tag = tags.get("Name").and_then(Json::as_str).filter(|tag| !tag.is_empty());
    let is_id = own.contains('-') && id.ends_with(&format!("/{own}"));
    let end = own.rsplit(['/', ':']).next().unwrap_or(&own);
    match tag {
        Some(tag) if is_id => tag.to_owned(),
        _ if own.starts_with("arn:") || own.starts_with("http") => end.to_owned(),
        _ => own,
    }
}

/// Tags, which are a map, or pairs under one of the names that services have for them.
pub fn tags(item: &Json, path: &str) -> Map<String, Json> {
    const KEYS: [(&str, &str); 4] = [("Key", "Value"), ("key", "value"), ("TagKey", "TagValue"), ("Name", "Value")];
    let mut tags = Map::new();
    if path.is_empty() {
        return tags;
    }
    for tag in value::all(item, path) {
        let pair = KEYS.iter().find_map(|(key, value)| Some((value::text(tag, key)?, value::text(tag, value))));
        match pair {
            Some((key, value)) => drop(tags.insert(key, value.unwrap_or_default().into())),
            None => tags.extend(tag.as_object().cloned().unwrap_or_default()),
        }
    }
    tags
}
