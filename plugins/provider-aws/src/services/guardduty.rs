//! GuardDuty: whether it looks, and at what.

use serde_json::{Value as Json, json};

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, text, with};
use crate::kind::{Kind, Listing, Service};
use crate::value;

static API: Api = Api::regional("guardduty", Protocol::RestJson);

pub const SERVICE: Service = Service {
    name: "guardduty",
    global: false,
    listings: &[Listing {
        steps: &[API.get("/detector", "ListDetectors").items("detectorIds").paged("nextToken", "nextToken")],
        details: &[&[API.get("/detector/{DetectorId}", "GetDetector").given(&[("DetectorId", Given::Of("Value"))])]],
        kinds: &[Kind::new(
            "aws_guardduty_detector",
            "arn:{partition}:guardduty:{region}:{account}:detector/{Value}",
            "Value",
            FIELDS,
        )
        .tags("GetDetector.tags")],
    }],
};

const FIELDS: &[Field] = &[
    text("id", "Value"),
    with("enable", "GetDetector.status", |status| json!(status == "ENABLED")),
    text("finding_publishing_frequency", "GetDetector.findingPublishingFrequency"),
    with("datasources", "GetDetector.dataSources", datasources),
];

/// Words in the answer, switches in Terraform.
fn datasources(sources: &Json) -> Json {
    let is_on = |path: &str| value::is(sources, path, "ENABLED");
    json!([{
        "s3_logs": [{"enable": is_on("s3Logs.status")}],
        "kubernetes": [{"audit_logs": [{"enable": is_on("kubernetes.auditLogs.status")}]}],
        "malware_protection": [{"scan_ec2_instance_with_findings": [{
            "ebs_volumes": [{"enable": is_on("malwareProtection.scanEc2InstanceWithFindings.ebsVolumes.status")}],
        }]}],
    }])
}
