//! Attribute paths as the contract writes them: names joined by dots, list positions left out.
//!
//! A name with a dot in it (a tag, say) cannot be told from two names, so a path through one ends at what holds it.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

/// Attribute paths, each once, in order.
pub type Paths = BTreeSet<String>;

/// Whether `path` is `outer` or lies beneath it.
pub fn within(path: &str, outer: &str) -> bool {
    outer.is_empty() || path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The path of these names.
pub fn join<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().take_while(|name| !name.contains('.')).collect();
    names.join(".")
}

/// Takes what is set at a path out of a map, in every element of the lists on the way. False where nothing was set: null
/// stays, because "not set" is no secret.
pub fn remove(values: &mut Map<String, Json>, path: &str) -> bool {
    match path.split_once('.') {
        None => match values.get(path) {
            None | Some(Json::Null) => false,
            Some(_) => values.remove(path).is_some(),
        },
        Some((first, rest)) => values.get_mut(first).is_some_and(|value| remove_beneath(value, rest)),
    }
}

fn remove_beneath(value: &mut Json, path: &str) -> bool {
    match value {
        Json::Object(map) => remove(map, path),
        Json::Array(elements) => {
            let mut removed = false;
            for element in elements {
                removed |= remove_beneath(element, path);
            }
            removed
        }
        _ => false,
    }
}

/// Sets what is absent at a path, in every element of the lists on the way.
pub fn fill(values: &mut Map<String, Json>, path: &str, value: &Json) {
    match path.split_once('.') {
        None => {
            let slot = values.entry(path).or_insert(Json::Null);
            if slot.is_null() {
                *slot = value.clone();
            }
        }
        Some((first, rest)) => {
            if let Some(inner) = values.get_mut(first) {
                fill_beneath(inner, rest, value);
            }
        }
    }
}

fn fill_beneath(inner: &mut Json, path: &str, value: &Json) {
    match inner {
        Json::Object(map) => fill(map, path, value),
        Json::Array(elements) => elements.iter_mut().for_each(|element| fill_beneath(element, path, value)),
        _ => {}
    }
}

/// Collects where `true` stands in a structure that mirrors a resource's values, as `after_unknown` and `sensitive_values` do.
pub(crate) struct Marks<'a> {
    path: Vec<String>,
    found: &'a mut Paths,
}

impl<'a> Marks<'a> {
    pub(crate) fn new(found: &'a mut Paths) -> Marks<'a> {
        Marks { path: Vec::new(), found }
    }
}

impl<'de> DeserializeSeed<'de> for &mut Marks<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Marks<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, false, or a list or map of them")
    }

    fn visit_bool<E>(self, marked: bool) -> Result<(), E> {
        if marked {
            self.found.insert(join(self.path.iter().map(String::as_str)));
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(&mut *self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if self.path.iter().any(|name| name.contains('.')) {
                // The path is cut above this already; what is beneath adds nothing unless it is marked at all.
                map.next_value_seed(&mut *self)?;
                continue;
            }
            self.path.push(key);
            map.next_value_seed(&mut *self)?;
            self.path.pop();
        }
        Ok(())
    }
}

/// The paths in a state's `sensitive_attributes`: lists of steps, `{"type": "get_attr", "value": "password"}` and
/// `{"type": "index", "value": {"value": 0, "type": "number"}}`. A step of another form ends the path where it stands.
pub fn of_steps(lists: &Json) -> Paths {
    let lists = lists.as_array().map(Vec::as_slice).unwrap_or_default();
    lists.iter().filter_map(Json::as_array).map(|steps| of_list(steps)).collect()
}

fn of_list(steps: &[Json]) -> String {
    let mut names = Vec::new();
    for step in steps {
        let value = step.get("value").map(|value| value.get("value").unwrap_or(value));
        match value {
            Some(Json::String(name)) => names.push(name.as_str()),
            Some(Json::Number(_)) => {}
            _ => break,
        }
    }
    join(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn marks(mirror: &Json) -> Vec<String> {
        let mut found = Paths::new();
        Marks::new(&mut found).deserialize(mirror.clone()).unwrap();
        found.into_iter().collect()
    }

    #[test]
    fn marks_leave_list_positions_out_and_stop_at_names_with_dots() {
        let mirror = json!({
            "arn": true, "tags": {"a.b": true, "c": false}, "disk": [{"iops": true}, {"iops": true, "size": false}],
            "cidr": [true, false], "deep": {"x": {"y.z": {"w": true}}}, "note": null,
        });
        assert_eq!(marks(&mirror), ["arn", "cidr", "deep.x", "disk.iops", "tags"]);
        assert_eq!(marks(&json!(true)), [""]);
    }

    #[test]
    fn removing_reaches_every_element_and_leaves_null_alone() {
        let mut values = json!({"user": [{"password": "x", "name": "a"}, {"password": "y"}], "token": null});
        let map = values.as_object_mut().unwrap();
        assert!(remove(map, "user.password"));
        assert!(!remove(map, "user.password"));
        assert!(!remove(map, "token"));
        assert_eq!(values, json!({"user": [{"name": "a"}, {}], "token": null}));
    }

    #[test]
    fn filling_sets_only_what_is_absent() {
        let mut values = json!({"a": [{"x": 1}, {}], "b": null});
        let map = values.as_object_mut().unwrap();
        fill(map, "a.x", &json!(2));
        fill(map, "b", &json!([]));
        fill(map, "c.d", &json!(3));
        assert_eq!(values, json!({"a": [{"x": 1}, {"x": 2}], "b": []}));
    }

    #[test]
    fn steps_of_a_state_become_paths() {
        let steps = json!([
            [{"type": "get_attr", "value": "password"}],
            [{"type": "get_attr", "value": "user"}, {"type": "index", "value": {"value": 0, "type": "number"}},
             {"type": "get_attr", "value": "key"}],
            [{"type": "get_attr", "value": "tags"}, {"type": "index", "value": {"value": "a.b", "type": "string"}}],
        ]);
        assert_eq!(of_steps(&steps).into_iter().collect::<Vec<_>>(), ["password", "tags", "user.key"]);
    }
}
