//! Networks and what connects them.

use serde_json::{Value as Json, json};

use super::{API, kind, list};
use crate::call::Given;
use crate::field::{Field, block, blocks, document, flag, number, of, text, texts, with};
use crate::kind::Listing;
use crate::value;

pub(super) const VPCS: Listing = Listing {
    steps: &[list("DescribeVpcs", "vpcSet.item")],
    details: &[&[list("DescribeFlowLogs", "flowLogSet.item")
        .given(&[("Filter.1.Name", Given::Text("resource-id")), ("Filter.1.Value.1", Given::Of("vpcId"))])]],
    kinds: &[
        kind("aws_default_vpc", VPC_ARN, "vpcId", VPC).keep(is_default),
        kind("aws_vpc", VPC_ARN, "vpcId", VPC).keep(|vpc| !is_default(vpc)),
    ],
};

const VPC_ARN: &str = "arn:{partition}:ec2:{region}:{account}:vpc/{vpcId}";

fn is_default(vpc: &Json) -> bool {
    value::flag(vpc, "isDefault") == Some(true)
}

const VPC: &[Field] = &[
    text("id", "vpcId"),
    text("cidr_block", "cidrBlock"),
    text("owner_id", "ownerId"),
    text("instance_tenancy", "instanceTenancy"),
    text("dhcp_options_id", "dhcpOptionsId"),
    blocks("flow_log", "DescribeFlowLogs", FLOW_LOG),
];

const FLOW_LOG: &[Field] = &[
    text("id", "flowLogId"),
    text("iam_role_arn", "deliverLogsPermissionArn"),
    text("log_destination", "logDestination"),
    text("log_destination_type", "logDestinationType"),
    text("log_group_name", "logGroupName"),
    number("max_aggregation_interval", "maxAggregationInterval"),
    text("traffic_type", "trafficType"),
    with("vpc_id", "resourceId", |id| of_kind(id, "vpc-")),
    with("subnet_id", "resourceId", |id| of_kind(id, "subnet-")),
    with("eni_id", "resourceId", |id| of_kind(id, "eni-")),
];

fn of_kind(id: &Json, prefix: &str) -> Json {
    id.as_str().filter(|id| id.starts_with(prefix)).into()
}

pub(super) const FLOW_LOGS: Listing = Listing {
    steps: &[list("DescribeFlowLogs", "flowLogSet.item")],
    details: &[],
    kinds: &[kind(
        "aws_flow_log",
        "arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{flowLogId}",
        "flowLogId",
        FLOW_LOG,
    )],
};

pub(super) const SUBNETS: Listing = Listing {
    steps: &[list("DescribeSubnets", "subnetSet.item")],
    details: &[],
    kinds: &[
        kind("aws_default_subnet", SUBNET_ARN, "subnetId", SUBNET).keep(is_default_subnet),
        kind("aws_subnet", SUBNET_ARN, "subnetId", SUBNET).keep(|subnet| !is_default_subnet(subnet)),
    ],
};

const SUBNET_ARN: &str = "arn:{partition}:ec2:{region}:{account}:subnet/{subnetId}";

fn is_default_subnet(subnet: &Json) -> bool {
    value::flag(subnet, "defaultForAz") == Some(true)
}

const SUBNET: &[Field] = &[
    text("id", "subnetId"),
    text("vpc_id", "vpcId"),
    text("cidr_block", "cidrBlock"),
    text("availability_zone", "availabilityZone"),
    text("availability_zone_id", "availabilityZoneId"),
    flag("map_public_ip_on_launch", "mapPublicIpOnLaunch"),
    flag("assign_ipv6_address_on_creation", "assignIpv6AddressOnCreation"),
    text("owner_id", "ownerId"),
];

pub(super) const ROUTE_TABLES: Listing = Listing {
    steps: &[list("DescribeRouteTables", "routeTableSet.item")],
    details: &[],
    kinds: &[kind(
        "aws_route_table",
        "arn:{partition}:ec2:{region}:{account}:route-table/{routeTableId}",
        "routeTableId",
        ROUTE_TABLE,
    )],
};

const ROUTE_TABLE: &[Field] = &[
    text("id", "routeTableId"),
    text("vpc_id", "vpcId"),
    text("owner_id", "ownerId"),
    of("route", &["routeSet"], routes),
];

