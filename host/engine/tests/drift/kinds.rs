//! Every kind that the AWS checks know, changed in every place a user can set, and in every way that says nothing.
//!
//! The values of the fixture say what they are (`plugins/provider-terraform/examples/kind_fixtures.rs`), so the changes know nothing of
//! the rules that they are held against.

use std::collections::BTreeMap;

use plumb_engine::drift::compare::{Comparison, compare};
use plumb_engine::drift::document::Document;
use plumb_engine::drift::rules::Rules;
use plumb_model::check::Severity;
use plumb_model::drift::{AttributeHint, Meaning};
use plumbline::provider::{Collected, Error, encode_found, wire};
use provider_terraform::collect::collect;
use provider_terraform::planning::Settings;
use provider_terraform::source::{Entry, Source};
use serde_json::{Map, Value, json};

/// What the provider of the sample says changes by itself although a user may set it (autoscaling does), what names the resource
/// itself, and what is shown as another attribute too.
const MOVING: [(&str, &str); 7] = [
    ("aws_ecs_service", "desired_count"),
    ("aws_elb", "instances"),
    ("aws_cloudfront_distribution", "etag"),
    ("aws_rds_cluster", "cluster_members"),
    ("aws_kinesis_stream", "arn"),
    ("aws_sns_topic_policy", "arn"),
    ("aws_iam_role", "managed_policy_arns"),
];

pub(crate) fn rules() -> Rules {
    let hint = |hint: wire::AttributeHint| AttributeHint {
        kind: hint.kind,
        path: hint.path,
        meaning: match hint.meaning {
            // What a change weighs is not what these tests are about.
            wire::Meaning::Security(_) => Meaning::Security(Severity::High),
            wire::Meaning::IdentityKey => Meaning::IdentityKey,
            wire::Meaning::Unordered => Meaning::Unordered,
            wire::Meaning::ProviderNoise => Meaning::ProviderNoise,
            wire::Meaning::Sensitive => Meaning::Sensitive,
        },
    };
    Rules::new(&provider_terraform::hints::hints().into_iter().map(hint).collect::<Vec<AttributeHint>>())
}

struct Memory(Vec<u8>);

impl Source for Memory {
    fn entries(&self) -> Result<Vec<Entry>, Error> {
        Ok(Vec::new())
    }

    fn read(&self, _: &str, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        let from = usize::try_from(offset).unwrap().min(self.0.len());
        let to = from.saturating_add(usize::try_from(length).unwrap()).min(self.0.len());
        Ok(self.0[from..to].to_vec())
    }
}

/// What the provider makes of a state, by id; none where it refuses it.
pub(crate) fn read(state: Vec<u8>) -> Option<BTreeMap<String, Document>> {
    let mut collected = Collected::default();
    collect(&Memory(state), "a.tfstate", &Settings::default(), &[], &mut collected).ok()?;
    let document = |found: &plumbline::provider::Found| {
        let mut bytes = Vec::new();
        encode_found(found, &mut bytes);
        (found.id.clone(), Document::read(&bytes).unwrap())
    };
    Some(collected.resources.iter().map(document).collect())
}

fn document(kind: &str, attributes: &Value) -> Document {
    let state = json!({
        "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "outputs": {},
        "resources": [{
            "mode": "managed", "type": kind, "name": "x",
            "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "instances": [{"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}],
        }],
    });
    read(state.to_string().into_bytes()).unwrap().remove(&format!("{kind}.x")).unwrap()
}

fn kinds() -> Map<String, Value> {
    serde_json::from_str(include_str!("../../../../tests/fixtures/drift/aws.json")).unwrap()
}

/// Visits the leaves of a value, each with its path.
fn leaves(value: &mut Value, path: &mut Vec<String>, visit: &mut dyn FnMut(&[String], &mut Value)) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                path.push(name.clone());
                leaves(value, path, visit);
                path.pop();
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| leaves(element, path, visit)),
        leaf => visit(path, leaf),
    }
}

fn is_set_by_user(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("configured"),
        other => other.is_number() || other.is_boolean(),
    }
}

fn changed(value: &Value) -> Value {
    match value {
        Value::Bool(flag) => json!(!flag),
        Value::Number(number) => json!(number.as_u64().unwrap() + 1000),
        _ => json!("changed"),
    }
}

fn paths(comparison: &Comparison) -> Vec<String> {
    comparison.differences.iter().map(|difference| difference.path.clone()).collect()
}

