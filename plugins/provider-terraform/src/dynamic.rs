//! Whether a block that is not in a plan's configuration may come of a `dynamic` block.
//!
//! Terraform leaves `dynamic` blocks out of `configuration`. Where the number of their elements is known, the blocks stand in
//! the planned values; where it is not, the whole block is unknown, exactly as one is that nobody wrote and the provider
//! fills in. What tells the two apart is what the number could depend on: a plan lists the attributes that anything in it
//! refers to (`relevant_attributes`, since Terraform 1.2), those in `dynamic` blocks and local values too. Only where none of
//! them is unknown and within reach of the resource is its block surely not written.

use std::collections::{BTreeSet, HashMap};

use plumbline::provider::Error;
use serde_json::Value as Json;

use crate::address::{Address, steps};
use crate::budget::Budget;
use crate::changes::Changes;
use crate::configuration::{Configuration, Module};
use crate::parents::resource_path;
use crate::paths::{join, within};

/// An entry of `relevant_attributes`. Without a key all instances are meant.
#[derive(Debug)]
pub struct Relevant {
    address: Address,
    is_data: bool,
    path: String,
}

/// A resource or data source of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Resource {
    /// The modules without keys.
    module: String,
    is_data: bool,
    kind: String,
    name: String,
}

/// What is unknown in a plan and referred to.
#[derive(Debug, Default)]
pub struct Unknowns {
    /// Whether the plan tells what is referred to.
    is_told: bool,
    resources: BTreeSet<Resource>,
}

/// What an entry takes beside its texts, in bytes.
const RELEVANT_BYTES: usize = 200;

impl Relevant {
    /// None where the entry has another form.
    pub fn of(entry: &Json, budget: &mut Budget) -> Result<Option<Relevant>, Error> {
        let text = entry.get("resource").and_then(Json::as_str);
        let Some((text, (address, is_data))) = text.and_then(|text| Some((text, Address::parse_any(text)?))) else {
            return Ok(None);
        };
        let names = entry.get("attribute").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
        let path = join(names);
        budget.charge(RELEVANT_BYTES + text.len() + path.len())?;
        Ok(Some(Relevant { address, is_data, path }))
    }

    /// Whether the attribute may hold what is unknown of the resource at an address.
    fn meets(&self, address: &Address, unknown: &[String]) -> bool {
        self.address.module == address.module
            && (self.address.key.is_none() || self.address.key == address.key)
            && unknown.iter().any(|path| within(path, &self.path) || within(&self.path, path))
    }

    fn resource(&self) -> Resource {
        let Address { module, kind, name, .. } = &self.address;
        Resource { module: plain(module), is_data: self.is_data, kind: kind.clone(), name: name.clone() }
    }
}

impl Unknowns {
    /// None of the list is where the plan is of a Terraform that does not write it.
    pub fn of(relevant: Option<&[Relevant]>, changes: &Changes) -> Unknowns {
        let Some(relevant) = relevant else {
            return Unknowns::default();
        };
        let mut by_name: HashMap<(&str, &str), Vec<&Relevant>> = HashMap::new();
        let mut resources = BTreeSet::new();
        for entry in relevant {
            let Address { kind, name, .. } = &entry.address;
            if !entry.is_data {
                by_name.entry((kind, name)).or_default().push(entry);
            } else if changes.read.contains(&resource_path(&entry.address)) {
                resources.insert(entry.resource());
            }
        }
        for (text, change) in &changes.by_address {
            if let Some(address) = Address::parse(text) {
                let entries = by_name.get(&(address.kind.as_str(), address.name.as_str())).into_iter().flatten();
                let unknown = entries.filter(|entry| entry.meets(&address, &change.unknown));
                resources.extend(unknown.map(|entry| entry.resource()));
            }
        }
        Unknowns { is_told: true, resources }
    }

    /// Whether a block of this resource may depend on something unknown that is not seen in the configuration.
    pub fn may_reach(&self, address: &Address, configuration: &Configuration) -> bool {
        let Some(module) = configuration.module(&address.module).filter(|_| self.is_told) else {
            return true;
        };
        let own = plain(&address.module);
        let reach = reach(&address.module, configuration);
        let target = (address.kind.as_str(), address.name.as_str());
        self.resources.iter().filter(|resource| within(&resource.module, &reach)).any(|resource| {
            // What depends on the resource cannot be what the resource depends on.
            let from = (resource.kind.as_str(), resource.name.as_str());
            resource.is_data || resource.module != own || !depends(module, from, target, &mut BTreeSet::new())
        })
    }
}

/// Whether a resource is the target or refers to it, as far as the configuration of their module shows.
fn depends<'a>(
    module: &'a Module,
    from: (&'a str, &'a str),
    target: (&str, &str),
    seen: &mut BTreeSet<(&'a str, &'a str)>,
) -> bool {
    if from == target {
        return true;
    }
    if !seen.insert(from) {
        return false;
    }
    let Some(resource) = module.resources.get(&(from.0.to_owned(), from.1.to_owned())) else {
        return false;
    };
    resource.references.values().flatten().chain(&resource.for_each).any(|text| match steps(text).as_slice() {
        [kind, name, ..] => depends(module, (kind.name, name.name), target, seen),
        _ => false,
    })
}

/// The outermost module from which a value may come into this one, without keys: the module itself where all its arguments
/// are constants.
fn reach(path: &str, configuration: &Configuration) -> String {
    let mut reach = plain(path);
    let mut inner = reach.clone();
    while let Some((outer, call)) = split_last(&inner) {
        let Some(call) = configuration.module(&outer).and_then(|module| module.calls.get(&call)) else {
            return String::new();
        };
        let references = || call.arguments.values().flatten().chain(&call.for_each);
        let begins = |text: &str, name: &str| steps(text).first().is_some_and(|step| step.name == name);
        // Keys, counts and paths are known in every plan, and what `each.value` holds stands in the list for `for_each`.
        let is_known = |text: &&String| ["count", "each", "path", "terraform"].iter().any(|name| begins(text, name));
        if references().any(|text| !is_known(&text) && !begins(text, "var")) {
            reach.clone_from(&outer);
        } else if !references().any(|text| begins(text, "var")) {
            break;
        }
        inner = outer;
    }
    reach
}

/// `module.a.module.b` as `module.a` and `b`.
fn split_last(path: &str) -> Option<(String, String)> {
    let (before, name) = path.rsplit_once('.')?;
    let outer = before.strip_suffix("module")?.trim_end_matches('.');
    Some((outer.to_owned(), name.to_owned()))
}

/// A module's path without the keys.
fn plain(path: &str) -> String {
    if path.is_empty() {
        return String::new();
    }
    steps(path).iter().map(|step| step.name).collect::<Vec<_>>().join(".")
}
