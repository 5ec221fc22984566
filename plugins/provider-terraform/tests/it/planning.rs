//! Which files become tasks.

use plumbline::provider::{Document, Error, Provider, Target};
use plumbline::serde_json::{Value as Json, from_str, json};
use provider_terraform::Terraform;
use provider_terraform::planning::plan;

use crate::files::{Memory, state};

fn target(settings: &Json) -> Target {
    Target {
        name: "infra".to_owned(),
        settings: Document::Json(settings.to_string()),
        regions: Vec::new(),
        services: Vec::new(),
        kinds: Vec::new(),
        scan_time: String::new(),
    }
}

fn tasks<B: AsRef<[u8]>>(files: &[(&str, B)], settings: &Json) -> Result<Vec<String>, Error> {
    let tasks = plan(&Memory::of(files), &target(settings))?;
    assert!(tasks.iter().all(|task| task.service == "terraform"));
    Ok(tasks.into_iter().map(|task| task.id).collect())
}

fn reason(result: Result<Vec<String>, Error>) -> String {
    match result {
        Err(Error::Invalid(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_folder_gives_its_states_and_plans_and_the_broken_ones_among_them() {
    let whole = state(&[]);
    let long =
        format!("{{\"check_results\":null,\"lineage\":\"x\",\"outputs\":\"{}\",\"version\":4}}", "x".repeat(100_000));
    let files = [
        ("z/plan.json", r#"{"planned_values":{}}"#),
        ("a.tfstate", whole.as_str()),
        ("big.json", long.as_str()),
        ("broken.tfstate", "{\"version\": 4, \"terraf"),
        ("cut.json", "{\"format_version\":\"1.0\",\"planned_values\":{\"root"),
        ("garbage.tfstate", "garbage"),
        ("empty.tfstate", ""),
        ("binary", "PK\x03\x04\x14\0\x08\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x06\0\0\0tfplan"),
        ("wrapped.json", "[command]/bin/terraform-bin show -json\n{}"),
        ("old.json", r#"{"version":3,"modules":[]}"#),
        ("package.json", r#"{"name":"x","version":"1.0.0"}"#),
        ("main.tf", "resource {}"),
        ("notes.json", "not json"),
        ("empty.json", ""),
        ("lib.zip", "PK\x03\x04\x14\0\x08\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0a.txt"),
        ("a.tfstate.backup", whole.as_str()),
        (".terraform/terraform.tfstate", r#"{"version":3,"lineage":"x","backend":{}}"#),
    ];
    let expected = [
        "a.tfstate",
        "big.json",
        "binary",
        "broken.tfstate",
        "cut.json",
        "empty.tfstate",
        "garbage.tfstate",
        "old.json",
        "wrapped.json",
        "z/plan.json",
    ];
    assert_eq!(tasks(&files, &json!({"qualify": true})).unwrap(), expected);
}

#[test]
fn files_that_were_named_are_tasks_whatever_they_are() {
    let files = [("package.json", "{\"name\":\"x\"}"), ("other.json", "{\"name\":\"x\"}")];
    let settings = json!({"qualify": true, "explicit": ["package.json"]});
    assert_eq!(tasks(&files, &settings).unwrap(), ["package.json"]);
    assert_eq!(tasks(&files[..1], &json!({"qualify": false})).unwrap(), ["package.json"]);
    let settings = json!({"explicit": ["missing.json"]});
    assert!(reason(tasks(&files, &settings)).contains("no file 'missing.json'"));
}

#[test]
fn a_target_without_any_state_or_plan_is_refused() {
    let reason = reason(tasks(&[("main.tf", "resource {}")], &json!({})));
    assert!(reason.contains("none of the 1 files of target 'infra'"), "{reason}");
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    for settings in [json!({"qualify": "yes"}), json!({"explicit": [1]}), json!({"path": "x"}), json!([1])] {
        assert!(reason(tasks(&[("a", "")], &settings)).contains("target 'infra'"));
    }
}

#[test]
fn the_description_is_a_sound_one() {
    let info = Terraform::describe();
    assert!(info.families.is_empty() && !info.whole_accounts);
    let schema: Json = from_str(&info.settings_schema).unwrap();
    assert_eq!(schema["properties"]["qualify"]["type"], "boolean");
    assert!(info.attributes.len() > 100);
}
