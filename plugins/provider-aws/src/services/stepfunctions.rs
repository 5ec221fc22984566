//! Step Functions: state machines.

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, block, flag, text};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("states", Protocol::Json("1.0", "AWSStepFunctions"));

pub const SERVICE: Service = Service {
    name: "stepfunctions",
    global: false,
    listings: &[Listing {
        steps: &[API.call("ListStateMachines").items("stateMachines").paged("nextToken", "nextToken")],
        details: &[&[API.call("DescribeStateMachine").given(&[("stateMachineArn", Given::Of("stateMachineArn"))])]],
        kinds: &[Kind::new("aws_sfn_state_machine", "{stateMachineArn}", "name", FIELDS).tagged("states:stateMachine")],
    }],
};

const FIELDS: &[Field] = &[
    text("name", "name"),
    text("type", "type"),
    text("role_arn", "DescribeStateMachine.roleArn"),
    block(
        "encryption_configuration",
        "DescribeStateMachine.encryptionConfiguration",
        &[text("type", "type"), text("kms_key_id", "kmsKeyId")],
    ),
    block(
        "logging_configuration",
        "DescribeStateMachine.loggingConfiguration",
        &[text("level", "level"), flag("include_execution_data", "includeExecutionData")],
    ),
];
