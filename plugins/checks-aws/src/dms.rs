//! Database Migration Service.

use plumbline::prelude::*;

pub const CHECKS: &[&Check] = &[&PUBLIC, &MULTI_AZ, &MINOR_VERSIONS, &SSL, &MONGODB_LOGIN, &REDIS_TLS];

const INSTANCES: &[&str] = &["aws_dms_replication_instance"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/dms-controls.html"];
const URL: &str = "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReplicationInstance.html";

pub const PUBLIC: Check = Check {
    id: "dms_instance_no_public_access",
    title: "DMS replication instance is not publicly accessible",
    description: "A replication instance must not have a public address. Where the attribute is not set, the way it \
        was made decides.",
    risk: "The instance holds the credentials and the data of both databases, and can be attacked from anywhere.",
    severity: Severity::Critical,
    kinds: INSTANCES,
    reads: &["publicly_accessible"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "This is chosen when an instance is made: make one without public access and move the tasks to it.",
        url: URL,
        command: "aws dms create-replication-instance --replication-instance-identifier ID \
            --replication-instance-class CLASS --no-publicly-accessible",
        terraform: "publicly_accessible = false",
        effort_minutes: 90,
    },
    rule: Rule::Resource(|instance| match instance.bool("publicly_accessible")? {
        Some(public) => pass_if(!public, "publicly_accessible is true"),
        None => Err(Unread {
            path: "publicly_accessible".into(),
            reason: "it is not set, and its default depends on how the instance was made".into(),
        }),
    }),
};

pub const MULTI_AZ: Check = Check {
    id: "dms_instance_multi_az_enabled",
    title: "DMS replication instance has a standby in another zone",
    description: "A replication instance should be a Multi-AZ deployment.",
    risk: "When its zone fails, replication stops and the target falls behind.",
    severity: Severity::Medium,
    kinds: INSTANCES,
    reads: &["multi_az"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch Multi-AZ on.",
        url: URL,
        command: "aws dms modify-replication-instance --replication-instance-arn ARN --multi-az --apply-immediately",
        terraform: "multi_az = true",
        effort_minutes: 20,
    },
    rule: Rule::Resource(|instance| pass_if(instance.flag("multi_az")?, "multi_az is not true")),
};

pub const MINOR_VERSIONS: Check = Check {
    id: "dms_instance_minor_version_upgrade_enabled",
    title: "DMS replication instance takes minor versions by itself",
    description: "Automatic upgrades to minor versions must be on.",
    risk: "Flaws that are long fixed stay open, because nobody has got round to the upgrade.",
    severity: Severity::Medium,
    kinds: INSTANCES,
    reads: &["auto_minor_version_upgrade"],
    categories: &["vulnerabilities"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch automatic upgrades on.",
        url: URL,
        command: "aws dms modify-replication-instance --replication-instance-arn ARN --auto-minor-version-upgrade",
        terraform: "auto_minor_version_upgrade = true",
        effort_minutes: 10,
    },
    rule: Rule::Resource(|instance| {
        pass_if(instance.flag("auto_minor_version_upgrade")?, "auto_minor_version_upgrade is not true")
    }),
};

/// Engines whose endpoints take no SSL mode: their connections are ruled by settings of their own.
const WITHOUT_MODE: &[&str] =
    &["s3", "dynamodb", "kinesis", "kafka", "redis", "neptune", "opensearch", "elasticsearch"];

pub const SSL: Check = Check {
    id: "dms_endpoint_ssl_enabled",
    title: "DMS endpoint connects over TLS",
    description: "An endpoint for a database must have an SSL mode other than `none`, which is the default. Engines \
        that have no such mode are not looked at.",
    risk: "The database's password and all migrated data can be read and changed on the way.",
    severity: Severity::High,
    kinds: &["aws_dms_endpoint"],
    reads: &["ssl_mode", "engine_name"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Import the database's certificate authority and set the mode to verify-full, or verify-ca or require.",
        url: "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Security.SSL.html",
        command: "aws dms modify-endpoint --endpoint-arn ARN --ssl-mode verify-full --certificate-arn \
            CERTIFICATE_ARN",
        terraform: r#"ssl_mode = "verify-full""#,
        effort_minutes: 45,
    },
    rule: Rule::Resource(|endpoint| {
        let mode = endpoint.text("ssl_mode")?.unwrap_or("none");
        let engine = endpoint.text("engine_name")?.unwrap_or_default();
        if WITHOUT_MODE.contains(&engine) {
            return not_applicable(format!("an endpoint for {engine} has no SSL mode"));
        }
        pass_if(mode != "none", "ssl_mode is none")
    }),
};

/// Judges a setting that endpoints of one engine have.
fn setting(endpoint: &Resource<'_>, engine: &str, path: &str, good: &str) -> Outcome {
    let setting = endpoint.text(path)?;
    let own = endpoint.text("engine_name")?.unwrap_or_default();
    if own != engine {
        return not_applicable(format!("the engine is {own}"));
    }
    match setting {
        Some(setting) => pass_if(setting == good, format!("{path} is {setting}")),
        None => Err(Unread { path: path.into(), reason: "it is not set".into() }),
    }
}

pub const MONGODB_LOGIN: Check = Check {
    id: "dms_endpoint_mongodb_authentication_enabled",
    title: "DMS endpoint for MongoDB logs in",
    description: "An endpoint for MongoDB must have the authentication type `password`.",
    risk: "A database that lets DMS in without a password lets everyone in who reaches it.",
    severity: Severity::Medium,
    reads: &["mongodb_settings", "engine_name"],
    categories: &["identity-access"],
    remediation: Remediation {
        text: "Make a user for DMS in the database, and have the endpoint log in as it.",
        url: "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MongoDB.html",
        command: "aws dms modify-endpoint --endpoint-arn ARN --mongo-db-settings AuthType=password,AuthMechanism=default",
        terraform: r#"mongodb_settings {
  auth_type = "password"
}"#,
        effort_minutes: 45,
    },
    rule: Rule::Resource(|endpoint| setting(endpoint, "mongodb", "mongodb_settings.auth_type", "password")),
    ..SSL
};

