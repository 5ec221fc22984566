//! EKS clusters.

use plumbline::prelude::*;

use crate::calendar::day;
use crate::network::{Addresses, Block};

pub mod network_policy;

pub const CHECKS: &[&Check] = &[
    &SECRETS,
    &PUBLIC,
    &PUBLIC_ENDPOINT,
    &PRIVATE_ENDPOINT,
    &LOGGING,
    &VERSION,
    &DELETION,
    &network_policy::NETWORK_POLICY,
];

const KINDS: &[&str] = &["aws_eks_cluster"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/eks-controls.html"];

pub const SECRETS: Check = Check {
    id: "eks_cluster_kms_cmk_encryption_in_secrets_enabled",
    title: "EKS cluster encrypts secrets with a KMS key",
    description: "Kubernetes secrets must be encrypted with a KMS key that is named in the cluster's encryption \
        configuration.",
    risk: "Without a key of your own you can neither withdraw nor trace access to the secrets in the cluster's store \
        and its backups.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["encryption_config"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Associate an encryption configuration, which cannot be undone, and write existing secrets anew.",
        url: "https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html",
        command: "aws eks associate-encryption-config --cluster-name NAME --encryption-config \
            '[{\"resources\":[\"secrets\"],\"provider\":{\"keyArn\":\"KEY_ARN\"}}]'",
        terraform: r#"encryption_config {
  resources = ["secrets"]
  provider {
    key_arn = aws_kms_key.eks.arn
  }
}"#,
        effort_minutes: 45,
    },
    rule: Rule::Resource(|cluster| {
        for config in cluster.list("encryption_config")? {
            if config.texts("resources")?.contains(&"secrets") && config.has("provider.key_arn")? {
                return pass();
            }
        }
        fail("no encryption_config names a key for secrets")
    }),
};

pub const PUBLIC: Check = Check {
    id: "eks_cluster_not_publicly_accessible",
    title: "EKS cluster's API is not open to the internet",
    description: "The API endpoint must be private, or its public access limited to networks that together are not \
        the internet. The default is public and unlimited.",
    risk: "A leaked token or a flaw in the API server can be used from anywhere.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["vpc_config"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch the private endpoint on, then switch the public one off or limit it to your networks.",
        url: "https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html",
        command: "aws eks update-cluster-config --name NAME --resources-vpc-config \
            endpointPublicAccess=false,endpointPrivateAccess=true",
        terraform: r"vpc_config {
  endpoint_public_access  = false
  endpoint_private_access = true
}",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|cluster| {
        if !cluster.bool("vpc_config.endpoint_public_access")?.unwrap_or(true) {
            return pass();
        }
        let networks = cluster.texts("vpc_config.public_access_cidrs")?;
        if networks.is_empty() {
            return fail("the public endpoint is on and names no public_access_cidrs");
        }
        let mut open = Addresses::default();
        for network in &networks {
            let path = "vpc_config.public_access_cidrs".to_owned();
            let wrong = || Unread { path, reason: format!("'{network}' is no CIDR block") };
            open.insert(&Block::parse(network).ok_or_else(wrong)?);
        }
        pass_if(!open.is_internet(), format!("the public endpoint admits {}", networks.join(", ")))
    }),
};

pub const PUBLIC_ENDPOINT: Check = Check {
    id: "eks_cluster_public_endpoint_disabled",
    title: "EKS cluster's API has no public endpoint",
    description: "The public endpoint of the API must be off, also where it is limited to some networks. The default \
        is on.",
    severity: Severity::High,
    rule: Rule::Resource(|cluster| {
        let public = cluster.bool("vpc_config.endpoint_public_access")?.unwrap_or(true);
        pass_if(!public, "vpc_config.endpoint_public_access is not false")
    }),
    ..PUBLIC
};

pub const PRIVATE_ENDPOINT: Check = Check {
    id: "eks_cluster_private_nodes_enabled",
    title: "EKS cluster's API has a private endpoint",
    description: "Nodes must be able to reach the API inside the VPC. The default is that they go over its public \
        endpoint.",
    risk: "The traffic between nodes and control plane leaves the VPC, and nodes need a way to the internet.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["vpc_config"],
    categories: &["internet-exposed", "network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch private access on; DNS in the VPC must be enabled.",
        url: "https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html",
        command: "aws eks update-cluster-config --name NAME --resources-vpc-config endpointPrivateAccess=true",
        terraform: r"vpc_config {
  endpoint_private_access = true
}",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|cluster| {
        let private = cluster.flag("vpc_config.endpoint_private_access")?;
        pass_if(private, "vpc_config.endpoint_private_access is not true")
    }),
};

