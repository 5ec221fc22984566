//! The `configuration` of a plan: which attributes the author wrote, and what they refer to.

use std::collections::{BTreeMap, HashMap};

use plumbline::provider::Error;
use serde::de::{Deserializer, MapAccess};
use serde_json::{Map, Value as Json};

use crate::address::{Address, steps};
use crate::budget::Budget;
use crate::reading::Reading;
use crate::walk::{Items, Keys, Walk, WalkList};

/// What the author wrote.
#[derive(Debug, Default)]
pub struct Configuration {
    pub root: Module,
    /// Region by provider key, where it is written as a constant.
    regions: HashMap<String, String>,
}

#[derive(Debug, Default)]
pub struct Module {
    /// Managed resources by kind and name.
    pub resources: HashMap<(String, String), Resource>,
    pub calls: HashMap<String, Call>,
    /// References by output name.
    pub outputs: HashMap<String, Vec<String>>,
}

#[derive(Debug, Default)]
pub struct Call {
    pub module: Module,
    /// References by argument.
    pub arguments: HashMap<String, Vec<String>>,
    pub for_each: Vec<String>,
}

#[derive(Debug, Default)]
pub struct Resource {
    provider: String,
    pub for_each: Vec<String>,
    /// References by top-level attribute.
    pub references: HashMap<String, Vec<String>>,
    /// Every attribute and block that is written, by path, and how often its block stands there.
    pub written: BTreeMap<String, usize>,
}

impl Configuration {
    pub fn is_empty(&self) -> bool {
        self.root.resources.is_empty() && self.root.calls.is_empty()
    }

    /// The module an instance path leads to; keys make no difference.
    pub fn module(&self, path: &str) -> Option<&Module> {
        let mut module = &self.root;
        if path.is_empty() {
            return Some(module);
        }
        for step in steps(path).iter().skip(1).step_by(2) {
            module = &module.calls.get(step.name)?.module;
        }
        Some(module)
    }

    pub fn resource(&self, address: &Address) -> Option<&Resource> {
        self.module(&address.module)?.resources.get(&(address.kind.clone(), address.name.clone()))
    }

    /// The region of the provider that makes a resource, where it is written as a constant.
    pub fn region(&self, address: &Address) -> Option<&str> {
        if self.regions.is_empty() {
            return None;
        }
        let provider = &self.resource(address)?.provider;
        self.regions.get(provider).map(String::as_str)
    }
}

/// Walks the configuration. Only kinds that `keeps` names keep what is written of them.
pub(crate) struct ConfigurationKeys<'a> {
    pub reading: &'a Reading,
    pub budget: &'a mut Budget,
    pub keeps: fn(&str) -> bool,
    pub configuration: &'a mut Configuration,
}

impl<'de> Keys<'de> for ConfigurationKeys<'_> {
    const WHAT: &'static str = "a configuration";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        self.reading.begin_value();
        match key {
            "provider_config" => {
                let providers: BTreeMap<String, Json> = map.next_value::<Option<_>>()?.unwrap_or_default();
                for (name, provider) in providers {
                    let region = provider.pointer("/expressions/region/constant_value").and_then(Json::as_str);
                    if let Some(region) = region {
                        self.configuration.regions.insert(name, region.to_owned());
                    }
                }
                Ok(())
            }
            "root_module" => map.next_value_seed(Walk(&mut ModuleKeys {
                reading: self.reading,
                budget: &mut *self.budget,
                keeps: self.keeps,
                module: &mut self.configuration.root,
            })),
            _ => self.reading.skip(map),
        }
    }
}

struct ModuleKeys<'a> {
    reading: &'a Reading,
    budget: &'a mut Budget,
    keeps: fn(&str) -> bool,
    module: &'a mut Module,
}

impl<'de> Keys<'de> for ModuleKeys<'_> {
    const WHAT: &'static str = "a module";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        self.reading.begin_value();
        match key {
            "resources" => map.next_value_seed(WalkList(&mut ResourceList(self))),
            "module_calls" => map.next_value_seed(Walk(&mut Calls(self))),
            "outputs" => {
                let outputs: BTreeMap<String, Json> = map.next_value::<Option<_>>()?.unwrap_or_default();
                for (name, output) in outputs {
                    let found = output.get("expression").map(references).unwrap_or_default();
                    charge(self.budget, &name, &found).map_err(|error| self.reading.stop(error))?;
                    self.module.outputs.insert(name, found);
                }
                Ok(())
            }
            _ => self.reading.skip(map),
        }
    }
}

