//! Where networks meet: addresses, transit gateways, client VPNs.

use plumbline::prelude::*;

pub const CHECKS: &[&Check] = &[&ELASTIC_IP, &TRANSIT_GATEWAY, &CLIENT_VPN];

const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html"];

pub const ELASTIC_IP: Check = Check {
    id: "ec2_elastic_ip_unassigned",
    title: "Elastic IP address is in use",
    description: "An Elastic IP address should be associated with an instance or a network interface.",
    risk: "It costs money, and DNS records and allow-lists that still name it come to mean whoever gets it next.",
    severity: Severity::Low,
    kinds: &["aws_eip"],
    reads: &["instance", "network_interface", "association_id"],
    categories: &["network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Associate the address or release it, after removing DNS records that point to it.",
        url: "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-eips.html",
        command: "aws ec2 release-address --allocation-id ALLOCATION_ID",
        terraform: "instance = aws_instance.gateway.id",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|address| {
        let mut used = false;
        for attribute in ["association_id", "instance", "network_interface"] {
            used |= address.has(attribute)?;
        }
        pass_if(used, "it is associated with nothing")
    }),
};

pub const TRANSIT_GATEWAY: Check = Check {
    id: "ec2_transitgateway_auto_accept_vpc_attachments",
    title: "Transit gateway does not accept attachments by itself",
    description: "A transit gateway must not attach VPCs of other accounts without somebody agreeing to each.",
    risk: "Any account that the gateway is shared with can join the network unasked and reach what it connects.",
    severity: Severity::High,
    kinds: &["aws_ec2_transit_gateway"],
    reads: &["auto_accept_shared_attachments"],
    categories: &["network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch automatic acceptance off and look through the attachments there are.",
        url: "https://docs.aws.amazon.com/vpc/latest/tgw/tgw-transit-gateways.html",
        command: "aws ec2 modify-transit-gateway --transit-gateway-id ID --options \
            AutoAcceptSharedAttachments=disable",
        terraform: "auto_accept_shared_attachments = \"disable\"",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|gateway| {
        // AWS makes gateways that do not.
        let accept = gateway.text("auto_accept_shared_attachments")?.unwrap_or("disable");
        pass_if(accept == "disable", format!("auto_accept_shared_attachments is {accept}"))
    }),
};

pub const CLIENT_VPN: Check = Check {
    id: "ec2_client_vpn_endpoint_connection_logging_enabled",
    title: "Client VPN endpoint logs connections",
    description: "A Client VPN endpoint should log who connects, when and from where.",
    risk: "A stolen certificate or password that is used to enter the network leaves no trace.",
    severity: Severity::Low,
    kinds: &["aws_ec2_client_vpn_endpoint"],
    reads: &["connection_log_options"],
    categories: &["logging"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch connection logging on, with a log group that is kept long enough.",
        url: "https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/connection-logging.html",
        command: "aws ec2 modify-client-vpn-endpoint --client-vpn-endpoint-id ID --connection-log-options \
            Enabled=true,CloudwatchLogGroup=GROUP",
        terraform: r"connection_log_options {
  enabled              = true
  cloudwatch_log_group = aws_cloudwatch_log_group.vpn.name
}",
        effort_minutes: 20,
    },
    rule: Rule::Resource(|endpoint| {
        pass_if(endpoint.flag("connection_log_options.enabled")?, "connection_log_options.enabled is not true")
    }),
};
