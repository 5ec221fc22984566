//! Which parents an attribute of a plan may refer to while its value is not known yet: the configuration says what the author
//! wrote there, and the way leads on through arguments and outputs of modules.
//!
//! Local values and other resources do not appear in a plan's configuration as anything that could be followed; a reference
//! to one leaves open where it leads.

use std::collections::{BTreeSet, HashMap};

use crate::address::{Address, Step, steps};
use crate::configuration::{Call, Configuration};
use crate::fold::{Fold, folds_of};
use crate::parents::{Parent, Parents, resource_path};

/// Modules nest a few levels deep; a chain longer than this is no chain anybody wrote.
const MAX_HOPS: usize = 32;

/// What a reference may lead to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Led {
    pub places: BTreeSet<usize>,
    /// It may lead elsewhere too.
    pub open: bool,
}

pub(crate) struct References<'a> {
    pub configuration: &'a Configuration,
    pub parents: &'a Parents,
    /// How many instances each resource that folds has, by its path.
    pub siblings: &'a HashMap<String, usize>,
}

/// Which instance of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Which {
    Only,
    Key(String),
    Any,
}

impl Which {
    fn of(key: Option<&str>) -> Which {
        key.map_or(Which::Only, |key| Which::Key(key.to_owned()))
    }
}

/// The modules from the root to where a reference is followed.
#[derive(Clone, Debug, Default)]
struct Scope(Vec<(String, Which)>);

/// From where a reference is followed.
struct Here<'a> {
    scope: Scope,
    /// The key of what `count.index` and `each` speak of.
    key: Option<String>,
    for_each: &'a [String],
    /// How many siblings the key tells apart, where known.
    siblings: Option<usize>,
    hops: usize,
}

impl Scope {
    fn of(path: &str) -> Scope {
        let steps = if path.is_empty() { Vec::new() } else { steps(path) };
        let modules = steps.iter().skip(1).step_by(2);
        Scope(modules.map(|step| (step.name.to_owned(), Which::of(step.key))).collect())
    }

    /// None where it stands for several.
    fn exact(&self) -> Option<String> {
        let mut modules = Vec::new();
        for (name, which) in &self.0 {
            modules.push(match which {
                Which::Only => format!("module.{name}"),
                Which::Key(key) => format!("module.{name}[{key}]"),
                Which::Any => return None,
            });
        }
        Some(modules.join("."))
    }

    fn fits(&self, path: &str) -> bool {
        let other = Scope::of(path);
        other.0.len() == self.0.len()
            && self
                .0
                .iter()
                .zip(&other.0)
                .all(|(own, other)| own.0 == other.0 && (own.1 == Which::Any || own.1 == other.1))
    }

    /// The configuration of the module, whatever its keys.
    fn path(&self) -> String {
        self.0.iter().map(|(name, _)| format!("module.{name}")).collect::<Vec<_>>().join(".")
    }
}

