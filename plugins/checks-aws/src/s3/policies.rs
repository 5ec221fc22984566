//! Bucket policies.

use plumbline::prelude::*;

use super::acl::public_grants;
use super::{BUCKET, REFERENCES};
use crate::policy::{Effect, Policy, PrincipalKind, Selection, Statement};

pub(super) const CHECKS: &[&Check] = &[&PUBLIC_ACCESS, &POLICY_PUBLIC_WRITE, &SECURE_TRANSPORT, &CROSS_ACCOUNT_ACCESS];

/// The verbs of S3 actions that change nothing.
const READING: &[&str] = &["s3:get", "s3:list", "s3:describe", "s3:head"];

pub(crate) const PUBLIC_ACCESS: Check = Check {
    id: "s3_bucket_public_access",
    title: "Bucket is not public",
    description: "Neither an ACL in effect nor the bucket policy may give anything to anyone. The bucket's own \
        public access block is taken into account; the account's is not.",
    risk: "Whatever lies in the bucket can be read, or changed, by anyone who finds its name.",
    severity: Severity::Critical,
    kinds: BUCKET,
    reads: &["acl", "grant", "access_control_policy", "ownership_controls", "public_access_block", "policy"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Switch on Block Public Access for the bucket, then remove the statements and grants that let anyone in.",
        url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
        command: "aws s3api put-public-access-block --bucket BUCKET --public-access-block-configuration \
            BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
        terraform: r#"resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}"#,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|bucket| {
        if let Some(grant) = public_grants(bucket)?.first() {
            return fail(grant.to_string());
        }
        match effective_public(bucket, |_| true)? {
            Some(statement) => fail(format!("policy {}", statement.open_to_anyone())),
            None => pass(),
        }
    }),
};

/// The first public statement of the bucket policy that is `wanted`; none where the bucket restricts public policies.
fn effective_public(bucket: &Resource<'_>, wanted: fn(&Statement) -> bool) -> Result<Option<Statement>, Unread> {
    let restricted = bucket.flag("public_access_block.restrict_public_buckets")?;
    let policy = Policy::of(bucket, "policy")?;
    let found = policy.as_ref().and_then(|policy| policy.public_statements().find(|statement| wanted(statement)));
    Ok(found.filter(|_| !restricted).cloned())
}

fn writes(statement: &Statement) -> bool {
    match &statement.actions {
        Selection::Only(actions) => {
            actions.iter().any(|action| !READING.iter().any(|reading| action.starts_with(reading)))
        }
        Selection::Except(_) => true,
    }
}

pub(super) const POLICY_PUBLIC_WRITE: Check = Check {
    id: "s3_bucket_policy_public_write_access",
    title: "Bucket policy lets nobody unknown write",
    description: "No statement of the policy may allow anyone an action that does more than read, unless the bucket \
        restricts public policies.",
    risk: "Strangers can replace and delete data, host malware, or run up the bill.",
    severity: Severity::Critical,
    kinds: BUCKET,
    reads: &["policy", "public_access_block"],
    categories: &["internet-exposed"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Name the principals that have to write, and switch on RestrictPublicBuckets.",
        url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html",
        command: "aws s3api delete-bucket-policy --bucket BUCKET",
        terraform: r#"data "aws_iam_policy_document" "this" {
  statement {
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.this.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.writer.arn]
    }
  }
}"#,
        effort_minutes: 20,
    },
    rule: Rule::Resource(|bucket| match effective_public(bucket, writes)? {
        Some(statement) => fail(format!("policy {}", statement.open_to_anyone())),
        None => pass(),
    }),
};

pub(super) const SECURE_TRANSPORT: Check = Check {
    id: "s3_bucket_secure_transport_policy",
    title: "Bucket turns away requests without TLS",
    description: "The bucket policy must deny everyone every action on the bucket and on its objects where \
        aws:SecureTransport is false.",
    risk: "A client that speaks plain HTTP sends data and signed requests where anyone on the way can read them.",
    severity: Severity::Medium,
    kinds: BUCKET,
    reads: &["policy", "bucket"],
    categories: &["encryption"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Add a statement that denies s3:* to everyone on the bucket and its objects where aws:SecureTransport \
            is false.",
        url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
        command: "aws s3api put-bucket-policy --bucket BUCKET --policy file://policy.json",
        terraform: r#"statement {
  effect    = "Deny"
  actions   = ["s3:*"]
  resources = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
  principals {
    type        = "*"
    identifiers = ["*"]
  }
  condition {
    test     = "Bool"
    variable = "aws:SecureTransport"
    values   = ["false"]
  }
}"#,
        effort_minutes: 15,
    },
    rule: Rule::Resource(|bucket| {
        let Some(policy) = Policy::of(bucket, "policy")? else {
            return fail("there is no bucket policy, so requests without TLS are served");
        };
        let Some(name) = bucket.text("bucket")?.or(bucket.text("id")?) else {
            return Err(Unread { path: "bucket".to_owned(), reason: "the bucket has no name yet".to_owned() });
        };
        let message = format!("no statement denies everyone s3:* on {name} and its objects without TLS");
        pass_if(policy.requires_tls_on_bucket(name), message)
    }),
};

pub(super) const CROSS_ACCOUNT_ACCESS: Check = Check {
    id: "s3_bucket_cross_account_access",
    title: "Bucket policy lets in no other account",
    description: "No statement may allow anything to a principal of another AWS account, or to anyone, whatever its \
        conditions.",
    risk: "Data is only as safe as the other account, which nobody here watches.",
    severity: Severity::High,
    kinds: BUCKET,
    reads: &["policy"],
    categories: &["trust-boundaries"],
    references: REFERENCES,
    remediation: Remediation {
        text: "Remove the statement, or accept the sharing by muting the finding with its reason.",
        url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html",
        command: "aws s3api put-bucket-policy --bucket BUCKET --policy file://policy.json",
        terraform: r#"principals {
  type        = "AWS"
  identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
}"#,
        effort_minutes: 30,
    },
    rule: Rule::Resource(|bucket| {
        let Some(policy) = Policy::of(bucket, "policy")? else { return pass() };
        let own = bucket.account;
        for statement in policy.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            if statement.principals.include_anyone() && !statement.is_restricted() {
                return fail(format!("policy {}", statement.open_to_anyone()));
            }
            for principal in statement.principals.named(PrincipalKind::Aws) {
                match principal.account() {
                    Some(_) if own.is_empty() => {
                        let reason = "the bucket's own account is not known".to_owned();
                        return Err(Unread { path: "policy".to_owned(), reason });
                    }
                    Some(account) if account != own => {
                        return fail(format!("policy {} lets in account {account}", statement.label()));
                    }
                    _ => {}
                }
            }
        }
        pass()
    }),
};
