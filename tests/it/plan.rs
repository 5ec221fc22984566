//! Scanning plans: what will be, and what nobody can know yet.

use serde_json::{Value, json};

use crate::harness::{Plumb, VERSIONING};

fn plan(values: Value, after_unknown: Value, expressions: Value) -> String {
    let mut after = values.clone();
    after.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": [{
            "address": "aws_s3_bucket.data", "mode": "managed", "type": "aws_s3_bucket", "name": "data",
            "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0, "values": values, "sensitive_values": {},
        }]}},
        "resource_changes": [{
            "address": "aws_s3_bucket.data", "mode": "managed", "type": "aws_s3_bucket", "name": "data",
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {"actions": ["create"], "before": null, "after": after, "after_unknown": after_unknown,
                       "before_sensitive": false, "after_sensitive": {}},
        }],
        "configuration": {"root_module": {"resources": [{
            "address": "aws_s3_bucket.data", "mode": "managed", "type": "aws_s3_bucket", "name": "data",
            "provider_config_key": "aws", "expressions": expressions, "schema_version": 0,
        }]}},
    })
    .to_string()
}

#[test]
fn an_unset_value_with_a_documented_default_is_that_default() {
    let plumb = Plumb::new();
    let text = plan(
        json!({"bucket": "data"}),
        json!({"versioning": true, "id": true, "arn": true}),
        json!({"bucket": {"constant_value": "data"}}),
    );
    let run = plumb.scan(&plumb.write("plan.json", text), &["-c", VERSIONING]).expect(3);
    assert_eq!(run.findings()[0]["verdict"], "fail");
}

#[test]
fn a_value_known_only_after_apply_is_not_green() {
    let plumb = Plumb::new();
    let text = plan(
        json!({"bucket": "data"}),
        json!({"versioning": [{"enabled": true}], "id": true}),
        json!({"bucket": {"constant_value": "data"}, "versioning": [{"enabled": {"references": ["var.versioned"]}}]}),
    );
    let run = plumb.scan(&plumb.write("plan.json", text), &["-c", VERSIONING]);
    let finding = &run.findings()[0];
    assert_eq!(finding["verdict"], "not-evaluated", "{finding}");
    assert!(finding["message"].as_str().unwrap().contains("apply"), "{finding}");
    assert!(run.json()["scan"]["coverage"].as_f64().unwrap() < 100.0);
}
