//! Whether two values mean the same: nothing set is nothing set however it is written, sets have no order, and what a provider
//! calls noise does not count.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use serde_json::{Map, Number, Value};

use crate::drift::rules::Node;

/// Whether there is nothing: no value, `null`, an empty text, list or map.
pub(crate) fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(elements)) => elements.is_empty(),
        Some(Value::Object(map)) => map.is_empty(),
        Some(Value::Bool(_) | Value::Number(_)) => false,
    }
}

/// Whether two values are the same under the rules of their attribute.
pub(crate) fn equal(one: Option<&Value>, other: Option<&Value>, node: &Node) -> bool {
    if node.noise {
        return true;
    }
    match (one, other) {
        (one, other) if is_empty(one) && is_empty(other) => true,
        (Some(Value::Object(one)), Some(Value::Object(other))) => maps_equal(one, other, node),
        // A block in which nothing is set is no block.
        (Some(Value::Object(map)), empty) | (empty, Some(Value::Object(map))) if is_empty(empty) => {
            map.iter().all(|(name, value)| equal(Some(value), None, node.child(name)))
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => lists_equal(one, other, node),
        (Some(Value::Array(list)), alone) | (alone, Some(Value::Array(list))) if node.unordered => {
            match list.as_slice() {
                [only] => !is_empty(alone) && equal(Some(only), alone, node),
                _ => false,
            }
        }
        (Some(one), Some(other)) => match (scalar(one), scalar(other)) {
            (Some(one), Some(other)) => one == other,
            _ => false,
        },
        _ => false,
    }
}

pub(crate) fn maps_equal(one: &Map<String, Value>, other: &Map<String, Value>, node: &Node) -> bool {
    let mut shared = 0;
    let has = one.iter().all(|(name, value)| {
        let beside = other.get(name);
        shared += usize::from(beside.is_some());
        equal(Some(value), beside, node.child(name))
    });
    let adds_nothing =
        |(name, value): (&String, &Value)| one.contains_key(name) || equal(None, Some(value), node.child(name));
    has && (shared == other.len() || other.iter().all(adds_nothing))
}

fn lists_equal(one: &[Value], other: &[Value], node: &Node) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let in_order = one.iter().zip(other).all(|(one, other)| equal(Some(one), Some(other), node));
    in_order || (node.is_set() && pair_up(one, other, node).is_whole())
}

/// The elements of two sets, paired where they are equal: positions in the two lists.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    pub(crate) equal: Vec<(usize, usize)>,
    pub(crate) only_one: Vec<usize>,
    pub(crate) only_other: Vec<usize>,
}

impl Pairs {
    fn is_whole(&self) -> bool {
        self.only_one.is_empty() && self.only_other.is_empty()
    }
}

/// Pairs the elements of two sets. Hashes find the candidates, so that sets of thousands take no square of that; the hasher is
/// seeded anew each time, so that nobody can prepare elements that collide.
pub(crate) fn pair_up(one: &[Value], other: &[Value], node: &Node) -> Pairs {
    let seed = RandomState::new();
    let mut by_hash: HashMap<u64, Vec<usize>> = HashMap::with_capacity(other.len());
    // Taken from the back, so that equal elements are paired in their order.
    for (position, value) in other.iter().enumerate().rev() {
        by_hash.entry(hash(value, node, &seed)).or_default().push(position);
    }
    let mut pairs = Pairs::default();
    for (position, value) in one.iter().enumerate() {
        let candidates = by_hash.get_mut(&hash(value, node, &seed));
        let found = candidates.and_then(|candidates| {
            let at = candidates.iter().rposition(|at| equal(Some(value), other.get(*at), node))?;
            Some(candidates.remove(at))
        });
        match found {
            Some(at) => pairs.equal.push((position, at)),
            None => pairs.only_one.push(position),
        }
    }
    pairs.only_other = by_hash.into_values().flatten().collect();
    pairs.only_other.sort_unstable();
    pairs
}

