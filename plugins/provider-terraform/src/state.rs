//! The `resources` of a state file of version 4.

use std::collections::BTreeMap;

use serde::de::{DeserializeSeed, Deserializer, MapAccess};
use serde_json::{Map, Value as Json};

use crate::address::{Address, render_key};
use crate::flatmap::unflatten;
use crate::instance::{Attributes, Instance, Sink, Wanted};
use crate::paths::{Paths, of_steps};
use crate::reading::{Reading, missing};
use crate::walk::{Items, Keys, Walk, WalkList};

/// The list of resources.
pub(crate) struct Resources<'a> {
    pub reading: &'a Reading,
    pub sink: &'a mut dyn Sink,
}

impl<'de> Items<'de> for Resources<'_> {
    const WHAT: &'static str = "a list of resources";

    fn item<D: Deserializer<'de>>(&mut self, element: D) -> Result<(), D::Error> {
        self.reading.begin_value();
        let mut resource = Resource::new(self.reading, &mut *self.sink);
        Walk(&mut resource).deserialize(element)?;
        resource.finish()
    }
}

/// Takes one element of the list, cut out of its file.
pub(crate) fn element(json: &[u8], reading: &Reading, sink: &mut dyn Sink) -> serde_json::Result<()> {
    let mut parser = serde_json::Deserializer::from_slice(json);
    Resources { reading, sink }.item(&mut parser)?;
    parser.end()
}

/// One resource with all its instances. Terraform writes what names them before them, so they pass through one by one; where
/// somebody has sorted the keys, they are held until the names are known.
struct Resource<'a> {
    reading: &'a Reading,
    sink: &'a mut dyn Sink,
    mode: Option<String>,
    kind: Option<String>,
    name: Option<String>,
    provider: Option<String>,
    module: String,
    held: Vec<Written>,
    passed: bool,
}

/// An instance without the names that it shares with its siblings.
#[derive(Default)]
struct Written {
    key: Json,
    deposed: Option<String>,
    values: Map<String, Json>,
    flat: BTreeMap<String, String>,
    sensitive: Paths,
}

impl<'a> Resource<'a> {
    fn new(reading: &'a Reading, sink: &'a mut dyn Sink) -> Resource<'a> {
        Resource {
            reading,
            sink,
            mode: None,
            kind: None,
            name: None,
            provider: None,
            module: String::new(),
            held: Vec::new(),
            passed: false,
        }
    }

    fn is_named(&self) -> bool {
        self.mode.is_some() && self.kind.is_some() && self.name.is_some() && self.provider.is_some()
    }

    fn wanted(&self) -> Wanted {
        match (&self.mode, &self.kind) {
            (Some(mode), _) if mode != "managed" => Wanted::Nothing,
            (_, Some(kind)) => self.sink.wanted(kind),
            _ => Wanted::Everything,
        }
    }

    fn take<E: serde::de::Error>(&mut self, written: Written) -> Result<(), E> {
        if !self.is_named() {
            self.held.push(written);
            return Ok(());
        }
        self.passed = true;
        self.pass(written)
    }

    fn pass<E: serde::de::Error>(&mut self, written: Written) -> Result<(), E> {
        let address = Address {
            module: self.module.clone(),
            kind: self.kind.clone().unwrap_or_default(),
            name: self.name.clone().unwrap_or_default(),
            key: render_key(&written.key),
            deposed: written.deposed,
        };
        let values = if written.values.is_empty() { unflatten(&written.flat) } else { written.values };
        let provider = self.provider.clone().unwrap_or_default();
        let instance = Instance { address, provider, values, sensitive: written.sensitive };
        self.sink.take(instance).map_err(|error| self.reading.stop(error))
    }

    fn finish<E: serde::de::Error>(mut self) -> Result<(), E> {
        let kind = self.kind.as_ref().ok_or_else(|| missing("a resource", "type"))?;
        if self.name.is_none() {
            return Err(missing(&format!("a resource of type {kind}"), "name"));
        }
        if self.wanted() == Wanted::Nothing {
            return Ok(());
        }
        let held = std::mem::take(&mut self.held);
        held.into_iter().try_for_each(|written| self.pass(written))
    }
}

impl<'de> Keys<'de> for Resource<'_> {
    const WHAT: &'static str = "a resource";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "mode" => self.mode = map.next_value()?,
            "type" => self.kind = map.next_value()?,
            "name" => self.name = map.next_value()?,
            "provider" => self.provider = map.next_value()?,
            "module" if self.passed => {
                return Err(serde::de::Error::custom(
                    "`module` stands after `instances`; keep the order Terraform writes",
                ));
            }
            "module" => self.module = map.next_value::<Option<String>>()?.unwrap_or_default(),
            "instances" if self.wanted() == Wanted::Nothing => self.reading.skip(map)?,
            "instances" => map.next_value_seed(WalkList(&mut Instances(self)))?,
            _ => self.reading.skip(map)?,
        }
        Ok(())
    }
}

struct Instances<'a, 'b>(&'a mut Resource<'b>);

impl<'de> Items<'de> for Instances<'_, '_> {
    const WHAT: &'static str = "a list of instances";

    fn item<D: Deserializer<'de>>(&mut self, element: D) -> Result<(), D::Error> {
        // What is held counts together.
        if self.0.is_named() {
            self.0.reading.begin_value();
        }
        let mut walked = InstanceKeys { reading: self.0.reading, wanted: self.0.wanted(), written: Written::default() };
        Walk(&mut walked).deserialize(element)?;
        self.0.take(walked.written)
    }
}

struct InstanceKeys<'a> {
    reading: &'a Reading,
    wanted: Wanted,
    written: Written,
}

impl<'de> Keys<'de> for InstanceKeys<'_> {
    const WHAT: &'static str = "an instance";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "index_key" => self.written.key = map.next_value()?,
            "deposed" => self.written.deposed = map.next_value()?,
            "attributes" | "attributes_flat" | "sensitive_attributes" if self.wanted == Wanted::Only(&[]) => {
                self.reading.skip(map)?;
            }
            "attributes" => {
                let mut walked = Attributes { reading: self.reading, wanted: self.wanted, values: Map::new() };
                map.next_value_seed(Walk(&mut walked))?;
                self.written.values = walked.values;
            }
            "attributes_flat" => self.written.flat = map.next_value::<Option<_>>()?.unwrap_or_default(),
            "sensitive_attributes" => self.written.sensitive = of_steps(&map.next_value()?),
            _ => self.reading.skip(map)?,
        }
        Ok(())
    }
}
