//! Which parent each satellite belongs to, and what it brings there.
//!
//! A satellite that cannot be told to belong to exactly one parent makes a gap on each that it may belong to: reading the
//! attribute as not set would be as wrong as guessing.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use plumbline::provider::Error;
use serde_json::Value as Json;

use crate::address::Address;
use crate::budget::Budget;
use crate::changes::Former;
use crate::complete::{Completed, Planned};
use crate::fold::{Fold, Fragment, Part, folds_of};
use crate::instance::Instance;
use crate::merge;
use crate::parents::{Parent, Parents, resource_path};
use crate::paths::within;
use crate::references::References;
use crate::satellites::{Satellites, links, without_qualifier};

/// What satellites bring, and where.
#[derive(Debug, Default)]
pub struct Brought {
    satellites: Satellites,
    /// In the order of the parents' ordinals, and for each parent in the order of the file.
    ties: Vec<Tie>,
    /// By the parent's ordinal: what satellites that change or go away said before, and why the attribute is unknown where
    /// they go.
    former: HashMap<usize, Vec<(Fragment, Option<String>)>>,
    /// Attributes that are a gap on every parent of a kind, by kind.
    everywhere: BTreeMap<&'static str, BTreeMap<&'static str, String>>,
    /// For each satellite the hash of its address, and whether its parents tell it wholly.
    seals: Vec<(u64, bool)>,
    /// How many resources others might fold into, where that was counted.
    parents: Option<usize>,
}

/// One satellite and one parent that it belongs to, or may belong to. Both are numbers in the order of the file, which is the
/// same in each walk over it; the hash of the parent's address shows that it is.
#[derive(Debug)]
struct Tie {
    parent: usize,
    seal: u64,
    satellite: usize,
    fold: &'static Fold,
    is_sure: bool,
}

/// What a tie takes, with the room that a growing list keeps, in bytes.
const TIE_BYTES: usize = 2 * size_of::<Tie>();

/// Where a satellite belongs.
enum Target {
    One(usize),
    /// One of these, nobody knows which.
    Among(Vec<usize>),
    /// Any of its kind.
    Any,
    /// None in this file.
    Elsewhere,
}

/// Finds the parents of all satellites.
pub fn gather(
    satellites: Satellites,
    parents: &Parents,
    planned: &Planned,
    budget: &mut Budget,
) -> Result<Brought, Error> {
    let mut siblings = HashMap::new();
    // Only what a plan does not know is followed through its configuration.
    for place in if planned.is_empty() { 0..0 } else { 0..satellites.len() } {
        if let Some(satellite) = satellites.get(place)? {
            *siblings.entry(resource_path(&satellite.address)).or_default() += 1;
        }
    }
    let references = References { configuration: &planned.configuration, parents, siblings: &siblings };
    let mut gathering =
        Gathering { parents, planned, satellites: &satellites, references, brought: Brought::default() };
    for former in &planned.changes.former {
        gathering.withdraw(former);
    }
    for place in 0..satellites.len() {
        if let Some(satellite) = satellites.get(place)? {
            gathering.tell(place, satellite, budget)?;
        }
    }
    let mut brought = gathering.brought;
    brought.ties.sort_by_key(|tie| tie.parent);
    let parents = if satellites.parents.is_empty() { None } else { Some(parents.count) };
    Ok(Brought { satellites, parents, ..brought })
}

struct Gathering<'a> {
    parents: &'a Parents,
    planned: &'a Planned,
    satellites: &'a Satellites,
    references: References<'a>,
    brought: Brought,
}

