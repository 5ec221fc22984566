//! Two versions of one resource.

use plumb_engine::drift::compare::{Comparison, compare, compare_bytes};
use plumb_engine::drift::document::Document;
use plumb_engine::drift::rules::Rules;
use plumb_model::check::Severity;
use plumb_model::drift::{AttributeHint, Meaning};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn rules() -> Rules {
    let hint = |(kind, path, meaning): (&str, &str, Meaning)| AttributeHint {
        kind: kind.to_owned(),
        path: path.to_owned(),
        meaning,
    };
    Rules::new(&[
        hint(("k", "set", Meaning::Unordered)),
        hint(("k", "map.set", Meaning::Unordered)),
        hint(("k", "keyed.name", Meaning::IdentityKey)),
        hint(("k", "noise", Meaning::ProviderNoise)),
        hint(("k", "map.noise", Meaning::ProviderNoise)),
        hint(("k", "hidden", Meaning::Sensitive)),
        hint(("k", "map", Meaning::Security(Severity::Medium))),
        hint(("k", "map.open", Meaning::Security(Severity::Critical))),
    ])
}

fn document(config: &Value) -> Document {
    with_gaps(config, &[])
}

fn with_gaps(config: &Value, gaps: &[&str]) -> Document {
    Document::read(&bytes(config, gaps)).unwrap()
}

fn bytes(config: &Value, gaps: &[&str]) -> Vec<u8> {
    let gaps: Vec<Value> = gaps.iter().map(|path| json!({"path": path, "reason": "denied"})).collect();
    rmp_serde::to_vec(&json!({"id": "a", "kind": "k", "config": config, "gaps": gaps})).unwrap()
}

fn compared(before: &Value, now: &Value) -> Comparison {
    compare(&rules(), &document(before), &document(now))
}

fn paths(comparison: &Comparison) -> Vec<&str> {
    comparison.differences.iter().map(|difference| difference.path.as_str()).collect()
}

#[test]
fn each_difference_has_its_place_both_values_and_its_weight() {
    let before = json!({"map": {"open": false, "b": "x"}, "list": ["a"], "same": 1});
    let now = json!({"map": {"open": true, "b": "x"}, "list": ["b"], "same": 1, "added": {"x": 1}});
    let comparison = compared(&before, &now);
    assert_eq!(paths(&comparison), ["added", "list", "map.open"]);
    let open = &comparison.differences[2];
    assert_eq!((open.baseline.as_str(), open.current.as_str()), ("false", "true"));
    assert_eq!(open.security, Some(Severity::Critical));
    assert_eq!(comparison.differences[0].baseline, "null");
    assert_eq!(comparison.differences[1].security, None);
    let below = compared(&json!({"map": {"b": 1}}), &json!({"map": {"b": 2}}));
    assert_eq!(below.differences[0].security, Some(Severity::Medium));
}

#[test]
fn elements_are_named_by_key_or_position_and_the_only_one_by_neither() {
    let list = |name: &str, values: &[i32]| -> Value {
        let elements: Vec<Value> =
            values.iter().enumerate().map(|(n, value)| json!({"name": format!("e{n}"), "value": value})).collect();
        json!({name: elements})
    };
    assert_eq!(paths(&compared(&list("keyed", &[1, 2]), &list("keyed", &[1, 3]))), ["keyed[e1].value"]);
    assert_eq!(paths(&compared(&list("plain", &[1, 2]), &list("plain", &[1, 3]))), ["plain[1].value"]);
    assert_eq!(paths(&compared(&list("plain", &[1]), &list("plain", &[3]))), ["plain.value"]);
    assert_eq!(paths(&compared(&list("set", &[1, 2]), &list("set", &[1, 3]))), ["set.value"]);
    assert_eq!(paths(&compared(&list("set", &[1, 2]), &list("set", &[3, 4]))), ["set"; 4]);
    assert_eq!(paths(&compared(&list("keyed", &[1]), &list("keyed", &[1, 2]))), ["keyed[e1]"]);
    assert_eq!(paths(&compared(&list("plain", &[1]), &list("plain", &[1, 2]))), ["plain"]);
}