impl References<'_> {
    /// Where a satellite's link leads.
    pub(crate) fn follow(&self, satellite: &Address, fold: &Fold) -> Led {
        let mut led = Led::default();
        self.follow_link(satellite, fold, 0, &mut led);
        led
    }

    fn follow_link(&self, satellite: &Address, fold: &Fold, hops: usize, led: &mut Led) {
        let Some(resource) = self.configuration.resource(satellite) else {
            led.open = true;
            return;
        };
        let Some(references) = resource.references.get(fold.link).filter(|references| !references.is_empty()) else {
            led.open = true;
            return;
        };
        let here = Here {
            scope: Scope::of(&satellite.module),
            key: satellite.key.clone(),
            for_each: &resource.for_each,
            siblings: self.siblings.get(&resource_path(satellite)).copied(),
            hops,
        };
        self.follow_all(references, &here, fold, false, led);
    }

    fn follow_all(&self, references: &[String], here: &Here<'_>, fold: &Fold, keyed: bool, led: &mut Led) {
        if here.hops > MAX_HOPS {
            led.open = true;
            return;
        }
        let keyed = keyed || references.iter().any(|text| text == "count.index" || text.starts_with("each."));
        for text in references {
            // Terraform lists each reference with its beginnings: `a.b.id`, then `a.b`.
            let is_beginning =
                |other: &String| other.strip_prefix(text.as_str()).is_some_and(|rest| rest.starts_with(['.', '[']));
            if !references.iter().any(is_beginning) {
                self.follow_one(text, here, fold, keyed, led);
            }
        }
    }

    fn follow_one(&self, text: &str, here: &Here<'_>, fold: &Fold, keyed: bool, led: &mut Led) {
        match steps(text).as_slice() {
            [Step { name: "count" | "path" | "terraform" | "self", .. }, ..]
            | [Step { name: "each", .. }, Step { name: "key", .. }, ..] => {}
            [Step { name: "each", .. }, ..] if here.for_each.is_empty() => led.open = true,
            [Step { name: "each", .. }, ..] => {
                let deeper = Here { hops: here.hops + 1, scope: here.scope.clone(), key: here.key.clone(), ..*here };
                self.follow_all(here.for_each, &deeper, fold, true, led);
            }
            [Step { name: "var", .. }, name, ..] => self.follow_argument(name.name, here, fold, led),
            [Step { name: "module", .. }, module, output, ..] => {
                self.follow_output(module, output.name, here, fold, led);
            }
            [Step { name: "local" | "data" | "module", .. }, ..] => led.open = true,
            [kind, name, ..] if fold.parents.contains(&kind.name) => {
                self.pick(kind.name, name, here, keyed, led);
            }
            [kind, name, ..] => self.follow_sibling(kind.name, name, here, fold, led),
            _ => led.open = true,
        }
    }

    /// A variable is what the module's caller gives it; that of the root module is always known, so it adds nothing.
    fn follow_argument(&self, name: &str, here: &Here<'_>, fold: &Fold, led: &mut Led) {
        let mut scope = here.scope.clone();
        let Some((module, which)) = scope.0.pop() else {
            return;
        };
        let Some(call) = self.call(&scope, &module) else {
            led.open = true;
            return;
        };
        // An argument that is not given has its default, which is a constant.
        let Some(references) = call.arguments.get(name) else {
            return;
        };
        let key = if let Which::Key(key) = which { Some(key) } else { None };
        let here = Here { scope, key, for_each: &call.for_each, siblings: None, hops: here.hops + 1 };
        self.follow_all(references, &here, fold, false, led);
    }

    fn follow_output(&self, module: &Step<'_>, output: &str, here: &Here<'_>, fold: &Fold, led: &mut Led) {
        let references = self.call(&here.scope, module.name).and_then(|call| call.module.outputs.get(output));
        let Some(references) = references.filter(|references| !references.is_empty()) else {
            led.open = true;
            return;
        };
        let mut scope = here.scope.clone();
        // Without a key the reference may be to the only instance or to all of them.
        scope.0.push((module.name.to_owned(), module.key.map_or(Which::Any, |key| Which::Key(key.to_owned()))));
        let here = Here { scope, key: None, for_each: &[], siblings: None, hops: here.hops + 1 };
        self.follow_all(references, &here, fold, false, led);
    }

    /// Another setting of the same parent leads to it by its own link; any other resource leads nobody knows where.
    fn follow_sibling(&self, kind: &str, name: &Step<'_>, here: &Here<'_>, fold: &Fold, led: &mut Led) {
        let sibling = folds_of(kind).iter().find(|other| other.parents == fold.parents);
        let (Some(sibling), Some(module)) = (sibling, here.scope.exact()) else {
            led.open = true;
            return;
        };
        let (kind, key) = (kind.to_owned(), name.key.map(str::to_owned).or_else(|| here.key.clone()));
        let address = Address { module, kind, name: name.name.to_owned(), key, deposed: None };
        self.follow_link(&address, sibling, here.hops + 1, led);
    }

    fn call(&self, scope: &Scope, module: &str) -> Option<&Call> {
        self.configuration.module(&scope.path())?.calls.get(module)
    }

    /// The instances of a resource that a reference may mean.
    fn pick(&self, kind: &str, name: &Step<'_>, here: &Here<'_>, keyed: bool, led: &mut Led) {
        let all = match here.scope.exact() {
            Some(module) => {
                let dot = if module.is_empty() { "" } else { "." };
                self.parents.instances(&format!("{module}{dot}{kind}.{}", name.name)).to_vec()
            }
            None => self.parents.instances_where(kind, name.name, |module| here.scope.fits(module)),
        };
        let with_key = |key: &str| -> Vec<usize> {
            let has = |place: &&usize| {
                let address = self.parents.get(**place).and_then(Parent::address);
                address.is_some_and(|address| address.key.as_deref() == Some(key))
            };
            all.iter().filter(has).copied().collect()
        };
        if let Some(key) = name.key {
            led.places.extend(with_key(key));
            return;
        }
        match &here.key {
            // `bucket.a[count.index]` and `bucket.a[count.index + 1]` look alike in a plan. Only where there are as many of
            // both does every parent get one of them.
            Some(key) if keyed && all.len() > 1 && (key.starts_with('"') || here.siblings == Some(all.len())) => {
                led.places.extend(with_key(key));
            }
            _ => led.places.extend(all),
        }
    }
}
