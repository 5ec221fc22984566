//! DynamoDB tables and DAX clusters.

use plumbline::prelude::*;

pub mod scaling;

pub const CHECKS: &[&Check] = &[&KMS, &RECOVERY, &DELETION, &DAX_AT_REST, &DAX_IN_TRANSIT, &scaling::AUTOSCALING];

const KINDS: &[&str] = &["aws_dynamodb_table"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/dynamodb-controls.html"];

pub const KMS: Check = Check {
    id: "dynamodb_tables_kms_cmk_encryption_enabled",
    title: "DynamoDB table is encrypted with a KMS key",
    description: "A table must be encrypted with a key in KMS. By default it is with a key that AWS owns and that \
        you cannot see.",
    risk: "Access to the data cannot be traced in the key's use nor withdrawn by its policy.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["server_side_encryption"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Change the table's encryption to a key of your own; it stays available meanwhile.",
        url: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html",
        command: "aws dynamodb update-table --table-name NAME --sse-specification \
            Enabled=true,SSEType=KMS,KMSMasterKeyId=KEY",
        terraform: r"server_side_encryption {
  enabled     = true
  kms_key_arn = aws_kms_key.data.arn
}",
        effort_minutes: 20,
    },
    rule: Rule::Resource(|table| {
        pass_if(table.flag("server_side_encryption.enabled")?, "it is encrypted with a key that AWS owns")
    }),
};

pub const RECOVERY: Check = Check {
    id: "dynamodb_tables_pitr_enabled",
    title: "DynamoDB table can be restored to any point in time",
    description: "Point-in-time recovery must be on.",
    risk: "What a mistake or an intruder overwrites or deletes is lost.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["point_in_time_recovery"],
    categories: &["resilience", "backup"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch point-in-time recovery on.",
        url: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html",
        command: "aws dynamodb update-continuous-backups --table-name NAME --point-in-time-recovery-specification \
            PointInTimeRecoveryEnabled=true",
        terraform: r"point_in_time_recovery {
  enabled = true
}",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|table| {
        pass_if(table.flag("point_in_time_recovery.enabled")?, "point_in_time_recovery.enabled is not true")
    }),
};

pub const DELETION: Check = Check {
    id: "dynamodb_table_deletion_protection_enabled",
    title: "DynamoDB table is protected from deletion",
    description: "A table must have deletion protection on.",
    risk: "A mistaken command, a wrong plan or an intruder removes the table in one step.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["deletion_protection_enabled"],
    categories: &["resilience"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch deletion protection on.",
        url: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html",
        command: "aws dynamodb update-table --table-name NAME --deletion-protection-enabled",
        terraform: "deletion_protection_enabled = true",
        effort_minutes: 5,
    },
    rule: Rule::Resource(|table| {
        pass_if(table.flag("deletion_protection_enabled")?, "deletion_protection_enabled is not true")
    }),
};

pub const DAX_AT_REST: Check = Check {
    id: "dynamodb_accelerator_cluster_encryption_enabled",
    title: "DAX cluster is encrypted at rest",
    description: "A cluster of the DynamoDB Accelerator must encrypt what it writes to disk.",
    risk: "Cached copies of the tables' data lie unencrypted on the cluster's disks.",
    severity: Severity::Medium,
    kinds: &["aws_dax_cluster"],
    reads: &["server_side_encryption"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Encryption is chosen when a cluster is made: make one anew and move the clients over.",
        url: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DAXEncryptionAtRest.html",
        command: "aws dax create-cluster --cluster-name NAME --node-type TYPE --replication-factor 3 --iam-role-arn \
            ROLE --sse-specification Enabled=true",
        terraform: r"server_side_encryption {
  enabled = true
}",
        effort_minutes: 90,
    },
    rule: Rule::Resource(|cluster| {
        pass_if(cluster.flag("server_side_encryption.enabled")?, "server_side_encryption.enabled is not true")
    }),
};

pub const DAX_IN_TRANSIT: Check = Check {
    id: "dynamodb_accelerator_cluster_in_transit_encryption_enabled",
    title: "DAX cluster encrypts connections",
    description: "The endpoint of a cluster of the DynamoDB Accelerator must speak TLS. The default is that it does \
        not.",
    risk: "The tables' data can be read and changed between clients and cluster.",
    severity: Severity::Medium,
    kinds: &["aws_dax_cluster"],
    reads: &["cluster_endpoint_encryption_type"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Encryption is chosen when a cluster is made: make one anew and move the clients over.",
        url: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DAXEncryptionInTransit.html",
        command: "aws dax create-cluster --cluster-name NAME --node-type TYPE --replication-factor 3 --iam-role-arn \
            ROLE --cluster-endpoint-encryption-type TLS",
        terraform: "cluster_endpoint_encryption_type = \"TLS\"",
        effort_minutes: 90,
    },
    rule: Rule::Resource(|cluster| {
        let kind = cluster.text("cluster_endpoint_encryption_type")?.unwrap_or("NONE");
        pass_if(kind == "TLS", format!("cluster_endpoint_encryption_type is {kind}"))
    }),
};

#[cfg(test)]
mod tests;
