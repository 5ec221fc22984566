//! Load balancers with what stands around them: security groups and web ACLs.

use std::collections::{HashMap, HashSet};

use plumbline::prelude::*;

use super::{KINDS, REFERENCES, balancer_type};
use crate::ec2::rules::{Exposure, edges_of, exposure, read};
use crate::inventory::{self, Lookup};
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
    rule: Rule::each(KINDS, |account, _| {
        let exposures = exposures(account);
        Ok(Box::new(move |balancer| admits_internet(account, &exposures, balancer)))
    }),
};

fn admits_internet(account: &Account<'_>, exposures: &Result<Exposures, Unread>, balancer: &Resource<'_>) -> Outcome {
    if balancer.flag("internal")? {
        return pass();
    }
    let groups = balancer.texts("security_groups")?;
    if groups.is_empty() {
        return fail("it faces the internet and has no security group");
    }
    let mut undecided = None;
    for wanted in groups {
        match exposures.as_ref().map_err(Unread::clone)?.get(wanted) {
            Some(Err(unread)) => return Err(unread.clone()),
            Some(Ok(Exposure::Open(message))) => {
                return fail(format!("it faces the internet, and in {wanted} {message}"));
            }
            Some(Ok(Exposure::Undecided(message))) => undecided = Some(format!("in {wanted} {message}")),
            Some(Ok(Exposure::Closed)) => {}
            None => {
                account.complete("aws_security_group")?;
                let reason = format!("the group {wanted} was not found");
                return Err(Unread { path: "security_groups".into(), reason });
            }
        }
    }
    undecided.map_or_else(pass, manual)
}

/// The exposure of any TCP port through each security group, by its id.
type Exposures = HashMap<String, Result<Exposure, Unread>>;

/// Of the groups that balancers facing the internet name: an account has many others.
fn exposures(account: &Account<'_>) -> Result<Exposures, Unread> {
    let mut wanted = HashSet::new();
    for kind in KINDS {
        account.each_listed(kind, |balancer| {
            // What cannot be read of a balancer stands in its own way.
            if balancer.flag("internal") == Ok(false) {
                wanted.extend(balancer.texts("security_groups").unwrap_or_default().into_iter().map(str::to_owned));
            }
            Ok(())
        })?;
    }
    let mut exposures = Exposures::new();
    if wanted.is_empty() {
        return Ok(exposures);
    }
    for kind in ["aws_security_group", "aws_default_security_group"] {
        account.each_listed(kind, |group| {
            let of_id = group.id.rsplit('/').next().unwrap_or(group.id);
            for id in [group.text("id")?, Some(of_id)].into_iter().flatten() {
                if wanted.contains(id) && !exposures.contains_key(id) {
                    exposures.insert(id.to_owned(), worst(group));
                }
            }
            Ok(())
        })?;
    }
    Ok(exposures)
}

fn worst(group: &Resource<'_>) -> Result<Exposure, Unread> {
    let rules = read(group, "ingress")?;
    let mut worst = Exposure::Closed;
    for port in edges_of(&rules, Transport::Tcp) {
        match exposure(&rules, Transport::Tcp, port) {
            open @ Exposure::Open(_) => return Ok(open),
            undecided @ Exposure::Undecided(_) => worst = undecided,
            Exposure::Closed => {}
        }
    }
    Ok(worst)
}

const ASSOCIATIONS: [&str; 2] = ["aws_wafv2_web_acl_association", "aws_wafregional_web_acl_association"];

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
    rule: Rule::each(KINDS, |account, _| {
        let own = |association: &Resource<'_>| inventory::owned(association, "resource_arn");
        let protected = inventory::lookup(account, &ASSOCIATIONS, own, |_| Ok(()));
        Ok(Box::new(move |balancer| behind_web_acl(account, &protected, balancer)))
    }),
};

/// `protected` is by ARN.
fn behind_web_acl(account: &Account<'_>, protected: &Lookup<String, ()>, balancer: &Resource<'_>) -> Outcome {
    let kind = balancer_type(balancer)?;
    if kind != "application" {
        return not_applicable(format!("a {kind} load balancer cannot have a web ACL"));
    }
    let arn = balancer.text("arn")?.unwrap_or(balancer.id);
    if !inventory::of_key(protected, arn)?.is_empty() {
        return pass();
    }
    for kind in ASSOCIATIONS {
        account.complete(kind)?;
    }
    fail("no web ACL is associated with it")
}
