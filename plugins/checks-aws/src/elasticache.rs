//! ElastiCache: replication groups of Redis OSS and Valkey.

use plumbline::prelude::*;

pub const CHECKS: &[&Check] = &[&AT_REST, &IN_TRANSIT, &BACKUP, &FAILOVER, &MULTI_AZ, &MINOR_VERSIONS, &AUTH, &SUBNETS];

const GROUPS: &[&str] = &["aws_elasticache_replication_group"];
const GROUPS_AND_CLUSTERS: &[&str] = &["aws_elasticache_replication_group", "aws_elasticache_cluster"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/elasticache-controls.html"];

/// Days that snapshots should be kept; the figure is Prowler's and Security Hub asks for at least one.
const SNAPSHOT_DAYS: i64 = 7;

/// A cluster that is part of a group is judged as part of it, and Memcached has neither snapshots nor the like.
fn standing_alone(resource: &Resource<'_>, rule: fn(&Resource<'_>) -> Outcome) -> Outcome {
    if resource.kind == "aws_elasticache_cluster" {
        if resource.has("replication_group_id")? {
            return not_applicable("part of a replication group, which is judged as a whole");
        }
        if resource.text("engine")? == Some("memcached") {
            return not_applicable("Memcached has no such setting");
        }
    }
    rule(resource)
}

/// Valkey is encrypted unless told otherwise, Redis OSS is not.
fn encrypted(group: &Resource<'_>, attribute: &str) -> Outcome {
    match group.bool(attribute)? {
        Some(encrypted) => pass_if(encrypted, format!("{attribute} is false")),
        None if group.text("engine")? == Some("valkey") => {
            let reason = "it is not set, and the default for Valkey is not told".to_owned();
            Err(Unread { path: attribute.to_owned(), reason })
        }
        None => fail(format!("{attribute} is not set")),
    }
}

pub const AT_REST: Check = Check {
    id: "elasticache_redis_cluster_rest_encryption_enabled",
    title: "ElastiCache replication group is encrypted at rest",
    description: "What a group writes to disk, snapshots among it, must be encrypted.",
    risk: "A snapshot that is copied to a bucket, or a disk, gives away cached sessions and data.",
    severity: Severity::Medium,
    kinds: GROUPS,
    reads: &["at_rest_encryption_enabled"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Encryption is chosen when a group is made: restore a snapshot into an encrypted one and move the \
            clients over.",
        url: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/at-rest-encryption.html",
        command: "aws elasticache create-replication-group --replication-group-id ID --replication-group-description \
            TEXT --snapshot-name SNAPSHOT --at-rest-encryption-enabled",
        terraform: "at_rest_encryption_enabled = true",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|group| encrypted(group, "at_rest_encryption_enabled")),
};

pub const IN_TRANSIT: Check = Check {
    id: "elasticache_redis_cluster_in_transit_encryption_enabled",
    title: "ElastiCache replication group encrypts connections",
    description: "Clients and nodes must talk over TLS.",
    risk: "Cached sessions and data, and the password, can be read and changed on the way.",
    severity: Severity::Medium,
    kinds: GROUPS,
    reads: &["transit_encryption_enabled"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch it on with the mode `preferred`, move the clients to TLS, then set the mode to `required`.",
        url: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html",
        command: "aws elasticache modify-replication-group --replication-group-id ID --transit-encryption-enabled \
            --transit-encryption-mode preferred --apply-immediately",
        terraform: "transit_encryption_enabled = true",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|group| encrypted(group, "transit_encryption_enabled")),
};

pub const BACKUP: Check = Check {
    id: "elasticache_redis_cluster_backup_enabled",
    title: "ElastiCache for Redis keeps snapshots for a week",
    description: "Automatic snapshots must be kept for at least 7 days.",
    risk: "What a failure or a mistake wipes is lost, and a cold cache can take down what stands behind it.",
    severity: Severity::High,
    kinds: GROUPS_AND_CLUSTERS,
    reads: &["snapshot_retention_limit"],
    categories: &["resilience", "backup"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set a retention of 7 days.",
        url: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-automatic.html",
        command: "aws elasticache modify-replication-group --replication-group-id ID --snapshot-retention-limit 7",
        terraform: "snapshot_retention_limit = 7",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|resource| {
        standing_alone(resource, |resource| {
            let days = resource.int("snapshot_retention_limit")?.unwrap_or(0);
            pass_if(days >= SNAPSHOT_DAYS, format!("snapshot_retention_limit is {days}"))
        })
    }),
};

pub const FAILOVER: Check = Check {
    id: "elasticache_redis_cluster_automatic_failover_enabled",
    title: "ElastiCache replication group fails over by itself",
    description: "Automatic failover must be on.",
    risk: "When the primary fails, nothing can be written until somebody promotes a replica.",
    severity: Severity::Medium,
    kinds: GROUPS,
    reads: &["automatic_failover_enabled"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add a replica and switch automatic failover on.",
        url: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html",
        command: "aws elasticache modify-replication-group --replication-group-id ID --automatic-failover-enabled \
            --apply-immediately",
        terraform: "automatic_failover_enabled = true",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|group| {
        pass_if(group.flag("automatic_failover_enabled")?, "automatic_failover_enabled is not true")
    }),
};