#[test]
fn every_change_of_what_a_user_sets_is_found_and_nothing_else() {
    let rules = rules();
    let (mut tried, mut wrong) = (0, Vec::new());
    for (kind, attributes) in kinds() {
        let before = document(&kind, &attributes);
        let mut places = Vec::new();
        leaves(&mut attributes.clone(), &mut Vec::new(), &mut |path, value| {
            places.push((path.join("."), is_set_by_user(value)));
        });
        for (number, (place, _)) in places.iter().enumerate().filter(|(_, (_, by_user))| *by_user) {
            if MOVING.contains(&(kind.as_str(), place.split('.').next().unwrap())) {
                continue;
            }
            let mut later = attributes.clone();
            let mut at = 0;
            leaves(&mut later, &mut Vec::new(), &mut |_, value| {
                if at == number {
                    *value = changed(value);
                }
                at += 1;
            });
            let found = paths(&compare(&rules, &before, &document(&kind, &later)));
            tried += 1;
            // Where it is found says it, or a list that holds it; where a resource is follows from some attributes.
            let plain =
                |path: &String| path.split('[').map(|part| part.split(']').next_back().unwrap()).collect::<String>();
            let fits = |path: &String| {
                place == &plain(path)
                    || place.starts_with(&format!("{}.", plain(path)))
                    || path == "region"
                    || path == "account"
            };
            if found.is_empty() || !found.iter().all(fits) {
                wrong.push(format!("{kind} {place}: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 3000, "{tried}");
}

#[test]
fn what_the_provider_sets_is_no_drift() {
    let rules = rules();
    let mut wrong = Vec::new();
    for (kind, attributes) in kinds() {
        let mut later = attributes.clone();
        leaves(&mut later, &mut Vec::new(), &mut |path, value| {
            // Where a resource is matters, whoever says it.
            let place =
                ["region", "owner_id", "location", "availability_zone"].contains(&path[path.len() - 1].as_str());
            // The id inside a block is that of something else, which a user names.
            let inner = path.len() > 1 && path[path.len() - 1] == "id";
            if *value == json!("computed") && !place && !inner {
                *value = json!("another");
            }
        });
        let found = paths(&compare(&rules, &document(&kind, &attributes), &document(&kind, &later)));
        if !found.is_empty() {
            wrong.push(format!("{kind}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn secrets_are_no_drift_and_no_gap_in_what_is_known() {
    let rules = rules();
    for (kind, attributes) in kinds() {
        let before = document(&kind, &attributes);
        let comparison = compare(&rules, &before, &before);
        assert!(comparison.unread.is_empty(), "{kind}: {:?}", comparison.unread);
    }
}

#[test]
fn sets_in_another_order_are_no_drift() {
    fn turn(value: &mut Value, turned: &mut usize) {
        if let Value::Array(elements) = value {
            let is_set = |element: &Value| {
                element.as_str().is_some_and(|text| text.starts_with("set "))
                    || element.get("set") == Some(&json!("set"))
            };
            if elements.len() > 1 && elements.iter().all(is_set) {
                elements.reverse();
                *turned += 1;
            }
        }
        match value {
            Value::Array(elements) => elements.iter_mut().for_each(|element| turn(element, turned)),
            Value::Object(map) => map.values_mut().for_each(|value| turn(value, turned)),
            _ => {}
        }
    }
    let rules = rules();
    let (mut turned, mut wrong) = (0, Vec::new());
    for (kind, attributes) in kinds() {
        let mut later = attributes.clone();
        turn(&mut later, &mut turned);
        let found = paths(&compare(&rules, &document(&kind, &attributes), &document(&kind, &later)));
        if !found.is_empty() {
            wrong.push(format!("{kind}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(turned > 100, "{turned}");
}

#[test]
fn nothing_written_in_another_way_is_no_drift() {
    let rules = rules();
    let with = |attributes: &Value, nothing: &Value| {
        let mut map = attributes.as_object().unwrap().clone();
        for value in map.values_mut().filter(|value| is_set_by_user(value) && value.is_string() || value.is_array()) {
            *value = nothing.clone();
        }
        Value::Object(map)
    };
    for (kind, attributes) in kinds() {
        let before = document(&kind, &with(&attributes, &Value::Null));
        for nothing in [json!(""), json!([]), json!({})] {
            let found = paths(&compare(&rules, &before, &document(&kind, &with(&attributes, &nothing))));
            assert_eq!(found, Vec::<String>::new(), "{kind} {nothing}");
        }
    }
}