#[test]
fn elements_without_a_name_or_with_one_that_stands_twice_are_compared_as_a_set() {
    let before = json!({"keyed": [{"name": "a", "v": 1}, {"name": "a", "v": 2}]});
    let turned = json!({"keyed": [{"name": "a", "v": 2}, {"name": "a", "v": 1}]});
    assert_eq!(compared(&before, &turned).differences, []);
    let changed = json!({"keyed": [{"name": "a", "v": 2}, {"v": 1}]});
    assert_eq!(paths(&compared(&before, &changed)), ["keyed.name"]);
}

#[test]
fn what_could_not_be_read_is_neither_equal_nor_different() {
    let before = document(&json!({"map": {"open": false, "b": 1}, "a": 1}));
    let now = with_gaps(&json!({"map": {"b": 1}, "a": 2}), &["map.open"]);
    for (one, other) in [(&before, &now), (&now, &before)] {
        let comparison = compare(&rules(), one, other);
        assert_eq!(paths(&comparison), ["a"]);
        assert!(comparison.unread.iter().eq(["map.open"]), "{:?}", comparison.unread);
    }
    let in_lists = json!({"list": [{"x": 1, "y": 1}, {"x": 2, "y": 1}]});
    let comparison =
        compare(&rules(), &document(&in_lists), &with_gaps(&json!({"list": [{"y": 1}, {"y": 1}]}), &["list.x"]));
    assert_eq!(comparison.differences, []);
    let never_shown = compare(&rules(), &with_gaps(&json!({}), &["hidden"]), &with_gaps(&json!({}), &["hidden"]));
    assert!(never_shown.unread.is_empty());
}

#[test]
fn secrets_are_compared_and_never_told() {
    let before = json!({"hidden": "canary-1", "env": [{"name": "DB_PASSWORD", "value": "canary-2"}, {"name": "B", "value": "b"}],
        "vars": {"API_TOKEN": "canary-3"}});
    let now = json!({"hidden": "canary-4", "env": [{"name": "DB_PASSWORD", "value": "canary-5"}, {"name": "B", "value": "c"}],
        "vars": {"API_TOKEN": "canary-6"}});
    let comparison = compared(&before, &now);
    assert_eq!(paths(&comparison), ["env[0].value", "env[1].value", "hidden", "vars.API_TOKEN"]);
    let told = format!("{comparison:?}");
    assert!(!told.contains("canary"), "{told}");
    let turned = json!({"env": [{"name": "DB_PASSWORD", "value": "canary-5"}]});
    assert!(!format!("{:?}", compared(&before, &turned)).contains("canary"));
}

#[test]
fn another_kind_ends_the_comparison() {
    let mut other = document(&json!({"a": 2}));
    other.kind = "other".to_owned();
    let comparison = compare(&rules(), &document(&json!({"a": 1})), &other);
    assert_eq!(paths(&comparison), ["kind"]);
}

#[test]
fn long_values_are_cut_and_differences_counted_out() {
    let long = compared(&json!({"a": "x"}), &json!({"a": "ä".repeat(100_000)}));
    assert!(long.differences[0].current.len() < 5000);
    let many = |value: i32| Value::Object((0..2000).map(|n| (format!("a{n}"), json!(value))).collect());
    assert_eq!(compared(&many(1), &many(2)).differences.len(), 1000);
}

/// Values as a provider writes them; names that the rules speak of come often.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..4i32).prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::vec((names(), inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn names() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["set", "map", "keyed", "noise", "name", "list", "a"]).prop_map(str::to_owned)
}

fn configs() -> impl Strategy<Value = Value> {
    proptest::collection::vec((names(), values()), 0..6).prop_map(|pairs| Value::Object(pairs.into_iter().collect()))
}

