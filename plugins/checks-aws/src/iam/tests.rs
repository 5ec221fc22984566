use plumbline::prelude::*;
use plumbline::serde_json::Value as Json;
use plumbline::testing::{json, resource};

use super::*;
use crate::cases::{account, fails, passes, skips, unread};

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

fn allowing(action: &str, on: &str) -> Json {
    json!({"Statement": [{"Effect": "Allow", "Action": action, "Resource": on}]})
}

fn managed(policy: Json) -> Json {
    json!({ "policy": policy })
}

fn inline(policy: &Json) -> Json {
    json!({"inline_policy": [{"name": "extra", "policy": policy.to_string()}]})
}

fn trusting(principal: Json, condition: Json) -> Json {
    json!({"path": "/", "assume_role_policy": {"Statement": [{
        "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition,
    }]}})
}

/// A pair of checks that ask the same of managed and of inline policies.
fn pair(managed_check: &Check, inline_check: &Check, good: Json, bad: Json, message: &str) {
    passes(managed_check, "aws_iam_policy", managed(good.clone()));
    fails(managed_check, "aws_iam_policy", managed(bad.clone()), message);
    unread(managed_check, "aws_iam_policy", managed(json!("{")), "policy");
    for kind in IDENTITIES {
        passes(inline_check, kind, inline(&good));
        passes(inline_check, kind, json!({"inline_policy": [{"name": "", "policy": ""}]}));
        fails(inline_check, kind, inline(&bad), "inline policy extra");
        fails(inline_check, kind, inline(&bad), message);
    }
    let hidden = resource("aws_iam_role", inline(&good)).gap("inline_policy.policy", "denied");
    assert!(hidden.verdict(inline_check).is_err());
}

#[test]
fn administrators_are_found_in_managed_and_inline_policies() {
    let (good, bad) = (allowing("s3:*", "*"), allowing("*", "*"));
    pair(
        &administrators::CUSTOMER_ATTACHED,
        &administrators::INLINE,
        good.clone(),
        bad.clone(),
        "allows * on every resource",
    );
    let unused = |policy: Json| json!({"policy": policy, "attachment_count": 0});
    skips(&administrators::CUSTOMER_ATTACHED, "aws_iam_policy", unused(bad.clone()));
    fails(&administrators::CUSTOMER_UNATTACHED, "aws_iam_policy", unused(bad.clone()), "every resource");
    passes(&administrators::CUSTOMER_UNATTACHED, "aws_iam_policy", unused(good));
    skips(&administrators::CUSTOMER_UNATTACHED, "aws_iam_policy", json!({"policy": bad, "attachment_count": 2}));
}

