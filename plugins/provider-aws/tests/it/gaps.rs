//! What is not known is said, and only that.

use plumbline::http::{Client, Exchange};
use plumbline::provider::{Error, read_document, write_document};
use plumbline::serde_json::{Value as Json, json};
use provider_aws::planning::plan;

use crate::recorded::{read, recorded, target};

/// The recording of a service with another answer to requests that have this in their URL, body or headers.
fn changed(service: &str, about: &str, status: u16, code: &str, answer: Json) -> plumbline::http::Scripted {
    let mut recorded = recorded(service);
    let is_meant = |exchange: &Exchange| {
        exchange.request.contains(about)
            || exchange.body.contains(about)
            || exchange.headers.iter().any(|header| header.contains(about))
    };
    let mut meant = 0;
    for exchange in recorded.exchanges.iter_mut().filter(|exchange| is_meant(exchange)) {
        exchange.status = status;
        code.clone_into(&mut exchange.error_code);
        exchange.answer = answer.clone();
        meant += 1;
    }
    assert!(meant > 0, "nothing in {service} is about {about}");
    recorded
}

#[test]
fn a_refused_detail_takes_the_attributes_it_would_have_filled_and_no_others() {
    let client = changed("s3", "/full?encryption", 403, "AccessDenied", json!("<Error/>"));
    let collected = read(&client, &target("s3", &["aws_s3_bucket"]));
    let full = collected.resources.iter().find(|found| found.name == "full").unwrap();
    let gap = full.gaps.iter().find(|gap| gap.path == "server_side_encryption_configuration").unwrap();
    assert_eq!(gap.permission.as_deref(), Some("s3:GetEncryptionConfiguration"));
    assert!(!full.config.contains_key("server_side_encryption_configuration"));
    assert_eq!(full.config["versioning"], json!([{"enabled": true, "mfa_delete": false}]));
    assert!(collected.gaps.is_empty());
}

#[test]
fn a_refused_list_is_a_gap_of_its_kinds_with_the_right_that_is_missing() {
    let client = changed("ec2", "DescribeSecurityGroups", 403, "UnauthorizedOperation", json!("<Response/>"));
    let kinds = ["aws_security_group", "aws_default_security_group"];
    let collected = read(&client, &target("ec2", &kinds));
    assert!(collected.resources.is_empty());
    let mut told: Vec<&str> = collected.gaps.iter().map(|gap| gap.kind.as_str()).collect();
    told.sort_unstable();
    assert_eq!(told, ["aws_default_security_group", "aws_security_group"]);
    assert!(collected.gaps.iter().all(|gap| gap.permission.as_deref() == Some("ec2:DescribeSecurityGroups")));
    assert!(collected.gaps.iter().all(|gap| gap.region == "eu-west-1"));
}

#[test]
fn what_is_no_answer_of_the_service_is_a_gap_and_no_empty_list() {
    for (status, answer) in [(200, json!("<!doctype html><html><p>x</html>")), (200, json!("")), (301, json!(""))] {
        let client = changed("kms", "ListKeys", status, "", answer);
        let collected = read(&client, &target("kms", &["aws_kms_key"]));
        assert!(collected.resources.is_empty());
        assert_eq!(collected.gaps.len(), 1);
        assert_eq!(collected.gaps[0].permission, None);
    }
}

#[test]
fn pages_and_answers_of_somebody_on_the_way_are_no_empty_lists() {
    let page = json!("<html><body><p>Sign in to the network</p></body></html>");
    let foreign = [page.clone(), json!("{\"message\": \"blocked\"}"), json!("[]"), json!("null"), json!("{}")];
    for (service, list, kind, answers) in [
        ("s3", "max-buckets", "aws_s3_bucket", &foreign[..]),
        ("ec2", "DescribeVolumes", "aws_ebs_volume", &foreign[..]),
        ("kms", "ListKeys", "aws_kms_key", &foreign[..4]),
    ] {
        for answer in answers {
            let client = changed(service, list, 200, "", answer.clone());
            let collected = read(&client, &target(service, &[kind]));
            assert!(collected.resources.is_empty());
            assert_eq!(collected.gaps.len(), 1, "{service} {answer}");
        }
    }
}

