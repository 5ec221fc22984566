//! What two sources both say of a resource. A state has every attribute of Terraform's schema, a live account those that its calls
//! tell, `null` where nothing is set. What only one of them ever names is no difference between code and reality.

use serde_json::{Map, Value};

use crate::drift::document::Document;

/// Cuts both down to the attributes that both name, nested ones too.
pub(crate) fn keep_shared(one: &mut Document, other: &mut Document) {
    let (before, now) = (shape(&one.config), shape(&other.config));
    keep(&mut one.config, &now);
    keep(&mut other.config, &before);
    drop_unset(&mut one.config, &mut other.config);
    for config in [&mut one.config, &mut other.config] {
        config.values_mut().for_each(drop_nothing);
    }
}

/// The same within blocks, of which nobody knows here which belong together: what is nothing is left out of both. One that is switched
/// on or off still differs.
fn drop_nothing(value: &mut Value) {
    for block in value.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        block.retain(|_, value| !value.is_null() && !is_nothing(value));
        block.values_mut().for_each(drop_nothing);
    }
}

fn is_nothing(value: &Value) -> bool {
    *value == Value::Bool(false) || value.as_f64() == Some(0.0)
}

/// A switch that is off and a number that is nought are what an account leaves out: `null` there is no difference.
fn drop_unset(one: &mut Map<String, Value>, other: &mut Map<String, Value>) {
    let same = |(name, value): (&String, &Value)| {
        let beside = other.get(name)?;
        let unset = (value.is_null() && is_nothing(beside)) || (beside.is_null() && is_nothing(value));
        unset.then(|| name.clone())
    };
    let names: Vec<String> = one.iter().filter_map(same).collect();
    for name in names {
        one.remove(&name);
        other.remove(&name);
    }
}

/// The names of attributes, each with those of the blocks below it: a list of maps has the names of all its elements. A map that is no
/// block is data, such as tags or a policy, and compared whole.
#[derive(Debug, Default)]
struct Shape(std::collections::BTreeMap<String, Shape>);

fn shape(map: &Map<String, Value>) -> Shape {
    let mut shape = Shape::default();
    shape.add(map);
    shape
}

impl Shape {
    fn add(&mut self, map: &Map<String, Value>) {
        for (name, value) in map {
            self.0.entry(name.clone()).or_default().add_value(value);
        }
    }

    fn add_value(&mut self, value: &Value) {
        value.as_array().into_iter().flatten().filter_map(Value::as_object).for_each(|block| self.add(block));
    }
}

fn keep(map: &mut Map<String, Value>, other: &Shape) {
    map.retain(|name, _| other.0.contains_key(name));
    for (name, value) in map {
        if let Some(below) = other.0.get(name) {
            keep_value(value, below);
        }
    }
}

fn keep_value(value: &mut Value, other: &Shape) {
    // Where the other has nothing below, all of this has come or gone.
    if other.0.is_empty() {
        return;
    }
    for block in value.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        keep(block, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(config: &Value) -> Document {
        Document::read(&rmp_serde::to_vec(&json!({ "config": config })).unwrap()).unwrap()
    }

    #[test]
    fn what_only_one_source_names_is_left_out_and_what_is_null_is_not() {
        let mut state = document(
            &json!({"bucket": "a", "force_destroy": false, "multi_region": false, "policy": "p", "tags": {"a": "b"},
            "rule": [{"id": "x", "days": 1, "only_in_state": 2, "off": null}], "grant": [{"id": "g"}]}),
        );
        let mut live = document(
            &json!({"bucket": "a", "multi_region": null, "policy": null, "key_state": "Enabled", "tags": {"a": "b", "c": "d"},
            "rule": [{"id": "x", "days": 1, "off": false}, {"id": "y", "days": 0, "off": true}], "grant": []}),
        );
        keep_shared(&mut state, &mut live);
        let kept = json!({"bucket": "a", "policy": "p", "tags": {"a": "b"}, "rule": [{"id": "x", "days": 1}], "grant": [{"id": "g"}]});
        assert_eq!(Value::from(state.config), kept);
        let kept = json!({"bucket": "a", "policy": null, "tags": {"a": "b", "c": "d"}, "rule": [{"id": "x", "days": 1}, {"id": "y", "off": true}], "grant": []});
        assert_eq!(Value::from(live.config), kept);
    }
}
