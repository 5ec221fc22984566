//! The modules and resources in what `terraform show -json` writes: the `values` of a state, the `planned_values` of a plan.

use serde::de::{DeserializeSeed, Deserializer, MapAccess};
use serde_json::{Map, Value as Json};

use crate::address::{Address, render_key};
use crate::instance::{Attributes, Instance, Sink, Wanted};
use crate::paths::{Marks, Paths};
use crate::reading::{Reading, missing};
use crate::walk::{Items, Keys, Walk, WalkList};

/// `values` or `planned_values`.
pub(crate) struct Values<'a> {
    pub reading: &'a Reading,
    pub sink: &'a mut dyn Sink,
}

impl<'de> Keys<'de> for Values<'_> {
    const WHAT: &'static str = "a map with a root_module";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "root_module" => map.next_value_seed(Walk(&mut Module::new(self.reading, &mut *self.sink, false))),
            _ => self.reading.skip(map),
        }
    }
}

/// A module. Its address stands after its resources, so theirs are used. Terraform before 0.12.4 wrote theirs without the
/// module, so these are held until it is known.
struct Module<'a> {
    reading: &'a Reading,
    sink: &'a mut dyn Sink,
    is_child: bool,
    address: Option<String>,
    held: Vec<Instance>,
}

impl<'a> Module<'a> {
    fn new(reading: &'a Reading, sink: &'a mut dyn Sink, is_child: bool) -> Module<'a> {
        Module { reading, sink, is_child, address: None, held: Vec::new() }
    }

    fn finish<E: serde::de::Error>(self) -> Result<(), E> {
        if self.held.is_empty() {
            return Ok(());
        }
        let module = self.address.ok_or_else(|| missing("a module", "address"))?;
        for mut instance in self.held {
            instance.address.module.clone_from(&module);
            self.sink.take(instance).map_err(|error| self.reading.stop(error))?;
        }
        Ok(())
    }
}

impl<'de> Keys<'de> for Module<'_> {
    const WHAT: &'static str = "a module";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let (reading, sink) = (self.reading, &mut *self.sink);
        match key {
            "address" => self.address = map.next_value()?,
            "resources" => {
                let (is_child, held) = (self.is_child, &mut self.held);
                map.next_value_seed(WalkList(&mut Resources { reading, sink, is_child, held }))?;
            }
            "child_modules" => map.next_value_seed(WalkList(&mut ChildModules { reading, sink }))?,
            _ => reading.skip(map)?,
        }
        Ok(())
    }
}

struct ChildModules<'a> {
    reading: &'a Reading,
    sink: &'a mut dyn Sink,
}

impl<'de> Items<'de> for ChildModules<'_> {
    const WHAT: &'static str = "a list of modules";

    fn item<D: Deserializer<'de>>(&mut self, element: D) -> Result<(), D::Error> {
        let mut module = Module::new(self.reading, &mut *self.sink, true);
        Walk(&mut module).deserialize(element)?;
        module.finish()
    }
}

struct Resources<'a> {
    reading: &'a Reading,
    sink: &'a mut dyn Sink,
    is_child: bool,
    held: &'a mut Vec<Instance>,
}

impl<'de> Items<'de> for Resources<'_> {
    const WHAT: &'static str = "a list of resources";

    fn item<D: Deserializer<'de>>(&mut self, element: D) -> Result<(), D::Error> {
        // What is held counts together.
        if self.held.is_empty() {
            self.reading.begin_value();
        }
        let mut resource = Resource { reading: self.reading, sink: self.sink, named: Named::default() };
        Walk(&mut resource).deserialize(element)?;
        let Resource { named, .. } = resource;
        let Some(instance) = named.instance()? else {
            return Ok(());
        };
        if self.sink.wanted(&instance.address.kind) == Wanted::Nothing {
            return Ok(());
        }
        if self.is_child && instance.address.module.is_empty() {
            self.held.push(instance);
            return Ok(());
        }
        self.sink.take(instance).map_err(|error| self.reading.stop(error))
    }
}

struct Resource<'a> {
    reading: &'a Reading,
    sink: &'a dyn Sink,
    named: Named,
}

#[derive(Default)]
struct Named {
    address: Option<String>,
    mode: Option<String>,
    kind: Option<String>,
    index: Json,
    provider: Option<String>,
    deposed: Option<String>,
    values: Map<String, Json>,
    sensitive: Paths,
}

impl Named {
    /// None for data sources.
    fn instance<E: serde::de::Error>(self) -> Result<Option<Instance>, E> {
        if self.mode.as_deref().unwrap_or("managed") != "managed" {
            return Ok(None);
        }
        let text = self.address.ok_or_else(|| missing("a resource", "address"))?;
        let Some(parsed) = Address::parse(&text) else {
            return Err(E::custom(format_args!("'{text}' is no address of a resource")));
        };
        let address = Address {
            kind: self.kind.unwrap_or(parsed.kind),
            key: parsed.key.or_else(|| render_key(&self.index)),
            deposed: self.deposed,
            ..parsed
        };
        let provider = self.provider.unwrap_or_default();
        Ok(Some(Instance { address, provider, values: self.values, sensitive: self.sensitive }))
    }
}

impl Resource<'_> {
    fn wanted(&self) -> Wanted {
        match (&self.named.mode, &self.named.kind) {
            (Some(mode), _) if mode != "managed" => Wanted::Nothing,
            (_, Some(kind)) => self.sink.wanted(kind),
            _ => Wanted::Everything,
        }
    }
}

impl<'de> Keys<'de> for Resource<'_> {
    const WHAT: &'static str = "a resource";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let wanted = self.wanted();
        let named = &mut self.named;
        match key {
            "address" => named.address = map.next_value()?,
            "mode" => named.mode = map.next_value()?,
            "type" => named.kind = map.next_value()?,
            "index" => named.index = map.next_value()?,
            "provider_name" => named.provider = map.next_value()?,
            "deposed_key" => named.deposed = map.next_value()?,
            "values" => {
                let mut walked = Attributes { reading: self.reading, wanted, values: Map::new() };
                map.next_value_seed(Walk(&mut walked))?;
                named.values = walked.values;
            }
            "sensitive_values" if wanted != Wanted::Nothing => {
                map.next_value_seed(&mut Marks::new(&mut named.sensitive))?;
            }
            _ => self.reading.skip(map)?,
        }
        Ok(())
    }
}
