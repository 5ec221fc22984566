use plumbline::prelude::*;
use plumbline::serde_json::Value as Json;
use plumbline::testing::{json, resource};

use super::buckets;
use super::coverage::*;
use super::events::*;
use super::integrity::*;
use super::{CHECKS, TRAIL};
use crate::cases::{account, fails, passes, run, skips};

fn whole(check: &Check, trail: Json) -> Outcome {
    account(check, &[(TRAIL, "t", trail)], &[]).remove(0).1
}

fn objects(more: &[Json]) -> Json {
    let mut fields = vec![
        json!({"field": "eventCategory", "equals": ["Data"]}),
        json!({"field": "resources.type", "equals": ["AWS::S3::Object"]}),
    ];
    fields.extend_from_slice(more);
    json!({"advanced_event_selector": [{"name": "a", "field_selector": fields}]})
}

#[test]
fn a_trail_is_judged_by_its_settings() {
    passes(&KMS, TRAIL, json!({"kms_key_id": "arn"}));
    fails(&KMS, TRAIL, json!({}), "no KMS key");
    passes(&VALIDATION, TRAIL, json!({"enable_log_file_validation": true}));
    fails(&VALIDATION, TRAIL, json!({}), "validation is off");
    passes(&CLOUDWATCH, TRAIL, json!({"cloud_watch_logs_group_arn": "arn"}));
    fails(&CLOUDWATCH, TRAIL, json!({"cloud_watch_logs_group_arn": ""}), "no CloudWatch");
    passes(&INSIGHTS, TRAIL, json!({"insight_selector": [{"insight_type": "ApiCallRateInsight"}]}));
    fails(&INSIGHTS, TRAIL, json!({}), "no insight selector");
    skips(&INSIGHTS, TRAIL, json!({"enable_logging": false}));
}

#[test]
fn one_multi_region_trail_covers_the_account() {
    let on = json!({"is_multi_region_trail": true});
    for check in [&MULTI_REGION, &MANAGEMENT_EVENTS] {
        assert_eq!(whole(check, on.clone()), pass(), "{}", check.id);
        assert!(matches!(whole(check, json!({})), Ok(Verdict::Fail(_))));
        assert!(matches!(
            whole(check, json!({"is_multi_region_trail": true, "enable_logging": false})),
            Ok(Verdict::Fail(_))
        ));
        assert!(matches!(account(check, &[], &[]).remove(0).1, Ok(Verdict::Fail(_))));
        assert!(account(check, &[], &[(TRAIL, "denied")]).remove(0).1.is_err());
        let hidden = resource(TRAIL, on.clone()).gap("enable_logging", "denied").build();
        assert!(run(check, &[hidden], &[]).remove(0).1.is_err());
    }
}

#[test]
fn management_events_are_recorded_in_full() {
    let with = |mut selectors: Json| {
        selectors["is_multi_region_trail"] = json!(true);
        whole(&MANAGEMENT_EVENTS, selectors)
    };
    assert_eq!(
        with(json!({"event_selector": [{"read_write_type": "All", "include_management_events": true}]})),
        pass()
    );
    let management = json!({"field": "eventCategory", "equals": ["Management"]});
    assert_eq!(with(json!({"advanced_event_selector": [{"field_selector": [management]}]})), pass());
    for less in [
        json!({"event_selector": [{"read_write_type": "WriteOnly"}]}),
        json!({"event_selector": [{"include_management_events": false}]}),
        json!({"advanced_event_selector": [{"field_selector": [management, {"field": "readOnly",
            "equals": ["true"]}]}]}),
        json!({"advanced_event_selector": [{"field_selector": [management, {"field": "eventSource",
            "not_equals": ["kms.amazonaws.com"]}]}]}),
        objects(&[]),
    ] {
        assert!(matches!(with(less.clone()), Ok(Verdict::Fail(_))), "{less}");
    }
}

#[test]
fn objects_are_recorded_by_reading_and_writing() {
    let basic = |kind: &str, arn: &str| {
        json!({"event_selector": [{
            "read_write_type": kind, "data_resource": [{"type": "AWS::S3::Object", "values": [arn]}],
        }]})
    };
    let read_only = json!({"field": "readOnly", "equals": ["true"]});
    for (trail, read, write) in [
        (basic("All", "arn:aws:s3"), true, true),
        (basic("All", "arn:aws-cn:s3:::"), true, true),
        (basic("ReadOnly", "arn:aws:s3:::*/*"), true, false),
        (basic("WriteOnly", "arn:aws:s3"), false, true),
        (basic("All", "arn:aws:s3:::one/"), false, false),
        (objects(&[]), true, true),
        (objects(&[read_only]), true, false),
        (objects(&[json!({"field": "resources.ARN", "starts_with": ["arn:aws:s3:::one/"]})]), false, false),
        (json!({}), false, false),
    ] {
        assert_eq!(whole(&S3_READ, trail.clone()) == pass(), read, "{trail}");
        assert_eq!(whole(&S3_WRITE, trail.clone()) == pass(), write, "{trail}");
        let mut off = trail;
        off["enable_logging"] = json!(false);
        assert!(matches!(whole(&S3_READ, off), Ok(Verdict::Fail(_))));
    }
    assert!(account(&S3_READ, &[], &[(TRAIL, "denied")]).remove(0).1.is_err());
    let hidden = resource(TRAIL, json!({})).gap("event_selector", "denied").build();
    assert!(run(&S3_WRITE, &[hidden], &[]).remove(0).1.is_err());
}

#[test]
fn the_bucket_of_a_trail_is_found_and_judged() {
    let trail = (TRAIL, "t", json!({"s3_bucket_name": "logs"}));
    let verdict =
        |check: &Check, bucket: Json| account(check, &[trail.clone(), ("aws_s3_bucket", "b", bucket)], &[]).remove(0).1;
    let good = json!({
        "bucket": "logs", "logging": [{"target_bucket": "x"}], "versioning": [{"enabled": true, "mfa_delete": true}],
    });
    for check in [&buckets::ACCESS_LOGGING, &buckets::NOT_PUBLIC, &buckets::MFA_DELETE] {
        assert!(CHECKS.iter().any(|known| known.id == check.id));
        assert_eq!(verdict(check, good.clone()), pass(), "{}", check.id);
        assert!(matches!(verdict(check, json!({"bucket": "logs", "acl": "public-read"})),
                Ok(Verdict::Fail(message)) if message.starts_with("bucket logs: ")));
        assert!(matches!(verdict(check, json!({"bucket": "other"})), Ok(Verdict::Manual(_))));
        let denied = account(check, std::slice::from_ref(&trail), &[("aws_s3_bucket", "denied")]);
        assert!(denied[0].1.is_err());
        let untold = account(check, &[(TRAIL, "t", json!({}))], &[]);
        assert!(untold[0].1.is_err());
        let none = account(check, &[], &[]);
        assert!(matches!(&none[0], (Subject::Account, Ok(Verdict::NotApplicable(_)))));
    }
}
