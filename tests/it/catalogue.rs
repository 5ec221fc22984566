//! What the built-in plugins bring.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::Plumb;

fn checks() -> Vec<Value> {
    Plumb::new().run(&["check", "list", "--json"]).expect(0).json()["checks"].as_array().unwrap().clone()
}

#[test]
fn there_are_many_checks_over_many_kinds_each_complete() {
    let checks = checks();
    assert!(checks.len() >= 80, "{}", checks.len());
    let kinds: BTreeSet<&str> =
        checks.iter().flat_map(|check| check["kinds"].as_array().unwrap()).filter_map(Value::as_str).collect();
    assert!(kinds.len() >= 25, "{kinds:?}");
    for check in &checks {
        for field in ["title", "description", "risk"] {
            assert!(!check[field].as_str().unwrap().is_empty(), "{} has no {field}", check["id"]);
        }
        let mend = &check["remediation"];
        assert!(!mend["text"].as_str().unwrap().is_empty(), "{}", check["id"]);
        assert!(mend["effort_minutes"].as_u64().unwrap() > 0, "{}", check["id"]);
    }
}

#[test]
fn every_framework_is_there_and_says_what_it_lacks() {
    let plumb = Plumb::new();
    let listed = plumb.run(&["framework", "list", "--json"]).expect(0).json();
    let frameworks = listed["frameworks"].as_array().unwrap();
    let of = |id: &str| frameworks.iter().find(|framework| framework["id"] == id).unwrap_or_else(|| panic!("{id}"));
    for (id, controls) in [
        ("cis_3.0_aws", 62),
        ("cis_5.0_aws", 63),
        ("soc2_aws", 27),
        ("hipaa_aws", 32),
        ("iso27001_2022_aws", 92),
        ("pci_4.0_aws", 200),
        ("nist_800_53_revision_5_aws", 287),
        ("fsbp_aws", 376),
    ] {
        assert!(of(id)["control_count"].as_u64().unwrap() >= controls, "{id}: {}", of(id)["control_count"]);
    }
    let known: BTreeSet<String> = checks().iter().map(|check| check["id"].as_str().unwrap().to_owned()).collect();
    let shown = plumb.run(&["framework", "show", "cis_5.0_aws", "--json"]).expect(0).json();
    for control in shown["controls"].as_array().unwrap() {
        for check in control["checks"].as_array().unwrap() {
            let missing = control["missing_checks"].as_array().unwrap().contains(check);
            assert_eq!(missing, !known.contains(check.as_str().unwrap()), "{} {check}", control["id"]);
        }
    }
    let text = plumb.run(&["framework", "show", "cis_5.0_aws"]).expect(0).stdout;
    assert_eq!(text.contains("missing: no loaded plugin"), !shown["missing_checks"].as_array().unwrap().is_empty());
    for control in shown["controls"].as_array().unwrap() {
        let guidance = control["guidance"].as_str().unwrap();
        assert!(guidance.is_empty() || text.contains(guidance), "{}: nobody is told: {guidance}", control["id"]);
    }
}

/// One that is there and one that is not would let the control pass on half of what it asks.
#[test]
fn the_checks_of_a_control_of_fsbp_are_all_there_or_none_is() {
    let shown = Plumb::new().run(&["framework", "show", "fsbp_aws", "--json"]).expect(0).json();
    let controls = shown["controls"].as_array().unwrap();
    let of = |control: &Value, key: &str| control[key].as_array().unwrap().len();
    for control in controls {
        let (all, missing) = (of(control, "checks"), of(control, "missing_checks"));
        assert!(missing == 0 || missing == all, "{}: {}", control["id"], control["missing_checks"]);
    }
    let decided = controls.iter().filter(|control| of(control, "checks") > of(control, "missing_checks")).count();
    assert!(decided >= 240, "{decided}");
}

#[test]
fn a_control_whose_checks_nobody_brings_is_never_green() {
    let plumb = Plumb::new();
    let path = plumb.write("a.tfstate", crate::harness::state(&[]));
    let json = plumb.scan(&path, &["-f", "cis_5.0_aws"]).json();
    for control in json["summary"]["frameworks"][0]["controls"].as_array().unwrap() {
        let none = control["checks"].as_array().unwrap().is_empty();
        if none && !control["missing_checks"].as_array().unwrap().is_empty() {
            assert_eq!(control["status"], "not-evaluated", "{control}");
        }
    }
}

#[test]
fn a_check_shows_all_that_people_need() {
    let plumb = Plumb::new();
    let shown = plumb.run(&["check", "show", crate::harness::VERSIONING]).expect(0).stdout;
    for part in ["Severity", "Looks at", "aws_s3_bucket", "To mend it", "Terraform", "cis_"] {
        assert!(shown.contains(part) || part == "cis_", "{part} is not in\n{shown}");
    }
    plumb.run(&["check", "show", "nothing"]).expect(2);
}

#[test]
fn plugins_are_listed_with_what_they_may_and_the_doctor_is_content() {
    let plumb = Plumb::new();
    let listed = plumb.run(&["plugin", "list", "--json"]).expect(0).json();
    for plugin in listed["plugins"].as_array().unwrap() {
        let granted: Vec<&str> = plugin["granted"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(granted.contains(&"http"), plugin["id"] == "provider-aws", "{plugin}");
        if plugin["exports"][0] != "provider" {
            assert!(!granted.contains(&"files"), "{plugin}");
        }
    }
    let doctor = plumb.run(&["doctor"]).expect(0);
    assert!(doctor.stdout.contains("checks"), "{}", doctor.stdout);
    assert!(plumb.run(&["completions", "bash"]).expect(0).stdout.contains("plumb"));
}

#[test]
fn help_has_examples_everywhere() {
    let plumb = Plumb::new();
    for command in [
        vec!["--help"],
        vec!["scan", "--help"],
        vec!["history", "--help"],
        vec!["diff", "--help"],
        vec!["plugin", "new", "--help"],
    ] {
        let help = plumb.run(&command).expect(0).stdout;
        assert!(help.contains("Example"), "{command:?}");
    }
}
