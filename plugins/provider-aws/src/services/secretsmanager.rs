//! Secrets Manager: what is told of secrets; never what they hold.

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, block, document, flag, number, text};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("secretsmanager", Protocol::Json("1.1", "secretsmanager"));

pub const SERVICE: Service = Service {
    name: "secretsmanager",
    global: false,
    listings: &[Listing {
        steps: &[API
            .call("ListSecrets")
            .given(&[("MaxResults", Given::Number(100))])
            .items("SecretList")
            .paged("NextToken", "NextToken")],
        details: &[&[API.call("GetResourcePolicy").given(&[("SecretId", Given::Of("ARN"))])]],
        kinds: &[Kind::new("aws_secretsmanager_secret", "{ARN}", "Name", FIELDS).tags("Tags")],
    }],
};

const RULES: Field = block(
    "rotation_rules",
    "RotationRules",
    &[
        number("automatically_after_days", "AutomaticallyAfterDays"),
        text("schedule_expression", "ScheduleExpression"),
        text("duration", "Duration"),
    ],
);

const FIELDS: &[Field] = &[
    text("name", "Name"),
    text("description", "Description"),
    text("kms_key_id", "KmsKeyId"),
    flag("rotation_enabled", "RotationEnabled"),
    RULES,
    text("rotation_lambda_arn", "RotationLambdaARN"),
    document("policy", "GetResourcePolicy.ResourcePolicy"),
];
