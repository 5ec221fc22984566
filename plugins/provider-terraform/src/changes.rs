//! The `resource_changes` of a plan: what is unknown until it is applied, what is sensitive, what goes away.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use plumbline::provider::Error;
use serde::de::{DeserializeSeed, Deserializer, MapAccess};
use serde_json::{Map, Value as Json};

use crate::address::{Address, render_key};
use crate::budget::Budget;
use crate::parents::resource_path;
use crate::paths::{Marks, Paths};
use crate::reading::{Reading, missing};
use crate::walk::{Items, Keys, Walk, WalkList};

/// What a plan says of one resource instance beside its values.
#[derive(Clone, Debug)]
pub struct Change {
    /// It is made, or made again: nothing of an earlier object remains.
    pub creates: bool,
    pub unknown: Rc<[String]>,
    pub sensitive: Rc<[String]>,
}

/// A resource that folds into another one and is changed or removed: what it said before.
#[derive(Clone, Debug)]
pub struct Former {
    pub address: Address,
    pub values: Map<String, Json>,
    pub removed: bool,
}

/// What is kept of all changes. Resources of a kind mostly share the same unknown attributes, so each set of paths is held once.
#[derive(Debug, Default)]
pub struct Changes {
    pub by_address: HashMap<String, Change>,
    pub former: Vec<Former>,
    /// Data sources that are read only while the plan is applied, by module instance, kind and name.
    pub read: HashSet<String>,
    sets: HashSet<Rc<[String]>>,
}

/// What the entry of a kept change costs beside its address, in bytes: the table's slot and the pointers in it.
const ENTRY_BYTES: usize = 120;

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.by_address.is_empty() && self.former.is_empty()
    }

    pub fn of(&self, address: &Address) -> Option<&Change> {
        if self.by_address.is_empty() { None } else { self.by_address.get(&address.to_string()) }
    }

    fn share(&mut self, paths: Paths, budget: &mut Budget) -> Result<Rc<[String]>, Error> {
        let paths: Vec<String> = paths.into_iter().collect();
        if let Some(known) = self.sets.get(paths.as_slice()) {
            return Ok(Rc::clone(known));
        }
        budget.charge(paths.iter().map(|path| path.len() + size_of::<String>()).sum())?;
        let shared: Rc<[String]> = paths.into();
        self.sets.insert(Rc::clone(&shared));
        Ok(shared)
    }

    fn keep(&mut self, walked: WalkedChange, address: Address, budget: &mut Budget) -> Result<(), Error> {
        let text = address.to_string();
        budget.charge(text.len() + ENTRY_BYTES)?;
        let has = |action: &str| walked.actions.iter().any(|other| other == action);
        let (creates, removed) = (has("create"), has("delete") && !has("create"));
        let unchanged = has("no-op");
        if let (Some(values), false) = (walked.before, unchanged) {
            budget.charge(Budget::size_of(&values))?;
            self.former.push(Former { address, values, removed });
        }
        if removed || (walked.unknown.is_empty() && walked.sensitive.is_empty()) {
            return Ok(());
        }
        let unknown = self.share(walked.unknown, budget)?;
        let sensitive = self.share(walked.sensitive, budget)?;
        self.by_address.insert(text, Change { creates, unknown, sensitive });
        Ok(())
    }
}

/// The list of changes.
pub(crate) struct ChangeList<'a> {
    pub reading: &'a Reading,
    pub changes: &'a mut Changes,
    pub budget: &'a mut Budget,
    /// Whether the earlier values of a kind are of interest.
    pub folds: fn(&str) -> bool,
}

impl<'de> Items<'de> for ChangeList<'_> {
    const WHAT: &'static str = "a list of changes";

    fn item<D: Deserializer<'de>>(&mut self, element: D) -> Result<(), D::Error> {
        self.reading.begin_value();
        let mut entry = Entry::new(self.reading, self.folds);
        Walk(&mut entry).deserialize(element)?;
        if entry.deposed.is_some() {
            return Ok(());
        }
        let text = entry.address.ok_or_else(|| missing("a change", "address"))?;
        let Some((parsed, is_data)) = Address::parse_any(&text) else {
            return Err(serde::de::Error::custom(format_args!("'{text}' is no address of a resource")));
        };
        if is_data || entry.mode.as_deref().unwrap_or("managed") != "managed" {
            let charged = self.budget.charge(text.len() + ENTRY_BYTES);
            self.changes.read.insert(resource_path(&parsed));
            return charged.map_err(|error| self.reading.stop(error));
        }
        let address = Address { key: parsed.key.or_else(|| render_key(&entry.index)), ..parsed };
        self.changes.keep(entry.change, address, self.budget).map_err(|error| self.reading.stop(error))
    }
}

struct Entry<'a> {
    reading: &'a Reading,
    folds: fn(&str) -> bool,
    address: Option<String>,
    mode: Option<String>,
    kind: Option<String>,
    index: Json,
    deposed: Option<String>,
    change: WalkedChange,
}

#[derive(Default)]
struct WalkedChange {
    actions: Vec<String>,
    before: Option<Map<String, Json>>,
    unknown: Paths,
    sensitive: Paths,
}

impl<'a> Entry<'a> {
    fn new(reading: &'a Reading, folds: fn(&str) -> bool) -> Entry<'a> {
        Entry {
            reading,
            folds,
            address: None,
            mode: None,
            kind: None,
            index: Json::Null,
            deposed: None,
            change: WalkedChange::default(),
        }
    }
}

impl<'de> Keys<'de> for Entry<'_> {
    const WHAT: &'static str = "a change";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "address" => self.address = map.next_value()?,
            "mode" => self.mode = map.next_value()?,
            "type" => self.kind = map.next_value()?,
            "index" => self.index = map.next_value()?,
            "deposed" => self.deposed = map.next_value()?,
            "change" => {
                let keep_before = self.kind.as_deref().is_none_or(self.folds);
                let (reading, change) = (self.reading, &mut self.change);
                map.next_value_seed(Walk(&mut ChangeKeys { reading, keep_before, change }))?;
            }
            _ => self.reading.skip(map)?,
        }
        Ok(())
    }
}

struct ChangeKeys<'a> {
    reading: &'a Reading,
    keep_before: bool,
    change: &'a mut WalkedChange,
}

impl<'de> Keys<'de> for ChangeKeys<'_> {
    const WHAT: &'static str = "a change";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "actions" => self.change.actions = map.next_value::<Option<_>>()?.unwrap_or_default(),
            "before" if self.keep_before => self.change.before = map.next_value()?,
            "after_unknown" => map.next_value_seed(&mut Marks::new(&mut self.change.unknown))?,
            "after_sensitive" => map.next_value_seed(&mut Marks::new(&mut self.change.sensitive))?,
            _ => self.reading.skip(map)?,
        }
        Ok(())
    }
}

/// Walks the list at a key of the document.
pub(crate) fn walk<'de, A: MapAccess<'de>>(map: &mut A, mut list: ChangeList<'_>) -> Result<(), A::Error> {
    map.next_value_seed(WalkList(&mut list))
}
