//! Streams of JSON taken apart key by key and element by element, so that no document is ever held whole.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Takes a map apart. A null counts as an empty map.
pub trait Keys<'de> {
    /// What stands here, for the message where it does not.
    const WHAT: &'static str;

    /// Takes the value of one key, or skips it.
    fn entry<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;
}

/// Takes a list apart. A null counts as an empty list.
pub trait Items<'de> {
    /// What stands here, for the message where it does not.
    const WHAT: &'static str;

    /// Takes one element.
    fn item<D: Deserializer<'de>>(&mut self, element: D) -> Result<(), D::Error>;
}

/// Walks a map with a [`Keys`].
pub(crate) struct Walk<'a, T>(pub &'a mut T);

impl<'de, T: Keys<'de>> DeserializeSeed<'de> for Walk<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Keys<'de>> Visitor<'de> for Walk<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WHAT)
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.0.entry(&key, &mut map)?;
        }
        Ok(())
    }
}

/// Walks a list with an [`Items`].
pub(crate) struct WalkList<'a, T>(pub &'a mut T);

impl<'de, T: Items<'de>> DeserializeSeed<'de> for WalkList<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Items<'de>> Visitor<'de> for WalkList<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WHAT)
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Item(&mut *self.0))?.is_some() {}
        Ok(())
    }
}

struct Item<'a, T>(&'a mut T);

impl<'de, T: Items<'de>> DeserializeSeed<'de> for Item<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.item(deserializer)
    }
}
