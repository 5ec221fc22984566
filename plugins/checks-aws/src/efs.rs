//! EFS file systems and their access points.

use plumbline::prelude::*;

use crate::policy::{Condition, Policy};

pub const CHECKS: &[&Check] = &[&AT_REST, &BACKUP, &PUBLIC, &ROOT_DIRECTORY, &USER_IDENTITY];

const KINDS: &[&str] = &["aws_efs_file_system"];
const ACCESS_POINTS: &[&str] = &["aws_efs_access_point"];
const REFERENCES: &[&str] = &["https://docs.aws.amazon.com/securityhub/latest/userguide/efs-controls.html"];

pub const AT_REST: Check = Check {
    id: "efs_encryption_at_rest_enabled",
    title: "EFS file system is encrypted at rest",
    description: "A file system must be encrypted. The default of the API and of Terraform is that it is not.",
    risk: "Whoever gets at the storage beneath can read the files without needing a key.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["encrypted"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Encryption is chosen when a file system is made: make one anew and move the files with DataSync.",
        url: "https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html",
        command: "aws efs create-file-system --encrypted --kms-key-id KEY",
        terraform: "encrypted = true",
        effort_minutes: 180,
    },
    rule: Rule::Resource(|system| pass_if(system.flag("encrypted")?, "encrypted is not true")),
};

pub const BACKUP: Check = Check {
    id: "efs_have_backup_enabled",
    title: "EFS file system has automatic backups",
    description: "The backup policy must be ENABLED, or about to be.",
    risk: "What a mistake or ransomware overwrites or deletes is lost.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["backup_policy"],
    categories: &["resilience", "backup"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch automatic backups on and try a restore.",
        url: "https://docs.aws.amazon.com/efs/latest/ug/automatic-backups.html",
        command: "aws efs put-backup-policy --file-system-id ID --backup-policy Status=ENABLED",
        terraform: r#"resource "aws_efs_backup_policy" "files" {
  file_system_id = aws_efs_file_system.files.id
  backup_policy {
    status = "ENABLED"
  }
}"#,
        effort_minutes: 10,
    },
    rule: Rule::Resource(|system| {
        let status = system.text("backup_policy.status")?.unwrap_or("DISABLED");
        pass_if(matches!(status, "ENABLED" | "ENABLING"), format!("backup_policy.status is {status}"))
    }),
};

pub const PUBLIC: Check = Check {
    id: "efs_not_publicly_accessible",
    title: "EFS file system's policy lets known clients in only",
    description: "A file system must have a policy, and it must not allow anyone, unless through a mount target. \
        Without a policy every client that reaches a mount target has full access.",
    risk: "Any host in the network, also one that was taken over, can mount the file system and read and change all \
        files.",
    severity: Severity::Medium,
    kinds: KINDS,
    reads: &["policy"],
    categories: &["internet-exposed", "trust-boundaries"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Write a policy that names the roles that may mount, and denies requests without TLS.",
        url: "https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html",
        command: "aws efs put-file-system-policy --file-system-id ID --policy file://policy.json",
        terraform: r#"resource "aws_efs_file_system_policy" "files" {
  file_system_id = aws_efs_file_system.files.id
  policy         = data.aws_iam_policy_document.files.json
}"#,
        effort_minutes: 60,
    },
    rule: Rule::Resource(|system| {
        let Some(policy) = Policy::of(system, "policy")? else {
            return fail("it has no policy, so every client that reaches a mount target has full access");
        };
        let open = policy.public_statements().find(|statement| !statement.conditions.iter().any(needs_mount_target));
        open.map_or_else(pass, |statement| fail(statement.open_to_anyone()))
    }),
};

fn needs_mount_target(condition: &Condition) -> bool {
    let key = "elasticfilesystem:accessedviamounttarget";
    let holds = condition.values.iter().all(|value| value.eq_ignore_ascii_case("true"));
    condition.operator == "bool" && !condition.if_exists && condition.key == key && holds
}

pub const ROOT_DIRECTORY: Check = Check {
    id: "efs_access_point_enforce_root_directory",
    title: "EFS access point shows a directory of its own",
    description: "An access point must have a root directory other than `/`.",
    risk: "A client of the access point sees the files of all others.",
    severity: Severity::Medium,
    kinds: ACCESS_POINTS,
    reads: &["root_directory"],
    categories: &["trust-boundaries"],
    references: REFERENCES,
    remediation: Remediation {
        text: "An access point cannot be changed: make one with a directory and move its clients over.",
        url: "https://docs.aws.amazon.com/efs/latest/ug/enforce-root-directory-access-point.html",
        command: "aws efs create-access-point --file-system-id ID --root-directory Path=/app",
        terraform: r#"root_directory {
  path = "/app"
}"#,
        effort_minutes: 45,
    },
    rule: Rule::Resource(|point| {
        let path = point.text("root_directory.path")?.unwrap_or("/");
        pass_if(path != "/", "root_directory.path is /")
    }),
};

pub const USER_IDENTITY: Check = Check {
    id: "efs_access_point_enforce_user_identity",
    title: "EFS access point acts as a fixed user",
    description: "An access point must set the POSIX user that all its requests are made as.",
    risk: "A client chooses its user by itself, and so reads and changes the files of any other.",
    severity: Severity::Medium,
    kinds: ACCESS_POINTS,
    reads: &["posix_user"],
    categories: &["trust-boundaries"],
    references: REFERENCES,
    remediation: Remediation {
        text: "An access point cannot be changed: make one with a user and move its clients over.",
        url: "https://docs.aws.amazon.com/efs/latest/ug/enforce-identity-access-points.html",
        command: "aws efs create-access-point --file-system-id ID --posix-user Uid=1000,Gid=1000",
        terraform: r"posix_user {
  uid = 1000
  gid = 1000
}",
        effort_minutes: 45,
    },
    rule: Rule::Resource(|point| pass_if(point.has("posix_user.uid")?, "it sets no posix_user")),
};

#[cfg(test)]
mod tests;