pub const REDIS_TLS: Check = Check {
    id: "dms_endpoint_redis_in_transit_encryption_enabled",
    title: "DMS endpoint for Redis connects over TLS",
    description: "An endpoint for Redis must have the security protocol `ssl-encryption`.",
    severity: Severity::Medium,
    reads: &["redis_settings", "engine_name"],
    remediation: Remediation {
        text: "Encrypt connections, where the Redis server does.",
        url: "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Redis.html",
        command: "aws dms modify-endpoint --endpoint-arn ARN --redis-settings SslSecurityProtocol=ssl-encryption",
        terraform: r#"redis_settings {
  ssl_security_protocol = "ssl-encryption"
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|endpoint| {
        setting(endpoint, "redis", "redis_settings.ssl_security_protocol", "ssl-encryption")
    }),
    ..SSL
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::{MINOR_VERSIONS, MONGODB_LOGIN, MULTI_AZ, PUBLIC, REDIS_TLS, SSL};
    use crate::cases::{fails, passes, skips, unread};

    const INSTANCE: &str = "aws_dms_replication_instance";
    const ENDPOINT: &str = "aws_dms_endpoint";

    #[test]
    fn migrations_are_private_robust_and_encrypted() {
        passes(&PUBLIC, INSTANCE, json!({"publicly_accessible": false}));
        fails(&PUBLIC, INSTANCE, json!({"publicly_accessible": true}), "true");
        unread(&PUBLIC, INSTANCE, json!({}), "how the instance was made");
        passes(&MULTI_AZ, INSTANCE, json!({"multi_az": true}));
        fails(&MULTI_AZ, INSTANCE, json!({}), "multi_az");
        passes(&MINOR_VERSIONS, INSTANCE, json!({"auto_minor_version_upgrade": true}));
        fails(&MINOR_VERSIONS, INSTANCE, json!({}), "auto_minor_version_upgrade");
        passes(&SSL, ENDPOINT, json!({"engine_name": "mysql", "ssl_mode": "require"}));
        fails(&SSL, ENDPOINT, json!({"engine_name": "mysql"}), "none");
        skips(&SSL, ENDPOINT, json!({"engine_name": "s3"}));
    }

    #[test]
    fn endpoints_of_other_databases_have_settings_of_their_own() {
        let mongodb = |kind: &str| json!({"engine_name": "mongodb", "mongodb_settings": [{"auth_type": kind}]});
        passes(&MONGODB_LOGIN, ENDPOINT, mongodb("password"));
        fails(&MONGODB_LOGIN, ENDPOINT, mongodb("no"), "auth_type is no");
        unread(&MONGODB_LOGIN, ENDPOINT, json!({"engine_name": "mongodb"}), "not set");
        skips(&MONGODB_LOGIN, ENDPOINT, json!({"engine_name": "mysql"}));
        let redis =
            |protocol: &str| json!({"engine_name": "redis", "redis_settings": [{"ssl_security_protocol": protocol}]});
        passes(&REDIS_TLS, ENDPOINT, redis("ssl-encryption"));
        fails(&REDIS_TLS, ENDPOINT, redis("plaintext"), "is plaintext");
        skips(&REDIS_TLS, ENDPOINT, json!({"engine_name": "mongodb"}));
    }
}
