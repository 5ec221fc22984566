//! SNS: topics and who is told.

use serde_json::Value as Json;

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, of, structure, text};
use crate::kind::{Kind, Listing, Service};
use crate::value;

static API: Api = Api::regional("sns", Protocol::Query("2010-03-31"));

pub const SERVICE: Service = Service {
    name: "sns",
    global: false,
    listings: &[
        Listing {
            steps: &[API.call("ListTopics").items("Topics.member").paged("NextToken", "NextToken")],
            details: &[&[
                API.call("GetTopicAttributes").given(&[("TopicArn", Given::Of("TopicArn"))]),
                API.call("ListTagsForResource").given(&[("ResourceArn", Given::Of("TopicArn"))]),
            ]],
            kinds: &[
                Kind::new("aws_sns_topic", "{TopicArn}", "TopicArn", TOPIC).tags("ListTagsForResource.Tags.member")
            ],
        },
        Listing {
            steps: &[API.call("ListSubscriptions").items("Subscriptions.member").paged("NextToken", "NextToken")],
            details: &[],
            kinds: &[
                Kind::new("aws_sns_topic_subscription", "{SubscriptionArn}", "SubscriptionArn", SUBSCRIPTION)
                    .keep(is_confirmed),
                // Until it is confirmed it has a word for an ARN.
                Kind::new("aws_sns_topic_subscription", "{TopicArn}#{Protocol}#{Endpoint}", "Endpoint", SUBSCRIPTION)
                    .keep(|subscription| !is_confirmed(subscription)),
            ],
        },
    ],
};

fn is_confirmed(subscription: &Json) -> bool {
    value::text(subscription, "SubscriptionArn").is_some_and(|arn| arn.starts_with("arn:"))
}

const TOPIC: &[Field] = &[
    crate::field::with("name", "TopicArn", |arn| arn.as_str().and_then(|arn| arn.rsplit(':').next()).into()),
    of("policy", ATTRIBUTES, |topic| attribute(topic, "Policy").map(structure).unwrap_or_default()),
    of("kms_master_key_id", ATTRIBUTES, |topic| attribute(topic, "KmsMasterKeyId").cloned().unwrap_or_default()),
    of("display_name", ATTRIBUTES, |topic| attribute(topic, "DisplayName").cloned().unwrap_or_default()),
    of("owner", ATTRIBUTES, |topic| attribute(topic, "Owner").cloned().unwrap_or_default()),
];
const ATTRIBUTES: &[&str] = &["GetTopicAttributes"];

fn attribute<'a>(topic: &'a Json, name: &str) -> Option<&'a Json> {
    value::entry(topic, "GetTopicAttributes.Attributes.entry", name)
}

const SUBSCRIPTION: &[Field] = &[
    text("topic_arn", "TopicArn"),
    text("protocol", "Protocol"),
    text("endpoint", "Endpoint"),
    text("owner_id", "Owner"),
];
