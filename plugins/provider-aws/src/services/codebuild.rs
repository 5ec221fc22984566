//! CodeBuild: projects.

use serde_json::{Value as Json, json};

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, block, blocks, flag, text, with};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("codebuild", Protocol::Json("1.1", "CodeBuild_20161006"));

pub const SERVICE: Service = Service {
    name: "codebuild",
    global: false,
    listings: &[Listing {
        steps: &[
            API.call("ListProjects").items("projects").paged("nextToken", "nextToken"),
            API.call("BatchGetProjects").given(&[("names", Given::OneOf("Value"))]).items("projects"),
        ],
        details: &[],
        kinds: &[Kind::new("aws_codebuild_project", "{arn}", "name", FIELDS).tags("tags")],
    }],
};

const FIELDS: &[Field] = &[
    text("name", "name"),
    text("service_role", "serviceRole"),
    text("encryption_key", "encryptionKey"),
    block(
        "environment",
        "environment",
        &[
            text("type", "type"),
            text("image", "image"),
            text("compute_type", "computeType"),
            flag("privileged_mode", "privilegedMode"),
            blocks(
                "environment_variable",
                "environmentVariables",
                &[text("name", "name"), text("value", "value"), with("type", "type", plain)],
            ),
        ],
    ),
    block("source", "source", &[text("type", "type"), text("location", "location")]),
    blocks(
        "secondary_sources",
        "secondarySources",
        &[text("source_identifier", "sourceIdentifier"), text("type", "type"), text("location", "location")],
    ),
    block(
        "logs_config",
        "logsConfig",
        &[
            block("cloudwatch_logs", "cloudWatchLogs", &[text("status", "status"), text("group_name", "groupName")]),
            block(
                "s3_logs",
                "s3Logs",
                &[
                    text("status", "status"),
                    text("location", "location"),
                    flag("encryption_disabled", "encryptionDisabled"),
                ],
            ),
        ],
    ),
];

/// Without a type its value stands there in clear.
fn plain(kind: &Json) -> Json {
    if kind.is_null() { json!("PLAINTEXT") } else { kind.clone() }
}
