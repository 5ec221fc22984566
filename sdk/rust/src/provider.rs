//! A source of resources: plan what to look at, then emit what is there.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::bindings::provider::plumbline::plugin::inventory as host;
use crate::document::Value;
use crate::encode::{encode, encode_array, encode_map, encode_text};

pub use crate::bindings::checks::plumbline::plugin::types::{Document, Error, Gap};
pub use crate::bindings::provider::exports::plumbline::plugin::provider as wire;
pub use crate::bindings::provider::plumbline::plugin::files;
pub use crate::bindings::provider::plumbline::plugin::http;
pub use wire::{AttributeHint, Info, Meaning, Permission, Target, Task};

/// Resources kept back until a page is worth sending.
const PAGE_RESOURCES: usize = 256;
/// Bytes kept back until a page is worth sending; well under the host's bound of 16 MiB.
const PAGE_BYTES: usize = 1 << 20;

/// One configured thing, as a provider saw it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    pub id: String,
    pub kind: String,
    pub name: String,
    pub account: String,
    pub region: String,
    pub tags: BTreeMap<String, String>,
    /// Attributes, named and nested as Terraform names and nests them.
    pub config: Map<String, Json>,
    pub gaps: Vec<AttributeGap>,
}

/// A part of a resource that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttributeGap {
    /// As in the contract's `gap`; empty for the whole.
    pub path: String,
    pub reason: String,
    /// The right that was missing, where one was.
    pub permission: Option<String>,
}

/// A gap that no right would close.
impl From<(String, String)> for AttributeGap {
    fn from((path, reason): (String, String)) -> AttributeGap {
        AttributeGap { path, reason, permission: None }
    }
}

/// A kind that could not be listed, or only in part.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct KindGap {
    /// Empty for everything that the task covers.
    pub kind: String,
    pub region: String,
    pub reason: String,
    /// The right that was missing, where one was.
    pub permission: Option<String>,
}

/// A source of resources. Make it a plugin with [`provider!`](crate::provider!).
pub trait Provider {
    fn describe() -> Info;

    /// # Errors
    /// Where the target makes no sense.
    fn plan(target: &Target) -> Result<Vec<Task>, Error>;

    /// # Errors
    /// Where the task cannot be done, or only in part: what was emitted stands.
    fn collect(target: &Target, task: &Task, inventory: &mut dyn Inventory) -> Result<(), Error>;
}

/// Where resources go: the host's inventory in a plugin, a [`Collected`] in a test.
pub trait Inventory {
    /// # Errors
    /// Where the host refuses the page the resource went out with.
    fn emit(&mut self, found: &Found) -> Result<(), Error>;

    /// Whether the host knows what came of each of these bytes when the same task was done before. It takes that over, so nothing
    /// is to be emitted of what is known. What comes of a source must follow from its bytes, the target's settings and the task
    /// alone. At most 10,000 sources of 32 MiB together.
    ///
    /// # Errors
    /// Where the host refuses what was emitted before, or cannot read its record.
    fn recall(&mut self, sources: &[&[u8]]) -> Result<Vec<bool>, Error> {
        Ok(vec![false; sources.len()])
    }

    /// Emits what was made from a source alone: its position in the last call of [`Inventory::recall`].
    ///
    /// # Errors
    /// As [`Inventory::emit`], and where there is no such source.
    fn emit_from(&mut self, _source: u32, found: &Found) -> Result<(), Error> {
        self.emit(found)
    }

    fn report_gap(&mut self, gap: KindGap);
}

/// The host's inventory, in pages.
#[derive(Debug, Default)]
pub struct Pages {
    bytes: Vec<u8>,
    /// For each resource that is kept back the source it was made from.
    sources: Vec<Option<u32>>,
}

impl Pages {
    /// Sends what is kept back.
    ///
    /// # Errors
    /// Where the host refuses it.
    pub fn flush(&mut self) -> Result<(), Error> {
        if self.sources.is_empty() {
            return Ok(());
        }
        let sources = std::mem::take(&mut self.sources);
        let mut page = Vec::with_capacity(self.bytes.len() + 5);
        encode_array(sources.len(), &mut page);
        page.append(&mut self.bytes);
        let page = Document::Msgpack(page);
        if sources.iter().all(Option::is_none) { host::emit(&page) } else { host::emit_from(&page, &sources) }
    }

    fn add(&mut self, found: &Found, source: Option<u32>) -> Result<(), Error> {
        encode_found(found, &mut self.bytes);
        self.sources.push(source);
        if self.sources.len() >= PAGE_RESOURCES || self.bytes.len() >= PAGE_BYTES { self.flush() } else { Ok(()) }
    }
}

