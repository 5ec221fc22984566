//! Security Hub: whether it is on, and which standards it holds the account against.

use serde_json::json;

use crate::api::{Api, Protocol};
use crate::call::Call;
use crate::field::{Field, flag, of, text};
use crate::kind::{Kind, Listing, Service};
use crate::value;

static API: Api = Api::regional("securityhub", Protocol::RestJson);

/// Its answer in an account that has not turned it on.
const OFF: &[&str] = &["InvalidAccessException"];

const STANDARDS: Call = API
    .rest("POST", "/standards/get", "GetEnabledStandards")
    .items("StandardsSubscriptions")
    .paged("NextToken", "NextToken")
    .absent(OFF);

pub const SERVICE: Service = Service {
    name: "securityhub",
    global: false,
    listings: &[
        Listing {
            steps: &[API.get("/accounts", "DescribeHub").absent(OFF)],
            details: &[&[STANDARDS]],
            kinds: &[Kind::new("aws_securityhub_account", "{HubArn}", "HubArn", FIELDS)],
        },
        Listing {
            steps: &[STANDARDS],
            details: &[],
            kinds: &[Kind::new(
                "aws_securityhub_standards_subscription",
                "{StandardsSubscriptionArn}",
                "StandardsSubscriptionArn",
                &[text("standards_arn", "StandardsArn"), text("standards_status", "StandardsStatus")],
            )],
        },
    ],
};

const FIELDS: &[Field] = &[
    flag("auto_enable_controls", "AutoEnableControls"),
    text("control_finding_generator", "ControlFindingGenerator"),
    // How the hub was made is told nowhere: what counts is whether it holds the account against anything.
    of("enable_default_standards", &["GetEnabledStandards"], |hub| {
        json!(!value::all(hub, "GetEnabledStandards").is_empty())
    }),
];
