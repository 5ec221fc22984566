//! Reading values of JSON as the types of a description. What serde derives takes a list for an object, its fields in the order of the
//! type, and an object of one null for a word: no description says so, and a client that sends it means something else.

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer, StringDeserializer};
use serde::de::{Deserializer, Error, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

/// A value in which objects are objects and words are texts, however deep.
pub(super) struct Strict(pub(super) Value);

impl IntoDeserializer<'_, serde_json::Error> for Strict {
    type Deserializer = Strict;

    fn into_deserializer(self) -> Strict {
        self
    }
}

impl<'de> Deserializer<'de> for Strict {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Array(values) => {
                let mut values = SeqDeserializer::new(values.into_iter().map(Strict));
                let read = visitor.visit_seq(&mut values)?;
                values.end()?;
                Ok(read)
            }
            Value::Object(fields) => {
                let mut fields = MapDeserializer::new(fields.into_iter().map(|(name, value)| (name, Strict(value))));
                let read = visitor.visit_map(&mut fields)?;
                fields.end()?;
                Ok(read)
            }
            simple => simple.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        if self.0.is_array() {
            Err(Error::invalid_type(Unexpected::Seq, &"an object"))
        } else {
            self.deserialize_any(visitor)
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::String(word) => StringDeserializer::new(word).deserialize_enum(name, variants, visitor),
            Value::Object(fields) if fields.len() == 1 && fields.values().all(|value| !value.is_null()) => {
                let fields = MapDeserializer::new(fields.into_iter().map(|(name, value)| (name, Strict(value))));
                visitor.visit_enum(MapAccessDeserializer::new(fields))
            }
            Value::Object(_) => {
                Err(Error::invalid_value(Unexpected::Map, &"an object with one field that is not null"))
            }
            other => other.deserialize_enum(name, variants, visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        inner: Option<Inner>,
        #[serde(default)]
        all: Vec<Inner>,
        #[serde(default)]
        named: BTreeMap<String, Inner>,
        #[serde(default)]
        choice: Option<Choice>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        count: u8,
        pair: Option<(i64, f64)>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Choice {
        Word,
        Text(String),
        Deep(Inner),
    }

    fn read(value: Value) -> Result<Outer, String> {
        serde_path_to_error::deserialize(Strict(value)).map_err(|error| error.to_string())
    }

    #[test]
    fn what_the_types_say_is_read() {
        let inner = |count, pair| Inner { count, pair };
        let whole = json!({
            "inner": {"count": 255, "pair": [-1, 2]},
            "all": [{"count": 0}, {"count": 1, "pair": null}],
            "named": {"a": {"count": 2}},
            "choice": {"deep": {"count": 3}},
        });
        let expected = Outer {
            inner: Some(inner(255, Some((-1, 2.0)))),
            all: vec![inner(0, None), inner(1, None)],
            named: [("a".to_owned(), inner(2, None))].into(),
            choice: Some(Choice::Deep(inner(3, None))),
        };
        assert_eq!(read(whole), Ok(expected));
        let choice = |value| read(json!({"inner": null, "choice": value})).map(|outer| outer.choice);
        assert_eq!(choice(json!("word")), Ok(Some(Choice::Word)));
        assert_eq!(choice(json!({"text": "a"})), Ok(Some(Choice::Text("a".to_owned()))));
    }

    #[test]
    fn lists_are_no_objects_and_objects_no_words_however_deep() {
        for (value, place) in [
            (json!([null]), ""),
            (json!({"inner": [1, null]}), "inner"),
            (json!({"all": [{"count": 1}, [2, null]]}), "all[1]"),
            (json!({"named": {"a": [2, null]}}), "named.a"),
            (json!({"choice": {"deep": [3, null]}}), "choice.deep"),
            (json!({"choice": {"word": null}}), "choice"),
            (json!({"choice": {"word": {}}}), "choice"),
            (json!({"choice": {"text": "a", "deep": {"count": 1}}}), "choice"),
            (json!({"choice": ["word"]}), "choice"),
            (json!({"inner": {"count": 1, "pair": [1, 2, 3]}}), "inner.pair"),
            (json!({"inner": {"count": 256}}), "inner.count"),
            (json!({"inner": {"count": 1, "other": 1}}), "inner.other"),
        ] {
            let error = read(value.clone()).unwrap_err();
            assert!(error.starts_with(place), "{value}: {error}");
        }
    }
}