#[test]
fn every_permission_of_a_grant_is_told() {
    let grantee = "<Grantee><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee>";
    let both = "<Permission>READ</Permission><Permission>WRITE</Permission>";
    let list = format!("<AccessControlList><Grant>{grantee}{both}</Grant></AccessControlList>");
    let client =
        changed("s3", "/full?acl", 200, "", json!(format!("<AccessControlPolicy>{list}</AccessControlPolicy>")));
    let collected = read(&client, &target("s3", &["aws_s3_bucket"]));
    let full = collected.resources.iter().find(|found| found.name == "full").unwrap();
    assert_eq!(full.config["grant"][0]["permissions"], json!(["READ", "WRITE"]));
}

#[test]
fn a_list_that_never_ends_ends_with_a_gap() {
    let page = json!({"Keys": [], "NextMarker": "again", "Truncated": true});
    let mut client = changed("kms", "ListKeys", 200, "", page);
    let first =
        client.exchanges.iter().find(|exchange| exchange.headers.iter().any(|header| header.contains("ListKeys")));
    let mut second = first.unwrap().clone();
    let mut body: Json = plumbline::serde_json::from_str(&second.body).unwrap();
    body["Marker"] = json!("again");
    second.body = body.to_string();
    client.exchanges.push(second);
    let collected = read(&client, &target("kms", &["aws_kms_key"]));
    assert!(collected.gaps[0].reason.contains("never ends"), "{:?}", collected.gaps);
}

#[test]
fn an_entry_without_an_id_is_a_gap() {
    let client = changed("kms", "ListKeys", 200, "", json!({"Keys": [{}]}));
    let collected = read(&client, &target("kms", &["aws_kms_key"]));
    assert!(collected.resources.is_empty() && !collected.gaps.is_empty());
    let client = changed(
        "iam",
        "GetCredentialReport",
        200,
        "",
        json!("<R><GetCredentialReportResult><Content>?</Content></GetCredentialReportResult></R>"),
    );
    let collected = read(&client, &target("iam", &["aws_iam_credential_report"]));
    assert!(collected.resources.is_empty());
    assert!(collected.gaps[0].reason.contains("without an id"), "{:?}", collected.gaps);
}

#[test]
fn a_fact_is_no_gap() {
    let client = changed("iam", "GetAccountPasswordPolicy", 404, "NoSuchEntity", json!("<Error/>"));
    let collected = read(&client, &target("iam", &["aws_iam_account_password_policy"]));
    assert!(collected.resources.is_empty() && collected.gaps.is_empty());
}

#[test]
fn nothing_is_asked_for_kinds_that_nobody_wants() {
    // Another call than these would not be in what is left of the recording.
    let mut client = recorded("iam");
    client.exchanges.retain(|exchange| {
        ["GetCallerIdentity", "DescribeRegions", "GetAccountPasswordPolicy"]
            .iter()
            .any(|operation| exchange.body.contains(operation))
    });
    let collected = read(&client, &target("", &["aws_iam_account_password_policy"]).with_all_services());
    assert_eq!(collected.resources.len(), 1);
}

trait AllServices {
    fn with_all_services(self) -> Self;
}

impl AllServices for plumbline::provider::Target {
    fn with_all_services(mut self) -> Self {
        self.services.clear();
        self
    }
}

#[test]
fn kinds_that_are_not_read_are_said_to_be_unread() {
    let wanted = ["aws_iam_group", "aws_lightsail_instance", "aws_alb", "azurerm_subnet"];
    let collected = read(&recorded("iam"), &target("iam", &wanted));
    let told: Vec<&str> = collected.gaps.iter().map(|gap| gap.kind.as_str()).collect();
    assert_eq!(told, ["aws_lightsail_instance"]);
}

