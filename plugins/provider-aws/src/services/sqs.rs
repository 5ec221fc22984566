//! SQS: queues.

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, document, flag, number, text};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("sqs", Protocol::Json("1.0", "AmazonSQS"));

pub const SERVICE: Service = Service {
    name: "sqs",
    global: false,
    listings: &[Listing {
        steps: &[API
            .call("ListQueues")
            // Without a size there are no pages, and the list ends at a thousand.
            .given(&[("MaxResults", Given::Number(1000))])
            .items("QueueUrls")
            .paged("NextToken", "NextToken")],
        details: &[&[
            API.call("GetQueueAttributes")
                .given(&[("QueueUrl", Given::Of("Value")), ("AttributeNames", Given::List(&["All"]))]),
            API.call("ListQueueTags").given(&[("QueueUrl", Given::Of("Value"))]),
        ]],
        kinds: &[Kind::new("aws_sqs_queue", "{GetQueueAttributes.Attributes.QueueArn}", "Value", FIELDS)
            .tags("ListQueueTags.Tags")],
    }],
};

const FIELDS: &[Field] = &[
    text("url", "Value"),
    text("id", "Value"),
    document("policy", "GetQueueAttributes.Attributes.Policy"),
    text("kms_master_key_id", "GetQueueAttributes.Attributes.KmsMasterKeyId"),
    flag("sqs_managed_sse_enabled", "GetQueueAttributes.Attributes.SqsManagedSseEnabled"),
    flag("fifo_queue", "GetQueueAttributes.Attributes.FifoQueue"),
    number("message_retention_seconds", "GetQueueAttributes.Attributes.MessageRetentionPeriod"),
    number("visibility_timeout_seconds", "GetQueueAttributes.Attributes.VisibilityTimeout"),
    document("redrive_policy", "GetQueueAttributes.Attributes.RedrivePolicy"),
    document("redrive_allow_policy", "GetQueueAttributes.Attributes.RedriveAllowPolicy"),
];
