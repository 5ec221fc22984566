use plumbline::prelude::*;
use plumbline::testing::{json, resource};

use super::access_block::*;
use super::acl::*;
use super::encryption::*;
use super::monitoring::*;
use super::policies::*;
use super::protection::*;
use super::replication::*;
use crate::cases::{account, fails, passes, run, unread};

const BUCKET: &str = "aws_s3_bucket";

fn encrypted(algorithm: &str) -> plumbline::serde_json::Value {
    json!({"server_side_encryption_configuration": [{"rule": [{
        "apply_server_side_encryption_by_default": [{"sse_algorithm": algorithm, "kms_master_key_id": ""}],
        "bucket_key_enabled": true,
    }]}]})
}

fn block(on: bool) -> plumbline::serde_json::Value {
    json!([{"block_public_acls": on, "block_public_policy": on, "ignore_public_acls": on,
        "restrict_public_buckets": on}])
}

fn public_read(action: &str) -> plumbline::serde_json::Value {
    json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "arn:aws:s3:::b/*"}]})
}

#[test]
fn encryption_is_judged_by_its_algorithm() {
    passes(&DEFAULT_ENCRYPTION, BUCKET, encrypted("AES256"));
    passes(&DEFAULT_ENCRYPTION, BUCKET, encrypted("aws:kms"));
    fails(&DEFAULT_ENCRYPTION, BUCKET, json!({}), "no default encryption rule");
    fails(&DEFAULT_ENCRYPTION, BUCKET, encrypted("rot13"), "rot13");
    passes(&KMS_ENCRYPTION, BUCKET, encrypted("aws:kms"));
    passes(&KMS_ENCRYPTION, BUCKET, encrypted("aws:kms:dsse"));
    fails(&KMS_ENCRYPTION, BUCKET, encrypted("AES256"), "default encryption is AES256");
    fails(&KMS_ENCRYPTION, BUCKET, json!({}), "no default encryption rule");
}

#[test]
fn a_public_access_block_is_all_four_settings() {
    passes(&BUCKET_BLOCK, BUCKET, json!({"public_access_block": block(true)}));
    fails(&BUCKET_BLOCK, BUCKET, json!({}), "no public access block");
    fails(&BUCKET_BLOCK, BUCKET, json!({"public_access_block": block(false)}), "these are off: block_public_acls");
    let one = json!({"public_access_block": [{"block_public_acls": true, "ignore_public_acls": true,
        "block_public_policy": true}]});
    fails(&BUCKET_BLOCK, BUCKET, one, "this is off: restrict_public_buckets");
    let points = "aws_s3_access_point";
    passes(&ACCESS_POINT_BLOCK, points, json!({}));
    passes(&ACCESS_POINT_BLOCK, points, json!({"public_access_block_configuration": block(true)}));
    let open = json!({"public_access_block_configuration": [{"ignore_public_acls": false}]});
    fails(&ACCESS_POINT_BLOCK, points, open, "ignore_public_acls");
}

#[test]
fn the_account_is_blocked_by_its_own_block() {
    let kind = "aws_s3_account_public_access_block";
    let on = block(true)[0].clone();
    assert_eq!(account(&ACCOUNT_BLOCK, &[(kind, "a", on.clone())], &[]), [(Subject::Account, pass())]);
    let none = account(&ACCOUNT_BLOCK, &[], &[]);
    assert_eq!(none, [(Subject::Account, fail("the account has no public access block"))]);
    let off = account(&ACCOUNT_BLOCK, &[(kind, "a", json!({"block_public_acls": true}))], &[]);
    assert!(matches!(&off[0].1, Ok(Verdict::Fail(message)) if message.contains("ignore_public_acls")));
    assert!(account(&ACCOUNT_BLOCK, &[], &[(kind, "denied")])[0].1.is_err());
    let unknown = resource(kind, on).gap("ignore_public_acls", "unknown").build();
    assert!(run(&ACCOUNT_BLOCK, &[unknown], &[])[0].1.is_err());
}

#[test]
fn acls_are_off_where_the_owner_is_enforced() {
    let owned = |by: &str| json!({"ownership_controls": [{"rule": [{"object_ownership": by}]}]});
    passes(&ACL_PROHIBITED, BUCKET, owned("BucketOwnerEnforced"));
    fails(&ACL_PROHIBITED, BUCKET, owned("ObjectWriter"), "ObjectWriter");
    fails(&ACL_PROHIBITED, BUCKET, json!({}), "no object ownership");
}

