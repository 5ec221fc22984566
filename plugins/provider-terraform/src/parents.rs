//! The resources of a file that satellites name, by what they are called.

use std::collections::HashMap;

use plumbline::provider::Error;
use serde_json::{Map, Value as Json};

use crate::address::Address;
use crate::budget::Budget;
use crate::fold::{NAMES, identities_of, parent_kind};
use crate::instance::Instance;
use crate::satellites::Satellites;
use crate::texts::Texts;

/// A resource that satellites may fold into.
#[derive(Debug)]
pub struct Parent {
    /// The how manyth of all resources in the file that others might fold into.
    pub ordinal: usize,
    /// Hash of the address.
    pub seal: u64,
    kind: &'static str,
    /// The number of its text.
    provider: usize,
    is_deposed: bool,
    named: Option<Box<Named>>,
}

/// What only a plan needs to know of a parent.
#[derive(Debug)]
struct Named {
    address: Address,
    /// Its name, where it is known.
    name: Option<String>,
}

/// What a parent takes in the list, in the index of values and in the allocator's books, in bytes.
const PARENT_BYTES: usize = 80;
/// What it takes beside its texts where its address is kept.
const NAMED_BYTES: usize = 400;

/// All that may be wanted.
#[derive(Debug, Default)]
pub struct Parents {
    list: Vec<Parent>,
    providers: Texts,
    /// The number of a link and the place of a parent that is called so; sorted once all are there.
    by_value: Vec<(usize, usize)>,
    /// By module instance, kind and name.
    by_resource: HashMap<String, Vec<usize>>,
    by_kind: HashMap<&'static str, Vec<usize>>,
    /// How many resources of the file others might fold into.
    pub count: usize,
}

impl Parents {
    /// Takes a resource that others might fold into. In a state it is kept only where a satellite's link names it; in a plan
    /// links may be unknown, so each that a satellite might mean is kept, with its address.
    pub fn add(
        &mut self,
        instance: Instance,
        satellites: &Satellites,
        is_plan: bool,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        let Instance { address, provider, values, .. } = instance;
        let ordinal = self.count;
        self.count += 1;
        let Some(kind) = parent_kind(&address.kind).filter(|kind| satellites.parents.contains(kind)) else {
            return Ok(());
        };
        let place = self.list.len();
        let known = self.by_value.len();
        for value in identities_of(kind).iter().filter_map(|name| text(&values, name)) {
            if let Some(link) = satellites.links.find(value)
                && !self.by_value.iter().skip(known).any(|(other, _)| *other == link)
            {
                self.by_value.push((link, place));
            }
        }
        if self.by_value.len() == known && !is_plan {
            return Ok(());
        }
        budget.charge(PARENT_BYTES)?;
        let (seal, is_deposed) = (address.seal(), address.deposed.is_some());
        let provider = self.providers.keep(&provider, budget)?;
        let named = if is_plan { Some(self.name(place, kind, address, &values, budget)?) } else { None };
        self.list.push(Parent { ordinal, seal, kind, provider, is_deposed, named });
        Ok(())
    }

    fn name(
        &mut self,
        place: usize,
        kind: &'static str,
        address: Address,
        values: &Map<String, Json>,
        budget: &mut Budget,
    ) -> Result<Box<Named>, Error> {
        budget.charge(NAMED_BYTES + address.module.len() * 2)?;
        if address.deposed.is_none() {
            self.by_resource.entry(resource_path(&address)).or_default().push(place);
            self.by_kind.entry(kind).or_default().push(place);
        }
        let name = NAMES.iter().find_map(|name| text(values, name)).map(str::to_owned);
        Ok(Box::new(Named { address, name }))
    }

    /// To be called once all are there.
    pub fn sort(&mut self) {
        self.by_value.sort_unstable();
    }

    pub fn get(&self, place: usize) -> Option<&Parent> {
        self.list.get(place)
    }

    /// The parents of these kinds that a link calls by its number. Where several are, living objects go before deposed ones,
    /// and those of the same provider configuration before others.
    pub fn called(&self, link: usize, kinds: &[&str], provider: &str) -> Vec<usize> {
        let from = self.by_value.partition_point(|(other, _)| *other < link);
        let places = self.by_value.iter().skip(from).take_while(|(other, _)| *other == link).map(|(_, place)| *place);
        let found = places.filter_map(|place| Some((place, self.list.get(place)?)));
        let found: Vec<(usize, &Parent)> = found.filter(|(_, parent)| kinds.contains(&parent.kind)).collect();
        let found = prefer(found, |parent| !parent.is_deposed);
        let found = prefer(found, |parent| self.providers.get(parent.provider) == Some(provider));
        found.into_iter().map(|(place, _)| place).collect()
    }

    /// The parents of these kinds whose name is this. Only in a plan.
    pub fn named(&self, name: &str, kinds: &[&str]) -> Vec<usize> {
        let is_called = |place: &usize| {
            let named = self.list.get(*place).and_then(|parent| parent.named.as_ref());
            named.is_some_and(|named| named.name.as_deref() == Some(name))
        };
        self.of_kinds(kinds).filter(is_called).collect()
    }

    /// The instances of one resource in one module instance. Only in a plan.
    pub fn instances(&self, path: &str) -> &[usize] {
        self.by_resource.get(path).map(Vec::as_slice).unwrap_or_default()
    }

    /// The instances of a resource in any module instance that `fits`. Only in a plan.
    pub fn instances_where(&self, kind: &str, name: &str, fits: impl Fn(&str) -> bool) -> Vec<usize> {
        let matches = |place: &usize| {
            let address = self.list.get(*place).and_then(Parent::address);
            address.is_some_and(|address| address.name == name && fits(&address.module))
        };
        self.of_kinds(&[kind]).filter(matches).collect()
    }

    /// All living parents of these kinds.
    fn of_kinds<'a>(&'a self, kinds: &'a [&str]) -> impl Iterator<Item = usize> + 'a {
        kinds.iter().filter_map(|kind| self.by_kind.get(*kind)).flatten().copied()
    }
}

impl Parent {
    /// Known in a plan.
    pub fn address(&self) -> Option<&Address> {
        self.named.as_ref().map(|named| &named.address)
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

fn text<'a>(values: &'a Map<String, Json>, name: &str) -> Option<&'a str> {
    values.get(name).and_then(Json::as_str).filter(|text| !text.is_empty())
}
