//! Which parent each satellite belongs to, and what it brings there.
//!
//! A satellite that cannot be told to belong to exactly one parent makes a gap on each that it may belong to: reading the
//! attribute as not set would be as wrong as guessing.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value as Json;

use crate::address::Address;
use crate::changes::Former;
use crate::complete::{Completed, Planned};
use crate::fold::{Fold, Fragment, Part, folds_of};
use crate::instance::Instance;
use crate::merge;
use crate::parents::{Parents, resource_path};
use crate::paths::within;
use crate::references::References;

/// What satellites bring.
#[derive(Debug, Default)]
pub struct Brought {
    /// By the parent's address.
    parts: HashMap<String, Parts>,
    /// Attributes that are a gap on every parent of a kind, by kind.
    everywhere: BTreeMap<&'static str, BTreeMap<&'static str, String>>,
    /// Satellites that are told wholly by their parents.
    pub told: HashSet<Address>,
}

#[derive(Debug, Default)]
struct Parts {
    /// What satellites that change or go away said before, and why the attribute is unknown where they go.
    former: Vec<(Fragment, Option<String>)>,
    /// With the satellite that brings it.
    brought: Vec<(Fragment, String)>,
    gaps: BTreeMap<&'static str, String>,
}

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

/// Tells all satellites to their parents.
pub fn gather(satellites: Vec<Instance>, parents: &Parents, planned: &Planned) -> Brought {
    let mut siblings = HashMap::new();
    for satellite in &satellites {
        *siblings.entry(resource_path(&satellite.address)).or_default() += 1;
    }
    let references = References { configuration: &planned.configuration, parents, siblings: &siblings };
    let mut gathering = Gathering { parents, planned, references, brought: Brought::default() };
    for former in &planned.changes.former {
        gathering.withdraw(former);
    }
    for satellite in satellites {
        // What a failed replacement left behind is no setting of a living resource.
        if satellite.address.deposed.is_none() {
            gathering.tell(satellite);
        }
    }
    gathering.brought
}

struct Gathering<'a> {
    parents: &'a Parents,
    planned: &'a Planned,
    references: References<'a>,
    brought: Brought,
}

