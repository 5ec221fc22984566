//! Secrets stay in the host, and are found wherever they turn up.

use plumb_runtime::egress::Egress as _;
use serde_json::json;

use crate::harness::{SECRET, TOKEN, get, open, query, send, variables};
use crate::server::{Server, answer};

const READ: &str = "Action=DescribeVpcs&Version=2016-11-15";

#[tokio::test]
async fn what_a_server_echoes_reaches_no_plugin() {
    let encoded = SECRET.replace('/', "%2F").replace('+', "%2B");
    let body = format!("secret {SECRET}, encoded {encoded}, token {TOKEN}.");
    let server = Server::start(move |_, _| {
        answer(200, &[("content-type", SECRET), ("set-cookie", "session=1"), ("x-amz-request-id", "r-1")], &body)
    })
    .await;
    let home = tempfile::tempdir().unwrap();
    let aws = open(variables(home.path(), &server.url()), json!({}), None);
    let response = send(&aws, query("ec2", READ)).await.unwrap();
    assert_eq!(String::from_utf8(response.body).unwrap(), "secret [secret], encoded [secret], token [secret].");
    assert_eq!(response.headers, [("content-type".to_owned(), "[secret]".to_owned())]);
    assert!(aws.holds_secret(format!("a {TOKEN} b").as_bytes()) && aws.holds_secret(SECRET.as_bytes()));
    assert!(!aws.holds_secret(b"AKIDEXAMPLE and what else there is"));
    assert_eq!(aws.redact(&format!("failed with {SECRET}")), "failed with [secret]");
    for shown in [format!("{aws:?}"), format!("{aws:#?}")] {
        assert!(!shown.contains("canary") && !shown.contains("jalrXUtn"), "{shown}");
    }
}

#[tokio::test]
async fn links_that_need_no_credentials_lose_what_opens_them() {
    let link = "https://code.s3.amazonaws.com/x?X-Amz-Security-Token=IQo%2Fb&X-Amz-Signature=ab12&X-Amz-Expires=600";
    let body = json!({"Location": link, "Name": "x"}).to_string();
    let server = Server::start(move |_, _| answer(200, &[], &body)).await;
    let home = tempfile::tempdir().unwrap();
    let aws = open(variables(home.path(), &server.url()), json!({}), None);
    let request = get("lambda", "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/x");
    let body = String::from_utf8(send(&aws, request).await.unwrap().body).unwrap();
    assert!(!body.contains("IQo") && !body.contains("ab12"), "{body}");
    assert!(body.contains("X-Amz-Signature=[secret]&X-Amz-Expires=600\""), "{body}");
}