impl Gathering<'_> {
    fn tell(&mut self, place: usize, satellite: Instance, budget: &mut Budget) -> Result<(), Error> {
        let seal = satellite.address.seal();
        // What a failed replacement left behind is no setting of a living resource.
        if satellite.address.deposed.is_some() {
            self.brought.seals.push((seal, false));
            return Ok(());
        }
        let completed = Completed::of(satellite, self.planned);
        let (mut told, mut left) = (false, false);
        for fold in folds_of(&completed.address.kind) {
            for target in self.targets(&completed, fold) {
                left |= !matches!(target, Target::One(_));
                match target {
                    Target::One(parent) => {
                        told = true;
                        self.tie(place, &[parent], fold, true, budget)?;
                    }
                    Target::Among(parents) => self.tie(place, &parents, fold, false, budget)?,
                    Target::Any => self.mark_all(&completed, fold),
                    Target::Elsewhere => {}
                }
            }
        }
        let stays = folds_of(&completed.address.kind).iter().any(|fold| fold.stays);
        self.brought.seals.push((seal, told && !left && !stays));
        Ok(())
    }

    fn tie(
        &mut self,
        satellite: usize,
        parents: &[usize],
        fold: &'static Fold,
        is_sure: bool,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        for parent in parents.iter().filter_map(|place| self.parents.get(*place)) {
            budget.charge(TIE_BYTES)?;
            self.brought.ties.push(Tie { parent: parent.ordinal, seal: parent.seal, satellite, fold, is_sure });
        }
        Ok(())
    }

    fn mark_all(&mut self, satellite: &Completed, fold: &Fold) {
        let reason = unmatched(&satellite.address, fold);
        for kind in fold.parents {
            let gaps = self.brought.everywhere.entry(kind).or_default();
            for fragment in fold.fragments(satellite) {
                gaps.entry(fragment.attribute).or_insert_with(|| reason.clone());
            }
        }
    }

    fn targets(&self, satellite: &Completed, fold: &Fold) -> Vec<Target> {
        let is_gap = satellite.gaps.keys().any(|path| within(path, fold.link) || within(fold.link, path));
        if is_gap {
            let led = self.references.follow(&satellite.address, fold);
            let mut places: Vec<usize> = led.places.into_iter().collect();
            return vec![match (led.open, places.as_slice()) {
                (true, _) | (false, []) => Target::Any,
                (false, [_]) => places.pop().map_or(Target::Any, Target::One),
                (false, _) => Target::Among(places),
            }];
        }
        links(&satellite.config, fold).into_iter().map(|link| self.called(link, fold, &satellite.provider)).collect()
    }

    /// The parent that a known link names.
    fn called(&self, link: &str, fold: &Fold, provider: &str) -> Target {
        let by_value = |link: &str| {
            let number = self.satellites.links.find(link);
            number.map(|number| self.parents.called(number, fold.parents, provider)).unwrap_or_default()
        };
        let mut places = by_value(link);
        if let (true, Some(shorter)) = (places.is_empty(), without_qualifier(link)) {
            places = by_value(shorter);
        }
        if places.is_empty() {
            places = self.composed(link, fold);
        }
        match places.as_slice() {
            [] => Target::Elsewhere,
            [place] => Target::One(*place),
            _ => Target::Among(places),
        }
    }

    /// In a plan an author may have put a parent's ARN or URL together from its name, while the parent's own is not known yet.
    fn composed(&self, link: &str, fold: &Fold) -> Vec<usize> {
        let is_composed = link.starts_with("arn:") || link.starts_with("https://");
        let Some(name) = link.rsplit([':', '/']).next().filter(|_| is_composed) else {
            return Vec::new();
        };
        let is_unknown = |place: &usize| {
            let address = self.parents.get(*place).and_then(Parent::address);
            let change = address.and_then(|address| self.planned.changes.of(address));
            change.is_some_and(|change| fold.identity.iter().any(|name| change.unknown.iter().any(|path| path == name)))
        };
        self.parents.named(name, fold.parents).into_iter().filter(is_unknown).collect()
    }

    /// Notes what a satellite said before it is changed or removed.
    fn withdraw(&mut self, former: &Former) {
        let instance =
            Instance { address: former.address.clone(), values: former.values.clone(), ..Instance::default() };
        let completed = Completed::of(instance, &Planned::default());
        let reason =
            former.removed.then(|| format!("{} is removed: what holds then is known only after apply", former.address));
        for fold in folds_of(&former.address.kind) {
            for link in links(&completed.config, fold) {
                let Target::One(place) = self.called(link, fold, &completed.provider) else {
                    continue;
                };
                if let Some(parent) = self.parents.get(place) {
                    let fragments = fold.fragments(&completed).into_iter().map(|fragment| (fragment, reason.clone()));
                    self.brought.former.entry(parent.ordinal).or_default().extend(fragments);
                }
            }
        }
    }
}

fn unmatched(satellite: &Address, fold: &Fold) -> String {
    let kind = fold.parents.last().copied().unwrap_or_default();
    format!("{satellite} may set it: which {kind} its {} names cannot be told from this file", fold.link)
}