impl Gathering<'_> {
    fn tell(&mut self, satellite: Instance) {
        let completed = Completed::of(satellite, self.planned);
        let (mut told, mut left) = (false, false);
        for fold in folds_of(&completed.address.kind) {
            let targets = self.targets(&completed, fold);
            if targets.is_empty() {
                continue;
            }
            let fragments = fold.fragments(&completed);
            for target in targets {
                match target {
                    Target::One(place) => {
                        told = true;
                        self.place(place, &fragments, &completed.address);
                    }
                    Target::Elsewhere => left = true,
                    Target::Among(places) => {
                        left = true;
                        let reason = unmatched(&completed.address, fold);
                        for place in places {
                            self.mark(place, &fragments, &reason);
                        }
                    }
                    Target::Any => {
                        left = true;
                        let reason = unmatched(&completed.address, fold);
                        for kind in fold.parents {
                            let gaps = self.brought.everywhere.entry(kind).or_default();
                            for fragment in &fragments {
                                gaps.entry(fragment.attribute).or_insert_with(|| reason.clone());
                            }
                        }
                    }
                }
            }
        }
        let stays = folds_of(&completed.address.kind).iter().any(|fold| fold.stays);
        if told && !left && !stays {
            self.brought.told.insert(completed.address);
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
        links(satellite, fold).into_iter().map(|link| self.called(link, fold, &satellite.provider)).collect()
    }

    /// The parent that a known link names.
    fn called(&self, link: &str, fold: &Fold, provider: &str) -> Target {
        let mut places = self.parents.called(link, fold.parents, provider);
        if places.is_empty() {
            // A function may be named with the version it stands at: `arn:…:function:NAME:LIVE`.
            if let Some(shorter) = without_qualifier(link) {
                places = self.parents.called(shorter, fold.parents, provider);
            }
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
            let change = self.parents.get(*place).and_then(|parent| self.planned.changes.of(&parent.address));
            change.is_some_and(|change| fold.identity.iter().any(|name| change.unknown.iter().any(|path| path == name)))
        };
        self.parents.named(name, fold.parents).into_iter().filter(is_unknown).collect()
    }

    fn parts(&mut self, place: usize) -> Option<&mut Parts> {
        let address = self.parents.get(place)?.address.to_string();
        Some(self.brought.parts.entry(address).or_default())
    }

    fn place(&mut self, place: usize, fragments: &[Fragment], satellite: &Address) {
        let Some(parts) = self.parts(place) else {
            return;
        };
        for fragment in fragments {
            let rival = parts.brought.iter_mut().find(|(other, _)| {
                other.attribute == fragment.attribute
                    && matches!((&other.part, &fragment.part), (Part::Whole(one), Part::Whole(two)) if one != two)
            });
            let Some((other, source)) = rival else {
                parts.brought.push((fragment.clone(), satellite.to_string()));
                continue;
            };
            let reason = format!("{source} and {satellite} both set it: the one that is applied last holds");
            other.part = Part::Whole(Json::Null);
            other.gaps = vec![(fragment.attribute.to_owned(), reason)];
        }
    }

    fn mark(&mut self, place: usize, fragments: &[Fragment], reason: &str) {
        let Some(parts) = self.parts(place) else {
            return;
        };
        for fragment in fragments {
            parts.gaps.entry(fragment.attribute).or_insert_with(|| reason.to_owned());
        }
    }

    /// Notes what a satellite said before it is changed or removed.
    fn withdraw(&mut self, former: &Former) {
        let instance =
            Instance { address: former.address.clone(), values: former.values.clone(), ..Instance::default() };
        let completed = Completed::of(instance, &Planned::default());
        let reason =
            former.removed.then(|| format!("{} is removed: what holds then is known only after apply", former.address));
        for fold in folds_of(&former.address.kind) {
            for link in links(&completed, fold) {
                let Target::One(place) = self.called(link, fold, &completed.provider) else {
                    continue;
                };
                let fragments = fold.fragments(&completed);
                if let Some(parts) = self.parts(place) {
                    parts.former.extend(fragments.into_iter().map(|fragment| (fragment, reason.clone())));
                }
            }
        }
    }
}

/// What the satellite's link holds: nothing, a name or several.
fn links<'a>(satellite: &'a Completed, fold: &Fold) -> Vec<&'a str> {
    match satellite.config.get(fold.link) {
        Some(Json::String(link)) if !link.is_empty() => vec![link.as_str()],
        Some(Json::Array(links)) => links.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

fn without_qualifier(link: &str) -> Option<&str> {
    if link.starts_with("arn:") && link.contains(":function:") && link.matches(':').count() > 6 {
        link.rsplit_once(':').map(|(function, _)| function)
    } else {
        None
    }
}

fn unmatched(satellite: &Address, fold: &Fold) -> String {
    let kind = fold.parents.last().copied().unwrap_or_default();
    format!("{satellite} may set it: which {kind} its {} names cannot be told from this file", fold.link)
}

impl Brought {
    /// Joins what satellites bring with their parent.
    pub fn join(&self, parent: &mut Completed) {
        if !self.parts.is_empty()
            && let Some(parts) = self.parts.get(&parent.address.to_string())
        {
            for (fragment, reason) in &parts.former {
                merge::withdraw(&mut parent.config, &mut parent.gaps, fragment, reason.as_deref());
            }
            for (fragment, _) in &parts.brought {
                merge::add(&mut parent.config, &mut parent.gaps, fragment);
            }
            for (attribute, reason) in &parts.gaps {
                parent.gaps.entry((*attribute).to_owned()).or_insert_with(|| reason.clone());
            }
        }
        let everywhere = self.everywhere.get(parent.address.kind.as_str()).into_iter().flatten();
        for (attribute, reason) in everywhere.filter(|_| parent.address.deposed.is_none()) {
            parent.gaps.entry((*attribute).to_owned()).or_insert_with(|| reason.clone());
        }
    }
}