#[test]
fn public_acls_fail_unless_they_have_no_effect() {
    let all = "http://acs.amazonaws.com/groups/global/AllUsers";
    let logs = "http://acs.amazonaws.com/groups/s3/LogDelivery";
    passes(&PUBLIC_LIST_ACL, BUCKET, json!({"acl": "private"}));
    passes(&PUBLIC_LIST_ACL, BUCKET, json!({"acl": "public-read", "public_access_block": block(true)}));
    let enforced = json!([{"rule": [{"object_ownership": "BucketOwnerEnforced"}]}]);
    passes(&PUBLIC_LIST_ACL, BUCKET, json!({"acl": "public-read", "ownership_controls": enforced}));
    passes(&PUBLIC_LIST_ACL, BUCKET, json!({"grant": [{"type": "Group", "uri": logs, "permissions": ["READ"]}]}));
    fails(&PUBLIC_LIST_ACL, BUCKET, json!({"acl": "public-read"}), "the ACL gives READ to AllUsers");
    fails(&PUBLIC_LIST_ACL, BUCKET, json!({"acl": "authenticated-read"}), "AuthenticatedUsers");
    let grant = json!({"grant": [{"uri": all, "permissions": ["READ_ACP"]}]});
    fails(&PUBLIC_LIST_ACL, BUCKET, grant, "READ_ACP");
    let policy = json!({"access_control_policy": [{"grant": [
        {"grantee": [{"id": "me", "type": "CanonicalUser"}], "permission": "FULL_CONTROL"},
        {"grantee": [{"uri": all, "type": "Group"}], "permission": "WRITE"},
    ]}]});
    fails(&PUBLIC_WRITE_ACL, BUCKET, policy, "WRITE");
    fails(&PUBLIC_WRITE_ACL, BUCKET, json!({"acl": "public-read-write"}), "the ACL gives WRITE to AllUsers");
    passes(&PUBLIC_WRITE_ACL, BUCKET, json!({"acl": "public-read"}));
}

#[test]
fn a_bucket_is_public_through_acl_or_policy() {
    passes(&PUBLIC_ACCESS, BUCKET, json!({}));
    passes(&PUBLIC_ACCESS, BUCKET, json!({"policy": public_read("s3:GetObject"), "public_access_block": block(true)}));
    fails(
        &PUBLIC_ACCESS,
        BUCKET,
        json!({"policy": public_read("s3:GetObject")}),
        "statement 1 allows s3:GetObject to anyone",
    );
    fails(&PUBLIC_ACCESS, BUCKET, json!({"acl": "public-read"}), "the ACL gives READ");
    unread(&PUBLIC_ACCESS, BUCKET, json!({"policy": "{"}), "policy");
    let half = json!({"policy": public_read("s3:GetObject"), "public_access_block": [{"block_public_policy": true}]});
    fails(&PUBLIC_ACCESS, BUCKET, half, "to anyone");
}

#[test]
fn public_writing_is_told_from_public_reading() {
    passes(&POLICY_PUBLIC_WRITE, BUCKET, json!({"policy": public_read("s3:Get*")}));
    passes(
        &POLICY_PUBLIC_WRITE,
        BUCKET,
        json!({"policy": public_read("s3:PutObject"), "public_access_block": block(true)}),
    );
    for action in ["s3:PutObject", "s3:*", "*", "s3:De*", "s3:ReplicateObject"] {
        fails(&POLICY_PUBLIC_WRITE, BUCKET, json!({"policy": public_read(action)}), "to anyone");
    }
    unread(&POLICY_PUBLIC_WRITE, BUCKET, json!({"policy": {"Statement": [{"Effect": "Allow"}]}}), "malformed policy");
}

