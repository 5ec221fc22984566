//! Resources that are settings of another resource (the versioning of a bucket, a rule of a security group) and how they are
//! told as attributes of it, named and nested as the older, nested form of the provider has them.
//!
//! A table per service says for each kind whose settings they are, by which attribute, and what becomes of it. A kind that
//! has an identity of its own in the cloud (an access key, a flow log) is reported as a resource too; the others are not, once
//! they are told.

pub mod iam;
pub mod lambda;
pub mod network;
pub mod policies;
pub mod storage;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value as Json};

use crate::complete::Completed;
use crate::paths::within;

/// How one kind folds into another.
#[derive(Clone, Copy, Debug)]
pub struct Fold {
    pub satellite: &'static str,
    pub parents: &'static [&'static str],
    /// The satellite's attribute that names its parent, or a list of parents.
    pub link: &'static str,
    /// The parent's attributes that the link may hold.
    pub identity: &'static [&'static str],
    /// Whether the satellite is a resource of its own as well.
    pub stays: bool,
    pub shape: Shape,
}

/// What becomes of a satellite.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// One attribute becomes one attribute.
    Field(&'static str, &'static str),
    /// These attributes become a block of the first name.
    Block(&'static str, &'static [(&'static str, &'static str)]),
    Custom(fn(&Completed) -> Vec<Fragment>),
}

/// A part of the parent that a satellite brings.
#[derive(Clone, Debug, PartialEq)]
pub struct Fragment {
    pub attribute: &'static str,
    pub part: Part,
    /// Paths from the parent on.
    pub gaps: Vec<(String, String)>,
}

/// How a fragment joins what the parent has.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// It is the attribute; null where it is not known.
    Whole(Json),
    /// It joins a list, in place of an element of the same name.
    Elements(Vec<Json>),
    /// It joins the rules of a security group, unless they cover it.
    Rules(Vec<Json>),
    /// It joins the statements of a policy document.
    Statements(Vec<Json>),
}

/// All tables.
const TABLES: [&[Fold]; 5] = [iam::FOLDS, lambda::FOLDS, network::FOLDS, policies::FOLDS, storage::FOLDS];

static BY_SATELLITE: LazyLock<BTreeMap<&str, Vec<&Fold>>> = LazyLock::new(|| {
    let mut map: BTreeMap<&str, Vec<&Fold>> = BTreeMap::new();
    for fold in TABLES.into_iter().flatten() {
        map.entry(fold.satellite).or_default().push(fold);
    }
    map
});

/// Attributes that name a parent in the texts that authors put together themselves.
pub const NAMES: [&str; 5] = ["name", "bucket", "function_name", "domain_name", "cluster_identifier"];

/// What is asked of a parent in the first walk.
static WANTED: LazyLock<BTreeMap<&str, Vec<&'static str>>> = LazyLock::new(|| {
    let with_names = |identities: &Vec<&'static str>| identities.iter().copied().chain(NAMES).collect();
    IDENTITIES.iter().map(|(parent, identities)| (*parent, with_names(identities))).collect()
});

static IDENTITIES: LazyLock<BTreeMap<&str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut map: BTreeMap<&str, Vec<&'static str>> = BTreeMap::new();
    for fold in TABLES.into_iter().flatten() {
        for parent in fold.parents {
            let identities = map.entry(parent).or_default();
            identities.extend(fold.identity);
            identities.sort_unstable();
            identities.dedup();
        }
    }
    map
});

/// How a kind folds; empty for most.
pub fn folds_of(satellite: &str) -> &'static [&'static Fold] {
    BY_SATELLITE.get(satellite).map(Vec::as_slice).unwrap_or_default()
}

/// Whether a kind folds into others.
pub fn folds(kind: &str) -> bool {
    BY_SATELLITE.contains_key(kind)
}

/// A kind that others fold into.
pub fn parent_kind(kind: &str) -> Option<&'static str> {
    IDENTITIES.get_key_value(kind).map(|(kind, _)| *kind)
}

/// The attributes that satellites name a kind by; empty where none folds into it.
pub fn identities_of(parent: &str) -> &'static [&'static str] {
    IDENTITIES.get(parent).map(Vec::as_slice).unwrap_or_default()
}

/// The attributes of a parent that say what it is called; empty where nothing folds into the kind.
pub fn wanted_of(parent: &str) -> &'static [&'static str] {
    WANTED.get(parent).map(Vec::as_slice).unwrap_or_default()
}

impl Fold {
    pub fn fragments(&self, satellite: &Completed) -> Vec<Fragment> {
        match self.shape {
            Shape::Field(from, to) => field(satellite, from, to).into_iter().collect(),
            Shape::Block(to, fields) => vec![block(satellite, to, fields)],
            Shape::Custom(shape) => shape(satellite),
        }
    }
}

impl Completed {
    /// What is set; none for null.
    pub fn set(&self, name: &str) -> Option<&Json> {
        self.config.get(name).filter(|value| !value.is_null())
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.config.get(name).and_then(Json::as_str).filter(|text| !text.is_empty())
    }

    /// The gaps of an attribute, as they read at another path.
    pub fn gaps_at(&self, from: &str, to: &str) -> Vec<(String, String)> {
        let moved = |path: &str| -> Option<String> {
            if within(from, path) {
                return Some(to.to_owned());
            }
            let rest = path.strip_prefix(from)?.strip_prefix('.')?;
            Some(format!("{to}.{rest}"))
        };
        self.gaps.iter().filter_map(|(path, reason)| Some((moved(path)?, reason.clone()))).collect()
    }

    /// These attributes under other names, and their gaps beneath `to`.
    pub fn renamed(&self, to: &str, fields: &[(&str, &str)]) -> (Map<String, Json>, Vec<(String, String)>) {
        let mut map = Map::new();
        let mut gaps = Vec::new();
        for (from, name) in fields {
            if let Some(value) = self.config.get(*from) {
                map.insert((*name).to_owned(), value.clone());
            }
            gaps.extend(self.gaps_at(from, &format!("{to}.{name}")));
        }
        (map, gaps)
    }
}

/// None where the attribute is looked at and not set.
pub fn field(satellite: &Completed, from: &str, to: &'static str) -> Option<Fragment> {
    let gaps = satellite.gaps_at(from, to);
    let value = satellite.set(from).cloned();
    if value.is_none() && gaps.is_empty() {
        return None;
    }
    Some(Fragment { attribute: to, part: Part::Whole(value.unwrap_or_default()), gaps })
}

fn block(satellite: &Completed, to: &'static str, fields: &[(&str, &str)]) -> Fragment {
    let (map, gaps) = satellite.renamed(to, fields);
    Fragment { attribute: to, part: Part::Whole(vec![Json::Object(map)].into()), gaps }
}

/// The first element of a block, or an empty map.
pub fn first(value: Option<&Json>) -> Option<&Map<String, Json>> {
    match value {
        Some(Json::Array(elements)) => elements.first().and_then(Json::as_object),
        Some(Json::Object(map)) => Some(map),
        _ => None,
    }
}
