//! Against an emulator of AWS that checks signatures and rights.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use plumb_egress::{Allowed, WebClient};
use plumb_runtime::egress::{Authentication, HttpError, Request};
use serde_json::json;

use crate::harness::{get, json as call, open, query, send, variables};

/// How long the emulator may take to start.
const START: Duration = Duration::from_mins(1);

/// A moto of this test's own; stopped by its process.
struct Moto {
    process: Child,
    url: String,
    client: WebClient,
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Moto {
    async fn start() -> Moto {
        let program = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/cloud/venv/bin/moto_server"));
        assert!(program.exists(), "{} is not there; run tests/cloud/setup.sh", program.display());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .env("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let client = WebClient::new(Allowed::public().and(url.parse().unwrap())).unwrap();
        let moto = Moto { process, url, client };
        let begun = std::time::Instant::now();
        while moto.post("/moto-api/reset", &[], "").await.is_none() {
            assert!(begun.elapsed() < START, "moto does not start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        moto
    }

    async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Option<String> {
        let headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let answer = self.client.post(&format!("{}{path}", self.url), &headers, body.into(), START).await.ok()?;
        assert_eq!(answer.status, 200, "{body}: {}", String::from_utf8_lossy(&answer.body));
        Some(String::from_utf8(answer.body).unwrap())
    }

    /// Makes something, before signatures are checked.
    async fn make(&self, form: &str) -> String {
        let scope =
            "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0";
        let headers = [("authorization", scope), ("content-type", "application/x-www-form-urlencoded")];
        self.post("/", &headers, &format!("Version=2010-05-08&{form}")).await.unwrap()
    }

    /// A user with these rights: its key and its secret.
    async fn user(&self, name: &str, actions: &[&str]) -> (String, String) {
        self.make(&format!("Action=CreateUser&UserName={name}")).await;
        let policy =
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]});
        let encoded = encoded(&policy);
        self.make(&format!("Action=PutUserPolicy&UserName={name}&PolicyName=own&PolicyDocument={encoded}")).await;
        let key = self.make(&format!("Action=CreateAccessKey&UserName={name}")).await;
        let field = |name: &str| {
            let (_, rest) = key.split_once(&format!("<{name}>")).unwrap();
            rest.split_once('<').unwrap().0.to_owned()
        };
        (field("AccessKeyId"), field("SecretAccessKey"))
    }

    fn aws(&self, id: &str, secret: &str, settings: serde_json::Value) -> plumb_egress::Aws {
        let mut variables = variables(Path::new("/nonexistent"), &self.url);
        variables.retain(|(name, _)| !name.starts_with("AWS_S") && !name.starts_with("AWS_ACC"));
        variables.push(("AWS_ACCESS_KEY_ID".to_owned(), id.to_owned()));
        variables.push(("AWS_SECRET_ACCESS_KEY".to_owned(), secret.to_owned()));
        open(variables, settings, None)
    }
}

/// Calls of the services for which the emulator judges signatures.
fn reads() -> Vec<Request> {
    vec![
        query("iam", "Action=ListUsers&Version=2010-05-08&PathPrefix=%2F"),
        query("sts", "Action=GetCallerIdentity&Version=2011-06-15"),
        query("ec2", "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=tag%3AName&Filter.1.Value.1=a+b%2Bc%2Fd"),
        query("rds", "Action=DescribeDBInstances&Version=2014-10-31"),
        query("sns", "Action=ListTopics&Version=2010-03-31"),
        call("kms", "TrentService.ListKeys", "{}"),
        call("dynamodb", "DynamoDB_20120810.ListTables", "{\"Limit\": 10}"),
        call("logs", "Logs_20140328.DescribeLogGroups", "{}"),
        call("ssm", "AmazonSSM.DescribeParameters", "{}"),
        call("config", "StarlingDoveService.DescribeConfigurationRecorders", "{}"),
        call("cloudtrail", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.DescribeTrails", "{}"),
        get("s3", "https://s3.eu-west-1.amazonaws.com/"),
        // The emulator refuses signed GETs of all other services, whoever signs them.
    ]
}

#[tokio::test]
async fn an_emulator_that_checks_signatures_accepts_them_and_no_wrong_ones() {
    let moto = Moto::start().await;
    let admin = moto.user("admin", &["*"]).await;
    let limited = moto.user("limited", &["ec2:Describe*"]).await;
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]});
    let trust = encoded(&trust);
    moto.make(&format!("Action=CreateRole&RoleName=Audit&AssumeRolePolicyDocument={trust}")).await;
    let rights = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D";
    moto.make(&format!("Action=PutRolePolicy&RoleName=Audit&PolicyName=own&PolicyDocument={rights}")).await;
    moto.post("/moto-api/reset-auth", &[("content-type", "text/plain")], "0").await.unwrap();

    let aws = moto.aws(&admin.0, &admin.1, json!({}));
    assert!(aws.identity().await.unwrap().arn.ends_with("user/admin"));
    for read in reads() {
        let words = format!("{} {:?}", read.url, read.body.as_deref().map(String::from_utf8_lossy));
        let response = send(&aws, read).await.unwrap();
        assert_eq!(
            response.status,
            200,
            "{words}: {} {}",
            response.error_code,
            String::from_utf8_lossy(&response.body)
        );
    }

    let wrong = moto.aws(&admin.0, "another/secret/than/the/right/one", json!({}));
    let response = send(&wrong, query("ec2", "Action=DescribeVpcs&Version=2016-11-15")).await.unwrap();
    assert!(response.status >= 400 && !response.error_code.is_empty(), "{response:?}");

    let limited = moto.aws(&limited.0, &limited.1, json!({}));
    let seen = send(&limited, query("ec2", "Action=DescribeVpcs&Version=2016-11-15")).await.unwrap();
    assert_eq!(seen.status, 200);
    let unseen = send(&limited, query("iam", "Action=ListUsers&Version=2010-05-08")).await.unwrap();
    assert_eq!((unseen.status, unseen.error_code.as_str()), (403, "AccessDenied"));
}

#[tokio::test]
async fn a_role_of_another_account_is_taken() {
    let moto = Moto::start().await;
    let admin = moto.user("admin", &["*"]).await;
    let aws = moto.aws(&admin.0, &admin.1, json!({"accounts": ["222222222222"], "role": "Audit", "external_id": "x"}));
    let as_account = |account: &str| Request {
        authentication: Authentication::AwsSigv4 {
            service: "sts".to_owned(),
            region: "eu-west-1".to_owned(),
            account: account.to_owned(),
        },
        ..query("sts", "Action=GetCallerIdentity&Version=2011-06-15")
    };
    let response = send(&aws, as_account("222222222222")).await.unwrap();
    let body = String::from_utf8(response.body).unwrap();
    assert!(body.contains("arn:aws:sts::222222222222:assumed-role/Audit/plumb"), "{body}");
    let stranger = send(&aws, as_account("333333333333")).await;
    assert!(matches!(stranger, Err(HttpError::Unauthenticated(_))), "{stranger:?}");
}

/// A document as a value of a form, every byte escaped.
fn encoded(document: &serde_json::Value) -> String {
    document.to_string().bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"))
}
