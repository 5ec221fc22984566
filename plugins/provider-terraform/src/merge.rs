//! Joins what satellites bring with what their parent has.

use serde_json::{Map, Value as Json, json};

use crate::complete::Gaps;
use crate::fold::{Fragment, Part};
use crate::paths::within;
use crate::rules;

/// The attributes that tell elements of a list apart, the first that both have.
const NAMES: [&str; 4] = ["name", "rule_no", "Sid", "id"];

/// Adds a fragment to its parent.
pub fn add(config: &mut Map<String, Json>, gaps: &mut Gaps, fragment: &Fragment) {
    match &fragment.part {
        Part::Whole(value) => {
            gaps.retain(|path, _| !within(path, fragment.attribute));
            if value.is_null() {
                config.remove(fragment.attribute);
            } else {
                config.insert(fragment.attribute.to_owned(), value.clone());
            }
        }
        Part::Elements(elements) => {
            if let Some(list) = list(config, fragment.attribute) {
                for element in elements {
                    replace_or_push(list, element);
                }
            }
        }
        Part::Rules(entries) => {
            if let Some(list) = list(config, fragment.attribute) {
                for entry in entries {
                    rules::add(list, entry);
                }
            }
        }
        Part::Statements(statements) => {
            if let Some(list) = policy_statements(config, fragment.attribute) {
                for statement in statements {
                    replace_or_push(list, statement);
                }
            }
        }
    }
    for (path, reason) in &fragment.gaps {
        gaps.entry(path.clone()).or_insert_with(|| reason.clone());
    }
}

/// Takes away what a satellite brought before it was changed or removed: the parent's own attribute may still list it.
pub fn withdraw(config: &mut Map<String, Json>, gaps: &mut Gaps, fragment: &Fragment, reason: Option<&str>) {
    if config.get(fragment.attribute).is_none_or(Json::is_null) {
        return;
    }
    match &fragment.part {
        Part::Whole(_) => {
            if let Some(reason) = reason {
                config.remove(fragment.attribute);
                gaps.insert(fragment.attribute.to_owned(), reason.to_owned());
            }
        }
        Part::Elements(elements) => {
            if let Some(list) = list(config, fragment.attribute) {
                list.retain(|own| !elements.iter().any(|element| is_same(own, element)));
            }
        }
        Part::Rules(entries) => {
            if let Some(list) = list(config, fragment.attribute) {
                for entry in entries {
                    rules::remove(list, entry);
                }
            }
        }
        Part::Statements(statements) => {
            if let Some(list) = policy_statements(config, fragment.attribute) {
                list.retain(|own| !statements.iter().any(|statement| is_same(own, statement)));
            }
        }
    }
}

/// The list at an attribute, made where nothing is set; none where something else stands there.
fn list<'a>(config: &'a mut Map<String, Json>, attribute: &str) -> Option<&'a mut Vec<Json>> {
    let slot = config.entry(attribute).or_insert(Json::Null);
    if slot.is_null() {
        *slot = json!([]);
    }
    slot.as_array_mut()
}

fn policy_statements<'a>(config: &'a mut Map<String, Json>, attribute: &str) -> Option<&'a mut Vec<Json>> {
    let slot = config.entry(attribute).or_insert(Json::Null);
    if !slot.is_object() {
        *slot = json!({"Version": "2012-10-17", "Statement": []});
    }
    slot.get_mut("Statement")?.as_array_mut()
}

fn replace_or_push(list: &mut Vec<Json>, element: &Json) {
    match list.iter_mut().find(|own| is_same(own, element)) {
        Some(own) => *own = element.clone(),
        None => list.push(element.clone()),
    }
}

fn is_same(one: &Json, other: &Json) -> bool {
    let named = NAMES.iter().find_map(|name| {
        let (one, other) = (one.get(name)?, other.get(name)?);
        if one.is_null() || other.is_null() { None } else { Some(one == other) }
    });
    named.unwrap_or_else(|| one == other)
}
