//! Two versions of one resource, attribute by attribute.
//!
//! The walk also puts together what the baseline would be with the differences and nothing else: equal parts stay as the baseline
//! writes them. The patch is the way from the baseline to that, so it holds no noise and no reordering.

use std::collections::{BTreeMap, BTreeSet};

use plumb_model::check::Severity;
use plumb_model::drift::Difference;
use serde_json::{Map, Value};

use crate::drift::bytes::surely_same;
use crate::drift::document::Document;
use crate::drift::equal::{Pairs, equal, is_empty, maps_equal, pair_up, scalar};
use crate::drift::rules::{Node, Rules};
use crate::drift::secrets::{names_a_secret, strike};
use crate::drift::shared::keep_shared;

/// Differences that a drift lists; its patch has all of them. Nobody reads more, and a resource of 4 MiB could have a million.
const DIFFERENCES: usize = 1000;
/// Bytes of a value that a difference shows. A policy fits; a script is cut.
const VALUE_BYTES: usize = 4096;

/// What differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    pub differences: Vec<Difference>,
    /// RFC 6902, JSON text; from the baseline's attributes to the current ones.
    pub patch: String,
    /// Paths that could not be read on one side or both, so nothing is said of them.
    pub unread: BTreeSet<String>,
}

/// Holds a resource against its baseline, from the bytes of both. Across two providers only what both tell of it counts.
pub fn compare_bytes(rules: &Rules, baseline: &[u8], current: &[u8], across: bool) -> Result<Comparison, String> {
    if surely_same(rules, baseline, current) {
        return Ok(Comparison { patch: "[]".to_owned(), ..Comparison::default() });
    }
    let (mut baseline, mut current) = (Document::read(baseline)?, Document::read(current)?);
    if across {
        keep_shared(&mut baseline, &mut current);
    }
    Ok(compare(rules, &baseline, &current))
}

/// Holds a resource against its baseline.
pub fn compare(rules: &Rules, baseline: &Document, current: &Document) -> Comparison {
    let node = rules.of(&current.kind);
    let gaps: BTreeSet<&str> = baseline.gap_paths().chain(current.gap_paths()).collect();
    let mut unread = baseline.unread(node);
    unread.extend(current.unread(node));
    if gaps.is_empty() {
        return Comparison { unread, ..compare_read(node, baseline, current) };
    }
    let (mut baseline, mut current) = (baseline.clone(), current.clone());
    for path in &gaps {
        baseline.cut(path);
        current.cut(path);
    }
    Comparison { unread, ..compare_read(node, &baseline, &current) }
}

/// The same, of what was read on both sides.
fn compare_read(node: &Node, baseline: &Document, current: &Document) -> Comparison {
    let mut walk = Walk::default();
    for (name, before, now) in [
        ("kind", &baseline.kind, &current.kind),
        ("account", &baseline.account, &current.account),
        ("region", &baseline.region, &current.region),
    ] {
        // A source that does not say where a resource is says nothing about a move.
        if before != now && !before.is_empty() && !now.is_empty() {
            let (before, now) = (Value::from(before.as_str()), Value::from(now.as_str()));
            let place = Place { node, security: None, struck: false };
            walk.differ(&[name.to_owned()], Some(&before), Some(&now), place);
        }
    }
    if baseline.kind != current.kind {
        // What attributes mean depends on the kind.
        return Comparison {
            patch: patch(&baseline.config, &current.config, node),
            differences: walk.differences,
            ..Comparison::default()
        };
    }
    // Most pairs are equal, and the walk puts together a whole version.
    if walk.differences.is_empty() && maps_equal(&baseline.config, &current.config, node) {
        return Comparison { patch: "[]".to_owned(), ..Comparison::default() };
    }
    let place = Place { node, security: None, struck: false };
    let reached = walk.maps(&mut Vec::new(), &baseline.config, &current.config, place);
    if walk.differences.is_empty() {
        return Comparison { patch: "[]".to_owned(), ..Comparison::default() };
    }
    let patch = patch(&baseline.config, &reached, node);
    Comparison { patch, differences: walk.differences, ..Comparison::default() }
}

