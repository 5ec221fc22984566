//! Encryption of a domain's data and of its connections.

use plumbline::prelude::*;

use super::{KINDS, REFERENCES};

pub const CHECKS: &[&Check] = &[&AT_REST, &BETWEEN_NODES, &HTTPS, &TLS_POLICY];

pub const AT_REST: Check = Check {
    id: "opensearch_service_domains_encryption_at_rest_enabled",
    title: "OpenSearch domain is encrypted at rest",
    description: "A domain must encrypt its indices, logs, swap files and automated snapshots.",
    risk: "Whoever gets at the disks or the snapshots beneath can read all indices.",
    severity: Severity::Critical,
    kinds: KINDS,
    reads: &["encrypt_at_rest"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch encryption at rest on; it cannot be switched off again.",
        url: "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/encryption-at-rest.html",
        command: "aws opensearch update-domain-config --domain-name NAME --encryption-at-rest-options Enabled=true",
        terraform: r"encrypt_at_rest {
  enabled = true
}",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|domain| {
        pass_if(domain.flag("encrypt_at_rest.enabled")?, "encrypt_at_rest.enabled is not true")
    }),
};

pub const BETWEEN_NODES: Check = Check {
    id: "opensearch_service_domains_node_to_node_encryption_enabled",
    title: "OpenSearch domain encrypts traffic between nodes",
    description: "The nodes of a domain must talk to each other over TLS.",
    risk: "Indexed data and queries can be read and changed between the nodes.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["node_to_node_encryption"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch node-to-node encryption on; it cannot be switched off again.",
        url: "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ntn.html",
        command: "aws opensearch update-domain-config --domain-name NAME --node-to-node-encryption-options \
            Enabled=true",
        terraform: r"node_to_node_encryption {
  enabled = true
}",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|domain| {
        pass_if(domain.flag("node_to_node_encryption.enabled")?, "node_to_node_encryption.enabled is not true")
    }),
};

pub const HTTPS: Check = Check {
    id: "opensearch_service_domains_https_communications_enforced",
    title: "OpenSearch domain accepts HTTPS only",
    description: "The endpoint must refuse plain HTTP. The default is that it does not.",
    risk: "Queries, data and passwords sent over plain HTTP can be read and changed on the way.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["domain_endpoint_options"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Enforce HTTPS with a policy of TLS 1.2 or later.",
        url: "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/infrastructure-security.html",
        command: "aws opensearch update-domain-config --domain-name NAME --domain-endpoint-options \
            EnforceHTTPS=true,TLSSecurityPolicy=Policy-Min-TLS-1-2-2019-07",
        terraform: r#"domain_endpoint_options {
  enforce_https       = true
  tls_security_policy = "Policy-Min-TLS-1-2-2019-07"
}"#,
        effort_minutes: 20,
    },
    rule: Rule::Resource(|domain| {
        let enforced = domain.flag("domain_endpoint_options.enforce_https")?;
        pass_if(enforced, "domain_endpoint_options.enforce_https is not true")
    }),
};

/// TLS 1.2 or later with forward secrecy: the newest of the policies a domain can have.
const NEWEST_POLICY: &str = "Policy-Min-TLS-1-2-PFS-2023-10";

pub const TLS_POLICY: Check = Check {
    id: "opensearch_service_domains_latest_tls_policy",
    title: "OpenSearch domain negotiates recent TLS only",
    description: "The endpoint must refuse plain HTTP and have the policy Policy-Min-TLS-1-2-PFS-2023-10, which asks \
        for TLS 1.2 and forward secrecy.",
    risk: "Old protocols and ciphers let someone between client and domain read the traffic, or read later what they \
        record today.",
    severity: Severity::Medium,
    remediation: Remediation {
        text: "Enforce HTTPS with the newest policy, after a look at what the clients speak.",
        command: "aws opensearch update-domain-config --domain-name NAME --domain-endpoint-options \
            EnforceHTTPS=true,TLSSecurityPolicy=Policy-Min-TLS-1-2-PFS-2023-10",
        terraform: r#"domain_endpoint_options {
  enforce_https       = true
  tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10"
}"#,
        ..HTTPS.remediation
    },
    rule: Rule::Resource(|domain| {
        if !domain.flag("domain_endpoint_options.enforce_https")? {
            return fail("domain_endpoint_options.enforce_https is not true");
        }
        match domain.text("domain_endpoint_options.tls_security_policy")? {
            Some(NEWEST_POLICY) => pass(),
            Some(policy) => fail(format!("domain_endpoint_options.tls_security_policy is {policy}")),
            None => fail("domain_endpoint_options.tls_security_policy is not set"),
        }
    }),
    ..HTTPS
};
