//! Athena: workgroups.

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, block, flag, text};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("athena", Protocol::Json("1.1", "AmazonAthena"));

pub const SERVICE: Service = Service {
    name: "athena",
    global: false,
    listings: &[Listing {
        steps: &[API.call("ListWorkGroups").items("WorkGroups").paged("NextToken", "NextToken")],
        details: &[&[API.call("GetWorkGroup").given(&[("WorkGroup", Given::Of("Name"))])]],
        kinds: &[Kind::new(
            "aws_athena_workgroup",
            "arn:{partition}:athena:{region}:{account}:workgroup/{Name}",
            "Name",
            FIELDS,
        )
        .tagged("athena:workgroup")],
    }],
};

const FIELDS: &[Field] = &[
    text("name", "Name"),
    text("state", "State"),
    block(
        "configuration",
        "GetWorkGroup.WorkGroup.Configuration",
        &[
            flag("enforce_workgroup_configuration", "EnforceWorkGroupConfiguration"),
            flag("publish_cloudwatch_metrics_enabled", "PublishCloudWatchMetricsEnabled"),
            block(
                "result_configuration",
                "ResultConfiguration",
                &[
                    text("output_location", "OutputLocation"),
                    block(
                        "encryption_configuration",
                        "EncryptionConfiguration",
                        &[text("encryption_option", "EncryptionOption"), text("kms_key_arn", "KmsKey")],
                    ),
                ],
            ),
        ],
    ),
];
