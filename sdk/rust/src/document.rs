//! Structured values as the contract's MessagePack, read where they lie: nothing is decoded before it is asked for.
//!
//! A reader never trusts the bytes: what is cut short or of an unknown form reads as absent.

#![allow(
    clippy::inline_always,
    reason = "a call costs a guest more than what these functions do: it looks at the clock and at its stack"
)]

use serde_json::Value as Json;

/// How deep a value may nest; the host refuses deeper ones.
pub const MAX_DEPTH: usize = 64;

/// One value, as the bytes that hold it (and perhaps more after it).
#[derive(Clone, Copy, Debug)]
pub struct Value<'a>(&'a [u8]);

/// The first byte or bytes of a value, decoded.
enum Head<'a> {
    Nil,
    Bool(bool),
    Int(i64),
    /// Only what does not fit [`Head::Int`].
    Uint(u64),
    Float(f64),
    Text(&'a [u8]),
    Bytes,
    Array(usize),
    Map(usize),
}

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

/// Splits a head, and for text and bytes their content, off the front.
fn head(bytes: &[u8]) -> Option<(Head<'_>, &[u8])> {
    let (&marker, rest) = bytes.split_first()?;
    let head = match marker {
        0x00..=0x7f => return Some((Head::Int(i64::from(marker)), rest)),
        0x80..=0x8f => return Some((Head::Map(usize::from(marker & 0x0f)), rest)),
        0x90..=0x9f => return Some((Head::Array(usize::from(marker & 0x0f)), rest)),
        0xa0..=0xbf => return text(usize::from(marker & 0x1f), rest),
        0xc0 => Head::Nil,
        0xc2 => Head::Bool(false),
        0xc3 => Head::Bool(true),
        0xc4..=0xc6 => {
            let (length, rest) = length(marker - 0xc4, rest)?;
            let (_, rest) = rest.split_at_checked(length)?;
            return Some((Head::Bytes, rest));
        }
        0xca => {
            let (raw, rest) = rest.split_first_chunk::<4>()?;
            return Some((Head::Float(f64::from(f32::from_be_bytes(*raw))), rest));
        }
        0xcb => {
            let (raw, rest) = rest.split_first_chunk::<8>()?;
            return Some((Head::Float(f64::from_be_bytes(*raw)), rest));
        }
        0xcc..=0xcf => {
            let (number, rest) = unsigned(marker - 0xcc, rest)?;
            return Some((i64::try_from(number).map_or(Head::Uint(number), Head::Int), rest));
        }
        0xd0..=0xd3 => {
            let width = 1usize << (marker - 0xd0);
            let (raw, rest) = rest.split_at_checked(width)?;
            let mut wide = if raw.first()? & 0x80 == 0 { [0u8; 8] } else { [0xff; 8] };
            wide.get_mut(8 - width..)?.copy_from_slice(raw);
            return Some((Head::Int(i64::from_be_bytes(wide)), rest));
        }
        0xd9..=0xdb => {
            let (length, rest) = length(marker - 0xd9, rest)?;
            return text(length, rest);
        }
        0xdc | 0xdd => {
            let (length, rest) = length(marker - 0xdc + 1, rest)?;
            return Some((Head::Array(length), rest));
        }
        0xde | 0xdf => {
            let (length, rest) = length(marker - 0xde + 1, rest)?;
            return Some((Head::Map(length), rest));
        }
        0xe0..=0xff => return Some((Head::Int(i64::from(marker.cast_signed())), rest)),
        // Extension types and the one unassigned marker are no part of the contract.
        _ => return None,
    };
    Some((head, rest))
}

/// Splits a key, or another short text, off the front. Nearly all keys are short enough to have their length in the marker.
#[inline]
fn key(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if let [marker @ 0xa0..=0xbf, rest @ ..] = bytes {
        return rest.split_at_checked(usize::from(marker & 0x1f));
    }
    match head(bytes)? {
        (Head::Text(text), rest) => Some((text, rest)),
        _ => None,
    }
}

fn text(length: usize, rest: &[u8]) -> Option<(Head<'_>, &[u8])> {
    let (content, rest) = rest.split_at_checked(length)?;
    Some((Head::Text(content), rest))
}

/// A big-endian number of `2^power` bytes.
fn unsigned(power: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    let width = 1usize << power;
    let (raw, rest) = rest.split_at_checked(width)?;
    let mut wide = [0u8; 8];
    wide.get_mut(8 - width..)?.copy_from_slice(raw);
    Some((u64::from_be_bytes(wide), rest))
}

