//! Route 53: zones, and which of them log what is asked.

use serde_json::{Value as Json, json};

use crate::api::{Api, Partition, Protocol, Site};
use crate::call::Given;
use crate::field::{Field, text, with};
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
            steps: &[API.get("/2013-04-01/hostedzone", "ListHostedZones").rows(zones).paged("marker", "NextMarker")],
            details: &[],
            kinds: &[Kind::new("aws_route53_zone", "arn:{partition}:route53:::hostedzone/{ZoneId}", "Name", ZONE)
                .tagged("route53:hostedzone")],
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
    text("zone_id", "ZoneId"),
    text("comment", "Config.Comment"),
    with("private_zone", "Config.PrivateZone", |private| json!(private == "true")),
];

/// Their ids come as paths.
fn zones(answer: &Json) -> Vec<Json> {
    let zone = |zone: &Json| {
        let mut zone = zone.as_object().cloned().unwrap_or_default();
        let id = zone.get("Id").and_then(Json::as_str).and_then(|id| id.rsplit('/').next()).map(str::to_owned);
        zone.insert("ZoneId".to_owned(), id.into());
        Json::from(zone)
    };
    value::all(answer, "HostedZones.HostedZone").into_iter().map(zone).collect()
}