#[test]
fn regions_that_may_not_be_listed_are_assumed_and_said() {
    let client = changed("iam", "DescribeRegions", 403, "UnauthorizedOperation", json!("<Response/>"));
    let mut asked = target("sqs", &[]);
    let tasks = plan(&client, &asked).unwrap();
    assert_eq!(tasks.iter().map(|task| task.id.as_str()).collect::<Vec<_>>(), ["123456789012/eu-west-1/sqs"]);
    // Planning for all regions asks the partition's first one.
    asked.regions.clear();
    let mut client = client;
    for exchange in &mut client.exchanges {
        exchange.request = exchange.request.replace("eu-west-1", "us-east-1");
    }
    let tasks = plan(&client, &asked).unwrap();
    let gap = tasks.iter().find(|task| task.service == "account").unwrap();
    let payload = read_document(&gap.payload).unwrap();
    assert_eq!(payload["gaps"][0]["permission"], "ec2:DescribeRegions");
    assert_eq!(tasks.iter().filter(|task| task.service == "sqs").count(), 17);
}

#[test]
fn a_target_that_makes_no_sense_is_refused_by_name() {
    let refusal = |change: fn(&mut plumbline::provider::Target)| {
        let mut target = target("iam", &[]);
        change(&mut target);
        match plan(&recorded("iam"), &target) {
            Err(Error::Invalid(message)) => message,
            other => panic!("{other:?}"),
        }
    };
    assert!(refusal(|target| target.services = vec!["s4".to_owned()]).contains("'s4'"));
    assert!(refusal(|target| target.regions.push("cn-north-1".to_owned())).contains("cn-north-1"));
    assert!(refusal(|target| target.settings = write_document(&json!({"accounts": [1]}))).contains("`accounts`"));
    assert!(refusal(|target| target.settings = write_document(&json!({"organization": 1}))).contains("`organization`"));
    assert!(refusal(|target| target.settings = write_document(&json!({"regions": "eu-west-1"}))).contains("`regions`"));
    assert!(refusal(|target| target.settings = write_document(&json!({"partition": "mars"}))).contains("`partition`"));
}

#[test]
fn credentials_that_nobody_knows_fail_the_plan() {
    let client = changed("iam", "GetCallerIdentity", 403, "InvalidClientTokenId", json!("<Error/>"));
    assert!(matches!(plan(&client as &dyn Client, &target("iam", &[])), Err(Error::Denied(_))));
}

#[test]
fn tags_come_from_the_tagging_api_where_the_service_does_not_tell_them() {
    let collected = read(&recorded("cloudwatch"), &target("cloudwatch", &["aws_cloudwatch_metric_alarm"]));
    let alarm = &collected.resources[0];
    assert_eq!(alarm.tags.get("team").map(String::as_str), Some("a"));
    assert_eq!(alarm.config["tags"], json!({"team": "a"}));

    let denied = changed("cloudwatch", "GetResources", 403, "AccessDeniedException", json!("{}"));
    let collected = read(&denied, &target("cloudwatch", &["aws_cloudwatch_metric_alarm"]));
    let alarm = &collected.resources[0];
    assert!(!alarm.config.contains_key("tags"), "what is not known is not empty");
    let gap = alarm.gaps.iter().find(|gap| gap.path == "tags").unwrap();
    assert_eq!(gap.permission.as_deref(), Some("tag:GetResources"));
    assert_eq!(alarm.config["alarm_name"], json!("al"));
}

#[test]
fn checks_of_one_service_look_at_the_kinds_of_another() {
    let asked = target("cloudwatch", &["aws_cloudwatch_log_group"]);
    let tasks = plan(&recorded("logs") as &dyn Client, &asked).unwrap();
    let services: std::collections::BTreeSet<&str> = tasks.iter().map(|task| task.service.as_str()).collect();
    assert_eq!(services, ["logs"].into());
    let asked = target("awslambda", &["aws_lambda_function"]);
    assert!(plan(&recorded("lambda") as &dyn Client, &asked).is_ok(), "checks have names of their own for services");
}
