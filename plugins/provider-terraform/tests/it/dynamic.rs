//! Blocks that a `dynamic` block may write: a plan of real Terraform, whose configuration leaves them out.

use plumbline::serde_json::{Value as Json, from_str, json};

use crate::files::{find, gaps, ids, read_all, reason};

const PLAN: &str = include_str!("../../fixtures/plan_dynamic/plan.json");
const UNKNOWN: &str = "known only after apply";

/// The plan after a change to it.
fn changed(change: impl Fn(&mut Json)) -> String {
    let mut plan: Json = from_str(PLAN).unwrap();
    change(&mut plan);
    plan.to_string()
}

#[test]
fn a_block_whose_number_is_unknown_is_a_gap_and_never_its_default() {
    let resources = read_all(PLAN);
    let unknown = find(&resources, "aws_s3_bucket.unknown");
    assert_eq!(reason(unknown, "versioning"), UNKNOWN);
    assert!(!unknown.config.contains_key("versioning"));
    for id in ["module.open.aws_s3_bucket.inner[0]", "module.open.aws_s3_bucket.inner[1]"] {
        let path = "server_side_encryption_configuration";
        assert_eq!(reason(find(&resources, id), path), UNKNOWN);
    }
}

#[test]
fn a_block_that_cannot_be_told_from_such_a_one_is_a_gap_too() {
    let resources = read_all(PLAN);
    let plain = find(&resources, "aws_s3_bucket.plain");
    assert_eq!(reason(plain, "versioning"), UNKNOWN);
    // No block writes these.
    assert!(!gaps(plain).contains(&"policy") && !gaps(plain).contains(&"request_payer"));
    assert_eq!(plain.config["request_payer"], "BucketOwner");
}

#[test]
fn where_nothing_unknown_reaches_a_module_its_blocks_have_their_defaults() {
    let resources = read_all(PLAN);
    for id in ["module.closed[\"a.b\"].aws_s3_bucket.this", "module.closed[\"c\"].aws_s3_bucket.this"] {
        // What else is unknown in the module depends on the bucket.
        let bucket = find(&resources, id);
        assert_eq!(bucket.config["versioning"], json!([{"enabled": false, "mfa_delete": false}]));
        assert!(bucket.config["public_access_block"].is_array());
    }
    // An argument that refers to something unknown opens the module.
    let open = changed(|plan| {
        let arguments = &mut plan["configuration"]["root_module"]["module_calls"]["closed"]["expressions"];
        arguments["name"] = json!({"references": ["terraform_data.unknown.id", "terraform_data.unknown"]});
    });
    let resources = read_all(open);
    assert_eq!(reason(find(&resources, "module.closed[\"c\"].aws_s3_bucket.this"), "versioning"), UNKNOWN);
}

#[test]
fn a_block_whose_number_is_known_stands_in_the_values() {
    let resources = read_all(PLAN);
    let known = find(&resources, "aws_s3_bucket.known");
    assert_eq!(known.config["versioning"], json!([{"enabled": true, "mfa_delete": false}]));
}

#[test]
fn rules_of_unknown_number_are_gaps_and_no_rules_have_their_default() {
    let resources = read_all(PLAN);
    let unknown = gaps(find(&resources, "aws_security_group.unknown"));
    assert!(unknown.contains(&"ingress.cidr_blocks") && unknown.contains(&"ingress.from_port"), "{unknown:?}");
    // Terraform plans one rule of unknown content there, so no rule at all is told apart.
    assert_eq!(find(&resources, "aws_security_group.plain").config["ingress"], json!([]));
}

#[test]
fn a_block_that_brings_other_settings_with_it_may_be_dynamic_too() {
    let resources = read_all(PLAN);
    let templated = gaps(find(&resources, "aws_instance.templated"));
    assert!(templated.contains(&"launch_template") && templated.contains(&"monitoring"), "{templated:?}");
}

#[test]
fn a_plan_that_refers_to_nothing_unknown_has_all_its_defaults() {
    let text = changed(|plan| {
        plan.as_object_mut().unwrap().remove("relevant_attributes");
    });
    let resources = read_all(text);
    assert_eq!(find(&resources, "aws_s3_bucket.plain").config["versioning"][0]["enabled"], false);
}

#[test]
fn a_plan_of_a_terraform_that_does_not_list_what_it_refers_to_leaves_blocks_open() {
    let text = changed(|plan| {
        plan.as_object_mut().unwrap().remove("relevant_attributes");
        plan["terraform_version"] = json!("1.1.9");
    });
    let resources = read_all(text);
    assert_eq!(reason(find(&resources, "aws_s3_bucket.plain"), "versioning"), UNKNOWN);
    let strange = changed(|plan| plan["relevant_attributes"] = json!([{"resource": "?", "attribute": []}]));
    assert_eq!(reason(find(&read_all(strange), "aws_s3_bucket.plain"), "versioning"), UNKNOWN);
}

#[test]
fn resources_have_full_addresses_and_data_sources_are_none() {
    let expected = [
        "aws_instance.templated",
        "aws_s3_bucket.known",
        "aws_s3_bucket.plain",
        "aws_s3_bucket.unknown",
        "aws_security_group.plain",
        "aws_security_group.unknown",
        "terraform_data.unknown",
        "module.closed[\"a.b\"].aws_s3_bucket.this",
        "module.closed[\"c\"].aws_s3_bucket.this",
        "module.open.aws_s3_bucket.inner[0]",
        "module.open.aws_s3_bucket.inner[1]",
    ];
    assert_eq!(ids(&read_all(PLAN)), expected);
}