fn length(power: u8, rest: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = unsigned(power, rest)?;
    Some((usize::try_from(number).ok()?, rest))
}

/// Bytes of a value by its marker, the marker among them; 0 where more than the marker decides.
#[allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "the index runs over the table's own length"
)]
const SIZES: [u8; 256] = {
    let mut sizes = [0; 256];
    let mut marker = 0;
    while marker < 256 {
        sizes[marker] = match marker {
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => 1,
            0xa0..=0xbf => 1 + (marker & 0x1f) as u8,
            0xcc | 0xd0 => 2,
            0xcd | 0xd1 => 3,
            0xca | 0xce | 0xd2 => 5,
            0xcb | 0xcf | 0xd3 => 9,
            _ => 0,
        };
        marker += 1;
    }
    sizes
};

/// What follows the first value in `bytes`. Looks at markers and lengths alone: most of a document is passed over, and this
/// is where a check spends its time. Most values are short texts and numbers, for which one look into a table is enough.
#[inline]
pub(crate) fn skip(bytes: &[u8]) -> Option<&[u8]> {
    match size(bytes)? {
        0 => skip_nested(bytes),
        size => bytes.get(size..),
    }
}

/// Bytes of the first value by its marker, as in [`SIZES`].
#[inline(always)]
fn size(bytes: &[u8]) -> Option<usize> {
    SIZES.get(usize::from(*bytes.first()?)).copied().map(usize::from)
}

/// [`skip`] for values of any form. Two values a turn: the sandbox looks at the clock once in each turn of a loop.
fn skip_nested(bytes: &[u8]) -> Option<&[u8]> {
    let (mut rest, mut pending) = step(bytes, 1)?;
    while pending > 1 {
        (rest, pending) = step(rest, pending)?;
        (rest, pending) = step(rest, pending)?;
    }
    while pending > 0 {
        (rest, pending) = step(rest, pending)?;
    }
    Some(rest)
}

/// Passes over the first of so many values. Gives what follows it, where that begins with the values that lie in it, and how many
/// values that leaves.
#[inline(always)]
fn step(bytes: &[u8], pending: usize) -> Option<(&[u8], usize)> {
    let others = pending.checked_sub(1)?;
    match size(bytes)? {
        0 => {
            let (rest, inner) = skip_long(*bytes.first()?, bytes)?;
            Some((rest, others.checked_add(inner)?))
        }
        size => Some((bytes.get(size..)?, others)),
    }
}

/// Passes over a value's marker and length, and over the content of texts and bytes. Gives how many values lie in it.
fn skip_long(marker: u8, bytes: &[u8]) -> Option<(&[u8], usize)> {
    let after = bytes.get(1..)?;
    let (content, inner) = match marker {
        0x80..=0x8f => (0, 2 * usize::from(marker & 0x0f)),
        0x90..=0x9f => (0, usize::from(marker & 0x0f)),
        0xc4 | 0xd9 => (1 + usize::from(*after.first()?), 0),
        0xc5 | 0xda => (2 + length(1, after)?.0, 0),
        0xc6 | 0xdb => (4usize.checked_add(length(2, after)?.0)?, 0),
        0xdc | 0xdd => {
            let power = marker - 0xdc + 1;
            (1 << power, length(power, after)?.0)
        }
        0xde | 0xdf => {
            let power = marker - 0xde + 1;
            (1 << power, length(power, after)?.0.checked_mul(2)?)
        }
        _ => return None,
    };
    Some((after.get(content..)?, inner))
}

/// Whether two keys are the same. Most differ in length; those that do not are compared in whole words that may overlap, because
/// a guest's own comparison goes byte by byte.
#[inline(always)]
pub(crate) fn same_key(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match one.len() {
        0..=3 => {
            let middle = one.len() / 2;
            one.first() == other.first() && one.get(middle) == other.get(middle) && one.last() == other.last()
        }
        4..=7 => one.first_chunk::<4>() == other.first_chunk() && one.last_chunk::<4>() == other.last_chunk(),
        8..=16 => one.first_chunk::<8>() == other.first_chunk() && one.last_chunk::<8>() == other.last_chunk(),
        17..=32 => one.first_chunk::<16>() == other.first_chunk() && one.last_chunk::<16>() == other.last_chunk(),
        _ => {
            one.first_chunk::<8>() == other.first_chunk() && one.last_chunk::<8>() == other.last_chunk() && one == other
        }
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
