//! Instances: what keeps their data from strangers.

use plumbline::prelude::*;

use super::REFERENCES;
use super::engines::{default_port, engine, has_iam_login, unless_aurora};

pub const CHECKS: &[&Check] = &[&STORAGE, &PUBLIC, &IAM_LOGIN, &ADMIN, &PORT];

pub const STORAGE: Check = Check {
    id: "rds_instance_storage_encrypted",
    title: "RDS instance encrypts its storage",
    description: "The storage of an instance, and with it its backups, replicas and snapshots, must be encrypted.",
    risk: "A snapshot that is shared by mistake, or media that are not wiped, give away the whole database.",
    severity: Severity::High,
    kinds: &["aws_db_instance"],
    reads: &["storage_encrypted"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Encryption is chosen when an instance is made: copy a snapshot encrypted, restore it, and move the \
            clients over.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html",
        command: "aws rds copy-db-snapshot --source-db-snapshot-identifier SNAPSHOT --target-db-snapshot-identifier \
            COPY --kms-key-id KEY",
        terraform: "storage_encrypted = true",
        effort_minutes: 180,
    },
    rule: Rule::Resource(|instance| match instance.bool("storage_encrypted")? {
        Some(encrypted) => pass_if(encrypted, "storage_encrypted is false"),
        None if instance.has("replicate_source_db")? || instance.has("snapshot_identifier")? => Err(Unread {
            path: "storage_encrypted".into(),
            reason: "it is not set, so the source of the replica or snapshot decides".into(),
        }),
        None => fail("storage_encrypted is not set"),
    }),
};

pub const PUBLIC: Check = Check {
    id: "rds_instance_no_public_access",
    title: "RDS instance is not publicly accessible",
    description: "An instance must not have a public address.",
    risk: "The database can be attacked from anywhere: passwords guessed, flaws used, and all data taken.",
    severity: Severity::Critical,
    kinds: &["aws_db_instance", "aws_rds_cluster_instance"],
    reads: &["publicly_accessible"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch public access off, use private subnets, and reach the database by VPN, bastion or Session \
            Manager.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
        command: "aws rds modify-db-instance --db-instance-identifier ID --no-publicly-accessible \
            --apply-immediately",
        terraform: "publicly_accessible = false",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|instance| pass_if(!instance.flag("publicly_accessible")?, "publicly_accessible is true")),
};

pub const IAM_LOGIN: Check = Check {
    id: "rds_instance_iam_authentication_enabled",
    title: "RDS instance accepts IAM authentication",
    description: "An instance of MySQL, MariaDB or PostgreSQL should let users log in with short-lived IAM \
        credentials.",
    risk: "Passwords of the database are shared, kept in configuration and seldom rotated, and outlive those who \
        knew them.",
    severity: Severity::Medium,
    kinds: &["aws_db_instance"],
    reads: &["iam_database_authentication_enabled", "engine"],
    categories: &["identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch IAM authentication on, make database users for it and move clients to tokens.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html",
        command: "aws rds modify-db-instance --db-instance-identifier ID --enable-iam-database-authentication",
        terraform: "iam_database_authentication_enabled = true",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|instance| {
        let engine = engine(instance)?;
        if !has_iam_login(engine) {
            return not_applicable(format!("{engine} has no IAM authentication"));
        }
        let enabled = instance.flag("iam_database_authentication_enabled")?;
        pass_if(enabled, "iam_database_authentication_enabled is not true")
    }),
};

/// The master user must not have a name that everyone tries first.
pub fn own_admin(database: &Resource<'_>) -> Outcome {
    match database.text("master_username")?.or(database.text("username")?) {
        Some(name @ ("admin" | "postgres")) => fail(format!("the master user is called {name}")),
        Some(_) => pass(),
        None => Err(Unread {
            path: "username".into(),
            reason: "it is not set, so the source of the replica or snapshot decides".into(),
        }),
    }
}

pub const ADMIN: Check = Check {
    id: "rds_instance_default_admin",
    title: "RDS instance has a master user of its own name",
    description: "The master user must not be called `admin` or `postgres`, as the console proposes.",
    risk: "Half of the login is known to anyone who guesses passwords.",
    severity: Severity::Medium,
    kinds: &["aws_db_instance"],
    reads: &["username"],
    categories: &["identity-access"],
    references: REFERENCES,
    remediation: Remediation {
        text: "The name cannot be changed: restore into an instance with another one, or make users with fewer \
            rights and lock it.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html",
        command: "aws rds create-db-instance --db-instance-identifier ID --engine ENGINE --db-instance-class CLASS \
            --master-username NAME --manage-master-user-password",
        terraform: "username = \"ledger_owner\"",
        effort_minutes: 180,
    },
    rule: Rule::Resource(|instance| unless_aurora(instance, own_admin)),
};

/// The port must not be the one that scanners try first.
pub fn own_port(database: &Resource<'_>) -> Outcome {
    let engine = engine(database)?;
    let Some(default) = default_port(engine) else {
        return Err(Unread { path: "engine".into(), reason: format!("the default port of {engine} is not known") });
    };
    let port = database.int("port")?.unwrap_or(default);
    pass_if(port != default, format!("it listens on {port}, the default of {engine}"))
}

pub const PORT: Check = Check {
    id: "rds_instance_non_default_port",
    title: "RDS instance listens on a port of its own",
    description: "An instance should not use the default port of its engine.",
    risk: "Scanners that look for databases try the default ports, and only those.",
    severity: Severity::Low,
    kinds: &["aws_db_instance"],
    reads: &["port", "engine"],
    categories: &["network"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Change the port together with the security groups and the clients' settings.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html",
        command: "aws rds modify-db-instance --db-instance-identifier ID --db-port-number 5433 --apply-immediately",
        terraform: "port = 5433",
        effort_minutes: 60,
    },
    rule: Rule::Resource(|instance| unless_aurora(instance, own_port)),
};
