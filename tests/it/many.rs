//! Very many resources of one kind, in a cloud that does nothing but answer.

use serde_json::{Value, json};

use crate::fault_proxy::{Answer, Asked, Fault, Known, Proxy};
use crate::harness::{Plumb, finished};
use crate::live::clean;

/// Tables in the one region. Each takes three requests, so that all of them take more than a task may send that finds nothing.
const TABLES: usize = 17_000;
const PAGE: usize = 100;
/// What a task may send that finds nothing.
const REQUESTS: usize = 50_000;

fn json_answer(body: &Value) -> Fault {
    Fault::Instead(Answer::new(200, "application/x-amz-json-1.0", body.to_string()))
}

fn xml_answer(body: &str) -> Fault {
    Fault::Instead(Answer::new(200, "text/xml", body))
}

/// Every second table can be restored.
fn answer(asked: &Asked, _: usize) -> Option<Fault> {
    let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
    Some(match asked.operation()? {
        "GetCallerIdentity" => xml_answer(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/a</Arn>\
             <UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        ),
        "DescribeRegions" => xml_answer(
            "<DescribeRegionsResponse><regionInfo><item><regionName>eu-west-1</regionName></item></regionInfo>\
             </DescribeRegionsResponse>",
        ),
        "ListTables" => {
            let first =
                body["ExclusiveStartTableName"].as_str().map_or(0, |last| last[1..].parse::<usize>().unwrap() + 1);
            let end = (first + PAGE).min(TABLES);
            let names: Vec<String> = (first..end).map(|number| format!("t{number}")).collect();
            let last = (end < TABLES).then(|| names.last().cloned());
            json_answer(&json!({"TableNames": names, "LastEvaluatedTableName": last}))
        }
        "DescribeTable" => {
            let name = body["TableName"].as_str()?;
            let arn = format!("arn:aws:dynamodb:eu-west-1:123456789012:table/{name}");
            json_answer(&json!({"Table": {"TableName": name, "TableArn": arn, "TableStatus": "ACTIVE"}}))
        }
        "DescribeContinuousBackups" => {
            let can = body["TableName"].as_str()?.ends_with(['0', '2', '4', '6', '8']);
            let status = if can { "ENABLED" } else { "DISABLED" };
            let recovery = json!({"PointInTimeRecoveryStatus": status});
            json_answer(&json!({"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": recovery}}))
        }
        "ListTagsOfResource" => json_answer(&json!({"Tags": []})),
        _ => return None,
    })
}

#[test]
fn seventeen_thousand_resources_of_one_kind_are_read_to_the_last() {
    let cloud = Proxy::spoiling(&Known::default(), answer);
    let plumb = Plumb::new();
    let arguments = ["scan", "aws", "--region", "eu-west-1", "-c", "dynamodb_tables_pitr_enabled", "-o", "json"];
    let mut command = clean(plumb.command(&arguments), &plumb);
    command.env("AWS_ENDPOINT_URL", &cloud.url).env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    let run = finished(command.env("AWS_SECRET_ACCESS_KEY", "secret").output().unwrap()).expect(3);
    let report = run.json();
    assert_eq!(report["gaps"], json!([]), "{}", report["gaps"]);
    let of = |verdict: &str| run.findings().iter().filter(|finding| finding["verdict"] == verdict).count();
    assert_eq!((of("fail"), of("not-evaluated")), (TABLES / 2, 0));
    assert_eq!(report["summary"]["resources"], TABLES);
    assert!(cloud.requests() > REQUESTS, "{} requests would have gone through without growing", cloud.requests());
}