/// Without the route that every table has to its own network, which nobody can change, and which Terraform leaves out.
fn routes(table: &Json) -> Json {
    let all = value::all(table, "routeSet.item").into_iter();
    let own = all.filter(|route| !value::is(route, "gatewayId", "local"));
    let told = own.map(|route| {
        let text = |path| value::text(route, path).unwrap_or_default();
        json!({
            "cidr_block": text("destinationCidrBlock"),
            "ipv6_cidr_block": text("destinationIpv6CidrBlock"),
            "destination_prefix_list_id": text("destinationPrefixListId"),
            "gateway_id": text("gatewayId"),
            "nat_gateway_id": text("natGatewayId"),
            "network_interface_id": text("networkInterfaceId"),
            "transit_gateway_id": text("transitGatewayId"),
            "vpc_peering_connection_id": text("vpcPeeringConnectionId"),
        })
    });
    told.collect()
}

pub(super) const PEERINGS: Listing = Listing {
    steps: &[list("DescribeVpcPeeringConnections", "vpcPeeringConnectionSet.item")],
    details: &[],
    kinds: &[kind(
        "aws_vpc_peering_connection",
        "arn:{partition}:ec2:{region}:{account}:vpc-peering-connection/{vpcPeeringConnectionId}",
        "vpcPeeringConnectionId",
        PEERING,
    )
    // A connection that ended is still listed for a while.
    .keep(|peering| {
        !["deleted", "rejected", "failed", "expired"].iter().any(|code| value::is(peering, "status.code", code))
    })],
};

const PEERING: &[Field] = &[
    text("id", "vpcPeeringConnectionId"),
    text("accept_status", "status.code"),
    text("vpc_id", "requesterVpcInfo.vpcId"),
    text("peer_vpc_id", "accepterVpcInfo.vpcId"),
    text("peer_owner_id", "accepterVpcInfo.ownerId"),
    text("peer_region", "accepterVpcInfo.region"),
];

pub(super) const ENDPOINTS: Listing = Listing {
    steps: &[list("DescribeVpcEndpoints", "vpcEndpointSet.item")],
    details: &[],
    kinds: &[kind(
        "aws_vpc_endpoint",
        "arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{vpcEndpointId}",
        "vpcEndpointId",
        ENDPOINT,
    )],
};

const ENDPOINT: &[Field] = &[
    text("id", "vpcEndpointId"),
    text("vpc_id", "vpcId"),
    text("service_name", "serviceName"),
    text("vpc_endpoint_type", "vpcEndpointType"),
    text("state", "state"),
    flag("private_dns_enabled", "privateDnsEnabled"),
    document("policy", "policyDocument"),
    texts("subnet_ids", "subnetIdSet.item"),
    texts("route_table_ids", "routeTableIdSet.item"),
    texts("security_group_ids", "groupSet.item.groupId"),
];

pub(super) const ENDPOINT_SERVICES: Listing = Listing {
    steps: &[list("DescribeVpcEndpointServiceConfigurations", "serviceConfigurationSet.item")],
    details: &[&[list("DescribeVpcEndpointServicePermissions", "allowedPrincipals.item")
        .given(&[("ServiceId", Given::Of("serviceId"))])]],
    kinds: &[kind(
        "aws_vpc_endpoint_service",
        "arn:{partition}:ec2:{region}:{account}:vpc-endpoint-service/{serviceId}",
        "serviceName",
        &[
            text("id", "serviceId"),
            text("service_name", "serviceName"),
            flag("acceptance_required", "acceptanceRequired"),
            texts("allowed_principals", "DescribeVpcEndpointServicePermissions.principal"),
        ],
    )],
};

pub(super) const VPNS: Listing = Listing {
    steps: &[API.call("DescribeVpnConnections").items("vpnConnectionSet.item")],
    details: &[],
    kinds: &[kind(
        "aws_vpn_connection",
        "arn:{partition}:ec2:{region}:{account}:vpn-connection/{vpnConnectionId}",
        "vpnConnectionId",
        &[
            text("id", "vpnConnectionId"),
            text("customer_gateway_id", "customerGatewayId"),
            text("vpn_gateway_id", "vpnGatewayId"),
            text("transit_gateway_id", "transitGatewayId"),
            text("type", "type"),
            of("tunnel1_ike_versions", TUNNELS, |vpn| ike_versions(vpn, 0)),
            of("tunnel2_ike_versions", TUNNELS, |vpn| ike_versions(vpn, 1)),
            of("tunnel1_log_options", TUNNELS, |vpn| log_options(vpn, 0)),
            of("tunnel2_log_options", TUNNELS, |vpn| log_options(vpn, 1)),
            blocks(
                "vgw_telemetry",
                "vgwTelemetry.item",
                &[
                    text("outside_ip_address", "outsideIpAddress"),
                    text("status", "status"),
                    text("status_message", "statusMessage"),
                    number("accepted_route_count", "acceptedRouteCount"),
                ],
            ),
        ],
    )
    .keep(|vpn| !value::is(vpn, "state", "deleted"))],
};

