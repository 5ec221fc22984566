//! A managed resource instance as a file states it, and who takes it.

use plumbline::provider::Error;
use serde::de::MapAccess;
use serde_json::{Map, Value as Json};

use crate::address::Address;
use crate::held::Held;
use crate::paths::Paths;
use crate::reading::Reading;
use crate::walk::Keys;

/// A managed resource instance as a file states it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instance {
    pub address: Address,
    /// The provider's configuration in a state, its name elsewhere.
    pub provider: String,
    pub values: Map<String, Json>,
    /// Paths that are flagged as sensitive.
    pub sensitive: Paths,
}

/// Which attributes of a kind a walk asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Nothing,
    Only(&'static [&'static str]),
    Everything,
}

/// Who takes the instances of a file, one by one.
pub trait Sink {
    fn wanted(&self, kind: &str) -> Wanted;
    fn take(&mut self, instance: Instance) -> Result<(), Error>;
}

/// The attributes of an instance that are asked for; the others are passed over without being held.
pub(crate) struct Attributes<'a> {
    pub reading: &'a Reading,
    pub wanted: Wanted,
    pub values: Map<String, Json>,
}

impl<'de> Keys<'de> for Attributes<'_> {
    const WHAT: &'static str = "a map of attributes";

    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let keep = match self.wanted {
            Wanted::Nothing => false,
            Wanted::Only(names) => names.contains(&key),
            Wanted::Everything => true,
        };
        if !keep {
            return self.reading.skip(map);
        }
        self.values.insert(key.to_owned(), map.next_value_seed(Held(self.reading))?);
        Ok(())
    }
}
