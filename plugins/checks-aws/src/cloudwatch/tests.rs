//! CloudWatch.

use plumbline::prelude::*;
use plumbline::serde_json::Value as Json;
use plumbline::testing::json;

use super::log_groups::{KMS, PUBLIC, RETENTION};
use super::metric_alarms::{ACTIONS_ENABLED, ALARM_ACTIONS};
use super::watched::{KMS_KEYS, ROOT_USAGE, TRAILS};
use crate::cases::{account, fails, passes, unread};

const GROUP: &str = "aws_cloudwatch_log_group";
const ALARM: &str = "aws_cloudwatch_metric_alarm";
const POLICY: &str = "aws_cloudwatch_log_resource_policy";
const STOPPED: &str = "{ ($.eventName = StopLogging) || ($.eventName = StartLogging) }";
const CHANGED: &str = "{ $.eventName = *Trail }";

fn trail(account: &str) -> (&'static str, &'static str, Json) {
    let arn = format!("arn:aws:logs:eu-central-1:{account}:log-group:trail:*");
    ("aws_cloudtrail", "trail", json!({"is_multi_region_trail": true, "cloud_watch_logs_group_arn": arn}))
}

fn filter(name: &'static str, pattern: &str) -> (&'static str, &'static str, Json) {
    let config = json!({
        "log_group_name": "trail", "pattern": pattern,
        "metric_transformation": [{"name": name, "namespace": "CIS", "value": "1"}],
    });
    ("aws_cloudwatch_log_metric_filter", name, config)
}

fn alarm(metric: &'static str) -> (&'static str, &'static str, Json) {
    (ALARM, metric, json!({"metric_name": metric, "namespace": "CIS", "alarm_actions": ["arn:aws:sns:x:1:security"]}))
}

/// An account with one filter of this pattern and its alarm.
pub(super) fn monitored(pattern: &str) -> [(&'static str, &'static str, Json); 3] {
    [trail("123456789012"), filter("watched", pattern), alarm("watched")]
}

fn verdict(check: &Check, resources: &[(&str, &str, Json)], gaps: &[(&str, &str)]) -> Outcome {
    account(check, resources, gaps).remove(0).1
}

fn failure(check: &Check, resources: &[(&str, &str, Json)]) -> String {
    match verdict(check, resources, &[]) {
        Ok(Verdict::Fail(message)) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn log_groups_are_encrypted_kept_and_closed() {
    passes(&KMS, GROUP, json!({"kms_key_id": "arn:aws:kms:x:1:key/a"}));
    fails(&KMS, GROUP, json!({}), "no KMS key");
    for good in [json!({"retention_in_days": 365}), json!({"retention_in_days": 0}), json!({})] {
        passes(&RETENTION, GROUP, good);
    }
    fails(&RETENTION, GROUP, json!({"retention_in_days": 30}), "30");
    let policy = |principal: Json| {
        let statement =
            json!({"Effect": "Allow", "Principal": principal, "Action": "logs:PutLogEvents", "Resource": "*"});
        json!({"policy_document": {"Version": "2012-10-17", "Statement": [statement]}})
    };
    passes(&PUBLIC, POLICY, policy(json!({"Service": "es.amazonaws.com"})));
    fails(&PUBLIC, POLICY, policy(json!("*")), "to anyone");
    unread(&PUBLIC, POLICY, json!({"policy_document": "{"}), "JSON");
}

#[test]
fn alarms_are_heard() {
    passes(&ACTIONS_ENABLED, ALARM, json!({}));
    fails(&ACTIONS_ENABLED, ALARM, json!({"actions_enabled": false}), "actions_enabled");
    passes(&ALARM_ACTIONS, ALARM, json!({"alarm_actions": ["arn:aws:sns:x:1:t"]}));
    fails(&ALARM_ACTIONS, ALARM, json!({"alarm_actions": []}), "alarm_actions");
}

#[test]
fn several_filters_may_share_the_events() {
    let shared = [trail("123456789012"), filter("a", STOPPED), filter("b", CHANGED), alarm("a"), alarm("b")];
    assert_eq!(verdict(&TRAILS, &shared, &[]), pass());
    let message = failure(&TRAILS, &shared[..4]);
    assert!(message.contains("CreateTrail, UpdateTrail, DeleteTrail") && message.contains("filter b"), "{message}");
    assert!(failure(&TRAILS, &monitored(STOPPED)).contains("nobody is told of CreateTrail"));
}

#[test]
fn a_filter_that_leaves_events_out_does_not_count() {
    let narrowed =
        "{ ($.eventName = DisableKey || $.eventName = ScheduleKeyDeletion) && $.userIdentity.type = \"Root\" }";
    assert!(failure(&KMS_KEYS, &monitored(narrowed)).contains("DisableKey"));
    let without_service_calls = "{ $.userIdentity.type = Root && $.eventType = AwsApiCall }";
    assert!(failure(&ROOT_USAGE, &monitored(without_service_calls)).contains("a sign-in by root"));
}

#[test]
fn an_alarm_without_action_or_elsewhere_does_not_count() {
    let [trail, filter, _] = monitored("{ $.eventName = * }");
    let mute = (ALARM, "watched", json!({"metric_name": "watched", "namespace": "CIS", "alarm_actions": []}));
    let other = (ALARM, "watched", json!({"metric_name": "watched", "namespace": "B", "alarm_actions": ["x"]}));
    for alarm in [mute, other] {
        assert!(failure(&TRAILS, &[trail.clone(), filter.clone(), alarm]).contains("no alarm"));
    }
}

#[test]
fn without_a_trail_of_all_regions_nobody_is_told() {
    let single =
        ("aws_cloudtrail", "t", json!({"cloud_watch_logs_group_arn": "arn:aws:logs:eu-central-1:1:log-group:trail:*"}));
    assert!(
        failure(&TRAILS, &[single, filter("watched", "{ $.eventName = * }"), alarm("watched")]).contains("no trail")
    );
    assert!(failure(&TRAILS, &[]).contains("no trail"));
}

#[test]
fn what_cannot_be_seen_is_not_passed() {
    for kind in super::monitoring::KINDS {
        assert!(verdict(&TRAILS, &[], &[(kind, "denied")]).is_err(), "{kind}");
    }
    let elsewhere = verdict(&TRAILS, &[trail("999999999999")], &[]);
    assert!(matches!(elsewhere, Ok(Verdict::Manual(message)) if message.contains("999999999999")));
    let strange = verdict(&TRAILS, &monitored("{ $.eventName = %Trail% }"), &[]);
    assert!(matches!(strange, Ok(Verdict::Manual(message)) if message.contains("watched")));
}

#[test]
fn one_good_filter_is_enough_whatever_else_could_not_be_listed() {
    let everything = monitored("{ $.eventName = * }");
    assert_eq!(verdict(&TRAILS, &everything, &[("aws_cloudwatch_log_metric_filter", "denied")]), pass());
}
