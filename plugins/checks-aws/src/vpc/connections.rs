//! Site-to-site VPN connections.

use plumbline::prelude::*;

use super::REFERENCES;

pub const CHECKS: &[&Check] = &[&TUNNELS];

/// AWS gives every connection two.
const TUNNEL_COUNT: usize = 2;

pub const TUNNELS: Check = Check {
    id: "vpc_vpn_connection_tunnels_up",
    title: "VPN connection has both tunnels up",
    description: "Both tunnels of a site-to-site VPN connection must be up.",
    risk: "With one tunnel down, the next maintenance or failure on AWS's side cuts the site off.",
    severity: Severity::Medium,
    kinds: &["aws_vpn_connection"],
    reads: &["vgw_telemetry"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set both tunnels up on the customer gateway, and look at its logs for why one is down.",
        url: "https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html",
        command: "aws ec2 describe-vpn-connections --vpn-connection-ids ID --query 'VpnConnections[].VgwTelemetry'",
        terraform: "",
        effort_minutes: 90,
    },
    rule: Rule::Resource(|connection| {
        let tunnels = connection.list("vgw_telemetry")?;
        if tunnels.is_empty() {
            let reason = "the source does not tell the state of the tunnels".to_owned();
            return Err(Unread { path: "vgw_telemetry".into(), reason });
        }
        let mut up = 0;
        for tunnel in &tunnels {
            up += usize::from(tunnel.text("status")? == Some("UP"));
        }
        pass_if(up >= TUNNEL_COUNT, format!("{up} of {TUNNEL_COUNT} tunnels are up"))
    }),
};