/// The same for values that are equal. Zero for nothing, which adds nothing to what holds it.
fn hash(value: &Value, node: &Node, seed: &RandomState) -> u64 {
    if node.noise || is_empty(Some(value)) {
        return 0;
    }
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| match hash(value, node.child(name), seed) {
                0 => 0,
                value => seed.hash_one((name, value)),
            })
            .fold(0, u64::wrapping_add),
        Value::Array(elements) => {
            let mut hashes = elements.iter().map(|element| hash(element, node, seed));
            match elements.len() {
                1 if node.unordered => hashes.next().unwrap_or_default(),
                count if node.is_set() => hashes.map(|hash| seed.hash_one(hash)).fold(count as u64, u64::wrapping_add),
                _ => seed.hash_one(hashes.collect::<Vec<u64>>()),
            }
        }
        scalar_value => scalar(scalar_value).map_or(0, |text| seed.hash_one(text)),
    }
}

/// A value as text. Old states write numbers and switches as text, so `22` and `"22"` are the same.
pub(crate) fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        Value::Number(number) => Some(Cow::Owned(number_text(number))),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// One text for one number: `1.0` is `1`.
fn number_text(number: &Number) -> String {
    /// Beyond it a double does not hold every whole number.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        Some(real) if number.is_f64() && real.fract() == 0.0 && real.abs() < EXACT => format!("{real:.0}"),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::rules::Rules;
    use plumb_model::drift::{AttributeHint, Meaning};
    use serde_json::json;

    fn same(one: &Value, other: &Value) -> bool {
        let hint = |path: &str, meaning| AttributeHint { kind: "k".into(), path: path.into(), meaning };
        let rules = Rules::new(&[
            hint("set", Meaning::Unordered),
            hint("set.inner", Meaning::Unordered),
            hint("keyed.name", Meaning::IdentityKey),
            hint("arn", Meaning::ProviderNoise),
        ]);
        let forwards = equal(Some(one), Some(other), rules.of("k"));
        assert_eq!(forwards, equal(Some(other), Some(one), rules.of("k")), "{one} {other}");
        forwards
    }

    #[test]
    fn nothing_is_nothing_however_it_is_written() {
        let nothings = [json!({}), json!({"a": null}), json!({"a": ""}), json!({"a": []}), json!({"a": {"b": null}})];
        for one in &nothings {
            assert!(nothings.iter().all(|other| same(one, other)), "{one}");
            assert!(
                !same(one, &json!({"a": false})) && !same(one, &json!({"a": 0})) && !same(one, &json!({"a": [null]}))
            );
        }
    }

    #[test]
    fn sets_have_no_order_and_lists_have_one() {
        let set = |name: &str, list: Value| json!({name: list});
        let objects = json!([{"x": 1, "inner": ["p", "q"]}, {"x": 2}]);
        let turned = json!([{"x": 2, "inner": null}, {"inner": ["q", "p"], "x": 1}]);
        assert!(same(&set("set", objects.clone()), &set("set", turned.clone())));
        assert!(!same(&set("list", objects), &set("list", turned)));
        assert!(!same(&set("set", json!(["a", "a", "b"])), &set("set", json!(["a", "b", "b"]))));
        assert!(same(&set("set", json!("a")), &set("set", json!(["a"]))));
        assert!(!same(&set("list", json!("a")), &set("list", json!(["a"]))));
        let keyed = |names: [&str; 2]| json!({"keyed": names.map(|name| json!({"name": name}))});
        assert!(same(&keyed(["a", "b"]), &keyed(["b", "a"])));
    }

    #[test]
    fn numbers_switches_and_their_texts_are_the_same_and_noise_does_not_count() {
        assert!(same(&json!({"a": 22, "b": 1.0, "arn": "x"}), &json!({"a": "22", "b": 1, "arn": "y"})));
        assert!(same(&json!({"a": true}), &json!({"a": "true"})));
        assert!(!same(&json!({"a": 22}), &json!({"a": 23})));
        assert!(!same(&json!({"a": {"arn": "x"}}), &json!({"a": {"arn": "y"}})));
    }
}
