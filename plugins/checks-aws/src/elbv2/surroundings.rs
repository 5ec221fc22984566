//! Load balancers with what stands around them: security groups and web ACLs.

use plumbline::prelude::*;

use super::{KINDS, REFERENCES, balancer_type};
use crate::ec2::rules::{Exposure, edges_of, exposure, read};
use crate::network::Transport;

pub const CHECKS: &[&Check] = &[&INTERNET_FACING, &WAF];

pub const INTERNET_FACING: Check = Check {
    id: "elbv2_internet_facing",
    title: "Load balancer does not admit the internet",
    description: "A load balancer must be internal, or its security groups must admit the internet to no TCP port. \
        One that is meant to serve the public will be reported.",
    risk: "What is behind a load balancer that need not be public can be attacked from anywhere.",
    severity: Severity::Medium,
    kinds: &["aws_lb", "aws_alb", "aws_security_group", "aws_default_security_group"],
    reads: &["internal", "security_groups", "ingress"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make it internal, or narrow its security groups to CloudFront's prefix list or to your networks; mute \
            the finding if it must be public.",
        url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html",
        command: "aws elbv2 set-security-groups --load-balancer-arn ARN --security-groups GROUP_ID",
        terraform: "internal = true",
        effort_minutes: 90,
    },
    rule: Rule::Account(|account, _| each_balancer(account, admits_internet)),
};

fn each_balancer(account: &Account<'_>, rule: fn(&Account<'_>, &Resource<'_>) -> Outcome) -> Vec<(Subject, Outcome)> {
    let mut outcomes = Vec::new();
    for kind in KINDS {
        let listed = account.each(kind, |balancer| {
            outcomes.push((Subject::Resource(balancer.id.to_owned()), rule(account, balancer)));
            Ok(())
        });
        if let Err(unread) = listed {
            outcomes.push((Subject::Account, Err(unread)));
        }
    }
    if outcomes.is_empty() {
        outcomes.push((Subject::Account, not_applicable("there are no load balancers")));
    }
    outcomes
}

fn admits_internet(account: &Account<'_>, balancer: &Resource<'_>) -> Outcome {
    if balancer.flag("internal")? {
        return pass();
    }
    let groups = balancer.texts("security_groups")?;
    if groups.is_empty() {
        return fail("it faces the internet and has no security group");
    }
    let mut undecided = None;
    for wanted in groups {
        match group_exposure(account, wanted)? {
            Some(Exposure::Open(message)) => return fail(format!("it faces the internet, and in {wanted} {message}")),
            Some(Exposure::Undecided(message)) => undecided = Some(format!("in {wanted} {message}")),
            Some(Exposure::Closed) => {}
            None => {
                account.complete("aws_security_group")?;
                let reason = format!("the group {wanted} was not found");
                return Err(Unread { path: "security_groups".into(), reason });
            }
        }
    }
    undecided.map_or_else(pass, manual)
}

/// The exposure of any TCP port through a group; none where the group was not listed.
fn group_exposure(account: &Account<'_>, wanted: &str) -> Result<Option<Exposure>, Unread> {
    let mut found = None;
    for kind in ["aws_security_group", "aws_default_security_group"] {
        account.each_listed(kind, |group| {
            let same = group.text("id")? == Some(wanted) || group.id.ends_with(&format!("/{wanted}"));
            if !same {
                return Ok(());
            }
            let rules = read(group, "ingress")?;
            let mut worst = Exposure::Closed;
            for port in edges_of(&rules, Transport::Tcp) {
                match exposure(&rules, Transport::Tcp, port) {
                    open @ Exposure::Open(_) => {
                        worst = open;
                        break;
                    }
                    undecided @ Exposure::Undecided(_) => worst = undecided,
                    Exposure::Closed => {}
                }
            }
            found = Some(worst);
            Ok(())
        })?;
    }
    Ok(found)
}

pub const WAF: Check = Check {
    id: "elbv2_waf_acl_attached",
    title: "Application load balancer is behind a web ACL",
    description: "An application load balancer must be associated with a web ACL of AWS WAF. Other types cannot be.",
    risk: "Injection, scans and floods of requests reach the application unfiltered.",
    severity: Severity::Medium,
    kinds: &["aws_lb", "aws_alb", "aws_wafv2_web_acl_association", "aws_wafregional_web_acl_association"],
    reads: &["arn", "load_balancer_type", "resource_arn"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Associate a web ACL with AWS's managed rules, counting at first and blocking after a look at what \
            they would block.",
        url: "https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-associating-aws-resource.html",
        command: "aws wafv2 associate-web-acl --web-acl-arn ACL_ARN --resource-arn ARN",
        terraform: r#"resource "aws_wafv2_web_acl_association" "main" {
  resource_arn = aws_lb.main.arn
  web_acl_arn  = aws_wafv2_web_acl.main.arn
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Account(|account, _| each_balancer(account, behind_web_acl)),
};

fn behind_web_acl(account: &Account<'_>, balancer: &Resource<'_>) -> Outcome {
    let kind = balancer_type(balancer)?;
    if kind != "application" {
        return not_applicable(format!("a {kind} load balancer cannot have a web ACL"));
    }
    let arn = balancer.text("arn")?.unwrap_or(balancer.id);
    let associations = ["aws_wafv2_web_acl_association", "aws_wafregional_web_acl_association"];
    let mut found = false;
    for kind in associations {
        account.each_listed(kind, |association| {
            found |= association.text("resource_arn")? == Some(arn);
            Ok(())
        })?;
    }
    if found {
        return pass();
    }
    for kind in associations {
        account.complete(kind)?;
    }
    fail("no web ACL is associated with it")
}
