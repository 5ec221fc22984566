//! Kinesis: streams.

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, number, text};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("kinesis", Protocol::Json("1.1", "Kinesis_20131202"));

pub const SERVICE: Service = Service {
    name: "kinesis",
    global: false,
    listings: &[Listing {
        steps: &[API.call("ListStreams").items("StreamNames").paged("NextToken", "NextToken")],
        details: &[&[API.call("DescribeStreamSummary").given(&[("StreamName", Given::Of("Value"))])]],
        kinds: &[Kind::new(
            "aws_kinesis_stream",
            "arn:{partition}:kinesis:{region}:{account}:stream/{Value}",
            "Value",
            FIELDS,
        )
        .tagged("kinesis:stream")],
    }],
};

const FIELDS: &[Field] = &[
    text("name", "Value"),
    text("encryption_type", "DescribeStreamSummary.StreamDescriptionSummary.EncryptionType"),
    text("kms_key_id", "DescribeStreamSummary.StreamDescriptionSummary.KeyId"),
    number("retention_period", "DescribeStreamSummary.StreamDescriptionSummary.RetentionPeriodHours"),
];
