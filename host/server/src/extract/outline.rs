//! The outline of a JSON text: whether it is one, how deep it goes, and that no object has a name twice. Deserializing into a type
//! would overlook the last in maps, and readers differ on which of two values counts.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::limits::JSON_DEPTH;

/// An error with the words for the client.
pub(super) fn check(text: &[u8]) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    Outline { depth: 0 }.deserialize(&mut reader)?;
    reader.end()
}

#[derive(Clone, Copy)]
struct Outline {
    /// Objects and lists around this value.
    depth: usize,
}

impl Outline {
    fn inside<E: Error>(self) -> Result<Outline, E> {
        if self.depth < JSON_DEPTH {
            Ok(Outline { depth: self.depth + 1 })
        } else {
            Err(E::custom(format!("more than {JSON_DEPTH} objects and lists inside each other")))
        }
    }
}

impl<'de> DeserializeSeed<'de> for Outline {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Outline {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        while values.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        let mut names = HashSet::new();
        while let Some(name) = fields.next_key::<String>()? {
            if !names.contains(&name) {
                fields.next_value_seed(inside)?;
                names.insert(name);
                continue;
            }
            fields.next_value::<IgnoredAny>()?;
            return Err(A::Error::custom(format!("duplicate field `{name}`")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_comes_twice_is_found_at_any_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#] {
            assert!(check(text.as_bytes()).unwrap_err().to_string().starts_with("duplicate field `a`"), "{text}");
        }
        check(br#"{"a":{"a":[{"a":null},{"a":1.5e3}]},"b":"a"}"#).unwrap();
    }

    #[test]
    fn depth_ends_at_the_bound() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        check(nested(JSON_DEPTH).as_bytes()).unwrap();
        assert!(check(nested(JSON_DEPTH + 1).as_bytes()).is_err());
        assert!(check(nested(100_000).as_bytes()).is_err());
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in [b"".as_slice(), b"{", b"{} {}", b"{\"a\":\"\xff\"}", b"nul", b"{'a':1}", b"1e999999"] {
            assert!(check(text).is_err(), "{text:?}");
        }
    }
}
