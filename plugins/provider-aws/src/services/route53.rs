//! Route 53: zones, and which of them log what is asked.

use serde_json::{Value as Json, json};

use crate::api::{Api, Partition, Protocol, Site};
use crate::call::Given;
use crate::field::{Field, of, text, with};
use crate::kind::{Kind, Listing, Service};
use crate::value;

static API: Api = Api::global(
    "route53",
    Protocol::RestXml,
    &[
        (Partition::Commercial, Site { host: "route53.amazonaws.com", region: "us-east-1" }),
        (Partition::China, Site { host: "route53.amazonaws.com.cn", region: "cn-northwest-1" }),
        (Partition::UsGov, Site { host: "route53.us-gov.amazonaws.com", region: "us-gov-west-1" }),
    ],
);

pub const SERVICE: Service = Service {
    name: "route53",
    global: true,
    listings: &[
        Listing {
            steps: &[API
                .get("/2013-04-01/hostedzone", "ListHostedZones")
                .items("HostedZones.HostedZone")
                .paged("marker", "NextMarker")],
            details: &[],
            kinds: &[Kind::new("aws_route53_zone", "arn:{partition}:route53::{Id}", "Name", ZONE)],
        },
        Listing {
            steps: &[API
                .get("/2013-04-01/queryloggingconfig", "ListQueryLoggingConfigs")
                .given(&[("maxresults", Given::Number(100))])
                .items("QueryLoggingConfigs.QueryLoggingConfig")
                .paged("nexttoken", "NextToken")],
            details: &[],
            kinds: &[Kind::new(
                "aws_route53_query_log",
                "arn:{partition}:route53:::queryloggingconfig/{Id}",
                "Id",
                &[
                    text("id", "Id"),
                    text("zone_id", "HostedZoneId"),
                    text("cloudwatch_log_group_arn", "CloudWatchLogsLogGroupArn"),
                ],
            )],
        },
    ],
};

const ZONE: &[Field] = &[
    text("name", "Name"),
    of("zone_id", &["Id"], end),
    text("comment", "Config.Comment"),
    with("private_zone", "Config.PrivateZone", |private| json!(private == "true")),
];

/// The id comes as a path.
fn end(zone: &Json) -> Json {
    value::text(zone, "Id").and_then(|id| id.rsplit('/').next().map(str::to_owned)).into()
}