const TUNNELS: &[&str] = &["options"];

/// One of the two tunnels, which Terraform has as attributes of their own.
fn tunnel(vpn: &Json, number: usize) -> Option<&Json> {
    value::all(vpn, "options.tunnelOptionSet.item").into_iter().nth(number)
}

fn ike_versions(vpn: &Json, number: usize) -> Json {
    let versions = tunnel(vpn, number).map(|tunnel| value::all(tunnel, "ikeVersionSet.item.value"));
    versions.map_or(Json::Null, |versions| json!(versions))
}

fn log_options(vpn: &Json, number: usize) -> Json {
    let told = |tunnel: &Json| {
        let on = value::flag(tunnel, "logOptions.cloudWatchLogOptions.logEnabled") == Some(true);
        let group = value::text(tunnel, "logOptions.cloudWatchLogOptions.logGroupArn").unwrap_or_default();
        json!([{"cloudwatch_log_options": [{"log_enabled": on, "log_group_arn": group}]}])
    };
    tunnel(vpn, number).map_or(Json::Null, told)
}

pub(super) const INTERNET_GATEWAYS: Listing = Listing {
    steps: &[list("DescribeInternetGateways", "internetGatewaySet.item")],
    details: &[],
    kinds: &[kind(
        "aws_internet_gateway",
        "arn:{partition}:ec2:{region}:{account}:internet-gateway/{internetGatewayId}",
        "internetGatewayId",
        &[text("id", "internetGatewayId"), text("vpc_id", "attachmentSet.item.vpcId"), text("owner_id", "ownerId")],
    )],
};

pub(super) const NAT_GATEWAYS: Listing = Listing {
    steps: &[list("DescribeNatGateways", "natGatewaySet.item")],
    details: &[],
    kinds: &[kind(
        "aws_nat_gateway",
        "arn:{partition}:ec2:{region}:{account}:natgateway/{natGatewayId}",
        "natGatewayId",
        &[
            text("id", "natGatewayId"),
            text("subnet_id", "subnetId"),
            text("connectivity_type", "connectivityType"),
            text("public_ip", "natGatewayAddressSet.item.publicIp"),
        ],
    )
    .keep(|gateway| !value::is(gateway, "state", "deleted"))],
};

pub(super) const ADDRESSES: Listing = Listing {
    steps: &[API.call("DescribeAddresses").items("addressesSet.item")],
    details: &[],
    kinds: &[kind(
        "aws_eip",
        "arn:{partition}:ec2:{region}:{account}:elastic-ip/{allocationId}",
        "publicIp",
        &[
            text("id", "allocationId"),
            text("allocation_id", "allocationId"),
            text("association_id", "associationId"),
            text("domain", "domain"),
            text("instance", "instanceId"),
            text("network_interface", "networkInterfaceId"),
            text("public_ip", "publicIp"),
        ],
    )],
};

pub(super) const CLIENT_VPNS: Listing = Listing {
    steps: &[list("DescribeClientVpnEndpoints", "clientVpnEndpoint.item")],
    details: &[],
    kinds: &[kind(
        "aws_ec2_client_vpn_endpoint",
        "arn:{partition}:ec2:{region}:{account}:client-vpn-endpoint/{clientVpnEndpointId}",
        "clientVpnEndpointId",
        &[
            text("id", "clientVpnEndpointId"),
            text("description", "description"),
            text("vpc_id", "vpcId"),
            block(
                "connection_log_options",
                "connectionLogOptions",
                &[
                    flag("enabled", "Enabled"),
                    text("cloudwatch_log_group", "CloudwatchLogGroup"),
                    text("cloudwatch_log_stream", "CloudwatchLogStream"),
                ],
            ),
        ],
    )],
};

pub(super) const TRANSIT_GATEWAYS: Listing = Listing {
    steps: &[list("DescribeTransitGateways", "transitGatewaySet.item")],
    details: &[],
    kinds: &[kind(
        "aws_ec2_transit_gateway",
        "{transitGatewayArn}",
        "transitGatewayId",
        &[
            text("id", "transitGatewayId"),
            text("description", "description"),
            text("owner_id", "ownerId"),
            text("auto_accept_shared_attachments", "options.autoAcceptSharedAttachments"),
        ],
    )
    .keep(|gateway| !value::is(gateway, "state", "deleted"))],
};
