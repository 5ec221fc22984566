//! JSON documents that Terraform keeps as text (policies, container definitions, state machines), as structure.

use serde_json::{Map, Value as Json};

use crate::complete::Gaps;

/// Attributes that hold a JSON document, at whatever depth they stand. What is no JSON object or array stays text: some hold
/// YAML or a plain name as well.
const DOCUMENTS: &[&str] = &[
    "access_policies",
    "access_policy",
    "assume_role_policy",
    "body",
    "bucket_policy",
    "cluster_policy",
    "container_definitions",
    "container_properties",
    "content",
    "custom_policy",
    "dashboard_body",
    "definition",
    "delivery_policy",
    "ecs_properties",
    "event_pattern",
    "filter_policy",
    "inline_policy",
    "input",
    "input_parameters",
    "job_definition",
    "lifecycle_policy",
    "node_properties",
    "permissions_policy",
    "policy",
    "policy_content",
    "policy_details",
    "policy_document",
    "policy_text",
    "redrive_allow_policy",
    "redrive_policy",
    "resource_policy",
    "routing_rules",
    "rule_json",
    "service_policy",
    "target_policy",
    "template_body",
    "topic_policy",
];

/// The host takes 64 levels in a page, of which the page, the resource and its attributes take three.
const MAX_DEPTH: usize = 60;

/// Turns embedded documents into structure. One that nests too deep for the contract stays text.
pub fn unfold(config: &mut Map<String, Json>) {
    unfold_within(config, MAX_DEPTH);
}

fn unfold_within(map: &mut Map<String, Json>, left: usize) {
    let left = left.saturating_sub(1);
    for (name, value) in map.iter_mut() {
        match value {
            Json::String(text) if is_document(name) => {
                if let Some(document) = parse(text)
                    && depth(&document) <= left
                {
                    *value = document;
                }
            }
            _ => unfold_value(value, left),
        }
    }
}

fn unfold_value(value: &mut Json, left: usize) {
    match value {
        Json::Object(map) => unfold_within(map, left),
        Json::Array(elements) => {
            for element in elements {
                unfold_value(element, left.saturating_sub(1));
            }
        }
        _ => {}
    }
}

fn is_document(name: &str) -> bool {
    DOCUMENTS.binary_search(&name).is_ok()
}

/// The document in a text; none where it is no JSON object or array.
pub fn parse(text: &str) -> Option<Json> {
    let begins = text.trim_start().as_bytes().first()?;
    if matches!(begins, b'{' | b'[') { serde_json::from_str(text).ok() } else { None }
}

fn depth(value: &Json) -> usize {
    match value {
        Json::Object(map) => 1 + map.values().map(depth).max().unwrap_or_default(),
        Json::Array(elements) => 1 + elements.iter().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// Leaves out attributes that nest deeper than the contract allows.
pub fn cut_too_deep(config: &mut Map<String, Json>, gaps: &mut Gaps) {
    let deep: Vec<String> =
        config.iter().filter(|(_, value)| depth(value) > MAX_DEPTH - 1).map(|(name, _)| name.clone()).collect();
    for name in deep {
        config.remove(&name);
        gaps.insert(name, format!("nests deeper than {MAX_DEPTH} levels"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn unfolded(mut value: Json) -> Json {
        unfold(value.as_object_mut().unwrap());
        value
    }

    #[test]
    fn the_table_is_sorted_because_it_is_searched() {
        assert!(DOCUMENTS.is_sorted());
    }

    #[test]
    fn documents_become_structure_at_any_depth_and_other_text_stays() {
        let config = json!({
            "policy": " {\"Statement\": []}", "definition": "a: yaml", "content": "[1", "description": "{\"a\": 1}",
            "redrive_policy": "", "inline_policy": [{"name": "x", "policy": "{\"a\":1}"}], "container_definitions": "[{}]",
        });
        let expected = json!({
            "policy": {"Statement": []}, "definition": "a: yaml", "content": "[1", "description": "{\"a\": 1}",
            "redrive_policy": "", "inline_policy": [{"name": "x", "policy": {"a": 1}}], "container_definitions": [{}],
        });
        assert_eq!(unfolded(config), expected);
    }

    #[test]
    fn what_nests_too_deep_stays_text_or_becomes_a_gap() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let config = unfolded(json!({"policy": nested(59), "body": nested(60)}));
        assert!(config["policy"].is_array() && config["body"].is_string());
        let mut config = json!({"a": serde_json::from_str::<Json>(&nested(60)).unwrap(), "b": 1});
        let mut gaps = Gaps::new();
        cut_too_deep(config.as_object_mut().unwrap(), &mut gaps);
        assert_eq!(config, json!({"b": 1}));
        assert!(gaps["a"].contains("60 levels"));
    }
}
