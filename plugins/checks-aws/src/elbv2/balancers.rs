//! Load balancers, each for itself.

use plumbline::prelude::*;

use super::{KINDS, REFERENCES, balancer_type};

pub const CHECKS: &[&Check] = &[&DELETION, &DESYNC, &INVALID_HEADERS, &LOGGING, &MULTI_AZ, &CROSS_ZONE];

pub const DELETION: Check = Check {
    id: "elbv2_deletion_protection",
    title: "Load balancer is protected from deletion",
    description: "Deletion protection must be on.",
    risk: "A mistaken command or a wrong plan takes the service off the net, and its address with it.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["enable_deletion_protection"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch deletion protection on.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html",
        command: "aws elbv2 modify-load-balancer-attributes --load-balancer-arn ARN --attributes \
            Key=deletion_protection.enabled,Value=true",
        terraform: "enable_deletion_protection = true",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|balancer| {
        pass_if(balancer.flag("enable_deletion_protection")?, "enable_deletion_protection is not true")
    }),
};

fn of_application(balancer: &Resource<'_>, rule: fn(&Resource<'_>) -> Outcome) -> Outcome {
    match balancer_type(balancer)? {
        "application" => rule(balancer),
        other => not_applicable(format!("a {other} load balancer does not read HTTP")),
    }
}

pub const DESYNC: Check = Check {
    id: "elbv2_desync_mitigation_mode",
    title: "Application load balancer fends off request smuggling",
    description: "The desync mitigation mode must be `defensive`, which is the default, or `strictest`, or invalid \
        headers must be dropped.",
    risk: "Requests that load balancer and server read differently let an attacker slip requests into other people's \
        connections.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["desync_mitigation_mode", "load_balancer_type"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set the mode to defensive or strictest.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html",
        command: "aws elbv2 modify-load-balancer-attributes --load-balancer-arn ARN --attributes \
            Key=routing.http.desync_mitigation_mode,Value=defensive",
        terraform: "desync_mitigation_mode = \"defensive\"",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|balancer| {
        of_application(balancer, |balancer| {
            let mode = balancer.text("desync_mitigation_mode")?.unwrap_or("defensive");
            if matches!(mode, "defensive" | "strictest") || balancer.flag("drop_invalid_header_fields")? {
                return pass();
            }
            fail(format!("desync_mitigation_mode is {mode} and invalid headers are kept"))
        })
    }),
};

pub const INVALID_HEADERS: Check = Check {
    id: "elbv2_alb_drop_invalid_header_fields_enabled",
    title: "Application load balancer drops invalid headers",
    description: "Headers with names that HTTP does not allow must be dropped before they reach the targets.",
    risk: "Servers read odd headers in odd ways, which attackers use to get around filters and to smuggle requests.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["drop_invalid_header_fields", "load_balancer_type"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch it on.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html",
        command: "aws elbv2 modify-load-balancer-attributes --load-balancer-arn ARN --attributes \
            Key=routing.http.drop_invalid_header_fields.enabled,Value=true",
        terraform: "drop_invalid_header_fields = true",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|balancer| {
        of_application(balancer, |balancer| {
            pass_if(balancer.flag("drop_invalid_header_fields")?, "drop_invalid_header_fields is not true")
        })
    }),
};

pub const LOGGING: Check = Check {
    id: "elbv2_logging_enabled",
    title: "Load balancer logs requests",
    description: "An application or network load balancer must write access logs to a bucket. Gateway load balancers \
        have none.",
    risk: "Who asked for what cannot be told afterwards, and attacks on the service go unnoticed.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["access_logs", "load_balancer_type"],
    categories: &["logging", "forensics"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch access logs on, with a bucket that Elastic Load Balancing may write to.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html",
        command: "aws elbv2 modify-load-balancer-attributes --load-balancer-arn ARN --attributes \
            Key=access_logs.s3.enabled,Value=true Key=access_logs.s3.bucket,Value=BUCKET",
        terraform: r"access_logs {
  bucket  = aws_s3_bucket.logs.id
  enabled = true
}",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|balancer| {
        if balancer_type(balancer)? == "gateway" {
            return not_applicable("a gateway load balancer has no access logs");
        }
        let on = balancer.flag("access_logs.enabled")? && balancer.has("access_logs.bucket")?;
        pass_if(on, "access_logs is off")
    }),
};

pub const MULTI_AZ: Check = Check {
    id: "elbv2_is_in_multiple_az",
    title: "Load balancer is in several zones",
    description: "A load balancer must have subnets, of which it takes one for each zone, in at least two zones.",
    risk: "When its zone fails, the service is gone.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["subnets", "subnet_mapping"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add a subnet in another zone, and targets there.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-subnets.html",
        command: "aws elbv2 set-subnets --load-balancer-arn ARN --subnets SUBNET_A SUBNET_B",
        terraform: "subnets = [aws_subnet.a.id, aws_subnet.b.id]",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|balancer| {
        let zones = balancer.texts("subnets")?.len().max(balancer.list("subnet_mapping")?.len());
        pass_if(zones >= 2, format!("it is in {zones} zone(s)"))
    }),
};

pub const CROSS_ZONE: Check = Check {
    id: "elbv2_cross_zone_load_balancing_enabled",
    title: "Network or gateway load balancer spreads load over zones",
    description: "Cross-zone load balancing must be on. Application load balancers always do it.",
    risk: "Zones with few targets are overloaded while others idle, and a zone without healthy targets answers \
        nothing.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["enable_cross_zone_load_balancing", "load_balancer_type"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch it on; traffic between zones may be charged.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-load-balancer-attributes.html",
        command: "aws elbv2 modify-load-balancer-attributes --load-balancer-arn ARN --attributes \
            Key=load_balancing.cross_zone.enabled,Value=true",
        terraform: "enable_cross_zone_load_balancing = true",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|balancer| {
        if balancer_type(balancer)? == "application" {
            return not_applicable("an application load balancer always spreads load over zones");
        }
        let on = balancer.flag("enable_cross_zone_load_balancing")?;
        pass_if(on, "enable_cross_zone_load_balancing is not true")
    }),
};
