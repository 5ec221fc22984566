//! Amazon MQ: brokers.

use crate::api::{Api, Protocol};
use crate::call::Given;
use crate::field::{Field, block, flag, text};
use crate::kind::{Kind, Listing, Service};

static API: Api = Api::regional("mq", Protocol::RestJson);

pub const SERVICE: Service = Service {
    name: "mq",
    global: false,
    listings: &[Listing {
        steps: &[API.get("/v1/brokers", "ListBrokers").items("brokerSummaries").paged("nextToken", "nextToken")],
        details: &[&[API.get("/v1/brokers/{id}", "DescribeBroker").given(&[("id", Given::Of("brokerId"))])]],
        kinds: &[Kind::new("aws_mq_broker", "{brokerArn}", "brokerName", FIELDS).tags("DescribeBroker.tags")],
    }],
};

const FIELDS: &[Field] = &[
    text("broker_name", "brokerName"),
    text("engine_type", "DescribeBroker.engineType"),
    text("engine_version", "DescribeBroker.engineVersion"),
    text("deployment_mode", "DescribeBroker.deploymentMode"),
    flag("auto_minor_version_upgrade", "DescribeBroker.autoMinorVersionUpgrade"),
    flag("publicly_accessible", "DescribeBroker.publiclyAccessible"),
    block("logs", "DescribeBroker.logs", &[flag("general", "general"), flag("audit", "audit")]),
];