#[test]
fn transport_is_secured_by_a_denial() {
    let deny = json!({"Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }]});
    passes(&SECURE_TRANSPORT, BUCKET, json!({"bucket": "b", "policy": deny}));
    passes(&SECURE_TRANSPORT, BUCKET, json!({"bucket": "b", "policy": deny.to_string()}));
    fails(&SECURE_TRANSPORT, BUCKET, json!({"bucket": "other", "policy": deny}), "no statement denies");
    fails(&SECURE_TRANSPORT, BUCKET, json!({"bucket": "b"}), "no bucket policy");
    unread(&SECURE_TRANSPORT, BUCKET, json!({"policy": deny}), "no name yet");
}

#[test]
fn other_accounts_are_told_from_the_own() {
    let to = |who: &str| {
        json!({"policy": {"Statement": {
            "Effect": "Allow", "Principal": {"AWS": who}, "Action": "s3:GetObject", "Resource": "*",
        }}})
    };
    passes(&CROSS_ACCOUNT_ACCESS, BUCKET, json!({}));
    passes(&CROSS_ACCOUNT_ACCESS, BUCKET, to("arn:aws:iam::123456789012:role/reader"));
    fails(&CROSS_ACCOUNT_ACCESS, BUCKET, to("arn:aws:iam::111122223333:root"), "account 111122223333");
    fails(&CROSS_ACCOUNT_ACCESS, BUCKET, to("*"), "anyone");
}

#[test]
fn protection_is_what_is_switched_on() {
    passes(&VERSIONING, BUCKET, json!({"versioning": [{"enabled": true}]}));
    fails(&VERSIONING, BUCKET, json!({"versioning": [{"enabled": false}]}), "versioning is off");
    fails(&VERSIONING, BUCKET, json!({}), "versioning is off");
    passes(&MFA_DELETE, BUCKET, json!({"versioning": [{"enabled": true, "mfa_delete": true}]}));
    fails(&MFA_DELETE, BUCKET, json!({"versioning": [{"enabled": true}]}), "MFA delete is off");
    passes(&OBJECT_LOCK, BUCKET, json!({"object_lock_enabled": true}));
    passes(&OBJECT_LOCK, BUCKET, json!({"object_lock_configuration": [{"object_lock_enabled": "Enabled"}]}));
    fails(&OBJECT_LOCK, BUCKET, json!({}), "object lock is off");
    passes(&LIFECYCLE, BUCKET, json!({"lifecycle_rule": [{"enabled": false}, {"enabled": true}]}));
    passes(&LIFECYCLE, BUCKET, json!({"lifecycle_rule": [{"status": "Enabled"}]}));
    fails(&LIFECYCLE, BUCKET, json!({"lifecycle_rule": [{"status": "Disabled"}]}), "no lifecycle rule is enabled");
    fails(&LIFECYCLE, BUCKET, json!({}), "there is no lifecycle rule");
    passes(&ACCESS_LOGGING, BUCKET, json!({"logging": [{"target_bucket": "logs"}]}));
    fails(&ACCESS_LOGGING, BUCKET, json!({"logging": []}), "server access logging is off");
}

#[test]
fn replication_counts_only_to_another_region() {
    let to = |bucket: &str| {
        json!({
            "bucket": "source", "versioning": [{"enabled": true}],
            "replication_configuration": [{"rule": [{"status": "Enabled",
                "destination": [{"bucket": format!("arn:aws:s3:::{bucket}")}]}]}],
        })
    };
    let near = resource(BUCKET, json!({"bucket": "near"})).with("id", "near").build();
    let far = resource(BUCKET, json!({"bucket": "far"})).with("id", "far").with("region", "us-east-1").build();
    let verdict = |source: plumbline::testing::Fixture, gaps: &[(&str, &str)]| {
        let source = source.with("id", "source").build();
        let outcomes = run(&CROSS_REGION, &[source, near.clone(), far.clone()], gaps);
        outcomes.into_iter().find(|(subject, _)| *subject == Subject::Resource("source".to_owned())).unwrap().1
    };
    assert_eq!(verdict(resource(BUCKET, to("far")), &[]), pass());
    assert_eq!(verdict(resource(BUCKET, to("near")), &[]), fail("every replica stays in eu-central-1"));
    assert!(matches!(verdict(resource(BUCKET, to("elsewhere")), &[]), Ok(Verdict::Manual(_))));
    assert_eq!(verdict(resource(BUCKET, json!({"bucket": "source"})), &[]), fail("no replication rule is enabled"));
    assert!(verdict(resource(BUCKET, to("far")).gap("replication_configuration", "denied"), &[]).is_err());
    let partly = run(&CROSS_REGION, std::slice::from_ref(&near), &[(BUCKET, "denied")]);
    assert!(partly.iter().any(|(subject, outcome)| *subject == Subject::Account && outcome.is_err()));
}

#[test]
fn events_are_told_by_the_bucket_or_by_a_resource_of_its_own() {
    let plain = (BUCKET, "b", json!({"bucket": "b"}));
    let telling = |bucket: &str| ("aws_s3_bucket_notification", "n", json!({"bucket": bucket, "eventbridge": true}));
    let verdict = |resources: &[(&str, &str, plumbline::serde_json::Value)], gaps: &[(&str, &str)]| {
        account(&EVENTS, resources, gaps).remove(0).1
    };
    let own = json!({"bucket": "b", "notification": [{"queue": [{"queue_arn": "arn"}]}]});
    assert_eq!(verdict(&[(BUCKET, "b", own)], &[]), pass());
    assert_eq!(verdict(&[plain.clone(), telling("b")], &[]), pass());
    assert_eq!(verdict(&[plain.clone(), telling("other")], &[]), fail("nobody is notified of events"));
    assert_eq!(verdict(std::slice::from_ref(&plain), &[]), fail("nobody is notified of events"));
    assert!(verdict(&[plain], &[("aws_s3_bucket_notification", "denied")]).is_err());
}
