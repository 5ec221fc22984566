//! What writes goes out only as the action that was granted, once, and nothing else does.

use plumb_runtime::egress::{Authentication, HttpError, Method, Request, Response, Writer};
use plumb_runtime::grant::Writes;

use crate::harness::{aws, get, hosts, json, query, signed};
use crate::server::{Server, answer};

const XML: &str = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
const VERSIONING: &str = "https://s3.eu-west-1.amazonaws.com/bucket?versioning";
const ACCOUNT_BLOCK: &str =
    "https://111111111111.s3-control.eu-west-1.amazonaws.com/v20180820/configuration/publicAccessBlock";

fn put(url: &str) -> Request {
    Request {
        method: Method::Put,
        url: url.to_owned(),
        headers: vec![("content-type".to_owned(), "application/xml".to_owned())],
        body: Some(XML.as_bytes().to_vec()),
        authentication: signed("s3", "eu-west-1"),
    }
}

fn of_account(account: &str) -> Request {
    let mut request = put(ACCOUNT_BLOCK);
    request.headers.push(("x-amz-account-id".to_owned(), account.to_owned()));
    request
}

async fn write(endpoint: &str, granted: &str, request: Request) -> Result<Response, HttpError> {
    let granted = Writes::new([granted.to_owned()]).unwrap();
    aws(endpoint).write(&hosts(), &granted, request).await
}

#[tokio::test]
async fn an_action_is_read_from_the_request_in_every_protocol() {
    let aws = aws("http://127.0.0.1:1");
    let form = "Action=ModifyDBInstance&Version=2014-10-31&DBInstanceIdentifier=db";
    for (request, action) in [
        (put(VERSIONING), "s3:PutBucketVersioning"),
        (put("https://bucket.s3.eu-west-1.amazonaws.com/?publicAccessBlock"), "s3:PutBucketPublicAccessBlock"),
        (put("https://s3.eu-west-1.amazonaws.com/bucket?encryption="), "s3:PutEncryptionConfiguration"),
        (of_account("111111111111"), "s3:PutAccountPublicAccessBlock"),
        (query("rds", form), "rds:ModifyDBInstance"),
        (json("kms", "TrentService.EnableKeyRotation", "{}"), "kms:EnableKeyRotation"),
    ] {
        assert_eq!(aws.action(&hosts(), &request).as_deref(), Ok(action));
    }
}

#[tokio::test]
async fn what_is_granted_goes_out_with_its_digest_and_what_is_not_does_not() {
    let server = Server::start(|_, _| answer(200, &[], "")).await;
    let refused = write(&server.url(), "s3:PutBucketVersioning", put(ACCOUNT_BLOCK)).await;
    assert!(matches!(refused, Err(HttpError::Refused(_))), "{refused:?}");
    let other = query("ec2", "Action=TerminateInstances&Version=2016-11-15");
    let refused = write(&server.url(), "s3:PutBucketVersioning", other).await;
    assert_eq!(refused, Err(HttpError::Refused("ec2:TerminateInstances is not granted".to_owned())));
    assert!(server.asked().is_empty());
    assert_eq!(write(&server.url(), "s3:PutBucketVersioning", put(VERSIONING)).await.unwrap().status, 200);
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].line, "PUT /bucket?versioning=");
    assert_eq!(asked[0].body, XML);
    assert!(asked[0].header("x-amz-checksum-sha256").is_some_and(|digest| digest.len() == 44));
}

#[tokio::test]
async fn a_write_without_a_clear_answer_is_sent_once() {
    let server = Server::start(|_, _| answer(503, &[], "<Error><Code>InternalError</Code></Error>")).await;
    let answered = write(&server.url(), "s3:PutBucketVersioning", put(VERSIONING)).await.unwrap();
    assert_eq!((answered.status, server.asked().len()), (503, 1));
}

#[tokio::test]
async fn a_write_that_was_throttled_was_not_carried_out_and_is_repeated() {
    let server = Server::start(|number, _| match number {
        0 => answer(503, &[], "<Error><Code>SlowDown</Code></Error>"),
        _ => answer(200, &[], ""),
    })
    .await;
    assert_eq!(write(&server.url(), "s3:PutBucketVersioning", put(VERSIONING)).await.unwrap().status, 200);
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn what_could_be_read_in_two_ways_is_no_action() {
    let aws = aws("http://127.0.0.1:1");
    let by = |method, request: Request| Request { method, ..request };
    let without = |name: &str, mut request: Request| {
        request.headers.retain(|(known, _)| known != name);
        request
    };
    let with = |name: &str, value: &str, mut request: Request| {
        request.headers.push((name.to_owned(), value.to_owned()));
        request
    };
    let form = "Action=ModifyDBInstance&Version=2014-10-31";
    let dressed = [
        by(Method::Delete, put(VERSIONING)),
        by(Method::Post, put(VERSIONING)),
        Request { body: None, ..put(VERSIONING) },
        put("https://s3.eu-west-1.amazonaws.com/bucket"),
        put("https://s3.eu-west-1.amazonaws.com/?versioning"),
        put("https://s3.eu-west-1.amazonaws.com/bucket/key?versioning"),
        put("https://s3.eu-west-1.amazonaws.com/bucket%2Fkey?versioning"),
        put("https://bucket.s3.eu-west-1.amazonaws.com/key?versioning"),
        put("https://s3.eu-west-1.amazonaws.com/bucket?versioning&policy"),
        put("https://s3.eu-west-1.amazonaws.com/bucket?versioning=x"),
        put("https://s3.eu-west-1.amazonaws.com/bucket?versioning%3Dpolicy"),
        put("https://s3.eu-west-1.amazonaws.com/bucket?policy"),
        put("https://evil.example.com/bucket?versioning"),
        without("content-type", put(VERSIONING)),
        with("x-http-method-override", "DELETE", put(VERSIONING)),
        with("x-amz-acl", "public-read", put(VERSIONING)),
        of_account("222222222222"),
        put(ACCOUNT_BLOCK),
        put("https://111111111111.s3-control.eu-west-1.amazonaws.com/v20180820/accesspoint/a"),
        Request { authentication: Authentication::None, ..put(VERSIONING) },
        Request { authentication: signed("iam", "eu-west-1"), ..put(VERSIONING) },
        Request { authentication: signed("s3", "us-east-1"), ..put(VERSIONING) },
        query("rds", &format!("{form}&Action=DeleteDBInstance")),
        query("rds", &format!("{form}&%41ction=DeleteDBInstance")),
        query("rds", "Action=DescribeDBInstances&Version=2014-10-31"),
        with("x-amz-target", "RDS.DeleteDBInstance", query("rds", form)),
        json("secretsmanager", "secretsmanager.GetSecretValue", "{}"),
        get("eks", "https://eks.eu-west-1.amazonaws.com/clusters"),
        Request { method: Method::Delete, ..get("eks", "https://eks.eu-west-1.amazonaws.com/clusters/a") },
    ];
    for request in dressed {
        let judged = aws.action(&hosts(), &request);
        assert!(judged.is_err(), "{} {}: {judged:?}", request.method.as_str(), request.url);
    }
}
