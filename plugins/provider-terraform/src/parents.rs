//! The resources of a file that others fold into, by what those may call them.

use std::collections::HashMap;

use plumbline::provider::Error;
use serde_json::Value as Json;

use crate::address::Address;
use crate::budget::Budget;
use crate::fold::{NAMES, identities_of};
use crate::instance::Instance;

/// A resource that others may fold into.
#[derive(Debug)]
pub struct Parent {
    pub address: Address,
    provider: String,
    /// Its name, where it is known.
    name: Option<String>,
}

/// What a parent takes in the three indexes beside its texts, in bytes.
const PARENT_BYTES: usize = 400;

/// All of them.
#[derive(Debug, Default)]
pub struct Parents {
    list: Vec<Parent>,
    by_value: HashMap<String, Vec<usize>>,
    /// By module instance, kind and name.
    by_resource: HashMap<String, Vec<usize>>,
    by_kind: HashMap<String, Vec<usize>>,
}

impl Parents {
    pub fn add(&mut self, instance: Instance, budget: &mut Budget) -> Result<(), Error> {
        let Instance { address, provider, values, .. } = instance;
        let place = self.list.len();
        let mut size = PARENT_BYTES + provider.len() + address.module.len() * 2;
        let texts: Vec<String> =
            identities_of(&address.kind).iter().filter_map(|name| text(values.get(*name))).collect();
        for text in texts {
            size += text.len();
            let places = self.by_value.entry(text).or_default();
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
        if address.deposed.is_none() {
            self.by_resource.entry(resource_path(&address)).or_default().push(place);
            self.by_kind.entry(address.kind.clone()).or_default().push(place);
        }
        let name = NAMES.iter().find_map(|name| text(values.get(*name)));
        self.list.push(Parent { address, provider, name });
        budget.charge(size)
    }

    pub fn get(&self, place: usize) -> Option<&Parent> {
        self.list.get(place)
    }

    /// The parents of these kinds that are called this. Where several are, those of the same provider configuration go before
    /// others, and living objects before deposed ones.
    pub fn called(&self, value: &str, kinds: &[&str], provider: &str) -> Vec<usize> {
        let places = self.by_value.get(value).map(Vec::as_slice).unwrap_or_default();
        let found = places.iter().filter_map(|place| Some((*place, self.list.get(*place)?)));
        let found: Vec<(usize, &Parent)> =
            found.filter(|(_, parent)| kinds.contains(&parent.address.kind.as_str())).collect();
        let found = prefer(found, |parent| parent.address.deposed.is_none());
        let found = prefer(found, |parent| parent.provider == provider);
        found.into_iter().map(|(place, _)| place).collect()
    }

    /// The parents of these kinds whose name is this.
    pub fn named(&self, name: &str, kinds: &[&str]) -> Vec<usize> {
        self.of_kinds(kinds)
            .filter(|place| self.list.get(*place).is_some_and(|parent| parent.name.as_deref() == Some(name)))
            .collect()
    }

    /// The instances of one resource in one module instance.
    pub fn instances(&self, path: &str) -> &[usize] {
        self.by_resource.get(path).map(Vec::as_slice).unwrap_or_default()
    }

    /// The instances of a resource in any module instance that `fits`.
    pub fn instances_where(&self, kind: &str, name: &str, fits: impl Fn(&str) -> bool) -> Vec<usize> {
        let matches = |place: &usize| {
            self.list.get(*place).is_some_and(|parent| parent.address.name == name && fits(&parent.address.module))
        };
        self.of_kinds(&[kind]).filter(matches).collect()
    }

    /// All living parents of these kinds.
    pub fn of_kinds<'a>(&'a self, kinds: &'a [&str]) -> impl Iterator<Item = usize> + 'a {
        kinds.iter().filter_map(|kind| self.by_kind.get(*kind)).flatten().copied()
    }
}

/// Where a resource stands, without its own key.
pub fn resource_path(address: &Address) -> String {
    let Address { module, kind, name, .. } = address;
    if module.is_empty() { format!("{kind}.{name}") } else { format!("{module}.{kind}.{name}") }
}

/// Those that are better, or all where none is.
fn prefer(found: Vec<(usize, &Parent)>, better: impl Fn(&Parent) -> bool) -> Vec<(usize, &Parent)> {
    if found.len() > 1 && found.iter().any(|(_, parent)| better(parent)) {
        found.into_iter().filter(|(_, parent)| better(parent)).collect()
    } else {
        found
    }
}

fn text(value: Option<&Json>) -> Option<String> {
    value.and_then(Json::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}