/// The way from one version to the other, without secrets.
pub(crate) fn patch(from: &Map<String, Value>, to: &Map<String, Value>, node: &Node) -> String {
    let (from, to) = (without_secrets(from, node), without_secrets(to, node));
    serde_json::to_string(&json_patch::diff(&from, &to)).unwrap_or_default()
}

/// Attributes with their secrets struck.
pub(crate) fn without_secrets(config: &Map<String, Value>, node: &Node) -> Value {
    let struck = |(name, value): (&String, &Value)| (name.clone(), strike_by(value, name, node.child(name)));
    config.iter().map(struck).collect()
}

/// Strikes what is named like a secret and what the provider says is one.
fn strike_by(value: &Value, name: &str, node: &Node) -> Value {
    match strike(value, name, node.sensitive) {
        Value::Object(map) => without_secrets(&map, node),
        Value::Array(elements) => elements.iter().map(|element| strike_by(element, name, node)).collect(),
        other => other,
    }
}

/// Where the walk is.
#[derive(Clone, Copy)]
struct Place<'r> {
    node: &'r Node,
    /// What was said of this attribute or of the nearest one above it.
    security: Option<Severity>,
    /// A neighbour says that this is a secret.
    struck: bool,
}

impl<'r> Place<'r> {
    fn child(self, name: &str) -> Place<'r> {
        let node = self.node.child(name);
        Place { node, security: node.security.or(self.security), struck: self.struck || node.sensitive }
    }
}

#[derive(Default)]
struct Walk {
    differences: Vec<Difference>,
}

impl Walk {
    /// Notes what differs between two values and gives what the baseline becomes by it.
    fn values(
        &mut self,
        path: &mut Vec<String>,
        before: Option<&Value>,
        now: Option<&Value>,
        place: Place<'_>,
    ) -> Option<Value> {
        if equal(before, now, place.node) {
            return before.cloned();
        }
        match (before, now) {
            (Some(Value::Object(before)), Some(Value::Object(now))) => {
                Some(Value::Object(self.maps(path, before, now, place)))
            }
            (Some(Value::Array(before)), Some(Value::Array(now))) if are_maps(before) && are_maps(now) => {
                Some(Value::Array(self.lists(path, before, now, place)))
            }
            _ => {
                self.differ(path, before, now, place);
                now.cloned()
            }
        }
    }

    fn maps(
        &mut self,
        path: &mut Vec<String>,
        before: &Map<String, Value>,
        now: &Map<String, Value>,
        place: Place<'_>,
    ) -> Map<String, Value> {
        let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
        let mut reached = Map::new();
        for name in names {
            path.push(name.clone());
            let mut child = place.child(name);
            child.struck |= names_a_secret(before, name) || names_a_secret(now, name);
            if let Some(value) = self.values(path, before.get(name), now.get(name), child) {
                reached.insert(name.clone(), value);
            }
            path.pop();
        }
        reached
    }

    /// Lists of maps that are not equal.
    fn lists(&mut self, path: &mut Vec<String>, before: &[Value], now: &[Value], place: Place<'_>) -> Vec<Value> {
        let alone = before.len() == 1 && now.len() == 1;
        if let (Some(old), Some(new)) = (named(before, place.node), named(now, place.node)) {
            return self.keyed(path, &old, &new, alone, place);
        }
        if place.node.is_set() {
            return self.sets(path, before, now, place);
        }
        if before.len() != now.len() {
            self.differ(path, Some(&before.into()), Some(&now.into()), place);
            return now.to_vec();
        }
        let elements = before.iter().zip(now).enumerate();
        elements
            .filter_map(|(position, (before, now))| {
                let label = if alone { String::new() } else { format!("[{position}]") };
                self.element(path, &label, Some(before), Some(now), place)
            })
            .collect()
    }

