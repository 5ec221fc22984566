//! What a preflight tries, and what it tells.

use std::collections::BTreeMap;

use plumbline::http::{Answer, Client, Request, Response, Scripted};
use plumbline::provider::{Collected, Target, write_document};
use plumbline::serde_json::json;
use provider_aws::collect::collect;
use provider_aws::planning::plan;
use provider_aws::preflight::KIND;
use provider_aws::services::SERVICES;

use crate::recorded::target;

/// The recording of a service. Its first bucket is one that was read with all its settings.
fn recorded(service: &str) -> Scripted {
    let mut recorded = crate::recorded::recorded(service);
    for exchange in &mut recorded.exchanges {
        if let Some(list) = exchange.answer.as_str().filter(|list| list.contains("<ListAllMyBucketsResult")) {
            exchange.answer = list.replace("<Name>plain</Name>", "<Name>full</Name>").into();
        }
    }
    recorded
}

/// By IAM action: the reason of the gap, empty where it was allowed.
fn tried(client: &dyn Client, target: &Target) -> BTreeMap<String, String> {
    let target = Target { settings: write_document(&json!({"preflight": true})), ..target.clone() };
    let mut collected = Collected::default();
    for task in plan(client, &target).unwrap() {
        collect(client, &target, &task, &mut collected).unwrap();
    }
    assert!(collected.resources.iter().all(|found| found.kind == KIND), "it emits resources");
    let told = collected.resources.into_iter().map(|found| {
        let gap = found.gaps.first();
        assert!(gap.is_none_or(|gap| gap.permission.as_ref().is_none_or(|permission| *permission == found.name)));
        (found.name, gap.map(|gap| gap.reason.clone()).unwrap_or_default())
    });
    told.collect()
}

/// Answers as a recording does, denies some operations, and counts what it is asked.
struct Denying<'a> {
    recorded: &'a dyn Client,
    denied: &'a str,
}

impl Client for Denying<'_> {
    fn send_all(&self, requests: &[Request]) -> Vec<Answer> {
        let answer = |request: &Request| -> Answer {
            if !request.url.contains(self.denied) {
                return self.recorded.send(request);
            }
            let error_code = "AccessDenied".to_owned();
            Ok(Response { status: 403, headers: Vec::new(), body: Vec::new(), error_code })
        };
        requests.iter().map(answer).collect()
    }
}

#[test]
fn a_preflight_tries_lists_and_the_details_of_the_first_and_names_what_is_denied() {
    let recorded = recorded("s3");
    let told = tried(&Denying { recorded: &recorded, denied: "?versioning" }, &target("s3", &["aws_s3_bucket"]));
    for allowed in ["sts:GetCallerIdentity", "ec2:DescribeRegions", "s3:ListAllMyBuckets", "s3:GetBucketAcl"] {
        assert_eq!(told.get(allowed).map(String::as_str), Some(""), "{told:?}");
    }
    // That nothing is set is an answer too.
    assert_eq!(told.get("s3:GetReplicationConfiguration").map(String::as_str), Some(""), "{told:?}");
    assert!(told["s3:GetBucketVersioning"].contains("is not allowed"), "{told:?}");
    assert!(!told.contains_key("organizations:ListAccounts") && !told.contains_key("s3:GetAccountPublicAccessBlock"));
}

#[test]
fn what_there_is_nothing_to_try_on_is_not_told() {
    let recorded = recorded("s3");
    let told = tried(&Denying { recorded: &recorded, denied: "?max-buckets" }, &target("s3", &["aws_s3_bucket"]));
    assert!(told["s3:ListAllMyBuckets"].contains("is not allowed"), "{told:?}");
    assert!(!told.contains_key("s3:GetBucketAcl"), "{told:?}");
}

#[test]
fn every_service_can_be_tried_on_its_recording() {
    for service in SERVICES {
        let recorded = recorded(service.name);
        let told = tried(&recorded, &target(service.name, &[]));
        assert!(told.len() > 2, "{}: {told:?}", service.name);
    }
}
