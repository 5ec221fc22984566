//! Resources as they come from a provider, checked byte by byte, and as they go to a check.
//!
//! A resource stays the bytes the provider wrote: they are checked once, hashed once, stored as they are, and a batch is a
//! header with such bytes behind it.

use plumb_model::resource::{AttributeGap, ResourceRef};
use rmp::Marker;
use thiserror::Error;

use crate::bindings::types::Document;
use crate::limits::{DOCUMENT_DEPTH, GAPS, ID_BYTES, PAGE_BYTES, RESOURCE_BYTES, TEXT_BYTES};
use crate::manifest::Encoding;
use crate::output::is_bounded_id;

/// One checked resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intake {
    pub resource: ResourceRef,
    pub gaps: Vec<AttributeGap>,
    /// BLAKE3 of `bytes`.
    pub digest: [u8; 32],
    /// The digest of the source it was made from, where it is made from that alone.
    pub source: Option<[u8; 32]>,
    /// The element of the batch, as MessagePack.
    pub bytes: Vec<u8>,
}

/// What is wrong with a page.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Broken {
    #[error("the page has {0} bytes; {PAGE_BYTES} is the bound")]
    PageTooLarge(usize),
    #[error("resource {0}: {1}")]
    Resource(usize, String),
    #[error("the page is no array of resources: {0}")]
    Page(String),
}

/// Checks a page of resources.
pub fn intake(document: Document) -> Result<Vec<Intake>, Broken> {
    let bytes = match document {
        Document::Msgpack(bytes) => bytes,
        Document::Json(text) => from_json(&text)?,
    };
    if bytes.len() > PAGE_BYTES {
        return Err(Broken::PageTooLarge(bytes.len()));
    }
    let mut reader = Reader(&bytes);
    let count = reader.array().map_err(Broken::Page)?;
    let mut found = Vec::with_capacity(count.min(1024));
    for position in 0..count {
        let whole = reader.0;
        let (resource, gaps) = reader.resource().map_err(|reason| Broken::Resource(position, reason))?;
        let length = whole.len() - reader.0.len();
        let bytes = whole.get(..length).unwrap_or_default().to_vec();
        if bytes.len() > RESOURCE_BYTES {
            let reason = format!("it has {} bytes; {RESOURCE_BYTES} is the bound", bytes.len());
            return Err(Broken::Resource(position, reason));
        }
        found.push(Intake { resource, gaps, digest: *blake3::hash(&bytes).as_bytes(), source: None, bytes });
    }
    if reader.0.is_empty() { Ok(found) } else { Err(Broken::Page("there is more after its end".to_owned())) }
}

/// Checks the bytes of one resource from a store.
pub fn resource(bytes: Vec<u8>) -> Result<Intake, Broken> {
    let mut reader = Reader(&bytes);
    let (resource, gaps) = reader.resource().map_err(|reason| Broken::Resource(0, reason))?;
    Ok(Intake { resource, gaps, digest: *blake3::hash(&bytes).as_bytes(), source: None, bytes })
}

fn from_json(text: &str) -> Result<Vec<u8>, Broken> {
    if text.len() > PAGE_BYTES {
        return Err(Broken::PageTooLarge(text.len()));
    }
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| Broken::Page(error.to_string()))?;
    rmp_serde::to_vec(&value).map_err(|error| Broken::Page(error.to_string()))
}

/// A batch of checked resources in the form a plugin asks for.
pub(crate) fn document<'a>(
    resources: impl ExactSizeIterator<Item = &'a [u8]> + Clone,
    encoding: Encoding,
) -> Result<Document, rmp_serde::decode::Error> {
    let mut bytes = Vec::with_capacity(5 + resources.clone().map(<[u8]>::len).sum::<usize>());
    bytes.push(0xdd);
    bytes.extend(u32::try_from(resources.len()).unwrap_or(u32::MAX).to_be_bytes());
    for resource in resources {
        bytes.extend_from_slice(resource);
    }
    Ok(match encoding {
        Encoding::Msgpack => Document::Msgpack(bytes),
        Encoding::Json => Document::Json(rmp_serde::from_slice::<serde_json::Value>(&bytes)?.to_string()),
    })
}

type Read<T> = Result<T, String>;

fn short<T>() -> Read<T> {
    Err("it is cut short".to_owned())
}

/// Walks MessagePack and refuses what the contract does not know.
struct Reader<'a>(&'a [u8]);

