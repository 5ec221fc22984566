//! Structured values as the contract's MessagePack, read where they lie: nothing is decoded before it is asked for.
//!
//! A reader never trusts the bytes: what is cut short or of an unknown form reads as absent.

mod markers;

use serde_json::Value as Json;

use markers::{Head, head, key};
pub(crate) use markers::{same_key, skip};

/// How deep a value may nest; the host refuses deeper ones.
pub const MAX_DEPTH: usize = 64;

/// One value, as the bytes that hold it (and perhaps more after it).
#[derive(Clone, Copy, Debug)]
pub struct Value<'a>(&'a [u8]);

/// What a value is, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Null,
    Bool,
    Number,
    Text,
    Bytes,
    List,
    Map,
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Shape::Null => "nothing",
            Shape::Bool => "a boolean",
            Shape::Number => "a number",
            Shape::Text => "text",
            Shape::Bytes => "bytes",
            Shape::List => "a list",
            Shape::Map => "a map",
        })
    }
}

impl<'a> Value<'a> {
    /// The value at the front of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Value<'a> {
        Value(bytes)
    }

    /// None where the bytes are no value.
    #[inline]
    #[must_use]
    pub fn shape(self) -> Option<Shape> {
        Some(match *self.0.first()? {
            0xc0 => Shape::Null,
            0xc2 | 0xc3 => Shape::Bool,
            0x00..=0x7f | 0xca..=0xd3 | 0xe0..=0xff => Shape::Number,
            0xa0..=0xbf | 0xd9..=0xdb => Shape::Text,
            0xc4..=0xc6 => Shape::Bytes,
            0x90..=0x9f | 0xdc | 0xdd => Shape::List,
            0x80..=0x8f | 0xde | 0xdf => Shape::Map,
            // Extension types and the one unassigned marker are no part of the contract.
            _ => return None,
        })
    }

    #[inline]
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.0.first()? {
            0xc2 => Some(false),
            0xc3 => Some(true),
            _ => None,
        }
    }

    /// Whole numbers, also those written as `3.0`.
    #[inline]
    #[must_use]
    pub fn as_int(self) -> Option<i64> {
        match self.0.first()? {
            small @ 0x00..=0x7f => Some(i64::from(*small)),
            _ => self.as_long_int(),
        }
    }

    fn as_long_int(self) -> Option<i64> {
        match head(self.0)?.0 {
            Head::Int(value) => Some(value),
            #[allow(clippy::cast_possible_truncation)]
            Head::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => Some(value as i64),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_float(self) -> Option<f64> {
        #[allow(clippy::cast_precision_loss)]
        match head(self.0)?.0 {
            Head::Int(value) => Some(value as f64),
            Head::Uint(value) => Some(value as f64),
            Head::Float(value) => Some(value),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_text(self) -> Option<&'a str> {
        if self.shape()? != Shape::Text {
            return None;
        }
        std::str::from_utf8(key(self.0)?.0).ok()
    }

    /// The entries of a map, in the order they are written; empty for anything else.
    #[inline]
    #[must_use]
    pub fn entries(self) -> Entries<'a> {
        match self.0 {
            [marker @ 0x80..=0x8f, rest @ ..] => Entries { left: usize::from(marker & 0x0f), rest },
            _ => self.many_entries(),
        }
    }

    fn many_entries(self) -> Entries<'a> {
        match head(self.0) {
            Some((Head::Map(left), rest)) => Entries { left, rest },
            _ => Entries { left: 0, rest: &[] },
        }
    }

    /// The bytes that hold it, and nothing after them.
    pub(crate) fn bytes(self) -> &'a [u8] {
        let rest = skip(self.0).map_or(0, <[u8]>::len);
        self.0.get(..self.0.len() - rest).unwrap_or_default()
    }

    /// The elements of a list; empty for anything else.
    #[inline]
    #[must_use]
    pub fn elements(self) -> Elements<'a> {
        match self.0 {
            [marker @ 0x90..=0x9f, rest @ ..] => Elements { left: usize::from(marker & 0x0f), rest },
            _ => self.many_elements(),
        }
    }

    fn many_elements(self) -> Elements<'a> {
        match head(self.0) {
            Some((Head::Array(left), rest)) => Elements { left, rest },
            _ => Elements { left: 0, rest: &[] },
        }
    }

    /// The first element of a list.
    #[inline]
    pub(crate) fn first(self) -> Option<Value<'a>> {
        self.elements().open_next().map(Value)
    }

    /// How many elements or entries; 0 for what has none.
    #[must_use]
    pub fn len(self) -> usize {
        match head(self.0) {
            Some((Head::Array(count) | Head::Map(count), _)) => count,
            _ => 0,
        }
    }

    /// Whether it says nothing: null, `""`, `[]` and `{}` are the same to Terraform.
    #[inline]
    #[must_use]
    pub fn is_empty(self) -> bool {
        match self.0.first() {
            None | Some(0x80 | 0x90 | 0xa0 | 0xc0) => true,
            Some(0xa1..=0xbf) => skip(self.0).is_none(),
            Some(0x00..=0x9f | 0xc2 | 0xc3) => false,
            Some(_) => self.is_long_but_empty(),
        }
    }

    fn is_long_but_empty(self) -> bool {
        match head(self.0) {
            Some((Head::Nil | Head::Array(0) | Head::Map(0), _)) | None => true,
            Some((Head::Text(text), _)) => text.is_empty(),
            _ => false,
        }
    }

    /// The value of a map's key.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Value<'a>> {
        let mut entries = self.entries();
        while let Some((name, value)) = entries.open_next() {
            if same_key(name, key.as_bytes()) {
                return Some(Value(value));
            }
            entries.go_on(skip(value)?);
        }
        None
    }

    /// Decoded whole. None where the bytes are cut short, nest too deep or hold what JSON cannot say.
    #[must_use]
    pub fn to_json(self) -> Option<Json> {
        decode(self.0, MAX_DEPTH).map(|(json, _)| json)
    }
}

