//! KMS: keys that the account made itself. Those that services made for it cannot be changed.

use serde_json::{Value as Json, json};

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, document, flag, text, with};
use crate::kind::{Kind, Listing, Service};
use crate::value;

static API: Api = Api::regional("kms", Protocol::Json("1.1", "TrentService"));

const KEY: &[(&str, Given)] = &[("KeyId", Given::Of("KeyId"))];

pub const SERVICE: Service = Service {
    name: "kms",
    global: false,
    listings: &[Listing {
        steps: &[API
            .call("ListKeys")
            .given(&[("Limit", Given::Number(1000))])
            .items("Keys")
            .paged("Marker", "NextMarker")],
        details: &[
            &[API.call("DescribeKey").given(KEY).always()],
            &[
                API.call("GetKeyRotationStatus").given(KEY).when(can_rotate),
                API.call("GetKeyPolicy")
                    .given(&[("KeyId", Given::Of("KeyId")), ("PolicyName", Given::Text("default"))])
                    .when(is_own),
                API.call("ListResourceTags").given(KEY).items("Tags").paged("Marker", "NextMarker").when(is_own),
            ],
        ],
        kinds: &[
            Kind::new("aws_kms_key", "{KeyArn}", "KeyId", FIELDS)
                .tags("ListResourceTags")
                .keep(|key| is_of(key, "AWS_KMS") || is_of(key, "AWS_CLOUDHSM") || is_of(key, "EXTERNAL_KEY_STORE")),
            Kind::new("aws_kms_external_key", "{KeyArn}", "KeyId", FIELDS)
                .tags("ListResourceTags")
                .keep(|key| is_of(key, "EXTERNAL")),
        ],
    }],
};

const FIELDS: &[Field] = &[
    text("key_id", "KeyId"),
    text("description", "DescribeKey.KeyMetadata.Description"),
    flag("is_enabled", "DescribeKey.KeyMetadata.Enabled"),
    text("key_state", "DescribeKey.KeyMetadata.KeyState"),
    text("key_usage", "DescribeKey.KeyMetadata.KeyUsage"),
    text("customer_master_key_spec", "DescribeKey.KeyMetadata.CustomerMasterKeySpec"),
    text("custom_key_store_id", "DescribeKey.KeyMetadata.CustomKeyStoreId"),
    flag("multi_region", "DescribeKey.KeyMetadata.MultiRegion"),
    // A key that cannot rotate is not asked, and does not.
    with("enable_key_rotation", "GetKeyRotationStatus.KeyRotationEnabled", |on| json!(on.as_bool() == Some(true))),
    document("policy", "GetKeyPolicy.Policy"),
];

fn is_own(key: &Json) -> bool {
    value::is(key, "DescribeKey.KeyMetadata.KeyManager", "CUSTOMER")
}

fn is_of(key: &Json, origin: &str) -> bool {
    is_own(key) && value::is(key, "DescribeKey.KeyMetadata.Origin", origin)
}

/// The others answer with an error.
fn can_rotate(key: &Json) -> bool {
    is_of(key, "AWS_KMS")
        && value::is(key, "DescribeKey.KeyMetadata.CustomerMasterKeySpec", "SYMMETRIC_DEFAULT")
        && !value::is(key, "DescribeKey.KeyMetadata.KeyState", "PendingDeletion")
}
