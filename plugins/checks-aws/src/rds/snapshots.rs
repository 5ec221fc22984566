//! Snapshots of instances and clusters.

use plumbline::prelude::*;

use super::REFERENCES;

pub const CHECKS: &[&Check] = &[&ENCRYPTED, &PUBLIC];

const KINDS: &[&str] = &["aws_db_snapshot", "aws_db_snapshot_copy", "aws_db_cluster_snapshot"];

pub const ENCRYPTED: Check = Check {
    id: "rds_snapshots_encrypted",
    title: "RDS snapshot is encrypted",
    description: "A snapshot of an instance or a cluster must be encrypted.",
    risk: "A snapshot is easily copied and shared; unencrypted, it gives the whole database to whoever has it.",
    severity: Severity::High,
    kinds: KINDS,
    reads: &["encrypted", "storage_encrypted"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Copy the snapshot encrypted, delete the original, and encrypt the database it came from.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CopySnapshot.html",
        command: "aws rds copy-db-snapshot --source-db-snapshot-identifier SNAPSHOT --target-db-snapshot-identifier \
            COPY --kms-key-id KEY",
        terraform: r#"resource "aws_db_snapshot_copy" "encrypted" {
  source_db_snapshot_identifier = aws_db_snapshot.data.db_snapshot_arn
  target_db_snapshot_identifier = "data-encrypted"
  kms_key_id                    = aws_kms_key.data.arn
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|snapshot| {
        let of_instance = ("encrypted", snapshot.bool("encrypted")?);
        let of_cluster = ("storage_encrypted", snapshot.bool("storage_encrypted")?);
        let (attribute, encrypted) = if snapshot.kind == "aws_db_cluster_snapshot" { of_cluster } else { of_instance };
        match encrypted {
            Some(encrypted) => pass_if(encrypted, format!("{attribute} is false")),
            None => Err(Unread { path: attribute.into(), reason: "the source does not say whether it is".into() }),
        }
    }),
};

pub const PUBLIC: Check = Check {
    id: "rds_snapshots_public_access",
    title: "RDS snapshot is not public",
    description: "A manual snapshot must not be shared with `all`, that is, with every AWS account.",
    risk: "Anyone with an AWS account can restore the database and read all of it; such snapshots are searched for \
        all the time.",
    severity: Severity::Critical,
    kinds: KINDS,
    reads: &["shared_accounts"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Take `all` off the list, share with named accounts if need be, and treat the data as published.",
        url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html",
        command: "aws rds modify-db-snapshot-attribute --db-snapshot-identifier ID --attribute-name restore \
            --values-to-remove all",
        terraform: "shared_accounts = [\"123456789012\"]",
        effort_minutes: 15,
    },
    rule: Rule::Resource(|snapshot| {
        pass_if(!snapshot.texts("shared_accounts")?.contains(&"all"), "shared_accounts holds 'all'")
    }),
};