/// How a value goes on after its marker.
enum Next<'a> {
    Scalar,
    Text(&'a str),
    Array(usize),
    Map(usize),
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        match self.0.split_at_checked(count) {
            Some((taken, rest)) => {
                self.0 = rest;
                Ok(taken)
            }
            None => short(),
        }
    }

    /// A big-endian length of one, two or four bytes.
    fn length(&mut self, width: usize) -> Read<usize> {
        Ok(self.take(width)?.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)))
    }

    fn text_of(&mut self, length: usize) -> Read<Next<'a>> {
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| "a text is not UTF-8".to_owned())?;
        Ok(Next::Text(text))
    }

    /// Every element takes a byte at least, so a count beyond the bytes that are left is a lie.
    fn count(&self, count: usize) -> Read<usize> {
        if count <= self.0.len() { Ok(count) } else { short() }
    }

    fn next(&mut self) -> Read<Next<'a>> {
        let marker = Marker::from_u8(*self.take(1)?.first().unwrap_or(&0xc1));
        let scalar = |reader: &mut Self, width| reader.take(width).map(|_| Next::Scalar);
        match marker {
            Marker::FixPos(_) | Marker::FixNeg(_) | Marker::Null | Marker::True | Marker::False => Ok(Next::Scalar),
            Marker::U8 | Marker::I8 => scalar(self, 1),
            Marker::U16 | Marker::I16 => scalar(self, 2),
            Marker::U32 | Marker::I32 | Marker::F32 => scalar(self, 4),
            Marker::U64 | Marker::I64 | Marker::F64 => scalar(self, 8),
            Marker::FixStr(length) => self.text_of(usize::from(length)),
            Marker::Str8 => self.length(1).and_then(|length| self.text_of(length)),
            Marker::Str16 => self.length(2).and_then(|length| self.text_of(length)),
            Marker::Str32 => self.length(4).and_then(|length| self.text_of(length)),
            Marker::FixArray(count) => self.count(usize::from(count)).map(Next::Array),
            Marker::Array16 => self.length(2).and_then(|count| self.count(count)).map(Next::Array),
            Marker::Array32 => self.length(4).and_then(|count| self.count(count)).map(Next::Array),
            Marker::FixMap(count) => self.count(usize::from(count)).map(Next::Map),
            Marker::Map16 => self.length(2).and_then(|count| self.count(count)).map(Next::Map),
            Marker::Map32 => self.length(4).and_then(|count| self.count(count)).map(Next::Map),
            _ => Err("a value has a form that the contract does not know (bytes or an extension)".to_owned()),
        }
    }

    fn array(&mut self) -> Read<usize> {
        match self.next()? {
            Next::Array(count) => Ok(count),
            _ => Err("expected an array".to_owned()),
        }
    }

    fn map(&mut self) -> Read<usize> {
        match self.next()? {
            Next::Map(count) => Ok(count),
            _ => Err("expected a map".to_owned()),
        }
    }

    fn text(&mut self) -> Read<&'a str> {
        match self.next()? {
            Next::Text(text) => Ok(text),
            _ => Err("expected text".to_owned()),
        }
    }

    /// Walks over one value of whatever form.
    fn value(&mut self, depth: usize) -> Read<()> {
        let Some(deeper) = depth.checked_sub(1) else {
            return Err(format!("it is nested deeper than {DOCUMENT_DEPTH} levels"));
        };
        match self.next()? {
            Next::Scalar | Next::Text(_) => Ok(()),
            Next::Array(count) => (0..count).try_for_each(|_| self.value(deeper)),
            Next::Map(count) => (0..count).try_for_each(|_| {
                self.text().map_err(|_| "a map has a key that is no text".to_owned())?;
                self.value(deeper)
            }),
        }
    }

    fn resource(&mut self) -> Read<(ResourceRef, Vec<AttributeGap>)> {
        let mut resource = ResourceRef::default();
        let mut gaps = Vec::new();
        let mut seen: Vec<&str> = Vec::with_capacity(8);
        for _ in 0..self.map()? {
            let key = self.text()?;
            if seen.contains(&key) {
                return Err(format!("`{key}` stands twice"));
            }
            seen.push(key);
            let field = |reason: String| format!("`{key}`: {reason}");
            match key {
                "id" => self.text().map_err(field)?.clone_into(&mut resource.id),
                "kind" => self.text().map_err(field)?.clone_into(&mut resource.kind),
                "name" => self.text().map_err(field)?.clone_into(&mut resource.name),
                "account" => self.text().map_err(field)?.clone_into(&mut resource.account),
                "region" => self.text().map_err(field)?.clone_into(&mut resource.region),
                "tags" => self.tags().map_err(field)?,
                "config" => self.config().map_err(field)?,
                "gaps" => gaps = self.gaps().map_err(field)?,
                _ => return Err(format!("`{}` is no field of a resource", crate::output::line(key))),
            }
        }
        if !is_bounded_id(&resource.id) {
            return Err(format!("`id` must have 1 to {ID_BYTES} bytes"));
        }
        if resource.kind.is_empty() || resource.kind.len() > 200 {
            return Err("`kind` must have 1 to 200 bytes".to_owned());
        }
        for (field, text) in [("name", &resource.name), ("account", &resource.account), ("region", &resource.region)] {
            if text.len() > ID_BYTES {
                return Err(format!("`{field}` has more than {ID_BYTES} bytes"));
            }
        }
        Ok((resource, gaps))
    }

    fn tags(&mut self) -> Read<()> {
        for _ in 0..self.map()? {
            self.text()?;
            self.text()?;
        }
        Ok(())
    }

    fn config(&mut self) -> Read<()> {
        for _ in 0..self.map()? {
            self.text()?;
            self.value(DOCUMENT_DEPTH)?;
        }
        Ok(())
    }

    fn gaps(&mut self) -> Read<Vec<AttributeGap>> {
        let count = self.array()?;
        if count > GAPS {
            return Err(format!("more than {GAPS} of them; give one for what lies above"));
        }
        (0..count).map(|_| self.gap()).collect()
    }

    fn gap(&mut self) -> Read<AttributeGap> {
        let mut gap = AttributeGap { path: String::new(), reason: String::new(), permission: None };
        for _ in 0..self.map()? {
            match self.text()? {
                "path" => gap.path = bounded(self.text()?, ID_BYTES)?,
                "reason" => gap.reason = bounded(self.text()?, TEXT_BYTES)?,
                "permission" => gap.permission = Some(bounded(self.text()?, ID_BYTES)?),
                key => return Err(format!("`{}` is no field of a gap", crate::output::line(key))),
            }
        }
        Ok(gap)
    }
}

