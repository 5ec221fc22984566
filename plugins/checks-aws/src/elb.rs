//! Classic load balancers.

use plumbline::prelude::*;

pub const CHECKS: &[&Check] =
    &[&CIPHERS, &INTERNET_FACING, &LOGGING, &SSL_LISTENERS, &CERTIFICATES, &DRAINING, &CROSS_ZONE, &MULTI_AZ, &DESYNC];

const KINDS: &[&str] = &["aws_elb"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html"];

/// The only predefined policy of classic load balancers without TLS 1.0 and 1.1.
const SECURE_POLICY: &str = "ELBSecurityPolicy-TLS-1-2-2017-01";

fn is_encrypted(protocol: &str) -> bool {
    protocol.eq_ignore_ascii_case("https") || protocol.eq_ignore_ascii_case("ssl")
}

pub const CIPHERS: Check = Check {
    id: "elb_insecure_ssl_ciphers",
    title: "Classic load balancer negotiates TLS 1.2 only",
    description: "HTTPS and SSL listeners must use the predefined policy ELBSecurityPolicy-TLS-1-2-2017-01.",
    risk: "Old protocols and ciphers let someone between client and load balancer read or change the traffic.",
    severity: Severity::Medium,
    kinds: &["aws_elb", "aws_lb_ssl_negotiation_policy"],
    reads: &["listener", "attribute"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set the policy on each encrypted listener, or move to an application load balancer.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-security-policy-table.html",
        command: "aws elb set-load-balancer-policies-of-listener --load-balancer-name NAME --load-balancer-port 443 \
            --policy-names POLICY",
        terraform: r#"resource "aws_lb_ssl_negotiation_policy" "tls12" {
  name          = "tls12"
  load_balancer = aws_elb.main.id
  lb_port       = 443
  attribute {
    name  = "Reference-Security-Policy"
    value = "ELBSecurityPolicy-TLS-1-2-2017-01"
  }
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|balancer| {
        let (listeners, attributes) = (balancer.list("listener")?, balancer.list("attribute")?);
        if balancer.kind == "aws_lb_ssl_negotiation_policy" { reference(&attributes) } else { policies(&listeners) }
    }),
};

fn reference(attributes: &[Node<'_>]) -> Outcome {
    for attribute in attributes {
        if attribute.text("name")? == Some("Reference-Security-Policy") {
            let value = attribute.text("value")?.unwrap_or_default();
            return pass_if(value == SECURE_POLICY, format!("its reference policy is {value}"));
        }
    }
    manual("it has no reference policy: look at its protocols and ciphers")
}

fn policies(listeners: &[Node<'_>]) -> Outcome {
    let mut encrypted = false;
    for listener in listeners {
        if !listener.text("lb_protocol")?.is_some_and(is_encrypted) {
            continue;
        }
        encrypted = true;
        let port = listener.int("lb_port")?.unwrap_or_default();
        let policies = listener.texts("policy_names")?;
        if policies.is_empty() {
            let reason = format!("the source does not say which policy the listener on {port} uses");
            return Err(Unread { path: "listener.policy_names".into(), reason });
        }
        if !policies.contains(&SECURE_POLICY) {
            return fail(format!("the listener on {port} uses {}", policies.join(", ")));
        }
    }
    if encrypted { pass() } else { not_applicable("it has no HTTPS or SSL listener") }
}

pub const INTERNET_FACING: Check = Check {
    id: "elb_internet_facing",
    title: "Classic load balancer is internal",
    description: "A load balancer should be internal. One that is meant to serve the public will be reported.",
    risk: "What is behind a load balancer that need not be public can be attacked from anywhere.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["internal"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "The scheme cannot be changed: make an internal one and move the clients over, or mute the finding if \
            it must be public.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-internal-load-balancers.html",
        command: "aws elb create-load-balancer --load-balancer-name NAME --scheme internal --subnets SUBNET \
            --listeners \
            Protocol=HTTPS,LoadBalancerPort=443,InstanceProtocol=HTTPS,InstancePort=443,SSLCertificateId=CERTIFICATE",
        terraform: "internal = true",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|balancer| pass_if(balancer.flag("internal")?, "it faces the internet")),
};

pub const LOGGING: Check = Check {
    id: "elb_logging_enabled",
    title: "Classic load balancer logs requests",
    description: "Access logs must be written to a bucket.",
    risk: "Who asked for what cannot be told afterwards, and attacks on the service go unnoticed.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["access_logs"],
    categories: &["logging", "forensics"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch access logs on, with a bucket that Elastic Load Balancing may write to.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/enable-access-logs.html",
        command: "aws elb modify-load-balancer-attributes --load-balancer-name NAME --load-balancer-attributes \
            'AccessLog={Enabled=true,S3BucketName=BUCKET,EmitInterval=60}'",
        terraform: r"access_logs {
  bucket = aws_s3_bucket.logs.id
}",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|balancer| {
        // A block that stands without `enabled` is on.
        let on = balancer.has("access_logs.bucket")? && balancer.bool("access_logs.enabled")?.unwrap_or(true);
        pass_if(on, "access_logs is off")
    }),
};

