//! Plans to mend, from violations and recorded answers.

use std::collections::BTreeSet;

use checks_aws::CHECKS;
use plumbline::http::{Auth, Method, Scripted};
use plumbline::provider::{Error, write_document};
use plumbline::remediation::{Step, Violation};
use plumbline::serde_json::{Value as Json, json};
use provider_aws::remediation::{fixes, password, plan};

const ACCOUNT: &str = "123456789012";
const PASSWORD: &str = "iam_password_policy_symbol";

fn violation(check: &str, kind: &str, id: &str, region: &str, config: Json) -> Violation {
    let resource =
        json!([{"id": id, "kind": kind, "name": "one", "account": ACCOUNT, "region": region, "config": config}]);
    Violation {
        check: check.to_owned(),
        resource_id: id.to_owned(),
        account: ACCOUNT.to_owned(),
        region: region.to_owned(),
        resource: write_document(&resource),
    }
}

fn of_account(check: &str) -> Violation {
    let resource = write_document(&json!([]));
    Violation { resource, ..violation(check, "", ACCOUNT, "", json!({})) }
}

#[track_caller]
fn only(planned: Result<Option<Vec<Step>>, Error>) -> Step {
    let steps = planned.unwrap().unwrap();
    assert_eq!(steps.len(), 1);
    steps.into_iter().next().unwrap()
}

fn body(step: &Step) -> String {
    String::from_utf8(step.request.body.clone().unwrap_or_default()).unwrap()
}

fn told(policy: &str) -> Scripted {
    let body = "Action=GetAccountPasswordPolicy&Version=2010-05-08";
    let answer = json!([{"request": "POST https://iam.amazonaws.com/", "body": body, "status": 200, "answer": format!(
        "<GetAccountPasswordPolicyResponse><GetAccountPasswordPolicyResult><PasswordPolicy>{policy}</PasswordPolicy>\
         </GetAccountPasswordPolicyResult></GetAccountPasswordPolicyResponse>"
    )}]);
    Scripted::from_json(&answer.to_string())
}

#[test]
fn the_manifest_names_what_plans_do_and_nothing_else() {
    let manifest = include_str!("../../plugin.toml");
    let (_, listed) = manifest.split_once("writes = [").unwrap();
    let listed: BTreeSet<String> =
        listed.split(']').next().unwrap().split('"').skip(1).step_by(2).map(str::to_owned).collect();
    let done = fixes::FIXES.iter().map(|fix| fix.call.permission());
    let done: BTreeSet<String> = done.chain([password::UPDATE.permission()]).collect();
    assert_eq!(done, listed);
}

#[test]
fn every_fix_is_of_a_check_that_looks_at_what_it_mends() {
    let known = |id: &str| CHECKS.iter().find(|check| check.id == id);
    for fix in fixes::FIXES {
        let check = known(fix.check).unwrap_or_else(|| panic!("there is no check {}", fix.check));
        for kind in fix.kinds {
            assert!(check.kinds.contains(kind), "{} does not look at {kind}", fix.check);
        }
    }
    assert!(password::MENDED.iter().all(|id| known(id).is_some()));
}

#[test]
fn a_bucket_is_mended_where_it_is() {
    let config = json!({"bucket": "my.logs"});
    let found = violation("s3_bucket_object_versioning", "aws_s3_bucket", "arn:aws:s3:::my.logs", "eu-west-1", config);
    let step = only(plan(&Scripted::default(), &found));
    assert_eq!(step.action, "s3:PutBucketVersioning");
    assert_eq!(step.request.method, Method::Put);
    assert_eq!(step.request.url, "https://s3.eu-west-1.amazonaws.com/my.logs?versioning");
    assert!(body(&step).contains("<Status>Enabled</Status>") && step.change.contains("my.logs"), "{}", step.change);
    let Auth::AwsSigv4(signed) = step.request.auth else { panic!("it is not signed") };
    assert_eq!((signed.region.as_str(), signed.account.as_str()), ("eu-west-1", ACCOUNT));
}

#[test]
fn a_database_is_given_the_one_setting_and_no_other() {
    let found =
        violation("rds_instance_deletion_protection", "aws_db_instance", "arn:aws:rds:x", "eu-west-1", json!({}));
    let step = only(plan(&Scripted::default(), &found));
    let form = "Action=ModifyDBInstance&Version=2014-10-31&DBInstanceIdentifier=one&DeletionProtection=true";
    assert_eq!(body(&step), form);
}

#[test]
fn an_account_is_mended_without_a_resource() {
    let step = only(plan(&Scripted::default(), &of_account("s3_account_level_public_access_blocks")));
    assert_eq!(step.action, "s3:PutAccountPublicAccessBlock");
    assert!(step.request.url.starts_with("https://123456789012.s3-control.us-east-1.amazonaws.com/"));
}

#[test]
fn what_takes_more_than_a_setting_is_left_to_people() {
    let found = violation("s3_bucket_kms_encryption", "aws_s3_bucket", "arn:aws:s3:::a", "eu-west-1", json!({}));
    assert!(plan(&Scripted::default(), &found).unwrap().is_none());
    let expiry = of_account("iam_password_policy_expires_passwords_within_90_days_or_less");
    assert!(plan(&Scripted::default(), &expiry).unwrap().is_none());
}

#[test]
fn a_resource_that_lacks_its_name_gets_no_step() {
    let found = violation("s3_bucket_object_versioning", "aws_s3_bucket", "arn:aws:s3:::a", "eu-west-1", json!({}));
    assert!(matches!(plan(&Scripted::default(), &found), Err(Error::Invalid(_))));
}

#[test]
fn what_is_set_in_a_password_policy_stays_or_gets_stronger() {
    let present = told(
        "<MinimumPasswordLength>20</MinimumPasswordLength><MaxPasswordAge>60</MaxPasswordAge>\
         <AllowUsersToChangePassword>true</AllowUsersToChangePassword><HardExpiry>true</HardExpiry>",
    );
    let step = only(plan(&present, &of_account(PASSWORD)));
    let form = body(&step);
    for kept in [
        "AllowUsersToChangePassword=true",
        "HardExpiry=true",
        "MaxPasswordAge=60",
        "MinimumPasswordLength=20",
        "PasswordReusePrevention=24",
        "RequireSymbols=true",
    ] {
        assert!(form.contains(kept), "{kept}: {form}");
    }
    let other = only(plan(&present, &of_account("iam_password_policy_reuse_24")));
    assert_eq!(body(&other), form, "mending one check must not undo another");
}

#[test]
fn a_policy_that_is_strong_already_needs_no_step_and_one_that_cannot_be_read_gets_none() {
    let strong = told(
        "<MinimumPasswordLength>14</MinimumPasswordLength><PasswordReusePrevention>24</PasswordReusePrevention>\
         <RequireLowercaseCharacters>true</RequireLowercaseCharacters><RequireNumbers>true</RequireNumbers>\
         <RequireSymbols>true</RequireSymbols><RequireUppercaseCharacters>true</RequireUppercaseCharacters>",
    );
    assert_eq!(plan(&strong, &of_account(PASSWORD)).unwrap().unwrap().len(), 0);
    let mut denied = strong;
    denied.exchanges[0].status = 403;
    denied.exchanges[0].error_code = "AccessDenied".to_owned();
    assert!(matches!(plan(&denied, &of_account(PASSWORD)), Err(Error::Denied(_))));
}
