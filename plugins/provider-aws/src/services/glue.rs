//! Glue: how the account's catalog is encrypted.

use crate::api::{Api, Protocol};
use crate::field::{Field, block, flag, text};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("glue", Protocol::Json("1.1", "AWSGlue"));

pub const SERVICE: Service = Service {
    name: "glue",
    global: false,
    listings: &[Listing {
        steps: &[API.call("GetDataCatalogEncryptionSettings")],
        details: &[],
        kinds: &[Kind::new(
            "aws_glue_data_catalog_encryption_settings",
            "{account}/{region}/glue-data-catalog-encryption-settings",
            "",
            FIELDS,
        )],
    }],
};

const FIELDS: &[Field] = &[block(
    "data_catalog_encryption_settings",
    "DataCatalogEncryptionSettings",
    &[
        block(
            "encryption_at_rest",
            "EncryptionAtRest",
            &[text("catalog_encryption_mode", "CatalogEncryptionMode"), text("sse_aws_kms_key_id", "SseAwsKmsKeyId")],
        ),
        block(
            "connection_password_encryption",
            "ConnectionPasswordEncryption",
            &[
                flag("return_connection_password_encrypted", "ReturnConnectionPasswordEncrypted"),
                text("aws_kms_key_id", "AwsKmsKeyId"),
            ],
        ),
    ],
)];
