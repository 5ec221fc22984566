//! Who gets to a domain.

use plumbline::prelude::*;

use super::{KINDS, REFERENCES};
use crate::policy::Policy;

pub const CHECKS: &[&Check] = &[&PUBLIC, &INSIDE_VPC, &FINE_GRAINED, &INTERNAL_USERS];

pub const PUBLIC: Check = Check {
    id: "opensearch_service_domains_not_publicly_accessible",
    title: "OpenSearch domain is not open to anyone",
    description: "A domain must be in a VPC, or its access policy must let in known callers only: named principals, \
        or narrow addresses.",
    risk: "Anyone on the internet can search, copy and delete the indices.",
    severity: Severity::Critical,
    kinds: KINDS,
    reads: &["vpc_options", "access_policies"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Name the roles that may use the domain in its policy; make it anew in a VPC when you can.",
        url: "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html",
        command: "aws opensearch update-domain-config --domain-name NAME --access-policies file://policy.json",
        terraform: r"vpc_options {
  subnet_ids         = [aws_subnet.private.id]
  security_group_ids = [aws_security_group.search.id]
}",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|domain| {
        domain.get("access_policies")?;
        if domain.has("vpc_options.subnet_ids")? {
            return pass();
        }
        let policy = Policy::of(domain, "access_policies")?;
        match policy.as_ref().and_then(Policy::public_statement) {
            Some(statement) => fail(format!("it is in no VPC and {} of access_policies", statement.open_to_anyone())),
            None => pass(),
        }
    }),
};

pub const INSIDE_VPC: Check = Check {
    id: "opensearch_service_domains_inside_vpc",
    title: "OpenSearch domain is inside a VPC",
    description: "A domain must have subnets of a VPC. A public endpoint counts as a failure whatever its access \
        policy says.",
    risk: "One mistake in the access policy, or one leaked key, and the indices are open to the internet.",
    severity: Severity::High,
    reads: &["vpc_options"],
    remediation: Remediation {
        text: "A domain cannot be moved into a VPC: make another one there and restore a snapshot into it.",
        url: "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html",
        command: "aws opensearch create-domain --domain-name NAME --vpc-options \
            SubnetIds=SUBNET_ID,SecurityGroupIds=GROUP_ID",
        effort_minutes: 240,
        ..PUBLIC.remediation
    },
    rule: Rule::Resource(|domain| pass_if(domain.has("vpc_options.subnet_ids")?, "vpc_options names no subnets")),
    ..PUBLIC
};

pub const FINE_GRAINED: Check = Check {
    id: "opensearch_service_domains_access_control_enabled",
    title: "OpenSearch domain has fine-grained access control",
    description: "A domain must rule access by index, document and field, not only by the domain's policy.",
    risk: "Whoever may use the domain at all may read and delete everything in it.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["advanced_security_options"],
    categories: &["identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch fine-grained access control on with a master role, then map roles to their indices.",
        url: "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html",
        command: "aws opensearch update-domain-config --domain-name NAME --advanced-security-options \
            'Enabled=true,MasterUserOptions={MasterUserARN=ROLE_ARN}'",
        terraform: r"advanced_security_options {
  enabled = true
  master_user_options {
    master_user_arn = aws_iam_role.search_admin.arn
  }
}",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|domain| {
        pass_if(domain.flag("advanced_security_options.enabled")?, "advanced_security_options.enabled is not true")
    }),
};

pub const INTERNAL_USERS: Check = Check {
    id: "opensearch_service_domains_internal_user_database_enabled",
    title: "OpenSearch domain keeps no users of its own",
    description: "The internal user database must be off: users should come from IAM, SAML or Cognito.",
    risk: "Passwords in the domain are not tied to your directory: nobody rotates them, and they outlive those who \
        knew them.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["advanced_security_options"],
    categories: &["identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make an IAM role the master user, move users to SAML or Cognito, then switch the database off.",
        url: "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html",
        command: "aws opensearch update-domain-config --domain-name NAME --advanced-security-options \
            InternalUserDatabaseEnabled=false",
        terraform: r"advanced_security_options {
  enabled                        = true
  internal_user_database_enabled = false
}",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|domain| {
        let internal = domain.flag("advanced_security_options.internal_user_database_enabled")?;
        pass_if(!internal, "advanced_security_options.internal_user_database_enabled is true")
    }),
};