struct ResourceList<'a, 'b>(&'a mut ModuleKeys<'b>);

impl<'de> Items<'de> for ResourceList<'_, '_> {
    const WHAT: &'static str = "a list of resources";

    fn item<D: Deserializer<'de>>(&mut self, element: D) -> Result<(), D::Error> {
        self.0.reading.begin_value();
        let written: Map<String, Json> = serde::Deserialize::deserialize(element)?;
        let text = |key: &str| written.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
        // A data source may have the kind and name of a resource.
        if written.get("mode").and_then(Json::as_str).is_some_and(|mode| mode != "managed") {
            return Ok(());
        }
        let (kind, name) = (text("type"), text("name"));
        let mut resource = Resource { provider: text("provider_config_key"), ..Resource::default() };
        if (self.0.keeps)(&kind) {
            resource.for_each = written.get("for_each_expression").map(references).unwrap_or_default();
            if let Some(Json::Object(expressions)) = written.get("expressions") {
                resource.references =
                    expressions.iter().map(|(key, expression)| (key.clone(), references(expression))).collect();
                note_written(expressions, "", &mut resource.written);
            }
        }
        let size: usize = resource.written.keys().map(|path| path.len() + 64).sum();
        self.0.budget.charge(size + 200).map_err(|error| self.0.reading.stop(error))?;
        self.0.module.resources.insert((kind, name), resource);
        Ok(())
    }
}

struct Calls<'a, 'b>(&'a mut ModuleKeys<'b>);

impl<'de> Keys<'de> for Calls<'_, '_> {
    const WHAT: &'static str = "a map of module calls";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let call = self.0.module.calls.entry(key.to_owned()).or_default();
        let (reading, keeps) = (self.0.reading, self.0.keeps);
        map.next_value_seed(Walk(&mut CallKeys { reading, budget: &mut *self.0.budget, keeps, call }))
    }
}

struct CallKeys<'a> {
    reading: &'a Reading,
    budget: &'a mut Budget,
    keeps: fn(&str) -> bool,
    call: &'a mut Call,
}

impl<'de> Keys<'de> for CallKeys<'_> {
    const WHAT: &'static str = "a module call";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        self.reading.begin_value();
        match key {
            "expressions" => {
                let expressions: BTreeMap<String, Json> = map.next_value::<Option<_>>()?.unwrap_or_default();
                for (name, expression) in expressions {
                    let found = references(&expression);
                    charge(self.budget, &name, &found).map_err(|error| self.reading.stop(error))?;
                    self.call.arguments.insert(name, found);
                }
                Ok(())
            }
            "for_each_expression" => {
                self.call.for_each = references(&map.next_value()?);
                Ok(())
            }
            "module" => map.next_value_seed(Walk(&mut ModuleKeys {
                reading: self.reading,
                budget: &mut *self.budget,
                keeps: self.keeps,
                module: &mut self.call.module,
            })),
            _ => self.reading.skip(map),
        }
    }
}

fn charge(budget: &mut Budget, name: &str, references: &[String]) -> Result<(), Error> {
    budget.charge(name.len() + 64 + references.iter().map(|text| text.len() + 24).sum::<usize>())
}

/// Whether this is an expression and not a nested block.
fn is_expression(map: &Map<String, Json>) -> bool {
    map.is_empty() || map.contains_key("constant_value") || map.get("references").is_some_and(Json::is_array)
}

/// All references in an expression, or in the blocks that stand in its place.
fn references(expression: &Json) -> Vec<String> {
    match expression {
        Json::Object(map) if is_expression(map) => {
            let listed = map.get("references").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
            listed.iter().filter_map(Json::as_str).map(str::to_owned).collect()
        }
        Json::Object(map) => map.values().flat_map(references).collect(),
        Json::Array(blocks) => blocks.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

fn note_written(expressions: &Map<String, Json>, prefix: &str, written: &mut BTreeMap<String, usize>) {
    for (key, expression) in expressions {
        let path = format!("{prefix}{key}");
        let blocks: Vec<&Map<String, Json>> = match expression {
            Json::Array(blocks) => blocks.iter().filter_map(Json::as_object).collect(),
            Json::Object(map) if !is_expression(map) => vec![map],
            _ => Vec::new(),
        };
        *written.entry(path.clone()).or_default() += blocks.len().max(1);
        for block in blocks {
            note_written(block, &format!("{path}."), written);
        }
    }
}
