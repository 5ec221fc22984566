//! Files that cannot be read say why, where, and what to do.

use crate::files::{read, refusal, state};
use plumbline::serde_json::json;

/// A reason must hold all of these.
fn says(bytes: impl AsRef<[u8]>, words: &[&str]) {
    let reason = refusal(bytes);
    for word in words {
        assert!(reason.contains(word), "'{word}' is not in: {reason}");
    }
}

#[test]
fn files_that_are_no_json() {
    says("", &["empty"]);
    says(" \n", &["empty"]);
    says(b"PK\x03\x04\x14\x00\x08\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x06\x00\x00\x00tfplan", &["binary plan", "terraform show -json"]);
    says(b"PK\x03\x04\x14\x00\x08\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x06\x00\x00\x00a.txt", &["zip archive"]);
    says([0x1f, 0x8b, 8, 0], &["gzip"]);
    says("resource \"aws_s3_bucket\" \"a\" {}", &["line 1 column 1", "no JSON document"]);
    says("# aws_s3_bucket.a:\n", &["no JSON document"]);
    says("[command]/usr/bin/terraform-bin show -json p\n{}", &["setup-terraform", "terraform_wrapper: false"]);
    says("{\"@level\":\"info\",\"@message\":\"x\"}\n{}", &["log of `terraform plan -json`"]);
}

#[test]
fn documents_that_are_broken_name_the_place() {
    let whole = state(&[("aws_sns_topic.t", json!({"name": "t"}))]);
    says(&whole[..whole.len() - 10], &["line 1 column", "cut short"]);
    says(format!("{whole}\n{{}}"), &["line 2 column 1", "more after the end"]);
    says(whole.replace("\"name\":\"t\"", "\"name\":t"), &["line 1 column", "no valid JSON"]);
    says(format!("{whole}\0"), &["more after the end"]);
    let nested = "[".repeat(100_000);
    let deep = whole.replace("\"name\":\"t\"}", &format!("\"name\":{nested}"));
    says(deep, &["nests deeper"]);
    says(r#"{"version":4,"lineage":"x","resources":{"a":1}}"#, &["expected a list of resources"]);
    says(r#"{"version":4,"lineage":"x","resources":[{"mode":"managed","name":"a"}]}"#, &["no `type`"]);
    says(r#"{"version":4,"lineage":"x","resources":[],"resources":[]}"#, &["`resources` stands twice"]);
    says(
        b"{\"version\":4,\"lineage\":\"x\",\"resources\":[{\"mode\":\"managed\",\"type\":\"a\",\"name\":\"\xff\"}]}",
        &["neither UTF-8 nor UTF-16"],
    );
}

#[test]
fn other_versions_say_how_to_get_there() {
    says(
        r#"{"version":3,"serial":1,"modules":[{"path":["root"]}]}"#,
        &["state version 3", "terraform state pull", "show -json"],
    );
    says(r#"{"version":5,"terraform_version":"9","resources":[]}"#, &["version 5", "newer"]);
    says(r#"{"terraform_version":"1.0.0","resources":[]}"#, &["no `version`"]);
    says(r#"{"format_version":"2.0","planned_values":{}}"#, &["format_version 2.0", "newer"]);
    says(r#"{"format_version":"x","values":{}}"#, &["'x' is no version"]);
    says(
        r#"{"serial":1,"lineage":"x","meta":{},"encrypted_data":"x","encryption_version":"v0"}"#,
        &["encrypted OpenTofu", "tofu show -json"],
    );
}

#[test]
fn other_documents_are_called_what_they_are() {
    says("{}", &["no Terraform state", "an empty object"]);
    says(r#"{"name":"x","scripts":{}}"#, &["no Terraform state", "`name`, `scripts`"]);
    says("[1]", &["no Terraform state"]);
    says(r#"{"resources":[{"type":"Microsoft.Storage","apiVersion":"1"}]}"#, &["no Terraform state"]);
    says(r#"{"format_version":"1.0","provider_schemas":{}}"#, &["no Terraform state", "`provider_schemas`"]);
    says(r#"{"format_version":"1.0","resource_changes":[]}"#, &["no `planned_values`"]);
}

#[test]
fn minor_versions_that_are_not_known_yet_are_read() {
    let (collected, result) =
        read(r#"{"format_version":"1.99","planned_values":{"root_module":{}},"resource_changes":[]}"#);
    assert!(result.is_ok() && collected.resources.is_empty());
}