const LOG_TYPES: &[&str] = &["api", "audit", "authenticator", "controllerManager", "scheduler"];

pub const LOGGING: Check = Check {
    id: "eks_control_plane_logging_all_types_enabled",
    title: "EKS cluster logs all of its control plane",
    description: "All five kinds of control plane log must be sent to CloudWatch Logs: api, audit, authenticator, \
        controllerManager, scheduler.",
    risk: "Who did what in the cluster, and who tried to log in, cannot be told afterwards.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["enabled_cluster_log_types"],
    categories: &["logging", "forensics"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch all kinds on and set a retention on the log group.",
        url: "https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html",
        command: "aws eks update-cluster-config --name NAME --logging \
            'clusterLogging=[{types=[api,audit,authenticator,controllerManager,scheduler],enabled=true}]'",
        terraform: r#"enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]"#,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|cluster| {
        let enabled = cluster.texts("enabled_cluster_log_types")?;
        let missing: Vec<&str> = LOG_TYPES.iter().copied().filter(|kind| !enabled.contains(kind)).collect();
        pass_if(missing.is_empty(), format!("not logged: {}", missing.join(", ")))
    }),
};

/// The minor versions of Kubernetes 1 and the last day of their standard support: "Kubernetes versions", EKS User
/// Guide.
const SUPPORTED_UNTIL: &[(u32, &str)] = &[
    (28, "2024-11-26"),
    (29, "2025-03-23"),
    (30, "2025-07-23"),
    (31, "2025-11-26"),
    (32, "2026-03-23"),
    (33, "2026-07-29"),
    (34, "2026-12-02"),
    (35, "2027-03-27"),
];

pub const VERSION: Check = Check {
    id: "eks_cluster_uses_a_supported_version",
    title: "EKS cluster runs a Kubernetes version in standard support",
    description: "On the day of the scan the cluster's version must be in EKS's standard support; extended support \
        does not count.",
    risk: "Flaws are no longer fixed by default, extended support costs extra, and in the end AWS upgrades the \
        cluster unasked.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["version"],
    categories: &["vulnerabilities"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Upgrade the control plane one minor version at a time, then nodes and add-ons; look for removed APIs \
            first.",
        url: "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html",
        command: "aws eks update-cluster-version --name NAME --kubernetes-version VERSION",
        terraform: "version = \"1.35\"",
        effort_minutes: 240,
    },
    rule: Rule::Timed(|cluster, context| {
        let unread = |reason: String| Unread { path: "version".into(), reason };
        let version = cluster.text("version")?.ok_or_else(|| unread("it is not set, so AWS chooses it".into()))?;
        let minor = version.strip_prefix("1.").and_then(|minor| minor.parse::<u32>().ok());
        let minor = minor.ok_or_else(|| unread(format!("'{version}' is no version of Kubernetes 1")))?;
        let Some((_, end)) = SUPPORTED_UNTIL.iter().find(|(known, _)| *known == minor) else {
            let older = SUPPORTED_UNTIL.first().is_some_and(|(oldest, _)| minor < *oldest);
            let unknown = || unread(format!("it is not known how long {version} is supported"));
            return if older { fail(format!("{version} is long out of standard support")) } else { Err(unknown()) };
        };
        match (day(end), day(&context.scan_time)) {
            (Some(end), Some(now)) if now <= end => pass(),
            (Some(_), Some(_)) => fail(format!("standard support of {version} ended on {end}")),
            _ => Err(unread(format!("the time of the scan, '{}', is no date", context.scan_time))),
        }
    }),
};

pub const DELETION: Check = Check {
    id: "eks_cluster_deletion_protection_enabled",
    title: "EKS cluster is protected from deletion",
    description: "A cluster must have deletion protection on. The default is off.",
    risk: "A mistaken command, a wrong plan or an intruder removes the cluster and everything that runs on it.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["deletion_protection"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch deletion protection on.",
        url: "https://docs.aws.amazon.com/eks/latest/userguide/deletion-protection.html",
        command: "aws eks update-cluster-config --name NAME --deletion-protection",
        terraform: "deletion_protection = true",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|cluster| pass_if(cluster.flag("deletion_protection")?, "deletion_protection is not true")),
};

#[cfg(test)]
mod tests;
