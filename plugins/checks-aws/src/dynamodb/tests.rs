//! DynamoDB.

use plumbline::prelude::*;
use plumbline::serde_json::Value as Json;
use plumbline::testing::json;

use super::scaling::AUTOSCALING;
use super::{DAX_AT_REST, DAX_IN_TRANSIT, DELETION, KMS, RECOVERY};
use crate::cases::{account, fails, passes};

const TABLE: &str = "aws_dynamodb_table";
const DAX: &str = "aws_dax_cluster";

#[test]
fn tables_are_encrypted_recoverable_and_kept() {
    passes(&KMS, TABLE, json!({"server_side_encryption": [{"enabled": true}]}));
    fails(&KMS, TABLE, json!({}), "AWS owns");
    passes(&RECOVERY, TABLE, json!({"point_in_time_recovery": [{"enabled": true}]}));
    fails(&RECOVERY, TABLE, json!({"point_in_time_recovery": [{"enabled": false}]}), "point_in_time_recovery");
    passes(&DELETION, TABLE, json!({"deletion_protection_enabled": true}));
    fails(&DELETION, TABLE, json!({}), "deletion_protection_enabled");
    passes(&DAX_AT_REST, DAX, json!({"server_side_encryption": [{"enabled": true}]}));
    fails(&DAX_AT_REST, DAX, json!({}), "server_side_encryption");
    passes(&DAX_IN_TRANSIT, DAX, json!({"cluster_endpoint_encryption_type": "TLS"}));
    fails(&DAX_IN_TRANSIT, DAX, json!({}), "NONE");
}

fn target(dimension: &str) -> (&'static str, &'static str, Json) {
    let dimension = format!("dynamodb:table:{dimension}CapacityUnits");
    ("aws_appautoscaling_target", "t", json!({"resource_id": "table/orders", "scalable_dimension": dimension}))
}

fn scales(table: Json, targets: &[(&'static str, &'static str, Json)], gaps: &[(&str, &str)]) -> Outcome {
    let mut resources = vec![(TABLE, "orders", table)];
    resources.extend_from_slice(targets);
    account(&AUTOSCALING, &resources, gaps).remove(0).1
}

#[test]
fn capacity_follows_the_load() {
    assert_eq!(scales(json!({"billing_mode": "PAY_PER_REQUEST"}), &[], &[]), pass());
    assert_eq!(scales(json!({"name": "orders"}), &[target("Read"), target("Write")], &[]), pass());
    let half = scales(json!({"name": "orders"}), &[target("Read")], &[]);
    assert!(
        matches!(&half, Ok(Verdict::Fail(message)) if message.contains("Write") && !message.contains("Read")),
        "{half:?}"
    );
    assert!(scales(json!({"name": "orders"}), &[], &[("aws_appautoscaling_target", "denied")]).is_err());
}