/// What is joined with one parent.
#[derive(Default)]
struct Parts {
    /// With the satellite that brings it.
    brought: Vec<(Fragment, String)>,
    gaps: BTreeMap<&'static str, String>,
}

impl Parts {
    fn place(&mut self, fragment: Fragment, satellite: &Address) {
        let rival = self.brought.iter_mut().find(|(other, _)| {
            other.attribute == fragment.attribute
                && matches!((&other.part, &fragment.part), (Part::Whole(one), Part::Whole(two)) if one != two)
        });
        let Some((other, source)) = rival else {
            self.brought.push((fragment, satellite.to_string()));
            return;
        };
        let reason = format!("{source} and {satellite} both set it: the one that is applied last holds");
        other.part = Part::Whole(Json::Null);
        other.gaps = vec![(fragment.attribute.to_owned(), reason)];
    }
}

impl Brought {
    /// How many satellites their parents tell wholly.
    pub fn told(&self) -> usize {
        self.seals.iter().filter(|(_, told)| *told).count()
    }

    /// Whether the satellite of this number is told wholly by its parents.
    pub fn tells(&self, satellite: usize, address: &Address) -> Result<bool, Error> {
        match self.seals.get(satellite) {
            Some((seal, told)) if *seal == address.seal() => Ok(*told),
            _ => Err(changed()),
        }
    }

    /// To be called at the end of the walk, with the counts of what was told here and joined with.
    pub fn check_whole(&self, satellites: usize, parents: usize) -> Result<(), Error> {
        let is_whole = satellites == self.seals.len() && self.parents.is_none_or(|count| parents == count);
        if is_whole { Ok(()) } else { Err(changed()) }
    }

    /// Whether anything may be joined with one of these, by their ordinals among the resources that others might fold into.
    pub fn reaches(&self, ordinals: Range<usize>) -> bool {
        if ordinals.is_empty() {
            return false;
        }
        let from = self.ties.partition_point(|tie| tie.parent < ordinals.start);
        let is_tied = self.ties.get(from).is_some_and(|tie| ordinals.contains(&tie.parent));
        is_tied || !self.everywhere.is_empty() || !self.former.is_empty()
    }

    /// Joins what satellites bring with their parent, the resource of this ordinal among those that others might fold into.
    pub fn join(&self, ordinal: usize, parent: &mut Completed, planned: &Planned) -> Result<(), Error> {
        for (fragment, reason) in self.former.get(&ordinal).into_iter().flatten() {
            merge::withdraw(&mut parent.config, &mut parent.gaps, fragment, reason.as_deref());
        }
        let parts = self.parts(ordinal, parent, planned)?;
        for (fragment, _) in &parts.brought {
            merge::add(&mut parent.config, &mut parent.gaps, fragment);
        }
        let everywhere = self.everywhere.get(parent.address.kind.as_str()).into_iter().flatten();
        let everywhere = everywhere.filter(|_| parent.address.deposed.is_none());
        for (attribute, reason) in parts.gaps.iter().chain(everywhere) {
            parent.gaps.entry((*attribute).to_owned()).or_insert_with(|| reason.clone());
        }
        Ok(())
    }

    fn parts(&self, ordinal: usize, parent: &Completed, planned: &Planned) -> Result<Parts, Error> {
        let mut parts = Parts::default();
        let from = self.ties.partition_point(|tie| tie.parent < ordinal);
        for tie in self.ties.iter().skip(from).take_while(|tie| tie.parent == ordinal) {
            if tie.seal != parent.address.seal() {
                return Err(changed());
            }
            let satellite = self.satellites.get(tie.satellite)?.ok_or_else(changed)?;
            let satellite = Completed::of(satellite, planned);
            let reason = if tie.is_sure { None } else { Some(unmatched(&satellite.address, tie.fold)) };
            for fragment in tie.fold.fragments(&satellite) {
                match &reason {
                    None => parts.place(fragment, &satellite.address),
                    Some(reason) => {
                        parts.gaps.entry(fragment.attribute).or_insert_with(|| reason.clone());
                    }
                }
            }
        }
        Ok(parts)
    }
}

/// The walks over a file found different resources in it.
pub(crate) fn changed() -> Error {
    Error::Unavailable("the file was written while it was read: scan it again".to_owned())
}