impl Inventory for Pages {
    fn emit(&mut self, found: &Found) -> Result<(), Error> {
        self.add(found, None)
    }

    fn recall(&mut self, sources: &[&[u8]]) -> Result<Vec<bool>, Error> {
        // What is kept back may name sources of the call before.
        self.flush()?;
        if sources.is_empty() {
            return Ok(Vec::new());
        }
        let sources: Vec<Vec<u8>> = sources.iter().map(|source| source.to_vec()).collect();
        host::recall(&sources)
    }

    fn emit_from(&mut self, source: u32, found: &Found) -> Result<(), Error> {
        self.add(found, Some(source))
    }

    fn report_gap(&mut self, gap: KindGap) {
        let KindGap { kind, region, reason, permission } = gap;
        host::report_gap(&kind, &region, &Gap { path: String::new(), reason, permission });
    }
}

/// An inventory that keeps everything, for tests.
#[derive(Clone, Debug, Default)]
pub struct Collected {
    pub resources: Vec<Found>,
    pub gaps: Vec<KindGap>,
}

impl Inventory for Collected {
    fn emit(&mut self, found: &Found) -> Result<(), Error> {
        self.resources.push(found.clone());
        Ok(())
    }

    fn report_gap(&mut self, gap: KindGap) {
        self.gaps.push(gap);
    }
}

/// A resource in the form of a `batch` element. Keys stand in a fixed order and maps in the order of their keys, so the same
/// resource gives the same bytes.
pub fn encode_found(found: &Found, out: &mut Vec<u8>) {
    encode_map(8, out);
    for (key, text) in [
        ("id", &found.id),
        ("kind", &found.kind),
        ("name", &found.name),
        ("account", &found.account),
        ("region", &found.region),
    ] {
        encode_text(key, out);
        encode_text(text, out);
    }
    encode_text("tags", out);
    encode_map(found.tags.len(), out);
    for (key, value) in &found.tags {
        encode_text(key, out);
        encode_text(value, out);
    }
    encode_text("config", out);
    encode_map(found.config.len(), out);
    for (key, value) in &found.config {
        encode_text(key, out);
        encode(value, out);
    }
    encode_text("gaps", out);
    encode_array(found.gaps.len(), out);
    for gap in &found.gaps {
        encode_map(2 + usize::from(gap.permission.is_some()), out);
        encode_text("path", out);
        encode_text(&gap.path, out);
        encode_text("reason", out);
        encode_text(&gap.reason, out);
        if let Some(permission) = &gap.permission {
            encode_text("permission", out);
            encode_text(permission, out);
        }
    }
}

/// The structure in a document, whichever form it has.
///
/// # Errors
/// Where it is no such document.
pub fn read_document(document: &Document) -> Result<Json, Error> {
    match document {
        Document::Msgpack(bytes) => {
            Value::new(bytes).to_json().ok_or_else(|| Error::Invalid("a broken MessagePack document".to_owned()))
        }
        Document::Json(text) => {
            serde_json::from_str(text).map_err(|error| Error::Invalid(format!("a broken JSON document: {error}")))
        }
    }
}

/// A document that holds this structure.
#[must_use]
pub fn write_document(value: &Json) -> Document {
    let mut bytes = Vec::new();
    encode(value, &mut bytes);
    Document::Msgpack(bytes)
}

/// Makes the crate a provider plugin. Takes a type that is a [`Provider`].
#[macro_export]
macro_rules! provider {
    ($provider:ty) => {
        #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
        struct PlumblinePlugin;

        impl $crate::provider::wire::Guest for PlumblinePlugin {
            fn describe() -> $crate::provider::Info {
                <$provider as $crate::provider::Provider>::describe()
            }

            fn plan(target: $crate::provider::Target) -> Result<Vec<$crate::provider::Task>, $crate::provider::Error> {
                <$provider as $crate::provider::Provider>::plan(&target)
            }

            fn collect(
                target: $crate::provider::Target,
                task: $crate::provider::Task,
            ) -> Result<(), $crate::provider::Error> {
                let mut pages = $crate::provider::Pages::default();
                let collected = <$provider as $crate::provider::Provider>::collect(&target, &task, &mut pages);
                pages.flush()?;
                collected
            }
        }

        #[cfg(target_arch = "wasm32")]
        $crate::bindings::provider::export!(PlumblinePlugin with_types_in $crate::bindings::provider);
    };
}
