//! Access control lists.

use plumbline::prelude::*;

use super::{BUCKET, REFERENCES};

pub(super) const CHECKS: &[&Check] = &[&ACL_PROHIBITED, &PUBLIC_LIST_ACL, &PUBLIC_WRITE_ACL];

const OWNERSHIP: &str = "ownership_controls.rule.object_ownership";
const READS: &[&str] = &["acl", "grant", "access_control_policy", "ownership_controls", "public_access_block"];
const URL: &str = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html";
const TERRAFORM: &str = r#"resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id
  rule { object_ownership = "BucketOwnerEnforced" }
}"#;
const COMMAND: &str = "aws s3api put-bucket-ownership-controls --bucket BUCKET --ownership-controls \
    'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'";

/// A right that the ACL gives to a group anyone belongs to.
pub(super) struct PublicGrant {
    group: &'static str,
    permission: String,
}

impl std::fmt::Display for PublicGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the ACL gives {} to {}", self.permission, self.group)
    }
}

/// `AuthenticatedUsers` is everyone with any AWS account at all.
fn group(uri: &str) -> Option<&'static str> {
    ["AllUsers", "AuthenticatedUsers"].into_iter().find(|group| uri.ends_with(&format!("/global/{group}")))
}

fn canned(acl: &str) -> &'static [(&'static str, &'static str)] {
    match acl {
        "public-read" => &[("AllUsers", "READ")],
        "public-read-write" => &[("AllUsers", "READ"), ("AllUsers", "WRITE")],
        "authenticated-read" => &[("AuthenticatedUsers", "READ")],
        _ => &[],
    }
}

/// What the ACL gives to anyone, whether it has effect or not.
fn written_grants(bucket: &Resource<'_>) -> Result<Vec<PublicGrant>, Unread> {
    let mut grants: Vec<PublicGrant> = canned(bucket.text("acl")?.unwrap_or_default())
        .iter()
        .map(|(group, permission)| PublicGrant { group, permission: (*permission).to_owned() })
        .collect();
    let plain = bucket.get("grant")?;
    let policy = bucket.get("access_control_policy")?;
    plain.complete()?;
    policy.complete()?;
    for grant in plain.as_list()?.into_iter().chain(policy.list("grant")?) {
        let uri = grant.text("uri")?.or(grant.text("grantee.uri")?).unwrap_or_default();
        let Some(group) = group(uri) else { continue };
        for permission in grant.texts("permissions")?.into_iter().chain(grant.text("permission")?) {
            grants.push(PublicGrant { group, permission: permission.to_owned() });
        }
    }
    Ok(grants)
}

/// What the ACL gives to anyone: nothing where ACLs are off or public ones are ignored.
pub(super) fn public_grants(bucket: &Resource<'_>) -> Result<Vec<PublicGrant>, Unread> {
    let grants = written_grants(bucket)?;
    let disabled = bucket.text(OWNERSHIP)? == Some("BucketOwnerEnforced");
    let ignored = bucket.flag("public_access_block.ignore_public_acls")?;
    Ok(if disabled || ignored { Vec::new() } else { grants })
}

fn no_grant_of(bucket: &Resource<'_>, permissions: &[&str]) -> Outcome {
    let grants = public_grants(bucket)?;
    match grants.iter().find(|grant| permissions.contains(&grant.permission.as_str())) {
        Some(grant) => fail(grant.to_string()),
        None => pass(),
    }
}

pub(super) const ACL_PROHIBITED: Check = Check {
    id: "s3_bucket_acl_prohibited",
    title: "Bucket has ACLs switched off",
    description: "Object ownership must be BucketOwnerEnforced, which switches ACLs off for the bucket and its \
        objects.",
    risk: "ACLs give access beside the policies people review, object by object, and objects may belong to other \
        accounts.",
    severity: Severity::Medium,
    kinds: BUCKET,
    reads: &["ownership_controls"],
    categories: &["identity"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Move what the ACLs allow into the bucket policy, then set object ownership to BucketOwnerEnforced.",
        url: URL,
        command: COMMAND,
        terraform: TERRAFORM,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|bucket| match bucket.text(OWNERSHIP)? {
        Some("BucketOwnerEnforced") => pass(),
        Some(other) => fail(format!("object ownership is {other}, so ACLs have effect")),
        None => fail("no object ownership is set"),
    }),
};

pub(super) const PUBLIC_LIST_ACL: Check = Check {
    id: "s3_bucket_public_list_acl",
    title: "Bucket cannot be listed by anyone through its ACL",
    description: "No ACL in effect may give READ, READ_ACP or FULL_CONTROL to all users or to all authenticated users.",
    risk: "A listing tells strangers every object name, and with it what to fetch, guess or sell.",
    severity: Severity::Critical,
    kinds: BUCKET,
    reads: READS,
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make the ACL private or switch ACLs off, and block public access.",
        url: URL,
        command: COMMAND,
        terraform: TERRAFORM,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|bucket| no_grant_of(bucket, &["READ", "READ_ACP", "FULL_CONTROL"])),
};

pub(super) const PUBLIC_WRITE_ACL: Check = Check {
    id: "s3_bucket_public_write_acl",
    title: "Bucket cannot be written by anyone through its ACL",
    description: "No ACL in effect may give WRITE, WRITE_ACP or FULL_CONTROL to all users or to all authenticated \
        users.",
    risk: "Strangers can replace and delete data, host malware, or run up the bill.",
    severity: Severity::Critical,
    kinds: BUCKET,
    reads: READS,
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Make the ACL private or switch ACLs off, and block public access.",
        url: URL,
        command: COMMAND,
        terraform: TERRAFORM,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|bucket| no_grant_of(bucket, &["WRITE", "WRITE_ACP", "FULL_CONTROL"])),
};
