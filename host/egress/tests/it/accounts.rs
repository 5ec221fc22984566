//! Other accounts: only those of the target, through its role.

use plumb_runtime::egress::{Authentication, HttpError, Request};
use serde_json::json;

use crate::harness::{open, query, send, variables};
use crate::server::{Answer, Asked, Server, answer};

fn cloud(asked: &Asked) -> Answer {
    if asked.header("x-amz-target") == Some("AWSOrganizationsV20161128.ListAccounts") {
        return if asked.body.contains("more") {
            answer(
                200,
                &[],
                r#"{"Accounts": [{"Id": "333333333333", "Status": "ACTIVE"}, {"Id": "444444444444", "Status": "SUSPENDED"}]}"#,
            )
        } else {
            answer(200, &[], r#"{"Accounts": [{"Id": "111111111111", "Status": "ACTIVE"}], "NextToken": "more"}"#)
        };
    }
    if asked.body.contains("GetCallerIdentity") {
        return answer(200, &[], "<R><Arn>arn:aws:iam::111111111111:user/me</Arn><Account>111111111111</Account></R>");
    }
    if let Some((_, rest)) = asked.body.split_once("RoleArn=arn%3Aaws%3Aiam%3A%3A") {
        let account = &rest[..12];
        if account == "555555555555" {
            return answer(403, &[], "<E><Error><Code>AccessDenied</Code><Message>not yours</Message></Error></E>");
        }
        let keys =
            format!("<AccessKeyId>ASIA{account}</AccessKeyId><SecretAccessKey>of/the/role/{account}</SecretAccessKey>");
        let rest = "<SessionToken>a session of it</SessionToken><Expiration>2199-01-01T00:00:00Z</Expiration>";
        return answer(200, &[], &format!("<R>{keys}{rest}</R>"));
    }
    answer(200, &[], asked.header("authorization").unwrap_or_default())
}

fn vpcs(account: &str) -> Request {
    Request {
        authentication: Authentication::AwsSigv4 {
            service: "ec2".to_owned(),
            region: "eu-west-1".to_owned(),
            account: account.to_owned(),
        },
        ..query("ec2", "Action=DescribeVpcs&Version=2016-11-15")
    }
}

/// The key that signed for an account, or why none did.
async fn signer(aws: &plumb_egress::Aws, account: &str) -> Result<String, String> {
    match send(aws, vpcs(account)).await {
        Ok(response) => {
            let authorization = String::from_utf8(response.body).unwrap();
            Ok(authorization.split("Credential=").nth(1).unwrap().split('/').next().unwrap().to_owned())
        }
        Err(HttpError::Unauthenticated(reason)) => Err(reason),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_role_is_taken_in_each_named_account_once() {
    let server = Server::start(|_, asked| cloud(asked)).await;
    let home = tempfile::tempdir().unwrap();
    let settings =
        json!({"accounts": ["222222222222", "555555555555"], "role": "Audit", "external_id": "x", "more": 1});
    let aws = open(variables(home.path(), &server.url()), settings, None);
    assert_eq!(signer(&aws, "").await.unwrap(), "AKIDEXAMPLE");
    assert_eq!(signer(&aws, "111111111111").await.unwrap(), "AKIDEXAMPLE");
    for _ in 0..3 {
        assert_eq!(signer(&aws, "222222222222").await.unwrap(), "ASIA222222222222");
    }
    let taken = server.asked().iter().filter(|asked| asked.body.contains("Action=AssumeRole")).count();
    assert_eq!(taken, 1);
    let denied = signer(&aws, "555555555555").await.unwrap_err();
    assert!(denied.contains("role/Audit") && denied.contains("AccessDenied: not yours"), "{denied}");
    let stranger = signer(&aws, "333333333333").await.unwrap_err();
    assert!(stranger.contains("none that the target names"), "{stranger}");
}

#[tokio::test]
async fn the_accounts_of_an_organization_are_those_that_the_host_was_told() {
    let server = Server::start(|_, asked| cloud(asked)).await;
    let home = tempfile::tempdir().unwrap();
    let aws = open(variables(home.path(), &server.url()), json!({"organization": true, "role": "Audit"}), None);
    assert_eq!(signer(&aws, "333333333333").await.unwrap(), "ASIA333333333333");
    for account in ["222222222222", "444444444444"] {
        assert!(signer(&aws, account).await.unwrap_err().contains("none that the target names"), "{account}");
    }
}

#[tokio::test]
async fn many_at_once_take_a_role_once() {
    let server = Server::start(|_, asked| cloud(asked)).await;
    let home = tempfile::tempdir().unwrap();
    let settings = json!({"accounts": ["222222222222"], "role": "Audit"});
    let aws = open(variables(home.path(), &server.url()), settings, None);
    let all = (0..50).map(|_| async { signer(&aws, "222222222222").await.unwrap() });
    for key in futures::future::join_all(all).await {
        assert_eq!(key, "ASIA222222222222");
    }
    let taken = server.asked().iter().filter(|asked| asked.body.contains("Action=AssumeRole")).count();
    assert_eq!(taken, 1);
}
