//! WorkSpaces.

use plumbline::prelude::*;

pub const CHECKS: &[&Check] = &[&VOLUMES];

pub const VOLUMES: Check = Check {
    id: "workspaces_volume_encryption_enabled",
    title: "WorkSpace encrypts its volumes",
    description: "Both the root and the user volume of a WorkSpace must be encrypted.",
    risk: "Files of the desktop, and images made of it, can be read without a key.",
    severity: Severity::High,
    kinds: &["aws_workspaces_workspace"],
    reads: &["root_volume_encryption_enabled", "user_volume_encryption_enabled"],
    categories: &["encryption"],
    references: &["https://docs.aws.amazon.com/securityhub/latest/userguide/workspaces-controls.html"],
    remediation: Remediation {
        text: "Encryption is chosen when a WorkSpace is made: make one anew and move the user over.",
        url: "https://docs.aws.amazon.com/workspaces/latest/adminguide/encrypt-workspaces.html",
        command: "aws workspaces create-workspaces --workspaces \
            'DirectoryId=D,UserName=U,BundleId=B,RootVolumeEncryptionEnabled=true,UserVolumeEncryptionEnabled=true'",
        terraform: "root_volume_encryption_enabled = true\nuser_volume_encryption_enabled = true",
        effort_minutes: 120,
    },
    rule: Rule::Resource(|workspace| {
        for attribute in ["root_volume_encryption_enabled", "user_volume_encryption_enabled"] {
            if !workspace.flag(attribute)? {
                return fail(format!("{attribute} is not true"));
            }
        }
        pass()
    }),
};

#[cfg(test)]
mod tests {
    use plumbline::testing::json;

    use super::VOLUMES;
    use crate::cases::{fails, passes};

    #[test]
    fn both_volumes_are_encrypted() {
        let kind = "aws_workspaces_workspace";
        passes(&VOLUMES, kind, json!({"root_volume_encryption_enabled": true, "user_volume_encryption_enabled": true}));
        fails(&VOLUMES, kind, json!({"root_volume_encryption_enabled": true}), "user_volume");
    }
}