#[test]
fn wildcards_are_found() {
    for action in ["kms:Decrypt", "kms:ReEncrypt*", "kms:*", "*"] {
        pair(
            &wildcards::POLICY_DECRYPTION,
            &wildcards::INLINE_DECRYPTION,
            allowing(action, "arn:aws:kms:eu-central-1:123456789012:key/1"),
            allowing(action, "*"),
            "on every key",
        );
    }
    passes(&wildcards::POLICY_DECRYPTION, "aws_iam_policy", managed(allowing("kms:Encrypt", "*")));
    for (action, pattern) in [("s3:*", "s3:*"), ("*", "*"), ("*:*", "*:*")] {
        fails(&wildcards::SERVICE, "aws_iam_policy", managed(allowing(action, "arn:aws:s3:::b/*")), pattern);
    }
    for action in ["s3:Get*", "s3:GetObject"] {
        passes(&wildcards::SERVICE, "aws_iam_policy", managed(allowing(action, "*")));
    }
    let all_but = json!({"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]});
    fails(&wildcards::SERVICE, "aws_iam_policy", managed(all_but), "statement 1 allows NotAction");
    let denied = json!({"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]});
    passes(&wildcards::SERVICE, "aws_iam_policy", managed(denied));
}

#[test]
fn administrator_access_is_found_where_it_is_attached() {
    for (check, kind) in [
        (&administrators::AWS_ATTACHED, "aws_iam_user"),
        (&administrators::AWS_ATTACHED, "aws_iam_role"),
        (&administrators::AWS_ATTACHED, "aws_iam_group"),
        (&administrators::GROUP_ADMINISTRATOR, "aws_iam_group"),
        (&administrators::USER_ADMINISTRATOR, "aws_iam_user"),
        (&administrators::ROLE_ADMINISTRATOR, "aws_iam_role"),
    ] {
        passes(check, kind, json!({}));
        passes(check, kind, json!({"attached_policy_arns": ["arn:aws:iam::123456789012:policy/AdministratorAccess"]}));
        fails(check, kind, json!({"attached_policy_arns": [ADMINISTRATOR]}), "AdministratorAccess");
        fails(
            check,
            kind,
            json!({"attached_policy_arns": ["arn:aws-cn:iam::aws:policy/AdministratorAccess"]}),
            "Admin",
        );
    }
    let mut role = trusting(json!({"Service": "ec2.amazonaws.com"}), json!({}));
    role["attached_policy_arns"] = json!([ADMINISTRATOR]);
    skips(&administrators::ROLE_ADMINISTRATOR, "aws_iam_role", role);
    let mut shared = trusting(json!({"Service": "ec2.amazonaws.com", "AWS": "123456789012"}), json!({}));
    shared["attached_policy_arns"] = json!([ADMINISTRATOR]);
    fails(&administrators::ROLE_ADMINISTRATOR, "aws_iam_role", shared, "AdministratorAccess");
}

#[test]
fn escalations_are_found_in_managed_and_inline_policies() {
    let bad =
        json!({"Statement": [{"Effect": "Allow", "Action": ["iam:PassRole", "ec2:RunInstances"], "Resource": "*"}]});
    let message = "allows iam:passrole and ec2:runinstances, with which its holder starts an instance";
    pair(&escalation::MANAGED, &escalation::INLINE, allowing("ec2:RunInstances", "*"), bad, message);
}

#[test]
fn whole_services_are_found_in_managed_and_inline_policies() {
    let kms = allowing("kms:*", "*");
    pair(&services::POLICY_KMS, &services::INLINE_KMS, allowing("kms:Decrypt", "*"), kms.clone(), "all of kms");
    let trail = allowing("cloudtrail:*", "*");
    pair(&services::POLICY_CLOUDTRAIL, &services::INLINE_CLOUDTRAIL, kms.clone(), trail, "all of cloudtrail");
    let buying = allowing("aws-marketplace:Subscribe", "*");
    pair(&services::POLICY_MARKETPLACE, &services::INLINE_MARKETPLACE, kms, buying, "aws-marketplace:Subscribe");
}

#[test]
fn roles_to_assume_are_named() {
    let check = &escalation::ROLE_ASSUMPTION;
    passes(check, "aws_iam_policy", managed(allowing("sts:AssumeRole", "arn:aws:iam::123456789012:role/deploy")));
    passes(check, "aws_iam_policy", managed(allowing("sts:GetCallerIdentity", "*")));
    fails(check, "aws_iam_policy", managed(allowing("sts:AssumeRole", "*")), "sts:AssumeRole");
    fails(check, "aws_iam_policy", managed(allowing("sts:*", "arn:aws:iam::*:role/deploy")), "sts:*");
}

#[test]
fn users_have_no_policies_of_their_own() {
    let check = &attached::ONLY_GROUPS_OR_ROLES;
    passes(check, "aws_iam_user", json!({"groups": ["a"]}));
    fails(check, "aws_iam_user", json!({"attached_policy_arns": [ADMINISTRATOR]}), ADMINISTRATOR);
    fails(check, "aws_iam_user", inline(&allowing("s3:*", "*")), "inline policy extra");
}

#[test]
fn cloudshell_is_found_where_it_is_attached() {
    passes(&attached::CLOUDSHELL, "aws_iam_group", json!({"attached_policy_arns": [ADMINISTRATOR]}));
    let shell = json!({"attached_policy_arns": ["arn:aws:iam::aws:policy/AWSCloudShellFullAccess"]});
    fails(&attached::CLOUDSHELL, "aws_iam_group", shell, "AWSCloudShellFullAccess");
}

#[test]
fn reading_everything_is_not_for_other_accounts() {
    let check = &attached::CROSS_ACCOUNT_READ_ONLY;
    let role = |principal: &str| {
        let mut role = trusting(json!({ "AWS": principal }), json!({}));
        role["attached_policy_arns"] = json!(["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
        role
    };
    passes(check, "aws_iam_role", trusting(json!({"AWS": "111122223333"}), json!({})));
    passes(check, "aws_iam_role", role("arn:aws:iam::123456789012:root"));
    fails(check, "aws_iam_role", role("111122223333"), "trusts account 111122223333");
    fails(check, "aws_iam_role", role("*"), "trusts anyone");
}

#[test]
fn a_service_role_says_for_whom() {
    let check = &trust::CONFUSED_DEPUTY;
    let service = json!({"Service": ["sns.amazonaws.com"]});
    passes(
        check,
        "aws_iam_role",
        trusting(service.clone(), json!({"StringEquals": {"aws:SourceAccount": "123456789012"}})),
    );
    passes(check, "aws_iam_role", trusting(json!({"Service": "eks.amazonaws.com"}), json!({})));
    fails(check, "aws_iam_role", trusting(service.clone(), json!({})), "statement 1 trusts sns.amazonaws.com");
    fails(check, "aws_iam_role", trusting(service.clone(), json!({"StringLike": {"aws:SourceArn": "*"}})), "sns");
    fails(
        check,
        "aws_iam_role",
        trusting(service.clone(), json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),
        "sns",
    );
    skips(check, "aws_iam_role", trusting(json!({"AWS": "111122223333"}), json!({})));
    let mut linked = trusting(service, json!({}));
    linked["path"] = json!("/aws-service-role/sns.amazonaws.com/");
    skips(check, "aws_iam_role", linked);
    unread(check, "aws_iam_role", json!({}), "a role always has one");
}

#[test]
fn keys_are_young_and_single() {
    let key = |status: &str, created: &str| json!({"id": "AKIA1", "status": status, "create_date": created});
    let keys = |keys: &[Json]| json!({ "access_key": keys });
    passes(&keys::ROTATED, "aws_iam_user", json!({}));
    passes(&keys::ROTATED, "aws_iam_user", keys(&[key("Active", "2025-10-03T00:00:00Z")]));
    passes(&keys::ROTATED, "aws_iam_user", keys(&[key("Inactive", "2020-01-01T00:00:00Z")]));
    fails(&keys::ROTATED, "aws_iam_user", keys(&[key("Active", "2025-10-02T00:00:00Z")]), "AKIA1 is 91 days old");
    unread(&keys::ROTATED, "aws_iam_user", keys(&[key("Active", "")]), "when key AKIA1 was made");
    unread(&keys::ROTATED, "aws_iam_user", keys(&[key("Active", "yesterday")]), "no date");
    let (on, off) = (key("Active", "2025-12-01"), key("Inactive", "2025-12-01"));
    passes(&keys::TWO_ACTIVE, "aws_iam_user", keys(&[on.clone(), off]));
    fails(&keys::TWO_ACTIVE, "aws_iam_user", keys(&[on.clone(), on]), "2 access keys");
}

#[test]
fn a_console_password_wants_a_device() {
    let user = |devices: Json| json!({"login_profile": [{"create_date": "2025-01-01"}], "mfa_device": devices});
    passes(&mfa::CONSOLE, "aws_iam_user", user(json!([{"serial_number": "arn"}])));
    fails(&mfa::CONSOLE, "aws_iam_user", user(json!([])), "no MFA device");
    skips(&mfa::CONSOLE, "aws_iam_user", json!({}));
    let open = resource("aws_iam_user", json!({"login_profile": [{"create_date": "2025-01-01"}]}));
    assert!(matches!(open.verdict(&mfa::CONSOLE), Ok(Verdict::Manual(_))));
}

#[test]
fn certificates_expire_at_their_time() {
    let kind = "aws_iam_server_certificate";
    passes(&certificates::EXPIRED, kind, json!({"expiration": "2026-01-02T00:00:00Z"}));
    fails(&certificates::EXPIRED, kind, json!({"expiration": "2026-01-01T08:00:00Z"}), "it expires today");
    fails(&certificates::EXPIRED, kind, json!({"expiration": "2025-12-31T23:59:59Z"}), "it expired at 2025-12-31");
    fails(&certificates::EXPIRED, kind, json!({"expiration": "2026-01-01T00:00:00Z"}), "it expires today");
    unread(&certificates::EXPIRED, kind, json!({}), "when it expires");
}

#[test]
fn one_role_is_enough_and_an_unseen_one_proves_nothing() {
    let role = |name: &str| json!({"attached_policy_arns": [format!("arn:aws:iam::aws:policy/{name}")]});
    for (check, policy) in [(&presence::SUPPORT_ROLE, "AWSSupportAccess"), (&presence::AUDIT_ROLE, "SecurityAudit")] {
        let found = account(
            check,
            &[("aws_iam_role", "a", role("Other")), ("aws_iam_role", "b", role(policy))],
            &[("aws_iam_role", "denied")],
        );
        assert_eq!(found, [(Subject::Account, pass())]);
        let none = account(check, &[("aws_iam_role", "a", role("Other"))], &[]);
        assert_eq!(none, [(Subject::Account, fail(format!("no role has {policy} attached")))]);
        assert!(account(check, &[], &[("aws_iam_role", "denied")])[0].1.is_err());
    }
    let provider = [("aws_iam_saml_provider", "a", json!({}))];
    assert_eq!(account(&presence::SAML, &provider, &[])[0].1, pass());
    assert_eq!(account(&presence::SAML, &[], &[])[0].1, fail("the account has no SAML provider"));
    assert!(account(&presence::SAML, &[], &[("aws_iam_saml_provider", "denied")])[0].1.is_err());
}

#[test]
fn the_password_policy_is_judged_setting_by_setting() {
    let kind = "aws_iam_account_password_policy";
    for (check, good, bad, message) in [
        (&password::LENGTH, json!({"minimum_password_length": 14}), json!({"minimum_password_length": 13}), "is 13"),
        (&password::LOWERCASE, json!({"require_lowercase_characters": true}), json!({}), "require_lowercase"),
        (&password::UPPERCASE, json!({"require_uppercase_characters": true}), json!({}), "require_uppercase"),
        (
            &password::NUMBER,
            json!({"require_numbers": true}),
            json!({"require_numbers": false}),
            "require_numbers is off",
        ),
        (&password::SYMBOL, json!({"require_symbols": true}), json!({}), "require_symbols is off"),
        (&password::REUSE, json!({"password_reuse_prevention": 24}), json!({"password_reuse_prevention": 5}), "is 5"),
        (&password::EXPIRY, json!({"max_password_age": 90}), json!({"max_password_age": 91}), "91 days"),
        (&password::EXPIRY, json!({"max_password_age": 1}), json!({"max_password_age": 0}), "never expire"),
    ] {
        assert_eq!(account(check, &[(kind, "p", good)], &[])[0].1, pass(), "{}", check.id);
        let verdict = account(check, &[(kind, "p", bad)], &[]).remove(0).1;
        assert!(matches!(&verdict, Ok(Verdict::Fail(found)) if found.contains(message)), "{}: {verdict:?}", check.id);
        assert_eq!(account(check, &[], &[])[0].1, fail("the account has no password policy of its own"));
        assert!(account(check, &[], &[(kind, "denied")])[0].1.is_err());
        let hidden = resource(kind, json!({})).gap(check.reads[0], "denied").build();
        assert!(crate::cases::run(check, &[hidden], &[])[0].1.is_err());
    }
}

#[test]
fn the_root_user_has_mfa_no_key_and_no_work() {
    const SUMMARY: &str = "aws_iam_account_summary";
    let summary = |mfa: i64, keys: i64, device: &str| {
        json!({"account_mfa_enabled": mfa, "account_access_keys_present": keys, "account_password_present": 1,
            "root_virtual_mfa_device": device})
    };
    passes(&root::MFA, SUMMARY, summary(1, 0, ""));
    fails(&root::MFA, SUMMARY, summary(0, 0, ""), "no MFA device");
    skips(&root::MFA, SUMMARY, json!({"account_password_present": 0}));
    passes(&root::HARDWARE_MFA, SUMMARY, summary(1, 0, ""));
    fails(&root::HARDWARE_MFA, SUMMARY, summary(1, 0, "arn:aws:iam::1:mfa/root-account-mfa-device"), "virtual");
    fails(&root::HARDWARE_MFA, SUMMARY, summary(0, 0, ""), "no MFA device");
    skips(&root::HARDWARE_MFA, SUMMARY, json!({"account_password_present": 0}));
    passes(&root::NO_ACCESS_KEY, SUMMARY, summary(0, 0, ""));
    fails(&root::NO_ACCESS_KEY, SUMMARY, summary(0, 1, ""), "access key");
    // Verdicts are at 2026-01-01.
    let used = |date: &str| json!({"user": "<root_account>", "password_last_used": date});
    passes(&root::NO_USAGE, "aws_iam_credential_report", used("2025-12-30T10:00:00+00:00"));
    passes(&root::NO_USAGE, "aws_iam_credential_report", used(""));
    fails(&root::NO_USAGE, "aws_iam_credential_report", used("2025-12-31T10:00:00+00:00"), "1 days before");
    skips(&root::NO_USAGE, "aws_iam_credential_report", json!({"user": "alice"}));
}

#[test]
fn credentials_that_nobody_uses_are_found() {
    const ROW: &str = "aws_iam_credential_report";
    let key = |used: &str, made: &str| {
        json!({"user": "alice", "password_enabled": true, "access_key_1_active": false, "access_key_2_active": true,
            "access_key_2_last_used_date": used, "access_key_2_last_rotated": made})
    };
    passes(&unused::ACCESS_KEY, ROW, key("2025-12-01T00:00:00+00:00", "2020-01-01T00:00:00+00:00"));
    passes(&unused::ACCESS_KEY, ROW, key("", "2025-12-01T00:00:00+00:00"));
    fails(&unused::ACCESS_KEY, ROW, key("2025-11-01T00:00:00+00:00", ""), "access key 2 was not used for 61 days");
    fails(&unused::ACCESS_KEY, ROW, key("", ""), "never used");
    skips(&unused::ACCESS_KEY, ROW, json!({"user": "<root_account>"}));
    unread(&unused::ACCESS_KEY, ROW, key("yesterday", ""), "no date");
    passes(&unused::INITIAL_KEY, ROW, key("2020-01-01T00:00:00+00:00", ""));
    fails(&unused::INITIAL_KEY, ROW, key("", "2025-12-01T00:00:00+00:00"), "access key 2 was never used");
    skips(&unused::INITIAL_KEY, ROW, json!({"user": "bob", "password_enabled": false}));
    let password = |used: &str| json!({"user": "alice", "password_enabled": true, "password_last_used": used});
    passes(&unused::CONSOLE, ROW, password("2025-12-01T00:00:00+00:00"));
    fails(&unused::CONSOLE, ROW, password("2025-06-01T00:00:00+00:00"), "not used for 214 days");
    fails(&unused::CONSOLE, ROW, password(""), "never used");
    skips(&unused::CONSOLE, ROW, json!({"user": "bob", "password_enabled": false}));
}
