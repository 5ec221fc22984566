//! Site-to-site VPN connections.

use plumbline::prelude::*;

use super::REFERENCES;

pub const CHECKS: &[&Check] = &[&TUNNELS, &LOGS, &IKE];

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

pub const LOGS: Check = Check {
    id: "vpc_vpn_connection_logging_enabled",
    title: "VPN connection logs both tunnels",
    description: "Both tunnels of a site-to-site VPN connection must send their logs to CloudWatch Logs. The default is \
        that they do not.",
    risk: "Why a tunnel went down, and who tried to set one up, cannot be told afterwards.",
    reads: &["tunnel1_log_options", "tunnel2_log_options"],
    categories: &["logging"],
    remediation: Remediation {
        text: "Enable the logs of both tunnels; each is down for a few minutes while that is done.",
        url: "https://docs.aws.amazon.com/vpn/latest/s2svpn/monitoring-logs.html",
        command: "aws ec2 modify-vpn-tunnel-options --vpn-connection-id ID --vpn-tunnel-outside-ip-address ADDRESS \
            --tunnel-options LogOptions={CloudWatchLogOptions={LogEnabled=true,LogGroupArn=GROUP_ARN}}",
        terraform: r"tunnel1_log_options {
  cloudwatch_log_options {
    log_enabled   = true
    log_group_arn = aws_cloudwatch_log_group.vpn.arn
  }
}
tunnel2_log_options {
  cloudwatch_log_options {
    log_enabled   = true
    log_group_arn = aws_cloudwatch_log_group.vpn.arn
  }
}",
        effort_minutes: 45,
    },
    rule: Rule::Resource(|connection| {
        let first = connection.flag("tunnel1_log_options.cloudwatch_log_options.log_enabled")?;
        let second = connection.flag("tunnel2_log_options.cloudwatch_log_options.log_enabled")?;
        let silent = usize::from(!first) + usize::from(!second);
        pass_if(silent == 0, format!("{silent} of {TUNNEL_COUNT} tunnels write no logs"))
    }),
    ..TUNNELS
};

pub const IKE: Check = Check {
    id: "vpc_vpn_connection_ikev2_only",
    title: "VPN connection negotiates with IKEv2 alone",
    description: "Both tunnels of a site-to-site VPN connection must name `ikev2` as the only version. The default is \
        that IKEv1 is offered too.",
    risk: "IKEv1 can be brought to weak modes and flooded, and lets passwords of tunnels be guessed offline.",
    reads: &["tunnel1_ike_versions", "tunnel2_ike_versions"],
    categories: &["encryption"],
    remediation: Remediation {
        text: "Move the customer gateway to IKEv2, then leave that version alone on both lists.",
        url: "https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html",
        command: "aws ec2 modify-vpn-tunnel-options --vpn-connection-id ID --vpn-tunnel-outside-ip-address ADDRESS \
            --tunnel-options IKEVersions=[{Value=ikev2}]",
        terraform: r#"tunnel1_ike_versions = ["ikev2"]
tunnel2_ike_versions = ["ikev2"]"#,
        effort_minutes: 90,
    },
    rule: Rule::Resource(|connection| {
        let tunnels = [connection.texts("tunnel1_ike_versions")?, connection.texts("tunnel2_ike_versions")?];
        for (versions, number) in tunnels.iter().zip(1..) {
            if versions[..] != ["ikev2"] {
                let offered = if versions.is_empty() { "every version".to_owned() } else { versions.join(", ") };
                return fail(format!("tunnel {number} offers {offered}"));
            }
        }
        pass()
    }),
    ..TUNNELS
};