fn bounded(text: &str, bytes: usize) -> Read<String> {
    if text.len() <= bytes { Ok(text.to_owned()) } else { Err(format!("a text has more than {bytes} bytes")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn page(value: &serde_json::Value) -> Result<Vec<Intake>, Broken> {
        intake(Document::Json(value.to_string()))
    }

    #[test]
    fn a_good_page_comes_back_resource_by_resource() {
        let found = page(&json!([
            {"id": "a", "kind": "aws_s3_bucket", "config": {"x": [1, 2.5, null, {"y": true}]}, "tags": {"k": "v"},
             "gaps": [{"path": "x", "reason": "denied", "permission": "s3:GetX"}]},
            {"id": "b", "kind": "aws_s3_bucket", "name": "n", "account": "1", "region": "r"},
        ]))
        .unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].gaps[0].permission.as_deref(), Some("s3:GetX"));
        assert_eq!(found[1].resource.region, "r");
        assert_eq!(resource(found[1].bytes.clone()).unwrap(), found[1]);
        let batch = document(found.iter().map(|found| found.bytes.as_slice()), Encoding::Msgpack).unwrap();
        assert_eq!(intake(batch).unwrap(), found);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let mut deep = json!(1);
        for _ in 0..100 {
            deep = json!([deep]);
        }
        for (value, named) in [
            (json!({}), "no array"),
            (json!([1]), "resource 0: expected a map"),
            (json!([{"kind": "k"}]), "`id` must"),
            (json!([{"id": "a"}]), "`kind` must"),
            (json!([{"id": 1, "kind": "k"}]), "`id`: expected text"),
            (json!([{"id": "a", "kind": "k", "extra": 1}]), "`extra` is no field"),
            (json!([{"id": "a", "kind": "k", "tags": {"x": 1}}]), "`tags`: expected text"),
            (json!([{"id": "a", "kind": "k", "config": []}]), "`config`: expected a map"),
            (json!([{"id": "a", "kind": "k", "config": {"x": deep}}]), "nested deeper"),
            (json!([{"id": "a".repeat(5000), "kind": "k"}]), "`id` must"),
        ] {
            let message = page(&value).unwrap_err().to_string();
            assert!(message.contains(named), "{message}");
        }
    }

    #[test]
    fn bytes_that_are_no_msgpack_are_refused_and_never_panic() {
        let good = {
            let found = page(&json!([{"id": "a", "kind": "k", "config": {"x": "y"}}])).unwrap();
            let Document::Msgpack(bytes) =
                document(found.iter().map(|f| f.bytes.as_slice()), Encoding::Msgpack).unwrap()
            else {
                unreachable!()
            };
            bytes
        };
        for end in 0..good.len() {
            assert!(intake(Document::Msgpack(good[..end].to_vec())).is_err());
        }
        for position in 0..good.len() {
            for byte in [0x00, 0x7f, 0x80, 0xc1, 0xc4, 0xc7, 0xdb, 0xdd, 0xdf, 0xff] {
                let mut bad = good.clone();
                bad[position] = byte;
                drop(intake(Document::Msgpack(bad)));
            }
        }
        let twice = [0x91, 0x82, 0xa2, b'i', b'd', 0xa1, b'a', 0xa2, b'i', b'd', 0xa1, b'b'];
        assert!(intake(Document::Msgpack(twice.to_vec())).unwrap_err().to_string().contains("twice"));
    }
}