    fn keyed(
        &mut self,
        path: &mut Vec<String>,
        before: &BTreeMap<String, &Value>,
        now: &BTreeMap<String, &Value>,
        alone: bool,
        place: Place<'_>,
    ) -> Vec<Value> {
        let mut reached = Vec::new();
        for name in before.keys().chain(now.keys().filter(|name| !before.contains_key(*name))) {
            let label =
                if alone && before.len() == 1 && now.contains_key(name) { String::new() } else { format!("[{name}]") };
            let (before, now) = (before.get(name).copied(), now.get(name).copied());
            reached.extend(self.element(path, &label, before, now, place));
        }
        reached
    }

    /// What is in one set alone has gone or come; where that is one element on each side, it has changed.
    fn sets(&mut self, path: &mut Vec<String>, before: &[Value], now: &[Value], place: Place<'_>) -> Vec<Value> {
        let Pairs { equal, only_one, only_other } = pair_up(before, now, place.node);
        let mut reached: Vec<Value> = equal.iter().filter_map(|(position, _)| before.get(*position).cloned()).collect();
        if let ([one], [other]) = (only_one.as_slice(), only_other.as_slice()) {
            reached.extend(self.element(path, "", before.get(*one), now.get(*other), place));
            return reached;
        }
        for gone in only_one {
            self.differ(path, before.get(gone), None, place);
        }
        for come in only_other {
            self.differ(path, None, now.get(come), place);
            reached.extend(now.get(come).cloned());
        }
        reached
    }

    fn element(
        &mut self,
        path: &mut Vec<String>,
        label: &str,
        before: Option<&Value>,
        now: Option<&Value>,
        place: Place<'_>,
    ) -> Option<Value> {
        let name = path.pop().unwrap_or_default();
        path.push(format!("{name}{label}"));
        let reached = self.values(path, before, now, place);
        path.pop();
        path.push(name);
        reached
    }

    fn differ(&mut self, path: &[String], before: Option<&Value>, now: Option<&Value>, place: Place<'_>) {
        if self.differences.len() >= DIFFERENCES {
            return;
        }
        let name = path.last().map(|name| name.split('[').next().unwrap_or_default()).unwrap_or_default();
        let text = |value: Option<&Value>| {
            let value = value.unwrap_or(&Value::Null);
            shown(&strike_by(&strike(value, name, place.struck), name, place.node))
        };
        self.differences.push(Difference {
            path: path.join("."),
            baseline: text(before),
            current: text(now),
            security: place.security,
        });
    }
}

fn are_maps(list: &[Value]) -> bool {
    list.iter().all(Value::is_object)
}

/// The elements of a list by their names; none where the list has no keys, or where an element has no name or shares it.
fn named<'v>(list: &'v [Value], node: &Node) -> Option<BTreeMap<String, &'v Value>> {
    if node.keys.is_empty() {
        return None;
    }
    let mut found = BTreeMap::new();
    for element in list {
        let parts: Vec<String> = node.keys.iter().map(|key| name_part(element.get(key))).collect();
        let is_named = parts.iter().any(|part| !part.is_empty());
        if !is_named || found.insert(parts.join("/"), element).is_some() {
            return None;
        }
    }
    Some(found)
}

fn name_part(value: Option<&Value>) -> String {
    match value {
        Some(value) if !is_empty(Some(value)) => scalar(value).map_or_else(|| value.to_string(), Into::into),
        _ => String::new(),
    }
}

/// A value as JSON text; one that is too long as a text that says so.
pub(crate) fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.len() <= VALUE_BYTES {
        return text;
    }
    let whole = if let Value::String(inner) = value { inner } else { &text };
    Value::from(format!("{}…", beginning(whole, VALUE_BYTES / 2))).to_string()
}

/// The longest beginning of `text` that has at most `bytes` bytes.
pub(crate) fn beginning(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}
