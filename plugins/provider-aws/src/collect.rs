//! Runs a task: lists items, asks for the details that the wanted kinds need, and emits what there is of each kind.

use std::collections::{BTreeSet, HashMap};

use plumbline::http::Client;
use plumbline::provider::{AttributeGap, Error, Found, Inventory, KindGap, Target, Task};
use serde_json::{Map, Value as Json};

use crate::answer::Failure;
use crate::call::Call;
use crate::field::config;
use crate::kind::{Kind, Listing};
use crate::planning::{Payload, Settings};
use crate::preflight;
use crate::request::Caller;
use crate::services::SERVICES;
use crate::session::{Ask, Page, Session, items_of};
use crate::tagging;
use crate::value;

/// Items whose details are asked for together, and so are held at once.
const ITEMS: usize = 250;

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
    let mut run = Run {
        session: Session { client, caller },
        target,
        task,
        emitted: BTreeSet::new(),
        tags: HashMap::new(),
        inventory,
    };
    for listing in service.listings {
        let is_wanted = |kind: &&Kind| task.kinds.iter().any(|wanted| wanted == kind.kind);
        let kinds: Vec<&'static Kind> = listing.kinds.iter().filter(is_wanted).collect();
        if kinds.is_empty() {
            continue;
        }
        if is_preflight {
            preflight::listing(client, &caller, listing, &kinds, run.inventory)?;
        } else {
            run.list(listing, &kinds)?;
        }
    }
    Ok(())
}

/// A task on its way.
struct Run<'a> {
    session: Session<'a>,
    target: &'a Target,
    task: &'a Task,
    /// Ids so far: a list that changes while it is read may name a resource on two pages.
    emitted: BTreeSet<String>,
    /// By the type of the tagging API, of kinds that have been found.
    tags: HashMap<&'static str, Tags>,
    inventory: &'a mut dyn Inventory,
}

/// The tags of all resources of a type, by ARN, or why they are not known.
type Tags = Result<HashMap<String, Map<String, Json>>, Failure>;

/// An item and the detail calls that failed for it, by alias.
type Known = (Json, Failures);
type Failures = Vec<(&'static str, Failure)>;

impl Run<'_> {
    /// Asks the steps one after the other. What the last lists goes out page by page.
    fn list(&mut self, listing: &Listing, kinds: &[&'static Kind]) -> Result<(), Error> {
        let Some((last, before)) = listing.steps.split_last() else { return Ok(()) };
        let mut parents = vec![Json::Null];
        for step in before {
            let mut listed = Vec::new();
            self.step(step, &parents, kinds, |_, items| {
                listed.extend(items);
                Ok(())
            })?;
            parents = listed;
        }
        for parents in parents.chunks(ITEMS) {
            self.step(last, parents, kinds, |run, mut items| {
                while !items.is_empty() {
                    let rest = items.split_off(items.len().min(ITEMS));
                    run.emit(listing, kinds, std::mem::replace(&mut items, rest))?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn step(
        &mut self,
        step: &'static Call,
        parents: &[Json],
        kinds: &[&'static Kind],
        mut take: impl FnMut(&mut Self, Vec<Json>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let asked = parents.iter().enumerate().filter(|(_, parent)| (step.when)(parent));
        let asks: Vec<Ask> = asked.map(|(position, _)| (step, position)).collect();
        let session = self.session;
        session.ask(&asks, parents, &|_| None, &mut |ask, page| match page {
            Err(failure) => {
                self.unknown(kinds, &failure);
                Ok(())
            }
            Ok(None) => Ok(()),
            Ok(Some(answer)) => {
                let parent = asks.get(ask).and_then(|(_, position)| parents.get(*position));
                let items = items_of(step, answer).into_iter().map(|item| with_parent(item, parent));
                take(self, items.collect())
            }
        })
    }

    /// A list, or a part of it, is not known.
    fn unknown(&mut self, kinds: &[&'static Kind], failure: &Failure) {
        for kind in kinds {
            self.inventory.report_gap(KindGap {
                kind: kind.kind.to_owned(),
                region: self.task.region.clone(),
                reason: failure.reason.clone(),
                permission: failure.permission.clone(),
            });
        }
    }

    fn emit(&mut self, listing: &Listing, kinds: &[&'static Kind], mut items: Vec<Json>) -> Result<(), Error> {
        let region_of = |item: &Json| kinds.iter().find_map(|kind| (kind.region)(item));
        let needed = listing.needed(kinds);
        let mut failures: Vec<Failures> = items.iter().map(|_| Vec::new()).collect();
        for wave in listing.details {
            let is_wanted = |(item, _): &Known| region_of(item).is_none_or(|region| self.is_asked_for(&region));
            (items, failures) = items.into_iter().zip(failures).filter(is_wanted).unzip();
            let mut asks: Vec<Ask> = Vec::new();
            for (position, item) in items.iter().enumerate() {
                let calls = wave.iter().filter(|call| needed.contains(call.alias) && (call.when)(item));
                asks.extend(calls.map(|call| (call, position)));
            }
            let mut pages: Vec<(usize, Page)> = Vec::with_capacity(asks.len());
            self.session.ask(&asks, &items, &region_of, &mut |ask, page| {
                pages.push((ask, page));
                Ok(())
            })?;
            for (ask, page) in pages {
                if let Some((call, position)) = asks.get(ask)
                    && let (Some(item), Some(failures)) = (items.get_mut(*position), failures.get_mut(*position))
                {
                    keep(call, page, item, failures);
                }
            }
        }
        let known: Vec<Known> = items.into_iter().zip(failures).collect();
        for kind in kinds.iter().filter(|kind| !kind.tagged.is_empty()) {
            if !self.tags.contains_key(kind.tagged) && known.iter().any(|(item, _)| (kind.keep)(item)) {
                self.tags.insert(kind.tagged, tagging::read(&self.session, kind.tagged));
            }
        }
        known.into_iter().try_for_each(|known| self.emit_one(kinds, &known))
    }

    fn is_asked_for(&self, region: &str) -> bool {
        self.target.regions.is_empty() || self.target.regions.iter().any(|asked| asked == region)
    }

    fn emit_one(&mut self, kinds: &[&'static Kind], (item, failures): &Known) -> Result<(), Error> {
        let mut is_told = false;
        for kind in kinds.iter().filter(|kind| (kind.keep)(item)) {
            let Some(found) = self.found(kind, item, failures) else {
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
    fn found(&self, kind: &Kind, item: &Json, failures: &[(&'static str, Failure)]) -> Option<Found> {
        let Caller { partition, account, .. } = self.session.caller;
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
        let (tags, untagged) = match self.tags.get(kind.tagged) {
            Some(Ok(all)) => (all.get(&id).cloned().unwrap_or_default(), None),
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

/// Puts what a detail call got where the attributes look for it.
fn keep(call: &Call, page: Page, item: &mut Json, failures: &mut Failures) {
    match page {
        Err(failure) => failures.push((call.alias, failure)),
        Ok(None) => {}
        Ok(Some(answer)) => {
            let Json::Object(item) = item else { return };
            if call.items.is_empty() {
                item.insert(call.alias.to_owned(), answer);
            } else if let Json::Array(kept) = item.entry(call.alias).or_insert_with(|| Json::Array(Vec::new())) {
                kept.extend(items_of(call, answer));
            }
        }
    }
}

fn with_parent(mut item: Json, parent: Option<&Json>) -> Json {
    if let (Json::Object(map), Some(parent)) = (&mut item, parent.filter(|parent| !parent.is_null())) {
        map.insert("Parent".to_owned(), parent.clone());
    }
    item
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