pub const MULTI_AZ: Check = Check {
    id: "elasticache_redis_cluster_multi_az_enabled",
    title: "ElastiCache replication group is in several zones",
    description: "Multi-AZ must be on.",
    risk: "When its zone fails, the cache is gone with all replicas.",
    severity: Severity::Medium,
    kinds: GROUPS,
    reads: &["multi_az_enabled"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Place replicas in another zone and switch Multi-AZ on.",
        url: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html",
        command: "aws elasticache modify-replication-group --replication-group-id ID --multi-az-enabled \
            --apply-immediately",
        terraform: r"multi_az_enabled           = true
automatic_failover_enabled = true",
        effort_minutes: 30,
    },
    rule: Rule::Resource(|group| pass_if(group.flag("multi_az_enabled")?, "multi_az_enabled is not true")),
};

pub const MINOR_VERSIONS: Check = Check {
    id: "elasticache_redis_cluster_auto_minor_version_upgrades",
    title: "ElastiCache for Redis takes minor versions by itself",
    description: "Automatic upgrades to minor versions, which are on by default, must not be switched off.",
    risk: "Flaws that are long fixed stay open, because nobody has got round to the upgrade.",
    severity: Severity::High,
    kinds: GROUPS_AND_CLUSTERS,
    reads: &["auto_minor_version_upgrade"],
    categories: &["vulnerabilities"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch automatic upgrades on.",
        url: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/VersionManagement.html",
        command: "aws elasticache modify-replication-group --replication-group-id ID --auto-minor-version-upgrade",
        terraform: "auto_minor_version_upgrade = true",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|resource| {
        standing_alone(resource, |resource| {
            let upgrades = resource.bool("auto_minor_version_upgrade")?.unwrap_or(true);
            pass_if(upgrades, "auto_minor_version_upgrade is false")
        })
    }),
};

pub const AUTH: Check = Check {
    id: "elasticache_redis_replication_group_auth_enabled",
    title: "ElastiCache replication group before Redis 6.0 asks for a password",
    description: "A group of Redis OSS before 6.0 must have AUTH on. Later versions and Valkey have users with \
        access lists, at which a person has to look.",
    risk: "Whoever can open a connection reads and changes everything in the cache.",
    severity: Severity::Medium,
    kinds: GROUPS,
    reads: &["engine_version"],
    categories: &["identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Set a token and give it to the clients, or upgrade and use role-based access control.",
        url: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html",
        command: "aws elasticache modify-replication-group --replication-group-id ID --auth-token TOKEN \
            --auth-token-update-strategy SET --apply-immediately",
        terraform: r"auth_token                 = var.redis_token
transit_encryption_enabled = true",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|group| {
        let unread = |reason: String| Unread { path: "engine_version".into(), reason };
        let version = group.text("engine_version")?.ok_or_else(|| unread("it is not set".into()))?;
        let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
        let major = major.ok_or_else(|| unread(format!("'{version}' is no version")))?;
        if major >= 6 || group.text("engine")? == Some("valkey") {
            return manual("access is ruled by users and their access lists: look at its user groups");
        }
        if group.bool("auth_token_enabled")? == Some(true) {
            return pass();
        }
        pass_if(group.has("auth_token")?, "no auth_token is set")
    }),
};

pub const SUBNETS: Check = Check {
    id: "elasticache_cluster_own_subnet_group",
    title: "ElastiCache cluster has a subnet group of its own",
    description: "A cluster or replication group, of Memcached too, must not be in the subnet group `default`, which \
        takes in every subnet of the default VPC.",
    risk: "The cluster may land in a subnet that is routed to the internet, with whatever else is there.",
    severity: Severity::High,
    kinds: GROUPS_AND_CLUSTERS,
    reads: &["subnet_group_name"],
    categories: &["network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "The group is chosen when a cluster is made: make a subnet group of private subnets and restore a snapshot \
            into it.",
        url: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SubnetGroups.html",
        command: "aws elasticache create-cache-subnet-group --cache-subnet-group-name NAME \
            --cache-subnet-group-description TEXT --subnet-ids SUBNET_ID",
        terraform: "subnet_group_name = aws_elasticache_subnet_group.private.name",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|cluster| {
        let name = cluster.text("subnet_group_name")?;
        if cluster.has("replication_group_id")? && cluster.kind == "aws_elasticache_cluster" {
            return not_applicable("part of a replication group, which is judged as a whole");
        }
        match name {
            Some(name) => pass_if(name != "default", "subnet_group_name is default"),
            None => Err(Unread { path: "subnet_group_name".into(), reason: "the source does not name it".into() }),
        }
    }),
};

#[cfg(test)]
mod tests;