/// The value at the front of `bytes` as JSON, and what follows it, in one walk.
fn decode(bytes: &[u8], depth: usize) -> Option<(Json, &[u8])> {
    let deeper = depth.checked_sub(1)?;
    let (head, mut rest) = head(bytes)?;
    let json = match head {
        Head::Nil => Json::Null,
        Head::Bool(value) => value.into(),
        Head::Int(value) => value.into(),
        Head::Uint(value) => value.into(),
        Head::Float(value) => value.into(),
        Head::Text(raw) => std::str::from_utf8(raw).ok()?.into(),
        Head::Bytes => return None,
        Head::Array(count) => {
            let mut elements = Vec::new();
            for _ in 0..count {
                let (element, after) = decode(rest, deeper)?;
                elements.push(element);
                rest = after;
            }
            elements.into()
        }
        Head::Map(count) => {
            let mut map = serde_json::Map::new();
            for _ in 0..count {
                let (name, value) = key(rest)?;
                let (value, after) = decode(value, deeper)?;
                map.insert(std::str::from_utf8(name).ok()?.to_owned(), value);
                rest = after;
            }
            map.into()
        }
    };
    Some((json, rest))
}

/// See [`Value::entries`].
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    left: usize,
    rest: &'a [u8],
}

impl<'a> Entries<'a> {
    /// The next key and the bytes that begin with its value, which is not passed over: whoever walks the value knows where it
    /// ends and says so with [`Entries::go_on`].
    #[inline]
    pub(crate) fn open_next(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        self.left = self.left.checked_sub(1)?;
        key(self.rest)
    }

    #[inline]
    pub(crate) fn go_on(&mut self, rest: &'a [u8]) {
        self.rest = rest;
    }

    /// What follows the entries read so far; what follows the map, once all have been.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Entries<'a> {
    /// The key's UTF-8 and the value.
    type Item = (&'a [u8], Value<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let (key, value) = key(self.rest)?;
        self.rest = skip(value)?;
        Some((key, Value(value)))
    }
}

/// See [`Value::elements`].
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    left: usize,
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    /// The bytes that begin with the next element, as [`Entries::open_next`].
    #[inline]
    pub(crate) fn open_next(&mut self) -> Option<&'a [u8]> {
        self.left = self.left.checked_sub(1)?;
        Some(self.rest)
    }

    #[inline]
    pub(crate) fn go_on(&mut self, rest: &'a [u8]) {
        self.rest = rest;
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let value = Value(self.rest);
        self.rest = skip(self.rest)?;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::encode;
    use serde_json::json;

    #[test]
    fn cut_short_reads_as_absent_and_never_panics() {
        let mut bytes = Vec::new();
        encode(&json!({"a": [1, {"b": "text"}], "c": 1.5, "d": "x".repeat(40)}), &mut bytes);
        for end in 0..bytes.len() {
            assert_eq!(Value::new(&bytes[..end]).to_json(), None, "cut at {end}");
        }
        for noise in 0..=u8::MAX {
            drop(Value::new(&[noise; 9]).to_json());
        }
    }

    #[test]
    fn what_is_passed_over_ends_where_what_is_read_ends() {
        let long = "x".repeat(70_000);
        let wide: Vec<i32> = (0..70_000).collect();
        let keys: serde_json::Map<String, Json> = (0..300).map(|n| (format!("k{n}"), n.into())).collect();
        for value in [
            json!(null),
            json!(-5),
            json!(-200),
            json!(1.5),
            json!(70_000),
            json!(5_000_000_000_i64),
            json!("short"),
            json!("y".repeat(40)),
            json!(long),
            json!(wide),
            json!(keys),
            json!([{"a": [1, {"b": []}]}, {}]),
        ] {
            let mut bytes = Vec::new();
            encode(&value, &mut bytes);
            let whole = bytes.len();
            bytes.extend([0xc3, 0xc2]);
            assert_eq!(
                skip(&bytes),
                Some([0xc3, 0xc2].as_slice()),
                "{}",
                value.to_string().chars().take(40).collect::<String>()
            );
            assert_eq!(skip(&bytes[..whole - 1]), None);
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        let deep = vec![0x91u8; 100_000];
        assert_eq!(Value::new(&deep).to_json(), None);
        assert_eq!(Value::new(&deep).elements().count(), 0);
    }
}