/// Turns every list round that the rules call a set.
fn turned(value: &Value, is_set: bool, top: bool) -> Value {
    match value {
        Value::Array(elements) => {
            let elements = elements.iter().map(|element| turned(element, is_set, false));
            if is_set { elements.rev().collect() } else { elements.collect() }
        }
        Value::Object(map) => {
            let told = |(name, value): (&String, &Value)| (name.clone(), turned(value, top && name == "set", false));
            map.iter().map(told).collect()
        }
        other => other.clone(),
    }
}

/// The same with other noise, and where `spot` comes to nought one scalar that is another: versions as two scans see them.
fn seen_later(value: &Value, spot: &mut i32) -> Value {
    match value {
        Value::Object(map) => {
            let later = |(name, value): (&String, &Value)| {
                let value = if name == "noise" { json!({"later": [1]}) } else { seen_later(value, spot) };
                (name.clone(), value)
            };
            map.iter().map(later).collect()
        }
        Value::Array(elements) => elements.iter().map(|element| seen_later(element, spot)).collect(),
        scalar => {
            *spot -= 1;
            if *spot == 0 { json!("another") } else { scalar.clone() }
        }
    }
}

/// Writes nothing in another way.
fn rewritten(value: &Value, nothing: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let told = |(name, value): (&String, &Value)| (name.clone(), rewritten(value, nothing));
            let mut map: Map<String, Value> = map.iter().map(told).collect();
            map.insert("unset".to_owned(), nothing.clone());
            Value::Object(map)
        }
        Value::Array(elements) if !elements.is_empty() => elements
            .iter()
            .map(|element| if element.is_object() { rewritten(element, nothing) } else { element.clone() })
            .collect(),
        Value::Null | Value::Array(_) => nothing.clone(),
        Value::String(text) if text.is_empty() => nothing.clone(),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_resource_is_as_it_is(config in configs()) {
        prop_assert_eq!(compared(&config, &config).differences, []);
    }

    #[test]
    fn there_is_a_difference_one_way_where_there_is_one_the_other_way(one in configs(), other in configs()) {
        let (forth, back) = (compared(&one, &other), compared(&other, &one));
        prop_assert_eq!(forth.differences.is_empty(), back.differences.is_empty());
    }

    #[test]
    fn the_order_of_sets_is_no_difference(config in configs()) {
        prop_assert_eq!(compared(&config, &turned(&config, false, true)).differences, []);
    }

    #[test]
    fn how_nothing_is_written_is_no_difference(config in configs(), nothing in proptest::sample::select(vec![
        json!(null), json!(""), json!([]), json!({}),
    ])) {
        prop_assert_eq!(compared(&config, &rewritten(&config, &nothing)).differences, []);
    }

    #[test]
    fn the_patch_makes_the_baseline_what_there_is_now(before in configs(), now in configs()) {
        let comparison = compared(&before, &now);
        let patch: json_patch::Patch = serde_json::from_str(&comparison.patch).unwrap();
        prop_assert_eq!(patch.0.is_empty(), comparison.differences.is_empty());
        let mut reached = before.clone();
        json_patch::patch(&mut reached, &patch).unwrap();
        prop_assert_eq!(compared(&reached, &now).differences, [], "{} {}", reached, comparison.patch);
    }

    #[test]
    fn the_bytes_tell_what_the_decoded_documents_tell(before in configs(), other in configs(), mut spot in 0..8, gap in any::<bool>()) {
        let gaps: &[&str] = if gap { &["map"] } else { &[] };
        for now in [seen_later(&before, &mut spot), other] {
            let decoded = compare(&rules(), &with_gaps(&before, gaps), &with_gaps(&now, gaps));
            let told = compare_bytes(&rules(), &bytes(&before, gaps), &bytes(&now, gaps), false).unwrap();
            prop_assert_eq!(told, decoded);
        }
    }

    #[test]
    fn bytes_that_are_no_document_are_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        // A panic is the failure.
        drop(Document::read(&bytes));
    }
}
