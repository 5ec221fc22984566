//! EC2: machines and their disks, the networks they are in, and the account's settings for them.

use crate::api::{Api, Protocol};
use crate::call::{Call, Given};
use crate::kind::{Kind, Service};

mod images;
mod instances;
mod networks;
mod rules;
mod settings;

static API: Api = Api::regional("ec2", Protocol::Ec2("2016-11-15"));

pub const SERVICE: Service = Service {
    name: "ec2",
    global: false,
    listings: &[
        instances::INSTANCES,
        instances::TEMPLATES,
        images::VOLUMES,
        images::SNAPSHOTS,
        images::IMAGES,
        rules::GROUPS,
        rules::ACLS,
        networks::ADDRESSES,
        networks::CLIENT_VPNS,
        networks::TRANSIT_GATEWAYS,
        settings::ENCRYPTION,
        settings::SNAPSHOT_BLOCK,
        settings::IMAGE_BLOCK,
        settings::METADATA,
    ],
};

/// What Prowler and the checks call VPC is the same API.
pub const VPC_SERVICE: Service = Service {
    name: "vpc",
    global: false,
    listings: &[
        networks::VPCS,
        networks::SUBNETS,
        networks::FLOW_LOGS,
        networks::ROUTE_TABLES,
        networks::PEERINGS,
        networks::ENDPOINTS,
        networks::ENDPOINT_SERVICES,
        networks::VPNS,
        networks::INTERNET_GATEWAYS,
        networks::NAT_GATEWAYS,
    ],
};

/// A list in pages. No page size is given: EC2 refuses it beside ids, and has its own.
const fn list(operation: &'static str, items: &'static str) -> Call {
    API.call(operation).items(items).paged("NextToken", "nextToken")
}

/// The account's own.
const OWNED: &[(&str, Given)] = &[("Owner", Given::List(&["self"]))];
const TAGS: &str = "tagSet.item";

/// A resource whose ARN ends so.
const fn kind(
    kind: &'static str,
    id: &'static str,
    name: &'static str,
    fields: &'static [crate::field::Field],
) -> Kind {
    Kind::new(kind, id, name, fields).tags(TAGS)
}