pub const SSL_LISTENERS: Check = Check {
    id: "elb_ssl_listeners",
    title: "Classic load balancer has encrypted listeners only",
    description: "Every listener must speak HTTPS or SSL.",
    risk: "What clients send over a plain listener, sessions and passwords among it, can be read and changed on the \
        way.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["listener"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add an encrypted listener with a certificate, move the clients over and remove the plain one.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-https-load-balancers.html",
        command: "aws elb delete-load-balancer-listeners --load-balancer-name NAME --load-balancer-ports 80",
        terraform: r#"listener {
  lb_port            = 443
  lb_protocol        = "https"
  instance_port      = 443
  instance_protocol  = "https"
  ssl_certificate_id = aws_acm_certificate.main.arn
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|balancer| {
        for listener in balancer.list("listener")? {
            let protocol = listener.text("lb_protocol")?.unwrap_or("no protocol");
            if !is_encrypted(protocol) {
                let port = listener.int("lb_port")?.unwrap_or_default();
                return fail(format!("the listener on {port} speaks {protocol}"));
            }
        }
        pass()
    }),
};

pub const CERTIFICATES: Check = Check {
    id: "elb_ssl_listeners_use_acm_certificate",
    title: "Classic load balancer's certificates come from ACM",
    description: "HTTPS and SSL listeners must have a certificate of ACM, not one that was uploaded to IAM.",
    risk: "Nobody renews an uploaded certificate: when it expires, clients refuse the service.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["listener"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Request a certificate in ACM, or import yours there, and set it on the listener.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-update-ssl-cert.html",
        command: "aws elb set-load-balancer-listener-ssl-certificate --load-balancer-name NAME --load-balancer-port \
            443 --ssl-certificate-id CERTIFICATE_ARN",
        terraform: r#"listener {
  lb_port            = 443
  lb_protocol        = "https"
  instance_port      = 443
  instance_protocol  = "https"
  ssl_certificate_id = aws_acm_certificate.main.arn
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|balancer| {
        let mut encrypted = false;
        for listener in balancer.list("listener")? {
            if !listener.text("lb_protocol")?.is_some_and(is_encrypted) {
                continue;
            }
            encrypted = true;
            let certificate = listener.text("ssl_certificate_id")?.unwrap_or_default();
            // arn:PARTITION:SERVICE:REGION:ACCOUNT:certificate/ID
            if certificate.split(':').nth(2) != Some("acm") {
                let port = listener.int("lb_port")?.unwrap_or_default();
                return fail(format!("the listener on {port} has the certificate '{certificate}'"));
            }
        }
        if encrypted { pass() } else { not_applicable("no listener is encrypted") }
    }),
};

pub const DRAINING: Check = Check {
    id: "elb_connection_draining_enabled",
    title: "Classic load balancer lets connections end",
    description: "Connection draining must be on.",
    risk: "Requests in flight are cut off whenever an instance is taken out.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["connection_draining"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch it on with a timeout that covers the longest request.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/config-conn-drain.html",
        command: "aws elb modify-load-balancer-attributes --load-balancer-name NAME --load-balancer-attributes \
            'ConnectionDraining={Enabled=true,Timeout=300}'",
        terraform: "connection_draining = true",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|balancer| pass_if(balancer.flag("connection_draining")?, "connection_draining is not true")),
};

pub const CROSS_ZONE: Check = Check {
    id: "elb_cross_zone_load_balancing_enabled",
    title: "Classic load balancer spreads load over zones",
    description: "Cross-zone load balancing must be on. Terraform's default is on.",
    risk: "Zones with few instances are overloaded while others idle.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["cross_zone_load_balancing"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch it on.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/enable-disable-crosszone-lb.html",
        command: "aws elb modify-load-balancer-attributes --load-balancer-name NAME --load-balancer-attributes \
            'CrossZoneLoadBalancing={Enabled=true}'",
        terraform: "cross_zone_load_balancing = true",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|balancer| {
        let on = balancer.bool("cross_zone_load_balancing")?.unwrap_or(true);
        pass_if(on, "cross_zone_load_balancing is false")
    }),
};

pub const MULTI_AZ: Check = Check {
    id: "elb_is_in_multiple_az",
    title: "Classic load balancer is in several zones",
    description: "A load balancer must have subnets, of which it takes one for each zone, or zones, in at least two \
        zones.",
    risk: "When its zone fails, the service is gone.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["availability_zones", "subnets"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add a subnet in another zone, and instances there.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-manage-subnets.html",
        command: "aws elb attach-load-balancer-to-subnets --load-balancer-name NAME --subnets SUBNET",
        terraform: "subnets = [aws_subnet.a.id, aws_subnet.b.id]",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|balancer| {
        let zones = balancer.texts("availability_zones")?.len().max(balancer.texts("subnets")?.len());
        pass_if(zones >= 2, format!("it is in {zones} zone(s)"))
    }),
};

pub const DESYNC: Check = Check {
    id: "elb_desync_mitigation_mode",
    title: "Classic load balancer fends off request smuggling",
    description: "The desync mitigation mode must be `defensive`, which is the default, or `strictest`.",
    risk: "Requests that load balancer and server read differently let an attacker slip requests into other people's \
        connections.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["desync_mitigation_mode"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set the mode to defensive, and look at the metric DesyncMitigationMode_NonCompliant_Request_Count \
            before strictest.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/config-desync-mitigation-mode.html",
        command: "aws elb modify-load-balancer-attributes --load-balancer-name NAME --load-balancer-attributes \
            '{\"AdditionalAttributes\":[{\"Key\":\"elb.http.desyncmitigationmode\",\"Value\":\"defensive\"}]}'",
        terraform: "desync_mitigation_mode = \"defensive\"",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|balancer| {
        let mode = balancer.text("desync_mitigation_mode")?.unwrap_or("defensive");
        pass_if(matches!(mode, "defensive" | "strictest"), format!("desync_mitigation_mode is {mode}"))
    }),
};

#[cfg(test)]
mod tests;
