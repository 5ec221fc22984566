//! A resource's document, decoded for comparing.

use std::collections::BTreeSet;

use plumb_model::resource::AttributeGap;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::drift::rules::Node;

/// What a provider wrote of a resource.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Document {
    pub kind: String,
    pub account: String,
    pub region: String,
    pub config: Map<String, Value>,
    gaps: Vec<Gap>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Gap {
    path: String,
    reason: String,
    permission: Option<String>,
}

impl Document {
    /// Reads the bytes of a document that the ledger keeps; they were checked when they came.
    pub fn read(bytes: &[u8]) -> Result<Document, String> {
        rmp_serde::from_slice(bytes).map_err(|error| error.to_string())
    }

    pub fn gaps(&self) -> Vec<AttributeGap> {
        let gap = |gap: &Gap| AttributeGap {
            path: gap.path.clone(),
            reason: gap.reason.clone(),
            permission: gap.permission.clone(),
        };
        self.gaps.iter().map(gap).collect()
    }

    /// The paths that could not be read and should have been: what the provider never shows is no loss.
    pub(crate) fn unread(&self, node: &Node) -> BTreeSet<String> {
        self.gap_paths().filter(|path| node.shows(path)).map(str::to_owned).collect()
    }

    pub(crate) fn gap_paths(&self) -> impl Iterator<Item = &str> {
        self.gaps.iter().map(|gap| gap.path.as_str())
    }

    /// Takes out what stands at a path, in every element of the lists on the way.
    pub(crate) fn cut(&mut self, path: &str) {
        let names: Vec<&str> = path.split('.').filter(|name| !name.is_empty()).collect();
        match names.split_last() {
            None => self.config.clear(),
            Some((last, above)) => cut(&mut self.config, above, last),
        }
    }
}

fn cut(map: &mut Map<String, Value>, above: &[&str], last: &str) {
    let Some((first, rest)) = above.split_first() else {
        map.remove(last);
        return;
    };
    if let Some(value) = map.get_mut(*first) {
        cut_within(value, rest, last);
    }
}

fn cut_within(value: &mut Value, above: &[&str], last: &str) {
    match value {
        Value::Object(map) => cut(map, above, last),
        Value::Array(elements) => elements.iter_mut().for_each(|element| cut_within(element, above, last)),
        _ => {}
    }
}
