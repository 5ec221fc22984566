use plumbline::prelude::*;
use plumbline::testing::{json, resource};

use super::*;
use crate::cases::{fails, passes, skips, unread};

const KIND: &str = "aws_kms_key";

#[test]
fn rotation_is_asked_of_keys_that_can_rotate() {
    passes(&ROTATION, KIND, json!({"enable_key_rotation": true}));
    passes(&ROTATION, KIND, json!({"enable_key_rotation": true, "customer_master_key_spec": "SYMMETRIC_DEFAULT"}));
    fails(&ROTATION, KIND, json!({"enable_key_rotation": false}), "rotation is off");
    fails(&ROTATION, KIND, json!({}), "rotation is off");
    skips(&ROTATION, KIND, json!({"customer_master_key_spec": "RSA_2048"}));
    skips(&ROTATION, KIND, json!({"custom_key_store_id": "cks-1"}));
    skips(&ROTATION, KIND, json!({"is_enabled": false}));
}

#[test]
fn a_key_is_public_where_anyone_may_use_it() {
    let policy = |principal: &str, condition: plumbline::serde_json::Value| {
        json!({"policy": {"Statement": [
            {"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*",
                "Condition": condition},
        ]}})
    };
    passes(&NOT_PUBLIC, KIND, json!({}));
    passes(&NOT_PUBLIC, KIND, policy("arn:aws:iam::123456789012:root", json!({})));
    passes(&NOT_PUBLIC, KIND, policy("*", json!({"StringEquals": {"kms:CallerAccount": "123456789012"}})));
    fails(&NOT_PUBLIC, KIND, policy("*", json!({})), "statement 1 (Use) allows kms:* to anyone");
    fails(&NOT_PUBLIC, "aws_kms_replica_key", policy("*", json!({})), "anyone");
    unread(&NOT_PUBLIC, KIND, json!({"policy": "{\"Statement\": 1}"}), "malformed policy");
}

#[test]
fn the_state_of_a_key_decides() {
    passes(&NOT_DELETED, KIND, json!({"key_state": "Enabled"}));
    passes(&NOT_DELETED, KIND, json!({"is_enabled": true}));
    fails(&NOT_DELETED, KIND, json!({"key_state": "PendingDeletion", "is_enabled": false}), "PendingDeletion");
    let disabled = resource(KIND, json!({"is_enabled": false})).verdict(&NOT_DELETED);
    assert!(matches!(disabled, Ok(Verdict::Manual(_))));
    passes(&USED, KIND, json!({"is_enabled": true}));
    passes(&USED, KIND, json!({"is_enabled": false, "key_state": "PendingDeletion"}));
    fails(&USED, KIND, json!({"is_enabled": false}), "disabled");
    fails(&USED, KIND, json!({"is_enabled": false, "key_state": "Disabled"}), "Disabled");
    passes(&SINGLE_REGION, KIND, json!({"multi_region": false}));
    fails(&SINGLE_REGION, KIND, json!({"multi_region": true}), "multi-region");
    skips(&SINGLE_REGION, KIND, json!({"multi_region": true, "is_enabled": false}));
}
