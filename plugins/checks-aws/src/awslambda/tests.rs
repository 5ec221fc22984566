use plumbline::prelude::*;
use plumbline::testing::{json, resource};

use super::access::*;
use super::environment::*;
use super::network::*;
use super::runtimes::*;
use super::tracing::*;
use crate::cases::{account, fails, passes, skips, unread};

const KIND: &str = "aws_lambda_function";

#[test]
fn functions_are_called_by_known_callers() {
    let policy = |principal: plumbline::serde_json::Value| {
        json!({"policy": {"Statement": [
            {"Sid": "call", "Effect": "Allow", "Principal": principal, "Action": "lambda:InvokeFunction",
                "Resource": "arn"},
        ]}})
    };
    passes(&NOT_PUBLIC, KIND, json!({}));
    passes(&NOT_PUBLIC, KIND, policy(json!({"Service": "s3.amazonaws.com"})));
    fails(&NOT_PUBLIC, KIND, policy(json!("*")), "statement 1 (call) allows lambda:InvokeFunction to anyone");
    unread(&NOT_PUBLIC, KIND, json!({"policy": "{"}), "policy");
}

#[test]
fn addresses_ask_who_calls_and_name_origins() {
    let url = |auth: &str, origin: &str| {
        json!({"function_url": [{"authorization_type": auth,
        "cors": [{"allow_origins": [origin]}]}]})
    };
    let good = resource(KIND, url("AWS_IAM", "https://example.com"));
    assert_eq!(good.verdict(&URL_PUBLIC), pass());
    assert_eq!(good.verdict(&URL_CORS), pass());
    assert!(good.clone().gap("function_url", "denied").verdict(&URL_PUBLIC).is_err());
    assert!(good.clone().gap("function_url.authorization_type", "denied").verdict(&URL_PUBLIC).is_err());
    assert!(good.gap("function_url.cors", "denied").verdict(&URL_CORS).is_err());
    fails(&URL_PUBLIC, KIND, url("NONE", "*"), "authorization type is NONE");
    fails(&URL_CORS, KIND, url("AWS_IAM", "*"), "every origin");
    skips(&URL_PUBLIC, KIND, json!({}));
    skips(&URL_CORS, KIND, json!({"function_url": []}));
    fails(&URL_PUBLIC, "aws_lambda_function_url", json!({"authorization_type": "NONE"}), "NONE");
    unread(&URL_PUBLIC, "aws_lambda_function_url", json!({}), "always has one");
}

#[test]
fn variables_hold_no_secrets_and_have_a_key() {
    let variables = |name: &str, value: &str| json!({"environment": [{"variables": {name: value}}]});
    passes(&NO_SECRETS, KIND, json!({}));
    passes(&NO_SECRETS, KIND, variables("TABLE", "orders"));
    fails(&NO_SECRETS, KIND, variables("DB_PASSWORD", "hunter2-hunter2"), "variable DB_PASSWORD holds");
    let hidden =
        resource(KIND, json!({"environment": [{"variables": {}}]})).gap("environment.variables.TOKEN", "sensitive");
    assert!(hidden.verdict(&NO_SECRETS).is_err());
    let mut keyed = variables("TABLE", "orders");
    keyed["kms_key_arn"] = json!("arn");
    passes(&OWN_KEY, KIND, keyed);
    fails(&OWN_KEY, KIND, variables("TABLE", "orders"), "no KMS key");
    skips(&OWN_KEY, KIND, json!({}));
}

#[test]
fn functions_stand_in_subnets_of_two_zones() {
    let inside = |subnets: &[&str]| json!({"vpc_config": [{"subnet_ids": subnets}]});
    passes(&INSIDE_VPC, KIND, inside(&["subnet-a"]));
    fails(&INSIDE_VPC, KIND, json!({"vpc_config": []}), "no VPC subnet");
    let subnet = |id: &str, zone: &str| ("aws_subnet", "s", json!({"id": id, "availability_zone": zone}));
    let verdict = |subnets: &[&str]| {
        account(
            &MULTI_AZ,
            &[(KIND, "f", inside(subnets)), subnet("a", "1a"), subnet("b", "1b"), subnet("c", "1a")],
            &[],
        )
        .remove(0)
        .1
    };
    assert_eq!(verdict(&["a", "b"]), pass());
    assert_eq!(verdict(&["a", "c"]), fail("its 2 subnets lie in 1 zone"));
    assert!(verdict(&["a", "unknown"]).is_err());
    assert!(matches!(verdict(&[]), Ok(Verdict::NotApplicable(_))));
}

#[test]
fn runtimes_end_at_their_date() {
    passes(&SUPPORTED, KIND, json!({"runtime": "python3.13"}));
    fails(&SUPPORTED, KIND, json!({"runtime": "python3.9"}), "runtime python3.9 is deprecated since 2025-12-15");
    fails(&SUPPORTED, KIND, json!({"runtime": "nodejs4.3-edge"}), "2019-04-30");
    skips(&SUPPORTED, KIND, json!({"package_type": "Image"}));
    unread(&SUPPORTED, KIND, json!({}), "always has one");
    let unknown = resource(KIND, json!({"runtime": "cobol1.x"})).verdict(&SUPPORTED);
    assert!(matches!(unknown, Ok(Verdict::Manual(_))));
}

#[test]
fn failed_events_are_kept() {
    passes(&DEAD_LETTERS, KIND, json!({"dead_letter_config": [{"target_arn": "arn"}]}));
    fails(&DEAD_LETTERS, KIND, json!({}), "no dead-letter target");
}

#[test]
fn calls_are_recorded_by_a_trail() {
    let function = (KIND, "f", json!({"arn": "arn:aws:lambda:eu-central-1:1:function:f"}));
    let trail = |value: &str| {
        (
            "aws_cloudtrail",
            "t",
            json!({"event_selector": [{
                "data_resource": [{"type": "AWS::Lambda::Function", "values": [value]}],
            }]}),
        )
    };
    let verdict = |value: &str| account(&RECORDED, &[function.clone(), trail(value)], &[]).remove(0).1;
    assert_eq!(verdict("arn:aws:lambda"), pass());
    assert_eq!(verdict("arn:aws:lambda:eu-central-1:1:function:f"), pass());
    assert_eq!(verdict("arn:aws:lambda:eu-central-1:1:function:g"), fail("no trail records its calls"));
    assert!(account(&RECORDED, std::slice::from_ref(&function), &[("aws_cloudtrail", "denied")]).remove(0).1.is_err());
}
