//! What is recorded is what is replayed, and nothing secret is in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plumb_egress::{Aws, Environment, Options, Recording};
use plumb_runtime::egress::{Authentication, HttpError, Request, Response};
use serde_json::json;

use crate::harness::{SECRET, TOKEN, get, json as call, open, query, quick, refusal, send, variables};
use crate::server::{Answer, Server, answer};

fn questions() -> Vec<Request> {
    let in_region = |region: &str| Request {
        url: format!("https://ec2.{region}.amazonaws.com/"),
        authentication: crate::harness::signed("ec2", region),
        ..query("ec2", "Action=DescribeVpcs&Version=2016-11-15")
    };
    vec![
        in_region("eu-west-1"),
        in_region("us-east-1"),
        in_region("eu-west-1"),
        call("dynamodb", "DynamoDB_20120810.ListTables", "{}"),
        call("dynamodb", "DynamoDB_20120810.DescribeLimits", "{}"),
        get("s3", "https://s3.eu-west-1.amazonaws.com/bucket?policy"),
        get("lambda", "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/binary"),
        get("eks", "https://eks.eu-west-1.amazonaws.com/clusters/broken"),
    ]
}

async fn all(aws: &Aws) -> Vec<Result<Response, HttpError>> {
    let mut answers = Vec::new();
    for question in questions() {
        answers.push(send(aws, question).await);
    }
    answers
}

fn replayer(folder: &Path) -> Aws {
    let recording = Some(std::sync::Arc::new(Recording::replay(folder).unwrap()));
    // Neither credentials nor a home.
    Aws::open(Options { environment: Environment::default(), recording, pace: quick(), ..Options::default() }).unwrap()
}

fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                files.insert(path.strip_prefix(folder).unwrap().to_owned(), text);
            }
        }
    }
    files
}

async fn cloud() -> Server {
    Server::start(|number, asked| {
        if asked.line.contains("binary") {
            let mut bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n".to_vec();
            bytes.extend([0xff, 0x00, 0xfe]);
            return Answer::Bytes(bytes);
        }
        if asked.line.contains("policy") {
            return answer(404, &[("date", "today")], "<Error><Code>NoSuchBucketPolicy</Code>\n</Error>");
        }
        if asked.line.contains("broken") {
            return Answer::Cut(Vec::new());
        }
        // Each answer another one, with what a careless server echoes.
        answer(200, &[("content-type", "text/xml")], &format!("answer {number} {SECRET} {TOKEN}"))
    })
    .await
}

#[tokio::test]
async fn a_replay_gives_every_answer_again_without_network_and_credentials() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("recording");
    let server = cloud().await;
    let aws = open(variables(&folder, &server.url()), json!({}), Some(Recording::record(&folder).unwrap()));
    let recorded = all(&aws).await;
    drop(server);
    assert_eq!(all(&replayer(&folder)).await, recorded);
    assert_eq!(all(&replayer(&folder)).await, recorded);
    assert!(matches!(recorded.last(), Some(Err(HttpError::Connect(_)))), "a failure is an answer too");
    assert_ne!(recorded[0], recorded[2], "the same call twice has two answers");
}

#[tokio::test]
async fn a_recording_has_no_secret_and_reads_well() {
    let folder = tempfile::tempdir().unwrap();
    let server = cloud().await;
    let aws = open(variables(folder.path(), &server.url()), json!({}), Some(Recording::record(folder.path()).unwrap()));
    all(&aws).await;
    let files = files(folder.path());
    assert_eq!(files.len(), questions().len() + 1);
    for (path, text) in &files {
        for never in
            [SECRET, TOKEN, "AKIDEXAMPLE", "uthorization", "x-amz-date", "security-token", "canary", &server.url()]
        {
            assert!(!text.contains(never), "{} has {never}: {text}", path.display());
        }
    }
    let path = files.keys().find(|path| path.starts_with("own/eu-west-1/ec2")).unwrap();
    assert!(path.file_name().unwrap().to_str().unwrap().starts_with("DescribeVpcs-"), "{}", path.display());
    let policy = files.iter().find(|(path, _)| path.to_str().unwrap().contains("s3/GET-policy")).unwrap().1;
    assert!(policy.contains("\"lines\": [\n"), "{policy}");
    assert!(!policy.contains("today"), "what differs each time is left out: {policy}");
}

#[tokio::test]
async fn a_call_that_was_not_recorded_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let server = cloud().await;
    let aws = open(variables(folder.path(), &server.url()), json!({}), Some(Recording::record(folder.path()).unwrap()));
    let once = || query("ec2", "Action=DescribeVpcs&Version=2016-11-15");
    send(&aws, once()).await.unwrap();
    let again = replayer(folder.path());
    send(&again, once()).await.unwrap();
    for other in [
        once(),
        query("ec2", "Action=DescribeSubnets&Version=2016-11-15"),
        Request {
            authentication: Authentication::AwsSigv4 {
                service: "ec2".to_owned(),
                region: "eu-west-1".to_owned(),
                account: "222222222222".to_owned(),
            },
            ..once()
        },
    ] {
        let rule = refusal(send(&again, other).await);
        assert!(rule.contains("POST https://ec2.eu-west-1.amazonaws.com/ in eu-west-1"), "{rule}");
        assert!(rule.contains("was not recorded in"), "{rule}");
    }
    let write = send(&again, query("ec2", "Action=TerminateInstances&Version=2016-11-15")).await;
    assert!(refusal(write).contains("does not only read"));
}

#[test]
fn folders_that_are_no_recordings_and_no_room_for_one_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Recording::replay(folder.path()).unwrap_err().contains("is no recording"));
    std::fs::write(folder.path().join("recording.json"), "{\"format\": 2}").unwrap();
    assert!(Recording::replay(folder.path()).unwrap_err().contains("has format 2"));
    std::fs::write(folder.path().join("recording.json"), "{\"format\": 1, \"made_at\": \"today\"}").unwrap();
    assert!(Recording::replay(folder.path()).unwrap_err().contains("is no time"));
    std::fs::write(folder.path().join("recording.json"), "{\"format\": 1}").unwrap();
    assert_eq!(Recording::replay(folder.path()).unwrap().made_at(), None, "older ones do not say it");
    assert!(Recording::record(folder.path()).unwrap_err().contains("is not empty"));
}
